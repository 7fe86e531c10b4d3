//! How events reach their receiver: in batches, decoded one by one where they are taken.
//!
//! ```text
//!   Machine's queue ──driver──► Inbox ──whole batches──► Events ──decode──► user
//! ```
//!
//! The driver fills the inbox only when it is empty, so what the user does not take stays in the Machine's queue, where
//! its bounds hold the server back.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mezon_protocol::{Machine, RawEvent};

use crate::client::Anchor;
use crate::handle::{Blocking, Door};

/// How many events cross at a time.
const BATCH: usize = 256;

/// The events of a client, as an iterator; see [`Client::events`](crate::Client::events).
///
/// `next` waits for the next event. It ends when the client is closed, or when a later receiver has taken over.
///
/// ```no_run
/// # fn example(client: mezon_blocking::Client) {
/// use mezon_blocking::Event;
///
/// for event in client.events() {
///     if let Event::Message(message) = event {
///         println!("{} wrote something", message.sender_name());
///     }
/// }
/// # }
/// ```
pub struct Events {
    batch: VecDeque<RawEvent>,
    /// By which the inbox knows whether this is still its receiver.
    id: u64,
    undecodable: u64,
    backend: Blocking,
    _anchor: Arc<Anchor>,
}

/// Why [`Events::next_timeout`] gives no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoEvent {
    /// None has come in time; there may be more later.
    #[error("no event came in time")]
    Timeout,
    /// The client is closed or a later receiver has taken over: none will come.
    #[error("there are no more events")]
    Ended,
}

impl Events {
    /// Becomes the receiver of the client's events.
    pub(crate) fn new(backend: Blocking, anchor: Arc<Anchor>) -> Self {
        let id = backend.shared.inbox.take_over();
        let events = Self { batch: VecDeque::new(), id, undecodable: 0, backend, _anchor: anchor };
        events.update_policy();
        events
    }

    /// The next event, if it comes within this time. [`Duration::ZERO`] asks without waiting.
    ///
    /// ```no_run
    /// # fn example(mut events: mezon_blocking::Events) {
    /// use mezon_blocking::NoEvent;
    /// use std::time::Duration;
    ///
    /// loop {
    ///     match events.next_timeout(Duration::from_secs(1)) {
    ///         Ok(event) => println!("{event:?}"),
    ///         Err(NoEvent::Timeout) => println!("nothing new"),
    ///         Err(NoEvent::Ended) => break,
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NoEvent::Timeout`] if there is nothing yet, [`NoEvent::Ended`] if nothing will come.
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<crate::Event, NoEvent> {
        // too far away for a clock: for ever
        self.take(Instant::now().checked_add(timeout))
    }

    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.undecodable
    }

    fn take(&mut self, until: Option<Instant>) -> Result<crate::Event, NoEvent> {
        loop {
            while let Some(raw) = self.batch.pop_front() {
                match crate::Event::decode(raw, &self.backend) {
                    Ok(event) => return Ok(event),
                    Err(error) => {
                        self.undecodable += 1;
                        tracing::warn!(%error, "an event was skipped");
                    }
                }
            }
            self.backend.shared.inbox.take_batch(self.id, &mut self.batch, until)?;
        }
    }

    /// Without a receiver events are dropped at the first bound; with one it is as configured.
    fn update_policy(&self) {
        let shared = Arc::clone(&self.backend.shared);
        self.backend.shared.act(move |machine, _| machine.set_on_full(shared.on_full()));
    }
}

impl Iterator for Events {
    type Item = crate::Event;

    fn next(&mut self) -> Option<crate::Event> {
        self.take(None).ok()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if self.backend.shared.inbox.give_back(self.id, &mut self.batch) {
            self.update_policy();
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("undecodable", &self.undecodable).finish_non_exhaustive()
    }
}

/// Where the driver leaves events for the receiver.
#[derive(Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<RawEvent>,
    receiver: Option<u64>,
    last_receiver: u64,
    /// The driver to be woken when the queue is taken.
    waiting_driver: Option<Door>,
    /// The driver has ended: no more will come, unless another one begins.
    stopped: bool,
}

impl Inbox {
    /// Moves events from the Machine if the last batch has been taken. Says whether it did.
    pub(crate) fn fill(&self, machine: &mut Machine, door: &Door) -> bool {
        if machine.waiting_events() == 0 {
            return false;
        }
        let mut state = self.lock();
        if !state.queue.is_empty() {
            if state.waiting_driver.is_none() {
                state.waiting_driver = Some(door.clone());
            }
            return false;
        }
        while state.queue.len() < BATCH {
            let Some(event) = machine.poll_event() else { break };
            state.queue.push_back(event);
        }
        self.changed.notify_all();
        true
    }

    /// A driver begins.
    pub(crate) fn start(&self) {
        self.lock().stopped = false;
    }

    /// The driver has ended: all that the Machine has moves here.
    pub(crate) fn stop(&self, rest: impl Iterator<Item = RawEvent>) {
        let mut state = self.lock();
        state.queue.extend(rest);
        state.waiting_driver = None;
        state.stopped = true;
        self.changed.notify_all();
    }

    pub(crate) fn has_receiver(&self) -> bool {
        self.lock().receiver.is_some()
    }

    /// A new receiver, in place of the one that may be there.
    fn take_over(&self) -> u64 {
        let mut state = self.lock();
        state.last_receiver += 1;
        state.receiver = Some(state.last_receiver);
        self.changed.notify_all();
        state.last_receiver
    }

    /// A receiver goes, and what it had taken and not read is the next one's. False if it had been replaced before.
    fn give_back(&self, id: u64, batch: &mut VecDeque<RawEvent>) -> bool {
        let mut state = self.lock();
        batch.append(&mut state.queue);
        std::mem::swap(batch, &mut state.queue);
        self.changed.notify_all();
        state.receiver.take_if(|receiver| *receiver == id).is_some()
    }

    /// Waits for events, and swaps the queue for an empty one.
    fn take_batch(&self, id: u64, batch: &mut VecDeque<RawEvent>, until: Option<Instant>) -> Result<(), NoEvent> {
        let mut state = self.lock();
        loop {
            if state.receiver != Some(id) {
                return Err(NoEvent::Ended);
            }
            if !state.queue.is_empty() {
                std::mem::swap(batch, &mut state.queue);
                let driver = state.waiting_driver.take();
                drop(state);
                if let Some(driver) = driver {
                    driver.wake();
                }
                return Ok(());
            }
            if state.stopped {
                return Err(NoEvent::Ended);
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Err(NoEvent::Timeout),
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

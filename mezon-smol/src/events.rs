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
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use mezon_protocol::{Machine, RawEvent};

use crate::client::Anchor;
use crate::handle::Smol;

/// How many events cross at a time.
const BATCH: usize = 256;

/// The events of a client, as a stream; see [`Client::events`](crate::Client::events).
///
/// It ends when the client is closed, or when a later stream has taken over.
///
/// ```no_run
/// # async fn example(client: mezon_smol::Client) {
/// use mezon_smol::Event;
///
/// let mut events = client.events();
/// while let Some(event) = events.next().await {
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
    /// How many were taken since there was last nothing to take.
    streak: usize,
    backend: Smol,
    _anchor: Arc<Anchor>,
}

impl Events {
    /// Becomes the receiver of the client's events.
    pub(crate) fn new(backend: Smol, anchor: Arc<Anchor>) -> Self {
        let id = backend.shared.inbox.take_over();
        let events = Self { batch: VecDeque::new(), id, undecodable: 0, streak: 0, backend, _anchor: anchor };
        events.update_policy();
        events
    }

    /// The next event; `None` when the client is closed or a later stream has taken over. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<crate::Event> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.undecodable
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<crate::Event>> {
        loop {
            while let Some(raw) = self.batch.pop_front() {
                match crate::Event::decode(raw, &self.backend) {
                    Ok(event) => return Poll::Ready(Some(event)),
                    Err(error) => {
                        self.undecodable += 1;
                        tracing::warn!(%error, "an event was skipped");
                    }
                }
            }
            // lets other tasks run, however many events there are
            let streak = std::mem::take(&mut self.streak);
            if streak >= BATCH {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !ready!(self.backend.shared.inbox.poll_batch(cx, self.id, &mut self.batch)) {
                return Poll::Ready(None);
            }
            self.streak = streak + self.batch.len();
        }
    }

    /// Without a receiver events are dropped at the first bound; with one it is as configured.
    fn update_policy(&self) {
        let shared = Arc::clone(&self.backend.shared);
        self.backend.shared.act(move |machine, _| machine.set_on_full(shared.on_full()));
    }
}

impl Stream for Events {
    type Item = crate::Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
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
pub(crate) struct Inbox(Mutex<State>);

#[derive(Default)]
struct State {
    queue: VecDeque<RawEvent>,
    receiver: Option<u64>,
    last_receiver: u64,
    waiting_receiver: Option<Waker>,
    /// Waits for the queue to be taken.
    waiting_driver: Option<Waker>,
    /// The driver has ended: no more will come, unless another one begins.
    stopped: bool,
}

impl Inbox {
    /// Moves events from the Machine if the last batch has been taken. Says whether it did.
    pub(crate) fn fill(&self, cx: &mut Context<'_>, machine: &mut Machine) -> bool {
        if machine.waiting_events() == 0 {
            return false;
        }
        let mut state = self.lock();
        if !state.queue.is_empty() {
            state.waiting_driver = Some(cx.waker().clone());
            return false;
        }
        while state.queue.len() < BATCH {
            let Some(event) = machine.poll_event() else { break };
            state.queue.push_back(event);
        }
        wake(state.waiting_receiver.take(), state);
        true
    }

    /// A driver begins.
    pub(crate) fn start(&self) {
        self.lock().stopped = false;
    }

    /// The driver has ended: all that the Machine has moves here.
    pub(crate) fn stop(&self, machine: &mut Machine) {
        let mut state = self.lock();
        state.queue.extend(std::iter::from_fn(|| machine.poll_event()));
        state.stopped = true;
        wake(state.waiting_receiver.take(), state);
    }

    pub(crate) fn has_receiver(&self) -> bool {
        self.lock().receiver.is_some()
    }

    /// A new receiver, in place of the one that may be there.
    fn take_over(&self) -> u64 {
        let mut state = self.lock();
        state.last_receiver += 1;
        let id = state.last_receiver;
        state.receiver = Some(id);
        wake(state.waiting_receiver.take(), state);
        id
    }

    /// A receiver goes, and what it had taken and not read is the next one's. False if it had been replaced before.
    fn give_back(&self, id: u64, batch: &mut VecDeque<RawEvent>) -> bool {
        let mut state = self.lock();
        batch.append(&mut state.queue);
        std::mem::swap(batch, &mut state.queue);
        let was_receiver = state.receiver == Some(id);
        if was_receiver {
            state.receiver = None;
        }
        wake(state.waiting_receiver.take(), state);
        was_receiver
    }

    /// Swaps the queue for an empty one; gives false when there is nothing and nothing will come.
    fn poll_batch(&self, cx: &Context<'_>, id: u64, batch: &mut VecDeque<RawEvent>) -> Poll<bool> {
        let mut state = self.lock();
        if state.receiver != Some(id) {
            return Poll::Ready(false);
        }
        if !state.queue.is_empty() {
            std::mem::swap(batch, &mut state.queue);
            wake(state.waiting_driver.take(), state);
            return Poll::Ready(true);
        }
        if state.stopped {
            return Poll::Ready(false);
        }
        state.waiting_receiver = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes after the lock is released.
fn wake(waker: Option<Waker>, state: MutexGuard<'_, State>) {
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

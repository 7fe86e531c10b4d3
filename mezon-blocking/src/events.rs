//! The events of a client, as an iterator.

use std::fmt;
use std::task::Poll;
use std::time::{Duration, Instant};

use mezon_client::Receiver;

use crate::{Event, Threads};

/// The events of a client, as an iterator; see [`Client::events`](mezon_client::Client::events).
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
pub struct Events(Receiver<Threads>);

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
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Event, NoEvent> {
        // too far away for a clock: for ever
        self.take(Instant::now().checked_add(timeout))
    }

    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.0.undecodable()
    }

    fn take(&mut self, until: Option<Instant>) -> Result<Event, NoEvent> {
        match self.0.wait_next(until) {
            Poll::Ready(event) => event.ok_or(NoEvent::Ended),
            Poll::Pending => Err(NoEvent::Timeout),
        }
    }
}

impl From<Receiver<Threads>> for Events {
    fn from(receiver: Receiver<Threads>) -> Self {
        Self(receiver)
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.take(None).ok()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("undecodable", &self.undecodable()).finish_non_exhaustive()
    }
}

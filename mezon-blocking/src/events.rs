//! The events of a client, as an iterator.

use std::task::Poll;
use std::time::{Duration, Instant};

use mezon_client::{AgentReceiver, Receiver, Source};

use crate::Threads;

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
#[derive(Debug)]
pub struct Events<S = Receiver<Threads>>(S);

/// The events of AI agents, as an iterator; see [`Client::agent_events`](mezon_client::Client::agent_events).
///
/// ```no_run
/// # fn example(client: mezon_blocking::Client) -> Result<(), mezon_blocking::Error> {
/// use mezon_blocking::protocol::rest::agent::AgentStreamEvent;
///
/// for event in client.agent_events()? {
///     match event {
///         AgentStreamEvent::Event(event) => println!("{:?} in {}", event.kind, event.room.room_name),
///         state => println!("the stream: {state:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub type AgentEvents = Events<AgentReceiver<Threads>>;

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

impl<S: Source> Events<S> {
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
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<S::Item, NoEvent> {
        // too far away for a clock: for ever
        self.take(Instant::now().checked_add(timeout))
    }

    fn take(&mut self, until: Option<Instant>) -> Result<S::Item, NoEvent> {
        match self.0.wait_next(until) {
            Poll::Ready(event) => event.ok_or(NoEvent::Ended),
            Poll::Pending => Err(NoEvent::Timeout),
        }
    }
}

impl Events {
    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.0.undecodable()
    }
}

impl<S: Source> From<S> for Events<S> {
    fn from(source: S) -> Self {
        Self(source)
    }
}

impl<S: Source> Iterator for Events<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        self.take(None).ok()
    }
}

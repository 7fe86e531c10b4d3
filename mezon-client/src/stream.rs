//! The events of a client, as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use mezon_protocol::Event;

use crate::events::Receiver;
use crate::handle::Driven;
use crate::runtime::Runtime;

/// The events of a client, as a stream; see [`Client::events`](crate::Client::events).
///
/// It ends when the client is closed, or when a later stream has taken over.
pub struct Events<R: Runtime>(Receiver<R>);

impl<R: Runtime> Events<R> {
    /// The next event; `None` when the client is closed or a later stream has taken over. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<Event<Driven<R>>> {
        poll_fn(|cx| self.0.poll_next(cx)).await
    }

    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.0.undecodable()
    }
}

impl<R: Runtime> From<Receiver<R>> for Events<R> {
    fn from(receiver: Receiver<R>) -> Self {
        Self(receiver)
    }
}

impl<R: Runtime> Stream for Events<R> {
    type Item = Event<Driven<R>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_next(cx)
    }
}

/// Nothing in it is pinned.
impl<R: Runtime> Unpin for Events<R> {}

impl<R: Runtime> fmt::Debug for Events<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("undecodable", &self.undecodable()).finish_non_exhaustive()
    }
}

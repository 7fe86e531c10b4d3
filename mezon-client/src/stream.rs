//! The events of a client, as a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::events::{Receiver, Source};
use crate::runtime::Runtime;

/// The events of a client, as a stream; see [`Client::events`](crate::Client::events) and
/// [`Client::agent_events`](crate::Client::agent_events).
///
/// It ends when the client is closed, or when a later stream has taken over.
#[derive(Debug)]
pub struct Events<S>(S);

impl<S: Source> Events<S> {
    /// The next event; `None` when the client is closed or a later stream has taken over. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<S::Item> {
        poll_fn(|cx| self.0.poll_next(cx)).await
    }
}

impl<R: Runtime> Events<Receiver<R>> {
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

impl<S: Source> Stream for Events<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll_next(cx)
    }
}

/// Nothing in it is pinned.
impl<S> Unpin for Events<S> {}

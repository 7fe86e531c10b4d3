//! How events reach their receiver: in batches, decoded one by one where they are taken.
//!
//! ```text
//!   Machine's queue ──driver──► Inbox ──whole batches──► Receiver ──decode──► user
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use mezon_protocol::{Event, RawEvent};

use crate::client::Anchor;
use crate::handle::Driven;
use crate::inbox::BATCH;
use crate::park;
use crate::progress::Receipt;
use crate::runtime::Runtime;

/// Where events come from; adapters give it the form that suits their runtime.
pub trait Source {
    /// What comes.
    type Item;

    /// The next event; `None` when none will come: the client is closed or a later receiver has taken over.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>>;

    /// As [`poll_next`](Self::poll_next), waiting on this thread, until then at most; Pending when the time is over.
    fn wait_next(&mut self, until: Option<Instant>) -> Poll<Option<Self::Item>> {
        park::wait_for(until, |cx| self.poll_next(cx))
    }
}

/// The receiver of a client's events; adapters give it the form that suits their runtime.
pub struct Receiver<R: Runtime> {
    batch: VecDeque<RawEvent>,
    /// By which the inbox knows whether this is still its receiver.
    id: u64,
    undecodable: u64,
    /// How many were taken since there was last nothing to take.
    streak: usize,
    /// Of the event that was given last, which is handled when the next is asked for.
    receipt: Option<Receipt<R>>,
    backend: Driven<R>,
    anchor: Arc<Anchor<R>>,
}

impl<R: Runtime> Receiver<R> {
    /// Becomes the receiver of the client's events.
    pub(crate) fn new(backend: Driven<R>, anchor: Arc<Anchor<R>>) -> Self {
        let id = backend.shared.inbox.take_over();
        let receiver = Self { batch: VecDeque::new(), id, undecodable: 0, streak: 0, receipt: None, backend, anchor };
        receiver.update_policy();
        receiver
    }

    /// How many events were skipped because they could not be decoded. Each has been logged.
    #[must_use]
    pub const fn undecodable(&self) -> u64 {
        self.undecodable
    }

    /// Whoever takes it says when the event has been handled that was given last.
    pub(crate) fn take_receipt(&mut self) -> Option<Receipt<R>> {
        self.receipt.take()
    }

    /// Without a receiver events are dropped at the first bound; with one it is as configured.
    fn update_policy(&self) {
        let shared = Arc::clone(&self.backend.shared);
        self.backend.shared.act(move |machine, _| machine.set_on_full(shared.on_full()));
    }
}

impl<R: Runtime> Source for Receiver<R> {
    type Item = Event<Driven<R>>;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(receipt) = self.receipt.take() {
            receipt.sign();
        }
        loop {
            while let Some(raw) = self.batch.pop_front() {
                match Event::decode(raw, &self.backend) {
                    Ok(event) => {
                        self.anchor.waits.feed(&event);
                        self.receipt = Receipt::of(&event, &self.backend.shared);
                        return Poll::Ready(Some(event));
                    }
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

    fn wait_next(&mut self, until: Option<Instant>) -> Poll<Option<Self::Item>> {
        park::wait_for(until, |cx| {
            // there are no other tasks on this thread
            self.streak = 0;
            self.poll_next(cx)
        })
    }
}

impl<R: Runtime> Drop for Receiver<R> {
    fn drop(&mut self) {
        // who panics may not have handled it
        if let Some(receipt) = self.receipt.take().filter(|_| !std::thread::panicking()) {
            receipt.sign();
        }
        if self.backend.shared.inbox.give_back(self.id, &mut self.batch) {
            self.update_policy();
        }
    }
}

impl<R: Runtime> fmt::Debug for Receiver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("undecodable", &self.undecodable).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Where the driver leaves events for their receiver.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use mezon_protocol::{Machine, RawEvent};

/// How many events cross at a time.
pub(crate) const BATCH: usize = 256;

/// Filled by the driver only when it is empty, so what the user does not take stays in the Machine's queue, where its
/// bounds hold the server back.
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
    pub(crate) fn take_over(&self) -> u64 {
        let mut state = self.lock();
        state.last_receiver += 1;
        let id = state.last_receiver;
        state.receiver = Some(id);
        wake(state.waiting_receiver.take(), state);
        id
    }

    /// A receiver goes, and what it had taken and not read is the next one's. False if it had been replaced before.
    pub(crate) fn give_back(&self, id: u64, batch: &mut VecDeque<RawEvent>) -> bool {
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
    pub(crate) fn poll_batch(&self, cx: &Context<'_>, id: u64, batch: &mut VecDeque<RawEvent>) -> Poll<bool> {
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

#[cfg(test)]
mod tests;

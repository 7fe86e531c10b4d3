//! Futures side by side: a set that polls those that were woken.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A set of futures with keys. Taking one out drops it, which ends it.
pub(crate) struct Tasks<K, T> {
    slots: Vec<Option<Task<K, T>>>,
    free: Vec<usize>,
    woken: Arc<Woken>,
}

struct Task<K, T> {
    key: K,
    future: Boxed<T>,
    waker: Arc<TaskWaker>,
}

impl<K: PartialEq, T> Tasks<K, T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), woken: Arc::default() }
    }

    /// Adds a future; it is polled for the first time by the next [`poll_next`](Self::poll_next).
    pub(crate) fn insert(&mut self, key: K, future: impl Future<Output = T> + Send + 'static) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        let waker = Arc::new(TaskWaker { index, is_queued: AtomicBool::new(false), set: Arc::clone(&self.woken) });
        waker.wake_by_ref();
        self.slots[index] = Some(Task { key, future: Box::pin(future), waker });
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.slots.iter().flatten().any(|task| task.key == *key)
    }

    /// Ends the future with this key, if there is one.
    pub(crate) fn remove(&mut self, key: &K) -> bool {
        self.remove_where(|other| other == key)
    }

    /// Ends the futures with such keys, and says whether there were any.
    pub(crate) fn remove_where(&mut self, matches: impl Fn(&K) -> bool) -> bool {
        let mut found = false;
        for index in 0..self.slots.len() {
            if self.slots[index].as_ref().is_some_and(|task| matches(&task.key)) {
                found |= self.take(index).is_some();
            }
        }
        found
    }

    /// The next future that has ended. Pending also when there is none. One that asks to be polled again at once, to let
    /// others run, is polled the next time.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<(K, T)> {
        for _ in 0..self.woken.listen(cx) {
            let Some(index) = self.woken.pop() else { break };
            // what woke may have ended since
            let Some(task) = self.slots.get_mut(index).and_then(Option::as_mut) else { continue };
            // from now on it may ask to be polled again
            task.waker.is_queued.store(false, Ordering::Release);
            let waker = Waker::from(Arc::clone(&task.waker));
            let mut cx = Context::from_waker(&waker);
            let Poll::Ready(output) = task.future.as_mut().poll(&mut cx) else { continue };
            if let Some(task) = self.take(index) {
                return Poll::Ready((task.key, output));
            }
        }
        Poll::Pending
    }

    fn take(&mut self, index: usize) -> Option<Task<K, T>> {
        let task = self.slots[index].take()?;
        self.free.push(index);
        Some(task)
    }
}

/// Which futures are to be polled, and who polls them.
#[derive(Default)]
struct Woken(Mutex<(VecDeque<usize>, Option<Waker>)>);

impl Woken {
    /// Wakes this task from now on. Says how many futures are to be polled.
    fn listen(&self, cx: &Context<'_>) -> usize {
        let (queue, waker) = &mut *self.lock();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        queue.len()
    }

    fn pop(&self) -> Option<usize> {
        self.lock().0.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, (VecDeque<usize>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TaskWaker {
    index: usize,
    /// It stands in the queue already.
    is_queued: AtomicBool,
    set: Arc<Woken>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_queued.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut state = self.set.lock();
        state.0.push_back(self.index);
        let waker = state.1.clone();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests;

//! Waiting on this thread.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

thread_local! {
    /// Ends the waiting of this thread.
    static THIS_THREAD: (Arc<Unpark>, Waker) = {
        let unpark = Arc::new(Unpark { thread: thread::current(), times: AtomicUsize::new(0) });
        (Arc::clone(&unpark), Waker::from(unpark))
    };
}

struct Unpark {
    thread: Thread,
    /// How often it was woken: what is polled may wait as well, and takes the one token of the thread.
    times: AtomicUsize,
}

impl Unpark {
    fn times(&self) -> usize {
        self.times.load(Ordering::Acquire)
    }
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.times.fetch_add(1, Ordering::Release);
        self.thread.unpark();
    }
}

/// Waits for something to be ready, until then at most; pending when the time is over.
pub(crate) fn wait_for<T>(until: Option<Instant>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    THIS_THREAD.with(|(this, waker)| {
        loop {
            let before = this.times();
            let result = poll(&mut Context::from_waker(waker));
            if result.is_ready() {
                return result;
            }
            while this.times() == before {
                match until.map(|until| until.saturating_duration_since(Instant::now())) {
                    None => thread::park(),
                    Some(Duration::ZERO) => return Poll::Pending,
                    Some(left) => thread::park_timeout(left),
                }
            }
        }
    })
}

/// Waits for the end of a future on this thread, for runtimes without an executor.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = wait_for(None, |cx| future.as_mut().poll(cx)) {
            return output;
        }
    }
}

#[cfg(test)]
mod tests;

//! Waiting on this thread.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

thread_local! {
    /// Ends the waiting of this thread.
    static THIS_THREAD: Waker = Waker::from(Arc::new(Unpark(thread::current())));
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for something to be ready, until then at most; pending when the time is over.
pub(crate) fn wait_for<T>(until: Option<Instant>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
    THIS_THREAD.with(|waker| {
        loop {
            let result = poll(&mut Context::from_waker(waker));
            if result.is_ready() {
                return result;
            }
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => thread::park(),
                Some(Duration::ZERO) => return Poll::Pending,
                Some(left) => thread::park_timeout(left),
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

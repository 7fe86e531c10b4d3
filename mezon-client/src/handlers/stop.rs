//! How a shutdown lets handlers end first.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use crate::handle::Shared;
use crate::runtime::Runtime;

/// Somebody wants the client to shut down.
pub(crate) struct StopRequest {
    /// When patience ends, as the Machine counts time.
    pub(crate) until: Duration,
    /// Told when the driver has ended.
    pub(crate) watcher: oneshot::Sender<()>,
}

/// Passes the wish to shut down to whoever runs the handlers.
#[derive(Default)]
pub(crate) struct Stopper(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many run handlers.
    dispatchers: usize,
    requests: Vec<StopRequest>,
    waiting: Option<Waker>,
}

impl Stopper {
    pub(crate) fn begin(&self) {
        self.lock().dispatchers += 1;
    }

    /// One that runs handlers has ended; what it was asked for is done at once if it was the last.
    pub(crate) fn end<R: Runtime>(&self, shared: &Shared<R>) {
        let mut state = self.lock();
        state.dispatchers -= 1;
        let left = if state.dispatchers == 0 { std::mem::take(&mut state.requests) } else { Vec::new() };
        drop(state);
        for request in left {
            request.shut_down(shared);
        }
    }

    /// Asks those who run handlers; hands the request back if nobody does.
    pub(crate) fn ask(&self, request: StopRequest) -> Option<StopRequest> {
        let mut state = self.lock();
        if state.dispatchers == 0 {
            return Some(request);
        }
        state.requests.push(request);
        let waiting = state.waiting.take();
        drop(state);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
        None
    }

    /// What is asked for; if there is nothing it wakes later.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Option<StopRequest> {
        let mut state = self.lock();
        if state.requests.is_empty() && !state.waiting.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waiting = Some(cx.waker().clone());
        }
        state.requests.pop()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

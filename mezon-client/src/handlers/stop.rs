//! How a shutdown lets handlers end first.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use crate::alarm::Alarm;
use crate::handle::Shared;
use crate::runtime::Runtime;

/// Somebody wants the client to shut down.
pub(crate) struct StopRequest {
    /// When patience ends, as the Machine counts time.
    pub(crate) until: Duration,
    /// Told when the driver has ended.
    pub(crate) watcher: oneshot::Sender<()>,
}

/// Keeps wishes to shut down until those who run handlers have nothing to do any more, or the time for that is over.
///
/// Each of these [enters](Self::enter) before it takes an event, and [rests](Self::rest) when there is nothing to do.
pub(crate) struct Stopper<R: Runtime>(Mutex<State<R>>);

struct State<R: Runtime> {
    runs: BTreeMap<RunId, Member>,
    last_run: u64,
    requests: Vec<StopRequest>,
    /// For when the time is over.
    alarms: Vec<Alarm<R>>,
}

/// One that runs handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RunId(u64);

struct Member {
    waker: Waker,
    is_idle: bool,
    /// It has been told to wait no longer for its handlers.
    is_overdue: bool,
}

/// What one that runs handlers does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It waits.
    Wait,
    /// It forgets its handlers, whose time is over.
    Abandon,
}

impl<R: Runtime> Stopper<R> {
    /// A name for one that is going to run handlers. It counts from when it first enters.
    pub(crate) fn new_run(&self) -> RunId {
        let mut state = self.lock();
        state.last_run += 1;
        RunId(state.last_run)
    }

    /// Asks those who run handlers; hands the request back if nobody does.
    pub(crate) fn ask(&self, request: StopRequest) -> Option<StopRequest> {
        let mut state = self.lock();
        if state.runs.is_empty() {
            return Some(request);
        }
        state.requests.push(request);
        wake_all(state);
        None
    }

    /// Keeps the alarm for a request.
    pub(crate) fn keep(&self, alarm: Alarm<R>) {
        let mut state = self.lock();
        if state.requests.is_empty() {
            drop(state);
            return drop(alarm);
        }
        state.alarms.push(alarm);
    }

    /// The time of a request is over, or the driver has ended.
    pub(crate) fn overdue(&self, shared: &Shared<R>, is_up: bool) {
        let mut state = self.lock();
        let now = shared.now().elapsed;
        if is_up || state.requests.iter().any(|request| request.until <= now) {
            state.runs.values_mut().for_each(|member| member.is_overdue = true);
            // at once, as the client may be connected anew before they know
            shared.note_abandoned();
        }
        let taken = state.take();
        wake_all(state);
        taken.carry_out(shared);
    }

    /// Whether somebody wants the client to shut down, and its handlers end first.
    pub(crate) fn is_stopping(&self) -> bool {
        !self.lock().requests.is_empty()
    }

    /// Says whether another event may be taken; if so there may be something to do from now on.
    pub(crate) fn enter(&self, run: RunId, cx: &Context<'_>) -> bool {
        let mut state = self.lock();
        let is_free = state.requests.is_empty();
        let new = || Member { waker: cx.waker().clone(), is_idle: false, is_overdue: false };
        let member = state.runs.entry(run).or_insert_with(new);
        member.waker.clone_from(cx.waker());
        // whoever is overdue forgets its handlers first
        let may = is_free && !member.is_overdue;
        member.is_idle &= !may;
        may
    }

    /// There is nothing to do now, and if it is idle nothing is under way either.
    pub(crate) fn rest(&self, run: RunId, cx: &Context<'_>, is_idle: bool, shared: &Shared<R>) -> Next {
        let mut state = self.lock();
        let Some(member) = state.runs.get_mut(&run) else { return Next::Wait };
        member.waker.clone_from(cx.waker());
        member.is_idle = is_idle;
        if std::mem::take(&mut member.is_overdue) {
            return Next::Abandon;
        }
        self.settle(state, shared);
        Next::Wait
    }

    /// One that runs handlers has ended.
    pub(crate) fn leave(&self, run: RunId, shared: &Shared<R>) {
        let mut state = self.lock();
        state.runs.remove(&run);
        self.settle(state, shared);
    }

    /// Carries out what is asked for if nobody has anything to do. All are woken, as they may take events again.
    fn settle(&self, mut state: MutexGuard<'_, State<R>>, shared: &Shared<R>) {
        if !state.requests.is_empty() && state.runs.values().all(|member| member.is_idle) {
            let taken = state.take();
            wake_all(state);
            taken.carry_out(shared);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Default for Stopper<R> {
    fn default() -> Self {
        Self(Mutex::new(State { runs: BTreeMap::new(), last_run: 0, requests: Vec::new(), alarms: Vec::new() }))
    }
}

impl<R: Runtime> State<R> {
    fn take(&mut self) -> Taken<R> {
        Taken { requests: std::mem::take(&mut self.requests), alarms: std::mem::take(&mut self.alarms) }
    }
}

/// Requests that are carried out now, outside of the lock.
struct Taken<R: Runtime> {
    requests: Vec<StopRequest>,
    alarms: Vec<Alarm<R>>,
}

impl<R: Runtime> Taken<R> {
    fn carry_out(self, shared: &Shared<R>) {
        // before that, as they are calls and would hold the shutdown up
        drop(self.alarms);
        for request in self.requests {
            shared.shut_down(request);
        }
    }
}

/// Wakes all after the lock is released.
fn wake_all<R: Runtime>(state: MutexGuard<'_, State<R>>) {
    let wakers: Vec<_> = state.runs.values().map(|member| member.waker.clone()).collect();
    drop(state);
    wakers.into_iter().for_each(Waker::wake);
}

#[cfg(test)]
mod tests;

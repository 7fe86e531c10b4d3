//! A few threads for what may wait: they come when they are needed and go when they have been idle for a while.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A thread without work ends after this time.
const IDLE: Duration = Duration::from_secs(5);

pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on at most `max` threads, in the order in which they came.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    name: &'static str,
    max: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    workers: usize,
    idle: usize,
    closed: bool,
}

impl Pool {
    pub(crate) fn new(name: &'static str, max: usize) -> Self {
        Self { shared: Arc::default(), name, max }
    }

    /// Runs a job when a thread is free. Fails only if there is no thread and the system gives none.
    pub(crate) fn run(&self, job: Job) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() || state.workers == self.max {
            self.shared.changed.notify_all();
            return Ok(());
        }
        state.workers += 1;
        drop(state);
        let shared = Arc::clone(&self.shared);
        let spawned = thread::Builder::new().name(self.name.to_owned()).spawn(move || work(&Worker(shared)));
        let Err(error) = spawned else { return Ok(()) };
        let mut state = self.shared.lock();
        state.workers -= 1;
        if state.workers > 0 {
            return Ok(());
        }
        state.jobs.clear();
        Err(error)
    }

    /// Forgets the jobs that wait, and waits for the threads to end, but no longer than until then: the system may take
    /// its time to look up a name, and cannot be stopped.
    pub(crate) fn close(&self, until: Instant) {
        let mut state = self.shared.lock();
        state.closed = true;
        let forgotten = std::mem::take(&mut state.jobs);
        self.shared.changed.notify_all();
        while state.workers > 0 {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            state = self.shared.wait(state, left);
        }
        drop(state);
        drop(forgotten);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Counts its thread out, however that ends.
struct Worker(Arc<Shared>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.lock().workers -= 1;
        self.0.changed.notify_all();
    }
}

fn work(worker: &Worker) {
    let shared = &worker.0;
    loop {
        let mut state = shared.lock();
        let until = Instant::now() + IDLE;
        let job = loop {
            if let Some(job) = state.jobs.pop_front() {
                break job;
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.closed || left.is_zero() {
                return;
            }
            state.idle += 1;
            state = shared.wait(state, left);
            state.idle -= 1;
        };
        drop(state);
        job();
    }
}

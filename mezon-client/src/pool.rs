//! A few threads for what may wait: they come when they are needed and go when nothing is left to do.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long the end waits for threads to notice that their line was cut.
const FAREWELL: Duration = Duration::from_secs(1);

type Job = Box<dyn FnOnce() + Send>;

/// Runs jobs on at most `max` threads, in the order in which they came: for runtimes that can only wait.
pub struct Pool {
    shared: Arc<Shared>,
    name: &'static str,
    max: usize,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    workers: usize,
}

impl Pool {
    /// No thread yet. All will have this name.
    pub fn new(name: &'static str, max: usize) -> Self {
        Self { shared: Arc::default(), name, max }
    }

    /// Runs something when a thread is free, and gives what it returns.
    ///
    /// # Errors
    ///
    /// When there is no thread and the system gives none.
    pub fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> io::Result<oneshot::Receiver<T>> {
        let (sender, result) = oneshot::channel();
        // who asked may be gone by then
        self.start(Box::new(move || drop(sender.send(job()))))?;
        Ok(result)
    }

    fn start(&self, job: Job) -> io::Result<()> {
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        if state.workers == self.max {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        match thread::Builder::new().name(self.name.to_owned()).spawn(move || work(&shared)) {
            Ok(_) => state.workers += 1,
            Err(error) if state.workers == 0 => {
                state.jobs.clear();
                return Err(error);
            }
            Err(_) => {}
        }
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("name", &self.name).field("max", &self.max).finish()
    }
}

fn work(shared: &Shared) {
    loop {
        let mut state = shared.lock();
        let Some(job) = state.jobs.pop_front() else {
            state.workers -= 1;
            return shared.ended.notify_all();
        };
        drop(state);
        // who waits for it is told by the loss of the other end
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}

/// Forgets the jobs that wait, and waits for the threads to end, but not for long: the system may take its time to look
/// up a name, and cannot be stopped.
pub fn close_pools<const N: usize>(pools: [&Pool; N]) {
    let until = Instant::now() + FAREWELL;
    for Pool { shared, .. } in pools {
        let mut state = shared.lock();
        let forgotten = std::mem::take(&mut state.jobs);
        while state.workers > 0 {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            state = shared.ended.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(state);
        drop(forgotten);
    }
}

//! Keeps messages in a store, off the way of events: a thread of its own writes them, many at a time.
//!
//! ```text
//!   events, sent messages ──changes──► queue ──batches──► thread (owns the store)
//!   fetches               ──questions──────────────────►
//! ```
//!
//! Who hands something on never waits. A question is answered when what was handed on before it has been written.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use mezon_protocol::store::{Change, MessageStore, StoreError};

/// How many changes are written at a time, at most.
const BATCH: usize = 1000;

/// How long a change may wait for others to be written with it.
const LINGER: Duration = Duration::from_millis(5);

/// How long the next attempt waits when one has failed.
const RETRY: Duration = Duration::from_secs(1);

/// How much may wait, in bytes: about 100,000 messages of usual length. A store that works is never so far behind.
const MAX_BYTES: usize = 64 << 20;

/// How long the end of a client waits for what is left to be written.
const FAREWELL: Duration = Duration::from_secs(1);

/// Something to be asked of the store.
type Question = Box<dyn FnOnce(&mut dyn MessageStore) + Send>;

/// What has become of the messages that a client has handed to its store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Messages that are stored: new ones, edits and removals.
    pub stored: u64,
    /// Messages that are lost, as the store could not take them and too many waited, or never will. Each time that this
    /// begins is logged.
    pub lost: u64,
    /// Attempts that have failed. After one that may work later the same is tried again.
    pub failures: u64,
    /// Changes that wait to be stored, messages and how far they were handled.
    pub waiting: usize,
}

/// The way to the store.
pub(crate) struct Keeper(Arc<Desk>);

#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    /// Something is there to be done.
    called: Condvar,
}

#[derive(Default)]
struct State {
    /// Until the thread has it.
    store: Option<Box<dyn MessageStore>>,
    queue: VecDeque<Change>,
    /// What is in the queue and being written, about.
    bytes: usize,
    questions: Vec<Question>,
    /// The last attempt has failed.
    is_failing: bool,
    /// The oldest changes are being given up.
    is_full: bool,
    is_closing: bool,
    /// There is no thread and will be none.
    is_over: bool,
    stats: StoreStats,
}

impl Keeper {
    /// Nothing is done with the store yet.
    pub(crate) fn new(store: impl MessageStore) -> Self {
        Self(Arc::new(Desk {
            state: Mutex::new(State { store: Some(Box::new(store)), ..State::default() }),
            ..Desk::default()
        }))
    }

    /// Hands on a change. Does not wait.
    pub(crate) fn keep(&self, change: Change) {
        let mut state = self.0.lock();
        state.push(change);
        let (is_first, is_batch) = (state.queue.len() == 1, state.queue.len() == BATCH);
        self.start(&mut state);
        drop(state);
        if is_first || is_batch {
            self.0.called.notify_one();
        }
    }

    /// Asks the store something; the answer never comes if that panics, or there can be no thread.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn MessageStore) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (sender, answer) = oneshot::channel();
        let mut state = self.0.lock();
        if state.is_over {
            return answer;
        }
        // who asked may be gone by then
        state.questions.push(Box::new(move |store| drop(sender.send(question(store)))));
        self.start(&mut state);
        drop(state);
        self.0.called.notify_one();
        answer
    }

    pub(crate) fn stats(&self) -> StoreStats {
        let state = self.0.lock();
        StoreStats { waiting: state.queue.len(), ..state.stats }
    }

    /// Waits until what was handed on is written, but not for long.
    pub(crate) fn finish(&self) {
        if self.0.lock().is_untouched() {
            return;
        }
        let answer = self.ask(|_| ());
        // too late, or no thread: what is lost is counted
        let _ = answer.recv_timeout(FAREWELL);
    }

    fn start(&self, state: &mut State) {
        let Some(store) = state.store.take() else { return };
        let desk = Arc::clone(&self.0);
        let thread = thread::Builder::new().name("mezon-store".into()).spawn(move || work(&desk, store));
        if let Err(error) = thread {
            state.give_up(&error);
        }
    }
}

impl Drop for Keeper {
    /// What is left is still written.
    fn drop(&mut self) {
        self.0.lock().is_closing = true;
        self.0.called.notify_one();
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to do, and then a little for more of it.
    fn wait(&self) -> MutexGuard<'_, State> {
        let idle = |state: &mut State| state.queue.is_empty() && !state.is_urgent();
        let state = self.called.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        let pause = if state.is_failing { RETRY } else { LINGER };
        let early = |state: &mut State| !state.is_urgent() && (state.is_failing || state.queue.len() < BATCH);
        self.called.wait_timeout_while(state, pause, early).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Writes so many of the changes that wait; stops when one attempt fails.
    fn write(&self, store: &mut dyn MessageStore, mut count: usize) {
        while count > 0 {
            let mut batch = self.lock().take(count.min(BATCH));
            count -= batch.len();
            // given up meanwhile
            if batch.is_empty() {
                return;
            }
            let written = guarded(|| store.apply(&batch));
            // dropped outside of the lock
            let is_written = self.lock().settle(&mut batch, written);
            if !is_written {
                return;
            }
        }
    }
}

impl State {
    /// There is no thread yet.
    fn is_untouched(&self) -> bool {
        self.store.is_some()
    }

    /// Somebody waits.
    fn is_urgent(&self) -> bool {
        self.is_closing || !self.questions.is_empty()
    }

    fn push(&mut self, change: Change) {
        if self.is_over {
            self.stats.lost += messages([&change]);
            return;
        }
        self.bytes += change.size();
        self.queue.push_back(change);
        while self.bytes > MAX_BYTES {
            let Some(oldest) = self.queue.pop_front() else { break };
            self.bytes -= oldest.size();
            self.stats.lost += messages([&oldest]);
            if !std::mem::replace(&mut self.is_full, true) {
                tracing::error!("messages are lost: the store is too far behind, and takes none");
            }
        }
    }

    fn take(&mut self, count: usize) -> Vec<Change> {
        let count = count.min(self.queue.len());
        self.queue.drain(..count).collect()
    }

    /// What has become of a batch; false if it failed.
    fn settle(&mut self, batch: &mut Vec<Change>, written: Result<(), StoreError>) -> bool {
        let messages = messages(&*batch);
        let Err(error) = written else {
            self.bytes -= batch.iter().map(Change::size).sum::<usize>();
            self.stats.stored += messages;
            self.is_full = false;
            if std::mem::take(&mut self.is_failing) {
                tracing::info!("messages are stored again");
            }
            return true;
        };
        self.stats.failures += 1;
        let was_failing = std::mem::replace(&mut self.is_failing, true);
        if !was_failing {
            tracing::error!(%error, cause = source(&error), "messages cannot be stored");
        }
        if error.is_retryable() {
            batch.drain(..).rev().for_each(|change| self.queue.push_front(change));
        } else {
            self.bytes -= batch.iter().map(Change::size).sum::<usize>();
            self.stats.lost += messages;
        }
        false
    }

    /// There is no thread.
    fn give_up(&mut self, error: &io::Error) {
        tracing::error!(%error, "messages cannot be stored: there is no thread");
        self.is_over = true;
        self.stats.lost += messages(&self.queue);
        self.queue.clear();
        self.questions.clear();
    }
}

/// The thread: ends when it is told to and everything is written, or cannot be.
fn work(desk: &Desk, mut store: Box<dyn MessageStore>) {
    loop {
        let mut state = desk.wait();
        let (count, is_closing) = (state.queue.len(), state.is_closing);
        let questions = std::mem::take(&mut state.questions);
        drop(state);
        desk.write(&mut *store, count);
        for question in questions {
            // who asked is told by the loss of the other end
            drop(catch_unwind(AssertUnwindSafe(|| question(&mut *store))));
        }
        if is_closing {
            return;
        }
    }
}

/// How many of these are messages.
fn messages<'a>(changes: impl IntoIterator<Item = &'a Change>) -> u64 {
    let is_message = |change: &&Change| match change {
        Change::Put(_) | Change::Add(_) | Change::Remove(..) => true,
        Change::Handled(..) | Change::Seen(..) | Change::Begun(..) => false,
    };
    changes.into_iter().filter(is_message).count() as u64
}

/// A store that panics has failed.
fn guarded(act: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| Err(StoreError::Other("the store panicked".into())))
}

/// What is behind an error, for the log.
fn source(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keeper").field(&self.stats()).finish()
    }
}

#[cfg(test)]
mod tests;

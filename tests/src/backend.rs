//! A backend for tests: calls are collected, and given to a Machine by whoever drives it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mezon_protocol::Error;
use mezon_protocol::call::{Call, Reply, Submission, Ticket};
use mezon_protocol::memory::{CacheLimits, Memory};
use mezon_protocol::object::Backend;

/// Collects the calls of handles.
///
/// By default it remembers nothing.
#[derive(Clone, Debug)]
pub struct Collector {
    submissions: Arc<Mutex<Vec<Submission>>>,
    tickets: Arc<AtomicU64>,
    memory: Arc<Mutex<Memory>>,
}

impl Default for Collector {
    fn default() -> Self {
        Self::remembering(CacheLimits::OFF)
    }
}

/// A call that was made: by it its output is found.
#[derive(Debug)]
pub struct Called<T> {
    /// The ticket it was given.
    pub ticket: Ticket,
    take: fn(Reply) -> Option<Result<T, Error>>,
}

impl Collector {
    /// A collector with a memory.
    pub fn remembering(limits: CacheLimits) -> Self {
        Self { submissions: Arc::default(), tickets: Arc::default(), memory: Arc::new(Mutex::new(Memory::new(limits))) }
    }

    /// Takes the calls made so far.
    pub fn take(&self) -> Vec<Submission> {
        std::mem::take(&mut *self.submissions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Backend for Collector {
    type Outcome<T: Send + 'static> = Called<T>;

    fn call<C: Call>(&self, call: C) -> Called<C::Output> {
        let ticket = Ticket(self.tickets.fetch_add(1, Ordering::Relaxed));
        let submission = Submission::new(ticket, call);
        self.submissions.lock().unwrap_or_else(PoisonError::into_inner).push(submission);
        Called { ticket, take: Reply::take::<C> }
    }

    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Called<T> {
    /// The output, from the reply to this call.
    pub fn output(&self, reply: Reply) -> Result<T, Error> {
        (self.take)(reply).expect("the reply belongs to this call")
    }
}

//! What the handlers of a bot share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A value of which every clone is the same one. A handler that panicked leaves it as it was then.
#[derive(Default)]
pub struct Shared<T>(Arc<Mutex<T>>);

impl<T> Shared<T> {
    /// Others wait as long as this is kept, so it is not kept across calls.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

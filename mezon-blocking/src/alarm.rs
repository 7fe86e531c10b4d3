//! The timer of the driver: until when its thread sleeps.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use mezon_client::Timer;

use crate::runtime::lock;

/// The timer of the driver.
#[derive(Debug)]
pub struct Alarm {
    at: Option<Instant>,
    /// Taken by the thread before it sleeps.
    wake_at: Arc<Mutex<Option<Instant>>>,
}

impl Alarm {
    pub(crate) const fn new(wake_at: Arc<Mutex<Option<Instant>>>) -> Self {
        Self { at: None, wake_at }
    }
}

impl Timer for Alarm {
    fn set(&mut self, at: Instant) {
        self.at = Some(at);
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        if self.at.is_some_and(|at| Instant::now() >= at) {
            self.at = None;
            return Poll::Ready(());
        }
        *lock(&self.wake_at) = self.at;
        Poll::Pending
    }
}

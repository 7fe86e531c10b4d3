//! The handlers of one event, one after the other.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mezon_protocol::{Event, EventKind};

use super::clicks::Pass;
use super::outcome::{HandlerError, HandlerResult, Job};
use super::registry::Entry;
use crate::handle::Driven;
use crate::progress::Receipt;
use crate::runtime::Runtime;

/// Told of every handler that failed.
pub(crate) type OnFailure = Arc<dyn Fn(Failure) + Send + Sync>;

/// A handler that failed. The others have run all the same.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// What it was called with; `None` for the life of the connection.
    pub event: Option<EventKind>,
    /// Why.
    pub cause: FailureCause,
}

/// Why a handler failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FailureCause {
    /// It returned an error.
    #[error("a handler failed: {0}")]
    Error(HandlerError),
    /// It panicked, with this message.
    #[error("a handler panicked: {0}")]
    Panic(String),
}

/// Runs the handlers of one event in the order of their registration. What one does is nothing to the others, also when
/// it panics.
pub(crate) struct Turn<R: Runtime> {
    event: Event<Driven<R>>,
    handlers: std::vec::IntoIter<Arc<Entry<Driven<R>>>>,
    running: Option<Pin<Box<dyn Future<Output = HandlerResult> + Send>>>,
    on_failure: OnFailure,
    /// Signed when all have been called, whatever they said.
    receipt: Option<Receipt<R>>,
    /// Given back when the turn ends, however it does.
    _pass: Option<Pass<R>>,
}

impl<R: Runtime> Turn<R> {
    pub(crate) fn new(
        event: Event<Driven<R>>,
        handlers: Vec<Arc<Entry<Driven<R>>>>,
        on_failure: OnFailure,
        pass: Option<Pass<R>>,
    ) -> Self {
        Self { event, handlers: handlers.into_iter(), running: None, on_failure, receipt: None, _pass: pass }
    }

    /// With what is to be signed at the end.
    pub(crate) fn signing(self, receipt: Option<Receipt<R>>) -> Self {
        Self { receipt, ..self }
    }

    pub(crate) const fn event(&self) -> &Event<Driven<R>> {
        &self.event
    }

    /// Begins the next handler that the event is for. False if there is none left.
    fn start_next(&mut self) -> bool {
        let Some(entry) = self.handlers.next() else { return false };
        match catch_unwind(AssertUnwindSafe(|| entry.start(&self.event))) {
            Ok(Some(Job::Running(future))) => self.running = Some(future),
            Ok(Some(Job::Done(result))) => self.judge(Ok(result)),
            Ok(None) => {}
            Err(panic) => self.judge(Err(panic)),
        }
        true
    }

    fn judge(&self, outcome: Result<HandlerResult, Box<dyn Any + Send>>) {
        let cause = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => FailureCause::Error(error),
            Err(panic) => FailureCause::Panic(message_of(&*panic)),
        };
        let event = self.event.kind();
        tracing::error!(event = event.map(EventKind::name), %cause, "a handler failed");
        // nobody is told of that
        drop(catch_unwind(AssertUnwindSafe(|| (self.on_failure)(Failure { event, cause }))));
    }
}

impl<R: Runtime> Future for Turn<R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let turn = self.get_mut();
        loop {
            if let Some(running) = &mut turn.running {
                let outcome = match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
                    Ok(poll) => Ok(ready!(poll)),
                    Err(panic) => Err(panic),
                };
                turn.running = None;
                turn.judge(outcome);
            }
            if !turn.start_next() {
                if let Some(receipt) = turn.receipt.take() {
                    receipt.sign();
                }
                return Poll::Ready(());
            }
        }
    }
}

/// Nothing in it is pinned.
impl<R: Runtime> Unpin for Turn<R> {}

impl<R: Runtime> fmt::Debug for Turn<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("event", &self.event.kind()).finish_non_exhaustive()
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

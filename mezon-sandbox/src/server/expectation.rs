//! Expectations as futures that any runtime can poll, and a thread can wait for.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::Thread;

use tokio::sync::oneshot;

use crate::{Outcome, Said, Unmet};

/// Something that is expected of a bot, or of the world.
///
/// It is under way from the moment it was made, whether it is awaited or not. Await it in any runtime, or call
/// [`wait`](Self::wait) where there is none. Dropping it forgets it.
#[derive(Debug)]
#[must_use = "an expectation says nothing until it is awaited"]
pub struct Expectation<T> {
    outcome: oneshot::Receiver<Outcome>,
    read: fn(Option<Said>) -> T,
}

impl Expectation<Said> {
    pub(super) fn of_message(outcome: oneshot::Receiver<Outcome>) -> Self {
        Self { outcome, read: |said| said.expect("what was expected is a message") }
    }
}

impl Expectation<()> {
    pub(super) fn of_state(outcome: oneshot::Receiver<Outcome>) -> Self {
        Self { outcome, read: |_| () }
    }
}

impl<T> Expectation<T> {
    /// Blocks the thread until the expectation has ended. Do not call it inside of a runtime whose tasks it waits for.
    ///
    /// # Errors
    ///
    /// [`Unmet`], with what was expected and the end of the transcript.
    pub fn wait(self) -> Result<T, Unmet> {
        let mut future = pin!(self);
        let waker = Arc::new(Unpark(std::thread::current())).into();
        let mut context = Context::from_waker(&waker);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(result) => return result,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl<T> Future for Expectation<T> {
    type Output = Result<T, Unmet>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let read = self.read;
        Pin::new(&mut self.outcome).poll(context).map(|answer| match answer {
            Ok(outcome) => outcome.map(read),
            Err(_) => Err(Unmet { expected: "the sandbox has ended".to_owned(), tail: String::new() }),
        })
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

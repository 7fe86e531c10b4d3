//! Calls on their way, and answers to questions.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use mezon_protocol::call::{Reply, Submission, Ticket};
use mezon_protocol::{Error, ErrorKind, Sent};

use crate::handle::{Command, Shared};
use crate::runtime::Runtime;

/// A call on its way: a future of its output.
///
/// Nothing happens until it is polled, and calls start in the order of their first poll. Dropping it cancels the call:
/// what is still queued is taken back and no further step is made, but what has been sent stays sent.
///
/// # Errors
///
/// Each says whether the call was [sent](Error::sent). Beside what the call itself tells of: `TooManyInFlight` at once
/// when [`Config::max_pending`](mezon_protocol::Config::max_pending) calls are pending, `NotConnected` on a client that
/// was never started, `Closed` when its driver has ended, `Timeout` after
/// [`Config::call_timeout`](mezon_protocol::Config::call_timeout).
#[must_use = "a call does nothing until it is awaited"]
pub struct Pending<T, R: Runtime> {
    /// What may make the call unnecessary.
    recall: Option<Recall<T>>,
    /// The end of a call that goes on whether it is waited for or not.
    end: Option<End<T>>,
    stage: Stage<R>,
    take: fn(Reply) -> Option<Result<T, Error>>,
}

/// How a call is given to the driver.
pub(crate) type Submit<R> = fn(&Arc<Shared<R>>, Submission) -> Stage<R>;

pub(crate) enum Stage<R: Runtime> {
    New {
        shared: Arc<Shared<R>>,
        submission: Submission,
        submit: Submit<R>,
    },
    Refused(Reply),
    /// Could not even be made.
    Failed(Error),
    Waiting(Waiting<R>),
    Ended,
}

impl<T, R: Runtime> Pending<T, R> {
    pub(crate) fn new(
        shared: Arc<Shared<R>>,
        submission: Submission,
        submit: Submit<R>,
        take: fn(Reply) -> Option<Result<T, Error>>,
    ) -> Self {
        Self { recall: None, end: None, stage: Stage::New { shared, submission, submit }, take }
    }

    pub(crate) fn failed(error: Error) -> Self {
        Self { recall: None, end: None, stage: Stage::Failed(error), take: |_| None }
    }

    /// A call that is under way, and goes on whether it is waited for or not.
    pub(crate) fn begun(end: End<T>) -> Self {
        Self { recall: None, end: Some(end), stage: Stage::Ended, take: |_| None }
    }

    /// The same, unless the output is found elsewhere: then the call is dropped.
    pub(crate) fn unless(self, recall: Recall<T>) -> Self {
        Self { recall: Some(recall), ..self }
    }

    /// The client whose call it is, as long as it has not begun.
    pub fn runtime(&self) -> Option<&R> {
        match &self.stage {
            Stage::New { shared, .. } => Some(&shared.runtime),
            Stage::Refused(_) | Stage::Failed(_) | Stage::Waiting(_) | Stage::Ended => None,
        }
    }

    /// Refuses a call that has not begun.
    ///
    /// # Errors
    ///
    /// Always: the kind that is given.
    pub fn refuse(self, kind: ErrorKind) -> Result<T, Error> {
        Err(Error::unsent(kind))
    }

    /// Runs the call here and now: this thread waits for its end.
    ///
    /// # Errors
    ///
    /// As the future's.
    pub fn wait(mut self) -> Result<T, Error> {
        if let Some(found) = self.recall.take().and_then(Recall::wait) {
            return Ok(found);
        }
        if let Some(end) = self.end.take() {
            return end.wait();
        }
        self.submit();
        match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Waiting(waiting) => self.end(waiting.wait()),
            Stage::Refused(reply) => self.end(Some(reply)),
            Stage::Failed(error) => Err(error),
            Stage::New { .. } | Stage::Ended => self.end(None),
        }
    }

    /// Gives the call to the driver, if it has not been given. False if nobody takes it.
    pub(crate) fn begin(&mut self) -> bool {
        self.submit();
        !matches!(self.stage, Stage::Refused(_) | Stage::Failed(_))
    }

    fn submit(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::New { shared, submission, submit } => submit(&shared, submission),
            stage @ (Stage::Refused(_) | Stage::Failed(_) | Stage::Waiting(_) | Stage::Ended) => stage,
        };
    }

    fn end(&self, reply: Option<Reply>) -> Result<T, Error> {
        // every call has a reply, unless the driver has panicked
        reply.and_then(self.take).unwrap_or_else(|| Err(lost()))
    }
}

const fn lost() -> Error {
    Error::new(ErrorKind::Closed, Sent::Unknown)
}

impl<T, R: Runtime> Future for Pending<T, R> {
    type Output = Result<T, Error>;

    /// # Panics
    ///
    /// When polled again after it has ended.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(recall) = &mut self.recall {
            let found = ready!(recall.poll(cx));
            self.recall = None;
            if let Some(found) = found {
                self.stage = Stage::Ended;
                return Poll::Ready(Ok(found));
            }
        }
        if let Some(end) = &mut self.end {
            let end = ready!(end.poll(cx));
            self.end = None;
            return Poll::Ready(end);
        }
        self.submit();
        let reply = match &mut self.stage {
            Stage::Waiting(waiting) => ready!(waiting.poll(cx)),
            Stage::Refused(_) | Stage::Failed(_) | Stage::New { .. } => None,
            Stage::Ended => panic!("a call was polled after it had ended"),
        };
        Poll::Ready(match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::Refused(reply) => self.end(Some(reply)),
            Stage::Failed(error) => Err(error),
            Stage::Waiting(_) | Stage::New { .. } | Stage::Ended => self.end(reply),
        })
    }
}

impl<T, R: Runtime> fmt::Debug for Pending<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

/// The end of a call, from elsewhere than the driver.
pub(crate) struct End<T> {
    receiver: oneshot::Receiver<Found>,
    take: fn(Found) -> Option<Result<T, Error>>,
}

impl<T: 'static> End<T> {
    /// What is sent has to be a `Result<T, Error>`.
    pub(crate) fn new() -> (oneshot::Sender<Found>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self { receiver, take: |found| found.downcast().ok().map(|found| *found) })
    }
}

impl<T> End<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        let found = ready!(Pin::new(&mut self.receiver).poll(cx));
        Poll::Ready(found.ok().and_then(self.take).unwrap_or_else(|| Err(lost())))
    }

    fn wait(self) -> Result<T, Error> {
        self.receiver.recv().ok().and_then(self.take).unwrap_or_else(|| Err(lost()))
    }
}

/// An output that may be found without the call.
pub(crate) struct Recall<T> {
    stage: RecallStage,
    take: fn(Found) -> Option<T>,
}

/// What was found. Its type is known to who asked.
pub(crate) type Found = Box<dyn Any + Send>;

enum RecallStage {
    /// Nobody has been asked yet.
    New(Box<dyn FnOnce() -> Option<Asked> + Send>),
    Waiting(Asked),
}

/// Where the answer will be: nothing if nobody answers.
pub(crate) type Asked = oneshot::Receiver<Option<Found>>;

impl<T> Recall<T> {
    /// What is found has to be a `T`.
    pub(crate) fn new(ask: impl FnOnce() -> Option<Asked> + Send + 'static) -> Self
    where
        T: 'static,
    {
        let take = |found: Found| found.downcast().ok().map(|found| *found);
        Self { stage: RecallStage::New(Box::new(ask)), take }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if let RecallStage::New(ask) = &mut self.stage {
            let ask = std::mem::replace(ask, Box::new(|| None));
            let Some(asked) = ask() else { return Poll::Ready(None) };
            self.stage = RecallStage::Waiting(asked);
        }
        let RecallStage::Waiting(asked) = &mut self.stage else { return Poll::Ready(None) };
        let found = ready!(Pin::new(asked).poll(cx)).ok().flatten();
        Poll::Ready(found.and_then(self.take))
    }

    fn wait(self) -> Option<T> {
        let asked = match self.stage {
            RecallStage::New(ask) => ask()?,
            RecallStage::Waiting(asked) => asked,
        };
        asked.recv().ok().flatten().and_then(self.take)
    }
}

/// A call that the driver has: one of the pending ones, until it has ended or is dropped.
pub(crate) struct Waiting<R: Runtime> {
    shared: Arc<Shared<R>>,
    ticket: Ticket,
    /// Taken when it has ended.
    reply: Option<oneshot::Receiver<Reply>>,
}

impl<R: Runtime> Waiting<R> {
    pub(crate) fn new(shared: Arc<Shared<R>>, ticket: Ticket, reply: oneshot::Receiver<Reply>) -> Self {
        Self { shared, ticket, reply: Some(reply) }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        let Some(reply) = &mut self.reply else { return Poll::Ready(None) };
        let reply = ready!(Pin::new(reply).poll(cx)).ok();
        self.reply = None;
        Poll::Ready(reply)
    }

    fn wait(mut self) -> Option<Reply> {
        self.reply.take()?.recv().ok()
    }
}

impl<R: Runtime> Drop for Waiting<R> {
    fn drop(&mut self) {
        if self.reply.is_some() {
            self.shared.tell(Command::Cancel(self.ticket));
        }
        self.shared.pending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answer to a question: a future of it. The question is asked already.
#[must_use = "an answer is of use only to those who await it"]
pub struct Answer<T> {
    receiver: oneshot::Receiver<T>,
    /// What it is when nobody answers.
    lost: fn() -> T,
}

impl<T> Answer<T> {
    /// Of the driver.
    pub(crate) fn new(receiver: oneshot::Receiver<T>) -> Self {
        Self { receiver, lost: || panic!("a driver does all that it was told before it ends") }
    }

    /// Of somebody who may be gone: then it is this.
    pub(crate) const fn or(receiver: oneshot::Receiver<T>, lost: fn() -> T) -> Self {
        Self { receiver, lost }
    }

    /// Of somebody who may be gone.
    pub(crate) fn or_default(receiver: oneshot::Receiver<T>) -> Self
    where
        T: Default,
    {
        Self { receiver, lost: T::default }
    }

    /// Waits here and now.
    ///
    /// # Panics
    ///
    /// When the driver has panicked.
    pub fn wait(self) -> T {
        self.receiver.recv().unwrap_or_else(|_| (self.lost)())
    }
}

impl<T> Future for Answer<T> {
    type Output = T;

    /// # Panics
    ///
    /// When the driver has panicked.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let answer = ready!(Pin::new(&mut self.receiver).poll(cx));
        Poll::Ready(answer.unwrap_or_else(|_| (self.lost)()))
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

//! What handlers may return.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;

use mezon_protocol::Error;

/// Why a handler failed: any error.
pub type HandlerError = Box<dyn StdError + Send + Sync>;

/// How a handler ends.
pub type HandlerResult = Result<(), HandlerError>;

/// What a handler has begun.
pub enum Job {
    /// It has ended.
    Done(HandlerResult),
    /// It goes on.
    Running(Pin<Box<dyn Future<Output = HandlerResult> + Send>>),
}

/// What a handler may return: nothing, a `Result`, or a future of one of them. What a `Result` holds is of no use to
/// anybody, so that a call can be the last word of a handler.
///
/// `M` only tells the implementations apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "a handler returns `()`, a `Result`, or a future of one of them",
    label = "this is something else, or a future that is not `Send`"
)]
pub trait IntoJob<M> {
    /// Begins it.
    fn into_job(self) -> Job;
}

/// Tells apart handlers that have ended when they return.
#[derive(Debug)]
pub enum Plain {}

/// Tells apart handlers that return a future.
#[derive(Debug)]
pub struct Async<M>(M);

impl IntoJob<Plain> for () {
    fn into_job(self) -> Job {
        Job::Done(Ok(()))
    }
}

impl<T, E: Into<HandlerError>> IntoJob<Plain> for Result<T, E> {
    fn into_job(self) -> Job {
        Job::Done(self.map(drop).map_err(Into::into))
    }
}

/// The job of a call that is made for a user.
pub(super) fn job_of<T: 'static>(call: impl Future<Output = Result<T, Error>> + Send + 'static) -> Job {
    call.into_job()
}

impl<F> IntoJob<Async<Plain>> for F
where
    F: Future + Send + 'static,
    F::Output: IntoJob<Plain>,
{
    fn into_job(self) -> Job {
        Job::Running(Box::pin(async move {
            match self.await.into_job() {
                Job::Done(result) => result,
                Job::Running(future) => future.await,
            }
        }))
    }
}

//! Questions about an account, of which the own one is known only when the call runs.

use std::fmt;
use std::time::Duration;

use super::address::Address;
use super::read::Read;
use super::rpc::not_ready;
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::Error;
use crate::id::UserId;
use crate::machine::Shared;

/// A question about the account of a user, or the own one.
pub struct OfAccount<T, F> {
    user: Option<UserId>,
    question: Option<F>,
    read: Option<Read<T>>,
}

impl<T, F: FnOnce(Address) -> Read<T>> OfAccount<T, F> {
    /// About this user; about oneself without one.
    pub const fn new(user: Option<UserId>, question: F) -> Self {
        Self { user, question: Some(question), read: None }
    }
}

impl<T, F> Call for OfAccount<T, F>
where
    T: Send + 'static,
    F: FnOnce(Address) -> Read<T> + Send + 'static,
{
    type Output = T;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<T> {
        if let Some(question) = self.question.take() {
            let user = self.user.unwrap_or_else(|| shared.own_id());
            if user.is_none() {
                return Step::Done(Err(not_ready("not logged in")));
            }
            self.read = Some(question(Address::of_user(user)));
        }
        let read = self.read.as_mut().expect("it has been asked");
        read.resume(shared, answer)
    }

    fn timeout(&self, config: &Config) -> Duration {
        Read::<T>::patience(config)
    }
}

impl<T, F> fmt::Debug for OfAccount<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfAccount").field("user", &self.user).finish_non_exhaustive()
    }
}

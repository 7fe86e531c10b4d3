//! Calls that only read: they are repeated as they like.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::rpc;
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, HttpResponse, Method};
use crate::ledger::reply;
use crate::machine::{Shared, judge_answer};
use crate::rest::{json, undecodable};

/// The waits between the tries.
const WAITS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// A question to the ledger or the indexer, which is asked up to three times if the answer does not come.
pub struct Read<T> {
    question: Question,
    read: fn(&str, Value) -> Result<T, Error>,
    id: u64,
    failed: usize,
}

#[derive(Clone)]
enum Question {
    Rpc {
        method: &'static str,
        params: Option<Value>,
    },
    /// A path of the indexer, with its query.
    Indexer(Result<String, Error>),
}

impl<T> Read<T> {
    pub(super) const fn rpc(
        method: &'static str,
        params: Option<Value>,
        read: fn(&str, Value) -> Result<T, Error>,
    ) -> Self {
        Self { question: Question::Rpc { method, params }, read, id: 0, failed: 0 }
    }

    pub(super) const fn indexer(path: Result<String, Error>, read: fn(&str, Value) -> Result<T, Error>) -> Self {
        Self { question: Question::Indexer(path), read, id: 0, failed: 0 }
    }

    /// The same question, asked but once.
    pub(super) const fn once(mut self) -> Self {
        self.failed = WAITS.len();
        self
    }

    /// How long it may take, with all tries.
    pub(super) fn patience(config: &Config) -> Duration {
        config.timeout.saturating_mul(3).saturating_add(WAITS.iter().sum())
    }

    fn ask(&mut self, shared: &mut Shared) -> Step<T> {
        match self.request(shared) {
            Ok(request) => Step::Http(request),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn request(&mut self, shared: &mut Shared) -> Result<HttpRequest, Error> {
        match &self.question {
            Question::Rpc { method, params } => {
                let (id, request) = rpc::request(shared, method, params.as_ref(), None)?;
                self.id = id;
                Ok(request)
            }
            Question::Indexer(path) => {
                let base = shared.config.services.indexer.as_ref();
                let base = base.ok_or_else(|| rpc::not_ready("no indexer is configured"))?;
                let url = [base.trim_end_matches('/'), "/", &shared.config.ledger.chain, "/", &path.clone()?].concat();
                Ok(rpc::http(shared, Method::Get, url, bytes::Bytes::new(), None))
            }
        }
    }

    fn answer(&self, response: HttpResponse) -> Result<T, Error> {
        match self.question {
            Question::Rpc { method, .. } => (self.read)(method, reply::read(method, self.id, response)?),
            Question::Indexer(_) => {
                let body = judge_answer(INDEXER, Ok(response))?;
                (self.read)(INDEXER, json(INDEXER, &body)?)
            }
        }
    }
}

const INDEXER: &str = "indexer";

impl<T: Send + 'static> Call for Read<T> {
    type Output = T;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<T> {
        let result = match answer {
            Ok(Answer::Start | Answer::Elapsed) => return self.ask(shared),
            Ok(Answer::Http(response)) => self.answer(response),
            Ok(_) => Err(undecodable(INDEXER, "an answer of another kind")),
            Err(error) => Err(error),
        };
        let wait = WAITS.get(self.failed).filter(|_| result.as_ref().is_err_and(is_passing));
        self.failed += 1;
        wait.map_or_else(|| Step::Done(result), |wait| Step::Wait(*wait))
    }

    fn timeout(&self, config: &Config) -> Duration {
        Self::patience(config)
    }
}

/// True if there was no answer, or none that says anything.
fn is_passing(error: &Error) -> bool {
    let kind = error.kind();
    if matches!(kind, ErrorKind::NotReady(_)) {
        return error.sent() == crate::Sent::Yes;
    }
    matches!(kind, ErrorKind::Decode(_)) || error.is_retryable()
}

impl<T> fmt::Debug for Read<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.question {
            Question::Rpc { method, .. } => method,
            Question::Indexer(_) => INDEXER,
        };
        f.debug_struct("Read").field("of", &name).finish_non_exhaustive()
    }
}

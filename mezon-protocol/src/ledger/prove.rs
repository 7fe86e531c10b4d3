//! Asking for a proof that our key may sign for us.

use std::time::Duration;

use super::proof::{Proof, ProofRequest};
use super::rpc::{http, not_ready};
use crate::call::{Answer, Call, Step, Turn};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, Method};
use crate::id::UserId;
use crate::machine::{Shared, judge_answer};
use crate::rest::{join, undecodable};
use crate::session::expiry;

const NAME: &str = "proof";

/// Gets the proof that a payment needs, unless it is there; the first payment does so by itself. Ends with nothing.
///
/// Fails with `NotReady` before the login, and if the session has no `id_token` that is still good: only a new login
/// brings one.
#[derive(Debug, Default)]
#[doc(alias = "getZkProofs")]
pub struct Prove {
    for_user: Option<UserId>,
}

impl Prove {
    /// If the key in hand has no proof, or was refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// In a turn that somebody else has waited for.
    pub(super) fn begin(&mut self, shared: &mut Shared) -> Step<()> {
        let now = shared.now;
        shared.ledger.renew_key(now);
        match self.request(shared) {
            Ok(Some(request)) => Step::Http(request),
            Ok(None) => Step::Done(Ok(())),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn request(&mut self, shared: &Shared) -> Result<Option<HttpRequest>, Error> {
        let session = shared.session.as_ref().ok_or_else(|| not_ready("not logged in"))?;
        let (user, config) = (session.user_id(), &shared.config);
        let key = shared.ledger.key()?.public_key();
        if shared.ledger.proof(user).is_some() {
            return Ok(None);
        }
        let url = config.services.proofs.as_ref().ok_or_else(|| not_ready("no proof service is configured"))?;
        let id_token = session.id_token().clone();
        let unix = shared.clock.unix_seconds(shared.now);
        if id_token.is_empty() {
            return Err(not_ready("the session has no id_token"));
        }
        if expiry(&id_token).is_some_and(|at| at <= unix) {
            return Err(not_ready("the id_token has expired: log in again"));
        }
        self.for_user = Some(user);
        let body = ProofRequest { user, key, id_token, client_type: config.ledger.client_type }.body();
        let timeout = Some(config.ledger.submit_timeout);
        Ok(Some(http(shared, Method::Post, join(url, "/prove"), body.into(), timeout)))
    }

    fn keep(&self, shared: &mut Shared, answer: Result<Answer, Error>) -> Result<(), Error> {
        let Answer::Http(response) = answer? else { return Err(undecodable(NAME, "an answer of another kind")) };
        let proof = Proof::from_answer(&judge_answer(NAME, Ok(response))?)?;
        shared.ledger.keep_proof(self.for_user.unwrap_or_default(), proof)
    }

    /// What came of it. Whatever went wrong, no payment has been sent.
    pub(super) fn finish(&self, shared: &mut Shared, answer: Result<Answer, Error>) -> Result<(), Error> {
        self.keep(shared, answer).map_err(|error| Error::unsent(error.kind().clone()))
    }
}

impl Call for Prove {
    type Output = ();

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<()> {
        match answer {
            Ok(Answer::Start) => Step::AwaitTurn(payment_turn(shared)),
            Ok(Answer::Ready) => self.begin(shared),
            answer => Step::Done(self.keep(shared, answer)),
        }
    }

    fn timeout(&self, config: &Config) -> Duration {
        config.ledger.submit_timeout
    }
}

/// The turn of a payment that begins now.
pub(super) fn payment_turn(shared: &Shared) -> Turn {
    Turn::Payment { until: shared.now.elapsed.saturating_add(shared.config.ledger.turn_timeout) }
}

/// An error, if a proof cannot be had in any case: for those who want to say so at once.
pub(super) fn check_ready(shared: &Shared) -> Result<UserId, Error> {
    if shared.config.services.ledger.is_none() {
        return Err(not_ready("no ledger is configured"));
    }
    shared.ledger.key()?;
    match shared.session.as_ref() {
        Some(session) => Ok(session.user_id()),
        None => Err(Error::unsent(ErrorKind::NotReady("not logged in".into()))),
    }
}

//! Red envelopes: tokens for whoever scans a code first.

use std::time::Duration;

use percent_encoding::utf8_percent_encode;
use serde::{Deserialize, Serialize};

use super::prove::{Prove, check_ready, payment_turn};
use super::rpc::{http, not_ready};
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, Method};
use crate::machine::{Shared, judge_answer};
use crate::rest::{COMPONENT, join, undecodable};

const NAME: &str = "red envelope";

/// What was in a red envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// Which share of it.
    pub split_money_id: i64,
    /// How much, in whole tokens.
    pub amount: i64,
    /// What its giver says.
    pub description: String,
}

/// Claims a share of a red envelope, by the id of its code. Ends with the [`Envelope`].
///
/// It may have been claimed although the call fails: its error says whether it was sent.
#[derive(Debug)]
#[doc(alias = "claim_red_envelope_qr")]
#[doc(alias = "dong")]
pub struct ClaimEnvelope {
    id: String,
    state: State,
}

#[derive(Debug)]
enum State {
    AwaitTurn,
    Proving(Prove),
    Asking,
    Claiming(Envelope),
}

impl ClaimEnvelope {
    /// The envelope with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), state: State::AwaitTurn }
    }

    fn prove(&mut self, shared: &mut Shared) -> Step<Envelope> {
        let mut prove = Prove::new();
        match prove.begin(shared).ended() {
            Ok(proven) => self.ask(shared, proven),
            Err(step) => {
                self.state = State::Proving(prove);
                step
            }
        }
    }

    fn ask(&mut self, shared: &Shared, proven: Result<(), Error>) -> Step<Envelope> {
        let path = format!("/api/v1/red-envelopes/qr/claim-amount?id={}", utf8_percent_encode(&self.id, COMPONENT));
        match proven.and_then(|()| self.request(shared, &path, None)) {
            Ok(request) => {
                self.state = State::Asking;
                Step::Http(request)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn claim(&mut self, shared: &Shared, answer: Result<Answer, Error>) -> Result<HttpRequest, Error> {
        #[derive(Deserialize)]
        struct Asked {
            data: Envelope,
        }
        let asked: Asked = serde_json::from_slice(&body(answer)?).map_err(|error| undecodable(NAME, error))?;
        let path = format!("/api/v1/red-envelopes/qr/{}/claim", utf8_percent_encode(&self.id, COMPONENT));
        let request = self.request(shared, &path, Some(asked.data.split_money_id))?;
        self.state = State::Claiming(asked.data);
        Ok(request)
    }

    fn request(&self, shared: &Shared, path: &str, split_money_id: Option<i64>) -> Result<HttpRequest, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            split_money_id: Option<i64>,
            user_id: String,
            proof_b64: &'a str,
            public_b64: &'a str,
            publickey: String,
        }
        let base = shared.config.services.envelopes.as_ref();
        let base = base.ok_or_else(|| not_ready("no server of red envelopes is configured"))?;
        let user = check_ready(shared)?;
        let proof = shared.ledger.proof(user).ok_or(super::InvalidTransfer::ProofMissing)?;
        let body = Body {
            split_money_id,
            user_id: user.to_string(),
            proof_b64: &proof.proof,
            public_b64: &proof.public_input,
            publickey: shared.ledger.key()?.public_key().to_string(),
        };
        let body = serde_json::to_vec(&body).expect("plain data serialises");
        Ok(http(shared, Method::Post, join(base, path), body.into(), None))
    }
}

fn body(answer: Result<Answer, Error>) -> Result<bytes::Bytes, Error> {
    match answer? {
        Answer::Http(response) => judge_answer(NAME, Ok(response)),
        Answer::Start
        | Answer::Member { .. }
        | Answer::Api(_)
        | Answer::Side { .. }
        | Answer::Elapsed
        | Answer::Ready
        | Answer::Renewed => Err(undecodable(NAME, "an answer of another kind")),
    }
}

impl Call for ClaimEnvelope {
    type Output = Envelope;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Envelope> {
        match &mut self.state {
            State::AwaitTurn => match answer {
                Ok(Answer::Start) if self.id.is_empty() => {
                    let why = "the id of a red envelope is required";
                    Step::Done(Err(Error::unsent(ErrorKind::InvalidArgument(why.into()))))
                }
                Ok(Answer::Start) => Step::AwaitTurn(payment_turn(shared)),
                Ok(_) => self.prove(shared),
                Err(error) => Step::Done(Err(error)),
            },
            State::Proving(prove) => {
                let proven = prove.finish(shared, answer);
                self.ask(shared, proven)
            }
            State::Asking => match self.claim(shared, answer) {
                Ok(request) => Step::Http(request),
                Err(error) => Step::Done(Err(error)),
            },
            State::Claiming(envelope) => {
                let envelope = std::mem::take(envelope);
                Step::Done(body(answer).map(|_| envelope))
            }
        }
    }

    fn timeout(&self, config: &Config) -> Duration {
        config.ledger.submit_timeout.saturating_add(config.timeout.saturating_mul(2))
    }
}

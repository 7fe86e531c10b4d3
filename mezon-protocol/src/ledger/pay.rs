//! One payment on its way through the Machine: the payment's own machine, with exchanges and the store around it.

use super::payment::{Action, Payment};
use super::read::Read;
use super::reply::Reply;
use super::response::{AddTxResponse, Outcome};
use super::rpc::{self, NonceTag};
use super::store::{PaymentRecord, PaymentState};
use super::transaction::{SignedTransaction, Transaction};
use super::{Address, LedgerError};
use crate::call::{Answer, Call, Step};
use crate::error::Error;
use crate::machine::Shared;
use crate::rest::undecodable;

/// A payment whose turn has come. A part of calls, but none itself.
#[derive(Debug)]
pub(super) struct Paying {
    payment: Payment,
    sender: Address,
    /// The key of the caller, under which it is stored.
    key: Option<String>,
    asked: Asked,
}

#[derive(Debug)]
enum Asked {
    Nothing,
    Nonce(Read<u64>),
    /// A submission, by its id.
    Submission(u64),
}

impl Paying {
    /// A new payment: everything but nonce and signature is there.
    pub(super) fn new(shared: &mut Shared, sender: Address, draft: Transaction, key: Option<String>) -> Self {
        Self { payment: Payment::new(&mut shared.ledger.recent, draft), sender, key, asked: Asked::Nothing }
    }

    /// One that may have been sent: only the same bytes are sent again.
    pub(super) fn again(shared: &mut Shared, sender: Address, signed: SignedTransaction, key: String) -> Self {
        let now = shared.now;
        let payment = Payment::resume(&mut shared.ledger.recent, now, signed);
        Self { payment, sender, key: Some(key), asked: Asked::Nothing }
    }

    pub(super) fn begin(&mut self, shared: &mut Shared) -> Step<AddTxResponse> {
        let action = self.payment.start();
        self.act(shared, action)
    }

    pub(super) fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<AddTxResponse> {
        let now = shared.now;
        let action = match std::mem::replace(&mut self.asked, Asked::Nothing) {
            Asked::Nonce(mut read) => match read.resume(shared, answer).ended() {
                Ok(nonce) => return self.on_nonce(shared, nonce),
                Err(step) => {
                    self.asked = Asked::Nonce(read);
                    return step;
                }
            },
            Asked::Submission(id) => {
                let answer = answer.and_then(|answer| match answer {
                    Answer::Http(response) => Ok(response),
                    Answer::Start
                    | Answer::Member { .. }
                    | Answer::Api(_)
                    | Answer::Side { .. }
                    | Answer::Elapsed
                    | Answer::Ready
                    | Answer::Renewed => Err(undecodable("tx.addtx", "an answer of another kind")),
                });
                self.payment.handle_reply(now, Reply::read(id, answer.as_ref()))
            }
            Asked::Nothing => match answer {
                Ok(_) => self.payment.handle_timer(),
                Err(error) => return Step::Done(self.interrupt(error)),
            },
        };
        self.act(shared, action)
    }

    fn on_nonce(&mut self, shared: &mut Shared, nonce: Result<u64, Error>) -> Step<AddTxResponse> {
        if let Err(error) = &nonce {
            tracing::debug!(%error, "no nonce for a payment");
        }
        let key = match shared.ledger.key() {
            Ok(key) => key.clone(),
            Err(error) => return Step::Done(Err(error)),
        };
        let now = shared.now;
        let action = self.payment.handle_nonce(now, &mut shared.ledger.recent, &key, nonce.ok());
        self.act(shared, action)
    }

    fn act(&mut self, shared: &mut Shared, action: Action) -> Step<AddTxResponse> {
        match action {
            Action::FetchNonce => self.fetch_nonce(shared),
            Action::Wait(time) => Step::Wait(time),
            Action::Submit { is_new } => match self.submit(shared, is_new) {
                Ok(step) => step,
                Err(error) => Step::Done(self.interrupt_unsent(error)),
            },
            Action::Done(response) => {
                self.learn(shared, &response);
                self.record(shared, PaymentState::of(&response));
                Step::Done(Ok(response))
            }
            Action::Failed(why) => {
                self.record(shared, PaymentState::Unpaid);
                Step::Done(Err(LedgerError::from(why).into()))
            }
        }
    }

    fn fetch_nonce(&mut self, shared: &mut Shared) -> Step<AddTxResponse> {
        let mut read = rpc::current_nonce(self.sender, NonceTag::Pending).once();
        match read.resume(shared, Ok(Answer::Start)).ended() {
            Ok(nonce) => self.on_nonce(shared, nonce),
            Err(step) => {
                self.asked = Asked::Nonce(read);
                step
            }
        }
    }

    /// Stores what is new, then sends it: never the other way round.
    fn submit(&mut self, shared: &mut Shared, is_new: bool) -> Result<Step<AddTxResponse>, Error> {
        let signed = self.payment.signed().expect("what is submitted is signed");
        if let Some(key) = self.key.clone().filter(|_| is_new) {
            let record = PaymentRecord { key, signed: signed.clone(), state: PaymentState::Unfinished };
            shared.ledger.keep(&record)?;
        }
        let timeout = Some(shared.config.ledger.submit_timeout);
        let (id, request) = rpc::request(shared, "tx.addtx", Some(signed), timeout)?;
        self.asked = Asked::Submission(id);
        Ok(Step::Http(request))
    }

    /// A submission that did not come about: it was not sent, though earlier ones may have been.
    fn interrupt_unsent(&mut self, error: Error) -> Result<AddTxResponse, Error> {
        self.payment.handle_not_submitted();
        self.interrupt(error)
    }

    /// How it stands if it goes no further.
    pub(super) fn interrupt(&self, error: Error) -> Result<AddTxResponse, Error> {
        self.payment.interrupt().ok_or_else(|| Error::unsent(error.kind().clone()))
    }

    fn record(&self, shared: &mut Shared, state: PaymentState) {
        let (Some(key), Some(signed)) = (&self.key, self.payment.signed()) else { return };
        let record = PaymentRecord { key: key.clone(), signed: signed.clone(), state };
        if let Err(error) = shared.ledger.keep(&record) {
            // it stays unfinished there, and the next look at it will find the same
            tracing::warn!(%error, "the end of a payment could not be stored");
        }
    }

    /// A signature that should be good was refused: the next payment is signed by another key.
    fn learn(&self, shared: &mut Shared, response: &AddTxResponse) {
        let is_signature = |code: &Option<String>| code.as_deref() == Some("invalid_signature");
        if matches!(&response.outcome, Outcome::Refused { code, .. } if is_signature(code)) {
            shared.ledger.on_signature_refused();
        }
    }
}

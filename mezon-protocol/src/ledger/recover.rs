//! Finishing a stored payment that may have been sent: the same bytes once more, and if that decides nothing, a look.

use super::error::StoreError;
use super::pay::Paying;
use super::response::{AddTxResponse, Outcome};
use super::settle::Settle;
use super::store::{PaymentRecord, PaymentState};
use super::transaction::SignedTransaction;
use crate::call::{Answer, Call, Step};
use crate::error::Error;
use crate::machine::Shared;

/// A payment that may have been sent, until it is known what became of it. A part of calls, but none itself.
#[derive(Debug)]
pub(super) struct Recovery {
    key: String,
    signed: SignedTransaction,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Paying(Box<Paying>),
    Settling(Box<Settle>),
}

impl Recovery {
    /// # Errors
    ///
    /// `Damaged` when the record cannot be one of ours.
    pub(super) fn new(shared: &mut Shared, record: PaymentRecord) -> Result<Self, StoreError> {
        let PaymentRecord { key, signed, .. } = record;
        let no_address = |_| StoreError::Damaged("a record has no valid sender".into());
        let sender = signed.transaction.sender.parse().map_err(no_address)?;
        let paying = Paying::again(shared, sender, signed.clone(), key.clone());
        Ok(Self { key, signed, stage: Stage::Paying(Box::new(paying)) })
    }

    pub(super) fn begin(&mut self, shared: &mut Shared) -> Step<AddTxResponse> {
        let Stage::Paying(paying) = &mut self.stage else { return self.resume(shared, Ok(Answer::Start)) };
        let step = paying.begin(shared);
        self.after_paying(shared, step)
    }

    pub(super) fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<AddTxResponse> {
        match &mut self.stage {
            Stage::Paying(paying) => {
                let step = paying.resume(shared, answer);
                self.after_paying(shared, step)
            }
            Stage::Settling(settle) => match settle.resume(shared, answer).ended() {
                Ok(Ok(response)) => {
                    self.record(shared, &response);
                    Step::Done(Ok(response))
                }
                Ok(Err(error)) => Step::Done(Err(error)),
                Err(step) => step,
            },
        }
    }

    fn after_paying(&mut self, shared: &mut Shared, step: Step<AddTxResponse>) -> Step<AddTxResponse> {
        match step.ended() {
            Ok(Ok(AddTxResponse { outcome: Outcome::Unknown(signed), .. })) => {
                let mut settle = Box::new(Settle::new(*signed));
                let step = settle.resume(shared, Ok(Answer::Start));
                self.stage = Stage::Settling(settle);
                step
            }
            Ok(result) => Step::Done(result),
            Err(step) => step,
        }
    }

    fn record(&self, shared: &mut Shared, response: &AddTxResponse) {
        let record =
            PaymentRecord { key: self.key.clone(), signed: self.signed.clone(), state: PaymentState::of(response) };
        if let Err(error) = shared.ledger.keep(&record) {
            tracing::warn!(%error, "the end of a payment could not be stored");
        }
    }

    pub(super) fn interrupt(&self) -> AddTxResponse {
        AddTxResponse::not_taken(Outcome::Unknown(Box::new(self.signed.clone())))
    }
}

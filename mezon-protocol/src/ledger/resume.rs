//! Finishing what a restart has left behind.

use std::collections::VecDeque;
use std::time::Duration;

use super::prove::payment_turn;
use super::recover::Recovery;
use super::response::{AddTxResponse, Outcome};
use super::settle::PATIENCE;
use super::store::PaymentRecord;
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::Error;
use crate::machine::Shared;

/// Finds out what became of every payment of the store that is unfinished: sends the same bytes once more as long as the
/// ledger may take them, and looks for them if that decides nothing. Ends with how each one stands.
///
/// One that stands at [`Unknown`](Outcome::Unknown) stays unfinished. One that was not paid is not made anew: its caller
/// does that, under its key.
///
/// Nobody needs to be logged in for it. It takes the turns of other payments meanwhile.
#[derive(Debug, Default)]
pub struct ResumePayments {
    waiting: VecDeque<PaymentRecord>,
    current: Option<(PaymentRecord, Recovery)>,
    resumed: Vec<ResumedPayment>,
}

/// A payment that was unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumedPayment {
    /// Its key.
    pub key: String,
    /// How it stands.
    pub response: AddTxResponse,
}

impl ResumePayments {
    /// For all that is unfinished when its turn has come.
    pub fn new() -> Self {
        Self::default()
    }

    fn begin(&mut self, shared: &mut Shared) -> Step<Vec<ResumedPayment>> {
        let now = shared.now;
        match shared.ledger.load(now).and_then(|()| shared.ledger.unfinished()) {
            Ok(records) => {
                self.waiting = records.into();
                self.next(shared)
            }
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    fn next(&mut self, shared: &mut Shared) -> Step<Vec<ResumedPayment>> {
        let Some(record) = self.waiting.pop_front() else {
            return Step::Done(Ok(std::mem::take(&mut self.resumed)));
        };
        match Recovery::new(shared, record.clone()) {
            Ok(mut recovery) => {
                let step = recovery.begin(shared);
                self.current = Some((record, recovery));
                self.after(shared, step)
            }
            Err(error) => Step::Done(Err(error.into())),
        }
    }

    fn after(&mut self, shared: &mut Shared, step: Step<AddTxResponse>) -> Step<Vec<ResumedPayment>> {
        match step.ended() {
            Ok(result) => {
                if let Some((record, recovery)) = self.current.take() {
                    let response = result.unwrap_or_else(|_| recovery.interrupt());
                    self.resumed.push(ResumedPayment { key: record.key, response });
                }
                self.next(shared)
            }
            Err(step) => step,
        }
    }
}

impl Call for ResumePayments {
    type Output = Vec<ResumedPayment>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Vec<ResumedPayment>> {
        match (&mut self.current, answer) {
            (Some((_, recovery)), answer) => {
                let step = recovery.resume(shared, answer);
                self.after(shared, step)
            }
            (None, Ok(Answer::Start)) => Step::AwaitTurn(payment_turn(shared)),
            (None, Ok(_)) => self.begin(shared),
            (None, Err(error)) => Step::Done(Err(error)),
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        PATIENCE
    }

    fn interrupt(&mut self, _: &mut Shared, _: Error) -> Result<Vec<ResumedPayment>, Error> {
        let left = self.current.take().map(|(record, _)| record).into_iter().chain(self.waiting.drain(..));
        let unknown = left.map(|PaymentRecord { key, signed, .. }| ResumedPayment {
            key,
            response: AddTxResponse::not_taken(Outcome::Unknown(Box::new(signed))),
        });
        self.resumed.extend(unknown);
        Ok(std::mem::take(&mut self.resumed))
    }
}

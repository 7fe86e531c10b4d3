//! Waiting until a transaction is final.

use std::time::Duration;

use super::read::Read;
use super::response::{AddTxResponse, Outcome};
use super::rpc::{self, TransactionInfo, TransactionStatus};
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;

/// How long to wait between two looks.
const GAP: Duration = Duration::from_millis(500);

/// How a transaction has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finality {
    /// It is final.
    Final,
    /// It was taken, and has failed.
    Failed {
        /// Why, in the ledger's words.
        message: String,
    },
    /// It is not final yet, or not known: it may still become so.
    Unknown,
}

/// Waits until a transaction is final, or has failed, or the time is up. Ends with [`Finality`].
#[derive(Debug)]
pub struct WaitFinal {
    tx_hash: String,
    within: Duration,
    /// When the time is up, once it runs.
    until: Option<Duration>,
    read: Option<Read<TransactionInfo>>,
}

impl WaitFinal {
    /// For a transaction that was taken. It waits for 30 s at most.
    pub fn new(tx_hash: impl Into<String>) -> Self {
        Self { tx_hash: tx_hash.into(), within: Duration::from_secs(30), until: None, read: None }
    }

    /// For so long at most.
    #[must_use]
    pub const fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    fn look(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Finality> {
        let mut read = self.read.take().unwrap_or_else(|| rpc::transaction(&self.tx_hash));
        match read.resume(shared, answer).ended() {
            Ok(found) => self.on_found(shared, found),
            Err(step) => {
                self.read = Some(read);
                step
            }
        }
    }

    fn on_found(&self, shared: &Shared, found: Result<TransactionInfo, Error>) -> Step<Finality> {
        match found {
            Ok(TransactionInfo { status: TransactionStatus::Finalized, .. }) => Step::Done(Ok(Finality::Final)),
            Ok(TransactionInfo { status: TransactionStatus::Failed, err_msg, .. }) => {
                Step::Done(Ok(Finality::Failed { message: err_msg }))
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotReady(_)) => Step::Done(Err(error)),
            Ok(_) | Err(_) if self.until.is_some_and(|until| until <= shared.now.elapsed) => {
                Step::Done(Ok(Finality::Unknown))
            }
            Ok(_) | Err(_) => Step::Wait(GAP),
        }
    }
}

impl Call for WaitFinal {
    type Output = Finality;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Finality> {
        self.until.get_or_insert_with(|| shared.now.elapsed.saturating_add(self.within));
        let answer = if self.read.is_none() { answer.map(|_| Answer::Start) } else { answer };
        self.look(shared, answer)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.within.saturating_add(config.timeout.saturating_mul(4))
    }

    fn interrupt(&mut self, _: &mut Shared, error: Error) -> Result<Finality, Error> {
        if matches!(error.kind(), ErrorKind::Timeout) { Ok(Finality::Unknown) } else { Err(error) }
    }
}

/// Waits until a payment that was accepted is final; gives how it stands then: `Paid`, `Refused` if it has failed, or as
/// it was.
#[derive(Debug)]
pub struct Confirm {
    response: AddTxResponse,
    wait: WaitFinal,
}

impl Confirm {
    /// For the response to a payment.
    pub fn new(response: AddTxResponse) -> Self {
        Self { wait: WaitFinal::new(&response.tx_hash), response }
    }

    /// For so long at most; 30 s if nothing else is said.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.wait = self.wait.within(within);
        self
    }
}

impl Call for Confirm {
    type Output = AddTxResponse;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<AddTxResponse> {
        if self.response.outcome != Outcome::Accepted || self.response.tx_hash.is_empty() {
            return Step::Done(Ok(self.response.clone()));
        }
        self.wait.resume(shared, answer).map(|finality| match finality {
            Finality::Final => AddTxResponse::taken(Outcome::Paid, &self.response.tx_hash),
            Finality::Failed { message } => AddTxResponse::not_taken(Outcome::Refused { code: None, message }),
            Finality::Unknown => self.response.clone(),
        })
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.wait.timeout(config)
    }

    fn interrupt(&mut self, _: &mut Shared, _: Error) -> Result<AddTxResponse, Error> {
        Ok(self.response.clone())
    }
}

//! Sending tokens.

use super::Bot;
use crate::ledger::{AddTxResponse, SendToken};
use crate::object::{Backend, Ledger};

impl<B: Backend> Bot<B> {
    /// Sends tokens to a user, at most once; see [`SendToken`] for what may be said about it, and [`AddTxResponse`] for
    /// what is certain when it has ended.
    ///
    /// A payment that is refused, or of which nothing is certain, is a response and no error.
    ///
    /// ```
    /// use mezon_protocol::ledger::{AddTxResponse, SendToken};
    /// use mezon_protocol::object::{Backend, Bot};
    ///
    /// fn reward<B: Backend>(bot: &Bot<B>) -> B::Outcome<AddTxResponse> {
    ///     bot.send_token(SendToken::to("1838843953859828693", 10).note("Thanks!").key("reward-17"))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`SendToken`]: with each of them nothing was paid.
    #[doc(alias = "sendToken")]
    pub fn send_token(&self, payment: impl Into<SendToken>) -> B::Outcome<AddTxResponse> {
        self.backend.call(payment.into())
    }

    /// The ledger, on which tokens are: balances, transactions, and what became of payments.
    pub fn ledger(&self) -> Ledger<B> {
        Ledger::new(self.backend.clone())
    }
}

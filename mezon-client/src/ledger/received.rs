//! Handlers of payments.

use std::sync::{Mutex, PoisonError};

use mezon_protocol::ledger::{ReceivedPayments, SeenTransactions};
use mezon_protocol::proto::api::TokenSentEvent;
use mezon_protocol::{Event, EventKind};

use crate::client::Client;
use crate::handlers::{HandlerId, IntoJob, Topic};
use crate::runtime::Runtime;

/// # Payments
impl<R: Runtime> Client<R> {
    /// Registers a handler of payments to us, each of which it gets once, however often the platform tells of it: `seen`
    /// remembers them, in memory ([`MemorySeen`](mezon_protocol::ledger::MemorySeen)) or in a [file](crate::FileSeen). A
    /// payment is noted before the handler runs.
    ///
    /// What [`on_tokens_sent`](Self::on_tokens_sent) gets is every event, also those of payments of our own, and again after
    /// a reconnect.
    pub fn on_payment<O, M>(
        &self,
        seen: impl SeenTransactions,
        handler: impl Fn(Box<TokenSentEvent>) -> O + Send + Sync + 'static,
    ) -> HandlerId
    where
        O: IntoJob<M>,
    {
        let payments = Mutex::new(ReceivedPayments::new(seen));
        let me = self.id();
        self.add_handler(Topic::Kind(EventKind::TokensSent), move |event| {
            let Event::TokensSent(event) = event else { return None };
            let is_new = payments.lock().unwrap_or_else(PoisonError::into_inner).is_new(me, event);
            match is_new {
                Ok(true) => Some(handler(event.clone()).into_job()),
                Ok(false) => None,
                Err(error) => {
                    tracing::error!(%error, "a payment could not be noted, and is not handled");
                    None
                }
            }
        })
    }
}

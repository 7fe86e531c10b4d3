//! Something that is done after a while, by the clock of the Machine.

use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::call::{Answer, Call, Step, Ticket};
use mezon_protocol::machine::Shared as CallShared;
use mezon_protocol::{Config, Error};

use crate::client::Anchor;
use crate::handle::{Command, Driven, Shared};
use crate::runtime::Runtime;

impl<R: Runtime> Anchor<R> {
    /// Does something after a while, if the client is still there: in the driver, which must not be kept waiting. It is
    /// done sooner when the driver ends or the alarm is dropped, and at once without a driver.
    pub(crate) fn alarm(self: &Arc<Self>, after: Duration, ring: impl FnOnce(&Self) + Send + 'static) -> Alarm<R> {
        let anchor = Arc::downgrade(self);
        let ring = move || {
            if let Some(anchor) = anchor.upgrade() {
                ring(&anchor);
            }
        };
        let backend = Driven { shared: Arc::clone(&self.shared) };
        let ticket = backend.detach(Ring { after, ring: Some(ring) });
        Alarm { shared: backend.shared, ticket }
    }
}

/// Goes off when it is dropped, if it has not before.
#[must_use = "an alarm goes off when it is dropped"]
pub(crate) struct Alarm<R: Runtime> {
    shared: Arc<Shared<R>>,
    ticket: Ticket,
}

impl<R: Runtime> Drop for Alarm<R> {
    fn drop(&mut self) {
        self.shared.tell(Command::Cancel(self.ticket));
    }
}

struct Ring<F: FnOnce()> {
    after: Duration,
    ring: Option<F>,
}

impl<F: FnOnce() + Send + 'static> Call for Ring<F> {
    type Output = ();

    fn resume(&mut self, _: &mut CallShared, answer: Result<Answer, Error>) -> Step<()> {
        match answer {
            Ok(Answer::Start) => Step::Wait(self.after),
            Ok(_) | Err(_) => Step::Done(Ok(())),
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        self.after.saturating_add(Duration::from_secs(1))
    }
}

impl<F: FnOnce()> Drop for Ring<F> {
    fn drop(&mut self) {
        if let Some(ring) = self.ring.take() {
            ring();
        }
    }
}

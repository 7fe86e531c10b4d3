//! Something that is done after a while, by the clock of the Machine.

use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::call::{Answer, Call, Step, Ticket};
use mezon_protocol::machine::Shared as CallShared;
use mezon_protocol::{Config, Error};

use crate::client::Anchor;
use crate::handle::{Command, Driven, Shared};
use crate::handlers::WAITS;
use crate::runtime::Runtime;

/// So many there may be at a time, or more if there are fewer calls: one for each that waits for an event, and some.
pub(crate) const ALARMS: usize = WAITS + 100;

impl<R: Runtime> Anchor<R> {
    /// Does something after a while, if the client is still there: in the driver, which must not be kept waiting. It is
    /// done sooner when the driver ends or the alarm is dropped, and at once without a driver. It is told whether the
    /// time is up.
    pub(crate) fn alarm(
        self: &Arc<Self>,
        after: Duration,
        ring: impl FnOnce(&Self, bool) + Send + 'static,
    ) -> Alarm<R> {
        let anchor = Arc::downgrade(self);
        let ring = move |is_up| {
            if let Some(anchor) = anchor.upgrade() {
                ring(&anchor, is_up);
            }
        };
        let backend = Driven { shared: Arc::clone(&self.shared) };
        let ticket = backend.detach(Ring { after, is_up: false, ring: Some(ring) });
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

struct Ring<F: FnOnce(bool)> {
    after: Duration,
    is_up: bool,
    ring: Option<F>,
}

impl<F: FnOnce(bool) + Send + 'static> Call for Ring<F> {
    type Output = ();

    fn resume(&mut self, _: &mut CallShared, answer: Result<Answer, Error>) -> Step<()> {
        match answer {
            Ok(Answer::Start) => Step::Wait(self.after),
            Ok(_) | Err(_) => {
                self.is_up = answer.is_ok();
                Step::Done(Ok(()))
            }
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        self.after.saturating_add(Duration::from_secs(1))
    }
}

impl<F: FnOnce(bool)> Drop for Ring<F> {
    fn drop(&mut self) {
        if let Some(ring) = self.ring.take() {
            ring(self.is_up);
        }
    }
}

//! What the world does later: answers held back, messages that a person still types, the end of expectations.

use std::collections::BTreeMap;
use std::time::Duration;

use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::transport::Frame;
use mezon_protocol::{ChannelId, Now, UserId};

use super::World;
use super::calls::Scope;
use super::connection::{Action, ConnId};
use super::http::Request;

/// One thing to be done at a time.
#[derive(Debug)]
pub(super) enum Planned {
    /// An answer that was held back.
    Send(ConnId, Frame),
    /// What was held back in a channel reaches those who listen by then.
    Tell(ChannelId, Message),
    /// The time of a poll is over.
    ClosePoll(i64),
    /// The time of a mute is over.
    Unmute(UserId, Scope),
    /// Every connection is dropped, and again after the same time.
    DropAll(Duration),
    /// A request to the ledger comes late, and nobody waits for its answer.
    LateRequest(Box<Request>),
}

/// The plans in the order of their time; equal times keep the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    plans: BTreeMap<(Duration, u64), Planned>,
    made: u64,
    /// Until when what is said in a channel is held back.
    held: BTreeMap<ChannelId, Duration>,
}

impl Agenda {
    pub(super) fn plan(&mut self, at: Duration, what: Planned) {
        self.made += 1;
        self.plans.insert((at, self.made), what);
    }

    pub(super) fn len(&self) -> usize {
        self.plans.len()
    }

    fn next(&self) -> Option<Duration> {
        self.plans.keys().next().map(|(at, _)| *at)
    }

    fn take_due(&mut self, elapsed: Duration) -> Option<Planned> {
        if self.next()? > elapsed {
            return None;
        }
        self.plans.pop_first().map(|(_, what)| what)
    }

    /// From now until then all that is told in order in the channel is to be planned for that time.
    pub(super) fn hold(&mut self, channel: ChannelId, until: Duration) {
        self.held.insert(channel, until);
    }

    /// Until when the channel is held. That time may have come, as long as what was planned for it is not done.
    pub(super) fn held(&self, channel: ChannelId) -> Option<Duration> {
        self.held.get(&channel).copied()
    }

    fn release(&mut self, elapsed: Duration) {
        self.held.retain(|_, until| *until > elapsed);
    }

    /// Forgets the periodic drops.
    pub(super) fn stop_drops(&mut self) {
        self.plans.retain(|_, what| !matches!(what, Planned::DropAll(_)));
    }
}

impl World {
    /// Does what is due. Call it when the time of [`poll_timeout`](Self::poll_timeout) has come; earlier calls do no
    /// harm.
    pub fn handle_timeout(&mut self, now: Now) {
        while let Some(planned) = self.agenda.take_due(now.elapsed) {
            match planned {
                Planned::Send(conn, frame) => self.transmit(conn, Action::Frame(frame)),
                Planned::Tell(channel, event) => self.tell_channel(channel, event),
                Planned::ClosePoll(poll) => self.close_poll(now, poll),
                Planned::Unmute(user, scope) => self.unmute(now, user, scope),
                Planned::DropAll(period) => self.drop_all(now, period),
                Planned::LateRequest(request) => self.late_request(now, &request),
            }
        }
        self.agenda.release(now.elapsed);
        self.make_due_block(now);
        self.expire_expectations(now);
    }

    /// The elapsed time at which [`handle_timeout`](Self::handle_timeout) wants to be called, if any.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let times = [self.agenda.next(), self.expectations.next_deadline(), self.ledger.block_at()];
        times.into_iter().flatten().min()
    }
}

//! The pending calls: where each one stands, and when its time is up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::call::{AnyCall, Ticket, Turn};
use crate::proto::realtime::envelope;

/// A pending call.
pub(crate) struct Pending {
    pub(crate) call: Box<dyn AnyCall>,
    pub(crate) stage: Stage,
    deadline: Option<Duration>,
    /// How long the call may take.
    timeout: Duration,
    /// There is no limit for the whole: `timeout` is that of its present step.
    is_patient: bool,
}

/// Where a pending call stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Between two steps; seen only while a step is taken.
    Running,
    /// Its request waits, unencoded, for the socket.
    Queued(Queued),
    /// Its request has been given to the transport.
    Sent { cid: u16 },
    /// Its exchange waits for the rate limit, for a token, or for its next try.
    HttpQueued,
    /// Its exchange is being performed.
    HttpSent,
    /// Another call has asked the same: it waits for that answer.
    Following,
    /// Several of its exchanges are under way, and it may wait for a time as well.
    SideBySide,
    /// It waits for a time.
    Waiting,
    /// It waits for the connection to become Ready; no deadline applies.
    AwaitReady,
    /// It waits for a new token.
    AwaitToken,
    /// It waits for its turn.
    AwaitTurn(Turn),
}

/// A request for the socket, not yet encoded.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) member: envelope::Message,
    pub(crate) wanted: Wanted,
}

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A member of the Envelope.
    Member,
    /// The body of an API call.
    Api,
    /// It is not.
    Nothing,
}

/// All pending calls, in the order of their tickets.
#[derive(Default)]
pub(crate) struct Calls {
    pending: BTreeMap<Ticket, Pending>,
    deadlines: BTreeSet<(Duration, Ticket)>,
    /// Ends of waits. May name calls that have ended since.
    waits: BTreeSet<(Duration, Ticket)>,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Takes a call, whose time counts from `now`.
    pub(crate) fn insert(&mut self, ticket: Ticket, call: Box<dyn AnyCall>, now: Duration, timeout: Duration) {
        let is_patient = timeout == Duration::MAX;
        self.pending.insert(ticket, Pending { call, stage: Stage::Running, deadline: None, timeout, is_patient });
        self.restart_deadline(ticket, now);
    }

    /// Gives the step of a patient call its time; `None` if it has a limit of its own.
    pub(crate) fn limit_step(&mut self, ticket: Ticket, now: Duration, limit: Option<Duration>) {
        let Some(pending) = self.pending.get_mut(&ticket).filter(|pending| pending.is_patient) else { return };
        pending.timeout = limit.unwrap_or(Duration::MAX);
        self.set_deadline(ticket, limit.map(|limit| now.saturating_add(limit)));
    }

    /// Lets a call's time count from `from`.
    pub(crate) fn restart_deadline(&mut self, ticket: Ticket, from: Duration) {
        let Some(pending) = self.pending.get(&ticket) else { return };
        let deadline = from.saturating_add(pending.timeout);
        self.set_deadline(ticket, Some(deadline));
    }

    pub(crate) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Pending> {
        self.pending.get_mut(&ticket)
    }

    pub(crate) fn contains(&self, ticket: Ticket) -> bool {
        self.pending.contains_key(&ticket)
    }

    pub(crate) fn remove(&mut self, ticket: Ticket) -> Option<Pending> {
        let pending = self.pending.remove(&ticket)?;
        if let Some(deadline) = pending.deadline {
            self.deadlines.remove(&(deadline, ticket));
        }
        Some(pending)
    }

    /// Moves a call's deadline; `None` lifts it.
    pub(crate) fn set_deadline(&mut self, ticket: Ticket, deadline: Option<Duration>) {
        let Some(pending) = self.pending.get_mut(&ticket) else { return };
        if let Some(old) = pending.deadline {
            self.deadlines.remove(&(old, ticket));
        }
        pending.deadline = deadline;
        if let Some(new) = deadline {
            self.deadlines.insert((new, ticket));
        }
    }

    /// The next call whose time is up.
    pub(crate) fn first_expired(&self, now: Duration) -> Option<Ticket> {
        let (at, ticket) = self.deadlines.first()?;
        (*at <= now).then_some(*ticket)
    }

    /// When a call's time is up, or its wait over.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        let first = |times: &BTreeSet<(Duration, Ticket)>| times.first().map(|(at, _)| *at);
        first(&self.deadlines).into_iter().chain(first(&self.waits)).min()
    }

    /// Lets a call wait.
    pub(crate) fn rest(&mut self, ticket: Ticket, until: Duration) {
        if let Some(pending) = self.pending.get_mut(&ticket) {
            pending.stage = Stage::Waiting;
            self.wake(ticket, until);
        }
    }

    /// Lets a call hear when a time has come, at whatever stage it is then.
    pub(crate) fn wake(&mut self, ticket: Ticket, at: Duration) {
        self.waits.insert((at, ticket));
    }

    /// The calls whose wait is over.
    pub(crate) fn take_rested(&mut self, now: Duration) -> Vec<Ticket> {
        let mut rested = Vec::new();
        while let Some((at, ticket)) = self.waits.first().copied() {
            if at > now {
                break;
            }
            self.waits.pop_first();
            rested.push(ticket);
        }
        let waits = |call: &Pending| matches!(call.stage, Stage::Waiting | Stage::SideBySide);
        rested.retain(|ticket| self.pending.get(ticket).is_some_and(waits));
        rested
    }

    /// The tickets of the calls whose stage satisfies the condition, in order.
    pub(crate) fn tickets_where(&self, condition: impl Fn(&Stage) -> bool) -> Vec<Ticket> {
        self.pending.iter().filter(|(_, pending)| condition(&pending.stage)).map(|(ticket, _)| *ticket).collect()
    }
}

//! What goes on by itself when its time has come: the outbox, one call of each line after the other, the edits of
//! which only the latest counts, and the requests for what was missed.

use super::calls::Stage;
use super::connect::Phase;
use super::core::{Core, OwnCall};
use crate::call::{Answer, Call, EditOnRoute, Reply, Submission, Ticket, Turn, WhenFull};
use crate::error::{Error, ErrorKind};
use crate::id::MessageId;

impl Core {
    /// Lets a call wait for its turn; gives the reason if it must not.
    pub(super) fn await_turn(&mut self, ticket: Ticket, turn: Turn) -> Option<ErrorKind> {
        match turn {
            Turn::Edit(_) => self.calls.set_deadline(ticket, None),
            Turn::Payment { until } => {
                self.payments.push_back(ticket);
                self.calls.set_deadline(ticket, Some(until));
                self.called_up.push_back(ticket);
            }
            Turn::Outbox { line, until, is_kept } => {
                let is_new = !self.lines.contains(ticket);
                if is_new && !is_kept && !self.make_room_in_outbox() {
                    return Some(ErrorKind::TooManyInFlight);
                }
                self.lines.enter(ticket, line);
                self.calls.set_deadline(ticket, Some(until));
                // one that was called up before has met the end of a connection, and waits for the next
                if is_new {
                    self.called_up.push_back(ticket);
                }
            }
        }
        self.set_stage(ticket, Stage::AwaitTurn(turn));
        None
    }

    fn make_room_in_outbox(&mut self) -> bool {
        let policy = self.shared.config.outbox;
        if self.lines.len() < policy.limit {
            return true;
        }
        let oldest = match policy.when_full {
            WhenFull::RefuseNewest => None,
            WhenFull::DropOldest => {
                let waiting: Vec<_> = self.lines.tickets().collect();
                waiting.into_iter().find(|ticket| self.may_be_displaced(*ticket))
            }
        };
        let Some(oldest) = oldest else { return false };
        self.fail(oldest, &ErrorKind::Displaced);
        true
    }

    fn may_be_displaced(&mut self, ticket: Ticket) -> bool {
        let is_free = |stage: &Stage| matches!(stage, Stage::AwaitTurn(Turn::Outbox { is_kept: false, .. }));
        self.calls.get_mut(ticket).is_some_and(|pending| is_free(&pending.stage))
    }

    /// True if a call waits for its turn.
    pub(super) fn awaits_turn(&mut self, ticket: Ticket) -> bool {
        self.calls.get_mut(ticket).is_some_and(|pending| matches!(pending.stage, Stage::AwaitTurn(_)))
    }

    /// The first of each line may try: messages can be sent.
    pub(super) fn call_up_outbox(&mut self) {
        self.called_up.extend(self.lines.tickets().filter(|ticket| self.lines.is_first(*ticket)));
    }

    /// A call has ended: whoever stood behind it in a line comes first.
    pub(super) fn leave_line(&mut self, ticket: Ticket) {
        if let Some(place) = self.payments.iter().position(|waiting| *waiting == ticket) {
            self.payments.remove(place);
            self.called_up.extend(self.payments.front());
        }
        self.called_up.extend(self.lines.leave(ticket));
    }

    /// Goes on with what can go on by now. Does nothing if it is asked too often.
    pub(super) fn take_turns(&mut self) {
        loop {
            if let Some(ticket) = self.called_up.pop_front() {
                self.take_turn(ticket);
            } else if !self.start_own_edit() && !self.start_announcement() && !self.start_fetch() {
                return;
            }
        }
    }

    fn take_turn(&mut self, ticket: Ticket) {
        if self.has_turn(ticket) {
            let now = self.now();
            self.calls.restart_deadline(ticket, now);
            self.resume(ticket, Ok(Answer::Ready));
        }
    }

    /// Makes the next edit that is due; at a shutdown, any that waits.
    fn start_own_edit(&mut self) -> bool {
        let (now, hurry) = (self.now(), self.draining.is_some());
        let Some((message, edit)) = self.shared.edits.start(now, hurry) else { return false };
        let (target, content) = *edit;
        self.start_own(target.edit(content), OwnCall::Edit(message));
        true
    }

    /// Tells the next receiver of tokens that were sent.
    #[cfg(feature = "ledger")]
    fn start_announcement(&mut self) -> bool {
        let Some(event) = self.shared.ledger.next_announcement() else { return false };
        self.start_own(crate::ledger::announcement(&event), OwnCall::Announcement);
        true
    }

    #[cfg(not(feature = "ledger"))]
    const fn start_announcement(&mut self) -> bool {
        false
    }

    pub(super) fn start_own(&mut self, call: impl Call, what: OwnCall) {
        self.own_calls += 1;
        let Submission { ticket, call } = Submission::new(Ticket::own(self.own_calls), call);
        self.own.insert(ticket, what);
        let call = self.cast(ticket, call);
        self.accept(ticket, call);
    }

    fn has_turn(&mut self, ticket: Ticket) -> bool {
        let Some(pending) = self.calls.get_mut(ticket) else { return false };
        match pending.stage {
            Stage::AwaitTurn(Turn::Edit(_)) => true,
            Stage::AwaitTurn(Turn::Payment { .. }) => self.payments.front() == Some(&ticket),
            Stage::AwaitTurn(Turn::Outbox { .. }) => self.lines.is_first(ticket) && self.can_send(),
            Stage::Running
            | Stage::Queued(_)
            | Stage::Sent { .. }
            | Stage::HttpQueued
            | Stage::HttpSent
            | Stage::Following
            | Stage::SideBySide
            | Stage::Waiting
            | Stage::AwaitReady
            | Stage::AwaitToken => false,
        }
    }

    /// True if messages can be sent: everything is joined, or this client only sends and has no socket.
    fn can_send(&self) -> bool {
        match self.phase {
            Phase::Ready { .. } => true,
            Phase::Idle => self.shared.is_send_only(),
            Phase::Connecting | Phase::Backoff { .. } | Phase::Closed => false,
        }
    }

    /// A call that the Machine made by itself has ended.
    pub(super) fn on_own_call_ended(&mut self, reply: Reply) {
        match self.own.remove(&reply.ticket()) {
            Some(OwnCall::Edit(message)) => self.on_own_edit_ended(message, reply),
            Some(OwnCall::Fetch(number, ask)) => self.on_fetch_ended(number, ask, reply),
            #[cfg(feature = "ledger")]
            Some(OwnCall::Announcement) => {
                if let Some(Err(error)) = reply.take::<crate::call::SendDirect>() {
                    tracing::warn!(%error, "a receiver of tokens could not be told");
                }
            }
            None => {}
        }
    }

    /// Whoever waits for it looks again.
    fn on_own_edit_ended(&mut self, message: MessageId, reply: Reply) {
        let unknown = || Err(Error::unsent(ErrorKind::Cancelled));
        let outcome = reply.take::<EditOnRoute>().unwrap_or_else(unknown);
        if let Err(error) = &outcome {
            tracing::warn!(%message, %error, "an edit failed");
        }
        if self.shared.edits.end(message, outcome) {
            let waits = |stage: &Stage| matches!(stage, Stage::AwaitTurn(Turn::Edit(of)) if *of == message);
            self.called_up.extend(self.calls.tickets_where(waits));
        }
    }
}

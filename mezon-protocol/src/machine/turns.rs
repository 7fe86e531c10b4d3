//! What goes on by itself when its time has come: the outbox, one call of each line after the other, and the edits of
//! which only the latest counts.

use super::calls::Stage;
use super::connect::Phase;
use super::core::Core;
use crate::call::{Answer, EditOnRoute, Reply, Submission, Ticket, Turn, WhenFull};
use crate::error::{Error, ErrorKind};

impl Core {
    /// Lets a call wait for its turn; gives the reason if it must not.
    pub(super) fn await_turn(&mut self, ticket: Ticket, turn: Turn) -> Option<ErrorKind> {
        match turn {
            Turn::Edit(_) => self.calls.set_deadline(ticket, None),
            Turn::Outbox { line, until } => {
                let is_new = !self.lines.contains(ticket);
                if is_new && !self.make_room_in_outbox() {
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
                waiting.into_iter().find(|ticket| self.awaits_turn(*ticket))
            }
        };
        let Some(oldest) = oldest else { return false };
        self.fail(oldest, &ErrorKind::Displaced);
        true
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
        self.called_up.extend(self.lines.leave(ticket));
    }

    /// Goes on with what can go on by now. Does nothing if it is asked too often.
    pub(super) fn take_turns(&mut self) {
        loop {
            if let Some(ticket) = self.called_up.pop_front() {
                self.take_turn(ticket);
            } else if !self.start_own_edit() {
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
        self.own_calls += 1;
        let Submission { ticket, call } = Submission::new(Ticket::own(self.own_calls), target.edit(content));
        self.own_edits.insert(ticket, message);
        let call = self.cast(ticket, call);
        self.accept(ticket, call);
        true
    }

    fn has_turn(&mut self, ticket: Ticket) -> bool {
        let Some(pending) = self.calls.get_mut(ticket) else { return false };
        match pending.stage {
            Stage::AwaitTurn(Turn::Edit(_)) => true,
            Stage::AwaitTurn(Turn::Outbox { .. }) => self.lines.is_first(ticket) && self.can_send(),
            Stage::Running
            | Stage::Queued(_)
            | Stage::Sent { .. }
            | Stage::HttpQueued
            | Stage::HttpSent
            | Stage::Following
            | Stage::Waiting
            | Stage::AwaitReady => false,
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

    /// An edit that the Machine made by itself has ended: whoever waits for it looks again.
    pub(super) fn on_own_edit_ended(&mut self, reply: Reply) {
        let Some(message) = self.own_edits.remove(&reply.ticket()) else { return };
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

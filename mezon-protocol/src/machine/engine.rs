//! Running calls: one step after the other, until each has ended exactly once.

use std::time::Duration;

use bytes::Bytes;

use super::calls::{Queued, Stage, Wanted};
use super::connect::Phase;
use super::core::Core;
use super::desk::{Job, Purpose};
use super::io::Transmit;
use super::requests::Waiter;
use crate::call::{Answer, AnyCall, Exchange, Flow, Reply, Request, Submission, Ticket, Via};
use crate::error::{Error, ErrorKind, Sent};
use crate::event::JoinTarget;
use crate::proto::realtime::{self, envelope};
use crate::replay::{FrameOut, Out, note};
use crate::transport::{Frame, SendError};

/// What a frame that is about to be sent belongs to.
#[derive(Clone, Copy, Debug)]
enum Outgoing {
    Ping { cid: u16 },
    Join { cid: u16, target: JoinTarget },
    Call { cid: u16, ticket: Ticket },
    Notice { ticket: Ticket },
}

impl Core {
    pub(super) fn submit(&mut self, submission: Submission) {
        let Submission { ticket, call } = submission;
        let refusal = if self.draining.is_some() || self.phase == Phase::Closed {
            Some(ErrorKind::Closed)
        } else if ticket.is_own() {
            Some(ErrorKind::InvalidArgument("the ticket is too large".into()))
        } else if self.calls.contains(ticket) {
            Some(ErrorKind::InvalidArgument("the ticket is in use".into()))
        } else if self.submitted_calls() >= self.shared.config.max_pending {
            Some(ErrorKind::TooManyInFlight)
        } else {
            None
        };
        if let Some(kind) = refusal {
            self.replies.push_back(Submission { ticket, call }.refuse(Error::unsent(kind)));
            return;
        }
        self.accept(ticket, call);
    }

    pub(super) fn accept(&mut self, ticket: Ticket, call: Box<dyn AnyCall>) {
        let timeout = call.timeout(&self.shared.config);
        self.calls.insert(ticket, call, self.now(), timeout);
        self.resume(ticket, Ok(Answer::Start));
    }

    /// Forgets a call: nobody waits for it any more. What has been sent stays sent.
    pub(super) fn cancel(&mut self, ticket: Ticket) {
        let Some(pending) = self.calls.remove(ticket) else { return };
        self.let_go(ticket, &pending.stage);
        self.pass_on(ticket);
        self.leave_line(ticket);
        self.close_when_drained();
    }

    /// Gives a call its answer, and takes its steps as far as they go. So do those that wait for the same answer.
    pub(super) fn resume(&mut self, ticket: Ticket, answer: Result<Answer, Error>) {
        for follower in self.reads.answered(ticket) {
            self.take_steps(follower, answer.clone());
        }
        self.take_steps(ticket, answer);
    }

    fn take_steps(&mut self, ticket: Ticket, answer: Result<Answer, Error>) {
        let mut answer = answer;
        let is_recorded = self.is_recorded(ticket);
        loop {
            let Some(pending) = self.calls.get_mut(ticket) else { return };
            let before = std::mem::replace(&mut pending.stage, Stage::Running);
            let told = self.shared.tape.step_begins(is_recorded, || note::answer(&answer));
            let flow = pending.call.resume(&mut self.shared, answer);
            self.shared.tape.step_ended(ticket, told, &flow, &*pending.call);
            if matches!(before, Stage::SideBySide) && !matches!(flow, Flow::SideBySide(_)) {
                self.let_go(ticket, &before);
            }
            self.limit_step(ticket, &flow);
            let refusal = match flow {
                Flow::Done => return self.finish(ticket),
                Flow::Request(request) => self.dispatch(ticket, request),
                Flow::Read(request) => self.read(ticket, request),
                Flow::Http(request) => {
                    self.perform_plain(ticket, request);
                    None
                }
                Flow::SideBySide(sides) => {
                    self.perform_side_by_side(ticket, sides);
                    None
                }
                Flow::Wait(time) => {
                    let until = self.now().saturating_add(time);
                    self.calls.rest(ticket, until);
                    None
                }
                Flow::AwaitReady => match self.phase {
                    Phase::Ready { .. } => {
                        answer = Ok(Answer::Ready);
                        continue;
                    }
                    Phase::Connecting | Phase::Backoff { .. } => {
                        self.calls.set_deadline(ticket, None);
                        self.set_stage(ticket, Stage::AwaitReady);
                        None
                    }
                    Phase::Idle | Phase::Closed => Some(ErrorKind::NotConnected),
                },
                Flow::Renew => {
                    self.set_stage(ticket, Stage::AwaitToken);
                    self.start_renewal();
                    None
                }
                Flow::AwaitTurn(turn) => self.await_turn(ticket, turn),
            };
            let Some(kind) = refusal else { return };
            answer = Err(Error::unsent(kind));
        }
    }

    /// How long a step may take, if the call has no limit for all of them: an exchange has its own.
    fn limit_step(&mut self, ticket: Ticket, flow: &Flow) {
        let limit = match flow {
            Flow::Request(request) | Flow::Read(request) => {
                Some(request.timeout().unwrap_or(self.shared.config.call_timeout))
            }
            Flow::Http(_)
            | Flow::SideBySide(_)
            | Flow::Wait(_)
            | Flow::AwaitReady
            | Flow::Renew
            | Flow::AwaitTurn(_) => None,
            Flow::Done => return,
        };
        self.calls.limit_step(ticket, self.now(), limit);
    }

    /// Asks, or waits for the answer to another call that has asked the same.
    fn read(&mut self, ticket: Ticket, request: Request) -> Option<ErrorKind> {
        let Some(request) = self.reads.ask(ticket, request) else {
            self.set_stage(ticket, Stage::Following);
            return None;
        };
        let refusal = self.dispatch(ticket, request);
        if refusal.is_some() {
            self.reads.answered(ticket);
        }
        refusal
    }

    fn finish(&mut self, ticket: Ticket) {
        if let Some(pending) = self.calls.remove(ticket) {
            self.hand_over(Reply { ticket, call: pending.call });
        }
        self.close_when_drained();
    }

    /// Gives the end of a call to whoever waits for it.
    fn hand_over(&mut self, reply: Reply) {
        self.leave_line(reply.ticket);
        if reply.ticket.is_own() {
            self.on_own_call_ended(reply);
        } else {
            self.replies.push_back(reply);
        }
    }

    pub(super) fn set_stage(&mut self, ticket: Ticket, stage: Stage) {
        if let Some(pending) = self.calls.get_mut(ticket) {
            pending.stage = stage;
        }
    }

    /// Decides, before anything is sent and once and for all, over what a request goes.
    fn dispatch(&mut self, ticket: Ticket, request: Request) -> Option<ErrorKind> {
        match route(request, self.shared.is_open()) {
            Ok(Way::Http(exchange)) => {
                self.set_stage(ticket, Stage::HttpQueued);
                self.desk.enqueue(Job::new(Purpose::Call(ticket), exchange));
                self.pump();
                None
            }
            Ok(Way::Socket(_)) if !self.shared.is_open() => Some(ErrorKind::NotConnected),
            Ok(Way::Socket(queued)) => {
                self.set_stage(ticket, Stage::Queued(queued));
                self.outgoing.push_back(ticket);
                self.forget_stale_tickets();
                None
            }
            Err(refusal) => Some(refusal),
        }
    }

    /// Cancelled calls leave their tickets in the queue; a stalled connection must not let them pile up.
    fn forget_stale_tickets(&mut self) {
        if self.outgoing.len() > 2 * self.shared.config.max_pending {
            let calls = &mut self.calls;
            self.outgoing.retain(|ticket| {
                calls.get_mut(*ticket).is_some_and(|pending| matches!(pending.stage, Stage::Queued(_)))
            });
        }
    }

    /// The next frame to write, in this order: ping, joins, requests of calls as the rate limit allows.
    fn next_frame(&mut self) -> Option<(Outgoing, Frame)> {
        if !self.shared.is_open() {
            return None;
        }
        if let Some(cid) = self.take_ping() {
            return Some((Outgoing::Ping { cid }, Frame::Ping(cid)));
        }
        self.next_join().or_else(|| self.next_request())
    }

    /// Gives the next frame away; false if there is none.
    pub(super) fn write(&mut self, send: impl FnOnce(Frame) -> Result<(), SendError>) -> bool {
        let Some((outgoing, frame)) = self.next_frame() else {
            self.note_taken(|_| Out::NoFrame(()));
            return false;
        };
        let note = self.shared.tape.is_on().then(|| note::frame(&frame));
        let result = send(frame);
        if let Some(note) = note {
            self.note_taken(|_| Out::Frame(FrameOut { refused: note::refusal(&result), ..note }));
        }
        self.on_written(outgoing, result);
        true
    }

    fn next_join(&mut self) -> Option<(Outgoing, Frame)> {
        let now = self.now();
        let (target, member) = self.shared.joins.next_join(now)?;
        let cid = self.requests.begin(now, Waiter::Join(target))?;
        self.shared.joins.started(now, target, cid);
        let frame = Frame::Envelope(self.encoder.envelope(cid, &member));
        Some((Outgoing::Join { cid, target }, frame))
    }

    fn next_request(&mut self) -> Option<(Outgoing, Frame)> {
        self.take_turns();
        loop {
            let ticket = *self.outgoing.front()?;
            let is_queued = self.calls.get_mut(ticket).is_some_and(|pending| matches!(pending.stage, Stage::Queued(_)));
            if !is_queued {
                self.outgoing.pop_front();
                continue;
            }
            if !self.limiter.try_start(self.now()) {
                self.throttled = true;
                return None;
            }
            self.outgoing.pop_front();
            if let Some(outgoing) = self.encode_request(ticket) {
                return Some(outgoing);
            }
        }
    }

    fn encode_request(&mut self, ticket: Ticket) -> Option<(Outgoing, Frame)> {
        let now = self.now();
        if self.throttled {
            // the wait for the rate limit is ours and not the server's: it does not count
            self.calls.restart_deadline(ticket, now);
            self.throttled = !self.outgoing.is_empty();
        }
        let stage = std::mem::replace(&mut self.calls.get_mut(ticket)?.stage, Stage::Running);
        let Stage::Queued(Queued { member, wanted }) = stage else { return None };
        let waiter = match wanted {
            Wanted::Member => Waiter::Member(ticket),
            Wanted::Api => Waiter::Api(ticket),
            Wanted::Nothing => {
                return Some((Outgoing::Notice { ticket }, Frame::Envelope(self.encoder.envelope(0, &member))));
            }
        };
        let Some(cid) = self.requests.begin(now, waiter) else {
            self.resume(ticket, Err(Error::unsent(ErrorKind::TooManyInFlight)));
            return None;
        };
        let frame = Frame::Envelope(self.encoder.envelope(cid, &member));
        self.set_stage(ticket, Stage::Sent { cid });
        Some((Outgoing::Call { cid, ticket }, frame))
    }

    /// The transport has taken a frame, or would not.
    fn on_written(&mut self, outgoing: Outgoing, result: Result<(), SendError>) {
        self.stats.requests += 1;
        let now = self.now();
        let error = match (outgoing, result) {
            (Outgoing::Notice { ticket }, Ok(())) => return self.on_notice_written(ticket),
            (_, Ok(())) => return,
            (_, Err(error)) => error,
        };
        match outgoing {
            Outgoing::Ping { cid } => self.requests.abandon(now, cid),
            Outgoing::Join { cid, target } => {
                self.requests.abandon(now, cid);
                self.on_join_answered(target, Err(Error::unsent(ErrorKind::NotConnected)));
            }
            Outgoing::Call { cid, ticket } => {
                self.requests.abandon(now, cid);
                self.resume(ticket, Err(unsendable(error)));
            }
            Outgoing::Notice { ticket } => self.resume(ticket, Err(unsendable(error))),
        }
    }

    fn on_notice_written(&mut self, ticket: Ticket) {
        self.resume(ticket, Ok(Answer::Member { field: 0, body: Bytes::new() }));
    }

    pub(super) fn call_timeout(&self) -> Option<Duration> {
        self.calls.poll_timeout()
    }

    /// Ends the calls whose time is up, and goes on with those whose wait is over.
    pub(super) fn expire_calls(&mut self) {
        let now = self.now();
        for ticket in self.calls.take_rested(now) {
            self.resume(ticket, Ok(Answer::Elapsed));
        }
        while let Some(ticket) = self.calls.first_expired(now) {
            if let Some(release) = self.held_back_until(ticket) {
                self.calls.restart_deadline(ticket, release);
                continue;
            }
            if self.awaits_turn(ticket) {
                self.fail(ticket, &ErrorKind::Expired);
            } else if !self.tell_timeout(ticket) {
                self.fail(ticket, &ErrorKind::Timeout);
            }
        }
    }

    /// Lets a call go on that wants to when no answer came in time; false if it does not.
    fn tell_timeout(&mut self, ticket: Ticket) -> bool {
        let now = self.now();
        let Some(pending) = self.calls.get_mut(ticket).filter(|pending| pending.call.hears_timeouts()) else {
            return false;
        };
        let stage = std::mem::replace(&mut pending.stage, Stage::Running);
        self.let_go(ticket, &stage);
        self.calls.restart_deadline(ticket, now);
        self.resume(ticket, Err(Error::new(ErrorKind::Timeout, sent_by(&stage))));
        true
    }

    /// When the rate limit will let a call's request go, if it is the rate limit that holds it back.
    fn held_back_until(&mut self, ticket: Ticket) -> Option<Duration> {
        let now = self.now();
        let release = match self.calls.get_mut(ticket)?.stage {
            Stage::Queued(_) => self.limiter.next_start(),
            Stage::HttpQueued => self.desk.next_start(),
            Stage::Running
            | Stage::Sent { .. }
            | Stage::HttpSent
            | Stage::Following
            | Stage::SideBySide
            | Stage::Waiting
            | Stage::AwaitReady
            | Stage::AwaitToken
            | Stage::AwaitTurn(_) => return None,
        };
        (release > now).then_some(release)
    }

    /// Ends every call that stands at such a stage, in the order of their tickets.
    pub(super) fn fail_calls(&mut self, matches: impl Fn(&Stage) -> bool, kind: &ErrorKind) {
        for ticket in self.calls.tickets_where(matches) {
            self.fail(ticket, kind);
        }
    }

    /// The connection has ended: the calls on it hear so, and may take another step.
    pub(super) fn fail_socket_calls(&mut self) {
        let on_socket = |stage: &Stage| matches!(stage, Stage::Queued(_) | Stage::Sent { .. });
        for ticket in self.calls.tickets_where(on_socket) {
            let Some(pending) = self.calls.get_mut(ticket) else { continue };
            let sent = sent_by(&pending.stage);
            self.resume(ticket, Err(Error::new(ErrorKind::Disconnected, sent)));
        }
    }

    /// Ends a call where it stands, without another step.
    pub(super) fn fail(&mut self, ticket: Ticket, kind: &ErrorKind) {
        let Some(mut pending) = self.calls.remove(ticket) else { return };
        self.let_go(ticket, &pending.stage);
        let error = Error::new(kind.clone(), sent_by(&pending.stage));
        let told = self.shared.tape.step_begins(self.is_recorded(ticket), || note::interruption(&error));
        pending.call.interrupt(&mut self.shared, error);
        self.shared.tape.step_ended(ticket, told, &Flow::Done, &*pending.call);
        self.hand_over(Reply { ticket, call: pending.call });
        self.pass_on(ticket);
        self.close_when_drained();
    }

    /// What a call that has ended was reading, the next one that wants it reads.
    fn pass_on(&mut self, ticket: Ticket) {
        let Some((next, request)) = self.reads.abandoned(ticket) else { return };
        if let Some(kind) = self.dispatch(next, request) {
            self.resume(next, Err(Error::unsent(kind)));
        }
    }

    /// Takes back what is still queued, and lets nothing late reach anybody.
    fn let_go(&mut self, ticket: Ticket, stage: &Stage) {
        match stage {
            Stage::Sent { cid } => self.requests.abandon(self.now(), *cid),
            Stage::HttpQueued | Stage::HttpSent | Stage::SideBySide => {
                let of_call = self.desk.drop_where(|purpose| purpose == Purpose::Call(ticket));
                self.transmits.extend(of_call.into_iter().map(|id| Transmit::CancelHttp { id }));
            }
            Stage::Running
            | Stage::Queued(_)
            | Stage::Following
            | Stage::Waiting
            | Stage::AwaitReady
            | Stage::AwaitToken
            | Stage::AwaitTurn(_) => {}
        }
    }
}

/// Whether a call that ends at this stage has left the client.
const fn sent_by(stage: &Stage) -> Sent {
    match stage {
        Stage::Sent { .. } | Stage::HttpSent | Stage::SideBySide => Sent::Unknown,
        Stage::Running
        | Stage::Queued(_)
        | Stage::HttpQueued
        | Stage::Following
        | Stage::Waiting
        | Stage::AwaitReady
        | Stage::AwaitToken
        | Stage::AwaitTurn(_) => Sent::No,
    }
}

const fn unsendable(error: SendError) -> Error {
    Error::unsent(match error {
        SendError::NotOpen => ErrorKind::NotConnected,
        SendError::TooLarge { limit } => ErrorKind::TooLarge { limit },
    })
}

/// Over what a request goes.
enum Way {
    Socket(Queued),
    Http(Exchange),
}

fn route(request: Request, is_open: bool) -> Result<Way, ErrorKind> {
    let (member, wanted) = match request {
        Request::Exchange(exchange) => return Ok(Way::Http(exchange)),
        Request::Member(member) => (member, Wanted::Member),
        Request::Notice(member) => (member, Wanted::Nothing),
        Request::Api { rpc, body, via } => {
            let api_index = match (via, rpc.index) {
                (Via::Http, _) | (Via::Auto, None) => return Ok(Way::Http(Exchange::rpc(rpc, body))),
                (Via::Auto, Some(_)) if !is_open => return Ok(Way::Http(Exchange::rpc(rpc, body))),
                // an index of 0 would be another call
                (Via::Socket, None) => return Err(ErrorKind::Unsupported(format!("{} over the socket", rpc.name))),
                (Via::Auto | Via::Socket, Some(index)) => index,
            };
            let request = realtime::ApiRequestEvent { api_index, api_name: rpc.name.to_owned(), body: body.into() };
            (envelope::Message::ApiRequestEvent(Box::new(request)), Wanted::Api)
        }
    };
    Ok(Way::Socket(Queued { member, wanted }))
}

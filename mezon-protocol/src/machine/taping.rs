//! Recording a Machine, and playing what was recorded: where the [tape](crate::replay) meets the Machine.

use std::io::Write;
use std::time::Duration;

use super::core::{Core, OwnCall};
use super::desk::{FlightKind, Purpose};
use super::frames::{ERROR, is_push};
use super::io::{RequestId, SocketEnd, SocketId, Transmit};
use super::requests::Waiter;
use super::{Machine, OnFull};
use crate::call::{AnyCall, Submission, Ticket};
use crate::config::Config;
use crate::error::Error;
use crate::exchange::{HttpFailure, HttpResponse};
use crate::replay::note::{self, Reader};
use crate::replay::{
    Before, Ended, FromCodec, HttpEnd, Out, Recorder, Script, Scripted, Submit, Tape, What, arrival, nanos,
    recorded_session,
};
use crate::session::Session;
use crate::time::Now;
use crate::transport::{Frame, Incoming, SendError};
use crate::wire;

impl Machine {
    /// A machine whose inputs are written down as they come in, so that its run can be [replayed](crate::replay).
    /// Secrets are left out, what people write is not.
    ///
    /// It writes to `sink` in between, so that should not make it wait; when that fails the failure is logged, the
    /// recording ends, and the Machine goes on. The last part is written when the Machine is dropped, or by
    /// [`end_recording`](Self::end_recording).
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn recorded(config: Config, seed: u64, now: Now, sink: impl Write + Send + 'static) -> Result<Self, Error> {
        let mut machine = Self::new(config, seed, now)?;
        let recorder = Recorder::new(Box::new(sink), &machine.core.shared.config, seed, now);
        machine.core.shared.tape = Tape::Recording(Box::new(recorder));
        Ok(machine)
    }

    /// Writes the last part of the recording, if there is one, and lets go of where it was written to.
    pub fn end_recording(&mut self) {
        if matches!(self.core.shared.tape, Tape::Recording(_)) {
            self.core.shared.tape = Tape::Off;
        }
    }

    /// A machine that is told what a recording says.
    pub(crate) fn playing(config: Config, seed: u64, now: Now) -> Result<Self, Error> {
        let mut machine = Self::new(config, seed, now)?;
        machine.core.shared.tape = Tape::Playing(Box::default());
        Ok(machine)
    }

    /// What is being played.
    pub(crate) fn script(&mut self) -> Option<&mut Script> {
        match &mut self.core.shared.tape {
            Tape::Playing(script) => Some(script),
            Tape::Off | Tape::Recording(_) => None,
        }
    }

    /// Every command and every input begins with this.
    pub(super) fn begin(&mut self, now: Now, what: impl FnOnce(&mut Recorder, &Core) -> What) {
        if let Some(mut recorder) = self.core.shared.tape.take_recorder() {
            let what = what(&mut recorder, &self.core);
            recorder.input(now, self.core.before(), what);
            if recorder.is_alive() {
                self.core.shared.tape = Tape::Recording(recorder);
            }
        }
        self.core.tick(now);
    }

    /// What is seen of the Machine without taking anything.
    pub(crate) fn before(&self) -> Before {
        self.core.before()
    }

    /// Takes a frame, if there is one, as the codec took it when it was recorded.
    pub(crate) fn play_frame(&mut self, result: Result<(), SendError>) {
        self.core.write(|_| result);
    }

    /// Gives the Machine an input as it was recorded. False if the record makes no sense.
    pub(crate) fn play(&mut self, now: Now, what: What, incoming: Vec<Incoming>) -> bool {
        match what {
            What::Connect(()) => self.connect(now),
            What::Submit(submit) => {
                let ticket = Ticket(submit.ticket);
                // without a limit for all its steps together
                let timeout =
                    if submit.timeout == u64::MAX { Duration::MAX } else { Duration::from_nanos(submit.timeout) };
                let call = Scripted::new(ticket, timeout, submit.hears_timeouts);
                self.submit(now, Submission { ticket, call: Box::new(call) });
            }
            What::Cancel(ticket) => self.cancel(now, Ticket(ticket)),
            What::Reconnect(()) => self.reconnect(now),
            What::Disconnect(()) => self.disconnect(now),
            What::CallTimeout(time) => self.set_call_timeout(Duration::from_nanos(time)),
            What::Close(()) => self.close(now),
            What::Shutdown(time) => self.shutdown(now, Duration::from_nanos(time)),
            What::Opened(_) | What::Received(_) => {
                self.core.tick(now);
                if matches!(what, What::Opened(_)) {
                    self.core.choose_credential();
                }
                incoming.into_iter().for_each(|incoming| self.core.handle_incoming(incoming));
                self.settle(false);
            }
            What::Ignored(_) => self.core.tick(now),
            What::Ended(ended) => {
                let end = match ended.kind {
                    0 => SocketEnd::Eof,
                    1 => SocketEnd::Failed(ended.why),
                    _ => SocketEnd::Unreachable(ended.why),
                };
                self.handle_socket_closed(now, SocketId(ended.socket), end);
            }
            What::Http(end) => {
                let id = RequestId(end.id);
                let Some(result) = end.into_result() else { return false };
                self.handle_http(now, id, result);
            }
            What::Timeout(()) => self.handle_timeout(now),
            What::Session(json) => {
                let Some(session) = recorded_session(&json) else { return false };
                self.restore_session(session);
            }
            What::LeftOff(left_off) => self.set_left_off(left_off.into()),
            What::OnFull(drops) => self.set_on_full(if drops { OnFull::Drop } else { OnFull::Pause }),
        }
        true
    }
}

impl Core {
    /// Notes what is taken from the Machine, or that there was nothing to be taken.
    pub(super) fn note_taken(&mut self, out: impl FnOnce(&Self) -> Out) {
        if matches!(self.shared.tape, Tape::Off) {
            return;
        }
        let out = out(self);
        match &mut self.shared.tape {
            Tape::Recording(recorder) => recorder.taken(out),
            Tape::Playing(script) => script.taken.push(out),
            Tape::Off => {}
        }
    }

    pub(super) fn note_incoming(&mut self, incoming: &Incoming) {
        if let Some(mut recorder) = self.shared.tape.take_recorder() {
            let arrived = arrival(incoming, &mut recorder.stand_ins, |frame| self.is_for_machine(frame));
            recorder.incoming(&FromCodec { arrived: Some(arrived) });
            self.shared.tape = Tape::Recording(recorder);
        }
    }

    fn before(&self) -> Before {
        let deadline = self.poll_timeout();
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Before {
            deadline: deadline.map(|deadline| nanos(deadline.at)),
            reason: deadline.map(|deadline| note::name(&deadline.reason)).unwrap_or_default(),
            paused: !self.wants_read(),
            transmits: count(self.transmits.len()),
            replies: count(self.replies.len()),
            events: count(self.inbox.len()),
            news: count(self.shared.news.len()),
        }
    }

    /// True for a call whose code is not the Machine's own: it is played by the book.
    pub(super) fn is_scripted(&self, ticket: Ticket) -> bool {
        match self.own.get(&ticket) {
            Some(OwnCall::Edit(_)) => true,
            #[cfg(feature = "ledger")]
            Some(OwnCall::Announcement) => true,
            Some(OwnCall::Fetch(..)) => false,
            None => !ticket.is_own(),
        }
    }

    /// True if the steps of a call are written down.
    pub(super) fn is_recorded(&self, ticket: Ticket) -> bool {
        matches!(self.shared.tape, Tape::Recording(_)) && self.is_scripted(ticket)
    }

    /// A call, or what stands for it when a recording is played.
    pub(super) fn cast(&self, ticket: Ticket, call: Box<dyn AnyCall>) -> Box<dyn AnyCall> {
        match self.shared.tape {
            Tape::Playing(_) if self.is_scripted(ticket) => {
                Box::new(Scripted::new(ticket, call.timeout(&self.shared.config), call.hears_timeouts()))
            }
            Tape::Off | Tape::Recording(_) | Tape::Playing(_) => call,
        }
    }

    /// Who reads what comes of an exchange.
    pub(super) fn reader(&self, id: RequestId) -> Reader {
        let of_call = |ticket| if self.is_scripted(ticket) { Reader::Call } else { Reader::Machine };
        match self.desk.flight(id) {
            None => Reader::Call,
            Some(FlightKind::Login) => Reader::Login,
            Some(FlightKind::Refresh) => Reader::Refresh,
            Some(FlightKind::Probe(_)) => Reader::Probe,
            Some(FlightKind::Plain(ticket) | FlightKind::Side(ticket, _)) => of_call(*ticket),
            Some(FlightKind::Job(job)) => match job.purpose {
                Purpose::Login => Reader::Login,
                Purpose::List => Reader::Machine,
                Purpose::Call(ticket) => of_call(ticket),
            },
        }
    }

    /// True if the Machine itself looks into a frame: a push, an answer that it waits for itself, or an error.
    fn is_for_machine(&self, frame: &Frame) -> bool {
        let (cid, field) = match frame {
            Frame::Envelope(bytes) => {
                let Ok(scan) = wire::scan(bytes) else { return true };
                (scan.cid, scan.field)
            }
            Frame::Api(chunk) => (i32::from(chunk.cid), if chunk.code == 0 { 0 } else { ERROR }),
            Frame::Ping(_) | Frame::Pong(_) | Frame::Junk(_) => return true,
        };
        if cid == 0 || field == ERROR {
            return true;
        }
        let Ok(cid) = u16::try_from(cid) else { return false };
        match self.requests.waiter(cid) {
            Some(Waiter::Member(ticket) | Waiter::Api(ticket)) => !self.is_scripted(ticket),
            Some(Waiter::Join(_) | Waiter::Ping) => true,
            // what is taken for a push although it looks like an answer
            None => !self.requests.is_late(cid) && !self.requests.was_given_out(cid) && is_push(field),
        }
    }
}

pub(super) fn submit(core: &Core, submission: &Submission) -> What {
    let timeout = nanos(submission.call.timeout(&core.shared.config));
    let hears_timeouts = submission.call.hears_timeouts();
    What::Submit(Submit { ticket: submission.ticket.0, timeout, hears_timeouts })
}

pub(super) fn ended(socket: SocketId, end: &SocketEnd) -> What {
    let (kind, why) = match end {
        SocketEnd::Eof => (0, String::new()),
        SocketEnd::Failed(why) => (1, why.clone()),
        SocketEnd::Unreachable(why) => (2, why.clone()),
    };
    What::Ended(Ended { socket: socket.0, kind, why })
}

pub(super) fn transmit(core: &Core, transmit: &Transmit) -> Out {
    note::transmit(transmit, |id| core.reader(id))
}

pub(super) fn http_end(
    recorder: &mut Recorder,
    core: &Core,
    id: RequestId,
    result: &Result<HttpResponse, HttpFailure>,
) -> What {
    What::Http(HttpEnd::of(id, result, core.reader(id), &mut recorder.stand_ins))
}

pub(super) fn session(recorder: &mut Recorder, session: &Session) -> What {
    What::Session(recorder.stand_ins.session(session))
}

//! What comes in: answers to whoever waits for them, pushes to the event queue.

use bytes::Bytes;
use prost::Message;

use super::core::Core;
use super::exchange::{printable_text, truncate};
use super::head::Head;
use super::requests::Waiter;
use crate::call::Answer;
use crate::error::{Error, ErrorKind};
use crate::event::{EventKind, Push, RawEvent};
use crate::proto::realtime;
use crate::transport::{ApiChunk, Frame, Incoming};
use crate::wire::{self, Malformed, Outcome};

/// Frames that could not be understood are logged this often, at most 64 bytes of each.
const MAX_LOGGED: u64 = 8;

/// The member that tells of a failure.
pub(super) const ERROR: u32 = 12;

/// A message of a channel.
pub(super) const MESSAGE: u32 = EventKind::Message.field();

/// The largest answer that is put together from pieces.
const MAX_ANSWER: usize = 16 << 20;

impl Core {
    pub(super) fn handle_incoming(&mut self, incoming: Incoming) {
        self.note_incoming(&incoming);
        match incoming {
            Incoming::Open => self.on_open(),
            Incoming::Frame(frame) => self.handle_frame(frame),
            Incoming::Closed(closed) => self.on_transport_closed(closed),
        }
    }

    pub(super) fn handle_frame(&mut self, frame: Frame) {
        let now = self.now();
        self.stats.frames += 1;
        self.heartbeat.handle_frame();
        if let Some(connection) = &mut self.connection {
            connection.last_frame = Some(now);
        }
        match frame {
            Frame::Envelope(bytes) => self.handle_envelope(&bytes),
            Frame::Api(chunk) => self.handle_chunk(chunk),
            Frame::Pong(cid) => self.handle_answer(cid, 0, Bytes::new()),
            Frame::Ping(_) => {}
            Frame::Junk(junk) => {
                self.stats.junk += 1;
                tracing::debug!(?junk, "a frame without a meaning");
            }
        }
    }

    fn handle_envelope(&mut self, frame: &Bytes) {
        let scan = match wire::scan(frame) {
            Ok(scan) => scan,
            Err(error) => return self.on_malformed(frame, error),
        };
        let body = scan.body(frame);
        if scan.cid == 0 {
            return self.handle_push(scan.field, body);
        }
        let Ok(cid) = u16::try_from(scan.cid) else {
            self.stats.unknown_answers += 1;
            return;
        };
        if self.requests.waiter(cid).is_some() {
            self.handle_answer(cid, scan.field, body);
        } else if self.requests.is_late(cid) {
            self.stats.late_answers += 1;
        } else if !self.requests.was_given_out(cid) && is_push(scan.field) {
            // losing an event would be worse than taking an odd answer for one
            self.handle_push(scan.field, body);
        } else {
            self.stats.unknown_answers += 1;
        }
    }

    /// Reported, and the connection stays. If the frame was an answer, that request must not hang.
    fn on_malformed(&mut self, frame: &Bytes, error: Malformed) {
        self.report_malformed(frame);
        let Ok(cid) = u16::try_from(error.cid) else { return };
        self.settle_request(cid, Err(Error::answered(ErrorKind::Decode("a malformed answer".into()))));
    }

    pub(super) fn report_malformed(&mut self, frame: &[u8]) {
        self.stats.malformed += 1;
        if self.stats.malformed <= MAX_LOGGED {
            let start: String = frame.iter().take(64).map(|byte| format!("{byte:02x}")).collect();
            tracing::warn!(len = frame.len(), start, "a malformed frame");
        }
    }

    fn handle_answer(&mut self, cid: u16, field: u32, body: Bytes) {
        let answer = match (field, self.requests.waiter(cid)) {
            (ERROR, _) => Err(refusal(&body)),
            // an API call that is answered by a member, or by its cid alone, has succeeded without a body
            (_, Some(Waiter::Api(_))) => Ok(Answer::Api(Bytes::new())),
            _ => Ok(Answer::Member { field, body }),
        };
        self.settle_request(cid, answer);
    }

    fn handle_chunk(&mut self, chunk: ApiChunk) {
        let cid = chunk.cid;
        if self.requests.waiter(cid).is_none() {
            let counter =
                if self.requests.is_late(cid) { &mut self.stats.late_answers } else { &mut self.stats.unknown_answers };
            *counter += 1;
            return;
        }
        match self.requests.reassembly.push(chunk) {
            Outcome::Incomplete => {}
            Outcome::Complete { code: 0, body, .. } => {
                let answer = match self.requests.waiter(cid) {
                    Some(Waiter::Api(_)) => Answer::Api(body),
                    _ => Answer::Member { field: 0, body: Bytes::new() },
                };
                self.settle_request(cid, Ok(answer));
            }
            Outcome::Complete { code, body, .. } => self.settle_request(cid, Err(api_refusal(code, &body))),
            Outcome::TooLarge { cid } => self.fail_request(cid),
            Outcome::Evicted { cids } => cids.into_iter().for_each(|cid| self.fail_request(cid)),
        }
    }

    /// The answer is larger than its bound: the request fails, and the rest of the answer reaches nobody.
    fn fail_request(&mut self, cid: u16) {
        let waiter = self.requests.waiter(cid);
        self.requests.abandon(self.now(), cid);
        let error = Error::answered(ErrorKind::TooLarge { limit: MAX_ANSWER });
        if let Some(waiter) = waiter {
            self.wake(waiter, Err(error));
        }
    }

    fn settle_request(&mut self, cid: u16, answer: Result<Answer, Error>) {
        if let Some(waiter) = self.requests.finish(cid) {
            self.wake(waiter, answer);
        }
    }

    fn wake(&mut self, waiter: Waiter, answer: Result<Answer, Error>) {
        match waiter {
            Waiter::Member(ticket) | Waiter::Api(ticket) => self.resume(ticket, answer),
            Waiter::Join(target) => self.on_join_answered(target, answer.map(drop)),
            Waiter::Ping => {
                let now = self.now();
                self.heartbeat.handle_pong(now);
                if let Some(connection) = &mut self.connection {
                    connection.last_pong = Some(now);
                }
            }
        }
    }

    fn handle_push(&mut self, field: u32, body: Bytes) {
        if field == 0 {
            return;
        }
        self.stats.count_event(field);
        if field == MESSAGE {
            return self.handle_message(body);
        }
        if !self.observe(field, &body) {
            return self.report_malformed(&body);
        }
        if self.is_wanted(field) {
            self.give(field, body, false);
        }
    }

    fn handle_message(&mut self, body: Bytes) {
        let Some(head) = Head::peek(&body).filter(|head| self.on_message(head, &body)) else {
            return self.report_malformed(&body);
        };
        if !self.is_wanted(MESSAGE) {
            return;
        }
        if let Some(body) = self.backfill.handle_message(&head, body) {
            self.give(MESSAGE, body, false);
        }
    }

    fn is_wanted(&mut self, field: u32) -> bool {
        let is_wanted = self.shared.config.interest.contains(field);
        self.stats.uninteresting += u64::from(!is_wanted);
        is_wanted
    }

    /// Something that was pushed goes to the user.
    pub(super) fn give(&mut self, field: u32, body: Bytes, replayed: bool) {
        let own_id = self.shared.own_id();
        self.stats.lagged += self.inbox.push(RawEvent::Push(Push { field, body, own_id, replayed }));
    }
}

pub(super) fn is_push(field: u32) -> bool {
    EventKind::from_field(field).is_some_and(EventKind::is_push)
}

/// The error that an `Error` member tells of.
fn refusal(body: &Bytes) -> Error {
    let kind = match realtime::Error::decode(body.clone()) {
        Ok(error) => ErrorKind::Refused { code: error.code, message: truncate(&error.message) },
        Err(error) => ErrorKind::Decode(format!("an error: {error}")),
    };
    Error::answered(kind)
}

/// The error that a raw answer with a code tells of: its body is plain text, or an `Error`.
fn api_refusal(code: u16, body: &Bytes) -> Error {
    let message = printable_text(body).unwrap_or_else(|| match realtime::Error::decode(body.clone()) {
        Ok(error) => truncate(&error.message),
        Err(_) => String::new(),
    });
    Error::answered(ErrorKind::Refused { code: i32::from(code), message })
}

//! What comes in, with what is secret left out, and back.

use bytes::Bytes;

use super::note::Reader;
use super::record::{AnswerFrame, Arrived, Chunk, ClosedRecord, HttpEnd};
use super::redact::{self, StandIns, holds_secrets};
use super::script::Blanks;
use super::settings::wide;
use crate::exchange::{HttpFailure, HttpResponse};
use crate::machine::RequestId;
use crate::session::{InvalidSession, Session};
use crate::transport::{ApiChunk, Closed, Frame, Incoming, Junk};
use crate::wire;

/// What the codec gave. What the Machine does not look into is left out.
pub(crate) fn arrival(
    incoming: &Incoming,
    stand_ins: &mut StandIns,
    is_for_machine: impl FnOnce(&Frame) -> bool,
) -> Arrived {
    let frame = match incoming {
        Incoming::Open => return Arrived::Open(()),
        Incoming::Closed(closed) => return Arrived::Closed(ClosedRecord::of(closed)),
        Incoming::Frame(frame) => frame,
    };
    match frame {
        Frame::Envelope(bytes) => envelope(bytes, stand_ins, is_for_machine(frame)),
        Frame::Api(chunk) => {
            let whole = is_for_machine(frame);
            Arrived::Chunk(Chunk {
                cid: chunk.cid.into(),
                code: chunk.code.into(),
                fin: chunk.fin,
                payload: if whole { chunk.payload.clone() } else { Bytes::new() },
                withheld: if whole { 0 } else { wide(chunk.payload.len()) },
            })
        }
        Frame::Ping(cid) => Arrived::Ping((*cid).into()),
        Frame::Pong(cid) => Arrived::Pong((*cid).into()),
        Frame::Junk(Junk::Text) => Arrived::Junk(0),
        Frame::Junk(Junk::Empty) => Arrived::Junk(1),
        Frame::Junk(Junk::CutRaw) => Arrived::Junk(2),
        Frame::Junk(Junk::Oversized) => Arrived::Junk(3),
    }
}

fn envelope(frame: &Bytes, stand_ins: &mut StandIns, is_for_machine: bool) -> Arrived {
    match wire::scan(frame) {
        Err(error) => Arrived::Malformed(error.cid),
        Ok(scan) if !is_for_machine => {
            Arrived::Answer(AnswerFrame { cid: scan.cid, field: scan.field, withheld: wide(scan.body(frame).len()) })
        }
        Ok(scan) if holds_secrets(scan.field) => {
            let body = stand_ins.member(scan.field, &scan.body(frame));
            Arrived::Envelope(redact::envelope(scan.cid, scan.field, &body))
        }
        Ok(_) => Arrived::Envelope(frame.clone()),
    }
}

impl Arrived {
    /// None if the record makes no sense.
    pub(crate) fn into_incoming(self, blanks: &mut Blanks) -> Option<Incoming> {
        let small = |cid: u32| u16::try_from(cid).ok();
        let frame = match self {
            Self::Open(()) => return Some(Incoming::Open),
            Self::Closed(closed) => return Some(Incoming::Closed(closed.into_closed()?)),
            Self::Envelope(bytes) => Frame::Envelope(bytes),
            Self::Answer(answer) => Frame::Envelope(redact::envelope(answer.cid, answer.field, &[])),
            Self::Malformed(cid) => Frame::Envelope(redact::malformed(cid)),
            Self::Chunk(chunk) => Frame::Api(ApiChunk {
                cid: small(chunk.cid)?,
                code: small(chunk.code)?,
                fin: chunk.fin,
                payload: if chunk.withheld == 0 { chunk.payload } else { blanks.take(chunk.withheld)? },
            }),
            Self::Ping(cid) => Frame::Ping(small(cid)?),
            Self::Pong(cid) => Frame::Pong(small(cid)?),
            Self::Junk(0) => Frame::Junk(Junk::Text),
            Self::Junk(1) => Frame::Junk(Junk::Empty),
            Self::Junk(2) => Frame::Junk(Junk::CutRaw),
            Self::Junk(3) => Frame::Junk(Junk::Oversized),
            Self::Junk(_) => return None,
        };
        Some(Incoming::Frame(frame))
    }
}

impl ClosedRecord {
    fn of(closed: &Closed) -> Self {
        match closed {
            Closed::Peer { code } => Self { code: code.map(u32::from), ..Self::default() },
            Closed::Status { status, retry_after } => {
                Self { kind: 1, code: Some((*status).into()), retry_after: *retry_after, why: String::new() }
            }
            Closed::Tls(why) => Self { kind: 2, why: why.clone(), ..Self::default() },
            Closed::Protocol(why) => Self { kind: 3, why: why.clone(), ..Self::default() },
        }
    }

    fn into_closed(self) -> Option<Closed> {
        let code = self.code.map(u16::try_from).transpose().ok()?;
        match self.kind {
            0 => Some(Closed::Peer { code }),
            1 => Some(Closed::Status { status: code?, retry_after: self.retry_after }),
            2 => Some(Closed::Tls(self.why)),
            3 => Some(Closed::Protocol(self.why)),
            _ => None,
        }
    }
}

impl HttpEnd {
    pub(crate) fn of(
        id: RequestId,
        result: &Result<HttpResponse, HttpFailure>,
        reader: Reader,
        stand_ins: &mut StandIns,
    ) -> Self {
        let end = Self { id: id.0, ..Self::default() };
        let response = match result {
            Ok(response) => response,
            Err(failure) => {
                let (failure, why) = match failure {
                    HttpFailure::Connect(why) => (1, why.clone()),
                    HttpFailure::Tls(why) => (2, why.clone()),
                    HttpFailure::Broken(why) => (3, why.clone()),
                    HttpFailure::TooLarge => (4, String::new()),
                    HttpFailure::Content(why) => (5, why.clone()),
                };
                // it could name the URL of a call, and with it a signature
                let why = if reader == Reader::Call { String::new() } else { why };
                return Self { failure, why, ..end };
            }
        };
        let header = |name| response.header(name).map(str::to_owned);
        let end =
            Self { status: response.status.into(), date: header("date"), retry_after: header("retry-after"), ..end };
        match reader {
            Reader::Machine => Self { body: response.body.clone(), ..end },
            Reader::Login if matches!(response.status, 200..=299) => {
                match Session::decode(&response.body, response.header("content-type")) {
                    Ok(session) => Self { session: Some(stand_ins.session(&session)), ..end },
                    Err(why) => Self { body: redact::no_session(why == InvalidSession::NoToken), ..end },
                }
            }
            Reader::Refresh if matches!(response.status, 200..=299) => {
                Self { body: stand_ins.member(redact::PUSHED_SESSION, &response.body).into(), ..end }
            }
            Reader::Login | Reader::Refresh | Reader::Probe | Reader::Call => {
                Self { withheld: wide(response.body.len()), ..end }
            }
        }
    }

    /// None if the record makes no sense.
    pub(crate) fn into_result(self) -> Option<Result<HttpResponse, HttpFailure>> {
        Some(Err(match self.failure {
            0 => {
                let named = |name: &str, value: Option<String>| value.map(|value| (name.to_owned(), value));
                let headers = [named("date", self.date), named("retry-after", self.retry_after)];
                return Some(Ok(HttpResponse {
                    status: u16::try_from(self.status).ok()?,
                    headers: headers.into_iter().flatten().collect(),
                    body: self.session.map_or(self.body, Bytes::from),
                }));
            }
            1 => HttpFailure::Connect(self.why),
            2 => HttpFailure::Tls(self.why),
            3 => HttpFailure::Broken(self.why),
            4 => HttpFailure::TooLarge,
            5 => HttpFailure::Content(self.why),
            _ => return None,
        }))
    }
}

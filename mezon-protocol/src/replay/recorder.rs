//! Writes down what the Machine is told and what is taken from it.

use std::io::Write;
use std::time::Duration;

use prost::Message;

use super::format::{self, Kind};
use super::note;
use super::record::{
    ApiRequest, Before, CallStep, Effect, EffectRecord, ExchangeRequest, FromCodec, Header, Input, Out, OutboxTurn,
    PlainRequest, Settings, Side, SideBySideRecord, Taken, What, Wish,
};
use super::redact::{StandIns, blank_api_request};
use super::settings::{nanos, wide};
use crate::call::{AnyCall, Flow, Line, Request, Ticket, Turn, Via};
use crate::config::Config;
use crate::exchange::HttpRequest;
use crate::proto::realtime::envelope;
use crate::time::Now;

/// So much is collected before it is written.
const BATCH: usize = 16 * 1024;

/// What is collected is written after this time even if it is less, when the next input comes.
const MAX_AGE: Duration = Duration::from_secs(1);

/// A recording that is being made.
pub(crate) struct Recorder {
    /// None when writing has failed: then nothing more is recorded.
    sink: Option<Box<dyn Write + Send>>,
    buffer: Vec<u8>,
    last: Now,
    written_at: Duration,
    /// Since the last record of another kind it has been noted that there was no frame, and no event: to ask once more
    /// changes nothing.
    no_frame: bool,
    no_event: bool,
    pub(crate) stand_ins: StandIns,
    /// What the call that is taking a step has done.
    effects: Vec<EffectRecord>,
    /// A call is taking a step.
    in_step: bool,
}

impl Recorder {
    pub(crate) fn new(sink: Box<dyn Write + Send>, config: &Config, seed: u64, now: Now) -> Self {
        let header = Header {
            seed,
            elapsed: nanos(now.elapsed),
            unix: nanos(now.unix),
            settings: Some(Settings::of(config)),
            made_by: concat!("mezon-rust/", env!("CARGO_PKG_VERSION")).into(),
        };
        let mut buffer = Vec::with_capacity(BATCH);
        format::write_start(&mut buffer, &header);
        Self {
            sink: Some(sink),
            buffer,
            last: now,
            written_at: now.elapsed,
            // nor is there anything before the first input
            no_frame: true,
            no_event: true,
            stand_ins: StandIns::default(),
            effects: Vec::new(),
            in_step: false,
        }
    }

    /// False when writing has failed.
    pub(crate) const fn is_alive(&self) -> bool {
        self.sink.is_some()
    }

    /// A command or an input, before it is carried out: should that go wrong, it is in the recording.
    pub(crate) fn input(&mut self, now: Now, before: Before, what: What) {
        if self.buffer.len() >= BATCH || now.elapsed.saturating_sub(self.written_at) >= MAX_AGE {
            self.flush(now);
        }
        let elapsed = difference(now.elapsed, self.last.elapsed);
        let drift = difference(now.unix, self.last.unix).saturating_sub(elapsed);
        self.last = now;
        let before = (before != Before::default()).then_some(before);
        self.write(Kind::Input, &Input { elapsed, drift, before, what: Some(what) });
    }

    /// What the codec gave.
    pub(crate) fn incoming(&mut self, incoming: &FromCodec) {
        self.write(Kind::FromCodec, incoming);
    }

    /// Something was taken, or nothing was there.
    pub(crate) fn taken(&mut self, out: Out) {
        let before = (self.no_frame, self.no_event);
        let now = (matches!(out, Out::NoFrame(())), matches!(out, Out::NoEvent(())));
        if now.0 && before.0 || now.1 && before.1 {
            return;
        }
        self.write(Kind::Taken, &Taken { out: Some(out) });
        if now.0 || now.1 {
            (self.no_frame, self.no_event) = (now.0 || before.0, now.1 || before.1);
        }
    }

    /// A call is about to take a step: what it does is noted from now on.
    pub(crate) const fn step_begins(&mut self) {
        self.in_step = true;
    }

    /// A call has taken its step.
    pub(crate) fn step_ended(&mut self, ticket: Ticket, answer: String, flow: &Flow, call: &dyn AnyCall) {
        self.in_step = false;
        let effects = std::mem::take(&mut self.effects);
        let is_read = matches!(flow, Flow::Read(_));
        self.write(
            Kind::CallStep,
            &CallStep { ticket: ticket.0, answer, effects, is_read, wish: Some(wish(flow, call)) },
        );
    }

    /// Something was changed in what calls and the Machine share. It counts if a call has done it.
    pub(crate) fn effect(&mut self, effect: impl FnOnce(&mut StandIns) -> Effect) {
        if self.in_step {
            self.effects.push(EffectRecord { effect: Some(effect(&mut self.stand_ins)) });
        }
    }

    fn write(&mut self, kind: Kind, record: &impl Message) {
        (self.no_frame, self.no_event) = (false, false);
        format::write(&mut self.buffer, kind, record);
    }

    fn flush(&mut self, now: Now) {
        self.written_at = now.elapsed;
        if let Some(sink) = &mut self.sink {
            if let Err(error) = sink.write_all(&self.buffer) {
                tracing::warn!(%error, "the recording ends: it cannot be written");
                self.sink = None;
            }
        }
        self.buffer.clear();
    }
}

/// The end of the recording, also when what drives the Machine panics.
impl Drop for Recorder {
    fn drop(&mut self) {
        self.flush(self.last);
        let flushed = self.sink.as_mut().map(|sink| sink.flush());
        if let Some(Err(error)) = flushed {
            tracing::warn!(%error, "the end of the recording cannot be written");
        }
    }
}

/// `later - earlier` in nanoseconds.
fn difference(later: Duration, earlier: Duration) -> i64 {
    let (later, earlier) = (i128::from(nanos(later)), i128::from(nanos(earlier)));
    i64::try_from(later - earlier).unwrap_or(i64::MAX)
}

fn wish(flow: &Flow, call: &dyn AnyCall) -> Wish {
    match flow {
        Flow::Request(request) => wish_of(request, false),
        Flow::Read(request) => wish_of(request, true),
        Flow::Http(request) => Wish::Http(plain(request)),
        Flow::SideBySide(sides) => Wish::SideBySide(SideBySideRecord {
            begin: sides
                .begin
                .iter()
                .map(|(key, request)| Side { key: wide(*key), request: Some(plain(request)) })
                .collect(),
            wake_after: sides.wake_after.map(nanos),
        }),
        Flow::Wait(time) => Wish::Wait(nanos(*time)),
        Flow::AwaitReady => Wish::AwaitReady(()),
        Flow::Renew => Wish::Renew(()),
        Flow::AwaitTurn(Turn::Outbox { line, until, is_kept }) => {
            let (channel, user) = match line {
                Line::Channel(channel) => (channel.get(), 0),
                Line::User(user) => (0, user.get()),
            };
            Wish::Outbox(OutboxTurn { channel, user, until: nanos(*until), is_kept: *is_kept })
        }
        Flow::AwaitTurn(Turn::Payment { until }) => Wish::Payment(nanos(*until)),
        Flow::AwaitTurn(Turn::Edit(message)) => Wish::Edit(message.get()),
        Flow::Done => Wish::Done(call.end()),
    }
}

fn plain(request: &HttpRequest) -> PlainRequest {
    PlainRequest { place: note::place(request), timeout: request.timeout.map(nanos) }
}

fn wish_of(request: &Request, is_read: bool) -> Wish {
    match request {
        Request::Member(member) => Wish::Member(encoded(member).into()),
        Request::Notice(member) => Wish::Notice(encoded(member).into()),
        Request::Api { rpc, body, via } => Wish::Api(ApiRequest {
            name: rpc.name.into(),
            via: match via {
                Via::Auto => 0,
                Via::Socket => 1,
                Via::Http => 2,
            },
            body: if is_read { body.clone() } else { bytes::Bytes::new() },
            withheld: if is_read { 0 } else { wide(body.len()) },
        }),
        Request::Exchange(exchange) => Wish::Exchange(ExchangeRequest {
            name: exchange.name.clone().into_owned(),
            idempotent: exchange.idempotent,
            timeout: exchange.timeout.map(nanos),
            own_token: exchange.token.is_some(),
        }),
    }
}

fn encoded(member: &envelope::Message) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(member.encoded_len());
    member.encode(&mut bytes);
    blank_api_request(&mut bytes);
    bytes
}

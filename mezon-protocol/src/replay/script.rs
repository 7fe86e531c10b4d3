//! Calls by the book: they do and want what they did and wanted when they were recorded.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use super::record::{ApiRequest, CallStep, Effect, ExchangeRequest, Out, PlainRequest, Wish};
use super::redact::recorded_session;
use super::settings::narrow;
use super::{Difference, Tape, note, words};
use crate::api;
use crate::call::{Answer, AnyCall, EditTarget, Exchange, Flow, Line, Request, SideBySide, Ticket, Turn, Via};
use crate::config::Config;
use crate::content::Content;
use crate::error::Error;
use crate::exchange::{self, HttpRequest};
use crate::id::{ChannelId, ClanId};
use crate::machine::{ChannelToJoin, Shared};
use crate::proto::realtime::{self, envelope};

/// A recording that is being played.
#[derive(Default)]
pub(crate) struct Script {
    /// The steps of calls that are to come.
    pub(crate) steps: VecDeque<CallStep>,
    /// What the Machine has given.
    pub(crate) taken: Vec<Out>,
    pub(crate) differences: Vec<Difference>,
    pub(crate) blanks: Blanks,
}

impl Script {
    /// The next step, if it is that of the call that takes one.
    fn next(&mut self, ticket: Ticket, told: &str) -> Option<CallStep> {
        if self.steps.front().is_some_and(|step| step.ticket == ticket.0 && step.answer == told) {
            return self.steps.pop_front();
        }
        let tell = |ticket, told: &str| format!("call {} is told: {told}", words::ticket(ticket));
        let recorded = self.steps.front().map_or_else(words::nothing, |step| tell(step.ticket, &step.answer));
        self.differ(recorded, tell(ticket.0, told));
        None
    }

    pub(crate) fn differ(&mut self, recorded: String, replayed: String) {
        self.differences.push(Difference { recorded, replayed });
    }
}

/// Stands for a call of which there is nothing but its steps.
pub(crate) struct Scripted {
    ticket: Ticket,
    timeout: Duration,
    hears_timeouts: bool,
    end: String,
}

impl Scripted {
    pub(crate) const fn new(ticket: Ticket, timeout: Duration, hears_timeouts: bool) -> Self {
        Self { ticket, timeout, hears_timeouts, end: String::new() }
    }

    /// Does what the book says of the next step, and gives what was wanted then, and whether it is a read.
    fn step(&self, shared: &mut Shared, told: &str) -> Option<(Wish, bool)> {
        let Tape::Playing(script) = &mut shared.tape else { return None };
        let step = script.next(self.ticket, told)?;
        for effect in step.effects.into_iter().filter_map(|record| record.effect) {
            apply(shared, effect);
        }
        Some((step.wish?, step.is_read))
    }
}

impl AnyCall for Scripted {
    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Flow {
        // one that is not in the book waits for ever
        let Some(wish) = self.step(shared, &note::answer(&answer)) else { return Flow::Wait(Duration::MAX) };
        match wish {
            (Wish::Done(end), _) => {
                self.end = end;
                Flow::Done
            }
            (wish, is_read) => {
                let Tape::Playing(script) = &mut shared.tape else { return Flow::Wait(Duration::MAX) };
                flow(wish, is_read, &mut script.blanks).unwrap_or_else(|| {
                    script.differ("a request that this build knows".into(), "a request that it does not know".into());
                    Flow::Wait(Duration::MAX)
                })
            }
        }
    }

    fn interrupt(&mut self, shared: &mut Shared, error: Error) {
        self.end = match self.step(shared, &note::interruption(&error)) {
            Some((Wish::Done(end), _)) => end,
            _ => note::error(&error),
        };
    }

    fn fail(&mut self, error: Error) {
        self.end = note::error(&error);
    }

    fn timeout(&self, _: &Config) -> Duration {
        self.timeout
    }

    fn hears_timeouts(&self) -> bool {
        self.hears_timeouts
    }

    fn end(&self) -> String {
        self.end.clone()
    }
}

fn apply(shared: &mut Shared, effect: Effect) {
    match effect {
        Effect::Route(route) => shared.note_route(route.into()),
        Effect::Joined(route) => shared.note_joined(ChannelToJoin {
            clan: route.clan.into(),
            channel: route.channel.into(),
            kind: route.kind,
            is_public: route.is_public,
        }),
        Effect::ClanJoined(clan) => shared.note_clan_joined(ClanId::new(clan)),
        Effect::JoinAgain(channel) => shared.join_again(ChannelId::new(channel)),
        Effect::Left(channel) => shared.note_left(ChannelId::new(channel)),
        Effect::Gone(channel) => shared.forget_channel(ChannelId::new(channel)),
        Effect::Edit(edit) => {
            // what the message is to say is in the steps of the call that says it
            let target = EditTarget::by_id(ChannelId::NONE, edit.message.into());
            // there was room when it was recorded; otherwise the steps will differ
            let _ = shared.set_edit(target, Content::default(), Duration::from_nanos(edit.gap));
        }
        Effect::Session(json) => {
            if let Some(session) = recorded_session(&json) {
                shared.adopt(session);
            }
        }
        Effect::LoggedOut(()) => shared.note_logout(),
    }
}

/// None for what this build does not know.
fn flow(wish: Wish, is_read: bool, blanks: &mut Blanks) -> Option<Flow> {
    let request = match wish {
        Wish::Member(bytes) => Request::Member(member(bytes)?),
        Wish::Notice(bytes) => Request::Notice(member(bytes)?),
        Wish::Api(request) => api_request(request, blanks)?,
        Wish::Exchange(request) => Request::Exchange(exchange_request(request)),
        Wish::Http(request) => return Some(Flow::Http(somewhere(&request))),
        Wish::SideBySide(sides) => {
            let begin = sides.begin.into_iter();
            return Some(Flow::SideBySide(SideBySide {
                begin: begin.map(|side| (narrow(side.key), somewhere(&side.request.unwrap_or_default()))).collect(),
                wake_after: sides.wake_after.map(Duration::from_nanos),
            }));
        }
        Wish::Wait(time) => return Some(Flow::Wait(Duration::from_nanos(time))),
        Wish::AwaitReady(()) => return Some(Flow::AwaitReady),
        Wish::Renew(()) => return Some(Flow::Renew),
        Wish::Payment(until) => {
            return Some(Flow::AwaitTurn(Turn::Payment { until: Duration::from_nanos(until) }));
        }
        Wish::Outbox(turn) => {
            let line = match turn.user {
                0 => Line::Channel(turn.channel.into()),
                user => Line::User(user.into()),
            };
            let (until, is_kept) = (Duration::from_nanos(turn.until), turn.is_kept);
            return Some(Flow::AwaitTurn(Turn::Outbox { line, until, is_kept }));
        }
        Wish::Edit(message) => return Some(Flow::AwaitTurn(Turn::Edit(message.into()))),
        Wish::Done(_) => return Some(Flow::Done),
    };
    Some(if is_read { Flow::Read(request) } else { Flow::Request(request) })
}

fn member(bytes: Bytes) -> Option<envelope::Message> {
    realtime::Envelope::decode(bytes).ok()?.message
}

fn api_request(request: ApiRequest, blanks: &mut Blanks) -> Option<Request> {
    let via = match request.via {
        0 => Via::Auto,
        1 => Via::Socket,
        2 => Via::Http,
        _ => return None,
    };
    let body = if request.withheld == 0 { request.body } else { blanks.take(request.withheld)? };
    Some(Request::Api { rpc: api::find(&request.name)?, body, via })
}

fn exchange_request(request: ExchangeRequest) -> Exchange {
    Exchange {
        idempotent: request.idempotent,
        timeout: request.timeout.map(Duration::from_nanos),
        token: request.own_token.then(|| "not recorded".into()),
        ..Exchange::named(request.name.into(), Bytes::new())
    }
}

/// An exchange whose place is not recorded.
fn somewhere(request: &PlainRequest) -> HttpRequest {
    HttpRequest {
        method: exchange::Method::Get,
        url: "http://not.recorded".into(),
        headers: Vec::new(),
        body: Bytes::new().into(),
        max_response: 0,
        timeout: request.timeout.map(Duration::from_nanos),
    }
}

/// Zeros in place of bytes that were not recorded. All share them, so that a few bytes of a file cannot ask for much.
#[derive(Default)]
pub(crate) struct Blanks(Bytes);

impl Blanks {
    /// None if there cannot have been so many.
    pub(crate) fn take(&mut self, count: u64) -> Option<Bytes> {
        const MAX: usize = 32 << 20;
        let count = narrow(count);
        if count > MAX {
            return None;
        }
        if count > self.0.len() {
            self.0 = vec![0; count.next_power_of_two()].into();
        }
        Some(self.0.slice(..count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_recorded_takes_no_room_however_often_and_is_bounded() {
        let mut blanks = Blanks::default();
        let all: Vec<_> = (0..1000).map(|_| blanks.take(32 << 20).unwrap()).collect();
        assert!(all.iter().all(|bytes| bytes.as_ptr() == all[0].as_ptr() && bytes.len() == 32 << 20));
        assert_eq!(blanks.take(3).unwrap(), &[0; 3][..]);
        assert_eq!(blanks.take((32 << 20) + 1), None);
    }
}

//! The backfill within the Machine: its requests as calls of the Machine's own, what it gives as events.

use std::time::Duration;

use bytes::{BufMut, Bytes};
use prost::Message as _;
use prost::encoding::{encode_key, encode_varint};

use super::backfill::{Ask, Backfill, Listed, Missed, Page, Stream, Trouble};
use super::connect::{MAX_PAGES, PAGE};
use super::core::{Core, OwnCall};
use super::frames::MESSAGE;
use super::head::Head;
use super::joins::Reason;
use crate::api::{self, ListChannelDescs, ListChannelMessages, ListSdTopic};
use crate::call::{Answer, OneStep, Reply, Request, Via};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::event::{CODE_DELETED, CODE_UPDATED, JoinTarget, Lifecycle};
use crate::id::MessageId;
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::route::{ChannelKind, Route};

/// Messages on a page, topics on a list: as many as the platform's own clients ask for.
const LIMIT: i32 = 50;

/// A backfill as configured; none if nobody wants messages.
pub(super) fn backfill(config: &Config) -> Backfill {
    let mut policy = config.backfill;
    policy.enabled &= config.interest.contains(MESSAGE);
    Backfill::new(policy, &config.socket_rates)
}

/// Threads that are joined again: those in which something was handled most recently.
const THREADS: usize = 50;

impl Core {
    /// Goes on from where another client left off, if that is known. Threads that it heard are joined again, as no list
    /// brings them.
    pub(super) fn go_on_from_left_off(&mut self) {
        let Some(left_off) = self.left_off.take() else { return };
        let routes = left_off.streams.iter().rev().map(|stream| stream.position.route);
        for route in routes.clone() {
            self.shared.note_route(route);
        }
        if self.shared.config.auto_join {
            for thread in routes.filter(|route| route.kind == ChannelKind::THREAD).take(THREADS) {
                self.shared.joins.want_channel(thread.to_join(), Reason::Asked);
            }
        }
        self.backfill.resume(left_off);
    }

    /// Everything is joined again: what was missed meanwhile is fetched.
    pub(super) fn begin_backfill(&mut self) {
        let clans = self.shared.joins.targets().filter_map(|target| match target {
            JoinTarget::Clan(clan) => Some(clan),
            JoinTarget::Channel(_) => None,
        });
        let unix = self.shared.clock.unix_seconds(self.shared.now);
        self.backfill.handle_ready(unix, clans);
        self.give_missed();
    }

    /// The connection has dropped; the last frame came then.
    pub(super) fn interrupt_backfill(&mut self, last_frame: Option<Duration>) {
        let age = last_frame.map_or(Duration::ZERO, |at| self.now().saturating_sub(at));
        let unix = self.shared.clock.unix_seconds(self.shared.now).saturating_sub(age.as_secs());
        self.backfill.handle_drop(unix, self.was_ready);
    }

    /// No more is fetched.
    pub(super) fn stop_backfill(&mut self) {
        self.backfill.stop();
        let fetches = self.own.iter().filter(|(_, what)| matches!(what, OwnCall::Fetch(..)));
        let tickets: Vec<_> = fetches.map(|(ticket, _)| *ticket).collect();
        for ticket in tickets {
            self.own.remove(&ticket);
            self.cancel(ticket);
        }
    }

    /// When the next request may be made; none while events are not taken, as there would be no room for what it brings.
    pub(super) fn backfill_timeout(&self) -> Option<Duration> {
        self.backfill.poll_timeout().filter(|_| !self.inbox.is_at_first_bound())
    }

    /// Makes the next request if one may be made.
    pub(super) fn start_fetch(&mut self) -> bool {
        if self.backfill.is_idle() {
            return false;
        }
        let now = self.now();
        if self.inbox.is_at_first_bound() {
            self.backfill.postpone(now);
            return false;
        }
        let joins = &self.shared.joins;
        let may_ask = |ask: &Ask| match ask {
            Ask::Channels { clan, .. } | Ask::Topics { clan } => !joins.is_pending(JoinTarget::Clan(*clan)),
            Ask::Page { stream, .. } => !joins.is_pending(JoinTarget::Channel(stream.channel)),
        };
        let Some((number, ask)) = self.backfill.poll_ask(now, may_ask) else { return false };
        let fetch = Fetch { request: Some(self.request_of(ask)) };
        self.start_own(fetch, OwnCall::Fetch(number, ask));
        true
    }

    fn request_of(&self, ask: Ask) -> Request {
        match ask {
            Ask::Channels { clan, page } if clan.is_none() => {
                api::request::<ListChannelDescs>(&self.direct_request(page), Via::Auto)
            }
            Ask::Channels { clan, .. } => {
                let channel_type = ChannelKind::TEXT.0;
                let request = wire::ListChannelDescsRequest { clan_id: clan.get(), channel_type, ..Default::default() };
                api::request::<ListChannelDescs>(&request, Via::Auto)
            }
            Ask::Topics { clan } => {
                let request = wire::ListSdTopicRequest { clan_id: clan.get(), limit: LIMIT, page: 1 };
                api::request::<ListSdTopic>(&request, Via::Auto)
            }
            Ask::Page { stream, clan, anchor, direction } => {
                let request = wire::ListChannelMessagesRequest {
                    clan_id: clan.get(),
                    channel_id: stream.channel.get(),
                    message_id: anchor.get(),
                    limit: LIMIT,
                    direction,
                    topic_id: stream.topic.get(),
                };
                api::request::<ListChannelMessages>(&request, Via::Auto)
            }
        }
    }

    pub(super) fn on_fetch_ended(&mut self, number: u64, ask: Ask, reply: Reply) {
        let cancelled = || Err(Error::unsent(ErrorKind::Cancelled));
        let answer = reply.take::<Fetch>().unwrap_or_else(cancelled);
        match answer.map_err(|error| trouble(&error)).and_then(|body| self.on_fetched(number, ask, &body)) {
            Ok(()) => {}
            Err(trouble) => {
                tracing::debug!(?ask, ?trouble, "a request for what was missed failed");
                let now = self.now();
                self.backfill.handle_failure(now, number, trouble);
            }
        }
        self.give_missed();
    }

    fn on_fetched(&mut self, number: u64, ask: Ask, body: &Bytes) -> Result<(), Trouble> {
        match ask {
            Ask::Channels { clan, page } => {
                let list = wire::ChannelDescList::decode(body.clone()).map_err(|_| Trouble::Senseless)?;
                let channels = list.channeldesc;
                if clan.is_none() && self.shared.config.auto_join {
                    // a conversation that began meanwhile has to be joined before its messages are asked for
                    channels.iter().for_each(|channel| self.shared.want_private_talk(channel));
                }
                let has_pages = clan.is_none() && self.shared.config.join_groups;
                let is_last = !has_pages || channels.len() < PAGE as usize || page >= MAX_PAGES;
                let listed: Vec<_> = channels.iter().map(channel_listed).collect();
                self.backfill.handle_list(number, &listed, is_last);
            }
            Ask::Topics { .. } => {
                let list = wire::SdTopicList::decode(body.clone()).map_err(|_| Trouble::Senseless)?;
                let listed: Vec<_> = list.topics.iter().map(|topic| self.topic_listed(topic)).collect();
                self.backfill.handle_list(number, &listed, true);
            }
            Ask::Page { .. } => {
                let page = Page::read(body).ok_or(Trouble::Senseless)?;
                self.backfill.handle_page(number, page);
            }
        }
        Ok(())
    }

    fn topic_listed(&mut self, topic: &wire::SdTopic) -> Listed {
        let stream = Stream { channel: topic.channel_id.into(), topic: topic.id.into() };
        let route = self.shared.route(stream.channel);
        let route = route.unwrap_or_else(|| {
            let (channel_id, clan_id) = (topic.channel_id, topic.clan_id);
            Route::of_description(&wire::ChannelDescription { channel_id, clan_id, r#type: 1, ..Default::default() })
        });
        listed(stream, route, topic.last_sent_message.as_ref())
    }

    /// Hands over what is to be given, and at the end the report.
    fn give_missed(&mut self) {
        while let Some(missed) = self.backfill.poll_missed() {
            match missed {
                Missed::Live(body) => self.give(MESSAGE, body, false),
                Missed::Row { stream, route, body } => self.give(MESSAGE, complete(body, stream, route, None), true),
                Missed::Edited { stream, route, body } => {
                    self.give(MESSAGE, complete(body, stream, route, Some(CODE_UPDATED)), true);
                }
                Missed::Removed { stream, route, id } => self.give(MESSAGE, removal(stream, route, id), true),
            }
        }
        if let Some(report) = self.backfill.poll_report() {
            self.emit(Lifecycle::BackfillDone { report: Box::new(report) });
        }
    }
}

/// A request of the backfill. Ends with the body of its answer.
struct Fetch {
    request: Option<Request>,
}

impl OneStep for Fetch {
    type Output = Bytes;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        self.request.take().ok_or(Error::unsent(ErrorKind::Cancelled))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Bytes, Error> {
        let Answer::Api(body) = answer else {
            return Err(Error::answered(ErrorKind::Decode("another answer".into())));
        };
        Ok(body)
    }
}

/// The server refuses for good where we have left; anything else may pass, and an answer without sense may not.
fn trouble(error: &Error) -> Trouble {
    if matches!(error.kind(), ErrorKind::Decode(_) | ErrorKind::TooLarge { .. }) {
        return Trouble::Senseless;
    }
    // 2 unknown, 13 internal: it may have been the moment
    let is_internal = matches!(error.kind(), ErrorKind::Refused { code: 2 | 13, .. });
    if is_internal || error.is_retryable() {
        Trouble::Passing(error.retry_after().unwrap_or_default())
    } else {
        Trouble::Refused
    }
}

fn channel_listed(channel: &wire::ChannelDescription) -> Listed {
    let route = Route::of_description(channel);
    listed(Stream::channel(route.channel), route, channel.last_sent_message.as_ref())
}

fn listed(stream: Stream, route: Route, newest: Option<&wire::ChannelMessageHeader>) -> Listed {
    let (newest, at) = newest.map_or((0, 0), |newest| (newest.id, newest.timestamp_seconds));
    Listed { stream, route, newest: newest.into(), at }
}

/// A row as it would have been pushed: with what a page may leave out, as it is the same for all of its rows, and with
/// another code if it is not new. The row itself if nothing is to be added, else a copy; a later field counts.
fn complete(row: Bytes, stream: Stream, route: Route, code: Option<i32>) -> Bytes {
    let Some(head) = Head::read(&row) else { return row };
    let mut added = Vec::new();
    let mut add = |is_missing: bool, field: u32, value: i64| {
        if is_missing && value != 0 {
            encode_key(field, prost::encoding::WireType::Varint, &mut added);
            encode_varint(value as u64, &mut added);
        }
    };
    add(head.clan.is_none(), 1, route.clan.get());
    add(head.channel.is_none(), 2, stream.channel.get());
    if let Some(code) = code {
        add(head.code != code, 4, code.into());
    }
    add(head.mode.0 == 0, 22, route.mode.0.into());
    add(head.mode.0 == 0 && !head.is_public, 24, route.is_public.into());
    add(head.topic.is_none(), 25, stream.topic.get());
    if added.is_empty() {
        return row;
    }
    let mut copy = Vec::with_capacity(row.len() + added.len());
    copy.put(row);
    copy.put_slice(&added);
    copy.into()
}

/// The push that a removal would have been.
fn removal(stream: Stream, route: Route, id: MessageId) -> Bytes {
    let message = wire::ChannelMessage {
        clan_id: route.clan.get(),
        channel_id: stream.channel.get(),
        message_id: id.get(),
        code: CODE_DELETED,
        mode: route.mode.0,
        is_public: route.is_public,
        topic_id: stream.topic.get(),
        ..Default::default()
    };
    message.encode_to_vec().into()
}

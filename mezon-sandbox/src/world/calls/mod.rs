//! The calls of the API by name, the same over HTTP and over the socket.
//!
//! Those in the tables of the files beside this one have state: what one call writes another one reads, and others are
//! told. The rest is answered by a [sample](super::sample).

/// A table of calls: the name of each, and the method of the world that answers it, from request to response.
macro_rules! handlers {
    ($($name:ident => $method:ident,)*) => {
        pub(super) const HANDLERS: &[crate::world::calls::Handler] = &[$(
            crate::world::calls::Handler {
                name: stringify!($name),
                run: |world, call, body| {
                    let request = crate::world::calls::decode(stringify!($name), body)?;
                    world.$method(call, request).map(crate::world::calls::encode)
                },
            }
        ),*];
    };
}

mod account;
mod alerts;
mod attachments;
mod canvases;
mod categories;
mod channels;
mod clans;
mod emoji;
mod events;
mod friends;
mod invites;
mod members;
mod menus;
mod messages;
mod notifications;
mod onboarding;
mod permissions;
mod pins;
mod polls;
mod reads;
mod records;
mod roles;
mod search;
mod threads;
mod topics;
mod uploads;
mod voice;
mod webhooks;

use std::collections::HashMap;
use std::sync::LazyLock;

use mezon_protocol::{ChannelId, ClanId, Now, UserId, api};
use prost::Message;

use super::World;
use super::delivery::Answer;
use super::messages::Caller;
use super::model::{Channel, Clan};
use super::refusal::{RESOURCE_EXHAUSTED, Refusal, UNIMPLEMENTED};
pub(super) use alerts::Scope;
pub(super) use records::Records;
pub(super) use webhooks::Hook;

/// A call: when it was made, and by whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) now: Now,
    pub(super) caller: Caller,
}

impl Call {
    pub(super) fn user(self) -> UserId {
        self.caller.user()
    }
}

/// Encoded request in, encoded response out.
type Run = fn(&mut World, Call, &[u8]) -> Result<Vec<u8>, Refusal>;

/// How a call is answered.
struct Handler {
    name: &'static str,
    run: Run,
}

const TOPICS: [&[Handler]; 27] = [
    account::HANDLERS,
    alerts::HANDLERS,
    attachments::HANDLERS,
    canvases::HANDLERS,
    categories::HANDLERS,
    channels::HANDLERS,
    clans::HANDLERS,
    emoji::HANDLERS,
    events::HANDLERS,
    friends::HANDLERS,
    invites::HANDLERS,
    members::HANDLERS,
    menus::HANDLERS,
    messages::HANDLERS,
    notifications::HANDLERS,
    onboarding::HANDLERS,
    permissions::HANDLERS,
    pins::HANDLERS,
    polls::HANDLERS,
    reads::HANDLERS,
    roles::HANDLERS,
    search::HANDLERS,
    threads::HANDLERS,
    topics::HANDLERS,
    uploads::HANDLERS,
    voice::HANDLERS,
    webhooks::HANDLERS,
];

/// What the platform's clients take the `status` or `action` of many events for.
const CREATED: i32 = 1;
const CHANGED: i32 = 2;
const DELETED: i32 = 3;

/// A call of the platform, and who answers it; a sample does where nobody else.
struct Row {
    rpc: &'static api::Rpc,
    run: Option<Run>,
}

static ROWS: LazyLock<HashMap<&str, Row>> = LazyLock::new(|| {
    let handlers: HashMap<&str, Run> = TOPICS.iter().flat_map(|topic| topic.iter()).map(|h| (h.name, h.run)).collect();
    api::ALL.iter().map(|rpc| (rpc.name, Row { rpc, run: handlers.get(rpc.name).copied() })).collect()
});

pub(super) fn exists(name: &str) -> bool {
    ROWS.contains_key(name)
}

/// How faults treat the answer.
pub(super) fn answer_kind(name: &str) -> Answer {
    match name {
        "SendChannelMessage" | "UpdateChannelMessage" | "DeleteChannelMessage" => Answer::Ack,
        _ => Answer::Other,
    }
}

impl World {
    /// True for calls that have state here; all others are answered by a sample.
    pub fn has_state(name: &str) -> bool {
        ROWS.get(name).is_some_and(|row| row.run.is_some())
    }

    /// Performs a call: encoded request in, encoded answer out.
    pub(super) fn call(&mut self, call: Call, name: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let row = ROWS.get(name).ok_or_else(|| Refusal::new(UNIMPLEMENTED, format!("{name}: no such method")))?;
        if !row.rpc.idempotent && self.kept() >= self.settings.record_limit {
            return Err(Refusal::new(RESOURCE_EXHAUSTED, "the world is full"));
        }
        match row.run.filter(|_| !self.settings.samples_only) {
            Some(run) => run(self, call, body),
            None => self.sample(call.now, call.user(), name, body),
        }
    }

    /// How much there is that calls can add to, messages apart.
    pub(in crate::world) fn kept(&self) -> usize {
        self.records.len() + self.channels.len() + self.clans.len() + self.agenda.len() + self.files.len()
    }

    /// A clan in which the user is.
    pub(super) fn clan_of_member(&self, user: UserId, clan: i64) -> Result<&Clan, Refusal> {
        let clan = self.clans.get(&ClanId::new(clan));
        clan.filter(|clan| clan.members.contains(&user)).ok_or_else(Refusal::no_clan)
    }

    /// A channel that the user sees.
    pub(super) fn channel_of_viewer(&self, user: UserId, channel: i64) -> Result<&Channel, Refusal> {
        let channel = self.channels.get(&ChannelId::new(channel));
        channel.filter(|channel| self.sees(user, channel)).ok_or_else(Refusal::no_channel)
    }
}

pub(super) fn encode(message: impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

pub(super) fn decode<M: Message + Default>(name: &str, body: &[u8]) -> Result<M, Refusal> {
    M::decode(body).map_err(|_| Refusal::undecodable(name))
}

/// The elements of one page; pages count from 1, and a limit of 0 is none.
pub(super) fn page<T>(items: impl Iterator<Item = T>, limit: i32, page: i32) -> Vec<T> {
    let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let page = usize::try_from(page).unwrap_or(0).saturating_sub(1);
    items.skip(page.saturating_mul(limit)).take(limit).collect()
}

/// The elements after the cursor, and the cursor of the next page, which is empty when there is none. A limit of 0 is
/// none.
fn cursor_page<T>(items: Vec<T>, limit: i32, cursor: &str) -> (Vec<T>, String) {
    let start = cursor.parse::<usize>().unwrap_or(0);
    let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let next = start.saturating_add(limit);
    let cursor = if next < items.len() { next.to_string() } else { String::new() };
    (items.into_iter().skip(start).take(limit).collect(), cursor)
}

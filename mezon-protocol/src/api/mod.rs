//! The calls of the API, as tables: one line each, one file for each group.
//!
//! A line gives the name, the index on the socket, whether the call may safely be made twice, and the messages of
//! request and answer. From it come a type that names the call, and by [`Api`] the call itself. What no table has can
//! be called by its name, with [`RawApi`].
//!
//! # Traps of the platform
//!
//! - In requests that change something, fields of type `Option` stay as they are when `None`. All others are *plain*:
//!   left at 0 or empty they erase what was there. Where that bites, the line says which.
//! - Ids are 0 where there is none. Send every id that you know: servers look at different ones.
//! - Times in fields that end in `_seconds` are Unix times unless the line says otherwise.
//! - `limit` may be 0: the server then chooses. How the next page is asked for differs from call to call; [`Pages`]
//!   knows.

#[macro_use]
mod table;
mod lists;
mod pages;
mod raw;
mod snowflake;

pub use pages::{Page, Paged, Pages, Style};
pub use raw::RawApi;
pub use snowflake::Snowflakes;

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use prost::{DecodeError, Message, Name};

use crate::call::{Answer, OneStep, Request, Via};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;

groups! {
    account,
    app,
    canvas,
    category,
    channel,
    clan,
    emoji,
    encryption,
    event,
    friend,
    invite,
    member,
    message,
    notification,
    onboarding,
    poll,
    quick_menu,
    role,
    session,
    thread,
    timeline,
    upload,
    voice,
    webhook,
}

/// Every call in the tables.
pub const ALL: &[Rpc] = &join::<{ count(GROUPS) }>(GROUPS);

/// Calls that the platform once had and no client makes any more, with what became of them. They are in no table.
pub const RETIRED: &[(&str, &str)] = &[
    ("GiveMeACoffee", "gone from the platform's own clients since 2.15; tokens are sent over the ledger"),
    ("ListClanUnreadMsgIndicator", "gone from the platform's own clients since 2.15; see ListClanBadgeCount"),
    ("SendToken", "gone from the platform's own clients since 2.15; tokens are sent over the ledger"),
];

/// How long the server may take to begin or end the upload of a large file.
const SLOW: Duration = Duration::from_secs(120);

/// One call of the API: a row of the platform's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rpc {
    /// Its name, as it stands in the URL and in `api_name`; misspelt where the platform's is.
    pub name: &'static str,
    /// Its index on the socket; `None` for those that exist over HTTP only.
    pub index: Option<i32>,
    /// True if it may be made twice: it changes nothing.
    pub idempotent: bool,
    /// How long its answer may take, where that is longer than the configuration allows for others.
    pub timeout: Option<Duration>,
}

/// The row of a name, which is compared letter by letter as the platform does.
///
/// ```
/// use mezon_protocol::api;
///
/// assert_eq!(api::find("ListRoles").and_then(|rpc| rpc.index), Some(4));
/// assert_eq!(api::find("listRoles"), None);
/// ```
pub fn find(name: &str) -> Option<&'static Rpc> {
    ALL.iter().find(|rpc| rpc.name == name)
}

/// A call of the API, as a type.
pub trait Method: Send + 'static {
    /// Its row.
    const RPC: Rpc;
    /// The message that asks; `()` where there is nothing to say.
    type Request: Name + Default + 'static;
    /// The message that answers; `()` where the API answers nothing that means anything.
    type Response: Name + Default + 'static;

    /// Reads the answer. Of one without fields the bytes are not looked at.
    ///
    /// # Errors
    ///
    /// When the bytes are not the message.
    fn decode(body: Bytes) -> Result<Self::Response, DecodeError> {
        if size_of::<Self::Response>() == 0 { Ok(Self::Response::default()) } else { Self::Response::decode(body) }
    }
}

/// Something that wants to see every call as a type: see [`visit`].
pub trait Visit {
    /// One call.
    fn visit<M: Method>(&mut self);
}

/// A call of the API with its request: one step, whose output is the answer.
pub struct Api<M: Method> {
    request: M::Request,
    via: Via,
    method: PhantomData<fn() -> M>,
}

impl<M: Method> Api<M> {
    /// The call, over the socket when it is open, else over HTTP.
    pub const fn new(request: M::Request) -> Self {
        Self { request, via: Via::Auto, method: PhantomData }
    }

    /// The call over a given transport.
    #[must_use]
    pub const fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }
}

impl<M: Method> fmt::Debug for Api<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(M::RPC.name).field("via", &self.via).finish_non_exhaustive()
    }
}

impl<M: Method> OneStep for Api<M> {
    type Output = M::Response;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(request::<M>(&self.request, self.via))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<M::Response, Error> {
        response::<M>(answer)
    }

    fn timeout(&self, config: &Config) -> Duration {
        M::RPC.timeout.unwrap_or(config.call_timeout)
    }
}

/// The request of a call, for steps of larger calls.
pub(crate) fn request<M: Method>(message: &M::Request, via: Via) -> Request {
    Request::Api { rpc: &const { M::RPC }, body: Bytes::from(message.encode_to_vec()), via }
}

/// The answer to a call, for steps of larger calls.
pub(crate) fn response<M: Method>(answer: Answer) -> Result<M::Response, Error> {
    let Answer::Api(body) = answer else {
        return Err(undecodable(M::RPC.name, "an answer of another kind"));
    };
    M::decode(body).map_err(|error| undecodable(M::RPC.name, error))
}

fn undecodable(name: &str, why: impl fmt::Display) -> Error {
    Error::answered(ErrorKind::Decode(format!("{name}: {why}")))
}

const fn count(groups: &[&[Rpc]]) -> usize {
    let (mut total, mut group) = (0, 0);
    while group < groups.len() {
        total += groups[group].len();
        group += 1;
    }
    total
}

const fn join<const N: usize>(groups: &[&[Rpc]]) -> [Rpc; N] {
    let mut all = [groups[0][0]; N];
    let (mut next, mut group) = (0, 0);
    while group < groups.len() {
        let mut row = 0;
        while row < groups[group].len() {
            all[next] = groups[group][row];
            next += 1;
            row += 1;
        }
        group += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indexes_are_unique() {
        for (k, rpc) in ALL.iter().enumerate() {
            assert!(!RETIRED.iter().any(|(name, _)| *name == rpc.name));
            for other in &ALL[..k] {
                assert_ne!(rpc.name, other.name);
                assert!(rpc.index.is_none() || rpc.index != other.index, "{} and {}", rpc.name, other.name);
            }
        }
    }

    #[test]
    fn every_index_of_the_socket_is_taken() {
        let mut indexes: Vec<_> = ALL.iter().filter_map(|rpc| rpc.index).collect();
        indexes.sort_unstable();
        assert_eq!(indexes, (0..=209).collect::<Vec<_>>());
        assert_eq!(ALL.len(), 218);
    }

    #[test]
    fn an_answer_that_means_nothing_may_be_anything() {
        assert!(ClosePoll::decode(Bytes::from_static(b"\xff")).is_ok());
        assert!(CreatePinMessage::decode(Bytes::from_static(b"\xff")).is_ok());
        assert!(GetPoll::decode(Bytes::from_static(b"\xff")).is_err());
    }
}

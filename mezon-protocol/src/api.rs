//! The calls of the API, as a table: one line each.
//!
//! A line gives the name, the index on the socket, whether the call may safely be made twice, and the messages of
//! request and answer. From it come a type that names the call, and by [`Api`] the call itself.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use prost::Message;

use crate::call::{Answer, OneStep, Request, Via};
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;
use crate::proto::{api, realtime};

/// One call of the API: a row of the platform's table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rpc {
    /// Its name, as it stands in the URL and in `api_name`; misspelt where the platform's is.
    pub name: &'static str,
    /// Its index on the socket; `None` for those that exist over HTTP only.
    pub index: Option<i32>,
    /// True if it may be made twice: it changes nothing.
    pub idempotent: bool,
}

/// A call of the API, as a type.
pub trait Method: Send + 'static {
    /// Its row.
    const RPC: Rpc;
    /// The message that asks.
    type Request: Message + Default + 'static;
    /// The message that answers; `()` where the API answers nothing that means anything.
    type Response: Message + Default + 'static;
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
    M::Response::decode(body).map_err(|error| undecodable(M::RPC.name, error))
}

fn undecodable(name: &str, why: impl fmt::Display) -> Error {
    Error::answered(ErrorKind::Decode(format!("{name}: {why}")))
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $index:literal, $kind:ident, $request:ty => $response:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl Method for $name {
                const RPC: Rpc = Rpc { name: stringify!($name), index: Some($index), idempotent: methods!(@ $kind) };
                type Request = $request;
                type Response = $response;
            }
        )*

        /// Every call in the table.
        pub const ALL: &[Rpc] = &[$($name::RPC),*];
    };
    (@ reads) => { true };
    (@ writes) => { false };
}

methods! {
    /// The channels of a clan; with type 3 and clan 0, those of direct messages.
    ListChannelDescs = 0, reads, api::ListChannelDescsRequest => api::ChannelDescList;
    /// The clans we are in.
    ListClanDescs = 2, reads, api::ListClanDescRequest => api::ClanDescList;
    /// One channel. An answer with channel id 0 means that there is none.
    ListChannelDetail = 39, reads, api::ListChannelDetailRequest => api::ChannelDescription;
    /// Creates a channel, thread, group or direct-message channel; for the last the existing one if there is one.
    CreateChannelDesc = 66, writes, api::CreateChannelDescRequest => api::ChannelDescription;
    /// Sends a message where no socket is open.
    SendChannelMessage = 180, writes, realtime::ChannelMessageSend => realtime::ChannelMessageAck;
    /// Replaces the content of a message.
    UpdateChannelMessage = 181, writes, realtime::ChannelMessageUpdate => realtime::ChannelMessageUpdate;
    /// Deletes a message.
    DeleteChannelMessage = 182, writes, realtime::ChannelMessageRemove => realtime::ChannelMessageRemove;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indexes_are_unique() {
        for (k, rpc) in ALL.iter().enumerate() {
            for other in &ALL[..k] {
                assert_ne!(rpc.name, other.name);
                assert_ne!(rpc.index, other.index);
            }
        }
    }
}

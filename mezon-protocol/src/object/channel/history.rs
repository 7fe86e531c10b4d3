//! The messages of a channel that the server has.

use std::sync::Arc;

use bytes::Bytes;

use super::Channel;
use crate::api::{self, ListChannelMessages};
use crate::call::{Answer, Call, OnRoute, OneStep, Recall, Request, Via};
use crate::error::{Error, ErrorKind};
use crate::event::MessageData;
use crate::id::{ChannelId, MessageId, TopicId};
use crate::machine::Shared;
use crate::object::{Backend, Kept, Message, not_found};
use crate::proto::api as wire;
use crate::route::Route;
use crate::store::Change;
use crate::wire::{Field, Fields, Value};

/// Which messages of a channel are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// The newest.
    Newest,
    /// Those after a message.
    After(MessageId),
    /// Those around a message, itself among them.
    Around(MessageId),
    /// Those before a message.
    Before(MessageId),
}

impl History {
    /// How many are asked for where nothing else is said: as many as the platform's own clients.
    pub const LIMIT: i32 = 50;

    const fn anchor_and_direction(self) -> (MessageId, i32) {
        match self {
            Self::Newest => (MessageId::NONE, 0),
            Self::After(message) => (message, 1),
            Self::Around(message) => (message, 2),
            Self::Before(message) => (message, 3),
        }
    }
}

impl<B: Backend> Channel<B> {
    /// Messages that the server has, at most `limit` of them, the oldest first; those of a topic if this handle is of
    /// one. The server may give one less than it could, and may include the message that is named: the end is where
    /// nothing new comes. They are not remembered.
    ///
    /// ```
    /// use mezon_protocol::object::{Backend, Channel, History, Message};
    ///
    /// fn newest<B: Backend>(channel: &Channel<B>) -> B::Outcome<Vec<Message<B>>> {
    ///     channel.history(History::Newest, History::LIMIT)
    /// }
    /// ```
    #[doc(alias = "ListChannelMessages")]
    pub fn history(&self, which: History, limit: i32) -> B::Outcome<Vec<Message<B>>> {
        let (topic, backend) = (self.topic, self.backend.clone());
        self.on_route(move |route| {
            ListMessages { route, which, limit, topic }.then(move |_, messages| {
                // one that is kept must not keep the whole answer
                let messages = messages.iter().map(MessageData::detach);
                Ok(messages.map(|data| Message::new(Arc::new(data), backend.clone())).collect())
            })
        })
    }
}

/// A list of messages, undecoded as they come, so that none is encoded again to be kept.
#[derive(Debug)]
struct ListMessages {
    route: Route,
    which: History,
    limit: i32,
    topic: TopicId,
}

impl OneStep for ListMessages {
    type Output = Vec<MessageData>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let (anchor, direction) = self.which.anchor_and_direction();
        let request = wire::ListChannelMessagesRequest {
            clan_id: self.route.clan.get(),
            channel_id: self.route.channel.get(),
            message_id: anchor.get(),
            limit: self.limit,
            direction,
            topic_id: self.topic.get(),
        };
        Ok(api::request::<ListChannelMessages>(&request, Via::Auto))
    }

    fn output(&mut self, shared: &mut Shared, answer: Answer) -> Result<Vec<MessageData>, Error> {
        let Answer::Api(body) = answer else { return Err(undecodable("another answer")) };
        let mut messages = Vec::new();
        for message in messages_of(&body) {
            let data = MessageData::parse(message?, shared.own_id()).map_err(|error| undecodable(error.to_string()))?;
            messages.push(data.at(self.route));
        }
        // the order is not promised, and what is around a message may come in two overlapping halves
        messages.sort_by_key(MessageData::message_id);
        messages.dedup_by_key(|message| message.message_id());
        Ok(messages)
    }
}

/// The messages in a `ChannelMessageList`, whose field 1 they are.
fn messages_of(body: &Bytes) -> impl Iterator<Item = Result<Bytes, Error>> {
    Fields::new(body).filter_map(|field| match field {
        Ok(Field { number: 1, value: Value::Bytes(message), .. }) => Some(Ok(body.slice_ref(message))),
        Ok(_) => None,
        Err(_) => Some(Err(undecodable("a malformed list"))),
    })
}

fn undecodable(why: impl Into<String>) -> Error {
    Error::answered(ErrorKind::Decode(format!("ListChannelMessages: {}", why.into())))
}

/// The messages of one channel.
impl<B: Backend> Kept for Message<B> {
    type Backend = B;
    type Id = MessageId;
    type Scope = ChannelId;

    fn key(&self) -> MessageId {
        self.id()
    }

    fn get(backend: &B, channel: ChannelId, id: MessageId) -> Option<Self> {
        let data = backend.memory(|memory| memory.messages.get(channel, id))?;
        Some(Self::new(Arc::new(data), backend.clone()))
    }

    fn list(backend: &B, channel: ChannelId, limit: usize) -> Vec<Self> {
        let messages: Vec<_> = backend.memory(|memory| memory.messages.of_channel(channel).take(limit).collect());
        messages.into_iter().map(|data| Self::new(Arc::new(data), backend.clone())).collect()
    }

    fn count(backend: &B, channel: ChannelId) -> usize {
        backend.memory(|memory| memory.messages.count(channel))
    }

    fn set(&self) -> bool {
        self.backend().memory(|memory| memory.messages.set(self.data()));
        true
    }

    fn remove(backend: &B, channel: ChannelId, id: MessageId) -> bool {
        backend.memory(|memory| memory.messages.remove(channel, id))
    }

    /// First what is remembered, then what is stored, then the server.
    fn fetch(backend: &B, channel: ChannelId, id: MessageId) -> B::Outcome<Self> {
        let (known, attach, restored) = (backend.clone(), backend.clone(), backend.clone());
        let look_up = move || Self::get(&known, channel, id);
        let handle = Channel::by_id(channel, backend.clone());
        let call = OnRoute::new(channel, move |route| {
            let list = ListMessages { route, which: History::Around(id), limit: History::LIMIT, topic: TopicId::NONE };
            Recall::new(
                look_up,
                list.merged().then(move |_, messages| {
                    let data = messages.iter().find(|data| data.message_id() == id);
                    let data = data.ok_or_else(|| not_found("message", id))?.detach();
                    attach.memory(|memory| memory.messages.set(&data));
                    attach.keep(|| Some(Change::Add(data.clone())));
                    Ok(Self::new(Arc::new(data), attach))
                }),
            )
        })
        .knowing(handle.route);
        if Self::get(backend, channel, id).is_some() {
            return backend.call(call);
        }
        let found = move |data: MessageData| {
            restored.memory(|memory| memory.messages.set(&data));
            Self::new(Arc::new(data), restored)
        };
        backend.recall(channel, id, found, call)
    }
}

//! Topics: discussions that are opened on a message. What is said in one carries its id, in the same channel.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, MessageId, Now, TopicId, UserId};
use serde_json::Value;

use super::{Call, page};
use crate::world::World;
use crate::world::describe::{header, seconds};
use crate::world::messages::EDITED;
use crate::world::model::Stored;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};
use crate::world::text::content_of;

handlers! {
    CreateSdTopic => open_topic_for,
    DeleteSdTopic => close_topic,
    GetTopicDetail => topic_detail,
    ListSdTopic => list_topics,
}

/// A topic as the world keeps it.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Topic {
    id: TopicId,
    message: MessageId,
    pub(super) channel: ChannelId,
    creator: UserId,
    since_seconds: u32,
}

impl World {
    fn open_topic_for(&mut self, call: Call, request: api::SdTopicRequest) -> Result<api::SdTopic, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let message = self.message_in(channel, request.message_id)?.id;
        let topic = self.open_topic_of(call.now, call.user(), channel, message);
        Ok(self.wire_topic(topic))
    }

    /// Somebody opens a topic on a message; there is only one for each.
    ///
    /// # Panics
    ///
    /// When there is no such message or user.
    pub fn open_topic(&mut self, now: Now, user: UserId, message: MessageId) -> TopicId {
        self.user_or_panic(user);
        let channel = self.stored(message).map(|stored| stored.channel);
        let channel = channel.unwrap_or_else(|| panic!("there is no message {message} in this world"));
        self.open_topic_of(now, user, channel, message).id
    }

    /// Somebody says something in a topic.
    ///
    /// # Panics
    ///
    /// When there is no such topic or user, or the user is no member of its channel.
    pub fn say_in_topic(&mut self, now: Now, user: UserId, topic: TopicId, text: &str) -> MessageId {
        let known =
            self.records.topics.get(&topic).unwrap_or_else(|| panic!("there is no topic {topic} in this world"));
        let send = self.draft(known.channel, content_of(text));
        self.act_post(now, user, realtime::ChannelMessageSend { topic_id: topic.get(), ..send })
    }

    fn open_topic_of(&mut self, now: Now, user: UserId, channel: ChannelId, message: MessageId) -> Topic {
        if let Some(topic) = self.records.topics.values().find(|topic| topic.message == message) {
            return *topic;
        }
        let id = TopicId::new(self.ids.next(now));
        let topic = Topic { id, message, channel, creator: user, since_seconds: seconds(now) };
        self.records.topics.insert(id, topic);
        self.mark_root(topic, Some(topic));
        let event = realtime::SdTopicEvent {
            id: id.get(),
            clan_id: self.channels.get(&channel).map(|channel| channel.clan.get()).unwrap_or_default(),
            channel_id: channel.get(),
            message_id: message.get(),
            user_id: user.get(),
            last_sent_message: None,
            message: self.stored(message).map(|stored| self.wire_message(stored, stored.code)),
        };
        self.tell_channel(channel, Message::SdTopicEvent(Box::new(event)));
        topic
    }

    /// The message on which the topic was opened names it, and who opened it; or no longer.
    fn mark_root(&mut self, topic: Topic, opened: Option<Topic>) {
        let Some(stored) = self.stored_mut(topic.message) else { return };
        let Ok(Value::Object(mut content)) = serde_json::from_str(&stored.content) else { return };
        match opened {
            Some(topic) => {
                content.insert("tp".to_owned(), topic.id.to_string().into());
                content.insert("cid".to_owned(), topic.creator.to_string().into());
            }
            None => {
                content.remove("tp");
                content.remove("cid");
            }
        }
        stored.content = Value::Object(content).to_string();
        let stored = stored.clone();
        self.announce(&stored, EDITED);
    }

    fn list_topics(&mut self, call: Call, request: api::ListSdTopicRequest) -> Result<api::SdTopicList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let of_clan = |topic: &&Topic| {
            let channel = self.channels.get(&topic.channel);
            channel.is_some_and(|channel| channel.clan == clan && self.sees(call.user(), channel))
        };
        let topics = self.records.topics.values().rev().filter(of_clan).map(|topic| self.wire_topic(*topic));
        let topics = page(topics, request.limit, request.page);
        Ok(api::SdTopicList { count: i32::try_from(topics.len()).unwrap_or(i32::MAX), topics })
    }

    fn topic_detail(&mut self, call: Call, request: api::SdTopicDetailRequest) -> Result<api::SdTopic, Refusal> {
        self.topic_for(call, request.topic_id).map(|topic| self.wire_topic(topic))
    }

    fn close_topic(&mut self, call: Call, request: api::DeleteSdTopicRequest) -> Result<(), Refusal> {
        let topic = self.topic_for(call, request.id)?;
        self.records.topics.remove(&topic.id);
        self.mark_root(topic, None);
        Ok(())
    }

    fn topic_for(&self, call: Call, id: i64) -> Result<Topic, Refusal> {
        let topic = self.records.topics.get(&TopicId::new(id)).copied();
        let topic = topic.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "topic not found"))?;
        self.channel_of_viewer(call.user(), topic.channel.get()).map(|_| topic)
    }

    fn wire_topic(&self, topic: Topic) -> api::SdTopic {
        let channel = self.channels.get(&topic.channel);
        let last = channel.and_then(|channel| channel.messages.values().rev().find(|said| topic.has(said)));
        api::SdTopic {
            id: topic.id.get(),
            creator_id: topic.creator.get(),
            message_id: topic.message.get(),
            clan_id: channel.map(|channel| channel.clan.get()).unwrap_or_default(),
            channel_id: topic.channel.get(),
            status: 1,
            create_time_seconds: topic.since_seconds,
            update_time_seconds: last.map_or(topic.since_seconds, |last| last.created_seconds),
            content: self.stored(topic.message).map(|stored| stored.content.clone()).unwrap_or_default(),
            last_sent_message: last.map(header),
        }
    }

    /// Tells those who hear the channel that a topic has one more message.
    pub(in crate::world) fn tell_of_topic(&mut self, stored: &Stored) {
        let Some(topic) = self.records.topics.get(&TopicId::new(stored.topic)).copied() else { return };
        let Some(channel) = self.channels.get(&topic.channel) else { return };
        let replies = channel.messages.values().filter(|said| topic.has(said)).count();
        let event = realtime::TopicInMessageEvent {
            message_id: topic.message.get(),
            rpl: i32::try_from(replies).unwrap_or(i32::MAX),
            lsnt: i64::from(stored.created_seconds),
            tp_id: topic.id.to_string(),
        };
        self.tell_in_turn(topic.channel, |_| Message::TopicInMessageEvent(Box::new(event)));
    }
}

impl Topic {
    fn has(&self, stored: &Stored) -> bool {
        stored.topic == self.id.get()
    }
}

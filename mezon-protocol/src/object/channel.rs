//! Channels.

use std::time::Duration;

use super::sent::Attach;
use super::{Backend, SentMessage};
use crate::call::{
    Call, ChannelDetail, Ephemeral, EphemeralAction, JoinChannel, LeaveChannel, OnRoute, Queued, SendMessage, Typing,
};
use crate::content::Content;
use crate::id::{ChannelId, MessageId, TopicId, UserId};
use crate::proto::api;
use crate::route::Route;

/// A channel of any kind: text, thread, group, direct messages.
#[derive(Clone, Debug)]
pub struct Channel<B> {
    id: ChannelId,
    /// Known when the handle comes from an event; otherwise remembered or looked up at the first call.
    route: Option<Route>,
    topic: TopicId,
    backend: B,
}

impl<B: Backend> Channel<B> {
    pub(crate) const fn by_id(id: ChannelId, backend: B) -> Self {
        Self { id, route: None, topic: TopicId::NONE, backend }
    }

    pub(crate) const fn by_route(route: Route, topic: TopicId, backend: B) -> Self {
        Self { id: route.channel, route: Some(route), topic, backend }
    }

    /// Its id.
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// What is known of it: always when the handle comes from an event, else nothing.
    pub const fn route(&self) -> Option<Route> {
        self.route
    }

    /// Sends a message; gives a handle on it.
    ///
    /// If the server wants the channel joined first, that is done and the message sent once more. A cancelled send may
    /// have left all the same.
    #[doc(alias = "channel_message_send")]
    pub fn send(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        let content = self.in_topic(content.into());
        let backend = self.backend.clone();
        self.on_route(move |route| Attach::new(SendMessage::new(route, content), backend))
    }

    /// Sends a message as soon as that is possible; gives a handle on it.
    ///
    /// It is put in the outbox: it waits until there is a connection, and until what was queued before it for this channel
    /// has ended; if the connection is lost before it has left, it waits for the next. It ends with `Expired` when it has
    /// waited for 60 s ([`Config::outbox`](crate::Config)). What may have left is not sent again.
    pub fn queue(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.put_in_outbox(content.into(), None)
    }

    /// As [`queue`](Self::queue), with a time of its own to wait.
    pub fn queue_within(&self, within: Duration, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.put_in_outbox(content.into(), Some(within))
    }

    fn put_in_outbox(&self, content: Content, within: Option<Duration>) -> B::Outcome<SentMessage<B>> {
        let queued = Queued::in_channel(self.id, self.route, self.in_topic(content));
        let queued = within.into_iter().fold(queued, Queued::within);
        self.backend.call(Attach::new(queued, self.backend.clone()))
    }

    /// Shows a message to some users only, without storing it; gives its id, by which it can be edited and deleted.
    #[doc(alias = "ephemeral_message_send")]
    pub fn send_ephemeral(
        &self,
        receivers: impl IntoIterator<Item = UserId>,
        content: impl Into<Content>,
    ) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Send, content.into())
    }

    /// Changes what an ephemeral message says; gives its id.
    pub fn update_ephemeral(
        &self,
        receivers: impl IntoIterator<Item = UserId>,
        message: MessageId,
        content: impl Into<Content>,
    ) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Update(message), content.into())
    }

    /// Takes an ephemeral message away; gives its id.
    pub fn delete_ephemeral(
        &self,
        receivers: impl IntoIterator<Item = UserId>,
        message: MessageId,
    ) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Delete(message), Content::default())
    }

    fn ephemeral(
        &self,
        receivers: impl IntoIterator<Item = UserId>,
        action: EphemeralAction,
        content: Content,
    ) -> B::Outcome<MessageId> {
        let content = self.in_topic(content);
        let receivers: Vec<_> = receivers.into_iter().collect();
        self.on_route(move |route| Ephemeral::new(route, receivers, action, content))
    }

    /// Shows that we are typing; gives nothing.
    #[doc(alias = "message_typing_event")]
    pub fn typing(&self) -> B::Outcome<()> {
        self.on_route(Typing)
    }

    /// Joins it, now and on every connection to come; gives nothing. Only threads and new private channels need it:
    /// all else is joined with the clan.
    #[doc(alias = "channel_join")]
    pub fn join(&self) -> B::Outcome<()> {
        self.on_route(JoinChannel)
    }

    /// Leaves it, and does not join it again; gives nothing.
    #[doc(alias = "channel_leave")]
    pub fn leave(&self) -> B::Outcome<()> {
        self.on_route(LeaveChannel)
    }

    /// Its description, as the wire has it.
    #[doc(alias = "ListChannelDetail")]
    pub fn fetch(&self) -> B::Outcome<api::ChannelDescription> {
        self.backend.call(ChannelDetail(self.id))
    }

    fn in_topic(&self, content: Content) -> Content {
        if self.topic.is_none() || content.topic_id().is_some() { content } else { content.topic(self.topic) }
    }

    fn on_route<C: Call>(&self, make: impl FnOnce(Route) -> C + Send + 'static) -> B::Outcome<C::Output> {
        self.backend.call(OnRoute::new(self.id, make).knowing(self.route))
    }
}

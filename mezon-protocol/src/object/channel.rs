//! Channels: the handle, and what is sent there. What else can be done with a channel is in the modules below.

mod history;
mod members;
mod pins;
mod polls;
mod receivers;
mod settings;
mod threads;

use std::sync::Arc;

pub use history::History;
pub(crate) use history::ListMessages;
pub use polls::{NewPoll, Poll};
pub use receivers::Receivers;
pub use settings::{ChannelChange, ChannelNotification};
pub use threads::NewThread;

use std::time::Duration;

use super::sent::Attach;
use super::{Backend, Clan, Kept, Message, MessageRef, SentMessage, View};
use crate::call::{
    Call, ChannelDetail, Ephemeral, EphemeralAction, JoinChannel, LeaveChannel, OnRoute, Queued, Recall, SendMessage,
    Typing,
};
use crate::content::Content;
use crate::error::Error;
use crate::id::{ChannelId, ClanId, MessageId, TopicId};
use crate::machine::Shared;
use crate::memory::ChannelInfo;
use crate::proto::api;
use crate::route::{ChannelKind, Route};

/// The code of a message that buzzes.
const BUZZ: i32 = 8;

/// A channel of any kind: text, thread, group, direct messages; or a topic in one.
///
/// The handle works by its id alone: what a call needs more is remembered or looked up. What it knows of the channel
/// ([`info`](Self::info)) is a snapshot of what was remembered when it was made.
#[derive(Clone, Debug)]
pub struct Channel<B> {
    id: ChannelId,
    /// Known when the handle comes from an event or from memory; otherwise looked up at the first call.
    route: Option<Route>,
    topic: TopicId,
    info: Option<Arc<ChannelInfo>>,
    backend: B,
}

impl<B: Backend> Channel<B> {
    pub(crate) fn by_id(id: ChannelId, backend: B) -> Self {
        let info = backend.memory(|memory| memory.channels.get(&id).cloned());
        Self { id, route: info.as_ref().map(|info| info.route()), topic: TopicId::NONE, info, backend }
    }

    pub(crate) fn by_route(route: Route, topic: TopicId, backend: B) -> Self {
        Self { route: Some(route), topic, ..Self::by_id(route.channel, backend) }
    }

    pub(super) fn known(info: Arc<ChannelInfo>, backend: B) -> Self {
        Self { id: info.id, route: Some(info.route()), topic: TopicId::NONE, info: Some(info), backend }
    }

    /// What a call that ends with a channel's description goes on with: the channel is remembered.
    pub(super) fn keep(
        backend: B,
    ) -> impl FnOnce(&mut Shared, api::ChannelDescription) -> Result<Self, Error> + Send + 'static {
        move |shared, channel| {
            shared.note_channel(&channel);
            let info = backend.memory(|memory| memory.note_channel(&channel));
            Ok(Self::known(info, backend))
        }
    }

    pub(super) const fn backend(&self) -> &B {
        &self.backend
    }

    /// Its id.
    pub const fn id(&self) -> ChannelId {
        self.id
    }

    /// All that is needed to send there; `None` for a channel that was never seen, which is looked up by the first
    /// call that needs it.
    pub const fn route(&self) -> Option<Route> {
        self.route
    }

    /// What was known of it when this handle was made.
    pub fn info(&self) -> Option<&ChannelInfo> {
        self.info.as_deref()
    }

    /// Its name; empty if it is not known.
    #[doc(alias = "channel_label")]
    pub fn name(&self) -> &str {
        self.info().map_or("", |info| &info.name)
    }

    /// Of a voice room its name on the voice server; empty if there is none or it is not known.
    pub fn meeting_code(&self) -> &str {
        self.info().map_or("", |info| &info.meeting_code)
    }

    /// Its type, if it is known.
    #[doc(alias = "channel_type")]
    pub fn kind(&self) -> Option<ChannelKind> {
        self.route.map(|route| route.kind)
    }

    /// The clan it is in, if that is known; clan 0 for groups and direct messages.
    pub fn clan(&self) -> Option<Clan<B>> {
        self.route.map(|route| Clan::by_id(route.clan, self.backend.clone()))
    }

    /// The topic that this handle sends into, 0 for the channel itself.
    pub const fn topic_id(&self) -> TopicId {
        self.topic
    }

    /// The same channel, but what is sent goes into a topic.
    #[must_use]
    pub fn in_topic(&self, topic: impl Into<TopicId>) -> Self {
        Self { topic: topic.into(), ..self.clone() }
    }

    /// Its messages: those that came last, and those that were sent.
    pub fn messages(&self) -> View<Message<B>> {
        View::new(self.backend.clone(), self.id)
    }

    /// A message of which only the id is known.
    pub fn message(&self, message: impl Into<MessageId>) -> MessageRef<B> {
        MessageRef::in_channel(self.clone(), message.into())
    }

    /// Sends a message; gives a handle on it.
    ///
    /// If the server wants the channel joined first, that is done and the message sent once more. A cancelled send may
    /// have left all the same.
    #[doc(alias = "channel_message_send")]
    pub fn send(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        let content = self.within_topic(content.into());
        let backend = self.backend.clone();
        self.on_route(move |route| Attach::new(SendMessage::new(route, content), backend))
    }

    /// Sends a message that buzzes its readers; gives a handle on it.
    pub fn buzz(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.send(content.into().code(BUZZ))
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
        let queued = Queued::in_channel(self.id, self.route, self.within_topic(content));
        let queued = within.into_iter().fold(queued, Queued::within);
        self.backend.call(Attach::new(queued, self.backend.clone()))
    }

    /// Shows a message to one user or some only, without storing it; gives its id, by which it can be edited and
    /// deleted.
    #[doc(alias = "ephemeral_message_send")]
    pub fn send_ephemeral(
        &self,
        receivers: impl Into<Receivers>,
        content: impl Into<Content>,
    ) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Send, content.into())
    }

    /// Changes what an ephemeral message says; gives its id.
    pub fn update_ephemeral(
        &self,
        receivers: impl Into<Receivers>,
        message: MessageId,
        content: impl Into<Content>,
    ) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Update(message), content.into())
    }

    /// Takes an ephemeral message away; gives its id.
    pub fn delete_ephemeral(&self, receivers: impl Into<Receivers>, message: MessageId) -> B::Outcome<MessageId> {
        self.ephemeral(receivers, EphemeralAction::Delete(message), Content::default())
    }

    fn ephemeral(
        &self,
        receivers: impl Into<Receivers>,
        action: EphemeralAction,
        content: Content,
    ) -> B::Outcome<MessageId> {
        let content = self.within_topic(content);
        let receivers = receivers.into();
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

    /// Its description, as the wire has it, which is remembered.
    #[doc(alias = "ListChannelDetail")]
    pub fn fetch(&self) -> B::Outcome<api::ChannelDescription> {
        let backend = self.backend.clone();
        self.backend.call(ChannelDetail(self.id).then(move |_, channel| {
            backend.memory(|memory| memory.note_channel(&channel));
            Ok(channel)
        }))
    }

    pub(super) fn within_topic(&self, content: Content) -> Content {
        if self.topic.is_none() || content.topic_id().is_some() { content } else { content.topic(self.topic) }
    }

    pub(super) fn on_route<C: Call>(&self, make: impl FnOnce(Route) -> C + Send + 'static) -> B::Outcome<C::Output> {
        self.backend.call(OnRoute::new(self.id, make).knowing(self.route))
    }
}

/// Of a view with a clan, the channels of that clan.
impl<B: Backend> Kept for Channel<B> {
    type Backend = B;
    type Id = ChannelId;
    type Scope = Option<ClanId>;

    fn key(&self) -> ChannelId {
        self.id
    }

    fn get(backend: &B, clan: Option<ClanId>, id: ChannelId) -> Option<Self> {
        let info = backend.memory(|memory| memory.channels.get(&id).cloned())?;
        is_in(&info, clan).then(|| Self::known(info, backend.clone()))
    }

    fn list(backend: &B, clan: Option<ClanId>, limit: usize) -> Vec<Self> {
        let infos: Vec<_> = backend.memory(|memory| {
            memory.channels.values().filter(|channel| is_in(channel, clan)).take(limit).cloned().collect()
        });
        infos.into_iter().map(|info| Self::known(info, backend.clone())).collect()
    }

    fn count(backend: &B, clan: Option<ClanId>) -> usize {
        backend.memory(|memory| match clan {
            None => memory.channels.len(),
            clan => memory.channels.values().filter(|channel| is_in(channel, clan)).count(),
        })
    }

    fn set(&self) -> bool {
        let Some(info) = &self.info else { return false };
        self.backend.memory(|memory| memory.channels.set(self.id, Arc::clone(info)));
        true
    }

    fn remove(backend: &B, _: Option<ClanId>, id: ChannelId) -> bool {
        backend.memory(|memory| memory.channels.remove(&id).is_some())
    }

    /// Also of another clan than that of the view: the id decides.
    fn fetch(backend: &B, _: Option<ClanId>, id: ChannelId) -> B::Outcome<Self> {
        let known = backend.clone();
        let detail = ChannelDetail(id).merged().then(Self::keep(backend.clone()));
        backend.call(Recall::new(move || Self::get(&known, None, id), detail))
    }
}

fn is_in(channel: &ChannelInfo, clan: Option<ClanId>) -> bool {
    clan.is_none_or(|clan| channel.clan_id == clan)
}

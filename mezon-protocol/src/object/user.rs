//! Users.

use std::sync::Arc;

use super::bot::Who;
use super::sent::Attach;
use super::{Backend, Bot, Channel, Clan, Kept, SentMessage, not_found};
use crate::call::{Call, CreateDirect, Given, Queued, Recall, SendDirect};
use crate::content::Content;
use crate::id::{ChannelId, ClanId, TopicId, UserId};
use crate::memory::UserInfo;
use crate::route::Route;

/// A user, as somebody to write to.
///
/// The handle works by the id alone. What it knows of the user ([`info`](Self::info)) is a snapshot of what was
/// remembered when it was made.
#[derive(Clone, Debug)]
pub struct User<B> {
    id: UserId,
    info: Option<Arc<UserInfo>>,
    backend: B,
}

impl<B: Backend> User<B> {
    pub(crate) fn new(id: UserId, backend: B) -> Self {
        let info = backend.memory(|memory| memory.users.get(&id).cloned());
        Self { id, info, backend }
    }

    pub(super) fn known(info: Arc<UserInfo>, backend: B) -> Self {
        Self { id: info.id, info: Some(info), backend }
    }

    pub(super) const fn backend(&self) -> &B {
        &self.backend
    }

    /// Their id.
    pub const fn id(&self) -> UserId {
        self.id
    }

    /// What was known of them when this handle was made.
    pub fn info(&self) -> Option<&UserInfo> {
        self.info.as_deref()
    }

    /// Their user name; empty if it is not known.
    pub fn username(&self) -> &str {
        self.info().map_or("", |info| &info.username)
    }

    /// Their display name; empty if there is none or it is not known.
    pub fn display_name(&self) -> &str {
        self.info().map_or("", |info| &info.display_name)
    }

    /// The URL of their avatar; empty if there is none or it is not known.
    pub fn avatar(&self) -> &str {
        self.info().map_or("", |info| &info.avatar)
    }

    /// Their nickname in a clan; empty if there is none or it is not known.
    #[doc(alias = "clan_nick")]
    pub fn nick(&self, clan: impl Into<ClanId>) -> &str {
        self.info().map_or("", |info| info.nick(clan.into()))
    }

    /// The channel of direct messages with them, if it is remembered.
    #[doc(alias = "dm_channel_id")]
    pub fn direct_channel_id(&self) -> Option<ChannelId> {
        self.backend.memory(|memory| memory.direct_channel(self.id))
    }

    /// Sends a direct message, opening the channel if there is none; gives a handle on the
    /// message.
    #[doc(alias = "send_dm")]
    #[doc(alias = "send_dm_message")]
    pub fn send(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        let (user, backend) = (self.id, self.backend.clone());
        let send = Attach::new(SendDirect::new(user, content), backend.clone());
        self.backend.call(send.then(move |_, sent| {
            backend.memory(|memory| memory.note_direct(user, sent.sent().route.channel));
            Ok(sent)
        }))
    }

    /// Sends a direct message as soon as that is possible; gives a handle on it. See [`Channel::queue`](super::Channel::queue).
    pub fn queue(&self, content: impl Into<Content>) -> B::Outcome<SentMessage<B>> {
        self.backend.call(Attach::new(Queued::to_user(self.id, content), self.backend.clone()))
    }

    /// Opens the channel for direct messages, or finds the one that exists; gives the route to it.
    pub fn open_direct(&self) -> B::Outcome<Route> {
        self.backend.call(self.opening())
    }

    /// Opens the channel for direct messages, or finds the one that exists; gives it.
    #[doc(alias = "createDmChannel")]
    pub fn create_dm_channel(&self) -> B::Outcome<Channel<B>> {
        let backend = self.backend.clone();
        self.backend.call(self.opening().then(|_, route| Ok(Channel::by_route(route, TopicId::NONE, backend))))
    }

    fn opening(&self) -> impl Call<Output = Route> + use<B> {
        let (user, backend) = (self.id, self.backend.clone());
        CreateDirect::new(user).then(move |_, route| {
            backend.memory(|memory| memory.note_direct(user, route.channel));
            Ok(route)
        })
    }

    /// Asks them to be a friend, or accepts that they have asked; gives nothing.
    pub fn add_friend(&self) -> B::Outcome<()> {
        self.bot().add_friend(Who::Id(self.id))
    }

    /// Ends the friendship, takes back the request, or turns theirs down; gives nothing.
    pub fn remove_friend(&self) -> B::Outcome<()> {
        self.bot().remove_friend(self.id)
    }

    /// Blocks them; gives nothing.
    pub fn block(&self) -> B::Outcome<()> {
        self.bot().block(self.id)
    }

    /// Unblocks them; gives nothing.
    pub fn unblock(&self) -> B::Outcome<()> {
        self.bot().unblock(self.id)
    }

    fn bot(&self) -> Bot<B> {
        Bot::new(self.backend.clone())
    }
}

/// Of a view with a clan, the members of that clan.
impl<B: Backend> Kept for User<B> {
    type Backend = B;
    type Id = UserId;
    type Scope = Option<ClanId>;

    fn key(&self) -> UserId {
        self.id
    }

    fn get(backend: &B, clan: Option<ClanId>, id: UserId) -> Option<Self> {
        let info = backend.memory(|memory| memory.users.get(&id).cloned())?;
        is_in(&info, clan).then(|| Self::known(info, backend.clone()))
    }

    fn list(backend: &B, clan: Option<ClanId>, limit: usize) -> Vec<Self> {
        let infos: Vec<_> = backend
            .memory(|memory| memory.users.values().filter(|user| is_in(user, clan)).take(limit).cloned().collect());
        infos.into_iter().map(|info| Self::known(info, backend.clone())).collect()
    }

    fn count(backend: &B, clan: Option<ClanId>) -> usize {
        backend.memory(|memory| match clan {
            None => memory.users.len(),
            clan => memory.users.values().filter(|user| is_in(user, clan)).count(),
        })
    }

    fn set(&self) -> bool {
        let Some(info) = &self.info else { return false };
        self.backend.memory(|memory| memory.users.set(self.id, Arc::clone(info)));
        true
    }

    fn remove(backend: &B, _: Option<ClanId>, id: UserId) -> bool {
        backend.memory(|memory| memory.users.remove(&id).is_some())
    }

    /// The platform has no call for one user. In a clan its members are listed; otherwise one who is not known is a
    /// handle without a profile. No channel is opened before something is sent.
    fn fetch(backend: &B, clan: Option<ClanId>, id: UserId) -> B::Outcome<Self> {
        let Some(clan) = clan else { return backend.call(Given::new(Ok(Self::new(id, backend.clone())))) };
        let known = backend.clone();
        let members = Clan::by_id(clan, backend.clone()).listing_members().then(move |_, members| {
            let member = members.into_iter().find(|member| member.id == id);
            member.ok_or_else(|| not_found("user", id))
        });
        backend.call(Recall::new(move || Self::get(&known, Some(clan), id), members))
    }
}

fn is_in(user: &UserInfo, clan: Option<ClanId>) -> bool {
    clan.is_none_or(|clan| user.member(clan).is_some())
}

//! What a client remembers: bounded caches of clans, channels, users, roles and messages.
//!
//! [`Memory`] is plain data. An adapter keeps one, behind a lock of its own, and lends it to the core through
//! [`Backend::memory`](crate::object::Backend::memory). Three things fill it:
//!
//! - events, as they are decoded, and so before anybody sees them: a handler finds the message that it was called with;
//! - the answers of the calls that the handles make to fetch and list;
//! - what the Machine itself lists when it connects, see [`Machine::poll_news`](crate::Machine::poll_news).
//!
//! Things are values behind an `Arc`: who has one has a snapshot, and what is changed later is another one in the same
//! place. A limit of 0 switches a cache off.

mod cache;
mod hash;
mod info;
mod messages;
mod observe;
mod user;

use std::sync::Arc;

pub use cache::Cache;
pub(crate) use hash::BuildIdHasher;
pub use info::{ChannelInfo, ClanInfo, Permission, RoleInfo};
pub use messages::Messages;
pub(crate) use observe::concerns;
pub use user::{MemberInfo, UserInfo};

use crate::call::Sent;
use crate::event::{CODE_DELETED, CODE_UPDATED, MessageData};
use crate::id::{ANONYMOUS, ChannelId, ClanId, RoleId, UserId};
use crate::proto::api;
use crate::route::{ChannelKind, Mode};

/// How many of each kind of thing are remembered; 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Clans. Default 1,000.
    pub clans: usize,
    /// Channels of all kinds. Default 50,000.
    pub channels: usize,
    /// Users, and as many channels for direct messages with one. Default 50,000.
    pub users: usize,
    /// Roles. Default 10,000.
    pub roles: usize,
    /// Messages of each channel. Default 200.
    pub messages_per_channel: usize,
    /// Bytes of messages in all. Default 16 MiB: about 30,000 messages of usual length.
    pub message_bytes: usize,
}

impl CacheLimits {
    /// Nothing is remembered.
    pub const OFF: Self = Self { clans: 0, channels: 0, users: 0, roles: 0, messages_per_channel: 0, message_bytes: 0 };
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            clans: 1000,
            channels: 50_000,
            users: 50_000,
            roles: 10_000,
            messages_per_channel: 200,
            message_bytes: 16 << 20,
        }
    }
}

/// What a client remembers.
#[derive(Debug)]
pub struct Memory {
    /// The clans that we are in.
    pub clans: Cache<ClanId, Arc<ClanInfo>>,
    /// Channels of all kinds, of all clans and of none.
    pub channels: Cache<ChannelId, Arc<ChannelInfo>>,
    /// Users, of all clans and of none.
    pub users: Cache<UserId, Arc<UserInfo>>,
    /// Roles of all clans.
    pub roles: Cache<RoleId, Arc<RoleInfo>>,
    /// The latest messages.
    pub messages: Messages,
    /// The channels of direct messages, by the other user.
    direct: Cache<UserId, ChannelId>,
    /// The clans whose channels have been listed since we were last away.
    listed: Cache<ClanId, ()>,
}

/// What the Machine has learned by itself: the lists of what to join.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The clans that we are in: all of them.
    Clans(Vec<api::ClanDesc>),
    /// Channels of direct and group messages.
    Channels(Vec<api::ChannelDescription>),
}

impl Memory {
    /// A memory with nothing in it. Takes no room.
    pub const fn new(limits: CacheLimits) -> Self {
        Self {
            clans: Cache::new(limits.clans),
            channels: Cache::new(limits.channels),
            users: Cache::new(limits.users),
            roles: Cache::new(limits.roles),
            messages: Messages::new(limits.messages_per_channel, limits.message_bytes),
            direct: Cache::new(limits.users),
            listed: Cache::new(limits.clans),
        }
    }

    /// A memory that keeps nothing.
    pub const fn off() -> Self {
        Self::new(CacheLimits::OFF)
    }

    /// Takes what the Machine has learned.
    pub fn learn(&mut self, news: &News) {
        match news {
            News::Clans(clans) => self.note_all_clans(clans),
            News::Channels(channels) => channels.iter().for_each(|channel| drop(self.note_channel(channel))),
        }
    }

    /// Remembers all clans that we are in; what is known of others is forgotten.
    pub fn note_all_clans(&mut self, clans: &[api::ClanDesc]) {
        let gone = self.clans.iter().map(|(id, _)| *id).filter(|id| clans.iter().all(|clan| clan.clan_id != id.get()));
        for clan in gone.collect::<Vec<_>>() {
            self.forget_clan(clan);
        }
        for clan in clans {
            self.note_clan(clan);
        }
    }

    /// Remembers a clan.
    pub fn note_clan(&mut self, clan: &api::ClanDesc) -> Arc<ClanInfo> {
        let info = Arc::new(ClanInfo::from(clan));
        self.clans.set(info.id, Arc::clone(&info));
        info
    }

    /// Forgets a clan with its channels and roles.
    pub fn forget_clan(&mut self, clan: ClanId) {
        self.clans.remove(&clan);
        self.listed.remove(&clan);
        let channels = self.channels.values().filter(|channel| channel.clan_id == clan).map(|channel| channel.id);
        for channel in channels.collect::<Vec<_>>() {
            self.forget_channel(channel);
        }
        let roles = self.roles.values().filter(|role| role.clan_id == clan).map(|role| role.id);
        for role in roles.collect::<Vec<_>>() {
            self.roles.remove(&role);
        }
    }

    /// Remembers a channel. Of direct messages, the other user too.
    pub fn note_channel(&mut self, channel: &api::ChannelDescription) -> Arc<ChannelInfo> {
        let info = Arc::new(ChannelInfo::from(channel));
        self.channels.set(info.id, Arc::clone(&info));
        if let [user] = info.user_ids[..] {
            if info.kind == ChannelKind::DIRECT {
                self.note_direct(user, info.id);
            }
        }
        for (k, user) in info.user_ids.iter().enumerate() {
            let text = |texts: &[String]| texts.get(k).cloned().unwrap_or_default();
            let (username, display_name) = (text(&channel.usernames), text(&channel.display_names));
            self.change_user(*user, |user| user.learn_profile(&username, &display_name, &text(&channel.avatars)));
        }
        info
    }

    /// Forgets a channel and its messages.
    pub fn forget_channel(&mut self, channel: ChannelId) {
        self.messages.clear(channel);
        let Some(info) = self.channels.remove(&channel) else { return };
        for user in &info.user_ids {
            if self.direct.get(user) == Some(&channel) {
                self.direct.remove(user);
            }
        }
    }

    /// The channel of direct messages with a user.
    pub fn direct_channel(&self, user: UserId) -> Option<ChannelId> {
        self.direct.get(&user).copied()
    }

    /// Remembers the channel of direct messages with a user.
    pub fn note_direct(&mut self, user: UserId, channel: ChannelId) {
        if self.direct_channel(user) != Some(channel) {
            self.direct.set(user, channel);
        }
    }

    /// Remembers how a user is called; `None` for user 0.
    pub fn note_names(
        &mut self,
        user: UserId,
        username: &str,
        display_name: &str,
        avatar: &str,
    ) -> Option<Arc<UserInfo>> {
        self.change_user(user, |info| info.learn_profile(username, display_name, avatar))
    }

    /// Remembers a member of a clan.
    pub fn note_member(&mut self, clan: ClanId, member: &api::clan_user_list::ClanUser) -> Option<Arc<UserInfo>> {
        let user = member.user.as_ref()?;
        self.change_user(user.id.into(), |info| {
            info.learn_profile(&user.username, &user.display_name, &user.avatar_url);
            info.learn_member(clan, &member.clan_nick, &member.clan_avatar).set_roles(&member.role_id);
        })
    }

    /// Remembers a user of a channel of a clan.
    pub fn note_channel_user(
        &mut self,
        clan: ClanId,
        user: &api::channel_user_list::ChannelUser,
    ) -> Option<Arc<UserInfo>> {
        self.change_user(user.user_id.into(), |info| {
            if !clan.is_none() {
                info.learn_member(clan, &user.clan_nick, &user.clan_avatar).set_roles(&user.role_id);
            }
        })
    }

    /// Remembers a role.
    pub fn note_role(&mut self, role: &api::Role) -> Arc<RoleInfo> {
        let info = Arc::new(RoleInfo::from(role));
        self.roles.set(info.id, Arc::clone(&info));
        info
    }

    /// True if the channels of a clan have been listed since we were last away.
    pub fn has_listed(&self, clan: ClanId) -> bool {
        self.listed.contains(&clan)
    }

    /// Remembers all channels of a clan that we may see.
    pub fn note_all_channels(&mut self, clan: ClanId, channels: &[api::ChannelDescription]) -> Vec<Arc<ChannelInfo>> {
        self.listed.set(clan, ());
        channels.iter().map(|channel| self.note_channel(channel)).collect()
    }

    /// Remembers a message that was sent.
    pub(crate) fn note_sent(&mut self, sent: &Arc<Sent>, own_id: UserId) {
        if self.messages.is_on() {
            self.messages.set_sent(Arc::clone(sent), own_id);
        }
    }

    /// Learns from a message that was pushed.
    pub fn note_message(&mut self, data: &MessageData) {
        self.note_sender(data);
        match data.code() {
            CODE_UPDATED => drop(self.messages.replace(data)),
            CODE_DELETED => drop(self.messages.remove(data.channel_id(), data.message_id())),
            code if UNSTORED.contains(&code) => {}
            _ => self.messages.set(data),
        }
    }

    /// Learns who wrote a message. Called for every message, of which few tell anything new.
    fn note_sender(&mut self, data: &MessageData) {
        let sender = data.sender_id();
        if sender.is_none() || sender == ANONYMOUS || !self.users.is_on() {
            return;
        }
        match self.users.get_mut(&sender) {
            Some(known) if known.is_told_by(data) => {}
            Some(known) => Arc::make_mut(known).learn(data),
            None => {
                let mut user = UserInfo::new(sender);
                user.learn(data);
                self.users.set(sender, Arc::new(user));
            }
        }
        if Mode(data.mode()) == Mode::DIRECT && !data.is_own() {
            self.note_direct(sender, data.channel_id());
        }
    }

    /// Changes what is known of a user; one who is not known becomes so.
    fn change_user(&mut self, user: UserId, change: impl FnOnce(&mut UserInfo)) -> Option<Arc<UserInfo>> {
        if user.is_none() {
            return None;
        }
        let mut info = self.users.get(&user).cloned().unwrap_or_else(|| Arc::new(UserInfo::new(user)));
        change(Arc::make_mut(&mut info));
        self.users.set(user, Arc::clone(&info));
        Some(info)
    }
}

/// The codes of messages that nobody stores: typing, and ephemeral messages that are sent, edited, deleted.
pub(crate) const UNSTORED: [i32; 4] = [3, 12, 14, 15];

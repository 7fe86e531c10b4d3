//! Who belongs where, and what comes into being while the world runs, with the events that tell of it.

use std::collections::{BTreeMap, BTreeSet};

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::World;
use super::connection::ConnId;
use super::delivery::NO_CLAN;
use super::describe::seconds;
use super::model::{ChannelKind, Clan, NewChannel, NewClan, NewUser, User};

/// # Who and what there is
///
/// Ids that do not belong to this world are a bug of the caller: these methods panic then.
impl World {
    /// A user comes into the world.
    ///
    /// # Panics
    ///
    /// When the id is taken.
    pub fn add_user(&mut self, now: Now, new: NewUser) -> UserId {
        let id = new.id.unwrap_or_else(|| UserId::new(self.ids.next(now)));
        let NewUser { username, display_name, avatar, key, .. } = new;
        let (clans, channels) = (BTreeSet::new(), BTreeSet::new());
        let details = api::User { create_time_seconds: seconds(now), ..api::User::default() };
        let user = User { id, username, display_name, avatar, key, clans, channels, details };
        assert!(self.users.insert(id, user).is_none(), "user {id} exists already");
        id
    }

    /// A clan is founded, by `owner`, who is its first member.
    ///
    /// # Panics
    ///
    /// When the id is taken, or there is no such user.
    pub fn create_clan(&mut self, now: Now, owner: UserId, new: NewClan) -> ClanId {
        let id = self.insert_clan(now, owner, new);
        self.add_to_clan(now, id, owner);
        id
    }

    /// The direct channel of two users; a new one, about which the other is told, if they have none yet.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn open_dm(&mut self, now: Now, from: UserId, to: UserId) -> ChannelId {
        self.user_or_panic(from);
        self.user_or_panic(to);
        if let Some(channel) = self.direct_channel(from, to) {
            return channel;
        }
        let new = NewChannel::of_kind(ChannelKind::Direct, "").members([from, to]);
        let channel = self.insert_channel(now, NO_CLAN, from, new);
        self.tell_added(now, channel, from, &[to]);
        channel
    }

    /// A group is opened by a user with others, who are told.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn create_group(
        &mut self,
        now: Now,
        creator: UserId,
        name: impl Into<String>,
        others: impl IntoIterator<Item = UserId>,
    ) -> ChannelId {
        let others: Vec<UserId> = others.into_iter().filter(|other| *other != creator).collect();
        let new = NewChannel::of_kind(ChannelKind::Group, name).members(others.iter().copied()).members([creator]);
        let channel = self.insert_channel(now, NO_CLAN, creator, new);
        self.tell_added(now, channel, creator, &others);
        channel
    }

    /// A user becomes a member of a clan. The user's own connections and those who joined the clan are told. Nothing
    /// happens when it was one already.
    ///
    /// # Panics
    ///
    /// When there is no such clan or user.
    pub fn add_to_clan(&mut self, _now: Now, clan: ClanId, user: UserId) {
        if !self.insert_member(clan, user) {
            return;
        }
        let mut told = self.connections_of(user);
        told.extend(self.clan_listeners(clan).into_iter().filter(|conn| !told.contains(conn)).collect::<Vec<_>>());
        let event = realtime::AddClanUserEvent {
            clan_id: clan.get(),
            user: Some(self.wire_profile(user)),
            invitor: String::new(),
        };
        self.push(&told, Message::AddClanUserEvent(Box::new(event)));
    }

    /// A user is no longer a member of a clan, nor of anything in it. The user's own connections and those who joined
    /// the clan are told. Nothing happens when it was none.
    ///
    /// # Panics
    ///
    /// When there is no such clan or user.
    pub fn remove_from_clan(&mut self, _now: Now, clan: ClanId, user: UserId) {
        self.user_or_panic(user);
        let own = self.connections_of(user);
        let mut told = self.clan_listeners(clan);
        told.extend(own.iter().filter(|conn| !told.contains(conn)).copied().collect::<Vec<_>>());
        let channels = self.clan_or_panic(clan).channels.clone();
        let Some(members) = self.clans.get_mut(&clan).map(|clan| &mut clan.members) else { return };
        if !members.remove(&user) {
            return;
        }
        if let Some(user) = self.users.get_mut(&user) {
            user.clans.remove(&clan);
        }
        for channel in channels {
            self.take_member(channel, user);
            self.unjoin_everywhere(channel, |conn| own.contains(conn));
        }
        for conn in &own {
            if let Some(connection) = self.connections.get_mut(conn) {
                connection.joins.clans.remove(&clan);
            }
        }
        let event = realtime::UserClanRemoved { clan_id: clan.get(), user_ids: vec![user.get()] };
        self.push(&told, Message::UserClanRemovedEvent(Box::new(event)));
    }

    /// A user becomes a member of a private channel, a thread or a group. The user's own connections and those who hear
    /// the channel are told. Nothing happens when it was one already.
    ///
    /// # Panics
    ///
    /// When there is no such channel or user.
    pub fn add_to_channel(&mut self, now: Now, channel: ChannelId, user: UserId) {
        self.user_or_panic(user);
        let creator = self.channel_or_panic(channel).creator;
        if self.put_member(channel, user) {
            self.tell_added(now, channel, creator, &[user]);
        }
    }

    /// A user is no longer a member of a channel. The user's own connections and those who hear the channel are told.
    /// Nothing happens when it was none.
    ///
    /// # Panics
    ///
    /// When there is no such channel.
    pub fn remove_from_channel(&mut self, _now: Now, channel: ChannelId, user: UserId) {
        let (clan, kind) = {
            let channel = self.channel_or_panic(channel);
            (channel.clan, channel.kind)
        };
        let own = self.connections_of(user);
        let mut told = self.listeners(channel);
        told.extend(own.iter().filter(|conn| !told.contains(conn)).copied().collect::<Vec<_>>());
        if !self.take_member(channel, user) {
            return;
        }
        self.unjoin_everywhere(channel, |conn| own.contains(conn));
        let event = realtime::UserChannelRemoved {
            channel_id: channel.get(),
            user_ids: vec![user.get()],
            channel_type: kind.wire_type(),
            clan_id: clan.get(),
            badge_counts: Vec::new(),
        };
        self.push(&told, Message::UserChannelRemovedEvent(Box::new(event)));
    }
}

/// The same without events, for the builder and for what is above.
impl World {
    pub(super) fn insert_clan(&mut self, now: Now, owner: UserId, new: NewClan) -> ClanId {
        let id = new.id.unwrap_or_else(|| ClanId::new(self.ids.next(now)));
        let clan = Clan {
            id,
            name: new.name,
            logo: new.logo,
            owner,
            members: BTreeSet::new(),
            nicks: BTreeMap::new(),
            avatars: BTreeMap::new(),
            channels: Vec::new(),
            details: api::ClanDesc { status: 1, ..api::ClanDesc::default() },
        };
        assert!(!id.is_none() && self.clans.insert(id, clan).is_none(), "clan {id} exists already");
        id
    }

    /// True when the user was no member of the clan yet.
    pub(super) fn insert_member(&mut self, clan: ClanId, user: UserId) -> bool {
        let member = self.users.get_mut(&user).unwrap_or_else(|| panic!("there is no user {user} in this world"));
        let clan = self.clans.get_mut(&clan).unwrap_or_else(|| panic!("there is no clan {clan} in this world"));
        member.clans.insert(clan.id);
        clan.members.insert(user)
    }

    /// True when the user was no member of the channel yet.
    pub(super) fn put_member(&mut self, channel: ChannelId, user: UserId) -> bool {
        let (Some(channel), Some(member)) = (self.channels.get_mut(&channel), self.users.get_mut(&user)) else {
            return false;
        };
        member.channels.insert(channel.id);
        channel.members.insert(user)
    }

    fn take_member(&mut self, channel: ChannelId, user: UserId) -> bool {
        if let Some(user) = self.users.get_mut(&user) {
            user.channels.remove(&channel);
        }
        self.channels.get_mut(&channel).is_some_and(|channel| channel.members.remove(&user))
    }

    /// With any key accepted, a bot that nobody knows is welcome, everywhere.
    pub(super) fn welcome_unknown_bot(&mut self, id: UserId, key: &str) {
        self.add_user(Now::default(), NewUser::bot(format!("bot{id}"), key).id(id));
        for clan in self.clan_ids() {
            self.insert_member(clan, id);
        }
    }

    /// Tells the users that were added, whatever they joined, and those who hear the channel.
    pub(super) fn tell_added(&mut self, now: Now, channel: ChannelId, caller: UserId, added: &[UserId]) {
        let mut told: Vec<ConnId> = added.iter().flat_map(|user| self.connections_of(*user)).collect();
        told.extend(self.listeners(channel).into_iter().filter(|conn| !told.contains(conn)).collect::<Vec<_>>());
        for conn in told {
            let Some(viewer) = self.connections.get(&conn).map(|connection| connection.user) else { continue };
            let channel = self.channel_or_panic(channel);
            let event = realtime::UserChannelAdded {
                channel_desc: Some(self.wire_channel(channel, viewer)),
                users: added.iter().map(|user| self.wire_profile(*user)).collect(),
                clan_id: channel.clan.get(),
                caller: Some(self.wire_profile(caller)),
                create_time_seconds: seconds(now),
                active: 1,
                ..realtime::UserChannelAdded::default()
            };
            self.push(&[conn], Message::UserChannelAddedEvent(Box::new(event)));
        }
    }
}

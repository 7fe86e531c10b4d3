//! Who belongs where, and what comes into being while the world runs, with the events that tell of it.

use std::collections::{BTreeMap, BTreeSet};

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::World;
use super::connection::ConnId;
use super::delivery::NO_CLAN;
use super::describe::seconds;
use super::model::{Channel, ChannelKind, Clan, NewChannel, NewClan, NewUser, User};
use super::refusal::{INVALID_ARGUMENT, OUT_OF_RANGE, Refusal};

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

    /// A channel is created by a member of the clan, who sees it also when it is private. Those who joined the clan are
    /// told, and the members who are named in it are told that they were added.
    ///
    /// # Panics
    ///
    /// When the id is taken, or there is no such clan or user.
    pub fn create_channel(&mut self, now: Now, clan: ClanId, creator: UserId, new: NewChannel) -> ChannelId {
        self.user_or_panic(creator);
        let new = new.members([creator]);
        let id = self.insert_channel(now, clan, creator, new);
        let channel = self.channel_or_panic(id);
        let members: Vec<UserId> = channel.members.iter().copied().collect();
        let named = channel.names_members();
        let event = created_event(channel, self.clans.get(&clan));
        let told = self.clan_listeners_who_see(id);
        self.push(&told, Message::ChannelCreatedEvent(Box::new(event)));
        if named {
            let added: Vec<UserId> = members.into_iter().filter(|member| *member != creator).collect();
            self.tell_added(now, id, creator, &added);
        }
        id
    }

    /// A channel is deleted; those who saw it and joined its clan, or the channel, are told.
    ///
    /// # Panics
    ///
    /// When there is no such channel.
    pub fn delete_channel(&mut self, channel: ChannelId, by: UserId) {
        let mut told = self.clan_listeners(self.channel_or_panic(channel).clan);
        told.extend(self.listeners(channel).into_iter().filter(|conn| !told.contains(conn)).collect::<Vec<_>>());
        let Some(gone) = self.remove_channel(channel) else { return };
        let event = realtime::ChannelDeletedEvent {
            clan_id: gone.clan.get(),
            parent_id: gone.parent.get(),
            channel_id: channel.get(),
            deletor: by.to_string(),
            ..realtime::ChannelDeletedEvent::default()
        };
        self.push(&told, Message::ChannelDeletedEvent(Box::new(event)));
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

    /// Puts a thread, or any channel, to rest, as the platform does when nobody writes for long: those who joined its
    /// clan, and see it, are told that it is archived, and nobody hears it until it is joined again.
    ///
    /// # Panics
    ///
    /// When there is no such channel.
    pub fn put_to_sleep(&mut self, channel: ChannelId) {
        self.channel_or_panic(channel);
        let told = self.clan_listeners_who_see(channel);
        let Some(resting) = self.channels.get_mut(&channel) else { return };
        resting.asleep = true;
        let event = archived_event(resting);
        self.unjoin_everywhere(channel, |_| true);
        self.push(&told, Message::ChannelArchiveEvent(Box::new(event)));
    }

    /// Wakes a thread that rested: those who joined its clan, and see it, are told that it is active. The first message
    /// that a person writes in it does the same.
    ///
    /// # Panics
    ///
    /// When there is no such channel.
    pub fn wake_thread(&mut self, thread: ChannelId) {
        self.channel_or_panic(thread);
        let Some(channel) = self.channels.get_mut(&thread) else { return };
        channel.asleep = false;
        self.tell_updated(thread);
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

    pub(super) fn insert_channel(&mut self, now: Now, clan: ClanId, creator: UserId, new: NewChannel) -> ChannelId {
        assert_eq!(clan.is_none(), new.kind.is_direct(), "direct channels and groups belong to no clan, others to one");
        let id = new.id.unwrap_or_else(|| ChannelId::new(self.ids.next(now)));
        let mut channel = Channel {
            id,
            clan,
            parent: new.parent,
            name: new.name,
            kind: new.kind,
            private: new.private,
            asleep: new.asleep,
            creator,
            members: BTreeSet::new(),
            roles: BTreeSet::new(),
            messages: BTreeMap::new(),
            details: api::ChannelDescription {
                create_time_seconds: seconds(now),
                update_time_seconds: seconds(now),
                ..api::ChannelDescription::default()
            },
        };
        if channel.names_members() {
            for member in &new.members {
                let user = self.users.get_mut(member).unwrap_or_else(|| panic!("there is no user {member}"));
                user.channels.insert(id);
            }
            channel.members = new.members;
        }
        if !clan.is_none() {
            let clan = self.clans.get_mut(&clan).unwrap_or_else(|| panic!("there is no clan {clan}"));
            clan.channels.push(id);
        }
        assert!(self.channels.insert(id, channel).is_none(), "channel {id} exists already");
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

    /// Takes a channel away, and what belongs to it, without telling anybody.
    pub(super) fn remove_channel(&mut self, channel: ChannelId) -> Option<Channel> {
        let gone = self.channels.remove(&channel)?;
        for member in &gone.members {
            if let Some(user) = self.users.get_mut(member) {
                user.channels.remove(&channel);
            }
        }
        for message in gone.messages.keys() {
            self.message_channels.remove(message);
        }
        if let Some(clan) = self.clans.get_mut(&gone.clan) {
            clan.channels.retain(|id| *id != channel);
        }
        self.unjoin_everywhere(channel, |_| true);
        self.records.forget_channel(channel);
        Some(gone)
    }

    /// Tells those who joined the clan and see the channel what it is like now.
    pub(super) fn tell_updated(&mut self, channel: ChannelId) {
        let told = self.clan_listeners_who_see(channel);
        let Some(channel) = self.channels.get(&channel) else { return };
        let event = updated_event(channel);
        self.push(&told, Message::ChannelUpdatedEvent(Box::new(event)));
    }

    /// With any key accepted, a bot that nobody knows is welcome, everywhere.
    pub(super) fn welcome_unknown_bot(&mut self, id: UserId, key: &str) {
        self.add_user(Now::default(), NewUser::bot(format!("bot{id}"), key).id(id));
        for clan in self.clan_ids() {
            self.insert_member(clan, id);
        }
    }

    /// A client asks for a new channel.
    pub(super) fn create_on_request(
        &mut self,
        now: Now,
        user: UserId,
        request: api::CreateChannelDescRequest,
    ) -> Result<ChannelId, Refusal> {
        let kind = ChannelKind::from_wire(request.r#type);
        let kind = kind.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "unknown type of channel"))?;
        let others: Vec<UserId> = request.user_ids.into_iter().map(UserId::new).filter(|id| *id != user).collect();
        if !others.iter().all(|other| self.users.contains_key(other)) {
            return Err(Refusal::new(INVALID_ARGUMENT, "user not found"));
        }
        match (kind, others.as_slice()) {
            (ChannelKind::Direct, [peer]) => return Ok(self.open_dm(now, user, *peer)),
            (ChannelKind::Direct, _) => {
                return Err(Refusal::new(INVALID_ARGUMENT, "a direct channel has one other user"));
            }
            (ChannelKind::Group, _) => return Ok(self.create_group(now, user, request.channel_label, others)),
            _ => {}
        }
        let clan = ClanId::new(request.clan_id);
        if !self.clans.get(&clan).is_some_and(|clan| clan.members.contains(&user)) {
            return Err(Refusal::no_clan());
        }
        if self.clans.get(&clan).is_some_and(|clan| clan.channels.len() >= self.settings.channel_limit) {
            return Err(Refusal::new(OUT_OF_RANGE, "the clan has as many channels as it may"));
        }
        let mut new = NewChannel::of_kind(kind, request.channel_label).members(others);
        new.private = request.channel_private != 0;
        new.parent = ChannelId::new(request.parent_id);
        let id = self.create_channel(now, clan, user, new);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.details.category_id = request.category_id;
            channel.details.app_id = request.app_id;
        }
        Ok(id)
    }

    pub(super) fn clan_listeners_who_see(&self, channel: ChannelId) -> Vec<ConnId> {
        let channel = self.channel_or_panic(channel);
        let mut listeners = self.clan_listeners(channel.clan);
        listeners.retain(|conn| self.connections.get(conn).is_some_and(|found| self.sees(found.user, channel)));
        listeners
    }

    pub(super) fn unjoin_everywhere(&mut self, channel: ChannelId, concerns: impl Fn(&ConnId) -> bool) {
        for (conn, connection) in &mut self.connections {
            if concerns(conn) {
                connection.joins.channels.remove(&channel);
                connection.covered.remove(&channel);
            }
        }
    }

    /// Tells the users that were added, whatever they joined, and those who hear the channel.
    fn tell_added(&mut self, now: Now, channel: ChannelId, caller: UserId, added: &[UserId]) {
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

pub(super) fn updated_event(channel: &Channel) -> realtime::ChannelUpdatedEvent {
    let details = &channel.details;
    realtime::ChannelUpdatedEvent {
        clan_id: channel.clan.get(),
        category_id: details.category_id,
        creator_id: channel.creator.get(),
        parent_id: channel.parent.get(),
        channel_id: channel.id.get(),
        channel_label: channel.name.clone(),
        channel_type: channel.kind.wire_type(),
        status: 1,
        channel_private: channel.private,
        app_id: details.app_id,
        e2ee: details.e2ee,
        topic: details.topic.clone(),
        age_restricted: details.age_restricted,
        active: i32::from(!channel.asleep),
        user_ids: channel.members.iter().map(|user| user.get()).collect(),
        role_ids: channel.roles.iter().map(|role| role.get()).collect(),
        channel_avatar: details.channel_avatar.clone(),
        ..realtime::ChannelUpdatedEvent::default()
    }
}

fn archived_event(channel: &Channel) -> realtime::ChannelArchiveEvent {
    let details = &channel.details;
    realtime::ChannelArchiveEvent {
        clan_id: channel.clan.get(),
        category_id: details.category_id,
        creator_id: channel.creator.get(),
        parent_id: channel.parent.get(),
        channel_id: channel.id.get(),
        channel_label: channel.name.clone(),
        channel_type: channel.kind.wire_type(),
        channel_private: channel.private,
        topic: details.topic.clone(),
        active: i32::from(!channel.asleep),
        ..realtime::ChannelArchiveEvent::default()
    }
}

fn created_event(channel: &Channel, clan: Option<&Clan>) -> realtime::ChannelCreatedEvent {
    realtime::ChannelCreatedEvent {
        clan_id: channel.clan.get(),
        creator_id: channel.creator.get(),
        parent_id: channel.parent.get(),
        channel_id: channel.id.get(),
        channel_label: channel.name.clone(),
        channel_private: i32::from(channel.private),
        channel_type: channel.kind.wire_type(),
        status: 1,
        clan_name: clan.map(|clan| clan.name.clone()).unwrap_or_default(),
        ..realtime::ChannelCreatedEvent::default()
    }
}

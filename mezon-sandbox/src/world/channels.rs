//! Channels: how they come into being, change, rest and go, with the events that tell of it.

use std::collections::{BTreeMap, BTreeSet};

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::World;
use super::connection::ConnId;
use super::describe::seconds;
use super::model::{Channel, ChannelKind, Clan, NewChannel};
use super::refusal::{INVALID_ARGUMENT, OUT_OF_RANGE, Refusal};

/// # Channels
///
/// Ids that do not belong to this world are a bug of the caller: these methods panic then.
impl World {
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

impl World {
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

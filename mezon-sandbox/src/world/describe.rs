//! From what the world keeps to the messages of the wire.

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{ANONYMOUS, ChannelId, Now, UserId};
use prost::Message as _;
use serde_json::{Value, json};

use super::World;
use super::connection::ConnId;
use super::model::{CATEGORY, Channel, ChannelKind, Clan, Stored, User};

impl World {
    /// A message as clients receive it, with this code: that of the message for a new one, 1 for an edit, 2 for a
    /// deletion.
    pub(super) fn wire_message(&self, stored: &Stored, code: i32) -> api::ChannelMessage {
        let channel = self.channels.get(&stored.channel);
        let clan = channel.and_then(|channel| self.clans.get(&channel.clan));
        let sender = self.users.get(&stored.author);
        let mut message = api::ChannelMessage {
            channel_id: stored.channel.get(),
            message_id: stored.id.get(),
            code,
            content: stored.content.clone(),
            create_time_seconds: stored.created_seconds,
            update_time_seconds: stored.updated_seconds,
            hide_editted: stored.hide_edited,
            topic_id: stored.topic,
            ..api::ChannelMessage::default()
        };
        self.write_lists(stored, &mut message);
        if let Some(channel) = channel {
            message.clan_id = channel.clan.get();
            message.channel_label.clone_from(&channel.name);
            message.mode = channel.kind.mode();
            message.is_public = channel.is_public();
        }
        if let Some(clan) = clan {
            message.clan_logo.clone_from(&clan.logo);
            CATEGORY.clone_into(&mut message.category_name);
        }
        if let Some((name, avatar)) = &stored.webhook {
            message.username.clone_from(name);
            message.avatar.clone_from(avatar);
        } else if stored.anonymous {
            message.sender_id = ANONYMOUS.get();
            "Anonymous".clone_into(&mut message.username);
        } else if let Some(sender) = sender {
            message.sender_id = sender.id.get();
            message.username.clone_from(&sender.username);
            message.avatar.clone_from(&sender.avatar);
            message.display_name.clone_from(&sender.display_name);
            message.clan_nick = nick(clan, sender.id);
            message.clan_avatar = clan.and_then(|clan| clan.avatars.get(&sender.id)).cloned().unwrap_or_default();
        }
        message
    }

    fn write_lists(&self, stored: &Stored, message: &mut api::ChannelMessage) {
        if self.settings.lists_as_json {
            let Lists { mentions, attachments, references, reactions } = json_lists(stored);
            message.mentions = mentions;
            message.attachments = attachments;
            message.references = references;
            message.reactions = reactions;
            return;
        }
        message.mentions = api::MessageMentionList { mentions: stored.mentions.clone() }.encode_to_vec();
        message.attachments = api::MessageAttachmentList { attachments: stored.attachments.clone() }.encode_to_vec();
        message.references = api::MessageRefList { refs: stored.references.clone() }.encode_to_vec();
        message.reactions = api::MessageReactionList { reactions: stored.reactions.clone() }.encode_to_vec();
    }

    /// The acknowledgement of a message that was sent (code of the message), edited (1) or deleted (2).
    pub(super) fn wire_ack(&self, stored: &Stored, code: i32) -> realtime::ChannelMessageAck {
        let clan = self.channels.get(&stored.channel).and_then(|channel| self.clans.get(&channel.clan));
        realtime::ChannelMessageAck {
            channel_id: stored.channel.get(),
            message_id: stored.id.get(),
            code,
            username: self.users.get(&stored.author).map(|user| user.username.clone()).unwrap_or_default(),
            create_time_seconds: stored.created_seconds,
            update_time_seconds: stored.updated_seconds,
            persistent: Some(true),
            clan_logo: clan.map(|clan| clan.logo.clone()).unwrap_or_default(),
            category_name: clan.map(|_| CATEGORY.to_owned()).unwrap_or_default(),
        }
    }

    pub(super) fn wire_clan(&self, clan: &Clan) -> api::ClanDesc {
        api::ClanDesc {
            creator_id: clan.owner.get(),
            clan_name: clan.name.clone(),
            logo: clan.logo.clone(),
            clan_id: clan.id.get(),
            welcome_channel_id: if clan.details.welcome_channel_id != 0 {
                clan.details.welcome_channel_id
            } else {
                clan.channels.first().map(|channel| channel.get()).unwrap_or_default()
            },
            ..clan.details.clone()
        }
    }

    /// A channel as this user sees it: a direct one carries the name of the other.
    pub(super) fn wire_channel(&self, channel: &Channel, viewer: UserId) -> api::ChannelDescription {
        let mut wire = api::ChannelDescription {
            clan_id: channel.clan.get(),
            parent_id: channel.parent.get(),
            channel_id: channel.id.get(),
            r#type: channel.kind.wire_type(),
            creator_id: channel.creator.get(),
            channel_label: channel.name.clone(),
            channel_private: i32::from(!channel.is_public()),
            active: i32::from(!channel.asleep),
            last_seen_message: self.last_seen(viewer, channel).map(header),
            count_mess_unread: i32::try_from(self.unread(viewer, channel)).unwrap_or(i32::MAX),
            last_sent_message: channel.messages.values().next_back().map(header),
            member_count: i32::try_from(channel.members.len()).unwrap_or(i32::MAX),
            ..channel.details.clone()
        };
        wire.meeting_code = self.shown_meeting_code(channel);
        if let Some(creator) = self.users.get(&channel.creator) {
            wire.creator_name.clone_from(&creator.username);
        }
        if let Some(clan) = self.clans.get(&channel.clan) {
            wire.clan_name.clone_from(&clan.name);
            wire.category_name = self.category_name(channel);
        }
        if channel.kind.is_direct() {
            self.write_people(channel, viewer, &mut wire);
        }
        wire
    }

    /// The others of a direct channel or group, in parallel lists.
    fn write_people(&self, channel: &Channel, viewer: UserId, wire: &mut api::ChannelDescription) {
        let others = channel.members.iter().filter(|member| **member != viewer);
        for user in others.filter_map(|member| self.users.get(member)) {
            wire.user_ids.push(user.id.get());
            wire.usernames.push(user.username.clone());
            wire.display_names.push(user.display_name.clone());
            wire.avatars.push(user.avatar.clone());
            wire.onlines.push(self.is_online(user));
        }
        if channel.kind == ChannelKind::Direct {
            wire.channel_label = wire.usernames.first().cloned().unwrap_or_default();
        }
    }

    pub(super) fn wire_profile(&self, user: UserId) -> realtime::UserProfileRedis {
        let Some(user) = self.users.get(&user) else { return realtime::UserProfileRedis::default() };
        realtime::UserProfileRedis {
            user_id: user.id.get(),
            username: user.username.clone(),
            avatar: user.avatar.clone(),
            display_name: user.display_name.clone(),
            online: true,
            joined_clans: user.clans.iter().map(|clan| clan.get()).collect(),
            is_bot: user.is_bot(),
            ..realtime::UserProfileRedis::default()
        }
    }

    pub(super) fn wire_presence(&self, conn: ConnId, user: &User) -> realtime::UserPresence {
        realtime::UserPresence {
            user_id: user.id.get(),
            session_id: i32::try_from(1000 + conn.0).unwrap_or(i32::MAX),
            username: user.username.clone(),
            status: Some("online".to_owned()),
            ..realtime::UserPresence::default()
        }
    }

    /// The answer to a channel join in its older form.
    pub(super) fn wire_joined(&self, conn: ConnId, user: UserId, channel: ChannelId) -> realtime::Channel {
        let presence = self.users.get(&user).map(|user| self.wire_presence(conn, user));
        let mut wire = realtime::Channel {
            id: channel.get(),
            presences: presence.iter().cloned().collect(),
            self_: presence,
            ..realtime::Channel::default()
        };
        if let Some(channel) = self.channels.get(&channel) {
            wire.chanel_label = self.wire_channel(channel, user).channel_label;
            if let Some(clan) = self.clans.get(&channel.clan) {
                wire.clan_logo.clone_from(&clan.logo);
                CATEGORY.clone_into(&mut wire.category_name);
            }
        }
        wire
    }
}

/// The lists of a message as JSON.
pub(super) struct Lists {
    pub(super) mentions: Vec<u8>,
    pub(super) attachments: Vec<u8>,
    pub(super) references: Vec<u8>,
    pub(super) reactions: Vec<u8>,
}

pub(super) fn json_lists(stored: &Stored) -> Lists {
    Lists {
        mentions: json_list(&stored.mentions, mention_json),
        attachments: json_list(&stored.attachments, attachment_json),
        references: json_list(&stored.references, reference_json),
        reactions: json_list(&stored.reactions, reaction_json),
    }
}

/// The head of a message, as channel lists carry it.
pub(super) fn header(stored: &Stored) -> api::ChannelMessageHeader {
    api::ChannelMessageHeader {
        id: stored.id.get(),
        timestamp_seconds: stored.created_seconds,
        sender_id: stored.author.get(),
        content: stored.content.clone(),
    }
}

pub(super) fn wire_user(user: &User) -> api::User {
    api::User {
        id: user.id.get(),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        avatar_url: user.avatar.clone(),
        online: true,
        ..user.details.clone()
    }
}

/// Unix time as most fields of the wire hold it.
pub(super) fn seconds(now: Now) -> u32 {
    u32::try_from(now.unix_seconds()).unwrap_or(u32::MAX)
}

pub(super) fn nick(clan: Option<&Clan>, user: UserId) -> String {
    clan.and_then(|clan| clan.nicks.get(&user)).cloned().unwrap_or_default()
}

/// An absent list is no text at all, as with protobuf.
fn json_list<T>(items: &[T], write: impl Fn(&T) -> Value) -> Vec<u8> {
    if items.is_empty() {
        return Vec::new();
    }
    Value::Array(items.iter().map(write).collect()).to_string().into_bytes()
}

fn mention_json(mention: &api::MessageMention) -> Value {
    json!({
        "user_id": mention.user_id.to_string(), "username": mention.username,
        "role_id": mention.role_id.to_string(), "rolename": mention.rolename, "s": mention.s, "e": mention.e,
    })
}

fn attachment_json(attachment: &api::MessageAttachment) -> Value {
    json!({
        "filename": attachment.filename, "size": attachment.size, "url": attachment.url,
        "filetype": attachment.filetype, "width": attachment.width, "height": attachment.height,
    })
}

fn reference_json(reference: &api::MessageRef) -> Value {
    json!({
        "message_ref_id": reference.message_ref_id.to_string(), "content": reference.content,
        "has_attachment": reference.has_attachment, "ref_type": reference.ref_type,
        "message_sender_id": reference.message_sender_id.to_string(),
        "message_sender_username": reference.message_sender_username,
    })
}

fn reaction_json(reaction: &api::MessageReaction) -> Value {
    json!({
        "emoji_id": reaction.emoji_id.to_string(), "emoji": reaction.emoji,
        "sender_id": reaction.sender_id.to_string(), "sender_name": reaction.sender_name,
        "action": reaction.action, "count": reaction.count,
    })
}

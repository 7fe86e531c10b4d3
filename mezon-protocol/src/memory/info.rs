//! What is known of clans, channels, users and roles.

use crate::event::MessageData;
use crate::id::{CategoryId, ChannelId, ClanId, RoleId, UserId};
use crate::proto::{api, realtime};
use crate::route::{ChannelKind, Route};

/// What is known of a clan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClanInfo {
    /// Its id.
    pub id: ClanId,
    /// Its name. Wire name `clan_name`.
    #[doc(alias = "clan_name")]
    pub name: String,
    /// Who owns it; 0 if that is not known. Wire name `creator_id`.
    #[doc(alias = "creator_id")]
    pub owner_id: UserId,
    /// Where newcomers are greeted, 0 for nowhere.
    pub welcome_channel_id: ChannelId,
    /// The URL of its logo.
    pub logo: String,
    /// The URL of its banner.
    pub banner: String,
    /// What it says of itself.
    pub description: String,
    /// True if it is a community that can be found by everybody.
    pub is_community: bool,
    /// True if nobody may write anonymously.
    pub prevents_anonymous: bool,
}

impl From<&api::ClanDesc> for ClanInfo {
    fn from(clan: &api::ClanDesc) -> Self {
        Self {
            id: clan.clan_id.into(),
            name: clan.clan_name.clone(),
            owner_id: clan.creator_id.into(),
            welcome_channel_id: clan.welcome_channel_id.into(),
            logo: clan.logo.clone(),
            banner: clan.banner.clone(),
            description: clan.description.clone(),
            is_community: clan.is_community,
            prevents_anonymous: clan.prevent_anonymous,
        }
    }
}

impl ClanInfo {
    pub(super) fn update(&mut self, event: &realtime::ClanUpdatedEvent) {
        self.name.clone_from(&event.clan_name);
        self.logo.clone_from(&event.logo);
        self.banner.clone_from(&event.banner);
        self.description.clone_from(&event.description);
        self.welcome_channel_id = event.welcome_channel_id.into();
        self.is_community = event.is_community;
        self.prevents_anonymous = event.prevent_anonymous;
    }
}

impl From<&realtime::ClanCreatedEvent> for ClanInfo {
    fn from(event: &realtime::ClanCreatedEvent) -> Self {
        Self {
            id: event.clan_id.into(),
            name: event.clan_name.clone(),
            owner_id: event.creator_id.into(),
            welcome_channel_id: event.welcome_channel_id.into(),
            logo: event.logo.clone(),
            ..Self::default()
        }
    }
}

/// What is known of a channel, thread, group or conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// Its id.
    pub id: ChannelId,
    /// Its clan, 0 for groups and direct messages.
    pub clan_id: ClanId,
    /// Its name. Wire name `channel_label`.
    #[doc(alias = "channel_label")]
    pub name: String,
    /// Its type. Wire name `type`.
    #[doc(alias = "channel_type")]
    pub kind: ChannelKind,
    /// True if not everybody in the clan may see it. Wire name `channel_private`.
    #[doc(alias = "channel_private")]
    pub is_private: bool,
    /// The category that it is shown in, 0 for none.
    pub category_id: CategoryId,
    /// The name of the category; empty if it is not known.
    pub category_name: String,
    /// Of a thread the channel that it belongs to, else 0.
    pub parent_id: ChannelId,
    /// Of a voice channel the name of its room, else empty.
    pub meeting_code: String,
    /// Who created it, 0 if that is not known.
    pub creator_id: UserId,
    /// What it is about.
    pub topic: String,
    /// The URL of its picture.
    pub avatar: String,
    /// The app in it, 0 for none.
    pub app_id: i64,
    /// Whether it is for adults: 1 if so.
    pub age_restricted: i32,
    /// Whether it is encrypted end to end: 1 if so.
    pub e2ee: i32,
    /// Who is in it beside us, of direct and group messages; else empty.
    pub user_ids: Vec<UserId>,
}

impl From<&api::ChannelDescription> for ChannelInfo {
    fn from(channel: &api::ChannelDescription) -> Self {
        let route = Route::of_description(channel);
        let members = if route.kind.is_private_talk() { channel.user_ids.as_slice() } else { &[] };
        Self {
            id: route.channel,
            clan_id: route.clan,
            name: channel.channel_label.clone(),
            kind: route.kind,
            is_private: channel.channel_private != 0,
            category_id: channel.category_id.into(),
            category_name: channel.category_name.clone(),
            parent_id: route.parent,
            meeting_code: channel.meeting_code.clone(),
            creator_id: channel.creator_id.into(),
            topic: channel.topic.clone(),
            avatar: channel.channel_avatar.clone(),
            app_id: channel.app_id,
            age_restricted: channel.age_restricted,
            e2ee: channel.e2ee,
            user_ids: members.iter().map(|user| (*user).into()).collect(),
        }
    }
}

impl ChannelInfo {
    /// All that is needed to send there.
    pub fn route(&self) -> Route {
        let is_talk = self.kind.is_private_talk();
        Route {
            channel: self.id,
            clan: if is_talk { ClanId::NONE } else { self.clan_id },
            kind: self.kind,
            mode: self.kind.mode(),
            is_public: !self.is_private && !is_talk,
            parent: self.parent_id,
        }
    }

    pub(super) fn create(&mut self, event: &realtime::ChannelCreatedEvent) {
        self.id = event.channel_id.into();
        self.clan_id = event.clan_id.into();
        self.name.clone_from(&event.channel_label);
        self.kind = ChannelKind(event.channel_type);
        self.is_private = event.channel_private != 0;
        self.move_to(event.category_id.into());
        self.parent_id = event.parent_id.into();
        self.creator_id = event.creator_id.into();
        self.avatar.clone_from(&event.channel_avatar);
        self.app_id = event.app_id;
    }

    /// What never changes is often left out of this event, and then stays.
    pub(super) fn update(&mut self, event: &realtime::ChannelUpdatedEvent) {
        if event.parent_id != 0 {
            self.parent_id = event.parent_id.into();
        }
        if event.creator_id != 0 {
            self.creator_id = event.creator_id.into();
        }
        set(&mut self.meeting_code, &event.meeting_code);
        self.id = event.channel_id.into();
        self.clan_id = event.clan_id.into();
        self.name.clone_from(&event.channel_label);
        self.kind = ChannelKind(event.channel_type);
        self.is_private = event.channel_private;
        self.move_to(event.category_id.into());
        self.topic.clone_from(&event.topic);
        self.avatar.clone_from(&event.channel_avatar);
        self.app_id = event.app_id;
        self.age_restricted = event.age_restricted;
        self.e2ee = event.e2ee;
    }

    /// Events do not tell the name of a category.
    fn move_to(&mut self, category: CategoryId) {
        if self.category_id != category {
            self.category_id = category;
            self.category_name.clear();
        }
    }
}

/// What is known of a user.
///
/// It is learned from messages, lists and events. What has never been told is empty, and an empty text in a message
/// tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserInfo {
    /// Their id.
    pub id: UserId,
    /// The user name.
    pub username: String,
    /// The display name.
    pub display_name: String,
    /// The URL of their avatar.
    #[doc(alias = "avartar")]
    pub avatar: String,
    /// How they appear in each clan in which they were seen.
    pub clans: Vec<MemberInfo>,
}

/// How a user appears in a clan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberInfo {
    /// The clan.
    pub clan_id: ClanId,
    /// Their nickname there, empty for none.
    pub nick: String,
    /// The URL of their avatar there, empty for none.
    pub avatar: String,
    /// Their roles there, as far as a list has told.
    pub role_ids: Vec<RoleId>,
}

impl UserInfo {
    /// How many clans are remembered of one user.
    const MAX_CLANS: usize = 256;

    pub(super) fn new(id: UserId) -> Self {
        Self { id, ..Self::default() }
    }

    /// How they appear in a clan; `None` if they were not seen there.
    pub fn member(&self, clan: ClanId) -> Option<&MemberInfo> {
        self.clans.iter().find(|member| member.clan_id == clan)
    }

    /// The nickname in a clan; empty for none.
    #[doc(alias = "clan_nick")]
    pub fn nick(&self, clan: ClanId) -> &str {
        self.member(clan).map_or("", |member| &member.nick)
    }

    /// The name under which they appear in a clan, or with clan 0 outside of clans: nickname, else display name, else
    /// user name.
    pub fn name(&self, clan: ClanId) -> &str {
        let names = [self.nick(clan), &self.display_name, &self.username];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    /// True if a message from them tells nothing new.
    pub(super) fn is_told_by(&self, data: &MessageData) -> bool {
        let sender = data.sender_texts();
        let knows_member = |member: &MemberInfo| {
            says_nothing_new(sender.clan_nick, member.nick.as_bytes())
                && says_nothing_new(sender.clan_avatar, member.avatar.as_bytes())
        };
        says_nothing_new(sender.username, self.username.as_bytes())
            && says_nothing_new(sender.display_name, self.display_name.as_bytes())
            && says_nothing_new(sender.avatar, self.avatar.as_bytes())
            && (data.clan_id().is_none() || self.member(data.clan_id()).is_some_and(knows_member))
    }

    /// Learns from a message of theirs.
    pub(super) fn learn(&mut self, data: &MessageData) {
        set(&mut self.username, data.username());
        set(&mut self.display_name, data.display_name());
        set(&mut self.avatar, data.avatar());
        if !data.clan_id().is_none() {
            let member = self.member_mut(data.clan_id());
            set(&mut member.nick, data.clan_nick());
            set(&mut member.avatar, data.clan_avatar());
        }
    }

    /// Learns from their profile.
    pub(super) fn learn_profile(&mut self, username: &str, display_name: &str, avatar: &str) {
        set(&mut self.username, username);
        set(&mut self.display_name, display_name);
        set(&mut self.avatar, avatar);
    }

    /// How they appear in a clan, to be changed.
    pub(super) fn member_mut(&mut self, clan: ClanId) -> &mut MemberInfo {
        let place = self.clans.iter().position(|member| member.clan_id == clan).unwrap_or_else(|| {
            if self.clans.len() >= Self::MAX_CLANS {
                self.clans.remove(0);
            }
            self.clans.push(MemberInfo { clan_id: clan, ..MemberInfo::default() });
            self.clans.len() - 1
        });
        &mut self.clans[place]
    }
}

fn says_nothing_new(new: &[u8], known: &[u8]) -> bool {
    new.is_empty() || new == known
}

/// Replaces a text, unless the new one says nothing.
fn set(known: &mut String, new: &str) {
    if !says_nothing_new(new.as_bytes(), known.as_bytes()) {
        new.clone_into(known);
    }
}

/// What is known of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoleInfo {
    /// Its id.
    pub id: RoleId,
    /// Its clan.
    pub clan_id: ClanId,
    /// Its name. Wire name `title`.
    #[doc(alias = "title")]
    pub name: String,
    /// Its name in URLs and mentions.
    pub slug: String,
    /// Its colour, such as `#ff8800`; empty for none.
    pub color: String,
    /// The URL of its icon.
    pub icon: String,
    /// What it is for.
    pub description: String,
    /// Whether those who have it are shown apart: 1 if so.
    pub display_online: i32,
    /// Whether it may be mentioned: 1 if so.
    pub allow_mention: i32,
    /// Its place in the order of roles.
    pub order: i32,
    /// Its permissions: ids and slugs.
    pub permissions: Vec<Permission>,
}

/// A permission that roles give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permission {
    /// Its id, by which roles are given it.
    pub id: i64,
    /// Its short name, such as `send-message`.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// Whether a role gives it: 1 if so. In the list of all permissions it means nothing.
    pub active: i32,
}

impl From<&api::Permission> for Permission {
    fn from(permission: &api::Permission) -> Self {
        Self {
            id: permission.id,
            slug: permission.slug.clone(),
            title: permission.title.clone(),
            active: permission.active,
        }
    }
}

impl From<&api::Role> for RoleInfo {
    fn from(role: &api::Role) -> Self {
        let permissions = role.permission_list.iter().flat_map(|list| &list.permissions);
        Self {
            id: role.id.into(),
            clan_id: role.clan_id.into(),
            name: role.title.clone(),
            slug: role.slug.clone(),
            color: role.color.clone(),
            icon: role.role_icon.clone(),
            description: role.description.clone(),
            display_online: role.display_online,
            allow_mention: role.allow_mention,
            order: role.order_role,
            permissions: permissions.map(Into::into).collect(),
        }
    }
}

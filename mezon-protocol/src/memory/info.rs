//! What is known of clans, channels and roles.

use crate::id::{CategoryId, ChannelId, ClanId, RoleId, UserId};
use crate::proto::{api, realtime};
use crate::route::{ChannelKind, Route};

/// The longest text that is remembered, in bytes: so that what is remembered is bounded whatever the server sends. No
/// name, address or description comes near it.
pub(super) const MAX_TEXT: usize = 4096;

/// How many users, roles or permissions are remembered of one thing.
pub(super) const MAX_ITEMS: usize = 1024;

/// A text as it is remembered: one that is too long is not.
pub(super) fn text(text: &str) -> String {
    if text.len() > MAX_TEXT { String::new() } else { text.to_owned() }
}

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
            name: text(&clan.clan_name),
            owner_id: clan.creator_id.into(),
            welcome_channel_id: clan.welcome_channel_id.into(),
            logo: text(&clan.logo),
            banner: text(&clan.banner),
            description: text(&clan.description),
            is_community: clan.is_community,
            prevents_anonymous: clan.prevent_anonymous,
        }
    }
}

impl ClanInfo {
    pub(super) fn update(&mut self, event: &realtime::ClanUpdatedEvent) {
        self.name = text(&event.clan_name);
        self.logo = text(&event.logo);
        self.banner = text(&event.banner);
        self.description = text(&event.description);
        self.welcome_channel_id = event.welcome_channel_id.into();
        self.is_community = event.is_community;
        self.prevents_anonymous = event.prevent_anonymous;
    }
}

impl From<&realtime::ClanCreatedEvent> for ClanInfo {
    fn from(event: &realtime::ClanCreatedEvent) -> Self {
        Self {
            id: event.clan_id.into(),
            name: text(&event.clan_name),
            owner_id: event.creator_id.into(),
            welcome_channel_id: event.welcome_channel_id.into(),
            logo: text(&event.logo),
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
            name: text(&channel.channel_label),
            kind: route.kind,
            is_private: channel.channel_private != 0,
            category_id: channel.category_id.into(),
            category_name: text(&channel.category_name),
            parent_id: route.parent,
            meeting_code: text(&channel.meeting_code),
            creator_id: channel.creator_id.into(),
            topic: text(&channel.topic),
            avatar: text(&channel.channel_avatar),
            app_id: channel.app_id,
            age_restricted: channel.age_restricted,
            e2ee: channel.e2ee,
            user_ids: members.iter().take(MAX_ITEMS).map(|user| (*user).into()).collect(),
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
        self.name = text(&event.channel_label);
        self.kind = ChannelKind(event.channel_type);
        self.is_private = event.channel_private != 0;
        self.move_to(event.category_id.into());
        self.parent_id = event.parent_id.into();
        self.creator_id = event.creator_id.into();
        self.avatar = text(&event.channel_avatar);
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
        if !event.meeting_code.is_empty() {
            self.meeting_code = text(&event.meeting_code);
        }
        self.id = event.channel_id.into();
        self.clan_id = event.clan_id.into();
        self.name = text(&event.channel_label);
        self.kind = ChannelKind(event.channel_type);
        self.is_private = event.channel_private;
        self.move_to(event.category_id.into());
        self.topic = text(&event.topic);
        self.avatar = text(&event.channel_avatar);
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
            slug: text(&permission.slug),
            title: text(&permission.title),
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
            name: text(&role.title),
            slug: text(&role.slug),
            color: text(&role.color),
            icon: text(&role.role_icon),
            description: text(&role.description),
            display_online: role.display_online,
            allow_mention: role.allow_mention,
            order: role.order_role,
            permissions: permissions.take(MAX_ITEMS).map(Into::into).collect(),
        }
    }
}

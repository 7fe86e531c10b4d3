//! What a world is made of: users, clans, channels, messages. Data only; the rules are in the files beside this one.

use std::collections::{BTreeMap, BTreeSet};

use mezon_protocol::proto::api;
use mezon_protocol::{ChannelId, ClanId, MessageId, RoleId, Secret, UserId};

/// What sort of channel it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelKind {
    /// A text channel of a clan.
    Text,
    /// A conversation of several people, outside of clans.
    Group,
    /// A conversation of two, outside of clans.
    Direct,
    /// A stage with an audience.
    Streaming,
    /// A thread below a text channel.
    Thread,
    /// A channel that shows an application.
    App,
    /// A channel in which few may write.
    Announcement,
    /// A voice room.
    Voice,
}

impl ChannelKind {
    /// The `channel_type` of the wire.
    pub const fn wire_type(self) -> i32 {
        match self {
            Self::Text => 1,
            Self::Group => 2,
            Self::Direct => 3,
            Self::Streaming => 6,
            Self::Thread => 7,
            Self::App => 8,
            Self::Announcement => 9,
            Self::Voice => 10,
        }
    }

    /// The `mode` of messages in such a channel.
    pub const fn mode(self) -> i32 {
        match self {
            Self::Text | Self::Streaming | Self::App | Self::Announcement | Self::Voice => 2,
            Self::Group => 3,
            Self::Direct => 4,
            Self::Thread => 6,
        }
    }

    pub(super) const fn from_wire(wire_type: i32) -> Option<Self> {
        match wire_type {
            1 => Some(Self::Text),
            2 => Some(Self::Group),
            3 => Some(Self::Direct),
            6 => Some(Self::Streaming),
            7 => Some(Self::Thread),
            8 => Some(Self::App),
            9 => Some(Self::Announcement),
            10 => Some(Self::Voice),
            _ => None,
        }
    }

    /// True for what lives outside of clans.
    pub(super) const fn is_direct(self) -> bool {
        matches!(self, Self::Direct | Self::Group)
    }
}

/// A user to be: a person, or a bot with its API key.
///
/// ```
/// use mezon_sandbox::{NewUser, World};
///
/// let mut builder = World::builder();
/// let alice = builder.user(NewUser::person("alice").display_name("Alice A"));
/// let bot = builder.user(NewUser::bot("helper", "a-key").id(1840000000000000001));
/// assert_ne!(alice, bot);
/// ```
#[derive(Clone, Debug)]
pub struct NewUser {
    pub(super) id: Option<UserId>,
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) avatar: String,
    pub(super) key: Option<Secret>,
}

impl NewUser {
    /// A person, who acts through the world's own methods.
    pub fn person(username: impl Into<String>) -> Self {
        let username = username.into();
        let avatar = format!("https://cdn.mezon.test/{username}.png");
        Self { id: None, username, display_name: String::new(), avatar, key: None }
    }

    /// A bot, which logs in with its id and this API key.
    pub fn bot(username: impl Into<String>, api_key: &str) -> Self {
        Self { key: Some(Secret::from(api_key)), ..Self::person(username) }
    }

    /// Sets the id; otherwise one is made.
    #[must_use]
    pub fn id(mut self, id: impl Into<UserId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the display name; otherwise there is none.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = name.into();
        self
    }

    /// Sets the URL of the avatar; otherwise it is made from the user name.
    #[must_use]
    pub fn avatar(mut self, url: impl Into<String>) -> Self {
        self.avatar = url.into();
        self
    }
}

/// A clan to be.
#[derive(Clone, Debug)]
pub struct NewClan {
    pub(super) id: Option<ClanId>,
    pub(super) name: String,
    pub(super) logo: String,
}

impl NewClan {
    /// A clan of that name, without members or channels yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), logo: "https://cdn.mezon.test/clan.png".to_owned() }
    }

    /// Sets the id; otherwise one is made.
    #[must_use]
    pub fn id(mut self, id: impl Into<ClanId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the URL of the logo.
    #[must_use]
    pub fn logo(mut self, url: impl Into<String>) -> Self {
        self.logo = url.into();
        self
    }
}

/// A channel of a clan to be.
///
/// A public one belongs to all members of the clan; a private one and a thread to the members that are named.
#[derive(Clone, Debug)]
pub struct NewChannel {
    pub(super) id: Option<ChannelId>,
    pub(super) name: String,
    pub(super) kind: ChannelKind,
    pub(super) private: bool,
    pub(super) parent: ChannelId,
    pub(super) members: BTreeSet<UserId>,
    pub(super) asleep: bool,
}

impl NewChannel {
    /// A public text channel.
    pub fn text(name: impl Into<String>) -> Self {
        Self::of_kind(ChannelKind::Text, name)
    }

    /// A public voice room.
    pub fn voice(name: impl Into<String>) -> Self {
        Self::of_kind(ChannelKind::Voice, name)
    }

    /// A text channel that only these members see.
    pub fn private(name: impl Into<String>, members: impl IntoIterator<Item = UserId>) -> Self {
        Self { private: true, ..Self::of_kind(ChannelKind::Text, name) }.members(members)
    }

    /// A thread below that channel, with these members.
    pub fn thread(parent: ChannelId, name: impl Into<String>, members: impl IntoIterator<Item = UserId>) -> Self {
        Self { parent, ..Self::of_kind(ChannelKind::Thread, name) }.members(members)
    }

    /// A public channel of any kind that a clan can have.
    pub fn of_kind(kind: ChannelKind, name: impl Into<String>) -> Self {
        Self {
            id: None,
            name: name.into(),
            kind,
            private: false,
            parent: ChannelId::NONE,
            members: BTreeSet::new(),
            asleep: false,
        }
    }

    /// Sets the id; otherwise one is made.
    #[must_use]
    pub fn id(mut self, id: impl Into<ChannelId>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds members. They matter for private channels and threads only.
    #[must_use]
    pub fn members(mut self, members: impl IntoIterator<Item = UserId>) -> Self {
        self.members.extend(members);
        self
    }

    /// A thread that rests: the next message of a person wakes it, which `channel_updated_event` announces.
    #[must_use]
    pub fn asleep(mut self) -> Self {
        self.asleep = true;
        self
    }
}

/// A user as the world keeps it.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: UserId,
    pub(super) username: String,
    pub(super) display_name: String,
    pub(super) avatar: String,
    pub(super) key: Option<Secret>,
    pub(super) clans: BTreeSet<ClanId>,
    /// The channels that name their members: direct ones, groups, private ones, threads.
    pub(super) channels: BTreeSet<ChannelId>,
    /// What no rule asks for: languages, status texts, dates.
    pub(super) details: api::User,
}

impl User {
    pub(super) fn is_bot(&self) -> bool {
        self.key.is_some()
    }

    /// The name that people see.
    pub(super) fn shown_name(&self) -> &str {
        if self.display_name.is_empty() { &self.username } else { &self.display_name }
    }
}

/// A clan as the world keeps it.
#[derive(Clone, Debug)]
pub(super) struct Clan {
    pub(super) id: ClanId,
    pub(super) name: String,
    pub(super) logo: String,
    pub(super) owner: UserId,
    pub(super) members: BTreeSet<UserId>,
    pub(super) nicks: BTreeMap<UserId, String>,
    pub(super) avatars: BTreeMap<UserId, String>,
    /// In the order of their creation.
    pub(super) channels: Vec<ChannelId>,
    /// What no rule asks for: banners, descriptions, the welcome channel.
    pub(super) details: api::ClanDesc,
}

/// A channel as the world keeps it.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    pub(super) clan: ClanId,
    pub(super) parent: ChannelId,
    pub(super) name: String,
    pub(super) kind: ChannelKind,
    pub(super) private: bool,
    pub(super) asleep: bool,
    pub(super) creator: UserId,
    pub(super) members: BTreeSet<UserId>,
    /// Whoever has one of these roles sees the channel too.
    pub(super) roles: BTreeSet<RoleId>,
    pub(super) messages: BTreeMap<MessageId, Stored>,
    /// What no rule asks for: category, topic, avatar, app.
    pub(super) details: api::ChannelDescription,
}

impl Channel {
    /// True when it belongs to those who are named in it, and not to a whole clan.
    pub(super) fn names_members(&self) -> bool {
        self.private || self.kind == ChannelKind::Thread || self.kind.is_direct()
    }

    /// The name of a voice room for the media server.
    pub(super) fn meeting_code(&self) -> String {
        format!("room-{}", self.id)
    }

    pub(super) fn is_public(&self) -> bool {
        !self.private && !self.kind.is_direct()
    }
}

/// A message as the world keeps it.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) id: MessageId,
    pub(super) channel: ChannelId,
    /// Who wrote it, also when it was sent anonymously.
    pub(super) author: UserId,
    pub(super) anonymous: bool,
    /// The name and avatar of the webhook that posted it. Nobody is its author then.
    pub(super) webhook: Option<(String, String)>,
    pub(super) code: i32,
    pub(super) content: String,
    pub(super) mentions: Vec<api::MessageMention>,
    pub(super) attachments: Vec<api::MessageAttachment>,
    pub(super) references: Vec<api::MessageRef>,
    pub(super) reactions: Vec<api::MessageReaction>,
    pub(super) topic: i64,
    pub(super) hide_edited: bool,
    pub(super) created_seconds: u32,
    pub(super) updated_seconds: u32,
}

/// The category under which the world shows all channels of its clans.
pub(super) const CATEGORY: &str = "main";

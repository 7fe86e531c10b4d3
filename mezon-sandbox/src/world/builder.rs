//! Building a world in code.

use mezon_protocol::{ChannelId, ClanId, Now, RoleId, UserId};

use super::World;
use super::delivery::NO_CLAN;
use super::model::{ChannelKind, NewChannel, NewClan, NewUser};
use super::settings::Settings;

/// Who founded what nobody else did: user id 0.
const NOBODY: UserId = UserId::NONE;

/// Makes a world. Each method gives the id of what it made; ids are made unless they are given.
///
/// ```
/// use mezon_sandbox::{NewChannel, World};
///
/// let mut builder = World::builder();
/// let (alice, bob) = (builder.person("alice"), builder.person("bob"));
/// let bot = builder.bot("helper", "a-key");
/// let clan = builder.clan("Clan A");
/// builder.everyone_in(clan);
/// let general = builder.channel(clan, "general");
/// let secret = builder.add_channel(clan, NewChannel::private("secret", [alice, bot]));
/// let chat = builder.dm(bob, bot);
/// let world = builder.build();
/// assert_eq!(world.channel_named("general"), Some(general));
/// assert_eq!(world.direct_channel(bot, bob), Some(chat));
/// # let _ = secret;
/// ```
#[derive(Debug)]
pub struct WorldBuilder {
    world: World,
}

impl WorldBuilder {
    pub(super) fn new() -> Self {
        Self { world: World::empty(0) }
    }

    /// Sets the seed from which tokens and random choices come. Default: 0. Give it first.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        let settings = self.world.settings.clone();
        assert!(self.world.users.is_empty() && self.world.clans.is_empty(), "the seed comes before what is built");
        self.world = World { settings, ..World::empty(seed) };
        self
    }

    /// The settings, to be changed.
    pub fn settings(&mut self) -> &mut Settings {
        &mut self.world.settings
    }

    /// Adds a person.
    pub fn person(&mut self, username: &str) -> UserId {
        self.user(NewUser::person(username))
    }

    /// Adds a bot with its API key.
    pub fn bot(&mut self, username: &str, api_key: &str) -> UserId {
        self.user(NewUser::bot(username, api_key))
    }

    /// Adds a user.
    ///
    /// # Panics
    ///
    /// When the id is taken.
    pub fn user(&mut self, new: NewUser) -> UserId {
        self.world.add_user(Now::default(), new)
    }

    /// Adds a clan, without members yet.
    pub fn clan(&mut self, name: &str) -> ClanId {
        self.add_clan(NewClan::new(name))
    }

    /// Adds a clan, without members yet.
    ///
    /// # Panics
    ///
    /// When the id is taken.
    pub fn add_clan(&mut self, new: NewClan) -> ClanId {
        self.world.insert_clan(Now::default(), NOBODY, new)
    }

    /// Makes a user a member of a clan.
    ///
    /// # Panics
    ///
    /// When there is no such user or clan.
    pub fn member(&mut self, clan: ClanId, user: UserId) -> &mut Self {
        self.world.insert_member(clan, user);
        self
    }

    /// Makes all users so far members of a clan.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn everyone_in(&mut self, clan: ClanId) -> &mut Self {
        let users: Vec<UserId> = self.world.users.keys().copied().collect();
        for user in users {
            self.world.insert_member(clan, user);
        }
        self
    }

    /// Adds a role to a clan, with these members.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn role(&mut self, clan: ClanId, title: &str, members: impl IntoIterator<Item = UserId>) -> RoleId {
        self.world.create_role(Now::default(), clan, title, members)
    }

    /// Gives a member of a clan a name of its own there.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn nick(&mut self, clan: ClanId, user: UserId, nick: &str) -> &mut Self {
        self.world.clan_or_panic(clan);
        if let Some(clan) = self.world.clans.get_mut(&clan) {
            clan.nicks.insert(user, nick.to_owned());
        }
        self
    }

    /// Adds a public text channel.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn channel(&mut self, clan: ClanId, name: &str) -> ChannelId {
        self.add_channel(clan, NewChannel::text(name))
    }

    /// Adds a channel of any kind to a clan.
    ///
    /// # Panics
    ///
    /// When the id is taken, or there is no such clan or member.
    pub fn add_channel(&mut self, clan: ClanId, new: NewChannel) -> ChannelId {
        self.world.insert_channel(Now::default(), clan, NOBODY, new)
    }

    /// Adds the direct channel of two users.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn dm(&mut self, a: UserId, b: UserId) -> ChannelId {
        let new = NewChannel::of_kind(ChannelKind::Direct, "").members([a, b]);
        self.world.insert_channel(Now::default(), NO_CLAN, a, new)
    }

    /// Adds a group.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn group(&mut self, name: &str, members: impl IntoIterator<Item = UserId>) -> ChannelId {
        let new = NewChannel::of_kind(ChannelKind::Group, name).members(members);
        self.world.insert_channel(Now::default(), NO_CLAN, NOBODY, new)
    }

    /// Gives a user so many tokens on the ledger. Without it people have
    /// [some](super::LedgerSettings::opening_balance) and bots nothing.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn balance(&mut self, user: UserId, tokens: u64) -> &mut Self {
        self.world.set_balance(user, tokens);
        self
    }

    /// The world so far.
    pub(super) fn world(&self) -> &World {
        &self.world
    }

    /// The world.
    pub fn build(self) -> World {
        self.world
    }
}

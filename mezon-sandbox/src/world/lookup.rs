//! Finding users, clans and channels by their names, for those who were not there when the world was built.

use mezon_protocol::{ChannelId, ClanId, MessageId, UserId};

use super::World;
use super::model::{Channel, ChannelKind, Clan, Stored, User};

impl World {
    /// The user of that user name.
    pub fn user_named(&self, username: &str) -> Option<UserId> {
        self.users.values().find(|user| user.username == username).map(|user| user.id)
    }

    /// The first clan of that name.
    pub fn clan_named(&self, name: &str) -> Option<ClanId> {
        self.clans.values().find(|clan| clan.name == name).map(|clan| clan.id)
    }

    /// The first channel or group of that name, in the order of their ids.
    pub fn channel_named(&self, name: &str) -> Option<ChannelId> {
        let named = |channel: &&Channel| channel.kind != ChannelKind::Direct && channel.name == name;
        self.channels.values().find(named).map(|channel| channel.id)
    }

    /// The direct channel of two users, if they have one.
    pub fn direct_channel(&self, a: UserId, b: UserId) -> Option<ChannelId> {
        let of_both = |channel: &&Channel| channel.kind == ChannelKind::Direct && channel.members.contains(&b);
        let channels = &self.users.get(&a)?.channels;
        channels.iter().filter_map(|id| self.channels.get(id)).find(of_both).map(|channel| channel.id)
    }

    /// The user name of a user.
    pub fn username(&self, user: UserId) -> Option<&str> {
        self.users.get(&user).map(|user| user.username.as_str())
    }

    /// The name of a clan.
    pub fn clan_name(&self, clan: ClanId) -> Option<&str> {
        self.clans.get(&clan).map(|clan| clan.name.as_str())
    }

    /// The clan of a channel, `None` for direct channels, groups, and channels that do not exist.
    pub fn clan_of(&self, channel: ChannelId) -> Option<ClanId> {
        self.channels.get(&channel).map(|channel| channel.clan).filter(|clan| !clan.is_none())
    }

    /// True when the user may see the channel, and so act in it. What does not exist is not seen.
    pub fn can_see(&self, user: UserId, channel: ChannelId) -> bool {
        self.channels.get(&channel).is_some_and(|channel| self.sees(user, channel))
    }

    /// The API key of a bot. `None` for people.
    pub fn api_key(&self, bot: UserId) -> Option<&str> {
        self.users.get(&bot)?.key.as_ref().map(|key| key.expose())
    }

    /// All users, bots among them, in the order of their ids.
    pub fn user_ids(&self) -> Vec<UserId> {
        self.users.keys().copied().collect()
    }

    /// All bots, in the order of their ids.
    pub fn bots(&self) -> Vec<UserId> {
        self.users.values().filter(|user| user.is_bot()).map(|user| user.id).collect()
    }

    /// All clans, in the order of their ids.
    pub fn clan_ids(&self) -> Vec<ClanId> {
        self.clans.keys().copied().collect()
    }

    /// The channels of a clan in the order of their creation. Empty for a clan that does not exist.
    pub fn channels_of(&self, clan: ClanId) -> Vec<ChannelId> {
        self.clans.get(&clan).map(|clan| clan.channels.clone()).unwrap_or_default()
    }

    /// What a channel is called by people: its name, or both names for a direct channel.
    pub fn channel_name(&self, channel: ChannelId) -> Option<String> {
        let channel = self.channels.get(&channel)?;
        if channel.kind != ChannelKind::Direct {
            return Some(channel.name.clone());
        }
        let names: Vec<&str> = channel.members.iter().filter_map(|user| self.username(*user)).collect();
        Some(names.join("+"))
    }

    /// The channel of a message, `None` when it does not exist or was deleted.
    pub fn channel_of(&self, message: MessageId) -> Option<ChannelId> {
        self.stored(message).map(|stored| stored.channel)
    }

    /// The text of a message as it is now, `None` when it does not exist or was deleted.
    pub fn text_of(&self, message: MessageId) -> Option<String> {
        self.stored(message).map(|stored| super::text::text_of(&stored.content))
    }

    /// The ids of a channel's messages, oldest first.
    pub fn messages_in(&self, channel: ChannelId) -> Vec<MessageId> {
        self.channels.get(&channel).map(|channel| channel.messages.keys().copied().collect()).unwrap_or_default()
    }

    /// People always are; bots while they are connected.
    pub(super) fn is_online(&self, user: &User) -> bool {
        !user.is_bot() || self.newest_connection(user.id).is_some()
    }

    pub(super) fn stored(&self, message: MessageId) -> Option<&Stored> {
        let channel = self.message_channels.get(&message)?;
        self.channels.get(channel)?.messages.get(&message)
    }

    pub(super) fn stored_mut(&mut self, message: MessageId) -> Option<&mut Stored> {
        let channel = self.message_channels.get(&message)?;
        self.channels.get_mut(channel)?.messages.get_mut(&message)
    }

    /// For the methods by which people act: their ids come from this world, anything else is a bug of the caller.
    pub(super) fn user_or_panic(&self, user: UserId) -> &User {
        self.users.get(&user).unwrap_or_else(|| panic!("there is no user {user} in this world"))
    }

    pub(super) fn clan_or_panic(&self, clan: ClanId) -> &Clan {
        self.clans.get(&clan).unwrap_or_else(|| panic!("there is no clan {clan} in this world"))
    }

    pub(super) fn channel_or_panic(&self, channel: ChannelId) -> &Channel {
        self.channels.get(&channel).unwrap_or_else(|| panic!("there is no channel {channel} in this world"))
    }
}

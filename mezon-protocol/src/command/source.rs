//! What a router must know of a message.

use std::borrow::Cow;

use crate::content::Mention;
use crate::id::{ChannelId, ClanId, UserId};
use crate::object::{Backend, Message};
use crate::route::Mode;

/// Where a command may come from: a received [`Message`], or something of one's own, as in a test.
pub trait Source {
    /// What was written.
    fn text(&self) -> Cow<'_, str>;

    /// Who is mentioned. Asked for only when it may matter.
    fn mentions(&self) -> Vec<Mention>;

    /// The bot.
    fn own_id(&self) -> UserId;

    /// Who wrote it.
    fn user_id(&self) -> UserId;

    /// Where.
    fn channel_id(&self) -> ChannelId;

    /// In which clan; 0 for direct and group messages.
    fn clan_id(&self) -> ClanId;

    /// The mode of the channel.
    fn mode(&self) -> Mode;

    /// True if the bot alone was told, as by a slash command.
    fn is_ephemeral(&self) -> bool;
}

impl<B: Backend> Source for Message<B> {
    fn text(&self) -> Cow<'_, str> {
        self.text()
    }

    fn mentions(&self) -> Vec<Mention> {
        self.mentions()
    }

    fn own_id(&self) -> UserId {
        self.data().own_id()
    }

    fn user_id(&self) -> UserId {
        self.sender_id()
    }

    fn channel_id(&self) -> ChannelId {
        self.channel_id()
    }

    fn clan_id(&self) -> ClanId {
        self.clan_id()
    }

    fn mode(&self) -> Mode {
        self.mode()
    }

    fn is_ephemeral(&self) -> bool {
        self.is_ephemeral()
    }
}

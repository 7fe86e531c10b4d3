//! Reactions to messages.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, MessageId, Now};

use super::World;
use super::messages::Caller;
use super::refusal::Refusal;
use super::transcript::What;

impl World {
    /// A reaction is added, or removed when its `action` is true; all who listen are told, whoever reacted among them.
    /// Gives it back as the server completes it.
    pub(super) fn put_reaction(
        &mut self,
        now: Now,
        caller: Caller,
        mut reaction: api::MessageReaction,
    ) -> Result<api::MessageReaction, Refusal> {
        let (channel, message) = (ChannelId::new(reaction.channel_id), MessageId::new(reaction.message_id));
        self.check_route(caller, channel, reaction.clan_id, reaction.mode)?;
        if self.stored(message).is_none_or(|stored| stored.channel != channel) {
            return Err(Refusal::no_message());
        }
        self.complete(now, caller, &mut reaction);
        let stored = self.stored_mut(message).ok_or_else(Refusal::no_message)?;
        let same = |other: &api::MessageReaction| {
            other.sender_id == reaction.sender_id
                && other.emoji_id == reaction.emoji_id
                && other.emoji == reaction.emoji
        };
        stored.reactions.retain(|other| !same(other));
        if !reaction.action {
            stored.reactions.push(reaction.clone());
        }
        self.tell_in_turn(channel, |_| Message::MessageReactionEvent(Box::new(reaction.clone())));
        self.record(
            now,
            What::Reacted {
                user: caller.user(),
                channel,
                message,
                emoji: reaction.emoji.clone(),
                removed: reaction.action,
                by_client: caller.is_client(),
            },
        );
        Ok(reaction)
    }

    fn complete(&mut self, now: Now, caller: Caller, reaction: &mut api::MessageReaction) {
        if reaction.id == 0 {
            reaction.id = self.ids.next(now);
        }
        reaction.sender_id = caller.user().get();
        if let Some(sender) = self.users.get(&caller.user()) {
            reaction.sender_name.clone_from(&sender.username);
            reaction.sender_avatar.clone_from(&sender.avatar);
        }
    }
}

//! People act: what they say and do reaches bots as on the live service.

use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{ChannelId, EmojiId, MessageId, Now, UserId};

use super::World;
use super::messages::Caller;
use super::refusal::Refusal;
use super::text::{content_of, utf16_len};
use super::transcript::What;

/// # What people do
///
/// Ids come from this world, and a person acts only where it belongs; anything else is a bug of the caller, and these
/// methods panic then. `user` may also be a bot, which then acts without its client.
impl World {
    /// Somebody says something in a channel. A thread that rested wakes first.
    ///
    /// # Panics
    ///
    /// When there is no such user or channel, or the user is no member of it.
    pub fn say(&mut self, now: Now, user: UserId, channel: ChannelId, text: &str) -> MessageId {
        self.say_content(now, user, channel, &content_of(text), Vec::new())
    }

    /// Somebody says something with a content of its own, JSON text, and these mentions.
    ///
    /// # Panics
    ///
    /// As [`say`](Self::say).
    pub fn say_content(
        &mut self,
        now: Now,
        user: UserId,
        channel: ChannelId,
        content: &str,
        mentions: Vec<api::MessageMention>,
    ) -> MessageId {
        let mut send = self.draft(channel, content.to_owned());
        send.mentions = mentions;
        self.act_post(now, user, send)
    }

    /// Somebody replies to a message.
    ///
    /// # Panics
    ///
    /// When there is no such user or message, or the user is no member of its channel.
    pub fn reply(&mut self, now: Now, user: UserId, to: MessageId, text: &str) -> MessageId {
        let quoted = self.stored(to).unwrap_or_else(|| panic!("there is no message {to} in this world")).clone();
        let author = self.users.get(&quoted.author);
        let reference = api::MessageRef {
            message_ref_id: to.get(),
            content: quoted.content,
            has_attachment: !quoted.attachments.is_empty(),
            message_sender_id: quoted.author.get(),
            message_sender_username: author.map(|author| author.shown_name().to_owned()).unwrap_or_default(),
            message_sender_avatar: author.map(|author| author.avatar.clone()).unwrap_or_default(),
            message_sender_display_name: author.map(|author| author.display_name.clone()).unwrap_or_default(),
            ..api::MessageRef::default()
        };
        let mut send = self.draft(quoted.channel, content_of(text));
        send.references = vec![reference];
        send.topic_id = quoted.topic;
        self.act_post(now, user, send)
    }

    /// Somebody mentions a user: the text is put after `@name` and a blank.
    ///
    /// # Panics
    ///
    /// As [`say`](Self::say), and when there is no user `whom`.
    pub fn mention(&mut self, now: Now, user: UserId, channel: ChannelId, whom: UserId, text: &str) -> MessageId {
        let name = self.user_or_panic(whom).username.clone();
        let label = format!("@{name}");
        let mention = api::MessageMention {
            user_id: whom.get(),
            username: name,
            e: i32::try_from(utf16_len(&label)).unwrap_or(i32::MAX),
            ..api::MessageMention::default()
        };
        let content = content_of(&format!("{label} {text}"));
        self.say_content(now, user, channel, &content, vec![mention])
    }

    /// Somebody writes to a bot, or to anybody, directly. The channel is opened when there is none yet, and then the
    /// message is heard a while later ([`typing_time`](super::Settings::typing_time)), as nobody types it at once. What
    /// follows it in the channel before that is heard after it, at the same time.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn dm(&mut self, now: Now, user: UserId, to: UserId, text: &str) -> MessageId {
        let existing = self.direct_channel(user, to);
        let channel = self.open_dm(now, user, to);
        if existing.is_none() && !self.settings.typing_time.is_zero() {
            self.agenda.hold(channel, now.elapsed.saturating_add(self.settings.typing_time));
        }
        let send = self.draft(channel, content_of(text));
        self.act_post(now, user, send)
    }

    /// Somebody edits an own message.
    ///
    /// # Panics
    ///
    /// When there is no such message, or it is somebody else's.
    pub fn edit(&mut self, now: Now, user: UserId, message: MessageId, text: &str) {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        let update = realtime::ChannelMessageUpdate {
            channel_id: stored.channel.get(),
            message_id: message.get(),
            content: content_of(text),
            mentions: stored.mentions.clone(),
            attachments: stored.attachments.clone(),
            topic_id: stored.topic,
            ..realtime::ChannelMessageUpdate::default()
        };
        let edited = self.edit_stored(now, Caller::Person(user), update);
        allowed("edit", edited.map(|_| ()));
    }

    /// Somebody deletes an own message.
    ///
    /// # Panics
    ///
    /// When there is no such message, or it is somebody else's.
    pub fn delete(&mut self, now: Now, user: UserId, message: MessageId) {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        let remove = realtime::ChannelMessageRemove {
            channel_id: stored.channel.get(),
            message_id: message.get(),
            ..realtime::ChannelMessageRemove::default()
        };
        let deleted = self.delete_stored(now, Caller::Person(user), &remove);
        allowed("delete", deleted.map(|_| ()));
    }

    /// Somebody reacts to a message with an emoji, such as `:ok:`.
    ///
    /// # Panics
    ///
    /// When there is no such message, or the user is no member of its channel.
    pub fn react(&mut self, now: Now, user: UserId, message: MessageId, emoji: &str) {
        self.act_react(now, user, message, emoji, false);
    }

    /// Somebody takes a reaction back.
    ///
    /// # Panics
    ///
    /// As [`react`](Self::react).
    pub fn unreact(&mut self, now: Now, user: UserId, message: MessageId, emoji: &str) {
        self.act_react(now, user, message, emoji, true);
    }

    /// Somebody types.
    ///
    /// # Panics
    ///
    /// When there is no such user or channel.
    pub fn type_in(&mut self, user: UserId, channel: ChannelId) {
        let (person, place) = (self.user_or_panic(user), self.channel_or_panic(channel));
        let event = realtime::MessageTypingEvent {
            clan_id: place.clan.get(),
            channel_id: channel.get(),
            sender_id: user.get(),
            mode: place.kind.mode(),
            is_public: place.is_public(),
            sender_username: person.username.clone(),
            sender_display_name: person.display_name.clone(),
            topic_id: 0,
        };
        let listeners = self.listeners(channel);
        self.push(&listeners, Message::MessageTypingEvent(Box::new(event)));
    }

    /// Somebody presses a button of a message. Its author gets the click on all connections, whatever they joined.
    /// `extra_data` is the JSON text of the form's values, or empty; for a choice in a select, the bare value.
    ///
    /// # Panics
    ///
    /// When there is no such message.
    pub fn click(&mut self, user: UserId, message: MessageId, button: &str, extra_data: &str) {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        let (author, channel) = (stored.author, stored.channel);
        let event = realtime::MessageButtonClicked {
            message_id: message.get(),
            channel_id: channel.get(),
            button_id: button.to_owned(),
            sender_id: author.get(),
            user_id: user.get(),
            extra_data: extra_data.to_owned(),
        };
        let listeners = self.connections_of(author);
        self.push(&listeners, Message::MessageButtonClicked(Box::new(event)));
        let (button, data) = (button.to_owned(), extra_data.to_owned());
        self.record_untimed(What::Clicked { user, channel, message, button, data });
    }

    fn act_react(&mut self, now: Now, user: UserId, message: MessageId, emoji: &str, removed: bool) {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        let (author, channel) = (stored.author, self.channel_or_panic(stored.channel));
        let reaction = api::MessageReaction {
            emoji_id: emoji_id(emoji).get(),
            emoji: emoji.to_owned(),
            action: removed,
            count: 1,
            channel_id: channel.id.get(),
            message_id: message.get(),
            clan_id: channel.clan.get(),
            mode: channel.kind.mode(),
            message_sender_id: author.get(),
            is_public: channel.is_public(),
            ..api::MessageReaction::default()
        };
        let reacted = self.put_reaction(now, Caller::Person(user), reaction);
        allowed("react", reacted.map(|_| ()));
    }

    pub(in crate::world) fn act_post(
        &mut self,
        now: Now,
        user: UserId,
        send: realtime::ChannelMessageSend,
    ) -> MessageId {
        self.user_or_panic(user);
        self.channel_or_panic(ChannelId::new(send.channel_id));
        self.post(now, Caller::Person(user), send)
            .unwrap_or_else(|refusal| panic!("{user} cannot say this: {}", refusal.message))
    }

    pub(super) fn draft(&self, channel: ChannelId, content: String) -> realtime::ChannelMessageSend {
        let channel = self.channel_or_panic(channel);
        realtime::ChannelMessageSend {
            clan_id: channel.clan.get(),
            channel_id: channel.id.get(),
            content,
            mode: channel.kind.mode(),
            is_public: channel.is_public(),
            ..realtime::ChannelMessageSend::default()
        }
    }
}

fn allowed(what: &str, result: Result<(), Refusal>) {
    if let Err(refusal) = result {
        panic!("cannot {what}: {}", refusal.message);
    }
}

/// The same id for the same name, so that taking back finds what was added.
fn emoji_id(name: &str) -> EmojiId {
    let sum = name.bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 1_000_003);
    EmojiId::new(1_777_000_000_000_000_000 + sum)
}

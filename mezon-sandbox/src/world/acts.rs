//! What people do besides talking: coming and going, menus, commands.

use mezon_protocol::proto::realtime;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, ClanId, MessageId, Now, UserId};

use super::World;
use super::messages::Caller;
use super::model::NewChannel;
use super::text::content_of;

/// The code of a message that only its receiver sees.
const EPHEMERAL: i32 = 12;

/// The kind of quick menu that says something instead of telling the bot.
const FLASH: i32 = 1;

/// # What else people do
impl World {
    /// Somebody selects in a box of a message: its author gets `dropdown_box_selected`, whatever was joined. The live
    /// service has this event, though its present clients send a click instead: see [`choose`](Self::choose).
    ///
    /// # Panics
    ///
    /// When there is no such message.
    pub fn dropdown(&mut self, user: UserId, message: MessageId, select: &str, values: &[&str]) {
        let stored = self.stored(message).unwrap_or_else(|| panic!("there is no message {message} in this world"));
        let author = stored.author;
        let event = realtime::DropdownBoxSelected {
            message_id: message.get(),
            channel_id: stored.channel.get(),
            selectbox_id: select.to_owned(),
            sender_id: author.get(),
            user_id: user.get(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        self.tell_user(author, Message::DropdownBoxSelected(Box::new(event)));
    }

    /// Somebody chooses an entry of a bot's quick menu, on a message or in the channel. The bot is told, whatever it
    /// joined; an entry of the flash kind is said instead.
    ///
    /// # Panics
    ///
    /// When there is no such user or channel.
    pub fn quick_menu(
        &mut self,
        now: Now,
        user: UserId,
        bot: UserId,
        menu: &str,
        channel: ChannelId,
        target: Option<MessageId>,
    ) {
        let mut menus = self.records.menus.values().filter(|known| known.bot_id == bot.get());
        let flash = menus.find(|known| known.menu_name == menu && known.menu_type == FLASH);
        if let Some(action) = flash.map(|flash| flash.action_msg.clone()) {
            self.say(now, user, channel, &action);
            return;
        }
        let target = target.and_then(|target| self.stored(target)).cloned();
        let content = target.as_ref().map_or_else(|| content_of(""), |target| target.content.clone());
        let mut message = self.draft(channel, content);
        let mut author = UserId::NONE;
        if let Some(target) = target {
            message.id = target.id.get();
            message.topic_id = target.topic;
            message.mentions = target.mentions;
            message.attachments = target.attachments;
            author = target.author;
        }
        let event = realtime::QuickMenuDataEvent {
            menu_name: menu.to_owned(),
            message: Some(message),
            sender_id: user.get(),
            message_sender_id: author.get(),
        };
        self.tell_user(bot, Message::QuickMenuEvent(Box::new(event)));
    }

    /// Somebody gives a bot a slash command: a message that only the bot gets, that is neither stored nor echoed.
    ///
    /// # Panics
    ///
    /// When there is no such user or channel, or the user is no member of it.
    pub fn slash(&mut self, now: Now, user: UserId, channel: ChannelId, bot: UserId, command: &str) -> MessageId {
        self.user_or_panic(user);
        let message = realtime::ChannelMessageSend { code: EPHEMERAL, ..self.draft(channel, content_of(command)) };
        let send = realtime::EphemeralMessageSend { message: Some(message), receiver_ids: vec![bot.get()] };
        let said = self.whisper(now, Caller::Person(user), send);
        let said = said.unwrap_or_else(|refusal| panic!("{user} cannot say this: {}", refusal.message));
        MessageId::new(said.message_id)
    }

    /// Somebody opens a thread below a channel, with these members besides.
    ///
    /// # Panics
    ///
    /// When there is no such channel or user, or the channel belongs to no clan.
    pub fn open_thread(
        &mut self,
        now: Now,
        user: UserId,
        parent: ChannelId,
        name: &str,
        members: impl IntoIterator<Item = UserId>,
    ) -> ChannelId {
        let clan = self.channel_or_panic(parent).clan;
        self.create_channel(now, clan, user, NewChannel::thread(parent, name, members))
    }

    /// Somebody joins a clan. Nothing happens when it is a member already.
    ///
    /// # Panics
    ///
    /// When there is no such clan or user.
    pub fn join_clan(&mut self, now: Now, user: UserId, clan: ClanId) {
        self.add_to_clan(now, clan, user);
    }

    /// Somebody leaves a clan. Nothing happens when it is no member.
    ///
    /// # Panics
    ///
    /// When there is no such clan or user.
    pub fn leave_clan(&mut self, now: Now, user: UserId, clan: ClanId) {
        self.remove_from_clan(now, clan, user);
    }

    /// Somebody leaves a thread or a group. Nothing happens when it is not in it.
    ///
    /// # Panics
    ///
    /// When there is no such channel.
    pub fn leave(&mut self, now: Now, user: UserId, channel: ChannelId) {
        self.remove_from_channel(now, channel, user);
    }

    /// Somebody asks another for friendship, or accepts what the other has asked.
    ///
    /// # Panics
    ///
    /// When there is no such user, or both are the same.
    pub fn befriend(&mut self, now: Now, user: UserId, other: UserId) {
        self.user_or_panic(user);
        self.user_or_panic(other);
        assert_ne!(user, other, "nobody is a friend of one's own");
        self.add_friend(now, user, other);
    }
}

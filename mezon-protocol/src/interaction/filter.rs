//! Which events somebody waits for.

use crate::event::Event;
use crate::id::{ChannelId, MessageId, UserId};
use crate::object::{Backend, ButtonClick, Message};

/// A condition on events, for a [`Standby`](super::Standby): clicks on a message, or messages in a channel.
///
/// ```
/// use mezon_protocol::interaction::Filter;
/// use mezon_protocol::{ChannelId, MessageId, UserId};
///
/// let click = Filter::clicks_on(MessageId::new(7)).by(UserId::new(1)).on_button("save");
/// let answer = Filter::messages_in(ChannelId::new(9)).by(UserId::new(1));
/// # let _ = (click, answer);
/// ```
///
/// Messages of the bot's own do not count, unless [`with_own`](Self::with_own) says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    what: What,
    user: Option<UserId>,
    with_own: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Click { message: MessageId, button: Option<String> },
    Message { channel: ChannelId },
}

impl Filter {
    /// Clicks on the buttons of a message, choices in its selects included.
    pub const fn clicks_on(message: MessageId) -> Self {
        Self::of(What::Click { message, button: None })
    }

    /// New messages in a channel.
    pub const fn messages_in(channel: ChannelId) -> Self {
        Self::of(What::Message { channel })
    }

    const fn of(what: What) -> Self {
        Self { what, user: None, with_own: false }
    }

    /// Only by this user.
    #[must_use]
    pub const fn by(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Only on the button with this id. Nothing changes for messages.
    #[must_use]
    pub fn on_button(mut self, id: impl Into<String>) -> Self {
        if let What::Click { button, .. } = &mut self.what {
            *button = Some(id.into());
        }
        self
    }

    /// The bot's own messages count too.
    #[must_use]
    pub const fn with_own(mut self) -> Self {
        self.with_own = true;
        self
    }

    /// True if an event is one of these.
    pub fn matches<B: Backend>(&self, event: &Event<B>) -> bool {
        if let Event::ButtonClicked(click) = event {
            self.matches_click(click)
        } else if let Event::Message(message) = event {
            self.matches_message(message)
        } else {
            false
        }
    }

    fn matches_click<B: Backend>(&self, click: &ButtonClick<B>) -> bool {
        let What::Click { message, button } = &self.what else { return false };
        let is_button = button.as_ref().is_none_or(|button| button == click.button_id());
        click.message_id() == *message && is_button && self.is_by(click.user_id())
    }

    fn matches_message<B: Backend>(&self, message: &Message<B>) -> bool {
        let What::Message { channel } = &self.what else { return false };
        let may_be_ours = self.with_own || !message.is_own();
        message.channel_id() == *channel && may_be_ours && self.is_by(message.sender_id())
    }

    fn is_by(&self, user: UserId) -> bool {
        self.user.is_none_or(|wanted| wanted == user)
    }
}

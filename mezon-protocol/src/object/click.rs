//! Clicks on buttons.

use std::fmt;

use super::{Backend, Channel, User};
use crate::id::{ChannelId, MessageId, UserId};
use crate::proto::realtime;

/// A button in a message of this bot was pressed. It names neither clan nor mode: where it came from is remembered from
/// the message, or looked up once by the first call that needs it.
pub struct ButtonClick<B> {
    event: Box<realtime::MessageButtonClicked>,
    backend: B,
}

impl<B: Backend> ButtonClick<B> {
    pub(crate) const fn new(event: Box<realtime::MessageButtonClicked>, backend: B) -> Self {
        Self { event, backend }
    }

    /// The id that the button was given.
    pub fn button_id(&self) -> &str {
        &self.event.button_id
    }

    /// Who clicked. Not the sender, who is the bot itself: authorise by this id only.
    pub fn user_id(&self) -> UserId {
        self.event.user_id.into()
    }

    /// Who clicked.
    pub fn user(&self) -> User<B> {
        User::new(self.user_id(), self.backend.clone())
    }

    /// The message with the button.
    pub fn message_id(&self) -> MessageId {
        self.event.message_id.into()
    }

    /// The channel of the message.
    pub fn channel_id(&self) -> ChannelId {
        self.event.channel_id.into()
    }

    /// The channel of the message.
    pub fn channel(&self) -> Channel<B> {
        Channel::by_id(self.channel_id(), self.backend.clone())
    }

    /// What the form around the button holds, as it came: a JSON object of input id and value, or a bare value when a
    /// select was used; empty without a form.
    pub fn extra_data(&self) -> &str {
        &self.event.extra_data
    }

    /// The event as the wire has it.
    pub const fn as_proto(&self) -> &realtime::MessageButtonClicked {
        &self.event
    }
}

impl<B: Clone> Clone for ButtonClick<B> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), backend: self.backend.clone() }
    }
}

/// Shows ids, and nothing that a user typed.
impl<B> fmt::Debug for ButtonClick<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ButtonClick")
            .field("message_id", &self.event.message_id)
            .field("channel_id", &self.event.channel_id)
            .field("user_id", &self.event.user_id)
            .finish_non_exhaustive()
    }
}

//! Clicks on buttons.

use std::fmt;

use super::origin::{Origin, answers};
use super::{Backend, Channel, Editable, SentMessage, User};
use crate::content::Content;
use crate::id::{ChannelId, MessageId, UserId};
use crate::interaction::{ComponentId, ComponentIdError, Form};
use crate::proto::realtime;

/// A button in a message of this bot was pressed, or something chosen in a select: clients report both in this way.
///
/// It names neither clan nor mode: where it came from is remembered from the message, or looked up once by the first call
/// that needs it.
pub struct ButtonClick<B> {
    event: Box<realtime::MessageButtonClicked>,
    backend: B,
}

answers!(ButtonClick);

impl<B: Backend> ButtonClick<B> {
    pub(crate) const fn new(event: Box<realtime::MessageButtonClicked>, backend: B) -> Self {
        Self { event, backend }
    }

    /// The id that the button or the select was given.
    pub fn button_id(&self) -> &str {
        &self.event.button_id
    }

    /// What the id says, as the type that made it.
    ///
    /// # Errors
    ///
    /// [`ComponentIdError`] when it was made by another type or version.
    pub fn component<C: ComponentId>(&self) -> Result<C, ComponentIdError> {
        C::parse(self.button_id())
    }

    /// What the form around the button holds, as it came: a JSON object of input id and value, or a bare value when a
    /// select was used; empty without a form.
    pub fn extra_data(&self) -> &str {
        &self.event.extra_data
    }

    /// What the form around the button holds; for a choice in a select, what was chosen.
    #[doc(alias = "extra_data")]
    pub fn form(&self) -> Form {
        Form::parse(self.extra_data())
    }

    /// True if something was chosen in a select, and nothing submitted.
    pub fn is_select_change(&self) -> bool {
        self.form().is_select_change()
    }

    /// What was chosen in a select; `None` if a button was pressed.
    pub fn value(&self) -> Option<String> {
        self.form().value().map(str::to_owned)
    }

    /// What tells it from the clicks of others and on other buttons, for a [`Guard`](crate::interaction::Guard).
    pub fn key(&self) -> (MessageId, UserId, String) {
        (self.message_id(), self.user_id(), self.button_id().to_owned())
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

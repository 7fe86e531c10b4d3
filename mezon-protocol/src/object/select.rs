//! Choices in selects, in the way in which the platform once meant them to be reported.

use std::fmt;

use super::origin::{Origin, answers};
use super::{Backend, Channel, Editable, SentMessage, User};
use crate::content::Content;
use crate::id::{ChannelId, MessageId, UserId};
use crate::proto::realtime;

/// Something was chosen in a select of a message of this bot.
///
/// The platform's clients report a choice as a click with a bare value instead: see
/// [`ButtonClick::is_select_change`](super::ButtonClick::is_select_change). Handle both.
pub struct SelectChanged<B> {
    event: Box<realtime::DropdownBoxSelected>,
    backend: B,
}

answers!(SelectChanged);

impl<B: Backend> SelectChanged<B> {
    pub(crate) const fn new(event: Box<realtime::DropdownBoxSelected>, backend: B) -> Self {
        Self { event, backend }
    }

    /// The id that the select was given.
    #[doc(alias = "selectbox_id")]
    pub fn select_id(&self) -> &str {
        &self.event.selectbox_id
    }

    /// Everything that is chosen now.
    pub fn values(&self) -> &[String] {
        &self.event.values
    }

    /// What is chosen, the first of several; `None` if nothing is.
    pub fn value(&self) -> Option<&str> {
        self.event.values.first().map(String::as_str)
    }

    /// The event as the wire has it.
    pub const fn as_proto(&self) -> &realtime::DropdownBoxSelected {
        &self.event
    }
}

impl<B: Clone> Clone for SelectChanged<B> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), backend: self.backend.clone() }
    }
}

/// Shows ids, and nothing that a user chose.
impl<B> fmt::Debug for SelectChanged<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelectChanged")
            .field("message_id", &self.event.message_id)
            .field("channel_id", &self.event.channel_id)
            .field("user_id", &self.event.user_id)
            .finish_non_exhaustive()
    }
}

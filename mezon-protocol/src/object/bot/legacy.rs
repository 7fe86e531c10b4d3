//! Sending as older SDKs do it: all that the wire wants is given by hand.

use super::Bot;
use crate::call::{Given, SendMessage};
use crate::content::Content;
use crate::error::Error;
use crate::id::{ChannelId, ClanId, IntoId};
use crate::object::sent::Attach;
use crate::object::{Backend, SentMessage};
use crate::route::{Mode, Route};

impl<B: Backend> Bot<B> {
    /// Sends a message to where the caller says it goes; gives a handle on it, in which [`Sent::ack`] is the answer of
    /// the server. Mentions, attachments and references are those of the content.
    ///
    /// It is here for those who come from an SDK that has it: [`channel`](Self::channel) finds clan, mode and flag by
    /// itself. Ids are taken as such, as integers or as text. Mode 1, which older examples use for channels, is taken
    /// as 2.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for text that is no id.
    ///
    /// [`Sent::ack`]: crate::call::Sent::ack
    pub fn send_message(
        &self,
        clan: impl IntoId<ClanId>,
        channel: impl IntoId<ChannelId>,
        mode: i32,
        is_public: bool,
        content: impl Into<Content>,
    ) -> B::Outcome<SentMessage<B>> {
        let mode = if mode == 1 { Mode::CHANNEL } else { Mode(mode) };
        let route = |clan: Result<ClanId, Error>, channel: Result<ChannelId, Error>| {
            Ok(Route::of_message(channel?, clan?, mode, is_public))
        };
        match route(clan.into_id(), channel.into_id()) {
            Ok(route) => self.backend.call(Attach::new(SendMessage::new(route, content), self.backend.clone())),
            Err(error) => self.backend.call(Given::new(Err(error))),
        }
    }
}

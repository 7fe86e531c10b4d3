//! Messages that only some users see, and that nobody stores.

use super::joining::{IntoChannel, JoinAndRetry};
use super::send::{decode, no_ack, outgoing};
use super::{Answer, Request};
use crate::content::Content;
use crate::error::{Error, ErrorKind};
use crate::id::{MessageId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::Route;

/// The member that answers an ephemeral message.
const MESSAGE: u32 = 6;

/// The code of an ephemeral message.
const SEND: i32 = 12;
/// The code of an edit of an ephemeral message.
const UPDATE: i32 = 14;
/// The code of the removal of an ephemeral message.
const DELETE: i32 = 15;

/// What is done with an ephemeral message: one that only its receivers see, and nobody stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EphemeralAction {
    /// A new one.
    Send,
    /// Another content for one that was sent.
    Update(MessageId),
    /// Away with one that was sent.
    Delete(MessageId),
}

/// Sends, edits or deletes an ephemeral message; joins the channel and does it once more when the server wants that.
/// Ends with the id of the message.
pub type Ephemeral = JoinAndRetry<OutgoingEphemeral>;

impl Ephemeral {
    /// An ephemeral message. For a removal the content does not matter.
    pub fn new(
        route: Route,
        receivers: impl IntoIterator<Item = UserId>,
        action: EphemeralAction,
        content: impl Into<Content>,
    ) -> Self {
        let payload = Payload::Content(action, content.into());
        Self::around(OutgoingEphemeral { route, receivers: receivers.into_iter().collect(), payload })
    }
}

/// An ephemeral message on its way out.
#[derive(Debug)]
pub struct OutgoingEphemeral {
    route: Route,
    receivers: Vec<UserId>,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    /// As the user gave it.
    Content(EphemeralAction, Content),
    /// As it goes out.
    Encoded(Box<realtime::ChannelMessageSend>),
}

impl OutgoingEphemeral {
    fn encode(&mut self, shared: &Shared) -> Result<realtime::ChannelMessageSend, Error> {
        if let Payload::Content(action, content) = &mut self.payload {
            let (code, id, content) = match (*action, std::mem::take(content)) {
                (EphemeralAction::Send, content) => (SEND, MessageId::NONE, content),
                (EphemeralAction::Update(id), content) => (UPDATE, id, content),
                (EphemeralAction::Delete(id), content) => (DELETE, id, removal(&content)),
            };
            let avatar = if code == SEND { shared.own_avatar().to_owned() } else { String::new() };
            let message = outgoing(self.route, content.encode(shared.config.content_limit)?);
            let message = realtime::ChannelMessageSend { code, id: id.get(), avatar, ..message };
            self.payload = Payload::Encoded(Box::new(message));
        }
        match &self.payload {
            Payload::Encoded(message) => Ok(message.as_ref().clone()),
            Payload::Content(..) => Err(no_ack()),
        }
    }
}

/// What a removal says, in the topic of the message.
fn removal(content: &Content) -> Content {
    let marker = Content::text("deleteEphemeral");
    content.topic_id().into_iter().fold(marker, Content::topic)
}

impl IntoChannel for OutgoingEphemeral {
    type Output = MessageId;

    fn route(&self) -> Route {
        self.route
    }

    fn request(&mut self, shared: &Shared) -> Result<Request, Error> {
        if self.receivers.is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("an ephemeral message needs a receiver".into())));
        }
        let message = self.encode(shared)?;
        let receiver_ids = self.receivers.iter().map(|user| user.get()).collect();
        let send = realtime::EphemeralMessageSend { message: Some(message), receiver_ids };
        Ok(Request::Member(envelope::Message::EphemeralMessageSend(Box::new(send))))
    }

    fn output(&mut self, answer: Answer) -> Result<MessageId, Error> {
        match answer {
            Answer::Member { field: MESSAGE, body } => Ok(decode::<wire::ChannelMessage>(body)?.message_id.into()),
            Answer::Member { .. } => Ok(MessageId::NONE),
            Answer::Start
            | Answer::Api(_)
            | Answer::Http(_)
            | Answer::Side { .. }
            | Answer::Elapsed
            | Answer::Ready
            | Answer::Renewed => Err(no_ack()),
        }
    }
}

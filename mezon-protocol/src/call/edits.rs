//! Edits of which only the latest counts.

use std::time::Duration;

use super::{Answer, Call, EditMessage, MessageAddress, OnRoute, Step, Turn};
use crate::content::Content;
use crate::error::Error;
use crate::id::{ChannelId, MessageId, TopicId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::route::Route;

/// A message that is edited again and again, and all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct EditTarget {
    /// The message.
    pub message_id: MessageId,
    /// The channel it is in.
    pub channel_id: ChannelId,
    /// The route to the channel, if it is known; otherwise it is remembered or looked up.
    pub route: Option<Route>,
    /// The topic that it belongs to, 0 for none.
    pub topic_id: TopicId,
    /// When it was created, in seconds since 1970, 0 when not known.
    pub created_at: u32,
    /// Mentions to keep when a content brings none.
    pub kept_mentions: Vec<wire::MessageMention>,
    /// Attachments to keep when a content brings none.
    pub kept_attachments: Vec<wire::MessageAttachment>,
}

impl EditTarget {
    /// A message of which everything is known.
    pub fn at(message: MessageAddress) -> Self {
        Self {
            route: Some(message.route),
            topic_id: message.topic_id,
            created_at: message.created_at,
            ..Self::by_id(message.route.channel, message.message_id)
        }
    }

    /// A message of which only the id is known, as of one with a button.
    pub const fn by_id(channel_id: ChannelId, message_id: MessageId) -> Self {
        Self {
            message_id,
            channel_id,
            route: None,
            topic_id: TopicId::NONE,
            created_at: 0,
            kept_mentions: Vec::new(),
            kept_attachments: Vec::new(),
        }
    }

    /// An edit of it, as a call.
    pub fn edit(self, content: Content) -> EditOnRoute {
        let (channel, route) = (self.channel_id, self.route);
        let make = move |route| EditMessage {
            message: MessageAddress {
                route,
                message_id: self.message_id,
                topic_id: self.topic_id,
                sender_id: UserId::NONE,
                created_at: self.created_at,
            },
            content,
            kept_mentions: self.kept_mentions,
            kept_attachments: self.kept_attachments,
        };
        OnRoute::new(channel, Box::new(make) as MakeEdit).knowing(route)
    }
}

/// An edit of a message whose channel may have to be looked up first. Ends with nothing.
pub type EditOnRoute = OnRoute<EditMessage, MakeEdit>;

/// Makes the edit once the route is known.
pub type MakeEdit = Box<dyn FnOnce(Route) -> EditMessage + Send>;

/// Says what a message is to say next, in place of what was set before and is not under way yet. Ends at once, with
/// nothing: the edit itself is made by the Machine.
#[derive(Debug)]
pub struct SetEdit {
    /// The message.
    pub target: EditTarget,
    /// What it is to say.
    pub content: Content,
    /// The least time between the starts of two edits.
    pub gap: Duration,
}

impl Call for SetEdit {
    type Output = ();

    fn resume(&mut self, shared: &mut Shared, _: Result<Answer, Error>) -> Step<()> {
        Step::Done(self.set(shared))
    }
}

impl SetEdit {
    fn set(&mut self, shared: &mut Shared) -> Result<(), Error> {
        let content = std::mem::take(&mut self.content);
        content.check_limit(shared.config.content_limit)?;
        shared.set_edit(self.target.clone(), content, self.gap)
    }
}

/// Waits until what was set last before it has been sent, or replaced and the later one sent. Ends with nothing, or with
/// the error of that edit.
#[derive(Debug)]
pub struct FlushEdits {
    message: MessageId,
    number: u64,
}

impl FlushEdits {
    /// For this message.
    pub const fn new(message: MessageId) -> Self {
        Self { message, number: 0 }
    }
}

impl Call for FlushEdits {
    type Output = ();

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<()> {
        match answer {
            Err(error) => return Step::Done(Err(error)),
            Ok(Answer::Start) => self.number = shared.edits.latest(self.message),
            Ok(_) => {}
        }
        match shared.edits.outcome(self.message, self.number) {
            Some(outcome) => Step::Done(outcome),
            None => Step::AwaitTurn(Turn::Edit(self.message)),
        }
    }
}

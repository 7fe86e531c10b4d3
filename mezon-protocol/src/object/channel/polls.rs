//! Polls.

use std::time::Duration;

use super::Channel;
use crate::api::{Api, ClosePoll, CreatePoll, GetPoll, VotePoll};
use crate::call::Call;
use crate::id::{ChannelId, MessageId};
use crate::object::Backend;
use crate::proto::api;

/// A poll to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPoll {
    /// What is asked.
    pub question: String,
    /// What may be answered, in this order.
    pub answers: Vec<String>,
    /// True if several answers may be chosen. Default false.
    pub several: bool,
    /// How long votes are taken, in whole hours, at least one. Default a day.
    pub time: Duration,
}

impl NewPoll {
    /// A poll of one choice that runs for a day.
    pub fn new(question: impl Into<String>, answers: impl IntoIterator<Item: Into<String>>) -> Self {
        Self {
            question: question.into(),
            answers: answers.into_iter().map(Into::into).collect(),
            several: false,
            time: Duration::from_secs(24 * 3600),
        }
    }
}

/// A poll in a channel.
#[derive(Clone, Debug)]
pub struct Poll<B> {
    channel: ChannelId,
    poll: i64,
    message: MessageId,
    backend: B,
}

impl<B: Backend> Channel<B> {
    /// Posts a poll; gives a handle on it. It appears as a message with code 18.
    #[doc(alias = "CreatePoll")]
    pub fn create_poll(&self, poll: NewPoll) -> B::Outcome<Poll<B>> {
        let backend = self.backend.clone();
        let hours = poll.time.as_secs().div_ceil(3600).max(1);
        self.on_route(move |route| {
            let request = api::CreatePollRequest {
                channel_id: route.channel.get(),
                clan_id: route.clan.get(),
                question: poll.question,
                answers: poll.answers,
                expire_hours: i32::try_from(hours).unwrap_or(i32::MAX),
                r#type: poll.several.into(),
            };
            Api::<CreatePoll>::new(request).then(move |_, poll| {
                Ok(Poll { channel: route.channel, poll: poll.poll_id, message: poll.message_id.into(), backend })
            })
        })
    }

    /// A poll by its id and that of its message, as its content has them.
    pub fn poll(&self, poll: i64, message: impl Into<MessageId>) -> Poll<B> {
        Poll { channel: self.id, poll, message: message.into(), backend: self.backend.clone() }
    }
}

impl<B: Backend> Poll<B> {
    /// Its id.
    pub const fn id(&self) -> i64 {
        self.poll
    }

    /// The message that shows it.
    pub const fn message_id(&self) -> MessageId {
        self.message
    }

    /// Votes for answers by their numbers, counted from 0; gives those that we have chosen now.
    #[doc(alias = "VotePoll")]
    pub fn vote(&self, answers: impl IntoIterator<Item = i32>) -> B::Outcome<Vec<i32>> {
        let request = api::VotePollRequest {
            poll_id: self.poll,
            message_id: self.message.get(),
            channel_id: self.channel.get(),
            answer_indices: answers.into_iter().collect(),
        };
        self.backend.call(Api::<VotePoll>::new(request).then(|_, vote| Ok(vote.my_answer_indices)))
    }

    /// Takes no more votes; gives nothing.
    #[doc(alias = "ClosePoll")]
    pub fn close(&self) -> B::Outcome<()> {
        self.backend.call(Api::<ClosePoll>::new(api::ClosePollRequest {
            poll_id: self.poll,
            message_id: self.message.get(),
            channel_id: self.channel.get(),
        }))
    }

    /// How it stands, as the wire has it.
    #[doc(alias = "GetPoll")]
    pub fn fetch(&self) -> B::Outcome<api::GetPollResponse> {
        self.backend.call(Api::<GetPoll>::new(api::GetPollRequest {
            poll_id: self.poll,
            message_id: self.message.get(),
            channel_id: self.channel.get(),
        }))
    }
}

//! Polls. A poll is a message of code 18 whose content tells the votes; each vote edits it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{ChannelId, MessageId, Now, UserId};
use serde_json::json;

use super::Call;
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::messages::Caller;
use crate::world::refusal::{FAILED_PRECONDITION, INVALID_ARGUMENT, PERMISSION_DENIED, Refusal};
use crate::world::timers::Planned;

handlers! {
    ClosePoll => close_for,
    CreatePoll => create_poll,
    GetPoll => get_poll,
    VotePoll => vote_for,
}

/// The code of a poll's message.
const POLL: i32 = 18;

/// How long a poll is open when nothing is said, and at most.
const DEFAULT_HOURS: i32 = 24;
const MOST_HOURS: i32 = 24 * 365;

/// How many answers a poll has at least and at most. Assumed.
const ANSWERS: std::ops::RangeInclusive<usize> = 2..=20;

/// A poll as the world keeps it.
#[derive(Clone, Debug)]
pub(in crate::world) struct Poll {
    id: i64,
    message: MessageId,
    pub(super) channel: ChannelId,
    creator: UserId,
    question: String,
    answers: Vec<String>,
    several: bool,
    ends_seconds: u32,
    closed: bool,
    votes: BTreeMap<UserId, BTreeSet<i32>>,
}

impl World {
    fn create_poll(&mut self, call: Call, request: api::CreatePollRequest) -> Result<api::CreatePollResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        if request.question.is_empty() || !ANSWERS.contains(&request.answers.len()) {
            return Err(Refusal::new(INVALID_ARGUMENT, "a poll has a question and between 2 and 20 answers"));
        }
        let hours = if request.expire_hours > 0 { request.expire_hours.min(MOST_HOURS) } else { DEFAULT_HOURS };
        let open = Duration::from_secs(3600 * u64::from(hours.unsigned_abs()));
        let mut poll = Poll {
            id: self.ids.next(call.now),
            message: MessageId::NONE,
            channel,
            creator: call.user(),
            question: request.question,
            answers: request.answers,
            several: request.r#type == api::PollType::Multiple as i32,
            ends_seconds: seconds(call.now + open),
            closed: false,
            votes: BTreeMap::new(),
        };
        let draft = realtime::ChannelMessageSend { code: POLL, ..self.draft(channel, poll.content()) };
        poll.message = self.post(call.now, call.caller.without_joins(), draft)?;
        self.agenda.plan(call.now.elapsed.saturating_add(open), Planned::ClosePoll(poll.id));
        let wire = poll.wire();
        self.records.polls.insert(poll.id, poll);
        Ok(api::CreatePollResponse {
            poll_id: wire.poll_id,
            message_id: wire.message_id,
            question: wire.question,
            answers: wire.answers,
            answer_counts: wire.answer_counts,
            exp: wire.exp,
            is_closed: wire.is_closed,
            creator_id: wire.creator_id,
            r#type: wire.r#type,
            total_votes: wire.total_votes,
        })
    }

    fn get_poll(&mut self, call: Call, request: api::GetPollRequest) -> Result<api::GetPollResponse, Refusal> {
        self.poll_for(call, request.poll_id, request.message_id).map(|poll| poll.wire())
    }

    fn vote_for(&mut self, call: Call, request: api::VotePollRequest) -> Result<api::VotePollResponse, Refusal> {
        let poll = self.poll_for(call, request.poll_id, request.message_id)?.id;
        let mine = self.cast_votes(call.now, call.user(), poll, request.answer_indices)?;
        Ok(api::VotePollResponse { my_answer_indices: mine.into_iter().collect() })
    }

    fn close_for(&mut self, call: Call, request: api::ClosePollRequest) -> Result<(), Refusal> {
        let poll = self.poll_for(call, request.poll_id, request.message_id)?;
        if poll.creator != call.user() {
            return Err(Refusal::new(PERMISSION_DENIED, "the poll is somebody else's"));
        }
        let id = poll.id;
        self.close_poll(call.now, id);
        Ok(())
    }

    /// Votes anew: what was voted before no longer counts.
    fn cast_votes(&mut self, now: Now, user: UserId, poll: i64, answers: Vec<i32>) -> Result<BTreeSet<i32>, Refusal> {
        let poll = self.records.polls.get_mut(&poll).ok_or_else(no_poll)?;
        if poll.closed {
            return Err(Refusal::new(FAILED_PRECONDITION, "the poll is closed"));
        }
        let answers: BTreeSet<i32> = answers.into_iter().collect();
        let known = |answer: &i32| usize::try_from(*answer).is_ok_and(|place| place < poll.answers.len());
        if !answers.iter().all(known) || (answers.len() > 1 && !poll.several) {
            return Err(Refusal::new(INVALID_ARGUMENT, "no such answer, or more than one of a single choice"));
        }
        if answers.is_empty() {
            poll.votes.remove(&user);
        } else {
            poll.votes.insert(user, answers.clone());
        }
        let poll = poll.clone();
        self.rewrite(now, &poll);
        Ok(answers)
    }

    /// Closes a poll, by its creator or because its time has come.
    pub(in crate::world) fn close_poll(&mut self, now: Now, poll: i64) {
        let Some(poll) = self.records.polls.get_mut(&poll).filter(|poll| !poll.closed) else { return };
        poll.closed = true;
        let poll = poll.clone();
        self.rewrite(now, &poll);
    }

    /// Somebody votes in the poll of a message, by the places of the answers, counted from 0. What it voted before no
    /// longer counts.
    ///
    /// # Panics
    ///
    /// When the message is no poll, the poll is closed, or has no such answers.
    pub fn vote(&mut self, now: Now, user: UserId, message: MessageId, answers: &[i32]) {
        self.user_or_panic(user);
        self.try_vote(now, user, message, answers).unwrap_or_else(|why| panic!("{user} cannot vote so: {why}"));
    }

    /// As [`vote`](Self::vote), for those who do not know what the poll takes.
    ///
    /// # Errors
    ///
    /// Why not, as a text for people.
    pub fn try_vote(&mut self, now: Now, user: UserId, message: MessageId, answers: &[i32]) -> Result<(), String> {
        let poll = self.records.polls.values().find(|poll| poll.message == message).map(|poll| poll.id);
        let poll = poll.ok_or_else(|| format!("the message {message} is no poll"))?;
        self.cast_votes(now, user, poll, answers.to_vec()).map(|_| ()).map_err(|refusal| refusal.message)
    }

    /// Shows the state of the poll in its message, which may have gone meanwhile.
    fn rewrite(&mut self, now: Now, poll: &Poll) {
        let update = realtime::ChannelMessageUpdate {
            channel_id: poll.channel.get(),
            message_id: poll.message.get(),
            content: poll.content(),
            hide_editted: true,
            ..realtime::ChannelMessageUpdate::default()
        };
        drop(self.edit_stored(now, Caller::Person(poll.creator), update));
    }

    fn poll_for(&self, call: Call, id: i64, message: i64) -> Result<&Poll, Refusal> {
        let mut polls = self.records.polls.values();
        let poll =
            polls.find(|poll| poll.id == id || (id == 0 && poll.message.get() == message)).ok_or_else(no_poll)?;
        self.channel_of_viewer(call.user(), poll.channel.get()).map(|_| poll)
    }
}

impl Poll {
    fn counts(&self) -> Vec<i32> {
        let count = |place| self.votes.values().filter(|answers| answers.contains(&place)).count();
        (0..).take(self.answers.len()).map(|place| i32::try_from(count(place)).unwrap_or(i32::MAX)).collect()
    }

    fn total(&self) -> i32 {
        i32::try_from(self.votes.len()).unwrap_or(i32::MAX)
    }

    fn kind(&self) -> i32 {
        i32::from(self.several)
    }

    fn content(&self) -> String {
        let answer = |(index, label): (usize, &String)| json!({ "index": index, "label": label });
        let answers: Vec<_> = self.answers.iter().enumerate().map(answer).collect();
        json!({
            "poll_id": self.id.to_string(), "question": self.question, "answers": answers,
            "answer_counts": self.counts(), "expire_at": self.ends_seconds, "is_closed": self.closed,
            "total_votes": self.total(), "type": self.kind(),
        })
        .to_string()
    }

    fn wire(&self) -> api::GetPollResponse {
        let answer = |(index, label): (i32, &String)| api::PollAnswer { index, label: label.clone() };
        let voters = |index: i32| {
            let voters = self.votes.iter().filter(move |(_, answers)| answers.contains(&index));
            api::PollVoterDetail { answer_index: index, user_ids: voters.map(|(user, _)| user.get()).collect() }
        };
        api::GetPollResponse {
            poll_id: self.id,
            message_id: self.message.get(),
            question: self.question.clone(),
            answers: (0..).zip(&self.answers).map(answer).collect(),
            answer_counts: self.counts(),
            exp: i64::from(self.ends_seconds),
            is_closed: self.closed,
            creator_id: self.creator.get(),
            r#type: self.kind(),
            total_votes: self.total(),
            voter_details: (0..).take(self.answers.len()).map(voters).collect(),
        }
    }
}

fn no_poll() -> Refusal {
    Refusal::new(INVALID_ARGUMENT, "poll not found")
}

//! Expectations: what a test waits for. They live in the world and are resolved by it, by an event or by their
//! deadline, so that they work in virtual time.
//!
//! An entry of the transcript meets one expectation at most. An expectation also looks at what has happened already and
//! has met no other yet: it does not matter whether the answer or the expectation was first.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use mezon_protocol::{ChannelId, MessageId, Now, UserId};

use super::World;
use super::matching::Matching;
use super::model::ChannelKind;
use super::transcript::{Entry, Said, What};
use crate::guard;

/// How many lines of the transcript an [`Unmet`] shows.
const TAIL: usize = 20;

/// An expectation that was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpectationId(u64);

/// Where it is to stay quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// No client says anything in this channel.
    Channel(ChannelId),
    /// This bot says nothing anywhere.
    Bot(UserId),
}

impl From<ChannelId> for Scope {
    fn from(channel: ChannelId) -> Self {
        Self::Channel(channel)
    }
}

impl From<UserId> for Scope {
    fn from(bot: UserId) -> Self {
        Self::Bot(bot)
    }
}

/// How an expectation ended. `Ok(None)` when quiet was expected, and kept.
pub type Outcome = Result<Option<Said>, Unmet>;

/// An expectation was not met. Prints what was expected and the end of the transcript.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected}\n--- the last of the transcript ---\n{tail}")]
pub struct Unmet {
    /// What was expected, as a sentence.
    pub expected: String,
    /// The last lines of the transcript.
    pub tail: String,
}

impl Unmet {
    /// The same, because the function that decides panicked with this text.
    pub(crate) fn by_panic(self, text: &str) -> Self {
        let expected = format!("{}, but the function that decides panicked: {text}", self.expected);
        Self { expected, ..self }
    }
}

/// The same as its `Display`, so that `unwrap` shows a readable message.
impl fmt::Debug for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Debug)]
enum Goal {
    Reply(MessageId),
    Message(ChannelId),
    Edit(MessageId),
    Direct(UserId),
    Whisper(UserId),
    Reaction(MessageId, String),
    Nothing(Scope),
}

#[derive(Debug)]
struct Pending {
    goal: Goal,
    matching: Matching,
    deadline: Duration,
    within: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Expectations {
    made: u64,
    pending: BTreeMap<ExpectationId, Pending>,
    ended: BTreeMap<ExpectationId, Outcome>,
}

impl Expectations {
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.pending.values().map(|pending| pending.deadline).min()
    }
}

impl World {
    /// Expects a client to reply to a message: to send one that refers to it.
    pub fn expect_reply(
        &mut self,
        now: Now,
        to: MessageId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> ExpectationId {
        self.expect(now, Goal::Reply(to), matching.into(), within)
    }

    /// Expects a client to send a message in a channel.
    pub fn expect_message(
        &mut self,
        now: Now,
        channel: ChannelId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> ExpectationId {
        self.expect(now, Goal::Message(channel), matching.into(), within)
    }

    /// Expects a client to edit a message, to what `matching` accepts.
    pub fn expect_edit(
        &mut self,
        now: Now,
        message: MessageId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> ExpectationId {
        self.expect(now, Goal::Edit(message), matching.into(), within)
    }

    /// Expects a client to send that user a direct message.
    pub fn expect_dm(
        &mut self,
        now: Now,
        user: UserId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> ExpectationId {
        self.expect(now, Goal::Direct(user), matching.into(), within)
    }

    /// Expects a client to send a message that only that user sees, perhaps among others.
    pub fn expect_whisper(
        &mut self,
        now: Now,
        user: UserId,
        matching: impl Into<Matching>,
        within: Duration,
    ) -> ExpectationId {
        self.expect(now, Goal::Whisper(user), matching.into(), within)
    }

    /// Expects a client to react to a message with an emoji, such as `:ok:`. Its outcome holds no message.
    pub fn expect_reaction(&mut self, now: Now, message: MessageId, emoji: &str, within: Duration) -> ExpectationId {
        self.expect(now, Goal::Reaction(message, emoji.to_owned()), Matching::any(), within)
    }

    /// Expects that no client says, whispers or edits anything there for so long, and has not since a person last did
    /// something there. What met another expectation does not count.
    pub fn expect_nothing(&mut self, now: Now, scope: impl Into<Scope>, for_: Duration) -> ExpectationId {
        self.expect(now, Goal::Nothing(scope.into()), Matching::any(), for_)
    }

    /// Takes the end of an expectation; `None` while it is open, and after it was taken.
    pub fn take_outcome(&mut self, id: ExpectationId) -> Option<Outcome> {
        self.expectations.ended.remove(&id)
    }

    /// Forgets an expectation that nobody waits for any more.
    pub fn forget(&mut self, id: ExpectationId) {
        self.expectations.pending.remove(&id);
        self.expectations.ended.remove(&id);
    }

    fn expect(&mut self, now: Now, goal: Goal, matching: Matching, within: Duration) -> ExpectationId {
        self.expectations.made += 1;
        let id = ExpectationId(self.expectations.made);
        let pending = Pending { goal, matching, deadline: now.elapsed.saturating_add(within), within };
        let ended = if let Goal::Nothing(scope) = pending.goal {
            self.broken_already(scope).map(|_| Err(self.unmet(&pending)))
        } else {
            self.claim_earlier(&pending)
        };
        match ended {
            Some(outcome) => drop(self.expectations.ended.insert(id, outcome)),
            None => drop(self.expectations.pending.insert(id, pending)),
        }
        id
    }

    /// The first entry that is nobody's yet and meets the expectation: its message, if it has one.
    fn claim_earlier(&mut self, pending: &Pending) -> Option<Outcome> {
        let mut free = self.transcript.lines.iter().enumerate().filter(|(_, line)| !line.claimed);
        let met = free.find_map(|(index, line)| match self.meets(pending, &line.entry.what) {
            Ok(met) => met.then_some(Ok(index)),
            Err(panic) => Some(Err(panic)),
        })?;
        let index = match met {
            Ok(index) => index,
            Err(panic) => return Some(Err(self.unmet(pending).by_panic(&panic))),
        };
        let line = self.transcript.lines.get_mut(index)?;
        line.claimed = true;
        Some(Ok(by_client(&line.entry.what).map(|(said, _)| said.clone())))
    }

    /// What has been said there, unexpected, since a person did something there.
    fn broken_already(&self, scope: Scope) -> Option<Said> {
        let since = self.transcript.lines.iter().rev().take_while(|line| !is_by_person(scope, &line.entry.what));
        let broken = since.filter(|line| !line.claimed).find_map(|line| breaks(scope, &line.entry.what));
        broken.cloned()
    }

    /// Offers a new entry to the open expectations; true when it met one.
    pub(super) fn offer(&mut self, now: Now, what: &What) -> bool {
        let mut met = None;
        let mut panics = Vec::new();
        for (id, pending) in self.expectations.pending.iter().filter(|(_, pending)| now.elapsed <= pending.deadline) {
            match self.meets(pending, what) {
                Ok(false) => {}
                Ok(true) => {
                    met = Some(*id);
                    break;
                }
                Err(panic) => panics.push((*id, panic)),
            }
        }
        for (id, panic) in panics {
            self.end_unmet(now, id, what, |unmet| unmet.by_panic(&panic));
        }
        if let Some(id) = met {
            self.expectations.pending.remove(&id);
            self.expectations.ended.insert(id, Ok(by_client(what).map(|(said, _)| said.clone())));
            return true;
        }
        self.break_silence(now, what);
        false
    }

    fn break_silence(&mut self, now: Now, what: &What) {
        let broken = |pending: &Pending| {
            let Goal::Nothing(scope) = pending.goal else { return false };
            now.elapsed <= pending.deadline && breaks(scope, what).is_some()
        };
        let ids: Vec<ExpectationId> =
            self.expectations.pending.iter().filter(|(_, pending)| broken(pending)).map(|(id, _)| *id).collect();
        for id in ids {
            self.end_unmet(now, id, what, |unmet| unmet);
        }
    }

    /// Ends an expectation because of an entry that the transcript does not have yet.
    fn end_unmet(&mut self, now: Now, id: ExpectationId, what: &What, how: impl FnOnce(Unmet) -> Unmet) {
        let Some(pending) = self.expectations.pending.remove(&id) else { return };
        let mut unmet = self.unmet(&pending);
        let breach = self.show(&Entry { at: now, what: what.clone() });
        unmet.tail = format!("{}\n{breach}", unmet.tail);
        self.expectations.ended.insert(id, Err(how(unmet)));
    }

    pub(super) fn expire_expectations(&mut self, now: Now) {
        let due = |pending: &Pending| pending.deadline <= now.elapsed;
        let ids: Vec<ExpectationId> =
            self.expectations.pending.iter().filter(|(_, pending)| due(pending)).map(|(id, _)| *id).collect();
        for id in ids {
            let Some(pending) = self.expectations.pending.remove(&id) else { continue };
            let quiet = matches!(pending.goal, Goal::Nothing(_));
            let outcome = if quiet { Ok(None) } else { Err(self.unmet(&pending)) };
            self.expectations.ended.insert(id, outcome);
        }
    }

    /// The error is the text of a panic in the function that decides.
    fn meets(&self, pending: &Pending, what: &What) -> Result<bool, String> {
        if let Goal::Reaction(to, with) = &pending.goal {
            let What::Reacted { message, emoji, removed, by_client, .. } = what else { return Ok(false) };
            return Ok(*by_client && !removed && message == to && emoji == with);
        }
        let Some((said, form)) = by_client(what) else { return Ok(false) };
        let is_new = form == Form::New;
        let fits = match &pending.goal {
            Goal::Reply(to) => is_new && said.reply_to == Some(*to),
            Goal::Message(channel) => is_new && said.channel == *channel,
            Goal::Edit(message) => form == Form::Edit && said.message == *message,
            Goal::Direct(user) => is_new && self.is_direct_with(said.channel, *user),
            Goal::Whisper(user) => matches!(what, What::Whispered { receivers, .. } if receivers.contains(user)),
            Goal::Reaction(..) | Goal::Nothing(_) => false,
        };
        if fits { guard::ask(|| (pending.matching.accepts)(said)) } else { Ok(false) }
    }

    fn is_direct_with(&self, channel: ChannelId, user: UserId) -> bool {
        let channel = self.channels.get(&channel);
        channel.is_some_and(|channel| channel.kind == ChannelKind::Direct && channel.members.contains(&user))
    }

    fn unmet(&self, pending: &Pending) -> Unmet {
        let (within, says) = (pending.within, &pending.matching.says);
        let expected = match &pending.goal {
            Goal::Reply(to) => {
                let quoted = self.text_of(*to).unwrap_or_default();
                format!("expected a reply to {quoted:?} with {says} within {within:?}")
            }
            Goal::Message(channel) => {
                let name = self.channel_name(*channel).unwrap_or_default();
                format!("expected a message in #{name} with {says} within {within:?}")
            }
            Goal::Edit(message) => {
                let quoted = self.text_of(*message).unwrap_or_default();
                format!("expected an edit of {quoted:?} to {says} within {within:?}")
            }
            Goal::Direct(user) => {
                let name = self.username(*user).unwrap_or_default();
                format!("expected a direct message to {name} with {says} within {within:?}")
            }
            Goal::Whisper(user) => {
                let name = self.username(*user).unwrap_or_default();
                format!("expected a message that only {name} sees with {says} within {within:?}")
            }
            Goal::Reaction(message, emoji) => {
                let quoted = self.text_of(*message).unwrap_or_default();
                format!("expected the reaction {emoji} to {quoted:?} within {within:?}")
            }
            Goal::Nothing(Scope::Channel(channel)) => {
                let name = self.channel_name(*channel).unwrap_or_default();
                format!("expected nothing to be said in #{name} for {within:?}")
            }
            Goal::Nothing(Scope::Bot(bot)) => {
                let name = self.username(*bot).unwrap_or_default();
                format!("expected {name} to say nothing for {within:?}")
            }
        };
        Unmet { expected, tail: self.tail(TAIL) }
    }
}

/// How a client said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    New,
    Edit,
    Whisper,
}

/// The message that a client sent, edited or whispered.
fn by_client(what: &What) -> Option<(&Said, Form)> {
    let (said, form) = if let What::Said(said) = what {
        (said, Form::New)
    } else if let What::Edited(said) = what {
        (said, Form::Edit)
    } else if let What::Whispered { said, .. } = what {
        (said, Form::Whisper)
    } else {
        return None;
    };
    said.by_client.then_some((said, form))
}

fn breaks(scope: Scope, what: &What) -> Option<&Said> {
    by_client(what).map(|(said, _)| said).filter(|said| match scope {
        Scope::Channel(channel) => said.channel == channel,
        Scope::Bot(bot) => said.sender == bot,
    })
}

/// True for what a person of this world did within the scope.
fn is_by_person(scope: Scope, what: &What) -> bool {
    let place = if let What::Said(said) | What::Edited(said) | What::Deleted(said) = what {
        (!said.by_client).then_some(said.channel)
    } else if let What::Reacted { channel, by_client: false, .. } | What::Clicked { channel, .. } = what {
        Some(*channel)
    } else if let What::Whispered { said, .. } = what {
        (!said.by_client).then_some(said.channel)
    } else {
        None
    };
    match scope {
        Scope::Channel(channel) => place == Some(channel),
        Scope::Bot(_) => place.is_some(),
    }
}

//! The transcript: what was said and done, with its time, bounded. It is what expectations look at, and what a failed
//! one shows.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::ledger::Amount;
use mezon_protocol::proto::realtime;
use mezon_protocol::{ChannelId, ClanId, MessageId, Now, UserId};
use prost::Message as _;

use super::World;
use super::connection::ConnId;
use super::faults::Target;
use super::model::{ChannelKind, Stored};
use super::refusal::Refusal;
use super::render;
use super::text::text_of;

/// One line of the transcript.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it happened.
    pub at: Now,
    /// What happened.
    pub what: What,
}

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum What {
    /// A message was sent.
    Said(Said),
    /// A message was edited; the text is the new one.
    Edited(Said),
    /// A message was deleted; the text is what it last said.
    Deleted(Said),
    /// A message went to some people only.
    Whispered {
        /// The message.
        said: Said,
        /// Those who see it.
        receivers: Vec<UserId>,
    },
    /// A reaction was added or removed.
    Reacted {
        /// Who reacted.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// To which message.
        message: MessageId,
        /// The short name of the emoji.
        emoji: String,
        /// True when the reaction was taken back.
        removed: bool,
        /// True when a client did it, false when a person of this world did.
        by_client: bool,
    },
    /// A person pressed a button of a message, or chose in a select of it.
    Clicked {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// Of which message.
        message: MessageId,
        /// The id of the button or select.
        button: String,
        /// The values of the form as JSON text, the bare value of a select, or nothing.
        data: String,
    },
    /// A client plays media in a voice room.
    Played {
        /// Whose client.
        user: UserId,
        /// The room.
        channel: ChannelId,
        /// What the media is called.
        name: String,
        /// Where it is.
        url: String,
    },
    /// Tokens were sent, and the transfer was confirmed.
    Paid {
        /// Who paid.
        sender: UserId,
        /// Who was paid.
        receiver: UserId,
        /// How much.
        amount: Amount,
        /// The note.
        note: String,
    },
    /// A client logged in.
    LoggedIn {
        /// As whom.
        user: UserId,
    },
    /// A login was refused.
    LoginRefused {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// A connection began.
    Connected {
        /// The connection.
        conn: ConnId,
        /// Whose.
        user: UserId,
    },
    /// A connection was refused.
    ConnectRefused {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// A connection ended.
    Disconnected {
        /// The connection.
        conn: ConnId,
        /// Whose.
        user: UserId,
        /// By whom, and how.
        how: String,
    },
    /// A connection joined something.
    Joined {
        /// The connection.
        conn: ConnId,
        /// What it joined.
        target: Target,
    },
    /// A request of a client was refused, by a rule or by a fault.
    Refused {
        /// Whose request.
        user: UserId,
        /// The code of the refusal.
        code: i32,
        /// Its text.
        message: String,
    },
}

/// A message as the transcript keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// The message.
    pub message: MessageId,
    /// Where it is.
    pub channel: ChannelId,
    /// The clan, 0 for direct messages and groups.
    pub clan: ClanId,
    /// Who sent it, also when it was sent anonymously.
    pub sender: UserId,
    /// The sender's user name.
    pub sender_name: String,
    /// The `t` of the content.
    pub text: String,
    /// Of an edit: the `t` before it.
    pub before: Option<String>,
    /// The content, JSON text as it was sent.
    pub content: String,
    /// The code: 0 for chat.
    pub code: i32,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// The users that it mentions.
    pub mentions: Vec<UserId>,
    /// The topic, 0 for none.
    pub topic: i64,
    /// The names of the files attached.
    pub attachments: Vec<String>,
    /// True when a client sent it, false when a person of this world did.
    pub by_client: bool,
}

/// An envelope that a client sent.
#[derive(Clone, Debug)]
pub struct SentEnvelope {
    /// When it came.
    pub at: Now,
    /// On which connection.
    pub conn: ConnId,
    /// From whom.
    pub user: UserId,
    /// The encoded envelope.
    pub bytes: Bytes,
}

impl SentEnvelope {
    /// The envelope decoded, `None` when it is none.
    pub fn decode(&self) -> Option<realtime::Envelope> {
        realtime::Envelope::decode(self.bytes.clone()).ok()
    }
}

/// An entry with what expectations need to know about it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) entry: Entry,
    /// Some expectation was met by it, so that it meets no other.
    pub(super) claimed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Transcript {
    pub(super) lines: VecDeque<Line>,
    /// How many lines there have ever been.
    recorded: u64,
    envelopes: VecDeque<SentEnvelope>,
}

impl World {
    /// The transcript, oldest entry first; [`transcript_limit`](super::Settings::transcript_limit) entries are kept.
    pub fn transcript(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.transcript.lines.iter().map(|line| &line.entry)
    }

    /// How many entries were ever made, those included that are forgotten.
    pub fn recorded(&self) -> u64 {
        self.transcript.recorded
    }

    /// The entries made since [`recorded`](Self::recorded) was `seen`, as far as they are still kept.
    pub fn transcript_since(&self, seen: u64) -> impl Iterator<Item = &Entry> {
        let new = usize::try_from(self.transcript.recorded.saturating_sub(seen)).unwrap_or(usize::MAX);
        self.transcript().skip(self.transcript.lines.len().saturating_sub(new))
    }

    /// The messages that clients sent, oldest first, as far as the transcript reaches. Edits are not among them.
    pub fn said_by_clients(&self) -> impl DoubleEndedIterator<Item = &Said> {
        self.transcript().filter_map(|entry| {
            let What::Said(said) = &entry.what else { return None };
            said.by_client.then_some(said)
        })
    }

    /// Every envelope that clients sent, oldest first; [`envelope_limit`](super::Settings::envelope_limit) are kept.
    pub fn envelopes(&self) -> impl DoubleEndedIterator<Item = &SentEnvelope> {
        self.transcript.envelopes.iter()
    }

    /// The last lines of the transcript as text for people.
    pub fn tail(&self, lines: usize) -> String {
        let skip = self.transcript.lines.len().saturating_sub(lines);
        let shown: Vec<String> = self.transcript().skip(skip).map(|entry| self.show(entry)).collect();
        shown.join("\n")
    }

    /// One entry as a line for people, names instead of ids.
    pub fn show(&self, entry: &Entry) -> String {
        format!("{} {}", Clock(entry.at.elapsed), self.show_what(&entry.what))
    }

    fn show_what(&self, what: &What) -> String {
        match what {
            What::Said(said) => self.show_said(said, "says"),
            What::Edited(said) => {
                let before = said.before.as_deref().unwrap_or_default();
                self.show_said(said, &format!("edits {before:?} to"))
            }
            What::Deleted(said) => self.show_said(said, "deletes"),
            What::Whispered { said, receivers } => {
                let names: Vec<String> = receivers.iter().map(|user| self.show_user(*user)).collect();
                self.show_said(said, &format!("whispers to {}", names.join(", ")))
            }
            What::Reacted { user, channel, emoji, removed, .. } => {
                let verb = if *removed { "takes back" } else { "reacts" };
                format!("{} {} {verb} {emoji}", self.show_channel(*channel), self.show_user(*user))
            }
            What::Clicked { user, channel, button, data, .. } => {
                format!("{} {} clicks {button:?} {data}", self.show_channel(*channel), self.show_user(*user))
            }
            What::Played { user, channel, name, .. } => {
                format!("{} {} plays {name:?}", self.show_channel(*channel), self.show_user(*user))
            }
            What::Paid { sender, receiver, amount, note } => {
                format!("{} pays {amount} to {}: {note:?}", self.show_user(*sender), self.show_user(*receiver))
            }
            What::LoggedIn { user } => format!("{} logs in", self.show_user(*user)),
            What::LoginRefused { status } => format!("a login is refused with status {status}"),
            What::Connected { conn, user } => format!("{} connects (connection {})", self.show_user(*user), conn.0),
            What::ConnectRefused { status } => format!("a connection is refused with status {status}"),
            What::Disconnected { conn, user, how } => {
                format!("{} is disconnected (connection {}): {how}", self.show_user(*user), conn.0)
            }
            What::Joined { conn, target } => format!("connection {} joins {target}", conn.0),
            What::Refused { user, code, message } => {
                format!("{} is refused: {message} (code {code})", self.show_user(*user))
            }
        }
    }

    fn show_said(&self, said: &Said, verb: &str) -> String {
        let place = self.show_channel(said.channel);
        let reply = if said.reply_to.is_some() { " (a reply)" } else { "" };
        let files = if said.attachments.is_empty() { String::new() } else { format!(" {:?}", said.attachments) };
        let mut lines = render::lines(&said.content);
        // What is said on one line stays on that of the entry.
        let text = lines.iter().take_while(|line| !line.starts_with(render::INDENT)).count();
        let spoken: Vec<String> = lines.drain(..text).collect();
        let below: String = lines.iter().map(|line| format!("\n{line}")).collect();
        format!("{place} {} {verb} {:?}{files}{reply}{below}", said.sender_name, spoken.join("\n"))
    }

    fn show_user(&self, user: UserId) -> String {
        self.username(user).map_or_else(|| user.to_string(), str::to_owned)
    }

    fn show_channel(&self, channel: ChannelId) -> String {
        let direct = self.channels.get(&channel).is_some_and(|channel| channel.kind == ChannelKind::Direct);
        let sign = if direct { '@' } else { '#' };
        format!("{sign}{}", self.channel_name(channel).unwrap_or_else(|| channel.to_string()))
    }

    pub(super) fn said(&self, stored: &Stored, by_client: bool) -> Said {
        Said {
            message: stored.id,
            channel: stored.channel,
            clan: self.channels.get(&stored.channel).map(|channel| channel.clan).unwrap_or_default(),
            sender: stored.author,
            sender_name: match &stored.webhook {
                Some((name, _)) => name.clone(),
                None => self.show_user(stored.author),
            },
            text: text_of(&stored.content),
            before: None,
            content: stored.content.clone(),
            code: stored.code,
            reply_to: stored.references.first().map(|reference| MessageId::new(reference.message_ref_id)),
            mentions: stored.mentions.iter().map(|mention| UserId::new(mention.user_id)).collect(),
            topic: stored.topic,
            attachments: stored.attachments.iter().map(|attachment| attachment.filename.clone()).collect(),
            by_client,
        }
    }

    pub(super) fn record_said(&mut self, now: Now, id: MessageId, by_client: bool, what: fn(Said) -> What) {
        if let Some(said) = self.stored(id).map(|stored| self.said(stored, by_client)) {
            self.record(now, what(said));
        }
    }

    /// Writes down what was done without a time: it is that of the last entry.
    pub(super) fn record_untimed(&mut self, what: What) {
        let at = self.transcript.lines.back().map(|line| line.entry.at).unwrap_or_default();
        self.record(at, what);
    }

    pub(super) fn record(&mut self, now: Now, what: What) {
        let claimed = self.offer(now, &what);
        self.transcript.recorded += 1;
        self.transcript.lines.push_back(Line { entry: Entry { at: now, what }, claimed });
        while self.transcript.lines.len() > self.settings.transcript_limit.max(1) {
            self.transcript.lines.pop_front();
        }
    }

    pub(super) fn record_refusal(&mut self, now: Now, user: UserId, refusal: &Refusal) {
        let (code, message) = (i32::from(refusal.code), refusal.message.clone());
        self.record(now, What::Refused { user, code, message });
    }

    pub(super) fn record_envelope(&mut self, envelope: SentEnvelope) {
        self.transcript.envelopes.push_back(envelope);
        while self.transcript.envelopes.len() > self.settings.envelope_limit.max(1) {
            self.transcript.envelopes.pop_front();
        }
    }
}

/// A time since the start as hours, minutes, seconds, milliseconds.
struct Clock(Duration);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, self.0.subsec_millis())
    }
}

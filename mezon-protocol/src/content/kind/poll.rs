//! Polls.

use std::fmt;

use serde_json::Value;

use crate::content::Content;
use crate::content::json::Reader;
use crate::lenient;

/// With this the text of a poll begins, for clients that know no polls.
const SIGN: char = '\u{1F4CA}';
const SEVERAL: &str = "Multiple answers allowed";

/// A poll, as a message with code 18 shows it. Polls are made, voted in and closed by calls of their own.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Poll {
    /// The poll (`poll_id` or `id`); 0 if only its text was sent.
    pub id: i64,
    /// What is asked.
    pub question: String,
    /// What can be answered.
    pub answers: Vec<PollAnswer>,
    /// How many have given each answer (`answer_counts`); empty if that is not said.
    pub counts: Vec<u64>,
    /// How many votes there are (`total_votes`).
    pub total_votes: u64,
    /// When it ends (`expire_at`), seconds since 1970.
    pub expires_at: Option<u64>,
    /// Whether it has ended.
    pub is_closed: bool,
    /// Whether one may give several answers (`type` 1).
    pub allows_several: bool,
}

/// One of the answers of a [`Poll`].
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollAnswer {
    /// Its number, from 0, by which one votes for it.
    pub index: i32,
    /// What it says.
    pub label: String,
}

impl Content {
    /// The poll that it shows, from its JSON or else from its text.
    pub fn poll(&self) -> Option<Poll> {
        if self.get("question").is_some() { Some(self.poll_of_json()) } else { poll_of_text(self.as_text()) }
    }

    fn poll_of_json(&self) -> Poll {
        let list = |key| self.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let count = |value: Option<&Value>| lenient::integer(value).and_then(|count| u64::try_from(count).ok());
        let answers = (0..).zip(list("answers")).filter_map(|(place, answer)| read_answer(place, answer));
        Poll {
            id: lenient::id(self.get("poll_id").or_else(|| self.get("id"))),
            question: self.get("question").and_then(lenient::scalar).unwrap_or_default(),
            answers: answers.collect(),
            counts: list("answer_counts").iter().map(|value| count(Some(value)).unwrap_or(0)).collect(),
            total_votes: count(self.get("total_votes")).unwrap_or(0),
            expires_at: lenient::seconds(self.get("expire_at")),
            is_closed: lenient::flag(self.get("is_closed")),
            allows_several: lenient::flag(self.get("type")),
        }
    }
}

/// An object with number and label, or the label alone; then the number is its place.
fn read_answer(place: i32, answer: Value) -> Option<PollAnswer> {
    if let Some(label) = lenient::scalar(&answer) {
        return Some(PollAnswer { index: place, label });
    }
    let mut answer = Reader::new(answer)?;
    let index = answer.integer("index").unwrap_or(place);
    Some(PollAnswer { index, label: answer.text("label").unwrap_or_default() })
}

/// The sign and the question, then a line `1. answer` for each answer, and one that says whether several may be given.
fn poll_of_text(text: &str) -> Option<Poll> {
    let mut lines = text.trim_start().strip_prefix(SIGN)?.lines();
    let question = lines.next().unwrap_or_default().trim();
    let bold = question.strip_prefix("**").and_then(|question| question.strip_suffix("**"));
    let mut poll = Poll { question: bold.unwrap_or(question).trim().to_owned(), ..Poll::default() };
    poll.allows_several = text.contains(SEVERAL);
    let labels = lines.filter_map(|line| label_of(line.trim()));
    poll.answers = (0..).zip(labels).map(|(index, label)| PollAnswer { index, label: label.to_owned() }).collect();
    Some(poll)
}

fn label_of(line: &str) -> Option<&str> {
    let (number, label) = line.split_once(". ")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(label.trim())
}

/// Shows numbers, no text.
impl fmt::Debug for Poll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("id", &self.id)
            .field("answers", &self.answers.len())
            .field("total_votes", &self.total_votes)
            .field("is_closed", &self.is_closed)
            .finish_non_exhaustive()
    }
}

/// Shows the number, no text.
impl fmt::Debug for PollAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollAnswer").field("index", &self.index).finish_non_exhaustive()
    }
}

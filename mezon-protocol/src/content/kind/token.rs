//! Messages that tell of tokens that were sent.

use std::fmt;

use crate::content::{Content, MessageCode};

/// Between title and note.
const SEPARATOR: &str = " | ";

/// The text of a message with code 11: a title and a note. It only tells of a transfer, and proves none.
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::TokenMessage;
///
/// let message = TokenMessage::transferred(1_250_000, "rent");
/// assert_eq!(Content::from(message.clone()).as_text(), "Funds Transferred: 1,250,000₫ | rent");
/// assert_eq!(TokenMessage::parse("Funds Transferred: 1,250,000₫ | rent"), message);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenMessage {
    /// What happened.
    pub title: String,
    /// What for; may be empty.
    pub note: String,
}

impl TokenMessage {
    /// What the bot SDKs write to the receiver of tokens. An empty note becomes `Transfer funds`.
    pub fn transferred(amount: u64, note: &str) -> Self {
        let note = if note.is_empty() { "Transfer funds" } else { note };
        Self { title: format!("Funds Transferred: {}₫", with_thousands(amount)), note: note.to_owned() }
    }

    /// The title is what stands before the first ` | `, the note what follows.
    pub fn parse(text: &str) -> Self {
        let (title, note) = text.split_once(SEPARATOR).unwrap_or((text, ""));
        Self { title: title.to_owned(), note: note.to_owned() }
    }
}

impl From<TokenMessage> for Content {
    fn from(message: TokenMessage) -> Self {
        Self::text([message.title, message.note].join(SEPARATOR)).code(MessageCode::SendToken)
    }
}

/// Shows lengths, no text.
impl fmt::Debug for TokenMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMessage")
            .field("title_len", &self.title.len())
            .field("note_len", &self.note.len())
            .finish()
    }
}

/// A comma after each three digits.
fn with_thousands(amount: u64) -> String {
    let digits = amount.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_by_thousands() {
        let table =
            [(0, "0"), (999, "999"), (1000, "1,000"), (123_456, "123,456"), (u64::MAX, "18,446,744,073,709,551,615")];
        for (amount, text) in table {
            assert_eq!(with_thousands(amount), text);
        }
        assert_eq!(TokenMessage::transferred(7, "").note, "Transfer funds");
    }

    #[test]
    fn a_text_without_a_note_is_the_title_and_a_note_may_hold_the_separator() {
        let parts = |text| {
            let message = TokenMessage::parse(text);
            (message.title, message.note)
        };
        assert_eq!(parts("thanks"), ("thanks".into(), "".into()));
        assert_eq!(parts("a | b | c"), ("a".into(), "b | c".into()));
    }
}

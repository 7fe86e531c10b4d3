//! Spans: parts of a text that mean something, such as mentions, links and bold text.

use std::fmt;

use super::LinkKind;
use crate::id::{ChannelId, EmojiId, RoleId, UserId};

/// A part of the text of a [`Content`](super::Content) that means something.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span<'a> {
    /// Where it begins (`s`), in UTF-16 units.
    pub start: usize,
    /// Where it ends (`e`), exclusive, in UTF-16 units.
    pub end: usize,
    /// The text that it covers.
    pub text: &'a str,
    /// What it means.
    pub kind: SpanKind<'a>,
}

/// What a [`Span`] means.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanKind<'a> {
    /// A mention of a user or a role; `@` and the name are covered.
    Mention {
        /// The user, 0 if a role is mentioned.
        user_id: UserId,
        /// The role, 0 if a user is mentioned.
        role_id: RoleId,
        /// The name that came with it; may be empty.
        name: &'a str,
    },
    /// A link to a channel (`hg`); `#` and the name are covered.
    Hashtag {
        /// The channel.
        channel_id: ChannelId,
    },
    /// A custom emoji (`ej`); its short name is covered, as `:smile:`.
    Emoji {
        /// The emoji.
        emoji_id: EmojiId,
    },
    /// Bold text (`b`).
    Bold,
    /// Code in a line (`c`, once `s`).
    Code,
    /// A block of code (`pre`, once `t`).
    Pre {
        /// Its language, if that was said.
        language: Option<&'a str>,
    },
    /// A link.
    Link {
        /// What it leads to.
        kind: LinkKind,
        /// Its address: the covered text, unless another was given.
        url: &'a str,
    },
    /// A mark of a type that is not known: to be shown as plain text.
    Other(&'a str),
}

impl<'a> Span<'a> {
    /// The covered text without the marks around it, as `**` of bold text. Most senders take them out of the text,
    /// some leave them in.
    pub fn inner(&self) -> &'a str {
        let mark = match self.kind {
            SpanKind::Bold => "**",
            SpanKind::Code => "`",
            SpanKind::Pre { .. } => "```",
            SpanKind::Mention { .. }
            | SpanKind::Hashtag { .. }
            | SpanKind::Emoji { .. }
            | SpanKind::Link { .. }
            | SpanKind::Other(_) => return self.text,
        };
        let inner = self.text.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
        inner.unwrap_or(self.text)
    }
}

/// Shows places and kinds, no text.
impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}..{}", self.kind, self.start, self.end)
    }
}

/// Shows ids, no text.
impl fmt::Debug for SpanKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mention { user_id, role_id, .. } if role_id.is_none() => write!(f, "Mention({user_id})"),
            Self::Mention { role_id, .. } => write!(f, "Mention(role {role_id})"),
            Self::Hashtag { channel_id } => write!(f, "Hashtag({channel_id})"),
            Self::Emoji { emoji_id } => write!(f, "Emoji({emoji_id})"),
            Self::Bold => f.write_str("Bold"),
            Self::Code => f.write_str("Code"),
            Self::Pre { .. } => f.write_str("Pre"),
            Self::Link { kind, .. } => write!(f, "Link({kind:?})"),
            Self::Other(_) => f.write_str("Other"),
        }
    }
}

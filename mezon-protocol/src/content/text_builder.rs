//! Building a text with its spans.

use std::fmt;

use serde_json::{Map, Value, json};

use super::markdown::{self, Mark};
use super::utf16::utf16_len;
use super::{Content, LinkKind, Mention};
use crate::id::{ChannelId, EmojiId, RoleId, UserId};

/// A text that is put together of plain and marked parts. It counts the offsets, in UTF-16 units as the platform wants
/// them, and becomes a [`Content`].
///
/// ```
/// use mezon_protocol::Content;
/// use mezon_protocol::content::Text;
///
/// let text = Text::new().plain("👋 ").mention(7, "bob").plain(", see ").bold("this");
/// let content = Content::from(text);
/// assert_eq!(content.as_text(), "👋 @bob, see this");
/// assert_eq!(content.mentions()[0].range(), 3..7);
/// assert_eq!(content.marks()[0].text, "this");
/// ```
///
/// Empty parts add nothing.
#[derive(Clone, Default, PartialEq)]
pub struct Text {
    text: String,
    /// Of the text, in UTF-16 units.
    len: usize,
    hashtags: Vec<Value>,
    emojis: Vec<Value>,
    marks: Vec<Value>,
    mentions: Vec<Mention>,
}

impl Text {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text without a meaning.
    #[must_use]
    pub fn plain(mut self, text: impl AsRef<str>) -> Self {
        self.push(text.as_ref());
        self
    }

    /// Adds bold text.
    #[must_use]
    pub fn bold(self, text: impl AsRef<str>) -> Self {
        self.marked(text.as_ref(), &Mark::Bold)
    }

    /// Adds code that stands in a line.
    #[must_use]
    pub fn code(self, text: impl AsRef<str>) -> Self {
        self.marked(text.as_ref(), &Mark::Code)
    }

    /// Adds a block of code, or of anything whose letters shall be of one width.
    #[must_use]
    pub fn pre(self, text: impl AsRef<str>) -> Self {
        self.marked(text.as_ref(), &Mark::Pre)
    }

    /// Adds a block of code in a language.
    #[must_use]
    pub fn pre_lang(mut self, language: impl Into<String>, text: impl AsRef<str>) -> Self {
        if let Some((start, end)) = self.push(text.as_ref()) {
            self.marks.push(json!({ "type": "pre", "s": start, "e": end, "language": language.into() }));
        }
        self
    }

    /// Adds a link. One to a video is known by its address, as [`LinkKind::of`] does.
    #[must_use]
    pub fn link(self, url: impl AsRef<str>) -> Self {
        let url = url.as_ref();
        self.marked(url, &Mark::Link(LinkKind::of(url)))
    }

    /// Adds a text that links to an address.
    #[must_use]
    pub fn link_text(mut self, text: impl AsRef<str>, url: impl Into<String>) -> Self {
        if let Some((start, end)) = self.push(text.as_ref()) {
            let url = url.into();
            self.marks.push(json!({ "type": LinkKind::of(&url).mark(), "s": start, "e": end, "url": url }));
        }
        self
    }

    /// Adds a link to a video on YouTube.
    #[must_use]
    #[doc(alias = "lk_yt")]
    pub fn youtube(self, url: impl AsRef<str>) -> Self {
        self.marked(url.as_ref(), &Mark::Link(LinkKind::YouTube))
    }

    /// Adds a link to a voice room.
    #[must_use]
    #[doc(alias = "vk")]
    pub fn voice_link(self, url: impl AsRef<str>) -> Self {
        self.marked(url.as_ref(), &Mark::Link(LinkKind::Voice))
    }

    /// Adds `@name` and mentions the user.
    #[must_use]
    pub fn mention(self, user_id: impl Into<UserId>, name: impl AsRef<str>) -> Self {
        self.mentioned(Mention::user(user_id.into()), name.as_ref())
    }

    /// Adds `@name` and mentions all who have the role.
    #[must_use]
    pub fn mention_role(self, role_id: impl Into<RoleId>, name: impl AsRef<str>) -> Self {
        self.mentioned(Mention::role(role_id.into()), name.as_ref())
    }

    /// Adds `@here` and mentions everyone who is present.
    #[must_use]
    pub fn mention_here(self) -> Self {
        self.mentioned(Mention::here(), "here")
    }

    /// Adds `#name` and links to the channel.
    #[must_use]
    #[doc(alias = "hg")]
    pub fn hashtag(mut self, channel_id: impl Into<ChannelId>, name: impl AsRef<str>) -> Self {
        if let Some((start, end)) = self.push(&format!("#{}", name.as_ref())) {
            self.hashtags.push(json!({ "s": start, "e": end, "channelId": channel_id.into().to_string() }));
        }
        self
    }

    /// Adds a custom emoji by its short name, as `:smile:`; the colons may be left out.
    #[must_use]
    #[doc(alias = "ej")]
    pub fn emoji(mut self, emoji_id: impl Into<EmojiId>, short_name: impl AsRef<str>) -> Self {
        if let Some((start, end)) = self.push(&format!(":{}:", short_name.as_ref().trim_matches(':'))) {
            self.emojis.push(json!({ "s": start, "e": end, "emojiid": emoji_id.into().to_string() }));
        }
        self
    }

    /// Adds text with marks in it, as [`Content::markdown`] reads them.
    #[must_use]
    pub fn markdown(mut self, text: impl AsRef<str>) -> Self {
        for piece in markdown::pieces(text.as_ref()) {
            match piece.mark {
                Some(mark) => self = self.marked(piece.inner(), &mark),
                None => self = self.plain(piece.inner()),
            }
        }
        self
    }

    /// The text so far.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Length of the text so far in UTF-16 units.
    pub const fn utf16_len(&self) -> usize {
        self.len
    }

    fn marked(mut self, text: &str, mark: &Mark) -> Self {
        if let Some((start, end)) = self.push(text) {
            self.marks.push(mark.to_json(start, end));
        }
        self
    }

    fn mentioned(mut self, mention: Mention, name: &str) -> Self {
        if let Some((start, end)) = self.push(&format!("@{name}")) {
            let offset = |unit| u32::try_from(unit).unwrap_or(u32::MAX);
            self.mentions.push(mention.named(name).at(offset(start)..offset(end)));
        }
        self
    }

    /// Adds a part and gives its place; `None` if it is empty.
    fn push(&mut self, part: &str) -> Option<(usize, usize)> {
        let start = self.len;
        self.text.push_str(part);
        self.len += utf16_len(part.as_bytes());
        (start < self.len).then_some((start, self.len))
    }
}

impl From<Text> for Content {
    fn from(text: Text) -> Self {
        let mut content = Self::text(text.text);
        let lists = [("hg", text.hashtags), ("ej", text.emojis), ("mk", text.marks)];
        if lists.iter().any(|(_, list)| !list.is_empty()) {
            content = content.edit(|map: &mut Map<String, Value>| {
                let filled = lists.into_iter().filter(|(_, list)| !list.is_empty());
                map.extend(filled.map(|(key, list)| (key.to_owned(), Value::Array(list))));
            });
        }
        text.mentions.into_iter().fold(content, Self::mention)
    }
}

/// Shows the length, no text.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

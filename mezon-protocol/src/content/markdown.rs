//! Marks that people type: `**bold**`, `` `code` ``, ```` ```blocks``` ```` and links.
//!
//! The platform sends no markers. Its clients take them out of the text and say beside it what they covered; so do the
//! functions here, by the rule that the official clients follow.

use std::ops::Range;

use serde_json::{Value, json};

use super::preview::{is_preview, put_behind};
use super::spans::{SPAN_LISTS, offsets, set_place};
use super::utf16::utf16_len;
use super::{Content, LinkKind};

impl Content {
    /// A text with marks in it: `**bold**`, `` `code` ``, a block between triple backticks, `http://` and `https://`
    /// links. The markers are taken out of the text.
    ///
    /// ```
    /// use mezon_protocol::Content;
    ///
    /// let content = Content::markdown("Run `cargo test`, **now**");
    /// assert_eq!(content.as_text(), "Run cargo test, now");
    /// assert_eq!(content.marks()[1].text, "now");
    /// ```
    ///
    /// What is not closed stays as it is. Bold text and code do not go over the end of a line, bold text has no `*` in
    /// it, and marks do not nest. There are no other marks on the platform.
    pub fn markdown(text: impl Into<String>) -> Self {
        Self::text(text).parse_markdown()
    }

    /// Reads the marks in the text, as [`markdown`](Self::markdown) does, and moves the spans that there are already,
    /// the places of mentions among them, to where their text is then.
    ///
    /// ```
    /// use mezon_protocol::content::Mention;
    /// use mezon_protocol::{Content, UserId};
    ///
    /// let bob = Mention::user(UserId::new(7)).named("bob").at(7..11);
    /// let content = Content::text("**Hi** @bob").mention(bob).parse_markdown();
    /// assert_eq!(content.as_text(), "Hi @bob");
    /// assert_eq!(content.mentions()[0].range(), 3..7);
    /// ```
    #[must_use]
    pub fn parse_markdown(mut self) -> Self {
        let pieces: Vec<_> = pieces(self.as_text()).collect();
        if pieces.iter().all(|piece| piece.mark.is_none()) {
            return self;
        }
        let mut text = String::with_capacity(self.as_text().len());
        let mut marks = Vec::new();
        let mut removed = Removed::default();
        let mut len = 0;
        for piece in pieces {
            let start = len;
            text.push_str(piece.inner());
            len += utf16_len(piece.inner().as_bytes());
            removed.add(start, piece.marker());
            removed.add(len, piece.marker());
            marks.extend(piece.mark.map(|mark| mark.to_json(start, len)));
        }
        for mention in self.mentions_mut() {
            let moved = |unit| u32::try_from(removed.moved(i64::from(unit))).unwrap_or(u32::MAX);
            (mention.start, mention.end) = (moved(mention.start), moved(mention.end));
        }
        self.edit(|map| {
            for list in SPAN_LISTS {
                move_spans(map.get_mut(list), &removed, len);
            }
            match map.get_mut("mk") {
                Some(Value::Array(old)) => old.extend(marks),
                _ => drop(map.insert("mk".to_owned(), Value::Array(marks))),
            }
            map.insert("t".to_owned(), Value::String(text));
        })
    }
}

fn move_spans(list: Option<&mut Value>, removed: &Removed, len: usize) {
    for element in list.and_then(Value::as_array_mut).into_iter().flatten() {
        if is_preview(element) {
            put_behind(element, len);
            continue;
        }
        let Some(span) = element.as_object_mut() else { continue };
        if let Some((start, end)) = offsets(span) {
            set_place(span, removed.moved(start), removed.moved(end));
        }
    }
}

/// What was taken out of a text, in UTF-16 units.
#[derive(Default)]
struct Removed {
    /// Each marker: where it ended in the old text, and how much was taken out up to there.
    markers: Vec<(i64, i64)>,
}

impl Removed {
    /// A marker of this length, at this place of the new text.
    fn add(&mut self, at: usize, len: usize) {
        if len > 0 {
            let before = self.markers.last().map_or(0, |(_, total)| *total);
            let (at, len) = (i64::try_from(at).unwrap_or(i64::MAX / 2), len as i64);
            self.markers.push((at + before + len, before + len));
        }
    }

    /// Where an offset into the old text is in the new one. One inside of a marker goes to its place.
    fn moved(&self, old: i64) -> i64 {
        let next = self.markers.partition_point(|(end, _)| *end <= old);
        let before = next.checked_sub(1).map_or(0, |last| self.markers[last].1);
        // the place of the next marker, should the offset be inside of it
        let limit = self.markers.get(next).map_or(i64::MAX, |(end, total)| end - total);
        old.saturating_sub(before).min(limit)
    }
}

/// The meaning of a [`Piece`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Bold,
    Code,
    Pre,
    Link(LinkKind),
}

impl Mark {
    pub(super) fn to_json(self, start: usize, end: usize) -> Value {
        let mark = match self {
            Self::Bold => "b",
            Self::Code => "c",
            Self::Pre => "pre",
            Self::Link(kind) => kind.mark(),
        };
        json!({ "type": mark, "s": start, "e": end })
    }

    /// The length of the markers on both sides, in bytes as in UTF-16 units.
    const fn marker(self) -> usize {
        match self {
            Self::Bold => 2,
            Self::Code => 1,
            Self::Pre => 3,
            Self::Link(_) => 0,
        }
    }
}

/// A part of a text, with its markers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    whole: &'a str,
    pub(super) mark: Option<Mark>,
}

impl<'a> Piece<'a> {
    /// The text between the markers.
    pub(super) fn inner(&self) -> &'a str {
        &self.whole[self.marker()..self.whole.len() - self.marker()]
    }

    fn marker(&self) -> usize {
        self.mark.map_or(0, Mark::marker)
    }
}

/// The parts of a text, plain and marked, from its beginning to its end.
///
/// At each place the first rule that fits counts. Each looks no further than to the next thing that could end it, so
/// the whole takes time in proportion to the text.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (range, mark) = next_mark(rest)?;
        let (plain, from_mark) = rest.split_at(range.start);
        let (marked, after) = from_mark.split_at(range.len());
        rest = after;
        Some([Piece { whole: plain, mark: None }, Piece { whole: marked, mark }])
    })
    .flatten()
    .filter(|piece| !piece.whole.is_empty())
}

/// The next marked part, or the whole as a plain one; `None` at the end of the text.
fn next_mark(text: &str) -> Option<(Range<usize>, Option<Mark>)> {
    if text.is_empty() {
        return None;
    }
    for (at, _) in text.match_indices(['`', '*', 'h']) {
        if let Some((len, mark)) = mark_at(&text[at..]) {
            return Some((at..at + len, Some(mark)));
        }
    }
    Some((0..text.len(), None))
}

/// The length of the marked part with which a text begins.
fn mark_at(text: &str) -> Option<(usize, Mark)> {
    if let Some(len) = pre_at(text) {
        return Some((len, Mark::Pre));
    }
    if let Some(len) = link_at(text) {
        return Some((len, Mark::Link(LinkKind::of(&text[..len]))));
    }
    if let Some(len) = code_at(text) {
        return Some((len, Mark::Code));
    }
    bold_at(text).map(|len| (len, Mark::Bold))
}

fn pre_at(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("```")?;
    let len = inner.find("```")?;
    (!is_blank(&inner[..len])).then_some(len + 6)
}

fn link_at(text: &str) -> Option<usize> {
    let address = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let len = address.find([' ', '\t', '\r', '\n']).unwrap_or(address.len());
    (len > 0).then_some(text.len() - address.len() + len)
}

fn code_at(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('`').filter(|inner| !inner.starts_with("``"))?;
    let len = inner.find(['`', '\n'])?;
    (inner[len..].starts_with('`') && !is_blank(&inner[..len])).then_some(len + 2)
}

fn bold_at(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("**")?;
    let len = inner.find(['*', '\n'])?;
    (inner[len..].starts_with("**") && !is_blank(&inner[..len])).then_some(len + 4)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests;

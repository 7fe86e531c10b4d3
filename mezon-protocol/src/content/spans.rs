//! Reading the spans of a content: eight lists of different age, as one.

use serde_json::{Map, Value};

use super::utf16::Utf16Index;
use super::{Content, LinkKind, Mention, Span, SpanKind};
use crate::id::{HERE, RoleId, UserId};
use crate::lenient;

/// The lists of spans in a content, in the order in which they count where spans overlap.
pub(super) const SPAN_LISTS: [&str; 7] = ["mentions", "hg", "ej", "mk", "lk", "vk", "lky"];

/// The mark of a link preview, which is no part of the text.
pub(super) const PREVIEW: &str = "lk_ogp";

impl Content {
    /// The spans of the text, in order and without overlaps: what a client draws.
    ///
    /// Offsets are cut to the text. An offset inside of a character counts as its beginning. What then covers nothing
    /// is left out, and so is what begins before the end of the span before it. Mentions that were
    /// [added](Self::mention) with a place in the text are spans too; those of a received message come beside its
    /// content, see [`spans_with`](Self::spans_with).
    ///
    /// ```
    /// use mezon_protocol::Content;
    /// use mezon_protocol::content::SpanKind;
    ///
    /// let content = Content::parse(r#"{"t":"😀 hi","mk":[{"type":"b","s":3,"e":5}]}"#);
    /// let spans = content.spans();
    /// assert_eq!((spans[0].text, spans[0].kind), ("hi", SpanKind::Bold));
    /// ```
    pub fn spans(&self) -> Vec<Span<'_>> {
        self.spans_with(self.mentions())
    }

    /// The spans of the text, with the mentions that came beside the content. One at the same place as a mention in the
    /// content says the same, and is left out.
    pub fn spans_with<'a>(&'a self, mentions: &'a [Mention]) -> Vec<Span<'a>> {
        let index = Utf16Index::new(self.as_text());
        let [in_json, others @ ..] = &SPAN_LISTS;
        let beside = mentions.iter().filter_map(|mention| mention_span(mention, self.as_text(), &index));
        let in_json = self.spans_of(&index, std::slice::from_ref(in_json));
        let mut spans: Vec<_> = in_json.chain(beside).chain(self.spans_of(&index, others)).collect();
        // of those that begin alike the order stays
        spans.sort_by_key(|span| span.start);
        let mut end = 0;
        spans.retain(|span| {
            let is_free = span.start >= end;
            end = if is_free { span.end } else { end };
            is_free
        });
        spans
    }

    /// The links to channels (`hg`), as they stand in the content.
    pub fn hashtags(&self) -> Vec<Span<'_>> {
        self.spans_in(&["hg"])
    }

    /// The custom emoji (`ej`), as they stand in the content.
    #[doc(alias = "ej")]
    pub fn emojis(&self) -> Vec<Span<'_>> {
        self.spans_in(&["ej"])
    }

    /// Bold text, code and links (`mk`), as they stand in the content.
    #[doc(alias = "mk")]
    pub fn marks(&self) -> Vec<Span<'_>> {
        self.spans_in(&["mk"])
    }

    /// All links: those among the marks, and those in the lists that older clients write (`lk`, `vk`, `lky`).
    #[doc(alias = "lk")]
    #[doc(alias = "vk")]
    pub fn links(&self) -> Vec<Span<'_>> {
        let mut links = self.spans_in(&["mk", "lk", "vk", "lky"]);
        links.retain(|span| matches!(span.kind, SpanKind::Link { .. }));
        links
    }

    /// The mentions inside of the JSON, where some clients repeat those that come beside it.
    pub fn json_mentions(&self) -> Vec<Span<'_>> {
        self.spans_in(&["mentions"])
    }

    fn spans_in(&self, lists: &[&'static str]) -> Vec<Span<'_>> {
        let index = Utf16Index::new(self.as_text());
        self.spans_of(&index, lists).collect()
    }

    /// The elements of these lists that are spans, cut to the text.
    fn spans_of<'a>(&'a self, index: &Utf16Index<'_>, lists: &[&'static str]) -> impl Iterator<Item = Span<'a>> {
        let elements = lists.iter().flat_map(|list| {
            let elements = self.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            elements.iter().filter_map(Value::as_object).map(move |element| (*list, element))
        });
        elements.filter_map(move |(list, element)| {
            let (start, end) = offsets(element)?;
            let part = index.part(start, end)?;
            let text = &self.as_text()[part.bytes];
            Some(Span { start: part.units.start, end: part.units.end, text, kind: kind(list, element, text)? })
        })
    }
}

/// Where an element of a list of spans begins and ends; `None` if it does not say so.
pub(super) fn offsets(element: &Map<String, Value>) -> Option<(i64, i64)> {
    Some((lenient::integer(element.get("s"))?, lenient::integer(element.get("e"))?))
}

pub(super) fn set_place(span: &mut Map<String, Value>, start: impl Into<Value>, end: impl Into<Value>) {
    span.insert("s".to_owned(), start.into());
    span.insert("e".to_owned(), end.into());
}

fn kind<'a>(list: &str, element: &'a Map<String, Value>, text: &'a str) -> Option<SpanKind<'a>> {
    let link = |kind| {
        let url = text_of(element, &["url"]).filter(|url| !url.is_empty());
        Some(SpanKind::Link { kind, url: url.unwrap_or(text) })
    };
    match list {
        "mentions" => Some(json_mention(element)),
        "hg" => id_of(element, &["channelId", "channelid", "channel_id"])
            .map(|id| SpanKind::Hashtag { channel_id: id.into() }),
        "ej" => id_of(element, &["emojiid", "emojiId", "emoji_id"]).map(|id| SpanKind::Emoji { emoji_id: id.into() }),
        "lk" => link(LinkKind::Plain),
        "vk" => link(LinkKind::Voice),
        "lky" => link(LinkKind::YouTube),
        // "mk"
        _ => match text_of(element, &["type"])? {
            "b" => Some(SpanKind::Bold),
            "c" | "s" => Some(SpanKind::Code),
            "pre" | "t" => Some(SpanKind::Pre { language: text_of(element, &["language"]) }),
            PREVIEW => None,
            mark => LinkKind::from_mark(mark).map_or(Some(SpanKind::Other(mark)), link),
        },
    }
}

fn json_mention(element: &Map<String, Value>) -> SpanKind<'_> {
    let name = text_of(element, &["username", "rolename"]).unwrap_or_default();
    let user = text_of(element, &["user_id", "userId"]);
    let user_id = if user == Some("here") { HERE } else { lenient::id(lenient::find(element, &["user_id", "userId"])) };
    let role_id: RoleId = lenient::id(lenient::find(element, &["role_id", "roleId"]));
    SpanKind::Mention { user_id, role_id, name }
}

fn mention_span<'a>(mention: &'a Mention, text: &'a str, index: &Utf16Index<'_>) -> Option<Span<'a>> {
    let part = index.part(mention.start.into(), mention.end.into())?;
    let name = if mention.role_id.is_none() { &mention.username } else { &mention.role_name };
    let user_id: UserId = if mention.is_here() { HERE } else { mention.user_id };
    let kind = SpanKind::Mention { user_id, role_id: mention.role_id, name };
    Some(Span { start: part.units.start, end: part.units.end, text: &text[part.bytes], kind })
}

fn id_of(element: &Map<String, Value>, keys: &[&str]) -> Option<i64> {
    lenient::integer(lenient::find(element, keys)).filter(|id| *id != 0)
}

fn text_of<'a>(element: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    lenient::find(element, keys).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;

//! Splitting a content that is longer than the platform takes.

use std::ops::Range;

use serde_json::{Map, Value};

use super::body::Body;
use super::options::Options;
use super::preview::{is_preview, put_behind};
use super::spans::{SPAN_LISTS, offsets, set_place};
use super::utf16::{Place, Utf16Index};
use super::{Content, LinkKind, Mention, within};
use crate::error::Error;

/// What every one of the contents has, if the whole had it.
const EVERYWHERE: &str = "fwd";

impl Content {
    /// As several contents, each within a limit in UTF-16 units of its JSON, to be sent one after the other; as the
    /// one that it is if it is within the limit, or if that is `None`.
    ///
    /// The texts of the parts make up the whole text, nothing lost. They end where a line ends; where a line alone is
    /// too long, between two words; and else at any character. A mention, a link, an emoji or a hashtag is not taken
    /// apart unless it alone is too long; blocks of code and bold text are, and are marked in each part.
    ///
    /// The first part has the quoted messages, and notifies everyone if the whole does. Mentions go with their text,
    /// those without a place with the first part. Topic, code, the forwarded flag and that of anonymity are in every
    /// part; all else is in the last: attachments, embeds, components, link previews, keys that are not known. The last
    /// has no text if none fits beside that. Spans that readers would ignore are left out.
    ///
    /// ```
    /// use mezon_protocol::Content;
    ///
    /// let parts = Content::pre("one\ntwo\nthree\n".repeat(400)).split(Content::DEFAULT_LIMIT)?;
    /// assert_eq!(parts.len(), 2);
    /// assert!(parts[0].as_text().ends_with('\n'));
    /// assert_eq!(parts[1].marks()[0].text, parts[1].as_text());
    /// # Ok::<(), mezon_protocol::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLong`](crate::ErrorKind::TooLong) if what cannot be split is above the limit: embeds and components, or a
    /// single character.
    pub fn split(self, limit: impl Into<Option<usize>>) -> Result<Vec<Self>, Error> {
        let Some(limit) = limit.into() else { return Ok(vec![self]) };
        if self.utf16_len() <= limit {
            return Ok(vec![self]);
        }
        let Self { body, options } = self;
        let options = options.map(|options| *options).unwrap_or_default();
        let text = body.as_text().to_owned();
        let mut rest = body.into_map();
        let splitter = Splitter::new(&text, &mut rest, &options.mentions);
        let bodies = splitter.bodies(&rest, limit)?;
        Ok(splitter.contents(bodies, options))
    }
}

/// An element of a list of spans.
struct Marked<'a> {
    list: &'static str,
    units: Range<usize>,
    text: &'a str,
    element: Map<String, Value>,
    is_link: bool,
}

struct Splitter<'a> {
    text: &'a str,
    end: Place,
    /// By their beginning.
    spans: Vec<Marked<'a>>,
    /// The places, in bytes, of what should stay in one piece.
    whole: Vec<Range<usize>>,
    /// For each mention its place in UTF-16 units; `None` if it has none.
    mentions: Vec<Option<Range<usize>>>,
    /// The value of [`EVERYWHERE`].
    everywhere: Option<Value>,
}

impl<'a> Splitter<'a> {
    /// Takes the text and its spans out of a content.
    fn new(text: &'a str, content: &mut Map<String, Value>, mentions: &[Mention]) -> Self {
        let index = Utf16Index::new(text);
        let mut splitter = Self {
            text,
            end: index.place(usize::MAX),
            spans: Vec::new(),
            whole: Vec::new(),
            mentions: Vec::new(),
            everywhere: content.get(EVERYWHERE).cloned(),
        };
        content.shift_remove("t");
        for list in SPAN_LISTS {
            if let Some(elements) = content.get_mut(list).and_then(Value::as_array_mut) {
                splitter.take_spans(list, elements, &index);
            }
            if content.get(list).and_then(Value::as_array).is_some_and(Vec::is_empty) {
                content.shift_remove(list);
            }
        }
        splitter.spans.sort_by_key(|span| span.units.start);
        for mention in mentions {
            let part = index.part(mention.start.into(), mention.end.into());
            splitter.whole.extend(part.iter().map(|part| part.bytes.clone()));
            splitter.mentions.push(part.map(|part| part.units));
        }
        splitter
    }

    /// Leaves nothing but link previews, which are moved to the end of the text of the last part.
    fn take_spans(&mut self, list: &'static str, elements: &mut Vec<Value>, index: &Utf16Index<'_>) {
        let (previews, spans): (Vec<_>, Vec<_>) = std::mem::take(elements).into_iter().partition(is_preview);
        *elements = previews;
        for span in spans {
            let Value::Object(element) = span else { continue };
            let Some(part) = offsets(&element).and_then(|(start, end)| index.part(start, end)) else { continue };
            let mark = element.get("type").and_then(Value::as_str);
            let is_link = match list {
                "mk" => mark.and_then(LinkKind::from_mark).is_some(),
                _ => matches!(list, "lk" | "vk" | "lky"),
            };
            if is_link || list != "mk" {
                self.whole.push(part.bytes.clone());
            }
            self.spans.push(Marked { list, units: part.units, text: &self.text[part.bytes], element, is_link });
        }
    }

    /// What the parts say, and where in the text each begins, in UTF-16 units.
    fn bodies(&self, rest: &Map<String, Value>, limit: usize) -> Result<Vec<(usize, Body)>, Error> {
        let mut bodies = Vec::new();
        let mut start = Place::default();
        // a text above the limit cannot be the last one, nor need it be measured
        while self.end.unit - start.unit > limit || self.last(start, rest).utf16_len() > limit {
            let end = self.cut(start, limit)?;
            if end == start {
                within(self.last(start, rest).utf16_len(), limit)?;
            }
            bodies.push((start.unit, self.part(start, end).into()));
            start = end;
        }
        bodies.push((start.unit, self.last(start, rest)));
        Ok(bodies)
    }

    /// The last part: what is left of the text, and all that is not text.
    fn last(&self, start: Place, rest: &Map<String, Value>) -> Body {
        let mut part = self.part(start, self.end);
        for (key, value) in rest {
            match (part.get_mut(key).and_then(Value::as_array_mut), value.as_array()) {
                (Some(spans), Some(previews)) => spans.extend(previews.iter().cloned()),
                _ => drop(part.insert(key.clone(), value.clone())),
            }
        }
        let marks = part.get_mut("mk").and_then(Value::as_array_mut);
        for preview in marks.into_iter().flatten().filter(|mark| is_preview(mark)) {
            put_behind(preview, self.end.unit - start.unit);
        }
        part.into()
    }

    /// A part of the text, with the spans in it.
    fn part(&self, start: Place, end: Place) -> Map<String, Value> {
        let mut part = Map::new();
        part.insert("t".to_owned(), self.text[start.byte..end.byte].into());
        for span in self.spans.iter().take_while(|span| span.units.start < end.unit) {
            let Some((from, to)) = clip(&span.units, start.unit, end.unit) else { continue };
            let mut element = span.element.clone();
            set_place(&mut element, from, to);
            if span.is_link && to - from < span.units.len() {
                // its text is the address no more
                element.entry("url").or_insert_with(|| span.text.into());
            }
            let list = part.entry(span.list).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("only lists are put here").push(Value::Object(element));
        }
        part.extend(self.everywhere.iter().map(|value| (EVERYWHERE.to_owned(), value.clone())));
        part
    }

    /// Where the part that begins at `start` ends: at `start` itself only if that is the end of the text.
    fn cut(&self, start: Place, limit: usize) -> Result<Place, Error> {
        let mut place = start;
        let ends = self.text[start.byte..].chars().map(|char| {
            place = Place { unit: place.unit + char.len_utf16(), byte: place.byte + char.len_utf8() };
            place
        });
        // none takes less than a unit
        let ends: Vec<_> = ends.take(limit.max(1)).collect();
        if ends.is_empty() {
            return Ok(start);
        }
        let len = |count: usize| Body::from(self.part(start, ends[count - 1])).utf16_len();
        // as many as are known to fit, and as few as are known not to
        let (mut fit, mut over) = (0, ends.len() + 1);
        while over - fit > 1 {
            let middle = fit.midpoint(over);
            if len(middle) <= limit { fit = middle } else { over = middle }
        }
        within(len(fit.max(1)), limit)?;
        Ok(self.border(start, &ends[..fit]))
    }

    /// The best of the places where a part may end. It is not empty.
    fn border(&self, start: Place, ends: &[Place]) -> Place {
        let furthest = ends.last().copied().unwrap_or(start);
        if furthest == self.end {
            return furthest;
        }
        let window = &self.text[start.byte..furthest.byte];
        let ink = start.byte + (window.len() - window.trim_start().len());
        let near = |whole: &&Range<usize>| whole.start < furthest.byte && start.byte < whole.end;
        let whole: Vec<_> = self.whole.iter().filter(near).collect();
        let is_free = |place: &&Place| {
            place.byte > ink && !whole.iter().any(|whole| whole.start < place.byte && place.byte < whole.end)
        };
        let after = |is: fn(char) -> bool| {
            ends.iter().rev().filter(|place| self.text[..place.byte].ends_with(is)).find(is_free)
        };
        let border = after(|char| char == '\n').or_else(|| after(char::is_whitespace));
        *border.or_else(|| ends.iter().rev().find(is_free)).unwrap_or(&furthest)
    }

    /// The parts with what travels beside each.
    fn contents(&self, bodies: Vec<(usize, Body)>, options: Options) -> Vec<Content> {
        let starts: Vec<_> = bodies.iter().map(|(start, _)| *start).collect();
        let Options { anonymous, topic, code, .. } = options;
        let in_all = Options { anonymous, topic, code, ..Options::default() };
        let mut parts = vec![in_all; bodies.len()];
        for (mut mention, units) in options.mentions.into_iter().zip(&self.mentions) {
            let mut at = 0;
            if let Some(units) = units {
                // the last part that does not begin behind it
                at = starts.partition_point(|start| *start <= units.start).saturating_sub(1);
                let end = starts.get(at + 1).copied().unwrap_or(self.end.unit);
                let offset = |unit: usize| u32::try_from(unit - starts[at]).unwrap_or(u32::MAX);
                mention = mention.at(offset(units.start)..offset(units.end.min(end)));
            }
            parts[at].mentions.push(mention);
        }
        parts[0].references = options.references;
        parts[0].mention_everyone = options.mention_everyone;
        parts[bodies.len() - 1].attachments = options.attachments;
        let contents = bodies.into_iter().zip(parts).map(|((_, body), options)| {
            let options = (options != Options::default()).then(|| Box::new(options));
            Content { body, options }
        });
        contents.collect()
    }
}

/// What of a range lies between two others, counted from the first of them.
fn clip(range: &Range<usize>, start: usize, end: usize) -> Option<(usize, usize)> {
    let (from, to) = (range.start.max(start), range.end.min(end));
    (from < to).then(|| (from - start, to - start))
}

#[cfg(test)]
mod tests;

//! The lists that come with a message as bytes: mentions, attachments, references, reactions.
//!
//! They go out as repeated fields, but come in as an encoded list message, or as JSON that somebody else has put
//! there. One rule reads all four, and nothing in them can make it fail: a message is never lost because of its lists.

use prost::Message;
use serde_json::{Map, Value};

use super::{Attachment, Mention, Reaction, Reference};
use crate::lenient;

/// Reads the `mentions` of a received message. Empty if there are none, or none that could be read.
///
/// `bytes` should be no larger than a frame: what it takes in memory is up to about 50 times that.
pub fn decode_mentions(bytes: &[u8]) -> Vec<Mention> {
    decode(bytes)
}

/// Reads the `attachments` of a received message, as [`decode_mentions`] does.
pub fn decode_attachments(bytes: &[u8]) -> Vec<Attachment> {
    decode(bytes)
}

/// Reads the `references` of a received message, as [`decode_mentions`] does. Those that name no message are left out.
pub fn decode_references(bytes: &[u8]) -> Vec<Reference> {
    decode(bytes)
}

/// Reads the `reactions` of a received message, as [`decode_mentions`] does. Each is one user's; those marked as
/// removed are left out.
pub fn decode_reactions(bytes: &[u8]) -> Vec<Reaction> {
    decode(bytes)
}

/// A list that came with a message, as JSON with the names of the wire; ids as text.
pub(crate) fn list_to_json<T: Element>(bytes: &[u8]) -> Value {
    decode::<T>(bytes).into_iter().map(T::into_json).collect()
}

/// What the rule needs to know of an element of a list.
pub(crate) trait Element: Sized {
    /// The encoded form of the whole list.
    type List: Message + Default;
    /// The keys under which a JSON object may hold the list.
    const KEYS: &'static [&'static str];

    /// From the encoded form.
    fn from_list(list: Self::List) -> impl Iterator<Item = Self>;

    /// From a JSON object.
    fn from_fields(fields: Fields) -> Self;

    /// False for what says nothing, and is left out.
    /// The counterpart of `from_fields`.
    fn into_json(self) -> Value;

    fn is_meaningful(&self) -> bool;
}

/// A JSON object whose keys are read in snake_case or camelCase, and whose values are read leniently.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn id<T: From<i64>>(&self, key: &str) -> T {
        lenient::id(self.get(key))
    }

    pub(super) fn integer(&self, key: &str) -> i64 {
        lenient::integer(self.get(key)).unwrap_or(0)
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        lenient::flag(self.get(key))
    }

    /// Text as it is, numbers and flags as text.
    pub(super) fn text(&self, key: &str) -> String {
        self.get(key).and_then(lenient::scalar).unwrap_or_default()
    }

    fn get(&self, key: &str) -> Option<&Value> {
        let value = self.0.get(key).or_else(|| self.0.get(&camel_case(key)));
        value.filter(|value| !value.is_null())
    }
}

fn decode<T: Element>(bytes: &[u8]) -> Vec<T> {
    if bytes.is_empty() {
        return Vec::new();
    }
    if let Some(elements) = from_json(bytes) {
        return elements;
    }
    match T::List::decode(bytes) {
        Ok(list) => T::from_list(list).filter(T::is_meaningful).collect(),
        Err(error) => {
            tracing::debug!(list = T::KEYS.first(), len = bytes.len(), %error, "ignored a list that cannot be read");
            Vec::new()
        }
    }
}

/// `None` if it is no JSON from beginning to end. Looking at the first byte is not enough: an encoded list begins with
/// a line feed (the tag of field 1), and goes on with `[` if its first element has 91 bytes.
fn from_json<T: Element>(bytes: &[u8]) -> Option<Vec<T>> {
    let text = bytes.trim_ascii();
    if matches!(text, b"" | b"null" | b"[]" | b"\"\"") {
        return Some(Vec::new());
    }
    if !matches!(text.first(), Some(b'[' | b'{')) {
        return None;
    }
    let value = serde_json::from_slice(text).ok()?;
    let elements = elements(value, T::KEYS).into_iter().map(|object| T::from_fields(Fields(object)));
    Some(elements.filter(T::is_meaningful).collect())
}

/// The objects of a list, of a list inside an object, or the single object itself.
fn elements(mut value: Value, keys: &[&str]) -> Vec<Map<String, Value>> {
    let inner = value.as_object_mut().and_then(|object| keys.iter().find_map(|key| object.remove(*key)));
    let list = inner.unwrap_or(value);
    if let Value::Array(elements) = list {
        return elements.into_iter().filter_map(into_object).collect();
    }
    into_object(list).into_iter().collect()
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(object) = value { Some(object) } else { None }
}

fn camel_case(snake_case: &str) -> String {
    let mut camel = String::with_capacity(snake_case.len());
    let mut upper = false;
    for char in snake_case.chars() {
        match char {
            '_' => upper = true,
            _ if upper => {
                camel.push(char.to_ascii_uppercase());
                upper = false;
            }
            _ => camel.push(char),
        }
    }
    camel
}

#[cfg(test)]
mod tests;

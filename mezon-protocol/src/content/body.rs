//! The JSON object that the content of a message is.

use std::io;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::utf16::utf16_len;

/// The keys that the platform gives a meaning to. For each of them `null` means the same as absent, and is not kept;
/// Python's senders write them all.
const KNOWN: [&str; 30] = [
    "t",
    "contentThread",
    "hg",
    "ej",
    "lk",
    "mk",
    "vk",
    "lky",
    "mentions",
    "embed",
    "components",
    "fwd",
    "tp",
    "cid",
    "cvtt",
    "isCard",
    "is_card",
    "callLog",
    "call_log",
    "id",
    "poll_id",
    "question",
    "answers",
    "answer_counts",
    "expire_at",
    "is_closed",
    "total_votes",
    "type",
    "presign_finish",
    "create_time_seconds",
];

/// An object. What has nothing but a text `t`, and only that, is a [`Body::Text`]: so equal bodies compare equal, and
/// most messages need no map.
#[derive(Clone, PartialEq)]
pub(super) enum Body {
    /// `{"t": ...}`; always a [`Value::String`].
    Text(Value),
    /// Any other object, its keys in the order in which they came.
    Object(Map<String, Value>),
}

impl Body {
    pub(super) const fn text(text: String) -> Self {
        Self::Text(Value::String(text))
    }

    pub(super) fn as_text(&self) -> &str {
        self.get("t").and_then(Value::as_str).unwrap_or_default()
    }

    /// The value of a key; `null` is none.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Text(text) => (key == "t").then_some(text),
            Self::Object(map) => map.get(key).filter(|value| !value.is_null()),
        }
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        match self {
            Self::Text(text) => Map::from_iter([("t".to_owned(), text)]),
            Self::Object(map) => map,
        }
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let (text, map) = match self {
            Self::Text(_) => (Some("t"), None),
            Self::Object(map) => (None, Some(map)),
        };
        text.into_iter().chain(map.into_iter().flat_map(|map| map.keys().map(String::as_str)))
    }

    /// Compact, with nothing escaped but what must be.
    pub(super) fn to_json_text(&self) -> String {
        let capacity = match self {
            // the braces, the key, and some escapes
            Self::Text(_) => self.as_text().len() + 16,
            Self::Object(_) => 256,
        };
        let mut json = Vec::with_capacity(capacity);
        self.write(&mut json);
        String::from_utf8(json).expect("serde_json writes UTF-8 only")
    }

    /// Length of [`to_json_text`](Self::to_json_text) in UTF-16 units, which is how the platform measures.
    pub(super) fn utf16_len(&self) -> usize {
        let mut counter = Utf16Counter(0);
        self.write(&mut counter);
        counter.0
    }

    fn write(&self, writer: impl io::Write) {
        serde_json::to_writer(writer, self).expect("the keys are texts, and the writers do not fail");
    }
}

/// `{}`
impl Default for Body {
    fn default() -> Self {
        Self::Object(Map::new())
    }
}

impl From<Map<String, Value>> for Body {
    fn from(mut map: Map<String, Value>) -> Self {
        if map.values().any(Value::is_null) {
            map.retain(|key, value| !(value.is_null() && KNOWN.contains(&key.as_str())));
        }
        if map.len() == 1 && map.get("t").is_some_and(Value::is_string) {
            return Self::Text(map.remove("t").unwrap_or_default());
        }
        Self::Object(map)
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("t", text)?;
                map.end()
            }
            Self::Object(map) => map.serialize(serializer),
        }
    }
}

struct Utf16Counter(usize);

impl io::Write for Utf16Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += utf16_len(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

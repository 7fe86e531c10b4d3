//! Reading the content of a message: never fails, whatever somebody has sent.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Body;

/// What is written to `content`, by the rule that [`Content::parse`](super::Content::parse) states.
pub(super) fn parse(raw: &str) -> Body {
    let trimmed = raw.trim();
    if trimmed.is_empty() || trimmed == "[]" {
        return Body::text(String::new());
    }
    if let Some(body) = from_json(trimmed, raw) {
        return body;
    }
    if trimmed.contains(['\n', '\r']) {
        // some senders build the JSON by hand and forget that a line break inside of a text must be escaped
        let escaped = trimmed.replace('\n', "\\n").replace('\r', "\\r");
        if let Some(body) = from_json(&escaped, raw) {
            return body;
        }
    }
    Body::text(raw.to_owned())
}

fn from_json(json: &str, raw: &str) -> Option<Body> {
    Some(match serde_json::from_str(json).ok()? {
        Json::Object(body) => body,
        Json::Text(text) => from_inner_json(&text).unwrap_or_else(|| Body::text(text)),
        Json::Other => Body::text(raw.to_owned()),
    })
}

/// Some senders encode twice. Once more is not followed.
fn from_inner_json(text: &str) -> Option<Body> {
    match serde_json::from_str(text).ok()? {
        Json::Object(body) => Some(body),
        Json::Text(_) | Json::Other => None,
    }
}

/// A JSON value, as far as we want to know it.
enum Json {
    Object(Body),
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    /// `{"t":"..."}`, which most messages are, costs no map.
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let Some((first_key, first_value)) = access.next_entry::<String, Value>()? else {
            return Ok(Json::Object(Body::default()));
        };
        let mut next = access.next_entry::<String, Value>()?;
        if next.is_none() && first_key == "t" && first_value.is_string() {
            return Ok(Json::Object(Body::Text(first_value)));
        }
        let mut map = Map::new();
        map.insert(first_key, first_value);
        while let Some((key, value)) = next {
            map.insert(key, value);
            next = access.next_entry()?;
        }
        Ok(Json::Object(Body::from(map)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Json::Other)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }
}

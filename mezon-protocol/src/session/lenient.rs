//! Reading JSON whose writers do not agree on types: ids, numbers and flags as themselves or as text, null as absent.

use serde_json::{Map, Value};

use crate::id::UserId;

/// Takes the first text that stands under one of these keys; empty if there is none.
pub(super) fn take_text(object: &mut Map<String, Value>, keys: &[&str]) -> String {
    for key in keys {
        if let Some(Value::String(text)) = object.get_mut(*key).map(Value::take) {
            return text;
        }
    }
    String::new()
}

/// The first value under one of these keys that is not null.
pub(super) fn find<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().filter_map(|key| object.get(*key)).find(|value| !value.is_null())
}

/// An id; 0 if there is none that could be read.
pub(super) fn user_id(value: Option<&Value>) -> UserId {
    let Some(value) = value else {
        return UserId::NONE;
    };
    value.as_i64().map(UserId::new).or_else(|| value.as_str()?.parse().ok()).unwrap_or(UserId::NONE)
}

/// Seconds since 1970; a fraction is cut off. `None` for what is absent, unreadable, zero or negative.
pub(super) fn seconds(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    let read = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        // the cast saturates
        None => value.as_u64().or_else(|| value.as_f64().map(|float| float as u64)),
    };
    read.filter(|seconds| *seconds > 0)
}

pub(super) fn flag(value: Option<&Value>) -> bool {
    let Some(value) = value else {
        return false;
    };
    value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1) || matches!(value.as_str(), Some("true" | "1")))
}

/// The text of a text, a number or a flag.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => (value.is_number() || value.is_boolean()).then(|| value.to_string()),
    }
}

//! Reading JSON whose writers do not agree on types: ids, numbers and flags as themselves or as text, null as absent.

use serde_json::{Map, Value};

/// Takes the first text that stands under one of these keys; empty if there is none.
pub(crate) fn take_text(object: &mut Map<String, Value>, keys: &[&str]) -> String {
    for key in keys {
        if let Some(Value::String(text)) = object.get_mut(*key).map(Value::take) {
            return text;
        }
    }
    String::new()
}

/// The first value under one of these keys that is not null.
pub(crate) fn find<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().filter_map(|key| object.get(*key)).find(|value| !value.is_null())
}

/// An id; 0 if there is none that could be read.
pub(crate) fn id<T: From<i64>>(value: Option<&Value>) -> T {
    T::from(integer(value).unwrap_or(0))
}

/// A whole number.
pub(crate) fn integer(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None => value.as_i64(),
    }
}

/// Seconds since 1970; a fraction is cut off. `None` for what is absent, unreadable, zero or negative.
pub(crate) fn seconds(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    let read = match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        // the cast saturates
        None => value.as_u64().or_else(|| value.as_f64().map(|float| float as u64)),
    };
    read.filter(|seconds| *seconds > 0)
}

/// True for `true`, 1, `"true"` and `"1"`.
pub(crate) fn flag(value: Option<&Value>) -> bool {
    let Some(value) = value else {
        return false;
    };
    value.as_bool().unwrap_or_else(|| value.as_i64() == Some(1) || matches!(value.as_str(), Some("true" | "1")))
}

/// The text of a text, a number or a flag.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => (value.is_number() || value.is_boolean()).then(|| value.to_string()),
    }
}

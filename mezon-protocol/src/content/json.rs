//! The typed parts of a content (embeds, components), read from JSON and written as such.
//!
//! Reading takes out of an object what is understood; the rest is kept beside, and written again: so nothing is lost of
//! what a newer client has put there.

use serde_json::{Map, Value};

use crate::lenient;

/// What has a JSON form.
pub(super) trait Json: Sized {
    /// From its JSON; `None` if that is of another kind altogether.
    fn read(value: Value) -> Option<Self>;

    fn write(self) -> Value;
}

/// The elements that can be read.
pub(super) fn read_list<T: Json>(list: Vec<Value>) -> Vec<T> {
    list.into_iter().filter_map(T::read).collect()
}

pub(super) fn write_list<T: Json>(list: Vec<T>) -> Value {
    list.into_iter().map(T::write).collect()
}

/// An object that is being read. Each method takes one key out of it, if its value makes sense; `null` makes none and
/// goes.
pub(super) struct Reader(Map<String, Value>);

impl Reader {
    pub(super) fn new(value: Value) -> Option<Self> {
        if let Value::Object(map) = value { Some(Self(map)) } else { None }
    }

    /// Text as it is, numbers and flags as text.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.take(key, lenient::scalar)
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        self.some_flag(key).unwrap_or_default()
    }

    pub(super) fn some_flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, as_flag)
    }

    pub(super) fn integer<T: TryFrom<i64>>(&mut self, key: &str) -> Option<T> {
        self.take(key, |value| T::try_from(lenient::integer(Some(value))?).ok())
    }

    /// A finite number.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        let read = |value: &Value| match value.as_str() {
            Some(text) => text.trim().parse().ok(),
            None => value.as_f64(),
        };
        self.take(key, |value| read(value).filter(|number: &f64| number.is_finite()))
    }

    /// A text or a number, as it is.
    pub(super) fn scalar(&mut self, key: &str) -> Option<Value> {
        self.take(key, |value| (value.is_string() || value.is_number()).then(|| value.clone()))
    }

    /// The elements of a list; empty if there is none.
    pub(super) fn list(&mut self, key: &str) -> Vec<Value> {
        if !matches!(self.0.get(key), Some(Value::Array(_) | Value::Null)) {
            return Vec::new();
        }
        if let Some(Value::Array(list)) = self.0.shift_remove(key) { list } else { Vec::new() }
    }

    /// A part of its own.
    pub(super) fn part<T: Json>(&mut self, key: &str) -> Option<T> {
        self.take(key, |value| T::read(value.clone()))
    }

    /// What has not been taken.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }

    fn take<T>(&mut self, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.0.get(key)?;
        let taken = read(value);
        if taken.is_some() || value.is_null() {
            self.0.shift_remove(key);
        }
        taken
    }
}

/// An object that is being written, its keys in the order in which they are put.
#[derive(Default)]
pub(super) struct Writer(Map<String, Value>);

impl Writer {
    pub(super) fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    pub(super) fn put_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    /// Nothing if it is false.
    pub(super) fn put_true(self, key: &str, flag: bool) -> Self {
        if flag { self.put(key, true) } else { self }
    }

    /// As whole number where it is one.
    pub(super) fn put_number(self, key: &str, number: Option<f64>) -> Self {
        /// Up to here every whole number is exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        self.put_some(
            key,
            number.map(|number| {
                let whole = number.fract() == 0.0 && number.abs() <= EXACT;
                if whole { Value::from(number as i64) } else { Value::from(number) }
            }),
        )
    }

    /// With the rest that was kept, as far as its keys are not written already.
    pub(super) fn end(mut self, rest: Map<String, Value>) -> Value {
        for (key, value) in rest {
            self.0.entry(key).or_insert(value);
        }
        Value::Object(self.0)
    }
}

fn as_flag(value: &Value) -> Option<bool> {
    match (value.as_bool(), value.as_i64(), value.as_str()) {
        (Some(flag), _, _) => Some(flag),
        (_, Some(1), _) | (_, _, Some("true" | "1")) => Some(true),
        (_, Some(0), _) | (_, _, Some("false" | "0")) => Some(false),
        _ => None,
    }
}

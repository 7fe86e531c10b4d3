//! What people fill in: the values of a form, from the `extra_data` of a click.
//!
//! A form is an embed whose fields have inputs, with a button below. Its click brings a JSON object of input id and value:
//! texts, numbers and dates as text, one choice as text, several choices as an array. What nobody touched is absent unless
//! it has a default, and what was cleared looks the same: **absent means keep**. A choice in a select comes at once, as a
//! click of its own, with the bare value instead of an object; see [`Form::is_select_change`].

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::{Date, FieldError, FieldProblem, FormReader};
use crate::lenient;

/// The values of a form.
///
/// ```
/// use mezon_protocol::interaction::{Date, Form};
///
/// let form = Form::parse(r#"{"name":"Tea","price":"1.5","sizes":["S","L"],"until":"2026-12-31"}"#);
/// assert_eq!(form.text("name")?.as_deref(), Some("Tea"));
/// assert_eq!(form.number::<f64>("price")?, Some(1.5));
/// assert_eq!(form.choices("sizes")?, Some(vec!["S".to_owned(), "L".to_owned()]));
/// assert_eq!(form.date("until")?, Date::new(2026, 12, 31));
/// assert_eq!(form.text("note")?, None);
/// # Ok::<(), mezon_protocol::interaction::FieldError>(())
/// ```
///
/// What people filled in is private: `Debug` shows the ids of the inputs only.
#[derive(Clone, Default, PartialEq)]
pub struct Form {
    data: Data,
}

#[derive(Clone, Default, PartialEq)]
enum Data {
    /// No form around the button, or nothing in it.
    #[default]
    Empty,
    /// The values of a form.
    Fields(Map<String, Value>),
    /// What was chosen in a select.
    Chosen(Vec<String>),
}

impl Form {
    /// Reads `extra_data`. It never fails: what is not a JSON object is the value of a select.
    pub fn parse(extra_data: &str) -> Self {
        let text = extra_data.trim();
        let data = match serde_json::from_str(text) {
            _ if text.is_empty() => Data::Empty,
            Ok(Value::Object(fields)) if fields.is_empty() => Data::Empty,
            Ok(Value::Object(fields)) => Data::Fields(fields),
            Ok(Value::Null) => Data::Empty,
            Ok(Value::Array(items)) => Data::Chosen(items.iter().filter_map(lenient::scalar).collect()),
            Ok(Value::String(value)) => Data::Chosen(vec![value]),
            // a bare value that happens to be JSON, such as 7 or true, is what it says
            Ok(Value::Bool(_) | Value::Number(_)) | Err(_) => Data::Chosen(vec![extra_data.to_owned()]),
        };
        Self { data }
    }

    /// True if something was chosen in a select, and nothing submitted.
    pub const fn is_select_change(&self) -> bool {
        matches!(self.data, Data::Chosen(_))
    }

    /// What was chosen in a select; `None` for the values of a form. The first of several.
    pub fn value(&self) -> Option<&str> {
        self.values().first().map(String::as_str)
    }

    /// All that was chosen in a select; none for the values of a form.
    pub fn values(&self) -> &[String] {
        match &self.data {
            Data::Chosen(values) => values,
            Data::Empty | Data::Fields(_) => &[],
        }
    }

    /// True if there is neither a field nor a value.
    pub const fn is_empty(&self) -> bool {
        matches!(self.data, Data::Empty)
    }

    /// The ids of the inputs that have a value.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.fields().into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }

    /// The value of an input as it came; `None` if it is absent or `null`.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.fields()?.get(id).filter(|value| !value.is_null())
    }

    const fn fields(&self) -> Option<&Map<String, Value>> {
        match &self.data {
            Data::Fields(fields) => Some(fields),
            Data::Empty | Data::Chosen(_) => None,
        }
    }

    /// A text, or what was chosen where one choice is allowed.
    ///
    /// # Errors
    ///
    /// `NotOne` if there are several values, `Unreadable` if it is no text at all.
    pub fn text(&self, id: &str) -> Result<Option<String>, FieldError> {
        let Some(mut values) = self.choices(id)? else { return Ok(None) };
        if values.len() > 1 {
            return Err(FieldError::new(id, FieldProblem::NotOne));
        }
        Ok(values.pop())
    }

    /// A number of any type that can be parsed. Blank counts as absent.
    ///
    /// # Errors
    ///
    /// `NotANumber` if it cannot be parsed as that type, or is not finite; and those of [`text`](Self::text).
    pub fn number<T: FromStr>(&self, id: &str) -> Result<Option<T>, FieldError> {
        self.parsed(id, FieldProblem::NotANumber, |text| {
            // "inf" and "NaN" are numbers to Rust, and to nobody else
            let is_plain = !text.contains(|c: char| c.is_alphabetic() && c != 'e' && c != 'E');
            text.parse().ok().filter(|_| is_plain)
        })
    }

    /// A day, from a date picker. Blank counts as absent.
    ///
    /// # Errors
    ///
    /// `NotADate` if there is no such day: pickers pass on what was typed; and those of [`text`](Self::text).
    pub fn date(&self, id: &str) -> Result<Option<Date>, FieldError> {
        self.parsed(id, FieldProblem::NotADate, |text| text.parse().ok())
    }

    /// Yes or no: `true` and `false`, also as text and as 1 and 0. Blank counts as absent.
    ///
    /// # Errors
    ///
    /// `NotAFlag` if it is anything else, and those of [`text`](Self::text).
    pub fn flag(&self, id: &str) -> Result<Option<bool>, FieldError> {
        self.parsed(id, FieldProblem::NotAFlag, |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// Everything that was chosen, where several choices are allowed; one choice is a list of one.
    ///
    /// # Errors
    ///
    /// `Unreadable` if it is no list of texts.
    pub fn choices(&self, id: &str) -> Result<Option<Vec<String>>, FieldError> {
        let Some(value) = self.get(id) else { return Ok(None) };
        let values = match value {
            Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(lenient::scalar).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                lenient::scalar(value).map(|value| vec![value])
            }
        };
        values.map(Some).ok_or_else(|| FieldError::new(id, FieldProblem::Unreadable))
    }

    fn parsed<T>(
        &self,
        id: &str,
        problem: FieldProblem,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, FieldError> {
        let text = self.text(id)?.unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).ok_or_else(|| FieldError::new(id, problem))
    }

    /// Reads field after field and collects what is wrong with them.
    pub const fn reader(&self) -> FormReader<'_> {
        FormReader::new(self)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("ids", &self.ids().collect::<Vec<_>>())
            .field("is_select_change", &self.is_select_change())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem<T: fmt::Debug>(result: Result<T, FieldError>) -> FieldProblem {
        result.unwrap_err().problem
    }

    #[test]
    fn without_a_form_there_is_nothing() {
        for empty in ["", "  ", "{}", "null"] {
            let form = Form::parse(empty);
            assert!(form.is_empty() && !form.is_select_change(), "{empty:?}");
            assert_eq!((form.text("any"), form.value()), (Ok(None), None));
        }
    }

    #[test]
    fn texts_text_areas_and_numbers_come_as_text() {
        let form = Form::parse(r#"{"name":"Trà 🍵","notes":"two\nlines","price":"1.5","count":"12"}"#);
        assert_eq!(form.text("name").unwrap().unwrap(), "Trà 🍵");
        assert_eq!(form.text("notes").unwrap().unwrap(), "two\nlines");
        assert_eq!(form.number::<f64>("price"), Ok(Some(1.5)));
        assert_eq!(form.number::<u32>("count"), Ok(Some(12)));
        assert_eq!(problem(form.number::<u32>("price")), FieldProblem::NotANumber);
        assert_eq!(problem(form.number::<f64>("name")), FieldProblem::NotANumber);
    }

    #[test]
    fn only_plain_numbers_are_numbers() {
        let form = Form::parse(r#"{"a":"inf","b":"NaN","c":"1e3","d":" 7 ","e":"-2","f":"256"}"#);
        assert_eq!(problem(form.number::<f64>("a")), FieldProblem::NotANumber);
        assert_eq!(problem(form.number::<f64>("b")), FieldProblem::NotANumber);
        assert_eq!(form.number::<f64>("c"), Ok(Some(1000.0)));
        assert_eq!(form.number::<i64>("d"), Ok(Some(7)));
        assert_eq!(problem(form.number::<u64>("e")), FieldProblem::NotANumber);
        assert_eq!(problem(form.number::<u8>("f")), FieldProblem::NotANumber);
    }

    #[test]
    fn one_choice_is_a_text_and_several_are_a_list() {
        let form = Form::parse(r#"{"one":"vn","several":["pro","free"],"single":["x"],"none":[]}"#);
        assert_eq!(form.text("one").unwrap().unwrap(), "vn");
        assert_eq!(form.choices("one").unwrap().unwrap(), ["vn"]);
        assert_eq!(form.choices("several").unwrap().unwrap(), ["pro", "free"]);
        assert_eq!(problem(form.text("several")), FieldProblem::NotOne);
        assert_eq!(form.text("single").unwrap().unwrap(), "x");
        assert_eq!((form.choices("none"), form.text("none")), (Ok(Some(vec![])), Ok(None)));
    }

    #[test]
    fn a_date_is_checked_as_pickers_do_not() {
        let form = Form::parse(r#"{"good":"2026-08-17","bad":"34343-12-22","cleared":""}"#);
        assert_eq!(form.date("good"), Ok(Date::new(2026, 8, 17)));
        assert_eq!(problem(form.date("bad")), FieldProblem::NotADate);
        assert_eq!(form.date("cleared"), Ok(None));
    }

    #[test]
    fn what_is_untouched_is_absent() {
        let form = Form::parse(r#"{"touched":"x","null":null}"#);
        for id in ["untouched", "null"] {
            assert_eq!(form.text(id), Ok(None));
            assert_eq!(form.number::<i64>(id), Ok(None));
            assert_eq!(form.date(id), Ok(None));
            assert_eq!(form.choices(id), Ok(None));
            assert_eq!(form.flag(id), Ok(None));
        }
    }

    #[test]
    fn choosing_in_a_select_is_no_submit() {
        for (raw, value) in [("vn", "vn"), ("two words", "two words"), ("7", "7"), ("true", "true"), ("{vn", "{vn")] {
            let form = Form::parse(raw);
            assert!(form.is_select_change(), "{raw}");
            assert_eq!(form.value(), Some(value));
        }
        assert_eq!(Form::parse(r#""quoted""#).value(), Some("quoted"));
        assert_eq!(Form::parse(r#"["a","b"]"#).values(), ["a", "b"]);
        let submit = Form::parse(r#"{"country":"vn"}"#);
        assert!(!submit.is_select_change());
        assert_eq!(submit.value(), None);
    }

    #[test]
    fn other_clients_may_write_numbers_and_flags_as_such() {
        let form =
            Form::parse(r#"{"n":1.5,"b":true,"t":"false","list":[1,"two",null,false],"odd":{"a":1},"mixed":[{}]}"#);
        assert_eq!(form.number::<f64>("n"), Ok(Some(1.5)));
        assert_eq!((form.flag("b"), form.flag("t")), (Ok(Some(true)), Ok(Some(false))));
        assert_eq!(problem(form.flag("n")), FieldProblem::NotAFlag);
        assert_eq!(form.choices("list").unwrap().unwrap(), ["1", "two", "false"]);
        assert_eq!(problem(form.text("odd")), FieldProblem::Unreadable);
        assert_eq!(problem(form.choices("mixed")), FieldProblem::Unreadable);
    }

    #[test]
    fn what_people_filled_in_is_not_printed() {
        let shown = format!("{:?} {:?}", Form::parse(r#"{"pin":"1234"}"#), Form::parse("secret"));
        assert!(shown.contains("pin") && !shown.contains("1234") && !shown.contains("secret"), "{shown}");
    }
}

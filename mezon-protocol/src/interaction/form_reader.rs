//! Reading a form as a whole, so that one answer can show all that is wrong with it.

use std::fmt;
use std::str::FromStr;

use super::{Date, Form};

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The id of the input.
    pub field: String,
    /// What is wrong with it.
    pub problem: FieldProblem,
}

/// What can be wrong with a field. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldProblem {
    /// It is required, and absent or blank.
    #[error("is required")]
    Missing,
    /// It is no number of the wanted type.
    #[error("is not a valid number")]
    NotANumber,
    /// There is no such day.
    #[error("is not a valid date (YYYY-MM-DD)")]
    NotADate,
    /// It is neither yes nor no.
    #[error("is neither yes nor no")]
    NotAFlag,
    /// There are several values where one is wanted.
    #[error("must be one value")]
    NotOne,
    /// It is neither a text nor a list of texts.
    #[error("cannot be read")]
    Unreadable,
    /// What the bot itself has against it.
    #[error("{0}")]
    Invalid(String),
}

impl FieldError {
    /// A problem with a field.
    pub fn new(field: impl Into<String>, problem: FieldProblem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// Everything that is wrong with a form, in the order in which it was read. Its text has a line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormErrors(Vec<FieldError>);

impl FormErrors {
    /// The errors, at least one.
    pub fn errors(&self) -> &[FieldError] {
        &self.0
    }

    /// What is wrong with a field, if anything.
    pub fn of(&self, field: &str) -> Option<&FieldProblem> {
        self.0.iter().find(|error| error.field == field).map(|error| &error.problem)
    }
}

impl fmt::Display for FormErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if number == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for FormErrors {}

/// Reads the fields of a form one by one: what is wrong with one does not stop the reading, and comes out at the end.
///
/// ```
/// use mezon_protocol::interaction::Form;
///
/// let form = Form::parse(r#"{"price":"cheap","until":"34343-12-22"}"#);
/// let mut fields = form.reader();
/// let name = fields.text("name");
/// let price = fields.number::<f64>("price");
/// let until = fields.date("until");
/// fields.require("name");
/// let errors = fields.finish().unwrap_err();
/// assert_eq!(errors.errors().len(), 3);
/// assert_eq!((name, price, until), (None, None, None));
/// ```
#[derive(Debug)]
pub struct FormReader<'a> {
    form: &'a Form,
    errors: Vec<FieldError>,
}

impl<'a> FormReader<'a> {
    pub(super) const fn new(form: &'a Form) -> Self {
        Self { form, errors: Vec::new() }
    }

    /// See [`Form::text`].
    pub fn text(&mut self, id: &str) -> Option<String> {
        self.keep(self.form.text(id))
    }

    /// See [`Form::number`].
    pub fn number<T: FromStr>(&mut self, id: &str) -> Option<T> {
        self.keep(self.form.number(id))
    }

    /// See [`Form::date`].
    pub fn date(&mut self, id: &str) -> Option<Date> {
        self.keep(self.form.date(id))
    }

    /// See [`Form::flag`].
    pub fn flag(&mut self, id: &str) -> Option<bool> {
        self.keep(self.form.flag(id))
    }

    /// See [`Form::choices`]; none if it is absent.
    pub fn choices(&mut self, id: &str) -> Vec<String> {
        self.keep(self.form.choices(id)).unwrap_or_default()
    }

    /// The field must be there and not blank.
    pub fn require(&mut self, id: &str) {
        let values = self.keep(self.form.choices(id)).unwrap_or_default();
        let is_there = values.iter().any(|value| !value.trim().is_empty()) || self.has_error(id);
        if !is_there {
            self.errors.push(FieldError::new(id, FieldProblem::Missing));
        }
    }

    /// The bot has something against the field.
    pub fn reject(&mut self, id: &str, why: impl Into<String>) {
        self.errors.push(FieldError::new(id, FieldProblem::Invalid(why.into())));
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// Everything that was wrong.
    pub fn finish(self) -> Result<(), FormErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(FormErrors(self.errors)) }
    }

    fn has_error(&self, id: &str) -> bool {
        self.errors.iter().any(|error| error.field == id)
    }

    fn keep<T>(&mut self, read: Result<Option<T>, FieldError>) -> Option<T> {
        match read {
            Ok(value) => value,
            Err(error) => {
                if !self.has_error(&error.field) {
                    self.errors.push(error);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_comes_out_together() {
        let form = Form::parse(r#"{"level":"1.5","since":"34343-12-22","tags":["a","b"],"blank":"  "}"#);
        let mut fields = form.reader();
        assert_eq!(fields.number::<u32>("level"), None);
        assert_eq!(fields.date("since"), None);
        assert_eq!(fields.choices("tags"), ["a", "b"]);
        assert_eq!(fields.choices("none"), [""; 0]);
        for id in ["level", "tags", "blank", "name"] {
            fields.require(id);
        }
        fields.reject("tags", "at most one tag");
        let errors = fields.finish().unwrap_err();
        let shown = "level: is not a valid number\nsince: is not a valid date (YYYY-MM-DD)\nblank: is required\n\
                     name: is required\ntags: at most one tag";
        assert_eq!(errors.to_string(), shown);
        assert_eq!(errors.of("since"), Some(&FieldProblem::NotADate));
        assert_eq!(errors.of("other"), None);
    }

    #[test]
    fn a_good_form_has_no_errors() {
        let form = Form::parse(r#"{"level":"3"}"#);
        let mut fields = form.reader();
        assert_eq!(fields.number::<u32>("level"), Some(3));
        fields.require("level");
        assert_eq!(fields.finish(), Ok(()));
    }
}

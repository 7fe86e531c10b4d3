//! Radio buttons and check boxes.

use serde_json::{Map, Value};

use super::button::ButtonStyle;
use super::{Kind, Wrapper};
use crate::content::json::{Json, Reader, Writer, read_list, write_list};

/// One of the choices of a [`Radio`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RadioFieldOption {
    /// What is shown.
    pub label: String,
    /// What is sent.
    pub value: String,
    /// Its group: of options with the same name only one can be chosen.
    pub name: Option<String>,
    /// A line below the label.
    pub description: Option<String>,
    /// Its look.
    pub style: Option<ButtonStyle>,
    /// Whether it cannot be chosen.
    pub disabled: bool,
    rest: Map<String, Value>,
}

impl RadioFieldOption {
    /// A choice: what is shown, and what is sent.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), ..Self::default() }
    }

    /// In a group: of options with the same name only one can be chosen.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With a line below the label.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// With this look.
    #[must_use]
    pub const fn style(mut self, style: ButtonStyle) -> Self {
        self.style = Some(style);
        self
    }

    /// Not to be chosen, or not.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }
}

/// Label and value.
impl<L: Into<String>, V: Into<String>> From<(L, V)> for RadioFieldOption {
    fn from((label, value): (L, V)) -> Self {
        Self::new(label, value)
    }
}

impl Json for RadioFieldOption {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            label: reader.text("label").unwrap_or_default(),
            value: reader.text("value").unwrap_or_default(),
            name: reader.text("name"),
            description: reader.text("description"),
            style: reader.integer("style").map(i32::into),
            disabled: reader.flag("disabled"),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        Writer::default()
            .put("label", self.label)
            .put("value", self.value)
            .put_some("name", self.name)
            .put_some("description", self.description)
            .put_some("style", self.style.map(i32::from))
            .put_true("disabled", self.disabled)
            .end(self.rest)
    }
}

/// Choices that are all in view, one of them or several to be chosen. What is chosen comes with the click on a button
/// of the form: one as text, several as a list.
///
/// ```
/// use mezon_protocol::content::Radio;
///
/// let size = Radio::new("size", [("Small", "s"), ("Large", "l")]);
/// let extras = Radio::several("extras", [("Milk", "milk"), ("Sugar", "sugar"), ("Ice", "ice")], 3);
/// assert!(!size.allows_several() && extras.allows_several());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Radio {
    /// Under this id the choice comes.
    pub id: String,
    /// What there is to choose from.
    pub options: Vec<RadioFieldOption>,
    /// How many may be chosen (`max_options`); one if nothing is said.
    pub max_options: Option<u32>,
    rest: Map<String, Value>,
}

impl Radio {
    /// One of these can be chosen: pairs of label and value, or [`RadioFieldOption`]s.
    pub fn new<O: Into<RadioFieldOption>>(id: impl Into<String>, options: impl IntoIterator<Item = O>) -> Self {
        Self { id: id.into(), options: options.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Up to `max` of these can be chosen.
    ///
    /// Clients differ in how they know that: some by the number, some by the names of the first two options, which
    /// differ then. So options without a name get one, their value; and if the first two have the same all get theirs.
    pub fn several<O: Into<RadioFieldOption>>(
        id: impl Into<String>,
        options: impl IntoIterator<Item = O>,
        max: u32,
    ) -> Self {
        let mut radio = Self::new(id, options);
        radio.max_options = Some(max);
        let is_one_group = !radio.names_differ();
        for option in &mut radio.options {
            if is_one_group || option.name.is_none() {
                option.name = Some(option.value.clone());
            }
        }
        radio
    }

    /// True if more than one may be chosen.
    pub fn allows_several(&self) -> bool {
        self.names_differ() || self.max_options.is_some()
    }

    fn names_differ(&self) -> bool {
        matches!(&self.options[..], [first, second, ..] if first.name != second.name)
    }
}

impl Kind for Radio {
    const TYPE: i32 = 5;

    fn read(id: String, mut wrapper: Reader, payload: Value) -> Option<Self> {
        let options = match payload {
            Value::Array(options) => read_list(options),
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => return None,
        };
        Some(Self { id, options, max_options: wrapper.integer("max_options"), rest: wrapper.rest() })
    }

    fn write(self) -> Wrapper {
        let mut other = self.rest;
        if let Some(max) = self.max_options {
            other.insert("max_options".to_owned(), max.into());
        }
        Wrapper { id: self.id, other, payload: write_list(self.options) }
    }
}

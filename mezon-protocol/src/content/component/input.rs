//! Inputs for text and numbers.

use std::fmt;

use serde_json::Value;

use super::{Kind, Rest, Wrapper, payload_object};
use crate::content::json::{Reader, Writer};

/// A line or an area to type into. What was typed comes as text with the click on a button of the form, also a number.
///
/// ```
/// use mezon_protocol::content::Input;
///
/// let amount = Input::new("amount").kind("number").default_value(5).required(true);
/// let note = Input::new("note").placeholder("Anything else?").textarea(true);
/// assert_eq!((amount.options.kind.as_str(), note.options.kind.as_str()), ("number", "text"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Input {
    /// Under this id the text comes.
    pub id: String,
    /// What is shown as long as nothing is typed.
    pub placeholder: Option<String>,
    /// Its other properties.
    pub options: InputFieldOption,
    rest: Rest,
}

/// The properties of an [`Input`] that have defaults.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct InputFieldOption {
    /// What is in it from the start (`defaultValue`): a text, empty by default, or a number.
    pub default_value: Value,
    /// Its HTML type (`type`): `text`, the default, or `number`, `email`, `password`, `url` and so on.
    pub kind: String,
    /// Whether it takes several lines.
    pub textarea: bool,
    /// Whether something must be typed.
    pub required: bool,
    /// Whether it cannot be used.
    pub disabled: bool,
}

impl Default for InputFieldOption {
    fn default() -> Self {
        Self { default_value: "".into(), kind: "text".to_owned(), textarea: false, required: false, disabled: false }
    }
}

impl InputFieldOption {
    /// The defaults: one line of text, empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a text or a number in it from the start.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default_value = value.into();
        self
    }

    /// Of another HTML type: `number`, `email`, `password`, `url` and so on.
    #[must_use]
    #[doc(alias = "type")]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// Of several lines, or not.
    #[must_use]
    pub const fn textarea(mut self, textarea: bool) -> Self {
        self.textarea = textarea;
        self
    }

    /// To be filled in, or not.
    #[must_use]
    pub const fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Not to be used, or not.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }
}

/// Does not show what is in it, which somebody may have typed.
impl fmt::Debug for InputFieldOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputFieldOption")
            .field("kind", &self.kind)
            .field("textarea", &self.textarea)
            .field("required", &self.required)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

impl Input {
    /// One line of text.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// With a text as long as nothing is typed.
    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = Some(placeholder.into());
        self
    }

    /// With all its other properties.
    #[must_use]
    pub fn options(mut self, options: InputFieldOption) -> Self {
        self.options = options;
        self
    }

    /// With a text or a number in it from the start.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.options.default_value = value.into();
        self
    }

    /// Of another HTML type: `number`, `email`, `password`, `url` and so on.
    #[must_use]
    #[doc(alias = "type")]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.options.kind = kind.into();
        self
    }

    /// Of several lines, or not.
    #[must_use]
    pub const fn textarea(mut self, textarea: bool) -> Self {
        self.options.textarea = textarea;
        self
    }

    /// To be filled in, or not.
    #[must_use]
    pub const fn required(mut self, required: bool) -> Self {
        self.options.required = required;
        self
    }

    /// Not to be used, or not.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.options.disabled = disabled;
        self
    }
}

impl Kind for Input {
    const TYPE: i32 = 3;

    fn read(id: String, wrapper: Reader, payload: Value) -> Option<Self> {
        let mut payload = payload_object(payload)?;
        let defaults = InputFieldOption::default();
        let options = InputFieldOption {
            default_value: payload.scalar("defaultValue").unwrap_or(defaults.default_value),
            kind: payload.text("type").unwrap_or(defaults.kind),
            textarea: payload.flag("textarea"),
            required: payload.flag("required"),
            disabled: payload.flag("disabled"),
        };
        let placeholder = payload.text("placeholder");
        let mut rest = Rest::of(wrapper, payload);
        if rest.payload.get("id").and_then(Value::as_str) == Some(&inner_id(&id)) {
            rest.payload.shift_remove("id");
        }
        Some(Self { id, placeholder, options, rest })
    }

    fn write(mut self) -> Wrapper {
        let inner_id = self.rest.payload.shift_remove("id").unwrap_or_else(|| inner_id(&self.id).into());
        let options = self.options;
        let payload = Writer::default()
            .put("id", inner_id)
            .put_some("placeholder", self.placeholder)
            .put("defaultValue", options.default_value)
            .put("type", options.kind)
            .put("textarea", options.textarea)
            .put_true("required", options.required)
            .put_true("disabled", options.disabled)
            .end(self.rest.payload);
        Wrapper { id: self.id, other: self.rest.wrapper, payload }
    }
}

/// The id that the payload has by itself; the one that comes with a click is outside.
fn inner_id(id: &str) -> String {
    format!("{id}-component")
}

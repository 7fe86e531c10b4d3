//! Select boxes.

use serde_json::{Map, Value};

use super::{Kind, Rest, Wrapper, payload_object};
use crate::content::json::{Json, Reader, Writer, read_list, write_list};
use crate::content::numbered::numbered;
use crate::lenient;

numbered! {
    /// What a select box offers.
    SelectKind {
        /// Texts, the default.
        #[default]
        Text = 1,
        /// Users.
        User = 2,
        /// Roles.
        Role = 3,
        /// Channels.
        Channel = 4,
    }
}

/// One of the choices in a [`Select`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SelectFieldOption {
    /// What is shown.
    pub label: String,
    /// What is sent.
    pub value: String,
    /// A line below the label.
    pub description: Option<String>,
    /// Whether it is chosen from the start (`default`).
    pub is_default: bool,
    rest: Map<String, Value>,
}

impl SelectFieldOption {
    /// A choice: what is shown, and what is sent.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), ..Self::default() }
    }

    /// With a line below the label.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Chosen from the start.
    #[must_use]
    pub const fn default_choice(mut self) -> Self {
        self.is_default = true;
        self
    }
}

/// Label and value.
impl<L: Into<String>, V: Into<String>> From<(L, V)> for SelectFieldOption {
    fn from((label, value): (L, V)) -> Self {
        Self::new(label, value)
    }
}

impl Json for SelectFieldOption {
    /// A text or number alone is label and value.
    fn read(value: Value) -> Option<Self> {
        if let Some(text) = lenient::scalar(&value) {
            return Some(Self::new(text.clone(), text));
        }
        let mut reader = Reader::new(value)?;
        Some(Self {
            label: reader.text("label").unwrap_or_default(),
            value: reader.text("value").unwrap_or_default(),
            description: reader.text("description"),
            is_default: reader.flag("default"),
            rest: reader.rest(),
        })
    }

    fn write(self) -> Value {
        let writer = Writer::default().put("label", self.label).put("value", self.value);
        writer.put_some("description", self.description).put_true("default", self.is_default).end(self.rest)
    }
}

/// A box to choose from. A choice comes at once, as a click that names the box and whose data is the bare value; and
/// again with the click on a button of the form.
///
/// ```
/// use mezon_protocol::content::Select;
///
/// let select = Select::new("country", [("Vietnam", "vn"), ("France", "fr")]).placeholder("Where?");
/// assert_eq!(select.options[1].value, "fr");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Select {
    /// Under this id the choice comes.
    pub id: String,
    /// What there is to choose from.
    pub options: Vec<SelectFieldOption>,
    /// What is chosen from the start (`valueSelected`).
    pub selected: Option<SelectFieldOption>,
    /// What is shown as long as nothing is chosen.
    pub placeholder: Option<String>,
    /// What is offered (`type`).
    pub kind: SelectKind,
    /// How many must be chosen at least (`min_options`).
    pub min_options: Option<u32>,
    /// How many may be chosen at most (`max_options`).
    pub max_options: Option<u32>,
    /// Whether it cannot be used.
    pub disabled: bool,
    rest: Rest,
}

impl Select {
    /// A box with these choices: pairs of label and value, or [`SelectFieldOption`]s.
    pub fn new<O: Into<SelectFieldOption>>(id: impl Into<String>, options: impl IntoIterator<Item = O>) -> Self {
        Self { id: id.into(), options: options.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// A box of users, roles or channels, which clients fill by themselves.
    pub fn of_kind(id: impl Into<String>, kind: SelectKind) -> Self {
        Self { id: id.into(), kind, ..Self::default() }
    }

    /// With this choice from the start.
    #[must_use]
    pub fn selected(mut self, option: impl Into<SelectFieldOption>) -> Self {
        self.selected = Some(option.into());
        self
    }

    /// With a text as long as nothing is chosen.
    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.placeholder = Some(placeholder.into());
        self
    }

    /// From `min` to `max` choices; several if `max` is 2 or more. They come as a list.
    #[must_use]
    pub const fn several(mut self, min: u32, max: u32) -> Self {
        self.min_options = Some(min);
        self.max_options = Some(max);
        self
    }

    /// Not to be used, or not.
    #[must_use]
    pub const fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = disabled;
        self
    }

    /// True if more than one may be chosen.
    pub fn allows_several(&self) -> bool {
        self.min_options.is_some_and(|min| min > 1) || self.max_options.is_some_and(|max| max >= 2)
    }
}

impl Kind for Select {
    const TYPE: i32 = 2;

    fn read(id: String, mut wrapper: Reader, payload: Value) -> Option<Self> {
        let mut payload = payload_object(payload)?;
        let (outer, inner) = (wrapper.integer("max_options"), payload.integer("max_options"));
        Some(Self {
            id,
            options: read_list(payload.list("options")),
            selected: payload.part("valueSelected"),
            placeholder: payload.text("placeholder"),
            kind: payload.integer("type").map_or_else(SelectKind::default, i32::into),
            min_options: payload.integer("min_options"),
            max_options: outer.or(inner),
            disabled: payload.flag("disabled"),
            rest: Rest::of(wrapper, payload),
        })
    }

    fn write(self) -> Wrapper {
        let kind = (self.kind != SelectKind::Text).then(|| i32::from(self.kind));
        let payload = Writer::default()
            .put("options", write_list(self.options))
            .put_some("valueSelected", self.selected.map(Json::write))
            .put_some("placeholder", self.placeholder)
            .put_some("type", kind)
            .put_some("min_options", self.min_options)
            .put_some("max_options", self.max_options)
            .put_true("disabled", self.disabled)
            .end(self.rest.payload);
        Wrapper { id: self.id, other: self.rest.wrapper, payload }
    }
}

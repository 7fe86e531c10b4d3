//! Fields of embeds.

use std::fmt;

use serde_json::{Map, Value};

use crate::content::component::Component;
use crate::content::json::{Json, Reader, Writer};

/// A field of an embed: a name with a value, or an input of a form.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct EmbedField {
    /// Its name, shown above the value.
    pub name: String,
    /// Its value; for an input, what describes it.
    pub value: String,
    /// Whether it may stand beside other inline fields, up to three in a row.
    pub inline: bool,
    /// The input (`inputs`).
    pub input: Option<Component>,
    rest: Map<String, Value>,
}

impl EmbedField {
    /// A field that takes the whole width.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), ..Self::default() }
    }

    /// Beside other inline fields, or not.
    #[must_use]
    pub const fn inline(mut self, inline: bool) -> Self {
        self.inline = inline;
        self
    }

    /// With an input, and the value as its description.
    #[must_use]
    pub fn input(mut self, input: impl Into<Component>) -> Self {
        self.input = Some(input.into());
        self
    }
}

impl Json for EmbedField {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self {
            name: reader.text("name").unwrap_or_default(),
            value: reader.text("value").unwrap_or_default(),
            inline: reader.flag("inline"),
            input: reader.part("inputs"),
            rest: reader.rest(),
        })
    }

    /// Inputs say `inline` only if they are; it is what the other builders do.
    fn write(self) -> Value {
        let inline = (self.inline || self.input.is_none()).then_some(self.inline);
        let writer = Writer::default().put("name", self.name).put("value", self.value);
        writer.put_some("inline", inline).put_some("inputs", self.input.map(Json::write)).end(self.rest)
    }
}

/// Shows no text but that of the input.
impl fmt::Debug for EmbedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedField")
            .field("value_len", &self.value.len())
            .field("inline", &self.inline)
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

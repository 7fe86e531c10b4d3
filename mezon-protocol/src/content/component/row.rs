//! Action rows: components side by side.

use serde_json::{Map, Value};

use super::Component;
use crate::content::json::{Json, Reader, Writer, read_list, write_list};

/// Components that stand side by side below a message.
#[doc(alias = "IMessageActionRow")]
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The components, from left to right.
    pub components: Vec<Component>,
    rest: Map<String, Value>,
}

impl Row {
    /// A row of components of one kind, or of [`Component`]s.
    pub fn new<C: Into<Component>>(components: impl IntoIterator<Item = C>) -> Self {
        components.into_iter().collect()
    }

    /// With one more component, of any kind.
    #[must_use]
    pub fn with(mut self, component: impl Into<Component>) -> Self {
        self.components.push(component.into());
        self
    }
}

impl<C: Into<Component>> FromIterator<C> for Row {
    fn from_iter<T: IntoIterator<Item = C>>(components: T) -> Self {
        Self { components: components.into_iter().map(Into::into).collect(), rest: Map::new() }
    }
}

impl<C: Into<Component>> From<Vec<C>> for Row {
    fn from(components: Vec<C>) -> Self {
        Self::new(components)
    }
}

impl From<Component> for Row {
    fn from(component: Component) -> Self {
        Self::new([component])
    }
}

impl From<Row> for Value {
    fn from(row: Row) -> Self {
        row.write()
    }
}

impl Json for Row {
    fn read(value: Value) -> Option<Self> {
        let mut reader = Reader::new(value)?;
        Some(Self { components: read_list(reader.list("components")), rest: reader.rest() })
    }

    fn write(self) -> Value {
        Writer::default().put("components", write_list(self.components)).end(self.rest)
    }
}

/// The rows of a `components` list, whether it has rows or components.
pub(in crate::content) fn read_rows(list: Value) -> Vec<Row> {
    match with_rows(list) {
        Value::Array(rows) => read_list(rows),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Vec::new(),
    }
}

/// A `components` list as it is sent: components that stand in it without a row, as some examples of the platform have
/// them, get one, those that follow one another the same. Clients show nothing of such components.
pub(in crate::content) fn with_rows(list: Value) -> Value {
    let Value::Array(list) = list else { return list };
    if !list.iter().any(is_bare) {
        return Value::Array(list);
    }
    let mut rows = Vec::new();
    let mut bare = Vec::new();
    for element in list {
        if is_bare(&element) {
            bare.push(element);
            continue;
        }
        rows.extend(row_of(&mut bare));
        rows.push(element);
    }
    rows.extend(row_of(&mut bare));
    Value::Array(rows)
}

/// A row has `components`, a component has a `type`.
fn is_bare(element: &Value) -> bool {
    element.get("components").is_none_or(Value::is_null) && element.get("type").is_some()
}

fn row_of(bare: &mut Vec<Value>) -> Option<Value> {
    if bare.is_empty() {
        return None;
    }
    Some(Writer::default().put("components", std::mem::take(bare)).end(Map::new()))
}

//! Components: the buttons below a message, and the inputs of its forms.
//!
//! A component is an object with a number for its type, an id, and a payload under `component`. Those in the
//! `components` of a content stand in action rows, those in the fields of an embed stand alone.

mod animation;
mod button;
mod date_picker;
mod grid;
mod input;
mod radio;
mod row;
mod select;

use serde_json::{Map, Value};

pub use self::animation::{Animation, AnimationConfig};
pub use self::button::{Button, ButtonStyle};
pub use self::date_picker::DatePicker;
pub use self::grid::{Grid, GridItem};
pub use self::input::{Input, InputFieldOption};
pub use self::radio::{Radio, RadioFieldOption};
pub use self::row::Row;
pub(super) use self::row::{read_rows, with_rows};
pub use self::select::{Select, SelectFieldOption, SelectKind};
use super::json::{Json, Reader, Writer};

/// A button, an input of a form, or what a newer client has put there.
#[doc(alias = "IMessageComponent")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Component {
    /// Type 1.
    Button(Button),
    /// Type 2.
    Select(Select),
    /// Type 3.
    Input(Input),
    /// Type 4.
    DatePicker(DatePicker),
    /// Type 5.
    Radio(Radio),
    /// Type 6.
    Animation(Animation),
    /// Type 7.
    Grid(Grid),
    /// Any other, or one that cannot be read: its JSON object, as it came.
    Unknown(Map<String, Value>),
}

impl Component {
    /// From its JSON object; `None` if it is no object.
    pub fn from_json(json: Value) -> Option<Self> {
        Self::read(json)
    }

    /// The id that comes with a click, or under which the value of an input comes. Empty if it has none.
    pub fn id(&self) -> &str {
        match self {
            Self::Button(button) => &button.id,
            Self::Select(select) => &select.id,
            Self::Input(input) => &input.id,
            Self::DatePicker(date_picker) => &date_picker.id,
            Self::Radio(radio) => &radio.id,
            Self::Animation(animation) => &animation.id,
            Self::Grid(grid) => &grid.id,
            Self::Unknown(object) => object.get("id").and_then(Value::as_str).unwrap_or_default(),
        }
    }
}

impl Json for Component {
    fn read(value: Value) -> Option<Self> {
        let Value::Object(object) = value else { return None };
        let read = match crate::lenient::integer(object.get("type")) {
            Some(1) => read_as::<Button>(&object).map(Self::Button),
            Some(2) => read_as::<Select>(&object).map(Self::Select),
            Some(3) => read_as::<Input>(&object).map(Self::Input),
            Some(4) => read_as::<DatePicker>(&object).map(Self::DatePicker),
            Some(5) => read_as::<Radio>(&object).map(Self::Radio),
            Some(6) => read_as::<Animation>(&object).map(Self::Animation),
            Some(7) => read_as::<Grid>(&object).map(Self::Grid),
            _ => None,
        };
        Some(read.unwrap_or(Self::Unknown(object)))
    }

    fn write(self) -> Value {
        match self {
            Self::Button(button) => wrap(button),
            Self::Select(select) => wrap(select),
            Self::Input(input) => wrap(input),
            Self::DatePicker(date_picker) => wrap(date_picker),
            Self::Radio(radio) => wrap(radio),
            Self::Animation(animation) => wrap(animation),
            Self::Grid(grid) => wrap(grid),
            Self::Unknown(object) => Value::Object(object),
        }
    }
}

impl From<Component> for Value {
    fn from(component: Component) -> Self {
        component.write()
    }
}

/// What the object around the payload of a component holds.
struct Wrapper {
    id: String,
    /// The keys beside type, id and payload.
    other: Map<String, Value>,
    payload: Value,
}

/// A component that is known.
trait Kind: Sized {
    const TYPE: i32;

    /// `id` and `payload` were taken out of the wrapper already. `None` if the payload is of another kind.
    fn read(id: String, wrapper: Reader, payload: Value) -> Option<Self>;

    fn write(self) -> Wrapper;
}

fn read_as<T: Kind>(object: &Map<String, Value>) -> Option<T> {
    let mut object = object.clone();
    object.shift_remove("type");
    let payload = object.shift_remove("component").unwrap_or_default();
    let mut wrapper = Reader::new(Value::Object(object))?;
    let id = wrapper.text("id").unwrap_or_default();
    T::read(id, wrapper, payload)
}

fn wrap<T: Kind>(component: T) -> Value {
    let Wrapper { id, other, payload } = component.write();
    Writer::default().put("type", T::TYPE).put("id", id).put("component", payload).end(other)
}

/// The payload of a component as an object; none at all is an empty one.
fn payload_object(payload: Value) -> Option<Reader> {
    Reader::new(if payload.is_null() { Value::Object(Map::new()) } else { payload })
}

/// What a known component keeps of what it has no word for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rest {
    wrapper: Map<String, Value>,
    payload: Map<String, Value>,
}

impl Rest {
    fn of(wrapper: Reader, payload: Reader) -> Self {
        Self { wrapper: wrapper.rest(), payload: payload.rest() }
    }
}

/// Conversions of a known component, which differ in nothing but its name.
macro_rules! conversions {
    ($($kind:ident)*) => {$(
        impl From<$kind> for Component {
            fn from(component: $kind) -> Self {
                Self::$kind(component)
            }
        }

        impl From<$kind> for Row {
            fn from(component: $kind) -> Self {
                Self::new([component])
            }
        }
    )*};
}

conversions!(Button Select Input DatePicker Radio Animation Grid);

#[cfg(test)]
mod tests;

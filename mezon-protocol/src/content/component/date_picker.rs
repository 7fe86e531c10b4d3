//! Date pickers.

use serde_json::Value;

use super::{Kind, Rest, Wrapper, payload_object};
use crate::content::json::{Reader, Writer};

/// A calendar. The day comes as text `YYYY-MM-DD` with the click on a button of the form; clients do not check that
/// there is such a day.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DatePicker {
    /// Under this id the day comes.
    pub id: String,
    /// The day that is chosen from the start, `YYYY-MM-DD`.
    pub value: Option<String>,
    rest: Rest,
}

impl DatePicker {
    /// A calendar with no day chosen.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// With this day from the start, `YYYY-MM-DD`.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }
}

impl Kind for DatePicker {
    const TYPE: i32 = 4;

    fn read(id: String, wrapper: Reader, payload: Value) -> Option<Self> {
        let mut payload = payload_object(payload)?;
        Some(Self { id, value: payload.text("value"), rest: Rest::of(wrapper, payload) })
    }

    fn write(self) -> Wrapper {
        let payload = Writer::default().put_some("value", self.value).end(self.rest.payload);
        Wrapper { id: self.id, other: self.rest.wrapper, payload }
    }
}

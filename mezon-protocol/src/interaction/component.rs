//! Ids of buttons and other components that carry what the bot must know when they are used.
//!
//! An id is made from a type and parsed back into it, so a button of last month still works after a restart: nothing is
//! kept in memory. It looks like this, each field after a colon, colons inside escaped:
//!
//! ```text
//! expert-save:2:1840000000000000001:=draft:
//! └─ prefix   └─ version              └─ Some("draft")
//!               └─ an id                      └─ None
//! ```
//!
//! Types are declared by [`component_id!`](crate::component_id).

use super::field::{ComponentField, escape, unescape};
use crate::error::{Error, ErrorKind};

/// A type that is written into the id of a component, and read back from a click on it.
///
/// Declare it by [`component_id!`](crate::component_id):
///
/// ```
/// use mezon_protocol::component_id;
/// use mezon_protocol::interaction::{ComponentId, ComponentIdError};
///
/// component_id! {
///     /// Saves a record.
///     pub struct Save("expert-save", 2) { record: i64, note: Option<String> }
/// }
///
/// let id = Save { record: 7, note: Some("a:b".into()) }.encode()?;
/// assert_eq!(id, "expert-save:2:7:=a%3Ab");
/// assert_eq!(Save::parse(&id).map(|save| save.record), Ok(7));
/// assert_eq!(Save::parse("expert-save:1:7"), Err(ComponentIdError::OldVersion(1)));
/// assert_eq!(Save::parse("cancel"), Err(ComponentIdError::NotMine));
/// # Ok::<(), mezon_protocol::interaction::ComponentIdTooLong>(())
/// ```
pub trait ComponentId: Sized {
    /// What the id begins with: not empty, without colons, and different from those of other types.
    const PREFIX: &'static str;

    /// The version of the fields. Raise it when they change: what is on buttons stays there.
    const VERSION: u8;

    /// The longest id in bytes. Default [`MAX_COMPONENT_ID`].
    const MAX_LEN: usize = MAX_COMPONENT_ID;

    /// Writes the fields in their order.
    fn write_fields(&self, fields: &mut FieldWriter);

    /// Reads the fields in their order; `None` if they are not what was written.
    fn read_fields(fields: &mut FieldReader<'_>) -> Option<Self>;

    /// The id.
    ///
    /// # Errors
    ///
    /// [`ComponentIdTooLong`].
    fn encode(&self) -> Result<String, ComponentIdTooLong> {
        const { assert!(is_valid(Self::PREFIX), "a prefix is not empty and has no colon") };
        let mut fields = FieldWriter { text: format!("{}:{}", Self::PREFIX, Self::VERSION) };
        self.write_fields(&mut fields);
        let len = fields.text.len();
        if len > Self::MAX_LEN {
            return Err(ComponentIdTooLong { len, limit: Self::MAX_LEN });
        }
        Ok(fields.text)
    }

    /// What an id says.
    ///
    /// # Errors
    ///
    /// [`ComponentIdError`], which says whether it is of another type, of another version, or broken.
    fn parse(id: &str) -> Result<Self, ComponentIdError> {
        let rest = id.strip_prefix(Self::PREFIX).and_then(|rest| rest.strip_prefix(':'));
        let mut parts = rest.ok_or(ComponentIdError::NotMine)?.split(':');
        let version: u8 = parts.next().and_then(|text| text.parse().ok()).ok_or(ComponentIdError::Malformed)?;
        if version != Self::VERSION {
            return Err(ComponentIdError::OldVersion(version));
        }
        let mut fields = FieldReader { parts };
        let read = Self::read_fields(&mut fields).ok_or(ComponentIdError::Malformed)?;
        if fields.parts.next().is_some() {
            return Err(ComponentIdError::Malformed);
        }
        Ok(read)
    }
}

/// The longest id that is made, in bytes, unless a type says otherwise. The platform states no limit; this is safely below
/// what other chat platforms take.
pub const MAX_COMPONENT_ID: usize = 100;

const fn is_valid(prefix: &str) -> bool {
    let bytes = prefix.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b':' {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty()
}

/// Why an id is not of the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComponentIdError {
    /// It belongs to another type, or was not made in this way at all.
    #[error("not the id of such a component")]
    NotMine,
    /// It was made by another version of the type; as a rule, by an older one.
    #[error("the id of a component of version {0}")]
    OldVersion(u8),
    /// It begins right, but its fields cannot be read.
    #[error("the id of a component with unreadable fields")]
    Malformed,
}

/// An id would be longer than it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a component has {len} bytes, the limit is {limit}")]
pub struct ComponentIdTooLong {
    /// Its length in bytes.
    pub len: usize,
    /// The limit.
    pub limit: usize,
}

impl From<ComponentIdTooLong> for Error {
    fn from(error: ComponentIdTooLong) -> Self {
        Self::unsent(ErrorKind::InvalidArgument(error.to_string()))
    }
}

/// Takes the fields of an id.
#[derive(Debug)]
pub struct FieldWriter {
    text: String,
}

impl FieldWriter {
    /// The next field.
    pub fn put<T: ComponentField>(&mut self, field: &T) {
        let mut written = String::new();
        field.write(&mut written);
        self.put_text(&written);
    }

    /// A word that tells variants apart.
    #[doc(hidden)]
    pub fn put_text(&mut self, text: &str) {
        self.text.push(':');
        escape(text, &mut self.text);
    }
}

/// Gives the fields of an id.
#[derive(Debug)]
pub struct FieldReader<'a> {
    parts: std::str::Split<'a, char>,
}

impl FieldReader<'_> {
    /// The next field; `None` if there is none or it cannot be read.
    pub fn take<T: ComponentField>(&mut self) -> Option<T> {
        T::read(&self.take_text()?)
    }

    /// The word that tells variants apart.
    #[doc(hidden)]
    pub fn take_text(&mut self) -> Option<String> {
        self.parts.next().and_then(unescape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::{component_field, component_id};

    component_id! {
        /// Everything that a field can be.
        #[derive(Clone)]
        struct Fields("all", 3) {
            int: i64,
            byte: u8,
            flag: bool,
            user: UserId,
            text: String,
            some: Option<String>,
            none: Option<i32>,
            tab: Tab,
        }
    }

    component_field! {
        /// A page of a menu.
        enum Tab { List = "l", Detail = "d" }
    }

    component_id! {
        pub(super) enum Menu("hunt", 1) {
            /// Hits somebody.
            Attack = "a" { target: UserId, hard: bool },
            Flee = "f",
        }
    }

    component_id! {
        struct Cancel("cancel", 1) {}
    }

    fn fields() -> Fields {
        Fields {
            int: -5,
            byte: 255,
            flag: true,
            user: UserId::new(1_840_000_000_000_000_001),
            text: "50%: xin chào".into(),
            some: Some(String::new()),
            none: None,
            tab: Tab::Detail,
        }
    }

    #[test]
    fn every_kind_of_field_comes_back() {
        let id = fields().encode().unwrap();
        assert_eq!(id, "all:3:-5:255:1:1840000000000000001:50%25%3A xin chào:=::d");
        assert_eq!(Fields::parse(&id), Ok(fields()));
    }

    #[test]
    fn variants_are_told_apart_by_their_word() {
        for menu in [Menu::Attack { target: UserId::new(7), hard: false }, Menu::Flee] {
            assert_eq!(Menu::parse(&menu.encode().unwrap()), Ok(menu));
        }
        assert_eq!(Menu::Flee.encode().unwrap(), "hunt:1:f");
        assert_eq!(Cancel {}.encode().unwrap(), "cancel:1");
        assert_eq!(Cancel::parse("cancel:1"), Ok(Cancel {}));
    }

    #[test]
    fn what_is_not_ours_old_or_broken_is_told_apart() {
        for other in ["", "hun", "hunt", "hunter:1:f", "HUNT:1:f", ":1:f"] {
            assert_eq!(Menu::parse(other), Err(ComponentIdError::NotMine), "{other}");
        }
        assert_eq!(Menu::parse("hunt:0:f"), Err(ComponentIdError::OldVersion(0)));
        assert_eq!(Menu::parse("hunt:9:some:other:fields"), Err(ComponentIdError::OldVersion(9)));
        let broken = ["hunt:", "hunt:x", "hunt:300:f", "hunt:1", "hunt:1:z", "hunt:1:a:7", "hunt:1:a:x:1", "hunt:1:f:"];
        for broken in
            broken.into_iter().chain(["hunt:1:a:7:2", "hunt:1:a:7:1:8", "hunt:1:%", "hunt:1:%4", "hunt:1:%zz"])
        {
            assert_eq!(Menu::parse(broken), Err(ComponentIdError::Malformed), "{broken}");
        }
    }

    #[test]
    fn an_id_that_is_too_long_is_not_made() {
        let long = Fields { text: "x".repeat(100), ..fields() };
        assert!(matches!(long.encode(), Err(ComponentIdTooLong { limit: 100, len: 101.. })));
        let error = Error::from(long.encode().unwrap_err());
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
    }
}

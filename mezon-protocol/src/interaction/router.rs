//! From a click to what it means: the id of a component is matched to the type that made it.

use std::collections::HashMap;
use std::fmt;

use super::{ComponentId, ComponentIdError};

/// Matches ids of components to the types that were registered.
///
/// What comes out is a type of the bot's own, as a rule an enum; or a function to be run.
///
/// ```
/// use mezon_protocol::component_id;
/// use mezon_protocol::interaction::{ComponentId, ComponentRouter, Unrouted};
///
/// component_id! { struct Save("save", 2) { record: i64 } }
/// component_id! { struct Cancel("cancel", 1) {} }
///
/// #[derive(Debug, PartialEq)]
/// enum Action { Save(i64), Cancel }
///
/// let router = ComponentRouter::new()
///     .on(|save: Save| Action::Save(save.record))
///     .on(|_: Cancel| Action::Cancel);
/// assert_eq!(router.route("save:2:7"), Ok(Action::Save(7)));
/// assert_eq!(router.route("save:1:7"), Err(Unrouted::OldVersion { prefix: "save", version: 1 }));
/// assert_eq!(router.route("who-knows"), Err(Unrouted::Unknown));
/// ```
pub struct ComponentRouter<T> {
    routes: HashMap<&'static str, Vec<Route<T>>>,
}

type Route<T> = Box<dyn Fn(&str) -> Result<T, ComponentIdError> + Send + Sync>;

/// Why no type takes an id. All of these are for a fallback, which may tell the user that the button is out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrouted {
    /// No registered type makes such ids.
    #[error("the id of no known component")]
    Unknown,
    /// It was made by another version of a registered type.
    #[error("the id of a component {prefix:?} of version {version}")]
    OldVersion {
        /// The prefix of the type.
        prefix: &'static str,
        /// The version that made it.
        version: u8,
    },
    /// It begins like that of a registered type, but cannot be read.
    #[error("the id of a component {prefix:?} with unreadable fields")]
    Malformed {
        /// The prefix of the type.
        prefix: &'static str,
    },
}

impl<T> ComponentRouter<T> {
    /// One without any type.
    pub fn new() -> Self {
        Self { routes: HashMap::new() }
    }

    /// Registers a type. Several types may have the same prefix if their versions differ: so an old version can be served
    /// as long as there are buttons of it.
    #[must_use]
    pub fn on<C: ComponentId>(mut self, make: impl Fn(C) -> T + Send + Sync + 'static) -> Self {
        let route: Route<T> = Box::new(move |id| C::parse(id).map(&make));
        self.routes.entry(C::PREFIX).or_default().push(route);
        self
    }

    /// What an id means.
    ///
    /// # Errors
    ///
    /// [`Unrouted`].
    pub fn route(&self, id: &str) -> Result<T, Unrouted> {
        let prefix = id.split(':').next().unwrap_or_default();
        let (&prefix, routes) = self.routes.get_key_value(prefix).ok_or(Unrouted::Unknown)?;
        Unrouted::or_first(routes.iter().map(|route| (prefix, route(id))))
    }
}

impl Unrouted {
    /// What the first of several types makes of an id, each with its prefix; or why none takes it.
    ///
    /// # Errors
    ///
    /// If none takes it.
    pub fn or_first<T>(
        tried: impl IntoIterator<Item = (&'static str, Result<T, ComponentIdError>)>,
    ) -> Result<T, Self> {
        let mut unrouted = Self::Unknown;
        for (prefix, read) in tried {
            unrouted = match read {
                Ok(found) => return Ok(found),
                Err(ComponentIdError::NotMine) => continue,
                // this type has the version, and no other does
                Err(ComponentIdError::Malformed) => return Err(Self::Malformed { prefix }),
                Err(ComponentIdError::OldVersion(version)) => Self::OldVersion { prefix, version },
            };
        }
        Err(unrouted)
    }
}

impl<T> Default for ComponentRouter<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for ComponentRouter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentRouter").field("prefixes", &self.routes.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component_id;

    component_id! { struct SaveOld("save", 1) { record: i64 } }
    component_id! { struct Save("save", 2) { record: i64, tab: u8 } }
    component_id! { struct Saver("saver", 1) {} }

    fn router() -> ComponentRouter<String> {
        ComponentRouter::new()
            .on(|save: Save| format!("save {} {}", save.record, save.tab))
            .on(|save: SaveOld| format!("old save {}", save.record))
            .on(|_: Saver| "saver".into())
    }

    #[test]
    fn ids_find_their_type_and_their_version() {
        assert_eq!(router().route("save:2:7:1").unwrap(), "save 7 1");
        assert_eq!(router().route("save:1:7").unwrap(), "old save 7");
        assert_eq!(router().route("saver:1").unwrap(), "saver");
    }

    #[test]
    fn all_else_is_for_the_fallback() {
        for unknown in ["", "cancel", "sav:1", "save", ":save:1"] {
            assert_eq!(router().route(unknown), Err(Unrouted::Unknown), "{unknown}");
        }
        assert_eq!(router().route("save:3:7"), Err(Unrouted::OldVersion { prefix: "save", version: 3 }));
        assert_eq!(router().route("save:1:x"), Err(Unrouted::Malformed { prefix: "save" }));
        assert_eq!(router().route("save:2:7"), Err(Unrouted::Malformed { prefix: "save" }));
    }
}

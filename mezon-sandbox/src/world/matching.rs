//! What an expectation looks for in a message.

use std::fmt;

use super::transcript::Said;

/// Which messages an expectation accepts.
///
/// A string is accepted wherever one is wanted, and means exactly that text:
///
/// ```
/// use mezon_sandbox::Matching;
///
/// let exact: Matching = "pong".into();
/// let loose = Matching::contains("po");
/// let any = Matching::any();
/// let free = Matching::when("a short one", |said| said.text.len() < 3);
/// # let _ = (exact, loose, any, free);
/// ```
pub struct Matching {
    pub(super) says: String,
    pub(super) accepts: Predicate,
}

/// Decides about a message.
type Predicate = Box<dyn Fn(&Said) -> bool + Send>;

impl Matching {
    /// Every message.
    pub fn any() -> Self {
        Self::when("any text", |_| true)
    }

    /// Messages of exactly this text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::when(format!("the text {text:?}"), move |said| said.text == text)
    }

    /// Messages whose text contains this.
    pub fn contains(part: impl Into<String>) -> Self {
        let part = part.into();
        Self::when(format!("a text with {part:?} in it"), move |said| said.text.contains(&part))
    }

    /// Messages that the function accepts; `says` describes them in failures. If it panics, the expectation is
    /// [`Unmet`](crate::Unmet) and names the panic.
    pub fn when(says: impl Into<String>, accepts: impl Fn(&Said) -> bool + Send + 'static) -> Self {
        Self { says: says.into(), accepts: Box::new(accepts) }
    }
}

impl From<&str> for Matching {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Matching {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Matching").field(&self.says).finish()
    }
}

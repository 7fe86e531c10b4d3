//! The builders of the platform's bot SDKs, by the names that their users know. [`Button`](super::Button),
//! [`Embed`](super::Embed) and the rest say the same in fewer words.

mod button;
mod interactive;

pub use self::button::ButtonBuilder;
pub use self::interactive::InteractiveBuilder;

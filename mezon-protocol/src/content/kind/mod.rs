//! Kinds of messages whose content is more than a text: contact, location, poll, tokens.

mod contact;
mod location;
mod poll;
mod token;

pub use self::contact::Contact;
pub use self::location::Location;
pub use self::poll::{Poll, PollAnswer};
pub use self::token::TokenMessage;

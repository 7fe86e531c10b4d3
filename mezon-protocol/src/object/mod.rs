//! Handles on the things of the platform, generic over what runs their calls.
//!
//! A handle carries what its calls need (ids, clan, mode, flags, topic) and works from an event alone: no fetch, no
//! cache. Cloning one is cheap. What a method returns depends on the [`Backend`]: a future on the async runtimes, the
//! `Result` itself on the blocking one.

mod backend;
mod bot;
mod channel;
mod clan;
mod click;
mod editable;
mod message;
mod origin;
mod quick_menu;
mod reaction;
mod respond;
mod select;
mod sent;
mod user;

pub use backend::Backend;
pub use bot::Bot;
pub use channel::Channel;
pub use clan::Clan;
pub use click::ButtonClick;
pub use editable::Editable;
pub use message::Message;
pub use quick_menu::QuickMenuEvent;
pub use reaction::ReactionEvent;
pub use select::SelectChanged;
pub use sent::SentMessage;
pub use user::User;

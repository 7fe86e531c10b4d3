//! Handles on the things of the platform, generic over what runs their calls.
//!
//! A handle carries what its calls need (ids, clan, mode, flags, topic) and works from an event alone: no fetch, no
//! cache. What is remembered ([`memory`](crate::memory)) is seen through [`View`]s, and handles made from it tell more:
//! names, profiles, settings. Cloning one is cheap. What a method returns depends on the [`Backend`]: a future on the async runtimes, the
//! `Result` itself on the blocking one.

mod api;
mod backend;
mod bot;
mod channel;
mod clan;
mod click;
mod editable;
mod friend;
#[cfg(feature = "ledger")]
mod ledger;
mod message;
mod message_ref;
mod origin;
mod page;
mod quick_menu;
mod reaction;
mod respond;
mod role;
mod select;
mod sent;
mod user;
mod view;

pub use api::{Api, NameScope};
pub use backend::Backend;
pub use bot::{Bot, Presence, ProfileChange, Who};
pub use channel::{Channel, ChannelChange, ChannelNotification, History, NewPoll, NewThread, Poll, Receivers};
pub use clan::{Ban, Clan, NewChannel, NotificationLevel, PermissionRef, RoleChange, RoleOptions};
pub use click::ButtonClick;
pub use editable::Editable;
pub use friend::Friend;
#[cfg(feature = "ledger")]
pub use ledger::Ledger;
pub use message::Message;
pub use message_ref::MessageRef;
pub use page::Page;
pub use quick_menu::QuickMenuEvent;
pub use reaction::ReactionEvent;
pub use role::Role;
pub use select::SelectChanged;
pub use sent::SentMessage;
pub use user::User;
pub use view::{Kept, View};

use std::fmt;

use crate::error::{Error, ErrorKind};

/// What is said when the server knows no such thing.
fn not_found(what: &str, id: impl fmt::Display) -> Error {
    Error::answered(ErrorKind::NotFound { what: format!("{what} {id}") })
}

//! What the server pushes, and the life of the connection.
//!
//! The [`Machine`](crate::Machine) gives [`RawEvent`]s: what was pushed, undecoded, in the order in which it came.
//! They are decoded where they are taken, in the user's thread, by [`Event::decode`]. What nobody wants is dropped by
//! its field number before that: see [`Interest`].

mod error;
mod interest;
mod kind;
mod lifecycle;
mod message;
mod place;
mod raw;
mod table;

pub use error::DecodeError;
pub use interest::Interest;
pub use kind::{Direction, EventKind, UnknownKind};
pub use lifecycle::{Cause, Fatal, JoinTarget, Lifecycle};
pub use message::MessageData;
pub use raw::{Push, RawEvent};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::error::Error;
use crate::id::UserId;
use crate::machine::BackfillReport;
use crate::memory;
use crate::object::{Backend, ButtonClick, Message, QuickMenuEvent, ReactionEvent, SelectChanged};
use crate::proto::{api, realtime};
use crate::session::Session;
use crate::store::Change;
use table::members;

/// What is said of each variant about who sends it.
macro_rules! sender {
    (Push) => {
        "pushed by the server"
    };
    (Both) => {
        "pushed by the server, and a request of clients"
    };
    (Request) => {
        "a request of clients, which the server has no reason to push"
    };
    (Reply) => {
        "an answer of the server, which it has no reason to push"
    };
}

macro_rules! events {
    (
        handles { $($handles:tt)* }
        boxed { $(
            $name:ident = $field:literal, $wire:tt, $direction:ident $(($on:ident $(, $alias:literal)*))?,
                $generated:ident($type:ty), $doc:literal;
        )* }
    ) => {
        /// Something that happened: pushed by the server, or in the life of the connection.
        ///
        /// `B` is what runs the calls of the handles in it; each adapter has an alias with its own filled in.
        ///
        /// Events that are acted upon most carry handles. The others carry the wire type of the server, for which
        /// there is [no promise of stability](crate::proto). `Debug` names what happened and shows no content, as that
        /// may be private.
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum Event<B> {
            /// An attempt to connect begins.
            Connecting {
                /// 0 for the first attempt since the connection was last Ready, then counting up.
                attempt: u32,
            },
            /// The socket is open and the joins begin. Nothing may be expected to arrive before `Ready`.
            Connected,
            /// Authenticated, the socket open, and every join answered.
            Ready {
                /// False after a first login, true after a reconnect.
                resumed: bool,
                /// How long we were away. `None` after a first login, unless it is known where an earlier client left off, as
                /// its messages are stored; then it may be about two minutes too long. The messages of that time are fetched from
                /// now on, as [`Config::backfill`](crate::Config::backfill) says; `BackfillDone` tells when that is done.
                gap: Option<Duration>,
            },
            /// The messages that were missed have been given, as far as they are fetched. Comes once after each `Ready`
            /// with a gap, unless the connection drops before it or the backfill is off.
            BackfillDone {
                /// What was done, and what was beyond the bounds.
                report: Box<BackfillReport>,
            },
            /// The connection ended, or was found dead and given up.
            Disconnected {
                /// Why.
                cause: Cause,
                /// When the next attempt begins, from now; `None` when there will be none.
                will_retry_in: Option<Duration>,
            },
            /// No further attempt will be made. Happens once; the client is Closed.
            Fatal {
                /// Why.
                reason: Fatal,
            },
            /// A join was refused. It is tried again; the connection is up nevertheless.
            JoinFailed {
                /// What was to be joined.
                target: JoinTarget,
                /// What the server said.
                error: Error,
            },
            /// The server gave new credentials, or we fetched them. Whoever stores the session stores it now.
            SessionRefreshed {
                /// The session as it is now; [`Session::export`] has it in a form that can be stored.
                session: Box<Session>,
            },
            /// The session of a user is over: the server refuses to renew it, or there is none. Nothing that needs one
            /// will work before somebody logs in; the client does not do that by itself. A connection that is up stays so
            /// for now.
            LoginRequired {
                /// What the server said.
                reason: Error,
            },
            /// Events were dropped here because their receiver did not take them in time.
            Lagged {
                /// How many.
                dropped: u64,
            },

            /// A message was sent in a channel, by whomever: ask [`MessageData::is_own`] before answering.
            ///
            /// Also special messages, such as welcomes; their code says what they are.
            ///
            /// Wire name: `channel_message`, pushed by the server.
            #[doc(alias = "channel_message")]
            Message(Message<B>),
            /// A message was edited. It is the message as it is now.
            ///
            /// Wire name: `channel_message` with code 1, pushed by the server.
            #[doc(alias = "channel_message")]
            MessageUpdated(Message<B>),
            /// A message was deleted. Its id and those of its channel and sender count, the text may be absent.
            ///
            /// Wire name: `channel_message` with code 2, pushed by the server.
            #[doc(alias = "channel_message")]
            MessageDeleted(Message<B>),
            /// A reaction was added to a message, or taken back.
            ///
            /// Wire name: `message_reaction_event`, pushed by the server, and a request of clients.
            #[doc(alias = "message_reaction_event")]
            Reaction(ReactionEvent<B>),
            /// A button in a message of this bot was pressed.
            ///
            /// Wire name: `message_button_clicked`, pushed by the server.
            #[doc(alias = "message_button_clicked")]
            ButtonClicked(ButtonClick<B>),
            /// Something was chosen in a select of a message of this bot. Clients report a choice as a click instead, as a
            /// rule: see [`ButtonClick::is_select_change`].
            ///
            /// Wire name: `dropdown_box_selected`, pushed by the server.
            #[doc(alias = "dropdown_box_selected")]
            DropdownSelected(SelectChanged<B>),
            /// A user chose an entry of the quick menu of this bot.
            ///
            /// Wire name: `quick_menu_event`, pushed by the server, and a request of clients.
            #[doc(alias = "quick_menu_event")]
            QuickMenuTriggered(QuickMenuEvent<B>),

            $(
                #[doc = $doc]
                #[doc = ""]
                #[doc = concat!("Wire name: `", $wire, "`, ", sender!($direction), ".")]
                #[doc(alias = $wire)]
                $name(Box<$type>),
            )*

            /// Something that this build does not know: the platform has moved on.
            Unknown {
                /// The field number in the Envelope.
                field: u32,
                /// Its bytes as they came.
                bytes: Bytes,
            },
        }

        impl<B: Backend> Event<B> {
            fn decode_push(push: Push, backend: &B) -> Result<Self, DecodeError> {
                let Some(kind) = EventKind::from_field(push.field) else {
                    return Ok(Self::Unknown { field: push.field, bytes: push.body });
                };
                match kind {
                    EventKind::Message => Self::decode_message(push, backend),
                    EventKind::Reaction => {
                        let own_id = push.own_id;
                        Ok(Self::Reaction(ReactionEvent::new(decode_boxed(&push)?, own_id, backend.clone())))
                    }
                    EventKind::ButtonClicked => {
                        Ok(Self::ButtonClicked(ButtonClick::new(decode_boxed(&push)?, backend.clone())))
                    }
                    EventKind::DropdownSelected => {
                        Ok(Self::DropdownSelected(SelectChanged::new(decode_boxed(&push)?, backend.clone())))
                    }
                    EventKind::QuickMenuTriggered => {
                        Ok(Self::QuickMenuTriggered(QuickMenuEvent::new(decode_boxed(&push)?, backend.clone())))
                    }
                    $(EventKind::$name => decode_boxed::<$type>(&push).map(Self::$name),)*
                }
            }
        }

        impl<B> Event<B> {
            /// What was pushed; `None` for the life of the connection and for what this build does not know.
            #[must_use]
            pub const fn kind(&self) -> Option<EventKind> {
                match self {
                    Self::Message(_) | Self::MessageUpdated(_) | Self::MessageDeleted(_) => Some(EventKind::Message),
                    Self::Reaction(_) => Some(EventKind::Reaction),
                    Self::ButtonClicked(_) => Some(EventKind::ButtonClicked),
                    Self::DropdownSelected(_) => Some(EventKind::DropdownSelected),
                    Self::QuickMenuTriggered(_) => Some(EventKind::QuickMenuTriggered),
                    $(Self::$name(_) => Some(EventKind::$name),)*
                    Self::Connecting { .. }
                    | Self::Connected
                    | Self::Ready { .. }
                    | Self::BackfillDone { .. }
                    | Self::Disconnected { .. }
                    | Self::Fatal { .. }
                    | Self::JoinFailed { .. }
                    | Self::SessionRefreshed { .. }
                    | Self::LoginRequired { .. }
                    | Self::Lagged { .. }
                    | Self::Unknown { .. } => None,
                }
            }
        }

        impl<B> fmt::Debug for Event<B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Connecting { attempt } => f.debug_struct("Connecting").field("attempt", attempt).finish(),
                    Self::Connected => f.write_str("Connected"),
                    Self::Ready { resumed, gap } => {
                        f.debug_struct("Ready").field("resumed", resumed).field("gap", gap).finish()
                    }
                    Self::BackfillDone { report } => f.debug_struct("BackfillDone").field("report", report).finish(),
                    Self::Disconnected { cause, will_retry_in } => f
                        .debug_struct("Disconnected")
                        .field("cause", cause)
                        .field("will_retry_in", will_retry_in)
                        .finish(),
                    Self::Fatal { reason } => f.debug_struct("Fatal").field("reason", reason).finish(),
                    Self::JoinFailed { target, error } => {
                        f.debug_struct("JoinFailed").field("target", target).field("error", error).finish()
                    }
                    Self::SessionRefreshed { .. } => f.write_str("SessionRefreshed"),
                    Self::LoginRequired { reason } => f.debug_struct("LoginRequired").field("reason", reason).finish(),
                    Self::Lagged { dropped } => f.debug_struct("Lagged").field("dropped", dropped).finish(),
                    Self::Message(message) => f.debug_tuple("Message").field(message).finish(),
                    Self::MessageUpdated(message) => f.debug_tuple("MessageUpdated").field(message).finish(),
                    Self::MessageDeleted(message) => f.debug_tuple("MessageDeleted").field(message).finish(),
                    Self::Reaction(reaction) => f.debug_tuple("Reaction").field(reaction).finish(),
                    Self::ButtonClicked(click) => f.debug_tuple("ButtonClicked").field(click).finish(),
                    Self::DropdownSelected(change) => f.debug_tuple("DropdownSelected").field(change).finish(),
                    Self::QuickMenuTriggered(chosen) => f.debug_tuple("QuickMenuTriggered").field(chosen).finish(),
                    $(Self::$name(_) => f.debug_struct(stringify!($name)).finish_non_exhaustive(),)*
                    Self::Unknown { field, bytes } => {
                        f.debug_struct("Unknown").field("field", field).field("len", &bytes.len()).finish()
                    }
                }
            }
        }
    };
}

members!(events);

/// The codes of a message that speak of an earlier one.
pub(crate) const CODE_UPDATED: i32 = 1;
pub(crate) const CODE_DELETED: i32 = 2;

impl<B: Backend> Event<B> {
    /// Decodes what the Machine gave, and attaches a clone of the backend to the handles in it. The backend's memory
    /// learns from it first.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when what was pushed is not of the type that its field number stands for. It concerns this one
    /// event: log it and go on.
    pub fn decode(raw: RawEvent, backend: &B) -> Result<Self, DecodeError> {
        match raw {
            RawEvent::Push(push) => {
                let own_id = push.own_id;
                let event = Self::decode_push(push, backend)?;
                if event.kind().is_some_and(memory::concerns) {
                    backend.memory(|memory| memory.observe(&event, own_id));
                }
                Ok(event)
            }
            RawEvent::Lifecycle(lifecycle) => {
                let event = lifecycle.into();
                backend.memory(|memory| memory.observe(&event, UserId::NONE));
                Ok(event)
            }
        }
    }

    fn decode_message(push: Push, backend: &B) -> Result<Self, DecodeError> {
        let mut data = MessageData::parse(push.body, push.own_id)?;
        data.set_replayed(push.replayed);
        let variant = match data.code() {
            CODE_UPDATED => Self::MessageUpdated,
            CODE_DELETED => Self::MessageDeleted,
            _ => Self::Message,
        };
        backend.memory(|memory| memory.note_message(&data));
        backend.keep(|| Change::of(&data));
        Ok(variant(Message::new(Arc::new(data), backend.clone())))
    }
}

impl<B: Backend> Event<B> {
    /// True for a message, an edit or a removal that was missed while the connection was away, and is given afterwards.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        let (Self::Message(message) | Self::MessageUpdated(message) | Self::MessageDeleted(message)) = self else {
            return false;
        };
        message.is_replayed()
    }
}

impl<B> From<Lifecycle> for Event<B> {
    fn from(lifecycle: Lifecycle) -> Self {
        match lifecycle {
            Lifecycle::Connecting { attempt } => Self::Connecting { attempt },
            Lifecycle::Connected => Self::Connected,
            Lifecycle::Ready { resumed, gap } => Self::Ready { resumed, gap },
            Lifecycle::BackfillDone { report } => Self::BackfillDone { report },
            Lifecycle::Disconnected { cause, will_retry_in } => Self::Disconnected { cause, will_retry_in },
            Lifecycle::Fatal { reason } => Self::Fatal { reason },
            Lifecycle::JoinFailed { target, error } => Self::JoinFailed { target, error },
            Lifecycle::SessionRefreshed { session } => Self::SessionRefreshed { session },
            Lifecycle::LoginRequired { reason } => Self::LoginRequired { reason },
            Lifecycle::Lagged { dropped } => Self::Lagged { dropped },
        }
    }
}

fn decode_boxed<T: prost::Message + Default>(push: &Push) -> Result<Box<T>, DecodeError> {
    match T::decode(push.body.as_ref()) {
        Ok(message) => Ok(Box::new(message)),
        Err(error) => Err(DecodeError::new(push.field, &push.body, error)),
    }
}

#[cfg(test)]
mod tests;

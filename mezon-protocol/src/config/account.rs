//! Whose client it is.

use crate::error::Error;
use crate::id::UserId;
use crate::secret::Secret;

/// Whose client it is, and with that, how it comes to a token.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Account {
    /// A bot: it logs in with its key, and does so again whenever it needs a token.
    Bot {
        /// The bot's id.
        id: UserId,
        /// The bot's API key.
        api_key: Secret,
    },
    /// A user: a session that was stored, or brought by a call of [`rest::login`](crate::rest::login). It is refreshed in
    /// time and never logged in anew, as no password is kept: when it is over,
    /// [`LoginRequired`](crate::event::Lifecycle::LoginRequired) says so.
    User,
}

impl Account {
    /// The bot's id; 0 for a user, whose session knows it.
    pub const fn id(&self) -> UserId {
        match self {
            Self::Bot { id, .. } => *id,
            Self::User => UserId::NONE,
        }
    }

    /// True for a user.
    pub const fn is_user(&self) -> bool {
        matches!(self, Self::User)
    }

    /// Checks what can be seen to be wrong before any I/O.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Bot { id, .. } if id.get() <= 0 => Err(super::invalid("the bot id is required and must be positive")),
            Self::Bot { api_key, .. } if api_key.is_empty() => Err(super::invalid("the api key is required")),
            Self::Bot { .. } | Self::User => Ok(()),
        }
    }
}

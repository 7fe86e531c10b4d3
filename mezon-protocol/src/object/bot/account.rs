//! The account of this client: profile and status.

use super::Bot;
use crate::api::{Api, GetAccount, UpdateAccount, UpdateUserCustomStatus, UpdateUserStatus};
use crate::call::Call;
use crate::object::Backend;
use crate::proto::api;

/// A change of the own profile. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The display name.
    pub display_name: Option<String>,
    /// The URL of the avatar; empty for none.
    #[doc(alias = "avatar_url")]
    pub avatar: Option<String>,
    /// What the account says of itself; may be empty.
    pub about_me: Option<String>,
}

/// Whether this account shows itself as present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// There.
    #[default]
    Online,
    /// Away.
    Idle,
    /// There, and not to be disturbed.
    DoNotDisturb,
    /// Not to be seen.
    Invisible,
}

impl Presence {
    const fn name(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Idle => "Idle",
            Self::DoNotDisturb => "Do Not Disturb",
            Self::Invisible => "Invisible",
        }
    }
}

impl<B: Backend> Bot<B> {
    /// The own account, as the wire has it.
    #[doc(alias = "GetAccount")]
    pub fn account(&self) -> B::Outcome<api::Account> {
        self.backend.call(Api::<GetAccount>::new(()))
    }

    /// Changes the own profile; gives nothing. It is looked up first, as the platform has no way to leave some fields
    /// out. Nicknames are set by [`Clan::set_nick`](crate::object::Clan::set_nick).
    #[doc(alias = "UpdateAccount")]
    pub fn update_profile(&self, change: ProfileChange) -> B::Outcome<()> {
        self.backend.call(Api::<GetAccount>::new(()).look_up(move |_, account| {
            Ok(Api::<UpdateAccount>::new(api::UpdateAccountRequest {
                display_name: change.display_name,
                avatar_url: change.avatar,
                about_me: change.about_me,
                dob_seconds: account.user.map_or(0, |user| user.dob_seconds),
                encrypt_private_key: account.encrypt_private_key,
                ..Default::default()
            }))
        }))
    }

    /// Sets the text of the own presence; `None` makes this account appear offline, which an empty text does not. Gives
    /// nothing, and needs the socket.
    #[doc(alias = "StatusUpdate")]
    pub fn update_status(&self, status: Option<&str>) -> B::Outcome<()> {
        self.api().update_status(status)
    }

    /// Shows this account as present or not, until it is set again; gives nothing.
    #[doc(alias = "UpdateUserStatus")]
    pub fn set_presence(&self, presence: Presence) -> B::Outcome<()> {
        let status = presence.name().to_owned();
        self.backend.call(Api::<UpdateUserStatus>::new(api::UserStatusUpdate {
            status,
            minutes: 0,
            until_turn_on: true,
        }))
    }

    /// Sets the text of the own status, empty for none, until it is set again; gives nothing.
    #[doc(alias = "UpdateUserCustomStatus")]
    pub fn set_custom_status(&self, text: impl Into<String>) -> B::Outcome<()> {
        let status = text.into();
        self.backend.call(Api::<UpdateUserCustomStatus>::new(api::UserStatusUpdate {
            status,
            minutes: 0,
            until_turn_on: true,
        }))
    }

    /// Joins the clan of an invitation, by the number at the end of its link; gives what the invitation says, as the
    /// wire has it.
    #[doc(alias = "InviteUser")]
    pub fn accept_invite(&self, invite: i64) -> B::Outcome<api::InviteUserRes> {
        self.api().accept_invite(invite)
    }
}

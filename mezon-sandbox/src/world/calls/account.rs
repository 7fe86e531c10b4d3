//! The account of whoever asks: names, pictures, status; and sessions.

use mezon_protocol::UserId;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::Call;
use super::roles::set;
use crate::world::World;
use crate::world::describe::{seconds, wire_user};
use crate::world::model::User;
use crate::world::refusal::{ALREADY_EXISTS, INVALID_ARGUMENT, PERMISSION_DENIED, Refusal};

handlers! {
    GetAccount => account,
    GetUserStatus => user_status,
    Healthcheck => health,
    ListUserClansByUserId => list_acquaintances,
    SessionLogout => log_out,
    SessionRefresh => refresh_for,
    UpdateAccount => update_account,
    UpdateUser => update_user,
    UpdateUserCustomStatus => set_custom_status,
    UpdateUserStatus => set_status,
    UpdateUsername => rename,
}

/// What people may say of themselves; compared without regard to capitals.
const STATUSES: [&str; 4] = ["Online", "Idle", "Do Not Disturb", "Invisible"];

impl World {
    fn account(&mut self, call: Call, (): ()) -> Result<api::Account, Refusal> {
        let user = self.users.get(&call.user()).ok_or_else(no_user)?;
        Ok(api::Account {
            user: Some(wire_user(user)),
            email: format!("{}@mezon.test", user.username),
            password_setted: !user.is_bot(),
            ..api::Account::default()
        })
    }

    fn health(&mut self, _: Call, (): ()) -> Result<(), Refusal> {
        Ok(())
    }

    fn refresh_for(&mut self, call: Call, request: api::SessionRefreshRequest) -> Result<api::Session, Refusal> {
        self.refresh(call.now, &request)
    }

    /// The tokens that are named end; connections stay.
    fn log_out(&mut self, _: Call, request: api::SessionLogoutRequest) -> Result<(), Refusal> {
        self.tokens.forget(&request.token);
        self.tokens.forget(&request.refresh_token);
        Ok(())
    }

    fn update_account(&mut self, call: Call, request: api::UpdateAccountRequest) -> Result<(), Refusal> {
        let user = self.own_mut(call)?;
        set(&mut user.display_name, request.display_name);
        set(&mut user.avatar, request.avatar_url);
        set(&mut user.details.lang_tag, request.lang_tag);
        set(&mut user.details.location, request.location);
        set(&mut user.details.timezone, request.timezone);
        set(&mut user.details.about_me, request.about_me);
        user.details.dob_seconds = request.dob_seconds;
        user.details.update_time_seconds = seconds(call.now);
        self.tell_profile(call.user());
        Ok(())
    }

    fn update_user(&mut self, call: Call, request: api::UpdateUsersRequest) -> Result<(), Refusal> {
        let user = self.own_mut(call)?;
        user.display_name = request.display_name;
        user.avatar = request.avatar_url;
        user.details.update_time_seconds = seconds(call.now);
        self.tell_profile(call.user());
        Ok(())
    }

    fn tell_profile(&mut self, user: UserId) {
        let Some(user) = self.users.get(&user) else { return };
        let (id, event) = (
            user.id,
            realtime::UserProfileUpdatedEvent {
                user_id: user.id.get(),
                display_name: user.display_name.clone(),
                avatar: user.avatar.clone(),
                about_me: user.details.about_me.clone(),
                ..realtime::UserProfileUpdatedEvent::default()
            },
        );
        self.tell_acquaintances(id, Message::UserProfileUpdatedEvent(Box::new(event)));
    }

    /// A new session, as the name stands in the token.
    fn rename(&mut self, call: Call, request: api::UpdateUsernameRequest) -> Result<api::Session, Refusal> {
        if request.username.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a user has a name"));
        }
        if self.user_named(&request.username).is_some_and(|user| user != call.user()) {
            return Err(Refusal::new(ALREADY_EXISTS, "the name is taken"));
        }
        let user = self.own_mut(call)?;
        user.username = request.username;
        if !request.display_name.is_empty() {
            user.display_name = request.display_name;
        }
        Ok(self.new_session(call.now, call.user()))
    }

    fn user_status(&mut self, call: Call, (): ()) -> Result<api::UserStatus, Refusal> {
        let user = self.users.get(&call.user()).ok_or_else(no_user)?;
        let status = if user.details.status.is_empty() { STATUSES[0] } else { &user.details.status };
        Ok(api::UserStatus { user_id: user.id.get(), status: status.to_owned() })
    }

    fn set_status(&mut self, call: Call, request: api::UserStatusUpdate) -> Result<(), Refusal> {
        let known = STATUSES.iter().find(|status| status.eq_ignore_ascii_case(&request.status));
        let known = known.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "unknown status"))?;
        (*known).clone_into(&mut self.own_mut(call)?.details.status);
        Ok(())
    }

    fn set_custom_status(&mut self, call: Call, request: api::UserStatusUpdate) -> Result<(), Refusal> {
        self.own_mut(call)?.details.user_status.clone_from(&request.status);
        let event = realtime::UserStatusEvent { user_id: call.user().get(), custom_status: request.status };
        self.tell_acquaintances(call.user(), Message::UserStatusEvent(Box::new(event)));
        Ok(())
    }

    /// All who share a clan with whoever asks.
    fn list_acquaintances(&mut self, call: Call, (): ()) -> Result<api::AllUserClans, Refusal> {
        let own = self.users.get(&call.user()).ok_or_else(no_user)?;
        let shared = self.users.values().filter(|user| !user.clans.is_disjoint(&own.clans));
        Ok(api::AllUserClans { users: shared.map(wire_user).collect() })
    }

    fn own_mut(&mut self, call: Call) -> Result<&mut User, Refusal> {
        self.users.get_mut(&call.user()).ok_or_else(no_user)
    }
}

fn no_user() -> Refusal {
    Refusal::new(PERMISSION_DENIED, "no such user")
}

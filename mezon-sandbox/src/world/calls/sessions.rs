//! Sessions, and whose they are.

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::describe::wire_user;
use crate::world::refusal::{PERMISSION_DENIED, Refusal};

handlers! {
    GetAccount => account,
    Healthcheck => health,
    SessionRefresh => refresh_for,
}

impl World {
    fn account(&mut self, call: Call, (): ()) -> Result<api::Account, Refusal> {
        let user = self.users.get(&call.user()).ok_or_else(|| Refusal::new(PERMISSION_DENIED, "no such user"))?;
        Ok(api::Account { user: Some(wire_user(user)), ..api::Account::default() })
    }

    fn health(&mut self, _: Call, (): ()) -> Result<(), Refusal> {
        Ok(())
    }

    fn refresh_for(&mut self, call: Call, request: api::SessionRefreshRequest) -> Result<api::Session, Refusal> {
        self.refresh(call.now, &request)
    }
}

//! Clans.

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::refusal::Refusal;

handlers! {
    ListClanDescs => list_clans,
}

impl World {
    fn list_clans(&mut self, call: Call, _: api::ListClanDescRequest) -> Result<api::ClanDescList, Refusal> {
        let clans = self.users.get(&call.user()).map(|user| &user.clans).into_iter().flatten();
        let clandesc = clans.filter_map(|clan| self.clans.get(clan)).map(|clan| self.wire_clan(clan)).collect();
        Ok(api::ClanDescList { clandesc })
    }
}

//! The members of clans.

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::describe::wire_user;
use crate::world::refusal::Refusal;

handlers! {
    ListClanUsers => list_clan_users,
}

impl World {
    fn list_clan_users(
        &mut self,
        call: Call,
        request: api::ListClanUsersRequest,
    ) -> Result<api::ClanUserList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let member = |user| api::clan_user_list::ClanUser {
            user: self.users.get(user).map(wire_user),
            clan_nick: clan.nicks.get(user).cloned().unwrap_or_default(),
            clan_id: clan.id.get(),
            ..api::clan_user_list::ClanUser::default()
        };
        let clan_users = clan.members.iter().map(member).collect();
        Ok(api::ClanUserList { clan_users, clan_id: clan.id.get(), ..api::ClanUserList::default() })
    }
}

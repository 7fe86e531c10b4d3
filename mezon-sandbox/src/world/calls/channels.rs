//! Channels: listed, described, created, and their members.

use std::collections::BTreeMap;

use mezon_protocol::proto::api;
use mezon_protocol::{ChannelId, UserId};

use super::{Call, page};
use crate::world::World;
use crate::world::describe::nick;
use crate::world::model::{Channel, ChannelKind, User};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddChannelUsers => add_users_for,
    CreateChannelDesc => create_for,
    ListChannelDescs => list_channels,
    ListChannelDetail => channel_detail,
    ListChannelUsers => list_channel_users,
    RemoveChannelUsers => remove_users_for,
}

impl World {
    /// Of a clan all channels that the user sees, and the threads that it is in. Without a clan: type 3 gives direct
    /// channels, any other type groups as well.
    fn list_channels(
        &mut self,
        call: Call,
        request: api::ListChannelDescsRequest,
    ) -> Result<api::ChannelDescList, Refusal> {
        let user = call.user();
        let ids: Vec<ChannelId> = if request.clan_id == 0 {
            self.users.get(&user).map(|user| user.channels.iter().copied().collect()).unwrap_or_default()
        } else {
            self.clan_of_member(user, request.clan_id)?.channels.clone()
        };
        let wanted = |channel: &&Channel| {
            if request.clan_id == 0 {
                let direct_only = request.channel_type == ChannelKind::Direct.wire_type();
                return channel.kind == ChannelKind::Direct || (!direct_only && channel.kind == ChannelKind::Group);
            }
            self.sees(user, channel) && (channel.kind != ChannelKind::Thread || channel.members.contains(&user))
        };
        let channels = ids.iter().filter_map(|id| self.channels.get(id)).filter(wanted);
        let channels = channels.map(|channel| self.wire_channel(channel, user));
        Ok(api::ChannelDescList { channeldesc: page(channels, request.limit, request.page) })
    }

    /// An empty description when there is no such channel, or the user does not see it.
    fn channel_detail(
        &mut self,
        call: Call,
        request: api::ListChannelDetailRequest,
    ) -> Result<api::ChannelDescription, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id);
        Ok(channel.map(|channel| self.wire_channel(channel, call.user())).unwrap_or_default())
    }

    fn list_channel_users(
        &mut self,
        call: Call,
        request: api::ListChannelUsersRequest,
    ) -> Result<api::ChannelUserList, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let clan = self.clans.get(&channel.clan);
        let members = match clan {
            Some(clan) if !channel.names_members() => &clan.members,
            Some(_) | None => &channel.members,
        };
        let member = |user: &UserId| api::channel_user_list::ChannelUser {
            user_id: user.get(),
            clan_nick: nick(clan, *user),
            clan_id: channel.clan.get(),
            ..api::channel_user_list::ChannelUser::default()
        };
        let channel_users = members.iter().map(member).collect();
        Ok(api::ChannelUserList { channel_users, channel_id: channel.id.get(), ..api::ChannelUserList::default() })
    }

    fn create_for(
        &mut self,
        call: Call,
        request: api::CreateChannelDescRequest,
    ) -> Result<api::ChannelDescription, Refusal> {
        let id = self.create_on_request(call.now, call.user(), request)?;
        let channel = self.channels.get(&id).ok_or_else(Refusal::no_channel)?;
        Ok(self.wire_channel(channel, call.user()))
    }

    fn add_users_for(&mut self, call: Call, request: api::AddChannelUsersRequest) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(call.user(), request.channel_id)?;
        for added in known(&self.users, &request.user_ids) {
            self.add_to_channel(call.now, channel, added);
        }
        Ok(())
    }

    fn remove_users_for(&mut self, call: Call, request: api::RemoveChannelUsersRequest) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(call.user(), request.channel_id)?;
        for removed in known(&self.users, &request.user_ids) {
            self.remove_from_channel(call.now, channel, removed);
        }
        Ok(())
    }

    /// A channel whose members are named, and may be others than they are.
    fn with_members_to_change(&self, user: UserId, channel: i64) -> Result<ChannelId, Refusal> {
        let channel = self.channel_of_viewer(user, channel)?;
        if channel.names_members() && channel.kind != ChannelKind::Direct {
            return Ok(channel.id);
        }
        Err(Refusal::new(INVALID_ARGUMENT, "the members of this channel are not named one by one"))
    }
}

/// Those that exist.
fn known(users: &BTreeMap<UserId, User>, ids: &[i64]) -> Vec<UserId> {
    ids.iter().map(|id| UserId::new(*id)).filter(|id| users.contains_key(id)).collect()
}

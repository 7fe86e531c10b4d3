//! Channels: listed, described, created, changed, and their members.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, RoleId, UserId};

use super::roles::set;
use super::{Call, page};
use crate::world::World;
use crate::world::describe::{header, nick, seconds};
use crate::world::model::{Channel, ChannelKind, User};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddChannelUsers => add_users_for,
    CreateChannelDesc => create_for,
    DeleteChannelDesc => delete_channel_for,
    ListChannelByUserId => list_own_channels,
    ListChannelDescs => list_channels,
    ListChannelDetail => channel_detail,
    ListChannelSetting => list_channel_settings,
    ListChannelUsers => list_channel_users,
    ListChannelUsersUC => list_users_in_columns,
    RemoveChannelUsers => remove_users_for,
    UpdateChannelDesc => update_channel,
    UpdateChannelPrivate => change_privacy,
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
                let kind = channel.kind;
                let fits = kind == ChannelKind::Direct || (!direct_only && kind == ChannelKind::Group);
                return fits && !self.records.closed.contains(&(user, channel.id));
            }
            self.takes_part(user, channel)
        };
        let channels = ids.iter().filter_map(|id| self.channels.get(id)).filter(wanted);
        let channels = channels.map(|channel| self.wire_channel(channel, user));
        Ok(api::ChannelDescList { channeldesc: page(channels, request.limit, request.page) })
    }

    /// True for what a list of channels shows: what the user sees, and of threads those that it is in.
    fn takes_part(&self, user: UserId, channel: &Channel) -> bool {
        self.sees(user, channel) && (channel.kind != ChannelKind::Thread || channel.members.contains(&user))
    }

    /// Of all clans, and the direct ones and groups.
    fn list_own_channels(&mut self, call: Call, (): ()) -> Result<api::ChannelDescList, Refusal> {
        let own = self.channels.values().filter(|channel| self.takes_part(call.user(), channel));
        Ok(api::ChannelDescList { channeldesc: own.map(|channel| self.wire_channel(channel, call.user())).collect() })
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
        let member = |user: UserId| api::channel_user_list::ChannelUser {
            user_id: user.get(),
            role_id: self.role_ids_of(user, channel.clan),
            clan_nick: nick(clan, user),
            clan_avatar: clan.and_then(|clan| clan.avatars.get(&user)).cloned().unwrap_or_default(),
            clan_id: channel.clan.get(),
            added_by: channel.creator.get(),
            is_banned: self.ban_in(call.now, user, channel.id).is_some(),
            ..api::channel_user_list::ChannelUser::default()
        };
        let channel_users = self.members_of(channel).into_iter().map(member).collect();
        Ok(api::ChannelUserList { channel_users, channel_id: channel.id.get(), ..api::ChannelUserList::default() })
    }

    fn list_users_in_columns(
        &mut self,
        call: Call,
        request: api::AllUsersAddChannelRequest,
    ) -> Result<api::AllUsersAddChannelResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let members = self.members_of(channel).into_iter().filter_map(|user| self.users.get(&user));
        let members: Vec<&User> = page(members, request.limit, 1);
        Ok(api::AllUsersAddChannelResponse {
            channel_id: channel.id.get(),
            limit: request.limit,
            user_ids: members.iter().map(|user| user.id.get()).collect(),
            usernames: members.iter().map(|user| user.username.clone()).collect(),
            display_names: members.iter().map(|user| user.display_name.clone()).collect(),
            avatars: members.iter().map(|user| user.avatar.clone()).collect(),
            onlines: members.iter().map(|user| self.is_online(user)).collect(),
        })
    }

    /// Those who are named in the channel; of a public one all members of its clan.
    fn members_of(&self, channel: &Channel) -> Vec<UserId> {
        match self.clans.get(&channel.clan) {
            Some(clan) if !channel.names_members() => clan.members.iter().copied().collect(),
            Some(_) | None => channel.members.iter().copied().collect(),
        }
    }

    fn list_channel_settings(
        &mut self,
        call: Call,
        request: api::ChannelSettingListRequest,
    ) -> Result<api::ChannelSettingListResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let channels = clan.channels.iter().filter_map(|id| self.channels.get(id));
        let visible: Vec<&Channel> = channels.filter(|channel| self.sees(call.user(), channel)).collect();
        let threads = visible.iter().filter(|channel| channel.kind == ChannelKind::Thread).count();
        let part = request.channel_label.to_lowercase();
        let wanted = visible
            .iter()
            .filter(|channel| channel.parent.get() == request.parent_id && channel.name.to_lowercase().contains(&part));
        let item = |channel: &&Channel| api::ChannelSettingItem {
            id: channel.id.get(),
            creator_id: channel.creator.get(),
            parent_id: channel.parent.get(),
            channel_label: channel.name.clone(),
            category_id: channel.details.category_id,
            meeting_code: self.shown_meeting_code(channel),
            channel_private: i32::from(!channel.is_public()),
            channel_type: channel.kind.wire_type(),
            active: i32::from(!channel.asleep),
            user_ids: channel.members.iter().map(|user| user.get()).collect(),
            message_count: i64::try_from(channel.messages.len()).unwrap_or(i64::MAX),
            last_sent_message: channel.messages.values().next_back().map(header),
        };
        Ok(api::ChannelSettingListResponse {
            clan_id: clan.id.get(),
            channel_count: i32::try_from(visible.len() - threads).unwrap_or(i32::MAX),
            thread_count: i32::try_from(threads).unwrap_or(i32::MAX),
            channel_setting_list: page(wanted.map(item), request.limit, request.page),
        })
    }

    fn create_for(
        &mut self,
        call: Call,
        request: api::CreateChannelDescRequest,
    ) -> Result<api::ChannelDescription, Refusal> {
        let id = self.create_on_request(call.now, call.user(), request)?;
        self.records.closed.remove(&(call.user(), id));
        let channel = self.channels.get(&id).ok_or_else(Refusal::no_channel)?;
        Ok(self.wire_channel(channel, call.user()))
    }

    /// Fields that are no wrappers are taken as they come.
    fn update_channel(&mut self, call: Call, request: api::UpdateChannelDescRequest) -> Result<(), Refusal> {
        let id = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let Some(channel) = self.channels.get_mut(&id) else { return Ok(()) };
        set(&mut channel.name, request.channel_label);
        let details = &mut channel.details;
        set(&mut details.channel_avatar, request.channel_avatar);
        details.category_id = request.category_id;
        details.app_id = request.app_id;
        details.topic = request.topic;
        details.age_restricted = request.age_restricted;
        details.e2ee = request.e2ee;
        details.update_time_seconds = seconds(call.now);
        self.tell_channel_changed(id);
        Ok(())
    }

    fn delete_channel_for(&mut self, call: Call, request: api::DeleteChannelDescRequest) -> Result<(), Refusal> {
        let id = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.delete_channel(id, call.user());
        Ok(())
    }

    /// Those who keep seeing it are whoever asks, and who is named.
    fn change_privacy(&mut self, call: Call, request: api::ChangeChannelPrivateRequest) -> Result<(), Refusal> {
        let id = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let private = request.channel_private != 0;
        let roles = request.role_ids.into_iter().map(RoleId::new).filter(|role| self.records.roles.contains_key(role));
        let roles: Vec<RoleId> = roles.collect();
        // Those who hear it now learn of it, also who will not hear it any more.
        let told = self.clan_listeners_who_see(id);
        if private {
            self.put_member(id, call.user());
        }
        let Some(channel) = self.channels.get_mut(&id) else { return Ok(()) };
        channel.private = private;
        channel.roles.extend(roles);
        for user in self.known(&request.user_ids) {
            self.add_to_channel(call.now, id, user);
        }
        if let Some(channel) = self.channels.get(&id) {
            let event = crate::world::channels::updated_event(channel);
            self.push(&told, Message::ChannelUpdatedEvent(Box::new(event)));
        }
        Ok(())
    }

    fn tell_channel_changed(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.get(&id) else { return };
        if channel.kind.is_direct() {
            let event = crate::world::channels::updated_event(channel);
            return self.tell_channel(id, Message::ChannelUpdatedEvent(Box::new(event)));
        }
        self.tell_updated(id);
    }

    fn add_users_for(&mut self, call: Call, request: api::AddChannelUsersRequest) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(call.user(), request.channel_id)?;
        for added in self.known(&request.user_ids) {
            self.add_to_channel(call.now, channel, added);
        }
        Ok(())
    }

    fn remove_users_for(&mut self, call: Call, request: api::RemoveChannelUsersRequest) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(call.user(), request.channel_id)?;
        for removed in self.known(&request.user_ids) {
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

    /// Those that exist.
    fn known(&self, ids: &[i64]) -> Vec<UserId> {
        ids.iter().map(|id| UserId::new(*id)).filter(|id| self.users.contains_key(id)).collect()
    }
}

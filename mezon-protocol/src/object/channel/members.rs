//! Who is in a channel.

use super::Channel;
use crate::api::{AddChannelUsers, AddRolesChannelDesc, Api, ListChannelUsers, RemoveChannelUsers};
use crate::call::Call;
use crate::id::{RoleId, UserId};
use crate::object::clan::raw;
use crate::object::{Backend, Page, User};
use crate::proto::api;

impl<B: Backend> Channel<B> {
    /// A page of those who are in it; their nicknames are remembered. A limit of 0 leaves it to the server; the first
    /// page has an empty cursor.
    #[doc(alias = "ListChannelUsers")]
    pub fn list_users(&self, limit: i32, cursor: impl Into<String>) -> B::Outcome<Page<User<B>>> {
        let (backend, cursor) = (self.backend.clone(), cursor.into());
        self.on_route(move |route| {
            let request = api::ListChannelUsersRequest {
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
                channel_type: route.kind.0,
                limit,
                cursor,
                ..Default::default()
            };
            Api::<ListChannelUsers>::new(request).then(move |_, list| {
                let infos: Vec<_> = backend.memory(|memory| {
                    list.channel_users.iter().filter_map(|user| memory.note_channel_user(route.clan, user)).collect()
                });
                Ok(Page::new(infos.into_iter().map(|info| User::known(info, backend.clone())), list.cursor))
            })
        })
    }

    /// Adds users to a private channel, thread or group; gives nothing.
    #[doc(alias = "AddChannelUsers")]
    pub fn add_users(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        let request = api::AddChannelUsersRequest { channel_id: self.id.get(), user_ids: raw(users) };
        self.backend.call(Api::<AddChannelUsers>::new(request))
    }

    /// Removes users from a channel, thread or group; gives nothing.
    #[doc(alias = "RemoveChannelUsers")]
    pub fn remove_users(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        let request = api::RemoveChannelUsersRequest { channel_id: self.id.get(), user_ids: raw(users) };
        self.backend.call(Api::<RemoveChannelUsers>::new(request))
    }

    /// Lets those who have a role into a private channel; gives nothing.
    #[doc(alias = "AddRolesChannelDesc")]
    pub fn add_roles(&self, roles: impl IntoIterator<Item = RoleId>) -> B::Outcome<()> {
        let role_ids = roles.into_iter().map(RoleId::get).collect();
        let request = api::AddRoleChannelDescRequest { role_ids, channel_id: self.id.get() };
        self.backend.call(Api::<AddRolesChannelDesc>::new(request))
    }
}

//! Roles of clans, and what they permit.

use std::collections::BTreeSet;

use mezon_protocol::proto::api::{self, role_user_list::RoleUser};
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, ClanId, Now, RoleId, UserId};

use super::{CHANGED, CREATED, Call, DELETED, cursor_page, permissions};
use crate::world::World;
use crate::world::messages::Caller;
use crate::world::model::User;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddRolesChannelDesc => add_roles_to_channel,
    CreateRole => create_role_for,
    DeleteRole => delete_role_for,
    DeleteRoleChannelDesc => remove_role_from_channel,
    GetRoleOfUserInTheClan => own_roles,
    ListRoleUsers => list_role_users,
    ListRoles => list_roles,
    UpdateRole => update_role_for,
    UpdateRoleOrder => order_roles,
}

/// A role as the world keeps it.
#[derive(Clone, Debug)]
pub(in crate::world) struct Role {
    pub(in crate::world) id: RoleId,
    pub(in crate::world) clan: ClanId,
    pub(in crate::world) title: String,
    pub(in crate::world) users: BTreeSet<UserId>,
    pub(in crate::world) permissions: BTreeSet<i64>,
    /// What no rule asks for: color, icon, order.
    details: api::Role,
}

impl World {
    /// True when the user has the role.
    pub fn has_role(&self, user: UserId, role: RoleId) -> bool {
        self.records.roles.get(&role).is_some_and(|role| role.users.contains(&user))
    }

    /// A role comes into being, with these members.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn create_role(
        &mut self,
        now: Now,
        clan: ClanId,
        title: &str,
        members: impl IntoIterator<Item = UserId>,
    ) -> RoleId {
        let owner = self.clan_or_panic(clan).owner;
        let id = RoleId::new(self.ids.next(now));
        self.insert_role(id, clan, owner, api::Role { title: title.to_owned(), ..api::Role::default() });
        let call = Call { now, caller: Caller::Person(owner) };
        let members = members.into_iter().map(UserId::get).collect();
        drop(self.change_role(call, id, CREATED, Change::adding(members, Vec::new())));
        id
    }

    /// The first role of that title in a clan.
    pub fn role_named(&self, clan: ClanId, title: &str) -> Option<RoleId> {
        self.roles_of(clan).into_iter().find(|role| role.title == title).map(|role| role.id)
    }

    fn insert_role(&mut self, id: RoleId, clan: ClanId, creator: UserId, details: api::Role) {
        let title = details.title.clone();
        let slug = format!("{}-{id}", title.to_lowercase().replace(' ', "-"));
        let details = api::Role { creator_id: creator.get(), active: 1, slug, ..details };
        let role = Role { id, clan, title, users: BTreeSet::new(), permissions: BTreeSet::new(), details };
        self.records.roles.insert(id, role);
    }

    /// The roles of a clan, in their order.
    pub(in crate::world) fn roles_of(&self, clan: ClanId) -> Vec<&Role> {
        let mut roles: Vec<&Role> = self.records.roles.values().filter(|role| role.clan == clan).collect();
        roles.sort_by_key(|role| role.details.order_role);
        roles
    }

    /// The ids of the roles that a user has in a clan.
    pub(in crate::world) fn role_ids_of(&self, user: UserId, clan: ClanId) -> Vec<i64> {
        let roles = self.records.roles.values();
        let has = roles.filter(|role| role.clan == clan && role.users.contains(&user));
        has.map(|role| role.id.get()).collect()
    }

    pub(in crate::world) fn wire_role(&self, role: &Role) -> api::Role {
        let in_channels = self.channels.values().filter(|channel| channel.roles.contains(&role.id));
        let channel_ids: Vec<i64> = in_channels.map(|channel| channel.id.get()).collect();
        api::Role {
            id: role.id.get(),
            title: role.title.clone(),
            clan_id: role.clan.get(),
            role_user_list: Some(self.wire_role_users(role)),
            permission_list: Some(permissions::list(role.permissions.iter().copied())),
            role_channel_active: i32::from(!channel_ids.is_empty()),
            channel_ids,
            max_level_permission: permissions::max_level(role.permissions.iter().copied()),
            ..role.details.clone()
        }
    }

    fn wire_role_users(&self, role: &Role) -> api::RoleUserList {
        let users = role.users.iter().filter_map(|user| self.users.get(user));
        api::RoleUserList { role_users: users.map(role_user).collect(), cursor: String::new() }
    }

    fn list_roles(
        &mut self,
        call: Call,
        request: api::RoleListEventRequest,
    ) -> Result<api::RoleListEventResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let roles = self.roles_of(clan).into_iter().map(|role| self.wire_role(role)).collect();
        let (roles, cursor) = cursor_page(roles, request.limit, &request.cursor);
        let max_level_permission = roles.iter().map(|role| role.max_level_permission).max().unwrap_or_default();
        Ok(api::RoleListEventResponse {
            limit: request.limit,
            state: request.state,
            cursor,
            clan_id: clan.get(),
            roles: Some(api::RoleList { roles, max_level_permission }),
        })
    }

    fn create_role_for(&mut self, call: Call, request: api::CreateRoleRequest) -> Result<api::Role, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        if request.title.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a role has a title"));
        }
        let id = RoleId::new(self.ids.next(call.now));
        let details = api::Role {
            title: request.title,
            color: request.color,
            role_icon: request.role_icon,
            description: request.description,
            display_online: request.display_online,
            allow_mention: request.allow_mention,
            order_role: request.order_role,
            ..api::Role::default()
        };
        self.insert_role(id, clan, call.user(), details);
        self.change_role(call, id, CREATED, Change::adding(request.add_user_ids, request.active_permission_ids))
    }

    /// Plain fields of 0 leave things as they are: a role without them cannot be told from one that keeps them.
    fn update_role_for(&mut self, call: Call, request: api::UpdateRoleRequest) -> Result<(), Refusal> {
        let id = self.role_of_member(call, request.role_id)?;
        if let Some(role) = self.records.roles.get_mut(&id) {
            role.title = request.title.unwrap_or_else(|| std::mem::take(&mut role.title));
            let details = &mut role.details;
            set(&mut details.color, request.color);
            set(&mut details.role_icon, request.role_icon);
            set(&mut details.description, request.description);
            details.display_online = request.display_online;
            details.allow_mention = request.allow_mention;
        }
        let change = Change {
            add_users: request.add_user_ids,
            remove_users: request.remove_user_ids,
            add_permissions: request.active_permission_ids,
            remove_permissions: request.remove_permission_ids,
        };
        self.change_role(call, id, CHANGED, change).map(|_| ())
    }

    fn delete_role_for(&mut self, call: Call, request: api::DeleteRoleRequest) -> Result<(), Refusal> {
        let id = self.role_of_member(call, request.role_id)?;
        let Some(role) = self.records.roles.remove(&id) else { return Ok(()) };
        for channel in self.channels.values_mut() {
            channel.roles.remove(&id);
        }
        let event = realtime::RoleEvent {
            role: Some(self.wire_role(&role)),
            status: DELETED,
            user_id: call.user().get(),
            ..realtime::RoleEvent::default()
        };
        self.tell_clan(role.clan, Message::RoleEvent(Box::new(event)));
        Ok(())
    }

    fn order_roles(&mut self, call: Call, request: api::UpdateRoleOrderRequest) -> Result<(), Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        for update in request.roles {
            let role = self.records.roles.get_mut(&RoleId::new(update.role_id)).filter(|role| role.clan == clan);
            role.ok_or_else(Refusal::no_role)?.details.order_role = update.order;
        }
        Ok(())
    }

    fn own_roles(&mut self, call: Call, request: api::ListPermissionOfUsersRequest) -> Result<api::RoleList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let own = self.roles_of(clan).into_iter().filter(|role| role.users.contains(&call.user()));
        let roles: Vec<api::Role> = own.map(|role| self.wire_role(role)).collect();
        let max_level_permission = roles.iter().map(|role| role.max_level_permission).max().unwrap_or_default();
        Ok(api::RoleList { roles, max_level_permission })
    }

    fn list_role_users(
        &mut self,
        call: Call,
        request: api::ListRoleUsersRequest,
    ) -> Result<api::RoleUserList, Refusal> {
        let id = self.role_of_member(call, request.role_id)?;
        let role = self.records.roles.get(&id).ok_or_else(Refusal::no_role)?;
        let all = self.wire_role_users(role).role_users;
        let (role_users, cursor) = cursor_page(all, request.limit, &request.cursor);
        Ok(api::RoleUserList { role_users, cursor })
    }

    fn add_roles_to_channel(&mut self, call: Call, request: api::AddRoleChannelDescRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let roles: Vec<RoleId> = request.role_ids.into_iter().map(RoleId::new).collect();
        if !roles.iter().all(|role| self.records.roles.contains_key(role)) {
            return Err(Refusal::no_role());
        }
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.roles.extend(roles);
        }
        self.tell_updated(channel);
        Ok(())
    }

    fn remove_role_from_channel(&mut self, call: Call, request: api::DeleteRoleRequest) -> Result<(), Refusal> {
        let channel: ChannelId = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.roles.remove(&RoleId::new(request.role_id));
        }
        self.tell_updated(channel);
        Ok(())
    }

    /// A role of a clan in which the caller is.
    pub(super) fn role_of_member(&self, call: Call, role: i64) -> Result<RoleId, Refusal> {
        let role = self.records.roles.get(&RoleId::new(role)).ok_or_else(Refusal::no_role)?;
        self.clan_of_member(call.user(), role.clan.get()).map(|_| role.id)
    }

    /// Changes who has the role and what it permits, and tells of it.
    fn change_role(&mut self, call: Call, id: RoleId, status: i32, change: Change) -> Result<api::Role, Refusal> {
        let role = self.records.roles.get_mut(&id).ok_or_else(Refusal::no_role)?;
        let members = self.clans.get(&role.clan).map(|clan| &clan.members);
        let is_member = |user: &&i64| members.is_some_and(|members| members.contains(&UserId::new(**user)));
        role.users.extend(change.add_users.iter().filter(is_member).map(|user| UserId::new(*user)));
        role.users.retain(|user| !change.remove_users.contains(&user.get()));
        role.permissions.extend(change.add_permissions.iter().filter(|permission| permissions::exists(**permission)));
        role.permissions.retain(|permission| !change.remove_permissions.contains(permission));
        let role = role.clone();
        let wire = self.wire_role(&role);
        let event = realtime::RoleEvent {
            role: Some(wire.clone()),
            status,
            user_id: call.user().get(),
            user_add_ids: change.add_users.clone(),
            user_remove_ids: change.remove_users.clone(),
            active_permission_ids: change.add_permissions,
            remove_permission_ids: change.remove_permissions,
        };
        self.tell_clan(role.clan, Message::RoleEvent(Box::new(event)));
        if !change.add_users.is_empty() || !change.remove_users.is_empty() {
            self.tell_assigned(role.clan, id, change.add_users, change.remove_users);
        }
        Ok(wire)
    }

    fn tell_assigned(&mut self, clan: ClanId, role: RoleId, assigned: Vec<i64>, removed: Vec<i64>) {
        let concerned: Vec<UserId> = assigned.iter().chain(&removed).map(|user| UserId::new(*user)).collect();
        let event = realtime::RoleAssignedEvent {
            clan_id: clan.to_string(),
            role_id: role.get(),
            user_ids_assigned: assigned,
            user_ids_removed: removed,
        };
        self.tell_clan_and(clan, &concerned, Message::RoleAssignEvent(Box::new(event)));
    }
}

/// What changes about a role besides its looks.
struct Change {
    add_users: Vec<i64>,
    remove_users: Vec<i64>,
    add_permissions: Vec<i64>,
    remove_permissions: Vec<i64>,
}

impl Change {
    fn adding(add_users: Vec<i64>, add_permissions: Vec<i64>) -> Self {
        Self { add_users, remove_users: Vec::new(), add_permissions, remove_permissions: Vec::new() }
    }
}

/// An absent wrapper leaves a field as it is.
pub(super) fn set(field: &mut String, value: Option<String>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn role_user(user: &User) -> RoleUser {
    RoleUser {
        id: user.id.get(),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        avatar_url: user.avatar.clone(),
        online: true,
        ..RoleUser::default()
    }
}

//! Roles and permissions.

use crate::proto::api as wire;

methods! {
    /// The roles of a clan: `roles.roles` of the answer. By page: `cursor` of the answer goes into the next request.
    ListRoles = 4, reads, wire::RoleListEventRequest => wire::RoleListEventResponse;
    /// Creates a role.
    CreateRole = 67, writes, wire::CreateRoleRequest => wire::Role;
    /// Changes a role, and who has it: what is `None` stays as it is, and so do members and permissions that are in
    /// no list.
    ///
    /// An empty text in a field that is `Some` erases it. `display_online`, `allow_mention` and `max_permission_id`
    /// are plain: send their current values.
    UpdateRole = 114, writes, wire::UpdateRoleRequest => ();
    /// Deletes a role. Needs role and clan.
    DeleteRole = 69, writes, wire::DeleteRoleRequest => ();
    /// Sets the order of a clan's roles.
    UpdateRoleOrder = 110, writes, wire::UpdateRoleOrderRequest => ();
    /// Who has a role, by page: `cursor` of the answer goes into the next request.
    ListRoleUsers = 41, reads, wire::ListRoleUsersRequest => wire::RoleUserList;
    /// Our own roles in a clan.
    GetRoleOfUserInTheClan = 6, reads, wire::ListPermissionOfUsersRequest => wire::RoleList;
    /// Gives roles access to a private channel.
    AddRolesChannelDesc = 64, writes, wire::AddRoleChannelDescRequest => ();
    /// Takes the access of a role to a private channel away. Needs role, channel and clan.
    DeleteRoleChannelDesc = 71, writes, wire::DeleteRoleRequest => ();
    /// The permissions that there are, with ids and slugs such as `send-message`.
    GetListPermission = 7, reads, () => wire::PermissionList;
    /// The permissions of a role.
    ListRolePermissions = 205, reads, wire::ListPermissionsRequest => wire::PermissionList;
    /// Our own permissions in a channel.
    ListUserPermissionInChannel = 8, reads,
        wire::UserPermissionInChannelListRequest => wire::UserPermissionInChannelListResponse;
    /// What a role or a user may do in a channel, where that differs.
    GetPermissionByRoleIdChannelId = 49, reads,
        wire::PermissionRoleChannelListEventRequest => wire::PermissionRoleChannelListEventResponse;
    /// Sets what a role, or with role 0 a user, may do in a channel: per permission 0 neutral, 1 allowed, 2 denied.
    SetRoleChannelPermission = 94, writes, wire::UpdateRoleChannelRequest => ();
}

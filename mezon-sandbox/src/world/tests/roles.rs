//! Roles and permissions.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, RoleId};

use super::rig::Rig;
use crate::world::{ConnId, NewChannel};

fn create(rig: &mut Rig, conn: ConnId, title: &str) -> wire::Role {
    let request = wire::CreateRoleRequest {
        title: title.to_owned(),
        color: "#112233".to_owned(),
        clan_id: rig.clan.get(),
        add_user_ids: vec![rig.alice.get()],
        ..wire::CreateRoleRequest::default()
    };
    rig.api::<api::CreateRole>(conn, request)
}

fn list(rig: &mut Rig, conn: ConnId) -> Vec<wire::Role> {
    let request = wire::RoleListEventRequest { clan_id: rig.clan.get(), ..wire::RoleListEventRequest::default() };
    rig.api::<api::ListRoles>(conn, request).roles.unwrap().roles
}

#[test]
fn a_role_that_is_created_is_listed_and_told_to_the_clan() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let role = create(&mut rig, conn, "Helpers");
    assert!(rig.world.has_role(rig.alice, RoleId::new(role.id)));
    let pushes = rig.pushes(conn);
    let [Message::RoleEvent(event), Message::RoleAssignEvent(assigned)] = pushes.as_slice() else {
        panic!("{pushes:?}")
    };
    assert_eq!((event.status, event.role.as_ref().unwrap().title.as_str()), (1, "Helpers"));
    assert_eq!((assigned.role_id, assigned.clan_id.as_str()), (role.id, rig.clan.to_string().as_str()));
    let listed = list(&mut rig, conn);
    assert_eq!((listed.len(), listed[0].color.as_str()), (1, "#112233"));
    assert_eq!(listed[0].role_user_list.as_ref().unwrap().role_users[0].username, "alice");
    let users = wire::ListRoleUsersRequest { role_id: role.id, ..wire::ListRoleUsersRequest::default() };
    assert_eq!(rig.api::<api::ListRoleUsers>(conn, users).role_users.len(), 1);
    let members = rig.api::<api::ListClanUsers>(conn, wire::ListClanUsersRequest { clan_id: rig.clan.get() });
    let alice = members.clan_users.iter().find(|member| member.user.as_ref().unwrap().username == "alice");
    assert_eq!(alice.unwrap().role_id, [role.id]);
}

#[test]
fn an_absent_wrapper_leaves_a_field_and_an_empty_one_erases_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let role = create(&mut rig, conn, "Helpers");
    let update = wire::UpdateRoleRequest {
        role_id: role.id,
        title: Some("Gardeners".to_owned()),
        remove_user_ids: vec![rig.alice.get()],
        add_user_ids: vec![rig.bob.get()],
        clan_id: rig.clan.get(),
        ..wire::UpdateRoleRequest::default()
    };
    rig.api::<api::UpdateRole>(conn, update);
    let after = list(&mut rig, conn).remove(0);
    assert_eq!((after.title.as_str(), after.color.as_str()), ("Gardeners", "#112233"));
    assert!(rig.world.has_role(rig.bob, RoleId::new(role.id)) && !rig.world.has_role(rig.alice, RoleId::new(role.id)));
    let erase = wire::UpdateRoleRequest { role_id: role.id, color: Some(String::new()), ..Default::default() };
    rig.api::<api::UpdateRole>(conn, erase);
    assert_eq!(list(&mut rig, conn)[0].color, "");
    let pushes = rig.pushes(conn);
    assert!(pushes.iter().any(|push| matches!(push, Message::RoleEvent(event) if event.status == 2)));
}

#[test]
fn roles_come_in_their_order_and_page_by_page() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let (a, b) = (create(&mut rig, conn, "A"), create(&mut rig, conn, "B"));
    let place = |role: &wire::Role, order| wire::RoleOrderUpdate { role_id: role.id, order };
    let order = wire::UpdateRoleOrderRequest { clan_id: rig.clan.get(), roles: vec![place(&a, 2), place(&b, 1)] };
    rig.api::<api::UpdateRoleOrder>(conn, order);
    let titles: Vec<String> = list(&mut rig, conn).into_iter().map(|role| role.title).collect();
    assert_eq!(titles, ["B", "A"]);
    let page = wire::RoleListEventRequest { clan_id: rig.clan.get(), limit: 1, ..Default::default() };
    let first = rig.api::<api::ListRoles>(conn, page.clone());
    assert_eq!((first.roles.unwrap().roles[0].title.as_str(), first.cursor.as_str()), ("B", "1"));
    let second = rig.api::<api::ListRoles>(conn, wire::RoleListEventRequest { cursor: first.cursor, ..page });
    assert_eq!((second.roles.unwrap().roles[0].title.as_str(), second.cursor.as_str()), ("A", ""));
}

#[test]
fn a_deleted_role_is_gone_and_told() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let role = create(&mut rig, conn, "Helpers");
    rig.pushes(conn);
    let request = wire::DeleteRoleRequest { role_id: role.id, clan_id: rig.clan.get(), ..Default::default() };
    rig.api::<api::DeleteRole>(conn, request.clone());
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::RoleEvent(event)] if event.status == 3));
    assert_eq!(list(&mut rig, conn), []);
    assert_eq!(rig.refused::<api::DeleteRole>(conn, request), 3);
    let untitled = wire::CreateRoleRequest { clan_id: rig.clan.get(), ..Default::default() };
    assert_eq!(rig.refused::<api::CreateRole>(conn, untitled), 3);
}

#[test]
fn whoever_has_a_role_of_a_private_channel_sees_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let hidden: ChannelId = rig.world.create_channel(rig.now, rig.clan, rig.bot, NewChannel::private("hidden", []));
    let role = create(&mut rig, conn, "Helpers");
    assert!(!rig.world.can_see(rig.alice, hidden));
    let grant = wire::AddRoleChannelDescRequest { role_ids: vec![role.id], channel_id: hidden.get() };
    rig.api::<api::AddRolesChannelDesc>(conn, grant);
    assert!(rig.world.can_see(rig.alice, hidden) && !rig.world.can_see(rig.bob, hidden));
    let take = wire::DeleteRoleRequest { role_id: role.id, channel_id: hidden.get(), ..Default::default() };
    rig.api::<api::DeleteRoleChannelDesc>(conn, take);
    assert!(!rig.world.can_see(rig.alice, hidden));
}

#[test]
fn permissions_come_from_roles_and_from_what_is_set_in_a_channel() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let catalogue = rig.api::<api::GetListPermission>(conn, ()).permissions;
    let id = |slug: &str| catalogue.iter().find(|permission| permission.slug == slug).unwrap().id;
    let role = wire::CreateRoleRequest {
        title: "Gardeners".to_owned(),
        clan_id: rig.clan.get(),
        add_user_ids: vec![rig.bot.get()],
        active_permission_ids: vec![id("manage-thread")],
        ..wire::CreateRoleRequest::default()
    };
    let role = rig.api::<api::CreateRole>(conn, role);
    let of_role = rig.api::<api::ListRolePermissions>(conn, wire::ListPermissionsRequest { role_id: role.id });
    assert_eq!((of_role.permissions.len(), of_role.max_level_permission), (1, 3));
    let own = wire::ListPermissionOfUsersRequest { clan_id: rig.clan.get(), channel_id: 0 };
    assert_eq!(rig.api::<api::GetRoleOfUserInTheClan>(conn, own).roles.len(), 1);

    let deny = wire::UpdateRoleChannelRequest {
        channel_id: rig.general.get(),
        user_id: rig.bot.get(),
        permission_update: vec![wire::PermissionUpdate {
            permission_id: id("send-message"),
            r#type: 2,
            ..Default::default()
        }],
        ..wire::UpdateRoleChannelRequest::default()
    };
    rig.pushes(conn);
    rig.api::<api::SetRoleChannelPermission>(conn, deny);
    let pushes = rig.pushes(conn);
    assert!(
        matches!(pushes.as_slice(), [Message::PermissionSetEvent(_), Message::PermissionChangedEvent(_)]),
        "{pushes:?}"
    );
    let here = wire::UserPermissionInChannelListRequest { clan_id: rig.clan.get(), channel_id: rig.general.get() };
    let here = rig.api::<api::ListUserPermissionInChannel>(conn, here).permissions.unwrap();
    let slugs: Vec<&str> = here.permissions.iter().map(|permission| permission.slug.as_str()).collect();
    assert_eq!(slugs, ["manage-thread", "view-channel"]);
    let set = wire::PermissionRoleChannelListEventRequest {
        channel_id: rig.general.get(),
        user_id: rig.bot.get(),
        ..wire::PermissionRoleChannelListEventRequest::default()
    };
    let set = rig.api::<api::GetPermissionByRoleIdChannelId>(conn, set).permission_role_channel;
    assert_eq!(set, [wire::PermissionRoleChannel { permission_id: id("send-message"), active: false }]);
}

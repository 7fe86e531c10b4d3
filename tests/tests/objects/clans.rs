//! Clans: members, roles, voice rooms, settings.

use std::time::Duration;

use mezon_protocol::ErrorKind;
use mezon_protocol::call::ListVoiceUsers;
use mezon_protocol::content::serde_json;
use mezon_protocol::object::{Ban, NewChannel, NotificationLevel, RoleChange, RoleOptions};
use mezon_protocol::proto::api;
use mezon_protocol::route::ChannelKind;

use super::scene::scene;

/// Row 128.
#[test]
fn voice_users_are_listed_with_every_option_left_out_and_written_as_json() {
    let mut scene = scene();
    let (alice, voice) = (scene.alice, scene.voice);
    scene.sim.act(|world, now| world.join_voice(now, alice, voice));
    let clan = scene.clan();
    let rooms = scene.ok(clan.list_channel_voice_users(ListVoiceUsers::new(clan.id())));
    assert_eq!((rooms.len(), rooms[0].channel_id, &rooms[0].user_ids[..]), (1, voice, &[alice][..]));
    let json = serde_json::to_value(&rooms).unwrap();
    assert_eq!(json[0]["user_ids"][0], alice.to_string());

    for limit in [0, -1, 501] {
        let query = ListVoiceUsers { limit, ..ListVoiceUsers::new(clan.id()) };
        let kind = scene.kind_of(clan.list_channel_voice_users(query));
        assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{limit}: {kind:?}");
    }
}

/// Rows 129, 131.
#[test]
fn a_role_changes_only_in_what_is_given() {
    let mut scene = scene();
    let clan = scene.clan();
    let options = RoleOptions {
        title: "Helpers".into(),
        color: "#112233".into(),
        description: "they help".into(),
        display_online: true,
        allow_mention: true,
        ..RoleOptions::default()
    };
    let role = scene.ok(clan.create_role(options));
    scene.ok(role.update(RoleChange { title: Some("Experts".into()), ..RoleChange::default() }));
    let roles = scene.ok(clan.list_roles(0, 0, ""));
    let info = roles.iter().find(|known| known.id() == role.id()).expect("it is listed").info().clone();
    assert_eq!(
        (info.name.as_str(), info.color.as_str(), info.description.as_str()),
        ("Experts", "#112233", "they help")
    );
    assert_eq!((info.display_online, info.allow_mention), (1, 1), "flags that the wire cannot leave out");

    let change = RoleChange { color: Some(String::new()), allow_mention: Some(false), ..RoleChange::default() };
    scene.ok(clan.update_role(role.id(), change));
    let role = scene.ok(clan.roles().fetch(role.id()));
    let info = role.info();
    assert_eq!((info.name.as_str(), info.color.as_str()), ("Experts", ""));
    assert_eq!((info.display_online, info.allow_mention), (1, 0));
    scene.ok(role.delete());
    let kind = scene.kind_of(clan.roles().fetch(role.id()));
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
}

/// Row 130.
#[test]
fn permissions_are_given_by_id_or_by_name() {
    let mut scene = scene();
    let clan = scene.clan();
    let role = scene.ok(clan.create_role(RoleOptions { title: "Helpers".into(), ..RoleOptions::default() }));
    let change = RoleChange { add_permissions: vec!["SEND_MESSAGE".into()], ..RoleChange::default() };
    scene.ok(clan.update_role(role.id(), change));
    let role = scene.ok(clan.roles().fetch(role.id()));
    let slugs: Vec<_> = role.info().permissions.iter().map(|permission| permission.slug.as_str()).collect();
    assert_eq!(slugs, ["send-message"]);

    let id = role.info().permissions[0].id;
    let change = RoleChange { remove_permissions: vec![id.into()], ..RoleChange::default() };
    scene.ok(role.update(change));
    assert!(scene.ok(clan.roles().fetch(role.id())).info().permissions.is_empty());
    assert_eq!(scene.asked("GetListPermission"), 1, "only where there is a name");

    let change = RoleChange { add_permissions: vec!["FLY".into()], ..RoleChange::default() };
    let asked = scene.asked("UpdateRole");
    let kind = scene.kind_of(role.update(change));
    let ErrorKind::InvalidArgument(text) = kind else { panic!("{kind:?}") };
    assert!(text.contains("FLY") && text.contains("send-message"), "{text}");
    assert_eq!(scene.asked("UpdateRole"), asked);
}

#[test]
fn roles_are_given_and_taken() {
    let mut scene = scene();
    let (clan, alice) = (scene.clan(), scene.alice);
    let role = scene.ok(clan.create_role(RoleOptions { title: "Helpers".into(), ..RoleOptions::default() }));
    scene.ok(role.assign([alice]));
    assert!(scene.sim.world().has_role(alice, role.id()));
    let users = scene.ok(role.list_users(0, ""));
    assert_eq!(users.iter().map(|user| user.username()).collect::<Vec<_>>(), ["alice"]);
    let members = scene.ok(clan.list_members());
    let member = members.iter().find(|member| member.id() == alice).unwrap();
    assert_eq!(member.info().unwrap().member(clan.id()).unwrap().role_ids, [role.id()]);
    scene.ok(role.unassign([alice]));
    assert!(!scene.sim.world().has_role(alice, role.id()));
}

#[test]
fn members_are_kicked_and_banned() {
    let mut scene = scene();
    let (clan, alice, bob) = (scene.clan(), scene.alice, scene.bob);
    scene.ok(clan.list_members());
    let ban =
        Ban { channel: scene.general, users: vec![alice], time: Some(Duration::from_secs(60)), reason: "spam".into() };
    scene.ok(clan.ban(ban));
    let banned = scene.ok(clan.list_banned(scene.general));
    assert_eq!((banned.len(), banned[0].banned_id, banned[0].ban_time), (1, alice.get(), 60));
    scene.ok(clan.unban(scene.general, [alice]));
    assert!(scene.ok(clan.list_banned(scene.general)).is_empty());
    scene.ok(clan.kick([bob]));
    scene.pass();
    assert!(!clan.users().contains(bob), "he is forgotten when the event comes");
}

#[test]
fn channels_are_created_and_nicknames_set() {
    let mut scene = scene();
    let clan = scene.clan();
    let channel = scene.ok(clan.create_channel(NewChannel { is_private: true, ..NewChannel::named("staff") }));
    assert_eq!((channel.name(), channel.kind()), ("staff", Some(ChannelKind::TEXT)));
    assert!(clan.channels().get(channel.id()).is_some_and(|channel| channel.info().unwrap().is_private));
    scene.ok(clan.set_nick("Botty"));
    scene.ok(clan.list_members());
    let me = clan.users().get(scene.sim.bot_id).unwrap();
    assert_eq!(me.nick(clan.id()), "Botty");
    assert!(!scene.ok(clan.is_nick_taken("nobody has this")));
}

#[test]
fn invites_events_webhooks_and_settings_have_their_words() {
    let mut scene = scene();
    let clan = scene.clan();
    let invite = scene.ok(clan.create_invite(scene.general, 0));
    assert!(!invite.invite_link.is_empty());
    let event =
        api::CreateEventRequest { title: "Party".into(), start_time_seconds: 1_800_000_000, ..Default::default() };
    let event = scene.ok(clan.create_event(event));
    assert_eq!(scene.ok(clan.list_events()).len(), 1);
    scene.ok(clan.delete_event(&event));
    assert!(scene.ok(clan.list_events()).is_empty());
    scene.ok(clan.set_notification_level(NotificationLevel::Mentions));
    assert_eq!(scene.ok(clan.notification_level()), NotificationLevel::Mentions);
    assert!(scene.ok(clan.list_webhooks()).is_empty());
    scene.ok(clan.list_emojis());
    scene.ok(clan.list_stickers());
    scene.ok(clan.list_categories());
}

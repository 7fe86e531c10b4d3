//! Members and accounts.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;

use super::rig::{Rig, SECOND, error_of, send_message, text_send};

#[test]
fn a_member_who_is_kicked_is_gone_and_told() {
    let mut rig = Rig::new();
    let (conn, bob) = (rig.connect_and_join(), rig.connect_person(rig.bob));
    rig.api::<api::RemoveClanUsers>(
        conn,
        wire::RemoveClanUsersRequest { clan_id: rig.clan.get(), user_ids: vec![rig.bob.get()] },
    );
    assert!(matches!(rig.pushes(bob).as_slice(), [Message::UserClanRemovedEvent(_)]));
    let members = rig.api::<api::ListClanUsers>(conn, wire::ListClanUsersRequest { clan_id: rig.clan.get() });
    assert_eq!(members.clan_users.len(), 2);
}

#[test]
fn who_is_banned_from_a_channel_cannot_write_in_it_until_the_ban_ends() {
    let mut rig = Rig::new();
    let (conn, alice) = (rig.connect_and_join(), rig.connect_person(rig.alice));
    let ban = wire::BanClanUsersRequest {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        user_ids: vec![rig.alice.get()],
        ban_time: 900,
        reason: "too loud".to_owned(),
    };
    rig.api::<api::BanClanUsers>(conn, ban.clone());
    assert!(
        matches!(rig.pushes(alice).as_slice(), [Message::BanUserEvent(event)] if event.action == 1 && event.ban_time == 900)
    );
    let send = |rig: &Rig| send_message(text_send(rig.clan, rig.general, 2, "hello"));
    let say = send(&rig);
    assert_eq!(error_of(rig.ask(alice, say)).0, 7);
    let is_banned =
        |rig: &mut Rig| rig.api::<api::IsBanned>(alice, wire::IsBannedRequest { channel_id: rig.general.get() });
    assert!(is_banned(&mut rig).is_banned);
    let list = wire::BannedUserListRequest { clan_id: rig.clan.get(), channel_id: 0 };
    let banned = rig.api::<api::ListBannedUsers>(conn, list).banned_users;
    assert_eq!((banned.len(), banned[0].reason.as_str(), banned[0].banner_id), (1, "too loud", rig.bot.get()));
    rig.wait(900 * SECOND);
    assert!(!is_banned(&mut rig).is_banned);
    assert_eq!(rig.api::<api::ListBannedUsers>(conn, list).banned_users, []);
    rig.api::<api::BanClanUsers>(conn, ban.clone());
    rig.api::<api::UnbanClanUsers>(conn, ban);
    let say = send(&rig);
    super::rig::ack_of(rig.ask(alice, say));
}

#[test]
fn who_is_banned_from_a_clan_cannot_come_back() {
    let mut rig = Rig::new();
    let (conn, bob) = (rig.connect_and_join(), rig.connect_person(rig.bob));
    let link = wire::LinkInviteUserRequest { clan_id: rig.clan.get(), ..Default::default() };
    let link = rig.api::<api::CreateLinkInviteUser>(conn, link).id;
    let ban =
        wire::BanClanUsersRequest { clan_id: rig.clan.get(), user_ids: vec![rig.bob.get()], ..Default::default() };
    rig.api::<api::BanClanUsers>(conn, ban.clone());
    assert_eq!(rig.refused::<api::InviteUser>(bob, wire::InviteUserRequest { invite_id: link }), 7);
    rig.api::<api::UnbanClanUsers>(conn, ban);
    rig.api::<api::InviteUser>(bob, wire::InviteUserRequest { invite_id: link });
}

#[test]
fn a_profile_changes_where_it_is_given_and_others_are_told() {
    let mut rig = Rig::new();
    let (conn, alice) = (rig.connect_and_join(), rig.connect_person(rig.alice));
    let update = wire::UpdateAccountRequest { about_me: Some("helps".to_owned()), ..Default::default() };
    rig.api::<api::UpdateAccount>(conn, update);
    let user = rig.api::<api::GetAccount>(conn, ()).user.unwrap();
    assert_eq!((user.about_me.as_str(), user.display_name.as_str()), ("helps", "Test Bot"));
    assert!(
        matches!(rig.pushes(alice).as_slice(), [Message::UserProfileUpdatedEvent(event)] if event.about_me == "helps")
    );
    let nick =
        wire::UpdateClanProfileRequest { clan_id: rig.clan.get(), nick_name: Some("Bo".to_owned()), avatar: None };
    rig.api::<api::UpdateUserProfileByClan>(conn, nick);
    assert!(
        matches!(rig.pushes(alice).as_slice(), [Message::ClanProfileUpdatedEvent(event)] if event.clan_nick == "Bo")
    );
    let profile = rig.api::<api::GetUserProfileOnClan>(conn, wire::ClanProfileRequest { clan_id: rig.clan.get() });
    assert_eq!(profile.nick_name, "Bo");
    assert_eq!(rig.api::<api::ListUserClansByUserId>(conn, ()).users.len(), 3);
}

#[test]
fn a_status_is_one_of_four_and_a_custom_one_is_free() {
    let mut rig = Rig::new();
    let (conn, alice) = (rig.connect_and_join(), rig.connect_person(rig.alice));
    let status = |text: &str| wire::UserStatusUpdate { status: text.to_owned(), ..Default::default() };
    assert_eq!(rig.api::<api::GetUserStatus>(conn, ()).status, "Online");
    rig.api::<api::UpdateUserStatus>(conn, status("do not disturb"));
    assert_eq!(rig.api::<api::GetUserStatus>(conn, ()).status, "Do Not Disturb");
    assert_eq!(rig.refused::<api::UpdateUserStatus>(conn, status("asleep")), 3);
    rig.api::<api::UpdateUserCustomStatus>(conn, status("Playing Mezon"));
    assert!(
        matches!(rig.pushes(alice).as_slice(), [Message::UserStatusEvent(event)] if event.custom_status == "Playing Mezon")
    );
    let list = rig.api::<api::ListClanUsersStatus>(conn, wire::ListClanUsersStatusRequest { clan_id: rig.clan.get() });
    assert!(list.clan_user_statuses.iter().any(|entry| entry.user_status == "Playing Mezon"));
    let online = wire::ListUserOnlineRequest { clan_id: rig.clan.get(), limit: 1, page: 1 };
    let online = rig.api::<api::ListUserOnline>(conn, online);
    assert_eq!((online.users.len(), online.total_count), (1, 3));
}

#[test]
fn a_new_name_comes_with_a_new_session_and_a_logout_ends_tokens() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let taken = wire::UpdateUsernameRequest { username: "alice".to_owned(), ..Default::default() };
    assert_eq!(rig.refused::<api::UpdateUsername>(conn, taken), 6);
    let rename = wire::UpdateUsernameRequest { username: "robot".to_owned(), ..Default::default() };
    let session = rig.api::<api::UpdateUsername>(conn, rename);
    assert_eq!(rig.world.username(rig.bot), Some("robot"));
    assert_eq!(rig.rpc(&session.token, "GetAccount", &()).status, 200);
    let out = wire::SessionLogoutRequest {
        token: session.token.clone(),
        refresh_token: session.refresh_token,
        ..wire::SessionLogoutRequest::default()
    };
    rig.api::<api::SessionLogout>(conn, out);
    assert_eq!(rig.rpc(&session.token, "GetAccount", &()).status, 401);
}

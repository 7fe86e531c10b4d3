//! What handles have words for: names, lists, settings, friends, voice.

use bytes::Bytes;
use mezon_protocol::api::{
    AddFriends, CheckDuplicateName, CreateExternalMezonMeet, CreateLinkInviteUser, GenerateMeetToken,
    GetListEmojisByUserId, GetListStickersByUserId, GetNotificationCategory, GetNotificationChannel,
    GetNotificationClan, GetNotificationReactMessage, InviteUser, ListChannelByUserId, ListChannelVoiceUsers,
    ListFriends,
};
use mezon_protocol::call::{FriendState, ListVoiceUsers};
use mezon_protocol::object::NameScope;
use mezon_protocol::proto::api as wire;
use mezon_protocol::{ErrorKind, UserId};
use serde_json::json;

use crate::scene::{Desk, Scene, status};

/// Row 168.
#[test]
fn a_name_that_is_taken_is_known() {
    let mut desk = Desk::new();
    let call = desk.api().check_duplicate_clan_name("Clan A");
    let taken = wire::CheckDuplicateNameResponse { is_duplicate: true };
    let (sent, is_taken) = desk.one::<CheckDuplicateName, _>(call, &taken);
    assert_eq!((sent.name.as_str(), sent.r#type, sent.condition_id), ("Clan A", 0, 0));
    assert!(is_taken.unwrap());

    for (scope, r#type, condition) in [
        (NameScope::Channel(5.into()), 2, 5),
        (NameScope::Thread(6.into()), 3, 6),
        (NameScope::NickName(7.into()), 4, 7),
    ] {
        let call = desk.api().check_duplicate_name("x", scope);
        let (sent, _) = desk.one::<CheckDuplicateName, _>(call, &taken);
        assert_eq!((sent.r#type, sent.condition_id), (r#type, condition));
    }
}

/// Rows 169, 170.
#[test]
fn emoji_and_stickers_are_those_of_one_clan() {
    let mut desk = Desk::new();
    let emoji = |id, clan_id| wire::ClanEmoji { id, clan_id, ..Default::default() };
    let all = wire::EmojiListedResponse { emoji_list: vec![emoji(1, 5), emoji(2, 6), emoji(3, 5)] };
    let call = desk.api().list_clan_emoji_by_clan_id(5);
    let (_, list) = desk.one::<GetListEmojisByUserId, _>(call, &all);
    assert_eq!(list.unwrap(), [emoji(1, 5), emoji(3, 5)]);

    let sticker = |id, clan_id| wire::ClanSticker { id, clan_id, ..Default::default() };
    let all = wire::StickerListedResponse { stickers: vec![sticker(1, 5), sticker(2, 6)] };
    let call = desk.api().list_clan_stickers_by_clan_id(6);
    let (_, list) = desk.one::<GetListStickersByUserId, _>(call, &all);
    assert_eq!(list.unwrap(), [sticker(2, 6)]);
}

fn channel(channel_id: i64, clan_id: i64) -> wire::ChannelDescription {
    let channel_label = format!("channel {channel_id}");
    wire::ChannelDescription { channel_id, clan_id, channel_label, ..Default::default() }
}

/// Rows 171, 172.
#[test]
fn our_channels_are_listed_and_those_of_clans_can_be_named() {
    let mut desk = Desk::new();
    let all = wire::ChannelDescList { channeldesc: vec![channel(1, 0), channel(2, 5), channel(3, 5)] };
    let call = desk.api().list_channel_by_user_id();
    let (_, list) = desk.one::<ListChannelByUserId, _>(call, &all);
    assert_eq!(list.unwrap(), all.channeldesc);

    for (limit, ids) in [(50, &[2, 3][..]), (1, &[2])] {
        let call = desk.api().hashtag_dm_list([UserId::new(7)], limit);
        let (_, list) = desk.one::<ListChannelByUserId, _>(call, &all);
        let list = list.unwrap();
        assert_eq!(list.iter().map(|hashtag| hashtag.channel_id).collect::<Vec<_>>(), ids);
        assert_eq!(list[0].channel_label, "channel 2");
    }
    for limit in [0, 101] {
        let call = desk.api().hashtag_dm_list([], limit);
        let error = desk.finish(call, |_| panic!("nothing is sent")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
    }
}

/// Rows 173, 174, 175, 176.
#[test]
fn notification_settings_are_told() {
    let mut desk = Desk::new();
    let setting = wire::NotificationUserChannel { id: 1, notification_setting_type: 2, ..Default::default() };
    let call = desk.api().get_notification_channel_setting(5);
    let (sent, told) = desk.one::<GetNotificationChannel, _>(call, &setting);
    assert_eq!((sent.channel_id, told.unwrap()), (5, setting));
    let call = desk.api().get_notification_category_setting(6);
    let (sent, told) = desk.one::<GetNotificationCategory, _>(call, &setting);
    assert_eq!((sent.category_id, told.unwrap()), (6, setting));

    let setting = wire::NotificationSetting { id: 1, notification_setting_type: 3 };
    let call = desk.api().get_notification_clan_setting(7);
    let (sent, told) = desk.one::<GetNotificationClan, _>(call, &setting);
    assert_eq!((sent.clan_id, told.unwrap()), (7, setting));

    let setting = wire::NotifiReactMessage { id: 1, user_id: 17, channel_id: 8 };
    let call = desk.api().get_notification_react_message(8);
    let (sent, told) = desk.one::<GetNotificationReactMessage, _>(call, &setting);
    assert_eq!((sent.channel_id, told.unwrap()), (8, setting));
}

/// Row 176.
#[test]
fn a_server_that_does_not_know_a_call_any_more_does_not_support_it() {
    let mut desk = Desk::new();
    for code in [404, 501] {
        let call = desk.api().get_notification_react_message(8);
        let error = desk.finish(call, |_| status(code, Bytes::new())).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unsupported(_)), "{error:?}");
    }
}

/// Rows 177, 178.
#[test]
fn a_status_is_set_and_taken_away() {
    let Scene { mut sim, .. } = Scene::with(|_| {});
    sim.connect();
    for status in [Some("Playing Mezon"), Some(""), None] {
        sim.finish(sim.bot.api().update_status(status)).unwrap();
    }
}

/// Row 83.
#[test]
fn friends_are_listed_by_state_and_page() {
    let mut desk = Desk::new();
    let friend = |id, state| {
        let user = Some(wire::User { id, ..Default::default() });
        wire::Friend { user, state, ..Default::default() }
    };
    let page = wire::FriendList { friends: vec![friend(1, 0), friend(2, 2)], cursor: "next".into() };
    let call = desk.api().list_friends(100, None, "here");
    let (sent, list) = desk.one::<ListFriends, _>(call, &page);
    assert_eq!((sent.limit, sent.state, sent.cursor.as_str()), (100, 0, "here"));
    assert_eq!(list.unwrap(), page);

    for (state, number, left) in [(FriendState::Friend, 0, 1), (FriendState::InviteReceived, 2, 2)] {
        let call = desk.api().list_friends(0, Some(state), "");
        let (sent, list) = desk.one::<ListFriends, _>(call, &page);
        assert_eq!(sent.state, number);
        let list = list.unwrap();
        assert_eq!((list.friends, list.cursor.as_str()), (vec![friend(left, number)], "next"));
    }
}

/// Rows 84, 85.
#[test]
fn friends_are_invited_and_accepted() {
    let mut desk = Desk::new();
    let call = desk.api().accept_friend(7);
    let answer = wire::AddFriendsResponse { ids: vec![7], usernames: Vec::new() };
    let (sent, done) = desk.one::<AddFriends, _>(call, &answer);
    done.unwrap();
    assert_eq!((sent.ids, sent.usernames), (vec![7], Vec::<String>::new()));

    let call = desk.api().add_friend("bob", 0);
    let (sent, done) = desk.one::<AddFriends, _>(call, &answer);
    done.unwrap();
    assert_eq!((sent.ids, sent.usernames), (Vec::new(), vec!["bob".to_owned()]));

    let unknown = wire::AddFriendsResponse { ids: vec![0, 7], usernames: Vec::new() };
    let call = desk.api().add_friend("nobody", 7);
    let (sent, done) = desk.one::<AddFriends, _>(call, &unknown);
    assert_eq!(sent.ids, [7]);
    assert_eq!(done.unwrap_err().kind(), &ErrorKind::NotFound { what: "user nobody".into() });

    let error = desk.finish(desk.api().add_friend("", 0), |_| panic!("nothing is sent")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
}

/// Rows 128, 213.
#[test]
fn voice_users_are_listed_and_can_be_written_as_json() {
    let mut desk = Desk::new();
    let room = wire::VoiceChannelUser {
        user_ids: vec!["1840000000000000001".into(), "guest".into()],
        channel_id: 5,
        room_name: "room".into(),
        share_screen_ids: Vec::new(),
    };
    let list = wire::VoiceChannelUserList { voice_channel_users: vec![room] };
    let call = desk.api().list_channel_voice_users(ListVoiceUsers::new(9));
    let (sent, rooms) = desk.one::<ListChannelVoiceUsers, _>(call, &list);
    assert_eq!((sent.clan_id, sent.channel_id, sent.channel_type, sent.limit, sent.state), (9, 0, 0, 500, 0));
    assert_eq!(
        serde_json::to_value(rooms.unwrap()).unwrap(),
        json!([{
            "channel_id": "5", "room_name": "room", "user_ids": ["1840000000000000001"], "share_screen_ids": [],
        }])
    );
    for limit in [-1, 0, 501] {
        let call = desk.api().list_channel_voice_users(ListVoiceUsers { limit, ..ListVoiceUsers::new(9) });
        let error = desk.finish(call, |_| panic!("nothing is sent")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)));
    }
}

#[test]
fn meetings_have_tokens_and_links() {
    let mut desk = Desk::new();
    let call = desk.api().generate_meet_token(5, "room");
    let answer = wire::GenerateMeetTokenResponse { token: "voice-token".into() };
    let (sent, token) = desk.one::<GenerateMeetToken, _>(call, &answer);
    assert_eq!((sent.channel_id, sent.room_name.as_str()), (5, "room"));
    assert_eq!(token.unwrap().expose(), "voice-token");

    let answer = wire::GenerateMezonMeetResponse { external_link: "https://meet.test/1".into(), ..Default::default() };
    let call = desk.api().create_external_meet();
    let (_, meet) = desk.one::<CreateExternalMezonMeet, _>(call, &answer);
    assert_eq!(meet.unwrap(), answer);
}

#[test]
fn invitations_are_made_and_taken() {
    let mut desk = Desk::new();
    let answer = wire::LinkInviteUser { invite_link: "abc".into(), ..Default::default() };
    let call = desk.api().create_invite(5, 6, 7);
    let (sent, link) = desk.one::<CreateLinkInviteUser, _>(call, &answer);
    assert_eq!((sent.clan_id, sent.channel_id, sent.expiry_time, link.unwrap()), (5, 6, 7, answer));

    let answer = wire::InviteUserRes { clan_id: 5, user_joined: true, ..Default::default() };
    let call = desk.api().accept_invite(9);
    let (sent, joined) = desk.one::<InviteUser, _>(call, &answer);
    assert_eq!((sent.invite_id, joined.unwrap()), (9, answer));
}

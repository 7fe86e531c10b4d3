//! Envelopes and RPCs in general.

use std::time::{Duration, Instant};

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::transport::Frame;
use mezon_protocol::{ClanId, MessageId, Now};
use prost::Message as _;

use super::rig::{Rig, error_of};
use crate::world::{Action, World};

#[test]
fn a_ping_is_answered_by_a_pong_in_either_form() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    assert_eq!(rig.ask(conn, Message::Ping(Box::default())), Some(Message::Pong(Box::default())));
    rig.world.handle_frame(rig.now, conn, Frame::Ping(9));
    assert_eq!(rig.world.poll_transmit().unwrap().action, Action::Frame(Frame::Pong(9)));
    assert_eq!(rig.world.counters().pings, 2);
}

#[test]
fn a_member_that_this_mezon_does_not_handle_is_echoed() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let event = Message::VoiceJoinedEvent(Box::new(realtime::VoiceJoinedEvent {
        user_id: 5,
        ..realtime::VoiceJoinedEvent::default()
    }));
    assert_eq!(rig.ask(conn, event.clone()), Some(event));
}

#[test]
fn an_envelope_without_a_member_is_error_2() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.send_bytes(conn, vec![0x08, 0x09]);
    assert_eq!(error_of(rig.take_answer(conn, 9).unwrap().message).0, 2);
}

#[test]
fn an_undecodable_envelope_is_error_1_when_its_cid_can_be_read() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.send_bytes(conn, vec![0x08, 0x07, 0x42, 0x05, 0x01]);
    assert_eq!(error_of(rig.take_answer(conn, 7).unwrap().message).0, 1);
    rig.send_bytes(conn, vec![0x42, 0x05, 0x01]);
    assert_eq!(rig.world.poll_transmit(), None);
    assert_eq!(rig.world.counters().undecodable, 2);
}

#[test]
fn an_unknown_rpc_is_404_over_http_and_code_12_over_the_socket() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    assert_eq!(rig.rpc(&token, "NoSuchThing", &()).status, 404);
    let conn = rig.connect();
    assert_eq!(rig.call(conn, "NoSuchThing", &()).0, 12);
    assert_eq!(rig.world.counters().calls("?"), 2);
}

#[test]
fn a_body_that_does_not_decode_is_code_3() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let response = rig.http("/mezon.api.Mezon/ListChannelDescs", &token, vec![0xff, 0xff]);
    assert_eq!(response.status, 400);
}

#[test]
fn health_is_told_to_everybody() {
    assert_eq!(Rig::new().rpc("", "Healthcheck", &()).status, 200);
}

#[test]
fn the_account_is_ones_own() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let account = api::Account::decode(rig.rpc(&token, "GetAccount", &()).body).unwrap();
    assert_eq!(account.user.unwrap().username, "testbot");
}

fn labels(rig: &mut Rig, request: &api::ListChannelDescsRequest) -> Vec<String> {
    let token = rig.login().token;
    let list = api::ChannelDescList::decode(rig.rpc(&token, "ListChannelDescs", request).body).unwrap();
    list.channeldesc.into_iter().map(|channel| channel.channel_label).collect()
}

#[test]
fn the_channels_of_a_clan_are_those_one_sees_page_by_page() {
    let mut rig = Rig::new();
    let hidden = crate::NewChannel::private("hidden", [rig.bob]);
    rig.world.create_channel(rig.now, rig.clan, rig.alice, hidden);
    let all = api::ListChannelDescsRequest { clan_id: rig.clan.get(), channel_type: 1, ..Default::default() };
    assert_eq!(labels(&mut rig, &all), ["general", "secret", "aside"]);
    let second = api::ListChannelDescsRequest { limit: 2, page: 2, ..all.clone() };
    assert_eq!(labels(&mut rig, &second), ["aside"]);
    let foreign = api::ListChannelDescsRequest { clan_id: 5, ..all };
    let token = rig.login().token;
    assert_eq!(rig.rpc(&token, "ListChannelDescs", &foreign).status, 400);
}

#[test]
fn direct_channels_are_listed_under_the_name_of_the_other_and_groups_on_type_2() {
    let mut rig = Rig::new();
    rig.world.create_group(rig.now, rig.alice, "friends", [rig.bob, rig.bot]);
    let direct = api::ListChannelDescsRequest { channel_type: 3, ..Default::default() };
    assert_eq!(labels(&mut rig, &direct), ["alice"]);
    let both = api::ListChannelDescsRequest { channel_type: 2, ..Default::default() };
    assert_eq!(labels(&mut rig, &both), ["alice", "friends"]);
}

#[test]
fn a_channel_that_one_does_not_see_has_an_empty_detail() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let detail = |id: i64| api::ListChannelDetailRequest { channel_id: id };
    let known = rig.rpc(&token, "ListChannelDetail", &detail(rig.thread.get()));
    let known = api::ChannelDescription::decode(known.body).unwrap();
    assert_eq!((known.parent_id, known.r#type, known.clan_id), (rig.general.get(), 7, rig.clan.get()));
    let unknown = rig.rpc(&token, "ListChannelDetail", &detail(5));
    assert_eq!(api::ChannelDescription::decode(unknown.body).unwrap(), api::ChannelDescription::default());
}

#[test]
fn creating_a_direct_channel_gives_the_existing_one() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let with = |user: mezon_protocol::UserId| api::CreateChannelDescRequest {
        r#type: 3,
        channel_private: 1,
        user_ids: vec![user.get()],
        ..api::CreateChannelDescRequest::default()
    };
    let (alice, bob) = (with(rig.alice), with(rig.bob));
    let (_, body) = rig.call(conn, "CreateChannelDesc", &alice);
    assert_eq!(api::ChannelDescription::decode(&body[..]).unwrap().channel_id, rig.dm.get());
    let (_, body) = rig.call(conn, "CreateChannelDesc", &bob);
    let created = api::ChannelDescription::decode(&body[..]).unwrap();
    assert_eq!((created.channel_label.as_str(), created.user_ids[0]), ("bob", rig.bob.get()));
    assert_eq!(rig.world.direct_channel(rig.bot, rig.bob).unwrap().get(), created.channel_id);
    let nobody = api::CreateChannelDescRequest { user_ids: vec![5], ..bob };
    assert_eq!(rig.call(conn, "CreateChannelDesc", &nobody).0, 3);
}

#[test]
fn threads_and_text_channels_can_be_created_by_clients() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let request = api::CreateChannelDescRequest {
        clan_id: rig.clan.get(),
        parent_id: rig.general.get(),
        r#type: 7,
        channel_label: "side talk".to_owned(),
        ..api::CreateChannelDescRequest::default()
    };
    let (code, body) = rig.call(conn, "CreateChannelDesc", &request);
    let created = api::ChannelDescription::decode(&body[..]).unwrap();
    assert_eq!((code, created.parent_id, created.r#type), (0, rig.general.get(), 7));
}

#[test]
fn messages_are_listed_after_before_and_around_one() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let ids: Vec<MessageId> = (0..6).map(|n| rig.world.say(rig.now, rig.alice, rig.general, &n.to_string())).collect();
    let mut list = |anchor: MessageId, direction: i32, limit: i32| {
        let request = api::ListChannelMessagesRequest {
            clan_id: rig.clan.get(),
            channel_id: rig.general.get(),
            message_id: anchor.get(),
            limit,
            direction,
            topic_id: 0,
        };
        let list = api::ChannelMessageList::decode(rig.rpc(&token, "ListChannelMessages", &request).body).unwrap();
        assert_eq!(list.last_sent_message.unwrap().id, ids[5].get());
        list.messages.into_iter().map(|message| message.message_id).collect::<Vec<_>>()
    };
    let expected = |range: std::ops::Range<usize>| ids[range].iter().map(|id| id.get()).collect::<Vec<_>>();
    assert_eq!(list(MessageId::NONE, 0, 2), expected(4..6));
    assert_eq!(list(ids[2], 1, 2), expected(3..5));
    assert_eq!(list(ids[2], 3, 50), expected(0..2));
    assert_eq!(list(ids[2], 2, 4), expected(0..4));
}

#[test]
fn members_of_clans_and_channels_are_listed() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let clan = api::ListClanUsersRequest { clan_id: rig.clan.get() };
    let users = api::ClanUserList::decode(rig.rpc(&token, "ListClanUsers", &clan).body).unwrap();
    assert_eq!(users.clan_users.len(), 3);
    let count = |rig: &mut Rig, channel: mezon_protocol::ChannelId| {
        let request = api::ListChannelUsersRequest { channel_id: channel.get(), ..Default::default() };
        api::ChannelUserList::decode(rig.rpc(&token, "ListChannelUsers", &request).body).unwrap().channel_users.len()
    };
    let (general, secret) = (rig.general, rig.secret);
    assert_eq!((count(&mut rig, general), count(&mut rig, secret)), (3, 2));
}

#[test]
fn a_world_of_200_clans_with_200_channels_is_built_and_listed_quickly() {
    let begin = Instant::now();
    let mut builder = World::builder();
    let bot = builder.bot("bot", "key");
    let mut clans = Vec::new();
    for clan in 0..200 {
        let id = builder.clan(&format!("clan {clan}"));
        builder.member(id, bot);
        for channel in 0..200 {
            builder.channel(id, &format!("channel {channel}"));
        }
        clans.push(id);
    }
    let mut world = builder.build();
    let session = world.new_session(Now::default(), bot);
    let conn = world.connect(Now::default(), &format!("/ws?token={}", session.token)).unwrap();
    for clan in clans {
        let join = realtime::ClanJoin { clan_id: clan.get(), ..Default::default() };
        let envelope = realtime::Envelope { cid: 1, message: Some(Message::ClanJoin(Box::new(join))) };
        world.handle_frame(Now::default(), conn, Frame::Envelope(envelope.encode_to_vec().into()));
    }
    assert_eq!(world.joins(bot).clans.len(), 200);
    assert!(world.channels_of(ClanId::NONE).is_empty());
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[test]
fn status_requests_are_answered() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let follow = realtime::StatusFollow { user_ids: vec![rig.bot.get(), rig.alice.get()], usernames: Vec::new() };
    let answer = rig.ask(conn, Message::StatusFollow(Box::new(follow)));
    let Some(Message::Status(status)) = answer else { panic!("{answer:?}") };
    assert_eq!(status.presences.len(), 1, "only the bot has a connection");
    assert_eq!(rig.ask(conn, Message::StatusUpdate(Box::default())), None);
    let custom =
        realtime::CustomStatusEvent { clan_id: rig.clan.get(), status: "busy".to_owned(), ..Default::default() };
    let custom = Message::CustomStatusEvent(Box::new(custom));
    assert_eq!(rig.ask(conn, custom.clone()), Some(custom));
}

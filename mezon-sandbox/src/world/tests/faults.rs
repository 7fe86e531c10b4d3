//! What goes wrong on demand.

use std::time::Duration;

use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::transport::{ApiChunk, Frame};

use super::rig::{Rig, SECOND, ack_of, channel_join, clan_join, error_of, send_message, text_send};
use crate::world::{Action, Outgoing};

#[test]
fn a_drop_is_a_close_with_its_code_and_an_abort_is_none() {
    let mut rig = Rig::new();
    let first = rig.connect();
    assert_eq!(rig.world.drop_connection(rig.now, rig.bot, 1012), 1);
    assert_eq!(rig.ends(), [(first, Action::Close { code: 1012 })]);
    let second = rig.connect();
    assert_eq!(rig.world.abort(rig.now, rig.bot), 1);
    assert_eq!(rig.ends(), [(second, Action::Abort)]);
    assert_eq!(rig.world.drop_connection(rig.now, rig.bot, 1000), 0);
}

#[test]
fn a_half_open_connection_takes_and_gives_nothing_but_still_is_there() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    assert_eq!(rig.world.half_open(rig.bot), 1);
    let cid = rig.send(conn, Message::Ping(Box::default()));
    rig.send(conn, send_message(text_send(rig.clan, rig.general, 2, "lost")));
    rig.world.say(rig.now, rig.alice, rig.general, "lost too");
    assert!(rig.take_answer(conn, cid).is_none());
    assert_eq!(rig.pushes(conn), []);
    assert_eq!(rig.world.newest_connection(rig.bot), Some(conn));
    assert_eq!(rig.world.messages_in(rig.general).len(), 1, "what the client sent never arrived");
    rig.world.drop_connection(rig.now, rig.bot, 1001);
    assert_eq!(rig.ends(), [], "not even its end gets through");
}

#[test]
fn logins_are_refused_as_often_as_asked_with_retry_after() {
    let mut rig = Rig::new();
    rig.world.refuse_login(429, 1, Some(Duration::from_secs(7)));
    rig.world.refuse_login(503, 1, None);
    let limited = rig.try_login();
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("7")));
    assert_eq!(rig.try_login().status, 503);
    assert_eq!(rig.try_login().status, 200);
}

#[test]
fn connections_are_refused_or_closed_at_once() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    rig.world.refuse_connect(503, 2);
    rig.world.close_at_once(1);
    assert_eq!(rig.try_connect(&token), Err(503));
    assert_eq!(rig.try_connect(&token), Err(503));
    let closed = rig.try_connect(&token).unwrap();
    assert_eq!(rig.ends(), [(closed, Action::Close { code: 1001 })]);
    let open = rig.try_connect(&token).unwrap();
    assert_eq!((rig.ends().len(), rig.world.newest_connection(rig.bot)), (0, Some(open)));
}

#[test]
fn delayed_acks_come_late_and_nothing_else_does() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.delay_acks(SECOND);
    let cid = rig.send(conn, send_message(text_send(rig.clan, rig.general, 2, "x")));
    assert!(rig.take_answer(conn, cid).is_none());
    assert_eq!(rig.heard(conn).len(), 1, "the event is not held back");
    assert!(rig.ask(conn, Message::Ping(Box::default())).is_some());
    assert_eq!(rig.world.poll_timeout(), Some(rig.now.elapsed + SECOND));
    rig.wait(SECOND);
    ack_of(rig.take_answer(conn, cid).unwrap().message);
}

#[test]
fn a_swallowed_ack_leaves_a_stored_message() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.swallow_acks(1);
    let cid = rig.send(conn, send_message(text_send(rig.clan, rig.general, 2, "x")));
    rig.wait(SECOND);
    assert!(rig.take_answer(conn, cid).is_none());
    assert_eq!(rig.world.messages_in(rig.general).len(), 1);
    ack_of(rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, "y"))));
}

#[test]
fn a_swallowed_join_is_neither_performed_nor_answered() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.swallow_joins(1);
    let cid = rig.send(conn, clan_join(rig.clan));
    assert!(rig.take_answer(conn, cid).is_none());
    assert!(rig.world.joins(rig.bot).clans.is_empty());
    rig.join_clan(conn, rig.clan);
}

#[test]
fn the_join_of_one_channel_is_refused_as_often_as_asked() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.refuse_join(rig.dm, 2);
    rig.join_channel(conn, rig.thread);
    assert_eq!(error_of(rig.ask(conn, channel_join(rig.dm))).0, 3);
    assert_eq!(error_of(rig.ask(conn, channel_join(rig.dm))).0, 3);
    rig.join_channel(conn, rig.dm);
}

#[test]
fn sends_are_refused_over_socket_and_http_alike() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let token = rig.login().token;
    rig.world.refuse_sends(8, "slow down", 2);
    let send = text_send(rig.clan, rig.general, 2, "x");
    assert_eq!(error_of(rig.ask(conn, send_message(send.clone()))), (8, "slow down".to_owned()));
    assert_eq!(rig.rpc(&token, "SendChannelMessage", &send).status, 429);
    ack_of(rig.ask(conn, send_message(send)));
}

#[test]
fn an_rpc_fails_by_name_over_http_or_over_the_socket() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let conn = rig.connect();
    rig.world.http_status("ListClanDescs", 502, 1, None);
    rig.world.refuse_call("ListClanDescs", 14, "away", 1);
    assert_eq!(rig.rpc(&token, "GetAccount", &()).status, 200);
    assert_eq!(rig.rpc(&token, "ListClanDescs", &()).status, 502);
    assert_eq!(rig.rpc(&token, "ListClanDescs", &()).status, 200);
    assert_eq!(rig.call(conn, "ListClanDescs", &()), (14, b"away".to_vec()));
    assert_eq!(rig.call(conn, "ListClanDescs", &()).0, 0);
    assert_eq!(rig.world.counters().http_calls["ListClanDescs"], 2);
}

#[test]
fn connections_fall_in_a_period_until_it_is_stopped() {
    let mut rig = Rig::new();
    rig.world.drop_every(rig.now, Some(SECOND * 5));
    for _ in 0..4 {
        let conn = rig.connect();
        rig.wait(SECOND * 5);
        let ends = rig.ends();
        assert!(matches!(ends.as_slice(), [(dropped, _)] if *dropped == conn), "{ends:?}");
    }
    rig.world.drop_every(rig.now, None);
    assert_eq!(rig.world.poll_timeout(), None);
}

#[test]
fn arbitrary_bytes_and_events_reach_the_bot() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    assert!(rig.world.send_bytes(rig.bot, vec![0xde, 0xad]));
    assert!(rig.world.send_bytes(rig.bot, vec![0xff, 0, 1, 0, 2, 0, 0xff, 0x41]));
    assert!(rig.world.push_event(rig.bot, Message::VoiceStartedEvent(Box::default())));
    let bytes = Action::Frame(Frame::Envelope(vec![0xde, 0xad].into()));
    assert_eq!(rig.world.poll_transmit(), Some(Outgoing { conn, action: bytes }));
    let chunk = ApiChunk { cid: 1, code: 2, fin: true, payload: vec![0x41].into() };
    assert_eq!(rig.world.poll_transmit(), Some(Outgoing { conn, action: Action::Frame(Frame::Api(chunk)) }));
    assert_eq!(rig.pushes(conn), [Message::VoiceStartedEvent(Box::default())]);
    assert!(!rig.world.send_bytes(rig.alice, vec![0]));
}

#[test]
fn a_duplicated_event_arrives_twice() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.duplicate_events(1);
    rig.world.say(rig.now, rig.alice, rig.general, "one");
    rig.world.say(rig.now, rig.alice, rig.general, "two");
    let texts: Vec<String> = rig.heard(conn).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["one", "one", "two"]);
}

#[test]
fn pongs_are_swallowed_as_often_as_asked() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.swallow_pongs(1);
    let cid = rig.send(conn, Message::Ping(Box::default()));
    assert!(rig.take_answer(conn, cid).is_none());
    assert!(rig.ask(conn, Message::Ping(Box::default())).is_some());
}

#[test]
fn a_new_session_is_pushed_on_demand_and_after_connecting_if_so_set() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    assert!(rig.world.push_session(rig.now, rig.bot));
    let pushes = rig.pushes(conn);
    let [Message::RefreshSessionEvent(session)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert!(rig.try_connect(&session.token.clone()).is_ok());
    rig.world.settings_mut().session_after_connect = true;
    let conn = rig.connect();
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::RefreshSessionEvent(_)]));
}

#[test]
fn faults_combine() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.delay_acks(SECOND);
    rig.world.swallow_acks(1);
    rig.world.duplicate_events(1);
    let first = rig.send(conn, send_message(text_send(rig.clan, rig.general, 2, "a")));
    let second = rig.send(conn, send_message(text_send(rig.clan, rig.general, 2, "b")));
    assert_eq!(rig.heard(conn).len(), 3);
    rig.wait(SECOND);
    assert!(rig.take_answer(conn, first).is_none());
    assert!(rig.take_answer(conn, second).is_some());
}

#[test]
fn a_delayed_ack_of_a_connection_that_ended_goes_nowhere() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.delay_acks(SECOND);
    let update = realtime::ChannelMessageSend { ..text_send(rig.clan, rig.general, 2, "x") };
    let cid = rig.send(conn, send_message(update));
    rig.world.disconnected(rig.now, conn);
    rig.wait(SECOND);
    assert!(rig.take_answer(conn, cid).is_none());
}

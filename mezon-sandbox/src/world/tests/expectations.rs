//! Waiting for what a bot does, in virtual time.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ClanId, MessageId};

use super::rig::{Rig, SECOND, ack_of, send_message, text_send};
use crate::world::{ConnId, Matching};

fn bot_says(rig: &mut Rig, conn: ConnId, text: &str) -> MessageId {
    let ack = ack_of(rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, text))));
    MessageId::new(ack.message_id)
}

fn bot_replies(rig: &mut Rig, conn: ConnId, to: MessageId, text: &str) {
    let mut send = text_send(rig.clan, rig.general, 2, text);
    send.references = vec![api::MessageRef { message_ref_id: to.get(), ..api::MessageRef::default() }];
    ack_of(rig.ask(conn, send_message(send)));
}

#[test]
fn a_reply_meets_an_expectation_that_was_there_before() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let question = rig.world.say(rig.now, rig.alice, rig.general, "ping");
    let expected = rig.world.expect_reply(rig.now, question, "pong", SECOND);
    bot_says(&mut rig, conn, "pong");
    assert_eq!(rig.world.take_outcome(expected), None, "a message is no reply");
    bot_replies(&mut rig, conn, question, "pang");
    assert_eq!(rig.world.take_outcome(expected), None, "another text");
    bot_replies(&mut rig, conn, question, "pong");
    let said = rig.world.take_outcome(expected).unwrap().unwrap().unwrap();
    assert_eq!((said.text.as_str(), said.reply_to, said.sender), ("pong", Some(question), rig.bot));
    assert_eq!(rig.world.take_outcome(expected), None, "it is taken once");
}

#[test]
fn an_answer_that_came_before_the_expectation_meets_it_once() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    bot_says(&mut rig, conn, "hello");
    let first = rig.world.expect_message(rig.now, rig.general, Matching::contains("hell"), SECOND);
    assert!(rig.world.take_outcome(first).unwrap().is_ok());
    let second = rig.world.expect_message(rig.now, rig.general, Matching::any(), SECOND);
    assert_eq!(rig.world.take_outcome(second), None);
}

#[test]
fn what_does_not_come_in_time_fails_with_the_transcript() {
    let mut rig = Rig::new();
    let _conn = rig.connect_and_join();
    let question = rig.world.say(rig.now, rig.alice, rig.general, "ping");
    let expected = rig.world.expect_reply(rig.now, question, "pong", SECOND);
    assert_eq!(rig.world.poll_timeout(), Some(rig.now.elapsed + SECOND));
    rig.wait(SECOND);
    let unmet = rig.world.take_outcome(expected).unwrap().unwrap_err();
    assert_eq!(unmet.expected, r#"expected a reply to "ping" with the text "pong" within 1s"#);
    assert!(unmet.tail.contains(r#"00:00:00.000 #general alice says "ping""#), "{unmet}");
    assert!(unmet.tail.contains("testbot connects"), "{unmet}");
}

#[test]
fn edits_and_direct_messages_are_expected_too() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.join_channel(conn, rig.dm);
    let message = bot_says(&mut rig, conn, "…");
    let edit = rig.world.expect_edit(rig.now, message, "done", SECOND);
    let direct = rig.world.expect_dm(rig.now, rig.alice, Matching::any(), SECOND);
    let update = realtime::ChannelMessageUpdate {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        message_id: message.get(),
        content: r#"{"t":"done"}"#.to_owned(),
        mode: 2,
        ..realtime::ChannelMessageUpdate::default()
    };
    rig.ask(conn, Message::ChannelMessageUpdate(Box::new(update)));
    rig.ask(conn, send_message(text_send(ClanId::NONE, rig.dm, 4, "psst")));
    assert!(rig.world.take_outcome(edit).unwrap().is_ok());
    assert_eq!(rig.world.take_outcome(direct).unwrap().unwrap().unwrap().text, "psst");
}

#[test]
fn quiet_is_kept_or_broken() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    bot_says(&mut rig, conn, "long ago");
    rig.world.say(rig.now, rig.alice, rig.general, "silence, please");
    let kept = rig.world.expect_nothing(rig.now, rig.general, SECOND);
    rig.wait(SECOND);
    assert_eq!(rig.world.take_outcome(kept), Some(Ok(None)));
    let broken = rig.world.expect_nothing(rig.now, rig.bot, SECOND);
    bot_says(&mut rig, conn, "no");
    let unmet = rig.world.take_outcome(broken).unwrap().unwrap_err();
    assert!(unmet.tail.contains(r#"testbot says "no""#), "{unmet}");
}

#[test]
fn quiet_counts_from_the_last_thing_a_person_did_and_not_what_was_expected() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let question = rig.world.say(rig.now, rig.alice, rig.general, "ping");
    bot_replies(&mut rig, conn, question, "pong");
    let expected = rig.world.expect_reply(rig.now, question, "pong", SECOND);
    let quiet = rig.world.expect_nothing(rig.now, rig.general, SECOND);
    rig.wait(SECOND);
    assert!(rig.world.take_outcome(expected).unwrap().is_ok());
    assert_eq!(rig.world.take_outcome(quiet), Some(Ok(None)));

    rig.world.say(rig.now, rig.alice, rig.general, "again");
    bot_says(&mut rig, conn, "blurted out before anybody looked");
    let broken = rig.world.expect_nothing(rig.now, rig.general, SECOND);
    assert!(rig.world.take_outcome(broken).unwrap().is_err());
}

#[test]
fn two_expectations_are_not_met_by_one_message() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let first = rig.world.expect_message(rig.now, rig.general, "x", SECOND);
    let second = rig.world.expect_message(rig.now, rig.general, "x", SECOND);
    bot_says(&mut rig, conn, "x");
    rig.wait(SECOND);
    assert!(rig.world.take_outcome(first).unwrap().is_ok());
    assert!(rig.world.take_outcome(second).unwrap().is_err());
}

#[test]
fn a_forgotten_expectation_leaves_nothing_behind() {
    let mut rig = Rig::new();
    let expected = rig.world.expect_message(rig.now, rig.general, "x", SECOND);
    rig.world.forget(expected);
    assert_eq!(rig.world.poll_timeout(), None);
    rig.wait(SECOND);
    assert_eq!(rig.world.take_outcome(expected), None);
}

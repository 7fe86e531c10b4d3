//! What must be joined to be heard and to be written to.

use std::time::Duration;

use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, ClanId};

use super::rig::{MUST_JOIN, Rig, SECOND, ack_of, channel_join, clan_join, error_of, send_message, text_send};
use crate::world::NewChannel;
use crate::world::text::text_of;

fn send(rig: &mut Rig, conn: crate::ConnId, clan: ClanId, channel: ChannelId, mode: i32) -> Result<(), (i32, String)> {
    match rig.ask(conn, send_message(text_send(clan, channel, mode, "hi"))) {
        Some(Message::ChannelMessageAck(_)) => Ok(()),
        other => Err(error_of(other)),
    }
}

fn must_join() -> Result<(), (i32, String)> {
    Err((3, MUST_JOIN.to_owned()))
}

#[test]
fn without_joins_nothing_is_heard_and_nothing_may_be_written() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.say(rig.now, rig.alice, rig.general, "hello");
    assert_eq!(rig.heard(conn), []);
    let (clan, general) = (rig.clan, rig.general);
    assert_eq!(send(&mut rig, conn, clan, general, 2), must_join());
}

#[test]
fn a_clan_join_is_enough_for_its_public_channels_and_for_new_ones() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.join_clan(conn, rig.clan);
    let new = rig.world.create_channel(rig.now, rig.clan, rig.alice, NewChannel::text("new"));
    rig.world.say(rig.now, rig.alice, rig.general, "one");
    rig.world.say(rig.now, rig.alice, new, "two");
    assert_eq!(rig.heard(conn), [(0, "one".to_owned()), (0, "two".to_owned())]);
    let clan = rig.clan;
    assert_eq!(send(&mut rig, conn, clan, new, 2), Ok(()));
}

#[test]
fn a_clan_join_covers_the_private_channels_of_that_moment_but_not_newer_ones() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.join_clan(conn, rig.clan);
    let (clan, secret) = (rig.clan, rig.secret);
    assert_eq!(send(&mut rig, conn, clan, secret, 2), Ok(()));
    let newer = rig.world.create_channel(rig.now, rig.clan, rig.alice, NewChannel::private("newer", [rig.bot]));
    assert_eq!(send(&mut rig, conn, clan, newer, 2), must_join());
    rig.join_channel(conn, newer);
    assert_eq!(send(&mut rig, conn, clan, newer, 2), Ok(()));
}

#[test]
fn a_thread_needs_a_join_of_its_own() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let (clan, thread) = (rig.clan, rig.thread);
    assert_eq!(send(&mut rig, conn, clan, thread, 6), must_join());
    rig.join_channel(conn, thread);
    assert_eq!(send(&mut rig, conn, clan, thread, 6), Ok(()));
}

#[test]
fn with_threads_covered_a_clan_join_is_enough_for_them() {
    let mut rig = Rig::new();
    rig.world.settings_mut().threads_need_join = false;
    let conn = rig.connect_and_join();
    let (clan, thread) = (rig.clan, rig.thread);
    assert_eq!(send(&mut rig, conn, clan, thread, 6), Ok(()));
}

#[test]
fn clan_0_brings_direct_messages_only_to_those_who_are_in_no_clan() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.join_clan(conn, ClanId::NONE);
    rig.world.say(rig.now, rig.alice, rig.dm, "not heard");
    assert_eq!(rig.heard(conn), []);

    rig.world.remove_from_clan(rig.now, rig.clan, rig.bot);
    rig.world.say(rig.now, rig.alice, rig.dm, "heard");
    assert_eq!(rig.heard(conn), [(0, "heard".to_owned())]);

    rig.world.add_to_clan(rig.now, rig.clan, rig.bot);
    rig.world.say(rig.now, rig.alice, rig.dm, "silent again");
    assert_eq!(rig.heard(conn), []);
}

#[test]
fn a_direct_channel_that_was_joined_is_heard_in_a_clan_too() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let dm = rig.dm;
    assert_eq!(send(&mut rig, conn, ClanId::NONE, dm, 4), must_join());
    rig.join_channel(conn, dm);
    rig.world.say(rig.now, rig.alice, dm, "hello");
    assert_eq!(rig.heard(conn), [(0, "hello".to_owned())]);
    assert_eq!(send(&mut rig, conn, ClanId::NONE, dm, 4), Ok(()));
}

#[test]
fn joining_twice_does_no_harm_and_leaving_ends_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.join_channel(conn, rig.dm);
    rig.join_channel(conn, rig.dm);
    assert!(rig.world.joins(rig.bot).channels.contains(&rig.dm));
    let leave = mezon_protocol::proto::realtime::ChannelLeave { channel_id: rig.dm.get(), ..Default::default() };
    let answer = rig.ask(conn, mezon_protocol::proto::realtime::envelope::Message::ChannelLeave(Box::new(leave)));
    assert_eq!(answer, None, "an envelope with nothing but the cid");
    rig.world.say(rig.now, rig.alice, rig.dm, "gone");
    assert_eq!(rig.heard(conn), []);
}

#[test]
fn foreign_clans_and_channels_cannot_be_joined() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    assert_eq!(error_of(rig.ask(conn, clan_join(ClanId::new(5)))), (3, "clan not found".to_owned()));
    let private = rig.world.create_channel(rig.now, rig.clan, rig.alice, NewChannel::private("x", [rig.bob]));
    for channel in [ChannelId::new(5), private] {
        assert_eq!(error_of(rig.ask(conn, channel_join(channel))), (3, "channel not found".to_owned()));
    }
    assert_eq!(rig.world.counters().joins, 0);
}

#[test]
fn joins_belong_to_a_connection_and_are_asked_of_the_newest() {
    let mut rig = Rig::new();
    let first = rig.connect_and_join();
    assert_eq!(rig.world.joins(rig.bot).clans.len(), 2);
    let _second = rig.connect();
    assert_eq!(rig.world.joins(rig.bot), crate::world::Joins::default());
    assert_eq!(rig.world.joins_of(first).unwrap().clans.len(), 2);
}

#[test]
fn of_two_connections_of_a_bot_the_newest_that_joined_hears() {
    let mut rig = Rig::new();
    let first = rig.connect_and_join();
    let second = rig.connect();
    rig.world.say(rig.now, rig.alice, rig.general, "one");
    assert_eq!((rig.heard(first).len(), rig.heard(second).len()), (1, 0));
    rig.join_clan(second, rig.clan);
    rig.world.say(rig.now, rig.alice, rig.general, "two");
    assert_eq!((rig.heard(first).len(), rig.heard(second).len()), (0, 1));
    rig.world.settings_mut().newest_connection_hears = false;
    rig.world.say(rig.now, rig.alice, rig.general, "three");
    assert_eq!((rig.heard(first).len(), rig.heard(second).len()), (1, 1));
}

#[test]
fn a_channel_join_is_answered_by_the_channel_or_by_an_echo_as_set() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let answer = rig.ask(conn, channel_join(rig.dm));
    let Some(mezon_protocol::proto::realtime::envelope::Message::Channel(channel)) = answer else { panic!() };
    assert_eq!((channel.id, channel.chanel_label.as_str()), (rig.dm.get(), "alice"));
    assert_eq!(channel.self_.unwrap().username, "testbot");
    rig.world.settings_mut().echo_channel_join = true;
    assert_eq!(rig.ask(conn, channel_join(rig.dm)), Some(channel_join(rig.dm)));
}

#[test]
fn a_thread_that_rests_wakes_with_the_first_message_of_a_person() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.say(rig.now, rig.alice, rig.thread, "awake?");
    let pushes = rig.pushes(conn);
    let [Message::ChannelUpdatedEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.channel_id, event.channel_type, event.status), (rig.thread.get(), 7, 1));
    rig.join_channel(conn, rig.thread);
    rig.world.say(rig.now, rig.alice, rig.thread, "now");
    assert_eq!(rig.heard(conn), [(0, "now".to_owned())]);
}

#[test]
fn a_first_direct_message_is_heard_after_the_time_it_takes_to_type_it() {
    use mezon_protocol::proto::realtime::envelope::Message;
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let message = rig.world.dm(rig.now, rig.bob, rig.bot, "hi bot");
    let pushes = rig.pushes(conn);
    let [Message::UserChannelAddedEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    let channel = event.channel_desc.as_ref().unwrap();
    assert_eq!((channel.r#type, channel.user_ids.as_slice()), (3, [rig.bob.get()].as_slice()));
    assert!(event.users.iter().any(|user| user.user_id == rig.bot.get()));
    let id = ChannelId::new(channel.channel_id);
    rig.join_channel(conn, id);
    rig.wait(SECOND);
    assert_eq!(rig.heard(conn), [(0, "hi bot".to_owned())]);
    assert_eq!(rig.world.messages_in(id), [message]);
    let again = rig.world.dm(rig.now, rig.bob, rig.bot, "again");
    assert_eq!(rig.heard(conn), [(0, "again".to_owned())], "an open channel needs no time");
    assert_eq!(rig.world.messages_in(id), [message, again]);
}

#[test]
fn http_sends_need_no_join() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let send = text_send(rig.clan, rig.thread, 6, "from a script");
    assert_eq!(rig.rpc(&token, "SendChannelMessage", &send).status, 200);
    let conn = rig.connect_and_join();
    let ack = ack_of(rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, "x"))));
    assert_eq!(ack.channel_id, rig.general.get());
}

#[test]
fn what_follows_the_first_direct_message_does_not_overtake_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let one = rig.world.dm(rig.now, rig.bob, rig.bot, "one");
    let channel = rig.world.direct_channel(rig.bob, rig.bot).unwrap();
    rig.join_channel(conn, channel);
    rig.pushes(conn);
    rig.world.dm(rig.now, rig.bob, rig.bot, "two");
    rig.world.say(rig.now, rig.bob, channel, "three");
    rig.world.edit(rig.now, rig.bob, one, "uno");
    rig.world.react(rig.now, rig.bob, one, ":ok:");
    rig.world.delete(rig.now, rig.bob, one);
    rig.wait(Duration::from_millis(400));
    assert_eq!(rig.pushes(conn), []);
    rig.wait(Duration::from_millis(100));
    let heard = rig.pushes(conn).into_iter().map(|push| match push {
        Message::ChannelMessage(message) => (message.code, text_of(&message.content)),
        Message::MessageReactionEvent(reaction) => (-1, reaction.emoji),
        other => panic!("{other:?}"),
    });
    let expected = [(0, "one"), (0, "two"), (0, "three"), (1, "uno"), (-1, ":ok:"), (2, "")];
    assert!(heard.eq(expected.map(|(code, text)| (code, text.to_owned()))));
    rig.world.say(rig.now, rig.bob, channel, "four");
    assert_eq!(rig.heard(conn), [(0, "four".to_owned())], "nothing is held any more");
}

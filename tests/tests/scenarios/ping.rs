//! S1.

use mezon_protocol::proto::realtime::{ChannelMessageSend, envelope::Message as Member};
use mezon_protocol::route::Mode;
use mezon_protocol::{ChannelId, MessageId};
use mezon_sandbox::Matching;

use crate::bots::s01_ping::bot;
use crate::rig::{Play, QUIET, SOON};

/// Somebody says ping: the answer is one send and one edit, and nothing else is asked of the server.
async fn ping(play: &Play, channel: ChannelId, say: impl FnOnce(&Play) -> MessageId) -> ChannelMessageSend {
    let (calls, before) = (play.api_calls(), play.sent().len());
    let ping = say(play);
    let pong = play.sandbox.expect_reply(ping, "pong", SOON).await.unwrap();
    let edited = play.sandbox.expect_edit(pong.message, Matching::contains(" ms"), SOON).await.unwrap();
    assert!(edited.text.starts_with("pong, ") && pong.channel == channel, "{edited:?}");
    play.sandbox.expect_nothing(channel, QUIET).await.unwrap();
    assert_eq!(play.api_calls(), calls + 1, "the edit, and no lookup");
    let sent = play.sent().split_off(before);
    let [(_, Member::ChannelMessageSend(send)), (_, Member::ApiRequestEvent(edit))] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert_eq!(edit.api_name, "UpdateChannelMessage");
    let [reference] = &send.references[..] else { panic!("{:?}", send.references) };
    assert_eq!(reference.message_ref_id, ping.get());
    assert_eq!(reference.message_sender_id, play.alice.get());
    assert_eq!(reference.content, r#"{"t":"*ping"}"#);
    send.as_ref().clone()
}

#[tokio::test]
async fn ping_is_answered_in_its_channel_with_one_send_and_one_edit() {
    let play = Play::start(bot).await;
    let send = ping(&play, play.general, |play| play.sandbox.say(play.alice, play.general, "*ping")).await;
    assert_eq!((send.clan_id, send.mode, send.topic_id), (play.clan.get(), Mode::CHANNEL.0, 0));
    play.end().await;
}

#[tokio::test]
async fn and_in_its_topic() {
    let play = Play::start(bot).await;
    let subject = play.sandbox.say(play.bob, play.general, "About the kitchen:");
    let topic = play.sandbox.open_topic(play.alice, subject);
    let send = ping(&play, play.general, |play| play.sandbox.say_in_topic(play.alice, topic, "*ping")).await;
    assert_eq!(send.topic_id, topic.get());
    play.end().await;
}

#[tokio::test]
async fn and_in_direct_messages_and_threads() {
    let play = Play::start(bot).await;
    let greeting = play.sandbox.dm(play.alice, play.bot, "Hello!");
    let direct = play.sandbox.with(|world, _| world.direct_channel(play.alice, play.bot)).unwrap();
    let thread = play.sandbox.open_thread(play.alice, play.general, "the kitchen", [play.bot]);
    let bot_id = play.bot;
    let joined = play.sandbox.until("both are joined and the greeting is there", SOON, move |world| {
        let joins = world.joins(bot_id);
        let is_there = joins.channels.contains(&direct) && joins.channels.contains(&thread);
        is_there && world.text_of(greeting).is_some()
    });
    joined.await.unwrap();

    let send = ping(&play, direct, |play| play.sandbox.dm(play.alice, play.bot, "*ping")).await;
    assert_eq!((send.clan_id, send.mode), (0, Mode::DIRECT.0));
    let send = ping(&play, thread, |play| play.sandbox.say(play.alice, thread, "*ping")).await;
    assert_eq!((send.clan_id, send.mode), (play.clan.get(), Mode::THREAD.0));
    play.end().await;
}

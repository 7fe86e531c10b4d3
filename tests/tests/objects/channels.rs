//! Channels: threads, members, settings, polls.

use std::time::Duration;

use mezon_protocol::ErrorKind;
use mezon_protocol::object::{ChannelChange, NewChannel, NewPoll, NewThread, NotificationLevel};
use mezon_protocol::rest::media::PlayMedia;
use mezon_protocol::route::{ChannelKind, Mode};

use super::scene::scene;

#[test]
fn a_thread_is_created_written_to_listed_and_archived() {
    let mut scene = scene();
    let channel = scene.channel();
    let thread = scene.ok(channel.create_thread(NewThread::named("details")));
    assert_eq!((thread.name(), thread.kind()), ("details", Some(ChannelKind::THREAD)));
    assert_eq!(thread.info().unwrap().parent_id, channel.id());
    let sent = scene.ok(thread.send("first"));
    assert_eq!(sent.sent().route.mode, Mode::THREAD);
    let threads = scene.ok(channel.list_threads(1));
    assert_eq!(threads.iter().map(|thread| thread.name()).collect::<Vec<_>>(), ["details"]);
    scene.ok(thread.archive());
    scene.ok(thread.unarchive());
    scene.ok(thread.leave_thread());
    scene.pass();
    assert!(!scene.sim.bot.channels().contains(thread.id()), "we are told that we are no longer in it");
}

#[test]
fn a_channel_changes_only_in_what_is_given() {
    let mut scene = scene();
    let channel = scene.channel();
    scene.ok(channel.update(ChannelChange { topic: Some("weather".into()), ..ChannelChange::default() }));
    scene.ok(channel.rename("lobby"));
    scene.pass();
    let now = scene.ok(channel.fetch());
    assert_eq!((now.channel_label.as_str(), now.topic.as_str()), ("lobby", "weather"));
    assert_eq!(scene.sim.bot.channel(scene.general).name(), "lobby", "by the event too");
}

#[test]
fn members_come_and_go_and_a_channel_is_made_private_and_deleted() {
    let mut scene = scene();
    let (clan, alice) = (scene.clan(), scene.alice);
    let channel = scene.ok(clan.create_channel(NewChannel { is_private: true, ..NewChannel::named("staff") }));
    scene.ok(channel.add_users([alice]));
    let users = scene.ok(channel.list_users(0, ""));
    assert!(users.iter().any(|user| user.id() == alice && user.nick(clan.id()) == "Al"));
    scene.ok(channel.remove_users([alice]));
    scene.ok(channel.make_public());
    scene.ok(channel.make_private([alice], []));
    scene.ok(channel.delete());
    assert!(!scene.sim.bot.channels().contains(channel.id()));
}

#[test]
fn notifications_of_a_channel_are_set_and_muted() {
    let mut scene = scene();
    let channel = scene.channel();
    scene.ok(channel.set_notification_level(NotificationLevel::Nothing));
    assert_eq!(scene.ok(channel.notification()).notification_setting_type, 3);
    scene.ok(channel.mute(Some(Duration::from_secs(90))));
    let muted = scene.ok(channel.notification()).time_mute_seconds;
    assert!((1..=90).contains(&muted), "{muted}");
    scene.ok(channel.mute(None));
    scene.ok(channel.unmute());
    let webhook = scene.ok(channel.create_webhook("news", ""));
    assert!(!webhook.url.is_empty());
    assert_eq!(scene.ok(channel.list_webhooks()).len(), 1);
}

#[test]
fn a_poll_is_created_voted_on_and_closed() {
    let mut scene = scene();
    let poll = scene.ok(scene.channel().create_poll(NewPoll::new("tea?", ["yes", "no"])));
    assert_eq!(scene.ok(poll.vote([1])), [1]);
    let now = scene.ok(poll.fetch());
    assert_eq!((now.question.as_str(), &now.answer_counts[..], now.is_closed), ("tea?", &[0, 1][..], false));
    scene.ok(poll.close());
    assert!(scene.ok(scene.channel().poll(poll.id(), poll.message_id()).fetch()).is_closed);
}

#[test]
fn media_are_played_in_voice_rooms_only() {
    let mut scene = scene();
    let media = PlayMedia {
        participant_identity: scene.sim.bot_id.to_string(),
        participant_name: "bot".into(),
        url: "https://cdn.test/a.mp3".into(),
        name: "a song".into(),
        ..PlayMedia::default()
    };
    let kind = scene.kind_of(scene.channel().play_media(media.clone()));
    assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{kind:?}");
    scene.ok(scene.sim.bot.channel(scene.voice).play_media(media));
}

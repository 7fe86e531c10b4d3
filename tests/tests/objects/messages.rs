//! Messages: sent, found again, answered, changed.

use std::time::Duration;

use mezon_protocol::content::serde_json::json;
use mezon_protocol::content::{Attachment, Content, Mention, Reference};
use mezon_protocol::memory::CacheLimits;
use mezon_protocol::object::History;
use mezon_protocol::{ErrorKind, Event, TopicId};

use super::scene::{Scene, scene, scene_with};

/// Rows 49, 52, 53, 138, 140.
#[test]
fn a_sent_message_is_found_by_its_id_at_once_and_changed() {
    let mut scene = scene();
    scene.sim.takes_events = false;
    let channel = scene.channel();
    let sent = scene.ok(channel.send(Content::text("one")));
    let found = channel.messages().get(sent.id()).expect("its echo was not taken");
    assert_eq!((found.text().as_ref(), found.sender_id(), found.is_own()), ("one", scene.sim.bot_id, true));
    let updated = scene.ok(found.edit("two"));
    assert_eq!((updated.id(), updated.text().as_ref()), (sent.id(), "two"));
    assert_eq!(scene.text_of(sent.id()).as_deref(), Some("two"));
    assert_eq!(channel.messages().get(sent.id()).map(|message| message.text().into_owned()).as_deref(), Some("two"));
}

/// Rows 50, 57.
#[test]
fn a_message_may_be_text_a_content_or_json() {
    let mut scene = scene();
    let channel = scene.channel();
    let json = Content::from_json(json!({"t": "json"})).unwrap();
    for (content, text) in [("str".into(), "str"), (String::from("string").into(), "string"), (json, "json")] {
        let content: Content = content;
        let sent = scene.ok(channel.send(content));
        assert_eq!(scene.text_of(sent.id()).as_deref(), Some(text));
    }
}

/// Rows 51, 61, 136.
#[test]
fn mentions_and_attachments_of_one_field_are_sent_and_kept_by_an_edit() {
    let mut scene = scene();
    let (channel, alice) = (scene.channel(), scene.alice);
    let content = Content::text("look")
        .mention(Mention::user(alice))
        .attachment(Attachment::from_url("https://cdn.test/a.png"))
        .mention_everyone();
    let sent = scene.ok(channel.send(content));
    let message = channel.messages().get(sent.id()).unwrap();
    assert_eq!(message.mentions()[0].user_id, alice);
    assert_eq!(message.attachments()[0].url, "https://cdn.test/a.png");
    let edited = scene.ok(sent.edit("look again"));
    assert_eq!((edited.mentions().len(), edited.attachments().len()), (1, 1));
    scene.pass();
    let events = scene.sim.take_events();
    let updated =
        events.iter().find_map(|event| if let Event::MessageUpdated(message) = event { Some(message) } else { None });
    let updated = updated.expect("the edit was pushed");
    assert_eq!((updated.mentions().len(), updated.attachments().len()), (1, 1), "the server has them still");
}

/// Row 62.
#[test]
fn what_the_server_says_of_a_message_is_kept() {
    let mut scene = scene();
    let sent = scene.ok(scene.channel().send("hi"));
    let ack = &sent.sent().ack;
    assert_eq!((ack.channel_id, ack.message_id), (scene.general.get(), sent.id().get()));
    assert!(ack.create_time_seconds > 0);
    assert_eq!(sent.to_message().data().create_time_seconds(), ack.create_time_seconds);
}

/// Rows 54, 139.
#[test]
fn a_reply_names_the_message_with_mentions_and_attachments_and_is_found_as_well() {
    let mut scene = scene();
    let heard = scene.hear("*ping");
    let content = Content::text("pong").mention(scene.alice).attach_url("https://cdn.test/a.png", "image/png");
    let reply = scene.ok(heard.reply(content));
    let found = scene.channel().messages().get(reply.id()).unwrap();
    assert_eq!(found.references()[0].message_id, heard.id());
    assert_eq!(found.references()[0].sender_name, "Al");
    assert_eq!((found.mentions().len(), found.attachments().len()), (1, 1));
    let asked: u64 =
        ["ListChannelDetail", "ListClanUsers", "CreateChannelDesc"].iter().map(|name| scene.asked(name)).sum();
    assert_eq!(asked, 0, "all that is needed comes with the message");
}

/// Rows 55, 138.
#[test]
fn a_message_comes_from_memory_else_from_the_server() {
    let mut scene = scene();
    let heard = scene.hear("hello");
    let messages = scene.channel().messages();
    assert_eq!(
        messages.get(heard.id().to_string()).map(|message| message.text().into_owned()).as_deref(),
        Some("hello")
    );
    assert_eq!(scene.ok(messages.fetch(heard.id())).text(), "hello");
    assert_eq!(scene.asked("ListChannelMessages"), 0);

    messages.clear();
    assert!(messages.get(heard.id()).is_none());
    let fetched = scene.ok(messages.fetch(heard.id()));
    assert_eq!((fetched.text().as_ref(), fetched.route()), ("hello", heard.route()));
    assert_eq!(scene.asked("ListChannelMessages"), 1);
    assert!(messages.contains(heard.id()));
    let kind = scene.kind_of(messages.fetch(7_i64));
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
}

/// Row 138.
#[test]
fn a_channel_keeps_two_hundred_messages() {
    let mut scene = scene();
    let first = scene.hear("0");
    for k in 1..=200 {
        scene.hear(&k.to_string());
    }
    let messages = scene.channel().messages();
    assert_eq!(messages.len(), CacheLimits::default().messages_per_channel);
    assert!(!messages.contains(first.id()));
    assert_eq!(messages.first().map(|message| message.text().into_owned()).as_deref(), Some("1"));
}

/// Rows 56, 137.
#[test]
fn an_ephemeral_message_is_seen_by_one_user_or_several_and_not_remembered() {
    let mut scene = scene();
    let (channel, alice, bob) = (scene.channel(), scene.alice, scene.bob);
    let to_one = scene.ok(channel.send_ephemeral(alice, "psst"));
    let to_two = scene.ok(channel.send_ephemeral([alice, bob], Content::text("psst")));
    assert_ne!(to_one, to_two);
    scene.ok(channel.update_ephemeral(alice, to_one, "psst!"));
    scene.ok(channel.delete_ephemeral(alice, to_one));
    scene.pass();
    assert!(scene.channel().messages().get(to_one).is_none());
    let kind = scene.kind_of(channel.send_ephemeral(Vec::new(), "psst"));
    assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{kind:?}");
}

/// Rows 59, 60, 62.
#[test]
fn the_legacy_call_takes_everything_by_hand_and_mode_1_as_2() {
    let mut scene = scene();
    let bot = scene.sim.bot.clone();
    let heard = scene.hear("question");
    let content = Content::text("answer")
        .mention(scene.alice)
        .attach_url("https://cdn.test/a.png", "image/png")
        .reference(Reference::to(heard.id()));
    let (clan, channel) = (scene.clan.to_string(), scene.general.to_string());
    let sent = scene.ok(bot.send_message(clan, channel, 1, true, content));
    assert_eq!(sent.sent().route.mode.0, 2);
    assert_eq!(sent.sent().ack.channel_id, scene.general.get());
    let found = scene.channel().messages().get(sent.id()).unwrap();
    assert_eq!(found.references()[0].message_id, heard.id());
    let kind = scene.kind_of(bot.send_message("clan", scene.general, 2, true, "no"));
    assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{kind:?}");
}

#[test]
fn edits_and_deletions_by_others_change_what_is_remembered() {
    let mut scene = scene();
    let (heard, alice) = (scene.hear("one"), scene.alice);
    let messages = scene.channel().messages();
    scene.sim.act(|world, now| world.edit(now, alice, heard.id(), "two"));
    scene.pass();
    assert_eq!(messages.get(heard.id()).map(|message| message.text().into_owned()).as_deref(), Some("two"));
    scene.sim.act(|world, now| world.delete(now, alice, heard.id()));
    scene.pass();
    assert!(messages.get(heard.id()).is_none());
}

#[test]
fn a_message_that_we_delete_is_forgotten() {
    let mut scene = scene();
    let sent = scene.ok(scene.channel().send("oops"));
    scene.sim.takes_events = false;
    scene.ok(sent.delete());
    assert!(scene.channel().messages().get(sent.id()).is_none());
    assert_eq!(scene.text_of(sent.id()), None);
}

#[test]
fn a_message_is_edited_and_deleted_by_its_id_alone() {
    let mut scene = scene_with(|config| config.cache(CacheLimits::OFF));
    let id = scene.ok(scene.channel().send("one")).id();
    let message = scene.sim.bot.channel(scene.general).message(id);
    scene.ok(message.edit("two"));
    assert_eq!(scene.text_of(id).as_deref(), Some("two"));
    assert_eq!(scene.ok(message.fetch()).text(), "two");
    scene.ok(message.react(0, ":ok:"));
    scene.ok(message.unreact(0, ":ok:"));
    scene.ok(message.delete());
    assert_eq!(scene.text_of(id), None);
}

#[test]
fn the_pages_of_the_history_are_sorted_and_end() {
    let mut scene = scene();
    let heard: Vec<_> = (0..30).map(|k| scene.hear(&k.to_string()).id()).collect();
    let channel = scene.channel();
    let ids = |scene: &mut Scene, which, limit| -> Vec<_> {
        scene.ok(channel.history(which, limit)).iter().map(|message| message.id()).collect()
    };
    let newest = ids(&mut scene, History::Newest, 10);
    assert!(newest.is_sorted() && newest.len() >= 9 && newest.last() == heard.last(), "{newest:?}");
    let before = ids(&mut scene, History::Before(heard[10]), 50);
    assert!(before.starts_with(&heard[..10]), "{before:?}");
    let after = ids(&mut scene, History::After(heard[25]), 50);
    assert!(after.ends_with(&heard[26..]), "{after:?}");
    let around = ids(&mut scene, History::Around(heard[15]), 6);
    assert!(around.contains(&heard[15]), "{around:?}");
}

#[test]
fn messages_are_pinned_listed_and_unpinned() {
    let mut scene = scene();
    let (heard, channel) = (scene.hear("keep this"), scene.channel());
    scene.ok(heard.pin());
    let pins = scene.ok(channel.list_pins());
    assert_eq!(pins.iter().map(|pin| pin.message_id).collect::<Vec<_>>(), [heard.id().get()]);
    scene.ok(heard.unpin());
    assert!(scene.ok(channel.list_pins()).is_empty());
    let kind = scene.kind_of(heard.unpin());
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
}

#[test]
fn a_topic_is_opened_on_a_message_and_what_is_sent_there_belongs_to_it() {
    let mut scene = scene();
    let heard = scene.hear("discuss");
    let topic = scene.ok(heard.create_topic());
    assert!(topic.topic_id() != TopicId::NONE && topic.id() == scene.general);
    let sent = scene.ok(topic.send("first"));
    assert_eq!(sent.address().topic_id, topic.topic_id());
    assert_eq!(sent.channel().topic_id(), topic.topic_id());
}

#[test]
fn a_message_is_forwarded_with_all_that_it_says() {
    let mut scene = scene();
    let heard = scene.hear("news");
    let direct = scene.ok(scene.sim.bot.create_dm_channel(scene.bob));
    let sent = scene.ok(heard.forward_to(&direct));
    let message = sent.to_message();
    assert_eq!((message.text().as_ref(), message.content().get("fwd")), ("news", Some(&json!(true))));
}

#[test]
fn a_buzz_has_its_code() {
    let mut scene = scene();
    let sent = scene.ok(scene.channel().buzz("wake up"));
    scene.sim.run_for(Duration::from_secs(1));
    let message = scene.channel().messages().get(sent.id()).unwrap();
    assert_eq!(message.code(), 8);
}

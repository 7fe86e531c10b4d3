use super::*;
use crate::id::UserId;
use crate::proto::api;
use prost::Message as _;

const CHANNEL: ChannelId = ChannelId::new(5);

fn proto(id: i64, time: u32) -> api::ChannelMessage {
    api::ChannelMessage {
        clan_id: 1,
        channel_id: CHANNEL.get(),
        message_id: id,
        sender_id: 9,
        username: "alice".into(),
        content: r#"{"t":"xin chào"}"#.into(),
        create_time_seconds: time,
        mode: 2,
        is_public: true,
        ..Default::default()
    }
}

fn data(proto: &api::ChannelMessage) -> MessageData {
    MessageData::from_proto(proto, UserId::NONE)
}

fn ids(messages: &[MessageData]) -> Vec<i64> {
    messages.iter().map(|data| data.message_id().get()).collect()
}

#[test]
fn a_message_is_the_same_after_it_was_stored() {
    let mut message = proto(3, 100);
    message.topic_id = 8;
    message.mentions = api::MessageMentionList {
        mentions: vec![api::MessageMention { user_id: 7, username: "bob".into(), s: 3, e: 7, ..Default::default() }],
    }
    .encode_to_vec();
    let received = data(&message);
    let stored = StoredMessage::from(&received);
    assert_eq!(stored.mentions[0]["user_id"], "7");

    let again = stored.to_message(UserId::new(9)).unwrap();
    assert!(again.is_own());
    assert_eq!(crate::content::decode_mentions(again.mentions()), crate::content::decode_mentions(received.mentions()));
    let without_lists = |data: &MessageData| api::ChannelMessage { mentions: Vec::new(), ..data.to_proto() };
    assert_eq!(without_lists(&again), without_lists(&received));
}

#[test]
fn what_is_no_json_object_comes_back_to_the_letter() {
    for raw in ["", "hello", "\"text\"", "[1]", "{\"t\":\"line\nbreak\"}", "null"] {
        let stored = StoredMessage::from(&data(&api::ChannelMessage { content: raw.into(), ..proto(3, 100) }));
        let content = stored.to_message(UserId::NONE).unwrap().content().to_owned();
        assert_eq!(content, if raw.is_empty() { "{}" } else { raw });
    }
}

#[test]
fn what_was_stored_under_other_ids_than_numbers_is_no_message_of_the_platform() {
    assert!(StoredMessage::new("msg_456", "channel_123").to_message(UserId::NONE).is_none());
    let broken = StoredMessage { details: vec![0xff], ..StoredMessage::new(1, 2) };
    assert!(broken.to_message(UserId::NONE).is_none());
}

#[test]
fn nothing_that_was_written_is_shown() {
    let shown = format!("{:?}", StoredMessage::from(&data(&proto(3, 100))));
    assert!(shown.contains('3') && !shown.contains("chào") && !shown.contains("alice"), "{shown}");
}

#[test]
fn edits_replace_removals_remove_and_typing_is_nothing() {
    let pushed = |code| data(&api::ChannelMessage { code, ..proto(3, 100) });
    assert!(matches!(Change::of(&pushed(0)), Some(Change::Put(_))));
    assert!(matches!(Change::of(&pushed(1)), Some(Change::Put(_))));
    assert!(matches!(Change::of(&pushed(2)), Some(Change::Remove(CHANNEL, id)) if id.get() == 3));
    assert!(Change::of(&pushed(3)).is_none());
}

#[test]
fn a_store_in_memory_does_what_a_store_does() {
    let mut store = MemoryStore::new();
    let put = |id, time| Change::Put(data(&proto(id, time)));
    store.apply(&[put(1, 100), put(2, 101), put(3, 101), put(4, 0)]).unwrap();
    assert_eq!(ids(&store.page(CHANNEL, 10, 0).unwrap()), [3, 2, 1, 4]);
    assert_eq!(ids(&store.page(CHANNEL, 1, 1).unwrap()), [2]);
    assert_eq!(store.newest().unwrap(), [(CHANNEL, MessageId::new(3))]);

    // an edit that does not say when the message was sent
    store.apply(&[put(3, 0), Change::Add(data(&proto(2, 500))), Change::Remove(CHANNEL, MessageId::new(1))]).unwrap();
    let messages = store.page(CHANNEL, 10, 0).unwrap();
    assert_eq!(ids(&messages), [3, 2, 4]);
    assert_eq!(messages[0].create_time_seconds(), 101);
    assert_eq!(messages[1].create_time_seconds(), 101, "what is stored is not replaced");
    assert!(store.get(CHANNEL, MessageId::new(1)).unwrap().is_none());
}

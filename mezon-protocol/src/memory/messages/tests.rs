//! Tests of the memory of messages: what is kept, what goes first, what it takes.

use proptest::prelude::*;

use super::*;
use crate::proto::api;

fn message(channel: i64, id: i64) -> MessageData {
    let proto = api::ChannelMessage { channel_id: channel, message_id: id, ..Default::default() };
    MessageData::from_proto(&proto, UserId::NONE)
}

fn messages(per_channel: usize, max_bytes: usize, kept: &[(i64, i64)]) -> Messages {
    let mut messages = Messages::new(per_channel, max_bytes);
    for (channel, id) in kept {
        messages.set(&message(*channel, *id));
    }
    messages
}

fn ids(messages: &Messages, channel: i64) -> Vec<i64> {
    messages.of_channel(channel.into()).map(|message| message.message_id().get()).collect()
}

/// What one message of these tests takes.
fn one() -> usize {
    messages(10, 1 << 20, &[(1, 10)]).bytes()
}

#[test]
fn a_channel_keeps_its_latest_messages() {
    let mut messages = messages(3, 1 << 20, &[(1, 10), (1, 20), (1, 30), (1, 40), (2, 50)]);
    assert_eq!((ids(&messages, 1), ids(&messages, 2)), (vec![20, 30, 40], vec![50]));
    messages.set(&message(1, 5));
    assert_eq!(ids(&messages, 1), [30, 40, 5], "an old one that is fetched is kept as well");
    messages.set(&message(1, 30));
    assert_eq!(ids(&messages, 1), [30, 40, 5], "a known one evicts nothing");
}

#[test]
fn too_much_in_all_is_taken_from_the_quietest_channel() {
    let mut messages = messages(10, 3 * one(), &[(1, 10), (1, 20), (2, 30), (1, 40)]);
    assert_eq!((ids(&messages, 1), ids(&messages, 2)), (vec![10, 20, 40], vec![]));
    messages.set(&message(3, 50));
    assert_eq!((ids(&messages, 1), ids(&messages, 3)), (vec![20, 40], vec![50]));
    assert!(messages.bytes() <= 3 * one());
}

#[test]
fn a_message_that_is_larger_than_the_memory_is_not_kept() {
    let mut messages = messages(10, 1000, &[(1, 10)]);
    let content = "a".repeat(2000);
    let large = api::ChannelMessage { channel_id: 2, message_id: 20, content, ..Default::default() };
    messages.set(&MessageData::from_proto(&large, UserId::NONE));
    assert_eq!((messages.bytes(), messages.count(2.into())), (0, 0));
    messages.set(&message(1, 30));
    assert_eq!(ids(&messages, 1), [30]);
}

#[test]
fn messages_are_forgotten_one_by_one_or_by_channel() {
    let mut messages = messages(10, 1 << 20, &[(1, 10), (1, 20), (2, 30)]);
    assert!(messages.remove(1.into(), 10.into()));
    assert!(!messages.remove(1.into(), 10.into()) && !messages.remove(9.into(), 10.into()));
    messages.clear(1.into());
    assert_eq!((messages.bytes(), messages.count(1.into())), (one(), 0));
    assert!(messages.remove(2.into(), 30.into()));
    assert!(messages.bytes() == 0 && messages.channels.is_none_or(|channels| channels.is_empty()));
}

#[test]
fn an_edit_concerns_only_what_is_kept() {
    let mut messages = messages(10, 1 << 20, &[(1, 10)]);
    assert!(messages.replace(&message(1, 10)));
    assert!(!messages.replace(&message(1, 11)) && !messages.replace(&message(2, 10)));
    assert_eq!(messages.bytes(), one());
    assert!(messages.get(1.into(), 10.into()).is_some() && messages.get(1.into(), 11.into()).is_none());
}

#[test]
fn room_that_is_used_again_shrinks() {
    let mut messages = Messages::new(1, 1 << 20);
    let content = "a".repeat(100_000);
    let large = api::ChannelMessage { channel_id: 1, message_id: 10, content, ..Default::default() };
    messages.set(&MessageData::from_proto(&large, UserId::NONE));
    assert!(messages.bytes() > 100_000);
    messages.set(&message(1, 20));
    assert!(messages.bytes() < 1000);
}

#[test]
fn a_limit_of_zero_keeps_nothing() {
    assert_eq!(messages(0, 1 << 20, &[(1, 10)]).bytes(), 0);
    assert_eq!(messages(10, 0, &[(1, 10)]).bytes(), 0);
}

proptest! {
    #[test]
    fn the_bounds_hold_and_the_bytes_are_counted_right(
        steps in prop::collection::vec((0..6_u8, 1..5_i64, 1..40_i64, 0..300_usize), 1..200)
    ) {
        let mut messages = Messages::new(5, 4000);
        for (step, channel, id, len) in steps {
            let content = "a".repeat(len);
            let proto = api::ChannelMessage { channel_id: channel, message_id: id, content, ..Default::default() };
            let data = MessageData::from_proto(&proto, UserId::NONE);
            match step {
                0 => drop(messages.remove(channel.into(), id.into())),
                1 => drop(messages.replace(&data)),
                2 => messages.clear(channel.into()),
                _ => messages.set(&data),
            }
            let shelves: Vec<&Shelf> = messages.channels.iter().flatten().map(|(_, shelf)| shelf).collect();
            let bytes: usize = shelves.iter().flat_map(|shelf| &shelf.messages).map(|(_, kept)| kept.size()).sum();
            prop_assert_eq!(messages.bytes(), bytes);
            prop_assert!(bytes <= 4000);
            prop_assert!(shelves.iter().all(|shelf| (1..=5).contains(&shelf.messages.len())));
        }
    }
}

//! Tests of decoding: every member of the Envelope, and what is made of it.

use std::marker::PhantomData;
use std::mem::size_of;
use std::sync::Arc;

use prost::Message as _;
use realtime::envelope;

use super::*;
use crate::call::Call;
use crate::id::UserId;

/// Runs no calls; as large as an adapter's backend is, one pointer.
#[derive(Clone, Debug)]
struct Nobody(#[expect(dead_code, reason = "it is there for its size")] Arc<()>);

impl Backend for Nobody {
    type Outcome<T: Send + 'static> = PhantomData<fn() -> T>;

    fn call<C: Call>(&self, _: C) -> Self::Outcome<C::Output> {
        PhantomData
    }
}

macro_rules! defaults {
    (
        handles { $($handles:tt)* }
        boxed { $($boxed:tt)* }
    ) => {
        defaults! { @rows $($handles)* $($boxed)* }
    };
    (@rows $(
        $kind:ident = $field:literal, $wire:tt, $direction:ident $(($on:ident $(, $alias:literal)*))?,
            $generated:ident($type:ty), $doc:literal;
    )*) => {
        /// Every member of the Envelope with its kind and the name of its variant, nothing set in it.
        ///
        /// That none is missing is known from `EventKind::of`, which has an arm for each and no other.
        fn every_member() -> Vec<(EventKind, &'static str, envelope::Message)> {
            vec![$((
                EventKind::$kind,
                stringify!($generated),
                envelope::Message::$generated(Box::<$type>::default()),
            )),*]
        }
    };
}

members!(defaults);

#[test]
fn every_member_of_the_envelope_is_decoded_into_an_event_of_its_kind() {
    for (kind, _, member) in every_member() {
        assert_eq!(EventKind::of(&member), kind);

        let (field, body) = only_member(&realtime::Envelope { cid: 0, message: Some(member) });
        assert_eq!(field, kind.field(), "{kind}");

        let event = decode(field, body).unwrap();
        assert_eq!(event.kind(), Some(kind), "{event:?}");
    }
}

#[test]
fn names_on_the_wire_are_those_that_the_generated_names_come_from() {
    for (kind, generated, _) in every_member() {
        let camel: String = kind.name().split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(camel, generated);
    }
}

#[test]
fn nothing_of_a_push_is_lost() {
    let created = realtime::ChannelCreatedEvent { channel_id: 5, channel_label: "new".into(), ..Default::default() };
    let Ok(Event::ChannelCreated(event)) = decode(31, created.encode_to_vec()) else { panic!() };
    assert_eq!(*event, created);
}

#[test]
fn messages_are_new_edited_or_deleted_by_their_code() {
    let event = |code| {
        let message = api::ChannelMessage { message_id: 9, code, ..Default::default() };
        decode(6, message.encode_to_vec()).unwrap()
    };
    for code in [0, 5, 12, 99, -1] {
        assert!(matches!(event(code), Event::Message(message) if message.data().code() == code));
    }
    assert!(matches!(event(1), Event::MessageUpdated(message) if message.data().message_id().get() == 9));
    assert!(matches!(event(2), Event::MessageDeleted(message) if message.data().message_id().get() == 9));
}

#[test]
fn handles_know_who_we_are() {
    let message = api::ChannelMessage { sender_id: OWN.get(), ..Default::default() };
    assert!(matches!(decode(6, message.encode_to_vec()), Ok(Event::Message(message)) if message.data().is_own()));
    let reaction = api::MessageReaction { sender_id: 3, ..Default::default() };
    assert!(matches!(decode(26, reaction.encode_to_vec()), Ok(Event::Reaction(reaction)) if !reaction.is_own()));
}

#[test]
fn an_error_that_answers_nothing_is_an_event() {
    let error = realtime::Error { code: 3, message: "bad".into(), ..Default::default() };
    assert!(matches!(decode(12, error.encode_to_vec()), Ok(Event::ServerError(event)) if *event == error));
}

#[test]
fn members_that_this_build_does_not_know_are_given_as_they_came() {
    let Ok(Event::Unknown { field: 580, bytes }) = decode(580, b"hello".to_vec()) else { panic!() };
    assert_eq!(bytes, "hello");
}

#[test]
fn what_cannot_be_decoded_says_what_it_was() {
    for kind in EventKind::ALL {
        let error = decode(kind.field(), b"\x07\xff".to_vec()).unwrap_err();
        assert_eq!(error.kind(), Some(*kind));
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn the_life_of_the_connection_comes_through_unchanged() {
    let gap = Some(Duration::from_secs(3));
    let raw = RawEvent::Lifecycle(Lifecycle::Ready { resumed: true, gap });
    let event = Event::decode(raw, &nobody()).unwrap();
    assert_eq!(event.kind(), None);
    assert!(matches!(event, Event::Ready { resumed: true, gap: Some(gap) } if gap.as_secs() == 3));
}

#[test]
fn content_is_not_shown() {
    let error = realtime::Error { message: "secret".into(), ..Default::default() };
    let session = api::Session { token: "secret".into(), ..Default::default() };
    let message = api::ChannelMessage { content: "secret".into(), ..Default::default() };
    let shown = [
        format!("{:?}", decode(12, error.encode_to_vec())),
        format!("{:?}", decode(96, session.encode_to_vec())),
        format!("{:?}", decode(6, message.encode_to_vec())),
        format!("{:?}", decode(580, b"secret".to_vec())),
    ];
    assert!(shown[0].contains("ServerError"));
    assert!(!shown.concat().contains("secret"), "{shown:?}");
}

#[test]
fn an_event_is_small_enough_to_move_about() {
    assert!(size_of::<Event<Nobody>>() <= 64, "{}", size_of::<Event<Nobody>>());
}

#[test]
fn events_can_be_sent_to_other_threads() {
    fn is_send<T: Send + Sync + 'static>() {}
    is_send::<Event<Nobody>>();
    is_send::<MessageData>();
    is_send::<DecodeError>();
}

const OWN: UserId = UserId::new(77);

fn nobody() -> Nobody {
    Nobody(Arc::default())
}

fn decode(field: u32, body: Vec<u8>) -> Result<Event<Nobody>, DecodeError> {
    Event::decode(RawEvent::Push(Push { field, body: body.into(), own_id: OWN, replayed: false }), &nobody())
}

/// The field number and the bytes of the one member of an envelope.
fn only_member(envelope: &realtime::Envelope) -> (u32, Vec<u8>) {
    let encoded = envelope.encode_to_vec();
    let mut rest = encoded.as_slice();
    let (field, _) = prost::encoding::decode_key(&mut rest).unwrap();
    let len = prost::encoding::decode_varint(&mut rest).unwrap();
    assert_eq!(len, rest.len() as u64);
    (field, rest.to_vec())
}

//! Allocations on the hot path, counted. One test, as those of the whole process are counted.

use std::hint::black_box;

use bytes::Bytes;
use mezon_protocol::memory::CacheLimits;
use mezon_protocol::proto::api::ChannelMessage;
use mezon_protocol::proto::realtime::{Envelope, MessageTypingEvent, envelope::Message};
use mezon_protocol::transport::{Frame, Incoming};
use mezon_protocol::{Config, Event, Interest, UserId};
use mezon_sandbox::World;
use mezon_tests::backend::Collector;
use mezon_tests::sim::Sim;
use prost::Message as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 1000;

fn ready(interest: Interest) -> Sim {
    let mut world = World::builder().seed(5);
    let bot = world.bot("bot", "the-key");
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false).interest(interest);
    let mut sim = Sim::new(config, world.build(), 5);
    sim.connect();
    sim.take_events();
    sim
}

fn chat() -> Bytes {
    let message = ChannelMessage {
        clan_id: 1,
        channel_id: 2,
        message_id: 3,
        sender_id: UserId::new(4).get(),
        username: "alice".into(),
        content: r#"{"t":"hello there"}"#.into(),
        mode: 2,
        ..Default::default()
    };
    envelope(Message::ChannelMessage(Box::new(message)))
}

fn envelope(message: Message) -> Bytes {
    let bytes = Bytes::from(Envelope { cid: 0, message: Some(message) }.encode_to_vec());
    // as when it comes out of a read buffer: from the first share on, sharing allocates nothing
    drop(bytes.clone());
    bytes
}

/// Allocations per frame, from the frame to the event that a user has read.
fn allocations_per_frame(interest: Interest, cache: CacheLimits, frame: &Bytes) -> f64 {
    let mut sim = ready(interest);
    let (now, socket, backend) = (sim.now(), sim.socket().unwrap(), Collector::remembering(cache));
    let take = |sim: &mut Sim| {
        sim.machine.handle_incoming(now, socket, Incoming::Frame(Frame::Envelope(frame.clone())));
        while let Some(raw) = sim.machine.poll_event() {
            match Event::decode(raw, &backend).unwrap() {
                Event::Message(message) => drop(black_box((message.sender_id(), message.text().len()))),
                other => drop(black_box(other)),
            }
        }
    };
    take(&mut sim);
    let counts = (0..5).map(|_| {
        let region = Region::new(ALLOCATOR);
        for _ in 0..ROUNDS {
            take(&mut sim);
        }
        let change = region.change();
        change.allocations + change.reallocations
    });
    // the least of them: another thread of the process may allocate at any moment
    counts.min().expect("there are five") as f64 / ROUNDS as f64
}

#[test]
fn a_filtered_event_allocates_nothing_and_a_chat_message_at_most_once() {
    let typing =
        envelope(Message::MessageTypingEvent(Box::new(MessageTypingEvent { channel_id: 2, ..Default::default() })));
    let (off, on) = (CacheLimits::OFF, CacheLimits::default());
    let filtered = allocations_per_frame(Interest::messages(), on, &typing);
    let unwanted = allocations_per_frame(Interest::NONE, on, &chat());
    let wanted = allocations_per_frame(Interest::ALL, off, &chat());
    let remembered = allocations_per_frame(Interest::ALL, on, &chat());
    println!(
        "allocations: a filtered event {filtered}, an unwanted chat message {unwanted}, a chat message {wanted}, one \
         that is remembered {remembered}"
    );
    assert_eq!(filtered, 0.0);
    assert_eq!(unwanted, 0.0);
    assert!(wanted <= 1.0, "{wanted}");
    assert!(remembered <= 1.0, "{remembered}");
}

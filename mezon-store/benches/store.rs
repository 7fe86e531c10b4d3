//! How long the database takes: `cargo bench -p mezon-store`. The file is in the folder for temporary files, and takes
//! about 1 GB for a minute.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::LazyLock;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use mezon_protocol::event::MessageData;
use mezon_protocol::machine::BackfillPolicy;
use mezon_protocol::proto::api;
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::store::{LeftOff, Position};
use mezon_protocol::{ChannelId, ClanId, MessageId, TopicId, UserId};
use mezon_store::{Change, MessageDb, MessageStore as _};
use prost::Message as _;

const BOT: UserId = UserId::new(17);
const ROWS: i64 = 1_000_000;
const CHANNELS: i64 = 50;
/// The id of the first message, as long as they are.
const FIRST: i64 = 1_990_000_000_000_000_000;
const CHANNEL: ChannelId = channel(7);

fn main() {
    divan::main();
    let _ = fs::remove_dir_all(folder());
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("mezon-store-bench-{}", std::process::id()))
}

const fn channel(number: i64) -> ChannelId {
    ChannelId::new(1_840_000_000_000_000_000 + number % CHANNELS)
}

/// A message of usual length, 376 bytes.
fn message(number: i64) -> Change {
    let message = api::ChannelMessage {
        clan_id: 1_779_484_504_377_790_464,
        channel_id: channel(number).get(),
        message_id: FIRST + number,
        sender_id: 1_800_396_411_926_220_800 + number % 1000,
        username: "nguyen.van.a".into(),
        avatar: "https://cdn.mezon.ai/1779484504377790464/1800396411926220800/avatar.webp".into(),
        content: r#"{"t":"Hello everyone, the build is green again and can be deployed"}"#.into(),
        channel_label: "general".into(),
        category_name: "Text channels".into(),
        display_name: "Nguyen Van A".into(),
        clan_nick: "A".into(),
        create_time_seconds: 1_767_225_600 + u32::try_from(number / 10).expect("small"),
        mode: 2,
        is_public: true,
        ..Default::default()
    };
    Change::Put(MessageData::parse(Bytes::from(message.encode_to_vec()), UserId::NONE).expect("encoded just now"))
}

fn handled(number: i64) -> Change {
    let clan = ClanId::new(1_779_484_504_377_790_464);
    let route = Route::of_message(channel(number), clan, Mode::CHANNEL, true);
    Change::Handled(BOT, Position { route, topic: TopicId::NONE, message: MessageId::new(FIRST + number) })
}

/// A database with a million messages in fifty channels. Made before time is taken.
static MILLION: LazyLock<MessageDb> = LazyLock::new(|| {
    let mut db = MessageDb::at(folder().join("million.db"));
    for batch in (0..ROWS).collect::<Vec<_>>().chunks(1000) {
        let batch: Vec<_> = batch.iter().map(|number| message(*number)).collect();
        db.apply(&batch).expect("there is room");
    }
    db
});

#[divan::bench(args = [1, 100, 1000], sample_count = 5)]
fn save_10_000_in_batches_of(bencher: Bencher, size: usize) {
    let messages: Vec<_> = (0..10_000).map(message).collect();
    let path = folder().join(format!("save-{size}.db"));
    let empty = || {
        let db = MessageDb::at(&path);
        db.open().expect("it can be opened");
        (0..CHANNELS).for_each(|number| {
            db.clear_channel_messages(channel(number)).expect("it can be written");
        });
        db
    };
    bencher.counter(ItemsCount::new(messages.len())).with_inputs(empty).bench_values(|mut db| {
        messages.chunks(size).for_each(|batch| db.apply(batch).expect("there is room"));
    });
}

/// As a client does it: each message when it is taken, and when it has been handled.
#[divan::bench(sample_count = 5)]
fn save_10_000_and_how_far_they_were_handled(bencher: Bencher) {
    let changes: Vec<_> = (0..10_000).flat_map(|number| [message(number), handled(number)]).collect();
    let path = folder().join("handled.db");
    let open = || {
        let db = MessageDb::at(&path);
        db.open().expect("it can be opened");
        db
    };
    bencher.counter(ItemsCount::new(10_000_u64)).with_inputs(open).bench_values(|mut db| {
        changes.chunks(1000).for_each(|batch| db.apply(batch).expect("there is room"));
    });
}

#[divan::bench(sample_count = 10)]
fn save_1_000_beside_a_million(bencher: Bencher) {
    let mut db = MILLION.clone();
    let mut next = ROWS;
    let batch = || {
        next += 1000;
        (next..next + 1000).map(message).collect::<Vec<_>>()
    };
    bencher.with_inputs(batch).bench_local_values(|batch| db.apply(&batch).expect("there is room"));
}

#[divan::bench(sample_count = 20)]
fn count_all_of_a_million(bencher: Bencher) {
    LazyLock::force(&MILLION);
    bencher.bench(|| MILLION.count_all().expect("it can be read"));
}

#[divan::bench(sample_count = 20)]
fn count_one_channel_of_20_000(bencher: Bencher) {
    LazyLock::force(&MILLION);
    bencher.bench(|| MILLION.get_message_count(CHANNEL).expect("it can be read"));
}

#[divan::bench(args = [0, 1000, 19_000])]
fn page_of_50_after(bencher: Bencher, offset: usize) {
    LazyLock::force(&MILLION);
    bencher.bench(|| MILLION.get_messages_by_channel(CHANNEL, 50, black_box(offset)).expect("it can be read"));
}

#[divan::bench]
fn fetch_one(bencher: Bencher) {
    LazyLock::force(&MILLION);
    let mut next = 0;
    bencher.bench_local(|| {
        next = (next + 7919) % ROWS;
        let found = MILLION.get_message_by_id(FIRST + next, channel(next)).expect("it can be read");
        assert!(found.is_some());
    });
}

/// What a client asks when it is started.
#[divan::bench]
fn where_it_left_off(bencher: Bencher) {
    let mut db = MILLION.clone();
    let handled: Vec<_> = (ROWS - CHANNELS..ROWS).map(handled).chain([Change::Seen(BOT, 1_767_325_000)]).collect();
    db.apply(&handled).expect("there is room");
    let policy = BackfillPolicy::default();
    bencher.bench_local(|| LeftOff::read(&mut db, BOT, &policy).expect("it can be read").expect("it was used"));
}

#[divan::bench]
fn newest_of_each_channel(bencher: Bencher) {
    LazyLock::force(&MILLION);
    bencher.bench(|| MILLION.clone().newest().expect("it can be read"));
}

//! What a client does with a store of messages.

use std::fs;
use std::future::{Future as _, poll_fn};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use mezon_client::{Client, Driven};
use mezon_protocol::event::MessageData;
use mezon_protocol::memory::CacheLimits;
use mezon_protocol::object::Message;
use mezon_protocol::proto::api;
use mezon_protocol::store::{Change, MessageStore as _, StoredMessage};
use mezon_protocol::{ChannelId, UserId};
use mezon_store::MessageDb;
use prost::Message as _;
use smol::block_on;

use crate::adapters::Adapter;
use crate::town::{Running, SOON, Town, reports, tell_texts, until};

/// A database in a folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("mezon-stored-{}-{number}", std::process::id())))
    }

    pub fn db(&self) -> MessageDb {
        MessageDb::at(self.file("messages.db"))
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The texts that are stored of a channel, the newest first.
fn texts<R: Adapter>(client: &Client<R>, channel: ChannelId) -> Vec<String> {
    let stored = R::answer(client.stored(channel, 100, 0)).unwrap();
    stored.iter().map(|message| message.text().into_owned()).collect()
}

async fn fetch<R: Adapter>(
    town: &Town<R>,
    message: impl Into<mezon_protocol::MessageId>,
) -> Result<Message<Driven<R>>, mezon_protocol::Error> {
    R::ended(town.client.channel(town.general).messages().fetch(message.into())).await
}

/// Answers everything, and tells what was answered.
fn answering<R: Adapter>(town: &Town<R>) -> (Running, crate::town::Reports<String>) {
    let (tell, answered) = reports();
    town.client.on_message(move |message| {
        let tell = tell.clone();
        async move {
            let result = R::ended(message.reply("answered")).await;
            tell.send(message.text().into_owned()).unwrap();
            result
        }
    });
    (town.run(), answered)
}

/// Rows 189, 195, 283.
pub fn what_is_received_and_sent_is_stored_as_it_is_now<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::storing(folder.db());
    let (tell, changed) = reports();
    for_each_change(&town.client, move || tell.send(()).unwrap());
    let said = tell_texts(&town.client);
    // so that these also tell when the store has been given what the server says of the bot's own
    town.client.handle_own(true);
    let running = town.run();

    let (first, second) = (town.say("first"), town.say("second"));
    assert_eq!(said.take(2), ["first", "second"]);
    assert_eq!(texts(&town.client, town.general), ["second", "first"]);
    town.sandbox.with(|world, now| {
        world.edit(now, town.alice, first, "edited");
        world.delete(now, town.alice, second);
    });
    changed.take(2);
    assert_eq!(texts(&town.client, town.general), ["edited"]);

    let sent = block_on(R::ended(town.client.channel(town.general).send("mine"))).unwrap();
    assert_eq!(texts(&town.client, town.general), ["mine", "edited"]);
    assert_eq!(said.take(1), ["mine"]);
    block_on(R::ended(sent.edit("mine, too"))).unwrap();
    assert_eq!(texts(&town.client, town.general), ["mine, too", "edited"]);
    changed.take(1);
    assert!(R::answer(town.client.stored(town.general, 1, 0)).unwrap()[0].is_own());
    block_on(R::ended(sent.delete())).unwrap();
    assert_eq!(texts(&town.client, town.general), ["edited"]);
    changed.take(1);

    let general = town.general;
    town.say("at last");
    assert_eq!(said.take(1), ["at last"]);
    R::answer(town.client.shutdown(SOON));
    // another program, later
    let left = folder.db().get_messages_by_channel(general, MessageDb::LIMIT, 0).unwrap();
    assert_eq!(left.iter().map(|message| message.content["t"].clone()).collect::<Vec<_>>(), ["at last", "edited"]);
    running.end().unwrap();
}

/// Row 190.
pub fn what_is_stored_is_fetched_without_the_server<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::storing(folder.db());
    let message = api::ChannelMessage {
        channel_id: town.general.get(),
        clan_id: town.clan.get(),
        message_id: 1_900_000_000_000_000_001,
        sender_id: town.bot.get(),
        username: "bot".into(),
        content: r#"{"t":"from before"}"#.into(),
        create_time_seconds: 1_760_000_000,
        mode: 2,
        is_public: true,
        ..Default::default()
    };
    let data = MessageData::parse(message.encode_to_vec().into(), UserId::NONE).unwrap();
    folder.db().apply(&[Change::Put(data)]).unwrap();

    // the client was never started: no connection, no login
    let fetched = block_on(fetch(&town, message.message_id)).unwrap();
    assert_eq!((&*fetched.text(), fetched.is_own(), fetched.sender_name()), ("from before", true, "bot"));
    assert!(town.client.channel(town.general).messages().contains(message.message_id), "it is remembered from now on");
    assert_eq!(town.sandbox.with(|world, _| world.counters().connects), 0);
    // and what is neither here nor there needs the server
    assert!(block_on(fetch(&town, 5)).is_err());
}

pub fn what_is_not_stored_is_fetched_from_the_server_and_stored<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::built(|config| config.cache = CacheLimits::OFF, |builder| builder.store(folder.db()));
    let before = town.say("before the bot came");
    let running = town.run();
    let calls = |name: &str| town.sandbox.with(|world, _| world.counters().calls(name));

    let fetched = block_on(fetch(&town, before)).unwrap();
    assert_eq!(fetched.text(), "before the bot came");
    assert_eq!(calls("ListChannelMessages"), 1);
    assert_eq!(texts(&town.client, town.general), ["before the bot came"]);
    assert_eq!(block_on(fetch(&town, before)).unwrap().text(), "before the bot came");
    assert_eq!(calls("ListChannelMessages"), 1, "nobody was asked again");
    town.end(running);
}

pub fn a_damaged_store_stops_nothing<R: Adapter>() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.db().path(), vec![0x5a; 10_000]).unwrap();
    let town = Town::<R>::storing(folder.db());
    let (running, answered) = answering(&town);
    let said = town.say("hello");
    assert_eq!(answered.next(), "hello");
    assert!(R::answer(town.client.stored(town.general, 10, 0)).is_err());
    let stats = town.client.store_stats();
    assert!(stats.lost > 0 && stats.stored == 0, "{stats:?}");
    town.client.channel(town.general).messages().clear();
    assert_eq!(block_on(fetch(&town, said)).unwrap().text(), "hello", "the server is asked");
    town.end(running);
}

pub fn a_full_disk_stops_nothing<R: Adapter>() {
    let (folder, long) = (Folder::new(), "x".repeat(1000));
    let db = folder.db().with_max_bytes(512 * 1024);
    // what is there already leaves no room
    let mut other = StoredMessage::new(0, 17);
    other.content = long.clone().into();
    while db.save_message(&other).is_ok() {
        other.id.push('0');
    }

    let town = Town::<R>::storing(db.clone());
    let (running, answered) = answering(&town);
    while town.client.store_stats().failures == 0 {
        town.say(&long);
        answered.next();
    }
    town.say("hello");
    assert_eq!(answered.next(), "hello");
    let general = town.general;
    assert!(!texts(&town.client, general).iter().any(|text| text == "hello"));

    // there is room again
    assert!(db.clear_channel_messages(17).unwrap() > 0);
    assert!(texts(&town.client, general).iter().any(|text| text == "hello"), "it is not stored now");
    until("nothing to wait", || town.client.store_stats().waiting == 0);
    assert_eq!(town.client.store_stats().lost, 0);
    town.end(running);
}

/// Row 281.
pub fn ten_thousand_messages_are_stored_while_the_bot_answers<R: Adapter>() {
    const COUNT: usize = 10_000;
    let folder = Folder::new();
    let town = Town::<R>::storing(folder.db());
    let (tell, thousands) = reports();
    let seen = AtomicU32::new(0);
    town.client.on_message(move |_| {
        if (seen.fetch_add(1, Ordering::Relaxed) + 1) % 1000 == 0 {
            tell.send(()).unwrap();
        }
    });
    let running = town.run();
    for from in (0..COUNT).step_by(100) {
        town.sandbox.with(|world, now| {
            for k in from..from + 100 {
                world.say(now, town.alice, town.channels[k % town.channels.len()], &k.to_string());
            }
        });
    }
    thousands.take(COUNT / 1000);
    // the last are stored when somebody asks
    let stored: usize =
        town.channels.iter().map(|channel| R::answer(town.client.stored(*channel, COUNT, 0)).unwrap().len()).sum();
    let stats = town.client.store_stats();
    assert_eq!((stored, stats.stored, stats.lost), (COUNT, COUNT as u64, 0));
    assert_eq!(folder.db().count_all().unwrap(), COUNT as u64);
    town.end(running);
}

/// Tells of edits and removals.
fn for_each_change<R: Adapter>(client: &Client<R>, tell: impl Fn() + Clone + Send + Sync + 'static) {
    let also = tell.clone();
    client.on_message_updated(move |_| tell());
    client.on_message_deleted(move |_| also());
}

/// Rows 191, 192.
#[test]
fn without_a_client_the_executor_goes_on_while_the_database_waits() {
    let folder = Folder::new();
    folder.db().open().unwrap();
    let other = rusqlite::Connection::open(folder.db().path()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let db = mezon_tokio::MessageDb::at(folder.db().path()).with_patience(SOON * 6);
        let mut saving = db.save_message(StoredMessage::new("msg_456", "channel_123"));
        let is_pending = poll_fn(|cx| Poll::Ready(Pin::new(&mut saving).poll(cx).is_pending())).await;
        assert!(is_pending, "somebody else has the file");
        other.execute_batch("COMMIT").unwrap();
        saving.await.unwrap();
        assert_eq!(db.get_message_count("channel_123").await.unwrap(), 1);
        assert_eq!(db.get_messages_by_channel("channel_123", 50, 0).await.unwrap()[0].id, "msg_456");
        assert!(db.get_message_by_id("msg_456", "channel_123").await.unwrap().is_some());
        assert!(db.delete_message("msg_456", "channel_123").await.unwrap());
        assert_eq!(db.clear_channel_messages("channel_123").await.unwrap(), 0);
        assert_eq!(db.count_all().await.unwrap(), 0);
        db.close().await.unwrap();
        db.open().await.unwrap();
    });
}

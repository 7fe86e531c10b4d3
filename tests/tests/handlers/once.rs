//! Messages that are sent once, with a store that outlives the client.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mezon_client::Client;
use mezon_protocol::event::MessageData;
use mezon_protocol::store::{
    Change, Entry, MemoryOutbox, MemoryStore, MessageStore, Outbox, OutboxItem, Progress, Settled, StoreError,
    Unsettled,
};
use mezon_protocol::{ChannelId, Config, Error, ErrorKind, MessageId, Sent, UserId};
use mezon_tests::DEAD_PORT;
use mezon_tokio::TokioRuntime;
use smol::block_on;

use crate::adapters::Adapter;
use crate::process::{self, Process};
use crate::stored::Folder;
use crate::town::{SOON, Town, until};

type Sending = JoinHandle<Result<MessageId, Error>>;

/// Queues a message, and waits for its end elsewhere; for a driver as well.
fn queue<R: Adapter>(client: &Client<R>, channel: ChannelId, key: &'static str) -> Sending {
    let bot = client.bot();
    thread::spawn(move || {
        let start = Instant::now();
        loop {
            let sent = block_on(R::ended(bot.channel(channel).queue_once(key, key)));
            match sent {
                Err(error) if *error.kind() == ErrorKind::NotConnected && start.elapsed() < SOON => thread::yield_now(),
                sent => return sent.map(|sent| sent.id()),
            }
        }
    })
}

fn keys<R: Adapter>(client: &Client<R>) -> Vec<String> {
    R::answer(client.outbox()).unwrap().into_iter().map(|item| item.key).collect()
}

fn said<R: Adapter>(town: &Town<R>) -> Vec<String> {
    town.sandbox.with(|world, _| world.said_by_clients().map(|said| said.text.clone()).collect())
}

/// A new client of the same account, as after a restart.
fn replace<R: Adapter>(town: &mut Town<R>, store: impl MessageStore) {
    let config = Config::bot(town.bot, "the-key").unwrap().host("127.0.0.1").port(town.sandbox.port()).use_tls(false);
    town.client = Client::builder(config.without_rate_limits()).store(store).build().unwrap();
}

/// C11.
pub fn what_was_queued_once_is_sent_by_the_next_client<R: Adapter>() {
    let folder = Folder::new();
    let unreachable = |config: &mut Config| {
        config.port = DEAD_PORT;
        config.retry_login = true;
    };
    let mut town = Town::<R>::built(unreachable, |builder| builder.store(folder.db()));
    let running = town.start();
    let mut queued = Vec::new();
    for (count, key) in ["one", "two", "three"].into_iter().enumerate() {
        queued.push(queue(&town.client, town.general, key));
        until("it to be kept", || keys(&town.client).len() == count + 1);
    }
    town.client.close();
    for sending in queued {
        assert_eq!(*sending.join().unwrap().unwrap_err().kind(), ErrorKind::Closed);
    }
    running.end().unwrap();

    replace(&mut town, folder.db());
    assert_eq!(keys(&town.client), ["one", "two", "three"], "no connection is needed to look");
    let running = town.run();
    until("all to be sent", || keys(&town.client).is_empty());
    assert_eq!(said(&town), ["one", "two", "three"]);

    // the key is known, now and after a restart
    let first = queue(&town.client, town.general, "one").join().unwrap().unwrap();
    town.client.close();
    running.end().unwrap();
    replace(&mut town, folder.db());
    let running = town.run();
    let again = block_on(R::ended(town.client.channel(town.general).queue_once("one", "one"))).unwrap();
    assert_eq!((again.id(), said(&town).len()), (first, 3));
    block_on(R::ended(again.edit("uno"))).unwrap();
    assert_eq!(town.sandbox.with(|world, _| world.text_of(first)).unwrap(), "uno");
    town.end(running);
}

/// C11.
pub fn a_message_that_is_given_twice_is_answered_once<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::storing(folder.db());
    town.client.on_message(|message| async move { R::ended(message.queue_reply_once("answer")).await });
    let running = town.run();
    for _ in 0..3 {
        town.sandbox.with(|world, _| world.duplicate_events(1));
        let asked = town.say("question");
        town.sandbox.expect_reply(asked, "answer", SOON).wait().unwrap();
    }
    until("all to be settled", || town.pending_calls() == 0 && keys(&town.client).is_empty());
    assert_eq!(said(&town).len(), 3);
    town.end(running);
}

pub fn who_asks_for_the_same_key_meanwhile_waits_for_the_same_message<R: Adapter>() {
    let town = Town::<R>::storing(MemoryStore::new());
    let running = town.run();
    town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(200)));
    let queued: Vec<_> = (0..4).map(|_| queue(&town.client, town.general, "key")).collect();
    let ids: Vec<_> = queued.into_iter().map(|sending| sending.join().unwrap().unwrap()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(said(&town).len(), 1);
    let direct = block_on(R::ended(town.client.user(town.alice).queue_once("hello", "hello"))).unwrap();
    assert!(direct.channel().route().is_some());
    town.end(running);
}

pub fn without_an_outbox_nothing_is_sent<R: Adapter>() {
    let refused = |town: &Town<R>, key: &str| {
        let sent = block_on(R::ended(town.client.channel(town.general).queue_once(key, "hi")));
        let error = sent.expect_err("nothing is sent");
        assert_eq!(error.sent(), Sent::No);
        error.kind().clone()
    };
    let town = Town::<R>::storing(MemoryStore::new());
    assert_eq!(refused(&town, "key"), ErrorKind::NotConnected);
    assert!(matches!(refused(&town, ""), ErrorKind::InvalidArgument(_)));

    let town = Town::<R>::new();
    let running = town.run();
    assert!(matches!(refused(&town, "key"), ErrorKind::Unsupported(_)));
    assert!(keys(&town.client).is_empty());
    town.end(running);

    let (store, mood) = Moody::new();
    let town = Town::<R>::storing(store);
    let running = town.run();
    mood.keeps_none.store(true, Ordering::Relaxed);
    assert!(matches!(refused(&town, "key"), ErrorKind::Unsupported(_)));
    mood.keeps_none.store(false, Ordering::Relaxed);
    mood.fails.store(true, Ordering::Relaxed);
    assert!(matches!(refused(&town, "key"), ErrorKind::Store(_)));
    assert!(said(&town).is_empty());
    // what cannot be noted was sent all the same
    mood.fails.store(false, Ordering::Relaxed);
    mood.forgets.store(true, Ordering::Relaxed);
    queue(&town.client, town.general, "key").join().unwrap().unwrap();
    assert_eq!(keys(&town.client), ["key"]);
    queue(&town.client, town.general, "key").join().unwrap().unwrap();
    assert_eq!(said(&town), ["key"], "it is looked for before it is sent again");
    town.end(running);
}

/// An item of a message into the channel of a town.
fn item<R: Adapter>(town: &Town<R>, key: &str, text: &str) -> OutboxItem {
    let to = mezon_protocol::call::Destination::Channel(town.general, None);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    OutboxItem::new(town.bot, key.into(), to, text.into(), None, now, SOON).unwrap()
}

#[test]
fn who_asks_for_a_key_before_it_was_read_does_not_change_order_or_count() {
    let (mut store, mood) = Moody::new();
    let mut town = Town::<TokioRuntime>::new();
    for (key, text) in [("zero", "same"), ("one", "same"), ("two", "two")] {
        assert_eq!(store.put(&item(&town, key, text)).unwrap(), Entry::New);
    }
    let running = town.run();
    let zero = block_on(town.client.channel(town.general).send("same")).unwrap();
    let address = zero.address();
    store.settle(town.bot, "zero", &Settled::Sent(address), 0).unwrap();
    town.client.close();
    running.end().unwrap();

    let reading = mood.reading.lock().unwrap();
    replace(&mut town, store);
    let running = town.start();
    let one = loop {
        let mut sending = Box::pin(town.client.channel(town.general).queue_once("one", "same"));
        match block_on(smol::future::poll_once(sending.as_mut())) {
            None => break sending,
            Some(sent) => assert_eq!(*sent.unwrap_err().kind(), ErrorKind::NotConnected),
        }
    };
    drop(reading);
    assert_ne!(block_on(one).unwrap().id(), zero.id());
    until("all to be sent", || keys(&town.client).is_empty());
    assert_eq!(said(&town), ["same", "same", "two"]);
    assert_eq!(town.pending_calls(), 0);
    town.end(running);
}

pub fn under_a_key_is_what_was_put_in_first<R: Adapter>() {
    let (store, mood) = Moody::new();
    let town = Town::<R>::storing(store);
    let running = town.run();
    mood.forgets.store(true, Ordering::Relaxed);
    let first = queue(&town.client, town.general, "key").join().unwrap().unwrap();
    let again = block_on(R::ended(town.client.channel(town.general).queue_once("key", "other words"))).unwrap();
    assert_eq!((again.id(), said(&town)), (first, vec!["key".to_owned()]));
    town.end(running);
}

pub fn what_is_damaged_in_an_outbox_is_passed_over<R: Adapter>() {
    let folder = Folder::new();
    folder.db().open().unwrap();
    let file = rusqlite::Connection::open(folder.db().path()).unwrap();
    let mut town = Town::<R>::new();
    for key in ["one", "two", "three", "four", "five", "six"] {
        assert_eq!(folder.db().put(&item(&town, key, key)).unwrap(), Entry::New);
    }
    file.execute_batch(
        "UPDATE outbox SET message = x'ff' WHERE key = 'one';
        UPDATE outbox SET message = NULL WHERE key = 'two';
        UPDATE outbox SET put_at = 'yesterday' WHERE key = 'three';
        UPDATE outbox SET user_id = 'nobody' WHERE key = 'four';
        UPDATE outbox SET settled_at = 5, outcome = x'00' WHERE key = 'five'",
    )
    .unwrap();
    replace(&mut town, folder.db());
    let running = town.run();
    until("what is whole to be sent", || said(&town) == ["six"]);
    // of this one is only known that it was settled
    let lost = queue(&town.client, town.general, "five").join().unwrap().unwrap_err();
    assert_eq!((lost.kind(), lost.sent()), (&ErrorKind::Expired, Sent::Unknown));
    // whoever has the message still can give it once more
    queue(&town.client, town.general, "one").join().unwrap().unwrap();
    assert_eq!(said(&town), ["six", "one"]);
    town.end(running);
}

/// A store that does as it is told.
pub struct Moody {
    messages: MemoryStore,
    outbox: MemoryOutbox,
    mood: Arc<Mood>,
}

#[derive(Default)]
pub struct Mood {
    pub keeps_none: AtomicBool,
    fails: AtomicBool,
    forgets: AtomicBool,
    /// Held by whoever wants it to take its time when it is asked what waits, or how far messages were handled.
    pub reading: Mutex<()>,
    /// It was asked how far messages were handled.
    pub is_asked: AtomicBool,
}

impl Moody {
    pub fn new() -> (Self, Arc<Mood>) {
        let mood = Arc::<Mood>::default();
        (Self { messages: MemoryStore::new(), outbox: MemoryOutbox::default(), mood: mood.clone() }, mood)
    }
}

impl MessageStore for Moody {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.messages.apply(changes)
    }

    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError> {
        self.messages.get(channel, message)
    }

    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError> {
        self.messages.page(channel, limit, offset)
    }

    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError> {
        self.messages.newest()
    }

    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        self.mood.is_asked.store(true, Ordering::Relaxed);
        drop(self.mood.reading.lock());
        self.messages.progress(account)
    }

    fn outbox(&mut self) -> Option<&mut dyn Outbox> {
        if self.mood.keeps_none.load(Ordering::Relaxed) { None } else { Some(self) }
    }
}

impl Outbox for Moody {
    fn put(&mut self, item: &OutboxItem) -> Result<Entry, StoreError> {
        if self.mood.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Full("full".into()));
        }
        self.outbox.put(item)
    }

    fn unsettled(&mut self, account: UserId, limit: usize) -> Result<Unsettled, StoreError> {
        drop(self.mood.reading.lock());
        self.outbox.unsettled(account, limit)
    }

    fn settle(&mut self, account: UserId, key: &str, settled: &Settled, at: u64) -> Result<(), StoreError> {
        if self.mood.forgets.load(Ordering::Relaxed) {
            return Err(StoreError::Full("full".into()));
        }
        self.outbox.settle(account, key, settled, at)
    }
}

/// How many messages the bot sends that is killed.
const COUNT: usize = 60;

/// The program: it says its numbers, whichever it may have said before.
#[test]
fn a_bot_to_be_killed() {
    let Some(task) = process::task() else { return };
    let [port, bot, channel, file] = task.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{task}") };
    let id = |text: &str| text.parse::<i64>().unwrap();
    let config = Config::bot(UserId::new(id(bot)), "the-key").unwrap().host("127.0.0.1").use_tls(false);
    let config = config.port(port.parse().unwrap()).without_rate_limits();
    let store = mezon_store::MessageDb::at(file);
    let client = Client::<mezon_blocking::Threads>::builder(config).store(store).build().unwrap();
    client.connect().unwrap();
    for number in 0..COUNT {
        // five times the same words
        let text = (number / 5).to_string();
        client.channel(id(channel)).queue_once(number.to_string(), text).unwrap();
    }
    while !client.outbox().unwrap().is_empty() {
        thread::yield_now();
    }
}

/// C11: a program that is killed and started again, over and over, says everything once.
#[test]
fn a_bot_that_is_killed_at_any_moment_says_everything_once() {
    let folder = Folder::new();
    let town = Town::<TokioRuntime>::new();
    let (port, bot, channel) = (town.sandbox.port(), town.bot.get(), town.general.get());
    let what = format!("{port} {bot} {channel} {}", folder.db().path().display());
    let mut rng = fastrand::Rng::with_seed(7);
    let (mut kills, begun) = (0, Instant::now());
    // so that it cannot be done before it is killed: each message waits for the ack of the one before
    town.sandbox.with(|world, _| world.delay_acks(SOON / 100));
    loop {
        let mut program = Process::start("once::a_bot_to_be_killed", &what);
        let goal = said(&town).len() + rng.usize(1..6);
        let is_killed = loop {
            if program.is_done() {
                break false;
            }
            if said(&town).len() >= goal {
                break true;
            }
            assert!(begun.elapsed() < SOON * 6, "it goes on: {kills} kills, {} messages", said(&town).len());
            thread::yield_now();
        };
        drop(program);
        if !is_killed {
            break;
        }
        kills += 1;
        if kills == 3 {
            town.sandbox.with(|world, _| world.delay_acks(Duration::ZERO));
        }
    }
    assert!(kills >= 3, "{kills}");
    let expected: Vec<_> = (0..COUNT).map(|number| (number / 5).to_string()).collect();
    assert_eq!(said(&town), expected);
}

use std::sync::mpsc;

use bytes::Bytes;
use mezon_protocol::event::MessageData;
use mezon_protocol::proto::api;
use mezon_protocol::store::{MemoryStore, Progress};
use mezon_protocol::{ChannelId, MessageId, UserId};
use prost::Message as _;

use super::*;

const CHANNEL: ChannelId = ChannelId::new(5);

/// How a store is made to fail.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    Full,
    Corrupt,
    Panics,
}

/// A store that shows what it was given, and does as it is told.
struct Told {
    inner: MemoryStore,
    mood: Arc<Mutex<Mood>>,
    batches: mpsc::Sender<usize>,
    /// An attempt waits for one of these, if there is anybody who gives them.
    gate: Option<mpsc::Receiver<()>>,
}

impl MessageStore for Told {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.batches.send(changes.len()).unwrap();
        self.gate.as_ref().map(mpsc::Receiver::recv);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => self.inner.apply(changes),
            Mood::Full => Err(StoreError::Full("full".into())),
            Mood::Corrupt => Err(StoreError::Corrupt("corrupt".into())),
            Mood::Panics => panic!("the store fails"),
        }
    }

    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError> {
        self.inner.get(channel, message)
    }

    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError> {
        self.inner.page(channel, limit, offset)
    }

    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError> {
        self.inner.newest()
    }

    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        self.inner.progress(account)
    }
}

struct Scene {
    keeper: Keeper,
    mood: Arc<Mutex<Mood>>,
    batches: mpsc::Receiver<usize>,
}

impl Scene {
    fn new(gate: Option<mpsc::Receiver<()>>) -> Self {
        let (sender, batches) = mpsc::channel();
        let mood = Arc::new(Mutex::new(Mood::Well));
        let store = Told { inner: MemoryStore::new(), mood: Arc::clone(&mood), batches: sender, gate };
        Self { keeper: Keeper::new(store), mood, batches }
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// How many messages are stored, once all that was handed on is written or cannot be.
    fn count(&self) -> usize {
        self.keeper.ask(|store| store.page(CHANNEL, usize::MAX, 0).unwrap().len()).recv().unwrap()
    }
}

fn message(id: i64, len: usize) -> Change {
    let message = api::ChannelMessage {
        message_id: id,
        channel_id: CHANNEL.get(),
        content: "x".repeat(len),
        create_time_seconds: 100,
        ..Default::default()
    };
    Change::Put(MessageData::parse(Bytes::from(message.encode_to_vec()), UserId::NONE).unwrap())
}

#[test]
fn who_asks_sees_all_that_was_handed_on_before() {
    let scene = Scene::new(None);
    for id in 1..=2500 {
        scene.keeper.keep(message(id, 10));
    }
    assert_eq!(scene.count(), 2500);
    scene.keeper.keep(Change::Remove(CHANNEL, MessageId::new(1)));
    assert_eq!(scene.count(), 2499);
    assert_eq!(scene.keeper.stats(), StoreStats { stored: 2501, ..StoreStats::default() });
}

#[test]
fn what_comes_while_the_store_is_busy_is_written_together() {
    let (open, gate) = mpsc::channel();
    let scene = Scene::new(Some(gate));
    scene.keeper.keep(message(1, 10));
    let first = scene.batches.recv().unwrap();
    for id in 2..=2501 {
        scene.keeper.keep(message(id, 10));
    }
    (0..4).for_each(|_| open.send(()).unwrap());
    assert_eq!(scene.count(), 2501);
    assert_eq!(first, 1);
    assert_eq!(scene.batches.try_iter().collect::<Vec<_>>(), [BATCH, BATCH, 500]);
}

#[test]
fn what_a_full_disk_cannot_take_is_stored_when_there_is_room() {
    let scene = Scene::new(None);
    scene.set(Mood::Full);
    (1..=3).for_each(|id| scene.keeper.keep(message(id, 10)));
    assert_eq!(scene.count(), 0);
    assert_eq!(scene.keeper.stats().waiting, 3);
    assert!(scene.keeper.stats().failures > 0);

    scene.set(Mood::Well);
    scene.keeper.keep(message(4, 10));
    assert_eq!(scene.count(), 4);
    assert_eq!((scene.keeper.stats().stored, scene.keeper.stats().lost), (4, 0));
}

#[test]
fn what_can_never_be_stored_is_counted_as_lost() {
    for mood in [Mood::Corrupt, Mood::Panics] {
        let scene = Scene::new(None);
        scene.set(mood);
        (1..=3).for_each(|id| scene.keeper.keep(message(id, 10)));
        assert_eq!(scene.count(), 0);
        let stats = scene.keeper.stats();
        assert_eq!((stats.stored, stats.lost, stats.waiting), (0, 3, 0));
        scene.set(Mood::Well);
        scene.keeper.keep(message(4, 10));
        assert_eq!(scene.count(), 1);
    }
}

#[test]
fn a_store_that_is_too_far_behind_loses_the_oldest() {
    const MEGABYTE: usize = 1 << 20;
    let (open, gate) = mpsc::channel();
    let scene = Scene::new(Some(gate));
    scene.keeper.keep(message(1, 10));
    scene.batches.recv().unwrap();
    for id in 2..=80 {
        scene.keeper.keep(message(id, MEGABYTE));
    }
    let stats = scene.keeper.stats();
    assert_eq!(stats.lost + stats.waiting as u64, 79);
    assert!((60..=64).contains(&stats.waiting), "{stats:?}");

    drop(open);
    let newest = scene.keeper.ask(|store| store.newest().unwrap()).recv().unwrap();
    assert_eq!(newest, [(CHANNEL, MessageId::new(80))]);
}

#[test]
fn a_question_that_panics_disturbs_nobody_else() {
    let scene = Scene::new(None);
    assert!(scene.keeper.ask(|_| -> () { panic!("a bad question") }).recv().is_err());
    scene.keeper.keep(message(1, 10));
    assert_eq!(scene.count(), 1);
}

#[test]
fn what_is_left_is_written_when_the_keeper_goes() {
    let scene = Scene::new(None);
    (1..=5).for_each(|id| scene.keeper.keep(message(id, 10)));
    drop(scene.keeper);
    assert_eq!(scene.batches.iter().sum::<usize>(), 5);
}

//! The database alone, without a client.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use mezon_protocol::event::MessageData;
use mezon_protocol::proto::api;
use mezon_protocol::{ChannelId, MessageId, UserId};
use mezon_store::{Change, MessageDb, MessageStore as _, StoreError, StoredMessage};
use prost::Message as _;
use rusqlite::Connection;
use serde_json::json;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mezon-store-{}-{number}", std::process::id()));
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("deep").join("messages.db")
    }

    fn db(&self) -> MessageDb {
        MessageDb::at(self.file())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn pushed(id: i64, channel: i64, time: u32) -> MessageData {
    let message = api::ChannelMessage {
        message_id: id,
        channel_id: channel,
        clan_id: 1,
        sender_id: 9,
        username: "alice".into(),
        content: format!(r#"{{"t":"message {id}"}}"#),
        create_time_seconds: time,
        mode: 2,
        is_public: true,
        ..Default::default()
    };
    MessageData::parse(Bytes::from(message.encode_to_vec()), UserId::NONE).unwrap()
}

fn put(id: i64, channel: i64, time: u32) -> Change {
    Change::Put(pushed(id, channel, time))
}

fn ids(messages: &[StoredMessage]) -> Vec<&str> {
    messages.iter().map(|message| &*message.id).collect()
}

/// The table as the Python SDK makes it, with what it saves.
fn python(path: &Path) -> Connection {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS messages (id TEXT NOT NULL, channel_id TEXT NOT NULL, clan_id TEXT,
                sender_id TEXT, content TEXT, mentions TEXT, attachments TEXT, reactions TEXT, msg_references TEXT,
                topic_id TEXT, create_time_seconds INTEGER, PRIMARY KEY (id, channel_id));
            CREATE INDEX IF NOT EXISTS idx_messages_channel_id ON messages(channel_id);",
        )
        .unwrap();
    connection
}

fn save_as_python(connection: &Connection, id: i64, content: &str) {
    let saved = connection.execute(
        "INSERT OR REPLACE INTO messages (id, clan_id, channel_id, sender_id, content, mentions, attachments,
            reactions, msg_references, topic_id, create_time_seconds)
            VALUES (?1, 1, 5, 9, ?2, '[{\"user_id\": 7, \"username\": \"bob\"}]', '[]', '[]', '[]', NULL, 100)",
        (id, content),
    );
    assert_eq!(saved.unwrap(), 1);
}

/// Rows 197, 198, 199, 200, 201, 202, 205.
#[test]
fn messages_are_saved_listed_counted_and_deleted_by_any_text() {
    let folder = Folder::new();
    let db = folder.db();
    for (id, time) in [("msg_1", Some(100)), ("msg_2", Some(200)), ("msg_3", None)] {
        let mut message = StoredMessage::new(id, "channel_123");
        message.content = json!({"t": id});
        message.create_time_seconds = time;
        db.save_message(&message).unwrap();
    }
    db.save_message(&StoredMessage::new(17, 18)).unwrap();

    assert_eq!(
        ids(&db.get_messages_by_channel("channel_123", MessageDb::LIMIT, 0).unwrap()),
        ["msg_2", "msg_1", "msg_3"]
    );
    assert_eq!(ids(&db.get_messages_by_channel("channel_123", 1, 1).unwrap()), ["msg_1"]);
    let message = db.get_message_by_id("msg_2", "channel_123").unwrap().unwrap();
    assert_eq!((message.content, message.references), (json!({"t": "msg_2"}), json!([])));
    assert!(db.get_message_by_id("msg_2", "channel_124").unwrap().is_none());
    assert!(db.get_message_by_id(MessageId::new(17), ChannelId::new(18)).unwrap().is_some());
    assert_eq!(db.get_message_count("channel_123").unwrap(), 3);
    assert_eq!((db.get_message_count("").unwrap(), db.count_all().unwrap()), (4, 4));

    assert!(db.delete_message("msg_1", "channel_123").unwrap());
    assert!(!db.delete_message("msg_1", "channel_123").unwrap());
    assert_eq!(db.clear_channel_messages("channel_123").unwrap(), 2);
    assert_eq!(db.count_all().unwrap(), 1);
}

/// Rows 193, 204.
#[test]
fn nothing_is_there_before_the_first_operation_and_everything_after_it() {
    let folder = Folder::new();
    let db = folder.db();
    assert!(!folder.0.exists());
    assert_eq!(db.count_all().unwrap(), 0);
    assert!(folder.file().exists());
}

/// Row 194.
#[test]
fn the_default_place_is_that_of_the_other_sdks() {
    assert_eq!(MessageDb::new().path(), Path::new("./mezon-cache/mezon-messages-cache.db"));
}

/// Rows 191, 283.
#[test]
fn what_was_received_is_there_after_a_restart_and_without_a_client() {
    let folder = Folder::new();
    folder.db().apply(&[put(1, 5, 100), put(2, 5, 101), put(3, 6, 102)]).unwrap();

    let mut db = folder.db();
    assert_eq!(db.get(5.into(), 2.into()).unwrap().unwrap().to_proto(), pushed(2, 5, 101).to_proto());
    assert_eq!(db.newest().unwrap(), [(5.into(), 2.into()), (6.into(), 3.into())]);
    let page = db.page(5.into(), 10, 0).unwrap();
    assert_eq!(page.iter().map(|data| data.message_id().get()).collect::<Vec<_>>(), [2, 1]);
}

/// Row 196.
#[test]
fn a_file_is_closed_at_the_end_of_the_scope_and_can_be_opened_again() {
    let folder = Folder::new();
    {
        let db = folder.db();
        db.open().unwrap();
        db.save_message(&StoredMessage::new(1, 2)).unwrap();
    }
    // the log of what is not in the file yet goes with the last one who has it open
    assert!(!folder.file().with_extension("db-wal").exists());
    let db = folder.db();
    db.close();
    assert_eq!(db.count_all().unwrap(), 1);
    db.close();
    assert!(!folder.file().with_extension("db-wal").exists());
}

/// Row 203.
#[test]
fn many_threads_and_several_openers_share_a_file() {
    let folder = Folder::new();
    thread::scope(|scope| {
        for thread in 0..4_i64 {
            // two by the same handle, two by handles of their own
            let mut db = folder.db();
            let mut other = db.clone();
            scope.spawn(move || (0..50).for_each(|n| db.apply(&[put(thread * 100 + n, 5, 100)]).unwrap()));
            scope.spawn(move || {
                for n in 50..100 {
                    other.apply(&[put(thread * 100 + n, 5, 100)]).unwrap();
                    assert!(other.get_message_count(5).unwrap() > 0);
                }
            });
        }
    });
    assert_eq!(folder.db().count_all().unwrap(), 400);
}

#[test]
fn an_edit_replaces_and_keeps_the_time_and_what_is_known_is_not_replaced_by_an_echo() {
    let folder = Folder::new();
    let mut db = folder.db();
    db.apply(&[put(1, 5, 100), put(1, 5, 0), Change::Add(pushed(1, 5, 300)), put(2, 5, 50)]).unwrap();
    assert_eq!(db.get_message_by_id(1, 5).unwrap().unwrap().create_time_seconds, Some(100));
    db.apply(&[Change::Remove(5.into(), 1.into())]).unwrap();
    assert_eq!(ids(&db.get_messages_by_channel(5, 10, 0).unwrap()), ["2"]);
}

#[test]
fn messages_of_the_same_second_are_in_the_order_of_their_numbers() {
    let folder = Folder::new();
    let mut db = folder.db();
    db.apply(&[put(9, 5, 100), put(10, 5, 100), put(100, 5, 100)]).unwrap();
    assert_eq!(ids(&db.get_messages_by_channel(5, 10, 0).unwrap()), ["100", "10", "9"]);
}

/// Row 283.
#[test]
fn a_file_of_the_python_sdk_is_read_and_stays_one() {
    let folder = Folder::new();
    let python = python(&folder.file());
    save_as_python(&python, 3, r#"{"t": "xin ch\u00e0o"}"#);

    let mut db = folder.db();
    let data = db.get(5.into(), 3.into()).unwrap().unwrap().with_own_id(9.into());
    assert_eq!(data.content(), r#"{"t":"xin chào"}"#);
    assert_eq!(mezon_protocol::content::decode_mentions(data.mentions())[0].user_id, UserId::new(7));
    assert!(data.is_own());

    // and what is saved here is read there, by the names of the columns, and saved again
    db.apply(&[put(4, 5, 101)]).unwrap();
    let (id, content, lists): (String, String, String) = python
        .query_row("SELECT * FROM messages WHERE channel_id = 5 AND id = 4", [], |row| {
            Ok((row.get("id")?, row.get("content")?, row.get("msg_references")?))
        })
        .unwrap();
    assert_eq!((&*id, &*content, &*lists), ("4", r#"{"t":"message 4"}"#, "[]"));
    save_as_python(&python, 4, r#"{"t": "edited"}"#);
    assert_eq!(db.get(5.into(), 4.into()).unwrap().unwrap().content(), r#"{"t":"edited"}"#);
}

#[test]
fn what_others_have_left_out_or_written_badly_is_absent() {
    let folder = Folder::new();
    let python = python(&folder.file());
    python.execute("INSERT INTO messages (id, channel_id, content) VALUES ('1', '5', 'not json')", []).unwrap();
    python.execute("INSERT INTO messages (id, channel_id, create_time_seconds) VALUES ('2', '5', 'soon')", []).unwrap();
    let mut db = folder.db();
    let page = db.page(5.into(), 10, 0).unwrap();
    assert_eq!(page.len(), 2);
    assert!(page.iter().any(|data| data.content() == "not json"));
    assert_eq!(db.get_message_by_id(1, 5).unwrap().unwrap().mentions, json!([]));
}

#[test]
fn a_file_that_is_damaged_or_is_something_else_is_corrupt() {
    let garbage = Folder::new();
    garbage.db().open().unwrap();
    fs::write(garbage.file(), vec![0x5a; 10_000]).unwrap();
    assert!(matches!(garbage.db().count_all(), Err(StoreError::Corrupt(_))));

    let cut = Folder::new();
    let mut db = cut.db();
    db.apply(&(1..2000).map(|id| put(id, 5, 100)).collect::<Vec<_>>()).unwrap();
    db.close();
    let bytes = fs::read(cut.file()).unwrap();
    fs::write(cut.file(), &bytes[..bytes.len() / 3]).unwrap();
    assert!(matches!(db.page(5.into(), 5000, 0), Err(StoreError::Corrupt(_))));

    let foreign = Folder::new();
    python(&foreign.file()).execute_batch("DROP TABLE messages; CREATE TABLE messages (name TEXT)").unwrap();
    assert!(matches!(foreign.db().count_all(), Err(StoreError::Corrupt(_))));

    // once somebody has put it right it works, without a new handle
    fs::remove_file(garbage.file()).unwrap();
    let db = garbage.db();
    fs::write(garbage.file(), "not a database, not at all, really").unwrap();
    assert!(db.count_all().is_err());
    fs::remove_file(garbage.file()).unwrap();
    assert_eq!(db.count_all().unwrap(), 0);
}

#[test]
fn a_full_disk_is_full_and_what_was_stored_stays() {
    let folder = Folder::new();
    let mut db = folder.db().with_max_bytes(256 * 1024);
    let mut stored = 0;
    let error = loop {
        let batch: Vec<_> = (0..100).map(|n| put(stored + n + 1, 5, 100)).collect();
        match db.apply(&batch) {
            Ok(()) => stored += 100,
            Err(error) => break error,
        }
        assert!(stored < 10_000, "there is no bound");
    };
    assert!(matches!(error, StoreError::Full(_)) && error.is_retryable(), "{error}");
    assert_eq!(db.count_all().unwrap(), stored.cast_unsigned(), "all of a batch, or nothing");

    // there is room again
    assert!(db.clear_channel_messages(5).unwrap() > 0);
    db.apply(&[put(1, 5, 100)]).unwrap();
}

#[test]
fn a_place_where_no_file_can_be_is_an_error_of_the_disk() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file()).unwrap();
    assert!(matches!(folder.db().count_all(), Err(StoreError::Io(_))));
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let folder = Folder::new();
    folder.db().open().unwrap();
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(folder.db().count_all(), Err(StoreError::TooNew { found: 99, known: 1 })));
}

#[test]
fn a_file_that_somebody_else_holds_is_locked() {
    let folder = Folder::new();
    folder.db().open().unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = folder.db().with_patience(Duration::ZERO).save_message(&StoredMessage::new(1, 2)).unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)) && error.is_retryable(), "{error}");
}

#[test]
fn whoever_opens_a_new_file_waits_for_another_who_does() {
    let folder = Folder::new();
    fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (patience, begin) = (Duration::from_millis(50), Instant::now());
    let error = folder.db().with_patience(patience).open().unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)) && begin.elapsed() >= patience, "{error}");
    thread::scope(|scope| {
        let opened = scope.spawn(|| folder.db().with_patience(Duration::from_secs(60)).open());
        other.execute_batch("COMMIT").unwrap();
        opened.join().unwrap().unwrap();
    });
}

mod outbox {
    use std::time::Duration;

    use mezon_protocol::call::{Destination, MessageAddress};
    use mezon_protocol::content::Content;
    use mezon_protocol::route::{Mode, Route};
    use mezon_protocol::store::{Entry, MemoryOutbox, Outbox, OutboxItem, Settled};

    use super::*;

    const BOT: UserId = UserId::new(9);
    const START: u64 = 1_767_225_600_000;

    fn route() -> Route {
        Route::of_message(5.into(), 1.into(), Mode::CHANNEL, true)
    }

    fn item(key: &str, put_at: u64) -> OutboxItem {
        let content =
            Content::text("hi").mention(UserId::new(7)).attach_url("https://x/y.png", "image/png").topic(3.into());
        let to = Destination::Channel(5.into(), Some(route()));
        let (now, within) = (Duration::from_millis(put_at), Duration::from_secs(60));
        OutboxItem::new(BOT, key.into(), to, content, None, now, within).unwrap()
    }

    fn sent(id: i64) -> Settled {
        Settled::Sent(MessageAddress {
            route: route(),
            message_id: id.into(),
            topic_id: 3.into(),
            sender_id: BOT,
            created_at: 1_767_225_600,
        })
    }

    /// On all that keep one: in a file, and in memory.
    fn on_each(test: impl Fn(&mut dyn Outbox)) {
        let folder = Folder::new();
        test(&mut folder.db());
        test(&mut MemoryOutbox::default());
    }

    fn keys(outbox: &mut dyn Outbox, account: UserId, limit: usize) -> Vec<String> {
        outbox.unsettled(account, limit).unwrap().items.into_iter().map(|item| item.key).collect()
    }

    #[test]
    fn what_is_put_in_waits_in_its_order_until_it_is_settled() {
        on_each(|outbox| {
            for key in ["c", "a", "b"] {
                assert_eq!(outbox.put(&item(key, START)).unwrap(), Entry::New);
            }
            assert_eq!(outbox.put(&item("a", START)).unwrap(), Entry::Waiting);
            let mut direct = item("direct", START);
            direct.user = UserId::new(7);
            outbox.put(&direct).unwrap();
            let waiting = outbox.unsettled(BOT, 10).unwrap().items;
            assert_eq!(waiting, [item("c", START), item("a", START), item("b", START), direct], "nothing is lost");
            assert_eq!(waiting[0].to(), Destination::Channel(5.into(), Some(route())));
            assert_eq!(keys(outbox, BOT, 2), ["c", "a"]);
            assert!(keys(outbox, UserId::new(1), 10).is_empty(), "it is somebody else's");

            outbox.settle(BOT, "a", &sent(4), START + 5).unwrap();
            outbox.settle(BOT, "c", &Settled::Refused { code: 7, message: "no".into() }, START + 5).unwrap();
            outbox.settle(BOT, "direct", &Settled::Expired, START + 5).unwrap();
            assert_eq!(keys(outbox, BOT, 10), ["b"]);
            assert_eq!(outbox.unsettled(BOT, 10).unwrap().taken, [MessageId::new(4)]);
            assert_eq!(outbox.put(&item("a", START)).unwrap(), Entry::Settled(sent(4)));
            let refused = Settled::Refused { code: 7, message: "no".into() };
            assert_eq!(outbox.put(&item("c", START)).unwrap(), Entry::Settled(refused));
            assert_eq!(outbox.put(&item("direct", START)).unwrap(), Entry::Settled(Settled::Expired));
        });
    }

    #[test]
    fn a_key_is_forgotten_after_a_week_and_what_waits_is_not() {
        on_each(|outbox| {
            outbox.put(&item("waits", START)).unwrap();
            for key in ["old", "new"] {
                outbox.put(&item(key, START)).unwrap();
            }
            outbox.settle(BOT, "old", &sent(1), START).unwrap();
            let week = 7 * 24 * 60 * 60 * 1000;
            outbox.settle(BOT, "new", &sent(2), START + 1000).unwrap();
            // now and then it is looked for what is old
            for number in 0..1000 {
                let key = number.to_string();
                outbox.put(&item(&key, START + week + 1)).unwrap();
            }
            assert_eq!(outbox.put(&item("old", START)).unwrap(), Entry::New);
            assert_eq!(outbox.put(&item("new", START)).unwrap(), Entry::Settled(sent(2)));
            assert_eq!(outbox.put(&item("waits", START)).unwrap(), Entry::Waiting);
        });
    }

    #[test]
    fn a_message_that_was_put_in_is_not_refused_when_old_ones_cannot_be_forgotten() {
        let folder = Folder::new();
        let mut db = folder.db();
        db.put(&item("settled", START)).unwrap();
        db.settle(BOT, "settled", &Settled::Expired, START).unwrap();
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch("CREATE TRIGGER keep BEFORE DELETE ON outbox BEGIN SELECT RAISE(FAIL, 'kept'); END")
            .unwrap();
        let later = START + 30 * 24 * 60 * 60 * 1000;
        for number in 0..1000 {
            assert_eq!(db.put(&item(&number.to_string(), later)).unwrap(), Entry::New);
        }
    }

    #[test]
    fn a_key_may_be_any_text() {
        on_each(|outbox| {
            for key in ["a\0b", "a\0c", "\u{fffd}", "'; --", "\u{1f600}"] {
                assert_eq!(outbox.put(&item(key, START)).unwrap(), Entry::New, "{key:?}");
                outbox.settle(BOT, key, &Settled::Expired, START).unwrap();
                assert_eq!(outbox.put(&item(key, START)).unwrap(), Entry::Settled(Settled::Expired));
            }
        });
    }

    #[test]
    fn an_outcome_is_the_same_after_it_was_stored_and_what_makes_no_sense_is_none() {
        for settled in [sent(1), Settled::Refused { code: -1, message: String::new() }, Settled::Expired] {
            assert_eq!(Settled::decode(&settled.encode()), Some(settled));
        }
        for bytes in [&[][..], &[0], &[9, 9], &[1, 0xff], &[2, 0x0a]] {
            assert_eq!(Settled::decode(bytes), None);
        }
        assert!(OutboxItem::stored(BOT, "key", UserId::NONE, &[], 0, 0).is_none(), "it goes nowhere");
    }
}

/// How far messages were handled.
mod progress {
    use mezon_protocol::TopicId;
    use mezon_protocol::route::{Mode, Route};
    use mezon_protocol::store::{Position, Progress};

    use super::*;

    const BOT: UserId = UserId::new(9);

    fn position(channel: i64, message: i64) -> Position {
        let route = Route::of_message(channel.into(), 1.into(), Mode::CHANNEL, true);
        Position { route, topic: TopicId::NONE, message: message.into() }
    }

    #[test]
    fn two_bots_that_share_a_file_do_not_take_what_one_has_handled_for_handled_by_the_other() {
        let folder = Folder::new();
        let other = UserId::new(10);
        folder.db().apply(&[Change::Seen(BOT, 700), Change::Handled(BOT, position(5, 70))]).unwrap();
        folder.db().apply(&[Change::Begun(other, 300), Change::Handled(other, position(5, 30))]).unwrap();
        let progress = |account| folder.db().progress(account).unwrap();
        assert_eq!(progress(BOT), Progress { seen: Some(700), positions: vec![position(5, 70)] });
        assert_eq!(progress(other), Progress { seen: Some(300), positions: vec![position(5, 30)] });
        assert_eq!(progress(UserId::new(11)), Progress::default());
    }

    #[test]
    fn a_damaged_position_does_not_hide_the_others() {
        let folder = Folder::new();
        let handled = [5, 6, 7].map(|channel| Change::Handled(BOT, position(channel, 30)));
        folder.db().apply(&handled).unwrap();
        folder.db().apply(&[Change::Seen(BOT, 1)]).unwrap();
        let file = Connection::open(folder.file()).unwrap();
        file.execute_batch(
            "UPDATE positions SET message_id = 'none' WHERE channel_id = 5;
            UPDATE positions SET mode = 99999999999 WHERE channel_id = 6;
            UPDATE seen SET time = 99999999999",
        )
        .unwrap();
        let progress = folder.db().progress(BOT).unwrap();
        assert_eq!(progress, Progress { seen: Some(u32::MAX), positions: vec![position(7, 30)] });
        file.execute("UPDATE seen SET time = -1", []).unwrap();
        assert_eq!(folder.db().progress(BOT).unwrap().seen, Some(0));
    }
}

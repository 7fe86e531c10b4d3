//! Messages of the Mezon chat platform in SQLite.
//!
//! Use this crate to read what a bot has stored, from a program without a client. A bot does not name it: the adapters
//! bring it in with their feature `sqlite`, and their `Builder::store` takes a [`MessageDb`].
//!
//! ```
//! use mezon_store::{MessageDb, StoredMessage};
//!
//! # let folder = std::env::temp_dir().join(format!("mezon-store-doc-{}", std::process::id()));
//! let db = MessageDb::at(folder.join("messages.db")); // MessageDb::new() for the place where all bots have theirs
//! db.save_message(&StoredMessage::new("msg_456", "channel_123"))?;
//! assert_eq!(db.get_message_count("channel_123")?, 1);
//! assert!(db.get_message_by_id("msg_456", "channel_123")?.is_some());
//! assert_eq!(db.get_messages_by_channel("channel_123", MessageDb::LIMIT, 0)?.len(), 1);
//! assert!(db.delete_message("msg_456", "channel_123")?);
//! # drop(db);
//! # std::fs::remove_dir_all(folder).ok();
//! # Ok::<(), mezon_store::StoreError>(())
//! ```
//!
//! # The file
//!
//! It has the table `messages` of the Python SDK, which reads and writes it, too: ids as decimal text, content and lists as
//! JSON. A column `details` is added at the end, for what that table has no room for, and an index by time. The tables `positions`
//! and `seen` hold how far each account has handled the messages of each channel. The number of its form is SQLite's
//! `user_version`. It is kept in WAL mode, so that others can read while one writes; after the power has failed the last moments
//! may be missing, and the file is sound.
//!
//! A table `outbox` has the messages that a client sends once: until they are sent, and then their keys, for a week or the newest
//! 100,000. One client at a time uses it for an account.
//!
//! The file grows without a bound unless [`with_max_bytes`](MessageDb::with_max_bytes) sets one, and no message is deleted by itself.
#![deny(missing_docs)]

mod db;
mod error;
mod outbox;
mod progress;
mod rows;
mod schema;
mod store;

pub use db::MessageDb;
pub use mezon_protocol::store::{Change, MessageStore, Outbox, StoreError, StoredMessage};

//! The database, by the names that it has in other SDKs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mezon_protocol::store::{StoreError, StoredMessage};
use rusqlite::Connection;

use crate::error::store_error;
use crate::rows;
use crate::schema::{self, Options};

/// Messages in a file. Cloned freely, used from any thread: one does something at a time, the others wait.
///
/// The file is opened by whatever is done first, made if it is not there, and closed when the last clone is dropped, or
/// by [`close`](Self::close). Ids are ids, integers, or any text.
///
/// # Errors
///
/// All methods say by [`StoreError`] what is wrong: with the file, the disk, or others who use it.
#[derive(Clone)]
#[doc(alias = "MessageDB")]
#[doc(alias = "MessageDatabase")]
pub struct MessageDb(Arc<Inner>);

struct Inner {
    path: PathBuf,
    options: Options,
    connection: Mutex<Option<Connection>>,
}

impl MessageDb {
    /// Where the messages are if nothing else is said, seen from the working directory.
    pub const PATH: &str = "./mezon-cache/mezon-messages-cache.db";

    /// How many messages are read where nothing else is said.
    pub const LIMIT: usize = 50;

    /// The database at [`PATH`](Self::PATH). Nothing is opened yet.
    pub fn new() -> Self {
        Self::at(Self::PATH)
    }

    /// The database at a path of your own. Nothing is opened yet.
    #[doc(alias = "db_path")]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::of(path.into(), Options::default())
    }

    /// The same, with a bound: what would make the file larger is `Full`. Default: none.
    #[must_use]
    pub fn with_max_bytes(self, bytes: u64) -> Self {
        Self::of(self.0.path.clone(), Options { max_bytes: Some(bytes), ..self.0.options })
    }

    /// The same, which waits for so long while somebody else writes, before it is `Locked`. Default: 5 s.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self::of(self.0.path.clone(), Options { patience, ..self.0.options })
    }

    fn of(path: PathBuf, options: Options) -> Self {
        Self(Arc::new(Inner { path, options, connection: Mutex::default() }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Opens it now, for those who want to know at once if that works.
    ///
    /// # Errors
    ///
    /// As all.
    pub fn open(&self) -> Result<(), StoreError> {
        self.run(|_| Ok(()))
    }

    /// Closes the file, for all clones. Whatever is done next opens it again.
    pub fn close(&self) {
        drop(self.0.connection.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Saves a message, in place of the one that is there.
    ///
    /// # Errors
    ///
    /// As all.
    #[doc(alias = "saveMessage")]
    pub fn save_message(&self, message: &StoredMessage) -> Result<(), StoreError> {
        self.run(|connection| rows::put(connection, message))
    }

    /// A message.
    ///
    /// # Errors
    ///
    /// As all.
    #[doc(alias = "getMessageById")]
    pub fn get_message_by_id(
        &self,
        message_id: impl ToString,
        channel_id: impl ToString,
    ) -> Result<Option<StoredMessage>, StoreError> {
        self.run(|connection| rows::get(connection, &message_id.to_string(), &channel_id.to_string()))
    }

    /// The messages of a channel, the newest first: `limit` of them (elsewhere [`LIMIT`](Self::LIMIT) by default), after
    /// `offset` others. Those of the same second are ordered by their ids; those of no known time come last.
    ///
    /// # Errors
    ///
    /// As all.
    pub fn get_messages_by_channel(
        &self,
        channel_id: impl ToString,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        self.run(|connection| rows::page(connection, &channel_id.to_string(), limit, offset))
    }

    /// How many messages of a channel there are; of an empty text, how many in all.
    ///
    /// # Errors
    ///
    /// As all.
    pub fn get_message_count(&self, channel_id: impl ToString) -> Result<u64, StoreError> {
        let channel = channel_id.to_string();
        self.run(|connection| rows::count(connection, Some(&*channel).filter(|channel| !channel.is_empty())))
    }

    /// How many messages there are in all.
    ///
    /// # Errors
    ///
    /// As all.
    #[doc(alias = "get_message_count")]
    pub fn count_all(&self) -> Result<u64, StoreError> {
        self.run(|connection| rows::count(connection, None))
    }

    /// Deletes a message; true if it was there.
    ///
    /// # Errors
    ///
    /// As all.
    pub fn delete_message(&self, message_id: impl ToString, channel_id: impl ToString) -> Result<bool, StoreError> {
        self.run(|connection| rows::delete(connection, &message_id.to_string(), &channel_id.to_string()))
    }

    /// Deletes the messages of a channel; gives how many there were.
    ///
    /// # Errors
    ///
    /// As all.
    pub fn clear_channel_messages(&self, channel_id: impl ToString) -> Result<usize, StoreError> {
        self.run(|connection| rows::clear(connection, &channel_id.to_string()))
    }

    /// Does something with the open file.
    pub(crate) fn run<T>(&self, act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let mut open = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *open {
            Some(connection) => connection,
            closed => closed.insert(schema::open(&self.0.path, self.0.options)?),
        };
        act(connection).map_err(|error| {
            let error = store_error(error);
            if let StoreError::Corrupt(_) | StoreError::Io(_) = error {
                // somebody may put another one in its place
                *open = None;
            }
            error
        })
    }
}

impl Default for MessageDb {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MessageDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageDb").field("path", &self.0.path).finish_non_exhaustive()
    }
}

//! The database of messages for async programs: a thread waits for the disk, they do not.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::event::MessageData;
use mezon_protocol::store::{Change, MessageStore, Outbox, Progress, StoreError, StoredMessage};
use mezon_protocol::{ChannelId, MessageId, UserId};
use mezon_store::MessageDb as Waiting;

use crate::pending::Answer;
use crate::pool::Pool;

/// Messages in a file. Cloned freely, used from any task, with a client or without.
///
/// What is asked for is begun at once, on a thread that is there while there is something to do, and done one after the
/// other. The file is opened by whatever is done first, made if it is not there, and closed when the last clone is dropped,
/// or by [`close`](Self::close). Ids are ids, integers, or any text.
///
/// # Errors
///
/// All methods say by [`StoreError`] what is wrong: with the file, the disk, or others who use it.
#[derive(Clone)]
#[doc(alias = "MessageDB")]
#[doc(alias = "MessageDatabase")]
pub struct MessageDb {
    db: Waiting,
    pool: Arc<Pool>,
}

impl MessageDb {
    /// Where the messages are if nothing else is said, seen from the working directory.
    pub const PATH: &str = Waiting::PATH;

    /// How many messages are read where nothing else is said.
    pub const LIMIT: usize = Waiting::LIMIT;

    /// The database at [`PATH`](Self::PATH). Nothing is opened yet.
    pub fn new() -> Self {
        Self::of(Waiting::new())
    }

    /// The database at a path of your own. Nothing is opened yet.
    #[doc(alias = "db_path")]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::of(Waiting::at(path))
    }

    fn of(db: Waiting) -> Self {
        Self { db, pool: Arc::new(Pool::new("mezon-messages", 1)) }
    }

    /// The same, with a bound: what would make the file larger is `Full`. Default: none.
    #[must_use]
    pub fn with_max_bytes(self, bytes: u64) -> Self {
        Self::of(self.db.with_max_bytes(bytes))
    }

    /// The same, which waits for so long while somebody else writes, before it is `Locked`. Default: 5 s.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self::of(self.db.with_patience(patience))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.db.path()
    }

    /// Opens it now, for those who want to know at once if that works.
    pub fn open(&self) -> Answer<Result<(), StoreError>> {
        self.run(Waiting::open)
    }

    /// Closes the file, for all clones. Whatever is done next opens it again.
    pub fn close(&self) -> Answer<Result<(), StoreError>> {
        self.run(|db| {
            db.close();
            Ok(())
        })
    }

    /// Saves a message, in place of the one that is there.
    #[doc(alias = "saveMessage")]
    pub fn save_message(&self, message: StoredMessage) -> Answer<Result<(), StoreError>> {
        self.run(move |db| db.save_message(&message))
    }

    /// A message.
    #[doc(alias = "getMessageById")]
    pub fn get_message_by_id(
        &self,
        message_id: impl ToString,
        channel_id: impl ToString,
    ) -> Answer<Result<Option<StoredMessage>, StoreError>> {
        let (message, channel) = (message_id.to_string(), channel_id.to_string());
        self.run(move |db| db.get_message_by_id(message, channel))
    }

    /// The messages of a channel, the newest first: `limit` of them (elsewhere [`LIMIT`](Self::LIMIT) by default), after
    /// `offset` others. Those of the same second are ordered by their ids; those of no known time come last.
    pub fn get_messages_by_channel(
        &self,
        channel_id: impl ToString,
        limit: usize,
        offset: usize,
    ) -> Answer<Result<Vec<StoredMessage>, StoreError>> {
        let channel = channel_id.to_string();
        self.run(move |db| db.get_messages_by_channel(channel, limit, offset))
    }

    /// How many messages of a channel there are; of an empty text, how many in all.
    pub fn get_message_count(&self, channel_id: impl ToString) -> Answer<Result<u64, StoreError>> {
        let channel = channel_id.to_string();
        self.run(move |db| db.get_message_count(channel))
    }

    /// How many messages there are in all.
    #[doc(alias = "get_message_count")]
    pub fn count_all(&self) -> Answer<Result<u64, StoreError>> {
        self.run(Waiting::count_all)
    }

    /// Deletes a message; true if it was there.
    pub fn delete_message(
        &self,
        message_id: impl ToString,
        channel_id: impl ToString,
    ) -> Answer<Result<bool, StoreError>> {
        let (message, channel) = (message_id.to_string(), channel_id.to_string());
        self.run(move |db| db.delete_message(message, channel))
    }

    /// Deletes the messages of a channel; gives how many there were.
    pub fn clear_channel_messages(&self, channel_id: impl ToString) -> Answer<Result<usize, StoreError>> {
        let channel = channel_id.to_string();
        self.run(move |db| db.clear_channel_messages(channel))
    }

    fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Waiting) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<Result<T, StoreError>> {
        let db = self.db.clone();
        // without a thread the other end is lost as well
        let answer = self.pool.run(move || job(&db)).unwrap_or_else(|_| oneshot::channel().1);
        Answer::or(answer, || Err(StoreError::Other("there is no thread for the store".into())))
    }
}

impl Default for MessageDb {
    fn default() -> Self {
        Self::new()
    }
}

/// Called on the thread that the client has for its store.
impl MessageStore for MessageDb {
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.db.apply(changes)
    }

    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError> {
        self.db.get(channel, message)
    }

    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError> {
        self.db.page(channel, limit, offset)
    }

    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError> {
        self.db.newest()
    }

    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        self.db.progress(account)
    }

    fn outbox(&mut self) -> Option<&mut dyn Outbox> {
        self.db.outbox()
    }
}

impl fmt::Debug for MessageDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageDb").field("path", &self.path()).finish_non_exhaustive()
    }
}

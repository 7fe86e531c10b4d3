//! Opening the file, and bringing it into the form that is known here.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use mezon_protocol::store::StoreError;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use crate::error::store_error;
use crate::progress;

/// The newest form. 0 is an empty file, and one of the Python SDK.
const FORM: i64 = 1;

/// How many prepared statements are kept: all that there are.
const STATEMENTS: usize = 32;

/// Between two attempts at what another one holds.
const PAUSE: Duration = Duration::from_millis(5);

/// What can be set about an open file.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) max_bytes: Option<u64>,
    /// How long others are waited for.
    pub(crate) patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_bytes: None, patience: Duration::from_secs(5) }
    }
}

/// Opens the file, with its folder, and brings it up to date.
pub(crate) fn open(path: &Path, options: Options) -> Result<Connection, StoreError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| StoreError::Io(Box::new(error)))?;
    }
    let mut connection = Connection::open(path).map_err(store_error)?;
    set_up(&connection, options).map_err(store_error)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn set_up(connection: &Connection, options: Options) -> rusqlite::Result<()> {
    connection.busy_timeout(options.patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    patiently(options.patience, || use_log(connection))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    if let Some(max_bytes) = options.max_bytes {
        let page_size: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(max_bytes / u64::from(page_size.max(1))).unwrap_or(i64::MAX).max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(())
}

/// Lets the file have a log; where there can be none it stays as it is.
fn use_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
}

/// Waits for others where SQLite itself does not: a statement that has begun to read and then wants to write fails at
/// once, whatever its time limit.
fn patiently(patience: Duration, attempt: impl Fn() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let begin = Instant::now();
    loop {
        let result = attempt();
        let busy = result.as_ref().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
        if !busy || begin.elapsed() >= patience {
            return result;
        }
        thread::sleep(PAUSE);
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    if form(connection).map_err(store_error)? == FORM {
        return Ok(());
    }
    // another process may be about to do the same
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    match form(&transaction).map_err(store_error)? {
        0 => to_first_form(&transaction).map_err(|error| foreign(store_error(error)))?,
        FORM => {}
        found => return Err(StoreError::TooNew { found, known: FORM }),
    }
    transaction.pragma_update(None, "user_version", FORM).map_err(store_error)?;
    transaction.commit().map_err(store_error)
}

fn form(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The table of the Python SDK, with what is added to it.
fn to_first_form(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS messages (
            id TEXT NOT NULL,
            channel_id TEXT NOT NULL,
            clan_id TEXT,
            sender_id TEXT,
            content TEXT,
            mentions TEXT,
            attachments TEXT,
            reactions TEXT,
            msg_references TEXT,
            topic_id TEXT,
            create_time_seconds INTEGER,
            PRIMARY KEY (id, channel_id)
        );
        CREATE INDEX IF NOT EXISTS idx_messages_channel_id ON messages (channel_id);
        CREATE INDEX IF NOT EXISTS idx_messages_time
            ON messages (channel_id, create_time_seconds DESC, CAST(id AS INTEGER) DESC);",
    )?;
    transaction.execute_batch(crate::outbox::TABLE)?;
    if !transaction.column_exists(None, "messages", "details")? {
        transaction.execute_batch("ALTER TABLE messages ADD COLUMN details BLOB;")?;
    }
    transaction.execute_batch(progress::TABLES)
}

/// A file of somebody else's, with a table that happens to have the same name.
fn foreign(error: StoreError) -> StoreError {
    if let StoreError::Other(cause) = error { StoreError::Corrupt(cause) } else { error }
}

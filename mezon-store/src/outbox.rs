//! The outbox: messages that wait to be sent, as rows, and what has become of them.

use mezon_protocol::store::{Entry, Outbox, OutboxItem, Settled, StoreError, Unsettled};
use mezon_protocol::{MessageId, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::MessageDb;

/// How often it is looked for what can be forgotten, in messages.
const PRUNE_EVERY: i64 = 1000;

/// What was sent so long before a message was put in, in milliseconds, is no message that it may have become.
const MARGIN: u64 = 10 * 60 * 1000;

pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS outbox (
        number INTEGER PRIMARY KEY,
        account_id TEXT NOT NULL,
        key TEXT NOT NULL,
        user_id TEXT,
        message BLOB,
        put_at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        settled_at INTEGER,
        outcome BLOB,
        UNIQUE (account_id, key)
    );
    CREATE INDEX IF NOT EXISTS idx_outbox_waiting ON outbox (number) WHERE settled_at IS NULL;
    CREATE INDEX IF NOT EXISTS idx_outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;";

const PUT: &str = "INSERT OR IGNORE INTO outbox (account_id, key, user_id, message, put_at, until)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const ENTRY: &str = "SELECT settled_at IS NOT NULL, outcome FROM outbox WHERE account_id = ?1 AND key = ?2";
// the sign before an account keeps SQLite from going through all messages of the account
const WAITING: &str = "SELECT key, user_id, message, put_at, until FROM outbox
    WHERE settled_at IS NULL AND +account_id = ?1 ORDER BY number";
const TAKEN: &str = "SELECT outcome FROM outbox WHERE settled_at >= ?1 AND +account_id = ?2";
const SETTLE: &str = "UPDATE outbox SET settled_at = ?1, outcome = ?2, user_id = NULL, message = NULL
    WHERE account_id = ?3 AND key = ?4";
const FORGET_OLD: &str = "DELETE FROM outbox WHERE settled_at < ?1";
const FORGET_MANY: &str = "DELETE FROM outbox WHERE number IN (
    SELECT number FROM outbox WHERE settled_at IS NOT NULL ORDER BY settled_at DESC LIMIT -1 OFFSET ?1)";

impl Outbox for MessageDb {
    fn put(&mut self, item: &OutboxItem) -> Result<Entry, StoreError> {
        self.run(|connection| put(connection, item))
    }

    fn unsettled(&mut self, account: UserId, limit: usize) -> Result<Unsettled, StoreError> {
        self.run(|connection| unsettled(connection, account, limit))
    }

    fn settle(&mut self, account: UserId, key: &str, settled: &Settled, at: u64) -> Result<(), StoreError> {
        let values = params![number(at), settled.encode(), account.to_string(), key];
        self.run(|connection| connection.prepare_cached(SETTLE)?.execute(values).map(drop))
    }
}

fn put(connection: &Connection, item: &OutboxItem) -> rusqlite::Result<Entry> {
    let account = item.account.to_string();
    let user = (!item.user.is_none()).then(|| item.user.to_string());
    let values = params![account, item.key, user, item.body(), number(item.put_at), number(item.until)];
    if connection.prepare_cached(PUT)?.execute(values)? > 0 {
        if connection.last_insert_rowid() % PRUNE_EVERY == 0 {
            // the message is there all the same
            prune(connection, item.put_at)
                .unwrap_or_else(|error| tracing::warn!(%error, "what was sent long ago could not be forgotten"));
        }
        return Ok(Entry::New);
    }
    let entry = connection.prepare_cached(ENTRY)?.query_row([&account, &item.key], |row| Ok(entry(row))).optional()?;
    // another process has forgotten it in between
    Ok(entry.unwrap_or(Entry::Waiting))
}

/// Of an outcome that makes no sense only that it was one is known: then the message may have been sent.
fn entry(row: &Row<'_>) -> Entry {
    let is_settled = row.get(0).unwrap_or(true);
    let settled = || row.get(1).ok().and_then(|outcome: Vec<u8>| Settled::decode(&outcome));
    if is_settled { Entry::Settled(settled().unwrap_or(Settled::Expired)) } else { Entry::Waiting }
}

fn unsettled(connection: &Connection, account: UserId, limit: usize) -> rusqlite::Result<Unsettled> {
    let mut items = Vec::new();
    let mut statement = connection.prepare_cached(WAITING)?;
    let mut rows = statement.query([account.to_string()])?;
    while let Some(row) = rows.next()?.filter(|_| items.len() < limit) {
        match item(account, row) {
            Some(item) => items.push(item),
            None => tracing::warn!("a message in the outbox is damaged, and is not sent"),
        }
    }
    let taken = match items.iter().map(|item| item.put_at).min() {
        Some(oldest) => taken(connection, account, oldest.saturating_sub(MARGIN))?,
        None => Vec::new(),
    };
    Ok(Unsettled { items, taken })
}

/// Whatever somebody has put there is read: what makes no sense is none.
fn item(account: UserId, row: &Row<'_>) -> Option<OutboxItem> {
    let time = |column| row.get(column).ok().and_then(|time: i64| time.try_into().ok());
    let user: Option<String> = row.get(1).ok()?;
    let user = user.map_or(Some(UserId::NONE), |user| user.parse().ok())?;
    let (key, message): (String, Vec<u8>) = (row.get(0).ok()?, row.get(2).ok()?);
    OutboxItem::stored(account, key, user, &message, time(3)?, time(4)?)
}

fn taken(connection: &Connection, account: UserId, since: u64) -> rusqlite::Result<Vec<MessageId>> {
    let mut statement = connection.prepare_cached(TAKEN)?;
    let outcome = |row: &Row<'_>| Ok(row.get(0).unwrap_or_default());
    let outcomes = statement.query_map(params![number(since), account.to_string()], outcome)?;
    let mut taken = Vec::new();
    for outcome in outcomes {
        let outcome: Vec<u8> = outcome?;
        taken.extend(Settled::decode(&outcome).and_then(|settled| settled.message_id()));
    }
    Ok(taken)
}

fn prune(connection: &Connection, now: u64) -> rusqlite::Result<()> {
    connection.execute(FORGET_OLD, [number(Settled::oldest_remembered(now))])?;
    connection.execute(FORGET_MANY, [number(Settled::MAX_REMEMBERED)])?;
    Ok(())
}

fn number(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settled messages are many, those that wait are few.
    #[test]
    fn what_waits_is_found_without_reading_what_was_settled() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLE).unwrap();
        let plan = |statement: &str, values: &[i64]| {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
            let step = |row: &Row<'_>| row.get::<_, String>("detail");
            let steps = plan.query_map(rusqlite::params_from_iter(values), step).unwrap();
            steps.collect::<Result<Vec<_>, _>>().unwrap().join(", ")
        };
        assert_eq!(plan(WAITING, &[1]), "SCAN outbox USING INDEX idx_outbox_waiting");
        assert_eq!(plan(TAKEN, &[1, 1]), "SEARCH outbox USING INDEX idx_outbox_settled (settled_at>?)");
    }
}

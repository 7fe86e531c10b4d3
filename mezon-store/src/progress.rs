//! How far messages were handled.

use mezon_protocol::route::{Mode, Route};
use mezon_protocol::store::{Position, Progress};
use mezon_protocol::{TopicId, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS positions (
        account_id INTEGER NOT NULL,
        channel_id INTEGER NOT NULL,
        topic_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        clan_id INTEGER NOT NULL,
        mode INTEGER NOT NULL,
        is_public INTEGER NOT NULL,
        PRIMARY KEY (account_id, channel_id, topic_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS seen (account_id INTEGER PRIMARY KEY, time INTEGER NOT NULL);";

const MOVE: &str = "INSERT INTO positions (account_id, channel_id, topic_id, message_id, clan_id, mode, is_public)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account_id, channel_id, topic_id) DO UPDATE SET
        message_id = excluded.message_id, clan_id = excluded.clan_id, mode = excluded.mode,
        is_public = excluded.is_public
    WHERE excluded.message_id > message_id";

const SEE: &str = "INSERT INTO seen (account_id, time) VALUES (?1, ?2)
    ON CONFLICT (account_id) DO UPDATE SET time = excluded.time";

const BEGIN: &str = "INSERT OR IGNORE INTO seen (account_id, time) VALUES (?1, ?2)";

const POSITIONS: &str = "SELECT channel_id, topic_id, message_id, clan_id, mode, is_public FROM positions
    WHERE account_id = ?1";
const SEEN: &str = "SELECT time FROM seen WHERE account_id = ?1";

pub(crate) fn advance(connection: &Connection, account: UserId, position: &Position) -> rusqlite::Result<()> {
    let Position { route, topic, message } = position;
    connection.prepare_cached(MOVE)?.execute(params![
        account.get(),
        route.channel.get(),
        topic.get(),
        message.get(),
        route.clan.get(),
        route.mode.0,
        route.is_public,
    ])?;
    Ok(())
}

pub(crate) fn see(connection: &Connection, account: UserId, time: u32) -> rusqlite::Result<()> {
    connection.prepare_cached(SEE)?.execute(params![account.get(), time])?;
    Ok(())
}

pub(crate) fn begin(connection: &Connection, account: UserId, time: u32) -> rusqlite::Result<()> {
    connection.prepare_cached(BEGIN)?.execute(params![account.get(), time])?;
    Ok(())
}

/// Whatever somebody has put there is read: a position that makes no sense is none.
pub(crate) fn read(connection: &Connection, account: UserId) -> rusqlite::Result<Progress> {
    let account = [account.get()];
    let time = |row: &Row<'_>| Ok(row.get(0).unwrap_or_default());
    let seen: Option<i64> = connection.prepare_cached(SEEN)?.query_row(account, time).optional()?;
    // what is out of range is before or after everything
    let seen = seen.map(|time| u32::try_from(time.max(0)).unwrap_or(u32::MAX));
    let mut statement = connection.prepare_cached(POSITIONS)?;
    let mut rows = statement.query(account)?;
    let mut positions = Vec::new();
    while let Some(row) = rows.next()? {
        match position(row) {
            Ok(position) => positions.push(position),
            Err(error) => tracing::warn!(%error, "how far a channel was handled is damaged, and not known"),
        }
    }
    Ok(Progress { seen, positions })
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    let id = |column: usize| row.get::<_, i64>(column);
    let route = Route::of_message(id(0)?.into(), id(3)?.into(), Mode(row.get(4)?), row.get(5)?);
    Ok(Position { route, topic: TopicId::new(id(1)?), message: id(2)?.into() })
}

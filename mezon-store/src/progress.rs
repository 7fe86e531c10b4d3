//! How far messages were handled.

use mezon_protocol::TopicId;
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::store::{Position, Progress};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

pub(crate) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS positions (
        channel_id INTEGER NOT NULL,
        topic_id INTEGER NOT NULL,
        message_id INTEGER NOT NULL,
        clan_id INTEGER NOT NULL,
        mode INTEGER NOT NULL,
        is_public INTEGER NOT NULL,
        PRIMARY KEY (channel_id, topic_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY CHECK (id = 1), time INTEGER NOT NULL);";

const MOVE: &str = "INSERT INTO positions (channel_id, topic_id, message_id, clan_id, mode, is_public)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (channel_id, topic_id) DO UPDATE SET
        message_id = excluded.message_id, clan_id = excluded.clan_id, mode = excluded.mode,
        is_public = excluded.is_public
    WHERE excluded.message_id > message_id";

const SEE: &str = "INSERT INTO seen (id, time) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET time = excluded.time";

const BEGIN: &str = "INSERT OR IGNORE INTO seen (id, time) VALUES (1, ?1)";

const POSITIONS: &str = "SELECT channel_id, topic_id, message_id, clan_id, mode, is_public FROM positions";
const SEEN: &str = "SELECT time FROM seen";

pub(crate) fn advance(connection: &Connection, position: &Position) -> rusqlite::Result<()> {
    let Position { route, topic, message } = position;
    connection.prepare_cached(MOVE)?.execute(params![
        route.channel.get(),
        topic.get(),
        message.get(),
        route.clan.get(),
        route.mode.0,
        route.is_public,
    ])?;
    Ok(())
}

pub(crate) fn see(connection: &Connection, time: u32) -> rusqlite::Result<()> {
    connection.prepare_cached(SEE)?.execute([time])?;
    Ok(())
}

pub(crate) fn begin(connection: &Connection, time: u32) -> rusqlite::Result<()> {
    connection.prepare_cached(BEGIN)?.execute([time])?;
    Ok(())
}

pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Progress> {
    let seen = connection.prepare_cached(SEEN)?.query_row([], |row| row.get(0)).optional()?;
    let mut statement = connection.prepare_cached(POSITIONS)?;
    let positions = statement.query_map([], position)?.collect::<Result<_, _>>()?;
    Ok(Progress { seen, positions })
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    let id = |column: usize| row.get::<_, i64>(column);
    let route = Route::of_message(id(0)?.into(), id(3)?.into(), Mode(row.get(4)?), row.get(5)?);
    Ok(Position { route, topic: TopicId::new(id(1)?), message: id(2)?.into() })
}

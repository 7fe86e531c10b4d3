//! Messages as rows.

use mezon_protocol::store::StoredMessage;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};
use serde_json::Value;

/// The columns in the order in which they are read and written.
macro_rules! columns {
    () => {
        "id, channel_id, clan_id, sender_id, content, mentions, attachments, reactions, msg_references, topic_id, \
         create_time_seconds, details"
    };
}

const PUT: &str = concat!(
    "INSERT INTO messages (",
    columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id, channel_id) DO UPDATE SET
        clan_id = excluded.clan_id, sender_id = excluded.sender_id, content = excluded.content,
        mentions = excluded.mentions, attachments = excluded.attachments, reactions = excluded.reactions,
        msg_references = excluded.msg_references, topic_id = excluded.topic_id, details = excluded.details,
        create_time_seconds = COALESCE(excluded.create_time_seconds, create_time_seconds)"
);

const ADD: &str = concat!(
    "INSERT OR IGNORE INTO messages (",
    columns!(),
    ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
);

const GET: &str = concat!("SELECT ", columns!(), " FROM messages WHERE id = ?1 AND channel_id = ?2");

/// Ids grow, but not as text: "9" comes before "10".
const PAGE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM messages WHERE channel_id = ?1
        ORDER BY create_time_seconds DESC, CAST(id AS INTEGER) DESC LIMIT ?2 OFFSET ?3"
);

const DELETE: &str = "DELETE FROM messages WHERE id = ?1 AND channel_id = ?2";
const CLEAR: &str = "DELETE FROM messages WHERE channel_id = ?1";
const COUNT: &str = "SELECT COUNT(*) FROM messages WHERE channel_id = ?1";
const COUNT_ALL: &str = "SELECT COUNT(*) FROM messages";

/// Steps from channel to channel in the index, and takes the first entry of each: no more is read, however many messages
/// there are.
const NEWEST: &str = "WITH RECURSIVE channels (id) AS (
        SELECT MIN(channel_id) FROM messages
        UNION ALL
        SELECT (SELECT MIN(channel_id) FROM messages WHERE channel_id > channels.id)
            FROM channels WHERE channels.id IS NOT NULL
    )
    SELECT channels.id, (
        SELECT id FROM messages WHERE channel_id = channels.id
            ORDER BY create_time_seconds DESC, CAST(id AS INTEGER) DESC LIMIT 1
    ) FROM channels WHERE channels.id IS NOT NULL";

pub(crate) fn put(connection: &Connection, message: &StoredMessage) -> rusqlite::Result<()> {
    write(connection, PUT, message)
}

pub(crate) fn add(connection: &Connection, message: &StoredMessage) -> rusqlite::Result<()> {
    write(connection, ADD, message)
}

fn write(connection: &Connection, statement: &str, message: &StoredMessage) -> rusqlite::Result<()> {
    let json = |value: &Value| value.to_string();
    connection.prepare_cached(statement)?.execute(params![
        message.id,
        message.channel_id,
        message.clan_id,
        message.sender_id,
        json(&message.content),
        json(&message.mentions),
        json(&message.attachments),
        json(&message.reactions),
        json(&message.references),
        message.topic_id,
        message.create_time_seconds,
        message.details,
    ])?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: &str, channel: &str) -> rusqlite::Result<Option<StoredMessage>> {
    connection.prepare_cached(GET)?.query_row([id, channel], |row| Ok(read(row))).optional()
}

pub(crate) fn page(
    connection: &Connection,
    channel: &str,
    limit: usize,
    offset: usize,
) -> rusqlite::Result<Vec<StoredMessage>> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(PAGE)?;
    let rows = statement.query_map(params![channel, number(limit), number(offset)], |row| Ok(read(row)))?;
    rows.collect()
}

pub(crate) fn delete(connection: &Connection, id: &str, channel: &str) -> rusqlite::Result<bool> {
    Ok(connection.prepare_cached(DELETE)?.execute([id, channel])? > 0)
}

pub(crate) fn clear(connection: &Connection, channel: &str) -> rusqlite::Result<usize> {
    connection.prepare_cached(CLEAR)?.execute([channel])
}

/// Those of a channel, or all.
pub(crate) fn count(connection: &Connection, channel: Option<&str>) -> rusqlite::Result<u64> {
    let (statement, channel): (_, &[&dyn ToSql]) = match &channel {
        Some(channel) => (COUNT, &[channel]),
        None => (COUNT_ALL, &[]),
    };
    connection.prepare_cached(statement)?.query_row(channel, |row| row.get(0)).map(i64::cast_unsigned)
}

/// Channels with their newest message.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Whatever somebody has put there is read: what makes no sense is absent.
fn read(row: &Row<'_>) -> StoredMessage {
    let mut message = StoredMessage::new(text(row, 0).unwrap_or_default(), text(row, 1).unwrap_or_default());
    message.clan_id = text(row, 2);
    message.sender_id = text(row, 3);
    read_json(row, 4, &mut message.content);
    read_json(row, 5, &mut message.mentions);
    read_json(row, 6, &mut message.attachments);
    read_json(row, 7, &mut message.reactions);
    read_json(row, 8, &mut message.references);
    message.topic_id = text(row, 9);
    message.create_time_seconds = row.get(10).ok();
    message.details = row.get(11).unwrap_or_default();
    message
}

fn text(row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(text)) => Some(String::from_utf8_lossy(text).into_owned()),
        Ok(ValueRef::Integer(integer)) => Some(integer.to_string()),
        Ok(ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_)) | Err(_) => None,
    }
}

/// A text that is no JSON is itself; what is absent stays as it is.
fn read_json(row: &Row<'_>, column: usize, value: &mut Value) {
    if let Some(text) = text(row, column) {
        *value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    }
}

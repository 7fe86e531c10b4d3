//! What has happened, in numbers.

use std::collections::BTreeMap;

/// Counts since the world began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Logins that gave a session.
    pub logins: u64,
    /// Logins that were refused, for whatever reason.
    pub logins_refused: u64,
    /// Sessions that were renewed by their refresh token.
    pub refreshes: u64,
    /// Connections that were accepted.
    pub connects: u64,
    /// Connections that were refused.
    pub connects_refused: u64,
    /// HTTP requests by the name of their RPC, those that were refused included. Names that do not exist count under
    /// `?`.
    pub http_calls: BTreeMap<String, u64>,
    /// RPCs over the socket by name, those that were refused included. Names that do not exist count under `?`.
    pub socket_calls: BTreeMap<String, u64>,
    /// Files and parts that were put to the file store, those that were refused included.
    pub puts: u64,
    /// Messages that clients sent and the world took.
    pub messages_from_clients: u64,
    /// Events pushed to connections, copies made by the duplicate fault included.
    pub pushes: u64,
    /// Clan joins and channel joins that were performed.
    pub joins: u64,
    /// Pings that came in, of either transport.
    pub pings: u64,
    /// Frames that could not be decoded.
    pub undecodable: u64,
}

impl Counters {
    /// How often that RPC was called, over HTTP and socket together.
    pub fn calls(&self, name: &str) -> u64 {
        self.http_calls.get(name).unwrap_or(&0) + self.socket_calls.get(name).unwrap_or(&0)
    }

    pub(super) fn count(table: &mut BTreeMap<String, u64>, name: &str) {
        match table.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                table.insert(name.to_owned(), 1);
            }
        }
    }
}

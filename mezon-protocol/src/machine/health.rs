//! Counters, and the answer to "is it alive?".

use std::time::Duration;

/// Whether a client can be trusted to hear what is said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The verdict.
    pub status: HealthStatus,
    /// Since the last frame of any kind on this connection.
    pub last_frame_age: Option<Duration>,
    /// Since the last pong on this connection.
    pub last_pong_age: Option<Duration>,
    /// Since the last channel message, whatever the connection.
    pub last_message_age: Option<Duration>,
    /// Calls that are pending.
    pub pending_calls: usize,
    /// Events that wait to be taken.
    pub waiting_events: usize,
    /// How often the connection has become Ready again.
    pub reconnects: u64,
}

/// The verdict of [`Health`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HealthStatus {
    /// Not Ready.
    Dead,
    /// Ready, but no message for the configured time. Clicks without messages look like this: joins are missing.
    Quiet,
    /// Ready, and messages come in.
    Alive,
}

/// Plain counters, from the start of the Machine on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Frames that came in.
    pub frames: u64,
    /// Bytes that came in from sockets.
    pub bytes_received: u64,
    /// Pushed events by the number of their Envelope member, wanted or not; members above 127 are counted at 0.
    pub events: [u64; 128],
    /// Events dropped because nobody wants their kind.
    pub uninteresting: u64,
    /// Events dropped because they were not taken in time.
    pub lagged: u64,
    /// Frames that could not be understood.
    pub malformed: u64,
    /// Messages without a meaning in the protocol: text, empty, cut.
    pub junk: u64,
    /// Answers that came after their request had ended.
    pub late_answers: u64,
    /// Answers with a cid that nobody waits for.
    pub unknown_answers: u64,
    /// Requests given to a socket, pings and joins included.
    pub requests: u64,
    /// HTTP exchanges begun.
    pub exchanges: u64,
    /// Logins of bots, renewals included.
    pub logins: u64,
    /// Refreshes of the session of a user.
    pub refreshes: u64,
    /// Attempts to connect.
    pub attempts: u64,
    /// How often the connection has become Ready.
    pub ready: u64,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            frames: 0,
            bytes_received: 0,
            events: [0; 128],
            uninteresting: 0,
            lagged: 0,
            malformed: 0,
            junk: 0,
            late_answers: 0,
            unknown_answers: 0,
            requests: 0,
            exchanges: 0,
            logins: 0,
            refreshes: 0,
            attempts: 0,
            ready: 0,
        }
    }
}

impl Stats {
    pub(super) fn count_event(&mut self, field: u32) {
        let place = usize::try_from(field).ok().filter(|field| *field < self.events.len()).unwrap_or(0);
        self.events[place] += 1;
    }
}

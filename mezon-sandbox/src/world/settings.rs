//! What can be set about a world, with its defaults.

use std::time::Duration;

/// How a world behaves. Take the defaults and change fields, before or while it runs.
///
/// ```
/// use mezon_sandbox::{Settings, World};
/// use std::time::Duration;
///
/// let mut world = World::builder().build();
/// world.settings_mut().token_lifetime = Duration::from_secs(60);
/// assert_eq!(Settings::default().content_limit, Some(4000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The base of the HTTP API, as sessions name it. The server sets it to its own address.
    pub api_url: String,
    /// The socket's endpoint, as sessions name it. The server sets it to its own address.
    pub ws_url: String,
    /// The endpoint of abridged TCP, as sessions name it. Without a scheme it has TLS if the API has. The server sets it
    /// to its own address.
    pub tcp_url: String,
    /// How long a bearer token lasts. Default: one hour (that of live bot tokens is unknown).
    pub token_lifetime: Duration,
    /// How long a refresh token lasts. Default: 7 days.
    pub refresh_lifetime: Duration,
    /// How long a signed URL to put a file to is good. Default: 60 s (seen: 10 to 60 s).
    pub signed_url_lifetime: Duration,
    /// Bytes of uploaded files that are kept, of all files together. Of what is uploaded beyond, size and digest are
    /// known. Default: 64 MiB.
    pub kept_bytes: usize,
    /// Give up a refresh token once the one that it was exchanged for is used. Default: yes.
    pub rotate_refresh_tokens: bool,
    /// Give people who log in a credential of its own for the socket (`session_id`), which lasts as long as the refresh
    /// token. Default: yes.
    pub session_ids: bool,
    /// Accept every API key, and every bot id: an unknown bot is created and becomes a member of every clan. Default:
    /// no.
    pub any_key: bool,
    /// The longest content of a message in UTF-16 units of its JSON text, or `None`. Default: 4000.
    pub content_limit: Option<usize>,
    /// The messages that a client may send within a second, or `None`. More are refused with code 8. Default: `None`.
    pub sends_per_second: Option<u32>,
    /// The most channels that a clan may have, threads included; one more is refused with code 11. Default: 100,000.
    pub channel_limit: usize,
    /// Refuse a send whose clan or mode does not fit the channel. Default: yes.
    pub strict_routes: bool,
    /// Threads are heard and written to only after a `channel_join` of their own. Default: yes.
    pub threads_need_join: bool,
    /// Push `refresh_session_event` right after a connection opens. Default: no.
    pub session_after_connect: bool,
    /// Answer `channel_join` with an echo of it instead of the `channel` member. Default: no.
    pub echo_channel_join: bool,
    /// Answer every call of the API by a sample, also those that have state. For those who try how answers are read.
    /// Default: no.
    pub samples_only: bool,
    /// Write mentions, attachments, references and reactions of pushed messages as JSON instead of protobuf. Default:
    /// no.
    pub lists_as_json: bool,
    /// When a bot has several connections: a message goes to the newest one only that joined its channel, as on the
    /// live service. With `false` all of them get it. Default: yes.
    pub newest_connection_hears: bool,
    /// The time a person takes between opening a new direct channel and the first message in it, so that a bot can
    /// join. Default: 500 ms.
    pub typing_time: Duration,
    /// Voice rooms have a meeting code, by which the media server knows them; otherwise it is their id. Default: yes.
    pub meeting_codes: bool,
    /// What is odd about the pages of `ListChannelMessages`. Default: nothing.
    pub pages: OddPages,
    /// Messages kept per channel; the oldest are forgotten. Default: 10,000.
    pub history_limit: usize,
    /// Clans, channels, roles, timers and all else that calls can make, together. Calls that write are refused with
    /// code 8 when there is as much. Default: 1,000,000.
    pub record_limit: usize,
    /// Entries kept in the transcript. Default: 10,000.
    pub transcript_limit: usize,
    /// Envelopes of clients kept. Default: 10,000.
    pub envelope_limit: usize,
    /// How the ledger behaves.
    pub ledger: LedgerSettings,
}

/// How the ledger, the proof service and the indexer of a world behave. How fast slots advance is no setting but a state:
/// see [`set_slot_time`](super::World::set_slot_time).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerSettings {
    /// How many slots back the nonce of a transaction may lie. Default: 150.
    pub nonce_window: u64,
    /// After how many slots a block is final. Default: 2 (assumed).
    pub finality: u64,
    /// How long a transaction that is in a block is still known as a duplicate. Default: 5 minutes.
    pub duplicate_memory: Duration,
    /// The most transactions that wait for a block; one more is refused with `mempool_full`. Default: 100,000.
    pub pool_limit: usize,
    /// Take 100 requests a second and 100 at once, all clients of this world together, and one user content a second;
    /// more are refused. Default: no (the live node does).
    pub rate_limits: bool,
    /// Take every proof whose public input binds the key to the sender, not only those that this world has made. Default:
    /// no.
    pub any_proof: bool,
    /// How many slots the indexer is behind. Default: 2 (assumed).
    pub indexer_lag: u64,
    /// How many tokens people have who were given no balance. Bots have nothing. Default: 1,000,000.
    pub opening_balance: u64,
    /// How long the `id_token` of a session lasts. Default: one hour (assumed).
    pub id_token_lifetime: Duration,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            nonce_window: 150,
            finality: 2,
            duplicate_memory: Duration::from_secs(300),
            pool_limit: 100_000,
            rate_limits: false,
            any_proof: false,
            indexer_lag: 2,
            opening_balance: 1_000_000,
            id_token_lifetime: Duration::from_secs(3600),
        }
    }
}

/// What clients have to expect of a page of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OddPages {
    /// Its rows are in any order.
    pub shuffled: bool,
    /// The message that was named is on it again, whatever the direction.
    pub with_anchor: bool,
    /// A full page has one row less than it could: the one that is farthest from where it begins.
    pub one_less: bool,
    /// There are rows on it that are no messages: somebody typing, the mark at the beginning of the channel, and once more,
    /// as an edit, each message that was edited.
    pub with_stale_rows: bool,
}

impl OddPages {
    /// Everything at once.
    pub const ALL: Self = Self { shuffled: true, with_anchor: true, one_less: true, with_stale_rows: true };
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_url: "http://127.0.0.1".to_owned(),
            ws_url: "ws://127.0.0.1".to_owned(),
            tcp_url: "127.0.0.1".to_owned(),
            token_lifetime: Duration::from_secs(3600),
            refresh_lifetime: Duration::from_secs(604_800),
            signed_url_lifetime: Duration::from_secs(60),
            kept_bytes: 64 << 20,
            rotate_refresh_tokens: true,
            session_ids: true,
            any_key: false,
            content_limit: Some(4000),
            sends_per_second: None,
            channel_limit: 100_000,
            strict_routes: true,
            threads_need_join: true,
            session_after_connect: false,
            echo_channel_join: false,
            samples_only: false,
            lists_as_json: false,
            newest_connection_hears: true,
            typing_time: Duration::from_millis(500),
            meeting_codes: true,
            pages: OddPages::default(),
            history_limit: 10_000,
            record_limit: 1_000_000,
            transcript_limit: 10_000,
            envelope_limit: 10_000,
            ledger: LedgerSettings::default(),
        }
    }
}

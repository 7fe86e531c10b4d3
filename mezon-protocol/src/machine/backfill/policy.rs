//! How much of what was missed is fetched.

use std::time::Duration;

use crate::route::ChannelKind;

/// What is done about messages that were missed while the connection was away.
///
/// ```
/// use mezon_protocol::Config;
/// use mezon_protocol::machine::BackfillPolicy;
/// use std::time::Duration;
///
/// let config = Config::bot(17_i64, "the-api-key")?
///     .backfill(BackfillPolicy { max_age: Duration::from_secs(600), threads: false, ..BackfillPolicy::default() });
/// assert!(!config.clone().backfill(BackfillPolicy::OFF).backfill.enabled);
/// # Ok::<(), mezon_protocol::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackfillPolicy {
    /// Whether anything is fetched at all. Default true.
    pub enabled: bool,
    /// Messages that are fetched of one channel after one absence. Default 1,000.
    pub per_channel: usize,
    /// Messages that are fetched of all channels after one absence. Default 10,000.
    pub total: usize,
    /// Messages older than this are left out. Default 24 h.
    pub max_age: Duration,
    /// Whether channels of clans are caught up with. Default true.
    pub channels: bool,
    /// Whether threads are. Default true.
    pub threads: bool,
    /// Whether direct messages are. Default true.
    pub direct: bool,
    /// Whether group messages are. Default true.
    pub groups: bool,
    /// Of each channel that is caught up with, so many of the messages that were given before are looked at again, to
    /// find what was edited or removed meanwhile; 0 for none. They are asked for together with the missed ones. Default
    /// 25, at most [`remembered`](Self::remembered) less one.
    pub recheck: usize,
    /// Requests that may be under way at a time. Default 2.
    pub in_flight: usize,
    /// The part of [`Config::socket_rates`](crate::Config::socket_rates) that it may use, in percent; the rest is left to
    /// calls. Default 50.
    pub rate_percent: u32,
    /// Live messages are held back until the missed ones of their channel have been given. Above so many bytes they are
    /// let go, to be fetched like the missed ones. Default 4 MiB.
    pub hold_bytes: usize,
    /// Channels of which is remembered how far they were given; the one that was silent for longest goes first.
    /// Default 1,024.
    pub max_channels: usize,
    /// Messages whose ids are remembered for each of them. Default 64.
    pub remembered: usize,
}

impl BackfillPolicy {
    /// Nothing is fetched: what was said while the connection was away is missed.
    pub const OFF: Self = Self { enabled: false, ..Self::DEFAULT };

    const DEFAULT: Self = Self {
        enabled: true,
        per_channel: 1000,
        total: 10_000,
        max_age: Duration::from_secs(24 * 3600),
        channels: true,
        threads: true,
        direct: true,
        groups: true,
        recheck: 25,
        in_flight: 2,
        rate_percent: 50,
        hold_bytes: 4 << 20,
        max_channels: 1024,
        remembered: 64,
    };

    /// Whether channels of this kind are caught up with.
    pub const fn wants(&self, kind: ChannelKind) -> bool {
        match kind {
            ChannelKind::THREAD => self.threads,
            ChannelKind::DIRECT => self.direct,
            ChannelKind::GROUP => self.groups,
            ChannelKind(_) => self.channels,
        }
    }
}

impl Default for BackfillPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

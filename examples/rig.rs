//! What the clients for the performance rig have in common: their environment, and what they report.

use std::collections::HashSet;
use std::time::Duration;

use mezon_protocol::route::{Mode, Route};
use mezon_protocol::{Config, Error, Interest};
use rustix::time::{ClockId, clock_gettime};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// After so long without a message those that are still missing are lost.
pub const LOST_AFTER: Duration = Duration::from_secs(3);

/// How many sends are under way at a time in the second half of `ack`.
pub const WINDOW: usize = 64;

pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How many messages or connections.
pub fn count() -> usize {
    var("BENCH_N").and_then(|n| n.parse().ok()).unwrap_or(1)
}

pub fn config() -> Result<Config, Error> {
    let mut config = Config::from_vars(var)?;
    if var("BENCH_UNTHROTTLED").as_deref() == Some("1") {
        config = config.without_rate_limits();
    }
    if var("BENCH_INTEREST").as_deref() == Some("messages") {
        config = config.interest(Interest::messages());
    }
    Ok(config)
}

/// The channel that the rig listens to.
pub fn route() -> Route {
    const CLAN: i64 = 1834156727516270592;
    const CHANNEL: i64 = 1834156727516270601;
    Route::of_message(CHANNEL.into(), CLAN.into(), Mode::CHANNEL, true)
}

/// What was sent across a gap in the connection, and how often it came.
#[derive(Default)]
pub struct Seen {
    distinct: HashSet<u64>,
    repeated: usize,
    gap_at: Option<i64>,
}

impl Seen {
    pub fn add(&mut self, text: &str) {
        let Some(k) = text.strip_prefix("c ").and_then(|k| k.parse::<u64>().ok()) else { return };
        if k > 200 {
            self.gap_at.get_or_insert_with(monotonic_us);
        }
        self.repeated += usize::from(!self.distinct.insert(k));
    }

    /// Prints the result; gives what is to be said.
    pub fn report(&self) -> String {
        let (gap_at, distinct, repeated) = (self.gap_at.unwrap_or_default(), self.distinct.len(), self.repeated);
        println!("RESULT {{\"gap_at_us\":{gap_at},\"distinct\":{distinct},\"dup\":{repeated}}}");
        format!("done {distinct} {repeated}")
    }
}

fn monotonic_us() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

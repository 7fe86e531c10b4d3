//! S8, daily reminders: a script without async that at a time of day writes to many people directly, and to one channel
//! for everybody. It queues: a lost connection holds it up and no more. Nothing is sent twice; who could not be reached,
//! and for whom it is not known, is told at the end: `cargo run --example s08_reminders`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mezon_blocking::{ChannelId, Client, Config, Content, Error, Sent, UserId};
use mezon_examples::stage::{AnyError, Town, has_credentials};

const DAY: u64 = 24 * 3600;

#[derive(Debug, Default)]
pub struct Report {
    pub reached: usize,
    /// Why the channel has no message, if so.
    pub channel: Option<Error>,
    /// Surely not reached, and why.
    pub missed: Vec<(UserId, Error)>,
    /// They may have it or not: asking them beats writing again.
    pub unknown: Vec<(UserId, Error)>,
}

/// Writes to all of them. The client keeps to its rate.
pub fn remind(client: &Client, users: &[UserId], channel: ChannelId, text: &str) -> Report {
    let everyone = client.channel(channel).queue(Content::text(text).mention_everyone());
    let mut report = Report { channel: everyone.err(), ..Report::default() };
    for user in users {
        match client.user(*user).queue(text) {
            Ok(_) => report.reached += 1,
            Err(error) if error.sent() == Sent::Unknown => report.unknown.push((*user, error)),
            Err(error) => report.missed.push((*user, error)),
        }
    }
    report
}

/// How long it is until this time of the day, in UTC.
pub fn until(time_of_day: Duration, now: SystemTime) -> Duration {
    let passed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let today = Duration::new(passed.as_secs() % DAY, passed.subsec_nanos());
    let tomorrow = time_of_day + Duration::from_secs(DAY);
    time_of_day.checked_sub(today).unwrap_or_else(|| tomorrow.saturating_sub(today))
}

fn main() -> Result<(), AnyError> {
    if !has_credentials() {
        let town = Town::open()?;
        let client = Client::login(town.config()?)?;
        let report = remind(&client, &[town.alice, town.bob, 7.into()], town.general, "Stand up!");
        println!("{report:?}");
        return Ok(());
    }
    let var = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let users = var("REMIND_USERS")?.split(',').map(str::parse).collect::<Result<Vec<UserId>, _>>()?;
    let channel = var("REMIND_CHANNEL")?.parse::<ChannelId>()?;
    let client = Client::login(Config::from_vars(|name| std::env::var(name).ok())?)?;
    loop {
        std::thread::sleep(until(Duration::from_secs(9 * 3600 + 5 * 60), SystemTime::now()));
        let report = remind(&client, &users, channel, "Stand up!");
        println!("{report:?}");
    }
}

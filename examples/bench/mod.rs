//! What the benchmark clients do, whatever they run on: `sdk` is the adapter, `crate::runtime` what it does not have.

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use sdk::{Channel, Client, Config, Error, Event, Events, Interest, Message, Mode, Route};

use crate::runtime;

pub(crate) type AnyError = Box<dyn std::error::Error + Send + Sync>;

const CLAN: i64 = 1834156727516270592;
const CHANNEL: i64 = 1834156727516270601;

/// After so long without a message those that are still missing are lost.
const LOST_AFTER: Duration = Duration::from_secs(3);

/// How many sends are under way at a time in the second half of `ack`.
const WINDOW: usize = 64;

/// The scenario that the environment names.
pub(crate) async fn run() -> Result<(), AnyError> {
    let count = var("BENCH_N").and_then(|n| n.parse().ok()).unwrap_or(1);
    match var("BENCH_SCENARIO").as_deref() {
        Some("blast") => blast().await,
        Some("ack") => ack(count).await,
        Some("fanin") => fan_in(count).await,
        Some("reconnect") => reconnect().await,
        other => Err(format!("no such scenario: {other:?}").into()),
    }
}

/// Counts messages until the marker says how many there should be.
async fn blast() -> Result<(), AnyError> {
    let (client, channel) = login().await?;
    let mut events = client.events();
    channel.send("ready").await?;
    let mut counted = 0;
    let expected: usize = loop {
        let message = next_message(&mut events).await?;
        let text = message.text();
        if let Some(expected) = text.strip_prefix("bench-end ") {
            break expected.parse()?;
        }
        black_box((message.sender_id(), message.channel_id(), &text));
        counted += 1;
    };
    while counted < expected {
        let Some(message) = runtime::timeout(LOST_AFTER, next_message(&mut events)).await else { break };
        message?;
        counted += 1;
    }
    channel.send(format!("done {counted}")).await?;
    Ok(())
}

/// Times sends, one after the other, then many at a time.
async fn ack(count: usize) -> Result<(), AnyError> {
    let (_client, channel) = login().await?;
    channel.send("ready").await?;
    let padding = "x".repeat(160);
    let mut one_by_one = Vec::with_capacity(count);
    for k in 0..count {
        one_by_one.push(time(&channel, format!("s {k} {padding}")).await?);
    }

    let next = Arc::new(AtomicUsize::new(0));
    let senders = (0..WINDOW).map(|_| {
        let (next, channel, padding) = (Arc::clone(&next), channel.clone(), padding.clone());
        runtime::spawn(async move {
            let mut times = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= count {
                    return Ok::<_, Error>(times);
                }
                times.push(time(&channel, format!("p {k} {padding}")).await?);
            }
        })
    });
    let senders: Vec<_> = senders.collect();
    let mut in_window = Vec::with_capacity(count);
    for times in senders {
        in_window.extend(times.await?);
    }
    println!("RESULT {{\"seq_us\":{one_by_one:?},\"win_us\":{in_window:?}}}");
    channel.send(format!("done {}", 2 * count)).await?;
    Ok(())
}

/// Holds connections that have nothing to do.
async fn fan_in(count: usize) -> Result<(), AnyError> {
    let logins: Vec<_> = (0..count).map(|_| runtime::spawn(login())).collect();
    let mut clients = Vec::new();
    for client in logins {
        clients.push(client.await?);
    }
    let (client, channel) = clients.first().ok_or("no connection")?;
    let mut events = client.events();
    channel.send("ready").await?;
    while !next_message(&mut events).await?.text().starts_with("bench-end") {}
    channel.send(format!("done {count}")).await?;
    Ok(())
}

/// Looks for gaps and repetitions after the connection was lost.
async fn reconnect() -> Result<(), AnyError> {
    let (client, channel) = login().await?;
    let mut events = client.events();
    channel.send("ready").await?;
    let mut seen = HashSet::new();
    let (mut repeated, mut gap_at) = (0, None);
    loop {
        let message = next_message(&mut events).await?;
        let text = message.text();
        if text.starts_with("bench-end") {
            break;
        }
        let Some(k) = text.strip_prefix("c ").and_then(|k| k.parse::<u64>().ok()) else { continue };
        if k > 200 {
            gap_at.get_or_insert_with(monotonic_us);
        }
        repeated += usize::from(!seen.insert(k));
    }
    let (gap_at, distinct) = (gap_at.unwrap_or_default(), seen.len());
    println!("RESULT {{\"gap_at_us\":{gap_at},\"distinct\":{distinct},\"dup\":{repeated}}}");
    channel.send(format!("done {distinct} {repeated}")).await?;
    Ok(())
}

async fn login() -> Result<(Client, Channel), Error> {
    let mut config = Config::from_vars(var)?;
    if var("BENCH_UNTHROTTLED").as_deref() == Some("1") {
        config = config.without_rate_limits();
    }
    if var("BENCH_INTEREST").as_deref() == Some("messages") {
        config = config.interest(Interest::messages());
    }
    let client = runtime::login(config).await?;
    let channel = client.channel_at(Route::of_message(CHANNEL.into(), CLAN.into(), Mode::CHANNEL, true));
    Ok((client, channel))
}

async fn next_message(events: &mut Events) -> Result<Message, AnyError> {
    while let Some(event) = events.next().await {
        if let Event::Message(message) = event {
            return Ok(message);
        }
    }
    Err("the client was closed".into())
}

/// Microseconds from the call to its acknowledgement.
async fn time(channel: &Channel, text: String) -> Result<u128, Error> {
    let start = Instant::now();
    channel.send(text).await?;
    Ok(start.elapsed().as_micros())
}

fn monotonic_us() -> i64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

/// A variable of the environment.
pub(crate) fn var(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

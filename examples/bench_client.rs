//! What a performance rig runs: a client that counts what is pushed at it, or times what it sends.
//!
//! The rig's gateway is named by `MEZON_HOST` and so on, the scenario by `BENCH_SCENARIO`: `blast`, `ack`, `fanin` or
//! `reconnect`, of size `BENCH_N`. `BENCH_UNTHROTTLED=1` lifts the client's own rate limits, `BENCH_INTEREST=messages`
//! subscribes to messages alone, `BENCH_RUNTIME=multi` takes the multi-thread runtime.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bench::{AnyError, LOST_AFTER, Seen, WINDOW, var};
use mezon_tokio::{Channel, Client, Error, Event, Events, Message};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

mod bench;

fn main() -> Result<(), AnyError> {
    let multi = var("BENCH_RUNTIME").as_deref() == Some("multi");
    let mut runtime = if multi { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    runtime.enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), AnyError> {
    match var("BENCH_SCENARIO").as_deref() {
        Some("blast") => blast().await,
        Some("ack") => ack(bench::count()).await,
        Some("fanin") => fan_in(bench::count()).await,
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
        let Ok(message) = tokio::time::timeout(LOST_AFTER, next_message(&mut events)).await else { break };
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
    let mut senders = JoinSet::new();
    for _ in 0..WINDOW {
        let (next, channel, padding) = (Arc::clone(&next), channel.clone(), padding.clone());
        senders.spawn(async move {
            let mut times = Vec::new();
            loop {
                let k = next.fetch_add(1, Ordering::Relaxed);
                if k >= count {
                    return Ok::<_, Error>(times);
                }
                times.push(time(&channel, format!("p {k} {padding}")).await?);
            }
        });
    }
    let mut in_window = Vec::with_capacity(count);
    while let Some(times) = senders.join_next().await {
        in_window.extend(times??);
    }
    println!("RESULT {{\"seq_us\":{one_by_one:?},\"win_us\":{in_window:?}}}");
    channel.send(format!("done {}", 2 * count)).await?;
    Ok(())
}

/// Holds connections that have nothing to do.
async fn fan_in(count: usize) -> Result<(), AnyError> {
    let mut logins = JoinSet::new();
    for _ in 0..count {
        logins.spawn(login());
    }
    let mut clients = Vec::new();
    while let Some(client) = logins.join_next().await {
        clients.push(client??);
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
    let mut seen = Seen::default();
    loop {
        let message = next_message(&mut events).await?;
        if message.text().starts_with("bench-end") {
            break;
        }
        seen.add(&message.text());
    }
    channel.send(seen.report()).await?;
    Ok(())
}

async fn login() -> Result<(Client, Channel), Error> {
    let client = Client::login(bench::config()?).await?;
    let channel = client.channel_at(bench::route());
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

//! What the benchmark clients do, whatever they run on: `sdk` is the adapter, `crate::runtime` what it does not have.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sdk::{Channel, Client, Error, Event, Events, Message};

use crate::rig::{self, AnyError, LOST_AFTER, Seen, WINDOW, var};
use crate::runtime;

/// The scenario that the environment names.
pub(crate) async fn run() -> Result<(), AnyError> {
    let count = rig::count();
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
    let mut seen = Seen::default();
    loop {
        let message = next_message(&mut events).await?;
        let text = message.text();
        if text.starts_with("bench-end") {
            break;
        }
        seen.add(&text);
    }
    channel.send(seen.report()).await?;
    Ok(())
}

async fn login() -> Result<(Client, Channel), Error> {
    let client = runtime::login(rig::config()?).await?;
    let channel = client.channel_at(rig::route());
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

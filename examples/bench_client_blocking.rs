//! As `bench_client`, without async: what a performance rig runs.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use mezon_blocking::{Channel, Client, Error, Event, Events, Message, NoEvent};
use rig::{AnyError, LOST_AFTER, Seen, WINDOW, var};

mod rig;

fn main() -> Result<(), AnyError> {
    match var("BENCH_SCENARIO").as_deref() {
        Some("blast") => blast(),
        Some("ack") => ack(rig::count()),
        Some("fanin") => fan_in(rig::count()),
        Some("reconnect") => reconnect(),
        other => Err(format!("no such scenario: {other:?}").into()),
    }
}

/// Counts messages until the marker says how many there should be.
fn blast() -> Result<(), AnyError> {
    let (client, channel) = login()?;
    let mut events = client.events();
    channel.send("ready")?;
    let mut counted = 0;
    let expected: usize = loop {
        let message = next_message(&mut events)?;
        let text = message.text();
        if let Some(expected) = text.strip_prefix("bench-end ") {
            break expected.parse()?;
        }
        black_box((message.sender_id(), message.channel_id(), &text));
        counted += 1;
    };
    while counted < expected {
        match events.next_timeout(LOST_AFTER) {
            Ok(event) => counted += usize::from(matches!(event, Event::Message(_))),
            Err(NoEvent::Timeout | NoEvent::Ended) => break,
        }
    }
    channel.send(format!("done {counted}"))?;
    Ok(())
}

/// Times sends, one after the other, then many at a time.
fn ack(count: usize) -> Result<(), AnyError> {
    let (_client, channel) = login()?;
    channel.send("ready")?;
    let padding = "x".repeat(160);
    let mut one_by_one = Vec::with_capacity(count);
    for k in 0..count {
        one_by_one.push(time(&channel, format!("s {k} {padding}"))?);
    }

    let next = AtomicUsize::new(0);
    let send = || {
        let mut times = Vec::new();
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= count {
                return Ok::<_, Error>(times);
            }
            times.push(time(&channel, format!("p {k} {padding}"))?);
        }
    };
    let in_window = thread::scope(|scope| {
        let senders: Vec<_> = (0..WINDOW).map(|_| scope.spawn(send)).collect();
        let mut times = Vec::with_capacity(count);
        for sender in senders {
            times.extend(sender.join().map_err(|_| "a sender panicked")??);
        }
        Ok::<_, AnyError>(times)
    })?;
    println!("RESULT {{\"seq_us\":{one_by_one:?},\"win_us\":{in_window:?}}}");
    channel.send(format!("done {}", 2 * count))?;
    Ok(())
}

/// Holds connections that have nothing to do.
fn fan_in(count: usize) -> Result<(), AnyError> {
    let clients = thread::scope(|scope| {
        let logins: Vec<_> = (0..count).map(|_| scope.spawn(login)).collect();
        let mut clients = Vec::with_capacity(count);
        for login in logins {
            clients.push(login.join().map_err(|_| "a login panicked")??);
        }
        Ok::<_, AnyError>(clients)
    })?;
    let (client, channel) = clients.first().ok_or("no connection")?;
    let mut events = client.events();
    channel.send("ready")?;
    while !next_message(&mut events)?.text().starts_with("bench-end") {}
    channel.send(format!("done {count}"))?;
    Ok(())
}

/// Looks for gaps and repetitions after the connection was lost.
fn reconnect() -> Result<(), AnyError> {
    let (client, channel) = login()?;
    let mut events = client.events();
    channel.send("ready")?;
    let mut seen = Seen::default();
    loop {
        let message = next_message(&mut events)?;
        if message.text().starts_with("bench-end") {
            break;
        }
        seen.add(&message.text());
    }
    channel.send(seen.report())?;
    Ok(())
}

fn login() -> Result<(Client, Channel), Error> {
    let client = Client::login(rig::config()?)?;
    let channel = client.channel_at(rig::route());
    Ok((client, channel))
}

fn next_message(events: &mut Events) -> Result<Message, AnyError> {
    let message = events.find_map(|event| if let Event::Message(message) = event { Some(message) } else { None });
    message.ok_or_else(|| "the client was closed".into())
}

/// Microseconds from the call to its acknowledgement.
fn time(channel: &Channel, text: String) -> Result<u128, Error> {
    let start = Instant::now();
    channel.send(text)?;
    Ok(start.elapsed().as_micros())
}

//! The connection under a client: lost and found again, and slow receivers.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::time::Duration;

use mezon_smol::{Cause, Event, State};
use town::{Town, event, heard, patiently, start};

#[test]
fn a_dropped_connection_is_replaced_and_everything_joined_again() {
    smol::block_on(async {
        let town = Town::new();
        let (client, mut events) = town.login().await;
        event(&mut events, |event| matches!(event, Event::Ready { resumed: false, .. })).await;

        for abort in [true, false] {
            if abort {
                town.sandbox.abort(town.bot)
            } else {
                town.sandbox.drop_connection(town.bot, 1001)
            };
            event(&mut events, |event| matches!(event, Event::Disconnected { will_retry_in: Some(_), .. })).await;
            event(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. })).await;
            town.sandbox.say(town.alice, town.general, "still there?");
            assert_eq!(heard(&mut events).await, "still there?");
            patiently(client.channel(town.general).send("yes")).await.unwrap();
        }
        assert_eq!(client.health().await.reconnects, 2);
    });
}

#[test]
fn a_connection_is_replaced_on_request() {
    smol::block_on(async {
        let town = Town::new();
        let (client, mut events) = town.login().await;
        client.reconnect();
        event(&mut events, |event| matches!(event, Event::Disconnected { cause: Cause::Replaced, .. })).await;
        event(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. })).await;
        town.connections(1).await;
        assert_eq!(client.state().await, State::Ready);
    });
}

#[test]
fn a_stalled_connection_is_noticed() {
    smol::block_on(async {
        let town = Town::new();
        let mut config = town.config();
        config.heartbeat.interval = Duration::from_millis(50);
        config.heartbeat.timeout = Duration::from_millis(50);
        let (_client, mut events) = start(config).await.unwrap();
        town.sandbox.half_open(town.bot);
        event(&mut events, |event| matches!(event, Event::Disconnected { cause: Cause::HeartbeatTimeout, .. })).await;
        event(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. })).await;
    });
}

#[test]
fn a_slow_receiver_holds_the_server_back_loses_nothing_and_delays_no_answer() {
    smol::block_on(async {
        const MESSAGES: usize = 2000;
        const BOUND: usize = 16;
        let town = Town::new();
        let mut config = town.config();
        config.inbox.pause_at_events = BOUND;
        let (client, mut events) = start(config).await.unwrap();
        let padding = "x".repeat(2000);
        for k in 0..MESSAGES {
            town.sandbox.say(town.alice, town.general, &format!("{k} {padding}"));
        }

        // as many as one read brings may come on top
        let most = BOUND + 64 * 1024 / padding.len();
        let waiting = patiently(async {
            loop {
                let waiting = client.health().await.waiting_events;
                if waiting >= BOUND {
                    return waiting;
                }
                smol::future::yield_now().await;
            }
        })
        .await;
        assert!(waiting <= most, "{waiting}");

        patiently(client.channel(town.general).send("an answer")).await.unwrap();
        for k in 0..MESSAGES {
            let text = heard(&mut events).await;
            assert_eq!(text.split(' ').next(), Some(k.to_string().as_str()));
        }
    });
}

#[test]
fn without_a_receiver_reading_goes_on_and_what_is_lost_is_counted() {
    smol::block_on(async {
        const MESSAGES: u64 = 3000;
        let town = Town::new();
        let (client, events) = town.login().await;
        drop(events);
        for k in 0..MESSAGES {
            town.sandbox.say(town.alice, town.general, &k.to_string());
        }
        patiently(client.channel(town.general).send("done")).await.unwrap();

        let (mut events, mut received, mut lost) = (client.events(), 0, 0);
        while received + lost < MESSAGES {
            let next = event(&mut events, |event| matches!(event, Event::Message(_) | Event::Lagged { .. })).await;
            match next {
                Event::Message(message) => {
                    assert_eq!(message.text(), received.to_string());
                    received += 1;
                }
                Event::Lagged { dropped } => lost += dropped,
                _ => unreachable!(),
            }
        }
        assert!(lost > 0 && received >= 1000, "{received} received, {lost} lost");
    });
}

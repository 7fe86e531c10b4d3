//! In which order handlers run, and what one is to the others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use futures_lite::future::yield_now;
use mezon_client::FailureCause;
use mezon_protocol::{Event, EventKind};

use crate::adapters::Adapter;
use crate::town::{Town, gate, reports, tell_texts, until};

/// Rows 41, 86, 93.
pub fn several_handlers_of_an_event_run_in_the_order_of_their_registration<R: Adapter>() {
    let town = Town::<R>::new();
    let (order, reports) = reports();
    let tell = order.clone();
    town.client.on_message(move |message| {
        let (tell, text) = (tell.clone(), message.text().into_owned());
        async move {
            yield_now().await;
            tell.send(format!("first {text}"))
        }
    });
    let tell = order.clone();
    town.client.on_message(move |message| tell.send(format!("second {}", message.text())));
    let tell = order.clone();
    let third = move |event| {
        let Event::Message(message) = event else { return Ok(()) };
        tell.send(format!("third {}", message.text()))
    };
    town.client.on("channel_message", third).unwrap();
    town.client.on_event(move |event| match event.kind() {
        Some(EventKind::Message) => order.send("all".to_owned()),
        _ => Ok(()),
    });
    assert!(town.client.has_listeners(EventKind::Typing), "that of all events hears of it");

    let running = town.run();
    for text in ["a", "b"] {
        town.say(text);
    }
    let expected = ["first a", "second a", "third a", "all", "first b", "second b", "third b", "all"];
    assert_eq!(reports.take(8), expected);
    town.end(running);
}

/// Rows 87, 88.
pub fn plain_and_async_handlers_are_called<R: Adapter>() {
    let town = Town::<R>::new();
    let (plain, plain_reports) = reports();
    town.client.on_message(move |message| {
        plain.send(message.id()).unwrap();
    });
    let (tell, async_reports) = reports();
    town.client.on_message(move |message| {
        let tell = tell.clone();
        async move {
            let reply = R::ended(message.reply("seen")).await?;
            tell.send(reply.id()).unwrap();
            Ok::<_, mezon_protocol::Error>(())
        }
    });
    let running = town.run();
    let said = town.say("hello");
    assert_eq!(plain_reports.next(), said);
    let reply = town.sandbox.expect_reply(said, "seen", crate::town::SOON).wait().unwrap();
    assert_eq!(async_reports.next(), reply.message);
    town.end(running);
}

/// Row 41.
pub fn a_handler_takes_itself_out_and_another_one_in<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, reports) = reports();
    let (client, own_id) = (town.client.clone(), Arc::new(OnceLock::new()));
    let id = Arc::clone(&own_id);
    let once = town.client.on_message(move |message| {
        tell.send(format!("once {}", message.text())).unwrap();
        assert!(client.off(*id.get().unwrap()));
        let tell = tell.clone();
        client.on_message(move |message| tell.send(format!("then {}", message.text())));
    });
    own_id.set(once).unwrap();
    let texts = tell_texts(&town.client);
    let running = town.run();
    town.sandbox.with(|world, now| {
        for text in ["a", "b"] {
            world.say(now, town.alice, town.general, text);
        }
    });
    assert_eq!(texts.take(2), ["a", "b"]);
    town.say("c");
    assert_eq!(texts.next(), "c");
    assert_eq!(reports.next(), "once a");
    let next = reports.next();
    // that of the second event is called if it was there in time
    assert_eq!(if next == "then b" { reports.next() } else { next }, "then c");
    assert!(!town.client.off(once), "it is out already");
    town.end(running);
}

pub fn what_fails_in_one_handler_is_nothing_to_the_others<R: Adapter>() {
    let town = Town::<R>::new();
    town.client.on_message(|_| fail("at once"));
    town.client.on_message(|_| async {
        yield_now().await;
        fail("later");
    });
    town.client.on_message(|_| Err::<(), _>("an error"));
    town.client.on_message(|_| async { Err::<(), _>(std::fmt::Error) });
    let texts = tell_texts(&town.client);
    let (tell, failures) = reports();
    town.client.on_failure(move |failure| {
        tell.send((failure.event, failure.cause.to_string(), matches!(failure.cause, FailureCause::Panic(_)))).unwrap();
        panic!("not even that");
    });
    let running = town.run();
    for text in ["a", "b"] {
        town.say(text);
        assert_eq!(texts.next(), text);
        let told = failures.take(4);
        assert!(told.iter().all(|(event, ..)| *event == Some(EventKind::Message)));
        let told: Vec<_> = told.iter().map(|(_, cause, panicked)| (cause.as_str(), *panicked)).collect();
        let error = std::fmt::Error.to_string();
        assert_eq!(
            told[..3],
            [
                ("a handler panicked: at once", true),
                ("a handler panicked: later", true),
                ("a handler failed: an error", false)
            ]
        );
        assert_eq!(told[3], (format!("a handler failed: {error}").as_str(), false));
    }
    town.end(running);
}

fn fail(says: &str) {
    panic!("{says}");
}

/// C19.
pub fn events_of_a_channel_are_handled_in_order<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, reports), (key, gate)) = (reports(), gate());
    town.client.on_message(move |message| {
        let (tell, gate, text) = (tell.clone(), gate.clone(), message.text().into_owned());
        async move {
            tell.send(format!("begins {text}")).unwrap();
            gate.pass().await;
            tell.send(format!("ends {text}")).unwrap();
        }
    });
    let running = town.run();
    for k in 0..20 {
        town.say(&k.to_string());
    }
    for k in 0..20 {
        assert_eq!(reports.next(), format!("begins {k}"));
        key.let_one();
        assert_eq!(reports.next(), format!("ends {k}"));
    }
    town.end(running);
}

/// C19.
pub fn channels_are_handled_side_by_side_up_to_the_bound<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, reports), (key, gate)) = (reports(), gate());
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    town.client.on_message(move |message| {
        let (tell, gate, now, seen) = (tell.clone(), gate.clone(), Arc::clone(&now), Arc::clone(&seen));
        async move {
            seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tell.send(message.channel_id()).unwrap();
            gate.pass().await;
            now.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let mut dispatch = town.client.dispatch();
    dispatch.parallel = 3;
    let running = town.run_with(dispatch);
    for channel in &town.channels {
        town.sandbox.say(town.alice, *channel, "hello");
    }
    let mut handled = reports.take(3);
    for _ in 3..town.channels.len() {
        key.let_one();
        handled.push(reports.next());
    }
    key.open();
    handled.sort();
    assert_eq!(handled, town.channels);
    assert_eq!(most.load(Ordering::SeqCst), 3);
    town.end(running);
}

pub fn slow_handlers_lose_nothing<R: Adapter>() {
    let town = Town::<R>::with(|config| config.inbox.pause_at_events = 50);
    let ((tell, reports), (key, gate)) = (reports(), gate());
    town.client.on_message(move |message| {
        let (tell, gate, text) = (tell.clone(), gate.clone(), message.text().into_owned());
        async move {
            gate.pass().await;
            tell.send(text).unwrap();
        }
    });
    let mut dispatch = town.client.dispatch();
    (dispatch.parallel, dispatch.waiting) = (1, 10);
    let running = town.run_with(dispatch);
    let texts: Vec<_> = (0..2000).map(|k| k.to_string()).collect();
    for text in &texts {
        town.say(text);
    }
    let client = &town.client;
    until("reading to pause", || R::answer(client.health()).waiting_events >= 50);
    let waiting = R::answer(client.health()).waiting_events;
    assert!(waiting < 1500, "{waiting} events wait here and not at the server");
    key.open();
    assert_eq!(reports.take(2000), texts);
    assert_eq!(R::answer(client.stats()).lagged, 0);
    town.end(running);
}

//! How running begins and ends, and what lasts.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;
use mezon_protocol::event::{Cause, Fatal};
use mezon_protocol::{ChannelId, ErrorKind, Event};

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports, tell_texts};

pub fn run_comes_back_when_the_client_is_closed<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, ends) = reports();
    town.client.on_disconnected(move |cause| tell.send(cause));
    let running = town.run();
    assert!(!running.has_ended());
    town.client.close();
    running.end().unwrap();
    assert_eq!(ends.rest(), [Cause::Closed], "handlers have been told before it comes back");
}

pub fn run_fails_when_the_login_is_refused<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, reasons) = reports();
    town.client.on_fatal(move |reason| {
        let tell = tell.clone();
        async move {
            futures_lite::future::yield_now().await;
            tell.send(reason)
        }
    });
    town.sandbox.with(|world, _| world.refuse_login(401, 1, None));
    let error = town.start().end().unwrap_err();
    assert!(error.requires_login(), "{error:?}");
    let reasons = reasons.rest();
    assert!(matches!(&reasons[..], [Fatal::Refused(_)]), "handlers have been told before it comes back: {reasons:?}");

    // the next attempt is a new one
    let running = town.run();
    town.end(running);
}

pub fn run_fails_when_there_is_no_way_to_connect<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, causes) = reports();
    town.client.on_disconnected(move |cause| tell.send(cause));
    town.sandbox.with(|world, _| world.refuse_connect(503, 1));
    let error = town.start().end().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(_)), "{error:?}");
    assert_eq!(causes.next(), Cause::HttpStatus { status: 503 });
}

/// Row 24.
pub fn handlers_survive_reconnects<R: Adapter>() {
    let town = Town::<R>::new();
    let texts = tell_texts(&town.client);
    let (tell, readies) = reports();
    town.client.on_ready(move |gap| tell.send(gap.is_some()));
    let running = town.run();
    assert!(!readies.next());
    for text in ["a", "b"] {
        town.say(text);
        assert_eq!(texts.next(), text);
        town.sandbox.abort(town.bot);
        assert!(readies.next(), "it was away");
    }
    town.say("c");
    assert_eq!(texts.next(), "c");
    assert!(texts.rest().is_empty(), "each is registered once");
    town.end(running);
}

pub fn handlers_survive_a_close<R: Adapter>() {
    let town = Town::<R>::new();
    let texts = tell_texts(&town.client);
    for text in ["a", "b"] {
        let running = town.run();
        town.say(text);
        assert_eq!(texts.next(), text);
        town.client.close();
        running.end().unwrap();
    }
    assert!(texts.rest().is_empty());
}

pub fn a_second_run_takes_over<R: Adapter>() {
    let town = Town::<R>::new();
    let texts = tell_texts(&town.client);
    let first = town.run();
    town.say("a");
    assert_eq!(texts.next(), "a");
    let second = town.start();
    first.end().unwrap();
    town.say("b");
    assert_eq!(texts.next(), "b");
    town.end(second);
}

pub fn a_handler_that_keeps_the_bot_keeps_no_client<R: Adapter>() {
    let town = Town::<R>::new();
    let (bot, token) = (town.client.bot(), Arc::new(()));
    let kept = Arc::clone(&token);
    town.client.on_message(move |message| {
        let _kept = &kept;
        let (bot, channel) = (bot.clone(), message.channel_id());
        async move { R::ended(bot.channel(channel).send("heard")).await }
    });
    let running = town.run();
    town.say("a");
    town.sandbox.expect_message(town.general, "heard", SOON).wait().unwrap();
    town.client.close();
    running.end().unwrap();
    let Town { client, .. } = town;
    drop(client);
    assert_eq!(Arc::strong_count(&token), 1, "the handler is gone with the client");
}

/// Row 282.
pub fn a_handler_may_connect_when_a_heartbeat_is_missed<R: Adapter>() {
    let town = Town::<R>::with(|config| {
        config.heartbeat.interval = Duration::from_millis(200);
        config.heartbeat.timeout = Duration::from_secs(2);
        // it would be a long wait if the handler did not connect
        config.backoff.first = Duration::from_secs(3600);
        config.backoff.cap = Duration::from_secs(3600);
    });
    let texts = tell_texts(&town.client);
    let (client, (tell, connects)) = (town.client.clone(), reports());
    town.client.on_disconnected(move |cause| {
        let (client, tell) = (client.clone(), tell.clone());
        async move {
            if cause == Cause::HeartbeatTimeout {
                client.reconnect();
                let session = R::ended(client.connect()).await;
                tell.send(session.map(drop)).unwrap();
            }
        }
    });
    let running = town.run();
    town.say("a");
    assert_eq!(texts.next(), "a");
    town.sandbox.half_open(town.bot);
    connects.next().unwrap();
    town.say("b");
    assert_eq!(texts.next(), "b");
    town.end(running);
}

pub fn caches_are_updated_before_handlers_run<R: Adapter>() {
    let town = Town::<R>::new();
    let bot = town.client.bot();
    block_on(async {
        // a clan that is remembered, so that its channels are
        let running = town.run();
        R::ended(bot.clans().fetch(town.clan)).await.unwrap();
        let (tell, seen) = reports();
        let handler_bot = bot.clone();
        town.client.on_channel_created(move |event| {
            let known = handler_bot.channels().contains(ChannelId::new(event.channel_id));
            tell.send(("created", known)).unwrap();
        });
        let (tell, texts) = reports();
        town.client.on_event(move |event| {
            if let Event::Message(message) = event {
                let known = message.channel().messages().contains(message.id());
                tell.send(known).unwrap();
            }
        });
        let made = mezon_sandbox::NewChannel::text("new");
        town.sandbox.with(|world, now| world.create_channel(now, town.clan, town.alice, made));
        assert_eq!(seen.next(), ("created", true));
        town.say("a");
        assert!(texts.next(), "a message is remembered");
        town.client.close();
        running.end().unwrap();
    });
}

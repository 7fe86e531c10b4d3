//! Bots that are started again with the store that they had.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::Duration;

use mezon_blocking::{Event, Threads};
use mezon_protocol::UserId;
use mezon_protocol::store::{Change, MessageStore as _};

use crate::adapters::Adapter;
use crate::once::Moody;
use crate::stored::Folder;
use crate::town::{SOON, Town, gate, reports, tell_texts, tell_texts_and_wait, until};

pub fn a_bot_that_was_down_is_given_what_was_said_meanwhile<R: Adapter>() {
    let folder = Folder::new();
    let mut town = Town::<R>::storing(folder.db());
    town.say("before the bot is there for the first time");
    let said = tell_texts(&town.client);
    let running = town.run();
    town.say("first");
    town.say("second");
    assert_eq!(said.take(2), ["first", "second"]);
    R::answer(town.client.shutdown(SOON));
    running.end().unwrap();
    // the first conversation with somebody may begin as well
    town.say("third");
    town.sandbox.dm(town.bob, town.bot, "hello?");
    town.say("fourth");

    town.restart(|builder| builder.store(folder.db()));
    let (tell, told) = reports();
    let (ready, gaps) = reports();
    let (done, is_done) = reports();
    town.client.on_ready(move |gap| ready.send(gap));
    town.client.on_message(move |message| tell.send((message.text().into_owned(), message.is_replayed())));
    town.client.on_backfill_done(move |report| done.send(report.messages));
    let running = town.run();
    let mut texts = told.take(3);
    // conversations have no order among each other
    texts.sort();
    assert_eq!(texts, ["fourth", "hello?", "third"].map(|text| (text.to_owned(), true)));
    assert!(gaps.next().is_some());
    assert_eq!(is_done.next(), 3);
    town.say("fifth");
    assert_eq!(told.next(), ("fifth".to_owned(), false));
    R::answer(town.client.shutdown(SOON));
    running.end().unwrap();

    // nothing was missed
    town.restart(|builder| builder.store(folder.db()));
    let said = tell_texts(&town.client);
    let running = town.run();
    town.say("sixth");
    assert_eq!(said.next(), "sixth");
    assert!(said.rest().is_empty());
    town.end(running);
}

pub fn what_was_not_handled_to_the_end_is_given_again<R: Adapter>() {
    let folder = Folder::new();
    let mut town = Town::<R>::storing(folder.db());
    let (key, gate) = gate();
    let (tell, told) = reports();
    let begun = tell.clone();
    town.client.on_message(move |message| {
        let (begun, tell, gate) = (begun.clone(), tell.clone(), gate.clone());
        async move {
            let text = message.text().into_owned();
            begun.send(format!("begun: {text}")).unwrap();
            gate.pass().await;
            tell.send(format!("done: {text}"))
        }
    });
    let running = town.run();
    key.let_one();
    town.say("first");
    town.say("second");
    town.say("third");
    assert_eq!(told.take(3), ["begun: first", "done: first", "begun: second"]);
    R::answer(town.client.shutdown(Duration::ZERO));
    running.end().unwrap();

    town.restart(|builder| builder.store(folder.db()));
    let said = tell_texts(&town.client);
    let running = town.run();
    assert_eq!(said.take(2), ["second", "third"]);
    key.open();
    town.end(running);
}

pub fn what_waits_for_its_handlers_is_not_given_again_when_the_client_connects_anew<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::storing(folder.db());
    let (key, gate) = gate();
    let told = tell_texts_and_wait(&town.client, gate);
    let (caught_up, is_caught_up) = reports();
    town.client.on_backfill_done(move |report| caught_up.send(report));
    let running = town.run();
    for text in ["first", "second", "third"] {
        town.say(text);
    }
    assert_eq!(told.next(), "first");
    town.client.disconnect();
    until("the connection to end", || town.sandbox.with(|world, _| world.connections_of(town.bot).is_empty()));
    town.say("fourth");
    smol::block_on(R::ended(town.client.connect())).unwrap();
    is_caught_up.next();
    town.say("fifth");
    key.open();
    assert_eq!(told.take(4), ["second", "third", "fourth", "fifth"]);
    town.end(running);
    assert!(told.rest().is_empty());
}

pub fn a_store_that_cannot_be_read_lets_the_bot_begin_anew<R: Adapter>() {
    let folder = Folder::new();
    folder.db().apply(&[Change::Seen(UserId::new(1), 1)]).unwrap();
    fs::write(folder.db().path(), vec![0x5a; 10_000]).unwrap();
    let town = Town::<R>::storing(folder.db());
    town.say("before");
    let said = tell_texts(&town.client);
    let running = town.run();
    town.say("after");
    assert_eq!(said.next(), "after");
    town.end(running);
}

pub fn a_store_that_hangs_does_not_keep_the_client_from_closing<R: Adapter>() {
    let (store, mood) = Moody::new();
    mood.keeps_none.store(true, Ordering::Relaxed);
    let town = Town::<R>::storing(store);
    let reading = mood.reading.lock().unwrap();
    let running = town.start();
    until("the store to be asked", || mood.is_asked.load(Ordering::Relaxed));
    town.client.close();
    running.end().unwrap();
    drop(reading);
}

/// Takes events by hand until there were so many messages.
fn take(town: &Town<Threads>, count: usize) -> Vec<String> {
    let text = |event| if let Event::Message(message) = event { Some(message.text().into_owned()) } else { None };
    town.client.events().filter_map(text).take(count).collect()
}

#[test]
fn who_takes_events_has_handled_one_when_the_next_is_taken() {
    let folder = Folder::new();
    let mut town = Town::<Threads>::storing(folder.db());
    town.client.connect().unwrap();
    town.say("first");
    town.say("second");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut events = town.client.events();
        let second = |event: &_| matches!(event, Event::Message(message) if message.text() == "second");
        events.find(second).unwrap();
        panic!("while the second is being handled");
    }));
    assert!(panicked.is_err());
    town.client.shutdown(SOON);

    town.restart(|builder| builder.store(folder.db()));
    town.client.connect().unwrap();
    assert_eq!(take(&town, 1), ["second"]);
    town.client.shutdown(SOON);

    town.restart(|builder| builder.store(folder.db()));
    town.client.connect().unwrap();
    town.say("third");
    assert_eq!(take(&town, 1), ["third"]);
}

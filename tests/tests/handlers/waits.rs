//! Waiting for single events.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use mezon_client::Client;
use mezon_protocol::{Event, EventKind};

use crate::adapters::Adapter;
use crate::town::{NEVER, SOON, Town, reports, tell_texts, until};

/// Waits elsewhere, and until that has begun.
pub fn wait<R: Adapter, T: Send + 'static>(
    client: &Client<R>,
    wait: impl FnOnce(&Client<R>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let (before, waiter) = (client.waiting(), client.clone());
    let waiting = thread::spawn(move || wait(&waiter));
    until("somebody to wait", || client.waiting() > before);
    waiting
}

/// C17.
pub fn the_next_message_of_a_user_is_awaited<R: Adapter>() {
    let town = Town::<R>::new();
    let texts = tell_texts(&town.client);
    let running = town.run();
    let (general, alice) = (town.general, town.alice);
    let waiting = wait(&town.client, move |client| R::answer(client.next_message(general, Some(alice), SOON)));
    town.sandbox.say(town.bob, general, "of another");
    town.sandbox.say(town.alice, town.channels[1], "elsewhere");
    let said = town.say("this");
    town.say("another");
    assert_eq!(waiting.join().unwrap().unwrap().id(), said);
    assert_eq!(texts.take(4).len(), 4, "handlers hear of it all the same");
    assert_eq!(town.client.waiting(), 0);
    until("nothing to be left", || town.pending_calls() == 0);
    town.end(running);
}

/// C17.
pub fn the_next_click_on_a_message_is_awaited<R: Adapter>() {
    let town = Town::<R>::new();
    let running = town.run();
    let menu = town.sandbox.say(town.bot, town.general, "a menu");
    let alice = town.alice;
    let waiting = wait(&town.client, move |client| R::answer(client.next_click(menu, Some(alice), SOON)));
    let anybody = wait(&town.client, move |client| R::answer(client.next_click(menu, None, SOON)));
    town.sandbox.click(town.bob, menu, "of bob", "");
    town.sandbox.click(town.alice, menu, "of alice", "");
    assert_eq!(waiting.join().unwrap().unwrap().button_id(), "of alice");
    assert_eq!(anybody.join().unwrap().unwrap().button_id(), "of bob");
    town.end(running);
}

/// C17.
pub fn a_handler_waits_for_an_answer<R: Adapter>() {
    let town = Town::<R>::new();
    let (client, bob) = (town.client.clone(), town.bob);
    town.client.on_message(move |message| {
        let client = client.clone();
        async move {
            if message.text() != "ask me" {
                return Ok(());
            }
            R::ended(message.reply("your name?")).await?;
            // events go on being taken while a handler of the same channel runs
            let answer = client.next_message(message.channel_id(), Some(bob), SOON);
            let answer = R::later(answer).await.unwrap();
            R::ended(answer.reply(format!("hello {}", answer.text()))).await.map(drop)
        }
    });
    let running = town.run();
    let asked = town.sandbox.say(town.bob, town.general, "ask me");
    town.sandbox.expect_reply(asked, "your name?", SOON).wait().unwrap();
    until("the handler to wait", || town.client.waiting() == 1);
    let answered = town.sandbox.say(town.bob, town.general, "Bob");
    town.sandbox.expect_reply(answered, "hello Bob", SOON).wait().unwrap();
    town.end(running);
}

/// C17.
pub fn a_wait_ends_when_its_time_is_over<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, ready) = reports();
    town.client.on_ready(move |_| tell.send(()));
    let running = town.run();
    // from now on nothing happens
    ready.next();
    let moment = Duration::from_millis(20);
    assert!(R::answer(town.client.next_message(town.general, None, moment)).is_none());
    assert!(R::answer(town.client.wait_for(|_| true, Duration::ZERO)).is_none());
    assert_eq!(town.client.waiting(), 0);
    until("nothing to be left", || town.pending_calls() == 0);
    town.end(running);
}

pub fn a_wait_ends_with_the_client<R: Adapter>() {
    let town = Town::<R>::new();
    assert!(R::answer(town.client.wait_for(|_| true, NEVER)).is_none(), "it was never started");
    let running = town.run();
    let waiting = wait(&town.client, |client| R::answer(client.wait_for(|_| false, NEVER)));
    town.client.close();
    assert!(waiting.join().unwrap().is_none());
    running.end().unwrap();
    assert!(R::answer(town.client.wait_for(|_| true, NEVER)).is_none(), "it is closed");
}

/// C17.
pub fn waits_that_nobody_wants_leave_nothing_behind<R: Adapter>() {
    let town = Town::<R>::new();
    let running = town.run();
    let within = if R::ON_THREADS { Duration::ZERO } else { NEVER };
    for _ in 0..1000 {
        drop(town.client.wait_for(|_| false, within));
    }
    assert_eq!(town.client.waiting(), 0);
    until("nothing to be left", || town.pending_calls() == 0);
    town.end(running);
}

pub fn a_condition_that_panics_is_not_met<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, events) = reports();
    town.client.on(EventKind::Typing, move |_| tell.send(())).unwrap();
    let running = town.run();
    let waiting = wait(&town.client, |client| {
        let is_typing = |event: &Event<_>| match event.kind() {
            Some(EventKind::Typing) => panic!("a condition"),
            kind => kind == Some(EventKind::Message),
        };
        R::answer(client.wait_for(is_typing, SOON))
    });
    town.sandbox.type_in(town.alice, town.general);
    events.next();
    town.say("now");
    assert_eq!(waiting.join().unwrap().unwrap().kind(), Some(EventKind::Message));
    town.end(running);
}

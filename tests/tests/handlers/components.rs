//! Components: from a click to the type that its id was made from.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mezon_client::SecondClick;
use mezon_protocol::component_id;
use mezon_protocol::interaction::{ComponentId, Unrouted};
use mezon_protocol::{Event, EventKind, MessageId, UserId};

use crate::adapters::Adapter;
use crate::town::{SOON, Town, gate, reports};
use crate::waits::wait;

component_id! {
    struct Save("save", 2) { record: i64 }
}

component_id! {
    struct SaveOld("save", 1) {}
}

component_id! {
    /// A select.
    struct Country("country", 1) {}
}

fn save(record: i64) -> String {
    Save { record }.encode().unwrap()
}

impl<R: Adapter> Town<R> {
    /// A message of the bot's.
    fn menu(&self) -> MessageId {
        self.sandbox.say(self.bot, self.general, "a menu")
    }

    /// Somebody clicks twice within the same moment.
    fn click_twice(&self, user: UserId, message: MessageId, button: &str) {
        self.sandbox.with(|world, _| {
            world.click(user, message, button, "");
            world.click(user, message, button, "");
        });
    }
}

/// Waits elsewhere for so many clicks.
fn clicks<R: Adapter>(town: &Town<R>, count: usize) -> JoinHandle<()> {
    let seen = AtomicUsize::new(0);
    let is_last = move |event: &Event<_>| {
        event.kind() == Some(EventKind::ButtonClicked) && seen.fetch_add(1, Ordering::Relaxed) + 1 == count
    };
    wait(&town.client, move |client| {
        R::answer(client.wait_for(is_last, SOON)).expect("they come");
    })
}

/// C15.
pub fn a_click_reaches_the_handler_of_its_type<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    let old = tell.clone();
    town.client.on_component(move |click, Save { record }| {
        let form = click.form();
        tell.send(format!("{record} by {}: {:?}", click.user_id(), form.text("name").unwrap()))
    });
    let handler = town.client.on_component(move |_, _: SaveOld| old.send("old".to_owned()));
    let running = town.run();
    let menu = town.menu();
    town.sandbox.click(town.alice, menu, &save(7), r#"{"name":"Tea"}"#);
    assert_eq!(told.next(), format!("7 by {}: Some(\"Tea\")", town.alice));
    town.sandbox.click(town.alice, menu, "save:1", "");
    assert_eq!(told.next(), "old", "versions are types of their own");
    assert!(town.client.off(handler));
    town.sandbox.click(town.bob, menu, "save:1", "");
    town.sandbox.click(town.bob, menu, "saver:1", "");
    town.sandbox.click(town.bob, menu, &save(8), "");
    assert_eq!(told.next(), format!("8 by {}: None", town.bob));
    town.end(running);
}

/// C15.
pub fn stale_components_are_told_apart<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    let stale = tell.clone();
    let handler = town.client.on_component(move |_, _: Save| tell.send(None));
    town.client.on_stale_component(move |_, why| stale.send(Some(why)));
    let running = town.run();
    let menu = town.menu();
    for (id, expected) in [
        (save(7).as_str(), None),
        ("save:1", Some(Unrouted::OldVersion { prefix: "save", version: 1 })),
        ("save:2:x", Some(Unrouted::Malformed { prefix: "save" })),
        ("made otherwise", Some(Unrouted::Unknown)),
    ] {
        town.sandbox.click(town.alice, menu, id, "");
        assert_eq!(told.next(), expected, "{id}");
    }
    town.client.off(handler);
    town.sandbox.click(town.bob, menu, &save(7), "");
    assert_eq!(told.next(), Some(Unrouted::Unknown));
    town.end(running);
}

/// C18, S4.
pub fn two_clicks_are_one_execution<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, told), (key, gate)) = (reports(), gate());
    town.client.on_component(move |click, Save { record }| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send((click.user_id(), record)).unwrap();
            gate.pass().await;
        }
    });
    let (tell, raw) = reports();
    town.client.on_button_clicked(move |click| tell.send(click.user_id()));
    let running = town.run();
    let (alice, bob, menu, other) = (town.alice, town.bob, town.menu(), town.menu());
    let clicks = clicks(&town, 6);
    town.click_twice(alice, menu, &save(1));
    assert_eq!(told.next(), (alice, 1));
    // others, other buttons and other messages are not concerned
    town.sandbox.click(bob, menu, &save(1), "");
    town.sandbox.click(alice, menu, &save(2), "");
    town.sandbox.click(alice, other, &save(1), "");
    // a second click while the first is handled, however long that takes
    town.sandbox.click(alice, menu, &save(1), "");
    clicks.join().unwrap();
    key.let_one();
    assert_eq!(told.next(), (bob, 1));
    key.open();
    assert_eq!(told.take(2), [(alice, 2), (alice, 1)]);
    // the last of all in this channel
    assert_eq!(raw.take(6).len(), 6, "plain handlers hear of every click");
    assert!(told.rest().is_empty());
    town.end(running);
}

/// C18.
pub fn a_second_click_is_answered_or_handled_if_that_is_wanted<R: Adapter>() {
    let town = Town::<R>::new();
    let ((tell, told), (key, gate)) = (reports(), gate());
    town.client.on_component(move |_, Save { record }| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(record).unwrap();
            gate.pass().await;
        }
    });
    let running = town.run();
    let menu = town.menu();
    town.client.second_clicks(SecondClick::answer("One moment, please."));
    town.click_twice(town.alice, menu, &save(1));
    assert_eq!(told.next(), 1);
    // at once, while the first is being handled
    town.sandbox.expect_whisper(town.alice, "One moment, please.", SOON).wait().unwrap();
    key.let_one();

    town.client.second_clicks(SecondClick::Handle);
    town.click_twice(town.alice, menu, &save(2));
    for _ in 0..2 {
        assert_eq!(told.next(), 2);
        key.let_one();
    }
    town.client.second_clicks(SecondClick::Drop);
    let clicks = clicks(&town, 3);
    town.click_twice(town.alice, menu, &save(3));
    town.sandbox.click(town.alice, menu, &save(4), "");
    clicks.join().unwrap();
    key.open();
    assert_eq!(told.take(2), [3, 4]);
    town.end(running);
}

/// C18.
pub fn a_handler_that_panics_lets_the_next_click_in<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    town.client.on_component(move |_, _: Save| {
        let tell = tell.clone();
        async move {
            tell.send(()).unwrap();
            fail("in the middle");
        }
    });
    let running = town.run();
    let menu = town.menu();
    town.sandbox.click(town.alice, menu, &save(1), "");
    told.next();
    // the door stays closed for a moment, so she tries again and again
    let again = (0..400).find(|_| {
        town.sandbox.click(town.alice, menu, &save(1), "");
        told.next_within(Duration::from_millis(50)).is_some()
    });
    assert!(again.is_some());
    town.end(running);
}

fn fail(says: &str) {
    panic!("{says}");
}

/// C16.
pub fn choices_in_a_select_all_count<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    town.client.on_component(move |click, _: Country| tell.send((click.is_select_change(), click.value())));
    let running = town.run();
    let menu = town.menu();
    let select = Country {}.encode().unwrap();
    for value in ["vn", "jp", "vn"] {
        town.sandbox.click(town.alice, menu, &select, value);
    }
    town.sandbox.click(town.alice, menu, &select, r#"{"country":"vn"}"#);
    let values: Vec<_> = ["vn", "jp", "vn"].map(|value| (true, Some(value.to_owned()))).into();
    assert_eq!(told.take(3), values);
    assert_eq!(told.next(), (false, None), "that was a submit");
    town.end(running);
}

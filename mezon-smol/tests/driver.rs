//! The driver: on smol's executor, on others, and on none.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use mezon_smol::{Client, Event, Events, Pending};
use town::{PATIENCE, Town, event, patiently};

#[test]
fn async_std_spawns_the_driver_as_any_other_task() {
    async_std::task::block_on(async {
        let town = Town::new();
        let (client, driver, mut events) = Client::with_driver(town.config()).unwrap();
        let driver = async_std::task::spawn(driver);
        patiently(client.connect()).await.unwrap();
        let ping = town.sandbox.say(town.alice, town.general, "*ping");

        let message = event(&mut events, |event| matches!(event, Event::Message(_))).await;
        let Event::Message(message) = message else { unreachable!() };
        patiently(message.reply("pong")).await.unwrap();
        town.sandbox.expect_reply(ping, "pong", PATIENCE).await.unwrap();

        patiently(client.shutdown(PATIENCE)).await;
        patiently(driver).await;
    });
}

#[test]
fn a_driver_can_be_awaited_beside_what_the_bot_does_without_any_executor() {
    let town = Town::new();
    let (client, driver, _events) = Client::with_driver(town.config()).unwrap();
    let bot = async {
        patiently(client.connect()).await.unwrap();
        patiently(client.channel(town.general).send("alone")).await.unwrap();
        client.shutdown(PATIENCE).await;
    };
    futures_lite::future::block_on(futures_lite::future::zip(driver, bot));
    town.sandbox.expect_message(town.general, "alone", PATIENCE).wait().unwrap();
}

#[test]
fn a_driver_that_waits_for_a_closed_client_ends_when_that_is_closed_again() {
    smol::block_on(async {
        let town = Town::new();
        let client = Client::new(town.config()).unwrap();
        client.close();
        let driver = smol::spawn(client.driver().unwrap());
        drop(client);
        patiently(driver).await;
    });
}

#[test]
fn the_public_types_can_be_used_from_any_thread() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    fn is_unpin<T: Unpin>() {}
    is_send::<Client>();
    is_sync::<Client>();
    is_send::<Events>();
    is_unpin::<Events>();
    is_send::<Event>();
    is_send::<mezon_smol::Driver>();
    is_unpin::<mezon_smol::Driver>();
    is_send::<Pending<std::rc::Rc<()>>>();
    is_unpin::<Pending<std::marker::PhantomPinned>>();
}

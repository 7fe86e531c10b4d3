//! Requests of friendship.

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports};

pub fn who_asks_to_be_a_friend_is_accepted_if_that_is_wanted<R: Adapter>() {
    let town = Town::<R>::new();
    let (bot, alice, bob) = (town.bot, town.alice, town.bob);
    let accepting = town.client.auto_accept_friends();
    let (tell, asked) = reports();
    town.client.on_notifications(move |_| tell.send(()));
    let running = town.run();
    town.sandbox.befriend(alice, bot);
    asked.next();
    town.sandbox.until("alice is a friend", SOON, move |world| world.are_friends(alice, bot)).wait().unwrap();

    town.client.off(accepting);
    town.sandbox.befriend(bob, bot);
    asked.next();
    assert!(!town.sandbox.with(|world, _| world.are_friends(bob, bot)));
    town.end(running);
}

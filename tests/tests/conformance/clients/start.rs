//! Logging in, connecting, and doing without a connection.

use mezon_client::Client;
use mezon_protocol::config::Account;
use mezon_protocol::event::Cause;
use mezon_protocol::machine::{HealthStatus, State};
use mezon_protocol::{Config, ErrorKind, Event};
use mezon_tests::DEAD_PORT;

use super::scene::{SOON, Scene, event, next_text};
use crate::adapters::client::{Host, connect};
use crate::bot::Link;

/// Row 14.
pub fn failures<H: Host>(link: Link) {
    let scene = Scene::<H>::with(link, |config| {
        let account = Account::Bot { id: config.account.id(), api_key: "wrong".into() };
        Config { account, ..config }
    });
    let error = connect::<H>(&scene.client).unwrap_err();
    assert!(error.requires_login(), "{error:?}");

    let nobody = Config::bot(17_i64, "key").unwrap().host("127.0.0.1").port(DEAD_PORT).use_tls(false);
    let error = connect::<H>(&Client::new(nobody).unwrap()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(_)), "{error:?}");
}

pub fn only_sends<H: Host>(link: Link) {
    let scene = Scene::<H>::new(link);
    assert_eq!(H::answer(scene.client.health()).status, HealthStatus::Dead);
    H::start(&scene.client);
    assert_eq!(H::wait(scene.client.list_clans()).unwrap().len(), 1);
    H::wait(scene.client.channel(scene.general).send("by HTTP")).unwrap();
    assert_eq!(scene.sandbox.with(|world, _| world.counters().connects), 0);
}

pub fn twice<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    assert_eq!(H::wait(scene.client.connect()).unwrap().user_id(), scene.bot);
    assert_eq!(scene.sandbox.with(|world, _| world.counters().connects), 1);

    let mut events = scene.client.events();
    scene.client.reconnect();
    event::<H>(&mut events, |event| matches!(event, Event::Disconnected { cause: Cause::Replaced, .. }));
    event::<H>(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. }));
    scene.connections(1);
    assert_eq!(H::answer(scene.client.state()), State::Ready);

    scene.client.close();
    scene.connections(0);
    H::answer(scene.client.shutdown(SOON));
    connect::<H>(&scene.client).unwrap();
    let mut events = scene.client.events();
    scene.say("welcome back");
    assert_eq!(next_text::<H>(&mut events), "welcome back");
}

//! What a client offers beside events and calls: who it is, its low-level socket, its handlers, its end.

use std::sync::mpsc;
use std::thread;

use mezon_client::Client;
use mezon_protocol::call::React;
use mezon_protocol::event::Cause;
use mezon_protocol::machine::{HeartbeatPolicy, State};
use mezon_protocol::proto::realtime::{Ping, envelope};
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::{Config, EmojiId, ErrorKind, Event, Sent};

use super::scene::{SOON, Scene};
use crate::adapters::client::{Host, connect};
use crate::bot::Link;

/// Rows 1, 2, 3, 28, 29.
pub fn before<H: Host>(link: Link) {
    for bad in [Config::bot(0_i64, "the-key"), Config::bot(17_i64, "")] {
        let error = Client::<H::Runtime>::new(bad.unwrap()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config(_)), "{error:?}");
    }
    let Scene { sandbox, client, general, .. } = Scene::<H>::new(link);
    assert!(H::answer(client.socket()).is_none());
    assert!(H::answer(client.session()).is_none());
    assert_eq!(H::answer(client.state()), State::Disconnected);
    let error = H::wait(client.channel(general).send("hello?")).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::NotConnected, Sent::No));
    // a shutdown that comes too early is none
    client.close();
    H::answer(client.shutdown(SOON));
    assert_eq!(sandbox.with(|world, _| world.counters().logins), 0);
    connect::<H>(&client).unwrap();
    assert!(H::answer(client.socket()).is_some());
}

/// Rows 32, 33, 38.
pub fn identity<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let session = H::answer(scene.client.session()).unwrap();
    assert_eq!((session.user_id(), scene.client.id()), (scene.bot, scene.bot));
    assert!(!session.token().is_empty());
    scene.say("hello");
    let Event::Message(message) = scene.heard() else { unreachable!() };
    assert_eq!(message.sender_id(), scene.alice);
    assert_ne!(message.sender_id(), scene.client.id());
}

/// Rows 28, 29, 39, 179.
pub fn socket<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    let socket = H::answer(scene.client.socket()).unwrap();
    assert!(H::answer(socket.is_connected()));
    assert_eq!(H::answer(socket.state()), State::Ready);

    let bot = scene.bot;
    let thread = Route { mode: Mode::THREAD, ..Route::of_message(scene.thread, scene.clan, Mode::THREAD, false) };
    H::wait(socket.join_clan(scene.clan)).unwrap();
    H::wait(socket.join_channel(thread)).unwrap();
    assert!(scene.sandbox.joins(bot).channels.contains(&scene.thread));
    H::wait(socket.leave_channel(thread)).unwrap();
    assert!(!scene.sandbox.joins(bot).channels.contains(&scene.thread));

    let general = Route::of_message(scene.general, scene.clan, Mode::CHANNEL, true);
    let sent = H::wait(socket.send_message(general, "first")).unwrap();
    let said = || scene.sandbox.with(|world, _| world.text_of(sent.id()));
    H::wait(socket.edit_message(sent.address(), "second")).unwrap();
    assert_eq!(said().as_deref(), Some("second"));
    let message = sent.address();
    let reaction = React { message, emoji_id: EmojiId::NONE, emoji: ":ok:".into(), count: 1, remove: false };
    H::wait(socket.react(reaction)).unwrap();
    H::wait(socket.typing(general)).unwrap();
    H::wait(socket.delete_message(message)).unwrap();
    assert_eq!(said(), None);
    H::wait(socket.send_ephemeral(general, [scene.alice], "between us")).unwrap();
    let ping = envelope::Message::Ping(Box::new(Ping {}));
    let pong = H::wait(socket.send(ping.clone())).unwrap();
    assert!(matches!(pong, Some(envelope::Message::Pong(_))), "{pong:?}");
    assert_eq!(H::wait(socket.notify(ping)).unwrap(), None);

    socket.close();
    H::answer(scene.client.shutdown(SOON));
    assert!(!H::answer(socket.is_connected()));
    assert_eq!(H::answer(socket.state()), State::Closed);
    let error = H::wait(socket.typing(general)).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::No));
}

/// Rows 24, 208, 282.
pub fn handlers<H: Host>(link: Link) {
    let scene = Scene::<H>::with(link, |mut config| {
        config.heartbeat = HeartbeatPolicy { interval: SOON / 50, timeout: SOON / 10 };
        config.retry_login = true;
        config
    });
    let ((heard, texts), (ended, causes)) = (mpsc::channel(), mpsc::channel());
    scene.client.on_message(move |message| heard.send(message.text().into_owned()).unwrap());
    let client = scene.client.clone();
    scene.client.on_disconnected(move |cause| {
        if cause == Cause::HeartbeatTimeout {
            client.reconnect();
        }
        ended.send(cause).unwrap();
    });
    H::drive(&scene.client);
    let client = scene.client.clone();
    let running = thread::spawn(move || H::ran(client.run()));

    let hears = |text: &str| {
        connect::<H>(&scene.client).unwrap();
        scene.sandbox.say(scene.alice, scene.general, text);
        assert_eq!(texts.recv_timeout(SOON).unwrap(), text);
    };
    hears("before");
    scene.sandbox.half_open(scene.bot);
    assert_eq!(causes.recv_timeout(SOON).unwrap(), Cause::HeartbeatTimeout);
    hears("after");
    scene.client.close();
    running.join().unwrap().unwrap();
}

/// Rows 26, 30.
pub fn closing<H: Host>(link: Link) {
    let scene = Scene::<H>::connected(link);
    scene.sandbox.with(|world, _| world.swallow_acks(1));
    let channel = scene.client.channel(scene.general);
    let unanswered = thread::spawn(move || H::wait(channel.send("is anybody there?")));
    scene.sandbox.expect_message(scene.general, "is anybody there?", SOON).wait().unwrap();

    scene.client.close();
    let error = unanswered.join().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::Closed, Sent::Unknown));
    scene.client.close();
    H::answer(scene.client.shutdown(SOON));
    scene.connections(0);
    assert_eq!(H::answer(scene.client.state()), State::Closed);
    connect::<H>(&scene.client).unwrap();
}

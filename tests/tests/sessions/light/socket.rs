//! The socket: connecting, handlers, messages.

use std::time::Duration;

use mezon_client::{LightSocket, SocketConnectOptions};
use mezon_protocol::content::Attachment;
use mezon_protocol::light::{SendMessagePayload, SocketError};
use mezon_protocol::{ErrorKind, Sent};
use serde_json::json;

use super::adapters::{Adapter, end};
use super::town::{SOON, Town, next, reports};

/// Rows 248, 249, 250, 251, 252, 267, 269, 271.
pub fn a_socket_connects_once_and_disconnects<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = LightSocket::new(&town.client);
    assert!(!R::answer(socket.is_connected()));
    let error: SocketError = R::answer(socket.socket()).unwrap_err();
    assert_eq!(error.message, "Socket is not connected. Call connect() first.");
    for _ in 0..2 {
        end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
        assert!(R::answer(socket.is_connected()));
        assert!(R::answer(R::answer(socket.socket()).unwrap().is_connected()));
        let error = SocketError::from(end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap_err());
        assert!(error.message.contains("Socket is already connected."), "{error}");
        socket.disconnect();
        socket.disconnect();
        assert!(!R::answer(socket.is_connected()));
        assert!(R::answer(socket.socket()).is_err());
        let unsent = end::<R, _>(|| socket.send_dm(town.hello())).unwrap_err();
        assert_eq!((unsent.kind(), unsent.sent()), (&ErrorKind::NotConnected, Sent::No));
        // the client goes on, over HTTP
        end::<R, _>(|| town.client.create_dm(town.bob)).unwrap();
    }
    assert_eq!(town.sandbox.with(|world, _| world.counters().logins), 1);
}

/// Rows 253, 254, 255, 256, 257.
pub fn messages_reach_every_handler_until_it_is_taken_out<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = LightSocket::new(&town.client);
    let (tell, told) = reports();
    let (first, second, third) = (tell.clone(), tell.clone(), tell);
    let unsubscribe = socket.on_channel_message(move |message| first.send((1, message.text().into_owned())));
    drop(socket.on_channel_message(|message| assert!(message.text().is_empty(), "is nothing to the others")));
    socket.set_channel_message_handler(move |message| {
        assert!(message.data().create_time_seconds() > 0);
        second.send((2, format!("{} in {}", message.sender_id(), message.channel_id())))
    });
    end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
    end::<R, _>(|| socket.join_dm_channel(town.direct)).unwrap();
    town.say("one");
    assert_eq!(next(&told), (1, "one".to_owned()));
    assert_eq!(next(&told), (2, format!("{} in {}", town.bob, town.direct)));
    assert!(unsubscribe.unsubscribe());
    assert!(!unsubscribe.unsubscribe(), "once is enough");
    town.say("two");
    assert_eq!(next(&told).0, 2);
    // they stay when the connection is another
    socket.disconnect();
    end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
    socket.on_channel_message(move |message| third.send((3, message.text().into_owned())));
    let (bob, direct) = (town.bob, town.direct);
    town.sandbox
        .until("joined again", SOON, move |world| world.joins(town.alice).channels.contains(&direct))
        .wait()
        .unwrap();
    town.sandbox.say(bob, direct, "three");
    assert_eq!(next(&told).0, 2);
    assert_eq!(next(&told), (3, "three".to_owned()));
}

/// Rows 258, 262, 264, 272.
pub fn direct_messages_are_sent_and_heard<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = town.connected();
    let ack = end::<R, _>(|| socket.send_dm(town.hello())).unwrap();
    assert!(!ack.message_id.is_none());
    let sent = town.last_sent();
    assert_eq!((sent.clan_id, sent.channel_id, sent.mode, sent.is_public), (0, town.direct.get(), 4, false));
    assert_eq!((sent.content.as_str(), sent.code), (r#"{"t":"Hello, world!"}"#, 0));
    for content in [json!("a text"), json!({"t": "an object", "own": [1]})] {
        let payload = SendMessagePayload::json(town.direct, content.clone()).unwrap();
        end::<R, _>(|| socket.send_dm(payload)).unwrap();
        let text = if content.is_object() { content.to_string() } else { json!({"t": content}).to_string() };
        assert_eq!(serde_json::from_str::<serde_json::Value>(&town.last_sent().content).unwrap().to_string(), text);
    }
    end::<R, _>(|| socket.leave_dm_channel(town.direct)).unwrap();
    assert!(!town.sandbox.joins(town.alice).channels.contains(&town.direct));
}

/// Rows 259, 260, 261, 263, 272.
pub fn groups_are_joined_and_left<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = town.connected();
    let (tell, told) = reports();
    socket.on_channel_message(move |message| tell.send(message.text().into_owned()));
    town.sandbox.say(town.carol, town.group, "not heard");
    end::<R, _>(|| socket.join_group_channel(town.group)).unwrap();
    town.sandbox.say(town.carol, town.group, "heard");
    assert_eq!(next(&told), "heard");
    let payload = SendMessagePayload::new(town.group, "Hello everyone!");
    end::<R, _>(|| socket.send_group(payload)).unwrap();
    let sent = town.last_sent();
    assert_eq!((sent.clan_id, sent.channel_id, sent.mode), (0, town.group.get(), 3));
    end::<R, _>(|| socket.leave_group_channel(town.group)).unwrap();
    end::<R, _>(|| socket.leave_dm_channel(town.direct)).unwrap();
    let joined = town.sandbox.joins(town.alice).channels;
    assert!(!joined.contains(&town.group) && !joined.contains(&town.direct));
}

/// Row 266.
pub fn everything_of_an_attachment_is_on_the_wire<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = town.connected();
    let mut video = Attachment::new("https://cdn.mezon.test/video.mp4", "video/mp4");
    video.file_name = "holidays.mp4".into();
    (video.size, video.width, video.height) = (42_439, 716, 522);
    video.thumbnail = "https://cdn.mezon.test/video.png".into();
    video.duration = Duration::from_secs(12);
    let payload = town.hello().attachments([video]).code(7);
    end::<R, _>(|| socket.send_dm(payload)).unwrap();
    let sent = town.last_sent();
    let wire = &sent.attachments[0];
    assert_eq!((wire.filename.as_str(), wire.url.as_str()), ("holidays.mp4", "https://cdn.mezon.test/video.mp4"));
    assert_eq!((wire.filetype.as_str(), wire.size, wire.width, wire.height), ("video/mp4", 42_439, 716, 522));
    assert_eq!((wire.thumbnail.as_str(), wire.duration), ("https://cdn.mezon.test/video.png", 12));
    assert_eq!(sent.code, 7);
}

/// Row 265.
pub fn hiding_links_notifies_nobody<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = town.connected();
    let content =
        json!({"t": "see https://a.test", "mk": [{"type": "lk_ogp", "s": 18, "e": 19, "url": "https://a.test"}]});
    for hide in [false, true] {
        let payload = SendMessagePayload::json(town.direct, content.clone()).unwrap().hide_link(hide);
        end::<R, _>(|| socket.send_dm(payload)).unwrap();
        let sent = town.last_sent();
        assert!(!sent.mention_everyone);
        assert_eq!(sent.content.contains("lk_ogp"), !hide);
    }
}

/// Rows 258, 259, 270.
pub fn a_join_waits_for_the_socket<R: Adapter>() {
    let town = Town::<R>::with(|config| config.connect_timeout = Duration::from_millis(50), |_| {});
    let closed = LightSocket::new(&town.client);
    let error = end::<R, _>(|| closed.join_dm_channel(town.direct)).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (&ErrorKind::NotConnected, Sent::No), "it does not open");

    let town = Town::<R>::new();
    let socket = LightSocket::new(&town.client);
    std::thread::scope(|scope| {
        let joined = scope.spawn(|| end::<R, _>(|| socket.join_group_channel(town.group)));
        end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
        joined.join().unwrap().unwrap();
    });
    assert!(town.sandbox.joins(town.alice).channels.contains(&town.group));
}

/// Rows 249, 267.
pub fn the_end_of_a_connection_is_told_once<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = LightSocket::new(&town.client);
    let (tell, told) = reports();
    let options = |name: &'static str| {
        let (tell, errors) = (tell.clone(), tell.clone());
        SocketConnectOptions::default()
            .on_disconnect(move || tell.send(name.to_owned()).unwrap())
            .on_error(move |error| errors.send(format!("{name}: {error}")).unwrap())
            .verbose(true)
    };
    end::<R, _>(|| socket.connect(options("first"))).unwrap();
    end::<R, _>(|| socket.connect(options("refused"))).unwrap_err();
    socket.disconnect();
    assert_eq!(next(&told), "first");
    end::<R, _>(|| socket.connect(options("second"))).unwrap();
    town.sandbox.abort(town.alice);
    assert!(next(&told).starts_with("second: the connection was lost"));
    assert_eq!(next(&told), "second");
    socket.disconnect();
    end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
    town.sandbox.drop_connection(town.alice, 1001);
    assert_eq!(next(&told), "second", "those that are not replaced stay, and an orderly end is no error");
    assert!(!R::answer(socket.is_connected()), "it does not reconnect by itself");
}

/// Row 268.
pub fn the_error_handler_is_replaced<R: Adapter>() {
    let town = Town::<R>::new();
    let socket = LightSocket::new(&town.client);
    let (tell, told) = reports();
    for name in ["old", "new"] {
        let tell = tell.clone();
        socket.set_error_handler(move |_| tell.send(name).unwrap());
    }
    end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
    town.sandbox.abort(town.alice);
    assert_eq!(next(&told), "new");
    end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
    socket.set_error_handler(move |_| tell.send("newest").unwrap());
    town.sandbox.abort(town.alice);
    assert_eq!(next(&told), "newest");
}

pub fn a_socket_that_is_dropped_leaves_nothing_behind<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    {
        let socket = town.connected();
        let tell = tell.clone();
        socket.on_channel_message(move |_| tell.send("dropped"));
    }
    let alice = town.alice;
    town.sandbox.until("it is gone", SOON, move |world| world.connections_of(alice).is_empty()).wait().unwrap();
    let socket = town.connected();
    socket.on_channel_message(move |_| tell.send("here"));
    town.say("anybody?");
    assert_eq!(next(&told), "here");
    let Town { sandbox, client, .. } = town;
    drop((socket, client));
    sandbox.until("the client is gone", SOON, move |world| world.connections_of(alice).is_empty()).wait().unwrap();
}

/// Row 245.
pub fn a_session_that_is_refreshed_is_told<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    town.client.on_session_refreshed(move |session| tell.send(Box::new(session.export())));
    let socket = town.connected();
    town.sandbox.with(|world, now| assert!(world.push_session(now, town.alice)));
    let stored = next(&told);
    assert_eq!(R::answer(town.client.session()).unwrap().export(), *stored);
    end::<R, _>(|| town.client.refresh_session()).unwrap();
    assert_ne!(next(&told).token, stored.token);
    socket.disconnect();
}

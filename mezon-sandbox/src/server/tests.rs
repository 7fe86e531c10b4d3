//! What is left behind: by connections, by the server's thread, by a sandbox.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::UserId;

use super::Sandbox;
use super::shared::Ending;
use crate::World;
use crate::world::AGENT_STREAM;

const KEY: &str = "a-key";
/// Nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

fn sandbox() -> (Sandbox, UserId) {
    let mut builder = World::builder();
    let bot = builder.bot("helper", KEY);
    (Sandbox::start(builder.build()).unwrap(), bot)
}

fn socket(sandbox: &Sandbox, bot: UserId) -> String {
    format!("/ws?token={}", sandbox.with(|world, now| world.new_session(now, bot).token))
}

/// Asks for something that stays open, and waits for the beginning of the answer.
fn open(sandbox: &Sandbox, target: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.addr()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let upgrade = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: x\r\n{upgrade}\r\n").as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert!(matches!(&status, b"HTTP/1.1 101" | b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&status));
    stream
}

#[test]
fn a_connection_that_its_client_leaves_leaves_nothing_behind() {
    let (sandbox, bot) = sandbox();
    for target in [socket(&sandbox, bot), format!("{AGENT_STREAM}?appid={bot}&token={KEY}")] {
        let client = open(&sandbox, &target);
        assert_eq!(sandbox.shared.links(), 1, "{target}");
        let before = sandbox.with(|world, _| world.recorded());
        let left = sandbox.until("the client leaves", PATIENCE, move |world| world.recorded() > before);
        drop(client);
        left.wait().unwrap();
        assert_eq!(sandbox.shared.links(), 0, "{target}");
    }
}

#[test]
fn nobody_waits_for_a_server_whose_thread_has_panicked() {
    let (sandbox, bot) = sandbox();
    let ended = |expectation: super::Expectation<()>| {
        assert_eq!(expectation.wait().unwrap_err().expected, "the sandbox has ended");
    };
    let condition = sandbox.until("something", PATIENCE, |_| false);
    let silence = sandbox.expect_nothing(bot, PATIENCE);
    let lines = sandbox.follow();
    let ending = Ending(Arc::clone(&sandbox.shared));
    let thread = std::thread::spawn(move || {
        let _ending = ending;
        panic!("as by a bug");
    });
    thread.join().unwrap_err();
    ended(condition);
    ended(silence);
    assert!(lines.recv().is_err());
    ended(sandbox.until("something", PATIENCE, |_| false));
    ended(sandbox.expect_nothing(bot, PATIENCE));
    assert!(sandbox.follow().recv().is_err());
}

#[test]
fn a_dropped_sandbox_listens_no_more_and_serves_nobody() {
    let (sandbox, bot) = sandbox();
    let _client = open(&sandbox, &socket(&sandbox, bot));
    // The listener has it, and so has every connection.
    let shared = Arc::downgrade(&sandbox.shared);
    drop(sandbox);
    assert!(shared.upgrade().is_none());
}

//! Connections through an HTTP proxy.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mezon_client::{Builder, Client};
use mezon_protocol::event::Cause;
use mezon_protocol::{Config, ErrorKind};

use super::scene::Scene;
use crate::adapters::client::{Host, connect};
use crate::bot::Link;
use crate::tls;

pub fn tunnels<H: Host>(link: Link) {
    let (scene, proxy) = (Scene::<H>::new(link), Proxy::start());
    let builder = |password: &str| -> Builder<H::Runtime> {
        let builder = Client::builder(scene.config.clone()).root_certificate(tls::root());
        builder.proxy(format!("http://user:{password}@127.0.0.1:{}", proxy.port))
    };

    let refused = builder("a-secret");
    assert!(!format!("{refused:?}").contains("a-secret"));
    let client = refused.build().unwrap();
    let error = connect::<H>(&client).unwrap_err();
    let ErrorKind::ConnectFailed(cause) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(&**cause, Cause::Unreachable(why) if why.contains("407")), "{cause:?}");
    assert!(!format!("{error:?} {client:?}").contains("a-secret"));
    assert_eq!(proxy.tunnels(), 0);

    let client = builder("pass%3Aw%40rd").build().unwrap();
    connect::<H>(&client).unwrap();
    // login, two lists, and the socket
    assert_eq!(proxy.tunnels(), 4);
    H::wait(client.channel(scene.general).send("through the tunnel")).unwrap();

    for url in ["", "proxy:3128", "socks5://proxy:1080", "http://user:a-secret@proxy", "http://user:a-secret@:80"] {
        let config = Config::bot(17_i64, "the-key").unwrap();
        let error = Client::<H::Runtime>::builder(config).proxy(url).build().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config(_)), "{url}");
        assert!(!error.to_string().contains("a-secret"));
    }
}

/// A proxy that asks for a password and counts the tunnels that it opens.
struct Proxy {
    port: u16,
    tunnels: Arc<AtomicUsize>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, tunnels) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&tunnels);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let counter = Arc::clone(&counter);
                thread::spawn(move || serve(stream, &counter));
            }
        });
        Self { port, tunnels }
    }

    fn tunnels(&self) -> usize {
        self.tunnels.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, tunnels: &AtomicUsize) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    // user:pass:w@rd
    if !head.contains("Proxy-Authorization: Basic dXNlcjpwYXNzOndAcmQ=\r\n") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
    let server = TcpStream::connect(target)?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n")?;
    tunnels.fetch_add(1, Ordering::SeqCst);
    let (from, to) = (stream.try_clone()?, server.try_clone()?);
    let there = thread::spawn(move || relay(from, to));
    relay(server, stream);
    there.join().unwrap();
    Ok(())
}

/// Until one side is closed, or gone.
fn relay(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

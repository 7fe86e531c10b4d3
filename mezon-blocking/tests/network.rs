//! TLS and the proxy.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mezon_blocking::rustls::ServerConfig;
use mezon_blocking::rustls::crypto::ring;
use mezon_blocking::rustls::pki_types::PrivateKeyDer;
use mezon_blocking::{Cause, Client, Config, ErrorKind};
use mezon_sandbox::Sandbox;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use town::{KEY, Town};

/// A town whose server has a certificate for `localhost`, and the certificate of who issued it.
fn secure_town() -> (Town, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().der().to_vec();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap().der().clone();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (Town::with(Sandbox::builder().host("localhost").tls(Arc::new(server))), root)
}

fn secure(town: &Town, host: &str) -> Config {
    town.config().host(host).use_tls(true)
}

#[test]
fn a_root_certificate_of_ones_own_is_trusted() {
    let (town, root) = secure_town();
    let client = Client::builder(secure(&town, "localhost")).root_certificate(root).build().unwrap();
    client.connect().unwrap();
    client.channel(town.general).send("in secret").unwrap();
    client.shutdown(town::PATIENCE);
    town.connections(0);
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

    fn url(&self, password: &str) -> String {
        format!("http://user:{password}@127.0.0.1:{}", self.port)
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

#[test]
fn http_and_socket_go_through_the_proxy() {
    let (town, proxy) = (Town::new(), Proxy::start());
    let client = Client::builder(town.config()).proxy(proxy.url("pass%3Aw%40rd")).build().unwrap();
    client.connect().unwrap();
    // login, two lists, and the socket
    assert_eq!(proxy.tunnels(), 4);
    client.channel(town.general).send("through the tunnel").unwrap();
}

#[test]
fn tls_goes_through_the_proxy() {
    let ((town, root), proxy) = (secure_town(), Proxy::start());
    let client = Client::builder(secure(&town, "localhost")).root_certificate(root).proxy(proxy.url("pass%3Aw%40rd"));
    let client = client.build().unwrap();
    client.connect().unwrap();
    assert_eq!(proxy.tunnels(), 4);
}

#[test]
fn a_proxy_that_refuses_says_so_and_its_password_is_not_told() {
    let (town, proxy) = (Town::new(), Proxy::start());
    let builder = Client::builder(town.config()).proxy(proxy.url("a-secret"));
    assert!(!format!("{builder:?}").contains("a-secret"));
    let client = builder.build().unwrap();
    let error = client.connect().unwrap_err();
    let ErrorKind::ConnectFailed(cause) = error.kind() else { panic!("{error:?}") };
    assert!(matches!(&**cause, Cause::Unreachable(why) if why.contains("407")), "{cause:?}");
    assert!(!format!("{error:?} {client:?}").contains("a-secret"));
    assert_eq!(proxy.tunnels(), 0);
}

#[test]
fn what_is_no_proxy_is_refused_without_repeating_it() {
    let config = || Config::bot(17_i64, KEY).unwrap().use_tls(false);
    for url in ["", "proxy:3128", "socks5://proxy:1080", "http://user:a-secret@proxy", "http://user:a-secret@:80"] {
        let error = Client::builder(config()).proxy(url).build().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config(_)), "{url}");
        assert!(!error.to_string().contains("a-secret"));
    }
    Client::builder(config()).proxy("http://[::1]:3128").build().unwrap();
}

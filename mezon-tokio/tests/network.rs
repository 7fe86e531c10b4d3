//! TLS, the proxy, and the other transport.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mezon_sandbox::Sandbox;
use mezon_tokio::rustls::ServerConfig;
use mezon_tokio::rustls::crypto::ring;
use mezon_tokio::rustls::pki_types::PrivateKeyDer;
use mezon_tokio::{Client, Config, Error, ErrorKind, Event, State, TransportKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use town::{KEY, Town, event, heard, patiently};

/// A town whose server has a certificate for `localhost`, and the certificate of who issued it.
fn secure_town() -> (Town, Vec<u8>) {
    secure_town_with(CertificateParams::new(["localhost".to_owned()]).unwrap())
}

fn secure_town_with(server: CertificateParams) -> (Town, Vec<u8>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().der().to_vec();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap().der().clone();
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

/// The words of the network about a login that failed.
fn why(result: Result<impl Sized, Error>) -> String {
    let error = result.err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::ConnectFailed(_)), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_root_certificate_of_ones_own_is_trusted() {
    let (town, root) = secure_town();
    let client = Client::builder(secure(&town, "localhost")).root_certificate(root).build().unwrap();
    patiently(client.connect()).await.unwrap();
    patiently(client.channel(town.general).send("in secret")).await.unwrap();
    patiently(client.shutdown(town::PATIENCE)).await;
    town.connections(0).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (town, root) = secure_town();
    let client = Client::builder(secure(&town, "127.0.0.1")).root_certificate(root).build().unwrap();
    let why = why(patiently(client.connect()).await);
    assert!(why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let mut expired = CertificateParams::new(["localhost".to_owned()]).unwrap();
    expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let (town, root) = secure_town_with(expired);
    let client = Client::builder(secure(&town, "localhost")).root_certificate(root).build().unwrap();
    let why = why(patiently(client.connect()).await);
    assert!(why.contains("expired"), "{why}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_refused() {
    let (town, _) = secure_town();
    let (_, other_root) = secure_town();
    let client = Client::builder(secure(&town, "localhost")).root_certificate(other_root).build().unwrap();
    let why = why(patiently(client.connect()).await);
    assert!(why.contains("certificate"), "{why}");
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_refused() {
    let town = Town::new();
    let (_, root) = secure_town();
    // the server waits for the rest of what it takes for a request
    let config = secure(&town, "127.0.0.1").timeout(Duration::from_millis(200));
    let client = Client::builder(config).root_certificate(root).build().unwrap();
    why(patiently(client.connect()).await);
}

/// Hears, replies and edits, loses its connection, and hears again.
async fn talks(town: &Town, client: &Client) {
    let mut events = client.events();
    patiently(client.connect()).await.unwrap();
    town.sandbox.say(town.alice, town.general, "hello");
    assert_eq!(heard(&mut events).await, "hello");
    let sent = patiently(client.channel(town.general).send("first")).await.unwrap();
    patiently(sent.edit("second")).await.unwrap();
    assert_eq!(town.sandbox.with(|world, _| world.text_of(sent.id())).as_deref(), Some("second"));
    // nothing of it went over HTTP
    assert_eq!(
        town.sandbox.with(|world, _| world.counters().socket_calls.get("UpdateChannelMessage").copied()),
        Some(1)
    );

    town.sandbox.with(|world, now| world.abort(now, town.bot));
    event(&mut events, |event| matches!(event, Event::Ready { resumed: true, .. })).await;
    town.sandbox.say(town.alice, town.general, "again");
    assert_eq!(heard(&mut events).await, "again");
    assert_eq!(client.state().await, State::Ready);
    patiently(client.shutdown(town::PATIENCE)).await;
    town.connections(0).await;
}

#[tokio::test]
async fn a_bot_talks_over_abridged_tcp() {
    let town = Town::new();
    let client = Client::builder(town.config().transport(TransportKind::Tcp)).build().unwrap();
    talks(&town, &client).await;
}

#[tokio::test]
async fn a_bot_talks_over_abridged_tcp_with_tls() {
    let (town, root) = secure_town();
    let config = secure(&town, "localhost").transport(TransportKind::Tcp);
    let client = Client::builder(config).root_certificate(root).build().unwrap();
    talks(&town, &client).await;
}

/// A proxy that asks for a password and counts the tunnels that it opens.
struct Proxy {
    port: u16,
    tunnels: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, tunnels) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&tunnels);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&counter)));
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

async fn serve(mut stream: TcpStream, tunnels: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    // user:pass:w@rd
    if !head.contains("Proxy-Authorization: Basic dXNlcjpwYXNzOndAcmQ=\r\n") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    }
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
    let mut server = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n").await?;
    tunnels.fetch_add(1, Ordering::SeqCst);
    copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

#[tokio::test]
async fn http_and_socket_go_through_the_proxy() {
    let (town, proxy) = (Town::new(), Proxy::start().await);
    let client = Client::builder(town.config()).proxy(proxy.url("pass%3Aw%40rd")).build().unwrap();
    patiently(client.connect()).await.unwrap();
    // login, two lists, and the socket
    assert_eq!(proxy.tunnels(), 4);
    patiently(client.channel(town.general).send("through the tunnel")).await.unwrap();
}

#[tokio::test]
async fn tls_goes_through_the_proxy() {
    let ((town, root), proxy) = (secure_town(), Proxy::start().await);
    let client = Client::builder(secure(&town, "localhost")).root_certificate(root).proxy(proxy.url("pass%3Aw%40rd"));
    let client = client.build().unwrap();
    patiently(client.connect()).await.unwrap();
    assert_eq!(proxy.tunnels(), 4);
}

#[tokio::test]
async fn a_proxy_that_refuses_says_so_and_its_password_is_not_told() {
    let (town, proxy) = (Town::new(), Proxy::start().await);
    let builder = Client::builder(town.config()).proxy(proxy.url("a-secret"));
    assert!(!format!("{builder:?}").contains("a-secret"));
    let client = builder.build().unwrap();
    let error = patiently(client.connect()).await.unwrap_err();
    assert!(error.to_string().contains("407"), "{error}");
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

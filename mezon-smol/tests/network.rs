//! TLS and the proxy.
#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

mod town;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mezon_sandbox::Sandbox;
use mezon_smol::rustls::ServerConfig;
use mezon_smol::rustls::crypto::ring;
use mezon_smol::rustls::pki_types::PrivateKeyDer;
use mezon_smol::{Cause, Client, Config, ErrorKind};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use smol::io::{AsyncReadExt as _, AsyncWriteExt as _};
use smol::net::{TcpListener, TcpStream};
use town::{KEY, Town, patiently, run};

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
    smol::block_on(async {
        let (town, root) = secure_town();
        let (client, _events) = run(Client::builder(secure(&town, "localhost")).root_certificate(root)).await.unwrap();
        patiently(client.channel(town.general).send("in secret")).await.unwrap();
        patiently(client.shutdown(town::PATIENCE)).await;
        town.connections(0).await;
    });
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
        smol::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                smol::spawn(serve(stream, Arc::clone(&counter))).detach();
            }
        })
        .detach();
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
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    // user:pass:w@rd
    if !head.contains("Proxy-Authorization: Basic dXNlcjpwYXNzOndAcmQ=\r\n") {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    }
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap();
    let server = TcpStream::connect(target).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n").await?;
    tunnels.fetch_add(1, Ordering::SeqCst);
    let (there, back) = (smol::io::copy(stream.clone(), server.clone()), smol::io::copy(server, stream));
    smol::future::or(there, back).await.map(drop)
}

#[test]
fn http_and_socket_go_through_the_proxy() {
    smol::block_on(async {
        let (town, proxy) = (Town::new(), Proxy::start().await);
        let (client, _events) = run(Client::builder(town.config()).proxy(proxy.url("pass%3Aw%40rd"))).await.unwrap();
        // login, two lists, and the socket
        assert_eq!(proxy.tunnels(), 4);
        patiently(client.channel(town.general).send("through the tunnel")).await.unwrap();
    });
}

#[test]
fn tls_goes_through_the_proxy() {
    smol::block_on(async {
        let ((town, root), proxy) = (secure_town(), Proxy::start().await);
        let client =
            Client::builder(secure(&town, "localhost")).root_certificate(root).proxy(proxy.url("pass%3Aw%40rd"));
        let (_client, _events) = run(client).await.unwrap();
        assert_eq!(proxy.tunnels(), 4);
    });
}

#[test]
fn a_proxy_that_refuses_says_so_and_its_password_is_not_told() {
    smol::block_on(async {
        let (town, proxy) = (Town::new(), Proxy::start().await);
        let builder = Client::builder(town.config()).proxy(proxy.url("a-secret"));
        assert!(!format!("{builder:?}").contains("a-secret"));
        let (client, driver, _events) = builder.with_driver().unwrap();
        smol::spawn(driver).detach();
        let error = patiently(client.connect()).await.unwrap_err();
        let ErrorKind::ConnectFailed(cause) = error.kind() else { panic!("{error:?}") };
        assert!(matches!(&**cause, Cause::Unreachable(why) if why.contains("407")), "{cause:?}");
        assert!(!format!("{error:?} {client:?}").contains("a-secret"));
        assert_eq!(proxy.tunnels(), 0);
    });
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

//! TLS as a layer around another transport: rustls run over memory.
//!
//! What the peer sends is decrypted and given to the inner transport; what that has to say is encrypted. The layer adds
//! an end of its own: [`Closed::Tls`] when the handshake or a record fails. The peer is told by an alert, which is in the
//! output. The end of the byte stream itself is the business of whoever owns the socket.

use std::fmt;
use std::io::{BufRead, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use super::{Closed, Frame, Incoming, SendError, Transport};

/// A transport inside TLS, on either side of it.
///
/// What the inner transport wants to write before the TLS handshake is complete waits here. Apart from that no more
/// than some records are held at a time.
pub struct Tls<T> {
    inner: T,
    connection: Box<Connection>,
    /// What the inner transport has written and TLS has not taken yet.
    plain: Vec<u8>,
    /// What was encrypted when we closed.
    last_words: Vec<u8>,
    /// How TLS has ended; told after everything that the inner transport has.
    closed: Option<Closed>,
    /// Nothing more is read or sent, because [`Incoming::Closed`] was told.
    ended: bool,
    /// We have said that we write no more.
    closing: bool,
}

/// A TLS connection could not be set up. Nothing was sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSetupError {
    /// The host is neither a DNS name nor an IP address.
    #[error("no certificate can name the host")]
    InvalidHost,
    /// The configuration allows no connection.
    #[error("the TLS configuration cannot be used")]
    Config(#[source] rustls::Error),
}

impl<T: Transport> Tls<T> {
    /// The client's side. `host` is the DNS name or the IP address that the certificate of the server must have, an
    /// IPv6 address with or without brackets.
    ///
    /// The configuration must not offer HTTP/2 by ALPN: what follows is HTTP/1.1, or no HTTP at all.
    ///
    /// # Errors
    ///
    /// [`TlsSetupError`] for a host that no certificate can have, or a configuration that allows no connection.
    pub fn client(inner: T, config: Arc<ClientConfig>, host: &str) -> Result<Self, TlsSetupError> {
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsSetupError::InvalidHost)?;
        let connection = ClientConnection::new(config, name).map_err(TlsSetupError::Config)?;
        Ok(Self::new(inner, connection.into()))
    }

    /// The server's side.
    ///
    /// # Errors
    ///
    /// [`TlsSetupError`] for a configuration that allows no connection.
    pub fn server(inner: T, config: Arc<ServerConfig>) -> Result<Self, TlsSetupError> {
        let connection = ServerConnection::new(config).map_err(TlsSetupError::Config)?;
        Ok(Self::new(inner, connection.into()))
    }

    fn new(inner: T, connection: Connection) -> Self {
        let connection = Box::new(connection);
        Self {
            inner,
            connection,
            plain: Vec::new(),
            last_words: Vec::new(),
            closed: None,
            ended: false,
            closing: false,
        }
    }

    /// Gives what has been decrypted to the inner transport.
    fn deliver(&mut self) {
        loop {
            let mut reader = self.connection.reader();
            // An error only says that there is nothing now.
            let Ok(bytes) = reader.fill_buf() else { return };
            let length = bytes.len();
            if length == 0 {
                return;
            }
            self.inner.receive(bytes);
            reader.consume(length);
        }
    }

    fn fail(&mut self, text: String) {
        self.closed = Some(Closed::Tls(text));
        self.plain = Vec::new();
    }

    /// Encrypts what the inner transport has written, as far as TLS takes it, into `out`.
    fn encrypt(&mut self, out: &mut Vec<u8>) {
        self.inner.output(&mut self.plain);
        if self.closing || matches!(self.closed, Some(Closed::Tls(_))) {
            self.plain = Vec::new();
        }
        let mut taken = 0;
        loop {
            // Writing to memory does not fail. TLS takes nothing during the handshake once its buffer is full.
            let length = self.connection.writer().write(&self.plain[taken..]).unwrap_or_default();
            taken += length;
            while self.connection.wants_write() {
                let _ = self.connection.write_tls(out);
            }
            if length == 0 {
                break;
            }
        }
        self.plain.drain(..taken);
    }
}

impl<T: Transport> Transport for Tls<T> {
    fn receive(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.closed.is_none() && !self.ended {
            match self.connection.read_tls(&mut bytes) {
                Ok(0) => return,
                Ok(_) => {}
                Err(_) => return self.fail("a record is too large".to_owned()),
            }
            let processed = self.connection.process_new_packets();
            self.deliver();
            match processed {
                Ok(state) if state.peer_has_closed() => self.closed = Some(Closed::Peer { code: None }),
                Ok(_) => {}
                Err(error) => self.fail(error.to_string()),
            }
        }
    }

    fn poll_incoming(&mut self) -> Option<Incoming> {
        if self.ended {
            return None;
        }
        // Whatever the inner transport takes for open, nothing is before the peer has proved who it is.
        let inner = if self.connection.is_handshaking() { None } else { self.inner.poll_incoming() };
        let incoming = inner.or_else(|| self.closed.clone().map(Incoming::Closed));
        self.ended = matches!(incoming, Some(Incoming::Closed(_)));
        incoming
    }

    fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        if self.closed.is_some() || self.closing || self.ended || self.connection.is_handshaking() {
            return Err(SendError::NotOpen);
        }
        self.inner.send(frame)
    }

    /// Closes the inner transport, and says behind its last words that nothing more will be written. During the handshake
    /// the codec ends and reports nothing.
    fn close(&mut self) {
        if self.closing {
            return;
        }
        self.inner.close();
        let mut last_words = Vec::new();
        self.encrypt(&mut last_words);
        self.last_words = last_words;
        self.connection.send_close_notify();
        self.closing = true;
        self.ended |= self.connection.is_handshaking();
    }

    fn output(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.last_words);
        self.encrypt(out);
    }
}

impl<T: fmt::Debug> fmt::Debug for Tls<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The buffers hold what must not be printed.
        f.debug_struct("Tls").field("inner", &self.inner).field("closed", &self.closed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::RootCertStore;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;
    use crate::secret::Secret;
    use crate::transport::{ClientRequest, WebSocket, WebSocketLimits};

    const HOST: &str = "chat.example";

    /// A certificate authority, and a server with a certificate of it.
    struct World {
        root: CertificateDer<'static>,
        server: Arc<ServerConfig>,
    }

    impl World {
        fn new() -> Self {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let root = params.self_signed(&key).unwrap().der().clone();
            let issuer = Issuer::new(params, key);
            let key = KeyPair::generate().unwrap();
            let names = vec![HOST.to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
            let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
                .unwrap();
            Self { root, server: Arc::new(server) }
        }

        fn client_config(&self) -> Arc<ClientConfig> {
            let mut roots = RootCertStore::empty();
            roots.add(self.root.clone()).unwrap();
            let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
            Arc::new(config)
        }

        fn client(&self, host: &str) -> Tls<WebSocket> {
            let request = ClientRequest::new(HOST, Secret::from("/ws")).unwrap();
            let inner = WebSocket::client(&request, WebSocketLimits::default());
            Tls::client(inner, self.client_config(), host).unwrap()
        }

        fn server(&self) -> Tls<WebSocket> {
            let inner = WebSocket::server(WebSocketLimits::default(), |_| Ok(()));
            Tls::server(inner, self.server.clone()).unwrap()
        }

        fn connected(&self) -> (Tls<WebSocket>, Tls<WebSocket>) {
            let (mut client, mut server) = (self.client(HOST), self.server());
            let (at_client, at_server) = settle(&mut client, &mut server);
            assert_eq!(at_client, [Incoming::Open]);
            assert_eq!(at_server, [Incoming::Open]);
            (client, server)
        }
    }

    /// Carries bytes until neither side has any; what came out at the client and at the server.
    fn settle(client: &mut impl Transport, server: &mut impl Transport) -> (Vec<Incoming>, Vec<Incoming>) {
        let (mut at_client, mut at_server) = (Vec::new(), Vec::new());
        loop {
            let (mut up, mut down) = (Vec::new(), Vec::new());
            client.output(&mut up);
            server.receive(&up);
            at_server.extend(std::iter::from_fn(|| server.poll_incoming()));
            server.output(&mut down);
            client.receive(&down);
            at_client.extend(std::iter::from_fn(|| client.poll_incoming()));
            if up.is_empty() && down.is_empty() {
                return (at_client, at_server);
            }
        }
    }

    fn envelope(bytes: impl Into<Bytes>) -> Incoming {
        Incoming::Frame(Frame::Envelope(bytes.into()))
    }

    fn tls_error(incoming: &[Incoming]) -> &str {
        let [Incoming::Closed(Closed::Tls(text))] = incoming else { panic!("{incoming:?}") };
        text
    }

    #[test]
    fn frames_pass_encrypted_in_both_directions() {
        let (mut client, mut server) = World::new().connected();
        client.send(Frame::Envelope("a secret up".into())).unwrap();
        let mut up = Vec::new();
        client.output(&mut up);
        assert!(!up.windows(6).any(|window| window == b"secret"));
        server.receive(&up);
        assert_eq!(server.poll_incoming(), Some(envelope("a secret up")));
        server.send(Frame::Envelope("down".into())).unwrap();
        assert_eq!(settle(&mut client, &mut server), (vec![envelope("down")], vec![]));
    }

    #[test]
    fn a_transport_that_is_open_at_once_opens_when_the_peer_has_proved_who_it_is() {
        use crate::transport::{Abridged, AbridgedLimits};
        let world = World::new();
        let inner = || Abridged::client(&Secret::from("abc"), AbridgedLimits::default());
        let server = || {
            let inner = Abridged::server(AbridgedLimits::default(), |_| Ok(()));
            Tls::server(inner, world.server.clone()).unwrap()
        };
        let mut client = Tls::client(inner(), world.client_config(), HOST).unwrap();
        assert_eq!((client.poll_incoming(), client.send(Frame::Ping(1))), (None, Err(SendError::NotOpen)));
        let mut peer = server();
        assert_eq!(settle(&mut client, &mut peer), (vec![Incoming::Open], vec![Incoming::Open]));
        client.send(Frame::Ping(1)).unwrap();
        assert_eq!(settle(&mut client, &mut peer).1, [Incoming::Frame(Frame::Ping(1))]);

        let mut deceived = Tls::client(inner(), world.client_config(), "other.example").unwrap();
        let (at_client, _) = settle(&mut deceived, &mut server());
        assert!(matches!(at_client[..], [Incoming::Closed(Closed::Tls(_))]), "{at_client:?}");
    }

    #[test]
    fn a_frame_larger_than_the_buffers_passes() {
        let (mut client, mut server) = World::new().connected();
        let large = Bytes::from(vec![1; WebSocketLimits::default().outgoing]);
        client.send(Frame::Envelope(large.clone())).unwrap();
        server.send(Frame::Envelope(large.clone())).unwrap();
        let expected = vec![envelope(large)];
        assert_eq!(settle(&mut client, &mut server), (expected.clone(), expected));
    }

    #[test]
    fn addresses_are_names_too() {
        let world = World::new();
        for host in ["127.0.0.1", "::1", "[::1]"] {
            let (mut client, mut server) = (world.client(host), world.server());
            assert_eq!(settle(&mut client, &mut server).0, [Incoming::Open], "{host}");
        }
    }

    #[test]
    fn a_host_that_no_certificate_can_name_is_refused_at_once() {
        let config = World::new().client_config();
        for host in ["", "a b", "host:443", "[::1"] {
            let inner = WebSocket::server(WebSocketLimits::default(), |_| Ok(()));
            assert_eq!(Tls::client(inner, config.clone(), host).err(), Some(TlsSetupError::InvalidHost), "{host}");
        }
    }

    #[test]
    fn another_host_name_is_refused_on_both_sides() {
        let world = World::new();
        let (mut client, mut server) = (world.client("other.example"), world.server());
        let (at_client, at_server) = settle(&mut client, &mut server);
        assert!(tls_error(&at_client).contains("not valid for name"), "{at_client:?}");
        // The server learns it by an alert.
        assert!(tls_error(&at_server).contains("alert"), "{at_server:?}");
        assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
        assert_eq!(client.poll_incoming(), None);
    }

    #[test]
    fn an_authority_that_is_not_trusted_is_refused() {
        let (mut client, mut server) = (World::new().client(HOST), World::new().server());
        let (at_client, at_server) = settle(&mut client, &mut server);
        assert!(tls_error(&at_client).contains("certificate"), "{at_client:?}");
        tls_error(&at_server);
    }

    #[test]
    fn a_server_without_tls_is_noticed() {
        let mut client = World::new().client(HOST);
        client.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        assert!(!tls_error(&[client.poll_incoming().unwrap()]).is_empty());
        assert_eq!(client.poll_incoming(), None);
    }

    #[test]
    fn a_client_without_tls_is_told_by_an_alert() {
        let mut server = World::new().server();
        server.receive(b"GET /ws HTTP/1.1\r\nHost: chat.example\r\n\r\n");
        assert!(!tls_error(&[server.poll_incoming().unwrap()]).is_empty());
        let mut out = Vec::new();
        server.output(&mut out);
        assert_eq!(out.first(), Some(&0x15), "an alert record");
        out.clear();
        server.output(&mut out);
        assert_eq!(out, b"");
    }

    #[test]
    fn closing_ends_the_inner_transport_and_then_tls() {
        let (mut client, mut server) = World::new().connected();
        let large = Bytes::from(vec![1; 300_000]);
        client.send(Frame::Envelope(large.clone())).unwrap();
        client.close();
        client.close();
        assert_eq!(client.send(Frame::Ping(1)), Err(SendError::NotOpen));
        let (at_client, at_server) = settle(&mut client, &mut server);
        let closed = Incoming::Closed(Closed::Peer { code: Some(1000) });
        assert_eq!(at_server, [envelope(large), closed.clone()]);
        assert_eq!(at_client, [closed]);
        assert!(server.connection.process_new_packets().unwrap().peer_has_closed());
    }

    #[test]
    fn an_end_of_tls_without_an_end_of_the_inner_transport_is_an_end() {
        let (mut client, mut server) = World::new().connected();
        server.send(Frame::Envelope("last".into())).unwrap();
        let mut down = Vec::new();
        server.output(&mut down);
        server.connection.send_close_notify();
        server.output(&mut down);
        client.receive(&down);
        let incoming: Vec<_> = std::iter::from_fn(|| client.poll_incoming()).collect();
        assert_eq!(incoming, [envelope("last"), Incoming::Closed(Closed::Peer { code: None })]);
    }

    #[test]
    fn closing_during_the_handshake_is_no_failure() {
        let world = World::new();
        let mut client = world.client(HOST);
        client.close();
        let (at_client, at_server) = settle(&mut client, &mut world.server());
        assert_eq!(at_client, []);
        assert!(matches!(&at_server[..], [Incoming::Closed(_)]), "{at_server:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_cut_of_the_bytes_gives_the_same_frames(lengths in proptest::collection::vec(1..2000_usize, 1..20)) {
            let (mut client, mut server) = World::new().connected();
            let mut down = Vec::new();
            for size in [1, 5000, 40_000] {
                server.send(Frame::Envelope(vec![1; size].into())).unwrap();
                server.output(&mut down);
            }
            let (mut rest, mut lengths) = (&down[..], lengths.iter().cycle());
            while !rest.is_empty() {
                let (part, after) = rest.split_at(rest.len().min(*lengths.next().unwrap()));
                client.receive(part);
                rest = after;
            }
            let incoming: Vec<_> = std::iter::from_fn(|| client.poll_incoming()).collect();
            prop_assert_eq!(incoming, [1, 5000, 40_000].map(|size| envelope(vec![1; size])));
        }

        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 1..300), begun in any::<bool>()) {
            let (mut client, mut server) = World::new().connected();
            let mut record = if begun { vec![0x17, 0x03, 0x03, 0x00, 0x80] } else { Vec::new() };
            record.extend_from_slice(&bytes);
            let mut out = Vec::new();
            for side in [&mut client, &mut server] {
                side.receive(&record);
                while side.poll_incoming().is_some() {}
                side.output(&mut out);
            }
        }

        #[test]
        fn a_flipped_bit_ends_the_connection(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let (mut client, mut server) = World::new().connected();
            server.send(Frame::Envelope("untouched".into())).unwrap();
            let mut down = Vec::new();
            server.output(&mut down);
            // The header of a record is not protected.
            let at = 5 + at.index(down.len() - 5);
            down[at] ^= 1 << bit;
            client.receive(&down);
            let noticed = matches!(client.poll_incoming(), Some(Incoming::Closed(Closed::Tls(_))));
            prop_assert!(noticed);
        }
    }
}

//! Servers that are not the one that is meant, or none at all: what a login says of each.

use std::any::Any;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use mezon_protocol::event::Cause;
use mezon_protocol::{Config, Error, ErrorKind};
use mezon_sandbox::{Sandbox, World};
use mezon_tests::DEAD_PORT;
use rcgen::{CertificateParams, date_time_ymd};

use crate::ADAPTERS;
use crate::tls::{Authority, HOST, authority, certificate};

/// A server, and a bot before it that trusts [`authority`].
struct Scene {
    config: Config,
    _server: Box<dyn Any>,
}

/// What the login is to end with.
#[derive(Debug, PartialEq)]
enum End {
    Tls,
    Unreachable,
    Login,
}

type Case = (&'static str, fn() -> Scene, End);

/// All of them.
const CASES: &[Case] = &[
    ("the certificate is for another host", another_host, End::Tls),
    ("the certificate has expired", expired, End::Tls),
    ("the certificate is of an unknown authority", unknown_authority, End::Tls),
    ("the server speaks no TLS", plain_text, End::Tls),
    ("the server hangs up on TLS", hangs_up, End::Tls),
    ("the server speaks TLS and the bot does not", unexpected_tls, End::Login),
    ("there is no server", nobody, End::Unreachable),
];

/// Row 14.
#[test]
fn a_login_to_a_server_that_is_not_the_right_one_ends_with_an_error_of_a_type_of_its_own() {
    for adapter in ADAPTERS {
        let Some(login) = adapter.login else { continue };
        for (name, scene, end) in CASES {
            let scene = scene();
            let error = login(scene.config, authority().root.clone()).unwrap_err();
            assert_eq!(end_of(&error), *end, "{name}, on {}: {error:?}", adapter.name);
            assert!(error.is_retryable());
        }
    }
}

fn end_of(error: &Error) -> End {
    let ErrorKind::ConnectFailed(cause) = error.kind() else { panic!("{error:?}") };
    match &**cause {
        Cause::Tls(_) => End::Tls,
        Cause::Unreachable(_) => End::Unreachable,
        Cause::Login(_) => End::Login,
        cause => panic!("{cause:?}"),
    }
}

fn another_host() -> Scene {
    secure(authority(), &certificate("elsewhere.example"))
}

fn expired() -> Scene {
    let mut certificate = certificate(HOST);
    certificate.not_before = date_time_ymd(2020, 1, 1);
    certificate.not_after = date_time_ymd(2021, 1, 1);
    secure(authority(), &certificate)
}

fn unknown_authority() -> Scene {
    secure(&Authority::new(), &certificate(HOST))
}

fn unexpected_tls() -> Scene {
    let Scene { config, _server } = secure(authority(), &certificate(HOST));
    Scene { config: config.use_tls(false), _server }
}

fn secure(authority: &Authority, certificate: &CertificateParams) -> Scene {
    let sandbox = Sandbox::builder().tls(authority.server(certificate)).start(World::builder().build()).unwrap();
    Scene { config: config(sandbox.port()), _server: Box::new(sandbox) }
}

fn plain_text() -> Scene {
    served(|mut stream| stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"))
}

fn hangs_up() -> Scene {
    served(|mut stream| stream.read(&mut [0; 16 * 1024]).map(drop))
}

/// A server for one connection.
fn served(serve: fn(TcpStream) -> std::io::Result<()>) -> Scene {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || serve(listener.accept()?.0));
    Scene { config: config(port), _server: Box::new(server) }
}

fn nobody() -> Scene {
    Scene { config: config(DEAD_PORT), _server: Box::new(()) }
}

fn config(port: u16) -> Config {
    Config::bot(17_i64, "the-key").unwrap().host(HOST).port(port)
}

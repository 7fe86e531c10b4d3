use std::time::Duration;

use super::*;

#[test]
fn only_what_rustls_or_the_server_ends_is_a_failure_of_tls() {
    let of_rustls = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
    assert!(matches!(handshake_failure(&of_rustls), HttpFailure::Tls(_)));
    let hung_up = io::Error::from(io::ErrorKind::UnexpectedEof);
    assert!(matches!(handshake_failure(&hung_up), HttpFailure::Tls(_)));
    for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted, io::ErrorKind::InvalidData] {
        assert!(matches!(handshake_failure(&kind.into()), HttpFailure::Connect(_)), "{kind}");
    }
}

#[test]
fn tls_needs_a_configuration_and_a_host_that_a_certificate_can_name() {
    let mut net = Net { proxy: None, tls: None, connect_timeout: Duration::from_secs(1) };
    assert!(matches!(net.tls_for("example.com"), Err(HttpFailure::Tls(_))));
    let key = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap();
    net.tls = Some(client_config(vec![key.cert.der().clone()]).unwrap());
    for host in ["example.com", "127.0.0.1", "::1"] {
        assert_eq!(net.tls_for(host).unwrap().1.to_str(), host);
    }
    assert!(matches!(net.tls_for("no host"), Err(HttpFailure::Tls(_))));
}

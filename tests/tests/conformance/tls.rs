//! Servers for the adapters that have sockets: on the loopback, plain or with a certificate for `localhost` of an
//! authority that is made for the run.

use std::sync::{Arc, OnceLock};

use mezon_protocol::Config;
use mezon_sandbox::{Sandbox, World};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

use crate::bot::Link;

const HOST: &str = "localhost";

struct Authority {
    root: Vec<u8>,
    server: Arc<ServerConfig>,
}

/// The certificate to be trusted, in DER.
pub fn root() -> Vec<u8> {
    authority().root.clone()
}

/// Serves the world, and completes the configuration with its address.
pub fn serve(world: World, config: Config, link: Link) -> (Sandbox, Config) {
    let builder = Sandbox::builder().host(HOST);
    let builder = if link.tls { builder.tls(Arc::clone(&authority().server)) } else { builder };
    let sandbox = builder.start(world).unwrap();
    let config = config.host(HOST).port(sandbox.port()).use_tls(link.tls);
    (sandbox, config)
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().to_vec();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new([HOST.to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &issuer).unwrap().der().clone();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        Authority { root, server: Arc::new(server) }
    })
}

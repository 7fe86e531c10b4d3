//! Servers for the adapters that have sockets: on the loopback, plain or with a certificate of an authority that is made
//! for the run.

use std::sync::{Arc, OnceLock};

use mezon_protocol::Config;
use mezon_sandbox::{Sandbox, World};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

use crate::bot::Link;

pub const HOST: &str = "localhost";

/// Signs certificates.
pub struct Authority {
    /// Its own certificate, in DER.
    pub root: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().to_vec();
        Self { root, issuer: Issuer::new(params, key) }
    }

    /// What a server needs that has this certificate.
    pub fn server(&self, certificate: &CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = certificate.signed_by(&key, &self.issuer).unwrap().der().clone();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        Arc::new(server)
    }
}

/// A certificate for a host.
pub fn certificate(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).unwrap()
}

/// The certificate that all bots trust, in DER.
pub fn root() -> Vec<u8> {
    authority().root.clone()
}

/// Serves the world, and completes the configuration with its address, also that of the agents' events if it
/// has one.
pub fn serve(world: World, config: Config, link: Link) -> (Sandbox, Config) {
    let builder = Sandbox::builder().host(HOST);
    let builder = if link.tls { builder.tls(authority().server(&certificate(HOST))) } else { builder };
    let sandbox = builder.start(world).unwrap();
    let mut config = config.host(HOST).port(sandbox.port()).use_tls(link.tls);
    if let Some(agent) = &mut config.services.agent {
        sandbox.url().clone_into(agent);
    }
    let services = sandbox.services();
    (config.services.ledger, config.services.proofs) = (services.ledger, services.proofs);
    config.services.indexer = services.indexer;
    config.ledger.plain_loopback = true;
    (sandbox, config)
}

/// The one that all bots trust.
pub fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(Authority::new)
}

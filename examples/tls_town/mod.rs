//! A sandbox that speaks TLS, and what a client needs to trust it.

use std::sync::Arc;

use mezon_protocol::config::Tls;
use mezon_protocol::{ChannelId, Config, UserId};
use mezon_sandbox::{Sandbox, World};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub struct Town {
    pub sandbox: Sandbox,
    pub alice: UserId,
    pub general: ChannelId,
    /// For the bot, complete with address and trust.
    pub config: Config,
    /// For its HTTP exchanges.
    pub http: ureq::Agent,
}

/// A clan with a channel, alice and a bot.
pub fn start() -> Result<Town, super::AnyError> {
    let mut world = World::builder();
    let (alice, bot) = (world.person("alice"), world.bot("loop", "a-key"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");

    let (root, server) = certificates()?;
    let sandbox = Sandbox::builder().host("localhost").tls(Arc::new(server)).start(world.build())?;
    let mut roots = RootCertStore::empty();
    roots.add(root.clone())?;
    let provider = Arc::new(ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let client = client.with_root_certificates(roots).with_no_client_auth();
    let mut config = Config::bot(bot, "a-key")?.host("localhost").port(sandbox.port()).without_rate_limits();
    config.tls = Some(Tls(Arc::new(client)));

    let trust = RootCerts::new_with_certs(&[Certificate::from_der(&root).to_owned()]);
    let tls = TlsConfig::builder().root_certs(trust).build();
    let http = ureq::Agent::config_builder().tls_config(tls).http_status_as_error(false).build().into();
    Ok(Town { sandbox, alice, general, config, http })
}

fn certificates() -> Result<(CertificateDer<'static>, ServerConfig), super::AnyError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let root = params.self_signed(&key)?.der().clone();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?.der().clone();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der())?)?;
    Ok((root, server))
}

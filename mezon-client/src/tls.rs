//! TLS: the configuration where the user brings none (rustls with ring, and whom to trust), and what adapters need of it
//! for HTTP.

use std::io;
use std::sync::Arc;

use mezon_protocol::exchange::HttpFailure;
use mezon_protocol::{Error, ErrorKind};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};

use crate::runtime::Net;

impl Net {
    /// What a TLS connection to a host begins with: the configuration, and the name that the certificate must have.
    ///
    /// # Errors
    ///
    /// `Tls` without a configuration, or when no certificate can name the host.
    pub fn tls_for(&self, host: &str) -> Result<(Arc<ClientConfig>, ServerName<'static>), HttpFailure> {
        let config = self.tls.as_ref().ok_or_else(|| HttpFailure::tls("the configuration has no TLS settings"))?;
        let name = ServerName::try_from(host.to_owned()).map_err(HttpFailure::tls)?;
        Ok((Arc::clone(config), name))
    }
}

/// What it means for an HTTP exchange that its TLS handshake has ended like this: `Tls` if rustls or the server has ended
/// it, `Connect` if the connection was lost.
pub fn handshake_failure(error: &io::Error) -> HttpFailure {
    let by_rustls = error.get_ref().is_some_and(|error| error.is::<rustls::Error>());
    let is_tls = by_rustls || error.kind() == io::ErrorKind::UnexpectedEof;
    if is_tls { HttpFailure::tls(error) } else { HttpFailure::connect(error) }
}

/// A configuration that trusts the usual roots and these.
pub(crate) fn client_config(extra: Vec<CertificateDer<'static>>) -> Result<Arc<ClientConfig>, Error> {
    // named, not the process's default: that does not exist when two are compiled in
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    trust(builder.map_err(invalid)?, provider, extra).map(Arc::new)
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

#[cfg(feature = "platform-verifier")]
fn trust(
    builder: Builder,
    provider: Arc<rustls::crypto::CryptoProvider>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, Error> {
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider).map_err(invalid)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

#[cfg(not(feature = "platform-verifier"))]
fn trust(
    builder: Builder,
    _: Arc<rustls::crypto::CryptoProvider>,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, Error> {
    let mut roots = rustls::RootCertStore::empty();
    #[cfg(feature = "webpki-roots")]
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in extra {
        roots.add(certificate).map_err(invalid)?;
    }
    if roots.is_empty() {
        return Err(Error::unsent(ErrorKind::Config("no root certificates to trust".into())));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn invalid(error: impl std::fmt::Display) -> Error {
    Error::unsent(ErrorKind::Config(format!("TLS: {error}")))
}

#[cfg(test)]
mod tests;

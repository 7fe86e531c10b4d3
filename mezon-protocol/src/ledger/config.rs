//! What a client is told about the ledger; where it is, [`Services`](crate::rest::Services) says.

use std::time::Duration;

use super::proof::ClientType;
use crate::rest::Services;

/// How tokens are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerConfig {
    /// How long one submission, or the making of a proof, may take. Default 30 s: it costs much to be left in doubt. For
    /// everything else it is [`Config::timeout`](crate::Config::timeout).
    pub submit_timeout: Duration,
    /// How long a payment may wait for those before it. Default 5 min; then it ends, unsent, with `Expired`.
    pub turn_timeout: Duration,
    /// How the session came about. Default: a login to the platform.
    pub client_type: ClientType,
    /// Whether the receiver of our tokens is told so by a direct message, as bots of other SDKs do. Default true.
    pub announce: bool,
    /// Whether the servers of the ledger may be asked over plain HTTP if they are on this machine. Default false.
    pub plain_loopback: bool,
    /// The chain that the indexer is asked about. Default `1337`.
    pub chain: String,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self {
            submit_timeout: Duration::from_secs(30),
            turn_timeout: Duration::from_secs(300),
            client_type: ClientType::default(),
            announce: true,
            plain_loopback: false,
            chain: "1337".into(),
        }
    }
}

impl LedgerConfig {
    /// The server that could not be asked in private, if there is one.
    pub(crate) fn first_exposed(&self, services: &Services) -> Option<&'static str> {
        let urls = [
            ("ledger", &services.ledger),
            ("proof service", &services.proofs),
            ("indexer", &services.indexer),
            ("red envelopes", &services.envelopes),
        ];
        let is_exposed = |url: &&Option<String>| url.as_ref().is_some_and(|url| !self.is_private(url));
        urls.iter().find(|(_, url)| is_exposed(url)).map(|(name, _)| *name)
    }

    /// True for `https`, and for plain HTTP to this machine if that is allowed.
    fn is_private(&self, url: &str) -> bool {
        const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
        let is_local = |rest: &str| {
            let after = LOOPBACK.iter().find_map(|host| rest.strip_prefix(host));
            after.is_some_and(|after| after.is_empty() || after.starts_with([':', '/']))
        };
        url.starts_with("https://") || (self.plain_loopback && url.strip_prefix("http://").is_some_and(is_local))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_nowhere_but_to_this_machine_and_only_if_allowed() {
        let (closed, open) =
            (LedgerConfig::default(), LedgerConfig { plain_loopback: true, ..LedgerConfig::default() });
        for url in ["http://localhost", "http://127.0.0.1:7350/mmn-api/", "http://[::1]/"] {
            assert!(!closed.is_private(url) && open.is_private(url), "{url}");
        }
        for url in
            ["http://localhost.evil.example/", "http://127.0.0.1@evil.example/", "http://dong.mezon.ai/", "x", ""]
        {
            assert!(!open.is_private(url), "{url}");
        }
        assert!(closed.is_private("https://dong.mezon.ai/mmn-api/"));
    }
}

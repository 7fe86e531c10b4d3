//! Where the servers are.

use crate::secret::Secret;

/// The servers beside the API, and what they are told. Bases are URLs; a slash at the end makes no difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Services {
    /// Incoming webhooks. Default `https://webhook.mezon.ai`.
    pub webhook: String,
    /// Media in voice channels. Default `https://stn.mezon.ai`.
    pub media: String,
    /// The ledger, to which tokens are sent. Default `https://dong.mezon.ai/mmn-api/`; none switches it off.
    #[doc(alias = "mmn_api_url")]
    pub ledger: Option<String>,
    /// The service that proves to the ledger who one is. Default `https://dong.mezon.ai/zk-api/`; none switches it off.
    #[doc(alias = "zk_api_url")]
    pub proofs: Option<String>,
    /// What tells of past transactions. Default `https://dong.mezon.ai/indexer-api/`; none switches it off.
    pub indexer: Option<String>,
    /// Red envelopes. None by default: the platform has no public address of it.
    #[doc(alias = "dong")]
    pub envelopes: Option<String>,
    /// OAuth2. Default `https://oauth2.mezon.ai`.
    pub oauth: String,
    /// Events of AI agents, by an `http` or `https` URL. None by default: the platform has no public one.
    pub agent: Option<String>,
    /// Where uploaded files are for everybody, such as `https://cdn.mezon.ai`. None by default: then they are where they
    /// were put.
    pub cdn: Option<String>,
    /// What the gateway's own routes want instead of a token. Default: the key that the platform's own web pages show.
    pub server_key: Secret,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            webhook: "https://webhook.mezon.ai".into(),
            media: "https://stn.mezon.ai".into(),
            ledger: Some("https://dong.mezon.ai/mmn-api/".into()),
            proofs: Some("https://dong.mezon.ai/zk-api/".into()),
            indexer: Some("https://dong.mezon.ai/indexer-api/".into()),
            envelopes: None,
            oauth: "https://oauth2.mezon.ai".into(),
            agent: None,
            cdn: None,
            server_key: "HTTP3m3zonPr0dkey".into(),
        }
    }
}

/// A path on a base.
pub(crate) fn join(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

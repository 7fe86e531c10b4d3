//! The session as a value that may be stored.

use serde::de::Deserializer;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::id::UserId;
use crate::lenient;
use crate::secret::Secret;

/// A session in a form that can be written to a file or a key store and read back.
///
/// **It holds secrets, and serialises them in clear**: whoever reads the stored form is logged in as this account.
/// Store it where only its owner can read it. `Debug` shows none of them.
///
/// Written with the keys of the wire (`refresh_token`, `user_id` as text and so on). Read from those, and from their
/// camelCase forms, with ids as text or number; absent, `null` and empty mean the same. Reading needs a format that
/// describes itself, such as JSON or TOML.
///
/// Made by [`Session::export`](super::Session::export), turned back by [`Session::restore`](super::Session::restore).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionExport {
    /// Bearer of the API, and the credential of the socket. The one field that must not be empty.
    #[serde(serialize_with = "expose")]
    pub token: Secret,
    /// What the token is renewed with.
    #[serde(serialize_with = "expose")]
    pub refresh_token: Secret,
    /// The own account; 0 if unknown, then the token is asked.
    pub user_id: UserId,
    /// Whether the refresh token is a long-lived one.
    pub is_remember: bool,
    /// Base of the API, as the server named it.
    pub api_url: String,
    /// OpenID token for ledger proofs.
    #[serde(serialize_with = "expose")]
    pub id_token: Secret,
    /// The socket, as the server named it.
    pub ws_url: String,
    /// Durable credential of the socket.
    #[serde(serialize_with = "expose")]
    pub session_id: Secret,
    /// The abridged TCP transport, as the server named it.
    pub tcp_url: String,
    /// Expiry of the token, seconds since 1970. Counts only if the token itself does not say.
    pub expires_at: Option<u64>,
    /// Expiry of the refresh token, seconds since 1970. Counts only if that token itself does not say.
    pub refresh_expires_at: Option<u64>,
    /// True if the account was created by the login that this session comes from.
    pub created: bool,
}

/// Shows no secret, and no URL: it could hold one.
impl std::fmt::Debug for SessionExport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionExport")
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for SessionExport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

impl From<Map<String, Value>> for SessionExport {
    fn from(mut object: Map<String, Value>) -> Self {
        let user_id = lenient::id(lenient::find(&object, &["user_id", "userId"]));
        let is_remember = lenient::flag(lenient::find(&object, &["is_remember", "isRemember"]));
        let created = lenient::flag(object.get("created"));
        let expires_at = lenient::seconds(lenient::find(&object, &["expires_at", "expiresAt"]));
        let refresh_expires_at = lenient::seconds(lenient::find(&object, &["refresh_expires_at", "refreshExpiresAt"]));
        let mut text = |keys: [&str; 2]| lenient::take_text(&mut object, &keys);
        Self {
            token: text(["token", "token"]).into(),
            refresh_token: text(["refresh_token", "refreshToken"]).into(),
            user_id,
            is_remember,
            api_url: text(["api_url", "apiUrl"]),
            id_token: text(["id_token", "idToken"]).into(),
            ws_url: text(["ws_url", "wsUrl"]),
            session_id: text(["session_id", "sessionId"]).into(),
            tcp_url: text(["tcp_url", "tcpUrl"]),
            expires_at,
            refresh_expires_at,
            created,
        }
    }
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

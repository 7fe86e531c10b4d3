//! What a light client is told before it starts.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{DEFAULT_SERVER_KEY, GATEWAY_URL, SessionError};
use crate::config::Config;
use crate::error::Error;
use crate::id::UserId;
use crate::rest::login::LogIn;
use crate::secret::Secret;
use crate::session::{Session, SessionExport};

/// What a user logs in with.
///
/// ```
/// use mezon_protocol::light::AuthenticateConfig;
///
/// let config = AuthenticateConfig::new("the-id-token", 1840000000000000001, "johndoe");
/// assert_eq!(config.gateway_url, "https://gw.mezon.ai");
/// assert!(!format!("{config:?}").contains("the-id-token"));
/// ```
#[derive(Clone, Debug)]
pub struct AuthenticateConfig {
    /// The id token, such as [`oauth`](crate::rest::oauth) gives.
    pub id_token: Secret,
    /// The user.
    pub user_id: UserId,
    /// Its name.
    pub username: String,
    /// The server key. Default [`DEFAULT_SERVER_KEY`].
    #[doc(alias = "serverkey")]
    pub server_key: Secret,
    /// Where to log in. Default [`GATEWAY_URL`].
    pub gateway_url: String,
}

impl AuthenticateConfig {
    /// With the defaults.
    pub fn new(id_token: impl Into<Secret>, user_id: impl Into<UserId>, username: impl Into<String>) -> Self {
        Self {
            id_token: id_token.into(),
            user_id: user_id.into(),
            username: username.into(),
            server_key: DEFAULT_SERVER_KEY.into(),
            gateway_url: GATEWAY_URL.into(),
        }
    }

    /// The configuration of a client that is to log in so: a user's, which joins nothing by itself and does not reconnect.
    ///
    /// # Errors
    ///
    /// `Config` when the gateway's URL is none.
    pub fn config(&self) -> Result<Config, Error> {
        light(&self.gateway_url, self.server_key.clone())
    }

    /// The login itself.
    pub fn log_in(&self) -> LogIn {
        LogIn::id_token(self.id_token.clone(), self.user_id, &self.username)
    }
}

/// A session as a light client stores it, and starts from.
///
/// **It holds secrets, and serialises them in clear**: whoever reads the stored form is logged in as this user. Written
/// and read with the keys of the light SDK; the id may be text or a number.
///
/// ```
/// use mezon_protocol::light::ClientInitConfig;
///
/// let stored = r#"{"token":"a.b.c","refresh_token":"d.e.f","api_url":"https://api.example.com","user_id":"7"}"#;
/// let config: ClientInitConfig = serde_json::from_str(stored).unwrap();
/// assert_eq!(config.user_id, 7.into());
/// assert_eq!(serde_json::to_string(&config).unwrap(), stored);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientInitConfig {
    /// The token.
    #[serde(serialize_with = "expose", deserialize_with = "hide")]
    pub token: Secret,
    /// What it is refreshed with.
    #[serde(serialize_with = "expose", deserialize_with = "hide")]
    pub refresh_token: Secret,
    /// Base of the API.
    pub api_url: String,
    /// The user.
    pub user_id: UserId,
    /// Where the socket is; if it is empty, where the API is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ws_url: String,
    /// A credential for the socket that outlives the token; may be empty.
    #[serde(serialize_with = "expose", deserialize_with = "hide", skip_serializing_if = "Secret::is_empty")]
    pub session_id: Secret,
    /// The server key, which refreshing needs. Default [`DEFAULT_SERVER_KEY`]. It is not exported.
    #[doc(alias = "serverkey")]
    #[serde(rename = "serverkey", skip_serializing, deserialize_with = "hide")]
    pub server_key: Secret,
}

impl ClientInitConfig {
    /// A session in this form.
    #[doc(alias = "exportSession")]
    pub fn of(session: &Session) -> Self {
        Self {
            token: session.token().clone(),
            refresh_token: session.refresh_token().clone(),
            api_url: session.api_url().to_owned(),
            user_id: session.user_id(),
            ws_url: session.ws_url().to_owned(),
            session_id: session.session_id().clone(),
            server_key: Secret::default(),
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// [`SessionError`] when it is none.
    pub fn from_json(json: &str) -> Result<Self, SessionError> {
        // what serde says could repeat a token
        serde_json::from_str(json).map_err(|_| invalid("what was stored is no session"))
    }

    /// The configuration of a client that starts from it: a user's, which joins nothing by itself and does not reconnect.
    ///
    /// # Errors
    ///
    /// [`SessionError`] when the URL of the API is none.
    pub fn config(&self) -> Result<Config, SessionError> {
        let default = self.server_key.is_empty().then(|| DEFAULT_SERVER_KEY.into());
        Ok(light(&self.api_url, default.unwrap_or_else(|| self.server_key.clone()))?)
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// [`SessionError`], naming the field, when one is missing or a token is no JSON web token.
    pub fn session(&self) -> Result<Session, SessionError> {
        for (name, token) in [("token", &self.token), ("refresh_token", &self.refresh_token)] {
            if token.is_empty() {
                return Err(invalid(&format!("{name} is missing")));
            }
            if token.expose().split('.').count() != 3 {
                return Err(invalid(&format!("{name} is no JSON web token")));
            }
        }
        if self.api_url.is_empty() {
            return Err(invalid("api_url is missing"));
        }
        if self.user_id.is_none() {
            return Err(invalid("user_id is missing"));
        }
        let export = SessionExport {
            token: self.token.clone(),
            refresh_token: self.refresh_token.clone(),
            user_id: self.user_id,
            is_remember: true,
            api_url: self.api_url.clone(),
            ws_url: self.ws_url.clone(),
            session_id: self.session_id.clone(),
            ..SessionExport::default()
        };
        Session::restore(export).map_err(|error| invalid(&error.to_string()))
    }
}

fn light(url: &str, server_key: Secret) -> Result<Config, Error> {
    let mut config = Config::user().url(url)?.auto_reconnect(false);
    config.auto_join = false;
    config.services.server_key = server_key;
    Ok(config)
}

fn invalid(why: &str) -> SessionError {
    SessionError { message: format!("Session error: {why}"), status_code: None }
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn hide<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> ClientInitConfig {
        ClientInitConfig {
            token: "a.b.c".into(),
            refresh_token: "d.e.f".into(),
            api_url: "http://127.0.0.1:7350".into(),
            user_id: 7.into(),
            ..ClientInitConfig::default()
        }
    }

    /// Rows 225, 226, 275.
    #[test]
    fn a_session_goes_through_json_with_the_keys_of_the_light_sdk() {
        let session = stored().session().unwrap();
        let json = serde_json::to_string(&ClientInitConfig::of(&session)).unwrap();
        assert_eq!(
            json,
            r#"{"token":"a.b.c","refresh_token":"d.e.f","api_url":"http://127.0.0.1:7350","user_id":"7"}"#
        );
        let read = ClientInitConfig::from_json(&json).unwrap();
        assert_eq!(read.session().unwrap().export(), session.export());
        assert_eq!(
            read.session().unwrap().ws_endpoint(&read.config().unwrap().login_endpoint().unwrap()).unwrap().port(),
            7350
        );
        let more = json.replace("\"7\"}", r#"7,"ws_url":"wss://sock.test","serverkey":"k","later":1}"#);
        let read = ClientInitConfig::from_json(&more).unwrap();
        assert_eq!(read.session().unwrap().ws_url(), "wss://sock.test");
        assert_eq!(read.config().unwrap().services.server_key.expose(), "k");
        assert!(!serde_json::to_string(&read).unwrap().contains("serverkey"), "it is not exported");
    }

    /// Row 227.
    #[test]
    fn what_is_missing_or_no_token_is_an_error_that_says_so_and_shows_nothing() {
        let broken = |change: fn(&mut ClientInitConfig)| {
            let mut config = stored();
            change(&mut config);
            config.session().unwrap_err().message
        };
        assert_eq!(broken(|config| config.token = "".into()), "Session error: token is missing");
        assert_eq!(broken(|config| config.token = "hunter2".into()), "Session error: token is no JSON web token");
        assert_eq!(broken(|config| config.refresh_token = "".into()), "Session error: refresh_token is missing");
        assert_eq!(broken(|config| config.api_url.clear()), "Session error: api_url is missing");
        assert_eq!(broken(|config| config.user_id = UserId::NONE), "Session error: user_id is missing");
        let mut config = stored();
        config.api_url = "nowhere at all".into();
        assert!(config.config().is_err());
        for json in ["", "7", r#"{"token":{"hunter2":1}}"#] {
            let error = ClientInitConfig::from_json(json).unwrap_err();
            assert!(!error.to_string().contains("hunter2"));
        }
        assert!(!format!("{:?}", stored()).contains("a.b.c"));
    }

    /// Rows 221, 222, 276.
    #[test]
    fn logging_in_has_defaults_for_key_and_gateway() {
        let config = AuthenticateConfig::new("hunter2", 7, "johndoe");
        let made = config.config().unwrap();
        assert_eq!(made.login_endpoint().unwrap().base_url(), "https://gw.mezon.ai");
        assert_eq!(made.services.server_key.expose(), "DefaultServerKey");
        assert!(!made.auto_join && !made.auto_reconnect && made.account.is_user());
        assert!(!format!("{config:?} {:?}", config.log_in()).contains("hunter2"));
    }
}

//! Logging users in to an application of one's own, by OAuth2 with an authorization code.
//!
//! 1. Send the user's browser to [`OAuth::authorize_url`], and keep the [`State`].
//! 2. The browser comes back to the redirect URI; [`OAuth::code`] takes the code out of its query, if the state is
//!    right.
//! 3. [`OAuth::tokens`] exchanges the code, [`OAuth::user_info`] says who it is.
//!
//! The `id_token` among the tokens, asked for by the scope `openid`, is also what a light client logs in with.
//!
//! ```
//! use mezon_protocol::rest::Services;
//! use mezon_protocol::rest::oauth::{OAuth, State};
//!
//! let oauth = OAuth::new(&Services::default(), "17", "the-secret", "https://my.test/back");
//! let state = State::from_random(*b"sixteen bytes of"); // by chance, a new one for each user
//! let url = oauth.authorize_url(&state, &["openid", "offline"]);
//! assert!(url.starts_with("https://oauth2.mezon.ai/oauth2/auth?client_id=17&redirect_uri=https%3A%2F%2Fmy.test%2Fback"));
//!
//! let query = format!("code=abc&state={}", state.as_str());
//! let code = oauth.code(&query, &state)?;
//! let request = oauth.tokens(&code, &state).into_request();
//! assert_eq!(request.url, "https://oauth2.mezon.ai/oauth2/token");
//! # Ok::<(), mezon_protocol::Error>(())
//! ```

#[cfg(feature = "pkce")]
mod pkce;

use std::fmt;
use std::time::Duration;

use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;

#[cfg(feature = "pkce")]
pub use self::pkce::Pkce;
use super::services::{Services, join};
use super::{COMPONENT, RestCall, json, undecodable};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Body, HttpRequest, Method};
use crate::secret::Secret;

/// How long a state is, in letters and digits: the platform takes no other.
const STATE_LEN: usize = 11;

/// The largest answer that is taken.
const MAX_RESPONSE: usize = 1 << 20;

/// An application that users log in to.
#[derive(Clone, Debug)]
pub struct OAuth {
    base: String,
    client_id: String,
    client_secret: Secret,
    redirect_uri: String,
    #[cfg(feature = "pkce")]
    pkce: Option<Pkce>,
}

impl OAuth {
    /// An application by its id and secret, and where users come back to, as they stand in the developer portal.
    pub fn new(
        services: &Services,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        redirect_uri: impl Into<String>,
    ) -> Self {
        Self {
            base: services.oauth.clone(),
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            redirect_uri: redirect_uri.into(),
            #[cfg(feature = "pkce")]
            pkce: None,
        }
    }

    /// The same for one login that is bound to a secret of its own, by which nobody else can use its code.
    #[cfg(feature = "pkce")]
    #[must_use]
    pub fn with_pkce(mut self, pkce: Pkce) -> Self {
        self.pkce = Some(pkce);
        self
    }

    /// Where to send the user's browser. Known scopes are `openid`, `offline` and `offline_access`.
    pub fn authorize_url(&self, state: &State, scopes: &[&str]) -> String {
        let scope = scopes.join(" ");
        #[allow(unused_mut, reason = "one of the features adds to it")]
        let mut fields = vec![
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", "code"),
            ("scope", &scope),
            ("state", state.as_str()),
        ];
        #[cfg(feature = "pkce")]
        let challenge = self.pkce.as_ref().map(Pkce::challenge);
        #[cfg(feature = "pkce")]
        if let Some(challenge) = &challenge {
            fields.extend([("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")]);
        }
        join(&self.base, &format!("/oauth2/auth?{}", form(&fields)))
    }

    /// The code in the query with which the browser came back: all that follows the `?` of the redirect URI.
    ///
    /// # Errors
    ///
    /// `Auth` when the user or the server refused, or the state is not the one that was sent: then somebody else may be
    /// trying to log the user in to an account of theirs. `InvalidArgument` when there is no code.
    pub fn code(&self, query: &str, state: &State) -> Result<Secret, Error> {
        let field = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
        };
        if !field("state").is_some_and(|given| state.is(&given)) {
            return Err(Error::unsent(ErrorKind::Auth("the state is not the one that was sent".into())));
        }
        if let Some(error) = field("error") {
            let why = field("error_description").unwrap_or_default();
            return Err(Error::answered(ErrorKind::Auth(format!("{error}: {why}"))));
        }
        let code = field("code").filter(|code| !code.is_empty());
        code.map(Secret::from).ok_or_else(|| Error::unsent(ErrorKind::InvalidArgument("there is no code".into())))
    }

    /// Exchanges a code, which works once. Ends with the tokens.
    pub fn tokens(&self, code: &Secret, state: &State) -> RestCall<Tokens> {
        #[allow(unused_mut, reason = "one of the features adds to it")]
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("state", state.as_str()),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("redirect_uri", &self.redirect_uri),
        ];
        #[cfg(feature = "pkce")]
        if let Some(pkce) = &self.pkce {
            fields.push(("code_verifier", pkce.verifier()));
        }
        self.token_call(&fields)
    }

    /// New tokens for a refresh token, which the scope `offline` gives. Ends with the tokens.
    pub fn refresh(&self, refresh_token: &Secret) -> RestCall<Tokens> {
        self.token_call(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
        ])
    }

    /// Who has logged in. Ends with what the platform says of them, as JSON.
    pub fn user_info(&self, access_token: &Secret) -> RestCall<Value> {
        let bearer = Secret::from(format!("Bearer {}", access_token.expose()));
        let request = HttpRequest {
            method: Method::Get,
            url: join(&self.base, "/userinfo"),
            headers: vec![("authorization", bearer), ("accept", "application/json".into())],
            body: Body::default(),
            max_response: MAX_RESPONSE,
            timeout: None,
        };
        RestCall::new("userinfo", request, |body| json("userinfo", body))
    }

    fn token_call(&self, fields: &[(&str, &str)]) -> RestCall<Tokens> {
        let request = HttpRequest {
            method: Method::Post,
            url: join(&self.base, "/oauth2/token"),
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".into()),
                ("accept", "application/json".into()),
            ],
            body: form(fields).into(),
            max_response: MAX_RESPONSE,
            timeout: None,
        };
        RestCall::new("oauth2", request, Tokens::from_json)
    }
}

/// What a login is recognised by when it comes back: 11 letters and digits, by chance, one for each login.
#[derive(Clone, PartialEq, Eq)]
pub struct State(String);

impl State {
    /// A state from random bytes, which nobody must be able to guess.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut number = u128::from_le_bytes(bytes);
        let letters = std::iter::repeat_with(|| {
            let letter = LETTERS[(number % 62) as usize];
            number /= 62;
            char::from(letter)
        });
        Self(letters.take(STATE_LEN).collect())
    }

    /// A state that was kept somewhere, such as in a cookie.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is not of 11 letters and digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() == STATE_LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::unsent(ErrorKind::InvalidArgument("a state is of 11 letters and digits".into())))
    }

    /// The text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in a time that does not depend on where they differ.
    fn is(&self, given: &str) -> bool {
        let differences = self.0.bytes().zip(given.bytes()).fold(0, |all, (ours, theirs)| all | (ours ^ theirs));
        given.len() == self.0.len() && differences == 0
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(..)")
    }
}

/// What a code is exchanged for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// Says who the user is, to the platform.
    pub access_token: Secret,
    /// How long it does, from now.
    pub expires_in: Duration,
    /// What it is good for.
    pub scope: String,
    /// `bearer`.
    pub token_type: String,
    /// Says who the user is, to a light client; with the scope `openid`.
    pub id_token: Option<Secret>,
    /// Gets new tokens; with the scope `offline`.
    pub refresh_token: Option<Secret>,
}

#[derive(Deserialize)]
struct TokenJson {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    token_type: String,
    id_token: Option<String>,
    refresh_token: Option<String>,
}

impl Tokens {
    fn from_json(body: &[u8]) -> Result<Self, Error> {
        // what serde says of a value that it did not expect may show it
        let json: TokenJson = serde_json::from_slice(body).map_err(|_| undecodable("oauth2", "no tokens"))?;
        Ok(Self {
            access_token: json.access_token.into(),
            expires_in: Duration::from_secs(json.expires_in),
            scope: json.scope,
            token_type: json.token_type,
            id_token: json.id_token.map(Secret::from),
            refresh_token: json.refresh_token.map(Secret::from),
        })
    }
}

/// Fields as `application/x-www-form-urlencoded`, which is also what a query is.
fn form(fields: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, COMPONENT));
    fields.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn decoded(value: &str) -> String {
    percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oauth() -> OAuth {
        OAuth::new(&Services::default(), "17", "the/secret", "https://my.test/back?x=1")
    }

    fn state() -> State {
        State::parse("abcDEF01234").unwrap()
    }

    #[test]
    fn the_browser_is_sent_with_everything_encoded() {
        assert_eq!(
            oauth().authorize_url(&state(), &["openid", "offline"]),
            "https://oauth2.mezon.ai/oauth2/auth?client_id=17&redirect_uri=https%3A%2F%2Fmy.test%2Fback%3Fx%3D1\
             &response_type=code&scope=openid%20offline&state=abcDEF01234"
        );
    }

    #[test]
    fn a_state_is_of_eleven_letters_and_digits() {
        for bytes in [[0; 16], [255; 16], *b"sixteen bytes of"] {
            assert!(State::parse(State::from_random(bytes).as_str()).is_ok());
        }
        assert_ne!(State::from_random([1; 16]), State::from_random([2; 16]));
        for text in ["", "abcDEF0123", "abcDEF012345", "abcDEF0123-", "abcDEF012é"] {
            assert!(State::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_code_is_taken_only_with_the_state_that_was_sent() {
        let code = |query: &str| oauth().code(query, &state());
        assert_eq!(code("code=a%2Fb+c&scope=openid&state=abcDEF01234").unwrap().expose(), "a/b c");
        for query in ["code=a", "code=a&state=", "code=a&state=abcDEF01235", "code=a&state=abcDEF012345"] {
            assert!(matches!(code(query).unwrap_err().kind(), ErrorKind::Auth(_)), "{query}");
        }
        let refused = code("error=access_denied&error_description=no+way&state=abcDEF01234").unwrap_err();
        assert_eq!(refused.kind(), &ErrorKind::Auth("access_denied: no way".into()));
        assert!(matches!(code("state=abcDEF01234").unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
    }

    #[test]
    fn a_code_is_exchanged_by_a_form() {
        let request = oauth().tokens(&"co&de".into(), &state()).into_request();
        assert_eq!(
            request.body,
            "grant_type=authorization_code&code=co%26de&state=abcDEF01234&client_id=17&client_secret=the%2Fsecret\
             &redirect_uri=https%3A%2F%2Fmy.test%2Fback%3Fx%3D1"
        );
        assert_eq!(request.headers[0].1.expose(), "application/x-www-form-urlencoded");
        assert!(!format!("{request:?} {:?}", oauth()).contains("secret\""));
    }

    #[test]
    fn tokens_are_read_and_not_shown() {
        let body =
            br#"{"access_token":"hunter2","expires_in":3600,"scope":"openid","token_type":"bearer","id_token":"i"}"#;
        let tokens = Tokens::from_json(body).unwrap();
        assert_eq!((tokens.expires_in, tokens.refresh_token.clone()), (Duration::from_secs(3600), None));
        assert_eq!(tokens.id_token.as_ref().map(Secret::expose), Some("i"));
        assert!(!format!("{tokens:?}").contains("hunter2"));
        for body in [&b""[..], b"{}", br#"{"access_token":{"hunter2":1}}"#] {
            let error = Tokens::from_json(body).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn who_has_logged_in_is_asked_with_the_token() {
        let call = oauth().user_info(&"token".into());
        let request = call.into_request();
        assert_eq!(request.url, "https://oauth2.mezon.ai/userinfo");
        assert_eq!(request.headers[0].1.expose(), "Bearer token");
    }
}

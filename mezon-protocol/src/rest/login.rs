//! How users log in. Bots need none of this: a client of theirs logs in by itself.
//!
//! A [`LogIn`] ends with a [`Session`], from which the client goes on if it is [one of a user](crate::Config::user). After
//! that there is no need to log in again for as long as the session is stored when
//! [`SessionRefreshed`](crate::Event::SessionRefreshed) says so, and is used once in a few days.
//!
//! | by | first | then |
//! |---|---|---|
//! | an id token, as [`oauth`](super::oauth) gives it | | [`LogIn::id_token`] |
//! | a password | | [`LogIn::email`] |
//! | a code that is sent to the user | [`RequestCode`] | [`LogIn::code`] |
//! | a device that is logged in | [`ShowQr`] | [`CheckQr`], now and then; that device says [`ConfirmQr`] |
//! | the token of a Mezon account | | [`LogIn::mezon`] |
//!
//! They all go to the gateway, which wants the [server key](super::Services::server_key), and wait for no rate limit.

use std::fmt;

use percent_encoding::utf8_percent_encode;
use prost::Message;
use serde_json::{Map, Value, json};

use super::{COMPONENT, gateway_request, undecodable};
use crate::call::{Answer, Call, Exchange, OneStep, Request, Step, Target};
use crate::error::Error;
use crate::exchange::{HttpRequest, HttpResponse, Method};
use crate::id::UserId;
use crate::machine::{Shared, judge_answer, judge_login};
use crate::proto::api as wire;
use crate::secret::Secret;
use crate::session::Session;

/// Below which the logins are.
const PATH: &str = "/v2/account/authenticate/";

/// Logs a user in. Ends with the session, from which the client goes on if it is one of a user.
///
/// `Auth`, with the [status](Error::status), when the server refuses.
///
/// ```
/// use mezon_protocol::rest::login::LogIn;
///
/// let by_password = LogIn::email("me@example.com", "my password").create(false);
/// assert_eq!(format!("{by_password:?}"), "LogIn { by: \"email\", .. }");
/// ```
pub struct LogIn {
    by: &'static str,
    body: Map<String, Value>,
    /// Some of it stands in the URL.
    query: Option<String>,
}

impl LogIn {
    /// By an id token, of the user with this id and name.
    #[doc(alias = "authenticate")]
    pub fn id_token(token: impl Into<Secret>, user: impl Into<UserId>, username: &str) -> Self {
        let user = user.into().to_string();
        Self::by("idtoken", json!({ "id_token": token.into().expose(), "user_id": user, "username": username }))
    }

    /// By a password.
    pub fn email(email: &str, password: impl Into<Secret>) -> Self {
        Self::by("email", json!({ "account": { "email": email, "password": password.into().expose() } }))
    }

    /// By the code that was sent to the user; `request` is what [`RequestCode`] has ended with.
    pub fn code(request: &str, code: impl Into<Secret>) -> Self {
        Self::by("confirmotp", json!({ "req_id": request, "otp_code": code.into().expose() }))
    }

    /// By the token of a Mezon account.
    pub fn mezon(token: impl Into<Secret>) -> Self {
        let by = Self::by("mezon", json!({ "token": token.into().expose(), "vars": {} }));
        Self { query: Some(String::new()), ..by }
    }

    /// The name that an account is given which is created by this.
    #[must_use]
    pub fn username(self, name: &str) -> Self {
        self.with("username", name.into())
    }

    /// Whether an account is created if there is none. The default is the server's.
    #[must_use]
    pub fn create(self, create: bool) -> Self {
        self.with("create", create.into())
    }

    /// Whether the refresh token is to be a long-lived one. The default is the server's.
    #[must_use]
    pub fn is_remember(self, is_remember: bool) -> Self {
        self.with("is_remember", is_remember.into())
    }

    fn by(by: &'static str, body: Value) -> Self {
        let Value::Object(body) = body else { unreachable!("each login has an object") };
        Self { by, body, query: None }
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        let Some(query) = &mut self.query else {
            self.body.insert(key.into(), value);
            return self;
        };
        let text = crate::lenient::scalar(&value).unwrap_or_default();
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(&format!("{key}={}", utf8_percent_encode(&text, COMPONENT)));
        self
    }

    fn request(&mut self, shared: &Shared) -> HttpRequest {
        let query = self.query.take().unwrap_or_default();
        post(shared, &format!("{}{query}", self.by), &Value::Object(std::mem::take(&mut self.body)))
    }
}

impl Call for LogIn {
    type Output = Session;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Session> {
        let response = match http(answer) {
            Exchanged::NotYet => return Step::Http(self.request(shared)),
            Exchanged::Ended(response) => response,
        };
        let session = response.and_then(|response| judge_login(Ok(response)).map_err(|error| error.into_error()));
        Step::Done(session.inspect(|session| go_on(shared, session)))
    }
}

/// Shows no credentials.
impl fmt::Debug for LogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogIn").field("by", &self.by).finish_non_exhaustive()
    }
}

/// Has a code sent to a user, to log in by. Ends with the name of the request, for [`LogIn::code`].
#[derive(Clone, Debug)]
pub enum RequestCode {
    /// To this address.
    Email(String),
    /// To this telephone number.
    Sms(String),
}

impl Call for RequestCode {
    type Output = String;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<String> {
        let (path, account) = match self {
            Self::Email(email) => ("emailotp", json!({ "email": email })),
            Self::Sms(phone) => ("smsotp", json!({ "phoneno": phone })),
        };
        exchanged(path, shared, answer, &json!({ "account": account }))
            .map(|sent: wire::LinkAccountConfirmRequest| sent.req_id)
    }
}

/// Begins a login by a device that is logged in. Ends with its id, which that device is to see, as a QR code.
#[doc(alias = "createqrlogin")]
#[derive(Clone, Debug, Default)]
pub struct ShowQr {
    /// What that device may be told of where this one is.
    pub address: String,
    /// What that device may be told of what this one is.
    pub platform: String,
}

impl Call for ShowQr {
    type Output = i64;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<i64> {
        let body = json!({ "address": self.address, "platform": self.platform });
        exchanged("createqrlogin", shared, answer, &body).map(|begun: wire::LoginIdResponse| begun.login_id)
    }
}

/// Asks whether the device that is logged in has confirmed a login. Ends with the session, from which the client goes on
/// if it is one of a user; `None` while it has not.
#[doc(alias = "checklogin")]
#[derive(Clone, Copy, Debug)]
pub struct CheckQr {
    /// What [`ShowQr`] has ended with.
    pub login_id: i64,
    /// Whether the refresh token is to be a long-lived one.
    pub is_remember: bool,
}

impl Call for CheckQr {
    type Output = Option<Session>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Option<Session>> {
        let response = match http(answer) {
            Exchanged::NotYet => return Step::Http(post(shared, "checklogin", &self.body())),
            Exchanged::Ended(response) => response,
        };
        let body = response.and_then(|response| judge_answer("checklogin", Ok(response)));
        // without a token nobody has confirmed it yet
        let session = body.map(|body| Session::decode(&body, None).ok());
        Step::Done(session.inspect(|session| session.iter().for_each(|session| go_on(shared, session))))
    }
}

impl CheckQr {
    fn body(self) -> Value {
        json!({ "login_id": self.login_id.to_string(), "is_remember": self.is_remember })
    }
}

/// Lets another device log in to our account: says so as the device that is logged in. Ends with nothing.
#[doc(alias = "confirmlogin")]
#[derive(Clone, Copy, Debug)]
pub struct ConfirmQr {
    /// What the other device shows.
    pub login_id: i64,
    /// Whether its refresh token is to be a long-lived one.
    pub is_remember: bool,
}

impl OneStep for ConfirmQr {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let body = CheckQr { login_id: self.login_id, is_remember: self.is_remember }.body();
        let to = Target::Url(format!("{}{PATH}confirmlogin", shared.login.base_url()));
        let exchange = Exchange::json("confirmlogin".into(), Method::Post, to);
        Ok(Request::Exchange(Exchange { body: body.to_string().into(), ..exchange }))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// A client of a user goes on from what a login has brought.
fn go_on(shared: &mut Shared, session: &Session) {
    if shared.config.account.is_user() {
        shared.adopt(session.clone());
    }
}

fn post(shared: &Shared, path: &str, body: &Value) -> HttpRequest {
    gateway_request(shared, Method::Post, &format!("{PATH}{path}"), body.to_string().into())
}

enum Exchanged {
    NotYet,
    Ended(Result<HttpResponse, Error>),
}

fn http(answer: Result<Answer, Error>) -> Exchanged {
    match answer {
        Ok(Answer::Start) => Exchanged::NotYet,
        Ok(Answer::Http(response)) => Exchanged::Ended(Ok(response)),
        Ok(_) => Exchanged::Ended(Err(undecodable("login", "an answer of another kind"))),
        Err(error) => Exchanged::Ended(Err(error)),
    }
}

fn exchanged<T: Message + Default>(
    path: &str,
    shared: &Shared,
    answer: Result<Answer, Error>,
    body: &Value,
) -> Step<T> {
    let response = match http(answer) {
        Exchanged::NotYet => return Step::Http(post(shared, path, body)),
        Exchanged::Ended(response) => response,
    };
    let body = response.and_then(|response| judge_answer(path, Ok(response)));
    Step::Done(body.and_then(|body| T::decode(body).map_err(|error| undecodable(path, error))))
}

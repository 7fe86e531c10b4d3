//! The HTTP side: login, and RPCs by name.

use std::io::Read as _;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use mezon_protocol::exchange::{Body, HttpRequest, HttpResponse, Method};
use mezon_protocol::proto::api;
use mezon_protocol::{Now, UserId};
use prost::Message as _;
use serde::Deserialize;
use serde_json::json;

use super::World;
use super::calls::{self, Call};
use super::counters::Counters;
use super::faults::HttpRefusal;
use super::logins;
use super::messages::Caller;
use super::refusal::{PERMISSION_DENIED, Refusal, UNAUTHENTICATED};
use super::token::{Purpose, Refused};
use super::transcript::What;

const LOGIN: &str = "/v2/apps/authenticate/token";
const RPC: &str = "/mezon.api.Mezon/";
const REFRESH: &str = "SessionRefresh";
/// Asks for nothing, so everybody may.
const HEALTHCHECK: &str = "Healthcheck";

/// An HTTP request as the world takes it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path with its query, without scheme and host.
    pub path: String,
    /// Header names and values. Names may be in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What becomes of an HTTP request.
#[derive(Clone, Debug)]
pub enum Answered {
    /// It is answered.
    Response {
        /// The answer.
        response: HttpResponse,
        /// How long it is held back.
        after: Duration,
    },
    /// The connection breaks instead.
    Broken {
        /// How long that takes.
        after: Duration,
    },
    /// Nothing ever comes, and the connection stays.
    Never,
}

/// The request that a client's core wants performed, as it would arrive.
impl From<&HttpRequest> for Request {
    fn from(request: &HttpRequest) -> Self {
        let rest = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
        let path = rest.find('/').map_or("/", |start| &rest[start..]);
        let headers = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.expose().to_owned()));
        Self {
            method: request.method.as_str().to_owned(),
            path: path.to_owned(),
            headers: headers.collect(),
            body: whole(&request.body),
        }
    }
}

/// All of a body. One that cannot be read to its end arrives as far as it can.
fn whole(body: &Body) -> Bytes {
    let mut read = Vec::new();
    match body.bytes() {
        Some(bytes) => body.reader().next_slice(bytes.len()).unwrap_or_default(),
        None => body.reader().read_to_end(&mut read).map_or_else(|_| Bytes::new(), |_| read.into()),
    }
}

/// The body of a login.
#[derive(Deserialize)]
struct Login {
    account: LoginAccount,
}

#[derive(Deserialize)]
struct LoginAccount {
    appid: UserId,
    #[serde(default)]
    token: String,
}

impl World {
    /// Answers an HTTP request at once. Where a fault takes the answer away it is status 504, as from a proxy that has
    /// waited for nothing; whoever can do without an answer uses [`exchange`](Self::exchange).
    pub fn handle_http(&mut self, now: Now, request: &Request) -> HttpResponse {
        match self.exchange(now, request) {
            Answered::Response { response, .. } => response,
            Answered::Broken { .. } | Answered::Never => response(504, "text/html", b"<html></html>".to_vec()),
        }
    }

    /// Takes an HTTP request and says what becomes of it, and when.
    pub fn exchange(&mut self, now: Now, request: &Request) -> Answered {
        let delay = self.http_delay();
        let mut answered = match self.ask_ledger(now, request) {
            Some(answered) => answered,
            None => Answered::Response { response: self.route(now, request), after: Duration::ZERO },
        };
        if let Answered::Response { response, after } = &mut answered {
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(now.unix_seconds());
            response.headers.push(("date".to_owned(), httpdate::fmt_http_date(date)));
            *after = after.saturating_add(delay);
        }
        answered
    }

    fn route(&mut self, now: Now, request: &Request) -> HttpResponse {
        let path = request.path.split('?').next().unwrap_or_default();
        if request.method != Method::Post.as_str() {
            return self.rest(now, request, path);
        }
        if path == LOGIN {
            let user = self.authenticate(request);
            return self.login(now, user, wants_protobuf(request));
        }
        if let Some(path) = path.strip_prefix(logins::PATH) {
            return self.person_login(now, request, path);
        }
        match path.strip_prefix(RPC) {
            Some(name) => self.rpc_over_http(now, request, name),
            None => self.rest(now, request, path),
        }
    }

    pub(super) fn login(&mut self, now: Now, user: Result<UserId, HttpResponse>, as_protobuf: bool) -> HttpResponse {
        match user {
            Ok(user) => {
                self.note_login(now, user);
                let mut session = self.new_session(now, user);
                session.id_token = self.new_id_token(now, user);
                session_response(&session, as_protobuf)
            }
            Err(response) => {
                self.counters.logins_refused += 1;
                self.record(now, What::LoginRefused { status: response.status });
                response
            }
        }
    }

    pub(super) fn note_login(&mut self, now: Now, user: UserId) {
        self.counters.logins += 1;
        self.record(now, What::LoggedIn { user });
    }

    fn authenticate(&mut self, request: &Request) -> Result<UserId, HttpResponse> {
        if let Some(fault) = self.faults.take_login_refusal() {
            return Err(fault_response(fault));
        }
        let bad = || refusal(&Refusal::new(3, "the body is no login"));
        let login: Login = serde_json::from_slice(&request.body).map_err(|_| bad())?;
        let LoginAccount { appid, token } = login.account;
        if self.settings.any_key && !self.users.contains_key(&appid) {
            self.welcome_unknown_bot(appid, &token);
        }
        let key_fits = |key: &mezon_protocol::Secret| self.settings.any_key || key.expose() == token;
        let known = self.users.get(&appid).and_then(|user| user.key.as_ref()).is_some_and(key_fits);
        if known { Ok(appid) } else { Err(refusal(&Refusal::new(UNAUTHENTICATED, "unknown bot or wrong key"))) }
    }

    fn rpc_over_http(&mut self, now: Now, request: &Request, name: &str) -> HttpResponse {
        let counted = if calls::exists(name) { name } else { "?" };
        Counters::count(&mut self.counters.http_calls, counted);
        if let Some(fault) = self.faults.take_http_refusal(name) {
            return fault_response(fault);
        }
        if name == REFRESH {
            return match self.refresh_encoded(now, &request.body) {
                Ok(session) => protobuf(session.encode_to_vec()),
                Err(_) => refusal(&Refusal::new(13, "the session cannot be renewed")),
            };
        }
        if name == HEALTHCHECK {
            return protobuf(Vec::new());
        }
        let answer = self.bearer(now, request).and_then(|user| {
            let answer = self.call(Call { now, caller: Caller::Http(user) }, name, &request.body);
            if let Err(refused) = &answer {
                self.record_refusal(now, user, refused);
            }
            answer
        });
        match answer {
            Ok(body) => protobuf(body),
            Err(refused) => refusal(&refused),
        }
    }

    /// 401 for no token or an unknown one, 403 for one that has expired.
    pub(super) fn bearer(&self, now: Now, request: &Request) -> Result<UserId, Refusal> {
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| Refusal::new(UNAUTHENTICATED, "a bearer token is missing"))?;
        self.tokens.check(now, token, Purpose::Bearer).map_err(|why| match why {
            Refused::Unknown => Refusal::new(UNAUTHENTICATED, "unknown token"),
            Refused::Expired => Refusal::new(PERMISSION_DENIED, "the token has expired"),
        })
    }

    fn refresh_encoded(&mut self, now: Now, body: &[u8]) -> Result<api::Session, Refusal> {
        self.refresh(now, &calls::decode(REFRESH, body)?)
    }

    pub(super) fn refresh(&mut self, now: Now, request: &api::SessionRefreshRequest) -> Result<api::Session, Refusal> {
        let user = self.tokens.check(now, &request.token, Purpose::Refresh);
        let user = user.map_err(|_| Refusal::new(UNAUTHENTICATED, "unknown refresh token"))?;
        self.counters.refreshes += 1;
        if self.settings.rotate_refresh_tokens {
            self.tokens.spend(&request.token);
        }
        let refresh_token = self.tokens.succeed(now, &request.token, self.settings.refresh_lifetime);
        // the credential of the socket stays what it is
        Ok(api::Session { refresh_token, session_id: String::new(), ..self.new_session(now, user) })
    }

    /// People have a credential of their own for the socket, which outlives the token.
    fn socket_credential(&mut self, now: Now, user: UserId, name: &str) -> String {
        let is_person = self.users.get(&user).is_some_and(|user| !user.is_bot());
        if !is_person || !self.settings.session_ids {
            return String::new();
        }
        self.tokens.make(now, user, name, self.settings.refresh_lifetime, Purpose::Socket)
    }

    /// What tells the proof service who one is. Only a login brings it.
    fn new_id_token(&mut self, now: Now, user: UserId) -> String {
        let name = self.username(user).unwrap_or_default().to_owned();
        self.tokens.make(now, user, &name, self.settings.ledger.id_token_lifetime, Purpose::Identity)
    }

    pub(crate) fn new_session(&mut self, now: Now, user: UserId) -> api::Session {
        let name = self.username(user).unwrap_or_default().to_owned();
        let (short, long) = (self.settings.token_lifetime, self.settings.refresh_lifetime);
        api::Session {
            token: self.tokens.make(now, user, &name, short, Purpose::Bearer),
            refresh_token: self.tokens.make(now, user, &name, long, Purpose::Refresh),
            user_id: user.get(),
            session_id: self.socket_credential(now, user, &name),
            api_url: self.settings.api_url.clone(),
            ws_url: self.settings.ws_url.clone(),
            tcp_url: self.settings.tcp_url.clone(),
            ..api::Session::default()
        }
    }
}

fn wants_protobuf(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("proto"))
}

fn session_response(session: &api::Session, as_protobuf: bool) -> HttpResponse {
    if as_protobuf {
        return protobuf(session.encode_to_vec());
    }
    let body = json!({
        "created": session.created,
        "token": session.token,
        "refresh_token": session.refresh_token,
        "id_token": session.id_token,
        "user_id": session.user_id.to_string(),
        "api_url": session.api_url,
        "ws_url": session.ws_url,
        "session_id": session.session_id,
        "tcp_url": session.tcp_url,
    });
    response(200, "application/json", body.to_string().into_bytes())
}

pub(super) fn protobuf(body: Vec<u8>) -> HttpResponse {
    response(200, "application/proto", body)
}

pub(super) fn refusal(refusal: &Refusal) -> HttpResponse {
    let (code, status) = refusal.connect_code();
    let body = json!({ "code": code, "message": refusal.message });
    response(status, "application/json", body.to_string().into_bytes())
}

pub(super) fn fault_response(fault: HttpRefusal) -> HttpResponse {
    let body = json!({ "code": "unavailable", "message": "refused on demand" });
    let mut response = response(fault.status, "application/json", body.to_string().into_bytes());
    if let Some(after) = fault.retry_after {
        response.headers.push(("retry-after".to_owned(), after.as_secs().to_string()));
    }
    response
}

pub(super) fn response(status: u16, content_type: &str, body: Vec<u8>) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    HttpResponse { status, headers, body: Bytes::from(body) }
}

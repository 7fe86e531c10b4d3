//! How people log in: by an id token, a password, a code, another device, or the token of their account.

use bytes::Bytes;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api;
use mezon_protocol::{Now, UserId};
use prost::Message as _;
use serde::Deserialize;

use super::World;
use super::http::{Request, fault_response, protobuf, refusal};
use super::refusal::{INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, Refusal, UNAUTHENTICATED};
use super::rest::read;
use super::token::Purpose;

/// Below which the logins of people are.
pub(super) const PATH: &str = "/v2/account/authenticate/";

/// How people are addressed by e-mail: by their user name, there.
const MAIL: &str = "@mezon.test";

/// The code that is sent to people who log in by one.
#[derive(Debug)]
pub(super) struct Code {
    user: UserId,
    code: String,
}

#[derive(Deserialize)]
struct IdToken {
    id_token: String,
    user_id: UserId,
}

#[derive(Deserialize)]
struct OfAccount {
    account: Account,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    phoneno: String,
}

#[derive(Deserialize)]
struct Confirmation {
    req_id: String,
    otp_code: String,
}

#[derive(Deserialize)]
struct Mezon {
    token: String,
}

#[derive(Deserialize)]
struct Qr {
    login_id: String,
}

/// # People log in
impl World {
    /// The code that was sent to a person who wants to log in by one, by the name of the request.
    pub fn login_code(&self, request: &str) -> Option<&str> {
        self.records.codes.get(request).map(|code| code.code.as_str())
    }

    /// A person confirms, on a device that is logged in, the login that another device shows. False if there is none.
    pub fn confirm_login(&mut self, login_id: i64, user: UserId) -> bool {
        let login = self.records.qr_logins.get_mut(&login_id);
        login.map(|login| *login = Some(user)).is_some()
    }

    pub(super) fn person_login(&mut self, now: Now, request: &Request, path: &str) -> HttpResponse {
        let as_protobuf = request.header("accept").is_some_and(|accept| accept.contains("x-protobuf"));
        let body = &request.body;
        if let Some(fault) = self.faults.take_login_refusal() {
            return self.login(now, Err(fault_response(fault)), as_protobuf);
        }
        let user = match path {
            "idtoken" => self.by_id_token(body),
            "email" => self.by_password(body),
            "confirmotp" => self.by_code(body),
            "mezon" => self.by_token(now, body),
            _ => return self.begin_login(now, request, path).map_or_else(|refused| refusal(&refused), protobuf),
        };
        self.login(now, user.map_err(|refused| refusal(&refused)), as_protobuf)
    }

    /// What comes before a login, or beside it.
    fn begin_login(&mut self, now: Now, request: &Request, path: &str) -> Result<Vec<u8>, Refusal> {
        match path {
            "emailotp" | "smsotp" => self.send_code(now, &request.body),
            "createqrlogin" => {
                let login_id = self.room_for_login().map(|()| self.ids.next(now))?;
                self.records.qr_logins.insert(login_id, None);
                Ok(api::LoginIdResponse { login_id, ..api::LoginIdResponse::default() }.encode_to_vec())
            }
            "checklogin" => self.check_qr(now, &request.body),
            "confirmlogin" => {
                let user = self.bearer(now, request)?;
                let confirmed = self.confirm_login(login_id(&request.body)?, user);
                if confirmed { Ok(Vec::new()) } else { Err(no_login()) }
            }
            _ => Err(Refusal::new(NOT_FOUND, "no such route")),
        }
    }

    /// Any id token will do.
    fn by_id_token(&self, body: &Bytes) -> Result<UserId, Refusal> {
        let IdToken { id_token, user_id } = read(body)?;
        self.person(user_id).filter(|_| !id_token.is_empty()).ok_or_else(unknown)
    }

    /// Any password will do.
    fn by_password(&self, body: &Bytes) -> Result<UserId, Refusal> {
        let OfAccount { account } = read(body)?;
        self.addressed(&account).filter(|_| !account.password.is_empty()).ok_or_else(unknown)
    }

    /// A code is good for one login.
    fn by_code(&mut self, body: &Bytes) -> Result<UserId, Refusal> {
        let Confirmation { req_id, otp_code } = read(body)?;
        let code = self.records.codes.get(&req_id).filter(|code| code.code == otp_code).ok_or_else(unknown)?;
        let user = code.user;
        self.records.codes.remove(&req_id);
        Ok(user)
    }

    fn by_token(&self, now: Now, body: &Bytes) -> Result<UserId, Refusal> {
        let Mezon { token } = read(body)?;
        let user = self.tokens.check(now, &token, Purpose::Bearer).map_err(|_| unknown())?;
        self.person(user).ok_or_else(unknown)
    }

    fn send_code(&mut self, now: Now, body: &Bytes) -> Result<Vec<u8>, Refusal> {
        let OfAccount { account } = read(body)?;
        let user = self.addressed(&account).ok_or_else(unknown)?;
        let req_id = self.room_for_login().map(|()| self.ids.next(now))?.to_string();
        let code = format!("{:06}", self.rng.u32(..1_000_000));
        self.records.codes.insert(req_id.clone(), Code { user, code });
        Ok(api::LinkAccountConfirmRequest { req_id, ..api::LinkAccountConfirmRequest::default() }.encode_to_vec())
    }

    /// A session without a token while nobody has confirmed it.
    fn check_qr(&mut self, now: Now, body: &Bytes) -> Result<Vec<u8>, Refusal> {
        let login_id = login_id(body)?;
        let confirmed = *self.records.qr_logins.get(&login_id).ok_or_else(no_login)?;
        let Some(user) = confirmed else { return Ok(Vec::new()) };
        self.records.qr_logins.remove(&login_id);
        self.note_login(now, user);
        Ok(self.new_session(now, user).encode_to_vec())
    }

    fn addressed(&self, account: &Account) -> Option<UserId> {
        let by_name = || self.user_named(account.email.strip_suffix(MAIL)?);
        let by_number = || account.phoneno.trim_start_matches('+').parse().ok().map(UserId::new);
        by_name().or_else(by_number).and_then(|user| self.person(user))
    }

    fn person(&self, user: UserId) -> Option<UserId> {
        self.users.get(&user).filter(|user| !user.is_bot()).map(|user| user.id)
    }

    fn room_for_login(&self) -> Result<(), Refusal> {
        let full = self.kept() >= self.settings.record_limit;
        if full { Err(Refusal::new(RESOURCE_EXHAUSTED, "there is no more room")) } else { Ok(()) }
    }
}

fn login_id(body: &Bytes) -> Result<i64, Refusal> {
    let Qr { login_id } = read(body)?;
    login_id.parse().map_err(|_| Refusal::new(INVALID_ARGUMENT, "no id of a login"))
}

fn unknown() -> Refusal {
    Refusal::new(UNAUTHENTICATED, "unknown user")
}

fn no_login() -> Refusal {
    Refusal::new(INVALID_ARGUMENT, "no such login")
}

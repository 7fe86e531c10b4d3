//! Tokens: JSON web tokens that the world signs with its seed, so that it need not remember them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mezon_protocol::{Now, UserId};
use serde::{Deserialize, Serialize};

/// The payload. The names are those that clients of the platform read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    /// The number of the token: no two are equal.
    tid: u64,
    uid: UserId,
    usn: String,
    /// Unix time in seconds.
    exp: u64,
    /// What only renews a session, or only opens a socket, says so.
    #[serde(default, skip_serializing_if = "Purpose::is_bearer")]
    purpose: Purpose,
    /// The refresh token that it was had for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<u64>,
}

/// Why a token does not open the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// No token of this world.
    Unknown,
    /// It was one.
    Expired,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Purpose {
    #[default]
    Bearer,
    /// It only renews a session.
    Refresh,
    /// Opens a socket.
    Socket,
    /// It only tells the proof service who one is.
    Identity,
}

impl Purpose {
    fn is_bearer(&self) -> bool {
        *self == Self::Bearer
    }
}

/// How credentials of the socket begin.
pub(super) const SOCKET: &str = "AAA";

/// Makes and checks tokens.
#[derive(Clone, Debug)]
pub(super) struct Tokens {
    seed: u64,
    made: u64,
    /// Bearer tokens up to this number have been expired by hand.
    valid_from: u64,
    /// The same of tokens for the proof service.
    identity_from: u64,
    /// Single tokens that have been given up.
    forgotten: BTreeSet<u64>,
    /// Users, and up to which number all of their tokens have been given up.
    revoked: BTreeMap<UserId, u64>,
}

impl Tokens {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, made: 0, valid_from: 0, identity_from: 0, forgotten: BTreeSet::new(), revoked: BTreeMap::new() }
    }

    pub(super) fn make(
        &mut self,
        now: Now,
        user: UserId,
        username: &str,
        lifetime: Duration,
        purpose: Purpose,
    ) -> String {
        let (exp, usn) = (now.unix.saturating_add(lifetime).as_secs(), username.to_owned());
        self.issue(Claims { tid: 0, uid: user, usn, exp, purpose, after: None })
    }

    /// A refresh token in place of another.
    pub(super) fn succeed(&mut self, now: Now, token: &str, lifetime: Duration) -> String {
        let exp = now.unix.saturating_add(lifetime).as_secs();
        let Some(before) = self.read(token) else { return String::new() };
        self.issue(Claims { exp, after: Some(before.tid), ..before })
    }

    fn issue(&mut self, claims: Claims) -> String {
        self.made += 1;
        let claims = Claims { tid: self.made, ..claims };
        let payload = serde_json::to_vec(&claims).expect("the claims are plain numbers and text");
        let body = format!("{}.{}", encode(br#"{"alg":"none","typ":"JWT"}"#), encode(&payload));
        let signature = self.sign(&body);
        let prefix = if claims.purpose == Purpose::Socket { SOCKET } else { "" };
        format!("{prefix}{body}.{signature}")
    }

    pub(super) fn check(&self, now: Now, token: &str, purpose: Purpose) -> Result<UserId, Refused> {
        let claims = self.read(token).ok_or(Refused::Unknown)?;
        let is_revoked = self.revoked.get(&claims.uid).is_some_and(|last| claims.tid <= *last);
        if claims.purpose != purpose || is_revoked || self.forgotten.contains(&claims.tid) {
            return Err(Refused::Unknown);
        }
        let expired_by_hand = match purpose {
            Purpose::Bearer => self.valid_from,
            Purpose::Identity => self.identity_from,
            Purpose::Refresh | Purpose::Socket => 0,
        };
        if claims.exp <= now.unix_seconds() || claims.tid <= expired_by_hand {
            return Err(Refused::Expired);
        }
        Ok(claims.uid)
    }

    /// Gives up a token, as at a logout. Tokens of other worlds are ignored.
    pub(super) fn forget(&mut self, token: &str) {
        if let Some(claims) = self.read(token) {
            self.forgotten.insert(claims.tid);
        }
    }

    /// A refresh token has been used: the one that it was had for is given up. It is good itself until its successor is
    /// used, as that may get lost.
    pub(super) fn spend(&mut self, token: &str) {
        self.forgotten.extend(self.read(token).and_then(|claims| claims.after));
    }

    /// Gives up all tokens that a user has.
    pub(super) fn revoke(&mut self, user: UserId) {
        self.revoked.insert(user, self.made);
    }

    fn read(&self, token: &str) -> Option<Claims> {
        let token = token.strip_prefix(SOCKET).unwrap_or(token);
        let (body, signature) = token.rsplit_once('.')?;
        if signature != self.sign(body) {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(body.split_once('.')?.1).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    /// Lets every bearer token made so far expire.
    pub(super) fn expire_all(&mut self) {
        self.valid_from = self.made;
    }

    /// Lets every token for the proof service made so far expire.
    pub(super) fn expire_identities(&mut self) {
        self.identity_from = self.made;
    }

    /// Not a signature that would stop anybody: it only tells this world's tokens from others.
    fn sign(&self, body: &str) -> String {
        let mut hasher = DefaultHasher::new();
        (self.seed, body).hash(&mut hasher);
        encode(&hasher.finish().to_be_bytes())
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const USER: UserId = UserId::new(7);

    fn noon() -> Now {
        Now::new(Duration::ZERO, Duration::from_secs(1_767_225_600))
    }

    #[test]
    fn a_token_is_valid_until_its_time_is_over() {
        let mut tokens = Tokens::new(1);
        let token = tokens.make(noon(), USER, "bot", HOUR, Purpose::Bearer);
        assert_eq!(tokens.check(noon(), &token, Purpose::Bearer), Ok(USER));
        assert_eq!(tokens.check(noon() + HOUR, &token, Purpose::Bearer), Err(Refused::Expired));
    }

    #[test]
    fn tokens_of_another_world_and_changed_ones_are_unknown() {
        let mut tokens = Tokens::new(1);
        let token = tokens.make(noon(), USER, "bot", HOUR, Purpose::Bearer);
        assert_eq!(Tokens::new(2).check(noon(), &token, Purpose::Bearer), Err(Refused::Unknown));
        for bad in ["", "a", "a.b", "a.b.c", &token[1..]] {
            assert_eq!(tokens.check(noon(), bad, Purpose::Bearer), Err(Refused::Unknown), "{bad}");
        }
    }

    #[test]
    fn a_refresh_token_is_no_bearer_and_survives_expiry_by_hand() {
        let mut tokens = Tokens::new(1);
        let bearer = tokens.make(noon(), USER, "bot", HOUR, Purpose::Bearer);
        let refresh = tokens.make(noon(), USER, "bot", HOUR, Purpose::Refresh);
        tokens.expire_all();
        assert_eq!(tokens.check(noon(), &bearer, Purpose::Bearer), Err(Refused::Expired));
        assert_eq!(tokens.check(noon(), &refresh, Purpose::Bearer), Err(Refused::Unknown));
        assert_eq!(tokens.check(noon(), &refresh, Purpose::Refresh), Ok(USER));
    }
}

//! The launch data of channel apps: proof of who has opened an app in a channel.
//!
//! The platform opens the app's web page with a query parameter `data`, which it has signed with the app's secret. The
//! app's server must check it before it believes any of it.
//!
//! ```
//! use mezon_protocol::rest::launch::{self, InvalidLaunch};
//! use mezon_protocol::Secret;
//! use std::time::Duration;
//!
//! let secret = Secret::from("the app's secret");
//! let data = launch::sign("query_id=1&user=%7B%22id%22%3A%227%22%7D&auth_date=1767225600", &secret);
//!
//! let (now, hour) = (Duration::from_secs(1_767_225_660), Duration::from_secs(3600));
//! let launched = launch::check(&data, &secret, now, Some(hour))?;
//! assert_eq!(launched.user.expect("there is one").id.get(), 7);
//!
//! let forged = data.replace("%227%22", "%228%22");
//! assert_eq!(launch::check(&forged, &secret, now, None), Err(InvalidLaunch::WrongHash));
//! # Ok::<(), InvalidLaunch>(())
//! ```

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use sha2::Sha256;

use crate::hex;
use crate::id::UserId;
use crate::secret::Secret;

/// What separates the data from its hash.
const HASH: &str = "&hash=";

/// How far the platform's clock may be ahead of ours.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Launch data that has been checked.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaunchData {
    /// Names this launch; may be empty.
    pub query_id: String,
    /// Who has opened the app.
    pub user: Option<LaunchUser>,
    /// When, as the time since 1970.
    pub auth_date: Option<Duration>,
    /// A signature of the platform's, which is not checked here; may be empty.
    pub signature: String,
}

/// Who has opened a channel app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LaunchUser {
    /// The user's id.
    pub id: UserId,
    /// The user's name.
    pub username: String,
    /// The name that is shown.
    pub display_name: String,
    /// The avatar.
    pub avatar_url: String,
    /// The user's name on the platform at large.
    pub mezon_id: String,
}

/// Why launch data is not to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLaunch {
    /// There is no hash in it.
    #[error("launch data without a hash")]
    NoHash,
    /// It was not signed with this secret, or was changed after.
    #[error("launch data with the wrong hash")]
    WrongHash,
    /// It does not say when it was made, so that its age cannot be checked.
    #[error("launch data without a time")]
    NoDate,
    /// It is older than allowed.
    #[error("launch data that is too old")]
    TooOld,
    /// It was made more than five minutes from now.
    #[error("launch data from the future")]
    FromFuture,
}

/// Checks launch data, as it came: not decoded. `now` is the time since 1970; with `max_age` it must not be older.
///
/// # Errors
///
/// [`InvalidLaunch`] says why it is not to be believed.
pub fn check(
    data: &str,
    app_secret: &Secret,
    now: Duration,
    max_age: Option<Duration>,
) -> Result<LaunchData, InvalidLaunch> {
    let (signed, hash) = data.split_once(HASH).ok_or(InvalidLaunch::NoHash)?;
    let hash = hex::decode(hash).ok_or(InvalidLaunch::WrongHash)?;
    // compares in a time that does not depend on where they differ
    mac(signed, app_secret).verify_slice(&hash).map_err(|_| InvalidLaunch::WrongHash)?;
    let launched = LaunchData::parse(signed);
    if let Some(max_age) = max_age {
        let made = launched.auth_date.ok_or(InvalidLaunch::NoDate)?;
        if made > now.saturating_add(TOLERANCE) {
            return Err(InvalidLaunch::FromFuture);
        }
        if now.saturating_sub(made) > max_age {
            return Err(InvalidLaunch::TooOld);
        }
    }
    Ok(launched)
}

/// Signs launch data as the platform does: for tests of one's own app.
pub fn sign(data: &str, app_secret: &Secret) -> String {
    let hash = mac(data, app_secret).finalize().into_bytes();
    format!("{data}{HASH}{}", hex::encode(&hash))
}

fn mac(signed: &str, app_secret: &Secret) -> Hmac<Sha256> {
    let any_length = "a key of any length will do";
    let key = hex::encode(&Md5::digest(app_secret.expose()));
    let mut outer = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect(any_length);
    outer.update(b"WebAppData");
    let key = outer.finalize().into_bytes();
    let mut inner = Hmac::<Sha256>::new_from_slice(&key).expect(any_length);
    inner.update(signed.as_bytes());
    inner
}

impl LaunchData {
    /// Reads the fields of a query; what is missing stays empty.
    fn parse(query: &str) -> Self {
        let field = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let value = pairs.find(|(key, _)| *key == name)?.1.replace('+', " ");
            Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
        };
        let text = |name| field(name).unwrap_or_default();
        Self {
            query_id: text("query_id"),
            user: field("user").and_then(|user| serde_json::from_str(&user).ok()),
            auth_date: field("auth_date").and_then(|date| date.parse().ok()).map(Duration::from_secs),
            signature: text("signature"),
        }
    }
}

/// Shows no signature.
impl fmt::Debug for LaunchData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaunchData")
            .field("user", &self.user)
            .field("auth_date", &self.auth_date)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "%7B%22id%22%3A7%2C%22username%22%3A%22b%26b%22%2C%22more%22%3A1%7D";

    fn secret() -> Secret {
        "app-secret".into()
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Computed by hand with another implementation of MD5 and HMAC.
    #[test]
    fn the_hash_is_the_platforms() {
        let signed = sign("query_id=1&auth_date=1767225600", &secret());
        assert_eq!(
            signed,
            "query_id=1&auth_date=1767225600&hash=810f8487514ab2124498494fd201ddf3ab7881a54065baee174000c095b6cd7a"
        );
    }

    #[test]
    fn what_was_signed_is_read() {
        let data = sign(&format!("query_id=q+1&user={USER}&auth_date=1000&signature=s%2F"), &secret());
        let launched = check(&data, &secret(), at(0), None).unwrap();
        let user = launched.user.clone().unwrap();
        assert_eq!((user.id.get(), user.username.as_str()), (7, "b&b"));
        assert_eq!((launched.query_id.as_str(), launched.signature.as_str()), ("q 1", "s/"));
        assert_eq!(launched.auth_date, Some(at(1000)));
        assert!(!format!("{launched:?}").contains("s/"));
    }

    #[test]
    fn what_was_not_signed_like_that_is_refused() {
        let data = sign("auth_date=1000", &secret());
        let wrong = |data: &str| check(data, &secret(), at(1000), None).unwrap_err();
        assert_eq!(wrong("auth_date=1000"), InvalidLaunch::NoHash);
        assert_eq!(wrong(&data.replace("1000", "1001")), InvalidLaunch::WrongHash);
        assert_eq!(wrong(&data.to_uppercase().replace("&HASH=", "&hash=")), InvalidLaunch::WrongHash);
        assert_eq!(wrong(&format!("{data}00")), InvalidLaunch::WrongHash);
        assert_eq!(wrong(&data[..data.len() - 1]), InvalidLaunch::WrongHash);
        assert_eq!(wrong("auth_date=1000&hash="), InvalidLaunch::WrongHash);
        assert_eq!(wrong("auth_date=1000&hash=ä"), InvalidLaunch::WrongHash);
        assert_eq!(check(&data, &"other".into(), at(1000), None), Err(InvalidLaunch::WrongHash));
    }

    #[test]
    fn what_is_too_old_is_refused_if_that_is_asked_for() {
        let data = sign("auth_date=1000", &secret());
        let hour = Some(at(3600));
        assert!(check(&data, &secret(), at(4600), hour).is_ok());
        assert_eq!(check(&data, &secret(), at(4601), hour), Err(InvalidLaunch::TooOld));
        assert!(check(&data, &secret(), at(700), hour).is_ok());
        assert_eq!(check(&data, &secret(), at(699), hour), Err(InvalidLaunch::FromFuture));
        assert!(check(&data, &secret(), at(999_999), None).is_ok());
        let undated = sign("auth_date=x", &secret());
        assert_eq!(check(&undated, &secret(), at(0), hour), Err(InvalidLaunch::NoDate));
    }
}

//! What a token says about itself: the payload of a JWT, read without checking the signature.
//!
//! We are not the verifier. The claims are hints (when to renew, what to call ourselves), and whatever cannot be read
//! is unknown: the server has the last word on the token.

use std::collections::BTreeMap;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use crate::id::UserId;
use crate::lenient;

/// Longer tokens are kept, but not looked into. Those of the platform have less than 1 KiB.
const MAX_TOKEN: usize = 64 * 1024;

/// Payloads come without padding; with it is accepted.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The claims we read. All are at their default for a token that is no JWT.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Claims {
    /// `exp`, seconds since 1970. `None` if unknown: absent, unreadable, zero or negative.
    pub(super) expires_at: Option<u64>,
    /// `uid`.
    pub(super) user_id: UserId,
    /// `usn`.
    pub(super) username: String,
    /// `vrs`.
    pub(super) vars: BTreeMap<String, String>,
}

impl Claims {
    pub(super) fn read(token: &str) -> Self {
        let Some(mut payload) = payload(token) else {
            return Self::default();
        };
        let vars = payload.get("vrs").and_then(Value::as_object).map(vars).unwrap_or_default();
        Self {
            expires_at: lenient::seconds(payload.get("exp")),
            user_id: lenient::id(payload.get("uid")),
            username: lenient::take_text(&mut payload, &["usn"]),
            vars,
        }
    }
}

/// The claims that a stand-in has of the token it stands for.
const KEPT: [&str; 4] = ["exp", "iat", "nbf", "uid"];

/// A token that is good for nothing, but says the same about its time and its user, and is as long as the other. Those
/// with different numbers differ, where there is room for that.
pub(crate) fn stand_in(token: &str, number: u64) -> String {
    let kept = payload(token).and_then(|payload| {
        let mut kept: Map<_, _> = payload.into_iter().filter(|(key, _)| KEPT.contains(&key.as_str())).collect();
        kept.insert("no".into(), number.into());
        let text = format!("e30.{}.", BASE64.encode(Value::Object(kept).to_string()));
        (text.len() < token.len()).then_some(text)
    });
    let mut text = kept.unwrap_or_else(|| number.to_string());
    text.extend(std::iter::repeat_n('x', token.len().saturating_sub(text.len())));
    text.truncate(token.len());
    text
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    if token.len() > MAX_TOKEN {
        return None;
    }
    let mut parts = token.trim().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    // some issuers use the standard alphabet
    let payload: Vec<u8> = payload
        .bytes()
        .map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        })
        .collect();
    let json = BASE64.decode(payload).ok()?;
    serde_json::from_slice(&json).ok()
}

fn vars(object: &Map<String, Value>) -> BTreeMap<String, String> {
    object.iter().filter_map(|(key, value)| Some((key.clone(), lenient::scalar(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn claims_are_read_from_numbers_and_from_text() {
        for json in [
            r#"{"exp":1767225600,"uid":1840000000000000001,"usn":"bot","vrs":{"m":"true","n":7,"o":null,"p":[1]}}"#,
            r#"{"exp":"1767225600","uid":"1840000000000000001","usn":"bot","vrs":{"m":true,"n":"7"},"x":{}}"#,
        ] {
            let claims = Claims::read(&jwt(json));
            assert_eq!(claims.expires_at, Some(1_767_225_600), "{json}");
            assert_eq!(claims.user_id, UserId::new(1_840_000_000_000_000_001));
            assert_eq!(claims.username, "bot");
            let vars: Vec<_> = claims.vars.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            assert_eq!(vars, [("m", "true"), ("n", "7")]);
        }
    }

    #[test]
    fn fractions_are_cut_and_what_is_no_time_is_unknown() {
        let table = [
            ("1767225600.9", Some(1_767_225_600)),
            ("1.7672256e9", Some(1_767_225_600)),
            ("18446744073709551615", Some(u64::MAX)),
            ("1e300", Some(u64::MAX)),
            ("0", None),
            ("-5", None),
            ("null", None),
            ("\"soon\"", None),
            ("{}", None),
        ];
        for (exp, expected) in table {
            assert_eq!(Claims::read(&jwt(&format!("{{\"exp\":{exp}}}"))).expires_at, expected, "{exp}");
        }
    }

    #[test]
    fn padding_and_the_standard_alphabet_are_accepted() {
        // the text of this payload makes use of all that differs: `+`, `/` and `=`
        let json = r#"{"usn":"~~~???>>>","exp": 1767225600}"#;
        let standard = BASE64_STANDARD.encode(json);
        assert!(standard.contains(['+', '/']) && standard.contains('='), "{standard}");
        let claims = Claims::read(&format!("e30.{standard}.sig"));
        assert_eq!((claims.username.as_str(), claims.expires_at), ("~~~???>>>", Some(1_767_225_600)));
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        let one_more = format!("{}.x", jwt(r#"{"exp":1}"#));
        let list = jwt("[1]");
        let deep = jwt(&"[".repeat(100_000));
        let huge = jwt(&format!("{{\"exp\":1,\"x\":\"{}\"}}", "y".repeat(MAX_TOKEN)));
        for token in ["", "AAAopaque", "a.b", "a.%%%.c", "..", &one_more, &list, &deep, &huge] {
            assert!(Claims::read(token) == Claims::default());
        }
    }

    #[test]
    fn a_stand_in_says_the_same_and_is_another_token_of_the_same_length() {
        let signature = "s".repeat(80);
        let token =
            format!("{}{signature}", jwt(r#"{"tid":"x","uid":17,"usn":"bot","exp":1767225600,"iat":1767225000}"#));
        let (one, two) = (stand_in(&token, 1), stand_in(&token, 2));
        assert_eq!((one.len(), two.len()), (token.len(), token.len()));
        assert!(one != two && !one.contains(&signature));
        let (claims, kept) = (Claims::read(&token), Claims::read(&one));
        assert_eq!((kept.expires_at, kept.user_id), (claims.expires_at, claims.user_id));
        assert_eq!(kept.username, "");
    }

    #[test]
    fn of_an_opaque_token_nothing_but_the_length_is_left() {
        assert_eq!(stand_in("an-opaque-token", 12), "12xxxxxxxxxxxxx");
        assert_eq!(stand_in("ab", 123), "12");
        assert_eq!(stand_in("", 1), "");
        let short = jwt(r#"{"exp":1767225600}"#);
        assert_eq!(stand_in(&short, 3).len(), short.len());
    }

    proptest! {
        #[test]
        fn no_token_makes_us_panic(token in "\\PC{0,20}(\\.[-A-Za-z0-9_+/=]{0,40}){0,3}", payload: Vec<u8>) {
            Claims::read(&token);
            Claims::read(&format!("a.{}.c", BASE64_URL_SAFE_NO_PAD.encode(payload)));
        }
    }

    fn jwt(payload: &str) -> String {
        format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(payload))
    }
}

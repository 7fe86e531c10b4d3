//! What the ledger's answers mean.
//!
//! For a submission the question is never only "did it work" but "what is certain now": see [`Class`].

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Sent};
use crate::exchange::HttpResponse;
use crate::machine::judge_answer;
use crate::rest::undecodable;

/// The longest text of the ledger that is kept, in bytes.
const MAX_TEXT: usize = 1024;

/// The answer to a submission: what is certain, and what the ledger said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What is certain by it.
    pub class: Class,
    /// The ledger's code, if it gave one.
    pub code: Option<String>,
    /// The ledger's text, possibly empty, at most 1 KiB.
    pub message: String,
}

/// What is certain after a submission was answered, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// The ledger has taken the transaction. It is not final yet.
    Accepted {
        /// Its hash.
        tx_hash: String,
    },
    /// The nonce is out of the window.
    StaleNonce {
        /// True if it is ahead of the node, false if behind.
        is_ahead: bool,
    },
    /// The ledger has a transaction with the same signed bytes.
    Duplicate,
    /// Not now.
    Busy,
    /// Not with things as they are: no such account, not enough tokens.
    RejectedState,
    /// No.
    Rejected {
        /// True if it depends on the bytes alone: then every other attempt with them is refused too.
        is_firm: bool,
    },
    /// Nothing is certain.
    Unknown,
    /// The request has certainly not left this client.
    NotSent,
}

impl Reply {
    /// One that has no text.
    pub const fn of(class: Class) -> Self {
        Self { class, code: None, message: String::new() }
    }

    /// Reads what came back for the submission with this id.
    pub fn read(id: u64, answer: Result<&HttpResponse, &Error>) -> Self {
        match answer {
            Ok(response) if (200..300).contains(&response.status) => Self::of_body(id, &response.body),
            Ok(response) => Self {
                class: class_of_status(response.status),
                code: None,
                message: shortened(String::from_utf8_lossy(&response.body).trim()),
            },
            Err(error) => {
                let class = if error.sent() == Sent::No { Class::NotSent } else { Class::Unknown };
                Self { class, code: None, message: error.to_string() }
            }
        }
    }

    fn of_body(id: u64, body: &[u8]) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Submitted {
            ok: bool,
            tx_hash: String,
            error: String,
        }
        let unknown = |message: &str| Self { class: Class::Unknown, code: None, message: message.into() };
        let submitted = match result::<Submitted>(id, body) {
            Ok(Some(submitted)) => submitted,
            Ok(None) => return unknown("no result in the answer"),
            Err(Failure::Unreadable(why)) => return unknown(why),
            Err(Failure::Rpc(error)) => return Self::of_rpc_error(&error),
        };
        if !submitted.ok {
            return Self::refused(&submitted.error);
        }
        if submitted.tx_hash.is_empty() {
            return unknown("accepted, but without a hash");
        }
        Self::of(Class::Accepted { tx_hash: submitted.tx_hash })
    }

    fn of_rpc_error(error: &RpcError) -> Self {
        let class = match error.code {
            -32600 | -32601 | -32602 | -32700 | -32000 => Class::Rejected { is_firm: false },
            _ => Class::Unknown,
        };
        Self { class, code: Some(error.code.to_string()), message: shortened(&error.message) }
    }

    /// Reads the `error` of a result.
    fn refused(error: &str) -> Self {
        #[derive(Deserialize)]
        struct Coded {
            code: String,
            #[serde(default)]
            message: String,
        }
        let (code, message) = match serde_json::from_str::<Coded>(error) {
            Ok(Coded { code, message }) => (Some(shortened(&code)), shortened(&message)),
            Err(_) => (None, shortened(error)),
        };
        let class = match (code.as_deref(), message.as_str()) {
            (Some("nonce_too_low"), _) => Class::StaleNonce { is_ahead: false },
            (Some("nonce_too_high"), _) => Class::StaleNonce { is_ahead: true },
            (Some("duplicate_transaction"), _) => Class::Duplicate,
            (Some("mempool_full" | "rate_limited"), _) => Class::Busy,
            (Some("insufficient_funds" | "account_not_found"), _) => Class::RejectedState,
            (Some("internal_error"), _) => Class::Unknown,
            (Some("invalid_request" | "invalid_signature" | "invalid_amount"), _) | (None, "invalid tx") => {
                Class::Rejected { is_firm: true }
            }
            (None, "Too many requests for user content transactions") => Class::Busy,
            (None, text) if text.starts_with("memo too long") => Class::Rejected { is_firm: true },
            (Some(_) | None, _) => Class::Rejected { is_firm: false },
        };
        Self { class, code, message }
    }
}

const fn class_of_status(status: u16) -> Class {
    match status {
        429 => Class::Busy,
        408 | 425 => Class::Unknown,
        400..=499 => Class::Rejected { is_firm: false },
        _ => Class::Unknown,
    }
}

/// An error of the RPC layer.
#[derive(Deserialize)]
pub(super) struct RpcError {
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: Value,
}

/// Why an answer has no result.
pub(super) enum Failure {
    Unreadable(&'static str),
    Rpc(RpcError),
}

/// The result of an answer that must have this id; `None` for a `null`.
fn result<T: DeserializeOwned>(id: u64, body: &[u8]) -> Result<Option<T>, Failure> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(default)]
        id: Value,
        #[serde(default)]
        result: Value,
        error: Option<RpcError>,
    }
    let unreadable = |_| Failure::Unreadable("the answer is not JSON-RPC");
    let envelope: Envelope = serde_json::from_slice(body).map_err(unreadable)?;
    // a node that could not read the request does not know its id
    let is_ours = envelope.id.as_u64() == Some(id) || (envelope.id.is_null() && envelope.error.is_some());
    if !is_ours {
        return Err(Failure::Unreadable("the answer is that to another request"));
    }
    match envelope.error {
        Some(error) => Err(Failure::Rpc(error)),
        None => serde_json::from_value(envelope.result).map_err(unreadable),
    }
}

/// The result of a read that must have this id.
///
/// # Errors
///
/// `Refused` with the ledger's text, `NotFound`, `Decode`, and what the status tells of.
pub(super) fn read(name: &str, id: u64, response: HttpResponse) -> Result<Value, Error> {
    let body = judge_answer(name, Ok(response))?;
    match result::<Value>(id, &body) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(undecodable(name, "no result in the answer")),
        Err(Failure::Unreadable(why)) => Err(undecodable(name, why)),
        Err(Failure::Rpc(error)) if error.data["code"] == "transaction_not_found" => Err(not_found("transaction")),
        Err(Failure::Rpc(error)) => {
            let code = i32::try_from(error.code).unwrap_or_default();
            Err(Error::answered(ErrorKind::Refused { code, message: shortened(&error.message) }))
        }
    }
}

/// A result as a type; one with an `error` is a refusal.
pub(super) fn typed<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Error> {
    match value["error"].as_str() {
        None | Some("") => typed_whatever_it_says(name, value),
        Some(message) => Err(Error::answered(ErrorKind::Refused { code: 0, message: shortened(message) })),
    }
}

/// A result as a type, whatever its `error` says.
pub(super) fn typed_whatever_it_says<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| undecodable(name, error))
}

pub(super) fn not_found(name: &str) -> Error {
    Error::answered(ErrorKind::NotFound { what: name.to_owned() })
}

/// The first bytes of a text, cut at a character.
pub(super) fn shortened(text: &str) -> String {
    let end = (0..=MAX_TEXT.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or_default()].to_owned()
}

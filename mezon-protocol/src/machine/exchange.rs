//! API calls over HTTP: the request, and what the answer means.

use bytes::Bytes;
use prost::Message;
use serde::Deserialize;

use super::login::retry_after;
use crate::call::{Exchange, Target};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Sent};
use crate::exchange::{HttpFailure, HttpRequest, HttpResponse};
use crate::proto::realtime;
use crate::secret::Secret;

/// The largest answer that is taken over HTTP.
pub(crate) const MAX_RESPONSE: usize = 16 << 20;

/// The longest text of a server that is kept in an error, in bytes.
const MAX_MESSAGE: usize = 1024;

/// gRPC's code for a missing or refused token.
const UNAUTHENTICATED: i32 = 16;

/// The request of an exchange, where the API is at `api`.
pub(crate) fn request(api: &Endpoint, authorization: Secret, user_agent: &str, exchange: &Exchange) -> HttpRequest {
    let media_type = exchange.format.media_type();
    HttpRequest {
        method: exchange.method,
        url: match &exchange.to {
            Target::Api(path) => api.base_url() + path,
            Target::Url(url) => url.clone(),
        },
        headers: vec![
            ("authorization", authorization),
            ("accept", media_type.into()),
            ("content-type", media_type.into()),
            ("user-agent", user_agent.into()),
        ],
        body: exchange.body.clone().into(),
        max_response: MAX_RESPONSE,
        timeout: exchange.timeout,
    }
}

/// What the answer of an API call means. The content type is not looked at: the server's labels are not reliable.
pub(crate) fn answer(name: &str, result: Result<HttpResponse, HttpFailure>) -> Result<Bytes, Error> {
    let response = result.map_err(unanswered)?;
    match response.status {
        204 => Ok(Bytes::new()),
        200..=299 => Ok(response.body),
        _ => Err(refusal(name, &response)),
    }
}

/// The error of a call that got no response.
pub(super) fn unanswered(failure: HttpFailure) -> Error {
    match failure {
        HttpFailure::Connect(_) => Error::unsent(ErrorKind::NotConnected),
        HttpFailure::Tls(why) => Error::unsent(ErrorKind::Tls(why)),
        HttpFailure::Broken(_) => Error::new(ErrorKind::Disconnected, Sent::Unknown),
        HttpFailure::TooLarge => Error::answered(ErrorKind::TooLarge { limit: MAX_RESPONSE }),
        HttpFailure::Content(why) => Error::new(unreadable(&why), Sent::Unknown),
    }
}

/// The content of a request could not be read.
fn unreadable(why: &str) -> ErrorKind {
    ErrorKind::InvalidArgument(format!("the content cannot be read: {why}"))
}

/// True if the same idempotent request may bring another answer soon.
pub(crate) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// The error that an HTTP status tells of, with the server's own code and text where the body has them.
pub(crate) fn refusal(name: &str, response: &HttpResponse) -> Error {
    let (code, message) = error_body(&response.body);
    let kind = match response.status {
        429 => ErrorKind::RateLimited { after: retry_after(response) },
        404 | 410 => ErrorKind::NotFound { what: if message.is_empty() { name.to_owned() } else { message } },
        // whatever the body says: this status is what a refused token gets
        401 => ErrorKind::Refused { code: UNAUTHENTICATED, message },
        status => ErrorKind::Refused { code: code.unwrap_or_else(|| code_of_status(status)), message },
    };
    Error::answered(kind).with_status(response.status)
}

#[derive(Deserialize)]
struct JsonError {
    #[serde(default)]
    code: serde_json::Value,
    #[serde(default)]
    message: String,
}

/// The code and text of an error body: Connect's JSON (code is a word), the gateway's (a number), protobuf, or text.
fn error_body(body: &[u8]) -> (Option<i32>, String) {
    if let Ok(error) = serde_json::from_slice::<JsonError>(body) {
        let number = error.code.as_i64().and_then(|code| i32::try_from(code).ok());
        let code = error.code.as_str().map_or(number, code_of_word);
        return (code, truncate(&error.message));
    }
    if let Some(text) = printable_text(body) {
        return (None, text);
    }
    match protobuf_error(body) {
        Some(error) => (Some(error.code), truncate(&error.message)),
        None => (None, String::new()),
    }
}

/// An `Error`, bare or in an Envelope.
fn protobuf_error(body: &[u8]) -> Option<realtime::Error> {
    let bare = realtime::Error::decode(body).ok().filter(|error| error.code != 0);
    bare.or_else(|| {
        let message = realtime::Envelope::decode(body).ok()?.message;
        if let Some(realtime::envelope::Message::Error(error)) = message { Some(*error) } else { None }
    })
}

/// A body as text fit to be shown, trimmed and shortened; none if it is not UTF-8 or has control characters.
pub(super) fn printable_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let is_printable = !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    is_printable.then(|| truncate(text.trim()))
}

/// The first [`MAX_MESSAGE`] bytes of a server's text, cut at a character.
pub(super) fn truncate(text: &str) -> String {
    let end = (0..=MAX_MESSAGE.min(text.len())).rev().find(|index| text.is_char_boundary(*index));
    text[..end.unwrap_or(0)].to_owned()
}

/// gRPC's code for a word of Connect's.
fn code_of_word(word: &str) -> Option<i32> {
    const WORDS: [&str; 16] = [
        "canceled",
        "unknown",
        "invalid_argument",
        "deadline_exceeded",
        "not_found",
        "already_exists",
        "permission_denied",
        "resource_exhausted",
        "failed_precondition",
        "aborted",
        "out_of_range",
        "unimplemented",
        "internal",
        "unavailable",
        "data_loss",
        "unauthenticated",
    ];
    WORDS.iter().zip(1..).find_map(|(known, code)| (*known == word).then_some(code))
}

/// gRPC's code for an HTTP status whose body has none.
pub(crate) const fn code_of_status(status: u16) -> i32 {
    match status {
        400 => 3,
        403 => 7,
        408 | 504 => 4,
        409 => 6,
        405 | 501 => 12,
        502 | 503 => 14,
        500 => 13,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &[u8]) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: Bytes::copy_from_slice(body) }
    }

    #[test]
    fn every_shape_of_error_body_gives_its_code_and_text() {
        let error = realtime::Error { code: 9, message: "no".into(), ..Default::default() };
        let message = Some(realtime::envelope::Message::Error(Box::new(error.clone())));
        let (proto, envelope) =
            (error.encode_to_vec(), realtime::Envelope { message, ..Default::default() }.encode_to_vec());
        for (status, body, code, message) in [
            (400, &br#"{"code":"permission_denied","message":"no"}"#[..], 7, "no"),
            (400, br#"{"code":5,"message":"no","error":"no"}"#, 5, "no"),
            (500, &proto, 9, "no"),
            (500, &envelope, 9, "no"),
            (405, b"", 12, ""),
            (403, b"plain text", 7, "plain text"),
            (502, b"", 14, ""),
        ] {
            let error = refusal("X", &response(status, body));
            assert_eq!(error.kind(), &ErrorKind::Refused { code, message: message.into() });
            assert_eq!(error.sent(), Sent::Yes);
        }
    }

    #[test]
    fn an_endless_error_text_is_cut_at_a_character() {
        let text = "ă".repeat(5000);
        let error = refusal("X", &response(400, text.as_bytes()));
        let ErrorKind::Refused { message, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!(message.len(), MAX_MESSAGE);
    }

    #[test]
    fn retry_after_is_kept() {
        let mut response = response(429, b"");
        response.headers.push(("retry-after".into(), "7".into()));
        assert_eq!(refusal("X", &response).retry_after(), Some(std::time::Duration::from_secs(7)));
    }

    #[test]
    fn no_content_is_an_empty_answer() {
        assert_eq!(answer("X", Ok(response(204, b"ignored"))), Ok(Bytes::new()));
    }
}

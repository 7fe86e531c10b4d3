//! HTTP headers, between the core's form and that of the `http` crate, which HTTP libraries share.

use http::{HeaderMap, HeaderValue};
use mezon_protocol::Secret;
use mezon_protocol::exchange::HttpFailure;

/// The headers of a request, marked as sensitive: their values may be credentials.
///
/// # Errors
///
/// `Connect` for a value that no header can have.
pub fn request_headers(headers: &[(&'static str, Secret)]) -> Result<HeaderMap, HttpFailure> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value.expose()).map_err(HttpFailure::connect)?;
        value.set_sensitive(true);
        map.append(*name, value);
    }
    Ok(map)
}

/// The headers of a response; those that are no text are left out.
pub fn response_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    text.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_not_printed_and_what_is_no_text_is_left_out() {
        let headers = request_headers(&[("authorization", "Bearer hunter2".into()), ("accept", "a".into())]).unwrap();
        assert!(!format!("{headers:?}").contains("hunter2"));
        assert!(matches!(request_headers(&[("accept", "a\nb".into())]), Err(HttpFailure::Connect(_))));

        let mut headers = HeaderMap::new();
        headers.append("x", HeaderValue::from_static("one"));
        headers.append("x", HeaderValue::from_bytes(b"\xff").unwrap());
        headers.append("x", HeaderValue::from_static("two"));
        let expected = [("x", "one"), ("x", "two")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(response_headers(&headers), expected);
    }
}

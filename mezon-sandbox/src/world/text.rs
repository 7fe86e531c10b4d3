//! The text inside a message's content, which is a JSON object written as text.

use serde_json::Value;

/// The `t` of a content; the content itself when it is no JSON object.
pub(super) fn text_of(content: &str) -> String {
    match serde_json::from_str::<Value>(content) {
        Ok(Value::Object(object)) => object.get("t").and_then(Value::as_str).unwrap_or_default().to_owned(),
        Ok(Value::String(text)) => text,
        _ => content.to_owned(),
    }
}

/// A content of nothing but text.
pub(super) fn content_of(text: &str) -> String {
    serde_json::json!({ "t": text }).to_string()
}

/// Length as the platform counts offsets and limits.
pub(super) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_the_way_into_content_and_back() {
        for text in ["", "plain", "xin chào 👋 \"quotes\" \\ \n tab\t"] {
            assert_eq!(text_of(&content_of(text)), text);
        }
    }

    #[test]
    fn content_that_is_no_object_is_its_own_text() {
        assert_eq!(text_of("just words"), "just words");
        assert_eq!(text_of("\"quoted\""), "quoted");
        assert_eq!(text_of("{\"embed\":[]}"), "");
    }

    #[test]
    fn length_counts_utf_16_units() {
        assert_eq!(utf16_len("😀a"), 3);
    }
}

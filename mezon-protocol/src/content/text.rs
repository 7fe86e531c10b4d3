//! The text of a content, without reading the rest of it where that is possible.

use std::borrow::Cow;

use serde::Deserialize;

use super::Content;

#[derive(Deserialize)]
struct TextOnly<'a> {
    #[serde(borrow, default)]
    t: Option<Text<'a>>,
}

/// Borrowed where nothing is escaped; an `Option<Cow>` on its own would always be copied.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a raw content: what [`Content::parse`] finds, in three steps of growing cost.
pub(crate) fn text_of(raw: &str) -> Cow<'_, str> {
    if let Some(text) = plain(raw) {
        return Cow::Borrowed(text);
    }
    match serde_json::from_str::<TextOnly<'_>>(raw) {
        Ok(content) if raw.trim_start().starts_with('{') => content.t.map(|text| text.0).unwrap_or_default(),
        _ => Cow::Owned(Content::parse(raw).as_text().to_owned()),
    }
}

/// The text of `{"t":"..."}` with nothing to be unescaped: most messages are like this.
fn plain(raw: &str) -> Option<&str> {
    let text = raw.strip_prefix(r#"{"t":""#)?.strip_suffix(r#""}"#)?;
    let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    // chunk by chunk without a way out inside, so that many bytes are compared at once
    let mut chunks = text.as_bytes().chunks(64);
    let is_special = chunks.any(|chunk| chunk.iter().fold(false, |found, &byte| found | special(byte)));
    (!is_special).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_content_gives_the_text_that_parsing_finds() {
        for raw in [
            r#"{"t":"plain"}"#,
            r#"{"t":"xin chào 👋"}"#,
            r#"{"t":"a\nb","mk":[]}"#,
            r#"{"t":"a\"}"#,
            r#"{"t":"a","t":"b"}"#,
            r#"{"mk":[{"s":0}],"t":"x"}"#,
            r#"{"t":null}"#,
            r#"{"t":7}"#,
            r#"{}"#,
            r#" {"t":"spaces"} "#,
            r#"["x"]"#,
            r#""just text""#,
            "{\"t\":\"line1\nline2\"}",
            "not json",
            "",
        ] {
            assert_eq!(text_of(raw), Content::parse(raw).as_text(), "{raw}");
        }
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(text_of(r#"{"t":"hello"}"#), Cow::Borrowed("hello")));
        assert!(matches!(text_of(r#"{"t":"hello","mk":[]}"#), Cow::Borrowed("hello")));
    }
}

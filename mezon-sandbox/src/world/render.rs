//! Messages as text for people: spans marked, embeds framed, components drawn. About what a client would show.
//!
//! ```text
//!   Order a pizza **now**
//!     | Your order
//!     | Size: small / [medium] / large (size)     what is chosen stands in brackets, the id in parentheses
//!     | Notes: ____ (notes)                       a field to type into
//!     | – Powered by Mezon
//!     [Save] [Cancel]
//! ```

use serde_json::Value;

use super::form::{Component, components};
use super::text::{text_of, utf16_len};

/// What stands before every line below the text.
pub(super) const INDENT: &str = "    ";

/// A content as lines of text: first what is said, with its spans marked; then what hangs below it.
pub(super) fn lines(content: &str) -> Vec<String> {
    let Ok(content) = serde_json::from_str::<Value>(content) else { return vec![text_of(content)] };
    let mut lines: Vec<String> = marked(&content).lines().map(str::to_owned).collect();
    if lines.is_empty() {
        lines.push(String::new());
    }
    let mut below = Vec::new();
    for embed in list(&content, "embed") {
        draw_embed(embed, &mut below);
    }
    draw_poll(&content, &mut below);
    for row in list(&content, "components") {
        below.push(row_of(row));
    }
    lines.extend(below.into_iter().map(|line| format!("{INDENT}{line}")));
    lines
}

/// The text with its spans marked, as one would type them.
fn marked(content: &Value) -> String {
    let text = content.get("t").and_then(Value::as_str).unwrap_or_default();
    let mut marks: Vec<(usize, &str)> = Vec::new();
    for span in list(content, "mk") {
        let place = |key: &str| span.get(key).and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok());
        let (Some(start), Some(end)) = (place("s"), place("e")) else { continue };
        let mark = match span.get("type").and_then(Value::as_str) {
            Some("pre" | "t") => "```",
            Some("c" | "s") => "`",
            Some("b") => "**",
            _ => continue,
        };
        if start < end && end <= utf16_len(text) {
            marks.push((start, mark));
            marks.push((end, mark));
        }
    }
    marks.sort_by_key(|(place, _)| *place);
    put_marks(text, &marks)
}

/// Places are in UTF-16 units, and in order.
fn put_marks(text: &str, marks: &[(usize, &str)]) -> String {
    let mut marks = marks.iter().peekable();
    let (mut out, mut place) = (String::new(), 0);
    for letter in text.chars() {
        while let Some((_, mark)) = marks.next_if(|(at, _)| *at <= place) {
            out.push_str(mark);
        }
        out.push(letter);
        place += letter.len_utf16();
    }
    out.extend(marks.map(|(_, mark)| *mark));
    out
}

fn draw_embed(embed: &Value, out: &mut Vec<String>) {
    let mut line = |text: String| out.extend(text.lines().map(|line| format!("| {line}")));
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let named = |key: &str, name: &str| embed.get(key).map(|value| text(value, name)).unwrap_or_default();
    line(named("author", "name"));
    line(text(embed, "title"));
    line(text(embed, "description"));
    for field in list(embed, "fields") {
        let (name, value) = (text(field, "name"), text(field, "value"));
        let input = field.get("inputs").and_then(Component::read).map(|part| input_of(&part));
        let parts = [value, input.unwrap_or_default()];
        let shown: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        line(format!("{name}: {}", shown.join(" ")));
    }
    for (key, what) in [("image", "image"), ("thumbnail", "thumbnail")] {
        let url = named(key, "url");
        if !url.is_empty() {
            line(format!("<{what} {url}>"));
        }
    }
    let footer = named("footer", "text");
    if !footer.is_empty() {
        line(format!("– {footer}"));
    }
}

/// An input as it looks before anybody touches it.
fn input_of(part: &Component) -> String {
    let values = part.values();
    let chosen = part.default();
    if values.is_empty() {
        let typed = chosen.as_ref().and_then(Value::as_str).map(str::to_owned);
        return format!("{} ({})", typed.unwrap_or_else(|| "____".to_owned()), part.id);
    }
    let is_chosen = |value: &String| match &chosen {
        Some(Value::Array(chosen)) => chosen.iter().any(|one| one.as_str() == Some(value)),
        Some(Value::String(chosen)) => chosen == value,
        _ => false,
    };
    let shown: Vec<String> =
        values.iter().map(|value| if is_chosen(value) { format!("[{value}]") } else { value.clone() }).collect();
    format!("{} ({})", shown.join(" / "), part.id)
}

fn row_of(row: &Value) -> String {
    let parts = components(&serde_json::json!({ "components": [row] }));
    let draw = |part: &Component| {
        if part.is_button() { format!("[{}]", part.label()) } else { input_of(part) }
    };
    parts.iter().map(draw).collect::<Vec<_>>().join(" ")
}

fn draw_poll(content: &Value, out: &mut Vec<String>) {
    let Some(question) = content.get("question").and_then(Value::as_str) else { return };
    let closed = content.get("is_closed").and_then(Value::as_bool) == Some(true);
    out.push(format!("{question}{}", if closed { " (closed)" } else { "" }));
    let counts = list(content, "answer_counts");
    for (place, answer) in list(content, "answers").iter().enumerate() {
        let label = answer.get("label").unwrap_or(answer).as_str().unwrap_or_default();
        let votes = counts.get(place).and_then(Value::as_i64).unwrap_or_default();
        out.push(format!("{}. {label}: {votes}", place + 1));
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_marked_by_utf_16_places() {
        let content = r#"{"t":"😀 bob and code","mk":[{"type":"b","s":3,"e":6},{"type":"c","s":11,"e":15}]}"#;
        assert_eq!(lines(content), ["😀 **bob** and `code`"]);
        assert_eq!(lines(r#"{"t":"a\nb","mk":[{"type":"pre","s":0,"e":3}]}"#), ["```a", "b```"]);
        assert_eq!(lines(r#"{"t":"a","mk":[{"type":"b","s":0,"e":9},{"type":"lk","s":0,"e":1}]}"#), ["a"]);
    }

    #[test]
    fn an_embed_its_inputs_and_the_rows_stand_below_the_text() {
        let content = r#"{"t":"Order","embed":[{"title":"Pizza","description":"hot","fields":[
            {"name":"Size","value":"","inputs":{"id":"size","type":2,"component":{"options":[
                {"label":"S","value":"s"},{"label":"L","value":"l"}],"valueSelected":{"label":"L","value":"l"}}}},
            {"name":"Notes","value":"anything","inputs":{"id":"notes","type":3,"component":{}}},
            {"name":"Price","value":"5"}],
            "image":{"url":"https://x/y.png"},"footer":{"text":"bye"}}],
            "components":[{"components":[{"id":"save","type":1,"component":{"label":"Save"}},
                {"id":"no","type":1,"component":{"label":"Cancel"}}]}]}"#;
        assert_eq!(
            lines(content),
            [
                "Order",
                "    | Pizza",
                "    | hot",
                "    | Size: s / [l] (size)",
                "    | Notes: anything ____ (notes)",
                "    | Price: 5",
                "    | <image https://x/y.png>",
                "    | – bye",
                "    [Save] [Cancel]",
            ]
        );
    }

    #[test]
    fn a_poll_shows_its_votes_and_anything_else_its_text() {
        let content =
            r#"{"question":"Tea?","answers":[{"index":0,"label":"yes"},"no"],"answer_counts":[2,0],"is_closed":true}"#;
        assert_eq!(lines(content), ["", "    Tea? (closed)", "    1. yes: 2", "    2. no: 0"]);
        assert_eq!(lines("just words"), ["just words"]);
        assert_eq!(lines("{}"), [""]);
    }
}

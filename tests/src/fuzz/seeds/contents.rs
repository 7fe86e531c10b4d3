//! Contents of messages: with what other builders make, with marks to be read, and with every key there is.

use serde_json::{Value, json};

use crate::vectors::{self, BUILDERS, text};

/// The contents by their names.
pub(super) fn all() -> Vec<(String, Value)> {
    let file = vectors::value(vectors::own_folder(), BUILDERS);
    let list = |value: &Value| value.as_array().cloned().expect("a list of cases");
    let built = list(&file["cases"]).into_iter().map(|case| {
        let name = text(&case["name"]).to_owned();
        let content = match text(&case["builder"]) {
            "button" => json!({ "t": "", "components": case["expected"] }),
            _ => json!({ "t": "", "embed": [case["expected"]] }),
        };
        (name, content)
    });
    let typed = list(&file["markdown_compose"]["cases"]).into_iter().enumerate();
    let typed = typed.map(|(place, case)| (format!("marks-{place}"), json!({ "t": case["input"] })));
    let others = others().map(|(name, content)| (name.to_owned(), content));
    built.chain(typed).chain(others).collect()
}

fn others() -> impl Iterator<Item = (&'static str, Value)> {
    [
        (
            "spans",
            json!({
                "t": "@bob #gen :hi: 😀 b",
                "mentions": [{"s": 0, "e": 4, "user_id": "7"}],
                "hg": [{"s": 5, "e": 9, "channelId": 8}],
                "ej": [{"s": "10", "e": 14, "emojiid": "9"}],
                "mk": [{"s": 16, "e": 19, "type": "b"}, {"s": 0, "e": 99, "type": "pre", "language": "rust"},
                    {"s": 19, "e": 20, "type": "lk_ogp", "url": "u"}],
                "lk": [{"s": 18, "e": 19, "url": "u"}],
                "vk": [{"s": -1, "e": 1}],
                "lky": [7],
            }),
        ),
        (
            "keys",
            json!({
                "t": "x", "contentThread": "y", "fwd": true, "tp": "1", "cid": 2, "cvtt": {"c": "Plan"}, "is_card": 1,
                "callLog": {"isVideo": true, "callLogType": "4"}, "presign_finish": ["a"],
                "create_time_seconds": "1767225600", "new": [null],
            }),
        ),
        (
            "poll",
            json!({
                "poll_id": "9", "question": "q", "answers": [{"index": 0, "label": "a"}, "b"],
                "answer_counts": [1, "2"], "expire_at": 7, "is_closed": "true", "total_votes": 3, "type": 1,
            }),
        ),
        ("poll-text", json!({"t": "📊 **q**\n1. a\n2. b\n☑️ Multiple answers allowed"})),
        (
            "contact",
            json!({"t": "", "embed": [{"fields": [{"name": "key", "value": "share_contact", "inline": true},
                {"name": "user_id", "value": "7", "inline": true}]}]}),
        ),
        ("location", json!({"t": "https://www.google.com/maps?q=1.5,-2&z=14&t=m&mapclient=embed"})),
        (
            "components",
            json!({"components": [
                {"type": 7, "id": "g", "columns": 2, "component": {"items": [{"width": 1}]}},
                {"type": 99},
                {"components": [{"type": 2, "id": "s", "component": {"options": ["a", 7]}}]},
            ]}),
        ),
        ("long", json!({"t": "one two\nthree @bob ".repeat(20), "mk": [{"s": 3, "e": 300, "type": "b"}]})),
    ]
    .into_iter()
}

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::id::{HERE, MessageId, RoleId, TopicId, UserId};

/// Row 58.
#[test]
fn received_content_is_read_by_the_rule() {
    let table = [
        (r#"{"t":"@testbot @helpers xin chào 👋"}"#, "@testbot @helpers xin chào 👋"),
        ("", ""),
        (" \n", ""),
        ("[]", ""),
        (" [] ", ""),
        ("{}", ""),
        (r#"{"t":null}"#, ""),
        (r#"{"t":7}"#, ""),
        (r#"{"embed":[]}"#, ""),
        ("\"just text\"", "just text"),
        (r#""{\"t\":\"twice\"}""#, "twice"),
        (r#""\"{}\"""#, "\"{}\""),
        ("7", "7"),
        ("null", "null"),
        (" true ", " true "),
        ("[1, 2]", "[1, 2]"),
        ("{\"t\":\"line1\nline2\"}", "line1\nline2"),
        ("{\"t\":\"line1\r\nline2\"}", "line1\r\nline2"),
        ("\"line1\nline2\"", "line1\nline2"),
        ("{\n  \"t\": \"pretty\"\n}", "pretty"),
        ("plain text", "plain text"),
        ("two\nlines ", "two\nlines "),
        (r#"{"t":"cut o"#, r#"{"t":"cut o"#),
    ];
    for (raw, text) in table {
        assert_eq!(Content::parse(raw).as_text(), text, "{raw:?}");
    }
}

#[test]
fn unknown_keys_survive_in_their_order_and_so_do_their_nulls() {
    let raw = r#"{"z":null,"t":"x","hg":[{"channelId":"7","s":0,"e":1,"n":null}],"a":{"y":1.5,"b":[]},"mk":null}"#;
    let content = Content::parse(raw);
    assert_eq!(content.keys().collect::<Vec<_>>(), ["z", "t", "hg", "a"]);
    assert_eq!(content.get("z"), None);
    assert_eq!(
        content.to_json_text(),
        r#"{"z":null,"t":"x","hg":[{"channelId":"7","s":0,"e":1,"n":null}],"a":{"y":1.5,"b":[]}}"#
    );
}

#[test]
fn the_nulls_that_other_senders_write_are_not_sent_on() {
    let raw = r#"{"t": "hi", "contentThread": null, "hg": null, "mk": null, "embed": null, "components": null}"#;
    let content = Content::parse(raw);
    assert_eq!(content, Content::text("hi"));
    assert_eq!(content.to_json_text(), r#"{"t":"hi"}"#);
}

#[test]
fn json_is_compact_and_escapes_only_what_it_must() {
    let table = [
        (Content::text("hello"), r#"{"t":"hello"}"#, 13),
        (Content::text("😀"), r#"{"t":"😀"}"#, 10),
        (Content::text("Xin chào"), r#"{"t":"Xin chào"}"#, 16),
        (Content::text("a\"b\n"), r#"{"t":"a\"b\n"}"#, 14),
        (Content::text("<&>"), r#"{"t":"<&>"}"#, 11),
        (Content::text("\u{1}"), r#"{"t":"\u0001"}"#, 14),
        (Content::text("/\u{7f}"), "{\"t\":\"/\u{7f}\"}", 10),
        (Content::text(""), r#"{"t":""}"#, 8),
        (Content::default(), "{}", 2),
        (
            Content::text("x").with("hg", json!([{"channelId": "7", "s": 0, "e": 1}])),
            r#"{"t":"x","hg":[{"channelId":"7","s":0,"e":1}]}"#,
            46,
        ),
    ];
    for (content, json, utf16_len) in table {
        assert_eq!(content.to_json_text(), json);
        assert_eq!(content.utf16_len(), utf16_len, "{json}");
    }
}

#[test]
fn the_limit_counts_utf16_units_of_the_json() {
    let table = [("a", 3992), ("😀", 1996), ("\"", 1996)];
    for (unit, fits) in table {
        Content::text(unit.repeat(fits)).check_limit(Content::DEFAULT_LIMIT).unwrap();
        let content = Content::text(unit.repeat(fits + 1));
        let error = content.check_limit(Content::DEFAULT_LIMIT).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::TooLong { len: content.utf16_len(), limit: 4000 });
        assert_eq!(content.clone().encode(Content::DEFAULT_LIMIT), Err(error));
        content.check_limit(None).unwrap();
    }
}

/// Row 50.
#[test]
fn text_of_every_kind_converts() {
    let owned = "hi".to_owned();
    for content in [Content::from("hi"), Content::from(&owned), Content::from(owned.clone()), Content::text("hi")] {
        assert_eq!(content.to_json_text(), r#"{"t":"hi"}"#);
        assert_eq!(content.get("t"), Some(&json!("hi")));
    }
}

#[test]
fn an_object_of_ones_own_is_taken_and_nothing_else() {
    let content = Content::from_json(json!({"fwd": true, "t": "hi", "mk": null})).unwrap();
    assert_eq!(content.to_json_text(), r#"{"fwd":true,"t":"hi"}"#);
    assert_eq!(Value::Object(content.into_json()), json!({"fwd": true, "t": "hi"}));
    for json in [json!("hi"), json!([]), json!(null), json!(1)] {
        assert!(matches!(Content::from_json(json).unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
    }
}

#[test]
fn a_key_is_set_replaced_and_taken_away() {
    let content = Content::text("a").with("fwd", true).with("t", "b");
    assert_eq!(content.to_json_text(), r#"{"t":"b","fwd":true}"#);
    assert_eq!(content.with("fwd", Value::Null), Content::text("b"));
}

#[test]
fn what_travels_beside_the_json_is_encoded_with_it() {
    let content = Content::text("hi")
        .mention(UserId::new(7))
        .mention(RoleId::new(8))
        .mention(Mention::user(UserId::new(9)).named("bob").at(0..4))
        .attach_url("https://cdn.test/a.png", "image/png")
        .reference(Reference::to(MessageId::new(5)))
        .topic(TopicId::new(3))
        .anonymous()
        .code(8);
    assert!(content.is_anonymous() && !content.is_mention_everyone());
    assert_eq!((content.topic_id(), content.message_code()), (Some(TopicId::new(3)), 8));
    assert_eq!((content.attachments().len(), content.references().len()), (1, 1));

    let encoded = content.encode(None).unwrap();
    assert_eq!(encoded.content, r#"{"t":"hi"}"#);
    let mentions: Vec<_> = encoded.mentions.iter().map(|m| (m.user_id, m.role_id, m.username.as_str(), m.e)).collect();
    assert_eq!(mentions, [(7, 0, "", 0), (0, 8, "", 0), (9, 0, "bob", 4)]);
    assert_eq!(encoded.attachments[0].filename, "a.png");
    assert_eq!(encoded.references[0].message_ref_id, 5);
    assert_eq!((encoded.topic, encoded.code, encoded.anonymous), (Some(TopicId::new(3)), 8, true));
}

#[test]
fn to_mention_everyone_present_notifies_everyone() {
    assert!(Content::text("@here").mention(HERE).is_mention_everyone());
    assert!(Content::text("x").mention_everyone().mentions().is_empty());
    assert!(!Content::text("x").is_mention_everyone());
}

#[test]
fn no_text_is_printed() {
    let content = Content::parse(r#"{"t":"hunter2","embed":[{"title":"hunter2"}]}"#)
        .reference(Reference { content: "hunter2".into(), ..Reference::to(MessageId::new(5)) });
    let printed = format!("{content:?} {:?}", content.clone().encode(None));
    assert!(!printed.contains("hunter2") && printed.contains("embed"), "{printed}");
}

#[test]
fn json_too_deep_to_be_honest_is_a_text() {
    for deep in [format!("{{\"t\":{}", "[".repeat(200_000)), format!("{}{}", "{\"t\":".repeat(500), "}".repeat(500))] {
        assert_eq!(Content::parse(&deep).as_text(), deep);
    }
}

#[test]
fn content_may_cross_threads() {
    fn is_portable<T: Send + Sync + Unpin + 'static>() {}
    is_portable::<Content>();
}

proptest! {
    #[test]
    fn any_text_can_be_read_and_sent_on(
        raw in any::<String>(),
        json in "(\\{\"t\":)?[\\[\\]{}\":,a-z0-9 \n\r\\\\]{0,60}\\}?",
    ) {
        for raw in [raw, json] {
            let content = Content::parse(&raw);
            let sent = content.to_json_text();
            prop_assert_eq!(content.utf16_len(), sent.encode_utf16().count());
            prop_assert_eq!(Content::parse(&sent), content);
        }
    }

    #[test]
    fn plain_text_arrives_as_it_was(text: String) {
        let content = Content::parse(&Content::text(&text).to_json_text());
        prop_assert_eq!(content.as_text(), text);
    }

    #[test]
    fn every_object_keeps_its_keys_and_their_order(entries in prop::collection::vec((".{0,8}", value()), 0..8)) {
        let map: Map<String, Value> = entries.into_iter().collect();
        let content = Content::from(map.clone());
        let again = Content::parse(&content.to_json_text());
        prop_assert_eq!(again.keys().collect::<Vec<_>>(), content.keys().collect::<Vec<_>>());
        prop_assert_eq!(&again, &content);
        for (key, value) in &map {
            prop_assert_eq!(again.get(key), Some(value).filter(|value| !value.is_null()));
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

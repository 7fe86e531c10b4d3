use serde_json::json;

use super::*;
use crate::id::{ChannelId, EmojiId};

fn parse(json: Value) -> Content {
    Content::parse(&json.to_string())
}

#[test]
fn spans_of_every_list_and_age_are_read() {
    let content = parse(json!({
        "t": "@bob #gen :hi: b c p l v y x",
        "mentions": [{"s": 0, "e": 4, "user_id": "7", "username": "bob"}],
        "hg": [{"s": 5, "e": 9, "channelId": "8"}],
        "ej": [{"s": 10, "e": 14, "emojiid": "9"}],
        "mk": [
            {"s": 15, "e": 16, "type": "b"},
            {"s": 17, "e": 18, "type": "s"},
            {"s": 19, "e": 20, "type": "pre", "language": "rust"},
            {"s": 27, "e": 28, "type": "wavy"},
            {"s": 28, "e": 29, "type": "lk_ogp", "url": "https://a.test"},
        ],
        "lk": [{"s": 21, "e": 22, "url": "https://a.test"}],
        "vk": [{"s": 23, "e": 24}],
        "lky": [{"s": 25, "e": 26, "url": ""}],
    }));
    let link = |kind, url| SpanKind::Link { kind, url };
    let spans: Vec<_> = content.spans().iter().map(|span| (span.text, span.kind)).collect();
    let expected = [
        ("@bob", SpanKind::Mention { user_id: UserId::new(7), role_id: RoleId::NONE, name: "bob" }),
        ("#gen", SpanKind::Hashtag { channel_id: ChannelId::new(8) }),
        (":hi:", SpanKind::Emoji { emoji_id: EmojiId::new(9) }),
        ("b", SpanKind::Bold),
        ("c", SpanKind::Code),
        ("p", SpanKind::Pre { language: Some("rust") }),
        ("l", link(LinkKind::Plain, "https://a.test")),
        ("v", link(LinkKind::Voice, "v")),
        ("y", link(LinkKind::YouTube, "y")),
        ("x", SpanKind::Other("wavy")),
    ];
    assert_eq!(spans, expected);
    let counts = [content.json_mentions(), content.hashtags(), content.emojis(), content.marks(), content.links()];
    assert_eq!(counts.map(|spans| spans.len()), [1, 1, 1, 4, 3]);
}

#[test]
fn types_of_marks_have_old_names_and_new_ones() {
    for (mark, kind) in [
        ("t", SpanKind::Pre { language: None }),
        ("pre", SpanKind::Pre { language: None }),
        ("s", SpanKind::Code),
        ("c", SpanKind::Code),
        ("lk", SpanKind::Link { kind: LinkKind::Plain, url: "x" }),
        ("vk", SpanKind::Link { kind: LinkKind::Voice, url: "x" }),
        ("lk_yt", SpanKind::Link { kind: LinkKind::YouTube, url: "x" }),
        ("lk_fb", SpanKind::Link { kind: LinkKind::Facebook, url: "x" }),
        ("lk_tt", SpanKind::Link { kind: LinkKind::TikTok, url: "x" }),
    ] {
        assert_eq!(parse(json!({"t": "x", "mk": [{"s": 0, "e": 1, "type": mark}]})).marks()[0].kind, kind, "{mark}");
    }
}

#[test]
fn ids_and_offsets_may_be_texts_or_numbers_and_keys_of_either_spelling() {
    let channel = |element: Value| {
        let content = parse(json!({"t": "#gen", "hg": [element]}));
        content.hashtags().first().map(|span| {
            let SpanKind::Hashtag { channel_id } = span.kind else { panic!("{span:?}") };
            channel_id
        })
    };
    for element in [
        json!({"s": 0, "e": 4, "channelId": "1840000000000000001"}),
        json!({"s": "0", "e": " 4 ", "channelId": 1_840_000_000_000_000_001_i64}),
        json!({"s": 0, "e": 4, "channelid": 1_840_000_000_000_000_001_i64, "channelId": null}),
    ] {
        assert_eq!(channel(element), Some(ChannelId::new(1_840_000_000_000_000_001)));
    }
    assert_eq!(channel(json!({"s": 0, "e": 4, "channelId": "x"})), None);
    let emoji = parse(json!({"t": ":a:", "ej": [{"s": 0, "e": 3, "emojiid": 9}]}));
    assert_eq!(emoji.emojis()[0].kind, SpanKind::Emoji { emoji_id: EmojiId::new(9) });
    let here = parse(json!({"t": "@here", "mentions": [{"s": 0, "e": 5, "user_id": "here"}]}));
    let SpanKind::Mention { user_id, .. } = here.spans()[0].kind else { panic!() };
    assert_eq!(user_id, HERE);
}

/// Row 66.
#[test]
fn a_bad_element_is_dropped_alone() {
    let content = parse(json!({
        "t": "abc",
        "mk": [7, null, [], {"s": 0}, {"s": 0, "e": 1}, {"s": 0, "e": 1, "type": 7}, {"s": true, "e": 1, "type": "b"},
            {"s": 2, "e": 1, "type": "b"}, {"s": 1, "e": 1, "type": "b"}, {"s": 1, "e": 2, "type": "c"}],
        "hg": "no list",
        "lk": {"s": 0, "e": 1},
    }));
    assert_eq!(content.spans().iter().map(|span| span.text).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn ranges_are_cut_to_the_text_and_to_whole_characters() {
    let covered = |s: i64, e: i64| {
        let content = parse(json!({"t": "a😀b", "mk": [{"s": s, "e": e, "type": "b"}]}));
        content.spans().first().map(|span| (span.start, span.end, span.text.to_owned()))
    };
    assert_eq!(covered(-5, 1), Some((0, 1, "a".into())));
    assert_eq!(covered(1, 3), Some((1, 3, "😀".into())));
    assert_eq!(covered(2, 4), Some((1, 4, "😀b".into())));
    assert_eq!(covered(0, 2), Some((0, 1, "a".into())));
    assert_eq!(covered(1, 2), None);
    assert_eq!(covered(3, i64::MAX), Some((3, 4, "b".into())));
    assert_eq!(covered(4, 9), None);
    assert_eq!(covered(i64::MIN, i64::MAX), Some((0, 4, "a😀b".into())));
}

#[test]
fn of_spans_that_overlap_the_first_is_kept_and_of_those_that_begin_alike_that_of_the_first_list() {
    let content = parse(json!({
        "t": "0123456789",
        "mk": [{"s": 4, "e": 6, "type": "b"}, {"s": 0, "e": 3, "type": "b"}, {"s": 2, "e": 5, "type": "c"}],
        "hg": [{"s": 4, "e": 5, "channelId": "1"}],
        "lk": [{"s": 5, "e": 7}],
    }));
    assert_eq!(content.spans().iter().map(|span| span.text).collect::<Vec<_>>(), ["012", "4", "56"]);
}

#[test]
fn mentions_beside_the_content_are_spans_unless_it_repeats_them() {
    let content = parse(json!({"t": "@bob @eve", "mentions": [{"s": 0, "e": 4, "user_id": "7"}]}));
    let bob = Mention::user(UserId::new(7)).at(0..4);
    let eve = Mention::role(RoleId::new(8)).named("eve").at(5..9);
    let nobody = Mention::user(UserId::new(9));
    let mentions = [bob, eve, nobody];
    let spans = content.spans_with(&mentions);
    assert_eq!(spans.len(), 2);
    let eve = SpanKind::Mention { user_id: UserId::NONE, role_id: RoleId::new(8), name: "eve" };
    assert_eq!((spans[1].text, spans[1].kind), ("@eve", eve));
    let built = mentions.into_iter().fold(Content::text("@bob @eve"), Content::mention);
    assert_eq!(built.spans().len(), 2);
}

#[test]
fn markers_that_were_left_in_the_text_are_not_part_of_the_inner_one() {
    let inner = |text: &str, mark: &str| {
        let content = parse(json!({"t": text, "mk": [{"s": 0, "e": 99, "type": mark}]}));
        content.spans()[0].inner().to_owned()
    };
    let table = [
        ("**hi**", "b", "hi"),
        ("hi", "b", "hi"),
        ("**", "b", "**"),
        ("`x`", "c", "x"),
        ("`", "s", "`"),
        ("```x```", "t", "x"),
        ("```x", "pre", "```x"),
        ("**x**", "lk", "**x**"),
    ];
    for (text, mark, expected) in table {
        assert_eq!(inner(text, mark), expected, "{text} {mark}");
    }
}

#[test]
fn no_text_of_a_span_is_printed() {
    let content = parse(json!({
        "t": "hunter2",
        "mentions": [{"s": 0, "e": 2, "user_id": "7", "username": "hunter2"}],
        "mk": [{"s": 3, "e": 7, "type": "lk", "url": "hunter2"}],
    }));
    let printed = format!("{:?}", content.spans());
    assert!(printed.contains("Mention(7) at 0..2") && !printed.contains("hunter2"), "{printed}");
}

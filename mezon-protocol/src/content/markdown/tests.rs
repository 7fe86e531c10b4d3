use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::content::Mention;
use crate::id::UserId;

fn marks(text: &str) -> (String, Vec<(usize, usize, String)>) {
    let content = Content::markdown(text);
    let marks = content.get("mk").and_then(Value::as_array).cloned().unwrap_or_default();
    let marks = marks.iter().map(|mark| {
        let number = |key: &str| usize::try_from(mark[key].as_u64().unwrap()).unwrap();
        (number("s"), number("e"), mark["type"].as_str().unwrap().to_owned())
    });
    (content.as_text().to_owned(), marks.collect())
}

#[test]
fn marks_are_found_by_the_rule_of_the_clients() {
    type Marks<'a> = &'a [(usize, usize, &'a str)];
    let table: [(&str, &str, Marks<'_>); 14] = [
        ("```a```b```c```", "abc", &[(0, 1, "pre"), (2, 3, "pre")]),
        ("```\nlet x;\n```", "\nlet x;\n", &[(0, 8, "pre")]),
        ("``````", "``````", &[]),
        ("``` ```", "``` ```", &[]),
        ("```a`b`", "``ab`", &[(2, 3, "c")]),
        ("`a``b`", "ab", &[(0, 1, "c"), (1, 2, "c")]),
        ("**a** **b**", "a b", &[(0, 1, "b"), (2, 3, "b")]),
        ("***a**", "*a", &[(1, 2, "b")]),
        ("**`x`**", "`x`", &[(0, 3, "b")]),
        ("http://", "http://", &[]),
        ("http:// x", "http:// x", &[]),
        ("xhttps://a\tb", "xhttps://a\tb", &[(1, 10, "lk")]),
        ("https://a.b/**c**", "https://a.b/**c**", &[(0, 17, "lk")]),
        ("`https://a.b`", "https://a.b", &[(0, 11, "c")]),
    ];
    for (input, text, expected) in table {
        let expected: Vec<_> = expected.iter().map(|(s, e, mark)| (*s, *e, (*mark).to_owned())).collect();
        assert_eq!(marks(input), (text.to_owned(), expected), "{input}");
    }
}

#[test]
fn spans_that_are_there_already_move_with_their_text() {
    let content = Content::text("**a** #gen `c` @bob :x: z")
        .with("hg", json!([{"s": 6, "e": 10, "channelId": "8"}, "odd", {"s": 6}]))
        .with("ej", json!([{"s": "20", "e": "23", "emojiid": "9"}]))
        .with("mk", json!([{"s": 24, "e": 25, "type": "b"}, {"s": 25, "e": 26, "type": "lk_ogp", "url": "u"}]))
        .mention(Mention::user(UserId::new(7)).at(15..19))
        .mention(UserId::new(8))
        .parse_markdown();
    assert_eq!(content.as_text(), "a #gen c @bob :x: z");
    assert_eq!(content.get("hg"), Some(&json!([{"s": 2, "e": 6, "channelId": "8"}, "odd", {"s": 6}])));
    assert_eq!(content.get("ej"), Some(&json!([{"s": 14, "e": 17, "emojiid": "9"}])));
    let marks = json!([
        {"s": 18, "e": 19, "type": "b"},
        {"s": 19, "e": 20, "type": "lk_ogp", "url": "u"},
        {"type": "b", "s": 0, "e": 1},
        {"type": "c", "s": 7, "e": 8},
    ]);
    assert_eq!(content.get("mk"), Some(&marks));
    assert_eq!(content.mentions()[0].range(), 9..13);
    assert_eq!(content.mentions()[1].range(), 0..0);
}

#[test]
fn an_offset_into_a_marker_goes_to_its_place_and_one_that_is_absurd_does_no_harm() {
    let moved = |s: i64, e: i64| {
        let content = Content::text("x**ab**y").with("hg", json!([{"s": s, "e": e}])).parse_markdown();
        let element = content.get("hg").unwrap()[0].clone();
        (element["s"].as_i64().unwrap(), element["e"].as_i64().unwrap())
    };
    assert_eq!(moved(1, 7), (1, 3));
    assert_eq!(moved(2, 6), (1, 3));
    assert_eq!(moved(3, 5), (1, 3));
    assert_eq!(moved(0, 8), (0, 4));
    assert_eq!(moved(i64::MIN, i64::MAX), (i64::MIN, i64::MAX - 4));
}

#[test]
fn text_without_marks_stays_as_it_is() {
    let content = Content::text("plain *text* `").with("new", 1);
    assert_eq!(content.clone().parse_markdown(), content);
    assert_eq!(Content::markdown("plain"), Content::text("plain"));
}

proptest! {
    #[test]
    fn the_pieces_make_up_the_text(text in "(\\*\\*|```|`|https://|[a-cà😀\n ]){0,30}") {
        let whole: String = pieces(&text).map(|piece| piece.whole).collect();
        prop_assert_eq!(&whole, &text);
        let content = Content::markdown(&*text);
        let inner: String = pieces(&text).map(|piece| piece.inner()).collect();
        prop_assert_eq!(content.as_text(), inner);
        let marked: Vec<_> = pieces(&text).filter(|piece| piece.mark.is_some()).collect();
        let spans = content.spans();
        prop_assert_eq!(
            spans.iter().map(|span| span.text).collect::<Vec<_>>(),
            marked.iter().map(Piece::inner).collect::<Vec<_>>()
        );
    }

    /// A span over plain text covers the same text afterwards.
    #[test]
    fn a_mention_still_covers_its_name(before in "(\\*\\*|`|[a-c😀 ]){0,12}", after in "(\\*\\*|`|[a-c😀 ]){0,12}") {
        let text = format!("{before}@bob{after}");
        let start = u32::try_from(before.encode_utf16().count()).unwrap();
        let content = Content::text(text).mention(Mention::user(UserId::new(7)).at(start..start + 4)).parse_markdown();
        let range = content.mentions()[0].range();
        let units: Vec<u16> = content.as_text().encode_utf16().collect();
        let covered = String::from_utf16(&units[range.start as usize..range.end as usize]).unwrap();
        prop_assert_eq!(covered, "@bob");
    }
}

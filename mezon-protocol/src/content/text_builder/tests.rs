use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::content::SpanKind;
use crate::id::HERE;

#[test]
fn every_part_comes_with_its_span() {
    let text = Text::new()
        .plain("á👋")
        .bold("b")
        .code("c")
        .pre("p")
        .pre_lang("rust", "r")
        .link("l")
        .link("https://youtu.be/x")
        .link_text("docs", "https://a.test")
        .youtube("y")
        .voice_link("v")
        .hashtag(ChannelId::new(8), "gen")
        .emoji(EmojiId::new(9), ":hi:")
        .emoji(EmojiId::new(9), "hi");
    assert_eq!(text.utf16_len(), text.as_str().encode_utf16().count());
    let content = Content::from(text);
    let expected = json!({
        "t": "á👋bcprlhttps://youtu.be/xdocsyv#gen:hi::hi:",
        "hg": [{"s": 32, "e": 36, "channelId": "8"}],
        "ej": [{"s": 36, "e": 40, "emojiid": "9"}, {"s": 40, "e": 44, "emojiid": "9"}],
        "mk": [
            {"type": "b", "s": 3, "e": 4},
            {"type": "c", "s": 4, "e": 5},
            {"type": "pre", "s": 5, "e": 6},
            {"type": "pre", "s": 6, "e": 7, "language": "rust"},
            {"type": "lk", "s": 7, "e": 8},
            {"type": "lk_yt", "s": 8, "e": 26},
            {"type": "lk", "s": 26, "e": 30, "url": "https://a.test"},
            {"type": "lk_yt", "s": 30, "e": 31},
            {"type": "vk", "s": 31, "e": 32},
        ],
    });
    assert_eq!(Value::from(content.into_json()), expected);
}

#[test]
fn mentions_travel_beside_the_text() {
    let text = Text::new()
        .plain("👋🏽 ")
        .mention(UserId::new(7), "Nguyễn")
        .plain(" ")
        .mention_role(RoleId::new(8), "admins")
        .plain(" ")
        .mention_here();
    let content = Content::from(text);
    assert_eq!(content.to_json_text(), r#"{"t":"👋🏽 @Nguyễn @admins @here"}"#);
    let mentions: Vec<_> = content.mentions().iter().map(|mention| (mention.user_id, mention.range())).collect();
    assert_eq!(mentions, [(UserId::new(7), 5..12), (UserId::NONE, 13..20), (HERE, 21..26)]);
    assert_eq!((content.mentions()[1].role_id, content.mentions()[1].role_name.as_str()), (RoleId::new(8), "admins"));
    assert!(content.is_mention_everyone());
}

/// `ễ` as one character, and as a letter with two combining marks.
#[test]
fn combining_marks_count_as_units_of_their_own() {
    for (name, len) in [("Nguyễn", 6), ("Nguye\u{302}\u{303}n", 8)] {
        let content = Content::from(Text::new().plain("x ").mention(UserId::new(7), name));
        assert_eq!(content.mentions()[0].range(), 2..3 + len);
    }
}

#[test]
fn empty_parts_add_nothing() {
    let text =
        Text::new().plain("").bold("").code("").pre("").pre_lang("rust", "").link("").link_text("", "x").markdown("");
    assert_eq!(Content::from(text), Content::text(""));
    assert_eq!(Content::from(Text::new().plain("x")), Content::text("x"));
}

#[test]
fn one_call_makes_a_block_of_all_the_text() {
    let content = Content::pre("Hạng 1 😀");
    assert_eq!(content.marks()[0].text, content.as_text());
    assert_eq!(content, Text::new().pre("Hạng 1 😀").into());
}

#[test]
fn marks_that_were_typed_count_from_where_they_are_added() {
    let content = Content::from(Text::new().plain("😀 ").markdown("a **b** `c`").bold("!"));
    assert_eq!(content.as_text(), "😀 a b c!");
    let spans: Vec<_> = content.spans().iter().map(|span| (span.start, span.text)).collect();
    assert_eq!(spans, [(5, "b"), (7, "c"), (8, "!")]);
}

#[test]
fn no_text_is_printed() {
    assert_eq!(format!("{:?}", Text::new().bold("hunter2")), "Text { len: 7, .. }");
}

/// A part that is to be added: its kind and its text.
fn part() -> impl Strategy<Value = (u8, String)> {
    (0..8_u8, "[a-zà-ỹ😀-😏\u{300}\n ]{0,12}")
}

fn add(text: Text, kind: u8, part: &str) -> Text {
    match kind {
        0 => text.plain(part),
        1 => text.bold(part),
        2 => text.code(part),
        3 => text.pre_lang("rust", part),
        4 => text.link_text(part, "https://a.test"),
        5 => text.mention(UserId::new(7), part),
        6 => text.hashtag(ChannelId::new(8), part),
        _ => text.emoji(EmojiId::new(9), part),
    }
}

/// What should be read of a part: its text, and a word for its kind.
fn expected(kind: u8, part: &str) -> Option<(String, &'static str)> {
    let text = match kind {
        5 => format!("@{part}"),
        6 => format!("#{part}"),
        7 => format!(":{part}:"),
        _ => part.to_owned(),
    };
    let word = ["", "bold", "code", "pre", "link", "mention", "hashtag", "emoji"][usize::from(kind)];
    (kind > 0 && !text.is_empty()).then_some((text, word))
}

fn word(kind: SpanKind<'_>) -> &'static str {
    match kind {
        SpanKind::Mention { .. } => "mention",
        SpanKind::Hashtag { .. } => "hashtag",
        SpanKind::Emoji { .. } => "emoji",
        SpanKind::Bold => "bold",
        SpanKind::Code => "code",
        SpanKind::Pre { .. } => "pre",
        SpanKind::Link { .. } => "link",
        SpanKind::Other(_) => "other",
    }
}

proptest! {
    #[test]
    fn what_was_built_is_read(parts in prop::collection::vec(part(), 0..12)) {
        let text = parts.iter().fold(Text::new(), |text, (kind, part)| add(text, *kind, part));
        let built = Content::from(text);
        let sent = Content::parse(&built.to_json_text());
        let spans = sent.spans_with(built.mentions());
        let read: Vec<_> = spans.iter().map(|span| (span.text.to_owned(), word(span.kind))).collect();
        let expected: Vec<_> = parts.iter().filter_map(|(kind, part)| expected(*kind, part)).collect();
        prop_assert_eq!(read, expected);
    }
}

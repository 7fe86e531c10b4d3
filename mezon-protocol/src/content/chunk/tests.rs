use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::content::{Embed, Reference, SpanKind, Text};
use crate::error::ErrorKind;
use crate::id::{ChannelId, MessageId, TopicId, UserId};

fn texts(parts: &[Content]) -> Vec<&str> {
    parts.iter().map(Content::as_text).collect()
}

#[test]
fn what_is_within_the_limit_stays_as_it_is() {
    let content = Content::pre("x\ny").attach_url("https://cdn.test/a", "").reference(Reference::to(MessageId::new(1)));
    assert_eq!(content.clone().split(content.utf16_len()), Ok(vec![content.clone()]));
    let long = Content::text("x".repeat(10_000));
    assert_eq!(long.clone().split(None), Ok(vec![long]));
}

#[test]
fn parts_end_with_a_line_or_a_word_or_anywhere_whichever_is_found_first() {
    // `{"t":""}` takes 8 units, a line feed takes 2
    let split = |text: &str, room: usize| {
        let parts = Content::text(text).split(8 + room).unwrap();
        parts.iter().map(|part| part.as_text().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(split("one\ntwo\nthree", 10), ["one\ntwo\n", "three"]);
    assert_eq!(split("one two three", 9), ["one two ", "three"]);
    assert_eq!(split("one\ntwo three four", 10), ["one\n", "two three ", "four"]);
    assert_eq!(split("abcdefgh", 3), ["abc", "def", "gh"]);
    assert_eq!(split("😀😀😀", 3), ["😀", "😀", "😀"]);
    assert_eq!(split("\"\"\"", 4), ["\"\"", "\""]);
    assert_eq!(split("a b", 1), ["a", " ", "b"]);
    // a part of nothing but blanks would be refused
    assert_eq!(split("\nabcdef", 5), ["\nabc", "def"]);
    assert_eq!(split("abc\r\ndef", 8), ["abc\r\n", "def"]);
}

#[test]
fn the_limit_is_that_of_the_json_with_its_spans() {
    let parts = Content::pre("word ".repeat(2000)).split(Content::DEFAULT_LIMIT).unwrap();
    assert_eq!(parts.len(), 3);
    for part in &parts {
        assert!(part.utf16_len() <= 4000);
        assert_eq!(part.marks()[0].text, part.as_text());
    }
    assert!(parts[0].utf16_len() > 3990, "parts are as long as they can be");
}

#[test]
fn bold_text_and_code_are_taken_apart_and_marked_in_each_part() {
    let text = Text::new().plain("aa ").bold("bb bb bb").plain(" cc");
    let parts = Content::from(text).split(48).unwrap();
    let bold: Vec<Vec<_>> = parts.iter().map(|part| part.marks().iter().map(|mark| mark.text).collect()).collect();
    assert_eq!(texts(&parts).concat(), "aa bb bb bb cc");
    assert!(parts.len() > 1, "{:?}", texts(&parts));
    assert_eq!(bold.concat().concat(), "bb bb bb");
}

#[test]
fn names_and_addresses_stay_in_one_piece_if_they_can() {
    let text = Text::new()
        .plain("see ")
        .hashtag(ChannelId::new(8), "a b c d")
        .plain(" ")
        .mention(UserId::new(7), "x y z")
        .plain(" and ")
        .link("https://a.test/1");
    let parts = Content::from(text).split(70).unwrap();
    assert_eq!(texts(&parts).concat(), "see #a b c d @x y z and https://a.test/1");
    let names = |part: &Content| {
        let spans = part.spans();
        spans.iter().map(|span| span.text.to_owned()).collect::<Vec<_>>()
    };
    assert!(parts.len() > 1);
    assert_eq!(parts.iter().flat_map(names).collect::<Vec<_>>(), ["#a b c d", "@x y z", "https://a.test/1"]);
}

#[test]
fn an_address_that_must_be_taken_apart_is_linked_whole_from_each_part() {
    let url = format!("https://a.test/{}", "x".repeat(100));
    let parts = Content::from(Text::new().link(&url)).split(200).unwrap();
    assert_eq!(texts(&parts).concat(), url);
    let one = Content::from(Text::new().link(&url)).split(160).unwrap();
    assert_eq!(one.len(), 1, "{}", one[0].utf16_len());

    let parts = Content::from(Text::new().link(&url).plain(" ".repeat(3))).split(155).unwrap_err();
    assert!(matches!(parts.kind(), ErrorKind::TooLong { .. }), "{parts:?}");
    let long = format!("https://a.test/{}", "x".repeat(300));
    let parts = Content::from(Text::new().link_text("y".repeat(300), &long)).split(500).unwrap();
    assert!(parts.len() > 1);
    for part in &parts {
        let SpanKind::Link { url, .. } = part.spans()[0].kind else { panic!() };
        assert_eq!(url, long);
    }
}

#[test]
fn what_travels_beside_the_text_goes_with_the_part_where_it_belongs() {
    let content = Content::text("@bob one\n@eve two\n")
        .with("fwd", true)
        .with("new", 1)
        .with("mk", json!([{"s": 18, "e": 19, "type": "lk_ogp", "url": "u"}]))
        .embed(Embed::new().title("t"))
        .mention(Mention::user(UserId::new(7)).at(0..4))
        .mention(Mention::user(UserId::new(8)).at(9..13))
        .mention(UserId::new(9))
        .mention_everyone()
        .attach_url("https://cdn.test/a", "")
        .reference(Reference::to(MessageId::new(1)))
        .topic(TopicId::new(3))
        .anonymous()
        .code(8);
    let parts = content.split(100).unwrap();
    assert_eq!(texts(&parts), ["@bob one\n@eve two\n", ""], "the text alone fits, the rest does not fit beside it");

    let content = Content::text("@bob one\n@eve two\n")
        .with("fwd", true)
        .mention(Mention::user(UserId::new(7)).at(0..4))
        .mention(Mention::user(UserId::new(8)).at(9..13))
        .mention(UserId::new(9))
        .mention_everyone()
        .attach_url("https://cdn.test/a", "")
        .reference(Reference::to(MessageId::new(1)))
        .topic(TopicId::new(3))
        .anonymous()
        .code(8);
    let parts = content.split(30).unwrap();
    assert_eq!(texts(&parts), ["@bob one\n", "@eve two\n"]);
    let mentions = |part: &Content| {
        part.mentions().iter().map(|mention| (mention.user_id.get(), mention.range())).collect::<Vec<_>>()
    };
    assert_eq!(mentions(&parts[0]), [(7, 0..4), (9, 0..0)]);
    assert_eq!(mentions(&parts[1]), [(8, 0..4)]);
    assert_eq!((parts[0].references().len(), parts[1].references().len()), (1, 0));
    assert_eq!((parts[0].attachments().len(), parts[1].attachments().len()), (0, 1));
    assert_eq!(parts.iter().map(Content::is_mention_everyone).collect::<Vec<_>>(), [true, false]);
    for part in &parts {
        assert!(part.is_forwarded() && part.is_anonymous());
        assert_eq!((part.topic_id(), part.message_code()), (Some(TopicId::new(3)), 8));
    }
}

#[test]
fn embeds_and_all_that_is_no_text_come_last() {
    let content = Content::text("a ".repeat(100))
        .with("new", 1)
        .with("mk", json!([{"s": 200, "e": 201, "type": "lk_ogp", "url": "u"}, {"s": 198, "e": 199, "type": "b"}]))
        .embed(Embed::new().title("t"))
        .row(crate::content::Button::new("b", "B"));
    let parts = content.split(240).unwrap();
    assert_eq!(texts(&parts).concat(), "a ".repeat(100));
    let (last, others) = parts.split_last().unwrap();
    assert!(others.iter().all(|part| part.get("embed").is_none() && part.get("new").is_none()));
    assert!(others.iter().all(|part| part.get("components").is_none() && part.link_previews().is_empty()));
    assert_eq!((last.embeds().len(), last.rows().len(), last.get("new")), (1, 1, Some(&json!(1))));
    let len = last.as_text().len();
    assert_eq!(last.get("mk").unwrap()[1], json!({"s": len, "e": len + 1, "type": "lk_ogp", "url": "u"}));
    assert_eq!(last.marks()[0].text, "a");
}

#[test]
fn what_cannot_be_split_is_refused() {
    let refused = |content: Content, limit: usize| {
        let error = content.split(limit).unwrap_err();
        let ErrorKind::TooLong { len, limit } = error.kind() else { panic!("{error:?}") };
        (*len, *limit)
    };
    assert_eq!(refused(Content::text("abc"), 8), (9, 8));
    assert_eq!(refused(Content::text("😀"), 9), (10, 9));
    assert_eq!(refused(Content::text("abc"), 0), (9, 0));
    let embed = Content::text("").embed(Embed::new().description("x".repeat(100)));
    assert_eq!(refused(embed.clone(), 50), (embed.utf16_len(), 50));
    assert_eq!(refused(Content::from(json!({"new": "x".repeat(9)}).as_object().unwrap().clone()), 10).1, 10);
}

/// Two thousand lines, each with a mention and a bold word.
#[test]
fn a_long_text_with_many_spans_takes_no_long_time() {
    let text = (0..2000).fold(Text::new(), |text, line| {
        text.plain("line ").mention(UserId::new(line), "bob").plain(" ").bold("bold").plain("\n")
    });
    let content = Content::from(text);
    let (whole, mentions) = (content.as_text().to_owned(), content.mentions().len());
    let parts = content.split(Content::DEFAULT_LIMIT).unwrap();
    assert_eq!(texts(&parts).concat(), whole);
    assert_eq!(parts.iter().map(|part| part.mentions().len()).sum::<usize>(), mentions);
    assert!(parts.iter().all(|part| part.as_text().ends_with('\n')));
}

proptest! {
    #[test]
    fn the_parts_make_up_the_whole_and_each_is_within_the_limit(
        pieces in prop::collection::vec((0..4_u8, "[a-cà😀\"\n ]{0,30}"), 0..10),
        limit in 50..120_usize,
    ) {
        let text = pieces.iter().fold(Text::new(), |text, (kind, piece)| match kind {
            0 => text.plain(piece),
            1 => text.bold(piece),
            2 => text.mention(UserId::new(7), piece),
            _ => text.pre(piece),
        });
        let content = Content::from(text);
        let marked = |content: &Content| content.marks().iter().map(|mark| mark.text).collect::<String>();
        let (whole, all_marked, mentions) = (content.as_text().to_owned(), marked(&content), content.mentions().len());
        let parts = content.split(limit).unwrap();
        prop_assert_eq!(texts(&parts).concat(), whole);
        prop_assert_eq!(parts.iter().map(marked).collect::<String>(), all_marked);
        prop_assert_eq!(parts.iter().map(|part| part.mentions().len()).sum::<usize>(), mentions);
        for part in &parts {
            prop_assert!(part.utf16_len() <= limit);
            for mention in part.mentions() {
                let units: Vec<u16> = part.as_text().encode_utf16().collect();
                let covered = String::from_utf16(&units[mention.start as usize..mention.end as usize]).unwrap();
                prop_assert!(covered.starts_with('@'));
            }
        }
    }
}

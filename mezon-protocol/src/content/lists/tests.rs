use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::id::{EmojiId, HERE, MessageId, RoleId, UserId};
use crate::proto::api;

const BOT: UserId = UserId::new(1_840_000_000_000_000_001);
const ALICE: UserId = UserId::new(1_830_000_000_000_000_011);

#[test]
fn encoded_mentions_are_read() {
    let mentions = decode_mentions(&bytes(
        "0a170801108180e09585c8bfc4191a0774657374626f7440080a17208587aefbb0e291d8182a0768656c7065727338094011",
    ));
    let [user, role] = mentions.as_slice() else { panic!("{mentions:?}") };
    assert_eq!((user.user_id, user.username.as_str(), user.range()), (BOT, "testbot", 0..8));
    assert_eq!(api::MessageMention::from(user.clone()).id, 1);
    assert_eq!((role.user_id, role.role_id), (UserId::NONE, RoleId::new(1_779_000_000_000_000_901)));
    assert_eq!((role.role_name.as_str(), role.range()), ("helpers", 9..17));
}

#[test]
fn encoded_attachments_are_read() {
    let attachments = decode_attachments(&bytes(
        "0a540a076120622e706e6710c7cb021a1a68747470733a2f2f63646e2e746573742f61253230622e706e672209696d6167652f706e6728\
         cc05308a043a1668747470733a2f2f63646e2e746573742f742e706e674007",
    ));
    let expected = Attachment {
        file_name: "a b.png".into(),
        url: "https://cdn.test/a%20b.png".into(),
        file_type: "image/png".into(),
        size: 42439,
        width: 716,
        height: 522,
        thumbnail: "https://cdn.test/t.png".into(),
        duration: Duration::from_secs(7),
    };
    assert_eq!(attachments, [expected]);
}

#[test]
fn encoded_references_are_read() {
    let references = decode_references(&bytes(
        "0a6108818086d08afdf7de1b10808086d08afdf7de1b1a0f7b2274223a226561726c696572227d2001308b80dc97dee9ddb2193a05616c\
         696365421a68747470733a2f2f63646e2e746573742f616c6963652e706e674a02416c5207416c6963652041",
    ));
    let expected = Reference {
        message_id: MessageId::new(1_999_000_000_000_000_000),
        quoted_by: MessageId::new(1_999_000_000_000_000_001),
        content: r#"{"t":"earlier"}"#.into(),
        has_attachment: true,
        kind: 0,
        sender_id: ALICE,
        sender_name: "alice".into(),
        sender_avatar: "https://cdn.test/alice.png".into(),
        sender_clan_nick: "Al".into(),
        sender_display_name: "Alice A".into(),
    };
    assert_eq!(references, [expected]);
}

#[test]
fn encoded_reactions_are_read() {
    let reactions = decode_reactions(&bytes(
        "0a410805108180faaedc82cbd4181a043a6f6b3a208b80dc97dee9ddb2192a05616c696365321a68747470733a2f2f63646e2e74657374\
         2f616c6963652e706e674002",
    ));
    let [reaction] = reactions.as_slice() else { panic!("{reactions:?}") };
    assert_eq!(reaction.emoji_id, EmojiId::new(1_777_000_000_000_000_001));
    assert_eq!((reaction.emoji.as_str(), reaction.sender_id, reaction.count), (":ok:", ALICE, 2));
    assert_eq!(api::MessageReaction::from(reaction.clone()).id, 5);
}

#[test]
fn json_is_read_as_a_list_as_an_object_with_the_list_and_as_a_single_element() {
    for json in [
        r#"[{"user_id": "1840000000000000001", "s": 0, "e": 8}]"#,
        r#"{"mentions": [{"user_id": "1840000000000000001", "s": 0, "e": 8}]}"#,
        r#" { "mentions" : {"user_id": 1840000000000000001, "s": "0", "e": "8", "more": {}} } "#,
        r#"{"userId": 1840000000000000001, "s": null, "e": 8, "role_id": null, "username": null}"#,
        r#"[7, null, "x", {"user_id": "1840000000000000001", "e": 8}, {}, {"s": 1}]"#,
    ] {
        assert_eq!(decode_mentions(json.as_bytes()), [Mention::user(BOT).at(0..8)], "{json}");
    }
}

#[test]
fn nothing_has_many_names() {
    for bytes in
        ["", "null", "[]", "\"\"", " null\n", " [ ] ", "{}", r#"{"mentions":null}"#, r#"{"mentions":"x"}"#, "\n"]
    {
        assert_eq!(decode_mentions(bytes.as_bytes()), [], "{bytes:?}");
    }
}

#[test]
fn json_attachments_and_reactions_are_read() {
    let json =
        r#"{"attachments":[{"filename":"a","url":"u","filetype":"f","size":"5000000000","width":-1,"duration":3}]}"#;
    let [attachment] = decode_attachments(json.as_bytes()).try_into().unwrap();
    let expected = Attachment { file_name: "a".into(), size: 5_000_000_000, ..Attachment::new("u", "f") };
    assert_eq!(attachment, Attachment { duration: Duration::from_secs(3), ..expected });

    let json = r#"{"reactions":[{"emoji":":a:","sender_id":1,"count":0},{"emoji":":b:","action":"true"}]}"#;
    let [reaction] = decode_reactions(json.as_bytes()).try_into().unwrap();
    assert_eq!((reaction.emoji.as_str(), reaction.count, reaction.is_removed), (":a:", 1, false));
}

#[test]
fn the_avatar_of_a_json_reference_is_found_under_its_misspelt_key_too() {
    for json in [
        r#"{"refs":[{"message_ref_id":"5","message_sender_avatar":"a"}]}"#,
        r#"{"references":[{"message_ref_id":5,"mesages_sender_avatar":"a"}]}"#,
        r#"[{"messageRefId":"5","messageSenderAvatar":"a"},{"message_sender_id":"7"}]"#,
    ] {
        let expected = Reference { sender_avatar: "a".into(), ..Reference::to(MessageId::new(5)) };
        assert_eq!(decode_references(json.as_bytes()), [expected], "{json}");
    }
}

#[test]
fn everyone_present_is_mentioned_by_id_by_word_and_by_name() {
    let json = r#"[{"user_id":"here"},{"username":"here"},{"user_id":"1775731111020111321"}]"#;
    let mentions = decode_mentions(json.as_bytes());
    assert_eq!(mentions.iter().filter(|mention| mention.is_here()).count(), 3);
    assert_eq!(Mention::here().user_id, HERE);
    assert!(!Mention { username: "here".into(), ..Mention::user(BOT) }.is_here());
}

#[test]
fn an_encoded_list_that_looks_like_json_at_first_is_read() {
    // line feed is the tag of the list's elements, and 91 and 123, the length of the first, are brackets
    for len in [91, 123] {
        let name = "x".repeat(len - 2);
        let list = api::MessageMentionList {
            mentions: vec![api::MessageMention { username: name.clone(), ..Default::default() }],
        };
        let encoded = list.encode_to_vec();
        assert_eq!(encoded[1], len as u8);
        assert_eq!(decode_mentions(&encoded), [Mention::default().named(name)]);
    }
}

#[test]
fn what_cannot_be_read_is_an_empty_list() {
    let deep = "[".repeat(100_000);
    for bytes in [&b"\xff\xff\xff"[..], b"[{", b"{\"mentions\":[", b"plain text", b"\x0a\x05a", deep.as_bytes()] {
        assert_eq!(decode_mentions(bytes), []);
        assert_eq!(decode_references(bytes), []);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_us_panic(bytes: Vec<u8>, json in "[\\[{][\\[\\]{}:,\"a-z_0-9 ]{0,60}") {
        for bytes in [bytes.as_slice(), json.as_bytes()] {
            decode_mentions(bytes);
            decode_attachments(bytes);
            decode_references(bytes);
            decode_reactions(bytes);
        }
    }

    #[test]
    fn what_is_sent_is_read_back(user: i64, role: i64, name in "\\PC{1,100}", start in 0..1000_u32, len in 0..100_u32) {
        let mention = Mention { role_id: role.into(), username: name, ..Mention::user(user.into()) };
        let mention = mention.at(start..start + len);
        let list = api::MessageMentionList { mentions: vec![mention.clone().into()] };
        prop_assert_eq!(decode_mentions(&list.encode_to_vec()), [mention]);
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

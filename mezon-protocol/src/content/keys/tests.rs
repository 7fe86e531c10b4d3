use serde_json::json;

use super::*;
use crate::content::{Contact, LinkPreview, Location, Mention, Poll, Reference, TokenMessage};
use crate::id::{ClanId, MessageId};

fn parse(json: Value) -> Content {
    Content::parse(&json.to_string())
}

#[test]
fn what_the_platform_writes_is_read() {
    let content = parse(json!({
        "t": "x", "contentThread": "first", "tp": "11", "cid": 7, "fwd": "true", "isCard": 1,
        "cvtt": {"c1": "Plan", "c2": 7},
        "presign_finish": ["a", 7, "b"], "create_time_seconds": "1767225600",
    }));
    assert_eq!(content.thread_text(), Some("first"));
    assert_eq!(content.topic_info(), Some(TopicInfo { topic_id: TopicId::new(11), creator_id: UserId::new(7) }));
    assert!(content.is_forwarded() && content.is_card());
    assert_eq!(content.canvas_titles().collect::<Vec<_>>(), [("c1", "Plan")]);
    assert_eq!(content.finished_uploads(), Some(vec!["a", "b"]));
    assert_eq!(content.created_at(), Some(1_767_225_600));
}

#[test]
fn what_is_absent_or_makes_no_sense_is_none() {
    for content in [
        Content::default(),
        parse(
            json!({"tp": "0", "cid": "7", "cvtt": [], "callLog": true, "presign_finish": {}, "isCard": {}, "fwd": []}),
        ),
        parse(json!({"tp": null, "embed": null, "components": null, "question": null, "mk": null})),
    ] {
        assert_eq!((content.topic_info(), content.call_log(), content.finished_uploads()), (None, None, None));
        assert_eq!((content.poll(), content.contact(), content.location()), (None, None, None));
        assert!(!content.is_card() && !content.is_forwarded());
        assert!(content.embeds().is_empty() && content.rows().is_empty() && content.link_previews().is_empty());
        assert_eq!(content.canvas_titles().count(), 0);
    }
}

#[test]
fn a_call_is_read_under_either_name() {
    let log = CallLog { kind: CallLogKind::Reject, is_video: true, show_call_back: false };
    assert_eq!(parse(json!({"callLog": {"isVideo": true, "callLogType": 4}})).call_log(), Some(log));
    assert_eq!(parse(json!({"call_log": {"isVideo": "1", "callLogType": "4"}})).call_log(), Some(log));
    assert_eq!(parse(json!({"callLog": {}})).call_log(), Some(CallLog::default()));
}

#[test]
fn a_topic_is_named_as_it_is_read() {
    let content = Content::text("x").with_topic_info(TopicId::new(11), UserId::new(7));
    assert_eq!(content.to_json_text(), r#"{"t":"x","tp":"11","cid":"7"}"#);
    assert_eq!(content.topic_info(), Some(TopicInfo { topic_id: TopicId::new(11), creator_id: UserId::new(7) }));
    assert_eq!(content.topic_id(), None);
}

#[test]
fn to_forward_keeps_every_key_and_the_attachments_and_nothing_else() {
    let original = parse(json!({"t": "x", "tp": "1", "mystery": {"a": [1, null]}, "embed": [{"title": "t"}]}))
        .attach_url("https://cdn.test/a.png", "image/png")
        .mention(UserId::new(7))
        .reference(Reference::to(MessageId::new(5)))
        .topic(TopicId::new(3))
        .code(8);
    let forwarded = Content::forward(original.clone());
    let expected = r#"{"t":"x","tp":"1","mystery":{"a":[1,null]},"embed":[{"title":"t"}],"fwd":true}"#;
    assert_eq!(forwarded.to_json_text(), expected);
    assert_eq!(forwarded.attachments(), original.attachments());
    assert!(forwarded.mentions().is_empty() && forwarded.references().is_empty());
    assert_eq!((forwarded.topic_id(), forwarded.message_code()), (None, 0));
    assert_eq!(Content::forward("text").to_json_text(), r#"{"t":"text","fwd":true}"#);
}

#[test]
fn kinds_of_messages_have_their_code() {
    let codes = [
        Content::buzz("wake up"),
        Contact::new(UserId::new(7), "bob").into(),
        Location::new(1.0, 2.0).into(),
        TokenMessage::transferred(1, "").into(),
        Content::text("x").code(MessageCode::Ephemeral),
        Content::text("x").code(77),
    ];
    assert_eq!(codes.map(|content| content.message_code()), [8, 16, 17, 11, 12, 77]);
}

#[test]
fn a_contact_and_a_place_are_written_as_clients_do() {
    let bob = Contact { display_name: "Bob B".into(), ..Contact::new(UserId::new(7), "bob") };
    let fields: Vec<_> =
        [("key", "share_contact"), ("user_id", "7"), ("username", "bob"), ("display_name", "Bob B"), ("avatar", "")]
            .map(|(name, value)| json!({"name": name, "value": value, "inline": true}))
            .into();
    let expected = json!({"t": "", "embed": [{"fields": fields}]});
    assert_eq!(Value::from(Content::from(bob).into_json()), expected);

    let place = Content::from(Location::new(10.5, -3.25));
    let end = place.as_text().len();
    assert_eq!(place.get("lk"), Some(&json!([{"s": 0, "e": end}])));
    assert_eq!(place.get("mk"), Some(&json!([{"s": 0, "e": end, "type": "lk"}])));
    assert_eq!(place.location(), Some(Location::new(10.5, -3.25)));
    for text in
        ["https://www.google.com/maps?q=1", "https://www.google.com/maps?q=a,b", "https://www.google.com/maps?q=inf,1"]
    {
        assert_eq!(Content::text(text).location(), None, "{text}");
    }
}

#[test]
fn a_poll_is_read_from_its_body_or_from_its_text() {
    let read = |content: Content| {
        content.poll().map(|poll: Poll| {
            let answers: Vec<_> = poll.answers.iter().map(|answer| (answer.index, answer.label.clone())).collect();
            (poll.id, poll.question, answers, poll.counts, poll.allows_several)
        })
    };
    let expected = |id, counts: &[u64], several| {
        Some((id, "Lunch?".to_owned(), vec![(0, "Pho".to_owned()), (1, "Rice".to_owned())], counts.to_vec(), several))
    };
    let answers = json!([{"index": 0, "label": "Pho"}, {"index": "1", "label": "Rice"}]);
    let counts = json!([2, "1"]);
    let objects = json!({"poll_id": "9", "question": "Lunch?", "answers": answers, "answer_counts": counts, "type": 1});
    assert_eq!(read(parse(objects)), expected(9, &[2, 1], true));
    let texts = json!({"id": 9, "question": "Lunch?", "answers": ["Pho", "Rice"], "type": 0});
    assert_eq!(read(parse(texts)), expected(9, &[], false));
    let fallback = "📊 **Lunch?**\n1. Pho\n2. Rice\n☑️ Multiple answers allowed";
    assert_eq!(read(Content::text(fallback)), expected(0, &[], true));
    assert_eq!(read(Content::text("📊 Lunch?\n1. Pho\nx\n2. Rice")), expected(0, &[], false));
    let closed = parse(json!({"question": "q", "expire_at": 1_767_225_600, "is_closed": true, "total_votes": 3}))
        .poll()
        .unwrap();
    assert_eq!((closed.expires_at, closed.is_closed, closed.total_votes), (Some(1_767_225_600), true, 3));
}

#[test]
fn a_preview_is_read_and_can_be_hidden_while_the_link_stays() {
    let link = json!({"s": 0, "e": 1, "type": "lk"});
    let preview = json!({"s": 1, "e": 2, "type": "lk_ogp", "url": "https://a.test", "title": "A", "member_count": "12",
        "is_community": 1, "clanId": "5", "new": {}});
    let content = parse(json!({"t": "x", "mk": [link, preview]}));
    let expected = LinkPreview {
        url: "https://a.test".into(),
        title: "A".into(),
        member_count: Some(12),
        is_community: true,
        clan_id: ClanId::new(5),
        ..LinkPreview::default()
    };
    assert_eq!(content.link_previews(), [expected]);
    assert_eq!(content.marks().len(), 1);
    assert_eq!(content.hide_link().to_json_text(), r#"{"t":"x","mk":[{"s":0,"e":1,"type":"lk"}]}"#);
    assert_eq!(parse(json!({"t": "x", "mk": [preview]})).hide_link(), Content::text("x"));
    assert_eq!(Content::text("x").hide_link(), Content::text("x"));
    assert!(!Content::text("x").hide_link().is_mention_everyone());
}

/// Row 164.
#[test]
fn embeds_are_added_behind_those_that_are_there() {
    let content = Content::text("").embed(Embed::new().title("1")).embed(Embed::new().title("2"));
    assert_eq!(content.to_json_text(), r#"{"t":"","embed":[{"title":"1"},{"title":"2"}]}"#);
    let single = parse(json!({"embed": {"title": "1"}}));
    assert_eq!(single.embeds()[0].title.as_deref(), Some("1"));
    assert_eq!(single.embed(Embed::new()).embeds().len(), 2);
    assert_eq!(parse(json!({"embed": [7, {}, null]})).embeds(), [Embed::new()]);
}

#[test]
fn uploads_are_named_by_the_end_of_their_address() {
    let files = [Attachment::from_url("https://cdn.test/x/a.tar.gz?sig=1"), Attachment::from_url("https://cdn.test/b")];
    assert_eq!(Content::text("x").with_finished_uploads(&files).finished_uploads(), Some(vec!["a.tar", "b"]));
}

/// Rows 51, 61.
#[test]
fn one_field_makes_a_mention_or_an_attachment() {
    let content = Content::text("x")
        .mention(Mention::user(UserId::new(7)))
        .attachment(Attachment::from_url("https://cdn.test/a.png"));
    let encoded = content.encode(None).unwrap();
    assert_eq!((encoded.mentions[0].user_id, encoded.mentions[0].username.as_str()), (7, ""));
    let file = &encoded.attachments[0];
    assert_eq!((file.url.as_str(), file.filetype.as_str(), file.size), ("https://cdn.test/a.png", "", 0));
}

#[test]
fn an_attachment_too_large_for_the_wire_is_refused_and_never_wraps() {
    let with_size = |size| {
        let mut file = Attachment::from_url("https://cdn.test/a.iso");
        file.size = size;
        Content::text("x").attachment(file).encode(None).map(|encoded| encoded.attachments[0].size)
    };
    assert_eq!(with_size(Attachment::MAX_SIZE), Ok(i32::MAX));
    let error = with_size(Attachment::MAX_SIZE + 1).unwrap_err();
    assert!(matches!(error.kind(), crate::ErrorKind::InvalidArgument(_)), "{error:?}");
    assert_eq!(error.sent(), crate::Sent::No);
}

/// Row 57.
#[test]
fn the_text_is_under_the_key_t_however_it_was_given() {
    let json = Content::from_json(json!({"t": "hi"})).unwrap();
    assert_eq!((Content::text("hi"), Content::from("hi")), (json.clone(), json));
}

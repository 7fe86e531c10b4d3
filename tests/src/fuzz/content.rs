//! Everything that is read in the content of a message, and what is made of it again.

use mezon_protocol::Content;
use mezon_protocol::content::serde_json::Value;
use mezon_protocol::content::{Location, Mention, Span, Text, TokenMessage};

/// Takes the content of a message, as it stands in the frame.
pub fn content(data: &[u8]) {
    let raw = String::from_utf8_lossy(data);
    let content = Content::parse(&raw);
    spans(&content, &content.spans());
    // some mention at every place
    let places = content.marks().into_iter().map(|mark| (mark.start as u32)..(mark.end as u32 + 1));
    let mentions: Vec<_> = places.map(|place| Mention::here().at(place)).collect();
    spans(&content, &content.spans_with(&mentions));
    values(&content);
    written_again(&content);
    marked_up(&content);
    parts(mentions.into_iter().fold(content, Content::mention));
}

/// In their order, without overlaps, each with the text that is at its place.
fn spans(content: &Content, spans: &[Span<'_>]) {
    let units: Vec<u16> = content.as_text().encode_utf16().collect();
    let mut end = 0;
    for span in spans {
        assert!(end <= span.start && span.start < span.end, "{spans:?}");
        let covered = String::from_utf16(&units[span.start..span.end]).expect("spans are at the borders of characters");
        assert_eq!(covered, span.text);
        assert!(span.text.contains(span.inner()));
        end = span.end;
    }
}

fn values(content: &Content) {
    let _ = (content.thread_text(), content.topic_info(), content.call_log(), content.finished_uploads());
    let _ = (content.is_card(), content.is_forwarded(), content.created_at(), content.canvas_titles().count());
    let _ = (content.contact(), content.poll(), TokenMessage::parse(content.as_text()));
    let _ = (content.hashtags(), content.emojis(), content.links(), content.json_mentions(), content.link_previews());
    let _ = format!("{content:?} {:?} {:?} {:?}", content.embeds(), content.rows(), content.spans());
    if let Some(place) = content.location() {
        let Location { latitude, longitude, .. } = place;
        assert!(latitude.is_finite() && longitude.is_finite());
        assert_eq!(Content::from(place).location(), Some(place));
    }
    assert!(content.clone().hide_link().link_previews().is_empty());
    assert!(Content::forward(content.clone()).is_forwarded());
}

/// What is written of embeds and components is read as it was, and nothing of it is lost the second time.
fn written_again(content: &Content) {
    let write = |content: &Content| {
        let again = content.embeds().into_iter().fold(Content::text(""), Content::embed);
        content.rows().into_iter().fold(again, Content::row)
    };
    let once = write(content);
    assert_eq!(once.embeds().len(), content.embeds().len());
    assert_eq!(once.rows().len(), content.rows().len());
    assert_eq!(write(&once), once);
    let ids = |content: &Content| {
        let rows = content.rows();
        rows.iter().flat_map(|row| &row.components).map(|component| component.id().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&once), ids(content));
    assert_eq!(Content::from(content.clone().into_json()).rows(), content.rows());
}

fn marked_up(content: &Content) {
    let marked = content.clone().parse_markdown();
    spans(&marked, &marked.spans());
    assert!(marked.as_text().len() <= content.as_text().len());
    let built = Content::from(Text::new().markdown(content.as_text()));
    assert_eq!(built.as_text(), marked.as_text());
    spans(&built, &built.spans());
}

/// The parts make up the whole, or there are none.
fn parts(content: Content) {
    let (text, mentions) = (content.as_text().to_owned(), content.mentions().len());
    let limit = 64 + content.get("t").and_then(Value::as_str).map_or(0, str::len) / 3;
    let Ok(parts) = content.split(limit) else { return };
    let mut whole = String::new();
    for part in &parts {
        assert!(parts.len() == 1 || part.utf16_len() <= limit);
        spans(part, &part.spans());
        whole.push_str(part.as_text());
    }
    assert_eq!(whole, text);
    assert_eq!(parts.iter().map(|part| part.mentions().len()).sum::<usize>(), mentions);
}

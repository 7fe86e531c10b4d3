use serde_json::json;

use super::*;
use crate::content::{Content, Input, InteractiveBuilder};
use crate::time::Now;

fn read(json: Value) -> Embed {
    Embed::from_json(json).unwrap()
}

#[test]
fn an_embed_is_written_with_what_is_set_and_read_again() {
    let embed = Embed::new()
        .title("Title")
        .url("https://a.test")
        .description("Text")
        .color(0x5865F2)
        .author(EmbedAuthor::new("Ann").icon_url("https://a.test/i").url("https://a.test/u"))
        .thumbnail("https://a.test/t")
        .image(EmbedImage::new("https://a.test/p").size(800, ImageSize::Auto))
        .timestamp("2026-01-02T03:04:05.678Z")
        .footer(EmbedFooter::new("Foot").icon_url("https://a.test/f"))
        .field("A", "1", true)
        .input("B", Input::new("b"));
    let expected = json!({
        "color": "#5865F2", "title": "Title", "url": "https://a.test", "description": "Text",
        "author": {"name": "Ann", "icon_url": "https://a.test/i", "url": "https://a.test/u"},
        "thumbnail": {"url": "https://a.test/t"},
        "image": {"url": "https://a.test/p", "width": "800", "height": "auto"},
        "timestamp": "2026-01-02T03:04:05.678Z",
        "footer": {"text": "Foot", "icon_url": "https://a.test/f"},
        "fields": [
            {"name": "A", "value": "1", "inline": true},
            {"name": "B", "value": "", "inputs": {"type": 3, "id": "b", "component":
                {"id": "b-component", "defaultValue": "", "type": "text", "textarea": false}}},
        ],
    });
    assert_eq!(Value::from(embed.clone()), expected);
    assert_eq!(read(expected), embed);
    assert_eq!(Value::from(Embed::new()), json!({}));
}

#[test]
fn texts_stand_for_authors_footers_and_pictures() {
    let embed = Embed::new().author("Ann").footer(String::from("Foot")).image("https://a.test/p");
    assert_eq!(
        Value::from(embed),
        json!({"author": {"name": "Ann"}, "image": {"url": "https://a.test/p"}, "footer": {"text": "Foot"}})
    );
}

#[test]
fn colors_are_read_from_texts_and_numbers_and_written_in_upper_case() {
    let table = [
        (json!("#5865f2"), Some("#5865F2")),
        (json!("5865F2"), Some("#5865F2")),
        (json!("0x5865F2"), Some("#5865F2")),
        (json!(5_793_266), Some("#5865F2")),
        (json!("5793266"), Some("#5865F2")),
        (json!("#000000"), Some("#000000")),
        (json!(0), None),
        (json!("0"), None),
        (json!(-1), None),
        (json!(0x100_0000), None),
        (json!("red"), None),
        (json!("#12"), None),
        (json!("😀"), None),
        (json!(1.5), None),
        (json!({}), None),
        (json!(null), None),
    ];
    for (json, color) in table {
        let read = read(json!({"color": json})).color.map(|color| color.to_string());
        assert_eq!(read.as_deref(), color, "{json}");
    }
    assert_eq!(Color::rgb(0x58, 0x65, 0xF2), Color::new(0xFF58_65F2));
}

#[test]
fn what_is_not_understood_is_written_again() {
    let json = json!({
        "title": "t", "color": {"odd": true}, "new": [1, null], "author": "Ann",
        "footer": {"text": "f", "new": 1}, "image": {"url": "u", "new": 2}, "thumbnail": {"url": "u", "new": 3},
        "fields": [
            {"name": "n", "value": "v", "inline": false, "shape": "round", "options": [], "max_options": 2},
            {"name": "n", "value": "v", "inputs": {"type": 99, "id": "x", "component": [1]}},
        ],
    });
    let embed = read(json.clone());
    assert_eq!((embed.color, embed.author.clone()), (None, None));
    assert_eq!(embed.unknown().keys().collect::<Vec<_>>(), ["color", "new", "author"]);
    assert_eq!(Value::from(embed), json);
}

#[test]
fn nulls_and_scalars_of_other_types_do_no_harm() {
    let embed =
        read(json!({"title": 7, "url": null, "fields": null, "image": {"url": "u", "width": 400, "height": "300"}}));
    assert_eq!(embed.title.as_deref(), Some("7"));
    assert!(embed.unknown().is_empty());
    let image = embed.image.unwrap();
    assert_eq!((image.width, image.height), (Some(ImageSize::Pixels(400)), Some(ImageSize::Pixels(300))));
    let fields = read(json!({"fields": [null, 7, {"name": 1, "inline": "true"}]})).fields;
    assert_eq!((fields.len(), fields[0].name.as_str(), fields[0].inline), (1, "1", true));
    assert_eq!(Embed::from_json(json!([])), None);
}

#[test]
fn an_embed_that_came_in_can_be_changed_and_sent_again() {
    let content = Content::parse(r#"{"embed":[{"fields":[{"name":"Score","value":"1","inline":true}],"new":1}]}"#);
    let mut embed = content.embeds().remove(0);
    embed.fields[0].value = "2".into();
    let expected = r#"{"t":"","embed":[{"fields":[{"name":"Score","value":"2","inline":true}],"new":1}]}"#;
    assert_eq!(Content::text("").embed(embed).to_json_text(), expected);
}

/// Rows 147, 149.
#[test]
fn color_and_time_of_the_builder_are_what_they_were_given_and_chance_comes_from_a_seed() {
    let plain = InteractiveBuilder::new("t").build();
    assert_eq!((plain.color, plain.timestamp), (Some(PALETTE[0]), None));
    let now = Now::new(std::time::Duration::ZERO, std::time::Duration::from_millis(1_767_323_045_678));
    let seeded = |seed| InteractiveBuilder::seeded("t", seed, now).build();
    assert_eq!(seeded(7), seeded(7));
    assert_eq!(seeded(7).timestamp.unwrap().as_str(), "2026-01-02T03:04:05.678Z");
    let mut colors: Vec<_> = (0..200).map(|seed| seeded(seed).color.unwrap().get()).collect();
    colors.sort_unstable();
    colors.dedup();
    assert_eq!(colors.len(), PALETTE.len(), "every colour comes up");

    let mut builder = InteractiveBuilder::new("t");
    assert_eq!(builder.set_color("#5865F2").build().color, Some(Color::new(0x5865F2)));
    for as_given in ["tomato", "#5865f2"] {
        assert_eq!(Value::from(builder.set_color(as_given).build())["color"], as_given);
    }
    assert_eq!(Value::from(builder.with_color(0x11_2233).build())["color"], "#112233");
}

/// Row 162.
#[test]
fn the_builder_takes_sizes_as_texts_or_integers() {
    let size = |width: ImageSize, height: ImageSize| {
        let image = Value::from(InteractiveBuilder::new("t").set_image("u", width, height).build())["image"].clone();
        (image["width"].clone(), image["height"].clone())
    };
    assert_eq!(size("800".into(), "400".into()), size(800.into(), 400.into()));
    assert_eq!(size("".into(), ImageSize::Auto), (json!("auto"), json!("auto")));
}

#[test]
fn nothing_that_an_embed_says_is_printed() {
    let embed = Embed::new()
        .title("hunter2")
        .description("hunter2")
        .field("hunter2", "hunter2", true)
        .input("hunter2", Input::new("pin").default_value("hunter2"));
    let printed = format!("{embed:?}");
    assert!(printed.contains("pin") && !printed.contains("hunter2"), "{printed}");
}

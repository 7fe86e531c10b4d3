//! What the builders of other SDKs make, and how other clients count and mark up texts: ours do the same.

use mezon_protocol::content::{
    AnimationConfig, ButtonBuilder, ButtonStyle, Color, Component, Embed, ImageSize, InputFieldOption,
    InteractiveBuilder, PALETTE, RadioFieldOption, SelectFieldOption, Text,
};
use mezon_protocol::{Content, ErrorKind, UserId};
use mezon_tests::vectors::text;
use serde_json::{Value, json};

/// The parts of the file that are checked, and how many cases each has.
pub(crate) const PARTS: [(&str, usize); 5] =
    [("cases", 58), ("spans", 10), ("content_length", 9), ("content_limit", 6), ("markdown_compose", 20)];

/// The cases of a part.
pub(crate) fn cases<'a>(file: &'a Value, part: &str) -> &'a [Value] {
    let list = file[part].get("cases").unwrap_or(&file[part]);
    list.as_array().unwrap_or_else(|| panic!("{part} is a list of cases"))
}

/// Checks one case of a part.
pub(crate) fn check(part: &str, case: &Value) {
    match part {
        "cases" => builds_alike(case),
        "spans" => counts_alike(case),
        "content_length" => measures_alike(case),
        "content_limit" => limits_alike(case),
        "markdown_compose" => marks_alike(case),
        _ => panic!("{part} is not covered"),
    }
}

/// The palette, in its order.
pub(crate) fn has_palette(file: &Value) {
    let ours: Vec<_> = PALETTE.iter().map(Color::to_string).collect();
    assert_eq!(file["palette"], json!(ours));
}

fn builds_alike(case: &Value) {
    match text(&case["builder"]) {
        "button" => builds_buttons_alike(case),
        "interactive" => builds_embed_alike(case),
        other => panic!("a builder {other} is not covered"),
    }
}

fn builds_buttons_alike(case: &Value) {
    let mut builder = ButtonBuilder::new();
    for call in calls(case) {
        let (method, args) = (text(&call["method"]), Args(&call["args"]));
        match method {
            "clear" => builder.clear(),
            "add_button" if args.has("url") || args.has("disabled") => builder.add_button_with(
                args.text("id"),
                args.text("label"),
                args.style(),
                args.get("url"),
                args.flag("disabled"),
            ),
            "add_button" => builder.add_button(args.text("id"), args.text("label"), args.style()),
            _ => panic!("{method} is not covered"),
        };
    }
    let built: Value = builder.build().into_iter().map(Value::from).collect();
    assert_eq!(built, case["expected"]);
    assert_eq!(Value::from(builder.build_row())["components"], built);
    for component in built.as_array().expect("a list") {
        let read = Component::from_json(component.clone()).expect("an object");
        assert!(matches!(read, Component::Button(_)), "{read:?}");
        assert_eq!(Value::from(read), *component, "what is read is written again");
    }
}

fn builds_embed_alike(case: &Value) {
    let frozen = &case["frozen"];
    let palette_index = usize::try_from(frozen["palette_index"].as_u64().expect("an index")).expect("a small one");
    assert_eq!(frozen["color"], PALETTE[palette_index].to_string());
    let builder = match case["new"].get("title") {
        Some(title) => InteractiveBuilder::new(text(title)),
        None => InteractiveBuilder::default(),
    };
    let mut builder = builder.with_color(PALETTE[palette_index]).with_timestamp(text(&frozen["timestamp"]));
    for call in calls(case) {
        play(&mut builder, text(&call["method"]), &Args(&call["args"]));
    }
    let built = Value::from(builder.build());
    assert_eq!(built, case["expected"]);

    let read = Embed::from_json(built.clone()).expect("an object");
    let known = |component: &Component| !matches!(component, Component::Unknown(_));
    assert!(read.fields.iter().filter_map(|field| field.input.as_ref()).all(known), "{read:?}");
    let mut written = Value::from(read);
    if written.get("fields").is_none() {
        written["fields"] = json!([]);
    }
    assert_eq!(written, built, "what is read is written again");
}

fn play(builder: &mut InteractiveBuilder, method: &str, args: &Args<'_>) {
    let size = |key| args.get(key).map_or(ImageSize::Auto, ImageSize::from);
    match method {
        "set_color" => builder.set_color(args.text("color")),
        "set_title" => builder.set_title(args.text("title")),
        "set_url" => builder.set_url(args.text("url")),
        "set_author" => builder.set_author(args.text("name"), args.get("icon_url"), args.get("url")),
        "set_description" => builder.set_description(args.text("description")),
        "set_thumbnail" => builder.set_thumbnail(args.text("url")),
        "set_image" => builder.set_image(args.text("url"), size("width"), size("height")),
        "set_footer" => builder.set_footer(args.text("text"), args.get("icon_url")),
        "add_field" => builder.add_field(args.text("name"), args.text("value"), args.flag("inline")),
        "add_input_field" => builder.add_input_field(
            args.text("id"),
            args.text("name"),
            args.get("placeholder"),
            args.0.get("options").map(input_options),
            args.get("description"),
        ),
        "add_select_field" => builder.add_select_field(
            args.text("id"),
            args.text("name"),
            args.list("options").iter().map(select_option),
            args.0.get("value_selected").map(select_option),
            args.get("description"),
        ),
        "add_radio_field" => builder.add_radio_field(
            args.text("id"),
            args.text("name"),
            args.list("options").iter().map(radio_option),
            args.get("description"),
            args.number("max_options"),
        ),
        "add_date_picker_field" => {
            builder.add_datepicker_field(args.text("id"), args.text("name"), args.get("description"))
        }
        "add_animation" => builder.add_animation(
            args.text("id"),
            animation(&Args(&args.0["config"])),
            args.get("name"),
            args.get("description"),
        ),
        _ => panic!("{method} is not covered"),
    };
}

fn input_options(options: &Value) -> InputFieldOption {
    let options = Args(options);
    options.are(&["defaultValue", "type", "textarea", "disabled"]);
    let mut built = InputFieldOption::new().textarea(options.flag("textarea")).disabled(options.flag("disabled"));
    if let Some(value) = options.0.get("defaultValue") {
        built = built.default_value(value.clone());
    }
    if let Some(kind) = options.get("type") {
        built = built.kind(kind);
    }
    built
}

fn select_option(option: &Value) -> SelectFieldOption {
    let option = Args(option);
    option.are(&["label", "value"]);
    SelectFieldOption::new(option.text("label"), option.text("value"))
}

fn radio_option(option: &Value) -> RadioFieldOption {
    let option = Args(option);
    option.are(&["label", "value", "name", "description", "style", "disabled"]);
    let mut built = RadioFieldOption::new(option.text("label"), option.text("value")).disabled(option.flag("disabled"));
    if let Some(name) = option.get("name") {
        built = built.name(name);
    }
    if let Some(description) = option.get("description") {
        built = built.description(description);
    }
    if option.has("style") {
        built = built.style(option.style());
    }
    built
}

fn animation(config: &Args<'_>) -> AnimationConfig {
    config.are(&["url_image", "url_position", "pool", "repeat", "duration"]);
    let names = config.list("pool").iter().map(text);
    let mut built = AnimationConfig::new(config.text("url_image"), config.text("url_position")).reel(names);
    if let Some(repeat) = config.number("repeat") {
        built = built.repeat(repeat);
    }
    if let Some(duration) = config.0["duration"].as_f64() {
        built = built.duration(duration);
    }
    built
}

/// Offsets are counted alike by the text builder, and read alike.
fn counts_alike(case: &Value) {
    let (whole, needle) = (text(&case["text"]), text(&case["needle"]));
    let at = whole.find(needle).expect("it is there");
    let place = (number(&case["s"]), number(&case["e"]));
    let content: Content = Text::new().plain(&whole[..at]).bold(needle).plain(&whole[at + needle.len()..]).into();
    assert_eq!(content.as_text(), whole);
    assert_eq!(content.get("mk"), Some(&json!([{ "type": "b", "s": place.0, "e": place.1 }])));
    assert_eq!(content.spans()[0].text, needle);
    if let Some(name) = needle.strip_prefix('@') {
        let content: Content = Text::new().plain(&whole[..at]).mention(UserId::new(7), name).into();
        let range = content.mentions()[0].range();
        assert_eq!((u64::from(range.start), u64::from(range.end)), place);
    }
}

fn measures_alike(case: &Value) {
    let content = Content::from_json(case["content"].clone()).expect("an object");
    let json = content.to_json_text();
    assert_eq!(json, text(&case["json"]));
    assert_eq!(content.utf16_len() as u64, number(&case["utf16_len"]));
    assert_eq!(json.len() as u64, number(&case["utf8_len"]));
}

fn limits_alike(case: &Value) {
    let times = usize::try_from(number(&case["repeat"])).expect("it fits");
    let content = Content::text(text(&case["unit"]).repeat(times));
    assert_eq!(content.utf16_len() as u64, number(&case["utf16_len"]));
    match content.encode(Content::DEFAULT_LIMIT) {
        Ok(_) => assert_eq!(case["accepted_at_4000"], true),
        Err(error) => {
            assert_eq!(case["accepted_at_4000"], false);
            assert!(matches!(error.kind(), ErrorKind::TooLong { limit: 4000, .. }), "{error:?}");
        }
    }
}

fn marks_alike(case: &Value) {
    let content = Content::markdown(text(&case["input"]));
    assert_eq!(content.as_text(), text(&case["text"]));
    assert_eq!(content.get("mk").unwrap_or(&json!([])), &case["mk"]);
    let built = Content::from(Text::new().markdown(text(&case["input"])));
    assert_eq!(built, content);
}

fn calls(case: &Value) -> &[Value] {
    case["calls"].as_array().expect("a list of calls")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// The arguments of a call by their names.
struct Args<'a>(&'a Value);

impl<'a> Args<'a> {
    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// None but these.
    fn are(&self, names: &[&str]) {
        let all = self.0.as_object().expect("arguments by name");
        let unknown: Vec<_> = all.keys().filter(|name| !names.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "{unknown:?} are not covered");
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(text)
    }

    fn text(&self, name: &str) -> &'a str {
        text(&self.0[name])
    }

    fn flag(&self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.0.get(name).map(|value| u32::try_from(number(value)).expect("it fits"))
    }

    fn list(&self, name: &str) -> &'a [Value] {
        self.0[name].as_array().unwrap_or_else(|| panic!("{name} is a list"))
    }

    fn style(&self) -> ButtonStyle {
        i32::try_from(number(&self.0["style"])).expect("it fits").into()
    }
}

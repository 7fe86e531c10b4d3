use serde_json::json;

use super::*;
use crate::content::{ButtonBuilder, Content};

fn read(json: Value) -> Component {
    Component::from_json(json).unwrap()
}

fn written(component: impl Into<Component>) -> Value {
    component.into().into()
}

#[test]
fn every_component_is_read_as_it_is_written() {
    let sheet = ("https://a.test/s.png", "https://a.test/s.json");
    let table: [(Component, Value); 11] = [
        (
            Button::new("b", "B").icon("PLAY").disabled(true).into(),
            json!({"type": 1, "id": "b", "component": {"label": "B", "style": 1, "disable": true, "icon": "PLAY"}}),
        ),
        (
            Button::new("b", "B").style(ButtonStyle::Other(9)).into(),
            json!({"type": 1, "id": "b", "component": {"label": "B", "style": 9}}),
        ),
        (
            Select::new("s", [SelectFieldOption::new("A", "a").description("d").default_choice()])
                .placeholder("p")
                .several(1, 3)
                .disabled(true)
                .into(),
            json!({"type": 2, "id": "s", "component": {
                "options": [{"label": "A", "value": "a", "description": "d", "default": true}],
                "placeholder": "p", "min_options": 1, "max_options": 3, "disabled": true}}),
        ),
        (
            Select::of_kind("s", SelectKind::Role).selected(("Admin", "7")).into(),
            json!({"type": 2, "id": "s", "component":
                {"options": [], "valueSelected": {"label": "Admin", "value": "7"}, "type": 3}}),
        ),
        (
            Input::new("i").kind("number").default_value(5).required(true).disabled(true).textarea(true).into(),
            json!({"type": 3, "id": "i", "component": {"id": "i-component", "defaultValue": 5, "type": "number",
                "textarea": true, "required": true, "disabled": true}}),
        ),
        (
            DatePicker::new("d").value("2026-01-02").into(),
            json!({"type": 4, "id": "d", "component": {"value": "2026-01-02"}}),
        ),
        (
            Radio::new(
                "r",
                [RadioFieldOption::new("A", "a").description("d").style(ButtonStyle::Danger).disabled(true)],
            )
            .into(),
            json!({"type": 5, "id": "r", "component":
                [{"label": "A", "value": "a", "description": "d", "style": 4, "disabled": true}]}),
        ),
        (
            Radio::several("r", [("A", "a"), ("B", "b")], 2).into(),
            json!({"type": 5, "id": "r", "max_options": 2, "component":
                [{"label": "A", "value": "a", "name": "a"}, {"label": "B", "value": "b", "name": "b"}]}),
        ),
        (
            Animation::new("a", AnimationConfig::new(sheet.0, sheet.1).reel(["1", "2"]).repeat(3).duration(0.35))
                .into(),
            json!({"type": 6, "id": "a", "component": {"url_image": sheet.0, "url_position": sheet.1,
                "pool": ["1", "2"], "repeat": 3, "duration": 0.35}}),
        ),
        (
            Animation::new(
                "a",
                AnimationConfig::new(sheet.0, sheet.1).reel(["1"]).reel(["2"]).duration(2).vertical(true).is_result(1),
            )
            .into(),
            json!({"type": 6, "id": "a", "component": {"url_image": sheet.0, "url_position": sheet.1,
                "pool": [["1"], ["2"]], "duration": 2, "vertical": true, "isResult": 1}}),
        ),
        (
            Grid::new("g", 3, 2).item(GridItem::new(2, 1).at(0, 1)).images(sheet.0, sheet.1).into(),
            json!({"type": 7, "id": "g", "columns": 3, "rows": 2, "component": {
                "items": [{"width": 2, "height": 1, "start_col": 0, "start_row": 1}],
                "url_image": sheet.0, "url_position": sheet.1}}),
        ),
    ];
    for (component, json) in table {
        assert_eq!(Value::from(component.clone()), json);
        assert_eq!(read(json), component);
    }
}

#[test]
fn what_is_not_understood_is_written_again() {
    for json in [
        json!({"type": 99, "id": "x", "component": {"a": 1}}),
        json!({"type": "what", "id": "x"}),
        json!({"id": "x"}),
        json!({"type": 1, "id": "x", "component": "no object"}),
        json!({"type": 5, "id": "x", "component": {"no": "list"}}),
        json!({"type": 1, "id": "b", "new": 1, "component": {"label": "B", "style": 1, "new": [null]}}),
        json!({"type": 3, "id": "i", "component":
            {"id": "other", "defaultValue": "", "type": "text", "textarea": false, "style": 2}}),
        json!({"type": 4, "id": "d", "max_options": 1, "component": {"value": ["odd"]}}),
        json!({"type": 7, "id": "g", "component": {"items": [{"new": 1}]}}),
    ] {
        assert_eq!(Value::from(read(json.clone())), json);
    }
    assert_eq!(read(json!({"type": 99, "id": "x"})).id(), "x");
    assert_eq!(Component::from_json(json!(7)), None);
}

#[test]
fn types_are_read_leniently() {
    let Component::Button(button) =
        read(json!({"type": "1", "id": 7, "component": {"label": 8, "style": "4", "disable": "1", "url": ""}}))
    else {
        panic!()
    };
    assert_eq!((button.id.as_str(), button.label.as_str(), button.style), ("7", "8", ButtonStyle::Danger));
    assert!(button.disabled && button.url.is_none());
    assert_eq!(read(json!({"type": 1, "id": "b", "component": null})), Button::new("b", "").into());
    assert_eq!(read(json!({"type": 1})).id(), "");

    let options = json!(["a", 7, null, {"label": "L", "value": "v"}]);
    let Component::Select(select) = read(json!({"type": 2, "id": "s", "max_options": 5, "component":
        {"options": options, "valueSelected": "a", "max_options": 1}}))
    else {
        panic!()
    };
    let values: Vec<_> = select.options.iter().map(|option| (option.label.as_str(), option.value.as_str())).collect();
    assert_eq!(values, [("a", "a"), ("7", "7"), ("L", "v")]);
    assert_eq!((select.selected, select.max_options), (Some(("a", "a").into()), Some(5)));
}

/// Row 155.
#[test]
fn whether_several_may_be_chosen_is_said_in_each_of_the_ways_that_clients_know() {
    assert!(!Radio::new("r", [("A", "a"), ("B", "b")]).allows_several());
    let several = Radio::several("r", [("A", "a"), ("B", "b"), ("C", "c")], 2);
    assert!(several.max_options == Some(2) && several.options[0].name != several.options[1].name);
    let group =
        |name: &str| [("A", "a"), ("B", "b")].map(|(label, value)| RadioFieldOption::new(label, value).name(name));
    let regrouped = Radio::several("r", group("same"), 2);
    assert!(regrouped.options[0].name != regrouped.options[1].name);
    let own = [RadioFieldOption::new("A", "a").name("x"), RadioFieldOption::new("B", "b").name("y")];
    assert_eq!(Radio::several("r", own.clone(), 2).options, own);
    assert!(Radio::new("r", own).allows_several());

    assert!(!Select::new("s", [("A", "a")]).allows_several());
    assert!(!Select::new("s", [("A", "a")]).several(0, 1).allows_several());
    assert!(Select::new("s", [("A", "a")]).several(0, 2).allows_several());
}

/// Rows 146, 165.
#[test]
fn components_are_sent_in_rows_however_they_were_given() {
    let mut buttons = ButtonBuilder::new();
    buttons.add_button("a", "A", ButtonStyle::Primary).add_button("b", "B", ButtonStyle::Danger);
    let flat: Value = buttons.build().into_iter().map(Value::from).collect();
    let expected = json!([{ "components": flat }]);
    for content in [
        Content::text("x").row(buttons.build_row()),
        Content::text("x").components(buttons.build()),
        Content::text("x").with("components", json!([Value::from(buttons.build_row())])),
        Content::text("x").with("components", flat.clone()),
        Content::from_json(json!({"t": "x", "components": flat})).unwrap(),
        Content::from_json(json!({"t": "x", "components": [{"components": flat}]})).unwrap(),
    ] {
        assert_eq!(content.get("components"), Some(&expected));
        assert_eq!(content.rows(), [buttons.build_row()]);
    }
    let two = Content::text("x").row(Button::new("a", "A")).row(vec![Button::new("b", "B")]);
    assert_eq!(two.rows().len(), 2);
}

#[test]
fn a_list_without_rows_is_read_as_one_and_stays_as_it_came() {
    let row = r#"{"components":[{"type":1,"id":"c"}]}"#;
    let raw = format!(r#"{{"t":"x","components":[{{"type":1,"id":"a"}},{{"type":1,"id":"b"}},{row},{{"type":9}},7]}}"#);
    let content = Content::parse(&raw);
    let ids: Vec<Vec<_>> = content
        .rows()
        .iter()
        .map(|row| row.components.iter().map(|component| component.id().to_owned()).collect())
        .collect();
    assert_eq!(ids, [vec!["a", "b"], vec!["c"], vec![""]]);
    assert_eq!(content.to_json_text(), raw);
}

#[test]
fn keys_of_a_row_survive() {
    let json = json!({"components": [{"type": 9, "x": 1}], "new": true});
    let content = Content::parse(&json!({"components": [json]}).to_string());
    assert_eq!(Value::from(content.rows().remove(0)), json);
}

/// Row 144.
#[test]
fn a_link_button_may_lack_its_address() {
    let link = written(Button::new("l", "L").style(ButtonStyle::Link));
    assert_eq!(link["component"], json!({"label": "L", "style": 5}));
    assert_eq!(written(Button::link("l", "L", "https://a.test"))["component"]["url"], "https://a.test");
}

/// Row 143.
#[test]
fn styles_have_the_numbers_of_the_platform() {
    let styles =
        [ButtonStyle::Primary, ButtonStyle::Secondary, ButtonStyle::Success, ButtonStyle::Danger, ButtonStyle::Link];
    assert_eq!(styles.map(i32::from), [1, 2, 3, 4, 5]);
    assert_eq!(ButtonStyle::from(6), ButtonStyle::Other(6));
}

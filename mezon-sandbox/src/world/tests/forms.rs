//! Forms, buttons, selects.

use mezon_protocol::MessageId;
use mezon_protocol::proto::realtime::envelope::Message;
use serde_json::{Value, json};

use super::rig::Rig;
use crate::world::ConnId;

/// A form with an input of every kind.
fn form() -> String {
    let option = |value: &str| json!({"label": value.to_uppercase(), "value": value});
    let named = |value: &str| json!({"label": value, "value": value, "name": value});
    let alike = |value: &str| json!({"label": value, "value": value, "name": "one"});
    let field = |id: &str, kind: i32, component: Value| json!({"name": id, "value": "", "inputs": {"id": id, "type": kind, "component": component}});
    json!({
        "t": "",
        "embed": [{"title": "Book a room", "fields": [
            field("who", 3, json!({"id": "who-component", "type": "text", "defaultValue": ""})),
            field("days", 3, json!({"type": "number", "defaultValue": 2})),
            field("locked", 3, json!({"disabled": true, "defaultValue": "kept"})),
            field("plan", 2, json!({"options": [option("free"), option("pro")]})),
            field("city", 2, json!({"options": [option("hue"), option("hcm")], "valueSelected": option("hcm")})),
            field("langs", 5, json!([named("vi"), named("en"), named("fr")])),
            field("one", 5, json!([alike("a"), alike("b")])),
            field("when", 4, json!({})),
        ]}],
        "components": [{"components": [
            {"id": "save", "type": 1, "component": {"label": "Save", "style": 3}},
            {"id": "site", "type": 1, "component": {"label": "Site", "style": 5, "url": "https://x.test"}},
            {"id": "off", "type": 1, "component": {"label": "Off", "disable": true}},
        ]}],
    })
    .to_string()
}

fn posted() -> (Rig, ConnId, MessageId) {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let message = rig.world.say_content(rig.now, rig.bot, rig.general, &form(), Vec::new());
    rig.pushes(conn);
    (rig, conn, message)
}

/// Button and data of every click.
fn clicks(rig: &mut Rig, conn: ConnId) -> Vec<(String, String)> {
    let pushes = rig.pushes(conn).into_iter();
    let clicks = pushes.filter_map(|push| match push {
        Message::MessageButtonClicked(click) => Some((click.button_id, click.extra_data)),
        _ => None,
    });
    clicks.collect()
}

#[test]
fn an_untouched_form_sends_its_defaults_and_no_other_keys() {
    let (mut rig, conn, message) = posted();
    rig.world.fill(rig.alice, message).submit("save");
    let clicks = clicks(&mut rig, conn);
    let data: Value = serde_json::from_str(&clicks[0].1).unwrap();
    assert_eq!((clicks.len(), data), (1, json!({"city": "hcm", "days": "2", "locked": "kept"})));
}

#[test]
fn what_is_filled_in_is_text_or_a_list_of_texts() {
    let (mut rig, conn, message) = posted();
    let form =
        rig.world.fill(rig.alice, message).text("who", "Nguyễn 😀").text("days", "1.5").text("when", "34343-12-22");
    form.choose("one", "b").choose_all("langs", ["vi", "fr"]).submit("save");
    let clicks = clicks(&mut rig, conn);
    let data: Value = serde_json::from_str(&clicks[0].1).unwrap();
    let expected = json!({
        "who": "Nguyễn 😀", "days": "1.5", "when": "34343-12-22", "one": "b", "langs": ["vi", "fr"],
        "city": "hcm", "locked": "kept",
    });
    assert_eq!((clicks.len(), data), (1, expected));
}

#[test]
fn several_choices_are_a_list_even_when_one_is_chosen_and_what_is_cleared_is_absent() {
    let (mut rig, conn, message) = posted();
    rig.world.fill(rig.alice, message).choose("langs", "en").text("days", "").submit("save");
    let data: Value = serde_json::from_str(&clicks(&mut rig, conn)[0].1).unwrap();
    assert_eq!(data, json!({"langs": ["en"], "city": "hcm", "locked": "kept"}));
}

#[test]
fn a_choice_in_a_select_is_a_click_at_once_with_the_bare_value() {
    let (mut rig, conn, message) = posted();
    drop(rig.world.fill(rig.alice, message).choose("plan", "pro"));
    rig.world.choose(rig.bob, message, "city", "hue");
    let expected = [("plan", "pro"), ("city", "hue")].map(|(id, value)| (id.to_owned(), value.to_owned()));
    assert_eq!(clicks(&mut rig, conn), expected);
}

#[test]
fn a_click_names_who_clicked_and_who_wrote_the_message() {
    let (mut rig, conn, message) = posted();
    rig.world.click(rig.alice, message, "save", "");
    let pushes = rig.pushes(conn);
    let [Message::MessageButtonClicked(click)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((click.user_id, click.sender_id), (rig.alice.get(), rig.bot.get()));
    assert!(rig.world.tail(1).ends_with(r##"#general alice clicks "save" "##));
}

#[test]
fn an_older_client_tells_a_selection_by_an_event_of_its_own() {
    let (mut rig, conn, message) = posted();
    rig.world.dropdown(rig.alice, message, "plan", &["free", "pro"]);
    let pushes = rig.pushes(conn);
    let [Message::DropdownBoxSelected(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.selectbox_id.as_str(), event.values.len(), event.user_id), ("plan", 2, rig.alice.get()));
}

#[test]
#[should_panic(expected = "opens a link")]
fn a_link_tells_the_bot_nothing() {
    let (mut rig, _, message) = posted();
    rig.world.fill(rig.alice, message).submit("site");
}

#[test]
#[should_panic(expected = "is disabled")]
fn what_is_disabled_cannot_be_pressed() {
    let (mut rig, _, message) = posted();
    rig.world.fill(rig.alice, message).submit("off");
}

#[test]
#[should_panic(expected = "has no option")]
fn only_what_is_offered_can_be_chosen() {
    let (mut rig, _, message) = posted();
    drop(rig.world.fill(rig.alice, message).choose("plan", "gold"));
}

#[test]
#[should_panic(expected = "takes 1 of its options")]
fn a_single_choice_is_one() {
    let (mut rig, _, message) = posted();
    drop(rig.world.fill(rig.alice, message).choose_all("one", ["a", "b"]));
}

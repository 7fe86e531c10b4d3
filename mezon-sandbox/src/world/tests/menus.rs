//! Quick menus, slash commands, money.

use std::time::Duration;

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::rig::{Rig, SECOND};
use crate::world::Request;

fn menu(rig: &Rig, name: &str, kind: i32) -> wire::QuickMenuAccess {
    wire::QuickMenuAccess {
        bot_id: rig.bot.get(),
        clan_id: rig.clan.get(),
        menu_name: name.to_owned(),
        action_msg: "*reward".to_owned(),
        menu_type: kind,
        ..wire::QuickMenuAccess::default()
    }
}

#[test]
fn menus_are_added_listed_changed_and_deleted() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let list = |rig: &mut Rig| rig.api::<api::ListQuickMenuAccess>(conn, Default::default()).list_menus;
    for (name, kind) in [("say", 1), ("tell", 2), ("tell more", 2)] {
        let request = menu(&rig, name, kind);
        rig.api::<api::AddQuickMenuAccess>(conn, request);
    }
    let menus = list(&mut rig);
    assert_eq!(menus.len(), 3);
    let mut changed = menus[0].clone();
    changed.menu_name = "shout".to_owned();
    rig.api::<api::UpdateQuickMenuAccess>(conn, changed);
    let flash = wire::ListQuickMenuAccessRequest { bot_id: rig.bot.get(), menu_type: 1, ..Default::default() };
    assert_eq!(rig.api::<api::ListQuickMenuAccess>(conn, flash).list_menus[0].menu_name, "shout");
    let by_id = wire::QuickMenuAccess { id: menus[0].id, ..Default::default() };
    rig.api::<api::DeleteQuickMenuAccess>(conn, by_id.clone());
    assert_eq!(rig.refused::<api::DeleteQuickMenuAccess>(conn, by_id), 3);
    let of_bot = wire::QuickMenuAccess { bot_id: rig.bot.get(), ..Default::default() };
    rig.api::<api::DeleteQuickMenuAccess>(conn, of_bot);
    assert_eq!(list(&mut rig), []);
    let others = wire::QuickMenuAccess { bot_id: 5, menu_name: "x".to_owned(), ..Default::default() };
    assert_eq!(rig.refused::<api::AddQuickMenuAccess>(conn, others), 7);
}

#[test]
fn a_menu_that_is_chosen_carries_its_target_and_reaches_the_bot_whatever_it_joined() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let target = rig.world.say(rig.now, rig.alice, rig.general, "good work");
    rig.world.quick_menu(rig.now, rig.bob, rig.bot, "reward 5000", rig.general, Some(target));
    let pushes = rig.pushes(conn);
    let [Message::QuickMenuEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.menu_name.as_str(), event.sender_id), ("reward 5000", rig.bob.get()));
    assert_eq!(event.message_sender_id, rig.alice.get());
    let message = event.message.as_ref().unwrap();
    assert_eq!((message.id, message.clan_id, message.mode), (target.get(), rig.clan.get(), 2));
    assert_eq!(message.content, r#"{"t":"good work"}"#);
}

#[test]
fn a_flash_menu_says_something_instead() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let request = menu(&rig, "say", 1);
    rig.api::<api::AddQuickMenuAccess>(conn, request);
    rig.world.quick_menu(rig.now, rig.bob, rig.bot, "say", rig.general, None);
    assert_eq!(rig.heard(conn), [(0, "*reward".to_owned())]);
}

#[test]
fn a_slash_command_reaches_the_bot_alone_and_is_not_stored() {
    let mut rig = Rig::new();
    let (conn, alice) = (rig.connect(), rig.connect_person(rig.alice));
    rig.world.slash(rig.now, rig.alice, rig.general, rig.bot, "/reward 5");
    assert_eq!(rig.heard(conn), [(12, "/reward 5".to_owned())]);
    assert_eq!(rig.heard(alice), []);
    assert_eq!(rig.world.messages_in(rig.general), []);
}

#[test]
fn a_whisper_and_a_reaction_can_be_expected() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let said = rig.world.say(rig.now, rig.alice, rig.general, "ping");
    let whisper = rig.world.expect_whisper(rig.now, rig.alice, "only you", SECOND);
    let reaction = rig.world.expect_reaction(rig.now, said, ":ok:", SECOND);
    let never = rig.world.expect_whisper(rig.now, rig.bob, "only you", SECOND);
    let message = super::rig::text_send(rig.clan, rig.general, 2, "only you");
    let send = realtime::EphemeralMessageSend { message: Some(message), receiver_ids: vec![rig.alice.get()] };
    rig.ask(conn, Message::EphemeralMessageSend(Box::new(send)));
    assert_eq!(rig.world.take_outcome(reaction), None);
    let react = wire::MessageReaction {
        emoji: ":ok:".to_owned(),
        channel_id: rig.general.get(),
        clan_id: rig.clan.get(),
        mode: 2,
        message_id: said.get(),
        ..wire::MessageReaction::default()
    };
    rig.ask(conn, Message::MessageReactionEvent(Box::new(react)));
    assert_eq!(rig.world.take_outcome(whisper).unwrap().unwrap().unwrap().text, "only you");
    assert_eq!(rig.world.take_outcome(reaction), Some(Ok(None)));
    rig.wait(SECOND);
    let unmet = rig.world.take_outcome(never).unwrap().unwrap_err();
    assert!(unmet.expected.contains("only bob sees"), "{unmet}");
}

#[test]
fn tokens_are_told_to_both_sides_and_their_transaction_can_be_looked_up() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let id = rig.world.send_tokens(rig.now, rig.alice, rig.bot, 5000, "deposit");
    assert!(rig.pushes(conn).is_empty());
    rig.wait(SECOND);
    let pushes = rig.pushes(conn);
    let [Message::TokenSentEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.amount, event.receiver_id, &event.transaction_id), (5000, rig.bot.get(), &id));
    let token = rig.login().token;
    let get = |rig: &mut Rig, id: &str, token: &str| {
        let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
        let (method, path) = ("GET".to_owned(), format!("/v2/transaction/{id}"));
        rig.world.handle_http(rig.now, &Request { method, path, headers, body: bytes::Bytes::new() })
    };
    let found = get(&mut rig, &id, &token);
    let detail: serde_json::Value = serde_json::from_slice(&found.body).unwrap();
    assert_eq!((found.status, &detail["amount"]), (200, &serde_json::json!(5000)));
    assert_eq!(get(&mut rig, "nothing", &token).status, 404);
    assert_eq!(get(&mut rig, &id, "").status, 401);
    rig.wait(Duration::from_secs(1));
}

//! Messages, edits, deletions, reactions, and what else is said.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ANONYMOUS, ChannelId, ClanId, MessageId};
use prost::Message as _;

use super::rig::{Rig, ack_of, error_of, send_message, text_send};
use crate::world::What;

fn only_message(pushes: Vec<Message>) -> api::ChannelMessage {
    match <[Message; 1]>::try_from(pushes) {
        Ok([Message::ChannelMessage(message)]) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_send_is_acknowledged_and_comes_back_as_an_event() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let ack = ack_of(rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, "pong"))));
    assert_eq!((ack.channel_id, ack.code, ack.username.as_str()), (rig.general.get(), 0, "testbot"));
    assert_eq!((ack.create_time_seconds, ack.persistent), (1_767_225_600, Some(true)));
    assert_eq!(ack.category_name, "main");
    let echo = only_message(rig.pushes(conn));
    assert_eq!((echo.message_id, echo.sender_id, echo.mode), (ack.message_id, rig.bot.get(), 2));
    assert!(echo.is_public);
}

#[test]
fn a_message_of_a_person_carries_who_and_where() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.say(rig.now, rig.alice, rig.general, "hello");
    let message = only_message(rig.pushes(conn));
    assert_eq!((message.username.as_str(), message.display_name.as_str()), ("alice", "Alice A"));
    assert_eq!((message.channel_label.as_str(), message.clan_id), ("general", rig.clan.get()));
    assert_eq!(message.content, r#"{"t":"hello"}"#);
    assert!(!message.avatar.is_empty() && message.mentions.is_empty());
}

#[test]
fn a_direct_message_has_no_clan_and_mode_4() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.join_channel(conn, rig.dm);
    let ack = ack_of(rig.ask(conn, send_message(text_send(ClanId::NONE, rig.dm, 4, "psst"))));
    assert_eq!((ack.clan_logo.as_str(), ack.category_name.as_str()), ("", ""));
    let echo = only_message(rig.pushes(conn));
    assert_eq!((echo.clan_id, echo.mode, echo.is_public), (0, 4, false));
}

#[test]
fn what_is_addressed_wrongly_is_refused() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let unknown = send_message(text_send(rig.clan, ChannelId::new(9), 2, "x"));
    assert_eq!(error_of(rig.ask(conn, unknown)), (3, "channel not found".to_owned()));
    let wrong_clan = send_message(text_send(ClanId::NONE, rig.general, 2, "x"));
    assert_eq!(error_of(rig.ask(conn, wrong_clan)).0, 3);
    let wrong_mode = send_message(text_send(rig.clan, rig.general, 4, "x"));
    assert_eq!(error_of(rig.ask(conn, wrong_mode.clone())).0, 3);
    rig.world.settings_mut().strict_routes = false;
    ack_of(rig.ask(conn, wrong_mode));
}

#[test]
fn an_id_set_by_the_client_is_refused_with_code_13() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let send = realtime::ChannelMessageSend { id: 5, ..text_send(rig.clan, rig.general, 2, "x") };
    assert_eq!(error_of(rig.ask(conn, send_message(send.clone()))).0, 13);
    assert_eq!(rig.call(conn, "SendChannelMessage", &send).0, 13);
}

#[test]
fn content_above_the_limit_is_refused_and_the_limit_can_be_set() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let exact = "é".repeat(4000 - r#"{"t":""}"#.len());
    ack_of(rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, &exact))));
    let longer = send_message(text_send(rig.clan, rig.general, 2, &format!("{exact}é")));
    assert_eq!(error_of(rig.ask(conn, longer.clone())).0, 3);
    rig.world.settings_mut().content_limit = None;
    ack_of(rig.ask(conn, longer));
}

#[test]
fn an_edit_arrives_as_code_1_and_replaces_the_lists() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let mut send = text_send(rig.clan, rig.general, 2, "one");
    send.mentions = vec![api::MessageMention { user_id: rig.alice.get(), ..api::MessageMention::default() }];
    let ack = ack_of(rig.ask(conn, send_message(send)));
    assert!(!only_message(rig.pushes(conn)).mentions.is_empty());
    let update = realtime::ChannelMessageUpdate {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        message_id: ack.message_id,
        content: r#"{"t":"two"}"#.to_owned(),
        mode: 2,
        ..realtime::ChannelMessageUpdate::default()
    };
    let edited = ack_of(rig.ask(conn, Message::ChannelMessageUpdate(Box::new(update.clone()))));
    assert_eq!((edited.code, edited.message_id), (1, ack.message_id));
    let event = only_message(rig.pushes(conn));
    assert_eq!((event.code, event.message_id, event.content.as_str()), (1, ack.message_id, r#"{"t":"two"}"#));
    assert!(event.mentions.is_empty());
    let (code, body) = rig.call(conn, "UpdateChannelMessage", &update);
    assert_eq!((code, realtime::ChannelMessageUpdate::decode(&body[..]).unwrap()), (0, update));
}

#[test]
fn only_own_messages_can_be_edited_and_deleted() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let foreign = rig.world.say(rig.now, rig.alice, rig.general, "mine");
    let remove = |message: MessageId| realtime::ChannelMessageRemove {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        message_id: message.get(),
        mode: 2,
        ..realtime::ChannelMessageRemove::default()
    };
    let (foreign, missing) = (remove(foreign), remove(MessageId::new(4)));
    assert_eq!(rig.call(conn, "DeleteChannelMessage", &foreign).0, 7);
    assert_eq!(rig.call(conn, "DeleteChannelMessage", &missing).0, 3);
}

#[test]
fn a_deletion_arrives_as_code_2_and_the_message_is_gone() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let message = rig.world.say(rig.now, rig.alice, rig.general, "oops");
    rig.pushes(conn);
    rig.world.delete(rig.now, rig.alice, message);
    let event = only_message(rig.pushes(conn));
    assert_eq!((event.code, event.message_id), (2, message.get()));
    assert_eq!(rig.world.text_of(message), None);
}

#[test]
fn a_reaction_comes_back_completed_and_is_kept_until_taken_back() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let message = rig.world.say(rig.now, rig.alice, rig.general, "react to me");
    rig.pushes(conn);
    let reaction = api::MessageReaction {
        emoji_id: 1_777_000_000_000_000_001,
        emoji: ":ok:".to_owned(),
        count: 1,
        channel_id: rig.general.get(),
        message_id: message.get(),
        clan_id: rig.clan.get(),
        mode: 2,
        ..api::MessageReaction::default()
    };
    let Some(Message::MessageReactionEvent(answer)) =
        rig.ask(conn, Message::MessageReactionEvent(Box::new(reaction.clone())))
    else {
        panic!("no reaction")
    };
    assert_eq!((answer.sender_id, answer.sender_name.as_str()), (rig.bot.get(), "testbot"));
    assert_ne!(answer.id, 0);
    let pushes = rig.pushes(conn);
    assert!(matches!(pushes.as_slice(), [Message::MessageReactionEvent(_)]), "the own echo: {pushes:?}");
    assert_eq!(rig.world.stored(message).unwrap().reactions.len(), 1);
    rig.call(conn, "ReactChannelMessage", &api::MessageReaction { action: true, ..reaction });
    assert!(rig.world.stored(message).unwrap().reactions.is_empty());
}

#[test]
fn people_reply_mention_react_edit_and_type() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let first = rig.world.say(rig.now, rig.alice, rig.general, "one");
    rig.world.reply(rig.now, rig.bob, first, "two");
    rig.world.mention(rig.now, rig.alice, rig.general, rig.bot, "help");
    rig.world.react(rig.now, rig.bob, first, ":ok:");
    rig.world.unreact(rig.now, rig.bob, first, ":ok:");
    rig.world.edit(rig.now, rig.alice, first, "uno");
    rig.world.type_in(rig.alice, rig.general);
    let pushes = rig.pushes(conn);
    let [_, Message::ChannelMessage(reply), Message::ChannelMessage(mention), rest @ ..] = pushes.as_slice() else {
        panic!("{pushes:?}")
    };
    let references = api::MessageRefList::decode(&reply.references[..]).unwrap().refs;
    assert_eq!(
        (references[0].message_ref_id, references[0].message_sender_username.as_str()),
        (first.get(), "Alice A")
    );
    let mentions = api::MessageMentionList::decode(&mention.mentions[..]).unwrap().mentions;
    assert_eq!((mentions[0].user_id, mentions[0].s, mentions[0].e), (rig.bot.get(), 0, 8));
    assert_eq!(mention.content, r#"{"t":"@testbot help"}"#);
    let [
        Message::MessageReactionEvent(added),
        Message::MessageReactionEvent(removed),
        Message::ChannelMessage(edited),
        Message::MessageTypingEvent(typing),
    ] = rest
    else {
        panic!("{rest:?}")
    };
    assert_eq!((added.action, removed.action, added.emoji_id), (false, true, removed.emoji_id));
    assert_eq!((edited.code, edited.content.as_str()), (1, r#"{"t":"uno"}"#));
    assert_eq!(typing.sender_username, "alice");
}

#[test]
fn a_click_reaches_the_author_whatever_is_joined() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let sent = rig.rpc(&token, "SendChannelMessage", &text_send(rig.clan, rig.general, 2, "press"));
    let ack = realtime::ChannelMessageAck::decode(sent.body).unwrap();
    let conn = rig.connect();
    rig.world.click(rig.alice, MessageId::new(ack.message_id), "yes", "");
    let pushes = rig.pushes(conn);
    let [Message::MessageButtonClicked(click)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((click.button_id.as_str(), click.user_id, click.sender_id), ("yes", rig.alice.get(), rig.bot.get()));
}

#[test]
fn typing_goes_to_others_and_back_as_the_answer_only() {
    let mut rig = Rig::new();
    let bob_session = {
        let request = serde_json::json!({"id_token": "x", "user_id": rig.bob.to_string(), "username": "bob"});
        let body = request.to_string().into_bytes();
        let response = rig.http("/v2/account/authenticate/idtoken", "", body);
        serde_json::from_slice::<serde_json::Value>(&response.body).unwrap()
    };
    let other = rig.try_connect(bob_session["token"].as_str().unwrap()).unwrap();
    rig.join_clan(other, rig.clan);
    let conn = rig.connect_and_join();
    let typing = realtime::MessageTypingEvent {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        mode: 2,
        ..realtime::MessageTypingEvent::default()
    };
    let Some(Message::MessageTypingEvent(answer)) = rig.ask(conn, Message::MessageTypingEvent(Box::new(typing))) else {
        panic!("no typing")
    };
    assert_eq!((answer.sender_username.as_str(), answer.sender_display_name.as_str()), ("testbot", "Test Bot"));
    assert_eq!(rig.pushes(conn), []);
    assert_eq!(rig.pushes(other), [Message::MessageTypingEvent(answer)]);
}

#[test]
fn an_ephemeral_message_is_answered_by_a_message_and_not_stored() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let message = realtime::ChannelMessageSend { code: 12, ..text_send(rig.clan, rig.general, 2, "only you") };
    let send = realtime::EphemeralMessageSend { message: Some(message), receiver_ids: vec![rig.alice.get()] };
    let answer = rig.ask(conn, Message::EphemeralMessageSend(Box::new(send.clone())));
    let Some(Message::ChannelMessage(answer)) = answer else { panic!("{answer:?}") };
    assert_eq!((answer.code, answer.sender_id, answer.channel_label.as_str()), (12, rig.bot.get(), "general"));
    assert!(rig.world.messages_in(rig.general).is_empty());
    assert_eq!(rig.pushes(conn), []);
    let whispers = rig.world.transcript().filter(|entry| matches!(entry.what, What::Whispered { .. })).count();
    assert_eq!(whispers, 1);
    let mut update = send;
    if let Some(message) = &mut update.message {
        (message.code, message.id) = (14, answer.message_id);
    }
    let Some(Message::ChannelMessage(updated)) = rig.ask(conn, Message::EphemeralMessageSend(Box::new(update))) else {
        panic!("no message")
    };
    assert_eq!((updated.code, updated.message_id), (14, answer.message_id));
}

#[test]
fn an_anonymous_message_hides_who_sent_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let send =
        realtime::ChannelMessageSend { anonymous_message: true, ..text_send(rig.clan, rig.general, 2, "guess who") };
    ack_of(rig.ask(conn, send_message(send)));
    assert_eq!(only_message(rig.pushes(conn)).sender_id, ANONYMOUS.get());
}

#[test]
fn lists_are_written_as_json_on_demand() {
    let mut rig = Rig::new();
    rig.world.settings_mut().lists_as_json = true;
    let conn = rig.connect_and_join();
    rig.world.mention(rig.now, rig.alice, rig.general, rig.bot, "hi");
    let message = only_message(rig.pushes(conn));
    let mentions: serde_json::Value = serde_json::from_slice(&message.mentions).unwrap();
    assert_eq!(mentions[0]["user_id"], rig.bot.to_string());
    assert!(message.references.is_empty());
}

#[test]
fn history_transcript_and_envelopes_are_bounded() {
    let mut rig = Rig::new();
    rig.world.settings_mut().history_limit = 3;
    rig.world.settings_mut().transcript_limit = 5;
    rig.world.settings_mut().envelope_limit = 2;
    let conn = rig.connect_and_join();
    for text in ["1", "2", "3", "4", "5", "6"] {
        rig.world.say(rig.now, rig.alice, rig.general, text);
        rig.ask(conn, Message::Ping(Box::default()));
    }
    let kept: Vec<_> = rig.world.messages_in(rig.general).iter().filter_map(|id| rig.world.text_of(*id)).collect();
    assert_eq!(kept, ["4", "5", "6"]);
    assert_eq!(rig.world.message_channels.len(), 3);
    assert_eq!(rig.world.transcript().count(), 5);
    assert_eq!(rig.world.envelopes().count(), 2);
    assert!(rig.world.envelopes().all(|sent| matches!(sent.decode().unwrap().message, Some(Message::Ping(_)))));
}

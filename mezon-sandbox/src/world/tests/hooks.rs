//! Webhooks.

use bytes::Bytes;
use mezon_protocol::ChannelId;
use mezon_protocol::api;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;
use serde_json::{Value, json};

use super::rig::{Rig, SECOND};
use crate::world::{ConnId, Request};

fn post(rig: &mut Rig, url: &str, body: &Value) -> HttpResponse {
    let path = url.strip_prefix("http://127.0.0.1").unwrap().to_owned();
    let request = Request { method: "POST".to_owned(), path, headers: Vec::new(), body: Bytes::from(body.to_string()) };
    rig.world.handle_http(rig.now, &request)
}

fn make(rig: &mut Rig, conn: ConnId) -> String {
    let request = wire::WebhookCreateRequest {
        webhook_name: "news".to_owned(),
        channel_id: rig.general.get(),
        avatar: "https://x.test/a.png".to_owned(),
        clan_id: rig.clan.get(),
    };
    rig.api::<api::GenerateWebhook>(conn, request).url
}

#[test]
fn what_is_posted_to_a_channel_hook_is_a_message_from_nobody_under_its_name() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let url = make(&mut rig, conn);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::WebhookEvent(_)]));
    let body = json!({"type": "hook", "message": {
        "t": "see @alice", "mk": [{"type": "pre", "s": 0, "e": 3}],
        "mentions": [{"username": "alice", "s": 4, "e": 10}],
        "images": [{"fn": "a.png", "sz": 3, "url": "https://x.test/a.png", "ft": "image/png", "w": 1, "h": 2}],
    }});
    let expected = rig.world.expect_message(rig.now, rig.general, "see @alice", SECOND);
    assert_eq!(post(&mut rig, &url, &body).status, 200);
    let pushes = rig.pushes(conn);
    let [Message::ChannelMessage(message)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((message.sender_id, message.username.as_str()), (0, "news"));
    assert!(message.content.contains(r#""mk":[{"#) && !message.content.contains("images"), "{}", message.content);
    let said = rig.world.take_outcome(expected).unwrap().unwrap().unwrap();
    assert_eq!((said.mentions, said.attachments), (vec![rig.alice], vec!["a.png".to_owned()]));
    assert_eq!(said.sender_name, "news");
}

#[test]
fn a_post_that_does_not_belong_there_is_refused() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let url = make(&mut rig, conn);
    assert_eq!(post(&mut rig, &url, &json!({"type": "hook"})).status, 400);
    assert_eq!(post(&mut rig, &url, &json!({"type": "x", "message": {"t": "a"}})).status, 400);
    let nobody = json!({"type": "hook", "message": {"t": "a", "mentions": [{"username": "ghost", "s": 0, "e": 1}]}});
    assert_eq!(post(&mut rig, &url, &nobody).status, 400);
    let hello = json!({"type": "hook", "message": {"t": "a"}});
    assert_eq!(post(&mut rig, &format!("{url}x"), &hello).status, 404);
    assert_eq!(post(&mut rig, "http://127.0.0.1/webhooks/5", &hello).status, 404);
}

#[test]
fn a_hook_is_listed_moved_renamed_and_deleted() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    make(&mut rig, conn);
    let (general, secret) = (rig.general, rig.secret);
    let list = |rig: &mut Rig, channel: ChannelId| {
        let request = wire::WebhookListRequest { channel_id: channel.get(), clan_id: rig.clan.get() };
        rig.api::<api::ListWebhookByChannelId>(conn, request).webhooks
    };
    let hook = list(&mut rig, general).remove(0);
    let update = wire::WebhookUpdateRequestById {
        id: hook.id,
        webhook_name: "old news".to_owned(),
        channel_id_update: rig.secret.get(),
        ..wire::WebhookUpdateRequestById::default()
    };
    rig.api::<api::UpdateWebhookById>(conn, update);
    assert_eq!(list(&mut rig, general), []);
    let moved = list(&mut rig, secret).remove(0);
    assert_eq!((moved.webhook_name.as_str(), moved.avatar), ("old news", hook.avatar));
    rig.api::<api::DeleteWebhookById>(conn, wire::WebhookDeleteRequestById { id: hook.id, ..Default::default() });
    assert_eq!(list(&mut rig, secret), []);
}

#[test]
fn a_clan_hook_writes_to_a_member_directly_and_its_token_can_be_reset() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let request = wire::GenerateClanWebhookRequest {
        clan_id: rig.clan.get(),
        webhook_name: "bell".to_owned(),
        avatar: String::new(),
    };
    let url = rig.api::<api::GenerateClanWebhook>(conn, request).url;
    let body = json!({"content": json!({"t": "ding"}).to_string(), "attachments": []});
    let expected = rig.world.expect_dm(rig.now, rig.alice, "ding", SECOND);
    assert_eq!(post(&mut rig, &format!("{url}/alice"), &body).status, 200);
    assert!(rig.world.take_outcome(expected).unwrap().is_ok());
    let by_id = format!("{url}/{}", rig.bob);
    assert_eq!(post(&mut rig, &by_id, &body).status, 200);
    assert_eq!(post(&mut rig, &format!("{url}/ghost"), &body).status, 404);
    assert_eq!(post(&mut rig, &format!("{url}/alice"), &json!({"content": "ding"})).status, 400);

    let list = wire::ListClanWebhookRequest { clan_id: rig.clan.get() };
    let hook = rig.api::<api::ListClanWebhook>(conn, list).list_clan_webhooks.remove(0);
    let reset = wire::UpdateClanWebhookRequest { id: hook.id, reset_token: true, ..Default::default() };
    rig.api::<api::UpdateClanWebhookById>(conn, reset);
    assert_eq!(post(&mut rig, &format!("{url}/alice"), &body).status, 404);
    let after = rig.api::<api::ListClanWebhook>(conn, list).list_clan_webhooks.remove(0);
    assert_eq!(post(&mut rig, &format!("{}/alice", after.url), &body).status, 200);
    rig.api::<api::DeleteClanWebhookById>(conn, wire::ClanWebhookRequest { id: hook.id, clan_id: rig.clan.get() });
    assert_eq!(rig.api::<api::ListClanWebhook>(conn, list).list_clan_webhooks, []);
}

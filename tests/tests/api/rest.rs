//! What goes over HTTP beside the API: webhooks, OAuth2, invitations. None of it needs a session.

use bytes::Bytes;
use mezon_protocol::exchange::{HttpResponse, Method};
use mezon_protocol::proto::api as wire;
use mezon_protocol::rest::Services;
use mezon_protocol::rest::invite::{DiscoverClans, ShowInvite};
use mezon_protocol::rest::oauth::{OAuth, State};
use mezon_protocol::rest::webhook::ChannelWebhook;
use mezon_protocol::{ChannelId, Content, ErrorKind, Sent};
use serde_json::json;

use crate::scene::{Desk, header, ok, status};

const GATEWAY: &str = "http://gw.test:443";

#[test]
fn a_webhook_is_posted_to_once_and_without_any_token() {
    let mut desk = Desk::new();
    let hook = ChannelWebhook::new(&Services::default(), ChannelId::new(5), "secret");
    let post = |desk: &Desk| desk.bot.call(hook.post(&Content::text("hi")).unwrap());
    let call = post(&desk);
    let done = desk.finish(call, |request| {
        assert_eq!(
            (request.method, request.url.as_str()),
            (Method::Post, "https://webhook.mezon.ai/webhooks/5/secret")
        );
        assert_eq!(header(request, "authorization"), "");
        assert!(header(request, "user-agent").starts_with("mezon-rust/"));
        status(200, "anything at all")
    });
    done.unwrap();

    let mut posts = 0;
    let call = post(&desk);
    let error = desk.finish(call, |_| {
        posts += 1;
        let headers = vec![("retry-after".to_owned(), "7".to_owned())];
        HttpResponse { status: 429, headers, body: Bytes::new() }
    });
    let error = error.unwrap_err();
    assert_eq!((error.retry_after().map(|after| after.as_secs()), error.sent(), posts), (Some(7), Sent::Yes, 1));
}

#[test]
fn a_code_becomes_tokens_and_tokens_a_user() {
    let mut desk = Desk::new();
    let oauth = OAuth::new(&Services::default(), "17", "secret", "https://my.test");
    let state = State::from_random([7; 16]);
    let call = desk.bot.call(oauth.tokens(&"code".into(), &state));
    let tokens = desk.finish(call, |_| status(200, r#"{"access_token":"access","expires_in":3600}"#)).unwrap();

    let call = desk.bot.call(oauth.user_info(&tokens.access_token));
    let user = desk.finish(call, |request| {
        assert_eq!(header(request, "authorization"), "Bearer access");
        status(200, r#"{"sub":"7"}"#)
    });
    assert_eq!(user.unwrap(), json!({"sub": "7"}));

    let call = desk.bot.call(oauth.refresh(&"old".into()));
    let error = desk.finish(call, |_| status(401, r#"{"error":"invalid_grant"}"#)).unwrap_err();
    assert!(error.requires_login());
}

#[test]
fn an_invitation_is_shown_by_the_gateway() {
    let mut desk = Desk::new();
    let invite = wire::InviteUserRes { clan_id: 5, clan_name: "Clan A".into(), ..Default::default() };
    let call = desk.bot.call(ShowInvite("a/b".into()));
    let shown = desk.finish(call, |request| {
        assert_eq!((request.method, request.url.as_str()), (Method::Get, &*format!("{GATEWAY}/v2/invite/a%2Fb")));
        assert_eq!(header(request, "authorization"), "Basic SFRUUDNtM3pvblByMGRrZXk6");
        assert_eq!(header(request, "accept"), "application/x-protobuf");
        ok(&invite)
    });
    assert_eq!(shown.unwrap(), invite);

    let call = desk.bot.call(ShowInvite("x".into()));
    let error = desk.finish(call, |_| status(404, Bytes::new())).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::NotFound { what: "invite".into() });
    let call = desk.bot.call(ShowInvite(String::new()));
    assert!(desk.finish(call, |_| panic!("nothing is sent")).is_err());
}

#[test]
fn open_clans_are_listed_by_the_gateway() {
    let mut desk = Desk::new();
    let clans = wire::ListClanDiscover { page_number: 2, page_count: 3, ..Default::default() };
    let call = desk.bot.call(DiscoverClans { per_page: 10, page: 2, ..DiscoverClans::default() });
    let listed = desk.finish(call, |request| {
        assert_eq!(request.url, format!("{GATEWAY}/v2/clan/discover"));
        assert_eq!(request.body, &br#"{"item_per_page":10,"page_number":2}"#[..]);
        ok(&clans)
    });
    assert_eq!(listed.unwrap(), clans);
}

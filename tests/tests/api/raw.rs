//! What has no type: calls by name, members of the Envelope, another token.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::api::{
    Api, GetAccount, GetSystemMessagesList, ListClanDescs, MultipartUploadAttachmentFileStart, RawApi,
    UploadAttachmentFile,
};
use mezon_protocol::call::{RawMember, Via};
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::{self, envelope};
use mezon_protocol::{ErrorKind, Sent};
use prost::Message as _;

use crate::scene::{API, Desk, Scene, header, ok, status};

#[test]
fn a_call_by_name_goes_the_way_of_the_typed_one() {
    let Scene { mut sim, .. } = Scene::with(|_| {});
    sim.connect();
    let over_http = sim.http_log.len();
    let raw = sim.finish(sim.bot.api().raw("ListClanDescs", Bytes::new())).unwrap();
    assert_eq!(wire::ClanDescList::decode(raw).unwrap().clandesc.len(), 1);
    assert_eq!(sim.http_log.len(), over_http, "it has an index, and the socket is open");

    let raw = sim.bot.call(RawApi::new("ListClanDescs", Bytes::new()).via(Via::Http));
    assert_eq!(wire::ClanDescList::decode(sim.finish(raw).unwrap()).unwrap().clandesc.len(), 1);
    assert_eq!(sim.http_log.len(), over_http + 1);
}

#[test]
fn a_name_that_no_table_has_goes_over_http_once() {
    let mut desk = Desk::new();
    let mut calls = 0;
    let call = desk.api().raw("BrandNew", &b"request"[..]);
    let answer = desk.finish(call, |request| {
        calls += 1;
        assert_eq!(request.url, format!("{API}/mezon.api.Mezon/BrandNew"));
        assert_eq!(request.body, &b"request"[..]);
        status(200, &b"answer"[..])
    });
    assert_eq!(answer.unwrap(), &b"answer"[..]);

    let call = desk.api().raw("BrandNew", Bytes::new());
    let error = desk.finish(call, |_| {
        calls += 1;
        status(503, Bytes::new())
    });
    assert_eq!((error.unwrap_err().is_retryable(), calls), (true, 2), "nobody knows whether it may be made twice");
}

#[test]
fn a_name_becomes_no_other_url() {
    let mut desk = Desk::new();
    for name in ["", "../v2/x", "A?b", "A B", "Ä"] {
        let error = desk.finish(desk.api().raw(name, Bytes::new()), |_| panic!("nothing is sent")).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)), "{name:?}: {error:?}");
    }
}

#[test]
fn what_has_no_index_never_goes_over_the_socket() {
    let Scene { mut sim, .. } = Scene::with(|world| world.settings_mut().samples_only = true);
    sim.connect();
    let over_http = sim.http_log.len();
    sim.finish(sim.bot.api().call::<GetSystemMessagesList>(())).unwrap();
    assert_eq!(sim.http_log.len(), over_http + 1);

    let call = sim.bot.call(Api::<GetSystemMessagesList>::new(()).via(Via::Socket));
    let error = sim.finish(call).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unsupported(_)), "{error:?}");
    assert_eq!(error.sent(), Sent::No);
}

/// Row 42.
#[test]
fn the_api_is_reached_from_the_client_and_takes_a_token_of_ones_own() {
    let mut desk = Desk::new();
    let own = desk.api().with_token("another-token");
    let account = wire::Account { email: "a@b.test".into(), ..Default::default() };
    let call = own.call::<GetAccount>(());
    let answer = desk.finish(call, |request| {
        assert_eq!(header(request, "authorization"), "Bearer another-token");
        ok(&account)
    });
    assert_eq!(answer.unwrap(), account);

    let mut calls = 0;
    let error = desk.finish(own.call::<GetAccount>(()), |_| {
        calls += 1;
        status(401, Bytes::new())
    });
    assert!(error.unwrap_err().requires_login());
    assert_eq!(calls, 1, "a token that was given is not renewed");
    assert!(!format!("{own:?}").contains("another-token"));
}

#[test]
fn a_token_of_ones_own_goes_over_http_even_where_a_socket_is_open() {
    let Scene { mut sim, .. } = Scene::with(|_| {});
    sim.connect();
    let token = sim.machine.session().unwrap().token().clone();
    let over_http = sim.http_log.len();
    let call = sim.bot.api().with_token(token).call::<ListClanDescs>(Default::default());
    assert_eq!(sim.finish(call).unwrap().clandesc.len(), 1);
    assert_eq!(sim.http_log.len(), over_http + 1);
}

/// Beginning and ending the upload of a large file takes the platform longer than all else.
#[test]
fn a_slow_call_is_waited_for() {
    let Scene { mut sim, .. } = Scene::with(|world| world.settings_mut().samples_only = true);
    sim.connect();
    sim.latency = Duration::from_secs(25);
    let call = sim.bot.call(Api::<MultipartUploadAttachmentFileStart>::new(Default::default()).via(Via::Http));
    sim.finish(call).unwrap();
    let call = sim.bot.call(Api::<UploadAttachmentFile>::new(Default::default()).via(Via::Http));
    assert_eq!(sim.finish(call).unwrap_err().kind(), &ErrorKind::Timeout);
}

#[test]
fn any_member_of_the_envelope_can_be_sent_and_its_answer_comes_back() {
    let Scene { mut sim, .. } = Scene::with(|_| {});
    sim.connect();
    let clan = sim.finish(sim.bot.list_clans()).unwrap()[0].clan_id;
    let join = envelope::Message::ClanJoin(Box::new(realtime::ClanJoin { clan_id: clan, ..Default::default() }));
    let answer = sim.finish(sim.bot.call(RawMember::new(join.clone()))).unwrap();
    assert_eq!(answer, Some(join.clone()));

    let answer = sim.finish(sim.bot.call(RawMember::new(join).without_answer())).unwrap();
    assert_eq!(answer, None);
}

#[test]
fn a_member_needs_a_socket() {
    let mut desk = Desk::new();
    let ping = envelope::Message::Ping(Box::default());
    for call in [RawMember::new(ping.clone()), RawMember::new(ping).without_answer()] {
        let error = desk.finish(desk.bot.call(call), |_| panic!("nothing is sent")).unwrap_err();
        assert_eq!((error.kind(), error.sent()), (&ErrorKind::NotConnected, Sent::No));
    }
}

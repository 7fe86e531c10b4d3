//! Every call is answered.

use mezon_protocol::api::{self, Method, Visit};
use mezon_protocol::proto::api as wire;
use prost::Message as _;

use super::rig::Rig;
use crate::world::World;

/// Makes every call with an empty request, over HTTP and over the socket, and reads the answers.
struct EveryCall {
    rig: Rig,
    token: String,
    conn: crate::world::ConnId,
    made: usize,
}

impl Visit for EveryCall {
    fn visit<M: Method>(&mut self) {
        let name = M::RPC.name;
        let response = self.rig.rpc(&self.token, name, &M::Request::default());
        // The renewal of a session over HTTP has a route of its own, which wants a refresh token.
        if name != "SessionRefresh" {
            assert_eq!(response.status, 200, "{name}: {:?}", response.body);
            assert_filled::<M>(&response.body);
        }
        let (code, body) = self.rig.call(self.conn, name, &M::Request::default());
        assert_eq!(code, 0, "{name}");
        assert_filled::<M>(&body);
        self.made += 1;
    }
}

fn assert_filled<M: Method>(body: &[u8]) {
    let name = M::RPC.name;
    let response = M::decode(bytes::Bytes::copy_from_slice(body)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(response.encoded_len() == 0, size_of::<M::Response>() == 0, "{name}");
}

#[test]
fn every_call_has_a_sample_of_its_answer_in_which_no_field_is_empty() {
    let mut rig = Rig::new();
    rig.world.settings_mut().samples_only = true;
    let (token, conn) = (rig.login().token, rig.connect());
    let mut every = EveryCall { rig, token, conn, made: 0 };
    api::visit(&mut every);
    assert_eq!(every.made, api::ALL.len());
}

#[test]
fn a_sample_echoes_what_the_request_names_and_belongs_to_who_asks() {
    let mut rig = Rig::new();
    rig.world.settings_mut().samples_only = true;
    let conn = rig.connect();
    let request = wire::CreateRoleRequest {
        title: "Helpers".to_owned(),
        clan_id: rig.clan.get(),
        ..wire::CreateRoleRequest::default()
    };
    let role = wire::Role::decode(rig.call(conn, "CreateRole", &request).1.as_slice()).unwrap();
    assert_eq!((role.title.as_str(), role.clan_id), ("Helpers", rig.clan.get()));
    assert_eq!((role.creator_id, role.slug.as_str()), (rig.bot.get(), "sample slug"));
    let again = wire::Role::decode(rig.call(conn, "CreateRole", &request).1.as_slice()).unwrap();
    assert!(again.id > role.id);
    assert_eq!(role.role_user_list.unwrap().role_users.len(), 1);
}

#[test]
fn a_call_tells_whether_it_has_state() {
    assert!(World::has_state("ListChannelMessages"));
    assert!(!World::has_state("ListAuditLog"));
    assert!(!World::has_state("NoSuchThing"));
}

#[test]
fn the_docs_of_the_crate_name_every_call_that_is_a_sample() {
    let docs = include_str!("../../lib.rs");
    let start = docs.find("# Which calls have state").unwrap();
    let list = &docs[start..docs[start + 1..].find("//! # ").map_or(docs.len(), |end| start + 1 + end)];
    for rpc in api::ALL {
        let named = list.contains(&format!("`{}`", rpc.name));
        assert_eq!(named, !World::has_state(rpc.name), "{}", rpc.name);
    }
}

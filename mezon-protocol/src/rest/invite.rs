//! What the gateway shows without a login: invitations, and clans that are open to all.

use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use prost::Message;
use serde::Serialize;

use super::{COMPONENT, gateway_request, undecodable};
use crate::call::{Answer, Call, Step};
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, Method};
use crate::machine::{Shared, judge_answer};
use crate::proto::api as wire;

/// Shows an invitation without joining, which [`accept_invite`](crate::object::Api::accept_invite) does. Ends with what
/// the wire has of it.
///
/// Goes to the gateway, where clients log in, and needs no session.
#[derive(Debug)]
pub struct ShowInvite(
    /// The id, as it stands at the end of the link.
    pub String,
);

impl Call for ShowInvite {
    type Output = wire::InviteUserRes;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<wire::InviteUserRes> {
        if self.0.is_empty() {
            return Step::Done(Err(Error::unsent(ErrorKind::InvalidArgument("an invitation has an id".into()))));
        }
        let path = format!("/v2/invite/{}", utf8_percent_encode(&self.0, COMPONENT));
        step("invite", answer, || gateway_request(shared, Method::Get, &path, Bytes::new()))
    }
}

/// One page of the clans that are open to all. Ends with what the wire has of them, and how many pages there are.
///
/// Goes to the gateway, where clients log in, and needs no session.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiscoverClans {
    /// Only this clan; 0 for all.
    #[serde(skip_serializing_if = "is_zero")]
    pub clan_id: i64,
    /// How many clans make a page; 0 leaves it to the server.
    #[serde(rename = "item_per_page", skip_serializing_if = "is_zero")]
    pub per_page: i64,
    /// Which page; 0 leaves it to the server.
    #[serde(rename = "page_number", skip_serializing_if = "is_zero")]
    pub page: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Call for DiscoverClans {
    type Output = wire::ListClanDiscover;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<wire::ListClanDiscover> {
        step("discover", answer, || {
            let body = serde_json::to_vec(self).expect("numbers always serialise");
            gateway_request(shared, Method::Post, "/v2/clan/discover", body.into())
        })
    }
}

fn step<T: Message + Default>(
    name: &str,
    answer: Result<Answer, Error>,
    request: impl FnOnce() -> HttpRequest,
) -> Step<T> {
    let result = match answer {
        Ok(Answer::Start) => return Step::Http(request()),
        Ok(Answer::Http(response)) => judge_answer(name, Ok(response)),
        Ok(_) => Err(undecodable(name, "an answer of another kind")),
        Err(error) => Err(error),
    };
    Step::Done(result.and_then(|body| T::decode(body).map_err(|error| undecodable(name, error))))
}

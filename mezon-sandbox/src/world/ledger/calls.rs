//! Requests to the ledger and the services beside it: which they are, and what becomes of them when something goes wrong.

use std::time::Duration;

use mezon_protocol::Now;
use mezon_protocol::exchange::HttpResponse;
use serde_json::json;

use super::check::Denied;
use super::faults::{LedgerCall, LedgerFault};
use super::rpc::Rpc;
use crate::world::World;
use crate::world::http::{Answered, Request, response};
use crate::world::timers::Planned;

/// Where each service is, on the address of the world.
pub(crate) const NODE: &str = "/mmn-api/";
pub(crate) const PROOFS: &str = "/zk-api/";
pub(crate) const INDEXER: &str = "/indexer-api/";
pub(crate) const ENVELOPES: &str = "/dong-api/";

/// What is asked, and of which service.
enum Asked<'a> {
    /// A call of the node, or the answer to what is none.
    Node(Result<Rpc, HttpResponse>),
    /// Of the others the rest of the path, without the slash.
    Proofs(&'a str),
    Indexer(&'a str),
    Envelopes(&'a str),
}

impl Asked<'_> {
    fn call(&self) -> LedgerCall {
        match self {
            Self::Node(Ok(rpc)) => rpc.call(),
            Self::Node(Err(_)) => LedgerCall::Any,
            Self::Proofs(_) => LedgerCall::Proof,
            Self::Indexer(_) => LedgerCall::Indexer,
            Self::Envelopes(_) => LedgerCall::Envelope,
        }
    }
}

impl World {
    /// What becomes of a request; `None` if it is none to the ledger.
    pub(in crate::world) fn ask_ledger(&mut self, now: Now, request: &Request) -> Option<Answered> {
        let asked = self.asked_of_ledger(now, request)?;
        self.make_due_block(now);
        let fault = self.take_ledger_fault(asked.call());
        let html = |status| at_once(response(status, "text/html", b"<html></html>".to_vec()));
        Some(match fault {
            Some(LedgerFault::LoseRequest) => Answered::Never,
            Some(LedgerFault::DelayRequest(delay)) => {
                let late = Planned::LateRequest(Box::new(request.clone()));
                self.agenda.plan(now.elapsed.saturating_add(delay), late);
                Answered::Never
            }
            Some(LedgerFault::Status(status)) => html(status),
            fault => {
                let response = self.perform(now, request, asked, fault.as_ref());
                match fault {
                    Some(LedgerFault::LoseAnswer) => Answered::Never,
                    Some(LedgerFault::BreakAnswer) => Answered::Broken { after: Duration::ZERO },
                    Some(LedgerFault::DelayAnswer(after)) => Answered::Response { response, after },
                    Some(LedgerFault::StatusAfter(status)) => html(status),
                    Some(LedgerFault::NotJson) => html(200),
                    _ => at_once(response),
                }
            }
        })
    }

    /// A request that was held up on its way.
    pub(in crate::world) fn late_request(&mut self, now: Now, request: &Request) {
        self.make_due_block(now);
        if let Some(asked) = self.asked_of_ledger(now, request) {
            self.perform(now, request, asked, None);
        }
    }

    fn asked_of_ledger<'a>(&mut self, now: Now, request: &'a Request) -> Option<Asked<'a>> {
        let path = request.path.split('?').next().unwrap_or_default();
        // The bases of other clients end in a slash, and they add another one.
        let below = |base: &str| path.strip_prefix(base).map(|rest| rest.trim_start_matches('/'));
        if path == NODE || path == NODE.trim_end_matches('/') {
            return Some(Asked::Node(self.read_rpc(now, request)));
        }
        let proofs = below(PROOFS).map(Asked::Proofs);
        proofs.or_else(|| below(INDEXER).map(Asked::Indexer)).or_else(|| below(ENVELOPES).map(Asked::Envelopes))
    }

    fn perform(&mut self, now: Now, request: &Request, asked: Asked<'_>, fault: Option<&LedgerFault>) -> HttpResponse {
        if let (Some(LedgerFault::Refuse(code)), false) = (fault, matches!(asked, Asked::Node(_))) {
            return refused(400, &Denied::code(code).message);
        }
        match asked {
            Asked::Node(Ok(rpc)) => self.call_node(now, rpc, fault),
            Asked::Node(Err(response)) => response,
            Asked::Proofs(path) => self.ask_proofs(now, request, path),
            Asked::Indexer(path) => self.ask_indexer(now, request, path),
            Asked::Envelopes(path) => self.ask_envelopes(now, request, path),
        }
    }
}

pub(super) fn at_once(response: HttpResponse) -> Answered {
    Answered::Response { response, after: Duration::ZERO }
}

pub(super) fn json_answer(body: &serde_json::Value) -> HttpResponse {
    response(200, "application/json", body.to_string().into_bytes())
}

pub(super) fn refused(status: u16, error: &str) -> HttpResponse {
    response(status, "application/json", json!({ "error": error }).to_string().into_bytes())
}

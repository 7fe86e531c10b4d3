//! JSON-RPC as the node speaks it.

use mezon_protocol::Now;
use mezon_protocol::exchange::HttpResponse;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::calls::json_answer;
use super::check::Denied;
use super::faults::LedgerCall;
use crate::world::World;
use crate::world::http::{Request, response};

/// The largest body of a request in bytes.
const MAX_BODY: usize = 131_072;
/// Requests a second, and at once.
const RATE: u32 = 100;

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
pub(super) const NO_METHOD: i32 = -32601;
const BAD_PARAMS: i32 = -32602;
const FAILED: i32 = -32000;

/// A call of the node.
pub(super) struct Rpc {
    pub(super) method: String,
    params: Value,
    /// Absent in a notification.
    id: Option<Value>,
}

/// Why a call fails, apart from the refusals of `tx.addtx`, which are results.
pub(super) struct RpcError {
    code: i32,
    message: String,
    data: Option<Value>,
}

impl RpcError {
    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    pub(super) fn bad_params() -> Self {
        Self::new(BAD_PARAMS, "invalid parameters")
    }

    /// In the words of the node, with its code beside.
    pub(super) fn denied(denied: Denied) -> Self {
        let data = json!({ "code": denied.code, "message": denied.message });
        Self { code: FAILED, message: denied.message, data: (!denied.code.is_empty()).then_some(data) }
    }
}

impl Rpc {
    pub(super) fn call(&self) -> LedgerCall {
        match self.method.as_str() {
            "tx.addtx" => LedgerCall::AddTransaction,
            "tx.gettxbyhash" => LedgerCall::Transaction,
            "tx.getpendingtransactions" => LedgerCall::PendingTransactions,
            "account.getaccount" => LedgerCall::Account,
            "account.getcurrentnonce" => LedgerCall::Nonce,
            "health.check" => LedgerCall::Health,
            _ => LedgerCall::Any,
        }
    }

    pub(super) fn params<T: DeserializeOwned>(&mut self) -> Result<T, RpcError> {
        serde_json::from_value(self.params.take()).map_err(|_| RpcError::bad_params())
    }

    /// The answer, under another id if so wanted.
    pub(super) fn answer(self, result: Result<Value, RpcError>, other_id: bool) -> HttpResponse {
        let Some(id) = self.id else { return response(204, "text/plain", Vec::new()) };
        let id = if other_id { json!(id.as_i64().unwrap_or_default().wrapping_add(1)) } else { id };
        answer(&id, result)
    }
}

impl World {
    /// Reads a call, or answers what is none.
    pub(super) fn read_rpc(&mut self, now: Now, request: &Request) -> Result<Rpc, HttpResponse> {
        let plain = |status, text: &str| response(status, "text/plain; charset=utf-8", format!("{text}\n").into());
        match request.method.as_str() {
            "OPTIONS" => return Err(response(204, "text/plain", Vec::new())),
            "POST" => {}
            _ => return Err(plain(405, "Method not allowed")),
        }
        if self.settings.ledger.rate_limits && !self.ledger.requests.take(now.elapsed, RATE) {
            return Err(plain(429, "Too many requests"));
        }
        if !is_json(request.header("content-type").unwrap_or_default()) {
            return Err(plain(415, "unsupported content type"));
        }
        if request.body.len() > MAX_BODY {
            return Err(plain(400, "invalid request body"));
        }
        let failed = |id: &Value, code, text: &str| answer(id, Err(RpcError::new(code, text)));
        let body: Value =
            serde_json::from_slice(&request.body).map_err(|_| failed(&Value::Null, PARSE_ERROR, "parse error"))?;
        let Value::Object(mut body) = body else { return Err(plain(400, "invalid request")) };
        let id = body.remove("id");
        let method = body.remove("method");
        match (body.get("jsonrpc").and_then(Value::as_str), method) {
            (Some("2.0"), Some(Value::String(method))) => {
                Ok(Rpc { method, params: body.remove("params").unwrap_or_default(), id })
            }
            _ => Err(failed(&id.unwrap_or_default(), INVALID_REQUEST, "invalid request")),
        }
    }
}

fn answer(id: &Value, result: Result<Value, RpcError>) -> HttpResponse {
    json_answer(&match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(RpcError { code, message, data: None }) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
        Err(RpcError { code, message, data }) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message, "data": data } })
        }
    })
}

/// `application/json`, in UTF-8 if anything is said of it.
fn is_json(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    let charset = lower.split_once("charset=").map(|(_, charset)| charset.trim_matches(['"', ' ', ';']));
    lower.starts_with("application/json") && charset.is_none_or(|charset| charset == "utf-8")
}

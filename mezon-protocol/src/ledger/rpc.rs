//! What the ledger and the indexer can be asked: requests, and answers as types.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::Address;
use super::amount::Amount;
use super::read::Read;
use super::reply;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, Method};
use crate::machine::Shared;

/// The largest answer that is taken.
pub(super) const MAX_RESPONSE: usize = 8 << 20;

/// A request of the ledger, and its id.
pub(super) fn request(
    shared: &mut Shared,
    method: &str,
    params: Option<&impl Serialize>,
    timeout: Option<Duration>,
) -> Result<(u64, HttpRequest), Error> {
    #[derive(Serialize)]
    struct Body<'a, P> {
        jsonrpc: &'a str,
        method: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        params: Option<P>,
        id: u64,
    }
    let url = shared.config.services.ledger.clone().ok_or_else(|| not_ready("no ledger is configured"))?;
    let id = shared.ledger.next_id();
    let body = serde_json::to_vec(&Body { jsonrpc: "2.0", method, params, id }).expect("plain data serialises");
    Ok((id, http(shared, Method::Post, url, body.into(), timeout)))
}

/// An exchange with one of the ledger's servers, which all speak JSON.
pub(super) fn http(
    shared: &Shared,
    method: Method,
    url: String,
    body: Bytes,
    timeout: Option<Duration>,
) -> HttpRequest {
    let mut headers =
        vec![("accept", "application/json".into()), ("user-agent", shared.config.user_agent.as_str().into())];
    if method == Method::Post {
        headers.push(("content-type", "application/json".into()));
    }
    HttpRequest { method, url, headers, body: body.into(), max_response: MAX_RESPONSE, timeout }
}

pub(super) fn not_ready(why: &str) -> Error {
    Error::unsent(ErrorKind::NotReady(why.into()))
}

/// Which nonce is asked for. The ledger of today gives the same for both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NonceTag {
    /// With what waits to be put into a block.
    #[default]
    Pending,
    /// Without.
    Latest,
}

/// The nonce after which a transaction of now is to be made, by one.
///
/// It is no counter of the account's but a slot of the ledger. Fails with `NotReady` if the ledger has none, as when it
/// has just started.
#[doc(alias = "getCurrentNonce")]
#[doc(alias = "account.getcurrentnonce")]
pub fn current_nonce(address: Address, tag: NonceTag) -> Read<u64> {
    let tag = match tag {
        NonceTag::Pending => "pending",
        NonceTag::Latest => "latest",
    };
    Read::rpc("account.getcurrentnonce", Some(json!({ "address": address.to_string(), "tag": tag })), read_nonce)
}

fn read_nonce(name: &str, answer: Value) -> Result<u64, Error> {
    #[derive(Deserialize)]
    struct Nonce {
        nonce: u64,
    }
    let Nonce { nonce } = reply::typed(name, answer)?;
    if nonce < 1 << 63 {
        Ok(nonce)
    } else {
        Err(Error::answered(ErrorKind::NotReady("the ledger has no nonce yet".into())))
    }
}

/// An account of the ledger. One that it does not know has nothing, which is no error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Its address.
    pub address: String,
    /// What it has.
    pub balance: Amount,
    /// The nonce of the last transaction of its own that was applied. It does not count, and serves to make no other.
    pub nonce: u64,
    /// How many decimal digits a token has.
    pub decimals: u32,
}

/// An account.
#[doc(alias = "getAccountByUserId")]
#[doc(alias = "account.getaccount")]
pub fn account(address: Address) -> Read<Account> {
    Read::rpc("account.getaccount", Some(json!({ "address": address.to_string() })), reply::typed)
}

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub enum TransactionStatus {
    /// 0: it waits to be put into a block.
    #[default]
    Pending,
    /// 1: it is in a block.
    Confirmed,
    /// 2: it is final.
    Finalized,
    /// 3: it was taken, and has failed.
    Failed,
    /// Another.
    Other(i64),
}

impl From<i64> for TransactionStatus {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::Pending,
            1 => Self::Confirmed,
            2 => Self::Finalized,
            3 => Self::Failed,
            other => Self::Other(other),
        }
    }
}

impl From<TransactionStatus> for i64 {
    fn from(status: TransactionStatus) -> Self {
        match status {
            TransactionStatus::Pending => 0,
            TransactionStatus::Confirmed => 1,
            TransactionStatus::Finalized => 2,
            TransactionStatus::Failed => 3,
            TransactionStatus::Other(other) => other,
        }
    }
}

/// A transaction that the ledger has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransactionInfo {
    /// Its hash.
    pub tx_hash: String,
    /// The address that pays.
    pub sender: String,
    /// The address that is paid.
    pub recipient: String,
    /// How much.
    pub amount: Amount,
    /// When the ledger took it, in milliseconds since 1970.
    pub timestamp: u64,
    /// The note; always empty in a list of what is pending.
    pub text_data: String,
    /// The slot it was made for.
    pub nonce: u64,
    /// The slot it was put into a block at; 0 while it waits.
    pub slot: u64,
    /// The block, in hexadecimal; empty while it waits.
    #[serde(rename = "blockhash")]
    pub block_hash: String,
    /// How far it has come.
    pub status: TransactionStatus,
    /// Why it has failed; empty if it has not.
    pub err_msg: String,
    /// The extra info as JSON text, or empty; always empty in a list of what is pending.
    pub extra_info: String,
}

/// A transaction by its hash; `NotFound` if the ledger does not know it.
#[doc(alias = "tx.gettxbyhash")]
pub fn transaction(tx_hash: &str) -> Read<TransactionInfo> {
    Read::rpc("tx.gettxbyhash", Some(json!({ "tx_hash": tx_hash })), read_transaction)
}

fn read_transaction(name: &str, answer: Value) -> Result<TransactionInfo, Error> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(default)]
        error: String,
        tx: Option<TransactionInfo>,
    }
    let found: Found = reply::typed_whatever_it_says(name, answer)?;
    found.tx.filter(|_| found.error.is_empty()).ok_or_else(|| reply::not_found("transaction"))
}

/// All transactions that wait to be put into a block, of everybody.
#[doc(alias = "tx.getpendingtransactions")]
pub fn pending_transactions() -> Read<Vec<TransactionInfo>> {
    Read::rpc("tx.getpendingtransactions", None, read_pending)
}

fn read_pending(name: &str, answer: Value) -> Result<Vec<TransactionInfo>, Error> {
    #[derive(Deserialize)]
    struct Pending {
        pending_txs: Option<Vec<TransactionInfo>>,
    }
    reply::typed(name, answer).map(|Pending { pending_txs }| pending_txs.unwrap_or_default())
}

/// How a node of the ledger is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeHealth {
    /// 1 if it serves, 2 if not, else unknown.
    pub status: i32,
    /// Which node it is.
    pub node_id: String,
    /// Its slot.
    pub current_slot: u64,
    /// How many transactions wait.
    pub mempool_size: u64,
    /// Its version.
    pub version: String,
    /// What is wrong; empty if nothing is.
    pub error_message: String,
}

/// How the node that answers is.
#[doc(alias = "health.check")]
pub fn node_health() -> Read<NodeHealth> {
    Read::rpc("health.check", None, reply::typed)
}

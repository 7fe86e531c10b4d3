//! The methods of the node.

use mezon_protocol::Now;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::ledger::Amount;
use mezon_protocol::ledger::SignedTransaction;
use serde::Deserialize;
use serde_json::{Value, json};

use super::check::{Denied, MAX_SHORT};
use super::faults::{LedgerCall, LedgerFault};
use super::rpc::{NO_METHOD, Rpc, RpcError};
use crate::world::World;

#[derive(Deserialize)]
struct OfHash {
    #[serde(default)]
    tx_hash: String,
}

#[derive(Deserialize)]
struct OfAddress {
    #[serde(default)]
    address: String,
    #[serde(default)]
    tag: String,
}

impl World {
    pub(super) fn call_node(&mut self, now: Now, mut rpc: Rpc, fault: Option<&LedgerFault>) -> HttpResponse {
        let result = match fault {
            Some(LedgerFault::Refuse(code)) if rpc.call() == LedgerCall::AddTransaction => {
                Ok(added(Err(Denied::code(code))))
            }
            Some(LedgerFault::Refuse(code)) => Err(RpcError::denied(Denied::code(code))),
            _ => self.perform_rpc(now, &mut rpc, fault),
        };
        rpc.answer(result, fault == Some(&LedgerFault::OtherId))
    }

    fn perform_rpc(&mut self, now: Now, rpc: &mut Rpc, fault: Option<&LedgerFault>) -> Result<Value, RpcError> {
        let lag = if let Some(LedgerFault::Lag(slots)) = fault { *slots } else { 0 };
        match rpc.call() {
            LedgerCall::AddTransaction => {
                let signed: SignedTransaction = rpc.params()?;
                let doomed = if let Some(LedgerFault::FailLater(text)) = fault { Some(text.clone()) } else { None };
                Ok(added(self.add_transaction(now, signed, lag, doomed)))
            }
            LedgerCall::Transaction => {
                let asked: OfHash = rpc.params()?;
                short(&asked.tx_hash)?;
                self.transaction_by_hash(now, &asked.tx_hash, lag)
            }
            LedgerCall::PendingTransactions => Ok(self.pending_transactions()),
            LedgerCall::Account => {
                let asked: OfAddress = rpc.params()?;
                short(&asked.address)?;
                Ok(self.account_state(&asked.address))
            }
            LedgerCall::Nonce => {
                let asked: OfAddress = rpc.params()?;
                short(&asked.address)?;
                Ok(self.current_nonce(now, &asked, lag))
            }
            LedgerCall::Health => Ok(self.node_health(now, lag)),
            LedgerCall::Any | LedgerCall::Proof | LedgerCall::Indexer | LedgerCall::Envelope => {
                Err(RpcError::new(NO_METHOD, "no such method"))
            }
        }
    }

    fn transaction_by_hash(&self, now: Now, hash: &str, lag: u64) -> Result<Value, RpcError> {
        let unknown = || RpcError::denied(Denied::code("transaction_not_found"));
        let place = *self.ledger.by_hash.get(hash).ok_or_else(unknown)?;
        let entry = self.entry_at(now, place, lag).ok_or_else(unknown)?;
        let block = self.ledger.transactions.get(place).and_then(|found| found.block).filter(|_| entry.slot.is_some());
        let tx = json!({
            "sender": entry.sender, "recipient": entry.recipient, "amount": entry.amount.base_units(),
            "timestamp": entry.timestamp, "text_data": entry.note, "nonce": entry.nonce,
            "slot": entry.slot.unwrap_or(0), "blockhash": block.map(|block| block.hash()).unwrap_or_default(),
            "status": entry.status.number(), "err_msg": entry.error, "extra_info": entry.extra_info, "tx_hash": hash,
        });
        Ok(json!({ "error": "", "tx": tx, "decimals": Amount::DECIMALS }))
    }

    fn pending_transactions(&self) -> Value {
        let pool = self.ledger.pool.iter().filter_map(|place| self.ledger.transactions.get(*place));
        let pending: Vec<Value> = pool
            .map(|pending| {
                let entry = &pending.entry;
                json!({
                    "tx_hash": entry.hash, "sender": entry.sender, "recipient": entry.recipient,
                    "amount": entry.amount.base_units(), "nonce": entry.nonce, "timestamp": entry.timestamp, "status": 0,
                })
            })
            .collect();
        let count = pending.len();
        let pending = if pending.is_empty() { Value::Null } else { Value::from(pending) };
        json!({ "total_count": count, "pending_txs": pending, "error": "" })
    }

    fn account_state(&mut self, address: &str) -> Value {
        let balance = self.balance_at(address).base_units();
        let nonce = self.ledger.accounts.get(address).map_or(0, |account| account.nonce);
        json!({ "address": address, "balance": balance, "nonce": nonce, "decimals": Amount::DECIMALS })
    }

    /// One less than the last final slot, whoever asks; below slot 0 it goes round, as on the node.
    fn current_nonce(&self, now: Now, asked: &OfAddress, lag: u64) -> Value {
        let known = ["latest", "pending"].contains(&asked.tag.as_str());
        let error = if known { "" } else { "invalid tag: must be 'latest' or 'pending'" };
        let nonce = if known { self.finalized_slot(now, lag).wrapping_sub(1) } else { 0 };
        json!({ "address": asked.address, "nonce": nonce, "tag": asked.tag, "error": error })
    }

    fn node_health(&self, now: Now, lag: u64) -> Value {
        let slot = self.slot(now).saturating_sub(lag);
        json!({
            "status": 1, "node_id": "sandbox", "timestamp": now.unix_seconds(), "current_slot": slot,
            "block_height": slot, "mempool_size": self.ledger.pool.len(), "is_leader": true, "is_follower": false,
            "version": env!("CARGO_PKG_VERSION"), "uptime": 0, "error_message": "",
        })
    }
}

fn short(text: &str) -> Result<(), RpcError> {
    if text.chars().count() > MAX_SHORT { Err(RpcError::bad_params()) } else { Ok(()) }
}

/// The result of `tx.addtx`, refusals included.
fn added(added: Result<String, Denied>) -> Value {
    match added {
        Ok(hash) => json!({ "ok": true, "tx_hash": hash, "error": "" }),
        Err(denied) => json!({ "ok": false, "tx_hash": "", "error": denied.to_string() }),
    }
}

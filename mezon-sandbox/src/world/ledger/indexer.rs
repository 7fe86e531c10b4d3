//! The indexer: the history of wallets, some slots behind the node.

use mezon_protocol::Now;
use mezon_protocol::exchange::HttpResponse;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::calls::{json_answer, refused};
use super::{Transaction, time};
use crate::world::World;
use crate::world::http::Request;

const CHAIN: &str = "1337/";
const CHAIN_ID: u64 = 1337;
/// The most transactions in one answer.
const MAX_LIMIT: usize = 1000;

/// The parameters of a request.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(path: &str) -> Self {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn limit(&self, default: usize) -> usize {
        self.get("limit")
            .and_then(|limit| limit.parse().ok())
            .filter(|limit| *limit > 0)
            .unwrap_or(default)
            .min(MAX_LIMIT)
    }
}

impl World {
    pub(super) fn ask_indexer(&mut self, now: Now, request: &Request, path: &str) -> HttpResponse {
        let Some(path) = path.strip_prefix(CHAIN).filter(|_| request.method == "GET") else {
            return refused(404, "no such route");
        };
        let query = Query::of(&request.path);
        let detail = |kind: &str| path.strip_prefix(kind).and_then(|rest| rest.strip_suffix("/detail"));
        if path == "transactions" {
            return self.page(now, &query);
        }
        if path == "transactions/infinite" {
            return self.endless(now, &query);
        }
        if let Some(hash) = detail("tx/") {
            let place = self.ledger.by_hash.get(hash).copied();
            let found = place.and_then(|place| self.ledger.transactions.get(place));
            let found = found.filter(|found| found.entry.pays() && is_indexed(found, self.indexed(now)));
            return found.map_or_else(
                || refused(404, "transaction not found"),
                |found| json_answer(&json!({ "data": { "transaction": described(found) } })),
            );
        }
        match detail("wallets/") {
            Some(address) => self.wallet(address),
            None => refused(404, "no such route"),
        }
    }

    /// The last slot that the indexer has seen.
    fn indexed(&self, now: Now) -> Option<u64> {
        self.slot(now).checked_sub(self.settings.ledger.indexer_lag)
    }

    /// The places of what the query asks for and the indexer has seen, oldest first.
    fn listed(&self, now: Now, query: &Query) -> &[usize] {
        let account = |name: &str| query.get(name).map(|address| self.ledger.accounts.get(address));
        let places: &[usize] = if let Some(account) = account("wallet_address") {
            account.map_or(&[], |account| &account.all)
        } else if let Some(account) = account("filter_to_address") {
            account.map_or(&[], |account| &account.received)
        } else if let Some(account) = account("filter_from_address") {
            account.map_or(&[], |account| &account.sent)
        } else {
            &self.ledger.chain
        };
        let indexed = self.indexed(now);
        let seen = |place: &usize| self.ledger.transactions.get(*place).is_some_and(|found| is_indexed(found, indexed));
        places.get(..places.partition_point(seen)).unwrap_or_default()
    }

    fn page(&self, now: Now, query: &Query) -> HttpResponse {
        let places = self.listed(now, query);
        let limit = query.limit(50);
        let page: usize = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(0);
        let skipped = page.saturating_mul(limit);
        let data: Vec<Value> = if query.get("sort_order") == Some("asc") {
            self.described_all(places.iter().skip(skipped).take(limit))
        } else {
            self.described_all(places.iter().rev().skip(skipped).take(limit))
        };
        let meta = json!({
            "chain_id": CHAIN_ID, "page": page, "limit": limit, "total_items": places.len(),
            "total_pages": places.len().div_ceil(limit), "has_more": skipped.saturating_add(data.len()) < places.len(),
        });
        list(meta, data)
    }

    /// From the cursor backwards: after the last hash if it is known, else before the time.
    fn endless(&self, now: Now, query: &Query) -> HttpResponse {
        let places = self.listed(now, query);
        let limit = query.limit(20);
        let before = match query.get("timestamp_lt").map(time::read) {
            Some(None) => return refused(400, "timestamp_lt is no time"),
            Some(Some(millis)) => Some(millis),
            None => None,
        };
        let last = query.get("last_hash").and_then(|hash| self.ledger.by_hash.get(hash));
        let end = match (last.and_then(|last| self.position(places, *last)), before) {
            (Some(position), _) => position,
            (None, Some(millis)) => places.partition_point(|place| self.indexer_time(*place) * 1000 < millis),
            (None, None) => places.len(),
        };
        let older = places.get(..end).unwrap_or_default();
        let data = self.described_all(older.iter().rev().take(limit));
        let mut meta = json!({ "chain_id": CHAIN_ID, "limit": limit, "has_more": data.len() < older.len() });
        if let Some(last) = data.last() {
            meta["next_timestamp"] = time::write(last["transaction_timestamp"].as_u64().unwrap_or_default()).into();
            meta["next_hash"] = last["hash"].clone();
        }
        list(meta, data)
    }

    /// Where a transaction is in a list that is in the order of blocks.
    fn position(&self, places: &[usize], wanted: usize) -> Option<usize> {
        let order = |place: usize| {
            let block = self.ledger.transactions.get(place).and_then(|found| found.block);
            block.map(|block| (block.slot, block.index))
        };
        let wanted_order = order(wanted);
        let position = places.partition_point(|place| order(*place) < wanted_order);
        (places.get(position) == Some(&wanted)).then_some(position)
    }

    fn indexer_time(&self, place: usize) -> u64 {
        self.ledger.transactions.get(place).map_or(0, |found| found.entry.timestamp / 1000)
    }

    fn described_all<'a>(&self, places: impl Iterator<Item = &'a usize>) -> Vec<Value> {
        places.filter_map(|place| self.ledger.transactions.get(*place)).map(described).collect()
    }

    fn wallet(&mut self, address: &str) -> HttpResponse {
        let balance = self.balance_at(address).base_units();
        let Some(account) = self.ledger.accounts.get(address) else { return refused(404, "wallet not found") };
        let data = json!({
            "address": address, "balance": balance, "account_nonce": account.nonce,
            "last_balance_update": account.updated,
        });
        json_answer(&json!({ "data": data }))
    }
}

fn is_indexed(transaction: &Transaction, slot: Option<u64>) -> bool {
    transaction.block.is_some_and(|block| Some(block.slot) <= slot)
}

fn list(meta: Value, data: Vec<Value>) -> HttpResponse {
    let data = if data.is_empty() { Value::Null } else { Value::from(data) };
    json_answer(&json!({ "meta": meta, "data": data }))
}

fn described(transaction: &Transaction) -> Value {
    let entry = &transaction.entry;
    let (hash, slot, made, index) =
        transaction.block.map(|block| (block.hash(), block.slot, block.made, block.index)).unwrap_or_default();
    json!({
        "chain_id": CHAIN_ID.to_string(), "hash": entry.hash, "nonce": entry.nonce, "block_hash": hash,
        "block_number": slot, "block_timestamp": made, "transaction_index": index, "from_address": entry.sender,
        "to_address": entry.recipient, "value": entry.amount.base_units(), "transaction_type": entry.kind,
        "transaction_timestamp": entry.timestamp / 1000, "text_data": entry.note, "extra_info": entry.extra_info,
        "status": 1,
    })
}

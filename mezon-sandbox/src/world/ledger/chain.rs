//! From a transaction to a block.

use mezon_protocol::Now;
use mezon_protocol::ledger::{Amount, SignedTransaction, Transaction as Sent, TransactionKind};

use super::check::{self, Denied};
use super::view::{LedgerEntry, LedgerStatus};
use super::{Account, Block, Transaction, sha256};
use crate::world::World;

impl World {
    /// Accepts a transaction into the pool, or refuses it; the checks are in the node's order. The node is `lag` slots
    /// behind. Gives the hash.
    pub(super) fn add_transaction(
        &mut self,
        now: Now,
        signed: SignedTransaction,
        lag: u64,
        doomed: Option<String>,
    ) -> Result<String, Denied> {
        let is_content = signed.transaction.kind == TransactionKind::UserContent.number();
        if is_content && self.settings.ledger.rate_limits && !self.ledger.contents.take(now.elapsed, 1) {
            return Err(Denied::plain("Too many requests for user content transactions"));
        }
        let amount = check::content(&signed)?;
        let full = self.ledger.pool.len() >= self.settings.ledger.pool_limit;
        if full || self.ledger.transactions.len() >= self.settings.record_limit {
            return Err(Denied::code("mempool_full"));
        }
        let SignedTransaction { mut transaction, signature } = signed;
        self.check_nonce(now, transaction.nonce, lag)?;
        transaction.amount = amount.base_units();
        check::authority(&transaction, &signature, |proof, public| self.is_issued(proof, public))?;
        self.forget_duplicates(now);
        if self.ledger.known.contains(&transaction.dedup_key()) {
            return Err(Denied::code("duplicate_transaction"));
        }
        if is_content {
            self.ledger.check_content(&transaction)?;
        } else {
            self.check_balance(&transaction, amount)?;
        }
        Ok(self.pool(now, transaction, amount, doomed))
    }

    fn check_nonce(&self, now: Now, nonce: u64, lag: u64) -> Result<(), Denied> {
        let current = self.slot(now).saturating_sub(lag);
        if nonce < current.saturating_sub(self.settings.ledger.nonce_window).max(1) {
            return Err(Denied::code("nonce_too_low"));
        }
        if nonce > current { Err(Denied::code("nonce_too_high")) } else { Ok(()) }
    }

    pub(super) fn check_balance(&mut self, tx: &Sent, amount: Amount) -> Result<(), Denied> {
        self.open_accounts();
        let account = self.ledger.accounts.get(&tx.sender).ok_or_else(|| Denied::code("account_not_found"))?;
        let free = account.balance.checked_sub(account.reserved).unwrap_or_default();
        if tx.sender == tx.recipient || free >= amount { Ok(()) } else { Err(Denied::code("insufficient_funds")) }
    }

    /// Puts a transaction into the pool, whatever it is. Gives its hash.
    pub(super) fn pool(&mut self, now: Now, mut tx: Sent, amount: Amount, doomed: Option<String>) -> String {
        let key = tx.dedup_key();
        tx.timestamp = u64::try_from(now.unix.as_millis()).unwrap_or(u64::MAX);
        let hash = sha256(&serde_json::to_string(&tx).expect("a transaction is numbers and texts"));
        let exempt = tx.sender == tx.recipient || tx.kind == TransactionKind::UserContent.number();
        let reserved = if exempt { Amount::ZERO } else { amount };
        if let Some(account) = self.ledger.accounts.get_mut(&tx.sender) {
            account.reserved = account.reserved.checked_add(reserved).unwrap_or(Amount::MAX);
        }
        let entry = LedgerEntry {
            hash: hash.clone(),
            kind: tx.kind,
            sender: tx.sender,
            recipient: tx.recipient,
            amount,
            note: tx.text_data,
            extra_info: tx.extra_info,
            nonce: tx.nonce,
            timestamp: tx.timestamp,
            slot: None,
            status: LedgerStatus::Pending,
            error: String::new(),
        };
        let index = self.ledger.transactions.len();
        self.ledger.transactions.push(Transaction { entry, key, reserved, doomed, block: None });
        self.ledger.by_hash.insert(hash.clone(), index);
        self.ledger.known.insert(key);
        self.ledger.pool.push(index);
        if self.ledger.block_at.is_none() {
            self.plan_block(now);
        }
        hash
    }

    pub(in crate::world) fn make_due_block(&mut self, now: Now) {
        if self.ledger.block_at.is_some_and(|at| at <= now.elapsed) {
            self.make_block(now);
        }
    }

    /// All that is in the pool goes into the block of the current slot, and the platform tells of it.
    fn make_block(&mut self, now: Now) {
        self.ledger.block_at = None;
        let slot = self.slot(now);
        let forget = now.elapsed.saturating_add(self.settings.ledger.duplicate_memory);
        let pool = std::mem::take(&mut self.ledger.pool);
        for (index, place) in pool.into_iter().enumerate() {
            let block = Block { slot, index, made: now.unix_seconds() };
            self.ledger.apply(place, block);
            let Some(transaction) = self.ledger.transactions.get(place) else { continue };
            self.ledger.forgetting.push_back((forget, transaction.key));
            if transaction.entry.status == LedgerStatus::Confirmed {
                let entry = transaction.entry.clone();
                self.tell_transfer(now, &entry);
            }
        }
    }

    fn forget_duplicates(&mut self, now: Now) {
        while self.ledger.forgetting.front().is_some_and(|(at, _)| *at <= now.elapsed) {
            if let Some((_, key)) = self.ledger.forgetting.pop_front() {
                self.ledger.known.remove(&key);
            }
        }
    }
}

impl super::Ledger {
    fn apply(&mut self, place: usize, block: Block) {
        let Self { transactions, accounts, chain, .. } = self;
        let Some(transaction) = transactions.get_mut(place) else { return };
        let entry = &mut transaction.entry;
        transaction.block = Some(block);
        entry.slot = Some(block.slot);
        if let Some(account) = accounts.get_mut(&entry.sender) {
            account.reserved = account.reserved.checked_sub(transaction.reserved).unwrap_or_default();
        }
        let moved = match transaction.doomed.take() {
            Some(error) => Err(error),
            None => transfer(accounts, entry).map_err(str::to_owned),
        };
        if let Err(error) = moved {
            entry.status = LedgerStatus::Failed;
            entry.error = error;
            return;
        }
        entry.status = LedgerStatus::Confirmed;
        chain.push(place);
        let sender = accounts.entry(entry.sender.clone()).or_default();
        sender.nonce = entry.nonce;
        sender.updated = block.made;
        sender.sent.push(place);
        sender.all.push(place);
        let recipient = accounts.entry(entry.recipient.clone()).or_default();
        recipient.updated = block.made;
        recipient.received.push(place);
        if entry.sender != entry.recipient {
            recipient.all.push(place);
        }
    }
}

/// Moves the tokens, or says why not.
fn transfer(
    accounts: &mut std::collections::HashMap<String, Account>,
    entry: &LedgerEntry,
) -> Result<(), &'static str> {
    let balance = |address: &str| accounts.get(address).map(|account| account.balance).unwrap_or_default();
    let left = balance(&entry.sender).checked_sub(entry.amount).ok_or("insufficient balance")?;
    if entry.sender == entry.recipient {
        return Ok(());
    }
    let sum = balance(&entry.recipient).checked_add(entry.amount).ok_or("balance overflow")?;
    accounts.entry(entry.sender.clone()).or_default().balance = left;
    accounts.entry(entry.recipient.clone()).or_default().balance = sum;
    Ok(())
}

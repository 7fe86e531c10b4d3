//! What is on the ledger, for those who look from outside.

use std::collections::BTreeMap;

use mezon_protocol::ledger::{Address, Amount, ExtraInfo};
use mezon_protocol::{Now, UserId};

use crate::world::World;

/// How far a transaction of the [ledger](LedgerView) has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedgerStatus {
    /// It waits for a block.
    Pending,
    /// It is in a block.
    Confirmed,
    /// It is in a block that stays.
    Finalized,
    /// It was accepted, and then moved nothing.
    Failed,
}

impl LedgerStatus {
    /// The number on the wire.
    pub const fn number(self) -> i32 {
        match self {
            Self::Pending => 0,
            Self::Confirmed => 1,
            Self::Finalized => 2,
            Self::Failed => 3,
        }
    }
}

/// A transaction of the [ledger](LedgerView).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The hash by which the node knows it.
    pub hash: String,
    /// Its type: 0 for a transfer with a proof, 1 for one by key, 2 for user content.
    pub kind: i32,
    /// The address that paid.
    pub sender: String,
    /// The address that was paid.
    pub recipient: String,
    /// How much.
    pub amount: Amount,
    /// The note (`text_data`).
    pub note: String,
    /// The extra info, JSON text or empty.
    pub extra_info: String,
    /// The nonce.
    pub nonce: u64,
    /// When the node accepted it, in milliseconds since 1970.
    pub timestamp: u64,
    /// The slot of its block.
    pub slot: Option<u64>,
    /// How far it has come.
    pub status: LedgerStatus,
    /// Why it has failed; else empty.
    pub error: String,
}

impl LedgerEntry {
    /// The value of a key of the extra info, if all its values are texts.
    pub fn extra(&self, key: &str) -> Option<String> {
        ExtraInfo::from_json(&self.extra_info)?.get(key).map(str::to_owned)
    }

    /// True unless it has failed: it has moved tokens, or is going to.
    pub fn pays(&self) -> bool {
        self.status != LedgerStatus::Failed
    }
}

/// The ledger at one moment.
///
/// ```
/// use mezon_sandbox::{LedgerEntry, Now, World};
///
/// let mut builder = World::builder();
/// let (alice, bot) = (builder.person("alice"), builder.bot("shop", "a-key"));
/// let mut world = builder.build();
/// let now = Now::default();
/// world.send_tokens(now, alice, bot, 5, "for tea");
///
/// let ledger = world.ledger(now);
/// let paid = ledger.count_by(|entry| (entry.recipient.clone(), entry.note.clone()));
/// assert!(paid.values().all(|times| *times == 1));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LedgerView {
    /// The slot.
    pub slot: u64,
    /// All transactions that were accepted, in that order.
    pub entries: Vec<LedgerEntry>,
}

impl LedgerView {
    /// The transactions between two users, in one direction.
    pub fn between(&self, sender: UserId, recipient: UserId) -> Vec<&LedgerEntry> {
        let (from, to) = (Address::of_user(sender).to_string(), Address::of_user(recipient).to_string());
        self.entries.iter().filter(|entry| entry.sender == from && entry.recipient == to).collect()
    }

    /// How many transactions that [pay](LedgerEntry::pays) there are of each sort. With what makes a payment one of a kind,
    /// such as sender, recipient and note, or a key of the extra info, more than 1 is paid twice.
    pub fn count_by<K: Ord>(&self, sort: impl Fn(&LedgerEntry) -> K) -> BTreeMap<K, usize> {
        let mut counts = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.pays()) {
            *counts.entry(sort(entry)).or_default() += 1;
        }
        counts
    }
}

/// # The ledger
impl World {
    /// All that is on the ledger. This copies it; [`ledger_entry`](Self::ledger_entry) does not.
    pub fn ledger(&self, now: Now) -> LedgerView {
        let all = 0..self.ledger.transactions.len();
        LedgerView { slot: self.slot(now), entries: all.filter_map(|place| self.entry_at(now, place, 0)).collect() }
    }

    /// The transaction of that hash.
    pub fn ledger_entry(&self, now: Now, hash: &str) -> Option<LedgerEntry> {
        self.entry_at(now, *self.ledger.by_hash.get(hash)?, 0)
    }

    /// What a user has, the pool left aside.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn balance(&mut self, user: UserId) -> Amount {
        let address = self.address_of(user);
        self.balance_at(&address)
    }

    /// What an account has, the pool left aside. Of users it is their [`Address`] as text.
    pub fn balance_at(&mut self, address: &str) -> Amount {
        self.open_accounts();
        self.ledger.accounts.get(address).map(|account| account.balance).unwrap_or_default()
    }

    /// Gives an account another balance, as nobody can on the live ledger.
    pub fn set_balance_at(&mut self, address: &str, balance: Amount) {
        self.open_accounts();
        self.ledger.accounts.entry(address.to_owned()).or_default().balance = balance;
    }

    /// Gives a user another balance, in whole tokens.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn set_balance(&mut self, user: UserId, tokens: u64) {
        let address = self.address_of(user);
        self.set_balance_at(&address, Amount::from_tokens(tokens.into()));
    }

    /// A transaction as a node shows it that is `lag` slots behind.
    pub(super) fn entry_at(&self, now: Now, place: usize, lag: u64) -> Option<LedgerEntry> {
        let mut entry = self.ledger.transactions.get(place)?.entry.clone();
        let slot = self.slot(now).saturating_sub(lag);
        if entry.slot.is_some_and(|block| block > slot) {
            entry = LedgerEntry { slot: None, status: LedgerStatus::Pending, error: String::new(), ..entry };
        } else if entry.status == LedgerStatus::Confirmed && entry.slot <= Some(self.finalized_slot(now, lag)) {
            entry.status = LedgerStatus::Finalized;
        }
        Some(entry)
    }

    pub(super) fn address_of(&mut self, user: UserId) -> String {
        self.user_or_panic(user);
        self.open_accounts();
        self.ledger.addresses.get(&user).cloned().unwrap_or_default()
    }

    /// Every person has an account, from the first time that anybody looks.
    pub(super) fn open_accounts(&mut self) {
        if self.ledger.addresses.len() == self.users.len() {
            return;
        }
        let opening = Amount::from_tokens(self.settings.ledger.opening_balance.into());
        for user in self.users.values() {
            if self.ledger.addresses.contains_key(&user.id) {
                continue;
            }
            let address = Address::of_user(user.id).to_string();
            if !user.is_bot() {
                let account = self.ledger.accounts.entry(address.clone()).or_default();
                account.balance = account.balance.checked_add(opening).unwrap_or(Amount::MAX);
            }
            self.ledger.addresses.insert(user.id, address);
        }
    }
}

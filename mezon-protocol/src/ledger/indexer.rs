//! What the indexer tells of past transactions.

use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use serde_json::Value;

use super::address::Address;
use super::amount::Amount;
use super::extra_info::ExtraInfo;
use super::read::Read;
use super::reply::not_found;
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::lenient;
use crate::rest::{COMPONENT, undecodable};

/// The most items that the indexer gives at once.
const MAX_LIMIT: u32 = 1000;

/// Which transactions of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Those that it has sent and those that it has received.
    #[default]
    All,
    /// Those that it has received.
    Received,
    /// Those that it has sent.
    Sent,
}

impl Direction {
    const fn parameter(self) -> &'static str {
        match self {
            Self::All => "wallet_address",
            Self::Received => "filter_to_address",
            Self::Sent => "filter_from_address",
        }
    }
}

/// A transaction as the indexer knows it. What it did not tell is empty or zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastTransaction {
    /// Its hash.
    pub tx_hash: String,
    /// The address that has paid.
    pub sender: String,
    /// The address that was paid.
    pub recipient: String,
    /// How much.
    pub amount: Amount,
    /// The note.
    pub note: String,
    /// When it was made, in seconds since 1970.
    pub timestamp: u64,
    /// The slot it was made for.
    pub nonce: u64,
    /// The extra info as JSON text, or empty.
    pub extra_info: String,
    /// The number of its block.
    pub block_number: u64,
}

impl PastTransaction {
    /// Who has paid, if the extra info says so.
    #[doc(alias = "UserSenderId")]
    pub fn sender_id(&self) -> Option<UserId> {
        self.user("UserSenderId")
    }

    /// Who was paid, if the extra info says so.
    #[doc(alias = "UserReceiverId")]
    pub fn receiver_id(&self) -> Option<UserId> {
        self.user("UserReceiverId")
    }

    fn user(&self, key: &str) -> Option<UserId> {
        ExtraInfo::from_json(&self.extra_info)?.get(key)?.parse().ok()
    }

    /// True if this address has paid.
    pub fn is_sent_by(&self, address: &Address) -> bool {
        self.sender == address.to_string()
    }

    fn of_json(value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(lenient::scalar).unwrap_or_default();
        let number = |key: &str| text(key).parse().unwrap_or_default();
        Self {
            tx_hash: text("hash"),
            sender: text("from_address"),
            recipient: text("to_address"),
            amount: Amount::parse_decimal(&text("value"), 0).unwrap_or_default(),
            note: text("text_data"),
            timestamp: number("transaction_timestamp"),
            nonce: number("nonce"),
            extra_info: text("extra_info"),
            block_number: number("block_number"),
        }
    }
}

/// A page of transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastTransactions {
    /// The transactions, the latest first unless it was asked otherwise.
    pub transactions: Vec<PastTransaction>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<HistoryMark>,
}

/// A place in the history of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryMark {
    /// Before this time: RFC 3339 with milliseconds, in UTC.
    pub before: String,
    /// After the transaction of this hash.
    pub last_hash: String,
}

/// The history of an account from a place on, the latest first. No more than 1,000 items come at once; 0 stands for 20.
#[doc(alias = "transactions/infinite")]
pub fn history(
    address: Address,
    direction: Direction,
    limit: u32,
    from: Option<&HistoryMark>,
) -> Read<PastTransactions> {
    let limit = if limit == 0 { 20 } else { limit.min(MAX_LIMIT) };
    let mut query = format!("transactions/infinite?limit={limit}");
    if let Some(mark) = from {
        for (name, value) in [("timestamp_lt", &mark.before), ("last_hash", &mark.last_hash)] {
            if !value.is_empty() {
                query += &format!("&{name}={}", escaped(value));
            }
        }
    }
    query += &format!("&{}={address}", direction.parameter());
    Read::indexer(Ok(query), read_list)
}

/// How a page of an account's history is sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOrder {
    /// By which field. Default `transaction_timestamp`.
    pub sort_by: String,
    /// Whether the smallest comes first. Default false.
    pub ascending: bool,
}

impl Default for PageOrder {
    fn default() -> Self {
        Self { sort_by: "transaction_timestamp".into(), ascending: false }
    }
}

/// A page of the history of an account by its number, of which the first is 1. No more than 1,000 items come at once; 0
/// stands for 50.
#[doc(alias = "transactions")]
pub fn history_page(
    address: Address,
    direction: Direction,
    page: u32,
    limit: u32,
    order: &PageOrder,
) -> Read<PastTransactions> {
    let limit = if limit == 0 { 50 } else { limit.min(MAX_LIMIT) };
    let (page, sort_by) = (page.saturating_sub(1), escaped(&order.sort_by));
    let sort_order = if order.ascending { "asc" } else { "desc" };
    let filter = direction.parameter();
    let query =
        format!("transactions?page={page}&limit={limit}&sort_by={sort_by}&sort_order={sort_order}&{filter}={address}");
    Read::indexer(Ok(query), read_list)
}

/// A past transaction by its hash.
#[doc(alias = "tx/detail")]
pub fn past_transaction(tx_hash: &str) -> Read<PastTransaction> {
    let path = match tx_hash {
        "" => Err(Error::unsent(ErrorKind::InvalidArgument("the hash of a transaction is required".into()))),
        hash => Ok(format!("tx/{}/detail", escaped(hash))),
    };
    Read::indexer(path, |_, answer| {
        let found = answer.pointer("/data/transaction").filter(|transaction| transaction.is_object());
        found.map(PastTransaction::of_json).ok_or_else(|| not_found("transaction"))
    })
}

/// An account as the indexer knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// Its address.
    pub address: String,
    /// What it has.
    pub balance: Amount,
    /// When that has changed last, in seconds since 1970.
    pub changed_at: u64,
}

/// An account as the indexer knows it.
#[doc(alias = "wallets/detail")]
pub fn wallet(address: Address) -> Read<Wallet> {
    Read::indexer(Ok(format!("wallets/{address}/detail")), |name, answer| {
        let data = answer.get("data").filter(|data| data.is_object());
        let data = data.ok_or_else(|| undecodable(name, "no wallet in the answer"))?;
        let text = |key: &str| data.get(key).and_then(lenient::scalar).unwrap_or_default();
        Ok(Wallet {
            address: text("address"),
            balance: Amount::parse_decimal(&text("balance"), 0).map_err(|error| undecodable(name, error))?,
            changed_at: text("last_balance_update").parse().unwrap_or_default(),
        })
    })
}

fn read_list(name: &str, answer: Value) -> Result<PastTransactions, Error> {
    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        meta: Value,
        data: Option<Vec<Value>>,
    }
    let list: List = serde_json::from_value(answer).map_err(|error| undecodable(name, error))?;
    let text = |key: &str| list.meta[key].as_str().unwrap_or_default().to_owned();
    let mark = HistoryMark { before: text("next_timestamp"), last_hash: text("next_hash") };
    let goes_on = lenient::flag(list.meta.get("has_more")) && mark != HistoryMark::default();
    Ok(PastTransactions {
        transactions: list.data.unwrap_or_default().iter().map(PastTransaction::of_json).collect(),
        next: goes_on.then_some(mark),
    })
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

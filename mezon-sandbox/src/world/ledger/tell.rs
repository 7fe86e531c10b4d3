//! The platform watches the ledger and tells those concerned.

use mezon_protocol::ledger::{ExtraInfo, TransactionKind};
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{Now, UserId};

use super::view::LedgerEntry;
use crate::world::World;
use crate::world::transcript::What;

/// The types of transfers of which the platform is told.
const TOLD: [&str; 3] = ["transfer_token", COFFEE, "unlock_item"];
const COFFEE: &str = "give_coffee";

impl World {
    /// Tells sender and receiver of a transfer that was confirmed, if its extra info is all texts and of a type that the
    /// platform knows. Else the tokens move, and nobody hears of it.
    pub(super) fn tell_transfer(&mut self, now: Now, entry: &LedgerEntry) {
        let known = |info: &ExtraInfo| info.get("type").is_some_and(|kind| TOLD.contains(&kind));
        let Some(info) = ExtraInfo::from_json(&entry.extra_info).filter(known) else { return };
        if entry.kind == TransactionKind::UserContent.number() {
            return;
        }
        let id = |key: &str| info.get(key).and_then(|id| id.parse().ok()).unwrap_or(0_i64);
        let (sender, receiver) = (UserId::new(id("UserSenderId")), UserId::new(id("UserReceiverId")));
        let text = |key: &str| info.get(key).unwrap_or_default().to_owned();
        let amount = whole_tokens(entry);
        let event = if info.get("type") == Some(COFFEE) {
            Message::GiveCoffeeEvent(Box::new(api::GiveCoffeeEvent {
                sender_id: sender.get(),
                receiver_id: receiver.get(),
                token_count: amount,
                message_ref_id: id("MessageRefId"),
                channel_id: id("ChannelId"),
                clan_id: id("ClanId"),
            }))
        } else {
            Message::TokenSentEvent(Box::new(api::TokenSentEvent {
                sender_id: sender.get(),
                sender_name: text("UserSenderUsername"),
                receiver_id: receiver.get(),
                amount,
                note: entry.note.clone(),
                extra_attribute: text("ExtraAttribute"),
                transaction_id: entry.hash.clone(),
            }))
        };
        let mut told = self.connections_of(receiver);
        if sender != receiver {
            told.extend(self.connections_of(sender));
        }
        self.push(&told, event);
        self.record(now, What::Paid { sender, receiver, amount: entry.amount, note: entry.note.clone() });
    }

    /// What the API tells of a transaction: `None` if it knows nothing of it.
    pub(in crate::world) fn transaction_detail(&self, hash: &str) -> Option<serde_json::Value> {
        let entry = &self.ledger.transactions.get(*self.ledger.by_hash.get(hash)?)?.entry;
        let info = ExtraInfo::from_json(&entry.extra_info)?;
        let id = |key: &str| info.get(key).unwrap_or("0").to_owned();
        Some(serde_json::json!({
            "trans_id": hash, "sender_id": id("UserSenderId"), "receiver_id": id("UserReceiverId"),
            "amount": whole_tokens(entry), "metadata": entry.note,
        }))
    }
}

/// The events have room for no more than 32 bits, and for no fractions.
fn whole_tokens(entry: &LedgerEntry) -> i32 {
    let tokens = entry.amount.as_base_units().map(|units| units / 10_u128.pow(6));
    tokens.and_then(|tokens| i32::try_from(tokens).ok()).unwrap_or(i32::MAX)
}

//! What the node wants of content that users store on it.

use mezon_protocol::ledger::Transaction;
use serde_json::Value;

use super::Ledger;
use super::check::Denied;

/// The most transactions that one content refers to.
const MAX_REFERENCES: usize = 10;

impl Ledger {
    /// The rules for user content, as far as they are about content.
    pub(super) fn check_content(&self, tx: &Transaction) -> Result<(), Denied> {
        let fits = serde_json::from_str(&tx.extra_info).is_ok_and(|content| self.is_content(tx, &content));
        if fits { Ok(()) } else { Err(Denied::code("invalid_request")) }
    }

    fn is_content(&self, tx: &Transaction, content: &Value) -> bool {
        let text = |key: &str| content[key].as_str().unwrap_or_default();
        let named = ["type", "title", "description"].iter().all(|key| !text(key).trim().is_empty());
        let images = content.get("image_cids").is_none_or(Value::is_array);
        named && images && self.follows(tx, text("parent_hash"), text("root_hash")) && self.refers(content)
    }

    /// A first version, or one that follows another of the same two accounts.
    fn follows(&self, tx: &Transaction, parent: &str, root: &str) -> bool {
        let of_both = |hash: &str| {
            let found = self.by_hash.get(hash).and_then(|index| self.transactions.get(*index));
            found.is_some_and(|found| found.entry.sender == tx.sender && found.entry.recipient == tx.recipient)
        };
        (parent.is_empty() && root.is_empty()) || (of_both(parent) && of_both(root))
    }

    fn refers(&self, content: &Value) -> bool {
        let Some(references) = content.get("reference_tx_hashes").filter(|list| !list.is_null()) else { return true };
        let known = |hash: &Value| hash.as_str().is_some_and(|hash| self.by_hash.contains_key(hash));
        references.as_array().is_some_and(|list| list.len() <= MAX_REFERENCES && list.iter().all(known))
    }
}

//! People pay.

use mezon_protocol::ledger::{Amount, ExtraInfo, Transaction, TransactionKind};
use mezon_protocol::{Now, UserId};

use crate::world::World;

impl World {
    /// Somebody sends whole tokens: a transfer on the ledger, which is confirmed in the next slot. Both sides are told then
    /// (`token_sent_event`), whatever they joined. Gives the hash of the transaction.
    ///
    /// # Panics
    ///
    /// When there is no such user, or the sender has too little.
    pub fn send_tokens(&mut self, now: Now, from: UserId, to: UserId, amount: u64, note: &str) -> String {
        self.try_send_tokens(now, from, to, amount, note)
            .unwrap_or_else(|problem| panic!("{from} cannot pay: {problem}"))
    }

    /// As [`send_tokens`](Self::send_tokens), for whoever does not know what the sender has.
    ///
    /// # Errors
    ///
    /// What the node says.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn try_send_tokens(
        &mut self,
        now: Now,
        from: UserId,
        to: UserId,
        amount: u64,
        note: &str,
    ) -> Result<String, String> {
        self.pay(now, from, to, Amount::from_tokens(amount.into()), note, "transfer_token")
    }

    /// A payment between users that needs no signature. It never is a duplicate.
    pub(super) fn pay(
        &mut self,
        now: Now,
        from: UserId,
        to: UserId,
        amount: Amount,
        note: &str,
        kind: &str,
    ) -> Result<String, String> {
        let info = [
            ("type", kind.to_owned()),
            ("UserSenderId", from.to_string()),
            ("UserSenderUsername", self.user_or_panic(from).username.clone()),
            ("UserReceiverId", to.to_string()),
        ];
        let mut tx = Transaction {
            kind: TransactionKind::Transfer.number(),
            sender: self.address_of(from),
            recipient: self.address_of(to),
            amount: amount.base_units(),
            text_data: note.to_owned(),
            nonce: self.finalized_slot(now, 0),
            extra_info: ExtraInfo::from_iter(info).to_json(),
            ..Transaction::default()
        };
        if amount.is_zero() {
            return Err("Amount is invalid or zero".to_owned());
        }
        self.check_balance(&tx, amount).map_err(|denied| denied.message)?;
        while self.ledger.known.contains(&tx.dedup_key()) {
            tx.nonce = tx.nonce.wrapping_sub(1);
        }
        Ok(self.pool(now, tx, amount, None))
    }
}

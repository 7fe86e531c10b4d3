//! What is kept between the payments of a client.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::key::EphemeralKey;
use super::proof::Proof;
use super::recent::{MEMORY, Recent};
use super::store::{PaymentRecord, PaymentStore};
use super::{Address, LedgerError};
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::proto::api::TokenSentEvent;
use crate::time::Now;

/// How long a key that the ledger has refused is kept at least: so often, at most, a new one is made.
const KEY_GAP: Duration = Duration::from_secs(300);

/// How many announced transactions are remembered, and how many announcements may wait.
const MAX_ANNOUNCED: usize = 256;

/// The ledger's side of a client: key, proof, what was signed lately, and the store.
#[derive(Default)]
pub struct Ledger {
    key: Option<EphemeralKey>,
    proven: Option<(UserId, Proof)>,
    /// The ledger has refused a signature that should be good.
    is_key_refused: bool,
    key_made_at: Option<Duration>,
    pub(super) recent: Recent,
    store: Option<Box<dyn PaymentStore>>,
    /// What the store has of before was noted in `recent`.
    is_loaded: bool,
    last_id: u64,
    announcements: Announcements,
}

impl Ledger {
    /// Signs with this key from now on.
    pub(crate) fn set_key(&mut self, key: EphemeralKey) {
        self.key = Some(key);
        self.proven = None;
    }

    pub(crate) fn set_store(&mut self, store: Box<dyn PaymentStore>) {
        self.store = Some(store);
        self.is_loaded = false;
    }

    /// An id for a request: they count from 1.
    pub(super) const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The key that signs.
    pub(super) fn key(&self) -> Result<&EphemeralKey, Error> {
        self.key.as_ref().ok_or_else(|| Error::unsent(ErrorKind::NotReady("there is no key to sign with".into())))
    }

    /// The proof that the key may sign for a user, if there is one.
    pub(super) fn proof(&self, user: UserId) -> Option<&Proof> {
        self.proven.as_ref().filter(|(of, _)| *of == user).map(|(_, proof)| proof)
    }

    /// Keeps a proof, if it is for our key and this user.
    pub(super) fn keep_proof(&mut self, user: UserId, proof: Proof) -> Result<(), Error> {
        if !proof.binds(&self.key()?.public_key(), &Address::of_user(user)) {
            return Err(LedgerError::WrongProof.into());
        }
        self.proven = Some((user, proof));
        Ok(())
    }

    /// The ledger says that a signature is not valid, though key and proof belong together.
    pub(super) const fn on_signature_refused(&mut self) {
        self.is_key_refused = true;
    }

    /// Makes another key, if the one in hand was refused and is not too new. No chance is drawn here: it comes from the key
    /// before, which nobody else knows.
    pub(super) fn renew_key(&mut self, now: Now) {
        let is_new = self.key_made_at.is_some_and(|at| now.elapsed.saturating_sub(at) < KEY_GAP);
        let Some(key) = self.key.as_ref().filter(|_| self.is_key_refused && !is_new) else { return };
        let hash = Sha256::new().chain_update("next ephemeral key").chain_update(key.export().expose()).finalize();
        let seed = zeroize::Zeroizing::new(<[u8; 32]>::from(hash));
        self.set_key(EphemeralKey::from_seed(&seed));
        self.key_made_at = Some(now.elapsed);
        self.is_key_refused = false;
    }

    /// Notes what the store has of the last minutes, before anything is signed: an equal payment may be among it.
    pub(super) fn load(&mut self, now: Now) -> Result<(), StoreError> {
        if self.is_loaded {
            return Ok(());
        }
        for record in self.open_records(now.unix.saturating_sub(MEMORY))? {
            let payment = self.recent.next_payment();
            self.recent.note(now.elapsed, record.signed.transaction.dedup_key(), payment);
        }
        self.is_loaded = true;
        Ok(())
    }

    /// What is unfinished.
    pub(super) fn unfinished(&mut self) -> Result<Vec<PaymentRecord>, StoreError> {
        let mut records = self.open_records(Duration::MAX)?;
        records.retain(PaymentRecord::is_unfinished);
        Ok(records)
    }

    fn open_records(&mut self, since: Duration) -> Result<Vec<PaymentRecord>, StoreError> {
        let Some(store) = &mut self.store else { return Ok(Vec::new()) };
        let mut records = store.open(since)?;
        records.sort_by(|one, other| (one.signed_at(), &one.key).cmp(&(other.signed_at(), &other.key)));
        Ok(records)
    }

    /// The record of a key.
    pub(super) fn record(&mut self, key: &str) -> Result<Option<PaymentRecord>, Error> {
        let Some(store) = &mut self.store else {
            return Err(Error::unsent(ErrorKind::NotReady("there is no store of payments, which a key needs".into())));
        };
        Ok(store.get(key)?)
    }

    /// Keeps a record.
    pub(super) fn keep(&mut self, record: &PaymentRecord) -> Result<(), StoreError> {
        self.store.as_mut().map_or(Ok(()), |store| store.put(record))
    }

    /// Remembers to announce a transaction to its receiver, once.
    pub(crate) fn announce(&mut self, event: TokenSentEvent) {
        self.announcements.add(event);
    }

    /// The next transaction to announce.
    pub(crate) fn next_announcement(&mut self) -> Option<TokenSentEvent> {
        self.announcements.waiting.pop_front()
    }
}

/// Shows no secrets.
impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Which transactions are to be announced, and which were.
#[derive(Debug, Default)]
struct Announcements {
    waiting: VecDeque<TokenSentEvent>,
    done: VecDeque<String>,
}

impl Announcements {
    fn add(&mut self, event: TokenSentEvent) {
        if self.done.contains(&event.transaction_id) || self.waiting.len() >= MAX_ANNOUNCED {
            return;
        }
        if !event.transaction_id.is_empty() {
            if self.done.len() >= MAX_ANNOUNCED {
                self.done.pop_front();
            }
            self.done.push_back(event.transaction_id.clone());
        }
        self.waiting.push_back(event);
    }
}

//! What the ledger needs of a machine: files, chance, and handlers.

mod file_payments;
mod file_seen;
mod journal;
mod received;

pub use file_payments::FilePayments;
pub use file_seen::FileSeen;

use mezon_protocol::ledger::EphemeralKey;
use mezon_protocol::{Error, ErrorKind};
use rustls::crypto::ring;

/// A new key, from the chance of the operating system.
pub(crate) fn new_key() -> Result<EphemeralKey, Error> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    let filled = ring::default_provider().secure_random.fill(&mut *seed);
    filled.map_err(|_| Error::unsent(ErrorKind::Config("the system gives no random numbers".into())))?;
    Ok(EphemeralKey::from_seed(&seed))
}

//! Transactions that were seen, in a file.

use std::fmt;
use std::path::Path;

use mezon_protocol::ledger::{MemorySeen, SeenTransactions, StoreError};

use super::journal::Journal;

/// How many transactions are remembered, if nothing else is said.
const LIMIT: usize = 100_000;

/// Remembers in a file which transactions were seen, so that no restart handles a payment twice. One file belongs to one
/// running program.
pub struct FileSeen {
    journal: Journal,
    seen: MemorySeen,
}

impl FileSeen {
    /// Opens a file, or creates it. It remembers the last 100,000 transactions.
    ///
    /// # Errors
    ///
    /// When the file cannot be used, or has been damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::with_limit(path, LIMIT)
    }

    /// The same for the last so many.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with_limit(path: impl AsRef<Path>, limit: usize) -> Result<Self, StoreError> {
        let mut seen = MemorySeen::new(limit);
        let journal = Journal::open(path.as_ref(), |line| {
            let id: String = serde_json::from_str(line).map_err(|error| error.to_string())?;
            seen.note(&id).map(drop).map_err(|error| error.to_string())
        })?;
        Ok(Self { journal, seen })
    }

    fn compact(&mut self) {
        if self.journal.is_long(self.seen.len()) {
            if let Err(error) = self.journal.rewrite(self.seen.iter().map(line_of)) {
                tracing::warn!(%error, "a journal of transactions could not be made shorter");
            }
        }
    }
}

fn line_of(transaction_id: &str) -> String {
    serde_json::to_string(transaction_id).expect("a text always serialises")
}

impl SeenTransactions for FileSeen {
    fn note(&mut self, transaction_id: &str) -> Result<bool, StoreError> {
        if self.seen.contains(transaction_id) {
            return Ok(false);
        }
        self.journal.append(&line_of(transaction_id))?;
        self.seen.note(transaction_id)?;
        self.compact();
        Ok(true)
    }
}

impl fmt::Debug for FileSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSeen").field("len", &self.seen.len()).finish_non_exhaustive()
    }
}

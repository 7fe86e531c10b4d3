//! Payments in a file.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use mezon_protocol::ledger::{MemoryPayments, PaymentRecord, PaymentStore, StoreError};

use super::journal::Journal;

/// How many payments are kept, if nothing else is said.
const LIMIT: usize = 100_000;

/// A store of payments in a file: what is in it, no restart makes twice.
///
/// The file is a journal, one JSON object a line. Each line is on the disk before the payment is sent. A line that a crash
/// has left unfinished is taken off; any other damage is an error, and no payment is made. One file belongs to one running
/// program.
///
/// ```no_run
/// use mezon_client::FilePayments;
///
/// let payments = FilePayments::open("payments.jsonl")?;
/// # Ok::<(), mezon_protocol::ledger::StoreError>(())
/// ```
pub struct FilePayments {
    journal: Journal,
    index: MemoryPayments,
}

impl FilePayments {
    /// Opens a file, or creates it. It keeps the last 100,000 payments.
    ///
    /// # Errors
    ///
    /// When the file cannot be used, or has been damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::with_limit(path, LIMIT)
    }

    /// The same with room for so many payments: of those that have ended the oldest are forgotten, and their keys with them.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and `Full` when more than that are unfinished.
    pub fn with_limit(path: impl AsRef<Path>, limit: usize) -> Result<Self, StoreError> {
        let mut index = MemoryPayments::new(limit);
        let journal = Journal::open(path.as_ref(), |line| {
            let record: PaymentRecord = serde_json::from_str(line).map_err(|error| error.to_string())?;
            index.put(&record).map_err(|error| error.to_string())
        })?;
        Ok(Self { journal, index })
    }

    /// Forgets the lines that others have replaced. That it cannot be done is no reason not to pay.
    fn compact(&mut self) {
        if self.journal.is_long(self.index.len()) {
            if let Err(error) = self.journal.rewrite(self.index.iter().map(line_of)) {
                tracing::warn!(%error, "a journal of payments could not be made shorter");
            }
        }
    }
}

fn line_of(record: &PaymentRecord) -> String {
    serde_json::to_string(record).expect("plain data serialises")
}

impl PaymentStore for FilePayments {
    fn get(&mut self, key: &str) -> Result<Option<PaymentRecord>, StoreError> {
        self.index.get(key)
    }

    fn put(&mut self, record: &PaymentRecord) -> Result<(), StoreError> {
        let before = self.index.get(&record.key)?;
        self.index.put(record)?;
        let result = self.journal.append(&line_of(record));
        match (&result, before) {
            (Ok(()), _) => self.compact(),
            (Err(_), Some(before)) => self.index.put(&before)?,
            (Err(_), None) => self.index.forget(&record.key),
        }
        result
    }

    fn open(&mut self, since: Duration) -> Result<Vec<PaymentRecord>, StoreError> {
        self.index.open(since)
    }
}

impl fmt::Debug for FilePayments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePayments").field("len", &self.index.len()).finish_non_exhaustive()
    }
}

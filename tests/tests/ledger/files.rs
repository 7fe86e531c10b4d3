//! Payments and transactions in files: what was promised is there, and what makes no sense is not guessed at.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use mezon_client::{FilePayments, FileSeen};
use mezon_protocol::ledger::{
    PaymentRecord, PaymentState, PaymentStore, SeenTransactions, SignedTransaction, StoreError, Transaction,
};

/// A folder of a test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mezon-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("journal")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn record(key: &str, state: PaymentState) -> PaymentRecord {
    let transaction = Transaction { text_data: "a\nnote".into(), timestamp: 1_790_000_000_000, ..Default::default() };
    let signed = SignedTransaction { transaction, signature: "s".into() };
    PaymentRecord { key: key.into(), signed, state }
}

fn taken() -> PaymentState {
    PaymentState::Taken { tx_hash: "h".into() }
}

#[test]
fn payments_are_found_again_with_the_last_that_was_put() {
    let folder = Folder::new("found");
    let mut payments = FilePayments::open(folder.file()).unwrap();
    payments.put(&record("a", PaymentState::Unfinished)).unwrap();
    payments.put(&record("b", PaymentState::Unfinished)).unwrap();
    payments.put(&record("a", taken())).unwrap();
    drop(payments);
    let mut payments = FilePayments::open(folder.file()).unwrap();
    assert_eq!(payments.get("a"), Ok(Some(record("a", taken()))));
    assert_eq!(payments.open(Duration::MAX), Ok(vec![record("b", PaymentState::Unfinished)]));
    assert_eq!(payments.open(Duration::from_secs(1_790_000_000)).unwrap().len(), 2);
    assert_eq!(payments.get("c"), Ok(None));
}

#[test]
fn a_line_that_a_crash_left_unfinished_is_taken_off_wherever_it_was_cut() {
    let folder = Folder::new("torn");
    FilePayments::open(folder.file()).unwrap().put(&record("a", taken())).unwrap();
    let whole = folder.text();
    for cut in 0..whole.len() {
        fs::write(folder.file(), [whole.as_str(), &whole[..cut]].concat()).unwrap();
        let mut payments = FilePayments::open(folder.file()).unwrap();
        payments.put(&record("b", taken())).unwrap();
        drop(payments);
        let mut payments = FilePayments::open(folder.file()).unwrap();
        assert!(payments.get("a").unwrap().is_some() && payments.get("b").unwrap().is_some(), "cut at {cut}");
    }
}

#[test]
fn damage_is_an_error_that_says_where() {
    let folder = Folder::new("damage");
    FilePayments::open(folder.file()).unwrap().put(&record("a", taken())).unwrap();
    let whole = folder.text();
    for damaged in [format!("{whole}x\n{whole}"), whole.replace('{', "["), format!("{whole}\n"), "\u{0}\n".into()] {
        fs::write(folder.file(), &damaged).unwrap();
        let error = FilePayments::open(folder.file()).unwrap_err();
        assert!(matches!(&error, StoreError::Damaged(why) if why.contains("line")), "{error}");
        assert_eq!(folder.text(), damaged, "nothing is changed");
    }
    fs::write(folder.file(), [0xFF, b'\n']).unwrap();
    assert!(matches!(FilePayments::open(folder.file()), Err(StoreError::Damaged(_))));
    assert!(matches!(FilePayments::open(folder.0.join("no/such/folder")), Err(StoreError::Io(_))));
}

#[test]
fn a_long_journal_is_made_short_and_loses_nothing_of_use() {
    let folder = Folder::new("long");
    let mut payments = FilePayments::with_limit(folder.file(), 2).unwrap();
    payments.put(&record("open", PaymentState::Unfinished)).unwrap();
    for number in 0..4200 {
        payments.put(&record(&format!("key-{number}"), taken())).unwrap();
    }
    drop(payments);
    assert!(folder.text().lines().count() < 200);
    let mut payments = FilePayments::with_limit(folder.file(), 2).unwrap();
    assert!(payments.get("open").unwrap().is_some() && payments.get("key-4199").unwrap().is_some());
    assert_eq!(payments.get("key-0"), Ok(None), "the oldest that have ended are forgotten");
    payments.put(&record("more", PaymentState::Unfinished)).unwrap();
    assert_eq!(payments.put(&record("too many", PaymentState::Unfinished)), Err(StoreError::Full));
    assert_eq!(payments.get("too many"), Ok(None));
}

/// C21.
#[test]
fn transactions_are_known_after_a_restart() {
    let folder = Folder::new("seen");
    let mut seen = FileSeen::open(folder.file()).unwrap();
    assert_eq!((seen.note("T\n\"1\""), seen.note("T\n\"1\"")), (Ok(true), Ok(false)));
    drop(seen);
    let mut seen = FileSeen::with_limit(folder.file(), 2).unwrap();
    assert_eq!((seen.note("T\n\"1\""), seen.note("U"), seen.note("V")), (Ok(false), Ok(true), Ok(true)));
    drop(seen);
    fs::write(folder.file(), "no JSON\n").unwrap();
    assert!(matches!(FileSeen::open(folder.file()), Err(StoreError::Damaged(_))));
}

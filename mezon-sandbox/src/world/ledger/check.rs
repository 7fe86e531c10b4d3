//! What the node checks of a transaction before it looks at its state, and the words in which it refuses.

use std::fmt;

use mezon_protocol::ledger::{Address, Amount, MAX_NOTE, PublicInput, TransactionKind, forbidden_run, signature};
use mezon_protocol::ledger::{SignedTransaction, Transaction};

/// The longest address or amount in characters.
pub(super) const MAX_SHORT: usize = 128;
/// The longest of the other texts in characters.
const MAX_LONG: usize = 5120;
/// The longest proof and public input in characters.
const MAX_PROOF: usize = 1024;

/// The codes of the node with the texts that belong to them.
const CODES: [(&str, &str); 15] = [
    ("internal_error", "Server error, please try again"),
    ("invalid_request", "Request format is invalid"),
    ("invalid_transaction", "Transaction data is invalid"),
    ("invalid_signature", "Transaction signature is invalid"),
    ("invalid_address", "Wallet address is invalid"),
    ("invalid_amount", "Amount is invalid or zero"),
    ("invalid_nonce", "Transaction nonce is invalid"),
    ("transaction_not_found", "Transaction could not be found"),
    ("account_not_found", "Account does not exist"),
    ("insufficient_funds", "Not enough balance in your wallet"),
    ("nonce_too_low", "Transaction nonce is too low"),
    ("nonce_too_high", "Transaction nonce is too high"),
    ("duplicate_transaction", "This transaction already exists"),
    ("mempool_full", "Network is busy, please try again"),
    ("rate_limited", "Too many requests, please slow down"),
];

/// Why the node refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Denied {
    /// Empty for a refusal that is but a text.
    pub(super) code: String,
    pub(super) message: String,
}

impl Denied {
    /// A code of the node with its own text. What is none is a refusal of that text.
    pub(super) fn code(code: &str) -> Self {
        match CODES.iter().find(|(known, _)| *known == code) {
            Some((code, message)) => Self { code: (*code).to_owned(), message: (*message).to_owned() },
            None => Self::plain(code),
        }
    }

    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { code: String::new(), message: message.into() }
    }

    fn request(message: String) -> Self {
        Self { code: "invalid_request".to_owned(), message }
    }
}

/// As it stands in `result.error`.
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_empty() {
            return f.write_str(&self.message);
        }
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        write!(f, r#"{{"code":{},"message":{}}}"#, quoted(&self.code), quoted(&self.message))
    }
}

/// The lengths and the contents of all texts, then the amount.
pub(super) fn content(signed: &SignedTransaction) -> Result<Amount, Denied> {
    let tx = &signed.transaction;
    for (field, text) in [("sender", &tx.sender), ("recipient", &tx.recipient), ("amount", &tx.amount)] {
        within(text, MAX_SHORT, "Short", field)?;
    }
    let long = [
        ("text_data", &tx.text_data),
        ("extra_info", &tx.extra_info),
        ("zk_proof", &tx.zk_proof),
        ("zk_pub", &tx.zk_pub),
        ("signature", &signed.signature),
    ];
    for (field, text) in long {
        within(text, MAX_LONG, "Long", field)?;
    }
    for (field, text) in long {
        if forbidden_run(text).is_some() {
            return Err(Denied::request(format!("Field '{field}' contains invalid characters")));
        }
    }
    let amount = amount(&tx.amount)?;
    if amount.is_zero() && tx.kind != TransactionKind::UserContent.number() {
        return Err(Denied::code("invalid_amount"));
    }
    match tx.text_data.len() {
        len if len > MAX_NOTE => Err(Denied::plain(format!("memo too long: max {MAX_NOTE} chars, got {len}"))),
        _ => Ok(amount),
    }
}

fn within(text: &str, max: usize, kind: &str, field: &str) -> Result<(), Denied> {
    // No text has more characters than bytes.
    if text.len() <= max || text.chars().count() <= max {
        return Ok(());
    }
    Err(Denied::request(format!("{kind} text length exceeds maximum ({max}) for field '{field}'")))
}

/// The node takes leading zeros and a sign, though no signature over them is right.
fn amount(text: &str) -> Result<Amount, Denied> {
    if text.is_empty() {
        return Ok(Amount::ZERO);
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    Amount::parse_decimal(digits, 0).map_err(|_| Denied::plain("invalid tx"))
}

/// Signature and proof of a transaction whose amount is written as the node writes it. `issued` says whether proof and
/// public input belong together.
pub(super) fn authority(tx: &Transaction, signature: &str, issued: impl Fn(&str, &str) -> bool) -> Result<(), Denied> {
    let invalid = || Denied::code("invalid_signature");
    let key = signature::verify(tx.kind, &tx.sender, &tx.signed_text(), signature).map_err(|_| invalid())?;
    if !TransactionKind::needs_proof(tx.kind) {
        return Ok(());
    }
    let fits = |text: &str| (1..=MAX_PROOF).contains(&text.len());
    let sender: Address = tx.sender.parse().map_err(|_| invalid())?;
    let binds = PublicInput::parse(&tx.zk_pub).is_ok_and(|input| input.binds(&key, &sender));
    let proven = fits(&tx.zk_proof) && fits(&tx.zk_pub) && binds && issued(&tx.zk_proof, &tx.zk_pub);
    if proven { Ok(()) } else { Err(invalid()) }
}

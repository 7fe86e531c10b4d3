//! The message to those who get tokens of ours, as bots of other SDKs write it.

use super::send::DEFAULT_NOTE;
use crate::call::SendDirect;
use crate::content::{Content, MessageCode};
use crate::proto::api::TokenSentEvent;

/// The direct message that tells a receiver of a payment.
pub(crate) fn announcement(event: &TokenSentEvent) -> SendDirect {
    let content = Content::text(text(event.amount, &event.note)).code(MessageCode::SendToken);
    SendDirect::new(event.receiver_id.into(), content)
}

/// "Funds Transferred: 1,000₫ | Thanks".
pub fn text(amount: i32, note: &str) -> String {
    let note = if note.is_empty() { DEFAULT_NOTE } else { note };
    format!("Funds Transferred: {}₫ | {note}", grouped(amount))
}

/// With a comma before every three digits.
fn grouped(amount: i32) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::from(if amount < 0 { "-" } else { "" });
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

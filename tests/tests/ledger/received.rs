//! Payments that come in, and what the platform is told of those that go out.

use mezon_protocol::UserId;
use mezon_protocol::ledger::{MemorySeen, ReceivedPayments, SeenTransactions};
use mezon_protocol::proto::api::TokenSentEvent;

fn event(receiver: i64, amount: i32, transaction: &str) -> TokenSentEvent {
    TokenSentEvent { receiver_id: receiver, amount, transaction_id: transaction.into(), ..Default::default() }
}

/// C21.
#[test]
fn a_payment_to_us_is_told_from_all_other_news_and_comes_once() {
    let me = UserId::new(7);
    let mut payments = ReceivedPayments::new(MemorySeen::default());
    let mut is_new =
        |receiver, amount, transaction| payments.is_new(me, &event(receiver, amount, transaction)).unwrap();
    assert!(!is_new(8, 5000, "T"), "somebody else's");
    assert!(!is_new(7, 0, "T"), "nothing");
    assert!(!is_new(7, -5, "T"), "less than nothing");
    assert!(!is_new(7, 5000, ""), "could not be told from its repetition");
    assert!(is_new(7, 5000, "T"));
    assert!(!is_new(7, 5000, "T"), "again");
    assert!(is_new(7, 5000, "U"));
    let nobody = ReceivedPayments::new(MemorySeen::default()).is_new(UserId::NONE, &event(0, 5, "T"));
    assert_eq!(nobody, Ok(false));
}

#[test]
fn the_memory_of_transactions_is_bounded() {
    let mut seen = MemorySeen::new(2);
    for id in ["a", "b", "c"] {
        assert_eq!(seen.note(id), Ok(true));
    }
    assert_eq!(seen.iter().collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(seen.note("c"), Ok(false));
}

//! One payment, and what may go wrong with it.

use std::time::Duration;

use mezon_protocol::call::Turn;
use mezon_protocol::ledger::{
    AddTxResponse, Amount, Direction, Finality, InvalidTransfer, LedgerError, NonceTag, Outcome, SendToken, StoreError,
};
use mezon_protocol::proto::api::TokenSentEvent;
use mezon_protocol::{Config, Error, ErrorKind, Machine, Sent, UserId};
use mezon_sandbox::LedgerCall::{AddTransaction, Indexer, Nonce, Proof};
use mezon_sandbox::LedgerFault;

use crate::bank::{Bank, FUNDS, SECOND};

fn to(bank: &Bank, note: &str) -> SendToken {
    SendToken::to(bank.people[0], 10).note(note)
}

fn kind(result: Result<AddTxResponse, Error>) -> ErrorKind {
    let error = result.unwrap_err();
    assert_eq!(error.sent(), Sent::No, "{error:?}");
    error.kind().clone()
}

/// Rows 68, 69, 70, 81, 285.
#[test]
fn tokens_reach_the_receiver_and_become_final() {
    let mut bank = Bank::new(1);
    let receiver = bank.people[0];
    let before = bank.world.balance(receiver);
    let response: AddTxResponse =
        bank.pay(SendToken::to(receiver.to_string(), "10.5").note("Thanks for your help!")).unwrap();
    assert!(response.ok && response.error.is_empty() && response.outcome == Outcome::Accepted);

    let confirmed = bank.bot.ledger().confirm(response.clone());
    let confirmed = bank.finish(confirmed).unwrap();
    assert_eq!((confirmed.outcome, confirmed.tx_hash), (Outcome::Paid, response.tx_hash.clone()));
    let [entry] = &bank.paid("Thanks for your help!")[..] else { panic!("not paid once") };
    assert_eq!((entry.hash.as_str(), entry.extra("UserReceiverId")), (&*response.tx_hash, Some(receiver.to_string())));
    let gained = bank.world.balance(receiver).checked_sub(before);
    assert_eq!(gained, "10.5".parse().ok());
    let balance = bank.bot.ledger().balance();
    assert_eq!(
        Some(bank.finish(balance).unwrap()),
        Amount::from_tokens(FUNDS.into()).checked_sub("10.5".parse().unwrap())
    );
}

/// Rows 71, 72, 73, 74.
#[test]
fn what_is_said_beside_goes_into_the_extra_info_but_not_who_pays_whom() {
    let mut bank = Bank::new(1);
    let payment = to(&bank, "all of it")
        .sender(bank.bot_id)
        .sender_name("Bot Name")
        .extra_attribute("custom_data")
        .extra_info("event_id", "12345")
        .extra_info("UserReceiverId", "1")
        .reference("order-7");
    assert!(bank.pay(payment).unwrap().ok);
    let entry = &bank.paid("all of it")[0];
    for (key, value) in [
        ("UserSenderUsername", "Bot Name"),
        ("ExtraAttribute", "custom_data"),
        ("event_id", "12345"),
        ("RequestId", "order-7"),
        ("UserReceiverId", &bank.people[0].to_string()),
        ("UserSenderId", &bank.bot_id.to_string()),
        ("type", "transfer_token"),
    ] {
        assert_eq!(entry.extra(key).as_deref(), Some(value), "{key}");
    }

    let as_another = to(&bank, "x").sender(bank.people[1]);
    assert!(matches!(kind(bank.pay(as_another)), ErrorKind::InvalidArgument(_)));
}

/// Rows 65, 68.
#[test]
fn a_request_as_other_sdks_have_it_is_taken() {
    let mut bank = Bank::new(1);
    let (receiver_id, sender_name) = (bank.people[0].get(), "Bot".to_owned());
    let request = TokenSentEvent { receiver_id, amount: 1, sender_name, ..Default::default() };
    assert!(bank.pay(request.into()).unwrap().ok);
    assert_eq!(bank.paid("Transfer funds").len(), 1);
}

/// Rows 79, 81.
#[test]
fn what_is_not_there_yet_is_said_before_anything_is_sent() {
    let is_not_ready = |bank: &mut Bank| {
        let payment = to(bank, "x");
        assert!(matches!(kind(bank.pay(payment)), ErrorKind::NotReady(_)));
        assert_eq!(bank.asked("/mmn-api/"), 0);
    };
    is_not_ready(&mut Bank::with(1, |config| config.services.ledger = None));
    is_not_ready(&mut Bank::with(1, |config| config.services.proofs = None));

    let mut bank = Bank::new(1);
    bank.machine = Machine::new(bank.config.clone(), 1, bank.now()).unwrap();
    is_not_ready(&mut bank);
}

/// Row 80.
#[test]
fn what_cannot_be_right_is_an_error_and_is_not_sent() {
    let mut bank = Bank::new(1);
    let (bob, me) = (bank.people[1], bank.bot_id);
    for (payment, expected) in [
        (SendToken::to(bob, 0), InvalidTransfer::AmountZero),
        (SendToken::to(bob, "1.0000001"), InvalidTransfer::Amount("1.0000001".parse::<Amount>().unwrap_err())),
        (SendToken::to(bob, -1), InvalidTransfer::Amount("-1".parse::<Amount>().unwrap_err())),
        (SendToken::to(me, 1), InvalidTransfer::SelfTransfer),
        (SendToken::to(UserId::NONE, 1), InvalidTransfer::EmptyUserId),
        (SendToken::to(bob, 1).note("pay|99"), InvalidTransfer::TextHasBar),
        (SendToken::to(bob, 1).extra_info("a", "${x}"), InvalidTransfer::ForbiddenRun("${")),
        (SendToken::to(bob, 1).note("a".repeat(513)), InvalidTransfer::TextTooLong { len: 513 }),
    ] {
        assert_eq!(kind(bank.pay(payment)), ErrorKind::Ledger(LedgerError::Invalid(expected)));
    }
    assert!(matches!(kind(bank.pay(SendToken::to("bob", 1))), ErrorKind::InvalidArgument(_)));
    assert_eq!(bank.asked("/zk-api/prove") + bank.asked("/mmn-api/"), 0);
}

/// Rows 70, 78, 284.
#[test]
fn a_refusal_of_the_ledger_is_a_response_with_its_text() {
    let mut bank = Bank::new(1);
    let response = bank.pay(SendToken::to(bank.people[0], FUNDS + 1)).unwrap();
    assert_eq!((response.ok, response.tx_hash.as_str()), (false, ""));
    assert_eq!(response.error, "Not enough balance in your wallet");
    assert!(matches!(&response.outcome, Outcome::Refused { code: Some(code), .. } if code == "insufficient_funds"));
    assert!(response.is_surely_unpaid());
}

/// Row 76.
#[test]
fn payments_of_one_moment_are_made_one_after_the_other_and_equal_ones_each() {
    let mut bank = Bank::new(1);
    let calls: Vec<_> = (0..5).map(|_| bank.bot.send_token(to(&bank, "equal"))).collect();
    for call in calls {
        assert!(bank.finish(call).unwrap().ok);
    }
    assert_eq!(bank.paid("equal").len(), 5);
    let nonces: std::collections::BTreeSet<_> = bank.paid("equal").iter().map(|entry| entry.nonce).collect();
    assert_eq!(nonces.len(), 5, "each was made for a slot of its own");
    let nonce = bank.bot.ledger().current_nonce(NonceTag::Pending);
    assert!(bank.finish(nonce).unwrap() + 1 >= *nonces.last().unwrap());
}

/// Row 75.
#[test]
fn the_proof_is_asked_for_once_and_again_for_another_key() {
    let mut bank = Bank::new(1);
    for _ in 0..3 {
        let payment = to(&bank, "x");
        assert!(bank.pay(payment).unwrap().ok);
    }
    assert_eq!(bank.asked("/zk-api/prove"), 1);
    bank.restart();
    let prove = bank.bot.ledger().prove();
    bank.finish(prove).unwrap();
    let payment = to(&bank, "x");
    assert!(bank.pay(payment).unwrap().ok);
    assert_eq!(bank.asked("/zk-api/prove"), 2);
}

#[test]
fn a_proof_service_that_is_out_of_order_is_asked_again_by_the_next_payment() {
    let mut bank = Bank::new(1);
    bank.world.ledger_fault(Proof, LedgerFault::Status(503), 1);
    let payment = to(&bank, "x");
    assert!(matches!(kind(bank.pay(payment)), ErrorKind::Refused { .. }));
    assert_eq!(bank.asked("/mmn-api/"), 0);
    let payment = to(&bank, "x");
    assert!(bank.pay(payment).unwrap().ok);
}

#[test]
fn an_answer_that_is_lost_is_asked_for_with_the_same_bytes() {
    for fault in [
        LedgerFault::LoseAnswer,
        LedgerFault::LoseRequest,
        LedgerFault::BreakAnswer,
        LedgerFault::StatusAfter(502),
        LedgerFault::Status(503),
        LedgerFault::NotJson,
        LedgerFault::OtherId,
        LedgerFault::DelayAnswer(40 * SECOND),
        LedgerFault::DelayRequest(32 * SECOND),
    ] {
        let mut bank = Bank::new(1);
        bank.world.ledger_fault(AddTransaction, fault.clone(), 1);
        let payment = to(&bank, "once");
        let response = bank.pay(payment).unwrap();
        assert!(response.ok, "{fault:?}: {response:?}");
        bank.run_for(60 * SECOND);
        assert_eq!(bank.paid("once").len(), 1, "{fault:?}");
    }
}

#[test]
fn a_payment_in_doubt_says_so_and_is_settled_by_a_look() {
    for (fault, paid) in [(LedgerFault::LoseAnswer, true), (LedgerFault::LoseRequest, false)] {
        let mut bank = Bank::new(1);
        bank.world.ledger_fault(AddTransaction, fault, 9);
        let payment = to(&bank, "doubtful");
        let response = bank.pay(payment).unwrap();
        assert!(!response.ok && !response.is_surely_unpaid());
        let signed = response.unsettled().unwrap().clone();
        let stored = serde_json::to_string(&signed).unwrap();
        let settle = bank.bot.ledger().settle(serde_json::from_str(&stored).unwrap());
        let settled = bank.finish(settle).unwrap();
        if paid {
            assert_eq!((settled.ok, settled.outcome), (true, Outcome::Paid));
            assert_eq!(settled.tx_hash, bank.paid("doubtful")[0].hash);
        } else {
            assert_eq!((settled.ok, settled.outcome), (false, Outcome::NotPaid));
        }
        bank.run_for(300 * SECOND);
        assert_eq!(bank.paid("doubtful").len(), usize::from(paid));
    }
}

#[test]
fn an_indexer_that_is_behind_is_waited_for_and_one_that_is_gone_leaves_the_doubt() {
    let mut bank = Bank::new(1);
    bank.world.settings_mut().ledger.indexer_lag = 400;
    bank.world.ledger_fault(AddTransaction, LedgerFault::LoseAnswer, 9);
    let payment = to(&bank, "late");
    let response = bank.pay(payment).unwrap();
    let signed = response.unsettled().unwrap().clone();
    let settle = bank.bot.ledger().settle(signed.clone());
    assert_eq!(bank.finish(settle).unwrap().outcome, Outcome::Paid);

    bank.world.ledger_fault(Indexer, LedgerFault::Status(503), 1000);
    let settle = bank.bot.ledger().settle(signed);
    let settled = bank.finish(settle).unwrap();
    assert!(matches!(settled.outcome, Outcome::Unknown(_)) && settled.error.contains("code 14"), "{settled:?}");
}

#[test]
fn what_was_accepted_and_fails_is_found_out_by_waiting() {
    let mut bank = Bank::new(1);
    bank.world.ledger_fault(AddTransaction, LedgerFault::FailLater("insufficient balance".into()), 1);
    let payment = to(&bank, "fails");
    let response = bank.pay(payment).unwrap();
    assert_eq!(response.outcome, Outcome::Accepted);
    let wait = bank.bot.ledger().wait_final(&response.tx_hash, 30 * SECOND);
    assert_eq!(bank.finish(wait).unwrap(), Finality::Failed { message: "insufficient balance".into() });
    let confirm = bank.bot.ledger().confirm(response);
    let confirmed = bank.finish(confirm).unwrap();
    assert_eq!((confirmed.ok, confirmed.error.as_str()), (false, "insufficient balance"));
    assert!(confirmed.is_surely_unpaid());
}

#[test]
fn a_ledger_that_is_busy_or_whose_slots_stand_still_is_waited_for_and_not_for_ever() {
    let mut bank = Bank::new(1);
    bank.world.ledger_fault(AddTransaction, LedgerFault::Refuse("mempool_full".into()), 3);
    let payment = to(&bank, "busy");
    assert!(bank.pay(payment).unwrap().ok);

    bank.world.ledger_fault(Nonce, LedgerFault::Status(503), 3);
    let payment = to(&bank, "no nonce");
    assert!(matches!(kind(bank.pay(payment)), ErrorKind::Ledger(LedgerError::NothingSent(_))));

    let now = bank.now();
    bank.world.set_slot_time(now, None);
    let payment = to(&bank, "still");
    assert!(bank.pay(payment).unwrap().ok);
    let equal = to(&bank, "still");
    assert!(matches!(kind(bank.pay(equal)), ErrorKind::Ledger(LedgerError::NothingSent(_))));
}

#[test]
fn a_client_that_is_closed_says_of_a_payment_under_way_that_nobody_knows() {
    let mut bank = Bank::new(1);
    bank.world.ledger_fault(AddTransaction, LedgerFault::LoseAnswer, 1);
    let (first, second) = (bank.bot.send_token(to(&bank, "a")), bank.bot.send_token(to(&bank, "b")));
    bank.run_for(5 * SECOND);
    let now = bank.now();
    bank.machine.close(now);
    bank.run_for(SECOND);
    let response = bank.output(&first).expect("it has ended").unwrap();
    assert!(matches!(response.outcome, Outcome::Unknown(_)), "{response:?}");
    assert_eq!(kind(bank.output(&second).expect("it has ended")), ErrorKind::Closed);
    assert_eq!((bank.paid("a").len(), bank.paid("b").len()), (1, 0));
}

#[test]
fn a_payment_does_not_wait_for_its_turn_for_ever() {
    let mut bank = Bank::with(1, |config| config.ledger.turn_timeout = 5 * SECOND);
    bank.world.ledger_fault(AddTransaction, LedgerFault::LoseAnswer, 1);
    let (first, second) = (bank.bot.send_token(to(&bank, "a")), bank.bot.send_token(to(&bank, "b")));
    assert_eq!(kind(bank.finish(second)), ErrorKind::Expired);
    assert!(bank.finish(first).unwrap().ok);
    assert!(matches!(Turn::Payment { until: SECOND }, Turn::Payment { .. }));
}

#[test]
fn a_signature_that_is_refused_brings_another_key_but_not_all_the_time() {
    let mut bank = Bank::new(1);
    bank.world.ledger_fault(AddTransaction, LedgerFault::Refuse("invalid_signature".into()), 2);
    for proofs in [1, 2, 2, 2] {
        let payment = to(&bank, "x");
        let refused = bank.pay(payment).unwrap();
        assert_eq!(bank.asked("/zk-api/prove"), proofs, "{refused:?}");
    }
    assert_eq!(bank.paid("x").len(), 2);
}

#[test]
fn an_id_token_that_has_expired_is_not_used_and_a_proof_outlives_it() {
    let mut bank = Bank::new(1);
    let payment = to(&bank, "x");
    assert!(bank.pay(payment).unwrap().ok);
    bank.run_for(2 * 3600 * SECOND);
    let payment = to(&bank, "x");
    assert!(bank.pay(payment).unwrap().ok, "the proof is good for ever");
    bank.restart();
    let payment = to(&bank, "x");
    assert!(matches!(kind(bank.pay(payment)), ErrorKind::NotReady(_)));
    bank.run_for(SECOND);
    bank.log_in();
    let payment = to(&bank, "x");
    assert!(bank.pay(payment).unwrap().ok);
}

#[test]
fn the_history_comes_by_pages() {
    let mut bank = Bank::new(1);
    for number in 0..5 {
        let payment = to(&bank, &format!("number {number}"));
        assert!(bank.pay(payment).unwrap().ok);
        bank.run_for(2 * SECOND);
    }
    let (mut notes, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bank.bot.ledger().history(Direction::Sent, 2, &cursor);
        let page = bank.finish(page).unwrap();
        assert!(page.len() <= 2);
        notes.extend(page.iter().map(|payment| payment.note.clone()));
        assert!(page.iter().all(|payment| payment.receiver_id() == Some(bank.people[0])));
        cursor.clone_from(&page.cursor);
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(notes, ["number 4", "number 3", "number 2", "number 1", "number 0"]);
    let hash = bank.paid("number 3")[0].hash.clone();
    let found = bank.bot.ledger().past_transaction(&hash);
    assert_eq!(bank.finish(found).unwrap().note, "number 3");
    let found = bank.bot.ledger().transaction("none");
    assert!(matches!(bank.finish(found).unwrap_err().kind(), ErrorKind::NotFound { .. }));
    let health = bank.bot.ledger().health();
    assert_eq!(bank.finish(health).unwrap().status, 1);
}

#[test]
fn a_store_that_fails_lets_nothing_be_sent() {
    let mut bank = Bank::new(1);
    bank.machine.set_payments(Box::new(Broken));
    let payment = to(&bank, "x").key("k");
    let broken = StoreError::Io("the disk is full".into());
    assert_eq!(kind(bank.pay(payment)), ErrorKind::Ledger(LedgerError::Store(broken)));
    bank.run_for(60 * SECOND);
    assert!(bank.paid("x").is_empty());
}

/// A store that can be read, but not written.
struct Broken;

impl mezon_protocol::ledger::PaymentStore for Broken {
    fn get(&mut self, _: &str) -> Result<Option<mezon_protocol::ledger::PaymentRecord>, StoreError> {
        Ok(None)
    }

    fn put(&mut self, _: &mezon_protocol::ledger::PaymentRecord) -> Result<(), StoreError> {
        Err(StoreError::Io("the disk is full".into()))
    }

    fn open(&mut self, _: Duration) -> Result<Vec<mezon_protocol::ledger::PaymentRecord>, StoreError> {
        Ok(Vec::new())
    }
}

/// Rows 8, 9.
#[test]
fn the_servers_of_the_ledger_are_those_of_the_platform_and_are_reached_in_private() {
    let config = Config::bot(1_i64, "key").unwrap();
    assert_eq!(config.services.ledger.as_deref(), Some("https://dong.mezon.ai/mmn-api/"));
    assert_eq!(config.services.proofs.as_deref(), Some("https://dong.mezon.ai/zk-api/"));
    for url in ["http://dong.mezon.ai/mmn-api/", "http://127.0.0.1/mmn-api/"] {
        let mut config = config.clone();
        config.services.ledger = Some(url.into());
        assert!(matches!(config.check().unwrap_err().kind(), ErrorKind::Config(_)), "{url}");
        config.ledger.plain_loopback = true;
        assert_eq!(config.check().is_ok(), url.contains("127.0.0.1"), "{url}");
    }
}

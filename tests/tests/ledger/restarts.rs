//! Keys: a payment is made once under its key, whatever is restarted.

use mezon_protocol::ErrorKind;
use mezon_protocol::ledger::{LedgerError, Outcome, SendToken};
use mezon_sandbox::LedgerCall::{AddTransaction, Indexer};
use mezon_sandbox::LedgerFault;

use crate::bank::{Bank, FUNDS, SECOND};

fn prize(bank: &Bank) -> SendToken {
    SendToken::to(bank.people[0], 10).note("prize").key("prize-17")
}

#[test]
fn a_key_pays_once_whoever_asks_and_when() {
    let mut bank = Bank::new(1);
    let calls = [bank.bot.send_token(prize(&bank)), bank.bot.send_token(prize(&bank))];
    let [first, second] = calls.map(|call| bank.finish(call).unwrap());
    assert!(first.ok);
    assert_eq!(first, second);
    bank.restart();
    let again = prize(&bank);
    assert_eq!(bank.pay(again).unwrap(), first);
    assert_eq!(bank.paid("prize").len(), 1);

    let other = prize(&bank).note("another prize");
    let error = bank.pay(other).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Ledger(LedgerError::KeyReused));
}

#[test]
fn a_program_that_dies_while_it_pays_finishes_after_its_restart() {
    // at any moment of a payment: before, between and after its requests
    for after_ms in (0..300).step_by(10) {
        let mut bank = Bank::new(1);
        let _lost = bank.bot.send_token(prize(&bank));
        bank.run_for(std::time::Duration::from_millis(after_ms));
        bank.restart();
        let resumed = bank.bot.ledger().resume();
        let resumed = bank.finish(resumed).unwrap();
        assert!(resumed.iter().all(|payment| payment.key == "prize-17" && payment.response.ok), "{resumed:?}");
        let payment = prize(&bank);
        assert!(bank.pay(payment).unwrap().ok);
        bank.run_for(300 * SECOND);
        assert_eq!(bank.paid("prize").len(), 1, "after {after_ms} ms");
    }
}

#[test]
fn a_payment_in_doubt_is_looked_for_and_made_anew_only_if_it_was_not_paid() {
    for (fault, pause) in [
        (LedgerFault::LoseAnswer, 0),
        (LedgerFault::LoseAnswer, 400),
        (LedgerFault::LoseRequest, 0),
        (LedgerFault::LoseRequest, 400),
        (LedgerFault::DelayRequest(50 * SECOND), 0),
        (LedgerFault::DelayRequest(80 * SECOND), 5),
    ] {
        let mut bank = Bank::new(1);
        bank.world.ledger_chaos(AddTransaction, fault.clone(), 1.0);
        let payment = prize(&bank);
        let response = bank.pay(payment).unwrap();
        assert!(matches!(response.outcome, Outcome::Unknown(_)), "{response:?}");
        bank.world.end_ledger_faults();
        bank.run_for(pause * SECOND);
        bank.restart();
        let payment = prize(&bank);
        let response = bank.pay(payment).unwrap();
        assert!(response.ok, "{fault:?}: {response:?}");
        bank.run_for(300 * SECOND);
        assert_eq!(bank.paid("prize").len(), 1, "{fault:?}");
    }
}

#[test]
fn what_was_refused_may_be_made_under_the_same_key() {
    let mut bank = Bank::new(1);
    bank.world.set_balance(bank.bot_id, 1);
    let payment = prize(&bank);
    assert!(bank.pay(payment).unwrap().is_surely_unpaid());
    bank.world.set_balance(bank.bot_id, FUNDS);
    let payment = prize(&bank);
    assert!(bank.pay(payment).unwrap().ok);
    assert_eq!(bank.paid("prize").len(), 1);
}

#[test]
fn what_cannot_be_decided_stays_unfinished() {
    let mut bank = Bank::new(1);
    bank.world.ledger_chaos(AddTransaction, LedgerFault::LoseRequest, 1.0);
    bank.world.ledger_chaos(Indexer, LedgerFault::Status(503), 1.0);
    let payment = prize(&bank);
    assert!(!bank.pay(payment).unwrap().ok);
    for _ in 0..2 {
        let resumed = bank.bot.ledger().resume();
        let resumed = bank.finish(resumed).unwrap();
        assert!(matches!(resumed[0].response.outcome, Outcome::Unknown(_)));
    }
    bank.world.end_ledger_faults();
    let resumed = bank.bot.ledger().resume();
    assert_eq!(bank.finish(resumed).unwrap()[0].response.outcome, Outcome::NotPaid);
    let resumed = bank.bot.ledger().resume();
    assert!(bank.finish(resumed).unwrap().is_empty());
}

#[test]
fn equal_payments_under_two_keys_are_two_even_over_a_restart() {
    let mut bank = Bank::new(1);
    let now = bank.now();
    bank.world.set_slot_time(now, Some(20 * SECOND));
    let payment = prize(&bank);
    assert!(bank.pay(payment).unwrap().ok);
    bank.restart();
    let other = prize(&bank).key("prize-18");
    let other = bank.bot.send_token(other);
    bank.run_for(SECOND);
    let now = bank.now();
    bank.world.set_slot_time(now, Some(SECOND / 2));
    assert!(bank.finish(other).unwrap().ok);
    assert_eq!(bank.paid("prize").len(), 2);
}

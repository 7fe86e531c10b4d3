//! Nothing secret is logged or printed of payments: a run with everything that can go wrong, at TRACE, is searched.

use mezon_protocol::ledger::{EphemeralKey, SendToken};
use mezon_sandbox::LedgerCall::{AddTransaction, Any, Proof};
use mezon_sandbox::LedgerFault;
use mezon_tests::captured::logged;

use crate::bank::{Bank, SECOND};

/// Row 77.
#[test]
fn neither_keys_nor_proofs_nor_tokens_are_logged_or_printed() {
    let (mut printed, mut secrets) = (String::new(), vec!["between you and me".to_owned()]);
    let logged = logged(|| {
        let mut bank = Bank::new(1);
        let key = EphemeralKey::from_seed(&[0xA7; 32]);
        secrets.push("a7".repeat(32));
        secrets.push(key.export().expose().to_owned());
        printed += &format!("{key:?} {:?}", key.export());
        bank.machine.set_wallet(key);
        let session = bank.bot.authenticate();
        let session = bank.finish(session).unwrap();
        secrets.push(session.id_token().expose().to_owned());
        secrets.push(session.token().expose().to_owned());

        for fault in [
            LedgerFault::Status(503),
            LedgerFault::NotJson,
            LedgerFault::LoseAnswer,
            LedgerFault::Refuse("invalid_signature".into()),
            LedgerFault::Refuse("insufficient_funds".into()),
        ] {
            bank.world.ledger_fault(Proof, LedgerFault::Status(403), 1);
            bank.world.ledger_fault(AddTransaction, fault, 9);
            for key in ["one", "two"] {
                let payment = SendToken::to(bank.people[0], 1).note("between you and me").key(key);
                printed += &format!("{payment:?}");
                match bank.pay(payment) {
                    Ok(response) => printed += &format!("{response:?} {}", response.error),
                    Err(error) => printed += &format!("{error:?} {error}"),
                }
            }
            bank.world.end_ledger_faults();
        }
        bank.world.ledger_chaos(Any, LedgerFault::Status(500), 0.3);
        bank.run_for(200 * SECOND);
        let resumed = bank.bot.ledger().resume();
        printed += &format!("{:?}", bank.finish(resumed));
        let history = bank.bot.ledger().balance();
        printed += &format!("{:?} {:?}", bank.finish(history), bank.machine);
        for record in bank.store.0.lock().unwrap().iter() {
            printed += &format!("{record:?}");
            let transaction = &record.signed.transaction;
            secrets.extend([transaction.zk_proof.clone(), transaction.zk_pub.clone(), record.signed.signature.clone()]);
        }
    });
    assert!(secrets.len() > 8, "proofs were made");
    for (what, output) in [("logged", &logged), ("printed", &printed)] {
        for secret in &secrets {
            assert!(!output.contains(secret.as_str()), "{secret} was {what}");
        }
    }
}

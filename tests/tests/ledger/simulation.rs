//! A hundred thousand payments, with all that may go wrong, by chance from seeds.
//!
//! `MEZON_PAYMENTS` says how many instead, `MEZON_SEED` from which seed on. A run that fails prints its seed.

use std::collections::BTreeMap;
use std::env;
use std::thread;
use std::time::{Duration, Instant};

use mezon_protocol::ledger::{AddTxResponse, Outcome, SendToken};
use mezon_sandbox::LedgerCall::{Account, AddTransaction, Indexer, Nonce, PendingTransactions, Proof, Transaction};
use mezon_sandbox::LedgerFault;
use mezon_tests::backend::Called;

use crate::bank::{Bank, SECOND};

/// How many payments each seed makes.
const PER_SEED: usize = 500;

/// A run that takes longer will never end.
const LIMIT: Duration = Duration::from_secs(48 * 3600);

/// How many calls are under way at most.
const CALLERS: usize = 12;

fn number(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// The payments of one seed. Each has a key of its own; of some the content is that of others.
struct Run {
    bank: Bank,
    rng: fastrand::Rng,
    /// What was said of each key, by its number; the last word counts.
    responses: Vec<Option<AddTxResponse>>,
    calls: Vec<(usize, Called<AddTxResponse>)>,
    figures: Figures,
}

#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    payments: usize,
    calls: usize,
    restarts: usize,
    unknown: usize,
    resumed: usize,
    submissions: usize,
    virtual_time: Duration,
}

impl Figures {
    fn add(&mut self, other: &Self) {
        self.payments += other.payments;
        self.calls += other.calls;
        self.restarts += other.restarts;
        self.unknown += other.unknown;
        self.resumed += other.resumed;
        self.submissions += other.submissions;
        self.virtual_time += other.virtual_time;
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut bank = Bank::with(seed, |config| config.max_pending = 4 * CALLERS);
        let slow = |seconds| LedgerFault::DelayAnswer(SECOND * seconds);
        let late = |seconds| LedgerFault::DelayRequest(SECOND * seconds);
        for (call, fault, probability) in [
            (AddTransaction, LedgerFault::LoseAnswer, 0.02),
            (AddTransaction, LedgerFault::LoseRequest, 0.02),
            (AddTransaction, LedgerFault::BreakAnswer, 0.02),
            (AddTransaction, slow(2), 0.02),
            (AddTransaction, slow(40), 0.01),
            (AddTransaction, late(5), 0.01),
            (AddTransaction, late(50), 0.01),
            (AddTransaction, late(100), 0.01),
            (AddTransaction, LedgerFault::Status(503), 0.01),
            (AddTransaction, LedgerFault::StatusAfter(502), 0.01),
            (AddTransaction, LedgerFault::NotJson, 0.01),
            (AddTransaction, LedgerFault::OtherId, 0.01),
            (AddTransaction, LedgerFault::Refuse("mempool_full".into()), 0.02),
            (AddTransaction, LedgerFault::Lag(10), 0.01),
            (Nonce, LedgerFault::LoseAnswer, 0.01),
            (Nonce, LedgerFault::Lag(20), 0.02),
            (Nonce, LedgerFault::Lag(300), 0.005),
            (Proof, LedgerFault::Status(503), 0.2),
            (Indexer, LedgerFault::Status(502), 0.1),
            (Transaction, LedgerFault::LoseAnswer, 0.05),
            (PendingTransactions, LedgerFault::BreakAnswer, 0.05),
            (Account, LedgerFault::Status(500), 0.05),
        ] {
            bank.world.ledger_chaos(call, fault, probability);
        }
        Self {
            bank,
            rng: fastrand::Rng::with_seed(seed),
            responses: vec![None; PER_SEED],
            calls: Vec::new(),
            figures: Figures::default(),
        }
    }

    /// A tenth of the payments are equal to others.
    fn payment(&self, number: usize) -> SendToken {
        SendToken::to(self.bank.people[number % 3], 1).note(note(number)).key(format!("key-{number}"))
    }

    fn call(&mut self, number: usize) {
        self.figures.calls += 1;
        let called = self.bank.bot.send_token(self.payment(number));
        self.calls.push((number, called));
    }

    /// Takes what has ended. What was refused or in doubt is asked for again, sooner or later, by its key.
    fn collect(&mut self) {
        let (mut open, bank) = (Vec::new(), &mut self.bank);
        for (number, called) in std::mem::take(&mut self.calls) {
            match bank.output(&called) {
                None => open.push((number, called)),
                Some(Ok(response)) => {
                    let is_unknown = matches!(response.outcome, Outcome::Unknown(_));
                    self.figures.unknown += usize::from(is_unknown);
                    let before = self.responses[number].replace(response.clone());
                    if let Some(before) = before.filter(|before| before.ok) {
                        assert!(response.ok, "{number} was {before:?}, and now is {response:?}");
                    }
                }
                // nothing was sent
                Some(Err(_)) => {}
            }
        }
        self.calls = open;
    }

    /// For a while nothing comes back from the ledger.
    fn bad_spell(&mut self) {
        let fault = if self.rng.bool() { LedgerFault::LoseAnswer } else { LedgerFault::LoseRequest };
        self.bank.world.ledger_fault(AddTransaction, fault, self.rng.u32(3..9));
    }

    fn restart(&mut self) {
        self.figures.restarts += 1;
        self.calls.clear();
        self.bank.restart();
        self.bank.log_in();
        if self.rng.bool() {
            let resumed = self.bank.bot.ledger().resume();
            let resumed = self.bank.finish(resumed).expect("the store can be read");
            self.figures.resumed += resumed.len();
            for payment in resumed {
                let number: usize = payment.key.trim_start_matches("key-").parse().unwrap();
                let before = self.responses[number].replace(payment.response);
                assert!(before.is_none_or(|before| !before.ok), "what was paid is not unfinished");
            }
        }
    }

    fn is_done(&self, number: usize) -> bool {
        self.responses[number].as_ref().is_some_and(|response| response.ok)
    }

    fn run(mut self) -> Figures {
        let mut todo: Vec<usize> = (0..PER_SEED).collect();
        self.rng.shuffle(&mut todo);
        while !todo.is_empty() || !self.calls.is_empty() {
            while self.calls.len() < CALLERS && !todo.is_empty() {
                let number = todo.pop().expect("not empty");
                self.call(number);
                // others may have the same idea
                if self.rng.u8(..) < 25 {
                    self.call(number);
                }
            }
            self.bank.run_for(Duration::from_millis(self.rng.u64(20..3000)));
            if self.rng.u16(..1000) < 5 {
                self.restart();
            }
            if self.rng.u16(..1000) < 5 {
                self.bad_spell();
            }
            self.collect();
            if todo.is_empty() && self.calls.is_empty() {
                todo.extend((0..PER_SEED).filter(|number| !self.is_done(*number)));
            }
            let left = todo.first().map(|number| (number, &self.responses[*number]));
            assert!(self.bank.now().elapsed < LIMIT, "it does not come to an end: {left:?}");
        }
        self.check()
    }

    /// What is on the ledger is what was said.
    fn check(mut self) -> Figures {
        // whatever is still under way arrives
        self.bank.run_for(600 * SECOND);
        let unfinished = self.bank.bot.ledger().resume();
        assert!(self.bank.finish(unfinished).unwrap().is_empty());
        let (mut wanted, now) = (BTreeMap::new(), self.bank.now());
        for number in 0..PER_SEED {
            let receiver = mezon_protocol::ledger::Address::of_user(self.bank.people[number % 3]).to_string();
            *wanted.entry((receiver, note(number))).or_insert(0) += 1;
        }
        let paid = self.bank.world.ledger(now).count_by(|entry| (entry.recipient.clone(), entry.note.clone()));
        assert_eq!(paid, wanted, "each is paid once");
        let hashes: Vec<_> = self.responses.iter().flatten().map(|response| &response.tx_hash).collect();
        for hash in hashes.iter().filter(|hash| !hash.is_empty()) {
            assert!(self.bank.world.ledger_entry(now, hash).is_some_and(|entry| entry.pays()), "{hash}");
            assert_eq!(hashes.iter().filter(|other| **other == *hash).count(), 1, "no two payments are one");
        }
        self.figures.payments = PER_SEED;
        self.figures.submissions = self.bank.asked("/mmn-api/");
        self.figures.virtual_time = now.elapsed;
        self.figures
    }
}

fn note(number: usize) -> String {
    if number % 10 == 0 { "equal".into() } else { format!("payment {number}") }
}

#[test]
fn a_hundred_thousand_payments_are_each_made_once_whatever_happens() {
    let (payments, first) = (number("MEZON_PAYMENTS", 100_000), number("MEZON_SEED", 0));
    let seeds: Vec<u64> = (first..first + payments.div_ceil(PER_SEED)).map(|seed| seed as u64).collect();
    let (begin, threads) = (Instant::now(), thread::available_parallelism().map_or(2, usize::from));
    let chunk = seeds.len().div_ceil(threads);
    let mut figures = Figures::default();
    thread::scope(|scope| {
        let runs: Vec<_> = seeds
            .chunks(chunk)
            .map(|seeds| {
                scope.spawn(move || {
                    let mut figures = Figures::default();
                    for seed in seeds {
                        let run = std::panic::AssertUnwindSafe(|| Run::new(*seed).run());
                        match std::panic::catch_unwind(run) {
                            Ok(of_seed) => figures.add(&of_seed),
                            Err(panic) => {
                                println!("MEZON_SEED={seed} fails");
                                std::panic::resume_unwind(panic);
                            }
                        }
                    }
                    figures
                })
            })
            .collect();
        for run in runs {
            figures.add(&run.join().expect("a seed has failed: see above"));
        }
    });
    println!("{figures:?} in {:?}", begin.elapsed());
    assert!(figures.restarts > 0 && figures.unknown > 0 && figures.resumed > 0);
}

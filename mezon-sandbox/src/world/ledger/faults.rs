//! What goes wrong with the ledger and the services beside it.

use std::time::Duration;

use crate::world::World;

/// A call that a [`LedgerFault`] hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LedgerCall {
    /// All of them.
    Any,
    /// `tx.addtx`
    AddTransaction,
    /// `tx.gettxbyhash`
    Transaction,
    /// `tx.getpendingtransactions`
    PendingTransactions,
    /// `account.getaccount`
    Account,
    /// `account.getcurrentnonce`
    Nonce,
    /// `health.check`
    Health,
    /// Whatever is asked of the proof service.
    Proof,
    /// Whatever is asked of the indexer.
    Indexer,
    /// Whatever is asked about red envelopes.
    Envelope,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LedgerFault {
    /// The call is performed, but nothing comes back, ever.
    LoseAnswer,
    /// The call is performed, but the connection breaks before the answer.
    BreakAnswer,
    /// The call is performed at once, and answered so much later.
    DelayAnswer(Duration),
    /// The call is not performed, and nothing comes back.
    LoseRequest,
    /// The call is performed so much later, and nothing comes back.
    DelayRequest(Duration),
    /// The call is refused, with a code of the node such as `mempool_full` and its text, or with a text of one's own. The
    /// other services refuse with status 400 and the text.
    Refuse(String),
    /// `tx.addtx` only: the transaction is accepted, and fails in its block with this text.
    FailLater(String),
    /// The call is not performed and answered with a status and HTML, as by a proxy.
    Status(u16),
    /// The call is performed and answered with a status and HTML, as by a proxy that waited too short.
    StatusAfter(u16),
    /// The call is performed and answered by what is no JSON, with status 200.
    NotJson,
    /// The call is performed and answered under another id.
    OtherId,
    /// The call is answered by a node that is so many slots behind.
    Lag(u64),
}

#[derive(Clone, Debug)]
struct Planned {
    call: LedgerCall,
    fault: LedgerFault,
    chance: Chance,
}

#[derive(Clone, Copy, Debug)]
enum Chance {
    /// The next so many.
    Times(u32),
    /// Each with this probability.
    Probability(f64),
}

/// The faults that are to come, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Planned>);

impl Faults {
    fn take(&mut self, call: LedgerCall, chance: &mut fastrand::Rng) -> Option<LedgerFault> {
        let fits = |planned: &Planned| planned.call == call || planned.call == LedgerCall::Any;
        let mut hits = |planned: &Planned| match planned.chance {
            Chance::Times(_) => true,
            Chance::Probability(probability) => chance.f64() < probability,
        };
        let index = self.0.iter().position(|planned| fits(planned) && hits(planned))?;
        let planned = self.0.get_mut(index)?;
        let fault = planned.fault.clone();
        if let Chance::Times(left) = &mut planned.chance {
            *left -= 1;
            if *left == 0 {
                self.0.remove(index);
            }
        }
        Some(fault)
    }
}

/// # Faults of the ledger
///
/// How slots stand still or race: [`set_slot_time`](Self::set_slot_time).
impl World {
    /// Lets the next calls of that sort go wrong. Of several faults each call meets the first that fits.
    pub fn ledger_fault(&mut self, call: LedgerCall, fault: LedgerFault, times: u32) {
        if times > 0 {
            self.ledger.faults.0.push(Planned { call, fault, chance: Chance::Times(times) });
        }
    }

    /// Lets each call of that sort go wrong with a probability, decided by the seed, until
    /// [`end_ledger_faults`](Self::end_ledger_faults).
    pub fn ledger_chaos(&mut self, call: LedgerCall, fault: LedgerFault, probability: f64) {
        self.ledger.faults.0.push(Planned { call, fault, chance: Chance::Probability(probability) });
    }

    /// From now on nothing goes wrong with the ledger.
    pub fn end_ledger_faults(&mut self) {
        self.ledger.faults.0.clear();
    }

    /// Lets every `id_token` made so far expire, so that the proof service refuses it. Proofs that were made stay good, and
    /// a login brings a new one.
    pub fn expire_id_tokens(&mut self) {
        self.tokens.expire_identities();
    }

    pub(super) fn take_ledger_fault(&mut self, call: LedgerCall) -> Option<LedgerFault> {
        self.ledger.faults.take(call, &mut self.rng)
    }
}

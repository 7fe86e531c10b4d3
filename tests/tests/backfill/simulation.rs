//! Many drops while people talk, in virtual time.

use std::time::{Duration, Instant};

use mezon_protocol::machine::BackfillPolicy;
use mezon_sandbox::OddPages;

use crate::town::{SECOND, Town};

/// How many messages are said during the thousand drops, unless `MEZON_BACKFILL_MESSAGES` says otherwise.
const MESSAGES: usize = 1_000_000;
const DROPS: usize = 1000;

/// A thousand drops: in good order, abrupt, unnoticed, and while what was missed is being fetched.
#[test]
fn a_thousand_drops_lose_nothing_repeat_nothing_and_change_no_order() {
    let messages = std::env::var("MEZON_BACKFILL_MESSAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(MESSAGES);
    let start = Instant::now();
    let mut town = Town::new(7, |config| config);
    town.sim.world().settings_mut().pages = OddPages::ALL;
    let (mut in_the_middle, mut again, mut reports) = (0, false, usize::MAX);
    for drop in 0..DROPS {
        let count = messages / DROPS;
        let away = town.rng.usize(..=count / 3);
        let during = town.rng.usize(..=count / 3);
        if !again {
            town.talk(count - away - during, SECOND / 4);
        }
        in_the_middle += usize::from(town.ledger.reports.len() == reports);
        let before = town.sim.machine.stats().ready;
        town.drop_somehow();
        let time = Duration::from_millis(town.rng.u64(1..3000));
        town.talk(away, time);
        town.await_ready(before);
        reports = town.ledger.reports.len();
        let is_last = drop + 1 == DROPS;
        let time =
            if town.rng.u8(..3) == 0 && !is_last { Duration::from_millis(town.rng.u64(..60)) } else { SECOND / 4 };
        town.talk(during, time);
        again = !is_last && town.ledger.reports.len() == reports;
        if again {
            town.talk(count - away - during, Duration::from_millis(1));
        }
        town.sim.forget_ended();
    }
    town.talk(messages.saturating_sub(town.ledger.said), SECOND);
    town.sim.run_for(10 * SECOND);
    town.check();
    let ledger = &town.ledger;
    println!(
        "{DROPS} drops, {in_the_middle} of them during a backfill; {} messages said, {} came live, {} were replayed, {} missing; \
         {} backfills ended; {:?} of virtual time in {:?}",
        ledger.said,
        ledger.live,
        ledger.replayed,
        town.missing(),
        ledger.reports.len(),
        town.sim.now().elapsed,
        start.elapsed(),
    );
    assert_eq!(town.missing(), 0);
    assert!(ledger.reports.iter().all(|report| report.beyond.is_empty()));
    assert!(in_the_middle > DROPS / 10 && ledger.replayed > ledger.said / 20);
}

/// So that the test above is known to see something.
#[test]
fn without_it_messages_are_lost() {
    let mut town = Town::new(7, |config| config.backfill(BackfillPolicy::OFF));
    town.talk(200, SECOND);
    let before = town.sim.machine.stats().ready;
    let bot = town.sim.bot_id;
    town.sim.act(|world, now| world.abort(now, bot));
    let lost: usize = {
        let missing = town.missing();
        town.talk(50, SECOND / 20);
        town.await_ready(before);
        town.missing() - missing
    };
    assert!(lost > 20, "{lost}");
}

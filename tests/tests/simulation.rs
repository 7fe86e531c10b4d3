//! Long runs with faults by chance, in virtual time. A run that fails prints its seed and can be repeated by it.

use std::collections::BTreeSet;
use std::time::Duration;

use mezon_protocol::event::JoinTarget;
use mezon_protocol::machine::{BackoffPolicy, State};
use mezon_protocol::{ChannelId, Config, Event, UserId};
use mezon_sandbox::{NewChannel, World};
use mezon_tests::backend::Called;
use mezon_tests::sim::Sim;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

struct Scene {
    sim: Sim,
    alice: UserId,
    general: ChannelId,
    /// Everything that is to be joined when Ready.
    expected: BTreeSet<JoinTarget>,
}

/// A bot in three clans, with direct messages, a group and a thread.
fn scene(seed: u64, adjust: impl FnOnce(Config) -> Config) -> Scene {
    let mut world = World::builder().seed(seed);
    let bot = world.bot("bot", "the-key");
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let clans = ["A", "B", "C"].map(|name| world.clan(name));
    for clan in clans {
        world.everyone_in(clan);
    }
    let general = world.channel(clans[0], "general");
    let direct = [world.dm(alice, bot), world.dm(bob, bot)];
    let thread = world.add_channel(clans[0], NewChannel::thread(general, "thread", [bot, alice]));
    world.settings().transcript_limit = 100;
    world.settings().envelope_limit = 100;
    world.settings().history_limit = 100;
    let config = adjust(Config::bot(bot, "the-key").unwrap().use_tls(false));
    let mut sim = Sim::new(config, world.build(), seed);
    sim.connect();
    let join = sim.bot.channel(thread).join();
    sim.finish(join).unwrap();
    let mut expected: BTreeSet<_> = clans.into_iter().map(JoinTarget::Clan).collect();
    expected.insert(JoinTarget::Clan(0.into()));
    expected.extend(direct.into_iter().chain([thread]).map(JoinTarget::Channel));
    assert_eq!(sim.joined(), expected);
    Scene { sim, alice, general, expected }
}

fn short_backoff(mut config: Config) -> Config {
    config.backoff = BackoffPolicy { first: SECOND / 10, cap: SECOND, ..BackoffPolicy::default() };
    config.without_rate_limits()
}

/// One thing that goes wrong, by chance, and with it the end of the connection.
fn misfortune(sim: &mut Sim, rng: &mut fastrand::Rng) {
    let bot = sim.bot_id;
    match rng.u8(..8) {
        0 => sim.act(|world, _| world.refuse_connect(503, 2)),
        1 => sim.act(|world, _| world.refuse_connect(401, 1)),
        2 => sim.act(|world, _| world.close_at_once(2)),
        3 => sim.act(|world, _| world.swallow_joins(1)),
        4 => sim.act(|world, _| world.expire_tokens()),
        5 => sim.act(|world, _| world.refuse_login(500, 1, None)),
        6 => sim.act(|world, _| world.swallow_acks(1)),
        _ => sim.reachable = false,
    }
    match rng.u8(..4) {
        0 => sim.act(|world, now| world.abort(now, bot)),
        1 => sim.act(|world, now| world.drop_connection(now, bot, 1001)),
        2 => sim.act(|world, _| world.half_open(bot)),
        _ => sim.act(|world, now| world.abort(now, bot)),
    };
    sim.run_for(SECOND / 2);
    sim.reachable = true;
}

fn reconnect_many_times(seed: u64, times: u64) {
    let Scene { mut sim, alice, general, expected } = scene(seed, short_backoff);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut in_use = Vec::new();
    for round in 0..times {
        let ready_before = sim.machine.stats().ready;
        let calls: Vec<Called<_>> = (0..rng.usize(..3)).map(|_| sim.bot.channel(general).send("hello")).collect();
        sim.act(|world, now| world.say(now, alice, general, "hi"));
        misfortune(&mut sim, &mut rng);
        let is_ready = |sim: &Sim| sim.machine.state() == State::Ready && sim.machine.stats().ready > ready_before;
        assert!(sim.run_until(10 * MINUTE, is_ready), "seed {seed}, round {round}: {:?}", sim.machine.state());
        // a refused or unanswered join is tried again behind Ready
        assert!(sim.run_until(MINUTE, |sim| sim.joined() == expected), "seed {seed}, round {round}: joins");
        for call in calls {
            let _ = sim.finish(call);
        }
        assert_eq!(sim.machine.health(sim.now()).pending_calls, 0, "seed {seed}, round {round}");
        sim.take_events();
        sim.forget_ended();
        if round % (times / 10).max(1) == 0 {
            let stats = ALLOCATOR.stats();
            in_use.push(stats.bytes_allocated - stats.bytes_deallocated);
        }
    }
    let (early, late) = (in_use[1], in_use[in_use.len() - 1]);
    println!("seed {seed}: {times} reconnects in {:?} of virtual time, memory in use: {in_use:?}", sim.now().elapsed);
    assert!(late < early + 200_000, "seed {seed}: memory has grown: {in_use:?}");
}

/// One test, as the memory of the whole process is measured.
/// Rows 23, 25.
#[test]
fn ten_thousand_reconnects_with_faults_by_chance_join_everything_end_every_call_and_keep_memory_flat() {
    reconnect_many_times(1, 10_000);
    drop_every_200_ms_for_a_minute();
    a_day_with_a_drop_every_five_seconds();
}

fn drop_every_200_ms_for_a_minute() {
    let quick = |mut config: Config| {
        config.backoff = BackoffPolicy { first: SECOND / 100, cap: SECOND / 50, ..BackoffPolicy::default() };
        config.without_rate_limits()
    };
    let Scene { mut sim, expected, .. } = scene(2, quick);
    sim.act(|world, now| world.drop_every(now, Some(SECOND / 5)));
    let end = sim.now().elapsed + MINUTE;
    let mut times = 0;
    while sim.now().elapsed < end {
        let ready = sim.machine.stats().ready;
        if !sim.run_until(SECOND, |sim| sim.machine.stats().ready > ready) {
            break;
        }
        assert_eq!(sim.joined(), expected, "after {times} drops");
        times += 1;
    }
    println!("a drop every 200 ms: Ready {times} times within a minute, each time with exactly the expected joins");
    assert!(times > 200, "Ready only {times} times");
}

fn a_day_with_a_drop_every_five_seconds() {
    let Scene { mut sim, expected, .. } = scene(3, short_backoff);
    sim.act(|world, now| world.drop_every(now, Some(5 * SECOND)));
    for _ in 0..24 {
        sim.run_for(60 * MINUTE);
        sim.take_events();
    }
    sim.act(|world, now| world.drop_every(now, None));
    sim.run_for(SECOND);
    assert!(sim.run_until(MINUTE, |sim| sim.machine.state() == State::Ready));
    assert_eq!(sim.joined(), expected);
    assert!(sim.take_events().iter().any(|event| matches!(event, Event::Ready { resumed: true, .. })));
    println!("a day with a drop every 5 s: Ready {} times", sim.machine.stats().ready);
}

//! Runs in the simulation, with everything that goes wrong.

use std::time::Duration;

use mezon_protocol::machine::BackoffPolicy;
use mezon_protocol::replay::{Player, ReplayError, check};
use mezon_protocol::{ChannelId, Config, TransportKind, UserId};
use mezon_sandbox::{NewChannel, World};
use mezon_tests::recording::Recording;
use mezon_tests::sim::Sim;

const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Scene {
    pub(crate) sim: Sim,
    pub(crate) recording: Recording,
    pub(crate) alice: UserId,
    pub(crate) general: ChannelId,
    pub(crate) thread: ChannelId,
}

/// A bot in two clans with direct messages and a thread, all that it is told being recorded.
pub(crate) fn scene(seed: u64, adjust: impl FnOnce(&mut Config)) -> Scene {
    let mut world = World::builder().seed(seed);
    let bot = world.bot("bot", "the-key");
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let clans = ["A", "B"].map(|name| world.clan(name));
    for clan in clans {
        world.everyone_in(clan);
    }
    let general = world.channel(clans[0], "general");
    world.dm(alice, bot);
    let thread = world.add_channel(clans[0], NewChannel::thread(general, "thread", [bot, alice, bob]));
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    config.backoff = BackoffPolicy { first: SECOND / 10, cap: SECOND, ..BackoffPolicy::default() };
    adjust(&mut config);
    let (sim, recording) = Sim::recorded(config, world.build(), seed);
    Scene { sim, recording, alice, general, thread }
}

/// Everything that bots do, by chance, while things go wrong.
pub(crate) fn live(scene: &mut Scene, seed: u64, rounds: usize) {
    let mut rng = fastrand::Rng::with_seed(seed);
    scene.sim.tell(|machine, now| machine.connect(now));
    for _ in 0..rounds {
        scene.sim.run_for(Duration::from_millis(rng.u64(..3000)));
        match rng.u8(..20) {
            kind @ 0..8 => ask(scene, kind),
            8 | 9 => edit(scene),
            kind => happen(scene, kind),
        }
    }
    scene.sim.takes_events = true;
    scene.sim.reachable = true;
    scene.sim.run_for(SECOND * 60);
}

/// A bot asks for something, and does not wait for the end.
fn ask(Scene { sim, alice, general, thread, .. }: &mut Scene, kind: u8) {
    match kind {
        0 => drop(sim.bot.channel(*general).send("hello")),
        1 => drop(sim.bot.user(*alice).send("psst")),
        2 => drop(sim.bot.channel(*thread).join()),
        3 => drop(sim.bot.channel(*thread).leave()),
        4 => drop(sim.bot.channel(*general).queue("later")),
        5 => drop(sim.bot.list_clans()),
        6 => {
            for _ in 0..3 {
                let _ = sim.bot.channels().fetch(*general);
            }
        }
        _ => drop(sim.bot.authenticate()),
    }
}

/// A message that is edited several times in a row.
fn edit(Scene { sim, general, .. }: &mut Scene) {
    let sent = sim.bot.channel(*general).send("to be edited");
    let Ok(sent) = sim.finish(sent) else { return };
    let editable = sent.editable();
    for text in ["one", "two", "three"] {
        let _ = editable.set(text);
    }
    let _ = editable.flush();
}

/// Something happens in the world.
fn happen(Scene { sim, alice, general, .. }: &mut Scene, kind: u8) {
    let (alice, general, bot) = (*alice, *general, sim.bot_id);
    match kind {
        10 => sim.act(|world, now| {
            world.push_session(now, bot);
        }),
        11 => sim.act(|world, now| {
            world.abort(now, bot);
        }),
        12 => sim.act(|world, _| {
            world.half_open(bot);
        }),
        13 => sim.act(|world, _| world.expire_tokens()),
        14 => sim.act(|world, _| world.refuse_connect(503, 1)),
        15 => sim.act(|world, _| world.swallow_acks(1)),
        16 => sim.tell(|machine, now| machine.reconnect(now)),
        17 => sim.push_frame(&b"2 is nothing"[..]),
        18 => sim.takes_events = !sim.takes_events,
        _ => sim.reachable = !sim.reachable,
    }
    for count in 0..20 {
        sim.act(|world, now| {
            world.say(now, alice, general, &format!("message {count}"));
        });
    }
}

pub(crate) fn recorded(seed: u64, adjust: impl FnOnce(&mut Config)) -> Vec<u8> {
    let mut scene = scene(seed, adjust);
    live(&mut scene, seed, 60);
    assert!(scene.sim.machine.stats().ready > 0);
    ended(scene)
}

/// A shorter one.
pub(crate) fn recorded_for(seed: u64, rounds: usize) -> Vec<u8> {
    let mut scene = scene(seed, |_| {});
    live(&mut scene, seed, rounds);
    ended(scene)
}

fn ended(mut scene: Scene) -> Vec<u8> {
    scene.sim.tell(|machine, now| machine.shutdown(now, SECOND));
    scene.sim.machine.end_recording();
    scene.recording.bytes()
}

#[test]
fn a_run_with_everything_that_goes_wrong_is_replayed_bit_for_bit() {
    let mut own_edits = 0;
    for seed in 1..=40 {
        let recording = recorded(seed, |config| {
            config.join_groups = seed % 2 == 0;
            if seed % 3 == 0 {
                config.transport = TransportKind::Tcp;
            }
            if seed % 5 == 0 {
                *config = config.clone().without_rate_limits();
            }
            config.inbox.pause_at_events = 8;
        });
        match check(&recording[..]) {
            Ok(summary) => {
                println!("seed {seed}: {} bytes, {summary:?}", recording.len());
                assert!(summary.steps > 100 && summary.outputs > 200);
                own_edits += told(&recording).matches("of its own is told: start").count();
            }
            Err(error) => {
                show(&recording, &error);
                panic!("seed {seed}: {error}")
            }
        }
    }
    assert!(own_edits > 20, "{own_edits} edits that the Machine made by itself");
}

/// A recording in words.
pub(crate) fn told(recording: &[u8]) -> String {
    let mut player = Player::new(recording).unwrap();
    std::iter::from_fn(|| player.step().unwrap()).map(|step| format!("{step}\n")).collect()
}

/// Prints what led to the first step that differs.
pub(crate) fn show(recording: &[u8], error: &ReplayError) {
    let ReplayError::Different { step: last, .. } = error else { return };
    let mut player = Player::new(recording).unwrap();
    while let Ok(Some(step)) = player.step() {
        if step.number() + 12 > *last {
            println!("{step}");
        }
        if step.number() >= *last {
            step.differences().iter().for_each(|difference| println!("!!! {difference}"));
            return;
        }
    }
}

//! A session on disk, and what may become of it within a month.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mezon_protocol::machine::State;
use mezon_protocol::{Event, Machine};

use crate::scene::{DAY, HOUR, MINUTE, SECOND, Scene};

/// A file that goes with the test.
struct Disk(PathBuf);

impl Disk {
    fn new(seed: u64) -> Self {
        Self(std::env::temp_dir().join(format!("mezon-session-{}-{seed}.json", std::process::id())))
    }

    /// What a program does with its events: it stores the session whenever it is told to.
    fn store(&self, scene: &mut Scene) {
        for event in scene.sim.take_events() {
            if let Event::SessionRefreshed { session } = event {
                fs::write(&self.0, serde_json::to_string(&session.export()).unwrap()).unwrap();
            }
        }
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_file(Path::new(&self.0));
    }
}

/// One thing that goes wrong, by chance.
fn misfortune(scene: &mut Scene, rng: &mut fastrand::Rng) {
    let alice = scene.alice;
    match rng.u8(..9) {
        0 => scene.sim.act(|world, _| world.http_status("SessionRefresh", 500, 40, None)),
        1 => scene.sim.act(|world, _| world.http_status("SessionRefresh", 503, 3, Some(10 * SECOND))),
        2 => scene.sim.act(|world, _| world.refuse_connect(401, 2)),
        3 => scene.sim.act(|world, _| world.close_at_once(2)),
        4 => scene.sim.act(|world, _| world.expire_tokens()),
        5 => {
            // an answer gets lost, perhaps that to a refresh
            scene.sim.run_until(10 * MINUTE, |sim| {
                sim.http_log.last().is_some_and(|(at, _)| *at + SECOND > sim.now().elapsed)
            });
            scene.sim.break_http();
        }
        6 => drop(scene.sim.act(|world, now| world.push_session(now, alice))),
        7 => {
            scene.sim.reachable = false;
            scene.sim.act(|world, now| world.abort(now, alice));
            scene.sim.run_for(Duration::from_secs(rng.u64(1..3600)));
            scene.sim.reachable = true;
        }
        _ => drop(scene.sim.act(|world, now| world.abort(now, alice))),
    }
}

/// Thirty days with `restarts` among them, some after days of absence.
fn a_month(seed: u64) {
    let adjust = |config: &mut mezon_protocol::Config| config.retry_login = true;
    let mut scene = Scene::with(seed, adjust, |settings| settings.session_after_connect = seed % 2 == 0);
    let (disk, mut rng) = (Disk::new(seed), fastrand::Rng::with_seed(seed));
    // as it was stored right after the login
    fs::write(&disk.0, serde_json::to_string(&scene.session().export()).unwrap()).unwrap();
    scene.restart(&disk.read());
    let start = scene.sim.now().elapsed;
    let mut restarts = 0;
    while scene.sim.now().elapsed - start < 30 * DAY {
        scene.sim.tell(Machine::connect);
        let is_ready = |sim: &mezon_tests::sim::Sim| sim.machine.state() == State::Ready;
        assert!(scene.sim.run_until(HOUR, is_ready), "seed {seed}: {:?}", scene.sim.machine.state());
        misfortune(&mut scene, &mut rng);
        scene.sim.run_for(Duration::from_secs(rng.u64(60..6 * 3600)));
        let lost = scene.logins_required();
        assert_eq!(lost, 0, "seed {seed}: after {:?}", scene.sim.now().elapsed);
        disk.store(&mut scene);
        assert_eq!(disk.read(), serde_json::to_string(&scene.session().export()).unwrap(), "seed {seed}");
        if rng.u8(..4) == 0 {
            restarts += 1;
            scene.restart(&disk.read());
            scene.sim.run_for(Duration::from_secs(rng.u64(..6 * 24 * 3600)));
        }
        scene.sim.forget_ended();
    }
    assert_eq!((scene.logins(), scene.sim.world().counters().logins_refused), (1, 0), "seed {seed}");
    println!("seed {seed}: {} refreshes, {restarts} restarts, one login", scene.refreshes());

    // the end of it: nobody comes for longer than the refresh token lasts
    scene.restart(&disk.read());
    scene.sim.run_for(8 * DAY);
    scene.sim.tell(Machine::connect);
    scene.sim.run_for(HOUR);
    assert_eq!((scene.sim.machine.state(), scene.logins_required(), scene.logins()), (State::Closed, 1, 1));
}

/// Rows 226, 231, 245.
#[test]
fn a_session_restored_from_disk_lives_through_a_month_without_another_login() {
    for seed in 1..=4 {
        a_month(seed);
    }
}

//! Alice, a person who has logged in once, in a simulated network.

use std::time::Duration;

use mezon_protocol::rest::login::LogIn;
use mezon_protocol::{Config, Event, Machine, Session, SessionExport, UserId};
use mezon_sandbox::{Settings, World};
use mezon_tests::recording;
use mezon_tests::sim::Sim;

pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);
pub const DAY: Duration = Duration::from_secs(24 * 3600);

pub struct Scene {
    pub sim: Sim,
    pub config: Config,
    pub alice: UserId,
}

impl Scene {
    /// Tokens last for ten minutes and refresh tokens for a week, as those of people do.
    pub fn new() -> Self {
        Self::with(1, |_| {}, |_| {})
    }

    pub fn with(seed: u64, adjust: impl FnOnce(&mut Config), set: impl FnOnce(&mut Settings)) -> Self {
        let mut world = World::builder().seed(seed);
        let (alice, bob) = (world.person("alice"), world.person("bob"));
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        world.dm(alice, bob);
        world.settings().token_lifetime = 10 * MINUTE;
        world.settings().transcript_limit = 100;
        world.settings().envelope_limit = 100;
        set(world.settings());
        let mut config = Config::user().use_tls(false).without_rate_limits();
        config.heartbeat.interval = MINUTE;
        adjust(&mut config);
        let mut sim = Sim::new(config.clone(), world.build(), seed);
        sim.bot_id = alice;
        let login = sim.bot.call(LogIn::id_token("the-id-token", alice, "alice"));
        assert_eq!(sim.finish(login).unwrap().user_id(), alice);
        Self { sim, config, alice }
    }

    /// The program ends, and is started again with what was stored.
    pub fn restart(&mut self, stored: &str) {
        self.sim.tell(Machine::close);
        self.sim.run_for(SECOND);
        let seed = self.sim.now().elapsed.as_secs();
        self.sim.machine = recording::machine(self.config.clone(), seed, self.sim.now());
        let stored: SessionExport = serde_json::from_str(stored).unwrap();
        self.sim.machine.restore_session(Session::restore(stored).unwrap());
        self.sim.take_events();
        self.sim.forget_ended();
    }

    pub fn session(&self) -> &Session {
        self.sim.machine.session().expect("alice has logged in")
    }

    pub fn logins(&self) -> u64 {
        self.sim.world().counters().logins
    }

    pub fn refreshes(&self) -> u64 {
        self.sim.world().counters().refreshes
    }

    /// How often we were told that somebody has to log in.
    pub fn logins_required(&self) -> usize {
        self.sim.events.iter().filter(|event| matches!(event, Event::LoginRequired { .. })).count()
    }

    /// How often we were told to store the session.
    pub fn sessions_told(&self) -> usize {
        self.sim.events.iter().filter(|event| matches!(event, Event::SessionRefreshed { .. })).count()
    }
}

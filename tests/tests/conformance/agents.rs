//! The events of AI agents, on every adapter that has sockets: what a stream tells, from its opening to its end.

use std::time::Duration;

use mezon_protocol::rest::agent::{AgentConfig, AgentEvent, AgentEventKind, AgentRoom, AgentStreamEvent, StreamEnd};
use mezon_protocol::{Config, ErrorKind, UserId};
use mezon_sandbox::World;
use mezon_tests::DEAD_PORT;
use serde_json::Map;

use crate::ADAPTERS;
use crate::bot::{Heard, Link, Listens, Start, Stream};

const SOON: Duration = Duration::from_secs(10);
const KEY: &str = "a very/secret+key";

type Scenario = fn(&mut Scene);

/// All of them.
const SCENARIOS: &[(&str, Scenario)] = &[
    ("events", events),
    ("reconnect after a drop", reconnects),
    ("giving up", gives_up),
    ("a server that is not there", nobody_there),
    ("a slow user loses nothing", back_pressure),
    ("a later stream takes over", takes_over),
    ("dropping", drops),
    ("the end of the client", ends_with_the_client),
    ("errors", errors),
];

struct Scene {
    bot: Box<dyn Listens>,
    bot_id: UserId,
    /// As the client has it, but less patient.
    settings: AgentConfig,
}

#[test]
fn agent_events_are_the_same_on_every_adapter() {
    for adapter in ADAPTERS {
        let Some(start) = adapter.start_listening else { continue };
        for link in [Link::WEBSOCKET, Link::WEBSOCKET_TLS] {
            for (name, scenario) in SCENARIOS {
                eprintln!("{name}: {} over {}", adapter.name, link.name());
                scenario(&mut Scene::new(start, link));
            }
        }
    }
}

impl Scene {
    fn new(start: Start<dyn Listens>, link: Link) -> Self {
        let mut world = World::builder().seed(7);
        let bot_id = world.bot("bot", KEY);
        let mut config = Config::bot(bot_id, KEY).unwrap().without_rate_limits();
        config.services.agent = Some("http://to.be.filled.in".into());
        let mut settings = AgentConfig::of(&config).unwrap();
        let bot = start(world.build(), config, link);
        bot.sandbox().url().clone_into(&mut settings.base);
        (settings.base_delay, settings.jitter) = (Duration::from_millis(1), Duration::ZERO);
        Self { bot, bot_id, settings }
    }

    /// Opens a stream, once the client has a driver.
    fn listen(&mut self) -> Stream {
        self.bot.connect().unwrap();
        let mut stream = self.bot.listen(Some(self.settings.clone())).unwrap();
        assert_eq!(stream(SOON), Heard::Event(AgentStreamEvent::Opened { again: false }));
        stream
    }

    /// Tells all streams something, and gives their number.
    fn tell(&self, event: &AgentEvent) -> usize {
        self.bot.sandbox().with(|world, _| world.agent_event(self.bot_id, event))
    }

    /// Waits until so many streams are open.
    fn wait_for_streams(&self, count: usize) {
        let bot = self.bot_id;
        let open = move |world: &World| world.agent_streams(bot).len() == count;
        self.bot.sandbox().until(format!("{count} streams"), SOON, open).wait().unwrap();
    }
}

fn event(kind: AgentEventKind, id: &str) -> AgentEvent {
    AgentEvent {
        event_id: id.into(),
        kind,
        timestamp: "2026-01-01T00:00:00Z".into(),
        room: AgentRoom { room_id: "17".into(), room_name: "the room".into() },
        metadata: Map::from_iter([("summary".to_owned(), "nothing was said".into())]),
    }
}

fn heard(event: AgentEvent) -> Heard {
    Heard::Event(AgentStreamEvent::Event(event))
}

fn lost(end: StreamEnd) -> Heard {
    Heard::Event(AgentStreamEvent::Lost(end))
}

fn reconnecting(attempt: u32, settings: &AgentConfig) -> Heard {
    let delay = settings.base_delay * 2_u32.pow(attempt - 1);
    Heard::Event(AgentStreamEvent::Reconnecting { attempt, max_attempts: settings.max_attempts, delay })
}

const CLOSED: Heard = Heard::Event(AgentStreamEvent::Closed);

fn events(scene: &mut Scene) {
    scene.bot.connect().unwrap();
    let mut stream = scene.bot.listen(None).unwrap();
    assert_eq!(stream(SOON), Heard::Event(AgentStreamEvent::Opened { again: false }));
    for kind in [AgentEventKind::RoomStarted, AgentEventKind::RoomEnded, AgentEventKind::RoomSummaryDone] {
        assert_eq!(scene.tell(&event(kind, "an id")), 1);
        assert_eq!(stream(SOON), heard(event(kind, "an id")));
    }
    assert_eq!(stream(Duration::ZERO), Heard::Nothing);
}

fn reconnects(scene: &mut Scene) {
    let mut stream = scene.listen();
    for _ in 0..3 {
        let dropped = scene.bot.sandbox().with(|world, now| world.drop_agents(now, scene.bot_id));
        assert_eq!(dropped, 1);
        assert_eq!(stream(SOON), lost(StreamEnd::Ended));
        assert_eq!(stream(SOON), reconnecting(1, &scene.settings), "the count begins again");
        assert_eq!(stream(SOON), Heard::Event(AgentStreamEvent::Opened { again: true }));
    }
    scene.tell(&event(AgentEventKind::RoomStarted, "after"));
    assert_eq!(stream(SOON), heard(event(AgentEventKind::RoomStarted, "after")));
}

fn gives_up(scene: &mut Scene) {
    scene.bot.connect().unwrap();
    (scene.settings.token, scene.settings.max_attempts) = ("another key".into(), 2);
    let mut stream = scene.bot.listen(Some(scene.settings.clone())).unwrap();
    for attempt in 1..=2 {
        assert_eq!(stream(SOON), lost(StreamEnd::Status(401)));
        assert_eq!(stream(SOON), reconnecting(attempt, &scene.settings));
    }
    assert_eq!(stream(SOON), lost(StreamEnd::Status(401)));
    assert_eq!((stream(SOON), stream(SOON)), (CLOSED, Heard::End));
}

fn nobody_there(scene: &mut Scene) {
    scene.bot.connect().unwrap();
    (scene.settings.base, scene.settings.auto_reconnect) = (format!("http://127.0.0.1:{DEAD_PORT}"), false);
    let mut stream = scene.bot.listen(Some(scene.settings.clone())).unwrap();
    let Heard::Event(AgentStreamEvent::Lost(StreamEnd::Failed(why))) = stream(SOON) else { panic!("it has failed") };
    assert!(!why.contains("secret") && !why.contains("appid"), "{why}");
    assert_eq!((stream(SOON), stream(SOON)), (CLOSED, Heard::End));
}

fn back_pressure(scene: &mut Scene) {
    let mut stream = scene.listen();
    let long = |number: usize| event(AgentEventKind::RoomEnded, &format!("{number} {}", "x".repeat(4000)));
    for number in 0..2000 {
        scene.tell(&long(number));
    }
    for number in 0..2000 {
        assert_eq!(stream(SOON), heard(long(number)));
    }
    assert_eq!(stream(Duration::ZERO), Heard::Nothing);
}

fn takes_over(scene: &mut Scene) {
    let mut earlier = scene.listen();
    let mut later = scene.listen();
    assert_eq!((earlier(SOON), earlier(SOON)), (CLOSED, Heard::End));
    scene.wait_for_streams(1);
    drop(earlier);
    scene.tell(&event(AgentEventKind::RoomStarted, "an id"));
    assert_eq!(later(SOON), heard(event(AgentEventKind::RoomStarted, "an id")));
}

fn drops(scene: &mut Scene) {
    let stream = scene.listen();
    scene.wait_for_streams(1);
    drop(stream);
    scene.wait_for_streams(0);

    // also while the exchange waits for room
    let stream = scene.listen();
    for _ in 0..2000 {
        scene.tell(&event(AgentEventKind::RoomEnded, &"x".repeat(4000)));
    }
    drop(stream);
    scene.wait_for_streams(0);
}

fn ends_with_the_client(scene: &mut Scene) {
    let mut stream = scene.listen();
    scene.bot.shutdown(SOON);
    assert_eq!((stream(SOON), stream(SOON)), (CLOSED, Heard::End));
    scene.wait_for_streams(0);
    assert_eq!(scene.bot.listen(None).err().unwrap().kind(), &ErrorKind::Closed);
}

fn errors(scene: &mut Scene) {
    assert_eq!(scene.bot.listen(None).err().unwrap().kind(), &ErrorKind::NotConnected);
    scene.bot.connect().unwrap();
    for base in ["", "agent.test", "ftp://agent.test", "https://", "https:///x", "https://agent.test?x", "http://a b"] {
        base.clone_into(&mut scene.settings.base);
        let error = scene.bot.listen(Some(scene.settings.clone())).err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Config(_)), "{base}: {error:?}");
        assert!(!error.to_string().contains("secret"));
    }
}

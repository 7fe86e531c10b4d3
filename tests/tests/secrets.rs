//! Nothing secret is logged or printed: a session with everything that can go wrong runs at TRACE, and the output is searched.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mezon_protocol::machine::Machine;
use mezon_protocol::{Config, Event};
use mezon_sandbox::World;
use mezon_tests::sim::Sim;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const KEY: &str = "a-very-secret-api-key";
const TEXT: &str = "between you and me";

/// Rows 3, 31.
#[test]
fn neither_credentials_nor_message_texts_are_logged_or_printed() {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone()).finish();
    let mut printed = String::new();
    let mut tokens = Vec::new();
    tracing::subscriber::with_default(subscriber, || {
        let mut world = World::builder().seed(4);
        let bot = world.bot("bot", KEY);
        let alice = world.person("alice");
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let general = world.channel(clan, "general");
        let config = Config::bot(bot, KEY).unwrap().use_tls(false);
        printed.push_str(&format!("{config:?}"));
        let mut sim = Sim::new(config, world.build(), 4);
        sim.connect();
        sim.act(|world, now| world.say(now, alice, general, TEXT));
        sim.run_for(Duration::from_secs(1));
        let sent = sim.bot.channel(general).send(TEXT);
        let sent = sim.finish(sent).unwrap();
        printed.push_str(&format!("{sent:?}"));
        sim.act(|world, now| world.push_session(now, bot));
        sim.push_frame(format!("2{TEXT}").into_bytes());
        sim.act(|world, _| world.refuse_sends(7, "no", 1));
        let refused = sim.bot.channel(general).send(TEXT);
        printed.push_str(&format!("{:?}", sim.finish(refused).unwrap_err()));
        for _ in 0..3 {
            tokens.push(sim.machine.session().unwrap().token().expose().to_owned());
            sim.act(|world, now| {
                world.expire_tokens();
                world.abort(now, bot);
            });
            sim.run_for(Duration::from_secs(20));
        }
        for event in sim.take_events() {
            printed.push_str(&format!("{event:?}"));
            if let Event::Message(message) = event {
                printed.push_str(&format!("{:?}", message.content()));
            }
        }
        printed.push_str(&format!("{:?} {:?}", sim.machine, sim.machine.session()));
        sim.tell(Machine::close);
    });
    let logged = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("Ready"), "nothing was captured");
    for (what, output) in [("logged", &logged), ("printed", &printed)] {
        assert!(!output.contains(KEY), "the key was {what}");
        assert!(!output.contains(TEXT), "a text was {what}");
        for token in &tokens {
            assert!(!output.contains(token.as_str()), "a token was {what}");
        }
    }
}

//! Nothing secret is logged or printed: a session with everything that can go wrong runs at TRACE, and the output is searched.

use std::time::Duration;

use mezon_protocol::call::RefreshSession;
use mezon_protocol::light::ClientInitConfig;
use mezon_protocol::machine::Machine;
use mezon_protocol::rest::login::LogIn;
use mezon_protocol::{Config, Event};
use mezon_sandbox::World;
use mezon_tests::captured;
use mezon_tests::sim::Sim;

const KEY: &str = "a-very-secret-api-key";
const TEXT: &str = "between you and me";

/// Rows 3, 31.
#[test]
fn neither_credentials_nor_message_texts_are_logged_or_printed() {
    let mut printed = String::new();
    let mut tokens = Vec::new();
    let logged = logged(|| {
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
    for (what, output) in [("logged", &logged), ("printed", &printed)] {
        assert!(!output.contains(KEY), "the key was {what}");
        assert!(!output.contains(TEXT), "a text was {what}");
        for token in &tokens {
            assert!(!output.contains(token.as_str()), "a token was {what}");
        }
    }
}

/// Row 31.
#[test]
fn neither_the_credentials_of_a_user_nor_what_a_login_takes_are_logged_or_printed() {
    const ID_TOKEN: &str = "a-very-secret-id-token";
    let (mut printed, mut secrets) = (String::new(), vec![ID_TOKEN.to_owned()]);
    let logged = logged(|| {
        let mut world = World::builder().seed(5);
        let alice = world.person("alice");
        world.settings().token_lifetime = Duration::from_secs(600);
        let mut sim = Sim::new(Config::user().use_tls(false), world.build(), 5);
        sim.bot_id = alice;
        let login = sim.bot.call(LogIn::id_token(ID_TOKEN, alice, "alice"));
        sim.finish(login).unwrap();
        let mut note = |sim: &Sim| {
            let session = sim.machine.session().unwrap().export();
            secrets.extend([session.token, session.refresh_token, session.session_id].map(|it| it.expose().to_owned()));
        };
        note(&sim);
        sim.connect();
        sim.run_for(Duration::from_secs(900));
        note(&sim);
        sim.act(|world, now| world.push_session(now, alice));
        sim.run_for(Duration::from_secs(1));
        note(&sim);
        sim.act(|world, now| {
            world.refuse_connect(401, 2);
            world.http_status("SessionRefresh", 500, 2, None);
            world.abort(now, alice)
        });
        sim.run_for(Duration::from_secs(60));
        printed.push_str(&format!("{:?} {:?} {:?}", sim.take_events(), sim.machine, sim.machine.session()));
        printed.push_str(&format!("{:?}", ClientInitConfig::of(sim.machine.session().unwrap())));
        sim.act(|world, _| world.revoke_sessions(alice));
        let refused = sim.bot.call(RefreshSession);
        printed.push_str(&format!("{:?}", sim.finish(refused)));
    });
    assert!(printed.contains("SessionRefreshed"));
    secrets.retain(|secret| !secret.is_empty());
    for secret in &secrets {
        assert!(!logged.contains(secret.as_str()) && !printed.contains(secret.as_str()), "{secret}");
    }
}

/// All that is logged by a client meanwhile.
fn logged(act: impl FnOnce()) -> String {
    let logged = captured::logged(act);
    assert!(logged.contains("Ready"), "nothing was captured");
    logged
}

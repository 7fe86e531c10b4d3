//! A bot against the sandbox's world in virtual time: the main job from end to end, over either transport.

use std::time::Duration;

use mezon_protocol::machine::State;
use mezon_protocol::{ChannelId, ClanId, Config, Event, TransportKind, UserId};
use mezon_sandbox::World;
use mezon_tests::sim::Sim;

struct Scene {
    sim: Sim,
    alice: UserId,
    general: ChannelId,
    clan: ClanId,
}

const TRANSPORTS: [TransportKind; 2] = [TransportKind::WebSocket, TransportKind::Tcp];

fn scene(transport: TransportKind) -> Scene {
    let mut world = World::builder().seed(1);
    let bot = world.bot("echo", "the-key");
    let alice = world.person("alice");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    let config = Config::bot(bot, "the-key").unwrap().use_tls(false).transport(transport);
    Scene { sim: Sim::new(config, world.build(), 1), alice, general, clan }
}

#[test]
fn a_bot_logs_in_hears_a_message_and_replies() {
    for transport in TRANSPORTS {
        let Scene { mut sim, alice, general, .. } = scene(transport);
        sim.connect();
        sim.take_events();
        let said = sim.act(|world, now| world.say(now, alice, general, "*ping"));
        sim.run_for(Duration::from_secs(1));
        let events = sim.take_events();
        let [Event::Message(message)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((message.id(), message.text().as_ref(), message.is_own()), (said, "*ping", false));

        let expectation = sim.act(|world, now| {
            world.expect_reply(now, said, mezon_sandbox::Matching::text("pong"), Duration::from_secs(5))
        });
        let reply = sim.finish(message.reply("pong")).unwrap();
        let outcome = sim.world().take_outcome(expectation);
        assert!(matches!(outcome, Some(Ok(_))), "{outcome:?}");
        sim.finish(reply.edit("pong, 10 ms")).unwrap();
        assert_eq!(sim.world().text_of(reply.id()).as_deref(), Some("pong, 10 ms"));
        assert!(sim.take_events().iter().all(|event| match event {
            Event::Message(message) | Event::MessageUpdated(message) => message.is_own(),
            _ => false,
        }));
    }
}

#[test]
fn after_a_drop_everything_is_joined_again() {
    for transport in TRANSPORTS {
        let Scene { mut sim, clan, .. } = scene(transport);
        sim.connect();
        let before = sim.joined();
        assert!(before.contains(&mezon_protocol::event::JoinTarget::Clan(clan)));
        let bot = sim.bot_id;
        sim.act(|world, now| world.abort(now, bot));
        sim.run_until(Duration::from_secs(5), |sim| sim.machine.state() != State::Ready);
        assert!(sim.run_until(Duration::from_secs(5), |sim| sim.machine.state() == State::Ready));
        assert_eq!(sim.joined(), before);
    }
}

//! C14: commands, from what people write to what the bot answers.

use mezon_protocol::Event;
use mezon_protocol::command::{Command, Router};
use mezon_protocol::object::Message;
use mezon_protocol::proto::api::ChannelMessage;
use mezon_protocol::proto::realtime::envelope;
use mezon_sandbox::What;
use mezon_tests::backend::Collector;

use crate::scene::{SECOND, Scene, ready};

fn router() -> Router {
    Router::new("*")
        .mention_prefix()
        .command(Command::new("help"))
        .command(Command::new("ping"))
        .command(Command::new("expert").args::<(i64, String)>(&["level", "name"]))
}

/// Does what a bot does with a message in a plain event loop.
fn handle(scene: &mut Scene, router: &mut Router, message: &Message<Collector>) {
    let answer = match router.route(message, scene.sim.now()) {
        Ok(None) => return,
        Ok(Some(found)) => match found.command() {
            "ping" => "pong".to_owned(),
            "help" => router.help(),
            "expert" => {
                let (level, name): (i64, String) = found.args.parse().unwrap();
                format!("{name} has level {level}")
            }
            other => panic!("{other}"),
        },
        Err(refusal) => refusal.to_string(),
    };
    let answering = message.respond(answer);
    scene.sim.finish(answering).unwrap();
}

/// What the bot says when Alice says this.
fn answer(scene: &mut Scene, text: &str) -> Vec<String> {
    let message = scene.hear(text);
    respond(scene, &message)
}

fn respond(scene: &mut Scene, message: &Message<Collector>) -> Vec<String> {
    let before = scene.said(scene.general).len();
    handle(scene, &mut router(), message);
    // its own answer comes back, and must not be answered
    scene.sim.run_for(SECOND);
    for event in scene.sim.take_events() {
        if let Event::Message(message) = event {
            handle(scene, &mut router(), &message);
        }
    }
    scene.said(scene.general).split_off(before)
}

/// Row 67.
#[test]
fn a_command_by_prefix_is_answered_once() {
    let mut scene = ready();
    assert_eq!(answer(&mut scene, "*ping"), ["pong"]);
    assert!(answer(&mut scene, "ping").is_empty());
    assert!(answer(&mut scene, "*unknown").is_empty());
}

#[test]
fn a_mention_of_the_bot_is_a_prefix_and_wrong_arguments_are_answered() {
    let mut scene = ready();
    let (alice, bot, general) = (scene.alice, scene.sim.bot_id, scene.general);
    for (text, expected) in [
        ("expert 12 Nguyễn Văn A", "Nguyễn Văn A has level 12"),
        ("expert abc", "argument 1 (level) must be a whole number, not \"abc\"\nusage: *expert <level> <name...>"),
        ("", "*help\n*ping\n*expert <level> <name...>"),
    ] {
        scene.sim.act(|world, now| world.mention(now, alice, general, bot, text));
        let message = scene.last_message();
        assert!(message.mentions_me());
        assert_eq!(respond(&mut scene, &message), [expected]);
    }
}

#[test]
fn a_slash_command_is_answered_as_it_came_so_that_only_its_sender_sees_it() {
    let mut scene = ready();
    let slash = ChannelMessage {
        clan_id: scene.clan.get(),
        channel_id: scene.general.get(),
        message_id: 77,
        code: 12,
        sender_id: scene.alice.get(),
        content: r#"{"t":"/ping"}"#.into(),
        mode: 2,
        is_public: true,
        ..Default::default()
    };
    let bot = scene.sim.bot_id;
    scene.sim.act(|world, _| world.push_event(bot, envelope::Message::ChannelMessage(Box::new(slash))));
    let message = scene.last_message();
    assert!(message.is_ephemeral());
    assert!(respond(&mut scene, &message).is_empty(), "nothing that others see");
    let world = scene.sim.world();
    let whispered = world.transcript().rev().find_map(|entry| match &entry.what {
        What::Whispered { said, receivers } => Some((said.text.clone(), receivers.clone())),
        _ => None,
    });
    assert_eq!(whispered, Some(("pong".to_owned(), vec![scene.alice])));
}

#[test]
fn messages_of_the_bot_itself_are_commands_only_if_that_is_wanted() {
    let mut scene = ready();
    let sending = scene.sim.bot.channel(scene.general).send("*ping");
    scene.sim.finish(sending).unwrap();
    let own = scene.last_message();
    assert_eq!(router().route(&own, scene.sim.now()), Ok(None));
    assert!(router().with_own().route(&own, scene.sim.now()).unwrap().is_some());
}

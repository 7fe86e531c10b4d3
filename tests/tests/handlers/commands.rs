//! Commands, from what people write to what the bot answers.

use std::time::Duration;

use mezon_client::{Commands, Driven};
use mezon_protocol::command::{Command, Denied, Refusal, Scope};
use mezon_protocol::content::SpanKind;
use mezon_protocol::object::SentMessage;
use mezon_sandbox::Matching;

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports, tell_texts};

/// S1.
pub fn a_command_is_answered<R: Adapter>() {
    let town = Town::<R>::new();
    let ping = Command::new("ping").alias("p");
    let commands = Commands::new("*").prefix("!").command(ping, |call| async move {
        assert_eq!((call.name(), call.args().text()), ("ping", ""));
        let sent: SentMessage<Driven<R>> = R::ended(call.message().reply("pong")).await?;
        R::ended(sent.edit("pong: 1 ms")).await
    });
    let id = town.client.commands(commands);
    let texts = tell_texts(&town.client);
    let running = town.run();
    for text in ["*ping", "!P", "*ping"] {
        let said = town.say(text);
        let reply = town.sandbox.expect_reply(said, Matching::any(), SOON).wait().unwrap();
        town.sandbox.expect_edit(reply.message, "pong: 1 ms", SOON).wait().unwrap();
    }
    let direct = town.sandbox.dm(town.alice, town.bot, "*ping");
    town.sandbox.expect_reply(direct, Matching::any(), SOON).wait().unwrap();
    assert_eq!(texts.take(4), ["*ping", "!P", "*ping", "*ping"], "other handlers hear of it all the same");
    for text in ["ping", "*pong", "* ping"] {
        town.say(text);
        assert_eq!(texts.next(), text);
    }
    let said = || town.sandbox.with(|world, _| world.counters().messages_from_clients);
    assert_eq!(said(), 4, "what is no command is passed over");
    assert!(town.client.off(id));
    town.say("*ping");
    assert_eq!((texts.next().as_str(), said()), ("*ping", 4));
    town.end(running);
}

/// S2.
pub fn arguments_are_typed_and_wrong_ones_are_answered<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, experts) = reports();
    let expert = Command::new("expert").args::<(i64, String)>(&["level", "name"]);
    town.client.commands(Commands::new("*").mention_prefix().command(expert, move |call| {
        let (level, name): (i64, String) = call.parse()?;
        tell.send((level, name)).unwrap();
        Ok::<_, mezon_protocol::command::ArgsError>(())
    }));
    let running = town.run();
    town.sandbox.mention(town.alice, town.general, town.bot, "expert 12 Nguyễn Văn A");
    assert_eq!(experts.next(), (12, "Nguyễn Văn A".to_owned()));
    let wrong = town.say("*expert abc");
    let answer = "argument 1 (level) must be a whole number, not \"abc\"\nusage: *expert <level> <name...>";
    town.sandbox.expect_reply(wrong, answer, SOON).wait().unwrap();
    assert!(experts.rest().is_empty());
    town.end(running);
}

/// S2.
pub fn help_is_preformatted<R: Adapter>() {
    let town = Town::<R>::new();
    let ping = Command::new("ping").about("Answers with pong").alias("p");
    town.client.commands(Commands::new("*").mention_prefix().command(ping, |_| ()).with_help());
    let (tell, contents) = reports();
    town.client.handle_own(true);
    town.client.on_message(move |message| {
        if message.is_own() {
            tell.send(message.content()).unwrap();
        }
    });
    let running = town.run();
    let overview = "*ping              Answers with pong\n*help [command...]  Shows the commands, or more about one";
    let overview = overview.replace("*ping  ", "*ping   ");
    town.sandbox.mention(town.alice, town.general, town.bot, "");
    let content = contents.next();
    assert_eq!(content.as_text(), overview);
    let [span] = &content.spans()[..] else { panic!("{content:?}") };
    assert!(matches!(span.kind, SpanKind::Pre { .. }), "{span:?}");
    assert_eq!((span.start, span.end), (0, overview.encode_utf16().count()));
    town.say("*help p");
    assert_eq!(contents.next().as_text(), "*ping\nAnswers with pong\nalso: p");
    town.say("*help nonsense");
    assert_eq!(contents.next().as_text(), overview);
    town.end(running);
}

/// S12.
pub fn a_slash_command_is_answered_so_that_only_its_sender_sees_it<R: Adapter>() {
    let town = Town::<R>::new();
    let commands = Commands::new("*");
    let ping = Command::new("ping").args::<()>(&[]);
    town.client.commands(commands.command(ping, |call| async move { R::ended(call.reply("pong")).await }).with_help());
    let running = town.run();
    town.sandbox.slash(town.alice, town.general, town.bot, "/ping");
    town.sandbox.expect_whisper(town.alice, "pong", SOON).wait().unwrap();
    town.sandbox.slash(town.bob, town.general, town.bot, "/ping x");
    town.sandbox.expect_whisper(town.bob, Matching::contains("too many arguments"), SOON).wait().unwrap();
    town.sandbox.slash(town.bob, town.general, town.bot, "/help");
    town.sandbox.expect_whisper(town.bob, Matching::contains("*ping"), SOON).wait().unwrap();
    let openly = town.say("*ping");
    town.sandbox.expect_reply(openly, "pong", SOON).wait().unwrap();
    assert_eq!(town.sandbox.with(|world, _| world.messages_in(town.general).len()), 2, "nothing else that others see");
    town.end(running);
}

/// C14.
pub fn refusals_are_told_or_handled<R: Adapter>() {
    let town = Town::<R>::new();
    let (alice, role) = (town.alice, mezon_protocol::RoleId::new(7));
    let commands = |prefix: &str| {
        Commands::<R>::new(prefix)
            .roles(move |_, user, asked| asked == role && user == alice)
            .command(Command::new("secret").direct_only(), |_| ())
            .command(Command::new("daily").cooldown(Scope::User, Duration::from_secs(3600)), |call| async move {
                R::ended(call.reply("taken")).await
            })
            .command(Command::new("admin").only_roles([role]), |call| async move { R::ended(call.reply("done")).await })
    };
    let (tell, refusals) = reports();
    town.client.commands(commands("*"));
    let handled = commands("!").report_unknown().on_refusal(move |message, refusal| {
        tell.send((message.id(), refusal)).unwrap();
    });
    town.client.commands(handled);
    let running = town.run();
    let answered = |user, text: &str, answer: &str| {
        let said = town.sandbox.say(user, town.general, text);
        town.sandbox.expect_reply(said, Matching::contains(answer), SOON).wait().unwrap();
        said
    };
    answered(town.alice, "*secret", "secret: in direct messages only");
    answered(town.alice, "*daily", "taken");
    answered(town.alice, "*daily", "daily: try again in");
    answered(town.bob, "*daily", "taken");
    answered(town.alice, "*admin", "done");
    answered(town.bob, "*admin", "admin: you lack the role for this");

    let secret = town.say("!secret");
    let expected = Refusal::Denied { command: "secret".to_owned(), why: Denied::NotDirect };
    assert_eq!(refusals.next(), (secret, expected));
    let unknown = town.say("!unknown");
    assert_eq!(refusals.next(), (unknown, Refusal::Unknown { name: "unknown".to_owned() }));
    town.end(running);
}

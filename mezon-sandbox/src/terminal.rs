//! What can be typed: one command a line, done at once.

use mezon_protocol::{ChannelId, MessageId, Now, UserId};
use mezon_sandbox::World;

/// What `help` prints.
const HELP: &str = "\
say WHO CHANNEL TEXT       alice says something: say alice general hello
mention WHO CHANNEL TEXT   the same, with the bot mentioned first
dm WHO TEXT                a direct message to the bot
reply WHO TEXT             a reply to the last message that the bot sent
react WHO EMOJI            a reaction to it: react bob :ok:
click WHO BUTTON [DATA]    a press on its button of that id, with the form's values as JSON
thread WHO CHANNEL NAME    a new thread, with the bot in it
drop | abort | halfopen    what can happen to the bot's connection
joins                      what the bot has joined
who                        people, bots and channels
quit                       the end";

/// One line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Say { who: String, channel: String, text: String },
    Mention { who: String, channel: String, text: String },
    Direct { who: String, text: String },
    Reply { who: String, text: String },
    React { who: String, emoji: String },
    Click { who: String, button: String, data: String },
    Thread { who: String, channel: String, name: String },
    Drop,
    Abort,
    HalfOpen,
    Joins,
    Who,
    Help,
    Quit,
}

impl Command {
    /// Reads a line; the error says what is wrong with it.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut words = Words(line);
        let name = words.next("a command")?;
        let command = match name.as_str() {
            "say" => Self::Say { who: words.next("who")?, channel: words.next("a channel")?, text: words.rest()? },
            "mention" => {
                Self::Mention { who: words.next("who")?, channel: words.next("a channel")?, text: words.rest()? }
            }
            "dm" => Self::Direct { who: words.next("who")?, text: words.rest()? },
            "reply" => Self::Reply { who: words.next("who")?, text: words.rest()? },
            "react" => Self::React { who: words.next("who")?, emoji: words.next("an emoji")? },
            "click" => Self::Click {
                who: words.next("who")?,
                button: words.next("a button")?,
                data: words.rest().unwrap_or_default(),
            },
            "thread" => {
                Self::Thread { who: words.next("who")?, channel: words.next("a channel")?, name: words.rest()? }
            }
            "drop" => Self::Drop,
            "abort" => Self::Abort,
            "halfopen" => Self::HalfOpen,
            "joins" => Self::Joins,
            "who" => Self::Who,
            "help" => Self::Help,
            "quit" | "exit" => Self::Quit,
            other => return Err(format!("{other}: no such command; type help")),
        };
        Ok(command)
    }
}

/// The words of a line, the last argument taking the rest.
struct Words<'a>(&'a str);

impl Words<'_> {
    fn next(&mut self, what: &str) -> Result<String, String> {
        let line = self.0.trim_start();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        self.0 = rest;
        if word.is_empty() { Err(format!("{what} is missing; type help")) } else { Ok(word.to_owned()) }
    }

    fn rest(&mut self) -> Result<String, String> {
        let rest = self.0.trim();
        if rest.is_empty() { Err("the text is missing; type help".to_owned()) } else { Ok(rest.to_owned()) }
    }
}

/// Performs a command. The transcript tells what came of it; what is returned is to be printed besides.
pub(crate) fn perform(world: &mut World, now: Now, command: Command) -> Result<String, String> {
    match command {
        Command::Say { who, channel, text } => {
            let (who, channel) = place(world, &who, &channel)?;
            world.say(now, who, channel, &text);
        }
        Command::Mention { who, channel, text } => {
            let (who, channel) = place(world, &who, &channel)?;
            world.mention(now, who, channel, bot(world)?, &text);
        }
        Command::Direct { who, text } => {
            let (who, bot) = (user(world, &who)?, bot(world)?);
            world.dm(now, who, bot, &text);
        }
        Command::Reply { who, text } => {
            let (who, message) = last_said(world, &who)?;
            world.reply(now, who, message, &text);
        }
        Command::React { who, emoji } => {
            let (who, message) = last_said(world, &who)?;
            world.react(now, who, message, &emoji);
        }
        Command::Click { who, button, data } => {
            let (who, message) = last_said(world, &who)?;
            world.click(who, message, &button, &data);
        }
        Command::Thread { who, channel, name } => {
            let (who, channel) = place(world, &who, &channel)?;
            let clan = world.clan_of(channel).ok_or("threads belong to channels of clans")?;
            let new = mezon_sandbox::NewChannel::thread(channel, name, [bot(world)?]);
            world.create_channel(now, clan, who, new);
        }
        Command::Drop => return Ok(hit(world.drop_connection(now, bot(world)?, 1001))),
        Command::Abort => return Ok(hit(world.abort(now, bot(world)?))),
        Command::HalfOpen => return Ok(hit(world.half_open(bot(world)?))),
        Command::Joins => return joins(world),
        Command::Who => return Ok(who(world)),
        Command::Help => return Ok(HELP.to_owned()),
        Command::Quit => {}
    }
    Ok(String::new())
}

fn user(world: &World, name: &str) -> Result<UserId, String> {
    world.user_named(name).ok_or_else(|| format!("there is no {name}; type who"))
}

/// The bot that people talk to: the one that is connected, else the first.
fn bot(world: &World) -> Result<UserId, String> {
    let bots = world.bots();
    let connected = bots.iter().find(|bot| world.newest_connection(**bot).is_some());
    connected.or(bots.first()).copied().ok_or_else(|| "there is no bot in this world".to_owned())
}

/// A user and a channel that the user sees.
fn place(world: &World, who: &str, channel: &str) -> Result<(UserId, ChannelId), String> {
    let user = user(world, who)?;
    let name = channel.trim_start_matches('#');
    let id = world.channel_named(name).ok_or_else(|| format!("there is no channel {name}; type who"))?;
    if world.can_see(user, id) { Ok((user, id)) } else { Err(format!("{who} is not in {name}")) }
}

/// A user, and the last message of a client that is in a channel the user sees.
fn last_said(world: &World, who: &str) -> Result<(UserId, MessageId), String> {
    let user = user(world, who)?;
    let visible =
        |said: &&mezon_sandbox::Said| world.can_see(user, said.channel) && world.text_of(said.message).is_some();
    let said = world.said_by_clients().rev().find(visible);
    said.map(|said| (user, said.message)).ok_or_else(|| "the bot has said nothing yet".to_owned())
}

fn hit(connections: usize) -> String {
    if connections == 0 { "the bot is not connected".to_owned() } else { String::new() }
}

fn joins(world: &World) -> Result<String, String> {
    let joins = world.joins(bot(world)?);
    let clans = joins.clans.iter().map(|clan| world.clan_name(*clan).unwrap_or("direct messages").to_owned());
    let channels = joins.channels.iter().filter_map(|channel| world.channel_name(*channel));
    let all: Vec<String> = clans.chain(channels.map(|name| format!("#{name}"))).collect();
    Ok(if all.is_empty() { "nothing".to_owned() } else { all.join(", ") })
}

fn who(world: &World) -> String {
    let mut lines = Vec::new();
    let names: Vec<&str> = world.user_ids().into_iter().filter_map(|user| world.username(user)).collect();
    lines.push(names.join(", "));
    for clan in world.clan_ids() {
        let channels = world.channels_of(clan).into_iter().filter_map(|channel| world.channel_name(channel));
        let channels: Vec<String> = channels.map(|name| format!("#{name}")).collect();
        lines.push(format!("{}: {}", world.clan_name(clan).unwrap_or_default(), channels.join(" ")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        let mut builder = World::builder();
        let alice = builder.person("alice");
        builder.bot("helper", "key");
        let clan = builder.clan("Clan A");
        builder.everyone_in(clan);
        builder.channel(clan, "general");
        builder.add_channel(clan, mezon_sandbox::NewChannel::private("hidden", []));
        let _ = alice;
        builder.build()
    }

    fn typed(world: &mut World, line: &str) -> Result<String, String> {
        perform(world, Now::default(), Command::parse(line)?)
    }

    #[test]
    fn the_last_argument_takes_the_rest_of_the_line() {
        assert_eq!(
            Command::parse("  say alice  general hello,  world "),
            Ok(Command::Say {
                who: "alice".to_owned(),
                channel: "general".to_owned(),
                text: "hello,  world".to_owned()
            })
        );
    }

    #[test]
    fn what_is_missing_or_unknown_is_told() {
        assert_eq!(Command::parse("say alice"), Err("a channel is missing; type help".to_owned()));
        assert_eq!(Command::parse("dm alice  "), Err("the text is missing; type help".to_owned()));
        assert_eq!(Command::parse("dance"), Err("dance: no such command; type help".to_owned()));
        let mut world = world();
        assert_eq!(typed(&mut world, "say carol general x"), Err("there is no carol; type who".to_owned()));
        assert_eq!(typed(&mut world, "say alice nowhere x"), Err("there is no channel nowhere; type who".to_owned()));
        assert_eq!(typed(&mut world, "say alice hidden x"), Err("alice is not in hidden".to_owned()));
        assert_eq!(typed(&mut world, "reply alice x"), Err("the bot has said nothing yet".to_owned()));
    }

    #[test]
    fn people_act_in_the_world() {
        let mut world = world();
        for line in
            ["say alice general hello", "mention alice #general help", "dm alice psst", "thread alice general side"]
        {
            assert_eq!(typed(&mut world, line), Ok(String::new()), "{line}");
        }
        let tail = world.tail(10);
        for part in [r#"#general alice says "hello""#, r#"alice says "@helper help""#, r#"says "psst""#] {
            assert!(tail.contains(part), "{tail}");
        }
        assert!(world.channel_named("side").is_some());
    }

    #[test]
    fn questions_are_answered() {
        let mut world = world();
        assert_eq!(typed(&mut world, "joins"), Ok("nothing".to_owned()));
        assert_eq!(typed(&mut world, "drop"), Ok("the bot is not connected".to_owned()));
        assert!(typed(&mut world, "who").unwrap().contains("Clan A: #general"));
        assert!(typed(&mut world, "help").unwrap().contains("say WHO CHANNEL TEXT"));
    }
}

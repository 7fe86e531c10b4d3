//! What can be typed: one command a line, done at once.

use std::str::FromStr;

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
fill WHO BUTTON ID=VALUE   the same, its form filled in before: fill bob save days=3 plan=pro langs=vi,en
                           a value with blanks stands in quotes: who=\"Nguyen A\"
choose WHO SELECT VALUE    a choice in its select of that id
vote WHO NUMBER            a vote in its poll, the answers counted from 1
menu WHO NAME              an entry of the bot's quick menu, chosen on that message
slash WHO CHANNEL TEXT     a slash command that only the bot sees
voice WHO ROOM             into a voice room, or out of it again
tokens WHO AMOUNT [NOTE]   tokens to the bot
balance [WHO]              what somebody has, or the bot
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
    Fill { who: String, button: String, values: Vec<(String, String)> },
    Choose { who: String, select: String, value: String },
    Vote { who: String, answer: i32 },
    Menu { who: String, name: String },
    Slash { who: String, channel: String, text: String },
    Voice { who: String, room: String },
    Tokens { who: String, amount: u64, note: String },
    Balance { who: Option<String> },
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
            "fill" => Self::Fill { who: words.next("who")?, button: words.next("a button")?, values: words.pairs()? },
            "choose" => Self::Choose { who: words.next("who")?, select: words.next("a select")?, value: words.rest()? },
            "vote" => Self::Vote { who: words.next("who")?, answer: words.number("an answer")? },
            "menu" => Self::Menu { who: words.next("who")?, name: words.rest()? },
            "slash" => Self::Slash { who: words.next("who")?, channel: words.next("a channel")?, text: words.rest()? },
            "voice" => Self::Voice { who: words.next("who")?, room: words.rest()? },
            "tokens" => Self::Tokens {
                who: words.next("who")?,
                amount: words.number("an amount")?,
                note: words.rest().unwrap_or_default(),
            },
            "balance" => Self::Balance { who: words.next("who").ok() },
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

    fn number<T: FromStr>(&mut self, what: &str) -> Result<T, String> {
        let word = self.next(what)?;
        word.parse().map_err(|_| format!("{word}: no number; type help"))
    }

    /// All that is left as `id=value`. Quotes keep blanks together.
    fn pairs(&mut self) -> Result<Vec<(String, String)>, String> {
        let mut pairs = Vec::new();
        while !self.0.trim().is_empty() {
            let (id, rest) = self.0.trim_start().split_once('=').ok_or("write id=value; type help")?;
            let (value, rest) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed; type help")?,
                None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            pairs.push((id.to_owned(), value.to_owned()));
            self.0 = rest;
        }
        Ok(pairs)
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
        Command::Fill { who, button, values } => {
            let (who, message) = last_said(world, &who)?;
            let mut form = world.fill(who, message);
            for (id, value) in values {
                form.put(&id, &value).map_err(|misfit| misfit.to_string())?;
            }
            form.press(&button).map_err(|misfit| misfit.to_string())?;
        }
        Command::Choose { who, select, value } => {
            let (who, message) = last_said(world, &who)?;
            world.fill(who, message).put(&select, &value).map_err(|misfit| misfit.to_string())?;
        }
        Command::Vote { who, answer } => {
            let (who, message) = last_said(world, &who)?;
            world.try_vote(now, who, message, &[answer.saturating_sub(1)])?;
        }
        Command::Menu { who, name } => {
            let (who, message) = last_said(world, &who)?;
            let channel = world.channel_of(message).ok_or("the message is gone")?;
            world.quick_menu(now, who, bot(world)?, &name, channel, Some(message));
        }
        Command::Slash { who, channel, text } => {
            let (who, channel) = place(world, &who, &channel)?;
            world.slash(now, who, channel, bot(world)?, &text);
        }
        Command::Voice { who, room } => {
            let (who, room) = place(world, &who, &room)?;
            if world.voice_users(room).contains(&who) {
                world.leave_voice(now, who, room);
            } else if world.is_room(room) {
                world.join_voice(now, who, room);
            } else {
                return Err("this is no voice room".to_owned());
            }
        }
        Command::Tokens { who, amount, note } => {
            let (who, bot) = (user(world, &who)?, bot(world)?);
            world.try_send_tokens(now, who, bot, amount, &note)?;
        }
        Command::Balance { who } => {
            let who = who.map_or_else(|| bot(world), |who| user(world, &who))?;
            return Ok(format!("{} tokens", world.balance(who)));
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
mod tests;

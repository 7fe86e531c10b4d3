//! `mezon-sandbox`: a local Mezon to play with one's own bot, people included; and what a bot recorded, in words.

mod replay;
mod terminal;

use std::error::Error;
use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use mezon_sandbox::{NewChannel, NewUser, Sandbox, World, WorldFile};
use replay::Replay;
use terminal::{Command, perform};

const HELP: &str = "\
A local Mezon to play with.

usage: mezon-sandbox [--port PORT] [--world FILE] [--serve]
       mezon-sandbox replay FILE [--step N] [--verbose]

  --port PORT    listen on this port of 127.0.0.1 (default: any that is free)
  --world FILE   a world written down as JSON (default: one clan, two people, one bot)
  --serve        read no commands, run until killed
  replay FILE    play what a client recorded, and say in words what happened; fails at the first step that comes out
                 otherwise than it was recorded
  --step N       only step N, the five steps before it, and the state after it
  --verbose      with the messages, as they were decoded
  --help         this text
  --version      the version
";

/// The bot of the default world. The same in every run, so that a bot's configuration can stay.
const BOT_ID: i64 = 1_840_000_000_000_000_001;
const BOT_KEY: &str = "sandbox-key";

/// What the command line asks for.
enum Asked {
    Run { port: u16, world: Option<PathBuf>, serve: bool },
    Replay(Replay),
    Text(String),
}

fn main() -> ExitCode {
    match asked().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_unread(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            // some errors say themselves what has caused them
            let cause = error.source().map(ToString::to_string).filter(|cause| !text.contains(cause.as_str()));
            text.extend(cause.map(|cause| format!(": {cause}")));
            // Nobody is left to tell when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "mezon-sandbox: {text}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever read what is printed has seen enough, as `head` does.
fn is_unread(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn asked() -> Result<Asked, Box<dyn Error>> {
    let (mut port, mut world, mut serve) = (0, None, false);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("port") => port = arguments.value()?.parse()?,
            Long("world") => world = Some(PathBuf::from(arguments.value()?)),
            Long("serve") => serve = true,
            Value(word) if word == "replay" => return asked_to_replay(arguments),
            Long("help") | Short('h') => return Ok(Asked::Text(HELP.to_owned())),
            Long("version") => return Ok(Asked::Text(format!("mezon-sandbox {}\n", env!("CARGO_PKG_VERSION")))),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected().into()),
        }
    }
    Ok(Asked::Run { port, world, serve })
}

fn asked_to_replay(mut arguments: lexopt::Parser) -> Result<Asked, Box<dyn Error>> {
    let (mut file, mut step, mut verbose) = (None, None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("step") => step = Some(arguments.value()?.parse()?),
            Long("verbose") => verbose = true,
            Long("help") | Short('h') => return Ok(Asked::Text(HELP.to_owned())),
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            Long(_) | Short(_) | Value(_) => return Err(argument.unexpected().into()),
        }
    }
    let file = file.ok_or("replay needs the name of a file")?;
    Ok(Asked::Replay(Replay { file, step, verbose }))
}

fn run(asked: Asked) -> Result<(), Box<dyn Error>> {
    let (port, file, serve) = match asked {
        Asked::Text(text) => return Ok(stdout().write_all(text.as_bytes())?),
        Asked::Replay(replay) => return replay.run(stdout()),
        Asked::Run { port, world, serve } => (port, world, serve),
    };
    let world = match file {
        None => default_world(),
        Some(path) => {
            let json = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            WorldFile::parse(&json)?.build()?
        }
    };
    let sandbox = Sandbox::builder().port(port).start(world)?;
    introduce(&sandbox)?;
    if !serve {
        writeln!(stdout(), "type help for what people can do")?;
    }
    let lines = sandbox.follow();
    let printer = std::thread::spawn(move || {
        for line in lines {
            // With the output gone there is nobody to play with.
            if writeln!(stdout(), "{line}").is_err() {
                return;
            }
        }
    });
    if !serve {
        talk(&sandbox)?;
        drop(sandbox);
    }
    // It ends with the sandbox, or when nobody reads what it prints.
    let _ = printer.join();
    Ok(())
}

fn default_world() -> World {
    let mut builder = World::builder();
    builder.settings().any_key = true;
    let people = [builder.person("alice"), builder.person("bob")];
    let bot = builder.user(NewUser::bot("bot", BOT_KEY).id(BOT_ID));
    let clan = builder.clan("Playground");
    builder.everyone_in(clan);
    let general = builder.channel(clan, "general");
    builder.channel(clan, "random");
    builder.add_channel(clan, NewChannel::private("staff", people.into_iter().chain([bot])));
    builder.add_channel(clan, NewChannel::thread(general, "ideas", people.into_iter().chain([bot])).asleep());
    builder.add_channel(clan, NewChannel::voice("lounge"));
    builder.build()
}

fn introduce(sandbox: &Sandbox) -> std::io::Result<()> {
    let mut out = stdout();
    writeln!(out, "Mezon on {} (host 127.0.0.1, port {}, no TLS)", sandbox.url(), sandbox.port())?;
    let bots = sandbox.with(|world, _| {
        let bots = world.bots().into_iter();
        let line = |bot| {
            let (name, key) = (world.username(bot).unwrap_or_default(), world.api_key(bot).unwrap_or_default());
            format!("bot {name}: id {bot}, key {key}")
        };
        bots.map(line).collect::<Vec<String>>()
    });
    for line in bots {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

/// Does what is typed, until the input ends or somebody quits.
fn talk(sandbox: &Sandbox) -> std::io::Result<()> {
    for line in stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = match Command::parse(&line) {
            Ok(Command::Quit) => return Ok(()),
            Ok(command) => sandbox.with(|world, now| perform(world, now, command)),
            Err(problem) => Err(problem),
        };
        // Good news or bad, it is one line for whoever typed.
        let (Ok(text) | Err(text)) = answer;
        if !text.is_empty() {
            writeln!(stdout(), "{text}")?;
        }
    }
    Ok(())
}

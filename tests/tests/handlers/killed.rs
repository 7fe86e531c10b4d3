//! A process that is killed, as if the power of its machine had failed, and started again.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mezon_client::Client;
use mezon_protocol::{ChannelId, MessageId, UserId};
use mezon_sandbox::World;
use mezon_store::MessageDb;

use crate::adapters::Adapter;
use crate::stored::Folder;
use crate::town::{self, SOON, Town, until};

/// How often the process is killed.
const KILLS: usize = 10;

/// How many messages it is given at least, before that.
const LIFE: usize = 200;

/// How the process is told what it is to do.
const VARIABLE: &str = "MEZON_TEST_KILLED";

/// C1.
pub fn a_process_that_is_killed_loses_nothing<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::new();
    let (mut rng, mut said) = (fastrand::Rng::with_seed(5), BTreeMap::<ChannelId, Vec<MessageId>>::new());
    folder.db().open().unwrap();
    let journal = Journal(folder.file("journal"));
    let mut talk = |count: usize| {
        for _ in 0..count {
            let channel = town.channels[rng.usize(..town.channels.len())];
            said.entry(channel).or_default().push(town.sandbox.say(town.alice, channel, "hi"));
        }
    };
    let mut process = start::<R>(&town, &folder);
    let (bot, clan) = (town.bot, town.clan);
    let hears = move |world: &World| world.joins(bot).clans.contains(&clan);
    town.sandbox.until("the bot hears", SOON, hears).wait().unwrap();
    for _ in 0..KILLS {
        let before = journal.lines();
        until("the process handles messages", || {
            talk(3);
            journal.lines() > before + LIFE
        });
        kill(process);
        talk(100);
        process = start::<R>(&town, &folder);
    }
    let last: Vec<_> = said.iter().map(|(channel, ids)| (*channel, ids[ids.len() - 1])).collect();
    until("everything is handled", || last.iter().all(|last| journal.read().iter().any(|line| line == last)));
    kill(process);

    let handled = journal.read();
    let mut first_times = BTreeMap::<ChannelId, Vec<MessageId>>::new();
    for (channel, id) in &handled {
        let ids = first_times.entry(*channel).or_default();
        if ids.last().is_none_or(|last| id > last) {
            ids.push(*id);
        }
    }
    assert_eq!(first_times, said);
    let count: usize = said.values().map(Vec::len).sum();
    assert_eq!(folder.db().count_all().unwrap(), count as u64);
    println!("{count} messages, {KILLS} kills, none lost, {} handled again", handled.len() - count);
}

/// What the processes have handled, as they have noted it.
struct Journal(PathBuf);

impl Journal {
    fn lines(&self) -> usize {
        self.read().len()
    }

    fn read(&self) -> Vec<(ChannelId, MessageId)> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let line = |line: &str| {
            let (channel, id) = line.split_once(' ')?;
            Some((channel.parse().ok()?, id.parse().ok()?))
        };
        text.lines().filter_map(line).collect()
    }
}

/// Starts this program once more, to be the bot and nothing else.
fn start<R: Adapter>(town: &Town<R>, folder: &Folder) -> Child {
    let task = format!("{} {} {} {}", R::NAME, town.bot, town.sandbox.port(), folder.file("").display());
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed::the_process", "--nocapture"])
        .env(VARIABLE, task)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// The bot, when this program is started for it; otherwise there is nothing to do.
#[test]
fn the_process() {
    let Ok(task) = env::var(VARIABLE) else { return };
    let [name, bot, port, folder] = task.splitn(4, ' ').collect::<Vec<_>>().try_into().unwrap();
    let (bot, port, folder) = (bot.parse().unwrap(), port.parse().unwrap(), Path::new(folder));
    match name {
        "Tokio" => live::<mezon_tokio::TokioRuntime>(bot, port, folder),
        "Smol" => live::<mezon_smol::SmolRuntime>(bot, port, folder),
        "Blocking" => live::<mezon_blocking::Threads>(bot, port, folder),
        other => panic!("{other} is no adapter"),
    }
}

fn live<R: Adapter>(bot: UserId, port: u16, folder: &Path) {
    let store = MessageDb::at(folder.join("messages.db"));
    let client = Client::<R>::builder(town::config(bot, port)).store(store).build().unwrap();
    let journal = OpenOptions::new().create(true).append(true).open(folder.join("journal")).unwrap();
    // in one piece, so that no line is torn
    client.on_message(move |message| {
        (&journal).write_all(format!("{} {}\n", message.channel_id(), message.id()).as_bytes())
    });
    R::run(&client, client.dispatch()).unwrap();
}

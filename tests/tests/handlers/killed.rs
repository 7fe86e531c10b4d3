//! A process that is killed, as if the power of its machine had failed, and started again.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use mezon_client::Client;
use mezon_protocol::{ChannelId, MessageId, UserId};
use mezon_sandbox::World;
use mezon_store::MessageDb;

use crate::adapters::Adapter;
use crate::process::{self, Process};
use crate::stored::Folder;
use crate::town::{self, SOON, Town, until};

/// How often the process is killed.
const KILLS: usize = 10;

/// How many messages it is given at least, before that.
const LIFE: usize = 200;

/// Messages by their channels.
type Messages = BTreeMap<ChannelId, Vec<MessageId>>;

/// C1, C11.
pub fn a_process_that_is_killed_loses_nothing_and_answers_everything_once<R: Adapter>() {
    let folder = Folder::new();
    let town = Town::<R>::new();
    folder.db().open().unwrap();
    // all of it, however slow the machine
    town.sandbox.with(|world, _| world.settings_mut().transcript_limit = 100_000);
    let journal = Journal(folder.file("journal"));
    let (mut rng, mut said) = (fastrand::Rng::with_seed(5), Messages::new());
    let mut talk = |count: usize| {
        for _ in 0..count {
            let channel = town.channels[rng.usize(..town.channels.len())];
            said.entry(channel).or_default().push(town.sandbox.say(town.alice, channel, "hi"));
        }
    };
    let task = format!("{} {} {} {}", R::NAME, town.bot, town.sandbox.port(), folder.file("").display());
    let start = || Process::start("killed::the_process", &task);
    let mut process = start();
    let (bot, clan) = (town.bot, town.clan);
    let hears = move |world: &World| world.joins(bot).clans.contains(&clan);
    town.sandbox.until("the bot hears", SOON, hears).wait().unwrap();
    let mut spoken = 0;
    for _ in 0..KILLS {
        let before = journal.read().len();
        until("the process handles messages", || {
            let handled = journal.read().len();
            // no more than a slow process catches up with
            if spoken < handled + LIFE {
                talk(3);
                spoken += 3;
            }
            handled > before + LIFE
        });
        drop(process);
        talk(100);
        spoken += 100;
        process = start();
    }
    let last: Vec<_> = said.values().filter_map(|ids| ids.last().copied()).collect();
    until("everything is answered", || {
        let answered: Vec<_> = answers(&town).into_values().flatten().collect();
        last.iter().all(|last| answered.contains(last))
    });
    // all that is lost of the last moments is had again
    let (db, count) = (folder.db(), said.values().map(Vec::len).sum::<usize>());
    drop(process);
    let process = start();
    until("everything is stored", || db.count_all().unwrap() == 2 * count as u64);
    drop(process);

    let handled = journal.read();
    let mut first_times = Messages::new();
    for (channel, id) in &handled {
        let ids = first_times.entry(*channel).or_default();
        if ids.last().is_none_or(|last| id > last) {
            ids.push(*id);
        }
    }
    assert_eq!(first_times, said, "what was handled, in its order");
    assert_eq!(answers(&town), said, "what was answered, in its order");
    println!("{count} messages, {KILLS} kills, none lost, {} handled again, all answered once", handled.len() - count);
}

/// What the bot has replied to.
fn answers<R: Adapter>(town: &Town<R>) -> Messages {
    town.sandbox.with(|world, _| {
        let mut answers = Messages::new();
        for said in world.said_by_clients() {
            answers.entry(said.channel).or_default().extend(said.reply_to);
        }
        answers
    })
}

/// What the processes have handled, as they have noted it.
struct Journal(PathBuf);

impl Journal {
    fn read(&self) -> Vec<(ChannelId, MessageId)> {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let line = |line: &str| {
            let (channel, id) = line.split_once(' ')?;
            Some((channel.parse().ok()?, id.parse().ok()?))
        };
        text.lines().filter_map(line).collect()
    }
}

/// The bot, when this program is started for it; otherwise there is nothing to do.
#[test]
fn the_process() {
    let Some(task) = process::task() else { return };
    let [name, bot, port, folder] = task.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{task}") };
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
    client.on_message(move |message| {
        // in one piece, so that no line is torn
        let line = format!("{} {}\n", message.channel_id(), message.id());
        (&journal).write_all(line.as_bytes()).unwrap();
        async move { R::ended(message.queue_reply_once("answer")).await }
    });
    R::run(&client, client.dispatch()).unwrap();
}

//! A thousand clients in one process, on one runtime of one thread, against one sandbox: all become Ready, all answer.

use std::time::Duration;

use mezon_protocol::{ChannelId, UserId};
use mezon_sandbox::{Sandbox, World};
use mezon_tokio::{Client, Config, Event};
use tokio::task::JoinSet;

const CLIENTS: usize = 1000;

/// How long a client waits for anything: for itself, and for all the others.
const PATIENCE: Duration = Duration::from_secs(120);

/// Files that a process has open apart from the sockets of the crowd.
const OTHER_FILES: usize = 100;

/// As many clients as the system lets one process have, with both ends of each connection in it.
fn crowd() -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(OTHER_FILES) / 2;
    if room < CLIENTS {
        println!("the system allows {limit} open files: {room} clients instead of {CLIENTS}");
    }
    room.min(CLIENTS)
}

/// Connects, tells that it is Ready, and replies to the first message of somebody else.
async fn answer(config: Config, ready: tokio::sync::mpsc::UnboundedSender<Client>) {
    let client = Client::login(config).await.unwrap();
    let mut events = client.events();
    ready.send(client).unwrap();
    drop(ready);
    while let Some(event) = events.next().await {
        if let Event::Message(message) = event {
            if !message.is_own() {
                message.reply("here").await.unwrap();
                break;
            }
        }
    }
}

/// Row 211.
#[tokio::test]
async fn a_thousand_clients_become_ready_and_all_answer() {
    let size = crowd();
    let mut world = World::builder();
    let alice = world.person("alice");
    let bots: Vec<(UserId, ChannelId)> = (0..size)
        .map(|k| {
            let bot = world.bot(&format!("bot {k}"), "the-key");
            let clan = world.clan(&format!("clan {k}"));
            world.member(clan, bot);
            world.member(clan, alice);
            (bot, world.channel(clan, "general"))
        })
        .collect();
    let sandbox = Sandbox::start(world.build()).unwrap();
    let before = resident_kib();

    let (sender, mut ready) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    for (bot, _) in &bots {
        let config = Config::bot(*bot, "the-key").unwrap().host("127.0.0.1").port(sandbox.port()).use_tls(false);
        let mut config = config.without_rate_limits();
        // a thousand logins at the same moment, in a debug build
        config.timeout = PATIENCE;
        config.call_timeout = PATIENCE;
        config.connect_timeout = PATIENCE;
        (config.heartbeat.interval, config.heartbeat.timeout) = (PATIENCE, PATIENCE);
        tasks.spawn(answer(config, sender.clone()));
    }
    // so that one that fails ends the wait
    drop(sender);
    let mut clients = Vec::new();
    while clients.len() < size {
        clients.push(ready.recv().await.expect("every client connects"));
    }
    if let (Some(before), Some(after)) = (before, resident_kib()) {
        let each = after.saturating_sub(before) / size;
        println!("memory per idle client, the sandbox's side of it included: {each} KiB");
    }

    for (_, channel) in &bots {
        sandbox.say(alice, *channel, "anybody here?");
    }
    while let Some(answered) = tasks.join_next().await {
        answered.unwrap();
    }
    for (bot, channel) in &bots {
        let replied = sandbox.with(|world, _| world.messages_in(*channel).len());
        assert_eq!(replied, 2, "{bot}");
    }
}

/// What the process holds in memory, where the system tells.
fn resident_kib() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

//! A bot that may be killed at any moment: what it missed is given to it when it is started again, and everything is
//! answered once. In the sandbox this program starts itself as the bot, and kills it again and again: `cargo run --example survivor`

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;
use std::{env, fs, io};

use mezon_blocking::{Client, Config, Error};
use mezon_examples::AnyError;
use mezon_sandbox::{Matching, Sandbox, World};
use mezon_store::MessageDb;

fn bot(config: Config, file: &Path) -> Result<(), Error> {
    let client = Client::builder(config).store(MessageDb::at(file)).build()?;
    client.on_message(|message| message.queue_reply_once(format!("You said: {}", message.text())).map(drop));
    client.run()
}

/// The process of the bot, which does not outlive this one.
struct Life(Child);

impl Life {
    /// `kill -9`, where there is such a thing.
    fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        drop(self.kill());
    }
}

/// This program once more, as the bot.
fn start(bot: i64, sandbox: &Sandbox, file: &Path) -> io::Result<Life> {
    let (bot, port) = (bot.to_string(), sandbox.port().to_string());
    let key = [("MEZON_BOT_ID", &*bot), ("MEZON_API_KEY", "a-key")];
    let place = [("MEZON_HOST", "127.0.0.1"), ("MEZON_PORT", &*port), ("MEZON_USE_SSL", "false")];
    Command::new(env::current_exe()?).arg(file).envs(key).envs(place).spawn().map(Life)
}

fn main() -> Result<(), AnyError> {
    let var = |name: &str| env::var(name).ok();
    if var("MEZON_BOT_ID").is_some() {
        let file = env::args_os().nth(1).unwrap_or_else(|| "survivor.db".into());
        return Ok(bot(Config::from_vars(var)?, file.as_ref())?);
    }
    let mut world = World::builder();
    let (alice, bot) = (world.person("alice"), world.bot("survivor", "a-key"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let channel = world.channel(clan, "general");
    let sandbox = Sandbox::start(world.build())?;
    let folder = env::temp_dir().join(format!("mezon-survivor-{}", std::process::id()));
    let file = folder.join("messages.db");

    for life in 1..=3 {
        let mut process = start(bot.get(), &sandbox, &file)?;
        sandbox
            .until("the bot hears", Duration::from_secs(30), move |world| world.joins(bot).clans.contains(&clan))
            .wait()?;
        let first = sandbox.say(alice, channel, &format!("message 1 of life {life}"));
        sandbox.say(alice, channel, &format!("message 2 of life {life}"));
        sandbox.expect_reply(first, Matching::any(), Duration::from_secs(30)).wait()?;
        process.kill()?;
        println!("-- the bot is killed");
        sandbox.say(alice, channel, &format!("is there life after life {life}?"));
    }
    let last = sandbox.say(alice, channel, "one last time");
    let mut process = start(bot.get(), &sandbox, &file)?;
    sandbox.expect_reply(last, Matching::any(), Duration::from_secs(30)).wait()?;
    process.kill()?;
    println!("{}", sandbox.with(|world, _| world.tail(100)));
    Ok(fs::remove_dir_all(folder)?)
}

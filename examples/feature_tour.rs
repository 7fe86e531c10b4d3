//! Goes through what a bot can do, in one channel of one clan, and says of each whether it works. What it says there it
//! takes back. It fails if anything has.
//!
//! ```sh
//! cargo run --example feature_tour        # in a sandbox
//! cargo run --example feature_tour -- <bot id> <API key> <channel id> <clan id>       # on the platform
//! ```
//!
//! What is not among the arguments is taken from `MEZON_BOT_ID`, `MEZON_API_KEY`, `MEZON_CHANNEL_ID` and `MEZON_CLAN_ID`.

use std::fmt::Display;
use std::process::ExitCode;

use mezon_examples::stage::{AnyError, SOON, Town};
use mezon_tokio::{Button, Channel, ChannelId, Clan, ClanId, Client, Config, Content, Embed, Event, History};
use mezon_tokio::{ListVoiceUsers, Row};

/// Where the arguments are found that are not on the command line, in their order there.
const VARS: [&str; 4] = ["MEZON_BOT_ID", "MEZON_API_KEY", "MEZON_CHANNEL_ID", "MEZON_CLAN_ID"];

/// What was tried.
#[derive(Default)]
pub struct Report {
    pub lines: Vec<String>,
    pub failed: usize,
}

impl Report {
    fn note<T>(&mut self, feature: &str, outcome: Result<T, impl Display>) -> Option<T> {
        let verdict = match &outcome {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("failed: {error}"),
        };
        self.failed += usize::from(outcome.is_err());
        println!("{feature}: {verdict}");
        self.lines.push(format!("{feature}: {verdict}"));
        outcome.ok()
    }
}

// Row 215.
pub async fn tour(config: Config, clan: ClanId, channel: ChannelId) -> Report {
    let mut report = Report::default();
    let Some(client) = report.note("login", Client::login(config).await) else { return report };
    let running = tokio::spawn(client.run());
    let (clan, channel) = (client.clan(clan), client.channel(channel));
    places(&client, &clan, &channel, &mut report).await;
    people(&client, &clan, &mut report).await;
    messages(&client, &channel, &mut report).await;
    more_messages(&client, &channel, &mut report).await;
    report.note("a call by its name", client.api().raw("GetAccount", "").await);
    client.shutdown(SOON).await;
    let ended = running.await.map_err(AnyError::from).and_then(|ended| ended.map_err(AnyError::from));
    report.note("shutdown", ended);
    report
}

async fn places(client: &Client, clan: &Clan, channel: &Channel, report: &mut Report) {
    report.note("list clans", client.list_clans().await);
    report.note("fetch the clan", client.clans().fetch(clan.id()).await);
    report.note("list channels", clan.list_channels().await);
    report.note("fetch the channel", client.channels().fetch(channel.id()).await);
    report.note("list voice users", clan.list_channel_voice_users(ListVoiceUsers::new(clan.id())).await);
}

async fn people(client: &Client, clan: &Clan, report: &mut Report) {
    report.note("account", client.account().await);
    report.note("list members", clan.list_members().await);
    report.note("list roles", clan.list_roles(0, 0, "").await);
    report.note("list friends", client.list_friends(0, None, "").await);
}

async fn messages(client: &Client, channel: &Channel, report: &mut Report) {
    let place = channel.id();
    let own = move |event: &Event| matches!(event, Event::Message(said) if said.is_own() && said.channel_id() == place);
    let heard = client.wait_for(own, SOON);
    let Some(sent) = report.note("send", channel.send("This is a test of what I can do.").await) else { return };
    report.note("hear", heard.await.ok_or("nothing came"));
    report.note("edit", sent.edit("This is a test of all that I can do.").await);
    let reply = report.note("reply", sent.to_message().reply("It goes well.").await);
    report.note("react", sent.handle().react(0, "👍").await);
    report.note("take a reaction back", sent.handle().unreact(0, "👍").await);
    report.note("history", channel.history(History::Newest, History::LIMIT).await);
    for sent in [Some(sent), reply].into_iter().flatten() {
        report.note("delete", sent.handle().delete().await);
    }
}

async fn more_messages(client: &Client, channel: &Channel, report: &mut Report) {
    report.note("typing", channel.typing().await);
    let whispered = report.note("ephemeral", channel.send_ephemeral(client.id(), "Only I can see this.").await);
    if let Some(whispered) = whispered {
        report.note("delete an ephemeral one", channel.delete_ephemeral(client.id(), whispered).await);
    }
    let embed = Embed::new().title("A test").description("This is an embed.").color(0x0058_65F2);
    let button = Row::new([Button::new("feature_tour", "It does nothing")]);
    let card = report.note("embed and button", channel.send(Content::text("").embed(embed).row(button)).await);
    if let Some(card) = card {
        report.note("delete it", card.handle().delete().await);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, AnyError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let var = |name: &str| {
        let arg = VARS.iter().position(|var| *var == name).and_then(|place| args.get(place).cloned());
        arg.or_else(|| std::env::var(name).ok())
    };
    let report = if var("MEZON_BOT_ID").is_some() {
        let id = |name: &str| var(name).ok_or_else(|| format!("{name} is not set"));
        tour(Config::from_vars(var)?, id("MEZON_CLAN_ID")?.parse()?, id("MEZON_CHANNEL_ID")?.parse()?).await
    } else {
        let town = Town::open()?;
        tour(town.config()?, town.clan, town.general).await
    };
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

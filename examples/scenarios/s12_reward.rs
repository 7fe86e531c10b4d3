//! S12, a reward: a patron chooses `reward 5000` in the menu of somebody's message, which is then told in a reply, and in
//! private. The message need never have been seen before. `/points` is answered so that only who asks sees it, `*points`
//! for all, and both by the same lines: `cargo run --example s12_reward`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mezon_examples::{AnyError, Shared, scenes, stage};
use mezon_tokio::protocol::call::QuickMenuEntry;
use mezon_tokio::{Bot, ClanId, Client, Command, CommandCall, Commands, Error, QuickMenuEvent, UserId};

const ENTRY: &str = "reward 5000";
/// The role of those who may reward.
const PATRON: &str = "patron";

/// How many points everybody has.
pub type Points = Shared<HashMap<UserId, u64>>;

#[derive(Clone)]
struct Rewards {
    bot: Bot,
    points: Points,
    /// The patrons of each clan, and since when they are known.
    patrons: Shared<HashMap<ClanId, (Instant, Vec<UserId>)>>,
    fresh: Duration,
}

/// What is known of roles is believed for the time `fresh`.
pub async fn bot(client: Client, points: Points, fresh: Duration) -> Result<(), Error> {
    let menu = client.bot().api();
    let entries = menu.list_quick_menu_access(0, 0, QuickMenuEntry::QUICK).await?;
    if !entries.iter().any(|entry| entry.menu_name == ENTRY) {
        let entry = QuickMenuEntry { menu_type: QuickMenuEntry::QUICK, ..QuickMenuEntry::new(ENTRY, "") };
        menu.add_quick_menu_access(entry).await?;
    }
    let rewards = Rewards { bot: client.bot(), points: points.clone(), patrons: Shared::default(), fresh };
    client.on_quick_menu_triggered(move |chosen| rewards.clone().on_chosen(chosen));
    let asking = Command::new("points").about("Says how many you have");
    client.commands(Commands::new("*").command(asking, move |call: CommandCall| {
        let sum = points.lock().get(&call.sender_id()).copied().unwrap_or_default();
        async move { call.reply(format!("You have {sum} points.")).await }
    }));
    client.on_failure(|failure| eprintln!("{}", failure.cause));
    client.run().await
}

impl Rewards {
    async fn on_chosen(self, chosen: QuickMenuEvent) -> Result<(), Error> {
        let amount = chosen.menu_name().strip_prefix("reward ").and_then(|amount| amount.parse::<u32>().ok());
        let Some(amount) = amount.filter(|_| !chosen.author_id().is_none()) else { return Ok(()) };
        if !self.is_patron(chosen.clan_id(), chosen.user_id()).await? {
            return chosen.reply_ephemeral(format!("This is for those with the role {PATRON}.")).await.map(drop);
        }
        *self.points.lock().entry(chosen.author_id()).or_default() += u64::from(amount);
        chosen.reply(format!("{amount} points for this!")).await?;
        chosen.author().send(format!("You have been given {amount} points.")).await.map(drop)
    }

    async fn is_patron(&self, clan: ClanId, user: UserId) -> Result<bool, Error> {
        if let Some((since, patrons)) = self.patrons.lock().get(&clan) {
            if since.elapsed() < self.fresh {
                return Ok(patrons.contains(&user));
            }
        }
        let mut patrons = Vec::new();
        for role in self.bot.clan(clan).list_roles(0, 0, "").await?.iter().filter(|role| role.name() == PATRON) {
            patrons.extend(role.list_users(0, "").await?.iter().map(|user| user.id()));
        }
        let is_patron = patrons.contains(&user);
        self.patrons.lock().insert(clan, (Instant::now(), patrons));
        Ok(is_patron)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(|client| bot(client, Points::default(), Duration::from_secs(60)), scenes::reward).await
}

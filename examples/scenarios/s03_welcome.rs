//! S3, a welcome: who joins a clan gets a direct message with a card, also if the bot has never seen them. The channel is
//! opened, joined and written to by one call. If it is the bot who was added, it learns the roles of the clan instead.
//!
//! `cargo run --example s03_welcome`

use mezon_examples::{AnyError, scenes, stage};
use mezon_tokio::protocol::content::Embed;
use mezon_tokio::protocol::proto::realtime::AddClanUserEvent;
use mezon_tokio::{Bot, ClanId, Client, Content, Error, Message, UserId};

pub async fn bot(client: Client) -> Result<(), Error> {
    let me = client.session().await.map(|session| session.user_id()).unwrap_or_default();
    let handles = client.bot();
    client.on_user_joined_clan(move |joined| welcome(handles.clone(), me, *joined));
    client.on_message(answer);
    // one who takes no direct messages is no reason to stop
    client.on_failure(|failure| eprintln!("{}", failure.cause));
    client.run().await
}

async fn welcome(bot: Bot, me: UserId, joined: AddClanUserEvent) -> Result<(), Error> {
    let (clan, user) = (ClanId::new(joined.clan_id), joined.user.unwrap_or_default());
    if me == user.user_id.into() {
        let roles = bot.clan(clan).list_roles(0, 0, "").await?;
        println!("in a new clan, with {} roles", roles.items.len());
        return Ok(());
    }
    let card = Embed::new()
        .title(format!("Welcome, {}!", user.username))
        .description("Tell me what brings you here, and I will show you around.")
        .color(0x0058_65F2);
    bot.user(user.user_id).send(Content::text("").embed(card)).await?;
    Ok(())
}

async fn answer(message: Message) -> Result<(), Error> {
    if message.is_direct() {
        message.reply(format!("Nice to meet you, {}.", message.sender_name())).await?;
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(bot, scenes::welcome).await
}

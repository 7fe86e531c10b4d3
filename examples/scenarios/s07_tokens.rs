//! S7, deposit and withdrawal: whoever sends the bot tokens has them in the book and a receipt, once, however often the
//! platform tells of it. `*withdraw 1000` pays them back: each command once, whatever becomes of the answer. What is not
//! surely unpaid stays out of the book: `cargo run --example s07_tokens`.

use std::collections::{HashMap, HashSet};

use mezon_examples::{AnyError, Shared, scenes, stage};
use mezon_tokio::ledger::{MemorySeen, SeenTransactions};
use mezon_tokio::protocol::proto::api::TokenSentEvent;
use mezon_tokio::{AddTxResponse, Bot, Client, Command, CommandCall, Commands, Error, SendToken, UserId};

/// What the bot owes to whom, in tokens.
pub type Book = Shared<HashMap<UserId, u64>>;

/// `seen` knows which deposits are in the book, and should be kept where that is.
pub async fn bot(client: Client, book: Book, seen: impl SeenTransactions) -> Result<(), Error> {
    let (till, bot) = (book.clone(), client.bot());
    client.on_payment(seen, move |paid| deposit(bot.clone(), till.clone(), *paid));
    let withdraw = Command::new("withdraw").about("Pays out so many tokens").args::<(u32,)>(&["amount"]);
    let (bot, paying) = (client.bot(), Shared::<HashSet<UserId>>::default());
    client.commands(Commands::new("*").command(withdraw, move |call: CommandCall| {
        let (bot, book, paying) = (bot.clone(), book.clone(), paying.clone());
        async move {
            let ((amount,), user) = (call.parse::<(u32,)>()?, call.sender_id());
            if !paying.lock().insert(user) {
                return call.reply("I am busy paying you.").await.map(drop).map_err(AnyError::from);
            }
            let text = pay_out(&bot, &book, user, amount, call.id().to_string()).await;
            paying.lock().remove(&user);
            call.reply(text?).await.map(drop).map_err(AnyError::from)
        }
    }));
    client.on_failure(|failure| eprintln!("{}", failure.cause));
    client.run().await
}

async fn deposit(bot: Bot, book: Book, paid: TokenSentEvent) -> Result<(), Error> {
    let (user, amount) = (UserId::new(paid.sender_id), u64::from(paid.amount.unsigned_abs()));
    let sum = *book.lock().entry(user).and_modify(|sum| *sum += amount).or_insert(amount);
    bot.user(user).send(format!("Thank you for {amount}₫. You have {sum}₫.")).await.map(drop)
}

/// The key is the id of the command: if that is handled twice, it still pays once.
async fn pay_out(bot: &Bot, book: &Book, user: UserId, amount: u32, key: String) -> Result<String, Error> {
    if !take(book, user, amount.into()) {
        return Ok("You do not have that many.".into());
    }
    let mut response = match bot.send_token(SendToken::to(user, amount).note("Withdrawal").key(key)).await {
        Ok(response) => response,
        Err(error) => {
            *book.lock().entry(user).or_default() += u64::from(amount);
            return Ok(format!("That cannot be paid now: {error}."));
        }
    };
    if let Some(signed) = response.unsettled().cloned() {
        response = bot.ledger().settle(signed).await?;
    }
    if response.is_surely_unpaid() {
        *book.lock().entry(user).or_default() += u64::from(amount);
    }
    Ok(match response {
        AddTxResponse { ok: true, tx_hash, .. } => format!("Paid: {tx_hash}"),
        AddTxResponse { error, .. } => format!("Not paid: {error}."),
    })
}

fn take(book: &Book, user: UserId, amount: u64) -> bool {
    let mut book = book.lock();
    let left = book.get(&user).and_then(|sum| sum.checked_sub(amount));
    left.map(|left| book.insert(user, left)).is_some()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(|client| bot(client, Book::default(), MemorySeen::default()), scenes::tokens).await
}

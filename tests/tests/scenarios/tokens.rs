//! S7, C21.

use std::time::Duration;

use mezon_protocol::ledger::MemorySeen;
use mezon_protocol::proto::api::TokenSentEvent;
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_sandbox::{LedgerCall, LedgerFault, NewChannel, Now, World};
use mezon_tokio::Config;

use crate::bots::s07_tokens::{Book, bot};
use crate::rig::{Play, QUIET, SOON, Town, showing};

/// How long a payment takes that others are to meet: longer than a slow machine stalls.
const SLOW: Duration = Duration::from_secs(6);

async fn start(book: &Book) -> Play {
    Play::start(|client| bot(client, book.clone(), MemorySeen::default())).await
}

/// Rows 65, 103.
#[tokio::test]
async fn a_deposit_is_in_the_book_once_however_often_it_is_told() {
    let book = Book::default();
    let play = start(&book).await;
    let event = TokenSentEvent {
        sender_id: play.alice.get(),
        receiver_id: play.bot.get(),
        amount: 5000,
        transaction_id: "T".into(),
        ..Default::default()
    };
    let tell = |event: &TokenSentEvent| {
        let member = Member::TokenSentEvent(Box::new(event.clone()));
        play.sandbox.with(|world, _| world.push_event(play.bot, member));
    };
    tell(&event);
    play.sandbox.expect_dm(play.alice, "Thank you for 5000₫. You have 5000₫.", SOON).await.unwrap();
    tell(&event);
    play.sandbox.abort(play.bot);
    let bot = play.bot;
    let back = play.sandbox.until("it is back", SOON, move |world| world.connections_of(bot).len() == 1);
    back.await.unwrap();
    tell(&event);
    tell(&TokenSentEvent { receiver_id: play.bob.get(), transaction_id: "U".into(), ..event.clone() });
    assert!(play.sandbox.expect_dm(play.alice, showing("Thank you"), QUIET).await.is_err());
    assert_eq!(book.lock().get(&play.alice), Some(&5000));
    play.end().await;
}

#[tokio::test]
async fn a_withdrawal_is_paid_or_stays_in_the_book() {
    let book = Book::default();
    let play = start(&book).await;
    play.sandbox.send_tokens(play.alice, play.bot, 5000, "for my account");
    play.sandbox.expect_dm(play.alice, showing("You have 5000"), SOON).await.unwrap();

    let ask = async |text: &str, answer: &str| {
        let asked = play.sandbox.say(play.alice, play.general, text);
        play.sandbox.expect_reply(asked, showing(answer), SOON).await.unwrap();
    };
    ask("*withdraw 9000", "You do not have that many.").await;
    play.sandbox.with(|world, _| {
        world.ledger_fault(LedgerCall::AddTransaction, LedgerFault::Refuse("insufficient_funds".into()), 1);
    });
    ask("*withdraw 2000", "Not paid: Not enough balance in your wallet.").await;
    assert_eq!(book.lock().get(&play.alice), Some(&5000));
    ask("*withdraw 2000", "Paid: ").await;
    assert_eq!(book.lock().get(&play.alice), Some(&3000));
    let paid = play.sandbox.with(|world, now| world.ledger(now).between(play.bot, play.alice).len());
    assert_eq!(paid, 1);
    play.end().await;
}

#[tokio::test]
async fn of_withdrawals_at_the_same_time_one_is_paid() {
    let book = Book::default();
    let in_time = |config: &mut Config| config.timeout = SLOW * 3;
    let town = Town::open().unwrap();
    let play = Play::start_in(town, in_time, |client| bot(client, book.clone(), MemorySeen::default())).await;
    play.sandbox.send_tokens(play.alice, play.bot, 5000, "for my account");
    play.sandbox.expect_dm(play.alice, showing("You have 5000"), SOON).await.unwrap();

    // commands of one channel are handled one after the other, those of several side by side
    play.sandbox.with(|world, _| {
        world.ledger_fault(LedgerCall::AddTransaction, LedgerFault::DelayAnswer(SLOW), 1);
    });
    let open =
        |name| play.sandbox.with(|world, now| world.create_channel(now, play.clan, play.alice, NewChannel::text(name)));
    let others = ["second", "third"].map(open);
    let paid = play.sandbox.say(play.alice, play.general, "*withdraw 3000");
    let (bot, alice) = (play.bot, play.alice);
    let has_begun = move |world: &World| world.ledger(Now::default()).between(bot, alice).len() == 1;
    play.sandbox.until("the payment is under way", SOON, has_begun).await.unwrap();
    for refused in others.map(|channel| play.sandbox.say(play.alice, channel, "*withdraw 3000")) {
        play.sandbox.expect_reply(refused, showing("busy"), SOON).await.unwrap();
    }
    play.sandbox.expect_reply(paid, showing("Paid: "), SOON * 2).await.unwrap();
    assert_eq!(play.sandbox.with(|world, now| world.ledger(now).between(play.bot, play.alice).len()), 1);
    play.end().await;
}

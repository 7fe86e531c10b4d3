//! S7, C21.

use mezon_protocol::ledger::MemorySeen;
use mezon_protocol::proto::api::TokenSentEvent;
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_sandbox::{LedgerCall, LedgerFault};

use crate::bots::s07_tokens::{Book, bot};
use crate::rig::{Play, QUIET, SOON, showing};

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
    let back = play.sandbox.until("it is back", SOON, |world| world.connections_of(play.bot).len() == 1);
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

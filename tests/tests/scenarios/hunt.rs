//! S6.

use std::time::{Duration, Instant};

use mezon_protocol::{MessageId, UserId};
use mezon_sandbox::{Matching, NewUser, What};

use crate::bots::s06_hunt::bot;
use crate::rig::{Play, QUIET, SOON};

const ATTACK: &str = "hunt:1:a";
const FLEE: &str = "hunt:1:f";

/// Longer than any test.
const PATIENT: Duration = Duration::from_secs(300);

async fn start(idle: Duration) -> Play {
    Play::start(move |client| bot(client, idle)).await
}

/// Somebody hunts, and so many hunts then wait for clicks.
async fn hunt(play: &Play, user: UserId, waiting: usize) -> MessageId {
    let asked = play.sandbox.say(user, play.general, "*hunt");
    let menu = play.sandbox.expect_reply(asked, "A boar! ❤❤❤", SOON).await.unwrap().message;
    until_waiting(play, waiting).await;
    menu
}

/// The server knows of a menu before the bot does.
async fn until_waiting(play: &Play, count: usize) {
    let waiting = async {
        while play.client.waiting() != count {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("the hunts wait for clicks");
}

async fn expect_end(play: &Play, menu: MessageId, text: &str) {
    let said = play.sandbox.expect_edit(menu, text, SOON).await.unwrap();
    assert!(!said.content.contains("components"), "{}", said.content);
}

/// More people in the clan.
fn crowd(play: &Play, count: usize) -> Vec<UserId> {
    play.sandbox.with(|world, now| {
        let add = |n| {
            let user = world.add_user(now, NewUser::person(format!("hunter {n}")));
            world.join_clan(now, user, play.clan);
            user
        };
        (0..count).map(add).collect()
    })
}

#[tokio::test]
async fn a_new_hunt_closes_the_one_before() {
    let play = start(PATIENT).await;
    let first = hunt(&play, play.alice, 1).await;
    let second = hunt(&play, play.alice, 1).await;
    expect_end(&play, first, "closed").await;
    let bobs = hunt(&play, play.bob, 2).await;
    play.sandbox.expect_nothing(play.general, QUIET).await.unwrap();
    for (user, menu) in [(play.alice, second), (play.bob, bobs)] {
        play.sandbox.fill(user, menu).submit(FLEE);
        expect_end(&play, menu, "You have fled.").await;
    }
    play.end().await;
}

#[tokio::test]
async fn clicks_of_others_do_nothing_and_those_of_the_hunter_are_taken_in_order() {
    let play = start(PATIENT).await;
    let menu = hunt(&play, play.alice, 1).await;
    for button in [ATTACK, FLEE] {
        play.sandbox.fill(play.bob, menu).submit(button);
    }
    play.sandbox.expect_nothing(play.bot, QUIET).await.unwrap();
    for left in ["A boar! ❤❤", "A boar! ❤"] {
        play.sandbox.fill(play.alice, menu).submit(ATTACK);
        play.sandbox.expect_edit(menu, left, SOON).await.unwrap();
    }
    play.sandbox.fill(play.alice, menu).submit(ATTACK);
    expect_end(&play, menu, "You have won.").await;
    play.end().await;
}

#[tokio::test]
async fn a_hunt_expires_and_its_buttons_go() {
    let play = start(QUIET).await;
    let menu = hunt(&play, play.alice, 1).await;
    expect_end(&play, menu, "expired").await;
    assert_eq!(play.client.waiting(), 0);
    play.end().await;
}

#[tokio::test]
async fn a_thousand_hunts_leave_nobody_waiting() {
    let play = start(SOON / 20).await;
    let crowd = crowd(&play, 100);
    for _ in 0..10 {
        for user in &crowd {
            play.sandbox.say(*user, play.general, "*hunt");
        }
    }
    let ended = |end| move |what: &What| matches!(what, What::Edited(said) if said.text == end);
    let over = play.sandbox.until("all hunts are over", SOON * 3, move |world| {
        let count = |end| world.transcript().filter(|entry| ended(end)(&entry.what)).count();
        let (expired, closed) = (count("expired"), count("closed"));
        // nobody closes the last one of each hunter, and a slow machine may let more of them expire
        expired >= crowd.len() && expired + closed == 1000
    });
    over.await.unwrap();
    assert_eq!(play.client.waiting(), 0);
    play.end().await;
}

#[tokio::test]
async fn nobody_waits_for_the_hunt_of_another() {
    let play = start(PATIENT).await;
    let crowd = crowd(&play, 100);
    let slow = SOON / 10;
    play.sandbox.with(|world, _| world.delay_acks(slow));
    let begun = Instant::now();
    let asked: Vec<_> = crowd.iter().map(|user| play.sandbox.say(*user, play.general, "*hunt")).collect();
    let mut menus = Vec::new();
    for asked in asked {
        menus.push(play.sandbox.expect_reply(asked, Matching::any(), SOON).await.unwrap().message);
    }
    until_waiting(&play, 100).await;
    crowd.iter().zip(&menus).for_each(|(user, menu)| play.sandbox.fill(*user, *menu).submit(FLEE));
    for menu in menus {
        expect_end(&play, menu, "You have fled.").await;
    }
    assert!(begun.elapsed() < slow * 20, "one after the other would take {:?}", slow * 200);
    play.end().await;
}

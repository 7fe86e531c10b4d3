//! S3.

use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_protocol::{MessageId, UserId};
use mezon_sandbox::{Matching, NewClan, NewUser, Said, World};

use crate::bots::s03_welcome::bot;
use crate::rig::{Play, QUIET, SOON, Town};

fn new_person(town: &Town, name: &str) -> UserId {
    let user = town.sandbox.with(|world, now| world.add_user(now, NewUser::person(name)));
    town.sandbox.join_clan(user, town.clan);
    user
}

async fn greeting(town: &Town, user: UserId) -> Said {
    town.sandbox.expect_dm(user, Matching::any(), SOON).await.unwrap()
}

async fn reply(town: &Town, to: MessageId) -> Said {
    town.sandbox.expect_reply(to, Matching::any(), SOON).await.unwrap()
}

#[tokio::test]
async fn a_newcomer_gets_a_card_and_is_heard_in_the_direct_channel() {
    let play = Play::start(bot).await;
    for name in ["Clan B", "Clan C"] {
        let clan = play.sandbox.with(|world, now| world.create_clan(now, play.alice, NewClan::new(name)));
        play.sandbox.join_clan(play.bot, clan);
    }
    let at_home = |world: &World| world.counters().calls("ListRoles") == 2 && world.counters().joins == 4;
    play.sandbox.until("the bot is at home in both", SOON, at_home).await.unwrap();
    let before = play.sent().len();

    let carol = new_person(&play, "carol");
    let card = greeting(&play, carol).await;
    assert!(card.content.contains("Welcome, carol!"), "{}", card.content);
    assert_eq!(play.sandbox.with(|world, _| world.counters().calls("CreateChannelDesc")), 1);
    let sent: Vec<_> = play.sent().split_off(before).into_iter().map(|(_, member)| member).collect();
    let is_join =
        |member: &&Member| matches!(member, Member::ChannelJoin(join) if join.channel_id == card.channel.get());
    assert_eq!(sent.iter().filter(is_join).count(), 1, "{sent:?}");

    let why = play.sandbox.dm(carol, play.bot, "I was looking for the kitchen.");
    assert_eq!(reply(&play, why).await.channel, card.channel);
    play.end().await;
}

#[tokio::test]
async fn the_bot_itself_is_not_greeted() {
    let play = Play::start(bot).await;
    let clan = play.sandbox.with(|world, now| world.create_clan(now, play.alice, NewClan::new("Clan B")));
    play.sandbox.join_clan(play.bot, clan);
    let listed = play.sandbox.until("the roles are listed", SOON, |world| world.counters().calls("ListRoles") == 1);
    listed.await.unwrap();
    play.sandbox.expect_nothing(play.bot, QUIET).await.unwrap();
    assert_eq!(play.sandbox.with(|world, _| world.counters().calls("CreateChannelDesc")), 0);
    play.end().await;
}

#[tokio::test]
async fn a_refusal_is_logged_and_the_next_one_is_greeted() {
    let play = Play::start(bot).await;
    play.sandbox.with(|world, _| world.refuse_sends(7, "this user takes no direct messages", 1));
    new_person(&play, "carol");
    let refused = play.sandbox.until("the card is refused", SOON, |world| world.tail(1).contains("no direct messages"));
    refused.await.unwrap();
    let dave = new_person(&play, "dave");
    assert!(greeting(&play, dave).await.content.contains("Welcome, dave!"));
    play.end().await;
}

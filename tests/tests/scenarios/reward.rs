//! S12.

use std::time::Duration;

use mezon_protocol::{MessageId, UserId};
use mezon_sandbox::{Matching, Said};

use crate::bots::s12_reward::{Points, bot};
use crate::rig::{Play, QUIET, SOON, Town};

const HOUR: Duration = Duration::from_secs(3600);

/// Bob is a patron, alice has said something before the bot came.
struct Stage {
    play: Play,
    points: Points,
    idea: MessageId,
}

impl Stage {
    async fn set(fresh: Duration) -> Self {
        let town = Town::open().unwrap();
        town.sandbox.with(|world, now| world.create_role(now, town.clan, "patron", [town.bob]));
        let idea = town.sandbox.say(town.alice, town.general, "an idea");
        let points = Points::default();
        let play = Play::start_in(town, |_| {}, |client| bot(client, points.clone(), fresh)).await;
        let offered = play.sandbox.until("the entry is there", SOON, |world| {
            world.counters().calls("AddQuickMenuAccess") == 1 //
        });
        offered.await.unwrap();
        Self { play, points, idea }
    }

    fn choose(&self, user: UserId, entry: &str) {
        let Play { town, .. } = &self.play;
        town.sandbox.quick_menu(user, town.bot, entry, town.general, Some(self.idea));
    }

    async fn reply(&self, text: &str) -> Said {
        self.play.sandbox.expect_reply(self.idea, text, SOON).await.unwrap()
    }

    async fn whisper(&self, user: UserId, text: &str) -> Said {
        self.play.sandbox.expect_whisper(user, Matching::contains(text), SOON).await.unwrap()
    }

    fn calls(&self, name: &str) -> u64 {
        self.play.sandbox.with(|world, _| world.counters().calls(name))
    }
}

#[tokio::test]
async fn a_patron_rewards_a_message_that_the_bot_has_never_seen() {
    let stage = Stage::set(HOUR).await;
    let Play { town, .. } = &stage.play;
    stage.choose(town.bob, "reward 5000");
    let reply = stage.reply("5000 points for this!").await;
    assert_eq!(reply.channel, town.general);
    town.sandbox.expect_dm(town.alice, "You have been given 5000 points.", SOON).await.unwrap();
    assert_eq!(stage.points.lock().get(&town.alice), Some(&5000));
    assert_eq!(stage.calls("ListChannelMessages"), 0, "all that a reply needs is in the event");
    stage.play.end().await;
}

#[tokio::test]
async fn who_lacks_the_role_is_told_in_private_and_nothing_is_given() {
    let stage = Stage::set(HOUR).await;
    let Play { town, .. } = &stage.play;
    stage.choose(town.alice, "reward 5000");
    stage.whisper(town.alice, "the role patron").await;
    town.sandbox.expect_nothing(town.bot, QUIET).await.unwrap();
    assert!(stage.points.lock().is_empty());
    stage.play.end().await;
}

#[tokio::test]
async fn roles_are_listed_once_for_as_long_as_they_are_fresh() {
    for (fresh, lists) in [(HOUR, 1), (Duration::ZERO, 3)] {
        let stage = Stage::set(fresh).await;
        for _ in 0..3 {
            stage.choose(stage.play.bob, "reward 1");
            stage.reply("1 points for this!").await;
        }
        assert_eq!(stage.calls("ListRoles"), lists);
        assert_eq!(stage.points.lock().get(&stage.play.alice), Some(&3));
        stage.play.end().await;
    }
}

#[tokio::test]
async fn other_entries_and_odd_amounts_are_passed_over() {
    let stage = Stage::set(HOUR).await;
    let Play { town, .. } = &stage.play;
    for entry in ["help", "reward", "reward -5", "reward 99999999999999"] {
        stage.choose(town.bob, entry);
    }
    // chosen in the channel, on no message
    town.sandbox.quick_menu(town.bob, town.bot, "reward 5", town.general, None);
    town.sandbox.expect_nothing(town.bot, QUIET).await.unwrap();
    assert!(stage.points.lock().is_empty());
    stage.play.end().await;
}

#[tokio::test]
async fn a_slash_command_is_answered_in_private_and_is_stored_nowhere() {
    let stage = Stage::set(HOUR).await;
    let Play { town, .. } = &stage.play;
    town.sandbox.slash(town.alice, town.general, town.bot, "/points");
    stage.whisper(town.alice, "You have 0 points.").await;
    let openly = town.sandbox.say(town.alice, town.general, "*points");
    town.sandbox.expect_reply(openly, "You have 0 points.", SOON).await.unwrap();
    let stored = town.sandbox.with(|world, _| world.messages_in(town.general).len());
    assert_eq!(stored, 3, "the idea, what was asked openly, and its answer");
    stage.play.end().await;
}

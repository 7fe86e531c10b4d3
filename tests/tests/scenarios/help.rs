//! S2.

use mezon_protocol::Content;
use mezon_sandbox::Matching;

use crate::bots::s02_help::bot;
use crate::rig::{Play, QUIET, SOON};

#[tokio::test]
async fn a_mention_alone_is_answered_by_all_commands_in_one_block() {
    let play = Play::start(bot).await;
    let asked = play.sandbox.mention(play.alice, play.general, play.bot, "");
    let help = play.sandbox.expect_reply(asked, Matching::contains("*expert <level> <name...>"), SOON).await.unwrap();
    let content: serde_json::Value = serde_json::from_str(&help.content).unwrap();
    let units = help.text.encode_utf16().count();
    assert!(units > help.text.chars().count(), "there is an emoji in it");
    assert_eq!(content["mk"], serde_json::json!([{ "type": "pre", "s": 0, "e": units }]));
    assert_eq!(Content::parse(&help.content).marks()[0].text, help.text);
    play.sandbox.expect_nothing(play.general, QUIET).await.unwrap();
    play.end().await;
}

#[tokio::test]
async fn a_command_after_a_mention_gets_its_arguments_by_type() {
    let play = Play::start(bot).await;
    let asked = play.sandbox.mention(play.alice, play.general, play.bot, "expert 12 Nguyễn Văn A");
    let answer = "Nguyễn Văn A is an expert of level 12 now.";
    play.sandbox.expect_reply(asked, answer, SOON).await.unwrap();
    play.sandbox.expect_nothing(play.general, QUIET).await.unwrap();
    play.end().await;
}

#[tokio::test]
async fn wrong_arguments_are_answered_and_the_handler_is_not_run() {
    let play = Play::start(bot).await;
    let asked = play.sandbox.say(play.alice, play.general, "*expert abc");
    let refusal = play.sandbox.expect_reply(asked, Matching::contains("argument 1 (level)"), SOON).await.unwrap();
    assert!(refusal.text.contains("\"abc\"") && refusal.text.contains("*expert <level>"), "{}", refusal.text);
    play.sandbox.say(play.alice, play.general, "*no-such-command");
    play.sandbox.expect_nothing(play.general, QUIET).await.unwrap();
    play.end().await;
}

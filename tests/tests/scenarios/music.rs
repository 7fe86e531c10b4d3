//! S11.

use mezon_sandbox::{Matching, What, World};

use crate::bots::s11_music::bot;
use crate::rig::{Play, QUIET, SOON, Town};

/// What has been played, and is playing.
fn played(world: &World) -> Vec<String> {
    let name = |what: &What| if let What::Played { name, .. } = what { Some(name.clone()) } else { None };
    world.transcript().filter_map(|entry| name(&entry.what)).collect()
}

async fn expect_playing(town: &Town, songs: &'static [&str]) {
    let says = format!("{songs:?} have been played");
    town.sandbox.until(says, SOON, move |world| played(world) == songs).await.unwrap();
}

async fn expect_silence(town: &Town) {
    let (bot, room) = (town.bot, town.room);
    let is_gone = move |world: &World| !world.voice_users(room).contains(&bot);
    town.sandbox.until("the bot has left", SOON, is_gone).await.unwrap();
}

async fn say(town: &Town, command: &str, answer: &str) {
    let said = town.sandbox.say(town.alice, town.general, command);
    town.sandbox.expect_reply(said, answer, SOON).await.unwrap();
}

/// Alice is in the room, where the first of two songs plays.
async fn two_songs() -> Play {
    let play = Play::start(bot).await;
    play.sandbox.join_voice(play.alice, play.room);
    say(&play, "*play one", "one is playing.").await;
    say(&play, "*play two", "two comes later.").await;
    expect_playing(&play, &["one"]).await;
    play
}

#[tokio::test]
async fn the_next_song_begins_when_the_bot_has_left_and_the_last_one_is_the_end() {
    let play = two_songs().await;
    play.sandbox.with(|world, now| world.finish_media(now, play.bot, play.room));
    expect_playing(&play, &["one", "two"]).await;
    play.sandbox.with(|world, now| world.finish_media(now, play.bot, play.room));
    expect_silence(&play).await;
    say(&play, "*play three", "three is playing.").await;
    expect_playing(&play, &["one", "two", "three"]).await;
    play.end().await;
}

#[tokio::test]
async fn a_song_is_skipped_by_leaving_the_room() {
    let play = two_songs().await;
    play.sandbox.say(play.alice, play.general, "*skip");
    expect_playing(&play, &["one", "two"]).await;
    assert_eq!(play.sandbox.with(|world, _| world.counters().calls("RemoveParticipantMezonMeet")), 1);
    play.sandbox.say(play.alice, play.general, "*skip");
    expect_silence(&play).await;
    play.end().await;
}

#[tokio::test]
async fn when_nobody_listens_any_more_it_stops() {
    let play = two_songs().await;
    play.sandbox.join_voice(play.bob, play.room);
    play.sandbox.leave_voice(play.alice, play.room);
    play.sandbox.expect_nothing(play.bot, QUIET).await.unwrap();
    assert!(play.sandbox.with(|world, _| world.voice_users(play.room).contains(&play.bot)), "bob listens");
    play.sandbox.leave_voice(play.bob, play.room);
    expect_silence(&play).await;
    play.sandbox.expect_nothing(play.bot, QUIET).await.unwrap();
    assert_eq!(play.sandbox.with(|world, _| played(world)), ["one"]);
    play.end().await;
}

#[tokio::test]
async fn who_is_in_no_room_is_told_in_private() {
    let play = Play::start(bot).await;
    for command in ["*play one", "*skip"] {
        play.sandbox.say(play.bob, play.general, command);
        play.sandbox.expect_whisper(play.bob, Matching::contains("Join a voice room"), SOON).await.unwrap();
    }
    play.sandbox.expect_nothing(play.bot, QUIET).await.unwrap();
    assert_eq!(play.sandbox.with(|world, _| played(world)), [""; 0]);
    play.end().await;
}

#[tokio::test]
async fn a_room_without_a_meeting_code_goes_by_its_id() {
    let town = Town::open().unwrap();
    town.sandbox.with(|world, _| world.settings_mut().meeting_codes = false);
    let play = Play::start_in(town, |_| {}, bot).await;
    play.sandbox.join_voice(play.alice, play.room);
    say(&play, "*play one", "one is playing.").await;
    expect_playing(&play, &["one"]).await;
    play.end().await;
}

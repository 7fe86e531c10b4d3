//! S5.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use mezon_examples::Table;
use mezon_protocol::interaction::ComponentId as _;
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_protocol::{MessageId, UserId};
use mezon_sandbox::{Matching, NewUser};

use crate::bots::s05_poll::{Press, bot};
use crate::rig::{Play, QUIET, SOON, Town, sent, showing};

const WEEK: Duration = Duration::from_secs(604_800);

/// The least time between two edits of a message.
const GAP: Duration = Duration::from_millis(400);

/// A file that is not there yet, and goes with the test.
struct Scratch(PathBuf);

fn file(name: &str) -> Scratch {
    Scratch(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id())))
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn start(town: Town, file: &Path, lasts: Duration) -> Play {
    let polls = Arc::new(Table::open(file).unwrap());
    Play::start_in(town, |_| {}, |client| bot(client, polls, lasts)).await
}

async fn ask(play: &Play) -> MessageId {
    let asked = play.sandbox.say(play.alice, play.general, "*poll Tea or coffee? | tea | coffee");
    play.sandbox.expect_reply(asked, showing("Finish"), SOON).await.unwrap().message
}

fn vote(town: &Town, user: UserId, poll: MessageId, answer: &str) {
    town.sandbox.fill(user, poll).choose("answer", answer).submit(&Press::Vote.encode().unwrap());
}

fn finish(town: &Town, user: UserId, poll: MessageId) {
    town.sandbox.click(user, poll, &Press::Finish.encode().unwrap(), "");
}

/// An edit to this count, with buttons below or without.
fn shows(tea: usize, coffee: usize, is_open: bool) -> Matching {
    let text = format!("Tea or coffee?\ntea: {tea}\ncoffee: {coffee}");
    Matching::when(format!("{text:?}, open: {is_open}"), move |said| {
        said.text == text && said.content.contains("components") == is_open
    })
}

async fn expect(play: &Play, poll: MessageId, count: Matching) {
    play.sandbox.expect_edit(poll, count, SOON * 3).await.unwrap();
}

fn edits(town: &Town) -> usize {
    let is_edit =
        |member: &Member| matches!(member, Member::ApiRequestEvent(call) if call.api_name == "UpdateChannelMessage");
    sent(&town.sandbox).iter().filter(|(_, member)| is_edit(member)).count()
}

/// The answers of each user, in the order in which they are in the file.
fn answers_in(file: &Path) -> HashMap<String, Vec<String>> {
    let mut answers: HashMap<String, Vec<String>> = HashMap::new();
    let text = std::fs::read_to_string(file).unwrap();
    let mut before = serde_json::Map::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(votes) = row[1]["votes"].as_object() else { continue };
        for (user, answer) in votes.iter().filter(|(user, answer)| before.get(*user) != Some(*answer)) {
            answers.entry(user.clone()).or_default().push(answer.as_str().unwrap().to_owned());
        }
        before = votes.clone();
    }
    answers
}

#[tokio::test]
async fn two_hundred_votes_all_count_in_order_and_few_edits_are_made() {
    let file = file("two-hundred-votes");
    let play = start(Town::open().unwrap(), &file, WEEK).await;
    let voters: Vec<UserId> = (0..50)
        .map(|n| {
            let user = play.sandbox.with(|world, now| world.add_user(now, NewUser::person(format!("voter {n}"))));
            play.sandbox.join_clan(user, play.clan);
            user
        })
        .collect();
    let poll = ask(&play).await;
    let begun = Instant::now();
    for round in ["tea", "coffee", "tea"] {
        voters.iter().for_each(|user| vote(&play, *user, poll, round));
    }
    for (user, last) in voters.iter().zip(["coffee", "tea"].into_iter().cycle()) {
        vote(&play, *user, poll, last);
    }
    // a count that there was at no time before
    vote(&play, play.alice, poll, "tea");
    expect(&play, poll, shows(26, 25, true)).await;
    let possible = begun.elapsed().as_millis() / GAP.as_millis() + 1;
    assert!(u128::try_from(edits(&play)).unwrap() <= possible, "{} edits, {possible} possible", edits(&play));

    let lines = std::fs::read_to_string(&*file).unwrap().lines().count();
    assert_eq!(lines, 1 + 1 + 201, "one line for each vote");
    let answers = answers_in(&file);
    for (n, user) in voters.iter().enumerate() {
        let expected: &[&str] =
            if n % 2 == 0 { &["tea", "coffee", "tea", "coffee"] } else { &["tea", "coffee", "tea"] };
        assert_eq!(answers[&user.to_string()], expected);
    }
    let (made, town) = (edits(&play), play.end().await);
    assert_eq!(edits(&town), made, "the last one showed the final count");
}

#[tokio::test]
async fn only_who_asked_can_finish_it() {
    let file = file("only-who-asked");
    let play = start(Town::open().unwrap(), &file, WEEK).await;
    let poll = ask(&play).await;
    finish(&play, play.bob, poll);
    play.sandbox.expect_whisper(play.bob, Matching::contains("not yours"), SOON).await.unwrap();
    vote(&play, play.bob, poll, "tea");
    expect(&play, poll, shows(1, 0, true)).await;
    finish(&play, play.alice, poll);
    expect(&play, poll, shows(1, 0, false)).await;
    play.sandbox.click(play.bob, poll, &Press::Vote.encode().unwrap(), r#"{"answer":"coffee"}"#);
    play.sandbox.expect_whisper(play.bob, Matching::contains("closed"), SOON).await.unwrap();
    play.sandbox.expect_nothing(play.general, GAP + QUIET).await.unwrap();
    play.end().await;
}

#[tokio::test]
async fn a_restart_loses_no_vote_and_the_poll_closes_in_time() {
    let (file, lasts) = (file("a-restart"), Duration::from_secs(8));
    let play = start(Town::open().unwrap(), &file, lasts).await;
    let poll = ask(&play).await;
    vote(&play, play.alice, poll, "tea");
    expect(&play, poll, shows(1, 0, true)).await;
    let town = play.end().await;

    let play = start(town, &file, lasts).await;
    vote(&play, play.bob, poll, "coffee");
    expect(&play, poll, shows(1, 1, true)).await;
    expect(&play, poll, shows(1, 1, false)).await;
    play.end().await;
}

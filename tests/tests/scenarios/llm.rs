//! S10.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mezon_protocol::MessageId;
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_sandbox::Matching;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, channel, unbounded_channel};

use crate::bots::s10_llm::{Settings, bot};
use crate::rig::{Play, QUIET, SOON, Town, sent};

/// The least time between two edits of a message.
const GAP: Duration = Duration::from_millis(400);

/// Words come one by one, in real time.
const PATIENCE: Duration = SOON.saturating_mul(3);

/// A bot whose model says what the test makes it say.
struct Stage {
    play: Play,
    asked: UnboundedReceiver<Sender<String>>,
}

impl Stage {
    async fn set(interruptible: bool) -> Self {
        let (tell, asked) = unbounded_channel();
        let tell = Mutex::new(tell);
        let model = move |_: &str| {
            let (words, answer) = channel(10_000);
            tell.lock().unwrap().send(words).unwrap();
            answer
        };
        let settings = Settings { model: Arc::new(model), typing: Duration::from_millis(150), interruptible };
        let play = Play::start_in(Town::open().unwrap(), |_| {}, |client| bot(client, settings)).await;
        Self { play, asked }
    }

    /// Somebody asks: the mouth of the model, and the answer that is begun at once.
    async fn ask(&mut self, question: &str) -> (Sender<String>, MessageId) {
        let asked = self.play.sandbox.dm(self.play.alice, self.play.bot, question);
        let begun = self.play.sandbox.expect_reply(asked, "…", SOON).await.unwrap();
        (self.asked.recv().await.unwrap(), begun.message)
    }

    async fn expect_edit(&self, message: MessageId, matching: impl Into<Matching>) {
        self.play.sandbox.expect_edit(message, matching, PATIENCE).await.unwrap();
    }
}

fn count(town: &Town, is_one: impl Fn(&Member) -> bool) -> usize {
    sent(&town.sandbox).iter().filter(|(_, member)| is_one(member)).count()
}

fn is_edit(member: &Member) -> bool {
    matches!(member, Member::ApiRequestEvent(call) if call.api_name == "UpdateChannelMessage")
}

#[tokio::test]
async fn words_come_in_few_edits_and_it_types_meanwhile() {
    let mut stage = Stage::set(false).await;
    let (mouth, answer) = stage.ask("What is gold?").await;
    let begun = Instant::now();
    let mut text = String::new();
    for burst in 0..4 {
        for word in 0..20 {
            let word = format!("{burst}-{word} ");
            text.push_str(&word);
            mouth.send(word).await.unwrap();
        }
        stage.expect_edit(answer, text.clone()).await;
    }
    drop(mouth);
    let possible = begun.elapsed().as_millis() / GAP.as_millis() + 1;
    let made = count(&stage.play.town, is_edit);
    assert!(u128::try_from(made).unwrap() <= possible, "{made} edits, {possible} possible");
    assert!(count(&stage.play.town, |member| matches!(member, Member::MessageTypingEvent(_))) >= 3);
    let town = stage.play.end().await;
    assert_eq!(count(&town, is_edit), made, "the last one had the whole text");
}

#[tokio::test]
async fn what_is_too_long_goes_on_in_a_further_message() {
    let mut stage = Stage::set(false).await;
    let (mouth, first) = stage.ask("Tell me everything.").await;
    let town = &stage.play.town;
    let direct = town.sandbox.with(|world, _| world.direct_channel(town.alice, town.bot)).unwrap();
    let text: String = (0..1500).map(|n| format!("{n} ")).collect();
    for word in text.split_inclusive(' ') {
        mouth.send(word.to_owned()).await.unwrap();
    }
    drop(mouth);
    stage.expect_edit(first, Matching::contains("0 1 2 3")).await;
    let second = town.sandbox.expect_message(direct, Matching::any(), PATIENCE).await.unwrap().message;
    stage.expect_edit(second, Matching::contains("1499 ")).await;
    let all = town.sandbox.with(|world, _| [first, second].map(|message| world.text_of(message).unwrap()).concat());
    assert_eq!(all, text);
    stage.play.end().await;
}

#[tokio::test]
async fn a_further_question_waits_for_the_end_of_the_answer() {
    let mut stage = Stage::set(false).await;
    let (mouth, first) = stage.ask("One?").await;
    let asked = stage.play.sandbox.dm(stage.play.alice, stage.play.bot, "Two?");
    stage.play.sandbox.expect_nothing(stage.play.bot, QUIET).await.unwrap();
    mouth.send("the end".to_owned()).await.unwrap();
    drop(mouth);
    stage.expect_edit(first, "the end").await;
    stage.play.sandbox.expect_reply(asked, "…", SOON).await.unwrap();
    drop(stage.asked.recv().await);
    stage.play.end().await;
}

#[tokio::test]
async fn or_it_takes_the_place_of_the_answer() {
    let mut stage = Stage::set(true).await;
    let (mouth, _) = stage.ask("One?").await;
    let (next, second) = stage.ask("Two?").await;
    mouth.closed().await;
    next.send("two".to_owned()).await.unwrap();
    drop(next);
    stage.expect_edit(second, "two").await;
    stage.play.end().await;
}

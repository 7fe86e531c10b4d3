//! S4.

use mezon_protocol::interaction::ComponentId as _;
use mezon_protocol::{MessageId, UserId};
use mezon_sandbox::{Filling, Matching};

use crate::bots::s04_form::{Expert, Experts, Press, bot};
use crate::rig::{Play, QUIET, SOON, showing};

/// A bot, and a form that alice has asked for.
struct Stage {
    play: Play,
    experts: Experts,
    record: MessageId,
    form: MessageId,
}

impl Stage {
    async fn set() -> Self {
        let experts = Experts::default();
        let play = Play::start(|client| bot(client, experts.clone())).await;
        let record = play.sandbox.say(play.alice, play.general, "*expert add");
        let form = play.sandbox.expect_reply(record, Matching::any(), SOON).await.unwrap().message;
        Self { play, experts, record, form }
    }

    fn id(&self, save: bool) -> String {
        Press { record: self.record, owner: self.play.alice, save }.encode().unwrap()
    }

    fn fill(&self, user: UserId) -> Filling<'_> {
        self.play.sandbox.fill(user, self.form)
    }

    async fn expect_edit(&self, matching: Matching) -> String {
        self.play.sandbox.expect_edit(self.form, matching, SOON).await.unwrap().content
    }

    async fn expect_nothing(&self) {
        self.play.sandbox.expect_nothing(self.play.bot, QUIET).await.unwrap();
    }

    fn records(&self) -> usize {
        self.experts.lock().len()
    }
}

#[tokio::test]
async fn a_choice_in_the_select_is_no_submit_and_nothing_happens() {
    let stage = Stage::set().await;
    stage.play.sandbox.choose(stage.play.alice, stage.form, "field", "net");
    stage.expect_nothing().await;
    stage.play.end().await;
}

#[tokio::test]
async fn all_that_is_wrong_is_shown_together_and_what_was_typed_stays() {
    let stage = Stage::set().await;
    // neither a name nor days
    let form = stage.fill(stage.play.alice).choose("field", "rust").text("level", "1.5").text("since", "34343-12-22");
    form.submit(&stage.id(true));
    let edited = stage.expect_edit(showing("level: is not a valid number")).await;
    for wrong in ["name: is required", "since: is not a valid date"] {
        assert!(edited.contains(wrong), "{wrong}: {edited}");
    }
    for kept in [r#""defaultValue":"1.5""#, r#""value":"34343-12-22""#, r#""valueSelected":{"label":"Rust""#, "Cancel"]
    {
        assert!(edited.contains(kept), "{kept}: {edited}");
    }
    assert_eq!(stage.records(), 0);
    stage.expect_nothing().await;
    stage.play.end().await;
}

#[tokio::test]
async fn a_double_click_saves_one_record_and_the_form_becomes_a_receipt() {
    let stage = Stage::set().await;
    for _ in 0..2 {
        let form = stage.fill(stage.play.alice).text("name", "Nguyễn Văn A").text("level", "12");
        let form = form.choose_all("days", ["mo", "fr"]).text("since", "2026-02-28");
        form.submit(&stage.id(true));
    }
    let receipt = stage.expect_edit(Matching::text("Nguyễn Văn A is an expert of level 12 now.")).await;
    assert!(!receipt.contains("components") && !receipt.contains("embed"), "{receipt}");
    stage.expect_nothing().await;
    let expert = Expert {
        name: "Nguyễn Văn A".to_owned(),
        level: 12,
        field: None,
        days: vec!["mo".to_owned(), "fr".to_owned()],
        since: Some("2026-02-28".parse().unwrap()),
    };
    assert_eq!(stage.experts.lock().get(&stage.record), Some(&expert));
    assert_eq!(stage.records(), 1);
    stage.play.end().await;
}

#[tokio::test]
async fn who_did_not_ask_for_the_form_is_refused_in_private() {
    let stage = Stage::set().await;
    let (bob, sandbox) = (stage.play.bob, &stage.play.sandbox);
    for save in [true, false] {
        stage.fill(bob).text("name", "Bob").text("level", "99").submit(&stage.id(save));
        sandbox.expect_whisper(bob, Matching::contains("somebody else's"), SOON).await.unwrap();
    }
    stage.expect_nothing().await;
    assert_eq!(stage.records(), 0);
    stage.play.end().await;
}

#[tokio::test]
async fn a_form_can_be_cancelled() {
    let stage = Stage::set().await;
    stage.fill(stage.play.alice).submit(&stage.id(false));
    let edited = stage.expect_edit(Matching::text("Cancelled.")).await;
    assert!(!edited.contains("components"), "{edited}");
    assert_eq!(stage.records(), 0);
    stage.play.end().await;
}

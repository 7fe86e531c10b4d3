//! C11: messages that are sent once, whenever the program is killed.

use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::call::{Destination, SendOnce, Sent};
use mezon_protocol::content::Reference;
use mezon_protocol::machine::State;
use mezon_protocol::store::{Entry, MemoryOutbox, Outbox as _, OutboxItem, Settled};
use mezon_protocol::{Config, Content, Error, ErrorKind, Machine, Sent as Left};
use mezon_tests::backend::Called;
use mezon_tests::sim::Sim;

use crate::scene::{SECOND, Scene, build, ready};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Sending = (String, Called<Sent>);

/// A bot with an outbox on a disk that outlives it.
struct Bot {
    scene: Scene,
    outbox: MemoryOutbox,
    sending: Vec<Sending>,
    kills: u64,
}

fn bot() -> Bot {
    of(ready())
}

fn of(scene: Scene) -> Bot {
    Bot { scene, outbox: MemoryOutbox::default(), sending: Vec::new(), kills: 0 }
}

impl Bot {
    fn put(&mut self, key: &str, to: Destination, within: Duration, content: Content) -> OutboxItem {
        let now = self.scene.sim.now().unix;
        let item = OutboxItem::new(self.scene.sim.bot_id, key.into(), to, content, 4000, now, within).unwrap();
        assert_eq!(self.outbox.put(&item).unwrap(), Entry::New);
        item
    }

    fn queue_to(&mut self, key: &str, to: Destination, within: Duration, content: impl Into<Content>) {
        let item = self.put(key, to, within, content.into());
        self.submit(item.key.clone(), SendOnce::new(item));
    }

    /// Says it in the channel; by the text, as the key.
    fn queue(&mut self, text: &str) {
        let to = Destination::Channel(self.scene.general, None);
        self.queue_to(text, to, DAY, text);
    }

    fn submit(&mut self, key: String, call: SendOnce) {
        let called = self.scene.sim.bot.call(call);
        self.sending.push((key, called));
        self.scene.sim.run_for(Duration::ZERO);
    }

    /// The program ends; what had not been settled is sent by the next one.
    fn restart(&mut self, after: Duration) {
        self.kill();
        self.scene.sim.run_for(after);
        self.scene.sim.tell(Machine::connect);
        self.submit_stored();
    }

    fn kill(&mut self) {
        self.kills += 1;
        let config = Config::bot(self.scene.sim.bot_id, "the-key").unwrap().use_tls(false);
        self.scene.sim.restart(config, self.kills);
        self.sending.clear();
    }

    fn submit_stored(&mut self) {
        let unsettled = self.outbox.unsettled(self.scene.sim.bot_id, 512).unwrap();
        let taken: Arc<[_]> = unsettled.taken.into();
        for item in unsettled.items {
            self.submit(item.key.clone(), SendOnce::new(item).again(Arc::clone(&taken)));
        }
    }

    fn settle(&mut self, key: &str, outcome: &Result<Sent, Error>) {
        let now = self.scene.sim.now().unix.as_millis() as u64;
        if let Some(settled) = Settled::of(outcome, self.scene.sim.bot_id) {
            self.outbox.settle(self.scene.sim.bot_id, key, &settled, now).unwrap();
        }
    }

    /// Lets the first of those that are under way end.
    fn finish(&mut self) -> Result<Sent, Error> {
        let (key, called) = self.sending.remove(0);
        let outcome = self.scene.sim.finish(called);
        self.settle(&key, &outcome);
        outcome
    }

    fn finish_all(&mut self) {
        while !self.sending.is_empty() {
            self.finish().unwrap();
        }
    }

    fn settle_what_has_ended(&mut self) {
        for (key, called) in std::mem::take(&mut self.sending) {
            if self.scene.sim.has_ended(&called) {
                let outcome = self.scene.sim.finish(called);
                self.settle(&key, &outcome);
            } else {
                self.sending.push((key, called));
            }
        }
    }

    fn go_away(&mut self) {
        let bot = self.scene.sim.bot_id;
        self.scene.sim.reachable = false;
        self.scene.sim.act(|world, now| world.abort(now, bot));
        self.scene.sim.run_for(SECOND);
    }

    fn said(&self) -> Vec<String> {
        self.scene.said(self.scene.general)
    }

    fn lists(&self) -> u64 {
        self.scene.sim.world().counters().calls("ListChannelMessages")
    }
}

fn left(outcome: Result<Sent, Error>) -> (ErrorKind, Left) {
    let error = outcome.expect_err("an error");
    (error.kind().clone(), error.sent())
}

#[test]
fn a_message_that_never_left_is_sent_by_the_next_start_in_the_old_order() {
    let mut bot = bot();
    bot.go_away();
    for text in ["one", "two", "three"] {
        bot.queue(text);
    }
    bot.scene.sim.run_for(SECOND);
    assert!(bot.said().is_empty());
    bot.scene.sim.reachable = true;
    bot.restart(60 * SECOND);
    bot.finish_all();
    assert_eq!(bot.said(), ["one", "two", "three"]);
}

#[test]
fn a_message_that_was_under_way_when_the_program_was_killed_is_found_and_not_sent_again() {
    let mut bot = bot();
    bot.queue("killed at once");
    // it is written, and no more
    bot.restart(SECOND);
    let sent = bot.finish().unwrap();
    assert_eq!(bot.said(), ["killed at once"]);
    assert_eq!(bot.scene.sim.world().messages_in(bot.scene.general), [sent.message_id]);

    bot.queue("acknowledged");
    bot.scene.sim.run_for(SECOND);
    // whoever was told of it had no time to write it down
    bot.restart(3600 * SECOND);
    let found = bot.finish().unwrap();
    assert_eq!(bot.said(), ["killed at once", "acknowledged"]);
    assert_eq!(found.content, r#"{"t":"acknowledged"}"#);
    bot.restart(SECOND);
    assert!(bot.sending.is_empty(), "both are settled");
}

#[test]
fn the_same_words_are_sent_as_often_as_they_were_queued() {
    let mut bot = bot();
    let to = Destination::Channel(bot.scene.general, None);
    bot.queue_to("first", to, DAY, "again");
    bot.finish().unwrap();
    bot.queue_to("second", to, DAY, "again");
    bot.scene.sim.run_for(SECOND);
    bot.go_away();
    bot.queue_to("third", to, DAY, "again");
    bot.scene.sim.reachable = true;
    // the first is settled, the second sent and not settled, the third not sent
    bot.restart(SECOND);
    bot.finish_all();
    assert_eq!(bot.said(), ["again"; 3]);
}

#[test]
fn an_answer_that_is_lost_is_made_up_for_by_looking_and_the_next_waits_for_that() {
    let mut bot = bot();
    bot.scene.sim.act(|world, _| world.swallow_acks(1));
    bot.queue("in doubt");
    bot.queue("next");
    bot.scene.sim.run_for(5 * SECOND);
    assert_eq!(bot.said(), ["in doubt"]);
    bot.finish_all();
    assert_eq!(bot.said(), ["in doubt", "next"]);
    assert_eq!(bot.lists(), 1);
}

#[test]
fn a_connection_that_breaks_after_it_left_leaves_it_to_the_next() {
    let mut bot = bot();
    bot.scene.sim.act(|world, _| world.swallow_acks(1));
    bot.queue("in doubt");
    bot.scene.sim.run_for(SECOND);
    bot.go_away();
    bot.queue("next");
    bot.scene.sim.run_for(30 * SECOND);
    bot.scene.sim.reachable = true;
    bot.finish_all();
    assert_eq!(bot.said(), ["in doubt", "next"]);
}

#[test]
fn what_the_server_refuses_is_not_tried_again_and_what_it_cannot_take_now_is() {
    let mut bot = bot();
    bot.scene.sim.act(|world, _| world.refuse_sends(7, "no", 1));
    bot.queue("refused");
    assert_eq!(left(bot.finish()), (ErrorKind::Refused { code: 7, message: "no".into() }, Left::Yes));
    bot.restart(SECOND);
    assert!(bot.sending.is_empty(), "it is settled");
    assert!(bot.scene.sim.run_until(10 * SECOND, |sim| sim.machine.state() == State::Ready));

    bot.scene.sim.act(|world, _| world.refuse_sends(14, "busy", 3));
    bot.queue("taken later");
    bot.finish().unwrap();
    assert_eq!(bot.said(), ["taken later"]);
}

#[test]
fn a_message_has_its_time_by_the_clock_on_the_wall_whether_the_program_runs_or_not() {
    let mut bot = bot();
    bot.go_away();
    let to = Destination::Channel(bot.scene.general, None);
    for (key, within) in [("soon", 10 * SECOND), ("late", 3600 * SECOND), ("in time", DAY)] {
        bot.queue_to(key, to, within, key);
    }
    assert_eq!(left(bot.finish()), (ErrorKind::Expired, Left::No));
    bot.scene.sim.reachable = true;
    bot.restart(3600 * SECOND);
    assert_eq!(left(bot.finish()), (ErrorKind::Expired, Left::Unknown), "the last program may have sent it");
    bot.finish_all();
    assert_eq!(bot.said(), ["in time"]);
}

#[test]
fn direct_messages_and_replies_are_found_as_well() {
    let mut bot = bot();
    let question = bot.scene.hear("?").id();
    let (alice, to) = (bot.scene.alice, Destination::Channel(bot.scene.general, None));
    bot.queue_to("reply", to, DAY, Content::text("!").reference(Reference::to(question)));
    bot.queue_to("plain", to, DAY, "!");
    bot.queue_to("direct", Destination::User(alice), DAY, "hello");
    bot.scene.sim.run_for(5 * SECOND);
    bot.restart(SECOND);
    // not in the order of the answers: each is known by what it answers
    bot.sending.swap(0, 1);
    bot.finish_all();
    assert_eq!(bot.said(), ["!", "!"]);
    let world = bot.scene.sim.world();
    let direct = world.direct_channel(alice, bot.scene.sim.bot_id).unwrap();
    assert_eq!(world.messages_in(direct).len(), 1);
}

#[test]
fn a_message_is_found_behind_those_of_others() {
    let mut bot = bot();
    bot.queue("mine");
    bot.scene.sim.run_for(SECOND);
    let (alice, general) = (bot.scene.alice, bot.scene.general);
    for k in 0..120 {
        bot.scene.sim.act(|world, now| world.say(now, alice, general, &k.to_string()));
    }
    bot.restart(SECOND);
    let before = bot.lists();
    bot.finish().unwrap();
    assert_eq!((bot.said().len(), bot.lists() - before), (1, 3));
}

/// Queued while the connection comes and goes, and the program is killed at any moment: everything is said once.
#[test]
fn whatever_breaks_everything_is_said_once_and_in_order() {
    for seed in 0..20 {
        let mut bot = bot();
        let mut rng = fastrand::Rng::with_seed(seed);
        let period = Duration::from_millis(rng.u64(700..5000));
        bot.scene.sim.act(|world, now| world.drop_every(now, Some(period)));
        let channels = [bot.scene.general, bot.scene.other];
        let mut expected: [Vec<String>; 2] = Default::default();
        for number in 0..40 {
            let place = rng.usize(..2);
            // often the same words
            let text = format!("{}", number / 4);
            bot.queue_to(&number.to_string(), Destination::Channel(channels[place], None), DAY, text.as_str());
            expected[place].push(text);
            bot.scene.sim.run_for(Duration::from_millis(rng.u64(..400)));
            if rng.u8(..3) == 0 {
                bot.settle_what_has_ended();
            }
            if rng.u8(..8) == 0 {
                bot.restart(Duration::from_millis(rng.u64(..3000)));
            }
        }
        bot.scene.sim.act(|world, now| world.drop_every(now, None));
        bot.finish_all();
        for (channel, expected) in channels.into_iter().zip(expected) {
            assert_eq!(bot.scene.said(channel), expected, "seed {seed}");
        }
    }
}

#[test]
fn a_client_without_a_socket_sends_and_looks_over_http() {
    let mut bot = of(build(|config| config));
    bot.queue("over http");
    let is_said = |sim: &Sim| sim.world().said_by_clients().count() == 1;
    assert!(bot.scene.sim.run_until(60 * SECOND, is_said));
    assert!(!bot.scene.sim.has_ended(&bot.sending[0].1), "the answer is on its way");
    bot.kill();
    bot.submit_stored();
    bot.finish().unwrap();
    assert_eq!((bot.said().len(), bot.lists()), (1, 1));
}

#[test]
fn nothing_that_is_kept_shows_what_it_says() {
    let mut bot = bot();
    let item = bot.put("key", Destination::User(bot.scene.alice), DAY, "a secret".into());
    let shown = format!("{item:?} {:?} {:?}", bot.outbox, SendOnce::new(item.clone()));
    assert!(shown.contains("key") && !shown.contains("secret"), "{shown}");
    let long = OutboxItem::new(item.account, "k".repeat(129), item.to(), "x".into(), None, SECOND, DAY);
    assert!(matches!(long.unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
}

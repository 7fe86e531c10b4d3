//! What is not a bot's daily life: users and their sessions, files, payments, and what was missed. Each is replayed bit
//! for bit, and nothing secret is left of it.

use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::api::{Api, GetAccount};
use mezon_protocol::call::{Destination, LogOut, RefreshSession, SendOnce};
use mezon_protocol::ledger::{EphemeralKey, MemoryPayments, SendToken};
use mezon_protocol::proto::api::Webhook;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::replay::check;
use mezon_protocol::rest::login::LogIn;
use mezon_protocol::route::{Mode, Route};
use mezon_protocol::store::{LeftOff, LeftStream, OutboxItem, Position};
use mezon_protocol::upload::Upload;
use mezon_protocol::{Config, Machine, MessageId, SessionExport, TopicId};
use mezon_sandbox::LedgerCall::{AddTransaction, Proof};
use mezon_sandbox::{LedgerFault, World};
use mezon_tests::recording::Recording;
use mezon_tests::sim::Sim;

use crate::runs::{scene, show, told};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A run, and what must not be found in its recording.
struct Run {
    sim: Sim,
    recording: Recording,
    secrets: Vec<String>,
}

impl Run {
    fn of(config: Config, world: World) -> Self {
        let secrets = vec!["the-key".into()];
        let (sim, recording) = Sim::recorded(config, world, 1);
        Self { sim, recording, secrets }
    }

    fn note_session(&mut self) {
        let SessionExport { token, refresh_token, id_token, session_id, .. } =
            self.sim.machine.session().unwrap().export();
        let secrets = [token, refresh_token, id_token, session_id].map(|secret| secret.expose().to_owned());
        self.secrets.extend(secrets.into_iter().filter(|secret| !secret.is_empty()));
    }

    /// Replays it, and gives what happened in words.
    fn replayed(mut self) -> String {
        self.sim.machine.end_recording();
        let recording = self.recording.bytes();
        if let Err(error) = check(&recording[..]) {
            show(&recording, &error);
            panic!("{error}");
        }
        let told = told(&recording);
        for secret in &self.secrets {
            let is_in = recording.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_in && !told.contains(secret.as_str()), "{secret} is in the recording");
        }
        told
    }
}

fn contains(told: &str, lines: &[&str]) {
    for line in lines {
        assert!(told.contains(line), "{line:?} is not in {told}");
    }
}

#[test]
fn a_user_who_logs_in_is_refreshed_and_logged_out_is_replayed() {
    let mut world = World::builder().seed(1);
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    world.dm(alice, bob);
    world.settings().token_lifetime = 10 * MINUTE;
    let mut run = Run::of(Config::user().use_tls(false), world.build());
    run.sim.bot_id = alice;
    let login = run.sim.bot.call(LogIn::id_token("the-id-token", alice, "alice"));
    run.sim.finish(login).unwrap();
    run.secrets.push("the-id-token".into());
    run.note_session();
    run.sim.connect();
    for round in 0..4 {
        run.sim.run_for(10 * MINUTE);
        run.note_session();
        let refresh = run.sim.bot.call(RefreshSession);
        run.sim.finish(refresh).unwrap();
        run.note_session();
        run.sim.act(|world, now| match round {
            0 => drop(world.push_session(now, alice)),
            1 => world.http_status("SessionRefresh", 503, 2, None),
            2 => drop(world.abort(now, alice)),
            _ => world.expire_tokens(),
        });
        let account = run.sim.bot.call(Api::<GetAccount>::new(()));
        // a connection that has just ended is not always noticed before the call goes
        let _ = run.sim.finish(account);
    }
    let out = run.sim.bot.call(LogOut);
    run.sim.finish(out).unwrap();
    run.sim.run_for(MINUTE);
    let told = run.replayed();
    contains(
        &told,
        &["have a new token", "told: renewed", "event: session refreshed", "answered with status 503", "ready again"],
    );
}

#[test]
fn a_user_whose_session_was_stored_and_is_refused_is_replayed() {
    let mut world = World::builder().seed(2);
    let alice = world.person("alice");
    world.settings().token_lifetime = 10 * MINUTE;
    let mut run = Run::of(Config::user().use_tls(false), world.build());
    let login = run.sim.bot.call(LogIn::id_token("the-id-token", alice, "alice"));
    let stored = run.sim.finish(login).unwrap();
    run.recording = Recording::default();
    let (config, now) = (Config::user().use_tls(false), run.sim.now());
    run.sim.machine = Machine::recorded(config, 3, now, run.recording.clone()).unwrap();
    run.sim.bot_id = alice;
    run.sim.machine.restore_session(stored);
    run.note_session();
    run.sim.act(|world, _| world.revoke_sessions(alice));
    let account = run.sim.bot.call(Api::<GetAccount>::new(()));
    assert!(run.sim.finish(account).unwrap_err().requires_login());
    run.sim.run_for(20 * MINUTE);
    contains(&run.replayed(), &["start from a session", "event: login required: Auth"]);
}

#[test]
fn an_upload_in_parts_that_are_tried_again_is_replayed() {
    let mut world = World::builder().seed(3);
    let bot = world.bot("bot", "the-key");
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    (config.transfers.multipart_from, config.transfers.part_size) = (1000, 300);
    let mut run = Run::of(config, world.build());
    run.secrets.extend(["signature", "expires="].map(str::to_owned));
    run.sim.connect();
    run.sim.act(|world, _| {
        world.refuse_puts(503, 2);
        world.break_puts(1);
    });
    let upload = run.sim.bot.upload(Upload::bytes("a.bin", vec![7; 2000]));
    run.sim.finish(upload).unwrap();
    let given_up = run.sim.bot.upload(Upload::bytes("b.bin", vec![7; 9000]));
    run.sim.run_for(SECOND / 50);
    let ticket = given_up.ticket;
    run.sim.tell(|machine, now| machine.cancel(now, ticket));
    run.sim.run_for(MINUTE);
    contains(&run.replayed(), &["side 1: HTTP 503", "side 6: HTTP 200", "Disconnected, perhaps sent", "cancel call"]);
}

#[test]
fn payments_whose_answers_are_lost_are_replayed_with_their_announcements() {
    let mut world = World::builder().seed(4);
    let (bot, alice) = (world.bot("bot", "the-key"), world.person("alice"));
    world.balance(bot, 1000);
    let mut config = Config::bot(bot, "the-key").unwrap().url("http://127.0.0.1").unwrap();
    let base = |path: &str| Some(format!("http://127.0.0.1/{path}/"));
    config.services.ledger = base("mmn-api");
    config.services.proofs = base("zk-api");
    config.services.indexer = base("indexer-api");
    config.ledger.plain_loopback = true;
    let mut run = Run::of(config, world.build());
    let key = EphemeralKey::from_seed(&[0xA7; 32]);
    run.secrets.extend(["a7".repeat(32), key.export().expose().to_owned()]);
    run.sim.machine.set_wallet(key);
    run.sim.machine.set_payments(Box::new(MemoryPayments::new(100)));
    run.sim.connect();
    run.note_session();
    run.sim.act(|world, _| {
        world.ledger_fault(Proof, LedgerFault::Status(503), 1);
        world.ledger_fault(AddTransaction, LedgerFault::LoseAnswer, 1);
    });
    let payments = ["one", "two"].map(|key| run.sim.bot.send_token(SendToken::to(alice, 10).note("for you").key(key)));
    let [one, two] = payments.map(|payment| run.sim.finish(payment));
    assert!(one.is_err() && two.is_ok(), "{one:?} {two:?}");
    run.sim.run_for(MINUTE);
    let told = run.replayed();
    contains(&told, &["wait for its turn to pay", "told: HTTP 503", "told: Timeout, perhaps sent"]);
    contains(&told, &["of its own is told: start; it wants to call CreateChannelDesc", "end: ok"]);
}

#[test]
fn what_was_missed_while_the_connection_was_away_is_replayed() {
    let mut scene = scene(5, |config| config.join_groups = true);
    scene.sim.connect();
    let (alice, general, bot) = (scene.alice, scene.general, scene.sim.bot_id);
    let mut run = Run { sim: scene.sim, recording: scene.recording, secrets: vec!["the-key".into()] };
    let say = |run: &mut Run, count| {
        let said =
            run.sim.act(|world, now| (0..count).map(|_| world.say(now, alice, general, "hi")).collect::<Vec<_>>());
        run.sim.run_for(SECOND);
        said
    };
    let before = say(&mut run, 3);
    run.sim.reachable = false;
    run.sim.act(|world, now| world.abort(now, bot));
    run.sim.run_for(10 * SECOND);
    say(&mut run, 120);
    run.sim.act(|world, now| {
        world.edit(now, alice, before[1], "edited");
        world.delete(now, alice, before[2]);
    });
    run.sim.reachable = true;
    run.sim.run_for(SECOND / 2);
    run.sim.act(|world, now| world.abort(now, bot));
    say(&mut run, 5);
    run.sim.run_for(MINUTE);
    contains(&run.replayed(), &["125 missed messages of 1 channels, 1 edits, 1 removals, 0 beyond"]);
}

#[test]
fn a_client_that_goes_on_from_where_another_left_off_is_replayed() {
    let mut scene = scene(7, |_| {});
    let (alice, general, bot) = (scene.alice, scene.general, scene.sim.bot_id);
    let say = |world: &mut World, now, text| world.say(now, alice, general, text);
    let said =
        scene.sim.act(|world, now| [say(world, now, "first"), say(world, now, "second"), say(world, now, "third")]);
    scene.sim.act(|world, now| world.delete(now, alice, said[1]));
    let seen = (scene.sim.now().unix - MINUTE).as_secs() as u32;
    let route = Route::of_message(general, scene.sim.world().clan_of(general).unwrap(), Mode::CHANNEL, true);
    let position = Position { route, topic: TopicId::NONE, message: said[1] };
    let stream = LeftStream { position, recent: vec![(said[0], 0), (said[1], 0)] };
    scene.sim.machine.set_left_off(LeftOff { seen, floor: MessageId::NONE, streams: vec![stream] });
    scene.sim.connect();

    // what it had to say may have been sent
    let (now, to) = (scene.sim.now().unix, Destination::Channel(general, None));
    let item = OutboxItem::new(bot, "key".into(), to, "fourth".into(), 4000, now, MINUTE).unwrap();
    scene.sim.act(|world, _| world.swallow_acks(1));
    let called = scene.sim.bot.call(SendOnce::new(item).again(Arc::new([])));
    scene.sim.finish(called).unwrap();
    scene.sim.run_for(SECOND);
    let run = Run { sim: scene.sim, recording: scene.recording, secrets: vec!["the-key".into()] };
    contains(&run.replayed(), &["go on from where 1 channels were left", "1 missed messages", "1 removals", "Timeout"]);
}

#[test]
fn whoever_has_a_recording_cannot_post_to_webhooks_that_were_made_meanwhile() {
    let mut scene = scene(6, |_| {});
    scene.sim.connect();
    let bot = scene.sim.bot_id;
    let webhook = Webhook { url: "https://host/webhooks/the-secret".into(), ..Default::default() };
    scene.sim.act(|world, _| world.push_event(bot, Message::WebhookEvent(Box::new(webhook))));
    scene.sim.run_for(SECOND);
    let run = Run { sim: scene.sim, recording: scene.recording, secrets: vec!["the-secret".into()] };
    contains(&run.replayed(), &["event webhook_event"]);
}

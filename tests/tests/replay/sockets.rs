//! Clients of all adapters over real sockets, their secrets, and the recording that has to replay for ever.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use mezon_blocking::Threads;
use mezon_client::{Client, Runtime};
use mezon_protocol::replay::{Player, check};
use mezon_protocol::{Config, EmojiId, Error};
use mezon_sandbox::{NewChannel, Sandbox, World};
use mezon_smol::SmolRuntime;
use mezon_tests::recording::Recording;
use mezon_tokio::{TokioRuntime, assert_replays};

const KEY: &str = "a-very-secret-api-key";
const SOON: Duration = Duration::from_secs(10);

/// Made by the first version, on tokio.
const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recordings/tokio-1.mezonrec");

trait Host: Runtime {
    fn drive(_: &Client<Self>) {}
    fn wait<T: Send + 'static>(outcome: Self::Outcome<T>) -> Result<T, Error>;
    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T;
}

impl Host for TokioRuntime {
    fn wait<T: Send + 'static>(outcome: Self::Outcome<T>) -> Result<T, Error> {
        tokio().block_on(outcome)
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        tokio().block_on(answered)
    }
}

impl Host for SmolRuntime {
    fn drive(client: &Client<Self>) {
        if let Some(driver) = client.driver() {
            smol::spawn(driver).detach();
        }
    }

    fn wait<T: Send + 'static>(outcome: Self::Outcome<T>) -> Result<T, Error> {
        outcome.wait()
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered.wait()
    }
}

impl Host for Threads {
    fn wait<T: Send + 'static>(outcome: Self::Outcome<T>) -> Result<T, Error> {
        outcome
    }

    fn answer<T: Send + 'static>(answered: Self::Answered<T>) -> T {
        answered
    }
}

fn tokio() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    RUNTIME.get_or_init(|| builder.worker_threads(1).enable_all().build().unwrap())
}

/// What a life has left behind.
struct Left {
    recording: Vec<u8>,
    secrets: Vec<String>,
}

/// A client that does a bit of everything, and loses its connection on the way.
fn live<H: Host>() -> Left {
    let mut world = World::builder().seed(7);
    let bot = world.bot("bot", KEY);
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let clans = ["A", "B"].map(|name| world.clan(name));
    world.everyone_in(clans[0]);
    let general = world.channel(clans[0], "general");
    let thread = world.add_channel(clans[0], NewChannel::thread(general, "thread", [bot, alice, bob]));
    let sandbox = Sandbox::start(world.build()).unwrap();
    let mut config = Config::bot(bot, KEY).unwrap().host("127.0.0.1").port(sandbox.port()).use_tls(false);
    config.backoff.first = Duration::from_millis(100);
    let recording = Recording::default();
    let builder = Client::<H>::builder(config.without_rate_limits()).record_to(recording.clone());
    let client = builder.build().unwrap();
    H::drive(&client);
    let mut secrets = vec![KEY.to_owned()];
    for round in 0..3 {
        // it may not have noticed yet that its connection has ended
        let begun = Instant::now();
        while let Err(error) = H::wait(client.connect()).and_then(|_| H::wait(client.channel(thread).join())) {
            assert!(begun.elapsed() < SOON * 6, "{error}");
        }
        let session = H::answer(client.session()).unwrap().export();
        secrets.extend(
            [session.token, session.refresh_token, session.id_token, session.session_id]
                .map(|secret| secret.expose().to_owned()),
        );
        let hello = sandbox.say(alice, general, &format!("hello, round {round}"));
        H::wait(client.channel(general).message(hello).react(EmojiId::NONE, ":hi:")).unwrap();
        H::wait(client.channel(thread).send("in here")).unwrap();
        H::wait(client.user(alice).send("psst")).unwrap();
        secrets.push(H::wait(client.authenticate()).unwrap().token().expose().to_owned());
        H::wait(client.channels().fetch(general)).unwrap();
        let sent = H::wait(client.channel(general).send("one")).unwrap();
        for text in ["two", "three"] {
            H::wait(sent.editable().set(text)).unwrap();
        }
        H::wait(sent.editable().flush()).unwrap();
        H::wait(client.channel(9).send("into nowhere")).unwrap_err();
        sandbox.with(|world, now| {
            world.push_session(now, bot);
            world.add_to_clan(now, clans[1], bot);
        });
        sandbox.say(bob, general, "something else");
        let session = H::answer(client.session()).unwrap().export();
        secrets.push(session.token.expose().to_owned());
        let queued = client.channel(general).queue("after all this");
        sandbox.abort(bot);
        drop(H::wait(queued));
    }
    H::answer(client.shutdown(SOON));
    drop(client);
    Left { recording: recording.whole(), secrets }
}

fn is_replayed_and_keeps_secrets<H: Host>() {
    let Left { recording, secrets } = live::<H>();
    let summary = check(&recording[..]).unwrap();
    println!("{} bytes, {summary:?}", recording.len());
    assert!(summary.steps > 100 && summary.outputs > 100 && !summary.is_torn);
    assert!(contains(&recording, b"hello, round 2"), "what people write is recorded");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!contains(&recording, secret.as_bytes()), "{secret} is in the recording");
        // of a token the signature alone would be as bad
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!contains(&recording, signature.as_bytes()), "{signature} is in the recording");
    }
    let mut player = Player::new(&recording[..]).unwrap();
    while let Some(step) = player.step().unwrap() {
        let printed = format!("{step} {:?} {}", player.machine().session(), step.lines(true).collect::<String>());
        assert!(!secrets.iter().any(|secret| !secret.is_empty() && printed.contains(secret.as_str())), "{step}");
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn what_a_client_did_on_tokio_is_replayed_and_no_secret_is_in_it() {
    is_replayed_and_keeps_secrets::<TokioRuntime>();
}

#[test]
fn what_a_client_did_on_smol_is_replayed_and_no_secret_is_in_it() {
    is_replayed_and_keeps_secrets::<SmolRuntime>();
}

#[test]
fn what_a_client_did_on_threads_is_replayed_and_no_secret_is_in_it() {
    is_replayed_and_keeps_secrets::<Threads>();
}

/// On whatever machine and by whatever build this test is run: the recording was made on another.
#[test]
fn a_recording_made_on_tokio_long_ago_is_replayed_bit_for_bit() {
    assert_replays(FIRST);
}

/// A new one is needed only when the Machine is meant to decide otherwise.
#[test]
#[ignore = "writes into the repository"]
fn write_the_recording() {
    std::fs::write(FIRST, live::<TokioRuntime>().recording).unwrap();
}

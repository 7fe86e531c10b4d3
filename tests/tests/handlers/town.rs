//! A bot in a clan with Alice and Bob, and what tests need to talk to its handlers.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use mezon_client::{Builder, Client, Dispatch, Driven};
use mezon_protocol::object::Message;
use mezon_protocol::store::MessageStore;
use mezon_protocol::{ChannelId, ClanId, Config, Error, MessageId, UserId};
use mezon_sandbox::{Sandbox, World};

use crate::adapters::Adapter;

pub const SOON: Duration = Duration::from_secs(20);
pub const NEVER: Duration = Duration::from_secs(3600);

pub struct Town<R: Adapter> {
    pub sandbox: Sandbox,
    pub bot: UserId,
    pub alice: UserId,
    pub bob: UserId,
    pub clan: ClanId,
    pub general: ChannelId,
    pub channels: Vec<ChannelId>,
    pub client: Client<R>,
    config: Config,
}

impl<R: Adapter> Town<R> {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::built(adjust, |builder| builder)
    }

    /// With a store of messages.
    pub fn storing(store: impl MessageStore) -> Self {
        Self::built(|_| {}, |builder| builder.store(store))
    }

    pub fn built(adjust: impl FnOnce(&mut Config), build: impl FnOnce(Builder<R>) -> Builder<R>) -> Self {
        let mut world = World::builder();
        let bot = world.bot("bot", "the-key");
        let (alice, bob) = (world.person("alice"), world.person("bob"));
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let channels: Vec<_> = (0..8).map(|k| world.channel(clan, &format!("channel {k}"))).collect();
        let sandbox = Sandbox::start(world.build()).unwrap();
        let mut config = config(bot, sandbox.port());
        adjust(&mut config);
        let client = build(Client::builder(config.clone())).build().unwrap();
        Self { sandbox, bot, alice, bob, clan, general: channels[0], channels, client, config }
    }

    /// As if the process had been started again, with a client that knows nothing.
    pub fn restart(&mut self, build: impl FnOnce(Builder<R>) -> Builder<R>) {
        self.client = build(Client::builder(self.config.clone())).build().unwrap();
    }

    /// Runs the handlers in the background.
    pub fn start(&self) -> Running {
        self.start_with(self.client.dispatch())
    }

    pub fn start_with(&self, dispatch: Dispatch) -> Running {
        let (client, (ended, end)) = (self.client.clone(), mpsc::channel());
        thread::spawn(move || {
            let result = R::run(&client, dispatch);
            drop(client);
            ended.send(result)
        });
        Running(end)
    }

    /// As [`start`](Self::start), and waits until the bot hears.
    pub fn run(&self) -> Running {
        self.run_with(self.client.dispatch())
    }

    pub fn run_with(&self, dispatch: Dispatch) -> Running {
        let (bot, clan) = (self.bot, self.clan);
        let before = self.sandbox.with(|world, _| world.counters().connects);
        let running = self.start_with(dispatch);
        // on a new connection: the world may not have noticed yet that an old one is gone
        let hears = move |world: &World| world.counters().connects > before && world.joins(bot).clans.contains(&clan);
        self.sandbox.until("the bot hears", SOON, hears).wait().unwrap();
        running
    }

    /// Alice says something.
    pub fn say(&self, text: &str) -> MessageId {
        self.sandbox.say(self.alice, self.general, text)
    }

    /// Something is pushed to the bot.
    pub fn push(&self, event: mezon_protocol::proto::realtime::envelope::Message) {
        assert!(self.sandbox.with(|world, _| world.push_event(self.bot, event)), "the bot is connected");
    }

    pub fn pending_calls(&self) -> usize {
        R::answer(self.client.health()).pending_calls
    }

    /// Closes, and lets what runs come back.
    pub fn end(self, running: Running) {
        self.client.close();
        running.end().unwrap();
    }
}

/// A bot of a sandbox.
pub fn config(bot: UserId, port: u16) -> Config {
    let config = Config::bot(bot, "the-key").unwrap().host("127.0.0.1").port(port).use_tls(false);
    let mut config = config.without_rate_limits();
    config.backoff.first = Duration::from_millis(20);
    config
}

/// Handlers that run in the background.
pub struct Running(mpsc::Receiver<Result<(), Error>>);

impl Running {
    /// How it came back.
    pub fn end(self) -> Result<(), Error> {
        self.0.recv_timeout(SOON).expect("it comes back")
    }

    pub fn has_ended(&self) -> bool {
        !matches!(self.0.try_recv(), Err(mpsc::TryRecvError::Empty))
    }
}

/// What handlers tell a test.
pub struct Reports<T>(mpsc::Receiver<T>);

pub fn reports<T>() -> (mpsc::Sender<T>, Reports<T>) {
    let (sender, receiver) = mpsc::channel();
    (sender, Reports(receiver))
}

impl<T> Reports<T> {
    pub fn next(&self) -> T {
        self.0.recv_timeout(SOON).expect("a handler is called")
    }

    pub fn next_within(&self, time: Duration) -> Option<T> {
        self.0.recv_timeout(time).ok()
    }

    pub fn take(&self, count: usize) -> Vec<T> {
        (0..count).map(|_| self.next()).collect()
    }

    /// What has been told by now.
    pub fn rest(&self) -> Vec<T> {
        self.0.try_iter().collect()
    }
}

/// Lets handlers through, each as often as it says.
#[derive(Clone)]
pub struct Gate(smol::channel::Receiver<()>);

pub struct Key(smol::channel::Sender<()>);

pub fn gate() -> (Key, Gate) {
    let (key, gate) = smol::channel::unbounded();
    (Key(key), Gate(gate))
}

impl Gate {
    /// Waits to be let through.
    pub async fn pass(&self) {
        // when it is open for good it is closed as a channel
        let _ = self.0.recv().await;
    }
}

impl Key {
    /// Lets one through.
    pub fn let_one(&self) {
        self.0.try_send(()).unwrap();
    }

    /// Lets all through from now on.
    pub fn open(self) {}
}

/// Waits for something that nobody tells of.
pub fn until(says: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < SOON, "expected {says}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Tells the text of each message, and then waits at a gate.
pub fn tell_texts_and_wait<R: Adapter>(client: &Client<R>, gate: Gate) -> Reports<String> {
    let (tell, reports) = reports();
    client.on_message(move |message: Message<Driven<R>>| {
        let (tell, gate) = (tell.clone(), gate.clone());
        async move {
            tell.send(message.text().into_owned()).unwrap();
            gate.pass().await;
        }
    });
    reports
}

/// Tells the text of each message.
pub fn tell_texts<R: Adapter>(client: &Client<R>) -> Reports<String> {
    let (texts, reports) = reports();
    client.on_message(move |message: Message<Driven<R>>| texts.send(message.text().into_owned()));
    reports
}

//! Alice with a light client; Bob and Carol, who are people of the sandbox.

use std::sync::mpsc;
use std::time::Duration;

use mezon_client::{Client, LightClient, LightSocket, SocketConnectOptions};
use mezon_protocol::light::{AuthenticateConfig, SendMessagePayload};
use mezon_protocol::proto::realtime;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, Config, UserId};
use mezon_sandbox::{Sandbox, Settings, World};

use super::adapters::{Adapter, end};

pub const SOON: Duration = Duration::from_secs(20);

pub struct Town<R: Adapter> {
    pub sandbox: Sandbox,
    pub alice: UserId,
    pub bob: UserId,
    pub carol: UserId,
    /// Of alice and bob.
    pub direct: ChannelId,
    /// Of all three.
    pub group: ChannelId,
    pub client: LightClient<R>,
}

/// A sandbox, and how alice logs in there.
pub fn sandbox(set: impl FnOnce(&mut Settings)) -> (Sandbox, AuthenticateConfig) {
    let mut world = World::builder();
    let (alice, bob, carol) = (world.person("alice"), world.person("bob"), world.person("carol"));
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    world.channel(clan, "general");
    world.dm(alice, bob);
    world.group("friends", [alice, bob, carol]);
    set(world.settings());
    let sandbox = Sandbox::start(world.build()).unwrap();
    let mut config = AuthenticateConfig::new("the-id-token", alice, "alice");
    config.gateway_url = format!("http://127.0.0.1:{}", sandbox.port());
    (sandbox, config)
}

/// Without rate limits, so that tests need not wait for them.
pub fn quick(config: &AuthenticateConfig) -> Config {
    config.config().unwrap().without_rate_limits()
}

impl<R: Adapter> Town<R> {
    pub fn new() -> Self {
        Self::with(|_| {}, |_| {})
    }

    pub fn with(adjust: impl FnOnce(&mut Config), set: impl FnOnce(&mut Settings)) -> Self {
        let (sandbox, login) = sandbox(set);
        let mut config = quick(&login);
        adjust(&mut config);
        Self::of(sandbox, &login, Client::new(config).unwrap())
    }

    /// With a client that was set up by hand.
    pub fn of(sandbox: Sandbox, login: &AuthenticateConfig, client: Client<R>) -> Self {
        R::start(&client);
        let client = end::<R, _>(|| LightClient::log_in(client, login.log_in())).unwrap();
        let named = |name: &str| sandbox.with(|world, _| world.user_named(name)).unwrap();
        let (alice, bob, carol) = (named("alice"), named("bob"), named("carol"));
        let direct = sandbox.with(|world, _| world.direct_channel(alice, bob)).unwrap();
        let group = sandbox.with(|world, _| world.channel_named("friends")).unwrap();
        Self { sandbox, alice, bob, carol, direct, group, client }
    }

    /// A socket that is connected and has joined the direct messages with bob.
    pub fn connected(&self) -> LightSocket<R> {
        let socket = LightSocket::new(&self.client);
        end::<R, _>(|| socket.connect(SocketConnectOptions::default())).unwrap();
        end::<R, _>(|| socket.join_dm_channel(self.direct)).unwrap();
        socket
    }

    pub fn say(&self, text: &str) {
        self.sandbox.say(self.bob, self.direct, text);
    }

    /// The last message that alice has sent, as it was on the wire.
    pub fn last_sent(&self) -> realtime::ChannelMessageSend {
        let sent = self.sandbox.with(|world, _| {
            let mut messages = world.envelopes().filter_map(|envelope| match envelope.decode()?.message? {
                Message::ChannelMessageSend(send) => Some(*send),
                _ => None,
            });
            messages.next_back()
        });
        sent.expect("alice has sent something")
    }

    pub fn hello(&self) -> SendMessagePayload {
        SendMessagePayload::new(self.direct, "Hello, world!")
    }
}

/// What handlers tell a test.
pub fn reports<T>() -> (mpsc::Sender<T>, mpsc::Receiver<T>) {
    mpsc::channel()
}

pub fn next<T>(reports: &mpsc::Receiver<T>) -> T {
    reports.recv_timeout(SOON).expect("a handler is called")
}

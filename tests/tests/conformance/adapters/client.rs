//! A client of an adapter, as the scenarios use it. What differs from runtime to runtime is in [`Host`].

use std::time::Duration;

use mezon_client::{Client, Driven, Receiver, Runtime, Source};
use mezon_protocol::ledger::{AddTxResponse, SendToken};
use mezon_protocol::machine::State;
use mezon_protocol::object::SentMessage;
use mezon_protocol::rest::agent::AgentConfig;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now};
use mezon_sandbox::{Sandbox, World};
use mezon_tests::recording::Checked;

use crate::bot::{Adapter, Bot, Heard, Link, Listens, Seen, Stream};
use crate::{clients, seen, tls};

/// Where a client runs, and how one waits there.
pub trait Host: 'static {
    type Runtime: Runtime;

    /// Gives a client its driver, where connecting does not.
    fn drive(client: &Client<Self::Runtime>);

    /// Gives a client its driver without connecting.
    fn start(client: &Client<Self::Runtime>);

    fn wait<T: Send + 'static>(outcome: <Self::Runtime as Runtime>::Outcome<T>) -> Result<T, Error>;

    fn answer<T: Send + 'static>(answered: <Self::Runtime as Runtime>::Answered<T>) -> T;

    fn ran(ran: <Self::Runtime as Runtime>::Ran) -> Result<(), Error>;

    /// What comes next within this time; `Some(None)` is the end.
    fn next<S: Source + 'static>(
        events: &mut <Self::Runtime as Runtime>::Events<S>,
        within: Duration,
    ) -> Option<Option<S::Item>>;

    /// How many events could not be decoded.
    fn undecodable(events: &<Self::Runtime as Runtime>::Events<Receiver<Self::Runtime>>) -> u64;
}

/// The entry of an adapter.
pub const fn adapter<H: Host>(name: &'static str) -> Adapter {
    Adapter {
        name,
        links: &Link::ALL,
        start: start::<H>,
        login: Some(login::<H>),
        start_listening: Some(start_listening::<H>),
        clients: clients::scenarios::<H>(),
    }
}

/// A client before a server with this world; the address is filled in. It is recorded, and what it did is replayed.
pub fn client<H: Host>(world: World, config: Config, link: Link) -> (Sandbox, Config, Client<H::Runtime>) {
    let (sandbox, config) = tls::serve(world, config, link);
    let builder = Client::builder(config.clone()).root_certificate(tls::root()).record_to(Checked::default());
    (sandbox, config, builder.build().unwrap())
}

pub fn connect<H: Host>(client: &Client<H::Runtime>) -> Result<(), Error> {
    H::drive(client);
    H::wait(client.connect()).map(drop)
}

fn login<H: Host>(config: Config, root: Vec<u8>) -> Result<(), Error> {
    connect::<H>(&Client::builder(config).root_certificate(root).build()?)
}

fn start<H: Host>(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    Box::new(ClientBot::<H>::new(world, config, link))
}

fn start_listening<H: Host>(world: World, config: Config, link: Link) -> Box<dyn Listens> {
    Box::new(ClientBot::<H>::new(world, config, link))
}

struct ClientBot<H: Host> {
    sandbox: Sandbox,
    client: Client<H::Runtime>,
    events: <H::Runtime as Runtime>::Events<Receiver<H::Runtime>>,
    last: Option<SentMessage<Driven<H::Runtime>>>,
}

impl<H: Host> ClientBot<H> {
    fn new(world: World, config: Config, link: Link) -> Self {
        let (sandbox, _, client) = client::<H>(world, config, link);
        let events = client.events();
        Self { sandbox, client, events, last: None }
    }
}

impl<H: Host> Bot for ClientBot<H> {
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now)) {
        self.sandbox.with(|world, now| act(world, now));
    }

    fn connect(&mut self) -> Result<(), Error> {
        connect::<H>(&self.client)
    }

    fn state(&mut self) -> State {
        H::answer(self.client.state())
    }

    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error> {
        let sent = H::wait(self.client.channel_at(route).send(text))?;
        let id = sent.id();
        self.last = Some(sent);
        Ok(id)
    }

    fn edit_last(&mut self, text: &str) -> Result<(), Error> {
        H::wait(self.last.as_ref().expect("something was sent").edit(text)).map(drop)
    }

    fn pay(&mut self, payment: SendToken) -> Result<AddTxResponse, Error> {
        H::wait(self.client.send_token(payment))
    }

    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error> {
        H::wait(self.client.clan(clan).list_channels()).map(|channels| channels.len())
    }

    fn next(&mut self, within: Duration) -> Option<Seen> {
        H::next(&mut self.events, within).flatten().map(|event| seen!(event))
    }

    fn shutdown(&mut self, deadline: Duration) {
        H::answer(self.client.shutdown(deadline));
    }
}

impl<H: Host> Listens for ClientBot<H> {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn listen(&mut self, settings: Option<AgentConfig>) -> Result<Stream, Error> {
        let mut events = match settings {
            Some(settings) => self.client.agent_events_with(settings)?,
            None => self.client.agent_events()?,
        };
        Ok(Box::new(move |within| match H::next(&mut events, within) {
            Some(event) => event.map_or(Heard::End, Heard::Event),
            None => Heard::Nothing,
        }))
    }
}

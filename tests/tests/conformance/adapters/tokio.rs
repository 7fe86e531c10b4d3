//! mezon-tokio.

use std::time::Duration;

use mezon_protocol::rest::agent::AgentConfig;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now};
use mezon_sandbox::{Sandbox, World};
use mezon_tokio::{Client, Events, SentMessage};
use tokio::runtime::{Builder, Runtime};

use crate::bot::{Adapter, Bot, Heard, Link, Listens, Seen, Stream};
use crate::{seen, tls};

pub const ADAPTER: Adapter =
    Adapter { name: "tokio", links: &Link::ALL, start, login: Some(login), start_listening: Some(start_listening) };

struct Tokio {
    sandbox: Sandbox,
    // on a thread of its own, so that the driver goes on while a scenario does something else
    runtime: Runtime,
    client: Client,
    events: Events,
    last: Option<SentMessage>,
}

fn start(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    Box::new(Tokio::start(world, config, link))
}

fn start_listening(world: World, config: Config, link: Link) -> Box<dyn Listens> {
    Box::new(Tokio::start(world, config, link))
}

impl Tokio {
    fn start(world: World, config: Config, link: Link) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sandbox, config) = tls::serve(world, config, link);
        let client = Client::builder(config).root_certificate(tls::root()).build().unwrap();
        let events = client.events();
        Self { sandbox, runtime, client, events, last: None }
    }
}

fn login(config: Config, root: Vec<u8>) -> Result<(), Error> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let client = Client::builder(config).root_certificate(root).build()?;
    runtime.block_on(client.connect()).map(drop)
}

impl Bot for Tokio {
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now)) {
        self.sandbox.with(|world, now| act(world, now));
    }

    fn connect(&mut self) -> Result<(), Error> {
        self.runtime.block_on(self.client.connect()).map(drop)
    }

    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error> {
        let sent = self.runtime.block_on(self.client.channel_at(route).send(text))?;
        let id = sent.id();
        self.last = Some(sent);
        Ok(id)
    }

    fn edit_last(&mut self, text: &str) -> Result<(), Error> {
        self.runtime.block_on(self.last.as_ref().expect("something was sent").edit(text)).map(drop)
    }

    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error> {
        self.runtime.block_on(self.client.clan(clan).list_channels()).map(|channels| channels.len())
    }

    fn next(&mut self, within: Duration) -> Option<Seen> {
        let next = async { tokio::time::timeout(within, self.events.next()).await };
        self.runtime.block_on(next).ok().flatten().map(|event| seen!(event))
    }

    fn shutdown(&mut self, deadline: Duration) {
        self.runtime.block_on(self.client.shutdown(deadline));
    }
}

impl Listens for Tokio {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn listen(&mut self, settings: Option<AgentConfig>) -> Result<Stream, Error> {
        let mut events = match settings {
            Some(settings) => self.client.agent_events_with(settings)?,
            None => self.client.agent_events()?,
        };
        let runtime = self.runtime.handle().clone();
        Ok(Box::new(move |within| {
            let next = runtime.block_on(async { tokio::time::timeout(within, events.next()).await });
            next.map_or(Heard::Nothing, Heard::from)
        }))
    }
}

//! mezon-blocking.

use std::time::Duration;

use mezon_blocking::{Client, Events, NoEvent, SentMessage};
use mezon_protocol::rest::agent::AgentConfig;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now};
use mezon_sandbox::{Sandbox, World};

use crate::bot::{Adapter, Bot, Heard, Link, Listens, Seen, Stream};
use crate::{seen, tls};

pub const ADAPTER: Adapter =
    Adapter { name: "blocking", links: &Link::ALL, start, login: Some(login), start_listening: Some(start_listening) };

struct Blocking {
    sandbox: Sandbox,
    client: Client,
    events: Events,
    last: Option<SentMessage>,
}

fn start(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    Box::new(Blocking::start(world, config, link))
}

fn start_listening(world: World, config: Config, link: Link) -> Box<dyn Listens> {
    Box::new(Blocking::start(world, config, link))
}

impl Blocking {
    fn start(world: World, config: Config, link: Link) -> Self {
        let (sandbox, config) = tls::serve(world, config, link);
        let client = Client::builder(config).root_certificate(tls::root()).build().unwrap();
        let events = client.events();
        Self { sandbox, client, events, last: None }
    }
}

fn login(config: Config, root: Vec<u8>) -> Result<(), Error> {
    Client::builder(config).root_certificate(root).build()?.connect().map(drop)
}

impl Bot for Blocking {
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now)) {
        self.sandbox.with(|world, now| act(world, now));
    }

    fn connect(&mut self) -> Result<(), Error> {
        self.client.connect().map(drop)
    }

    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error> {
        let sent = self.client.channel_at(route).send(text)?;
        let id = sent.id();
        self.last = Some(sent);
        Ok(id)
    }

    fn edit_last(&mut self, text: &str) -> Result<(), Error> {
        self.last.as_ref().expect("something was sent").edit(text).map(drop)
    }

    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error> {
        self.client.clan(clan).list_channels().map(|channels| channels.len())
    }

    fn next(&mut self, within: Duration) -> Option<Seen> {
        self.events.next_timeout(within).ok().map(|event| seen!(event))
    }

    fn shutdown(&mut self, deadline: Duration) {
        self.client.shutdown(deadline);
    }
}

impl Listens for Blocking {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn listen(&mut self, settings: Option<AgentConfig>) -> Result<Stream, Error> {
        let mut events = match settings {
            Some(settings) => self.client.agent_events_with(settings)?,
            None => self.client.agent_events()?,
        };
        Ok(Box::new(move |within| match events.next_timeout(within) {
            Ok(event) => Heard::Event(event),
            Err(NoEvent::Timeout) => Heard::Nothing,
            Err(NoEvent::Ended) => Heard::End,
        }))
    }
}

//! mezon-smol, on smol's executor and on async-std's.

use std::time::Duration;

use futures_lite::FutureExt as _;
use futures_lite::future::block_on;
use mezon_protocol::rest::agent::AgentConfig;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, ErrorKind, MessageId, Now};
use mezon_sandbox::{Sandbox, World};
use mezon_smol::{Client, Driver, Events, SentMessage};

use crate::bot::{Adapter, Bot, Heard, Link, Listens, Seen, Stream};
use crate::{seen, tls};

pub const ON_SMOL: Adapter = Adapter {
    name: "smol",
    links: &Link::ALL,
    start: on_smol,
    login: Some(login),
    start_listening: Some(listens_on_smol),
};
pub const ON_ASYNC_STD: Adapter = Adapter {
    name: "async-std",
    links: &Link::ALL,
    start: on_async_std,
    login: Some(login),
    start_listening: Some(listens_on_async_std),
};

struct Smol {
    sandbox: Sandbox,
    client: Client,
    events: Events,
    /// Gives a driver to the executor.
    spawn: fn(Driver),
    last: Option<SentMessage>,
}

fn on_smol(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    Box::new(Smol::start(world, config, link, |driver| smol::spawn(driver).detach()))
}

fn listens_on_smol(world: World, config: Config, link: Link) -> Box<dyn Listens> {
    Box::new(Smol::start(world, config, link, |driver| smol::spawn(driver).detach()))
}

fn on_async_std(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    Box::new(Smol::start(world, config, link, |driver| drop(async_std::task::spawn(driver))))
}

fn listens_on_async_std(world: World, config: Config, link: Link) -> Box<dyn Listens> {
    Box::new(Smol::start(world, config, link, |driver| drop(async_std::task::spawn(driver))))
}

impl Smol {
    fn start(world: World, config: Config, link: Link, spawn: fn(Driver)) -> Self {
        let (sandbox, config) = tls::serve(world, config, link);
        let client = Client::builder(config).root_certificate(tls::root()).build().unwrap();
        let events = client.events();
        Self { sandbox, client, events, spawn, last: None }
    }
}

fn login(config: Config, root: Vec<u8>) -> Result<(), Error> {
    let (client, driver, _events) = Client::builder(config).root_certificate(root).with_driver()?;
    let driver = async {
        driver.await;
        Err(Error::unsent(ErrorKind::Closed))
    };
    block_on(client.connect().or(driver)).map(drop)
}

impl Bot for Smol {
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now)) {
        self.sandbox.with(|world, now| act(world, now));
    }

    fn connect(&mut self) -> Result<(), Error> {
        if let Some(driver) = self.client.driver() {
            (self.spawn)(driver);
        }
        block_on(self.client.connect()).map(drop)
    }

    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error> {
        let sent = block_on(self.client.channel_at(route).send(text))?;
        let id = sent.id();
        self.last = Some(sent);
        Ok(id)
    }

    fn edit_last(&mut self, text: &str) -> Result<(), Error> {
        block_on(self.last.as_ref().expect("something was sent").edit(text)).map(drop)
    }

    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error> {
        block_on(self.client.clan(clan).list_channels()).map(|channels| channels.len())
    }

    fn next(&mut self, within: Duration) -> Option<Seen> {
        let too_late = async {
            smol::Timer::after(within).await;
            None
        };
        block_on(self.events.next().or(too_late)).map(|event| seen!(event))
    }

    fn shutdown(&mut self, deadline: Duration) {
        block_on(self.client.shutdown(deadline));
    }
}

impl Listens for Smol {
    fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn listen(&mut self, settings: Option<AgentConfig>) -> Result<Stream, Error> {
        let mut events = match settings {
            Some(settings) => self.client.agent_events_with(settings)?,
            None => self.client.agent_events()?,
        };
        Ok(Box::new(move |within| {
            let too_late = async {
                smol::Timer::after(within).await;
                Heard::Nothing
            };
            block_on(async { Heard::from(events.next().await) }.or(too_late))
        }))
    }
}

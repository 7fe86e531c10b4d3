//! mezon-blocking.

use std::time::Duration;

use mezon_blocking::{Client, Events, SentMessage};
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now};
use mezon_sandbox::{Sandbox, World};

use crate::bot::{Adapter, Bot, Link, Seen};
use crate::{seen, tls};

pub const ADAPTER: Adapter = Adapter { name: "blocking", links: &Link::ALL, start, login: Some(login) };

struct Blocking {
    sandbox: Sandbox,
    client: Client,
    events: Events,
    last: Option<SentMessage>,
}

fn start(world: World, config: Config, link: Link) -> Box<dyn Bot> {
    let (sandbox, config) = tls::serve(world, config, link);
    let client = Client::builder(config).root_certificate(tls::root()).build().unwrap();
    let events = client.events();
    Box::new(Blocking { sandbox, client, events, last: None })
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

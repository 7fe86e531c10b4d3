//! The Machine driven by hand, in virtual time. Without TLS, which is not deterministic.

use std::time::Duration;

use mezon_protocol::call::WaitReady;
use mezon_protocol::ledger::{AddTxResponse, EphemeralKey, MemoryPayments, SendToken};
use mezon_protocol::machine::{Machine, State};
use mezon_protocol::object::SentMessage;
use mezon_protocol::route::Route;
use mezon_protocol::{ClanId, Config, Error, MessageId, Now};
use mezon_sandbox::World;
use mezon_tests::backend::Collector;
use mezon_tests::sim::Sim;

use crate::bot::{Adapter, Bot, Link, Seen};
use crate::seen;

pub const ADAPTER: Adapter = Adapter {
    name: "by hand",
    links: &[Link::WEBSOCKET, Link::TCP],
    start,
    login: None,
    start_listening: None,
    clients: &[],
};

struct Hand {
    sim: Sim,
    last: Option<SentMessage<Collector>>,
}

fn start(world: World, mut config: Config, _: Link) -> Box<dyn Bot> {
    let service = |path: &str| Some(format!("http://127.0.0.1/{path}/"));
    (config.services.ledger, config.services.proofs) = (service("mmn-api"), service("zk-api"));
    config.services.indexer = service("indexer-api");
    config.ledger.plain_loopback = true;
    let mut sim = Sim::new(config.use_tls(false), world, 1);
    sim.machine.set_wallet(EphemeralKey::from_seed(&[1; 32]));
    sim.machine.set_payments(Box::new(MemoryPayments::default()));
    Box::new(Hand { sim, last: None })
}

impl Bot for Hand {
    fn act(&mut self, act: &mut dyn FnMut(&mut World, Now)) {
        self.sim.act(|world, now| act(world, now));
    }

    fn connect(&mut self) -> Result<(), Error> {
        self.sim.tell(Machine::connect);
        let called = self.sim.bot.call(WaitReady);
        self.sim.finish(called).map(drop)
    }

    fn state(&mut self) -> State {
        self.sim.machine.state()
    }

    fn send(&mut self, route: Route, text: &str) -> Result<MessageId, Error> {
        let called = self.sim.bot.channel_at(route).send(text);
        let sent = self.sim.finish(called)?;
        let id = sent.id();
        self.last = Some(sent);
        Ok(id)
    }

    fn edit_last(&mut self, text: &str) -> Result<(), Error> {
        let called = self.last.as_ref().expect("something was sent").edit(text);
        self.sim.finish(called).map(drop)
    }

    fn pay(&mut self, payment: SendToken) -> Result<AddTxResponse, Error> {
        let called = self.sim.bot.send_token(payment);
        self.sim.finish(called)
    }

    fn channels_of(&mut self, clan: ClanId) -> Result<usize, Error> {
        let called = self.sim.bot.clan(clan).list_channels();
        self.sim.finish(called).map(|channels| channels.len())
    }

    fn next(&mut self, within: Duration) -> Option<Seen> {
        self.sim.run_until(within, |sim| !sim.events.is_empty());
        if self.sim.events.is_empty() {
            return None;
        }
        Some(seen!(self.sim.events.remove(0)))
    }

    fn shutdown(&mut self, deadline: Duration) {
        self.sim.tell(|machine, now| machine.shutdown(now, deadline));
        self.sim.run_until(deadline, |sim| sim.machine.state() == State::Closed);
    }
}

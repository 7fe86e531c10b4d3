//! Where the calls are made: a world of the sandbox, or a server that a test plays by hand.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::api::Method;
use mezon_protocol::exchange::{HttpRequest, HttpResponse};
use mezon_protocol::machine::Transmit;
use mezon_protocol::object::{Api, Bot};
use mezon_protocol::proto::api::Session;
use mezon_protocol::{Config, Error, Machine, Now, UserId};
use mezon_sandbox::World;
use mezon_tests::backend::{Called, Collector};
use mezon_tests::sim::{EPOCH, Sim};
use prost::Message as _;

/// A bot in a clan of the sandbox.
pub(crate) struct Scene {
    pub(crate) sim: Sim,
    pub(crate) alice: UserId,
}

impl Scene {
    pub(crate) fn with(change: impl FnOnce(&mut World)) -> Self {
        let mut world = World::builder().seed(7);
        let bot = world.bot("bot", "the-key");
        let alice = world.person("alice");
        let clan = world.clan("Clan A");
        world.everyone_in(clan);
        let mut world = world.build();
        change(&mut world);
        let config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
        Self { sim: Sim::new(config, world, 7), alice }
    }
}

/// A bot without a connection, whose HTTP exchanges a test answers.
pub(crate) struct Desk {
    pub(crate) bot: Bot<Collector>,
    machine: Machine,
    backend: Collector,
    now: Now,
}

/// Where the session of a [`Desk`] says that the API is.
pub(crate) const API: &str = "http://api.test";

impl Desk {
    pub(crate) fn new() -> Self {
        let config = Config::bot(17_i64, "the-key").unwrap().host("gw.test").use_tls(false).without_rate_limits();
        let (backend, now) = (Collector::default(), Now::new(Duration::ZERO, EPOCH));
        let machine = Machine::new(config, 1, now).expect("a valid configuration");
        Self { bot: Bot::new(backend.clone()), machine, backend, now }
    }

    pub(crate) fn api(&self) -> Api<Collector> {
        self.bot.api()
    }

    /// Runs a call to its end, and answers what it asks for.
    pub(crate) fn finish<T>(
        &mut self,
        called: Called<T>,
        mut answer: impl FnMut(&HttpRequest) -> HttpResponse,
    ) -> Result<T, Error> {
        loop {
            for submission in self.backend.take() {
                self.machine.submit(self.now, submission);
            }
            while let Some(transmit) = self.machine.poll_transmit() {
                let Transmit::Http { id, request } = transmit else { continue };
                let is_login = request.url.ends_with("/v2/apps/authenticate/token");
                let response = if is_login { ok(&session()) } else { answer(&request) };
                self.machine.handle_http(self.now, id, Ok(response));
            }
            if let Some(reply) = self.machine.poll_reply() {
                return called.output(reply);
            }
            let deadline = self.machine.poll_timeout().expect("the call ends, or something is awaited");
            self.now = self.now + deadline.at.saturating_sub(self.now.elapsed);
            self.machine.handle_timeout(self.now);
        }
    }

    /// Runs a call that makes one request of this method; gives that request and the output.
    pub(crate) fn one<M: Method, T>(
        &mut self,
        called: Called<T>,
        answer: &M::Response,
    ) -> (M::Request, Result<T, Error>) {
        let mut request = None;
        let output = self.finish(called, |exchange| {
            assert_eq!(exchange.url, format!("{API}/mezon.api.Mezon/{}", M::RPC.name));
            assert_eq!(header(exchange, "authorization"), "Bearer session-token");
            request = Some(M::Request::decode(exchange.body.bytes().cloned().unwrap()).expect("our own request"));
            ok(answer)
        });
        (request.expect("a request was made"), output)
    }
}

fn session() -> Session {
    Session { token: "session-token".into(), user_id: 17, api_url: API.into(), ..Default::default() }
}

pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value.expose())
}

pub(crate) fn ok(message: &impl prost::Message) -> HttpResponse {
    status(200, message.encode_to_vec())
}

pub(crate) fn status(status: u16, body: impl Into<Bytes>) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body: body.into() }
}

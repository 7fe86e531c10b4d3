//! A program that pays, and the servers of the ledger, in virtual time. There is no socket: payments need none.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mezon_protocol::call::{Reply, Ticket};
use mezon_protocol::exchange::{HttpFailure, HttpRequest, HttpResponse};
use mezon_protocol::ledger::{
    AddTxResponse, EphemeralKey, MemoryPayments, PaymentRecord, PaymentStore, SendToken, StoreError,
};
use mezon_protocol::machine::{RequestId, Transmit};
use mezon_protocol::object::Bot;
use mezon_protocol::{Config, Error, Machine, Now, Session, UserId};
use mezon_sandbox::{Answered, LedgerEntry, World};
use mezon_tests::backend::{Called, Collector};
use mezon_tests::recording::machine;
use mezon_tests::sim::EPOCH;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// One way through the network.
const LATENCY: Duration = Duration::from_millis(20);

/// What the bot has in the beginning, in tokens.
pub(crate) const FUNDS: u64 = 1_000_000_000;

const KEY: &str = "the-api-key";

/// A store that outlives the program.
#[derive(Clone)]
pub(crate) struct Kept(pub(crate) Arc<Mutex<MemoryPayments>>);

impl PaymentStore for Kept {
    fn get(&mut self, key: &str) -> Result<Option<PaymentRecord>, StoreError> {
        self.0.lock().unwrap().get(key)
    }

    fn put(&mut self, record: &PaymentRecord) -> Result<(), StoreError> {
        self.0.lock().unwrap().put(record)
    }

    fn open(&mut self, since: Duration) -> Result<Vec<PaymentRecord>, StoreError> {
        self.0.lock().unwrap().open(since)
    }
}

/// The program and the servers.
pub(crate) struct Bank {
    pub(crate) machine: Machine,
    pub(crate) bot: Bot<Collector>,
    pub(crate) bot_id: UserId,
    pub(crate) people: Vec<UserId>,
    pub(crate) world: World,
    pub(crate) store: Kept,
    pub(crate) config: Config,
    /// Paths that were asked, and how often.
    pub(crate) asked: BTreeMap<String, usize>,
    session: Session,
    backend: Collector,
    now: Now,
    network: BTreeMap<(Duration, u64), Packet>,
    packets: u64,
    starts: u8,
    replies: HashMap<Ticket, Reply>,
}

enum Packet {
    /// It reaches the server even if whoever sent it is gone.
    Request(u8, RequestId, HttpRequest),
    /// It reaches the program that asked, if that still runs.
    Response(u8, RequestId, Result<HttpResponse, HttpFailure>),
}

impl Bank {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, |_| ())
    }

    pub(crate) fn with(seed: u64, adjust: impl FnOnce(&mut Config)) -> Self {
        let mut world = World::builder().seed(seed);
        let bot_id = world.bot("bank", KEY);
        let people = (0..8).map(|number| world.person(&format!("person-{number}"))).collect();
        world.balance(bot_id, FUNDS);
        let settings = world.settings();
        (settings.record_limit, settings.transcript_limit, settings.envelope_limit) = (1 << 20, 100, 100);
        let mut config = Config::bot(bot_id, KEY).unwrap().url("http://127.0.0.1").unwrap().without_rate_limits();
        let base = |path: &str| Some(format!("http://127.0.0.1/{path}/"));
        config.services.ledger = base("mmn-api");
        config.services.proofs = base("zk-api");
        config.services.indexer = base("indexer-api");
        config.services.envelopes = base("dong-api");
        config.ledger.plain_loopback = true;
        adjust(&mut config);
        let (backend, now) = (Collector::default(), Now::new(Duration::ZERO, EPOCH));
        let session = Session::from_json(br#"{"token":"none yet"}"#).unwrap();
        let mut bank = Self {
            machine: machine(config.clone(), 1, now),
            bot: Bot::new(backend.clone()),
            bot_id,
            people,
            world: world.build(),
            store: Kept(Arc::new(Mutex::new(MemoryPayments::new(1 << 20)))),
            config,
            asked: BTreeMap::new(),
            session,
            backend,
            now,
            network: BTreeMap::new(),
            packets: 0,
            starts: 0,
            replies: HashMap::new(),
        };
        bank.start();
        let session = bank.bot.authenticate();
        bank.session = bank.finish(session).unwrap();
        bank.machine.restore_session(bank.session.clone());
        bank
    }

    /// Ends the program where it stands, and starts it again with the same store and another key.
    pub(crate) fn restart(&mut self) {
        self.backend.take();
        self.replies.clear();
        self.machine = machine(self.config.clone(), 1, self.now);
        self.start();
        self.machine.restore_session(self.session.clone());
    }

    fn start(&mut self) {
        self.starts = self.starts.wrapping_add(1);
        let seed = u64::from(self.starts).to_be_bytes().repeat(4).try_into().unwrap();
        self.machine.set_wallet(EphemeralKey::from_seed(&seed));
        self.machine.set_payments(Box::new(self.store.clone()));
    }

    /// Asks for a login that brings another `id_token`.
    pub(crate) fn log_in(&mut self) {
        let session = self.bot.authenticate();
        self.session = self.finish(session).unwrap();
        self.machine.restore_session(self.session.clone());
    }

    pub(crate) const fn now(&self) -> Now {
        self.now
    }

    /// A payment, to its end.
    pub(crate) fn pay(&mut self, payment: SendToken) -> Result<AddTxResponse, Error> {
        let called = self.bot.send_token(payment);
        self.finish(called)
    }

    /// A call, to its end, which comes within the hour.
    pub(crate) fn finish<T>(&mut self, called: Called<T>) -> Result<T, Error> {
        let ticket = called.ticket;
        assert!(self.run_until(3600 * SECOND, |bank| bank.replies.contains_key(&ticket)), "the call has not ended");
        self.output(&called).expect("it has ended")
    }

    /// The output of a call, if it has ended.
    pub(crate) fn output<T>(&mut self, called: &Called<T>) -> Option<Result<T, Error>> {
        self.replies.remove(&called.ticket).map(|reply| called.output(reply))
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    pub(crate) fn run_until(&mut self, limit: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let end = self.now.elapsed + limit;
        self.settle();
        while !condition(self) {
            let packet = self.network.keys().next().map(|(at, _)| *at);
            let deadline = self.machine.poll_timeout().map(|deadline| deadline.at);
            let times = [packet, deadline, self.world.poll_timeout()];
            match times.into_iter().flatten().min().filter(|at| *at <= end) {
                Some(at) => self.advance(at),
                None => {
                    self.advance(end);
                    return condition(self);
                }
            }
            self.step();
        }
        true
    }

    /// One step; false if nothing is going to happen.
    fn advance(&mut self, to: Duration) {
        let by = to.saturating_sub(self.now.elapsed);
        self.now = Now::new(self.now.elapsed + by, self.now.unix + by);
    }

    fn step(&mut self) {
        self.world.handle_timeout(self.now);
        while let Some(entry) = self.network.first_entry() {
            if entry.key().0 > self.now.elapsed {
                break;
            }
            match entry.remove() {
                Packet::Request(start, id, request) => self.serve(start, id, &request),
                Packet::Response(start, id, result) if start == self.starts => {
                    self.machine.handle_http(self.now, id, result);
                }
                Packet::Response(..) => {}
            }
        }
        if self.machine.poll_timeout().is_some_and(|deadline| deadline.at <= self.now.elapsed) {
            self.machine.handle_timeout(self.now);
        }
        self.settle();
    }

    fn serve(&mut self, start: u8, id: RequestId, request: &HttpRequest) {
        let (result, after) = match self.world.exchange(self.now, &request.into()) {
            Answered::Response { response, after } => (Ok(response), after),
            Answered::Broken { after } => (Err(HttpFailure::broken("by the server")), after),
            Answered::Never => return,
        };
        while self.world.poll_transmit().is_some() {}
        self.send(LATENCY + after, Packet::Response(start, id, result));
    }

    fn send(&mut self, after: Duration, packet: Packet) {
        self.packets += 1;
        self.network.insert((self.now.elapsed + after, self.packets), packet);
    }

    /// Gives the calls that were made to the Machine, and takes from it what it wants.
    fn settle(&mut self) {
        for submission in self.backend.take() {
            self.machine.submit(self.now, submission);
        }
        while let Some(transmit) = self.machine.poll_transmit() {
            if let Transmit::Http { id, request } = transmit {
                let path = request.url.trim_start_matches("http://127.0.0.1").split('?').next().unwrap().to_owned();
                *self.asked.entry(path).or_default() += 1;
                self.send(LATENCY, Packet::Request(self.starts, id, request));
            }
        }
        while let Some(reply) = self.machine.poll_reply() {
            self.replies.insert(reply.ticket(), reply);
        }
        while self.machine.poll_event().is_some() {}
    }

    /// What is on the ledger and pays, of a note.
    pub(crate) fn paid(&self, note: &str) -> Vec<LedgerEntry> {
        let mut entries = self.world.ledger(self.now).entries;
        entries.retain(|entry| entry.note == note && entry.pays());
        entries
    }

    /// How often something was submitted to the ledger, or asked of it.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.asked.get(path).copied().unwrap_or_default()
    }
}

//! HTTP exchanges: which are under way, which wait, and when each one's time is up.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::io::RequestId;
use super::limiter::Limiter;
use super::login::LoginError;
use crate::call::{Exchange, Ticket};

/// What an exchange is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To log in, or to renew the token.
    Login,
    /// To learn what to join.
    List,
    /// A step of a call.
    Call(Ticket),
}

/// An API exchange that waits for the rate limit or for a token, or to be tried again.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) purpose: Purpose,
    pub(crate) exchange: Exchange,
    pub(crate) not_before: Duration,
    /// How often it has been tried.
    pub(crate) tries: u32,
    /// Whether it has been tried again with a new token.
    pub(crate) renewed: bool,
}

impl Job {
    pub(crate) const fn new(purpose: Purpose, exchange: Exchange) -> Self {
        Self { purpose, exchange, not_before: Duration::ZERO, tries: 0, renewed: false }
    }
}

/// An exchange under way.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) until: Duration,
    pub(crate) kind: FlightKind,
}

#[derive(Debug)]
pub(crate) enum FlightKind {
    /// A bot logs in.
    Login,
    /// A user's session is refreshed.
    Refresh,
    /// The server is asked whether a token is good that could not be renewed, for this reason.
    Probe(LoginError),
    Job(Job),
    /// An exchange outside of the API, which waits for nothing and is never repeated.
    Plain(Ticket),
    /// The same, one of several of a call.
    Side(Ticket, usize),
}

/// The exchanges of one client.
pub(crate) struct Desk {
    last_id: u64,
    flights: BTreeMap<RequestId, Flight>,
    queue: VecDeque<Job>,
    limiter: Limiter,
}

impl Desk {
    pub(crate) const fn new(limiter: Limiter) -> Self {
        Self { last_id: 0, flights: BTreeMap::new(), queue: VecDeque::new(), limiter }
    }

    pub(crate) fn enqueue(&mut self, job: Job) {
        self.queue.push_back(job);
    }

    /// Ahead of the others: what the connection itself needs.
    pub(crate) fn enqueue_first(&mut self, job: Job) {
        self.queue.push_front(job);
    }

    /// True if a job could go now, were it not for the token.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.limiter.next_start() <= now && self.queue.iter().any(|job| job.not_before <= now)
    }

    /// Takes the next job that may go now.
    pub(crate) fn next_due(&mut self, now: Duration) -> Option<Job> {
        let place = self.queue.iter().position(|job| job.not_before <= now)?;
        if !self.limiter.try_start(now) {
            return None;
        }
        self.queue.remove(place)
    }

    /// Takes all jobs that wait.
    pub(crate) fn take_queue(&mut self) -> VecDeque<Job> {
        std::mem::take(&mut self.queue)
    }

    pub(crate) fn begin(&mut self, until: Duration, kind: FlightKind) -> RequestId {
        self.last_id += 1;
        let id = RequestId(self.last_id);
        self.flights.insert(id, Flight { until, kind });
        id
    }

    pub(crate) fn finish(&mut self, id: RequestId) -> Option<Flight> {
        self.flights.remove(&id)
    }

    /// What an exchange under way is for.
    pub(crate) fn flight(&self, id: RequestId) -> Option<&FlightKind> {
        self.flights.get(&id).map(|flight| &flight.kind)
    }

    /// True while a new token is on its way.
    pub(crate) fn is_renewing(&self) -> bool {
        self.flights.values().any(|flight| match flight.kind {
            FlightKind::Login | FlightKind::Refresh | FlightKind::Probe(_) => true,
            FlightKind::Job(_) | FlightKind::Plain(_) | FlightKind::Side(..) => false,
        })
    }

    /// The next exchange whose time is up.
    pub(crate) fn first_expired(&self, now: Duration) -> Option<RequestId> {
        self.flights.iter().find(|(_, flight)| flight.until <= now).map(|(id, _)| *id)
    }

    /// Everything of a purpose is dropped: the jobs that wait, and the exchanges under way, whose ids it gives.
    pub(crate) fn drop_where(&mut self, matches: impl Fn(Purpose) -> bool) -> Vec<RequestId> {
        self.queue.retain(|job| !matches(job.purpose));
        let of_flight = |flight: &Flight| match &flight.kind {
            FlightKind::Login | FlightKind::Refresh | FlightKind::Probe(_) => matches(Purpose::Login),
            FlightKind::Job(job) => matches(job.purpose),
            FlightKind::Plain(ticket) | FlightKind::Side(ticket, _) => matches(Purpose::Call(*ticket)),
        };
        let ids: Vec<_> = self.flights.iter().filter(|(_, flight)| of_flight(flight)).map(|(id, _)| *id).collect();
        for id in &ids {
            self.flights.remove(id);
        }
        ids
    }

    /// When the rate limit lets the next job go.
    pub(crate) fn next_start(&self) -> Duration {
        self.limiter.next_start()
    }

    /// When an exchange's time is up.
    pub(crate) fn flight_timeout(&self) -> Option<Duration> {
        self.flights.values().map(|flight| flight.until).min()
    }

    /// When a waiting job may go; none while a new token is on its way, which they all wait for.
    pub(crate) fn queue_timeout(&self) -> Option<Duration> {
        if self.is_renewing() {
            return None;
        }
        let ready = self.queue.iter().map(|job| job.not_before).min()?;
        Some(ready.max(self.limiter.next_start()))
    }
}

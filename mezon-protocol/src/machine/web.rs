//! HTTP exchanges of the Machine: logins, lists, and the API calls that do not go over the socket.

use std::time::Duration;

use bytes::Bytes;

use super::calls::Stage;
use super::core::Core;
use super::desk::{Flight, FlightKind, Job, Purpose};
use super::exchange::{self, is_transient};
use super::io::{RequestId, Transmit};
use super::login::{self, LoginError};
use crate::call::{Answer, SideBySide, Ticket};
use crate::error::{Error, ErrorKind, Sent};
use crate::exchange::{HttpFailure, HttpRequest, HttpResponse};

/// How often an exchange that changes nothing is repeated after a passing failure.
const MAX_TRIES: u32 = 3;

impl Core {
    pub(super) fn perform(&mut self, request: HttpRequest, kind: FlightKind) {
        self.stats.exchanges += 1;
        let timeout = request.timeout.unwrap_or(self.shared.config.timeout);
        let id = self.desk.begin(self.now().saturating_add(timeout), kind);
        self.transmits.push_back(Transmit::Http { id, request });
    }

    /// Performs an exchange of a call, outside of the API.
    pub(super) fn perform_plain(&mut self, ticket: Ticket, request: HttpRequest) {
        self.perform(request, FlightKind::Plain(ticket));
        self.set_stage(ticket, Stage::HttpSent);
    }

    /// Begins exchanges of a call, beside those of its that are under way. It hears of each that ends, and when the
    /// time is over.
    pub(super) fn perform_side_by_side(&mut self, ticket: Ticket, sides: SideBySide) {
        for (key, request) in sides.begin {
            self.perform(request, FlightKind::Side(ticket, key));
        }
        if let Some(time) = sides.wake_after {
            self.calls.wake(ticket, self.now().saturating_add(time));
        }
        self.set_stage(ticket, Stage::SideBySide);
    }

    /// Lets the waiting exchanges go that may.
    pub(super) fn pump(&mut self) {
        let now = self.now();
        while self.desk.is_due(now) {
            if self.needs_token() {
                self.start_renewal();
                return;
            }
            let Some(job) = self.desk.next_due(now) else { return };
            self.perform_job(job);
        }
    }

    fn perform_job(&mut self, mut job: Job) {
        let Some(session) = &self.shared.session else { return };
        let request = self.shared.request(session, &job.exchange);
        job.tries += 1;
        let purpose = job.purpose;
        self.perform(request, FlightKind::Job(job));
        if let Purpose::Call(ticket) = purpose {
            self.set_stage(ticket, Stage::HttpSent);
        }
    }

    pub(super) fn handle_http(&mut self, id: RequestId, result: Result<HttpResponse, HttpFailure>) {
        let Some(flight) = self.desk.finish(id) else {
            self.stats.late_answers += 1;
            return;
        };
        if let Some(date) = result.as_ref().ok().and_then(|response| response.header("date")) {
            let now = self.shared.now;
            self.shared.clock.observe(now, date);
        }
        match flight.kind {
            FlightKind::Login => match login::judge(result) {
                Ok(session) => self.on_logged_in(session),
                Err(error) => self.on_renewal_failed(error),
            },
            FlightKind::Refresh => self.on_refreshed(result),
            FlightKind::Probe(error) => self.on_probed(error, result),
            FlightKind::Plain(ticket) => self.resume(ticket, result.map(Answer::Http).map_err(exchange::unanswered)),
            FlightKind::Side(ticket, key) => self.on_side_ended(ticket, key, result.map_err(exchange::unanswered)),
            FlightKind::Job(job) => self.on_job_answered(job, result),
        }
        self.pump();
    }

    fn on_side_ended(&mut self, ticket: Ticket, key: usize, result: Result<HttpResponse, Error>) {
        self.resume(ticket, Ok(Answer::Side { key, result }));
    }

    fn on_job_answered(&mut self, job: Job, result: Result<HttpResponse, HttpFailure>) {
        if self.should_renew(&job, &result) {
            self.shared.standing.is_refused = true;
            self.requeue(Job { renewed: true, ..job }, Duration::ZERO);
            return;
        }
        let is_passing = match &result {
            Ok(response) => is_transient(response.status),
            Err(HttpFailure::Connect(_) | HttpFailure::Tls(_) | HttpFailure::Broken(_)) => true,
            Err(HttpFailure::TooLarge | HttpFailure::Content(_)) => false,
        };
        if job.exchange.idempotent && is_passing && job.tries < MAX_TRIES {
            let asked = result.as_ref().ok().and_then(login::retry_after).unwrap_or_default();
            let delay = Duration::from_secs(1 << (job.tries - 1)).mul_f64(0.5 + self.rng.f64() / 2.0);
            self.requeue(job, delay.max(asked));
            return;
        }
        self.finish_job(job.purpose, exchange::answer(&job.exchange.name, result));
    }

    /// A refused token is renewed once: 401 says so, 403 does when the token has expired.
    fn should_renew(&self, job: &Job, result: &Result<HttpResponse, HttpFailure>) -> bool {
        let unix = self.unix_seconds();
        let expired = self.shared.session.as_ref().is_some_and(|session| session.is_expired(unix));
        let is_refused = result.as_ref().is_ok_and(|response| match response.status {
            401 => true,
            403 => expired,
            _ => false,
        });
        // a token that was given for this exchange is not ours to renew
        is_refused && !job.renewed && job.exchange.token.is_none()
    }

    fn requeue(&mut self, mut job: Job, delay: Duration) {
        job.not_before = self.now().saturating_add(delay);
        if let Purpose::Call(ticket) = job.purpose {
            self.set_stage(ticket, Stage::HttpQueued);
        }
        self.desk.enqueue_first(job);
        self.pump();
    }

    fn finish_job(&mut self, purpose: Purpose, result: Result<Bytes, Error>) {
        match purpose {
            Purpose::Login => {}
            Purpose::List => self.on_list(result),
            Purpose::Call(ticket) => self.resume(ticket, result.map(Answer::Api)),
        }
    }

    /// No token can be had: whatever waits for one fails.
    pub(super) fn fail_jobs(&mut self, error: &Error) {
        for job in self.desk.take_queue() {
            let error = Error::unsent(error.kind().clone());
            self.finish_job(job.purpose, Err(error));
        }
    }

    pub(super) fn cancel_exchanges(&mut self, matches: impl Fn(Purpose) -> bool) {
        for id in self.desk.drop_where(matches) {
            self.transmits.push_back(Transmit::CancelHttp { id });
        }
    }

    pub(super) fn expire_exchanges(&mut self) {
        let now = self.now();
        while let Some(id) = self.desk.first_expired(now) {
            self.transmits.push_back(Transmit::CancelHttp { id });
            if let Some(flight) = self.desk.finish(id) {
                self.on_expired(flight);
            }
        }
    }

    fn on_expired(&mut self, flight: Flight) {
        let error = Error::new(ErrorKind::Timeout, Sent::Unknown);
        match flight.kind {
            FlightKind::Login | FlightKind::Refresh => {
                self.on_renewal_failed(LoginError::Failed { error, retry_after: None });
            }
            FlightKind::Probe(error) => self.on_renewal_failed(error),
            FlightKind::Plain(ticket) => self.resume(ticket, Err(error)),
            FlightKind::Side(ticket, key) => self.on_side_ended(ticket, key, Err(error)),
            FlightKind::Job(job) => {
                if job.exchange.idempotent && job.tries < MAX_TRIES {
                    self.requeue(job, Duration::ZERO);
                } else {
                    self.finish_job(job.purpose, Err(error));
                }
            }
        }
    }
}

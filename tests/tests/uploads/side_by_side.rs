//! Exchanges side by side: what the Machine promises to the call that has them.

use std::time::Duration;

use mezon_protocol::call::{Answer, Call, SideBySide, Step, Submission, Ticket};
use mezon_protocol::exchange::{Body, HttpRequest, HttpResponse, Method};
use mezon_protocol::machine::{RequestId, Shared, Transmit};
use mezon_protocol::{Config, Error, ErrorKind, Machine, Now};

/// Begins three, one after a second, and ends with the first that ends after that.
struct Three(Vec<String>);

fn request(key: usize) -> (usize, HttpRequest) {
    let request = HttpRequest {
        method: Method::Put,
        url: format!("http://h/{key}"),
        headers: Vec::new(),
        body: Body::default(),
        max_response: 10,
        timeout: Some(Duration::from_secs(100)),
    };
    (key, request)
}

impl Call for Three {
    type Output = Vec<String>;

    fn resume(&mut self, _: &mut Shared, answer: Result<Answer, Error>) -> Step<Vec<String>> {
        match answer.unwrap() {
            Answer::Start => {
                return Step::SideBySide(SideBySide {
                    begin: vec![request(0), request(1)],
                    wake_after: Some(Duration::from_secs(1)),
                });
            }
            Answer::Elapsed => {
                self.0.push("time".into());
                return Step::SideBySide(SideBySide { begin: vec![request(2)], wake_after: None });
            }
            Answer::Side { key, result } => {
                self.0
                    .push(format!("{key}: {:?}", result.map(|response| response.status).map_err(|e| e.kind().clone())));
            }
            answer => panic!("{answer:?}"),
        }
        Step::Done(Ok(std::mem::take(&mut self.0)))
    }

    fn timeout(&self, _: &Config) -> Duration {
        Duration::MAX
    }
}

const TICKET: Ticket = Ticket(5);

fn at(seconds: u64) -> Now {
    Now::new(Duration::from_secs(seconds), Duration::from_secs(1_767_225_600 + seconds))
}

fn started() -> (Machine, Vec<RequestId>) {
    let mut machine = Machine::new(Config::bot(17_i64, "k").unwrap(), 1, at(0)).unwrap();
    machine.submit(at(0), Submission::new(TICKET, Three(Vec::new())));
    let begun = begun(&mut machine);
    assert_eq!(begun.len(), 2);
    (machine, begun)
}

fn begun(machine: &mut Machine) -> Vec<RequestId> {
    let ids = std::iter::from_fn(|| machine.poll_transmit()).map(|transmit| match transmit {
        Transmit::Http { id, .. } => id,
        other => panic!("{other:?}"),
    });
    ids.collect()
}

fn cancelled(machine: &mut Machine) -> Vec<RequestId> {
    let ids = std::iter::from_fn(|| machine.poll_transmit()).map(|transmit| match transmit {
        Transmit::CancelHttp { id } => id,
        other => panic!("{other:?}"),
    });
    ids.collect()
}

#[test]
fn the_end_of_a_call_ends_all_that_is_under_way() {
    let (mut machine, first) = started();
    machine.handle_timeout(at(1));
    let third = begun(&mut machine);
    let response = HttpResponse { status: 200, headers: Vec::new(), body: Default::default() };
    machine.handle_http(at(2), first[1], Ok(response));
    assert_eq!(machine.poll_reply().unwrap().take::<Three>().unwrap().unwrap(), ["time", "1: Ok(200)"]);
    assert_eq!(cancelled(&mut machine), [first[0], third[0]]);
    assert_eq!(machine.poll_timeout(), None);
}

#[test]
fn a_cancelled_call_leaves_nothing_under_way() {
    let (mut machine, first) = started();
    machine.cancel(at(0), TICKET);
    assert_eq!(cancelled(&mut machine), first);
    assert!(machine.poll_reply().is_none());
    machine.handle_timeout(at(1));
    assert!(machine.poll_transmit().is_none());
}

#[test]
fn closing_ends_it_as_any_other_call() {
    let (mut machine, first) = started();
    machine.close(at(0));
    assert_eq!(cancelled(&mut machine), first);
    let error = machine.poll_reply().unwrap().take::<Three>().unwrap().unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Closed);
}

#[test]
fn each_exchange_has_its_own_time_and_the_whole_has_none() {
    let (mut machine, first) = started();
    machine.handle_timeout(at(1));
    begun(&mut machine);
    let deadline = machine.poll_timeout().unwrap().at;
    assert_eq!(deadline, Duration::from_secs(100));
    machine.handle_timeout(at(100));
    let heard = machine.poll_reply().unwrap().take::<Three>().unwrap().unwrap();
    assert_eq!(heard, ["time", "0: Err(Timeout)"]);
    assert_eq!(cancelled(&mut machine).len(), 3, "the one that is late, and the others");
    let _ = first;
}

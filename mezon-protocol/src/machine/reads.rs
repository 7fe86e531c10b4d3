//! Reads under way: a call that wants what another one has asked for already waits for its answer.

use std::collections::HashMap;

use bytes::Bytes;

use crate::api::Rpc;
use crate::call::{Request, Ticket, Via};

/// The reads that calls share. Bounded by the count of pending calls.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Who has asked what.
    leaders: HashMap<Ticket, Read>,
    /// Who waits for the answer to the same.
    followers: HashMap<Question, Vec<Ticket>>,
}

/// What is asked: the name of the call and its request, encoded.
type Question = (&'static str, Bytes);

/// A call of the API that changes nothing.
#[derive(Clone, Debug)]
struct Read {
    rpc: &'static Rpc,
    body: Bytes,
    via: Via,
}

impl Read {
    fn question(&self) -> Question {
        (self.rpc.name, self.body.clone())
    }

    fn into_request(self) -> Request {
        Request::Api { rpc: self.rpc, body: self.body, via: self.via }
    }
}

impl Reads {
    /// A call wants to read. Gives the request if it is this call that makes it, nothing if the same is under way.
    pub(crate) fn ask(&mut self, ticket: Ticket, request: Request) -> Option<Request> {
        let Request::Api { rpc, body, via } = request else { return Some(request) };
        let read = Read { rpc, body, via };
        if let Some(followers) = self.followers.get_mut(&read.question()) {
            followers.push(ticket);
            return None;
        }
        self.followers.insert(read.question(), Vec::new());
        self.leaders.insert(ticket, read.clone());
        Some(read.into_request())
    }

    /// A call has its answer. Gives those who wait for the same, in the order in which they came.
    pub(crate) fn answered(&mut self, ticket: Ticket) -> Vec<Ticket> {
        // asked for every step of every call
        if self.leaders.is_empty() {
            return Vec::new();
        }
        self.leaders.remove(&ticket).and_then(|read| self.followers.remove(&read.question())).unwrap_or_default()
    }

    /// A call will have no answer, as nobody waits for it any more. Gives the call that is to ask in its place, and
    /// the request.
    pub(crate) fn abandoned(&mut self, ticket: Ticket) -> Option<(Ticket, Request)> {
        let Some(read) = self.leaders.remove(&ticket) else {
            self.followers.values_mut().for_each(|followers| followers.retain(|follower| *follower != ticket));
            return None;
        };
        let followers = self.followers.get_mut(&read.question())?;
        if followers.is_empty() {
            self.followers.remove(&read.question());
            return None;
        }
        let next = followers.remove(0);
        self.leaders.insert(next, read.clone());
        Some((next, read.into_request()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ListChannelDetail, ListClanDescs, Method};

    fn detail(body: &'static [u8]) -> Request {
        Request::Api { rpc: &const { ListChannelDetail::RPC }, body: Bytes::from_static(body), via: Via::Auto }
    }

    #[test]
    fn the_same_question_is_asked_once() {
        let mut reads = Reads::default();
        assert!(reads.ask(Ticket(1), detail(b"a")).is_some());
        assert!(reads.ask(Ticket(2), detail(b"a")).is_none());
        assert!(reads.ask(Ticket(3), detail(b"a")).is_none());
        assert!(reads.ask(Ticket(4), detail(b"b")).is_some(), "another request");
        let clans = Request::Api { rpc: &const { ListClanDescs::RPC }, body: "a".into(), via: Via::Auto };
        assert!(reads.ask(Ticket(5), clans).is_some(), "another call");
        assert_eq!(reads.answered(Ticket(1)), [Ticket(2), Ticket(3)]);
        assert!(reads.ask(Ticket(6), detail(b"a")).is_some(), "an answer serves those who asked before it");
    }

    #[test]
    fn when_who_asked_is_gone_the_next_one_asks() {
        let mut reads = Reads::default();
        for ticket in 1..=3 {
            reads.ask(Ticket(ticket), detail(b"a"));
        }
        assert!(reads.abandoned(Ticket(2)).is_none(), "only waited");
        let (next, _) = reads.abandoned(Ticket(1)).unwrap();
        assert_eq!(next, Ticket(3));
        assert!(reads.answered(Ticket(1)).is_empty());
        assert!(reads.answered(Ticket(3)).is_empty());
        assert!(reads.leaders.is_empty() && reads.followers.is_empty());
    }
}

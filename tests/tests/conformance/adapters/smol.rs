//! mezon-smol, on smol's executor and on async-std's.

use std::time::Duration;

use futures_lite::FutureExt as _;
use futures_lite::future::block_on;
use mezon_client::{Events, Receiver, Run, Source};
use mezon_protocol::Error;
use mezon_smol::{Answer, Client, Pending, SmolRuntime};

use super::client::{Host, adapter};
use crate::bot::Adapter;

pub const ON_SMOL: Adapter = adapter::<Smol>("smol");
pub const ON_ASYNC_STD: Adapter = adapter::<AsyncStd>("async-std");

struct Smol;

impl Host for Smol {
    type Runtime = SmolRuntime;

    fn drive(client: &Client) {
        if let Some(driver) = client.driver() {
            smol::spawn(driver).detach();
        }
    }

    fn start(client: &Client) {
        Self::drive(client);
    }

    fn wait<T: Send + 'static>(outcome: Pending<T>) -> Result<T, Error> {
        block_on(outcome)
    }

    fn answer<T: Send + 'static>(answered: Answer<T>) -> T {
        block_on(answered)
    }

    fn ran(ran: Run<SmolRuntime>) -> Result<(), Error> {
        block_on(ran)
    }

    fn next<S: Source + 'static>(events: &mut Events<S>, within: Duration) -> Option<Option<S::Item>> {
        let too_late = async {
            smol::Timer::after(within).await;
            None
        };
        block_on(async { Some(events.next().await) }.or(too_late))
    }

    fn undecodable(events: &Events<Receiver<SmolRuntime>>) -> u64 {
        events.undecodable()
    }
}

struct AsyncStd;

impl Host for AsyncStd {
    type Runtime = SmolRuntime;

    fn drive(client: &Client) {
        if let Some(driver) = client.driver() {
            drop(async_std::task::spawn(driver));
        }
    }

    fn start(client: &Client) {
        Self::drive(client);
    }

    fn wait<T: Send + 'static>(outcome: Pending<T>) -> Result<T, Error> {
        Smol::wait(outcome)
    }

    fn answer<T: Send + 'static>(answered: Answer<T>) -> T {
        Smol::answer(answered)
    }

    fn ran(ran: Run<SmolRuntime>) -> Result<(), Error> {
        Smol::ran(ran)
    }

    fn next<S: Source + 'static>(events: &mut Events<S>, within: Duration) -> Option<Option<S::Item>> {
        Smol::next(events, within)
    }

    fn undecodable(events: &Events<Receiver<SmolRuntime>>) -> u64 {
        Smol::undecodable(events)
    }
}

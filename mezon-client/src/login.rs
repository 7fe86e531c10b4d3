//! A client that is given out once it is Ready.

use mezon_protocol::Error;
use mezon_protocol::call::{Answer, Call, Step, WaitReady};
use mezon_protocol::machine::Shared;

use crate::client::Client;
use crate::runtime::Runtime;

/// Waits until a client is Ready, and ends with the client.
pub(crate) struct LogIn<R: Runtime> {
    ready: WaitReady,
    client: Client<R>,
}

impl<R: Runtime> LogIn<R> {
    pub(crate) const fn new(client: Client<R>) -> Self {
        Self { ready: WaitReady, client }
    }
}

impl<R: Runtime> Call for LogIn<R> {
    type Output = Client<R>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Self::Output> {
        self.ready.resume(shared, answer).map(|_| self.client.clone())
    }
}

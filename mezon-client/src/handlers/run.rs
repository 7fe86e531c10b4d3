//! Running the handlers of a client.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_protocol::call::WaitReady;
use mezon_protocol::{Error, Session};

use super::dispatcher::{Dispatch, Dispatcher, End};
use crate::client::Client;
use crate::handle::Shared;
use crate::pending::Pending;
use crate::runtime::Runtime;

/// Connects a client and calls its handlers until it is closed; see [`Client::run`].
#[must_use = "no handler is called unless it is awaited"]
pub struct Run<R: Runtime> {
    shared: Arc<Shared<R>>,
    connecting: Option<Pending<Session, R>>,
    /// Connecting has failed.
    error: Option<Error>,
    /// Nobody has even tried.
    was_refused: bool,
    dispatcher: Dispatcher<R>,
}

impl<R: Runtime> Run<R> {
    fn new(client: &Client<R>, dispatch: Dispatch) -> Self {
        // before connecting, so that nothing is missed
        let dispatcher = Dispatcher::new(client.receiver(), client.anchor(), dispatch);
        let connecting = Some(client.backend().pending(WaitReady, Shared::submit_connecting));
        Self { shared: Arc::clone(&client.backend().shared), connecting, error: None, was_refused: false, dispatcher }
    }

    /// Runs the handlers here and now: this thread waits for the end.
    ///
    /// # Errors
    ///
    /// As the future's.
    pub fn wait(self) -> Result<(), Error> {
        crate::park::block_on(self)
    }

    fn poll_connecting(&mut self, cx: &mut Context<'_>) {
        let Some(connecting) = &mut self.connecting else { return };
        self.was_refused |= !connecting.begin();
        let Poll::Ready(connected) = Pin::new(connecting).poll(cx) else { return };
        self.connecting = None;
        self.error = connected.err();
    }

    /// Whether connecting has failed, handlers know it if anything will tell them, and the end of the client is not to be
    /// waited for. `was_driven` is how it was before the last events were taken.
    fn has_failed(&self, was_driven: bool) -> bool {
        let is_told = !was_driven || matches!(self.dispatcher.ended(), Some(End::Failed));
        self.was_refused || self.error.is_some() && is_told && self.dispatcher.is_at_rest()
    }

    fn result(&mut self) -> Result<(), Error> {
        match (self.dispatcher.ended(), self.error.take()) {
            (Some(End::Closed), _) => Ok(()),
            (Some(End::Fatal(reason)), None) => Err(reason.clone().into()),
            (_, Some(error)) => Err(error),
            (Some(End::Failed) | None, None) => Ok(()),
        }
    }
}

impl<R: Runtime> Future for Run<R> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.poll_connecting(cx);
        let was_driven = this.shared.is_driven();
        let is_over = this.dispatcher.poll(cx).is_ready();
        if is_over {
            // it was closed while it still connected, and that says why
            this.poll_connecting(cx);
        }
        if is_over || this.has_failed(was_driven) { Poll::Ready(this.result()) } else { Poll::Pending }
    }
}

/// Nothing in it is pinned.
impl<R: Runtime> Unpin for Run<R> {}

impl<R: Runtime> fmt::Debug for Run<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}

/// # Running handlers
impl<R: Runtime> Client<R> {
    /// Connects, and calls the registered handlers for whatever happens, until the client is closed. It comes back with
    /// an error when it cannot connect, or gives up for good; handlers are told before.
    ///
    /// It is the receiver of the [events](Self::events) as long as it runs. Handlers of one channel run one after the
    /// other, those of different channels side by side: on an async runtime within this future, else on threads. A
    /// handler that fails or panics disturbs no other; see [`on_failure`](Self::on_failure). While too many wait no more
    /// events are taken, and the server is held back. Where it is a future, dropping it drops the handlers that run and
    /// the events that it has taken.
    ///
    /// [`shutdown`](Self::shutdown) lets handlers end first. Do not wait for it in a handler, which would be waiting for
    /// itself: [`close`](Self::close) is for that.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), also later, when the credentials are refused or attempts are used up.
    pub fn run(&self) -> R::Ran {
        self.run_with(Dispatch::of::<R>())
    }

    /// As [`run`](Self::run), with bounds of your own.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_with(&self, dispatch: Dispatch) -> R::Ran {
        R::ran(Run::new(self, dispatch))
    }

    /// The bounds of [`run`](Self::run), to be changed and given to [`run_with`](Self::run_with).
    pub fn dispatch(&self) -> Dispatch {
        Dispatch::of::<R>()
    }
}

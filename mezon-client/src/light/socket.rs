//! The light socket: a connection, and handlers of messages.

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use mezon_protocol::call::{Answer, Call, LeaveChannel, Sent, Step};
use mezon_protocol::light::{ConnectOnce, JoinWhenOpen, SendMessagePayload, SendWhenOpen, SocketError};
use mezon_protocol::object::{Backend as _, Message, SentMessage};
use mezon_protocol::route::Route;
use mezon_protocol::{ChannelId, Error, machine};

use super::hooks::Hooks;
use super::{LightClient, SocketConnectOptions};
use crate::client::Client;
use crate::handle::{Accompanist, Companion, Driven, Shared};
use crate::handlers::{Dispatch, Dispatcher, HandlerId, IntoJob, Topic};
use crate::runtime::Runtime;
use crate::socket::Socket;

/// The connection of a [`LightClient`]: its handlers are called by the driver, without anybody having to wait for events.
///
/// Clones are the same socket. When the last of them is dropped it disconnects, and its handlers are gone; so a handler
/// should not keep one. There is one for each client: it takes the client's [events](Client::events).
///
/// It does not reconnect by itself, as `on_disconnect` promises the application its turn, unless the client was
/// [set up](LightClient::of) to. Joins are restored on every new connection.
pub struct LightSocket<R: Runtime> {
    inner: Arc<Inner<R>>,
}

struct Inner<R: Runtime> {
    client: Client<R>,
    hooks: Arc<Hooks>,
    /// As the owner of what calls the handlers, beside each driver.
    id: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    handlers: Vec<HandlerId>,
    /// Ends what calls the handlers when it is dropped.
    running: Option<oneshot::Sender<()>>,
}

/// # The connection
impl<R: Runtime> LightSocket<R> {
    /// A socket that is not connected. It goes by the session of the client.
    pub fn new(client: &LightClient<R>) -> Self {
        let (client, hooks) = (client.client().clone(), Arc::new(Hooks::default()));
        let told = Arc::clone(&hooks);
        let life = client.add_handler(Topic::Life, move |event| {
            told.observe(event);
            None
        });
        let state = Mutex::new(State { handlers: vec![life], running: None });
        let id = client.backend().shared.new_owner();
        let inner = Arc::new(Inner { client, hooks, id, state });
        let weak = Arc::downgrade(&inner);
        let make = Arc::new(move || Some(weak.upgrade()?.start()));
        inner.client.backend().shared.set_accompanist(Accompanist { owner: id, make });
        Self { inner }
    }

    /// Connects, and comes back when the connection is up. From then on handlers are called: on an async runtime in the
    /// driver, else on threads of their own. Also `SocketConnectOptions::default()` will do.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is connected already; else as [`Client::connect`]. Each can be made into a
    /// [`SocketError`].
    pub fn connect(&self, options: SocketConnectOptions) -> R::Outcome<()> {
        let Inner { client, hooks, .. } = &*self.inner;
        let connect = Connect { once: ConnectOnce::default(), options: Some((Arc::clone(hooks), options)) };
        R::outcome(client.connecting(connect, Shared::submit_accompanied))
    }

    /// Disconnects; does nothing if it is not connected. The client goes on: its calls go over HTTP, and it can be
    /// [connected](Self::connect) again, with the same handlers.
    pub fn disconnect(&self) {
        self.inner.client.disconnect();
    }

    /// Whether it is connected.
    #[doc(alias = "isConnected")]
    pub fn is_connected(&self) -> R::Answered<bool> {
        self.shared().ask(|machine, _| machine.is_open())
    }

    /// The low-level socket beneath.
    ///
    /// # Errors
    ///
    /// When it is not connected.
    pub fn socket(&self) -> R::Answered<Result<Socket<R>, SocketError>> {
        let backend = self.inner.client.backend().clone();
        self.shared().ask(move |machine, _| {
            let not_connected = "Socket is not connected. Call connect() first.".to_owned();
            machine.is_open().then(|| Socket::new(backend)).ok_or(SocketError { message: not_connected })
        })
    }

    /// Sets what is told when the connection breaks, in place of what was set before. At any time.
    #[doc(alias = "setErrorHandler")]
    pub fn set_error_handler(&self, handler: impl Fn(SocketError) + Send + Sync + 'static) {
        self.inner.hooks.set_on_error(Arc::new(handler));
    }

    fn shared(&self) -> &Shared<R> {
        &self.inner.client.backend().shared
    }
}

/// # Messages
impl<R: Runtime> LightSocket<R> {
    /// Registers a handler of messages; gives the means to take it out again, which may be dropped. Handlers are called in
    /// the order of their registration, and what fails or panics in one is nothing to the others. They stay across
    /// connections. Our own messages are passed over, unless [`handle_own`](Client::handle_own) says otherwise.
    #[doc(alias = "onChannelMessage")]
    pub fn on_channel_message<O, M>(
        &self,
        handler: impl Fn(Message<Driven<R>>) -> O + Send + Sync + 'static,
    ) -> MessageHandler<R>
    where
        O: IntoJob<M>,
    {
        let id = self.inner.client.on_message(handler);
        self.inner.lock().handlers.push(id);
        MessageHandler { socket: Arc::downgrade(&self.inner), id }
    }

    /// As [`on_channel_message`](Self::on_channel_message): it adds a handler, for good.
    #[doc(alias = "setChannelMessageHandler")]
    pub fn set_channel_message_handler<O, M>(&self, handler: impl Fn(Message<Driven<R>>) -> O + Send + Sync + 'static)
    where
        O: IntoJob<M>,
    {
        self.on_channel_message(handler);
    }

    /// Sends a direct message; gives what the server says of it.
    ///
    /// # Errors
    ///
    /// `NotConnected`; else as any message, such as `Timeout` when the server does not answer.
    #[doc(alias = "sendDM")]
    pub fn send_dm(&self, payload: SendMessagePayload) -> R::Outcome<Sent> {
        self.send(SendWhenOpen::direct(payload))
    }

    /// Sends a message to a group; gives what the server says of it.
    ///
    /// # Errors
    ///
    /// As [`send_dm`](Self::send_dm).
    #[doc(alias = "sendGroup")]
    pub fn send_group(&self, payload: SendMessagePayload) -> R::Outcome<Sent> {
        self.send(SendWhenOpen::group(payload))
    }

    /// What was sent is remembered and stored, as that of every client.
    fn send(&self, call: SendWhenOpen) -> R::Outcome<Sent> {
        let backend = self.inner.client.backend().clone();
        self.inner.client.backend().call(call.then(move |_, sent| {
            let own_id = backend.shared.own_id();
            Ok(SentMessage::new(sent, own_id, backend).noted().sent().clone())
        }))
    }
}

/// # Channels
///
/// Joining waits for the socket to open, for 30 s at most; gives nothing. `NotConnected` when it does not open.
impl<R: Runtime> LightSocket<R> {
    /// Joins a channel of direct messages, to hear what is said there.
    #[doc(alias = "joinDMChannel")]
    pub fn join_dm_channel(&self, channel: impl Into<ChannelId>) -> R::Outcome<()> {
        self.inner.client.backend().call(JoinWhenOpen::new(Route::direct(channel.into())))
    }

    /// Joins a group, to hear what is said there.
    #[doc(alias = "joinGroupChannel")]
    pub fn join_group_channel(&self, channel: impl Into<ChannelId>) -> R::Outcome<()> {
        self.inner.client.backend().call(JoinWhenOpen::new(Route::group(channel.into())))
    }

    /// Hears no more of a channel of direct messages; gives nothing. It waits for no connection.
    #[doc(alias = "leaveDMChannel")]
    pub fn leave_dm_channel(&self, channel: impl Into<ChannelId>) -> R::Outcome<()> {
        self.inner.client.backend().call(LeaveChannel(Route::direct(channel.into())))
    }

    /// Hears no more of a group, but stays its member; gives nothing. It waits for no connection.
    #[doc(alias = "leaveGroupChannel")]
    pub fn leave_group_channel(&self, channel: impl Into<ChannelId>) -> R::Outcome<()> {
        self.inner.client.backend().call(LeaveChannel(Route::group(channel.into())))
    }
}

/// Connects, and takes over the options unless it is refused.
struct Connect {
    once: ConnectOnce,
    options: Option<(Arc<Hooks>, SocketConnectOptions)>,
}

impl Call for Connect {
    type Output = ();

    fn resume(&mut self, shared: &mut machine::Shared, answer: Result<Answer, Error>) -> Step<()> {
        let step = self.once.resume(shared, answer);
        if let (Some((hooks, options)), false) = (self.options.take(), matches!(step, Step::Done(Err(_)))) {
            hooks.set(options);
        }
        step
    }
}

impl<R: Runtime> Inner<R> {
    /// What calls the handlers, in place of what has called them.
    fn start(&self) -> Companion {
        let (stop, mut stopped) = oneshot::channel::<()>();
        self.lock().running = Some(stop);
        let mut dispatcher = Dispatcher::new(self.client.receiver(), self.client.anchor(), Dispatch::of::<R>());
        Box::pin(future::poll_fn(move |cx| match Pin::new(&mut stopped).poll(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => dispatcher.poll(cx),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Drop for Inner<R> {
    fn drop(&mut self) {
        self.client.disconnect();
        self.client.backend().shared.forget_accompanist(self.id);
        for handler in std::mem::take(&mut self.lock().handlers) {
            self.client.off(handler);
        }
    }
}

impl<R: Runtime> Clone for LightSocket<R> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<R: Runtime> fmt::Debug for LightSocket<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LightSocket").finish_non_exhaustive()
    }
}

/// The means to take a handler of messages out again; dropping it changes nothing.
pub struct MessageHandler<R: Runtime> {
    socket: Weak<Inner<R>>,
    id: HandlerId,
}

impl<R: Runtime> MessageHandler<R> {
    /// Takes the handler out, which is not called from then on; the others stay. False if it was out already.
    pub fn unsubscribe(&self) -> bool {
        let Some(socket) = self.socket.upgrade() else { return false };
        socket.lock().handlers.retain(|handler| *handler != self.id);
        socket.client.off(self.id)
    }
}

impl<R: Runtime> fmt::Debug for MessageHandler<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageHandler").field("id", &self.id).finish_non_exhaustive()
    }
}

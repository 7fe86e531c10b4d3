//! Registering handlers: the general ones, and those for what has handles.

use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::event::{Cause, Fatal, UnknownKind};
use mezon_protocol::machine::BackfillReport;
use mezon_protocol::object::{ButtonClick, Message, QuickMenuEvent, ReactionEvent, SelectChanged};
use mezon_protocol::{Error, Event, EventKind, Session};

use super::outcome::{IntoJob, Job};
use super::registry::{HandlerId, Topic};
use super::turn::Failure;
use crate::client::Client;
use crate::handle::Driven;
use crate::runtime::Runtime;

/// # Handlers
///
/// A handler is a closure, or an `async` one on the async runtimes, that returns nothing or a `Result`. It is called by
/// [`run`](Self::run). Registering gives an id by which the handler can be taken out again; dropping that changes
/// nothing. Handlers stay registered across reconnects, and also when the client is closed and connected again.
///
/// What the bot does itself is passed over by `on_message`, `on_message_updated`, `on_message_deleted` and `on_reaction`,
/// unless [`handle_own`](Self::handle_own) says otherwise.
impl<R: Runtime> Client<R> {
    /// Registers a handler for one kind of event: an [`EventKind`], or its name as the wire has it.
    ///
    /// # Errors
    ///
    /// [`UnknownKind`] for a name that no event has; an `EventKind` is always right.
    pub fn on<K, O, M>(
        &self,
        kind: K,
        handler: impl Fn(Event<Driven<R>>) -> O + Send + Sync + 'static,
    ) -> Result<HandlerId, UnknownKind>
    where
        K: TryInto<EventKind>,
        UnknownKind: From<K::Error>,
        O: IntoJob<M>,
    {
        let kind = kind.try_into()?;
        Ok(self.add_handler(Topic::Kind(kind), move |event| Some(handler(event.clone()).into_job())))
    }

    /// Registers a handler for everything that happens, also for what this build does not know.
    pub fn on_event<O, M>(&self, handler: impl Fn(Event<Driven<R>>) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::All, move |event| Some(handler(event.clone()).into_job()))
    }

    /// Takes a handler out, which is not called from then on; if it runs it goes on. False if it was not there.
    pub fn off(&self, handler: HandlerId) -> bool {
        self.anchor().handlers.remove(handler)
    }

    /// Whether any handler would be called for events of this kind.
    pub fn has_listeners(&self, kind: EventKind) -> bool {
        self.anchor().handlers.wants(kind)
    }

    /// Told of every handler that fails or panics, beside the log. It replaces the one that was set before.
    #[doc(alias = "onerror")]
    pub fn on_failure(&self, handler: impl Fn(Failure) + Send + Sync + 'static) {
        self.anchor().handlers.set_on_failure(Arc::new(handler));
    }

    /// Whether handlers hear of what the bot does itself. Default: they do not.
    pub fn handle_own(&self, wanted: bool) {
        self.anchor().handlers.set_with_own(wanted);
    }

    /// Whether handlers, commands among them, hear of messages that were missed while the connection was away and are given
    /// afterwards: see [`Message::is_replayed`]. Default: they do.
    pub fn handle_replayed(&self, wanted: bool) {
        self.anchor().handlers.set_with_replayed(wanted);
    }

    pub(crate) fn add_handler(
        &self,
        topic: Topic,
        handler: impl Fn(&Event<Driven<R>>) -> Option<Job> + Send + Sync + 'static,
    ) -> HandlerId {
        self.anchor().handlers.add(topic, handler)
    }
}

/// Handlers for what may be the bot's own doing.
macro_rules! unless_own {
    ($($(#[$meta:meta])* $on:ident($kind:ident: $variant:ident($type:ident));)*) => {
        /// # Handlers of messages
        impl<R: Runtime> Client<R> {
            $(
                $(#[$meta])*
                pub fn $on<O, M>(&self, handler: impl Fn($type<Driven<R>>) -> O + Send + Sync + 'static) -> HandlerId
                where
                    O: IntoJob<M>,
                {
                    let anchor = Arc::downgrade(&self.anchor());
                    self.add_handler(Topic::Kind(EventKind::$kind), move |event| {
                        let Event::$variant(item) = event else { return None };
                        let with_own = anchor.upgrade().is_some_and(|anchor| anchor.handlers.with_own());
                        (with_own || !item.is_own()).then(|| handler(item.clone()).into_job())
                    })
                }
            )*
        }
    };
}

unless_own! {
    /// Registers a handler: a message was sent in a channel. Also special messages, such as welcomes; their code says
    /// what they are.
    ///
    /// Wire name: `channel_message`.
    #[doc(alias = "channel_message")]
    #[doc(alias = "on_channel_message")]
    on_message(Message: Message(Message));
    /// Registers a handler: a message was edited. It is the message as it is now.
    ///
    /// Wire name: `channel_message` with code 1.
    on_message_updated(Message: MessageUpdated(Message));
    /// Registers a handler: a message was deleted. Its id and those of its channel and sender count, the text may be
    /// absent.
    ///
    /// Wire name: `channel_message` with code 2.
    on_message_deleted(Message: MessageDeleted(Message));
    /// Registers a handler: a reaction was added to a message, or taken back.
    ///
    /// Wire name: `message_reaction_event`.
    #[doc(alias = "message_reaction_event")]
    #[doc(alias = "on_message_reaction")]
    on_reaction(Reaction: Reaction(ReactionEvent));
}

/// Handlers for interactions.
macro_rules! interactions {
    ($($(#[$meta:meta])* $on:ident($kind:ident($type:ident));)*) => {
        /// # Handlers of interactions
        impl<R: Runtime> Client<R> {
            $(
                $(#[$meta])*
                pub fn $on<O, M>(&self, handler: impl Fn($type<Driven<R>>) -> O + Send + Sync + 'static) -> HandlerId
                where
                    O: IntoJob<M>,
                {
                    self.add_handler(Topic::Kind(EventKind::$kind), move |event| {
                        let Event::$kind(item) = event else { return None };
                        Some(handler(item.clone()).into_job())
                    })
                }
            )*
        }
    };
}

interactions! {
    /// Registers a handler: a button in a message of this bot was pressed, or something chosen in a select.
    ///
    /// Wire name: `message_button_clicked`.
    #[doc(alias = "message_button_clicked")]
    #[doc(alias = "on_message_button_clicked")]
    on_button_clicked(ButtonClicked(ButtonClick));
    /// Registers a handler: a choice was made in a select box in a message of this bot. Most clients report it as a click
    /// instead.
    ///
    /// Wire name: `dropdown_box_selected`.
    #[doc(alias = "dropdown_box_selected")]
    #[doc(alias = "on_dropdown_box_selected")]
    on_dropdown_selected(DropdownSelected(SelectChanged));
    /// Registers a handler: a user chose an entry of the quick menu of this bot.
    ///
    /// Wire name: `quick_menu_event`.
    #[doc(alias = "quick_menu_event")]
    #[doc(alias = "on_quick_menu_event")]
    on_quick_menu_triggered(QuickMenuTriggered(QuickMenuEvent));
}

/// # Handlers of the life of the connection
impl<R: Runtime> Client<R> {
    /// Registers a handler: an attempt to connect begins. The number is 0 for the first since the connection was last
    /// Ready.
    pub fn on_connecting<O, M>(&self, handler: impl Fn(u32) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::Connecting { attempt } = event else { return None };
            Some(handler(*attempt).into_job())
        })
    }

    /// Registers a handler: the socket is open and the joins begin.
    pub fn on_connected<O, M>(&self, handler: impl Fn() -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::Connected = event else { return None };
            Some(handler().into_job())
        })
    }

    /// Registers a handler: the connection is Ready. It is told how long we were away, `None` after a first login. It may
    /// go on for as long as the bot runs: only when it has ended it is called for the next time, and when the client is
    /// closed it is dropped (where handlers are called on threads, its calls fail then, and nobody waits for it).
    pub fn on_ready<O, M>(&self, handler: impl Fn(Option<Duration>) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::Ready { gap, .. } = event else { return None };
            Some(handler(*gap).into_job())
        })
    }

    /// Registers a handler: what was missed while the connection was away has been given, as far as it is fetched. It is
    /// told what was done, and what was beyond the bounds of [`Config::backfill`](mezon_protocol::Config::backfill).
    pub fn on_backfill_done<O, M>(&self, handler: impl Fn(BackfillReport) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::BackfillDone { report } = event else { return None };
            Some(handler(BackfillReport::clone(report)).into_job())
        })
    }

    /// Registers a handler: the connection ended, or was found dead and given up (`Cause::HeartbeatTimeout`). It may call
    /// [`connect`](Self::connect) or [`reconnect`](Self::reconnect).
    #[doc(alias = "ondisconnect")]
    #[doc(alias = "onheartbeattimeout")]
    pub fn on_disconnected<O, M>(&self, handler: impl Fn(Cause) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::Disconnected { cause, .. } = event else { return None };
            Some(handler(cause.clone()).into_job())
        })
    }

    /// Registers a handler: the server gave new credentials, or the client fetched them. Whoever stores the session stores
    /// it now, as its [`export`](Session::export).
    #[doc(alias = "onRefreshSession")]
    pub fn on_session_refreshed<O, M>(&self, handler: impl Fn(Session) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::SessionRefreshed { session } = event else { return None };
            Some(handler((**session).clone()).into_job())
        })
    }

    /// Registers a handler: the session of the user is over, for this reason. Nothing that needs one will work before
    /// somebody logs in.
    pub fn on_login_required<O, M>(&self, handler: impl Fn(Error) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::LoginRequired { reason } = event else { return None };
            Some(handler(reason.clone()).into_job())
        })
    }

    /// Registers a handler: no further attempt to connect will be made.
    pub fn on_fatal<O, M>(&self, handler: impl Fn(Fatal) -> O + Send + Sync + 'static) -> HandlerId
    where
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Life, move |event| {
            let Event::Fatal { reason } = event else { return None };
            Some(handler(reason.clone()).into_job())
        })
    }
}

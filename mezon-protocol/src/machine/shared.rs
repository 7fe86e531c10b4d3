//! What a call may see and change; never the Machine itself.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use super::Joins;
use super::edits::Edits;
use super::exchange;
use super::joins::{ChannelToJoin, Reason};
use super::renewal::Standing;
use crate::api::Snowflakes;
use crate::call::{EditTarget, Exchange};
use crate::clock::ClockOffset;
use crate::config::Config;
use crate::content::Content;
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::event::JoinTarget;
use crate::exchange::HttpRequest;
use crate::id::{ChannelId, ClanId, MessageId, UserId};
use crate::memory::News;
use crate::proto::api;
use crate::replay::{EditRecord, Effect, Tape, nanos};
use crate::route::{MemoryRoutes, Route, RouteStore};
use crate::secret::Secret;
use crate::session::Session;
use crate::time::Now;

/// The part of the Machine that calls work with.
pub struct Shared {
    /// What the client was told before it started.
    pub config: Config,
    /// Where to log in.
    pub login: Endpoint,
    /// The session, once there is one.
    pub session: Option<Session>,
    /// The server's clock against ours.
    pub clock: ClockOffset,
    /// What to join on every connection, and what is joined on this one.
    pub(super) joins: Joins,
    /// The moment of the last input.
    pub now: Now,
    /// The ids that we make ourselves.
    pub snowflakes: Snowflakes,
    routes: Box<dyn RouteStore>,
    /// The route that was noted last: most messages come from where the one before came from.
    last_route: Option<Route>,
    direct: HashMap<UserId, ChannelId>,
    own_avatar: String,
    /// What was listed and is not taken yet: no more than one round of lists.
    pub(super) news: VecDeque<News>,
    /// Edits of which only the latest counts.
    pub(crate) edits: Edits<MessageId, Box<(EditTarget, Content)>>,
    /// Key, proof, and what was signed.
    #[cfg(feature = "ledger")]
    pub(crate) ledger: crate::ledger::Ledger,
    /// What became of messages that are sent once, with their keys, the newest last.
    sent_once: VecDeque<(MessageId, String)>,
    pub(super) link: LinkState,
    pub(super) standing: Standing,
    /// What is recorded or played, if anything is.
    pub(crate) tape: Tape,
}

/// What can be asked of the socket at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    /// No socket, and none is being opened: the client only sends.
    Unused,
    /// No open socket at the moment.
    Down,
    /// Requests may be sent.
    Open,
}

/// How many direct-message channels are remembered by their user. Beyond it the map starts anew: an entry is one
/// lookup away.
const MAX_DIRECT: usize = 100_000;

/// How many messages that were sent once are remembered: far more than can have been in doubt together.
const MAX_SENT_ONCE: usize = 4096;

impl Shared {
    pub(super) fn new(config: Config, login: Endpoint, now: Now) -> Self {
        Self {
            login,
            session: None,
            clock: ClockOffset::default(),
            joins: Joins::new(config.join_pacing, config.call_timeout, config.max_joins),
            now,
            snowflakes: Snowflakes::default(),
            routes: Box::new(MemoryRoutes::new(config.max_routes)),
            last_route: None,
            direct: HashMap::new(),
            own_avatar: String::new(),
            news: VecDeque::new(),
            edits: Edits::new(config.max_edited),
            #[cfg(feature = "ledger")]
            ledger: crate::ledger::Ledger::default(),
            sent_once: VecDeque::new(),
            link: LinkState::Unused,
            standing: Standing::default(),
            tape: Tape::Off,
            config,
        }
    }

    /// Who we are: the session's user, before login the configured bot, and 0 for a user.
    pub fn own_id(&self) -> UserId {
        self.session.as_ref().map_or(self.config.account.id(), Session::user_id)
    }

    /// Goes on with this session, in place of the one that there may be: a login has brought it.
    pub fn adopt(&mut self, session: Session) {
        self.tape.effect(|stand_ins| Effect::Session(stand_ins.session(&session)));
        let since = self.clock.unix_seconds(self.now);
        self.session = Some(session);
        self.standing = Standing { since, ..Standing::default() };
    }

    /// The session has been ended by its user: nothing but a login brings another.
    pub(crate) fn note_logout(&mut self) {
        self.tape.effect(|_| Effect::LoggedOut(()));
        self.standing.is_refused = true;
        if self.config.account.is_user() {
            self.standing.over = Some(Error::unsent(ErrorKind::Auth("logged out".into())));
        }
    }

    /// What the socket is opened with: users have a credential for it that outlives the token. True if it is that one.
    pub(super) fn socket_credential(&self) -> Option<(&Secret, bool)> {
        let session = self.session.as_ref()?;
        let durable = self.config.account.is_user() && !session.session_id().is_empty();
        Some((if durable { session.session_id() } else { session.token() }, durable))
    }

    /// The request of an exchange, where the session says that the API is, with its token if it has none of its own.
    pub(super) fn request(&self, session: &Session, exchange: &Exchange) -> HttpRequest {
        // a base that is no endpoint was refused when the session came in
        let api = session.api_endpoint(&self.login).unwrap_or_else(|_| self.login.clone());
        let authorization = exchange.token.as_ref().unwrap_or(session.token()).bearer();
        exchange::request(&api, authorization, &self.config.user_agent, exchange)
    }

    /// Our avatar as it was last seen on a message of our own; empty when none was.
    pub fn own_avatar(&self) -> &str {
        &self.own_avatar
    }

    /// The message with this key, which is sent once, has become this one: no other has.
    pub(crate) fn note_sent_once(&mut self, key: &str, message: MessageId) {
        if self.sent_once.len() == MAX_SENT_ONCE {
            self.sent_once.pop_front();
        }
        self.sent_once.push_back((message, key.to_owned()));
    }

    /// Whether a message is what became of one with another key.
    pub(crate) fn is_other(&self, key: &str, message: MessageId) -> bool {
        self.sent_once.iter().any(|(known, of)| *known == message && of != key)
    }

    pub(crate) fn note_own_avatar(&mut self, avatar: &str) {
        if self.own_avatar != avatar {
            avatar.clone_into(&mut self.own_avatar);
        }
    }

    /// True when requests can be made over the socket.
    pub fn is_open(&self) -> bool {
        self.link == LinkState::Open
    }

    /// True when no socket is open or being opened: a client that only sends.
    pub fn is_send_only(&self) -> bool {
        self.link == LinkState::Unused
    }

    /// What to join on every connection, and what is joined on this one.
    pub const fn joins(&self) -> &Joins {
        &self.joins
    }

    /// The route to a channel, if the channel was seen.
    pub fn route(&mut self, channel: ChannelId) -> Option<Route> {
        self.routes.get(channel)
    }

    /// Remembers a route.
    pub fn note_route(&mut self, route: Route) {
        if self.last_route != Some(route) {
            self.routes.put(route);
            self.last_route = Some(route);
            self.tape.effect(|_| Effect::Route(route.into()));
        }
    }

    /// A channel was joined by a call: it is restored on every connection from now on.
    pub fn note_joined(&mut self, channel: ChannelToJoin) {
        self.joins.note_joined(channel);
        self.tape.effect(|_| Effect::Joined(channel.into()));
    }

    /// A clan was joined by a call: it is restored on every connection from now on.
    pub fn note_clan_joined(&mut self, clan: ClanId) {
        self.joins.note_clan_joined(clan);
        self.tape.effect(|_| Effect::ClanJoined(clan.get()));
    }

    /// A call that said that it joins a channel has not joined it: it is joined once more.
    pub fn join_again(&mut self, channel: ChannelId) {
        self.joins.join_again(JoinTarget::Channel(channel));
        self.tape.effect(|_| Effect::JoinAgain(channel.get()));
    }

    /// A channel was left by a call: it is joined no more.
    pub fn note_left(&mut self, channel: ChannelId) {
        self.joins.forget(JoinTarget::Channel(channel));
        self.tape.effect(|_| Effect::Left(channel.get()));
    }

    /// Sets what a message is to say next; see [`Edits::set`].
    pub(crate) fn set_edit(&mut self, target: EditTarget, content: Content, gap: Duration) -> Result<(), Error> {
        let message = target.message_id;
        let set = self.edits.set(message, gap, Box::new((target, content)));
        set.map_err(|_| Error::unsent(ErrorKind::TooManyInFlight))?;
        self.tape.effect(|_| Effect::Edit(EditRecord { message: message.get(), gap: nanos(gap) }));
        Ok(())
    }

    pub(super) fn set_routes(&mut self, routes: Box<dyn RouteStore>) {
        self.routes = routes;
        self.last_route = None;
    }

    /// The channel for direct messages with a user, if it is known.
    pub fn direct_channel(&self, user: UserId) -> Option<ChannelId> {
        self.direct.get(&user).copied()
    }

    /// Remembers, from its description, a channel of any type: its route, and whose direct messages it holds.
    pub fn note_channel(&mut self, channel: &api::ChannelDescription) {
        let route = Route::of_description(channel);
        self.note_route(route);
        let is_direct = route.kind == crate::route::ChannelKind::DIRECT;
        if let Some(user) = channel.user_ids.first().filter(|_| is_direct) {
            self.note_direct((*user).into(), route.channel);
        }
    }

    /// Remembers the channel for direct messages with a user.
    pub fn note_direct(&mut self, user: UserId, channel: ChannelId) {
        if self.direct.len() >= MAX_DIRECT {
            self.direct.clear();
        }
        self.direct.insert(user, channel);
    }

    /// Forgets the channel for direct messages with a user: it did not work.
    pub fn forget_direct(&mut self, user: UserId) {
        if let Some(channel) = self.direct.remove(&user) {
            self.forget_channel(channel);
        }
    }

    /// Adds a channel of direct or group messages to what is joined on every connection.
    pub(crate) fn want_private_talk(&mut self, channel: &api::ChannelDescription) {
        self.note_channel(channel);
        let newest = channel.last_sent_message.as_ref().map_or(0, |message| message.id);
        self.joins.want_channel(Route::of_description(channel).to_join(), Reason::Direct { newest });
    }

    /// Keeps what was listed for the memory. A new round of lists replaces what nobody has taken.
    pub(super) fn tell(&mut self, news: News) {
        if matches!(news, News::Clans(_)) {
            self.news.clear();
        }
        self.news.push_back(news);
    }

    /// Forgets a channel that is gone.
    pub(crate) fn forget_channel(&mut self, channel: ChannelId) {
        self.routes.remove(channel);
        self.last_route = None;
        self.joins.forget(JoinTarget::Channel(channel));
        self.tape.effect(|_| Effect::Gone(channel.get()));
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// `NotConnected` before the first login.
    pub fn session(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or_else(|| Error::unsent(ErrorKind::NotConnected))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("session", &self.session).field("link", &self.link).finish_non_exhaustive()
    }
}

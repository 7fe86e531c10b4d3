//! Channels and clans: list, look up, join, leave, and calls that find their way by a channel's id alone.

use super::joining::join_request;
use super::{Answer, Call, OneStep, Request, Step, Via};
use crate::api::{self, CreateChannelDesc, ListChannelDescs, ListChannelDetail, ListClanDescs};
use crate::error::{Error, ErrorKind};
use crate::event::JoinTarget;
use crate::id::{ChannelId, ClanId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;
use crate::proto::realtime::{self, envelope};
use crate::route::{ChannelKind, Route};

/// The clans that we are in. Ends with their descriptions, without the pseudo clan 0.
#[derive(Debug, Default)]
pub struct ListClans;

impl OneStep for ListClans {
    type Output = Vec<wire::ClanDesc>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(api::request::<ListClanDescs>(&wire::ListClanDescRequest::default(), Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Self::Output, Error> {
        Ok(api::response::<ListClanDescs>(answer)?.clandesc)
    }
}

/// The channels of a clan, of all types; for clan 0 those of direct messages. Ends with their descriptions, and the
/// routes to them are remembered.
#[derive(Debug)]
pub struct ListChannels(
    /// The clan.
    pub ClanId,
);

impl OneStep for ListChannels {
    type Output = Vec<wire::ChannelDescription>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let kind = if self.0.is_none() { ChannelKind::DIRECT } else { ChannelKind::TEXT };
        let request =
            wire::ListChannelDescsRequest { clan_id: self.0.get(), channel_type: kind.0, ..Default::default() };
        Ok(api::request::<ListChannelDescs>(&request, Via::Auto))
    }

    fn output(&mut self, shared: &mut Shared, answer: Answer) -> Result<Self::Output, Error> {
        let channels = api::response::<ListChannelDescs>(answer)?.channeldesc;
        for channel in &channels {
            shared.note_channel(channel);
        }
        Ok(channels)
    }
}

/// One channel. Ends with its description, and the route to it is remembered; `NotFound` when there is none.
#[derive(Debug)]
pub struct ChannelDetail(
    /// The channel.
    pub ChannelId,
);

impl OneStep for ChannelDetail {
    type Output = wire::ChannelDescription;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        if self.0.is_none() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("channel 0 does not exist".into())));
        }
        let request = wire::ListChannelDetailRequest { channel_id: self.0.get() };
        Ok(api::request::<ListChannelDetail>(&request, Via::Auto))
    }

    fn output(&mut self, shared: &mut Shared, answer: Answer) -> Result<Self::Output, Error> {
        let channel = api::response::<ListChannelDetail>(answer)?;
        if channel.channel_id == 0 {
            return Err(Error::answered(ErrorKind::NotFound { what: format!("channel {}", self.0) }));
        }
        shared.note_channel(&channel);
        Ok(channel)
    }
}

/// Joins a channel; from then on it is joined on every connection. Ends with nothing.
#[derive(Debug)]
pub struct JoinChannel(
    /// The channel.
    pub Route,
);

impl OneStep for JoinChannel {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(join_request(self.0))
    }

    fn output(&mut self, shared: &mut Shared, _: Answer) -> Result<(), Error> {
        shared.note_route(self.0);
        shared.note_joined(self.0.to_join());
        Ok(())
    }
}

/// Leaves a channel, which is then not joined again. Ends with nothing.
#[derive(Debug)]
pub struct LeaveChannel(
    /// The channel.
    pub Route,
);

impl OneStep for LeaveChannel {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let join = self.0.to_join();
        shared.note_left(join.channel);
        Ok(Request::Member(envelope::Message::ChannelLeave(Box::new(realtime::ChannelLeave {
            clan_id: join.clan.get(),
            channel_id: join.channel.get(),
            channel_type: join.kind,
            is_public: join.is_public,
        }))))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

/// Opens the channel for direct messages with a user, or finds the one that exists, and joins it where there is a
/// socket. Ends with the route to it.
#[derive(Debug)]
pub struct CreateDirect {
    user: UserId,
    created: Option<Route>,
}

impl CreateDirect {
    /// For messages with this user.
    pub const fn new(user: UserId) -> Self {
        Self { user, created: None }
    }

    fn request(&self) -> Result<Request, Error> {
        if self.user.is_none() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("user 0 does not exist".into())));
        }
        let request = wire::CreateChannelDescRequest {
            r#type: ChannelKind::DIRECT.0,
            channel_private: 1,
            user_ids: vec![self.user.get()],
            ..Default::default()
        };
        Ok(api::request::<CreateChannelDesc>(&request, Via::Auto))
    }

    fn on_created(&mut self, shared: &mut Shared, answer: Answer) -> Result<Step<Route>, Error> {
        let channel = api::response::<CreateChannelDesc>(answer)?;
        if channel.channel_id == 0 {
            return Err(Error::answered(ErrorKind::NotFound { what: format!("direct messages with {}", self.user) }));
        }
        let route = Route::direct(channel.channel_id.into());
        shared.note_route(route);
        shared.note_direct(self.user, route.channel);
        let target = JoinTarget::Channel(route.channel);
        if !shared.is_open() || shared.joins().is_joined(target) || shared.joins().is_pending(target) {
            return Ok(Step::Done(Ok(route)));
        }
        // from now on, or a list that comes meanwhile would have it joined a second time
        shared.note_joined(route.to_join());
        self.created = Some(route);
        Ok(Step::Request(join_request(route)))
    }
}

impl Call for CreateDirect {
    type Output = Route;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Route> {
        let step = match (self.created, answer) {
            (None, Ok(Answer::Start)) => self.request().map(Step::Request),
            (None, Ok(answer)) => self.on_created(shared, answer),
            (Some(route), Ok(_)) => Ok(Step::Done(Ok(route))),
            (created, Err(error)) => {
                if let Some(route) = created {
                    shared.join_again(route.channel);
                }
                Err(error)
            }
        };
        step.unwrap_or_else(|error| Step::Done(Err(error)))
    }
}

/// A call into a channel of which only the id is known: with the route that is remembered, else after one lookup.
pub struct OnRoute<C, F> {
    channel: ChannelId,
    known: Option<Route>,
    make: Option<F>,
    state: RouteState<C>,
}

enum RouteState<C> {
    Unknown,
    LookingUp(ChannelDetail),
    Found(C),
}

impl<C, F> OnRoute<C, F>
where
    C: Call,
    F: FnOnce(Route) -> C + Send + 'static,
{
    /// `make` gives the call once the route is known.
    pub const fn new(channel: ChannelId, make: F) -> Self {
        Self { channel, known: None, make: Some(make), state: RouteState::Unknown }
    }

    /// With the route, where it is known: nothing is looked up then.
    #[must_use]
    pub const fn knowing(mut self, route: Option<Route>) -> Self {
        self.known = route;
        self
    }

    fn start(&mut self, shared: &mut Shared, route: Route) -> Step<C::Output> {
        let Some(make) = self.make.take() else {
            return Step::Done(Err(Error::unsent(ErrorKind::InvalidArgument("the call has begun already".into()))));
        };
        let mut call = make(route);
        let step = call.resume(shared, Ok(Answer::Start));
        self.state = RouteState::Found(call);
        step
    }

    fn look_up(&mut self, shared: &mut Shared) -> Step<C::Output> {
        let mut detail = ChannelDetail(self.channel);
        let request = detail.request(shared);
        self.state = RouteState::LookingUp(detail);
        match request {
            Ok(request) => Step::Request(request),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

impl<C, F> Call for OnRoute<C, F>
where
    C: Call,
    F: FnOnce(Route) -> C + Send + 'static,
{
    type Output = C::Output;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<C::Output> {
        match (&mut self.state, answer) {
            (RouteState::Found(call), answer) => call.resume(shared, answer),
            // what failed so far was only the lookup: the call itself was not sent
            (_, Err(error)) => Step::Done(Err(Error::unsent(error.kind().clone()))),
            (RouteState::Unknown, Ok(_)) => match self.known.or_else(|| shared.route(self.channel)) {
                Some(route) => self.start(shared, route),
                None => self.look_up(shared),
            },
            (RouteState::LookingUp(detail), Ok(answer)) => match detail.output(shared, answer) {
                Ok(channel) => self.start(shared, Route::of_description(&channel)),
                Err(error) => Step::Done(Err(Error::unsent(error.kind().clone()))),
            },
        }
    }
}

//! Direct messages and groups.

use super::Bot;
use crate::api::{Api, CreateChannelDesc, LeaveThread};
use crate::call::{Call, Given, ListChannels};
use crate::error::{Error, ErrorKind};
use crate::id::{ChannelId, ClanId, UserId};
use crate::object::clan::raw;
use crate::object::{Backend, Channel, User};
use crate::proto::api;
use crate::route::ChannelKind;

impl<B: Backend> Bot<B> {
    /// A user, to send direct messages to: the channel is opened by the first one. The same as [`user`](Self::user).
    pub fn dm(&self, user: impl Into<UserId>) -> User<B> {
        self.user(user)
    }

    /// Opens the channel of direct messages with a user, or finds the one that exists, and joins it; gives it.
    #[doc(alias = "createDmChannel")]
    pub fn create_dm_channel(&self, user: impl Into<UserId>) -> B::Outcome<Channel<B>> {
        self.user(user).create_dm_channel()
    }

    /// The channels of direct messages that there are, which are remembered.
    #[doc(alias = "get_all_dm_channels")]
    #[doc(alias = "init_all_dm_channels")]
    pub fn dm_channels(&self) -> B::Outcome<Vec<Channel<B>>> {
        let backend = self.backend.clone();
        self.backend.call(ListChannels(ClanId::NONE).merged().then(move |_, channels| {
            let infos: Vec<_> =
                backend.memory(|memory| channels.iter().map(|channel| memory.note_channel(channel)).collect());
            Ok(infos.into_iter().map(|info| Channel::known(info, backend.clone())).collect())
        }))
    }

    /// Creates a group with these users; gives it. The server adds us to it, and then it is joined by itself.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when there is no user.
    #[doc(alias = "createGroupDM")]
    pub fn create_group(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<Channel<B>> {
        let user_ids = raw(users);
        if user_ids.is_empty() {
            let kind = ErrorKind::InvalidArgument("a group needs at least one other user".into());
            return self.backend.call(Given::new(Err(Error::unsent(kind))));
        }
        let request = api::CreateChannelDescRequest {
            r#type: ChannelKind::GROUP.0,
            channel_private: 1,
            user_ids,
            ..Default::default()
        };
        self.backend.call(Api::<CreateChannelDesc>::new(request).then(Channel::keep(self.backend.clone())))
    }

    /// Leaves a group as a member; gives nothing.
    pub fn leave_group(&self, group: impl Into<ChannelId>) -> B::Outcome<()> {
        let (group, backend) = (group.into(), self.backend.clone());
        let request = api::LeaveThreadRequest { clan_id: 0, channel_id: group.get() };
        self.backend.call(Api::<LeaveThread>::new(request).then(move |shared, ()| {
            shared.forget_channel(group);
            backend.memory(|memory| memory.forget_channel(group));
            Ok(())
        }))
    }
}

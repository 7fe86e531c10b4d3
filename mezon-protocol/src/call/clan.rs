//! Clans.

use super::{Answer, OneStep, Request};
use crate::error::Error;
use crate::id::ClanId;
use crate::machine::Shared;
use crate::proto::realtime::{ClanJoin, envelope};

/// Joins a clan, and with it its public channels; from then on it is joined on every connection. Ends with nothing.
///
/// The clans that we are in are joined without it.
#[derive(Debug)]
pub struct JoinClan(
    /// The clan.
    pub ClanId,
);

impl OneStep for JoinClan {
    type Output = ();

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let join = ClanJoin { clan_id: self.0.get(), ..Default::default() };
        Ok(Request::Member(envelope::Message::ClanJoin(Box::new(join))))
    }

    fn output(&mut self, shared: &mut Shared, _: Answer) -> Result<(), Error> {
        shared.note_clan_joined(self.0);
        Ok(())
    }
}

//! Who is to see something.

use std::vec;

use crate::id::UserId;

/// One user or several: who is to see an ephemeral message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receivers(Vec<UserId>);

impl IntoIterator for Receivers {
    type Item = UserId;
    type IntoIter = vec::IntoIter<UserId>;

    fn into_iter(self) -> vec::IntoIter<UserId> {
        self.0.into_iter()
    }
}

impl From<UserId> for Receivers {
    fn from(user: UserId) -> Self {
        Self(vec![user])
    }
}

impl<const N: usize> From<[UserId; N]> for Receivers {
    fn from(users: [UserId; N]) -> Self {
        Self(users.into())
    }
}

impl From<&[UserId]> for Receivers {
    fn from(users: &[UserId]) -> Self {
        Self(users.to_vec())
    }
}

impl From<Vec<UserId>> for Receivers {
    fn from(users: Vec<UserId>) -> Self {
        Self(users)
    }
}

impl FromIterator<UserId> for Receivers {
    fn from_iter<I: IntoIterator<Item = UserId>>(users: I) -> Self {
        Self(users.into_iter().collect())
    }
}

//! Views of what is remembered: what is there at once, and what is fetched.

use std::fmt;

use super::Backend;
use crate::call::Given;
use crate::id::IntoId;

/// A kind of thing that is remembered: the handles that a [`View`] gives. Implemented by [`Clan`](super::Clan),
/// [`Channel`](super::Channel), [`User`](super::User), [`Role`](super::Role) and [`Message`](super::Message).
pub trait Kept: Clone + Send + 'static {
    /// What runs the calls of the handles.
    type Backend: Backend;
    /// By what the thing is known.
    type Id: Copy + Send + 'static;
    /// Of what it is a part: a clan, a channel, or nothing.
    type Scope: Copy + fmt::Debug + Send + 'static;

    /// By what this one is known.
    fn key(&self) -> Self::Id;

    /// What is remembered.
    fn get(backend: &Self::Backend, scope: Self::Scope, id: Self::Id) -> Option<Self>;

    /// So many of what is remembered, those first that came first.
    fn list(backend: &Self::Backend, scope: Self::Scope, limit: usize) -> Vec<Self>;

    /// How many are remembered.
    fn count(backend: &Self::Backend, scope: Self::Scope) -> usize;

    /// Remembers a thing; false if the handle knows nothing of it.
    fn set(&self) -> bool;

    /// Forgets a thing; true if it was remembered.
    fn remove(backend: &Self::Backend, scope: Self::Scope, id: Self::Id) -> bool;

    /// The call that fetches a thing.
    fn fetch(backend: &Self::Backend, scope: Self::Scope, id: Self::Id) -> <Self::Backend as Backend>::Outcome<Self>;
}

/// What is remembered of one kind of thing, and the way to fetch what is not.
///
/// [`get`](Self::get) and all that lists is there at once and asks nobody; [`fetch`](Self::fetch) is a call. Ids are
/// taken as such, as integers, or as decimal text. What is remembered is bounded
/// ([`CacheLimits`](crate::memory::CacheLimits)), and kept up to date by the events that are received. The handles are
/// snapshots: they do not change when memory does.
#[derive(Clone)]
pub struct View<T: Kept> {
    backend: T::Backend,
    scope: T::Scope,
}

impl<T: Kept> View<T> {
    pub(super) const fn new(backend: T::Backend, scope: T::Scope) -> Self {
        Self { backend, scope }
    }

    /// What is remembered, without asking anybody; nothing too for text that is no id.
    pub fn get(&self, id: impl IntoId<T::Id>) -> Option<T> {
        T::get(&self.backend, self.scope, id.into_id().ok()?)
    }

    /// What is remembered; else it is asked for, and then remembered. Those who fetch the same at the same time share
    /// one request. Errors are not remembered.
    ///
    /// # Errors
    ///
    /// `NotFound` if it does not exist, `InvalidArgument` for text that is no id.
    pub fn fetch(&self, id: impl IntoId<T::Id>) -> <T::Backend as Backend>::Outcome<T> {
        match id.into_id() {
            Ok(id) => T::fetch(&self.backend, self.scope, id),
            Err(error) => self.backend.call(Given::new(Err(error))),
        }
    }

    /// True if it is remembered.
    #[doc(alias = "has")]
    pub fn contains(&self, id: impl IntoId<T::Id>) -> bool {
        self.get(id).is_some()
    }

    /// How many are remembered.
    #[doc(alias = "size")]
    pub fn len(&self) -> usize {
        T::count(&self.backend, self.scope)
    }

    /// True if none is remembered.
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// The one that has been remembered for longest.
    pub fn first(&self) -> Option<T> {
        T::list(&self.backend, self.scope, 1).pop()
    }

    /// All that are remembered, those first that came first.
    pub fn values(&self) -> Vec<T> {
        T::list(&self.backend, self.scope, usize::MAX)
    }

    /// Those that satisfy a condition.
    pub fn filter(&self, condition: impl FnMut(&T) -> bool) -> Vec<T> {
        self.values().into_iter().filter(condition).collect()
    }

    /// Something of each.
    pub fn map<U>(&self, map: impl FnMut(T) -> U) -> Vec<U> {
        self.values().into_iter().map(map).collect()
    }

    /// Remembers what a handle knows; false if that is nothing. Seldom of use: what is received and fetched is
    /// remembered by itself.
    pub fn set(&self, thing: &T) -> bool {
        thing.set()
    }

    /// Forgets it; true if it was remembered.
    #[doc(alias = "delete")]
    pub fn remove(&self, id: impl IntoId<T::Id>) -> bool {
        id.into_id().is_ok_and(|id| T::remove(&self.backend, self.scope, id))
    }

    /// Forgets them all.
    pub fn clear(&self) {
        for thing in self.values() {
            T::remove(&self.backend, self.scope, thing.key());
        }
    }
}

impl<T: Kept> fmt::Debug for View<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("scope", &self.scope).field("len", &self.len()).finish_non_exhaustive()
    }
}

//! A map of bounded size, in the order in which things were first put into it.

use std::fmt;
use std::hash::Hash;

use lru::LruCache;

use super::hash::BuildIdHasher;

/// A map that holds so many things at most, in the order of their first insertion.
///
/// A new thing in a full cache takes the place of the one that was put in first. What is set again keeps its place and
/// evicts nothing. Reading does not change the order.
pub struct Cache<K, V> {
    limit: usize,
    /// A list with an index. It is never told of a use, so that its order is that of insertion; made at the first
    /// insertion, as most caches of most clients stay empty.
    entries: Option<LruCache<K, V, BuildIdHasher>>,
}

impl<K: Hash + Eq + Clone, V> Cache<K, V> {
    /// Room for so many things; with 0 nothing is ever kept.
    pub const fn new(limit: usize) -> Self {
        Self { limit, entries: None }
    }

    /// True if things are kept at all.
    pub const fn is_on(&self) -> bool {
        self.limit > 0
    }

    /// What is known by this key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.as_ref()?.peek(key)
    }

    /// What is known by this key, to be changed in its place.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.as_mut()?.peek_mut(key)
    }

    /// Puts a thing in, or in place of the one that is there.
    pub fn set(&mut self, key: K, value: V) {
        if let Some(known) = self.get_mut(&key) {
            *known = value;
            return;
        }
        if !self.is_on() {
            return;
        }
        let entries = self.entries.get_or_insert_with(|| LruCache::unbounded_with_hasher(BuildIdHasher));
        if entries.len() >= self.limit {
            entries.pop_lru();
        }
        entries.push(key, value);
    }

    /// Takes a thing out; gives it, if it was there.
    #[doc(alias = "delete")]
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.entries.as_mut()?.pop(key)
    }

    /// True if something is known by this key.
    #[doc(alias = "has")]
    pub fn contains(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.entries = None;
    }

    /// How many things there are.
    #[doc(alias = "size")]
    pub fn len(&self) -> usize {
        self.entries.as_ref().map_or(0, LruCache::len)
    }

    /// True if there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was put in first.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// Everything, with what was put in first at the beginning.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().flat_map(|entries| entries.iter().rev())
    }

    /// Everything without its keys, with what was put in first at the beginning. `filter` and `map` are those of
    /// iterators.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Hash + Eq + Clone, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("len", &self.len()).field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    fn cache(limit: usize, keys: &[i64]) -> Cache<UserId, i64> {
        let mut cache = Cache::new(limit);
        for key in keys {
            cache.set(UserId::new(*key), *key);
        }
        cache
    }

    fn values(cache: &Cache<UserId, i64>) -> Vec<i64> {
        cache.values().copied().collect()
    }

    #[test]
    fn the_first_inserted_goes_and_only_for_a_new_key() {
        let mut cache = cache(3, &[1, 2, 3]);
        cache.set(UserId::new(1), 10);
        assert_eq!(values(&cache), [10, 2, 3], "a known key evicts nothing and keeps its place");
        let _ = cache.get(&UserId::new(1));
        cache.set(UserId::new(4), 4);
        assert_eq!(values(&cache), [2, 3, 4], "reading does not save the oldest");
        assert_eq!(cache.first(), Some((&UserId::new(2), &2)));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let cache = cache(0, &[1, 2]);
        assert!(cache.is_empty() && cache.first().is_none() && !cache.contains(&UserId::new(1)));
    }

    #[test]
    fn things_are_taken_out_and_put_in_again_at_the_end() {
        let mut cache = cache(3, &[1, 2, 3]);
        assert_eq!(cache.remove(&UserId::new(1)), Some(1));
        assert_eq!(cache.remove(&UserId::new(1)), None);
        cache.set(UserId::new(1), 1);
        assert_eq!(values(&cache), [2, 3, 1]);
        cache.clear();
        assert_eq!(cache.len(), 0);
    }
}

//! Answers that come in pages.

use std::ops::Deref;
use std::vec;

/// A page of a list, and where the next one begins. It can be used as the slice of its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The mark to ask for the next page with; empty on the last one.
    pub cursor: String,
}

impl<T> Page<T> {
    pub(super) fn new(items: impl Iterator<Item = T>, cursor: String) -> Self {
        Self { items: items.collect(), cursor }
    }

    /// The mark to ask for the next page with; `None` on the last one.
    pub fn next_cursor(&self) -> Option<&str> {
        Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty())
    }
}

impl<T> Deref for Page<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> vec::IntoIter<T> {
        self.items.into_iter()
    }
}

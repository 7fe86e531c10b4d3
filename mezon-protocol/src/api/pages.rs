//! Lists that come in pages.
//!
//! The platform has three ways to ask for the next page: by a cursor that the answer gave, by a number, and by the id
//! or time of an item that is known. One rule for the end fits them all: a page without an item that has not been seen.
//! A page that is not full proves nothing, as some servers hold back an item of each.

use std::collections::HashSet;
use std::fmt;

use super::{Method, request, response};
use crate::call::{Answer, OneStep, Request, Via};
use crate::error::Error;
use crate::machine::Shared;

/// A call whose answer is one page of a list.
pub trait Paged: Method {
    /// What the list has.
    type Item: Send + 'static;
    /// How the next page is asked for.
    const STYLE: Style<Self>;

    /// The items of an answer.
    fn items(answer: Self::Response) -> Vec<Self::Item>;

    /// What tells items apart; 0 for one that cannot be told apart, which never keeps a listing going.
    fn id(item: &Self::Item) -> i64;
}

/// How the next page of a list is asked for.
#[derive(Debug)]
pub enum Style<M: Paged + ?Sized> {
    /// By a text that the answer gives; an empty one, or the same again, is the end.
    Cursor {
        /// Where the answer has it.
        of: fn(&M::Response) -> &str,
        /// Where the request wants it.
        into: fn(&mut M::Request) -> &mut String,
    },
    /// By a number.
    Number {
        /// The number of the first page.
        first: i32,
        /// Where the request wants it.
        into: fn(&mut M::Request) -> &mut i32,
    },
    /// By an item of the page before; given are those that were new, never none.
    Anchor(fn(&mut M::Request, &[M::Item])),
}

/// One page of a list.
pub struct Page<M: Paged> {
    /// What is new on it; empty when the list has ended, or had nothing.
    pub items: Vec<M::Item>,
    /// The next page, as a call; `None` at the end of the list.
    pub next: Option<Pages<M>>,
}

/// A list as a call for each page: the first ends with a [`Page`], which has the call for the next.
///
/// No item comes twice. The ids of all that came are remembered, so a list costs its number of items in memory.
///
/// ```
/// use mezon_protocol::api::{ListRoleUsers, Pages};
/// use mezon_protocol::proto::api::role_user_list::RoleUser;
/// use mezon_protocol::proto::api::{ListRoleUsersRequest, RoleUserList};
///
/// // with a client each page is `bot.call(pages)`; here the answers are given by hand
/// let answer = |id: i64, cursor: &str| RoleUserList {
///     role_users: vec![RoleUser { id, ..Default::default() }],
///     cursor: cursor.to_owned(),
/// };
/// let request = ListRoleUsersRequest { role_id: 7, ..Default::default() };
/// let page = Pages::<ListRoleUsers>::new(request).page(answer(1, "a"));
/// assert_eq!(page.items[0].id, 1);
/// let page = page.next.expect("there was a cursor").page(answer(2, ""));
/// assert_eq!(page.items[0].id, 2);
/// assert!(page.next.is_none());
/// ```
pub struct Pages<M: Paged> {
    request: M::Request,
    seen: HashSet<i64>,
}

impl<M: Paged> Pages<M> {
    /// From the page that the request asks for, which is the first if it names none.
    pub fn new(mut request: M::Request) -> Self {
        if let Style::Number { first, into } = M::STYLE {
            let page = into(&mut request);
            *page = if *page == 0 { first } else { *page };
        }
        Self { request, seen: HashSet::new() }
    }

    /// The request for the page that comes next.
    pub const fn request(&self) -> &M::Request {
        &self.request
    }

    /// What an answer to [`request`](Self::request) brought: for those who make the calls in their own way.
    pub fn page(mut self, answer: M::Response) -> Page<M> {
        let cursor = match M::STYLE {
            Style::Cursor { of, .. } => of(&answer).to_owned(),
            Style::Number { .. } | Style::Anchor(_) => String::new(),
        };
        let mut items = M::items(answer);
        let mut has_new = false;
        items.retain(|item| {
            let id = M::id(item);
            let is_new = self.seen.insert(id);
            has_new |= is_new && id != 0;
            is_new || id == 0
        });
        let goes_on = has_new && self.turn(&items, cursor);
        Page { items, next: goes_on.then_some(self) }
    }

    fn turn(&mut self, items: &[M::Item], cursor: String) -> bool {
        match M::STYLE {
            Style::Cursor { into, .. } => {
                let place = into(&mut self.request);
                let goes_on = !cursor.is_empty() && *place != cursor;
                *place = cursor;
                goes_on
            }
            Style::Number { into, .. } => {
                let page = into(&mut self.request);
                *page = page.saturating_add(1);
                true
            }
            Style::Anchor(into) => {
                into(&mut self.request, items);
                true
            }
        }
    }
}

impl<M: Paged> OneStep for Pages<M> {
    type Output = Page<M>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(request::<M>(&self.request, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Page<M>, Error> {
        let answer = response::<M>(answer)?;
        let pages = Self { request: std::mem::take(&mut self.request), seen: std::mem::take(&mut self.seen) };
        Ok(pages.page(answer))
    }
}

impl<M: Paged> fmt::Debug for Pages<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("of", &M::RPC.name).field("seen", &self.seen.len()).finish_non_exhaustive()
    }
}

impl<M: Paged> fmt::Debug for Page<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("items", &self.items.len()).field("next", &self.next).finish()
    }
}

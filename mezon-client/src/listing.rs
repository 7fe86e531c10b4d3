//! Lists that come in pages, item by item.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;

use mezon_protocol::Error;
use mezon_protocol::api::{Page, Paged, Pages};

use crate::client::Client;
use crate::handle::{Driven, Shared};
use crate::runtime::{Runtime, Waits};

/// A list of the platform, item by item; the next page is asked for when the last one is used up.
///
/// No item comes twice. An error ends it.
pub struct Listing<R: Runtime, M: Paged> {
    backend: Driven<R>,
    request: Option<Pages<M>>,
    asked: Option<Asked<M>>,
    items: IntoIter<M::Item>,
}

type Asked<M> = Pin<Box<dyn Future<Output = Result<Page<M>, Error>> + Send>>;

impl<R: Runtime> Client<R> {
    /// A list of the platform, from the page that the request asks for: an iterator where calls wait, else a stream.
    ///
    /// ```
    /// use mezon_protocol::api::ListChannelMessages;
    /// use mezon_protocol::proto::api::ListChannelMessagesRequest;
    /// # use mezon_client::{Client, Runtime};
    /// # async fn example<R: Runtime>(client: Client<R>) -> Result<(), mezon_protocol::Error> {
    /// let request = ListChannelMessagesRequest { clan_id: 1, channel_id: 2, limit: 50, ..Default::default() };
    /// let mut history = client.list::<ListChannelMessages>(request);
    /// while let Some(message) = history.next_item().await? {
    ///     println!("{}", message.message_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list<M: Paged>(&self, request: M::Request) -> Listing<R, M> {
        Listing {
            backend: self.backend().clone(),
            request: Some(Pages::new(request)),
            asked: None,
            items: Vec::new().into_iter(),
        }
    }
}

impl<R: Runtime, M: Paged> Listing<R, M> {
    /// The next item; `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub async fn next_item(&mut self) -> Result<Option<M::Item>, Error> {
        poll_fn(|cx| self.poll_item(cx)).await.transpose()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<M::Item, Error>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(asked) = &mut self.asked {
                let page = ready!(asked.as_mut().poll(cx));
                self.asked = None;
                match page {
                    Ok(Page { items, next }) => (self.items, self.request) = (items.into_iter(), next),
                    Err(error) => return Poll::Ready(Some(Err(error))),
                }
                continue;
            }
            let Some(pages) = self.request.take() else { return Poll::Ready(None) };
            self.asked = Some(Box::pin(R::ended(R::outcome(self.backend.pending(pages, Shared::submit)))));
        }
    }
}

#[cfg(feature = "stream")]
impl<R: Runtime, M: Paged> futures_core::Stream for Listing<R, M> {
    type Item = Result<M::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<R: Waits, M: Paged> Iterator for Listing<R, M> {
    type Item = Result<M::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        crate::park::block_on(poll_fn(|cx| self.poll_item(cx)))
    }
}

/// Nothing in it is pinned.
impl<R: Runtime, M: Paged> Unpin for Listing<R, M> {}

impl<R: Runtime, M: Paged> fmt::Debug for Listing<R, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").field("of", &M::RPC.name).finish_non_exhaustive()
    }
}

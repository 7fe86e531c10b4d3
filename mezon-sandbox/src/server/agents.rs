//! Streams of agents' events: responses whose body comes as the world has it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame};

use super::shared::{Actions, Shared};
use crate::{Action, ConnId};

/// The body of an answer.
pub(super) enum Answer {
    Whole(Full<Bytes>),
    Stream(Stream),
}

/// A stream that the world knows as a connection, until it is dropped.
pub(super) struct Stream {
    conn: ConnId,
    actions: Actions,
    shared: Arc<Shared>,
}

impl Stream {
    /// A client asks for this path and query.
    pub(super) fn open(shared: Arc<Shared>, target: &str) -> Result<Self, u16> {
        let (conn, actions) = shared.admit(|world, now| world.connect_agents(now, target))?;
        Ok(Self { conn, actions, shared })
    }

    /// The next piece; `None` at the end.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match ready!(self.actions.poll_next(cx)) {
                Some(Action::Piece(piece)) => return Poll::Ready(Some(piece)),
                // That is for sockets.
                Some(Action::Frame(_)) => {}
                Some(Action::Close { .. } | Action::Abort) | None => return Poll::Ready(None),
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.shared.disconnected(self.conn);
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body).poll_frame(cx),
            Self::Stream(stream) => stream.poll_piece(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Stream(_) => hyper::body::SizeHint::default(),
        }
    }
}

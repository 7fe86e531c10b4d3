//! The body of a request on its way out, in pieces.

use std::future::{Future, poll_fn};
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use mezon_protocol::exchange::{Body, BodyReader, HttpFailure};

use crate::pool::Pool;

/// How large a piece is, at most.
const PIECE: usize = 256 * 1024;

/// Gives the body of a request in pieces, for runtimes that must not wait: what is not in memory is read on a thread
/// beside, as a disk may take its time. At most one piece is in memory here, and one with whoever sends it.
///
/// Runtimes that may wait use the [`Body::reader`] itself.
pub struct Outgoing {
    left: u64,
    state: State,
    /// A thread that comes for a piece and goes.
    pool: Pool,
}

enum State {
    /// Nothing is being read.
    Idle(BodyReader),
    Reading(oneshot::Receiver<(BodyReader, io::Result<Bytes>)>),
    Ended,
}

impl Outgoing {
    /// The pieces of this.
    pub fn new(body: &Body) -> Self {
        Self { left: body.len(), state: State::Idle(body.reader()), pool: Pool::new("mezon-file", 1) }
    }

    /// How many bytes have not been given yet.
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// `Content` when it cannot be read.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, HttpFailure>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(Ok(None)),
                State::Idle(_) if self.left == 0 => return Poll::Ready(Ok(None)),
                State::Idle(mut reader) => {
                    if let Some(piece) = reader.next_slice(PIECE) {
                        self.state = State::Idle(reader);
                        return Poll::Ready(Ok(Some(self.give(piece))));
                    }
                    let read = self.pool.run(move || read_piece(reader));
                    self.state = State::Reading(read.map_err(unreadable)?);
                }
                State::Reading(mut read) => {
                    let Poll::Ready(read) = Pin::new(&mut read).poll(cx) else {
                        self.state = State::Reading(read);
                        return Poll::Pending;
                    };
                    let (reader, piece) = read.map_err(unreadable)?;
                    let piece = piece.map_err(|error| HttpFailure::of(&error))?;
                    self.state = State::Idle(reader);
                    return Poll::Ready(Ok(Some(self.give(piece))));
                }
            }
        }
    }

    /// As [`poll_piece`](Self::poll_piece).
    ///
    /// # Errors
    ///
    /// As [`poll_piece`](Self::poll_piece).
    pub async fn piece(&mut self) -> Result<Option<Bytes>, HttpFailure> {
        poll_fn(|cx| self.poll_piece(cx)).await
    }

    fn give(&mut self, piece: Bytes) -> Bytes {
        self.left = self.left.saturating_sub(piece.len() as u64);
        piece
    }
}

fn read_piece(mut reader: BodyReader) -> (BodyReader, io::Result<Bytes>) {
    let mut piece = vec![0; usize::try_from(reader.left()).unwrap_or(PIECE).min(PIECE)];
    let read = reader.read(&mut piece).map(|count| {
        piece.truncate(count);
        piece.into()
    });
    (reader, read)
}

/// There is no thread, or a source has panicked.
fn unreadable(error: impl ToString) -> HttpFailure {
    HttpFailure::Content(error.to_string())
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").field("left", &self.left).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mezon_protocol::exchange::Source;

    use super::*;
    use crate::park::block_on;

    /// Zeros, that can be read up to a place.
    struct Zeros(u64);

    impl Source for Zeros {
        fn len(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            if offset >= self.0 { Err(io::Error::other("a bad sector")) } else { Ok(into.len()) }
        }
    }

    fn all(body: &Body) -> Result<Vec<usize>, HttpFailure> {
        let mut outgoing = Outgoing::new(body);
        let mut sizes = Vec::new();
        while let Some(piece) = block_on(outgoing.piece())? {
            sizes.push(piece.len());
        }
        assert_eq!(outgoing.left(), 0);
        Ok(sizes)
    }

    #[test]
    fn a_body_is_given_in_pieces_wherever_it_is() {
        let section = |range| Body::section(Arc::new(Zeros(u64::MAX)), range);
        assert_eq!(all(&section(0..(PIECE as u64) + 5)).unwrap(), [PIECE, 5]);
        assert!(all(&section(7..7)).unwrap().is_empty());
        assert_eq!(all(&vec![0; 2 * PIECE + 1].into()).unwrap(), [PIECE, PIECE, 1]);
        assert!(all(&Body::default()).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let body = Body::section(Arc::new(Zeros(PIECE as u64)), 0..1 << 20);
        assert_eq!(all(&body).unwrap_err(), HttpFailure::Content("a bad sector".into()));
    }
}

//! How the response of an HTTP exchange arrives: its head, then its body in pieces, at whoever takes it.

use std::future::{Future, poll_fn};
use std::task::{Context, Poll};

use mezon_protocol::exchange::{HttpFailure, HttpResponse};

/// Takes a response as it arrives; a [`Runtime`](crate::Runtime) gives it what it reads.
pub trait Receive: Send + 'static {
    /// Takes status and headers, before the first piece of the body. Names are in lower case; headers that are no valid
    /// text are left out.
    fn head(&mut self, status: u16, headers: Vec<(String, String)>);

    /// Takes the next piece of the body. While it is pending nothing more is to be read, which holds the server back;
    /// then the same piece is given again.
    ///
    /// # Errors
    ///
    /// When the rest is not wanted: the exchange ends with this failure.
    fn poll_body(&mut self, cx: &mut Context<'_>, piece: &[u8]) -> Poll<Result<(), HttpFailure>>;

    /// As [`poll_body`](Self::poll_body), until it is taken.
    fn body(&mut self, piece: &[u8]) -> impl Future<Output = Result<(), HttpFailure>> + Send {
        poll_fn(move |cx| self.poll_body(cx, piece))
    }
}

/// Collects a whole response, up to a bound of its body.
#[derive(Debug)]
pub struct Whole {
    max: usize,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Whole {
    /// For a body of so many bytes at most; a longer one is [`HttpFailure::TooLarge`].
    pub const fn new(max: usize) -> Self {
        Self { max, status: 0, headers: Vec::new(), body: Vec::new() }
    }
}

impl Receive for Whole {
    fn head(&mut self, status: u16, headers: Vec<(String, String)>) {
        (self.status, self.headers) = (status, headers);
    }

    fn poll_body(&mut self, _: &mut Context<'_>, piece: &[u8]) -> Poll<Result<(), HttpFailure>> {
        if self.max - self.body.len() < piece.len() {
            return Poll::Ready(Err(HttpFailure::TooLarge));
        }
        self.body.extend_from_slice(piece);
        Poll::Ready(Ok(()))
    }
}

impl From<Whole> for HttpResponse {
    fn from(whole: Whole) -> Self {
        Self { status: whole.status, headers: whole.headers, body: whole.body.into() }
    }
}

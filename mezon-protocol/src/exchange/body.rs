//! What a request carries: bytes, or a part of something large that is read only while it is sent.

use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use super::HttpFailure;

/// Something large that can be read anywhere, by several at a time, and again: a file, say.
///
/// The core never reads it; whoever performs the exchange does.
pub trait Source: Send + Sync + 'static {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// True if there is nothing in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads from `offset` on, and says how much; 0 is the end. It may take its time.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;
}

/// The body of an [`HttpRequest`](super::HttpRequest).
#[derive(Clone)]
pub struct Body {
    content: Content,
    tally: Option<(Arc<Tally>, usize)>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Section(Arc<dyn Source>, Range<u64>),
}

impl Body {
    /// A section of a source, which must lie within it.
    pub fn section(source: Arc<dyn Source>, section: Range<u64>) -> Self {
        Self { content: Content::Section(source, section), tally: None }
    }

    /// Counts what is read of it, as this part of a whole.
    pub(crate) fn counted(self, tally: Arc<Tally>, part: usize) -> Self {
        Self { tally: Some((tally, part)), ..self }
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Section(_, section) => section.end - section.start,
        }
    }

    /// True if there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes, if they are in memory; then reading it never waits.
    pub const fn bytes(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Section(..) => None,
        }
    }

    /// Reads it from the beginning, once: what is read counts as sent.
    pub fn reader(&self) -> BodyReader {
        let reader = BodyReader { body: self.clone(), at: 0 };
        reader.count();
        reader
    }
}

impl Default for Body {
    fn default() -> Self {
        Bytes::new().into()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { content: Content::Bytes(bytes), tally: None }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

/// Compares with bytes in memory; a section equals none.
impl<T: AsRef<[u8]> + ?Sized> PartialEq<&T> for Body {
    fn eq(&self, other: &&T) -> bool {
        self.bytes().is_some_and(|bytes| bytes == other.as_ref())
    }
}

/// Shows its length only.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Reads a [`Body`]. An error of it is a [`HttpFailure::Content`] inside.
#[derive(Debug)]
pub struct BodyReader {
    body: Body,
    at: u64,
}

impl BodyReader {
    /// How much has not been read yet.
    pub fn left(&self) -> u64 {
        self.body.len() - self.at
    }

    /// The next piece of bytes that are in memory, of this length at most.
    pub fn next_slice(&mut self, most: usize) -> Option<Bytes> {
        let bytes = self.body.bytes()?;
        let start = usize::try_from(self.at).ok()?;
        let slice = bytes.slice(start..bytes.len().min(start.saturating_add(most)));
        self.advance(slice.len());
        Some(slice)
    }

    fn advance(&mut self, count: usize) {
        self.at += count as u64;
        self.count();
    }

    fn count(&self) {
        if let Some((tally, part)) = &self.body.tally {
            tally.count(*part, self.at);
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left()).unwrap_or(usize::MAX).min(into.len());
        let into = &mut into[..most];
        if into.is_empty() {
            return Ok(0);
        }
        let count = match &self.body.content {
            Content::Bytes(_) => self.next_slice(most).map_or(0, |slice| {
                into.copy_from_slice(&slice);
                slice.len()
            }),
            Content::Section(source, section) => {
                let count = source.read_at(section.start + self.at, into).and_then(|count| match count {
                    0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "it has become shorter")),
                    _ => Ok(count.min(most)),
                });
                let count = count.map_err(|error| io::Error::other(HttpFailure::Content(error.to_string())))?;
                self.advance(count);
                count
            }
        };
        Ok(count)
    }
}

/// Counts how much has been sent of a whole that is sent in parts, and tells whoever wants to know.
pub(crate) struct Tally {
    parts: Box<[AtomicU64]>,
    total: u64,
    report: Report,
}

/// Is told how many bytes of how many have been sent.
pub(crate) type Report = Arc<dyn Fn(u64, u64) + Send + Sync>;

impl Tally {
    pub(crate) fn new(parts: usize, total: u64, report: Report) -> Self {
        Self { parts: (0..parts).map(|_| AtomicU64::new(0)).collect(), total, report }
    }

    /// A part that is sent again begins at 0.
    fn count(&self, part: usize, sent: u64) {
        let Some(place) = self.parts.get(part) else { return };
        if place.swap(sent, Ordering::Relaxed) != sent {
            (self.report)(self.parts.iter().map(|part| part.load(Ordering::Relaxed)).sum(), self.total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The numbers from 0 on, and an end that comes earlier than was said.
    struct Numbers {
        said: u64,
        there: u64,
    }

    impl Source for Numbers {
        fn len(&self) -> u64 {
            self.said
        }

        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            let count = into.len().min(3).min(usize::try_from(self.there - offset).unwrap());
            for (k, byte) in into[..count].iter_mut().enumerate() {
                *byte = u8::try_from(offset).unwrap() + u8::try_from(k).unwrap();
            }
            Ok(count)
        }
    }

    fn read(body: &Body) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        body.reader().read_to_end(&mut all).map(|_| all)
    }

    #[test]
    fn a_section_is_read_as_often_as_one_likes() {
        let body = Body::section(Arc::new(Numbers { said: 20, there: 20 }), 5..13);
        assert_eq!((body.len(), body.bytes()), (8, None));
        assert_eq!(read(&body).unwrap(), [5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(read(&body).unwrap().len(), 8);
        let bytes = Body::from(Bytes::from_static(b"abc"));
        assert_eq!((read(&bytes).unwrap(), bytes.len()), (b"abc".to_vec(), 3));
    }

    #[test]
    fn a_source_that_ends_too_early_is_told_from_a_connection_that_does() {
        let body = Body::section(Arc::new(Numbers { said: 20, there: 10 }), 5..13);
        let error = read(&body).unwrap_err();
        assert_eq!(HttpFailure::of(&error), HttpFailure::Content("it has become shorter".into()));
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        assert!(matches!(HttpFailure::of(&broken), HttpFailure::Broken(_)));
    }

    #[test]
    fn what_is_read_again_is_counted_anew() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = Arc::clone(&told);
        let report: Report = Arc::new(move |sent, total| teller.lock().unwrap().push((sent, total)));
        let tally = Arc::new(Tally::new(2, 10, report));
        let part = |start, part| {
            let whole = Bytes::from_static(b"0123456789").slice(start..start + 5);
            Body::from(whole).counted(Arc::clone(&tally), part)
        };
        read(&part(0, 0)).unwrap();
        let mut second = part(5, 1).reader();
        second.read_exact(&mut [0; 2]).unwrap();
        read(&part(5, 1)).unwrap();
        assert_eq!(*told.lock().unwrap(), [(5, 10), (7, 10), (5, 10), (10, 10)]);
    }
}

//! Server-sent events, from bytes that are cut anywhere.

use std::collections::VecDeque;

/// Bounds of a [`SseParser`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseLimits {
    /// The longest line, in bytes. Default 256 KiB.
    pub line: usize,
    /// The most data of one event, in bytes. Default 1 MiB.
    pub event: usize,
}

impl Default for SseLimits {
    fn default() -> Self {
        Self { line: 256 << 10, event: 1 << 20 }
    }
}

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its type (`event:`); empty if it has none.
    pub event: String,
    /// Its lines of data (`data:`), joined by line feeds.
    pub data: String,
    /// The last id (`id:`) that the stream gave, with this event or before; empty if none did.
    pub id: String,
}

/// Reads a stream of server-sent events. Inputs are bytes, outputs are events.
///
/// Lines end with CR, LF or both; a colon begins a comment; a blank line ends an event, which is dropped if it has no
/// data. An event beyond the bounds is dropped whole, and the stream goes on after it.
///
/// ```
/// use mezon_protocol::rest::agent::SseParser;
///
/// let mut parser = SseParser::default();
/// parser.receive(b": hello\ndata: one\nda");
/// assert_eq!(parser.poll_event(), None);
/// parser.receive(b"ta: two\n\n");
/// assert_eq!(parser.poll_event().expect("it is complete").data, "one\ntwo");
/// ```
#[derive(Clone, Debug, Default)]
pub struct SseParser {
    limits: SseLimits,
    /// The line so far.
    line: Vec<u8>,
    /// The line is too long: the rest of it is skipped.
    skips_line: bool,
    /// The event is too large: it will not be given.
    skips_event: bool,
    /// The last byte was a CR, so that an LF belongs to it.
    after_cr: bool,
    /// Nothing has been read yet: a byte-order mark may come.
    has_begun: bool,
    event: SseEvent,
    has_data: bool,
    events: VecDeque<SseEvent>,
    dropped: u64,
}

impl SseParser {
    /// A parser with these bounds, at the start of a stream.
    pub fn new(limits: SseLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// The next bytes of the stream.
    pub fn receive(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let follows_cr = std::mem::replace(&mut self.after_cr, *byte == b'\r');
            match byte {
                b'\n' if follows_cr => {}
                b'\n' | b'\r' => self.end_line(),
                _ if self.skips_line => {}
                _ if self.line.len() >= self.limits.line => self.skips_line = true,
                byte => self.line.push(*byte),
            }
        }
    }

    /// The next event that is complete.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<SseEvent> {
        self.events.pop_front()
    }

    /// How many events wait in [`poll_event`](Self::poll_event).
    pub fn waiting(&self) -> usize {
        self.events.len()
    }

    /// How many events were dropped for their size.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.skips_line) {
            self.skips_event = true;
        } else if line.is_empty() {
            self.end_event();
        } else {
            self.field(&String::from_utf8_lossy(&line));
        }
        // the buffer is used again
        self.line = line;
        self.line.clear();
    }

    fn field(&mut self, line: &str) {
        let line = if self.has_begun { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        self.has_begun = true;
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.data(value),
            "event" => value.clone_into(&mut self.event.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.event.id),
            // comments have no name; `retry` is ours to decide
            _ => {}
        }
    }

    fn data(&mut self, value: &str) {
        if self.event.data.len() + value.len() >= self.limits.event {
            self.skips_event = true;
            self.event.data.clear();
        }
        if self.skips_event {
            return;
        }
        if self.has_data {
            self.event.data.push('\n');
        }
        self.event.data.push_str(value);
        self.has_data = true;
    }

    fn end_event(&mut self) {
        let next = SseEvent { id: self.event.id.clone(), ..SseEvent::default() };
        let event = std::mem::replace(&mut self.event, next);
        let has_data = std::mem::take(&mut self.has_data);
        if std::mem::take(&mut self.skips_event) {
            self.dropped += 1;
        } else if has_data {
            self.events.push_back(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(parser: &mut SseParser) -> Vec<SseEvent> {
        std::iter::from_fn(|| parser.poll_event()).collect()
    }

    fn read(bytes: &[u8]) -> Vec<SseEvent> {
        let mut parser = SseParser::default();
        parser.receive(bytes);
        all(&mut parser)
    }

    fn event(event: &str, data: &str, id: &str) -> SseEvent {
        SseEvent { event: event.into(), data: data.into(), id: id.into() }
    }

    #[test]
    fn fields_make_up_an_event_and_a_blank_line_ends_it() {
        let stream =
            "\u{feff}: hello\nid: 7\nevent: x\ndata: one\ndata:two\nunknown: y\n\ndata\n\nevent: z\n\ndata: open";
        assert_eq!(read(stream.as_bytes()), [event("x", "one\ntwo", "7"), event("", "", "7")]);
    }

    #[test]
    fn lines_end_in_every_way() {
        for stream in ["data: a\n\ndata: b\n\n", "data: a\r\rdata: b\r\r", "data: a\r\n\r\ndata: b\r\n\r\n"] {
            assert_eq!(read(stream.as_bytes()), [event("", "a", ""), event("", "b", "")], "{stream:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_dropped_and_the_next_event_is_not() {
        let limits = SseLimits { line: 16, event: 24 };
        for large in ["data: 0123456789abcdef", "data: 0123456789\ndata: 0123456789\ndata: 0123456789"] {
            let mut parser = SseParser::new(limits);
            parser.receive(format!("{large}\ndata: more\n\ndata: next\n\n").as_bytes());
            assert_eq!(all(&mut parser), [event("", "next", "")], "{large}");
            assert_eq!(parser.dropped(), 1);
        }
    }

    #[test]
    fn a_stream_without_an_end_needs_no_memory_without_an_end() {
        let mut parser = SseParser::new(SseLimits { line: 100, event: 100 });
        for _ in 0..10_000 {
            parser.receive(b"data: ");
        }
        assert!(parser.line.len() <= 100);
        for _ in 0..10_000 {
            parser.receive(b"\ndata: 0123456789");
        }
        assert!(parser.event.data.len() <= 100);
    }

    proptest! {
        #[test]
        fn cutting_the_stream_changes_nothing(stream in "([a-d:i \\r\\n]|data: |id: |\\n\\n){0,60}", cut in 0usize..200) {
            let bytes = stream.as_bytes();
            let cut = cut.min(bytes.len());
            let mut parser = SseParser::default();
            parser.receive(&bytes[..cut]);
            parser.receive(&bytes[cut..]);
            prop_assert_eq!(all(&mut parser), read(bytes));
        }

        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            read(&bytes);
        }
    }
}

//! A request that the world does not grant: the code and the text, in the words of the platform where they are known.

/// A refusal. The code is one of gRPC: as it stands in raw answers and in the platform's realtime errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) message: String,
}

pub(super) const INVALID_ARGUMENT: u16 = 3;
pub(super) const NOT_FOUND: u16 = 5;
pub(super) const ALREADY_EXISTS: u16 = 6;
pub(super) const PERMISSION_DENIED: u16 = 7;
pub(super) const RESOURCE_EXHAUSTED: u16 = 8;
pub(super) const FAILED_PRECONDITION: u16 = 9;
pub(super) const OUT_OF_RANGE: u16 = 11;
pub(super) const UNIMPLEMENTED: u16 = 12;
pub(super) const INTERNAL: u16 = 13;
pub(super) const UNAUTHENTICATED: u16 = 16;

/// Codes of realtime errors that gRPC does not have.
pub(super) const UNRECOGNIZED_PAYLOAD: i32 = 1;
pub(super) const MISSING_PAYLOAD: i32 = 2;

impl Refusal {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The text is the live service's own; clients look for it.
    pub(super) fn must_join() -> Self {
        Self::new(INVALID_ARGUMENT, "Must join channel before sending messages")
    }

    pub(super) fn no_channel() -> Self {
        Self::new(INVALID_ARGUMENT, "channel not found")
    }

    pub(super) fn no_clan() -> Self {
        Self::new(INVALID_ARGUMENT, "clan not found")
    }

    pub(super) fn no_role() -> Self {
        Self::new(INVALID_ARGUMENT, "role not found")
    }

    pub(super) fn no_message() -> Self {
        Self::new(INVALID_ARGUMENT, "message not found")
    }

    pub(super) fn undecodable(what: &str) -> Self {
        Self::new(INVALID_ARGUMENT, format!("{what}: not decodable"))
    }

    /// The name of the code in a Connect error, and the HTTP status that goes with it.
    pub(super) fn connect_code(&self) -> (&'static str, u16) {
        match self.code {
            1 => ("canceled", 499),
            INVALID_ARGUMENT => ("invalid_argument", 400),
            4 => ("deadline_exceeded", 504),
            NOT_FOUND => ("not_found", 404),
            ALREADY_EXISTS => ("already_exists", 409),
            PERMISSION_DENIED => ("permission_denied", 403),
            RESOURCE_EXHAUSTED => ("resource_exhausted", 429),
            FAILED_PRECONDITION => ("failed_precondition", 400),
            10 => ("aborted", 409),
            OUT_OF_RANGE => ("out_of_range", 400),
            UNIMPLEMENTED => ("unimplemented", 404),
            INTERNAL => ("internal", 500),
            14 => ("unavailable", 503),
            15 => ("data_loss", 500),
            UNAUTHENTICATED => ("unauthenticated", 401),
            _ => ("unknown", 500),
        }
    }
}

//! The calls of the API, as a table.

/// One call of the API: a row of the platform's table.
#[derive(Debug, PartialEq, Eq)]
pub struct Rpc {
    /// Its name, as it stands in the URL and in `api_name`; misspelt where the platform's is.
    pub name: &'static str,
    /// Its index on the socket; `None` for those that exist over HTTP only.
    pub index: Option<i32>,
    /// True if it may be made twice: it changes nothing.
    pub idempotent: bool,
}

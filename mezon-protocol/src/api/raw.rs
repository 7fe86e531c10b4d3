//! Calls by name, for what has no type of its own here, or no message.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::{Rpc, find};
use crate::call::{Answer, Exchange, OneStep, Request, Via};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;

/// The longest name that a call may have.
const MAX_NAME: usize = 128;

/// A call of the API by its name, with the request as bytes. Ends with the bytes of the answer.
///
/// A name that no table has goes over HTTP, as it has no index, and is never repeated. `NotFound`, or `Refused` with
/// code 12, says that the platform does not know it either.
pub struct RawApi {
    callee: Result<&'static Rpc, Cow<'static, str>>,
    body: Bytes,
    via: Via,
}

impl RawApi {
    /// The call, over the socket when it is open and the name has an index, else over HTTP.
    pub fn new(name: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Self {
        let name = name.into();
        Self { callee: find(&name).ok_or(name), body: body.into(), via: Via::Auto }
    }

    /// The call over a given transport.
    #[must_use]
    pub const fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    fn name(&self) -> &str {
        match &self.callee {
            Ok(rpc) => rpc.name,
            Err(name) => name,
        }
    }
}

impl fmt::Debug for RawApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawApi").field("name", &self.name()).field("via", &self.via).finish_non_exhaustive()
    }
}

impl OneStep for RawApi {
    type Output = Bytes;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let body = std::mem::take(&mut self.body);
        match &self.callee {
            Ok(rpc) => Ok(Request::Api { rpc, body, via: self.via }),
            Err(name) => {
                check_name(name)?;
                match self.via {
                    Via::Auto | Via::Http => Ok(Request::Exchange(Exchange::named(name.clone(), body))),
                    Via::Socket => Err(Error::unsent(ErrorKind::Unsupported(format!("{name} over the socket")))),
                }
            }
        }
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Bytes, Error> {
        let Answer::Api(body) = answer else {
            return Err(super::undecodable(self.name(), "an answer of another kind"));
        };
        Ok(body)
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.callee.as_ref().ok().and_then(|rpc| rpc.timeout).unwrap_or(config.call_timeout)
    }
}

/// A name becomes part of a URL.
fn check_name(name: &str) -> Result<(), Error> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(is_name) {
        return Ok(());
    }
    Err(Error::unsent(ErrorKind::InvalidArgument("the name of a call has letters and digits only".into())))
}

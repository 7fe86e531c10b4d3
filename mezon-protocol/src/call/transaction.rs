//! Transactions of tokens, as the platform's API tells of them.

use percent_encoding::utf8_percent_encode;
use serde_json::Value;

use super::{Answer, Call, Exchange, Request, Step, Target};
use crate::error::{Error, ErrorKind};
use crate::exchange::Method;
use crate::machine::Shared;
use crate::rest::{COMPONENT, json, undecodable};

const NAME: &str = "transaction";

/// gRPC's code for a call that a server does not have.
const UNIMPLEMENTED: i32 = 12;

/// What the platform knows of a transaction. Ends with its JSON as it came; `NotFound` when there is no such
/// transaction, or the server has no such route any more.
#[derive(Debug)]
pub struct TransactionDetail(
    /// The id of the transaction.
    pub String,
);

impl TransactionDetail {
    fn request(&self) -> Result<Request, Error> {
        if self.0.trim().is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("the id of a transaction is required".into())));
        }
        let path = format!("/v2/transaction/{}", utf8_percent_encode(&self.0, COMPONENT));
        let exchange = Exchange::json(NAME.into(), Method::Get, Target::Api(path.into()));
        Ok(Request::Exchange(Exchange { idempotent: true, ..exchange }))
    }

    fn not_found(&self) -> Error {
        Error::answered(ErrorKind::NotFound { what: format!("transaction {}", self.0) })
    }
}

impl Call for TransactionDetail {
    type Output = Value;

    fn resume(&mut self, _: &mut Shared, answer: Result<Answer, Error>) -> Step<Value> {
        let result = match answer {
            Ok(Answer::Start) => match self.request() {
                Ok(request) => return Step::Request(request),
                Err(error) => Err(error),
            },
            Ok(Answer::Api(body)) => json(NAME, &body),
            Ok(_) => Err(undecodable(NAME, "an answer of another kind")),
            Err(error) if is_unknown(&error) => Err(self.not_found()),
            Err(error) => Err(error),
        };
        Step::Done(result)
    }
}

fn is_unknown(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound { .. } | ErrorKind::Refused { code: UNIMPLEMENTED, .. })
}

//! Putting bytes to signed URLs: several at a time, each again when it fails.

use std::time::Duration;

use super::{TransferPolicy, refused};
use crate::call::{Answer, SideBySide};
use crate::error::{Error, ErrorKind};
use crate::exchange::{Body, HttpRequest, HttpResponse, Method};
use crate::machine::is_transient;
use crate::secret::Secret;

/// The largest answer that is taken: a success has none to speak of.
const MAX_RESPONSE: usize = 64 << 10;

/// What is to be put where.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) url: Secret,
    pub(super) file_type: String,
    pub(super) body: Body,
}

/// How one of them ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PutEnd {
    /// It is stored, with this `ETag`.
    Stored(Option<String>),
    /// The URL was refused, as it is when it has expired.
    Expired,
}

/// Several of them, on their way.
#[derive(Debug)]
pub(super) struct Transfer {
    puts: Vec<(Put, State)>,
    parallel: usize,
    /// When one URL is refused the others are of no use either.
    all_or_none: bool,
    policy: TransferPolicy,
}

#[derive(Debug)]
enum State {
    Waiting { not_before: Duration, tries: u32 },
    UnderWay { tries: u32 },
    Ended(PutEnd),
}

/// What is next.
#[derive(Debug)]
pub(super) enum Next {
    Perform(SideBySide),
    /// All have ended, in their order, or those that make the rest pointless.
    Ended(Vec<PutEnd>),
    Failed(Error),
}

impl Transfer {
    pub(super) fn new(puts: Vec<Put>, parallel: usize, all_or_none: bool, policy: TransferPolicy) -> Self {
        let begin = |put| (put, State::Waiting { not_before: Duration::ZERO, tries: 0 });
        let puts = puts.into_iter().map(begin).collect();
        Self { puts, parallel, all_or_none, policy }
    }

    /// Takes an answer, or the passing of time, and says what is next.
    pub(super) fn resume(&mut self, now: Duration, answer: Answer) -> Next {
        if let Answer::Side { key, result } = answer {
            if let Err(error) = self.on_ended(now, key, result) {
                return Next::Failed(error);
            }
        }
        let ends: Vec<_> = self.puts.iter().filter_map(|(_, state)| state.end()).collect();
        let is_pointless = self.all_or_none && ends.contains(&PutEnd::Expired);
        if is_pointless || ends.len() == self.puts.len() {
            return Next::Ended(ends);
        }
        Next::Perform(self.begin(now))
    }

    fn on_ended(&mut self, now: Duration, key: usize, result: Result<HttpResponse, Error>) -> Result<(), Error> {
        let Some((_, state)) = self.puts.get_mut(key) else { return Ok(()) };
        let State::UnderWay { tries } = *state else { return Ok(()) };
        let error = match result {
            Ok(response) => match response.status {
                200..=299 => {
                    *state = State::Ended(PutEnd::Stored(response.header("etag").map(str::to_owned)));
                    return Ok(());
                }
                403 => {
                    *state = State::Ended(PutEnd::Expired);
                    return Ok(());
                }
                status if is_transient(status) || status >= 500 => refused("the file store", status),
                status => return Err(refused("the file store", status)),
            },
            Err(error) if error.is_retryable() => error,
            Err(error) => return Err(error),
        };
        if tries > self.policy.retries {
            return Err(error);
        }
        tracing::debug!(part = key, tries, %error, "an upload failed and is tried again");
        let delay = self.policy.first_delay.saturating_mul(1 << (tries - 1).min(16));
        *state = State::Waiting { not_before: now.saturating_add(delay), tries };
        Ok(())
    }

    /// Begins what may begin.
    fn begin(&mut self, now: Duration) -> SideBySide {
        let under_way = self.puts.iter().filter(|(_, state)| matches!(state, State::UnderWay { .. })).count();
        let mut free = self.parallel.saturating_sub(under_way);
        let mut next = SideBySide::default();
        for (key, (put, state)) in self.puts.iter_mut().enumerate() {
            let State::Waiting { not_before, tries } = *state else { continue };
            if free == 0 {
                break;
            }
            if not_before > now {
                let wait = not_before - now;
                next.wake_after = Some(next.wake_after.map_or(wait, |other| other.min(wait)));
                continue;
            }
            free -= 1;
            *state = State::UnderWay { tries: tries + 1 };
            next.begin.push((key, put.request(self.policy.timeout)));
        }
        next
    }
}

impl State {
    fn end(&self) -> Option<PutEnd> {
        match self {
            Self::Ended(end) => Some(end.clone()),
            Self::Waiting { .. } | Self::UnderWay { .. } => None,
        }
    }
}

impl Put {
    fn request(&self, timeout: Duration) -> HttpRequest {
        HttpRequest {
            method: Method::Put,
            url: self.url.expose().to_owned(),
            headers: vec![("content-type", self.file_type.as_str().into())],
            body: self.body.clone(),
            max_response: MAX_RESPONSE,
            timeout: Some(timeout),
        }
    }
}

/// A URL was refused too often.
pub(super) fn expired() -> Error {
    let message = "the signed URL was refused: it may have expired".to_owned();
    Error::answered(ErrorKind::Refused { code: crate::machine::code_of_status(403), message })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    const START: Duration = Duration::from_secs(100);

    fn transfer(count: usize, parallel: usize, all_or_none: bool) -> Transfer {
        let put = |_| Put {
            url: "https://cdn.test/1?sig=hunter2".into(),
            file_type: "image/png".into(),
            body: Bytes::from_static(b"abc").into(),
        };
        Transfer::new((0..count).map(put).collect(), parallel, all_or_none, TransferPolicy::default())
    }

    fn response(status: u16) -> Result<HttpResponse, Error> {
        let headers = vec![("etag".to_owned(), "\"tag\"".to_owned())];
        Ok(HttpResponse { status, headers, body: Bytes::from_static(b"hunter2") })
    }

    /// The keys that begin, and when to come again.
    fn begun(next: Next) -> (Vec<usize>, Option<Duration>) {
        let Next::Perform(sides) = next else { panic!("{next:?}") };
        (sides.begin.into_iter().map(|(key, _)| key).collect(), sides.wake_after)
    }

    fn stored() -> PutEnd {
        PutEnd::Stored(Some("\"tag\"".into()))
    }

    #[test]
    fn no_more_than_allowed_are_under_way() {
        let mut transfer = transfer(3, 2, true);
        assert_eq!(begun(transfer.resume(START, Answer::Start)), (vec![0, 1], None));
        let end = |key| Answer::Side { key, result: response(200) };
        assert_eq!(begun(transfer.resume(START, end(1))), (vec![2], None));
        assert_eq!(begun(transfer.resume(START, end(1))), (vec![], None));
        assert_eq!(begun(transfer.resume(START, end(2))), (vec![], None));
        let Next::Ended(ends) = transfer.resume(START, end(0)) else { panic!() };
        assert_eq!(ends, [stored(), stored(), stored()]);
    }

    #[test]
    fn what_fails_is_sent_again_after_delays_that_double_and_in_the_end_no_more() {
        let mut transfer = transfer(1, 2, true);
        let mut now = START;
        begun(transfer.resume(now, Answer::Start));
        let broken = || Err(Error::new(ErrorKind::Disconnected, crate::error::Sent::Unknown));
        for (result, delay) in [(response(503), 1), (broken(), 2), (response(500), 4)] {
            let delay = Duration::from_secs(delay);
            let failed = Answer::Side { key: 0, result };
            assert_eq!(begun(transfer.resume(now, failed)), (vec![], Some(delay)));
            assert_eq!(begun(transfer.resume(now, Answer::Elapsed)), (vec![], Some(delay)), "too early");
            now += delay;
            assert_eq!(begun(transfer.resume(now, Answer::Elapsed)), (vec![0], None));
        }
        let Next::Failed(error) = transfer.resume(now, Answer::Side { key: 0, result: response(500) }) else {
            panic!()
        };
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }

    #[test]
    fn a_file_that_waits_to_be_sent_again_holds_up_no_other() {
        let mut transfer = transfer(3, 1, false);
        begun(transfer.resume(START, Answer::Start));
        let failed = Answer::Side { key: 0, result: response(503) };
        assert_eq!(begun(transfer.resume(START, failed)).0, [1]);
        assert_eq!(begun(transfer.resume(START, Answer::Side { key: 1, result: response(201) })).0, [2]);
    }

    #[test]
    fn a_refused_url_ends_the_parts_of_one_file_but_not_other_files() {
        let refused = || Answer::Side { key: 0, result: response(403) };
        let mut parts = transfer(2, 2, true);
        begun(parts.resume(START, Answer::Start));
        assert!(matches!(parts.resume(START, refused()), Next::Ended(ends) if ends == [PutEnd::Expired]));
        let mut files = transfer(2, 2, false);
        begun(files.resume(START, Answer::Start));
        begun(files.resume(START, refused()));
        let Next::Ended(ends) = files.resume(START, Answer::Side { key: 1, result: response(200) }) else { panic!() };
        assert_eq!(ends, [PutEnd::Expired, stored()]);
    }

    #[test]
    fn what_will_never_work_is_not_tried_again() {
        let unreadable = Err(Error::unsent(ErrorKind::InvalidArgument("the content cannot be read".into())));
        for result in [response(400), response(404), unreadable] {
            let mut transfer = transfer(1, 1, true);
            begun(transfer.resume(START, Answer::Start));
            assert!(matches!(transfer.resume(START, Answer::Side { key: 0, result }), Next::Failed(_)));
        }
    }
}

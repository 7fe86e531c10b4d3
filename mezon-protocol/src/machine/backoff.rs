//! How long to wait before the next attempt: doubling, capped, with jitter.

use std::time::Duration;

/// The figures of a [`Backoff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackoffPolicy {
    /// The delay before the first attempt after a drop, before jitter. Default 1 s.
    pub first: Duration,
    /// No delay is longer than this, before jitter. Default 60 s.
    pub cap: Duration,
    /// A connection that stayed Ready for this long starts the next series from `first`. Default 30 s.
    pub reset_after: Duration,
    /// Give up after this many attempts in a row that did not become Ready; `None`, the default, for never.
    pub max_attempts: Option<u32>,
}

impl Default for BackoffPolicy {
    /// 1 s, doubling to 60 s: most drops end at once, and the doubling protects the gateway from the rest.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            reset_after: Duration::from_secs(30),
            max_attempts: None,
        }
    }
}

/// Counts failed attempts and says how long to wait after each.
#[derive(Clone, Debug)]
pub struct Backoff {
    policy: BackoffPolicy,
    failures: u32,
}

impl Backoff {
    /// A series that has not begun.
    pub const fn new(policy: BackoffPolicy) -> Self {
        Self { policy, failures: 0 }
    }

    /// The delay before the next attempt: `first * 2^k`, at most `cap`, of which 50 to 100 % by chance.
    ///
    /// `None` when the attempts are used up.
    pub fn next_delay(&mut self, rng: &mut fastrand::Rng) -> Option<Duration> {
        if self.policy.max_attempts.is_some_and(|max| self.failures >= max) {
            return None;
        }
        let doubled = self.policy.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let half = doubled.min(self.policy.cap) / 2;
        Some(half + half.mul_f64(rng.f64()))
    }

    /// Starts a new series if the connection has been Ready for long enough.
    pub fn on_connection_ended(&mut self, ready_for: Duration) {
        if ready_for >= self.policy.reset_after {
            self.reset();
        }
    }

    /// Starts a new series.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Attempts that failed since the series began.
    pub const fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(policy: BackoffPolicy, count: usize) -> Vec<Option<Duration>> {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut backoff = Backoff::new(policy);
        (0..count).map(|_| backoff.next_delay(&mut rng)).collect()
    }

    #[test]
    fn delays_double_up_to_the_cap_and_keep_within_half_to_full() {
        for (k, delay) in delays(BackoffPolicy::default(), 40).into_iter().enumerate() {
            let full = 2_f64.powi(k as i32).min(60.0);
            let delay = delay.unwrap().as_secs_f64();
            assert!((full / 2.0..=full).contains(&delay), "attempt {k}: {delay} of {full}");
        }
    }

    #[test]
    fn a_limit_on_attempts_ends_the_series() {
        let policy = BackoffPolicy { max_attempts: Some(3), ..BackoffPolicy::default() };
        let delays = delays(policy, 5);
        assert!(delays[..3].iter().all(Option::is_some));
        assert_eq!(delays[3..], [None, None]);
    }

    #[test]
    fn only_a_connection_that_lasted_resets_the_series() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut backoff = Backoff::new(BackoffPolicy::default());
        for _ in 0..4 {
            let _ = backoff.next_delay(&mut rng);
        }
        backoff.on_connection_ended(Duration::from_secs(29));
        assert_eq!(backoff.failures(), 4);
        backoff.on_connection_ended(Duration::from_secs(30));
        assert_eq!(backoff.failures(), 0);
    }
}

//! Rate limits as pure state machines: time in, "wait until" out.

use std::collections::VecDeque;
use std::time::Duration;

/// At most so many starts in any such span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many may start within `per`.
    pub count: u32,
    /// The span.
    pub per: Duration,
}

impl Rate {
    /// `count` starts in any `per`.
    pub const fn new(count: u32, per: Duration) -> Self {
        Self { count, per }
    }
}

/// Several rates that must all be kept: a start is allowed when each of them allows it.
///
/// It remembers the starts of the longest span, so that no span of that length, wherever it begins, sees too many.
#[derive(Clone, Debug)]
pub struct Limiter {
    rates: Vec<Rate>,
    /// When the latest starts happened, oldest first; as many as the largest count.
    starts: VecDeque<Duration>,
}

impl Limiter {
    /// A limiter for these rates; none at all means no limit. A rate of count 0 is taken as 1.
    pub fn new(rates: impl IntoIterator<Item = Rate>) -> Self {
        let rates = rates.into_iter().map(|rate| Rate { count: rate.count.max(1), ..rate }).collect();
        Self { rates, starts: VecDeque::new() }
    }

    /// When the next start is allowed; a time that is not in the future means now.
    pub fn next_start(&self) -> Duration {
        self.rates.iter().filter_map(|rate| self.allowed_by(rate)).max().unwrap_or_default()
    }

    fn allowed_by(&self, rate: &Rate) -> Option<Duration> {
        let back = self.starts.len().checked_sub(rate.count as usize)?;
        self.starts.get(back).map(|start| start.saturating_add(rate.per))
    }

    /// Takes a start if one is allowed now.
    pub fn try_start(&mut self, now: Duration) -> bool {
        if self.next_start() > now {
            return false;
        }
        let keep = self.rates.iter().map(|rate| rate.count as usize).max().unwrap_or(0);
        if keep > 0 {
            if self.starts.len() == keep {
                self.starts.pop_front();
            }
            self.starts.push_back(now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Starts as early as allowed and gives the times.
    fn greedy(limiter: &mut Limiter, count: usize) -> Vec<Duration> {
        let mut now = Duration::ZERO;
        let mut starts = Vec::new();
        while starts.len() < count {
            now = now.max(limiter.next_start());
            assert!(limiter.try_start(now));
            starts.push(now);
        }
        starts
    }

    #[test]
    fn no_span_sees_more_starts_than_its_rate_allows() {
        let rates = [Rate::new(60, SECOND), Rate::new(500, SECOND * 60)];
        let starts = greedy(&mut Limiter::new(rates), 1200);
        for rate in rates {
            let too_many = starts.windows(rate.count as usize + 1).any(|w| w[w.len() - 1] - w[0] < rate.per);
            assert!(!too_many, "{rate:?}");
        }
    }

    #[test]
    fn a_burst_up_to_the_count_is_free() {
        let starts = greedy(&mut Limiter::new([Rate::new(60, SECOND)]), 61);
        assert_eq!(starts[59], Duration::ZERO);
        assert_eq!(starts[60], SECOND);
    }

    #[test]
    fn a_refused_start_is_not_counted() {
        let mut limiter = Limiter::new([Rate::new(1, SECOND)]);
        assert!(limiter.try_start(Duration::ZERO));
        assert!(!limiter.try_start(SECOND / 2));
        assert!(limiter.try_start(SECOND));
    }

    #[test]
    fn without_rates_nothing_is_limited_and_nothing_is_remembered() {
        let mut limiter = Limiter::new([]);
        assert!((0..10_000).all(|_| limiter.try_start(Duration::ZERO)));
        assert!(limiter.starts.is_empty());
    }
}

//! Is the other side still there? Pings go out, and anything that comes in is a sign of life.
//!
//! ```text
//!   start ──interval──► ping ──pong──► wait interval ──► ping ...
//!                        │
//!                        └─ timeout: nothing at all came            ─► dead
//!                                    other frames came, no pong     ─► ping again; the third in a row ─► dead
//! ```

use std::time::Duration;

/// The figures of a [`Heartbeat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeartbeatPolicy {
    /// From opening to the first ping, and from a pong to the next ping. Default 10 s.
    pub interval: Duration,
    /// How long after a ping something must have come. Default 10 s.
    pub timeout: Duration,
}

impl Default for HeartbeatPolicy {
    fn default() -> Self {
        Self { interval: Duration::from_secs(10), timeout: Duration::from_secs(10) }
    }
}

/// Pings without a pong, while other frames came, that make a connection dead all the same.
const MAX_UNANSWERED: u32 = 3;

/// What a [`Heartbeat`] wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Send a ping now, ahead of all else.
    Ping,
    /// The connection is dead.
    Dead,
}

/// The heartbeat of one connection.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    policy: HeartbeatPolicy,
    state: State,
    /// Pings in a row without a pong.
    unanswered: u32,
    heard_since_ping: bool,
    paused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    /// The next ping goes out at this time.
    Waiting(Duration),
    /// A ping is out; judged at this time.
    Pinged(Duration),
}

impl Heartbeat {
    /// A heartbeat that is not running.
    pub const fn new(policy: HeartbeatPolicy) -> Self {
        Self { policy, state: State::Stopped, unanswered: 0, heard_since_ping: false, paused: false }
    }

    /// The connection has opened.
    pub fn start(&mut self, now: Duration) {
        *self = Self { state: State::Waiting(now.saturating_add(self.policy.interval)), ..Self::new(self.policy) };
    }

    /// The connection is gone.
    pub const fn stop(&mut self) {
        self.state = State::Stopped;
    }

    /// Reading is suspended by us, or goes on again. While it is suspended pings go out, but silence proves nothing.
    pub fn set_paused(&mut self, now: Duration, paused: bool) {
        if self.paused == paused {
            return;
        }
        self.paused = paused;
        if let State::Pinged(_) = self.state {
            self.state = State::Pinged(now.saturating_add(self.policy.timeout));
        }
    }

    /// A frame of any kind has come.
    pub const fn handle_frame(&mut self) {
        self.heard_since_ping = true;
    }

    /// The answer to one of this connection's pings has come.
    pub fn handle_pong(&mut self, now: Duration) {
        self.unanswered = 0;
        if self.state != State::Stopped {
            self.state = State::Waiting(now.saturating_add(self.policy.interval));
        }
    }

    /// To be called at [`poll_timeout`](Self::poll_timeout); harmless earlier.
    pub fn handle_timeout(&mut self, now: Duration) -> Option<Beat> {
        match self.state {
            State::Waiting(at) if at <= now => Some(self.ping(now)),
            State::Pinged(at) if at <= now => Some(self.judge(now)),
            State::Stopped | State::Waiting(_) | State::Pinged(_) => None,
        }
    }

    fn judge(&mut self, now: Duration) -> Beat {
        if self.paused {
            self.unanswered = 0;
        } else if !self.heard_since_ping || self.unanswered >= MAX_UNANSWERED {
            self.state = State::Stopped;
            return Beat::Dead;
        }
        self.ping(now)
    }

    fn ping(&mut self, now: Duration) -> Beat {
        self.unanswered += 1;
        self.heard_since_ping = false;
        self.state = State::Pinged(now.saturating_add(self.policy.timeout));
        Beat::Ping
    }

    /// When [`handle_timeout`](Self::handle_timeout) is wanted next.
    pub const fn poll_timeout(&self) -> Option<Duration> {
        match self.state {
            State::Stopped => None,
            State::Waiting(at) | State::Pinged(at) => Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn started() -> Heartbeat {
        let mut heartbeat = Heartbeat::new(HeartbeatPolicy::default());
        heartbeat.start(at(0));
        heartbeat
    }

    #[test]
    fn the_first_ping_goes_out_ten_seconds_after_opening() {
        let mut heartbeat = started();
        assert_eq!(heartbeat.handle_timeout(at(9)), None);
        assert_eq!(heartbeat.poll_timeout(), Some(at(10)));
        assert_eq!(heartbeat.handle_timeout(at(10)), Some(Beat::Ping));
        assert_eq!(heartbeat.handle_timeout(at(10)), None);
    }

    #[test]
    fn the_next_ping_follows_ten_seconds_after_the_pong() {
        let mut heartbeat = started();
        let _ = heartbeat.handle_timeout(at(10));
        heartbeat.handle_frame();
        heartbeat.handle_pong(at(12));
        assert_eq!(heartbeat.poll_timeout(), Some(at(22)));
        assert_eq!(heartbeat.handle_timeout(at(22)), Some(Beat::Ping));
    }

    #[test]
    fn silence_for_ten_seconds_after_a_ping_is_death() {
        let mut heartbeat = started();
        heartbeat.handle_frame();
        let _ = heartbeat.handle_timeout(at(10));
        assert_eq!(heartbeat.handle_timeout(at(20)), Some(Beat::Dead));
        assert_eq!(heartbeat.poll_timeout(), None);
    }

    #[test]
    fn frames_without_a_pong_earn_two_more_pings() {
        let mut heartbeat = started();
        let mut beats = Vec::new();
        for second in [10, 20, 30, 40] {
            beats.push(heartbeat.handle_timeout(at(second)));
            heartbeat.handle_frame();
        }
        assert_eq!(beats, [Some(Beat::Ping), Some(Beat::Ping), Some(Beat::Ping), Some(Beat::Dead)]);
    }

    #[test]
    fn a_paused_reader_never_looks_like_a_dead_server() {
        let mut heartbeat = started();
        let _ = heartbeat.handle_timeout(at(10));
        heartbeat.set_paused(at(11), true);
        for second in (21..200).step_by(10) {
            assert_eq!(heartbeat.handle_timeout(at(second)), Some(Beat::Ping), "at {second} s");
        }
        heartbeat.set_paused(at(200), false);
        assert_eq!(heartbeat.handle_timeout(at(209)), None);
        assert_eq!(heartbeat.handle_timeout(at(210)), Some(Beat::Dead));
    }

    #[test]
    fn a_pong_for_a_stopped_heartbeat_changes_nothing() {
        let mut heartbeat = started();
        heartbeat.stop();
        heartbeat.handle_pong(at(1));
        assert_eq!(heartbeat.poll_timeout(), None);
    }
}

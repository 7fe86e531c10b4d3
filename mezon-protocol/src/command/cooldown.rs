//! The time between two uses of a command.

use std::collections::HashMap;
use std::time::Duration;

use super::Source;

/// For whom the time between two uses of a command counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// For each user on their own.
    User,
    /// For each channel.
    Channel,
    /// For all together.
    Everyone,
}

impl Scope {
    fn key(self, source: &impl Source) -> i64 {
        match self {
            Self::User => source.user_id().get(),
            Self::Channel => source.channel_id().get(),
            Self::Everyone => 0,
        }
    }
}

/// When which command may be used again.
#[derive(Debug, Default)]
pub(super) struct Cooldowns {
    until: HashMap<(usize, i64), Duration>,
}

/// Times that are remembered. If even more run at once, the newest do not count.
const LIMIT: usize = 10_000;

impl Cooldowns {
    /// Uses a command; how long it still takes if it was used too short a while ago.
    pub(super) fn use_once(
        &mut self,
        now: Duration,
        command: usize,
        (scope, time): (Scope, Duration),
        source: &impl Source,
    ) -> Result<(), Duration> {
        let key = (command, scope.key(source));
        if let Some(remaining) =
            self.until.get(&key).and_then(|until| until.checked_sub(now)).filter(|left| !left.is_zero())
        {
            return Err(remaining);
        }
        if self.until.len() >= LIMIT {
            self.until.retain(|_, until| *until > now);
        }
        if self.until.len() < LIMIT {
            self.until.insert(key, now.saturating_add(time));
        }
        Ok(())
    }
}

//! What of a configuration the Machine decides by, as a record.

use std::time::Duration;

use super::record::{BackfillRecord, RateRecord, Settings};
use crate::call::{OutboxPolicy, WhenFull};
use crate::config::{Account, Config, TransportKind};
use crate::event::Interest;
use crate::machine::{BackfillPolicy, BackoffPolicy, HeartbeatPolicy, InboxLimits, JoinPacing, OnFull, Rate};

/// In nanoseconds; what is longer than 584 years counts as that.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// In a width that is the same everywhere.
pub(crate) const fn wide(count: usize) -> u64 {
    count as u64
}

pub(crate) fn narrow(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl Settings {
    /// Whoever adds a field to the configuration decides here whether the Machine decides by it.
    pub(crate) fn of(config: &Config) -> Self {
        let Config {
            account,
            host,
            port,
            use_tls,
            transport,
            timeout,
            call_timeout,
            connect_timeout,
            auto_reconnect,
            retry_login,
            backoff,
            heartbeat,
            renewal_margin,
            interest,
            auto_join,
            join_groups,
            inbox,
            socket_rates,
            http_rates,
            join_pacing,
            backfill,
            max_joins,
            max_pending,
            outbox,
            max_edited,
            max_routes,
            cache: _,
            content_limit: _,
            quiet_after: _,
            transfers: _,
            services: _,
            #[cfg(feature = "ledger")]
            ledger,
            user_agent: _,
            #[cfg(feature = "tls")]
                tls: _,
        } = config;
        let fields = 0..u128::BITS;
        Self {
            bot_id: account.id().get(),
            host: host.clone(),
            port: u32::from(*port),
            use_tls: *use_tls,
            is_tcp: *transport == TransportKind::Tcp,
            timeout: nanos(*timeout),
            call_timeout: nanos(*call_timeout),
            connect_timeout: nanos(*connect_timeout),
            auto_reconnect: *auto_reconnect,
            retry_login: *retry_login,
            backoff_first: nanos(backoff.first),
            backoff_cap: nanos(backoff.cap),
            backoff_reset_after: nanos(backoff.reset_after),
            backoff_max_attempts: backoff.max_attempts,
            heartbeat_interval: nanos(heartbeat.interval),
            heartbeat_timeout: nanos(heartbeat.timeout),
            renewal_margin: nanos(*renewal_margin),
            not_wanted: fields.filter(|field| !interest.contains(*field)).collect(),
            unknown_not_wanted: !interest.contains(u32::MAX),
            join_groups: *join_groups,
            pause_at_events: wide(inbox.pause_at_events),
            pause_at_bytes: wide(inbox.pause_at_bytes),
            drop_at_bytes: wide(inbox.drop_at_bytes),
            drops_when_full: inbox.on_full == OnFull::Drop,
            socket_rates: socket_rates.iter().map(RateRecord::from).collect(),
            http_rates: http_rates.iter().map(RateRecord::from).collect(),
            join_spacing: nanos(join_pacing.spacing),
            joins_in_flight: wide(join_pacing.in_flight),
            max_joins: wide(*max_joins),
            max_pending: wide(*max_pending),
            outbox_limit: wide(outbox.limit),
            outbox_drops_oldest: outbox.when_full == WhenFull::DropOldest,
            max_edited: wide(*max_edited),
            max_routes: wide(*max_routes),
            auto_join: *auto_join,
            backfill: backfill.enabled.then(|| BackfillRecord::from(backfill)),
            #[cfg(feature = "ledger")]
            announces_tokens: ledger.announce,
            #[cfg(not(feature = "ledger"))]
            announces_tokens: false,
        }
    }

    /// The configuration, with something in place of the key.
    pub(crate) fn config(self) -> Config {
        let account = match self.bot_id {
            0 => Account::User,
            id => Account::Bot { id: id.into(), api_key: "not recorded".into() },
        };
        Config {
            account,
            host: self.host,
            port: u16::try_from(self.port).unwrap_or_default(),
            use_tls: self.use_tls,
            transport: if self.is_tcp { TransportKind::Tcp } else { TransportKind::WebSocket },
            timeout: Duration::from_nanos(self.timeout),
            call_timeout: Duration::from_nanos(self.call_timeout),
            connect_timeout: Duration::from_nanos(self.connect_timeout),
            auto_reconnect: self.auto_reconnect,
            retry_login: self.retry_login,
            backoff: BackoffPolicy {
                first: Duration::from_nanos(self.backoff_first),
                cap: Duration::from_nanos(self.backoff_cap),
                reset_after: Duration::from_nanos(self.backoff_reset_after),
                max_attempts: self.backoff_max_attempts,
            },
            heartbeat: HeartbeatPolicy {
                interval: Duration::from_nanos(self.heartbeat_interval),
                timeout: Duration::from_nanos(self.heartbeat_timeout),
            },
            renewal_margin: Duration::from_nanos(self.renewal_margin),
            interest: Interest::except(&self.not_wanted, !self.unknown_not_wanted),
            join_groups: self.join_groups,
            inbox: InboxLimits {
                pause_at_events: narrow(self.pause_at_events),
                pause_at_bytes: narrow(self.pause_at_bytes),
                drop_at_bytes: narrow(self.drop_at_bytes),
                on_full: if self.drops_when_full { OnFull::Drop } else { OnFull::Pause },
            },
            socket_rates: self.socket_rates.into_iter().map(Rate::from).collect(),
            http_rates: self.http_rates.into_iter().map(Rate::from).collect(),
            join_pacing: JoinPacing {
                spacing: Duration::from_nanos(self.join_spacing),
                in_flight: narrow(self.joins_in_flight),
            },
            max_joins: narrow(self.max_joins),
            max_pending: narrow(self.max_pending),
            outbox: OutboxPolicy {
                limit: narrow(self.outbox_limit),
                when_full: if self.outbox_drops_oldest { WhenFull::DropOldest } else { WhenFull::RefuseNewest },
                ..OutboxPolicy::default()
            },
            max_edited: narrow(self.max_edited),
            max_routes: narrow(self.max_routes),
            auto_join: self.auto_join,
            backfill: self.backfill.map_or(BackfillPolicy::OFF, BackfillPolicy::from),
            #[cfg(feature = "ledger")]
            ledger: crate::ledger::LedgerConfig { announce: self.announces_tokens, ..Default::default() },
            ..Config::user()
        }
    }
}

impl From<&BackfillPolicy> for BackfillRecord {
    fn from(policy: &BackfillPolicy) -> Self {
        Self {
            per_channel: wide(policy.per_channel),
            total: wide(policy.total),
            max_age: nanos(policy.max_age),
            channels: policy.channels,
            threads: policy.threads,
            direct: policy.direct,
            groups: policy.groups,
            recheck: wide(policy.recheck),
            in_flight: wide(policy.in_flight),
            rate_percent: policy.rate_percent,
            hold_bytes: wide(policy.hold_bytes),
            max_channels: wide(policy.max_channels),
            remembered: wide(policy.remembered),
        }
    }
}

impl From<BackfillRecord> for BackfillPolicy {
    fn from(record: BackfillRecord) -> Self {
        Self {
            enabled: true,
            per_channel: narrow(record.per_channel),
            total: narrow(record.total),
            max_age: Duration::from_nanos(record.max_age),
            channels: record.channels,
            threads: record.threads,
            direct: record.direct,
            groups: record.groups,
            recheck: narrow(record.recheck),
            in_flight: narrow(record.in_flight),
            rate_percent: record.rate_percent,
            hold_bytes: narrow(record.hold_bytes),
            max_channels: narrow(record.max_channels),
            remembered: narrow(record.remembered),
        }
    }
}

impl From<&Rate> for RateRecord {
    fn from(rate: &Rate) -> Self {
        Self { count: rate.count, per: nanos(rate.per) }
    }
}

impl From<RateRecord> for Rate {
    fn from(rate: RateRecord) -> Self {
        Self::new(rate.count, Duration::from_nanos(rate.per))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventKind;

    #[test]
    fn what_is_recorded_of_a_configuration_comes_back() {
        let mut config = Config::bot(17_i64, "very-secret").unwrap().port(7350).use_tls(false);
        config.interest = Interest::messages().with(EventKind::Reaction).with_unknown(true);
        config.backoff.max_attempts = Some(3);
        config.join_pacing.spacing = Duration::from_nanos(1);
        config.outbox.when_full = WhenFull::DropOldest;
        config.inbox.on_full = OnFull::Drop;
        config.transport = TransportKind::Tcp;
        config.backfill.recheck = 3;
        let settings = Settings::of(&config);
        let back = settings.clone().config();
        assert_eq!(Settings::of(&back), settings);
        assert_eq!(back.interest, config.interest);
        assert_eq!(back.socket_rates, config.socket_rates);
        let user = Settings::of(&Config::user().backfill(BackfillPolicy::OFF));
        assert_eq!(Settings::of(&user.clone().config()), user);
        assert!(!format!("{settings:?}").contains("very-secret"));
    }
}

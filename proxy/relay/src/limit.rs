//! Which bounds can be reached, and what is each called where it is told?

/// A bound of `[listener.limits]`, or of `[data_plane]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Sessions at once.
    Connections,
    /// Sessions at once of one database role.
    ConnectionsPerUser,
    /// Sessions at once from one address.
    ConnectionsPerAddress,
    /// Logins under way at once.
    Logins,
    /// Failed logins of one address.
    LoginFailures,
    /// How long a login may take.
    LoginSeconds,
    /// What a client may send before it is logged in.
    LoginBytes,
    /// The largest statement that is held whole.
    StatementBytes,
    /// How long a session may be idle outside a transaction.
    IdleSeconds,
    /// How long it may be idle inside one.
    TransactionIdleSeconds,
    /// What statements take until the server has them.
    HeldBytes,
}

impl Limit {
    /// Every bound, in the order of [`crate::counters::ThreadCounters::limit_hits`].
    pub const ALL: [Limit; 11] = [
        Limit::Connections,
        Limit::ConnectionsPerUser,
        Limit::ConnectionsPerAddress,
        Limit::Logins,
        Limit::LoginFailures,
        Limit::LoginSeconds,
        Limit::LoginBytes,
        Limit::StatementBytes,
        Limit::IdleSeconds,
        Limit::TransactionIdleSeconds,
        Limit::HeldBytes,
    ];

    /// The setting, as messages and the ledger name it.
    pub fn setting(self) -> &'static str {
        match self {
            Limit::Connections => "limits.connections",
            Limit::ConnectionsPerUser => "limits.connections_per_user",
            Limit::ConnectionsPerAddress => "limits.connections_per_address",
            Limit::Logins => "limits.logins",
            Limit::LoginFailures => "limits.login_failures",
            Limit::LoginSeconds => "limits.login_seconds",
            Limit::LoginBytes => "limits.login_bytes",
            Limit::StatementBytes => "limits.statement_bytes",
            Limit::IdleSeconds => "limits.idle_seconds",
            Limit::TransactionIdleSeconds => "limits.transaction_idle_seconds",
            Limit::HeldBytes => "data_plane.held_bytes",
        }
    }

    /// The `reason` label of `dragoman_limit_hits_total`: the setting without its table.
    pub fn as_str(self) -> &'static str {
        self.setting().rsplit('.').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_has_its_place_and_a_name_of_its_own() {
        for (position, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, position, "{limit:?}");
            assert!(limit.setting().ends_with(&format!(".{}", limit.as_str())), "{limit:?}");
        }
    }
}

//! What can be set of how long the control plane keeps what it knows?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long the control plane keeps what it knows of people and traffic.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdminRetention {
    /// Hours that sums of traffic are kept by the minute. No longer than by the hour.
    #[schemars(range(min = 6, max = 744), extend("x-reload" = "restart"))]
    pub traffic_minutes_hours: u32,
    /// Days that sums of traffic are kept by the hour. No longer than by the day.
    #[schemars(range(min = 1, max = 400), extend("x-reload" = "restart"))]
    pub traffic_hours_days: u32,
    /// Days that sums of traffic are kept by the day, and statements that nobody has sent since.
    #[schemars(range(min = 1, max = 3_650), extend("x-reload" = "restart"))]
    pub traffic_days_days: u32,
    /// Days that sessions of clients, refusals and events are kept, at most 1,000,000 of each. No longer than
    /// `traffic_days_days`, which keeps the statements they name.
    #[schemars(range(min = 1, max = 3_650), extend("x-reload" = "restart"))]
    pub traffic_events_days: u32,
    /// Days that runs of queries are kept, with their texts.
    #[schemars(range(min = 1, max = 3_650), extend("x-reload" = "restart"))]
    pub run_days: u32,
    /// Days that notices are kept, at most 2,000 for a workspace. A certificate that still expires when its notice
    /// goes is told of again.
    #[schemars(range(min = 7, max = 3_650), extend("x-reload" = "restart"))]
    pub notice_days: u32,
    /// Days that the activity is kept: what people did in the console and by the API; 0: for ever. At least 30, and
    /// an entry says what was removed. The access review knows uses as far back as this reaches.
    #[schemars(range(min = 0, max = 36_500), extend("x-reload" = "restart"))]
    pub activity_days: u32,
    /// Days that tokens are kept after they have expired or were revoked; 0: until their account is erased.
    #[schemars(range(min = 0, max = 3_650), extend("x-reload" = "restart"))]
    pub token_days: u32,
    /// Days that invitations are kept after they have expired or were accepted; 0: as long as their workspace.
    #[schemars(range(min = 0, max = 3_650), extend("x-reload" = "restart"))]
    pub invitation_days: u32,
    /// Days that it is kept how much was asked of each connection, day by day; 0: as long as the connection.
    #[schemars(range(min = 0, max = 3_650), extend("x-reload" = "restart"))]
    pub connection_usage_days: u32,
}

impl Default for AdminRetention {
    fn default() -> AdminRetention {
        AdminRetention {
            traffic_minutes_hours: 48,
            traffic_hours_days: 30,
            traffic_days_days: 400,
            traffic_events_days: 30,
            run_days: 30,
            notice_days: 30,
            activity_days: 0,
            token_days: 0,
            invitation_days: 0,
            connection_usage_days: 0,
        }
    }
}

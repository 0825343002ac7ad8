//! How long does the control plane keep things, and what is said about times that cannot be?

use super::super::settings::AdminRetention;
use super::{LISTENER, good, parse, told};

/// What is said of `text` in the table; nothing where it is taken. Its first line is line 7.
fn said(text: &str) -> String {
    match parse(&format!("{LISTENER}[admin]\n[admin.retention]\n{text}"), &[]) {
        Ok(_) => String::new(),
        Err(problems) => told(&problems),
    }
}

fn kept(text: &str) -> AdminRetention {
    good(&format!("{LISTENER}[admin]\n{text}"), &[]).admin.unwrap().retention
}

/// Each time: its name, the least and the most, what else is set where that is needed, and how it is read.
type Time = (&'static str, u32, u32, &'static str, fn(&AdminRetention) -> u32);

const TIMES: [Time; 10] = [
    ("traffic_minutes_hours", 6, 744, "traffic_hours_days = 400", |kept| kept.traffic_minutes_hours),
    ("traffic_hours_days", 1, 400, "traffic_minutes_hours = 6", |kept| kept.traffic_hours_days),
    (
        "traffic_days_days",
        1,
        3_650,
        "traffic_minutes_hours = 6\ntraffic_hours_days = 1\ntraffic_events_days = 1",
        |kept| kept.traffic_days_days,
    ),
    ("traffic_events_days", 1, 3_650, "traffic_days_days = 3650", |kept| kept.traffic_events_days),
    ("run_days", 1, 3_650, "", |kept| kept.run_days),
    ("notice_days", 7, 3_650, "", |kept| kept.notice_days),
    ("activity_days", 0, 36_500, "", |kept| kept.activity_days),
    ("token_days", 0, 3_650, "", |kept| kept.token_days),
    ("invitation_days", 0, 3_650, "", |kept| kept.invitation_days),
    ("connection_usage_days", 0, 3_650, "", |kept| kept.connection_usage_days),
];

#[test]
fn without_the_table_everything_is_kept_as_long_as_it_always_was() {
    let usual = TIMES.map(|(name, _, _, _, read)| (name, read(&kept(""))));
    let expected = [
        ("traffic_minutes_hours", 48),
        ("traffic_hours_days", 30),
        ("traffic_days_days", 400),
        ("traffic_events_days", 30),
        ("run_days", 30),
        ("notice_days", 30),
        ("activity_days", 0),
        ("token_days", 0),
        ("invitation_days", 0),
        ("connection_usage_days", 0),
    ];
    assert_eq!(usual, expected);
}

#[test]
fn each_time_is_taken_from_its_least_to_its_most_and_not_beyond() {
    for (name, least, most, beside, read) in TIMES {
        for value in [least, most] {
            let text = format!("[admin.retention]\n{name} = {value}\n{beside}");
            assert_eq!(read(&kept(&text)), value, "{name}");
        }
        for value in [i64::from(least) - 1, i64::from(most) + 1] {
            let column = name.len() + 4;
            assert_eq!(
                said(&format!("{name} = {value}\n{beside}")),
                format!(
                    "f:7:{column}: admin.retention.{name}: {value} is not in the range {least} to {most}"
                ),
            );
        }
    }
}

#[test]
fn what_is_fine_outlasts_nothing_that_is_coarse() {
    assert_eq!(said("traffic_minutes_hours = 24\ntraffic_hours_days = 1"), "");
    assert_eq!(
        said("traffic_minutes_hours = 25\ntraffic_hours_days = 1"),
        "f:7:25: admin.retention.traffic_minutes_hours: `traffic_minutes_hours = 25` is longer than `traffic_hours_days = 1`\n    \
         hint: write at most 24 for `traffic_minutes_hours`, or more for `traffic_hours_days`"
    );
    // What stands in the file is what has to change, though the other one would be the longer.
    assert_eq!(
        said("traffic_hours_days = 1"),
        "f:7:22: admin.retention.traffic_hours_days: `traffic_minutes_hours = 48` is longer than `traffic_hours_days = 1`\n    \
         hint: write at most 24 for `traffic_minutes_hours`, or more for `traffic_hours_days`"
    );
    assert_eq!(
        said("traffic_hours_days = 31\ntraffic_days_days = 30"),
        "f:7:22: admin.retention.traffic_hours_days: `traffic_hours_days = 31` is longer than `traffic_days_days = 30`\n    \
         hint: write at most 30 for `traffic_hours_days`, or more for `traffic_days_days`"
    );
    assert_eq!(
        said("traffic_events_days = 401"),
        "f:7:23: admin.retention.traffic_events_days: `traffic_events_days = 401` is longer than `traffic_days_days = 400`\n    \
         hint: write at most 400 for `traffic_events_days`, or more for `traffic_days_days`"
    );
}

#[test]
fn the_activity_is_kept_for_ever_or_long_enough_to_be_looked_at() {
    assert_eq!(said("activity_days = 30"), "");
    assert_eq!(
        said("activity_days = 29"),
        "f:7:17: admin.retention.activity_days: so few days are over before anybody looks\n    \
         hint: write at least 30, or 0 to keep it for ever"
    );
}

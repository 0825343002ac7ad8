//! Which gateway do the tests of the view look at? One before a shop, after a minute of traffic.

use proxy::live::wire::{
    CurrentLook, Distribution, ErrorLook, LedgerLook, ListenerLook, Look, SessionCounts, SessionLook,
    StatementLook, Sums, UpstreamLook,
};

/// When the gateway started.
pub(super) const STARTED_US: u64 = 1_700_000_000_000_000;

/// A statement that took `us` in each of its calls.
pub(super) fn statement(text: &str, application: &str, calls: u64, us: u64) -> StatementLook {
    let mut fingerprint = 0u64;
    for byte in text.bytes() {
        fingerprint = fingerprint.wrapping_mul(31).wrapping_add(byte.into());
    }
    StatementLook {
        listener: "shop".to_owned(),
        fingerprint: format!("1-{fingerprint:016x}"),
        text: text.to_owned(),
        class: if text.starts_with("SELECT") { "read" } else { "write" }.to_owned(),
        tables: vec![],
        totals: Sums {
            calls,
            rows: calls * 2,
            bytes_in: calls * 60,
            bytes_out: calls * 200,
            time_us: calls * us,
            ..Sums::default()
        },
        first: Distribution { steps: vec![(us / 2, calls)], max_us: us / 2 },
        total: Distribution { steps: vec![(us, calls)], max_us: us },
        users: vec!["shop_app".to_owned()],
        applications: vec![application.to_owned()],
        first_seen_us: STARTED_US + 1_000_000,
        last_seen_us: STARTED_US + 59_000_000,
        ..StatementLook::default()
    }
}

pub(super) const POINT: &str = "SELECT id, sku, name, price FROM products WHERE id = $1";
pub(super) const REPORT: &str = "SELECT p.sku, count(*) AS views FROM page_views v JOIN products p ON v.path LIKE ? \
                                 || p.sku || ? WHERE p.category_id BETWEEN $1 AND $1 + ? GROUP BY p.sku ORDER BY \
                                 views DESC LIMIT ?";
pub(super) const LINES: &str =
    "SELECT line, product_id, quantity FROM order_items WHERE order_id = $1 ORDER BY line";
pub(super) const AVATAR: &str = "SELECT id, avatar_url FROM customers WHERE id = ?";

/// The shop after a minute.
pub(super) fn shop() -> Look {
    let mut lines = statement(LINES, "order-page", 360, 420);
    lines.totals.repeats = 335;
    let mut avatar = statement(AVATAR, "mobile-beta", 12, 300);
    avatar.totals.failed = 12;
    avatar.errors = vec![("42703".to_owned(), 12)];
    let report = statement(REPORT, "reporting", 10, 412_000);
    let statements = vec![statement(POINT, "storefront", 450, 350), report, lines, avatar];
    let totals = statements.iter().fold(Sums::default(), |all, one| all.plus(&one.totals));
    let mut latency = Distribution::default();
    for one in &statements {
        latency.merge(&one.total);
    }
    Look {
        at_us: STARTED_US + 60_000_000,
        started_us: STARTED_US,
        uptime_us: 60_000_000,
        version: "0.1.0".to_owned(),
        pid: 77,
        listeners: vec![listener("shop", "127.0.0.1:6432")],
        ledger: LedgerLook { records: 900, ..LedgerLook::default() },
        session_counts: SessionCounts { busy: 1, idle: 1, transaction: 1, ..SessionCounts::default() },
        sessions: sessions(),
        totals,
        latency,
        statements_kept: statements.len(),
        statements,
        errors: vec![ErrorLook {
            sqlstate: "42703".to_owned(),
            class: "syntax_error_or_access_rule_violation".to_owned(),
            count: 12,
            statements: 1,
            text: AVATAR.to_owned(),
            ..ErrorLook::default()
        }],
        ..Look::default()
    }
}

/// The same gateway two seconds later: the point read ran 20 times, the report twice.
pub(super) fn shop_later() -> Look {
    let mut look = shop();
    look.at_us += 2_000_000;
    look.uptime_us += 2_000_000;
    look.ledger.records += 44;
    for (text, came) in [(POINT, 20), (REPORT, 2)] {
        if let Some(one) = look.statements.iter_mut().find(|one| one.text == text) {
            let us = one.total.max_us;
            one.totals.calls += came;
            one.totals.time_us += came * us;
            look.totals.calls += came;
            look.totals.time_us += came * us;
            let more = Distribution { steps: vec![(us, came)], max_us: us };
            one.total.merge(&more);
            look.latency.merge(&more);
            one.last_seen_us = look.at_us;
        }
    }
    look
}

/// A gateway that has just started.
pub(super) fn idle() -> Look {
    Look {
        at_us: STARTED_US + 1_000_000,
        started_us: STARTED_US,
        uptime_us: 1_000_000,
        version: "0.1.0".to_owned(),
        listeners: vec![listener("shop", "127.0.0.1:6432")],
        ..Look::default()
    }
}

/// A listener that is up.
pub(super) fn listener(name: &str, listen: &str) -> ListenerLook {
    ListenerLook {
        name: name.to_owned(),
        protocol: "postgres".to_owned(),
        mode: "observe".to_owned(),
        environment: "development".to_owned(),
        listen: listen.to_owned(),
        served: true,
        up: true,
        upstreams: vec![UpstreamLook { address: "127.0.0.1:5432".to_owned(), up: true, reason: None }],
        ..ListenerLook::default()
    }
}

fn sessions() -> Vec<SessionLook> {
    let session = |id: &str, application: &str, activity: &str, activity_us: u64| SessionLook {
        id: id.to_owned(),
        listener: "shop".to_owned(),
        user: "shop_app".to_owned(),
        database: "shop".to_owned(),
        application: application.to_owned(),
        address: "127.0.0.1:41234".to_owned(),
        activity: activity.to_owned(),
        activity_us,
        age_us: 58_000_000,
        exchanges: 120,
        current: None,
    };
    let running = CurrentLook {
        fingerprint: "1-0000000000000001".to_owned(),
        text: REPORT.to_owned(),
        kind: "execute".to_owned(),
        for_us: 2_310_000,
    };
    vec![
        SessionLook { current: Some(running), ..session("one", "reporting", "busy", 2_000_000) },
        session("two", "checkout", "transaction", 4_000_000),
        session("three", "storefront", "idle", 500_000),
    ]
}

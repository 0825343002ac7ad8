//! Do the dashboard and the alerts ask for what a gateway really shows?
//!
//! Every metric, label and value in `config/grafana` and `config/prometheus` is compared with a scrape
//! of a running gateway, and Prometheus' own `promtool` says whether the expressions and rules hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "monitoring/expression.rs"]
mod expression;
mod harness;

use expression::{Use, uses};
use harness::gateway::Plan;
use harness::server::Server;
use harness::wire::Wire;
use harness::{eventually, places};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const DASHBOARD: &str = "config/grafana/dragoman.json";
const ALERTS: &str = "config/prometheus/alerts.yml";
/// What Prometheus adds to each sample it scrapes.
const ADDED_LABELS: [&str; 2] = ["instance", "job"];
/// What Prometheus itself says about each target.
const ADDED_METRIC: &str = "up";
/// Functions that turn a counter into something that means something.
const OF_COUNTERS: [&str; 3] = ["rate", "irate", "increase"];
/// Functions over a range of a gauge.
const OF_GAUGES: [&str; 5] = ["min_over_time", "max_over_time", "avg_over_time", "deriv", "delta"];

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A metric as a gateway shows it.
#[derive(Debug, Default)]
struct Family {
    kind: String,
    labels: BTreeMap<String, BTreeSet<String>>,
}

/// What a gateway shows, by the name of the metric.
type Scrape = BTreeMap<String, Family>;

/// Scrapes a gateway over which a statement of each verdict that there is has gone.
fn scrape() -> Scrape {
    let server = Server::start(&places::newest_version());
    let plan = Plan::before(&server)
        .listener("limits = { statement_bytes = 1024 }")
        .client_tls("prefer", &server.certificate())
        .table("[ledger.copies]", "name = \"archive\"\nto = \"file:///nowhere/that/is/mounted\"")
        .table("report_stream", "to = \"nats://127.0.0.1:1\"");
    let gateway = plan.start();
    let mut session = Wire::login(gateway.port, "clear");
    session.query("SELECT 1");
    // Too long to be read, on a listener that only observes: passed on unjudged.
    session.query(&format!("SELECT '{}'", "x".repeat(2_000)));
    eventually("both statements are counted", || {
        gateway.metric_where("dragoman_exchanges_total", "verdict=\"unjudged\"").filter(|count| *count > 0.0)
    });
    session.terminate();
    let text = gateway.get("/metrics").1;
    let mut families = Scrape::new();
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.insert(name.to_owned(), Family { kind: kind.to_owned(), labels: BTreeMap::new() });
        }
    }
    for sample in text.lines().filter(|line| !line.starts_with('#')) {
        for used in uses(sample.rsplit_once(' ').expect("a value").0) {
            let family = family(&mut families, &used.metric).expect("each sample has a type");
            for [label, _, value] in used.matchers {
                family.labels.entry(label).or_default().insert(value);
            }
        }
    }
    assert!(families.len() > 10, "too little is shown: {families:#?}");
    families
}

/// The family of a name that may end with `_bucket`, `_sum` or `_count`.
fn family<'a>(families: &'a mut Scrape, name: &str) -> Option<&'a mut Family> {
    let base = part_of_histogram(name).map_or(name, |(base, _)| base);
    let is_histogram = families.get(base).is_some_and(|family| family.kind == "histogram");
    families.get_mut(if is_histogram { base } else { name })
}

fn part_of_histogram(name: &str) -> Option<(&str, &str)> {
    let (base, part) = name.rsplit_once('_')?;
    ["bucket", "sum", "count"].contains(&part).then_some((base, part))
}

/// What is wrong with a selector; nothing when it fits the scrape.
fn complaint(used: &Use, families: &Scrape) -> Option<String> {
    let name = used.metric.as_str();
    if name == ADDED_METRIC {
        let known = used.matchers.iter().all(|[label, ..]| ADDED_LABELS.contains(&label.as_str()));
        return (!known).then(|| "`up` has other labels".to_owned());
    }
    let (base, part) = part_of_histogram(name).filter(|(base, _)| families.contains_key(*base)).unzip();
    let base = base.unwrap_or(name);
    let Some(family) = families.get(base) else { return Some(format!("no metric `{name}` is shown")) };
    let around = used.functions.last().map_or("", String::as_str);
    let says = match (family.kind.as_str(), part) {
        ("histogram", None) => Some("a histogram is used by `_bucket`, `_sum` and `_count`"),
        ("gauge" | "counter", Some(_)) => Some("this is no histogram"),
        ("counter" | "histogram", _) if !used.ranged || !OF_COUNTERS.contains(&around) => {
            Some("a counter means something as a rate or an increase over a range only")
        }
        ("gauge", None) if used.ranged && !OF_GAUGES.contains(&around) => {
            Some("a gauge has no rate and no increase")
        }
        (_, Some("bucket")) if !quantile(used) => {
            Some("buckets belong into `histogram_quantile(..., sum by (..., le) (...))`")
        }
        _ => None,
    };
    if let Some(says) = says {
        return Some(format!("`{name}`: {says}"));
    }
    let known = |label: &str| {
        let is_bound = label == "le" && part == Some("bucket");
        is_bound || ADDED_LABELS.contains(&label) || family.labels.contains_key(label)
    };
    let matched = used.matchers.iter().map(|[label, ..]| label);
    let mut all = matched.chain(used.groups.iter().flatten());
    if let Some(label) = all.find(|label| !known(label.as_str())) {
        return Some(format!("`{name}` has no label `{label}`"));
    }
    let values = used
        .matchers
        .iter()
        .filter(|[label, _, value]| !ADDED_LABELS.contains(&label.as_str()) && !value.starts_with('$'));
    let unknown = values
        .flat_map(|[label, _, value]| value.split('|').map(move |value| (label, value)))
        .find(|(label, value)| !family.labels.get(*label).is_some_and(|seen| seen.contains(*value)));
    unknown.map(|(label, value)| format!("`{name}` never has `{label}=\"{value}\"`"))
}

fn quantile(used: &Use) -> bool {
    let asked = used.functions.first().is_some_and(|function| function == "histogram_quantile");
    asked && used.groups.last().is_some_and(|group| group.contains("le"))
}

/// All labels that every aggregation of an expression keeps. Two sides that keep different ones
/// match nothing with each other.
fn kept(expression: &str) -> Option<BTreeSet<String>> {
    let without_bound = |mut group: BTreeSet<String>| {
        group.remove("le");
        group
    };
    let all: Vec<_> = uses(expression).into_iter().map(|used| used.groups.last().cloned()).collect();
    let all: Vec<_> = all.into_iter().map(|group| group.map(without_bound)).collect();
    assert!(all.windows(2).all(|two| two[0] == two[1]), "sides with different labels: `{expression}`");
    all.into_iter().next().flatten()
}

/// A panel's title and its expressions with their legends.
struct Panel {
    title: String,
    asked: Vec<(String, String)>,
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn dashboard() -> Value {
    serde_json::from_str(&read(DASHBOARD)).expect("the dashboard is JSON")
}

fn panels(dashboard: &Value) -> Vec<Panel> {
    let drawn = list(dashboard, "/panels").iter().filter(|panel| text(panel, "/type") != "row");
    let panels = drawn.map(|panel| {
        let asked = list(panel, "/targets").iter();
        let asked =
            asked.map(|target| (text(target, "/expr").to_owned(), text(target, "/legendFormat").to_owned()));
        Panel { title: text(panel, "/title").to_owned(), asked: asked.collect() }
    });
    panels.collect()
}

/// One alert of the rules: its fields by name, `expr` among them.
type Alert = BTreeMap<String, String>;

/// Reads the few forms of YAML the file is written in: `key: value`, and blocks after `|` and `>-`.
fn alerts() -> Vec<Alert> {
    let mut all: Vec<Alert> = Vec::new();
    let mut block: Option<(usize, String)> = None;
    for line in read(ALERTS).lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        if let Some((outer, key)) = &block {
            if indent > *outer || line.is_empty() {
                let value = all.last_mut().and_then(|alert| alert.get_mut(key)).expect("a block's field");
                *value = format!("{value} {}", line.trim()).trim().to_owned();
                continue;
            }
            block = None;
        }
        let is_new = line.trim_start().starts_with("- alert: ");
        if is_new {
            all.push(Alert::new());
        }
        let Some(alert) = all.last_mut() else { continue };
        let Some((key, value)) = line.trim_start().trim_start_matches("- ").split_once(':') else {
            continue;
        };
        let value = value.trim();
        if ["|", ">-"].contains(&value) {
            block = Some((indent, key.to_owned()));
        }
        let value = if ["|", ">-"].contains(&value) { "" } else { value.trim_matches('"') };
        alert.insert(key.to_owned(), value.to_owned());
    }
    all
}

#[test]
fn the_dashboard_and_the_alerts_ask_for_what_is_shown() {
    let families = scrape();
    let mut asked: Vec<(String, String)> = Vec::new();
    let dashboard = dashboard();
    for panel in panels(&dashboard) {
        asked.extend(panel.asked.into_iter().map(|(expression, _)| (panel.title.clone(), expression)));
    }
    asked.extend(alerts().into_iter().map(|alert| (alert["alert"].clone(), alert["expr"].clone())));
    assert!(asked.len() > 40, "too few expressions were found: {asked:#?}");
    let complaints: Vec<_> = asked
        .iter()
        .flat_map(|(place, expression)| uses(expression).into_iter().map(move |used| (place, used)))
        .filter_map(|(place, used)| Some(format!("{place}: {}", complaint(&used, &families)?)))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let variables = list(&dashboard, "/templating/list").iter().map(|variable| text(variable, "/definition"));
    for definition in variables.filter(|definition| !definition.is_empty()) {
        let inner = definition.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let (metric, label) = inner.and_then(|inner| inner.rsplit_once(", ")).expect("label_values");
        let found = uses(metric)
            .first()
            .and_then(|used| families.get(&used.metric))
            .map(|family| ADDED_LABELS.contains(&label) || family.labels.contains_key(label));
        assert_eq!(found, Some(true), "{definition}");
    }
}

#[test]
fn everything_that_is_shown_is_on_the_dashboard() {
    let families = scrape();
    let asked: BTreeSet<String> = panels(&dashboard())
        .iter()
        .flat_map(|panel| panel.asked.iter().flat_map(|(expression, _)| uses(expression)))
        .map(|used| used.metric)
        .collect();
    let is_asked = |name: &String| {
        asked
            .iter()
            .any(|asked| asked == name || part_of_histogram(asked).is_some_and(|(base, _)| base == name))
    };
    let missing: Vec<_> = families.keys().filter(|name| !is_asked(name)).collect();
    assert!(missing.is_empty(), "no panel of {DASHBOARD} shows {missing:?}");
}

#[test]
fn a_wrong_use_of_a_metric_is_noticed() {
    let families = scrape();
    let cases = [
        ("dragoman_session", "no metric"),
        ("dragoman_sessions{user=\"x\"}", "no label `user`"),
        ("sum by (database) (dragoman_sessions)", "no label `database`"),
        ("rate(dragoman_sessions[5m])", "no rate"),
        ("sum(dragoman_sessions_total)", "a counter"),
        ("rate(dragoman_exchange_seconds[5m])", "a histogram"),
        ("dragoman_sessions_sum", "no histogram"),
        ("sum by (le) (rate(dragoman_exchange_seconds_bucket[5m]))", "buckets belong"),
        ("histogram_quantile(0.9, sum by (class) (rate(dragoman_exchange_seconds_bucket[5m])))", "buckets"),
        ("rate(dragoman_bytes_total{side=\"server\"}[5m])", "never has `side=\"server\"`"),
        ("rate(dragoman_exchanges_total{class=~\"read|wrote\"}[5m])", "never has `class=\"wrote\"`"),
        ("up{listener=\"shop\"}", "other labels"),
    ];
    for (expression, expected) in cases {
        let said = uses(expression).iter().find_map(|used| complaint(used, &families)).unwrap_or_default();
        assert!(said.contains(expected), "`{expression}` is said to be: `{said}`");
    }
}

#[test]
fn the_dashboard_can_be_imported_anywhere_and_explains_itself() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_u64() >= Some(38), "Grafana 10 begins with 38");
    assert_eq!(dashboard["id"], Value::Null, "an id belongs to one Grafana");
    let variables = list(&dashboard, "/templating/list");
    let of = |name: &str| variables.iter().find(|variable| text(variable, "/name") == name);
    assert_eq!(of("datasource").map(|variable| text(variable, "/type")), Some("datasource"));
    assert_eq!(of("listener").map(|variable| text(variable, "/type")), Some("query"));
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in list(&dashboard, "/panels") {
        let title = text(panel, "/title");
        assert!(ids.insert(panel["id"].as_u64()), "{title}: its id is another panel's");
        let place = ["y", "h", "x", "w"].map(|side| panel["gridPos"][side].as_u64().expect("a place"));
        let [top, height, left, width] = place;
        for cell in (top..top + height).flat_map(|y| (left..left + width).map(move |x| (y, x))) {
            assert!(cell.1 < 24 && taken.insert(cell), "{title}: its place is another panel's, or none");
        }
        if text(panel, "/type") == "row" {
            continue;
        }
        assert!(text(panel, "/description").len() > 60, "{title}: says too little");
        let is_table = text(panel, "/type") == "table";
        assert!(is_table || !text(panel, "/fieldConfig/defaults/unit").is_empty(), "{title}: has no unit");
        let sources = [panel].into_iter().chain(list(panel, "/targets"));
        for source in sources {
            assert_eq!(text(source, "/datasource/uid"), "${datasource}", "{title}: a source of its own");
        }
    }
    for panel in panels(&dashboard) {
        for (expression, legend) in panel.asked {
            let kept = kept(&expression).unwrap_or_default();
            let labels = legend.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0));
            for label in labels {
                assert!(kept.contains(label), "{}: `{label}` is not kept by `{expression}`", panel.title);
            }
            let of_gateway =
                ["ledger", "build_info", "statistics", "sessions_left_before", "report_stream", "draining"];
            let global = of_gateway.iter().any(|word| expression.contains(word));
            let chosen = expression.contains("listener=~\"$listener\"");
            assert!(global || chosen, "{}: the choice of listeners is not heeded", panel.title);
        }
    }
}

#[test]
fn every_alert_says_how_bad_it_is_and_what_to_do_next() {
    let all = alerts();
    assert!(all.len() > 8, "too few alerts were found: {all:#?}");
    let manual = read("docs/monitoring.md");
    let listed: BTreeSet<&str> = manual
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `Dragoman")?.split_once('`')?.0))
        .collect();
    let mut named = BTreeSet::new();
    for alert in &all {
        let name = &alert["alert"];
        named.insert(name.strip_prefix("Dragoman").expect("alerts are named after the product"));
        kept(&alert["expr"]);
        assert!(["critical", "warning"].contains(&alert["severity"].as_str()), "{name}");
        assert!((20..=110).contains(&alert["summary"].len()), "{name}: {}", alert["summary"]);
        assert!(alert["description"].len() > 150, "{name}: what is to be done?");
        // What has happened once has happened; what is so has to stay so for a while.
        assert_ne!(alert.contains_key("for"), alert["expr"].contains("increase("), "{name}");
    }
    assert_eq!(named, listed, "docs/monitoring.md lists other alerts than {ALERTS}");
}

/// Runs promtool and answers what it said; it has to be content.
fn promtool(arguments: &[&str], file: &Path) {
    let output = Command::new("promtool").args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| {
        panic!("promtool: {error}; `make setup-test` installs it (it is part of Debian's package prometheus)")
    });
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}: {}", file.display(), said.concat());
}

#[test]
fn prometheus_takes_the_rules_and_they_fire_when_they_should() {
    promtool(&["check", "rules"], &path(ALERTS));
    promtool(&["check", "config"], &path("config/prometheus/prometheus.yml"));
    let tests = "tests/monitoring/alerts.test.yml";
    let text = read(tests);
    for alert in alerts() {
        assert!(text.contains(&alert["alert"]), "{tests} says nothing about {}", alert["alert"]);
    }
    promtool(&["test", "rules"], &path(tests));
}

#[test]
fn prometheus_takes_the_expressions_of_the_dashboard() {
    let mut rules = "groups:\n- name: dashboard\n  rules:\n".to_owned();
    for (position, (expression, _)) in
        panels(&dashboard()).into_iter().flat_map(|panel| panel.asked).enumerate()
    {
        // What Grafana puts in before it asks.
        let expression = expression
            .replace("$__rate_interval", "1m")
            .replace("$__range", "3h")
            .replace("$instance", ".*")
            .replace("$listener", ".*");
        assert!(!expression.contains('$'), "an unknown variable: `{expression}`");
        // JSON's texts are texts of YAML too.
        let expression = Value::String(expression);
        rules.push_str(&format!("  - record: panel_{position}\n    expr: {expression}\n"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rules.yml");
    std::fs::write(&file, rules).expect("the rules are written");
    promtool(&["check", "rules"], &file);
}

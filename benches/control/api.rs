//! How long do people wait for the control plane's answers: many at once who never pause, many who ask once
//! a second, and one alone?

use super::gateway::Gateway;
use super::people::{self, Answers, Way, percentile};
use super::prepare::{PEOPLE, Prepared};
use super::questions::{Asked, KINDS};
use super::run::Figures;
use crate::control::arguments::Arguments;
use crate::relay::table::Table;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

const P50_TARGET_MS: f64 = 20.0;
const P99_TARGET_MS: f64 = 100.0;
/// One person is answered 100 times a second for long, and not more often.
const ALONE_PAUSE: Duration = Duration::from_millis(12);

/// How people ask, a part of the table.
const WAYS: [(&str, usize, Duration); 3] = [
    ("100 at once", PEOPLE, Duration::ZERO),
    ("100, 1/s each", PEOPLE, Duration::from_secs(1)),
    ("1", 1, ALONE_PAUSE),
];

/// Asks in all ways, one after the other.
pub fn measure(gateway: &Gateway, prepared: &Prepared, arguments: &Arguments) -> Result<Figures, String> {
    let (api, asked) = (gateway.api()?, Asked::of(prepared));
    let token = prepared.tokens.first().ok_or("nobody asks")?;
    let mut failures = people::prove(api, token, asked)?;
    let mut all = Vec::new();
    let mut sums = Table::new(
        "The API as a whole",
        1,
        &["people", "answers", "answers/s", "p50 ms", "p99 ms", "max ms", "CPU ms/answer", "memory MB"],
    );
    for (name, people, pause) in WAYS {
        let way = Way { people, pause, warm_up: arguments.warm_up, window: arguments.window };
        let (answers, cpu) = thread::scope(|scope| {
            let asking =
                scope.spawn(|| people::ask(api, &prepared.tokens, asked, way, &AtomicBool::new(false)));
            thread::sleep(way.warm_up);
            let before = gateway.process.used();
            thread::sleep(way.window);
            let used = before.and_then(|before| Ok(gateway.process.used()?.since(before)));
            let answers = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok::<_, String>((answers, used.map_err(|error| error.to_string())?.total))
        })?;
        if let Some(why) = &answers.failure {
            let count = answers.failures;
            failures.push(format!("people: {name}; {count} answers were none; the first: {why}"));
        }
        let times = answers.sorted(None);
        let memory = gateway.process.resident().map_err(|error| error.to_string())?;
        sums.push(vec![
            name.to_owned(),
            times.len().to_string(),
            format!("{:.0}", answers.rate()),
            format!("{:.1}", percentile(&times, 0.5)),
            format!("{:.1}", percentile(&times, 0.99)),
            format!("{:.1}", percentile(&times, 1.0)),
            format!("{:.2}", cpu.as_secs_f64() * 1e3 / times.len().max(1) as f64),
            format!("{:.0}", memory as f64 / 1e6),
        ]);
        println!("{name}: {:.0} answers/s", answers.rate());
        all.push((name, answers));
    }
    let lines = all.iter().flat_map(|(name, answers)| targets(name, answers)).collect();
    Ok(Figures { tables: vec![sums, by_kind(&all)], lines, failures })
}

fn by_kind(all: &[(&str, Answers)]) -> Table {
    let mut header = vec!["question".to_owned()];
    for (name, _) in all {
        header.extend([format!("{name}: p50 ms"), "p99 ms".to_owned()]);
    }
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new("The API by kind of question", 1, &header);
    for (number, kind) in KINDS.iter().enumerate() {
        let mut row = vec![kind.name.to_owned()];
        for (_, answers) in all {
            let times = answers.sorted(Some(number));
            row.extend([0.5, 0.99].map(|share| format!("{:.2}", percentile(&times, share))));
        }
        table.push(row);
    }
    table
}

/// The targets hold for each kind: the worst is named.
fn targets(name: &str, answers: &Answers) -> Vec<String> {
    let target = |share: f64, word: &str, limit: f64| {
        let all = percentile(&answers.sorted(None), share);
        let worst = KINDS.iter().enumerate();
        let worst = worst.map(|(number, kind)| (percentile(&answers.sorted(Some(number)), share), kind.name));
        let worst = worst.max_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or((0.0, ""));
        let state = match (all < limit, worst.0 < limit) {
            (_, true) => "met by every kind".to_owned(),
            (true, false) => "met by all together, missed by some kinds".to_owned(),
            (false, false) => "missed".to_owned(),
        };
        format!(
            "people: {name}; {word}, target < {limit} ms: {state}; {all:.1} ms of all together, {:.1} ms at most ({})",
            worst.0, worst.1
        )
    };
    vec![target(0.5, "p50", P50_TARGET_MS), target(0.99, "p99", P99_TARGET_MS)]
}

//! What does it cost to judge a statement?
//!
//! Each row is a rule set, judged with a mixture of everyday statements whose analysis is at hand, as it
//! is on the data path. Made-up rules look like what people write: half of them about classes and marks,
//! the others about tables, functions, users and hours, a part with `unless`. Figures are medians over the
//! rounds; all rows are measured in every round.

use exchange::{Address, Environment, Kind, Principal, Protocol, Session, SessionId, TransactionState};
use policies::{Facts, Listener, Path, Role, Ruleset, compile};
use sql::{Lexing, analyse};
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// The program's own allocator: a refusal allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 41;

/// Judgements of one round and row.
const JUDGEMENTS: usize = 20_000;

/// Nanoseconds for a judgement that lets pass, with a hundred rules.
const TARGET_NS: f64 = 100.0;

/// What the rules let pass.
const STATEMENTS: &[&str] = &[
    "SELECT abalance FROM accounts WHERE aid = 7",
    "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1 LIMIT 50",
    "UPDATE accounts SET abalance = abalance + 1 WHERE aid = 7",
    "INSERT INTO order_items (order_id, quantity) VALUES (1, 2), (3, 4)",
    "SELECT count(*), date_trunc('day', placed) FROM orders WHERE lower(state) = 'paid' GROUP BY 2",
    "BEGIN",
    "COMMIT",
    "SET application_name = 'bench'",
];

fn main() -> ExitCode {
    let rows: Vec<(String, Ruleset)> = [
        ("no rules".to_owned(), compiled(&[], "")),
        ("pack production".to_owned(), compiled(&["production", "own"], "[lists]\nwriters = [\"shop_*\"]\n")),
    ]
    .into_iter()
    .chain([10, 100, 500].map(|count| (format!("{count} rules"), compiled(&["own"], &made_up(count)))))
    .collect();
    let mut figures: Vec<Vec<f64>> = rows.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for ((_, ruleset), figures) in rows.iter().zip(&mut figures) {
            figures.push(nanoseconds(ruleset));
        }
    }
    println!("{:<18} {:>6} {:>14} {:>9}", "rule set", "rules", "ns a judgement", "spread");
    let mut within = true;
    for ((name, ruleset), figures) in rows.iter().zip(figures) {
        let spread =
            figures.iter().copied().fold(0.0, f64::max) - figures.iter().copied().fold(f64::MAX, f64::min);
        let figure = median(figures);
        println!("{name:<18} {:>6} {figure:>14.0} {:>8.0}%", ruleset.rules(), 50.0 * spread / figure);
        within &= ruleset.rules() != 100 || figure <= TARGET_NS;
    }
    println!(
        "target: a judgement by 100 rules within {TARGET_NS} ns: {}",
        if within { "met" } else { "missed" }
    );
    ExitCode::SUCCESS
}

fn compiled(names: &[&str], own: &str) -> Ruleset {
    let listener = Listener {
        name: "bench",
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        enforces: true,
        default_allows: true,
    };
    let files = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), own.to_owned()));
    match compile(1, names, &files, &listener) {
        Ok(ruleset) => ruleset,
        Err(found) => {
            let text: Vec<_> = found.iter().map(ToString::to_string).collect();
            eprintln!("{}", text.join("\n"));
            Ruleset::of_default(1, true, true)
        }
    }
}

/// So many rules that let the statements pass, each a little different.
fn made_up(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let rest = match number % 10 {
            0 => "when = { class = [\"ddl\", \"privilege\"] }\ndecision = \"hold\"".to_owned(),
            1 => "when = { mark = [\"locks_rows\", \"administers\"] }\ndecision = \"refuse\"".to_owned(),
            2 => "when = { every_row = true }\nunless = { role = [\"owner\"] }\ndecision = \"refuse\"".to_owned(),
            3 => format!("when = {{ table = [\"secret_{number}\", \"wages_{number}\"] }}\ndecision = \"refuse\""),
            4 => format!("when = {{ table = [\"staff_{number}.*\"], user = [\"team_{number}_*\"] }}\ndecision = \"refuse\""),
            5 => format!("when = {{ function = [\"audit_{number}\"] }}\ndecision = \"note\""),
            6 => format!("when = {{ user = [\"app_{number}\", \"etl_*\"], class = \"write\" }}\ndecision = \"refuse\""),
            7 => format!("when = {{ column = [\"people_{number}.salary\"], table = [\"people_{number}\"] }}\ndecision = \"refuse\""),
            8 => "when = { class = \"maintenance\", time = { from = \"08:00\", to = \"18:00\" } }\ndecision = \"refuse\"".to_owned(),
            _ => format!("when = {{ class = \"read\", database = \"other_{number}\" }}\ndecision = \"limit\"\nlimit = {{ rows = 10 }}"),
        };
        let _ = writeln!(text, "[[rule]]\nname = \"r{number}\"\n{rest}");
    }
    text
}

/// Time for one judgement.
fn nanoseconds(ruleset: &Ruleset) -> f64 {
    let session = Session {
        id: SessionId(1),
        listener: "bench".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: "shop_app".into(),
            database: "shop".into(),
            application: "bench".into(),
            address: Address::Unix,
            tls: None,
        },
    };
    let mask = ruleset.of_session(&session);
    let analyses: Vec<_> =
        STATEMENTS.iter().flat_map(|text| analyse(text.as_bytes(), Lexing::default()).statements).collect();
    let mut passed = 0;
    let before = Instant::now();
    for statement in analyses.iter().cycle().take(JUDGEMENTS) {
        let facts = Facts {
            session: &session,
            mask: &mask,
            role: Role::Known("shop_app"),
            path: Path::Default,
            kind: Kind::Execute,
            statement: Some(statement),
            transaction: TransactionState::Open,
            now_us: 1_704_067_200_000_000,
        };
        let decision = black_box(ruleset.decide(black_box(&facts)));
        passed += usize::from(decision.verdict.refusal().is_none());
    }
    let taken = before.elapsed();
    assert_eq!(passed, JUDGEMENTS, "every statement passes: what is refused costs more");
    taken.as_secs_f64() * 1e9 / JUDGEMENTS as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

//! What does it cost to judge a statement?
//!
//! Each row is a rule set, judged with a mixture of everyday statements whose analysis is at hand, as it
//! is on the data path: a hit. Where a pack lets nobody write, the mixture has reads only, since what is
//! refused costs more and is not counted in. Made-up rules look like what people write: half of them about classes and marks,
//! the others about tables, functions, users and hours, a part with `unless`. The last row is the worst
//! there is: names with a star in front, which have to be looked at one by one. Figures are medians over
//! the rounds; all rows are measured in every round.

#[allow(dead_code)] // this benchmark needs what makes a report only
mod relay {
    pub mod machine;
    pub mod median;
    pub mod readme;
    pub mod single;
    pub mod table;
}

use exchange::{Address, Environment, Kind, Principal, Protocol, Session, SessionId, TransactionState};
use policies::{Facts, Listener, Path, Role, Ruleset, compile};
use relay::median::{Median, with_spread};
use relay::single::{Asked, ROUNDS, Target};
use relay::table::Table;
use sql::{Lexing, analyse};
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// The program's own allocator: a refusal allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Judgements of one round and row.
const JUDGEMENTS: usize = 20_000;

/// Nanoseconds for a judgement that lets pass, with a pack or a hundred rules.
const TARGET_NS: f64 = 100.0;

/// What everybody may do.
const READS: &[&str] = &[
    "SELECT abalance FROM accounts WHERE aid = 7",
    "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1 LIMIT 50",
    "SELECT count(*), date_trunc('day', placed) FROM orders WHERE lower(state) = 'paid' GROUP BY 2",
    "BEGIN",
    "COMMIT",
    "SET application_name = 'bench'",
];

/// The same and what an application writes.
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

/// Names the session's user as one who writes.
const WRITERS: &str = "[lists]\nwriters = [\"shop_*\"]\n";

/// A rule set and what it is asked about.
struct Row {
    name: String,
    ruleset: Ruleset,
    statements: &'static [&'static str],
    /// Whether the target is about it.
    is_target: bool,
}

fn main() -> ExitCode {
    let asked = Asked::read();
    let rows: Vec<Row> = match rows() {
        Ok(rows) => rows.into_iter().filter(|row| asked.wants(&row.name)).collect(),
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let mut figures: Vec<Vec<f64>> = rows.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (row, figures) in rows.iter().zip(&mut figures) {
            figures.push(nanoseconds(row));
        }
    }
    let mut table =
        Table::new("What a judgement costs", 1, &["rule set", "rules", "ns a judgement", "spread"]);
    let mut target =
        Target { figure: "a judgement", limit: TARGET_NS, unit: "ns", decimals: 0, measured: Vec::new() };
    for (row, figures) in rows.iter().zip(figures) {
        let median = Median::of(figures);
        let names = vec![row.name.clone(), row.ruleset.rules().to_string()];
        table.push([names, with_spread(median, 0)].concat());
        if row.is_target {
            target.measured.push((row.name.clone(), median));
        }
    }
    asked.publish("policies", &[table], &[target])
}

/// All rows; or why a rule set cannot be used.
fn rows() -> Result<Vec<Row>, String> {
    let reads = |pack: &str| row(&format!("pack {pack}"), &[pack], "", READS, true);
    let counted = |count| row(&format!("{count} rules"), &["own"], &made_up(count), STATEMENTS, count == 100);
    let rows = [
        row("no rules", &[], "", STATEMENTS, false),
        reads("read-only"),
        reads("production"),
        row("pack production, a writer", &["production", "own"], WRITERS, STATEMENTS, true),
        row("pack development", &["development"], "", STATEMENTS, true),
        reads("analyst"),
        reads("agent"),
        counted(10),
        counted(100),
        counted(500),
        row("50 of stars only", &["own"], &stars(50), STATEMENTS, false),
    ];
    rows.into_iter().collect()
}

fn row(
    name: &str,
    rule_sets: &[&str],
    own: &str,
    statements: &'static [&'static str],
    is_target: bool,
) -> Result<Row, String> {
    Ok(Row { name: name.to_owned(), ruleset: compiled(rule_sets, own)?, statements, is_target })
}

fn compiled(names: &[&str], own: &str) -> Result<Ruleset, String> {
    let listener = Listener {
        name: "bench",
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        enforces: true,
        default_allows: true,
    };
    let files = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), own.to_owned()));
    compile(1, names, &files, &listener).map_err(|found| {
        let text: Vec<_> = found.iter().map(ToString::to_string).collect();
        text.join("\n")
    })
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

/// Rules that no table of names can set apart: each is looked at for every statement. The worst there is.
fn stars(count: usize) -> String {
    let rule = |number| {
        format!(
            "[[rule]]\nname = \"r{number}\"\nwhen = {{ table = [\"*_secret_{number}\"] }}\ndecision = \"refuse\"\n"
        )
    };
    (0..count).map(rule).collect()
}

/// Time for one judgement.
fn nanoseconds(row: &Row) -> f64 {
    let ruleset = &row.ruleset;
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
    let analyses: Vec<_> = row
        .statements
        .iter()
        .flat_map(|text| analyse(text.as_bytes(), Lexing::default()).statements)
        .collect();
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
    assert_eq!(passed, JUDGEMENTS, "{}: every statement passes, what is refused costs more", row.name);
    taken.as_secs_f64() * 1e9 / JUDGEMENTS as f64
}

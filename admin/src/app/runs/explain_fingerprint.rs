//! How would a database run a statement that was seen on the wire, whose literals nobody has kept?
//!
//! Its text has gaps ([`sql::gaps`]). Where no values are given, PostgreSQL plans for whatever they are, and
//! MySQL for missing ones. Values are written into the text as literals, which is what stood there: the
//! server finds their types as it did then. The text that comes of it is judged like any other.

use super::explain::{Asked, LIMIT};
use super::judge::engine_of;
use super::work::failed;
use super::{Ready, check_sql, usable};
use crate::app::traffic;
use crate::operation::Operation;
use crate::problem::{Code, Problem};
use admin_engines::run::PARAMETERS_MAX;
use admin_engines::{EngineError, ErrorClass, Explaining, Kind, Plan};
use admin_store::Id;
use admin_store::traffic::Fingerprint;
use serde_json::json;
use sql::Lexing;
use sql::gaps::{Gap, Gaps};

/// Rows that LIMIT asks for in MySQL where nobody says how many: it takes no missing value.
const ROWS: &str = "100";
/// What a server says that does not know the type of a value: of a parameter, of an operator, of a function,
/// of a comparison.
const TYPE_UNKNOWN: [&str; 5] = ["42P18", "42725", "42883", "42804", "42P02"];

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Such as `1-8ca5ea4f9ec4b1bc`.
    pub fingerprint: String,
    /// On which connection.
    pub connection: Id,
    /// What stands in the gaps, in order; `None` where nothing is said.
    pub values: Option<Vec<Option<String>>>,
    /// Whether it runs, to measure.
    pub analyze: bool,
}

/// A plan of a statement that was seen.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Which kind of database made it.
    pub engine: Kind,
    /// The plan.
    pub plan: Plan,
    /// What was explained.
    pub statement: String,
    /// How many values it takes.
    pub placeholders: usize,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    /// As `$1`, and not at all.
    Parameters,
    /// As NULL.
    Missing,
    /// As strings, which the server reads as whatever is needed there.
    Quoted,
    /// Numbers as numbers, where the server cannot tell what is needed.
    Numbers,
}

/// Asks for a plan of a statement that was seen in the workspace.
pub async fn explain(operation: &Operation, draft: Draft) -> Result<Explained, Problem> {
    let asked = traffic::Asked { fingerprint: Some(draft.fingerprint.clone()), ..traffic::Asked::default() };
    let mut scope = traffic::scope(operation, asked).await?;
    let missing = || Problem::not_found("statement");
    let number = scope.filter.as_ref().and_then(|filter| filter.fingerprint).ok_or_else(missing)?;
    let found = scope.statements([number]).await?.remove(&number).ok_or_else(missing)?;
    let (connection, rules) = usable(&mut scope.tx, operation, draft.connection).await?;
    let engine = engine_of(&connection)?;
    check_kind(&scope, &found, engine)?;
    scope.tx.commit().await?;
    let lexing = if engine == Kind::Mysql { Lexing::MYSQL } else { Lexing::default() };
    let gaps = gaps_of(&found, lexing)?;
    check_values(&draft, &gaps)?;
    let mut rules = Some(rules);
    let mut tried = None;
    for writing in writings(&draft, &gaps, engine) {
        let statement = written(&gaps, writing, draft.values.as_deref().unwrap_or_default(), lexing);
        check_sql(&statement)?;
        let rules = match rules.take() {
            Some(rules) => rules,
            None => again(operation, draft.connection).await?,
        };
        let ready = Ready { connection: connection.clone(), judgement: rules.judge_apart(&statement).await? };
        let mut warnings = ready.judgement.warnings.clone();
        warnings.extend(remarks(&gaps, writing));
        let details = json!({ "fingerprint": draft.fingerprint, "analyze": draft.analyze });
        let how = match (writing, draft.analyze) {
            (_, true) => Explaining::Analyze,
            (Writing::Parameters, false) => Explaining::Generic(gaps.values()),
            (_, false) => Explaining::Plan,
        };
        let asked = Asked { how, sql: statement, parameters: Vec::new(), limit: LIMIT };
        match asked.of(operation, ready, details).await? {
            Ok(plan) => {
                let (statement, placeholders) = (asked.sql, gaps.values());
                return Ok(Explained { engine, plan, statement, placeholders, warnings });
            }
            Err(error) if is_type_unknown(&error) => tried = Some((asked.sql, writing, error)),
            Err(error) => return Err(failed(&asked.sql, &error)),
        }
    }
    let Some((statement, writing, error)) = tried else {
        return Err(Problem::new(Code::Internal, "the statement was not explained"));
    };
    let problem = failed(&statement, &error);
    Err(match writing {
        Writing::Parameters => problem.with_hint(format!(
            "the server cannot tell the type of a missing value: give `values`, {} of them, as they stood in `{statement}`",
            gaps.values()
        )),
        _ => problem,
    })
}

async fn again(operation: &Operation, connection: Id) -> Result<super::Rules, Problem> {
    let mut tx = operation.read().await?;
    let (_, rules) = usable(&mut tx, operation, connection).await?;
    tx.commit().await?;
    Ok(rules)
}

/// A statement of one kind of database is nothing to another.
fn check_kind(scope: &traffic::Scope, found: &Fingerprint, engine: Kind) -> Result<(), Problem> {
    let seen = found.listeners.iter().filter_map(|seen| {
        let listener = scope.listeners.iter().find(|listener| listener.id == seen.listener)?;
        listener.state.as_ref().map(|state| state.protocol.as_str())
    });
    let protocols: Vec<&str> = seen.collect();
    let own = match engine {
        Kind::Postgres => "postgres",
        Kind::Mysql => "mysql",
        Kind::Sqlite => "sqlite",
        Kind::SqlServer => "sqlserver",
    };
    // Where no listener tells any more, the database has to.
    if matches!(engine, Kind::Postgres | Kind::Mysql) && (protocols.is_empty() || protocols.contains(&own)) {
        return Ok(());
    }
    let kind = protocols.first().copied().unwrap_or("postgres");
    Err(Problem::invalid("connection", format!("leads to {own}, and the statement is one of {kind}"))
        .with_hint("choose a connection to the database the statement was seen at"))
}

fn gaps_of(found: &Fingerprint, lexing: Lexing) -> Result<Gaps, Problem> {
    let cut = |said: &'static str| Problem::new(Code::TextCut, said);
    let text =
        found.text.as_deref().ok_or_else(|| cut("no data plane has told the text of this statement"))?;
    if text.trim_end().ends_with('…') {
        return Err(cut("the statement is too long: only its beginning was kept"));
    }
    Gaps::of(text, lexing).ok_or_else(|| cut("what was kept of this statement cannot be read"))
}

fn check_values(draft: &Draft, gaps: &Gaps) -> Result<(), Problem> {
    let needed = gaps.values();
    match &draft.values {
        Some(values) if values.len() > PARAMETERS_MAX => {
            Err(Problem::invalid("values", format!("may be {PARAMETERS_MAX}")))
        }
        Some(values) if values.len() != needed => {
            Err(Problem::invalid("values", format!("must be {needed}, and {} were given", values.len())))
        }
        None if draft.analyze && needed > 0 => {
            Err(Problem::invalid("values", format!("must be given to run the statement: {needed} of them")))
        }
        _ => Ok(()),
    }
}

/// How values are written, what is tried first in front.
fn writings(draft: &Draft, gaps: &Gaps, engine: Kind) -> Vec<Writing> {
    if gaps.values() == 0 || draft.values.is_some() {
        let numbers = draft.values.iter().flatten().flatten().any(|value| is_number(value));
        return if numbers { vec![Writing::Quoted, Writing::Numbers] } else { vec![Writing::Quoted] };
    }
    vec![if engine == Kind::Postgres { Writing::Parameters } else { Writing::Missing }]
}

fn written(gaps: &Gaps, writing: Writing, values: &[Option<String>], lexing: Lexing) -> String {
    gaps.filled(|gap: Gap| {
        let value = values.get(gap.value).cloned().flatten();
        match (writing, value) {
            (Writing::Parameters, _) => format!("${}", gap.value + 1),
            (Writing::Missing, _) if gap.is_count => ROWS.to_owned(),
            (Writing::Missing, _) | (_, None) => "NULL".to_owned(),
            (Writing::Numbers, Some(value)) if is_number(&value) => value,
            // MySQL takes no string for a number of rows.
            (_, Some(value)) if (lexing == Lexing::MYSQL) && gap.is_count && is_number(&value) => value,
            (_, Some(value)) => quoted(&value, lexing),
        }
    })
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}

/// A string as a literal that ends where it should under every setting of a session.
fn quoted(value: &str, lexing: Lexing) -> String {
    let doubled = value.replace('\'', "''");
    if !doubled.contains('\\') {
        return format!("'{doubled}'");
    }
    let escaped = doubled.replace('\\', "\\\\");
    if lexing == Lexing::MYSQL { format!("'{escaped}'") } else { format!("E'{escaped}'") }
}

fn is_type_unknown(error: &EngineError) -> bool {
    error.class() == ErrorClass::Statement
        && error.sqlstate().is_some_and(|state| TYPE_UNKNOWN.contains(&state))
}

fn remarks(gaps: &Gaps, writing: Writing) -> Vec<String> {
    let mut remarks = Vec::new();
    if writing == Writing::Missing {
        remarks.push(
            "planned with NULL where values are missing, and the plan for real ones may be another: give `values`"
                .to_owned(),
        );
    }
    if gaps.is_guessed() {
        remarks.push(
            "lengths of types and column numbers in ORDER BY or GROUP BY were not kept: others stand for them"
                .to_owned(),
        );
    }
    remarks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn values_are_literals_that_end_where_they_should() {
        let gaps =
            Gaps::of("SELECT a FROM t WHERE b = ? AND c IN (?, ?) LIMIT ?", Lexing::default()).unwrap();
        let values = ["it's", "-1.5", "C:\\dir'", "10"].map(|value| Some(value.to_owned()));
        let check = |writing, lexing, expected: &str| {
            assert_eq!(written(&gaps, writing, &values, lexing), format!("SELECT a FROM t WHERE {expected}"));
        };
        check(Writing::Parameters, Lexing::default(), "b = $1 AND c IN ($2, $3) LIMIT $4");
        check(Writing::Missing, Lexing::MYSQL, "b = NULL AND c IN (NULL, NULL) LIMIT 100");
        check(Writing::Quoted, Lexing::default(), "b = 'it''s' AND c IN ('-1.5', E'C:\\\\dir''') LIMIT '10'");
        check(Writing::Numbers, Lexing::default(), "b = 'it''s' AND c IN (-1.5, E'C:\\\\dir''') LIMIT 10");
        check(Writing::Quoted, Lexing::MYSQL, "b = 'it''s' AND c IN ('-1.5', 'C:\\\\dir''') LIMIT 10");
    }

    #[test]
    fn numbers_are_what_every_server_reads_as_numbers() {
        for (value, is) in [
            ("1", true),
            ("-2.50", true),
            ("1e5", false),
            ("", false),
            ("-", false),
            ("1.", false),
            ("1; x", false),
        ] {
            assert_eq!(is_number(value), is, "{value}");
        }
    }
}

//! Which differences to the grammar's fingerprints are known?

use sql::Lexing;
use sql::token::{Kind as Token, Lexer};
use std::collections::BTreeSet;

/// What the grammar's fingerprint does not look at, as far as the corpus shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The order of columns, conditions and assignments.
    Order,
    /// How often the same kind of element is repeated.
    Repetition,
    /// The names given to columns of a result.
    OutputName,
    /// The names of executed statements and of channels.
    SessionName,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Order, Kind::Repetition, Kind::OutputName, Kind::SessionName];
}

/// A pair of statements that are one shape for one side only.
pub struct Difference {
    /// The statements.
    pub texts: (&'static str, &'static str),
    /// Whether they are one shape for the grammar; else they are one for us.
    pub grammar_merges: bool,
}

const fn merged(one: &'static str, other: &'static str) -> Difference {
    Difference { texts: (one, other), grammar_merges: true }
}

const fn parted(one: &'static str, other: &'static str) -> Difference {
    Difference { texts: (one, other), grammar_merges: false }
}

/// Each with its row in docs/fingerprints.md.
pub const LISTED: &[Difference] = &[
    merged("select a, b from t", "select b, a from t"),
    merged("select 1 from t where a = 1 and b = 2", "select 1 from t where b = 2 and a = 1"),
    merged("insert into t (a, b) values (1, 2)", "insert into t (b, a) values (1, 2)"),
    merged("select f(1)", "select f(1, 2)"),
    merged("select a as b from t", "select a as c from t"),
    merged("select a from t", "select a from t x"),
    merged("listen a", "listen b"),
    merged("execute a(1)", "execute b(1, 2)"),
    merged("select 1 from t limit 10", "select 1 from t limit 10 offset 5"),
    merged("select not true", "select not 1"),
    merged("select '2020-01-01'::date", "select 1"),
    merged("select date '2020-01-01'", "select '2020-01-01'"),
    merged("select cast(a as int) from t", "select a::int from t"),
    merged("select a::int from t", "select a::integer from t"),
    merged("select U&\"a\" from t", "select a from t"),
    merged("select (a) from t", "select a from t"),
    merged("select all a from t", "select a from t"),
    merged("select 1 from t where a isnull", "select 1 from t where a is null"),
    merged("table t", "select * from t"),
    merged("commit", "end"),
    merged("rollback", "abort"),
    merged("begin", "begin transaction"),
    merged("commit", "commit work"),
    merged("set x = 1", "set x to 1"),
    merged("explain analyze select 1", "explain (analyze) select 1"),
    merged("fetch 1 from a", "fetch next from a"),
    merged("select trim(both -1 from a)", "select trim(both 1 from a)"),
    merged("alter table t rename column a to b", "alter table t rename column c to d"),
    merged("grant select on t to a", "grant select on t to b"),
    merged("create temporary table t (a int)", "create temporary table u (a int)"),
    merged("select 1 from f(1) as x(a)", "select 1 from f(1) as x(b)"),
    merged("select 1 from t group by 1, 2", "select 1 from t group by 1"),
    merged("select 1 from t limit all", "select 1 from t limit null"),
    merged("set a to b, c", "set a to d"),
    merged("select 1 from t tablesample system (1)", "select 1 from t tablesample system (1) repeatable (2)"),
    merged("fetch 20 from a", "fetch forward 20 from a"),
    parted("select array[[1, 2], [3, 4]]", "select array[[1, 2]]"),
    parted("comment on table t is 'a'", "comment on table t is 'b'"),
    parted("select +1", "select 1"),
    parted("fetch 1 from a", "fetch 2 from a"),
];

/// The tokens of a text as both sides see them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut kinds: Vec<Token> = Vec::new();
    for token in Lexer::new(text.as_bytes(), Lexing::default()) {
        let shown = String::from_utf8_lossy(token.bytes(text.as_bytes())).to_lowercase();
        let shown = match token.kind {
            Token::QuotedIdentifier => shown.trim_matches('"').to_owned(),
            Token::Word(_) if ["null", "true", "false"].contains(&shown.as_str()) => {
                let condition =
                    tokens.last().is_some_and(|last| ["is", "not", "on"].contains(&last.as_str()));
                if condition { shown } else { "?".to_owned() }
            }
            _ => shown,
        };
        match token.kind {
            Token::Space | Token::Comment => continue,
            _ if ["as", "inner", "outer", ";"].contains(&shown.as_str()) => continue,
            Token::Literal | Token::Number | Token::Parameter => {
                // A sign that subtracts from nothing is the number's own.
                let is_sign = tokens.last().is_some_and(|last| last == "-")
                    && kinds
                        .iter()
                        .rev()
                        .nth(1)
                        .is_none_or(|before| *before == Token::Operator || opens(*before));
                if is_sign && token.kind == Token::Number {
                    tokens.pop();
                    kinds.pop();
                }
                tokens.push("?".to_owned());
            }
            _ => tokens.push(shown),
        }
        kinds.push(token.kind);
    }
    tokens
}

fn opens(kind: Token) -> bool {
    matches!(kind, Token::Punctuation(b'(' | b'[' | b','))
}

fn is_output_name(token: &str) -> bool {
    token.starts_with("out_")
}

/// The kinds of differences there are between two texts; empty when they differ otherwise. Output
/// names are those the corpus begins with `out_`, names of the session's things with `my_`.
pub fn between(one: &str, other: &str) -> Vec<Kind> {
    let (mut one, mut other) = (tokens(one), tokens(other));
    let mut kinds = Vec::new();
    let mut step = |kind: Kind, change: &dyn Fn(&mut Vec<String>)| {
        if one == other {
            return;
        }
        let before = (one.clone(), other.clone());
        change(&mut one);
        change(&mut other);
        // It counts only if it brought them nearer.
        let differ = |one: &[String], other: &[String]| {
            let (one, other): (BTreeSet<_>, BTreeSet<_>) = (one.iter().collect(), other.iter().collect());
            one.symmetric_difference(&other).count()
        };
        let order = kind == Kind::Order && one == other;
        let fewer = differ(&one, &other) < differ(&before.0, &before.1);
        if order || fewer || (one == other && before.0 != before.1) {
            kinds.push(kind);
        }
    };
    step(Kind::OutputName, &|tokens| tokens.retain(|token| !is_output_name(token)));
    step(Kind::SessionName, &|tokens| {
        tokens.iter_mut().filter(|token| token.starts_with("my_")).for_each(|token| "my_".clone_into(token));
    });
    step(Kind::Order, &|tokens| tokens.sort());
    step(Kind::Repetition, &|tokens| {
        tokens.retain(|token| token != ",");
        tokens.sort();
        tokens.dedup();
    });
    if one == other { kinds } else { Vec::new() }
}

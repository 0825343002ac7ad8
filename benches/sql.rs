//! What does it cost to read a statement that was never seen before?
//!
//! A known text costs one look-up; this is about the others. Each row is a kind of statement, written
//! a thousand times with other names and literals, so that no branch is predicted from the last time
//! alone. Every column is measured in every round; figures are medians over the rounds. A second table
//! has what it costs to look a function up by its name.

#[allow(dead_code)] // this benchmark needs what makes a report only
mod relay {
    pub mod machine;
    pub mod median;
    pub mod readme;
    pub mod single;
    pub mod table;
}

use exchange::Basis;
use relay::median::{Median, number, with_spread};
use relay::single::{Asked, ROUNDS, Target};
use relay::table::Table;
use sql::token::{Lexer, Token};
use sql::{Lexing, MysqlServer, analyse, fingerprint, functions, skeleton};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// The program's own allocator: the analysis allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Statements of each kind.
const STATEMENTS: usize = 1_000;

/// Microseconds for tokens and fingerprint of a statement of 200 bytes.
const FINGERPRINT_US: f64 = 0.2;

/// Microseconds for all that is made of a new statement of 200 bytes, what it does included.
const ANALYSIS_US: f64 = 5.0;

/// A kind of statement: `{n}` is a number of its own in each.
struct Shape {
    name: &'static str,
    /// Whether the targets are about it: it has 200 bytes or little less.
    is_target: bool,
    lexing: Lexing,
    text: &'static str,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "point select",
        is_target: false,
        lexing: POSTGRES,
        text: "SELECT abalance FROM accounts WHERE aid = {n}",
    },
    Shape {
        name: "select with a join",
        is_target: true,
        lexing: POSTGRES,
        text: "SELECT o.id, o.total, c.name FROM orders_{n} o JOIN customers c ON c.id = o.customer_id \
               WHERE o.status = 'shipped' AND o.created_at > '2024-01-{n}' AND c.country = $1 ORDER BY o.id LIMIT 50",
    },
    Shape {
        name: "insert of three rows",
        is_target: true,
        lexing: POSTGRES,
        text: "INSERT INTO order_items (order_id, product_id, quantity, price, note_{n}) VALUES ({n}, 17, 3, 19.99, \
               'gift wrapped, with a card'), ({n}, 18, 1, 4.50, NULL), ({n}, 23, 2, 7.25, 'second') RETURNING id",
    },
    Shape {
        name: "a framework's quoted select",
        is_target: true,
        lexing: POSTGRES,
        text: "SELECT \"shop_order\".\"id\", \"shop_order\".\"total\", \"shop_order\".\"created_{n}\" FROM \"shop_order\" \
               WHERE (\"shop_order\".\"customer_id\" = {n} AND \"shop_order\".\"open\") LIMIT 21",
    },
    Shape {
        name: "functions and a subquery",
        is_target: true,
        lexing: POSTGRES,
        text: "SELECT date_trunc('month', o.placed_{n}), count(*), coalesce(sum(o.total), 0) FROM orders o WHERE \
               lower(o.state) = 'paid' AND o.id IN (SELECT order_id FROM returns WHERE reason = {n}) GROUP BY 1",
    },
    Shape {
        name: "IN list of 1,000",
        is_target: false,
        lexing: POSTGRES,
        text: "SELECT name_{n} FROM products WHERE id IN ({list})",
    },
    Shape {
        name: "MySQL, point select",
        is_target: false,
        lexing: MARIADB,
        text: "SELECT abalance FROM accounts WHERE aid = {n}",
    },
    Shape {
        name: "MySQL, a select with a join",
        is_target: true,
        lexing: MARIADB,
        text: "SELECT `o`.`id`, `o`.`total`, `c`.`name` FROM `orders_{n}` AS `o` JOIN `customers` AS `c` ON `c`.`id` = \
               `o`.`customer_id` WHERE `o`.`status` = 'shipped' AND `c`.`country` = ? ORDER BY `o`.`id` LIMIT 50",
    },
    Shape {
        name: "MySQL, insert of three rows",
        is_target: true,
        lexing: MARIADB,
        text: "INSERT INTO order_items (order_id, product_id, quantity, price, note_{n}) VALUES ({n}, 17, 3, 19.99, \
               'gift wrapped, with a card'), ({n}, 18, 1, 4.50, NULL), ({n}, 23, 2, 7.25, 'second') RETURNING id",
    },
    Shape {
        name: "MySQL, functions and a subquery",
        is_target: true,
        lexing: MARIADB,
        text: "SELECT date_format(o.placed_{n}, '%Y-%m'), count(*), coalesce(sum(o.total), 0) FROM orders o WHERE \
               lower(o.state) = 'paid' AND o.id IN (SELECT order_id FROM returns WHERE reason = {n}) GROUP BY 1",
    },
    Shape {
        name: "MySQL, an UPDATE in a version's comment",
        is_target: false,
        lexing: MARIADB,
        text: "UPDATE `orders` /*!50000 SET */ `total_{n}` = `total_{n}` + 19.99, `state` = 'paid', `changed` = now() \
               WHERE `id` = {n} AND `customer_id` IN (3, 5, 8, 13, 21, 34) AND `state` <> 'cancelled' LIMIT 1 -- done",
    },
    Shape {
        name: "MySQL, IN list of 1,000",
        is_target: false,
        lexing: MARIADB,
        text: "SELECT name_{n} FROM products WHERE id IN ({list})",
    },
];

const POSTGRES: Lexing = Lexing::Postgres { standard_conforming_strings: true };
const MARIADB: Lexing = Lexing::of_mysql(MysqlServer::Mariadb(101_119));

/// What is looked up: names a server has, and names nobody knows.
const NAMES: [(&str, [&str; 4]); 2] = [
    ("built in", ["count", "date_trunc", "pg_terminate_backend", "jsonb_array_elements_text"]),
    ("unknown", ["total", "close_month", "pg_nothing_of_this", "shop_customers_of_the_month"]),
];

/// The columns of a kind of statement, in microseconds.
#[derive(Default)]
struct Columns {
    tokens: Vec<f64>,
    skeleton: Vec<f64>,
    fingerprint: Vec<f64>,
    analysis: Vec<f64>,
}

fn main() -> ExitCode {
    let asked = Asked::read();
    let header =
        ["statement", "bytes", "tokens us", "skeleton us", "fingerprint us", "analysis us", "spread"];
    let mut table = Table::new("Reading a statement that was never seen before", 1, &header);
    let target = |figure, limit| Target { figure, limit, unit: "us", decimals: 3, measured: Vec::new() };
    let mut fingerprints = target("tokens and fingerprint of 200 bytes", FINGERPRINT_US);
    let mut analyses = target("analysis of 200 bytes", ANALYSIS_US);
    for shape in SHAPES.iter().filter(|shape| asked.wants(shape.name)) {
        let texts = written(shape);
        let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len();
        let is_judged = |text: &String| {
            let analysis = analyse(text.as_bytes(), shape.lexing);
            analysis.statements.iter().all(|statement| statement.effects.basis == Basis::Grammar)
        };
        assert!(texts.iter().all(is_judged), "{}: what is not understood costs something else", shape.name);
        let columns = measured(shape, &texts);
        let (fingerprint, analysis) = (Median::of(columns.fingerprint), Median::of(columns.analysis));
        let mut row = vec![shape.name.to_owned(), bytes.to_string()];
        row.extend([Median::of(columns.tokens), Median::of(columns.skeleton), fingerprint].map(cell));
        row.extend(with_spread(analysis, 3));
        table.push(row);
        if shape.is_target {
            fingerprints.measured.push((shape.name.to_owned(), fingerprint));
            analyses.measured.push((shape.name.to_owned(), analysis));
        }
    }
    let tables: Vec<Table> =
        [table, functions_by_name(&asked)].into_iter().filter(|table| !table.is_empty()).collect();
    asked.publish("sql", &tables, &[fingerprints, analyses])
}

fn measured(shape: &Shape, texts: &[String]) -> Columns {
    let lexing = shape.lexing;
    let mut columns = Columns::default();
    let mut room = Vec::new();
    for _ in 0..ROUNDS {
        columns
            .tokens
            .push(microseconds(texts, |text| Lexer::new(text, lexing).filter(Token::is_significant).count()));
        columns.skeleton.push(microseconds(texts, |text| skeleton::write(text, lexing, &mut room)));
        columns.fingerprint.push(microseconds(texts, |text| fingerprint(text, lexing)));
        columns.analysis.push(microseconds(texts, |text| analyse(text, lexing)));
    }
    columns
}

fn functions_by_name(asked: &Asked) -> Table {
    let header = ["function", "ns a look-up", "spread"];
    let mut table = Table::new("Looking a function up by its name (`sql::functions::builtin`)", 1, &header);
    for (row, names) in NAMES.iter().filter(|(row, _)| asked.wants(row)) {
        let texts: Vec<String> =
            names.iter().cycle().take(STATEMENTS).map(|name| (*name).to_owned()).collect();
        let is_known = |text: &[u8]| functions::builtin(str::from_utf8(text).unwrap_or_default()).is_some();
        let right = texts.iter().all(|text| is_known(text.as_bytes()) == (*row == "built in"));
        assert!(right, "what is measured is what the row says");
        let rounds = (0..ROUNDS).map(|_| 1e3 * microseconds(&texts, is_known)).collect();
        table.push([vec![(*row).to_owned()], with_spread(Median::of(rounds), 0)].concat());
    }
    table
}

fn cell(median: Option<Median>) -> String {
    number(median, 3)
}

/// The statements of a kind, each with its own number.
fn written(shape: &Shape) -> Vec<String> {
    let list = (0..1_000).map(|number| (100_000 + number * 7).to_string()).collect::<Vec<_>>().join(",");
    let numbers = (0..STATEMENTS).map(|number| (10_000 + number * 37).to_string());
    numbers.map(|number| shape.text.replace("{list}", &list).replace("{n}", &number)).collect()
}

/// Time for one statement when all are read once.
fn microseconds<Answer>(texts: &[String], mut read: impl FnMut(&[u8]) -> Answer) -> f64 {
    let before = Instant::now();
    for text in texts {
        black_box(read(black_box(text.as_bytes())));
    }
    before.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
}

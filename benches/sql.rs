//! What does it cost to read a statement that was never seen before?
//!
//! A known text costs one look-up; this is about the others. Each row is a kind of statement, written
//! a thousand times with other names and literals, so that no branch is predicted from the last time
//! alone. Every column is measured in every round; figures are medians over the rounds.

use sql::token::{Lexer, Token};
use sql::{Lexing, analyse, fingerprint};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

/// The program's own allocator: the analysis allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Statements of each kind.
const STATEMENTS: usize = 1_000;

const ROUNDS: usize = 41;

/// Microseconds for tokens and fingerprint of a statement of 200 bytes.
const TARGET_US: f64 = 0.2;

/// A kind of statement: `{n}` is a number of its own in each.
struct Shape {
    name: &'static str,
    lexing: Lexing,
    text: &'static str,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "point select, 50 B",
        lexing: POSTGRES,
        text: "SELECT abalance FROM accounts WHERE aid = {n}",
    },
    Shape {
        name: "plain select, 200 B",
        lexing: POSTGRES,
        text: "SELECT o.id, o.total, c.name FROM orders_{n} o JOIN customers c ON c.id = o.customer_id \
               WHERE o.status = 'shipped' AND o.created_at > '2024-01-{n}' AND c.country = $1 ORDER BY o.id LIMIT 50",
    },
    Shape {
        name: "insert, 200 B",
        lexing: POSTGRES,
        text: "INSERT INTO order_items (order_id, product_id, quantity, price, note_{n}) VALUES ({n}, 17, 3, 19.99, \
               'gift wrapped, with a card'), ({n}, 18, 1, 4.50, NULL), ({n}, 23, 2, 7.25, 'second') RETURNING id",
    },
    Shape {
        name: "quoted select, 200 B",
        lexing: POSTGRES,
        text: "SELECT \"shop_order\".\"id\", \"shop_order\".\"total\", \"shop_order\".\"created_{n}\" FROM \"shop_order\" \
               WHERE (\"shop_order\".\"customer_id\" = {n} AND \"shop_order\".\"open\") LIMIT 21",
    },
    Shape {
        name: "IN list of 1,000, 7 kB",
        lexing: POSTGRES,
        text: "SELECT name_{n} FROM products WHERE id IN ({list})",
    },
    Shape {
        name: "MySQL select, 200 B",
        lexing: Lexing::MYSQL,
        text: "SELECT `o`.`id`, `o`.`total`, `c`.`name` FROM `orders_{n}` AS `o` JOIN `customers` AS `c` ON `c`.`id` = \
               `o`.`customer_id` WHERE `o`.`status` = 'shipped' AND `c`.`country` = ? ORDER BY `o`.`id` LIMIT 50",
    },
];

const POSTGRES: Lexing = Lexing::Postgres { standard_conforming_strings: true };

fn main() -> ExitCode {
    println!(
        "{:<26} {:>7} {:>10} {:>22} {:>12} {:>9}",
        "statement", "bytes", "tokens us", "tokens+fingerprint us", "analysis us", "spread"
    );
    let mut within = true;
    // Words behind `--` choose the kinds whose names hold one of them; cargo adds `--bench`.
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let chosen =
        |shape: &&Shape| only.is_empty() || only.iter().any(|word| shape.name.contains(word.as_str()));
    for shape in SHAPES.iter().filter(chosen) {
        let texts = written(shape);
        let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len();
        let mut columns: [Vec<f64>; 3] = Default::default();
        for _ in 0..ROUNDS {
            columns[0].push(microseconds(&texts, |text| {
                Lexer::new(text, shape.lexing).filter(Token::is_significant).count()
            }));
            columns[1].push(microseconds(&texts, |text| fingerprint(text, shape.lexing)));
            columns[2].push(microseconds(&texts, |text| analyse(text, shape.lexing)));
        }
        let spread = columns[1].iter().copied().fold(0.0, f64::max)
            - columns[1].iter().copied().fold(f64::MAX, f64::min);
        let [tokens, fingerprint, analysis] = columns.map(median);
        println!(
            "{:<26} {bytes:>7} {tokens:>10.3} {fingerprint:>22.3} {analysis:>12.3} {:>8.0}%",
            shape.name,
            50.0 * spread / fingerprint
        );
        within &= !shape.name.starts_with("plain select") || fingerprint <= TARGET_US;
    }
    println!(
        "target: tokens+fingerprint of a select of 200 B within {TARGET_US} us: {}",
        if within { "met" } else { "missed" }
    );
    ExitCode::SUCCESS
}

/// The statements of a kind, each with its own number.
fn written(shape: &Shape) -> Vec<String> {
    let list = (0..1_000).map(|number| (100_000 + number * 7).to_string()).collect::<Vec<_>>().join(",");
    let numbers = (0..STATEMENTS).map(|number| (10_000 + number * 37).to_string());
    numbers.map(|number| shape.text.replace("{list}", &list).replace("{n}", &number)).collect()
}

/// Time for one statement when all are read once.
fn microseconds<Answer>(texts: &[String], read: impl Fn(&[u8]) -> Answer) -> f64 {
    let before = Instant::now();
    for text in texts {
        black_box(read(black_box(text.as_bytes())));
    }
    before.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

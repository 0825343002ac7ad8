//! Is what was asked for taken, and no more?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const LEXING: Lexing = Lexing::Postgres { standard_conforming_strings: true };
const ALL: Keep = Keep::TEXT.with(Keep::PARAMETERS).with(Keep::HASHES).with(Keep::ERROR);

/// What is taken of a text that is run.
fn of_text(text: &str, wants: &[Keep]) -> Option<Box<Kept>> {
    let analysis = sql::analyse(text.as_bytes(), LEXING);
    let wire = Wire::Postgres(wire_postgres::Session::new(1 << 20));
    let request = Request::Run { text: text.as_bytes() };
    let ask = Ask { bytes: text.len(), rest: 0, request };
    let asked = Asked { ask: &ask, analysis: &analysis, lexing: LEXING, wire: &wire, knows_names: true };
    take(wants, &asked, &Budget::default())
}

fn shown(bytes: &Option<Box<[u8]>>) -> String {
    bytes.as_ref().map_or("-".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn values_of(text: &str, wants: &[Keep], place: usize) -> String {
    let values = of_text(text, wants).unwrap().take(place);
    values.map_or("nothing".to_owned(), |values| {
        let many = |values: &Option<Vec<Option<Box<[u8]>>>>| {
            values.as_ref().map_or("-".to_owned(), |all| all.iter().map(shown).collect::<Vec<_>>().join(","))
        };
        let (parameters, hashed) = (many(&values.parameters), many(&values.hashed));
        format!("{} | {parameters} | {hashed} | {}", shown(&values.text), values.withheld.unwrap_or("-"))
    })
}

#[test]
fn a_text_is_kept_as_it_came_and_its_literals_in_order() {
    let text = "/* job 7 */ SELECT 'it''s', 1.5 ;";
    assert_eq!(values_of(text, &[ALL], 0), format!("{text} | it's,1.5 | it's,1.5 | -"));
    assert_eq!(values_of(text, &[Keep::TEXT], 0), format!("{text} | - | - | -"));
    assert_eq!(values_of(text, &[Keep::HASHES], 0), "- | - | it's,1.5 | -");
    assert_eq!(values_of(text, &[Keep::ERROR], 0), "nothing");
}

#[test]
fn nothing_is_taken_where_nothing_is_wanted() {
    assert!(of_text("SELECT 1", &[]).is_none());
    assert!(of_text("SELECT 1", &[Keep::NOTHING]).is_none());
}

#[test]
fn each_statement_of_a_text_has_its_own_part() {
    let text = "SELECT 'a'; UPDATE t SET b = 'c'; SELECT 'd'";
    let wants = [Keep::NOTHING, ALL];
    assert_eq!(values_of(text, &wants, 0), "nothing");
    assert_eq!(values_of(text, &wants, 1), "UPDATE t SET b = 'c' | c | c | -");
    assert_eq!(values_of(text, &wants, 2), "nothing");
}

#[test]
fn a_secret_anywhere_in_the_text_withholds_all_of_it() {
    let text = "SELECT 'a'; ALTER ROLE b PASSWORD 'S3cr3t!'";
    for place in 0..2 {
        assert_eq!(values_of(text, &[ALL, ALL], place), "- | - | - | secret");
    }
    assert_eq!(values_of("SELECT crypt('x', 'y')", &[Keep::ERROR], 0), "- | - | - | secret");
}

#[test]
fn what_is_executed_by_a_name_withholds_what_it_is_given() {
    let unknown = "EXECUTE p('S3cr3t!')";
    assert_eq!(values_of(unknown, &[ALL], 0), "- | - | - | unseen");
    let known = "PREPARE p AS SELECT a FROM t WHERE b = $1; EXECUTE p('x')";
    assert_eq!(values_of(known, &[Keep::NOTHING, ALL], 1), "EXECUTE p('x') | x | x | -");
}

#[test]
fn a_text_that_executes_more_than_is_looked_through_keeps_nothing() {
    let text = |many: usize| format!("PREPARE p AS SELECT $1{}", "; EXECUTE p('x')".repeat(many));
    let wants = [Keep::NOTHING, ALL];
    assert_eq!(values_of(&text(EXECUTES_MAX), &wants, 1), "EXECUTE p('x') | x | x | -");
    assert_eq!(values_of(&text(EXECUTES_MAX + 1), &wants, 1), "- | - | - | unseen");
}

#[test]
fn what_is_longer_than_is_kept_is_cut_and_says_so() {
    let text = format!("SELECT '{}'", "x".repeat(TEXT_BYTES_MAX));
    let mut kept = of_text(&text, &[ALL]).unwrap();
    let values = kept.take(0).unwrap();
    assert_eq!((values.text.unwrap().len(), values.withheld), (TEXT_BYTES_MAX, Some("cut")));
    assert_eq!(values.parameters, Some(vec![Some(vec![b'x'; TEXT_BYTES_MAX].into())]));
    let text = format!("SELECT {}", vec!["1"; VALUES_MAX + 1].join(", "));
    let values = of_text(&text, &[Keep::HASHES]).unwrap().take(0).unwrap();
    assert_eq!((values.hashed.unwrap().len(), values.withheld), (VALUES_MAX, Some("cut")));
}

#[test]
fn a_session_that_has_much_under_way_keeps_no_more() {
    let budget = Budget::default();
    let rest = budget.take(Budget::BYTES_MAX - 100);
    let text = b"SELECT 'a'";
    let analysis = sql::analyse(text, LEXING);
    let wire = Wire::Postgres(wire_postgres::Session::new(1 << 20));
    let ask = Ask { bytes: text.len(), rest: 0, request: Request::Run { text } };
    let asked = Asked { ask: &ask, analysis: &analysis, lexing: LEXING, wire: &wire, knows_names: true };
    let mut kept = take(&[ALL], &asked, &budget).unwrap();
    assert_eq!(kept.take(0).unwrap().withheld, Some("unseen"));
    drop(rest);
    let mut kept = take(&[ALL], &asked, &budget).unwrap();
    assert_eq!(kept.take(0).unwrap().withheld, None);
}

#[test]
fn an_error_goes_with_the_next_record_in_its_own_words() {
    let fields = b"SERROR\0C23505\0Mduplicate key\0DKey (a)=(5) exists.\0Hnone\0Wsomewhere\0Rcheck\0\0";
    let mut kept = of_text("INSERT INTO t VALUES (5)", &[ALL]).unwrap();
    // The intent has the rest.
    assert!(kept.take(0).unwrap().error.is_none());
    kept.failed(0, fields, Protocol::Postgres);
    let values = kept.take(0).unwrap();
    let expected = "duplicate key\ndetail: Key (a)=(5) exists.\nhint: none\nwhere: somewhere";
    assert_eq!((shown(&values.error), values.text), (expected.to_owned(), None));
    // Nobody asked for it.
    let mut kept = of_text("INSERT INTO t VALUES (5)", &[Keep::HASHES]).unwrap();
    kept.take(0);
    kept.failed(0, fields, Protocol::Postgres);
    assert!(kept.take(0).is_none());
}

#[test]
fn an_error_that_tells_of_a_secret_is_not_kept() {
    let fields = b"Mno\0WSQL statement \"ALTER ROLE a PASSWORD 'S3cr3t!'\"\0\0";
    let mut kept = of_text("SELECT f(5)", &[Keep::ERROR]).unwrap();
    kept.failed(0, fields, Protocol::Postgres);
    let values = kept.take(0).unwrap();
    assert_eq!((values.error, values.withheld), (None, Some("secret")));
    // Of a statement that may hold one no error is kept, whatever it says.
    let mut kept = of_text("ALTER ROLE a PASSWORD 'x'", &[ALL]).unwrap();
    kept.take(0);
    kept.failed(0, b"Mrole does not exist\0\0", Protocol::Postgres);
    assert!(kept.take(0).is_none());
}

#[test]
fn an_error_that_names_a_secret_or_shows_what_a_copy_brought_is_not_kept() {
    let fields = b"Mduplicate key\0DKey (access_token)=(S3cr3t!) already exists.\0\0";
    let mut kept = of_text("INSERT INTO t SELECT * FROM t", &[Keep::ERROR]).unwrap();
    kept.failed(0, fields, Protocol::Postgres);
    let values = kept.take(0).unwrap();
    assert_eq!((values.error.as_deref(), values.withheld), (None, Some("secret")));
    let fields = b"Mmissing data\0WCOPY t, line 1: \"S3cr3t! 5\"\0\0";
    let mut kept = of_text("COPY t FROM STDIN", &[Keep::ERROR]).unwrap();
    kept.failed(0, fields, Protocol::Postgres);
    let values = kept.take(0).unwrap();
    assert_eq!((shown(&values.error).as_str(), values.withheld), ("missing data", None));
}

#[test]
fn a_long_error_is_cut() {
    let fields = [b"M", "x".repeat(ERROR_BYTES_MAX + 1).as_bytes(), b"\0\0"].concat();
    let mut kept = of_text("SELECT 1", &[Keep::ERROR]).unwrap();
    kept.failed(0, &fields, Protocol::Postgres);
    let values = kept.take(0).unwrap();
    assert_eq!((values.error.unwrap().len(), values.withheld), (ERROR_BYTES_MAX, Some("cut")));
}

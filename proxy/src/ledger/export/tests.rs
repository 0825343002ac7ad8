//! Is what leaves the ledger what is in it, for readers that are not ours?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ocsf;

use super::columns::COLUMNS;
use super::*;
use crate::ledger::reading::{self, Sieve, Which};
use crate::ledger::search::Scope;
use crate::ledger::{Ledger, LedgerSettings};
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::Field;
use control::LedgerQuery;
use exchange::{
    Address, Certificate, Environment, Event, LedgerAccess, Principal, Protocol, ReaderKind, Record,
    RecordBody, Session, SessionId, TlsFacts,
};
use relay::journal::LedgerHealth;
use serde_json::{Value, json};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

const AT_US: u64 = 1_785_846_896_000_789;

fn session(user: &str) -> Arc<Session> {
    Arc::new(Session {
        id: SessionId(0x0199_0a3b_5c7e_7d10_9f3e_5a6b_7c8d_9e0f),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: user.into(),
            database: "shop".into(),
            application: "say \"no\", then =1+1".into(),
            address: Address::Tcp("192.0.2.17:52114".parse().unwrap()),
            tls: Some(TlsFacts {
                version: "TLSv1.3",
                certificate: Some(Arc::new(Certificate {
                    names: ["ann".into(), "ann@example.com".into()].into(),
                    fingerprint: [7; 32],
                })),
            }),
        },
    })
}

/// A ledger of two segments: one with the lines of the documentation, which another test holds to what is written, and
/// one that the ledger itself writes.
fn ledger(folder: &Path) {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ledger.md");
    let reference = std::fs::read_to_string(reference).unwrap();
    let lines: String = reference
        .lines()
        .filter(|line| line.starts_with("{\"v\":"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(lines.contains("statement.held"));
    let directory = folder.join("ledger");
    std::fs::create_dir(&directory).unwrap();
    let ledger = Ledger::open(LedgerSettings::new(&directory), Arc::new(LedgerHealth::default())).unwrap();
    let handle = ledger.spawn(Vec::new()).unwrap();
    let access = LedgerAccess {
        kind: ReaderKind::Process,
        name: "=cmd()".into(),
        asked: "two\nlines".into(),
        format: "csv".into(),
    };
    let failed =
        RecordBody::Ended { sqlstate: Some(*b"28P01"), message_class: "refused", bytes_in: 9, bytes_out: 3 };
    let note = |text: &str| RecordBody::Note(text.into());
    for (event, user, body) in [
        (Event::LoginFailed, Some("Ünïcode"), failed),
        (Event::SessionStart, Some(""), RecordBody::None),
        (Event::ConfigChanged, None, note("-- a comment")),
        (Event::ModeChanged, Some("ada"), note("observe")),
        (Event::LedgerRead, None, RecordBody::Access(Box::new(access.clone()))),
        (Event::LedgerExport, None, RecordBody::Access(Box::new(access))),
        (Event::LedgerErased, None, note("2026-11-20")),
    ] {
        handle.offer(Record { event, at_us: AT_US, session: user.map(session), body }).unwrap();
    }
    handle.close().unwrap();
    std::fs::write(directory.join("00000009.jsonl"), lines).unwrap();
}

/// All records of the ledger, as they are and as an export has them.
fn exported(directory: &Path, format: Format) -> (Vec<Value>, Vec<u8>) {
    let query = LedgerQuery { limit: 1, ..LedgerQuery::default() };
    let mut sieve = Sieve::of(&query, Scope::Everything).unwrap();
    let mut export = Export::begin(format, Vec::new()).unwrap();
    let mut records = Vec::new();
    let mut each = |line: &Line<'_>| {
        records.push(serde_json::from_slice(line.bytes).unwrap());
        export.take(line)?;
        Ok(ControlFlow::Continue(()))
    };
    reading::read(directory, Which::All, &mut sieve, &mut |_| (), &mut each).unwrap();
    assert_eq!(export.records, records.len() as u64);
    (records, export.finish().unwrap())
}

fn scene() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    ledger(folder.path());
    let directory = folder.path().join("ledger");
    (folder, directory)
}

/// What a column should hold of a record, looked up in another way than the export does.
fn expected(name: &str, record: &Value) -> Value {
    let path = match name {
        "user" | "database" | "application" | "address" | "tls" | "on_behalf_of" | "trace_id" => {
            format!("/principal/{name}")
        }
        "certificate" => "/principal/certificate/names".to_owned(),
        "certificate_sha256" => "/principal/certificate/sha256".to_owned(),
        "would_rule" => "/would/rule".to_owned(),
        "would_verdict" => "/would/verdict".to_owned(),
        "transaction" => "/tx/state".to_owned(),
        "total_us" | "judge_us" | "first_us" => format!("/timing_us/{}", name.trim_end_matches("_us")),
        "verb" | "unjudged" => format!("/effects/{name}"),
        "source_fingerprint" | "source_text" | "source_tables" => format!("/source/{}", &name[7..]),
        "reader" => "/reader/name".to_owned(),
        other => format!("/{other}"),
    };
    record.pointer(&path).cloned().unwrap_or(Value::Null)
}

#[test]
fn lines_are_exported_byte_for_byte() {
    let (_folder, directory) = scene();
    let (records, bytes) = exported(&directory, Format::Jsonl);
    assert!(records.len() > 20, "{}", records.len());
    let mut stored = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension() == Some("jsonl".as_ref()));
    paths.sort();
    paths.iter().for_each(|path| stored.extend(std::fs::read(path).unwrap()));
    assert_eq!(bytes, stored);
}

#[test]
fn a_sheet_has_every_value_and_no_formula() {
    let (_folder, directory) = scene();
    let (records, bytes) = exported(&directory, Format::Csv);
    assert!(bytes.starts_with(b"ts,event,id,workspace,listener,environment,session,exchange,user,database,"));
    assert!(bytes.ends_with(b"\r\n"));
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), records.len());
    for (row, record) in rows.iter().zip(&records) {
        for (name, cell) in names.iter().zip(row) {
            let value = match expected(name, record) {
                Value::Null => String::new(),
                Value::String(text) => text,
                Value::Array(items) => {
                    items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                }
                other => other.to_string(),
            };
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{name}: {cell}");
            assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), value, "{name}");
        }
    }
    assert!(rows.iter().any(|row| row.iter().any(|cell| cell == "'=cmd()")));
    assert!(rows.iter().any(|row| row.iter().any(|cell| cell == "two\nlines")));
}

fn opened(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

#[test]
fn parquet_has_every_value_with_its_type() {
    let (_folder, directory) = scene();
    let (records, bytes) = exported(&directory, Format::Parquet);
    let reader = opened(&bytes);
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), records.len());
    let mut seen = std::collections::BTreeSet::new();
    for (row, record) in rows.iter().zip(&records) {
        for (name, field) in row.get_column_iter() {
            let value = match field {
                Field::Null => Value::Null,
                Field::Str(text) => json!(text),
                Field::Long(number) => json!(number),
                Field::TimestampMicros(at_us) => json!(crate::ledger::moments::write(*at_us)),
                Field::ListInternal(list) => {
                    list.elements().iter().map(|item| json!(item.to_string().trim_matches('"'))).collect()
                }
                other => panic!("{name}: {other:?}"),
            };
            if value != Value::Null {
                seen.insert(name.clone());
            }
            assert_eq!(value, expected(name, record), "{name}");
        }
    }
    for name in ["ts", "tables", "source_tables", "rows", "reader", "would_rule", "seq"] {
        assert!(seen.contains(name), "no record has `{name}`: nothing was compared");
    }
    assert_eq!(rows[0].len(), COLUMNS.len());
}

#[test]
fn many_rows_are_written_in_groups_and_none_is_missing() {
    let mut export = Export::begin(Format::Parquet, Vec::new()).unwrap();
    let query = LedgerQuery { limit: 1, ..LedgerQuery::default() };
    let mut sieve = Sieve::of(&query, Scope::Everything).unwrap();
    let count = 120_001_u64;
    for number in 0..count {
        let tables: Vec<String> = (0..number % 4).map(|table| format!("t{table}")).collect();
        let record = json!({
            "event": "statement.outcome", "id": "0198c0de-1234-7abc-8def-0123456789ab",
            "ts": "2026-08-04T12:34:56.000789Z", "seq": number, "tables": if number % 4 == 3 { json!(null) } else { json!(tables) },
        });
        let line = record.to_string();
        export.take(&sieve.take(line.as_bytes()).unwrap()).unwrap();
    }
    let bytes = export.finish().unwrap();
    let reader = opened(&bytes);
    assert!(reader.num_row_groups() > 2, "{}", reader.num_row_groups());
    for (number, row) in reader.get_row_iter(None).unwrap().map(Result::unwrap).enumerate() {
        let find = |name: &str| row.get_column_iter().find(|(own, _)| *own == name).unwrap().1.clone();
        assert_eq!(find("seq"), Field::Long(number as i64));
        match find("tables") {
            Field::Null => assert_eq!(number % 4, 3),
            Field::ListInternal(list) => assert_eq!(list.len(), number % 4),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(reader.metadata().file_metadata().num_rows(), count as i64);
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    let mut given_up = Destination::open(&path, false).unwrap();
    given_up.write_all(b"half").unwrap();
    assert!(!path.exists());
    drop(given_up);
    assert_eq!(names(), 0);
    let mut kept = Destination::open(&path, false).unwrap();
    kept.write_all(b"whole").unwrap();
    kept.keep().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"whole");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(), 1);
    assert!(Destination::open(&folder.path().join("missing/records.csv"), false).is_err());
}

#[test]
fn what_is_there_is_replaced_only_where_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.csv");
    let link = folder.path().join("newest.csv");
    std::os::unix::fs::symlink("records.csv", &link).unwrap();
    let kind = |path: &Path| Destination::open(path, false).unwrap_err().kind();
    assert_eq!(kind(&link), io::ErrorKind::InvalidInput, "nobody can say what it should become");
    let late = Destination::open(&path, false).unwrap();
    std::fs::write(&path, "somebody's").unwrap();
    assert_eq!(late.keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists, "it came meanwhile");
    assert_eq!((kind(&path), kind(&link)), (io::ErrorKind::AlreadyExists, io::ErrorKind::AlreadyExists));
    assert_eq!(kind(folder.path()), io::ErrorKind::IsADirectory);
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody's");

    let mut new = Destination::open(&link, true).unwrap();
    new.write_all(b"new").unwrap();
    new.keep().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert!(link.is_symlink(), "a link stays one");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_pipe_is_written_into_and_stays_one() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for (path, replaces) in [(&pipe, false), (&pipe, true), (&link, true)] {
        let from = pipe.clone();
        let reader = std::thread::spawn(move || std::fs::read(from).unwrap());
        let mut into = Destination::open(path, replaces).unwrap();
        into.write_all(b"records").unwrap();
        into.keep().unwrap();
        assert_eq!(reader.join().unwrap(), b"records");
    }
    assert!(std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

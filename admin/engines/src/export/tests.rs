//! Is what was written what is read back?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::cell::CellKind;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;

fn column(name: &str, kind: CellKind) -> Column {
    Column { name: name.to_owned(), type_name: String::new(), kind }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// The whole file, taken in parts as an answer of the API would.
fn write(format: Format, columns: &[Column], rows: &[Vec<Cell>]) -> Vec<u8> {
    let mut export = Export::new(format);
    let mut file = Vec::new();
    export.columns(columns).unwrap();
    for part in rows.chunks(7) {
        export.rows(part).unwrap();
        file.extend(export.take());
    }
    file.extend(export.finish().unwrap());
    file
}

#[test]
fn csv_is_read_back_by_any_reader() {
    let columns = [column("id", CellKind::Integer), column("a \"b\", c", CellKind::Text)];
    let hostile = ["", "a,b", "say \"no\"", "two\r\nlines", "=1+1", " edge ", "ünïcode", "\u{0}", "-2"];
    let rows: Vec<Vec<Cell>> =
        hostile.iter().enumerate().map(|(at, word)| vec![Cell::Integer(at as i64), text(word)]).collect();
    let file = write(Format::Csv, &columns, &rows);
    let mut reader = csv::Reader::from_reader(file.as_slice());
    assert_eq!(reader.headers().unwrap(), vec!["id", "a \"b\", c"]);
    let read: Vec<String> = reader.records().map(|record| record.unwrap()[1].to_owned()).collect();
    assert_eq!(read, hostile);
}

#[test]
fn csv_tells_a_missing_value_from_an_empty_one() {
    let columns = [column("a", CellKind::Text), column("b", CellKind::Bytes)];
    let rows = [vec![Cell::Null, Cell::Bytes(vec![1, 255])], vec![text(""), Cell::Null]];
    let file = write(Format::Csv, &columns, &rows);
    assert_eq!(String::from_utf8(file).unwrap(), "a,b\r\n,\\x01ff\r\n\"\",\r\n");
}

#[test]
fn json_has_distinct_names_and_exact_numbers() {
    let columns: Vec<Column> =
        ["id", "id", "id_2", "", "id"].iter().map(|name| column(name, CellKind::Integer)).collect();
    let big = Cell::Integer(i64::MAX);
    let rows = [vec![Cell::Integer(1), big, Cell::Null, Cell::Boolean(true), text("x\n\"")]];
    let file = write(Format::Json, &columns, &rows);
    let read: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let expected = serde_json::json!([{
        "id": 1, "id_3": "9223372036854775807", "id_2": null, "column_4": true, "id_4": "x\n\""
    }]);
    assert_eq!(read, expected);

    let lines = write(Format::Ndjson, &columns, &[rows[0].clone(), rows[0].clone()]);
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        assert_eq!(serde_json::from_str::<serde_json::Value>(line).unwrap(), expected[0]);
    }
}

#[test]
fn a_result_without_rows_is_a_whole_file() {
    let columns = [column("a", CellKind::Text)];
    assert_eq!(write(Format::Csv, &columns, &[]), b"a\r\n");
    assert_eq!(write(Format::Ndjson, &columns, &[]), b"");
    let json: serde_json::Value = serde_json::from_slice(&write(Format::Json, &columns, &[])).unwrap();
    assert_eq!(json, serde_json::json!([]));
    let file = bytes::Bytes::from(write(Format::Parquet, &columns, &[]));
    assert_eq!(SerializedFileReader::new(file).unwrap().metadata().file_metadata().num_rows(), 0);
    let error = Export::new(Format::Parquet).finish().unwrap_err();
    assert!(matches!(error, ExportError::NoColumns), "{error}");
}

#[test]
fn parquet_has_the_types_of_the_columns() {
    let columns = [
        column("flag", CellKind::Boolean),
        column("id", CellKind::Integer),
        column("id", CellKind::Unsigned),
        column("ratio", CellKind::Float),
        column("price", CellKind::Decimal),
        column("day", CellKind::Date),
        column("local", CellKind::Timestamp),
        column("moment", CellKind::Moment),
        column("raw", CellKind::Bytes),
        column("doc", CellKind::Json),
        column("any", CellKind::Any),
    ];
    let row = vec![
        Cell::Boolean(true),
        Cell::Integer(i64::MIN),
        Cell::Unsigned(u64::MAX),
        Cell::Float(0.1),
        Cell::Decimal("12345678901234567890.10".to_owned()),
        Cell::Date("2024-02-29".to_owned()),
        Cell::Timestamp("1969-12-31T23:59:59.5".to_owned()),
        Cell::Moment("2026-07-30T02:00:00.000001+02".to_owned()),
        Cell::Bytes(vec![0, 255]),
        Cell::Json("{\"a\":1}".to_owned()),
        Cell::Integer(7),
    ];
    let missing = vec![Cell::Null; columns.len()];
    let file = bytes::Bytes::from(write(Format::Parquet, &columns, &[row, missing]));
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<Vec<(String, Field)>> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| {
            row.unwrap().get_column_iter().map(|(name, field)| (name.clone(), field.clone())).collect()
        })
        .collect();
    let fields: Vec<&Field> = rows[0].iter().map(|(_, field)| field).collect();
    assert_eq!(rows[0][2].0, "id_2");
    assert_eq!(fields[0], &Field::Bool(true));
    assert_eq!(fields[1], &Field::Long(i64::MIN));
    assert_eq!(fields[2], &Field::ULong(u64::MAX));
    assert_eq!(fields[3], &Field::Double(0.1));
    assert_eq!(fields[4], &Field::Str("12345678901234567890.10".to_owned()));
    assert_eq!(fields[5], &Field::Date(19_782));
    assert_eq!(fields[6], &Field::TimestampMicros(-500_000));
    assert_eq!(fields[7], &Field::TimestampMicros(1_785_369_600_000_001));
    assert_eq!(fields[8], &Field::Bytes(vec![0_u8, 255].into()));
    assert_eq!(fields[10], &Field::Str("7".to_owned()));
    assert!(rows[1].iter().all(|(_, field)| *field == Field::Null), "{:?}", rows[1]);
    let schema = reader.metadata().file_metadata().schema_descr();
    let logical = |at: usize| format!("{:?}", schema.column(at).logical_type_ref());
    assert!(logical(6).contains("false") && logical(7).contains("true"), "{} {}", logical(6), logical(7));
    assert!(logical(9).contains("Json"), "{}", logical(9));
}

#[test]
fn parquet_is_written_in_groups_of_bounded_size() {
    let columns = [column("n", CellKind::Integer), column("t", CellKind::Text)];
    let mut export = Export::new(Format::Parquet);
    export.columns(&columns).unwrap();
    let mut file = Vec::new();
    let mut early = 0;
    for part in 0..240_i64 {
        let rows: Vec<Vec<Cell>> =
            (0..500).map(|at| vec![Cell::Integer(part * 500 + at), text("some text of a row")]).collect();
        export.rows(&rows).unwrap();
        file.extend(export.take());
        if part == 120 {
            early = file.len();
        }
    }
    file.extend(export.finish().unwrap());
    assert!(early > 1_000, "bytes come before the end: {early}");
    let reader = SerializedFileReader::new(bytes::Bytes::from(file)).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 120_000);
    assert_eq!(reader.num_row_groups(), 3);
    let sum: i64 = reader.get_row_iter(None).unwrap().fold(0, |sum, row| {
        let row = row.unwrap();
        let (_, field) = row.get_column_iter().next().unwrap();
        match field {
            Field::Long(n) => sum + n,
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(sum, 119_999 * 120_000 / 2);
}

#[test]
fn a_value_that_does_not_fit_is_named_and_not_dropped() {
    for (kind, cell) in [
        (CellKind::Integer, text("seven")),
        (CellKind::Date, Cell::Date("infinity".to_owned())),
        (CellKind::Date, Cell::Date("2023-02-29".to_owned())),
        (CellKind::Timestamp, Cell::Timestamp("0000-00-00T00:00:00".to_owned())),
    ] {
        let mut export = Export::new(Format::Parquet);
        export.columns(&[column("wrong", kind)]).unwrap();
        let error = export.rows(&[vec![Cell::Null], vec![cell]]).unwrap_err();
        let told = error.to_string();
        assert!(told.contains("row 2") && told.contains("`wrong`"), "{told}");
    }
    let error = Export::new(Format::Csv).rows(&[vec![Cell::Null]]).unwrap_err();
    assert!(matches!(error, ExportError::Uneven { cells: 1, columns: 0 }));
}

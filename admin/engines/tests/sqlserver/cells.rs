//! Does every type of SQL Server become the cell it should?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::double::{Crypt, Double};
use super::harness::said;
use super::wire::{self, Answer, column};
use super::{Cell, RunRequest, connect_to};
use admin_engines::CellKind;

fn bytes(of: &[&[u8]]) -> Vec<u8> {
    of.concat()
}

/// The type on the wire, a value of it, its word and kind, and the cell.
type Case = (Vec<u8>, Vec<u8>, &'static str, CellKind, Cell);

fn cases() -> Vec<Case> {
    [numbers(), moments(), texts()].concat()
}

fn own(text: &str) -> String {
    text.to_owned()
}

fn numbers() -> Vec<Case> {
    vec![
        (vec![0x68, 1], vec![1, 1], "bit", CellKind::Boolean, Cell::Boolean(true)),
        (vec![0x26, 1], vec![1, 200], "tinyint", CellKind::Integer, Cell::Integer(200)),
        (
            vec![0x26, 2],
            bytes(&[&[2], &(-2_i16).to_le_bytes()]),
            "smallint",
            CellKind::Integer,
            Cell::Integer(-2),
        ),
        (vec![0x26, 4], wire::number(-7), "int", CellKind::Integer, Cell::Integer(-7)),
        (vec![0x38], 9_i32.to_le_bytes().to_vec(), "int", CellKind::Integer, Cell::Integer(9)),
        (
            vec![0x26, 8],
            bytes(&[&[8], &i64::MIN.to_le_bytes()]),
            "bigint",
            CellKind::Integer,
            Cell::Integer(i64::MIN),
        ),
        (vec![0x6d, 4], bytes(&[&[4], &0.1_f32.to_le_bytes()]), "real", CellKind::Float, Cell::Float(0.1)),
        (vec![0x6d, 8], bytes(&[&[8], &1.5_f64.to_le_bytes()]), "float", CellKind::Float, Cell::Float(1.5)),
        (
            vec![0x6e, 8],
            bytes(&[&[8], &0_i32.to_le_bytes(), &12_345_u32.to_le_bytes()]),
            "money",
            CellKind::Decimal,
            Cell::Decimal(own("1.2345")),
        ),
        (
            vec![0x6a, 17, 38, 4],
            bytes(&[&[5, 0], &123_400_u32.to_le_bytes()]),
            "decimal",
            CellKind::Decimal,
            Cell::Decimal(own("-12.3400")),
        ),
    ]
}

fn moments() -> Vec<Case> {
    vec![
        (
            vec![0x24, 16],
            bytes(&[&[16], &[0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0x78, 0x56, 1, 2, 3, 4, 5, 6, 7, 8]]),
            "uniqueidentifier",
            CellKind::Uuid,
            Cell::Uuid(own("12345678-1234-5678-0102-030405060708")),
        ),
        (
            vec![0x28],
            bytes(&[&[3], &738_578_u32.to_le_bytes()[..3]]),
            "date",
            CellKind::Date,
            Cell::Date(own("2023-02-28")),
        ),
        (
            vec![0x29, 7],
            bytes(&[&[5], &256_895_000_000_u64.to_le_bytes()[..5]]),
            "time",
            CellKind::Time,
            Cell::Time(own("07:08:09.5")),
        ),
        (
            vec![0x2a, 3],
            bytes(&[&[7], &25_689_500_u32.to_le_bytes(), &738_578_u32.to_le_bytes()[..3]]),
            "datetime2",
            CellKind::Timestamp,
            Cell::Timestamp(own("2023-02-28T07:08:09.5")),
        ),
        (
            vec![0x2b, 0],
            bytes(&[
                &[8],
                &82_800_u32.to_le_bytes()[..3],
                &738_578_u32.to_le_bytes()[..3],
                &120_i16.to_le_bytes(),
            ]),
            "datetimeoffset",
            CellKind::Moment,
            Cell::Moment(own("2023-03-01T01:00:00+02:00")),
        ),
        (
            vec![0x6f, 8],
            bytes(&[&[8], &44_983_i32.to_le_bytes(), &301_u32.to_le_bytes()]),
            "datetime",
            CellKind::Timestamp,
            Cell::Timestamp(own("2023-02-28T00:00:01.003")),
        ),
        (
            vec![0x6f, 4],
            bytes(&[&[4], &44_983_u16.to_le_bytes(), &61_u16.to_le_bytes()]),
            "datetime",
            CellKind::Timestamp,
            Cell::Timestamp(own("2023-02-28T01:01:00")),
        ),
    ]
}

fn texts() -> Vec<Case> {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let variant = bytes(&[&6_u32.to_le_bytes(), &[0x38, 0], &(-5_i32).to_le_bytes()]);
    let nvarchar = bytes(&[&[0xe7, 100, 0], &[9, 4, 0xd0, 0, 0x34]]);
    vec![
        (nvarchar.clone(), wire::text("größe 🐉"), "nvarchar", CellKind::Text, Cell::Text(own("größe 🐉"))),
        (nvarchar, wire::no_text(), "nvarchar", CellKind::Text, Cell::Null),
        (
            wire::nvarchar_max_type(),
            wire::parts(&utf16("lang")),
            "nvarchar",
            CellKind::Text,
            Cell::Text(own("lang")),
        ),
        (
            wire::varchar_type(20),
            bytes(&[&2_u16.to_le_bytes(), &[0xe4, 0x80]]),
            "varchar",
            CellKind::Text,
            Cell::Text(own("ä€")),
        ),
        (
            vec![0xa5, 20, 0],
            bytes(&[&2_u16.to_le_bytes(), &[0, 255]]),
            "varbinary",
            CellKind::Bytes,
            Cell::Bytes(vec![0, 255]),
        ),
        (vec![0xf1, 0], wire::parts(&utf16("<a/>")), "xml", CellKind::Other, Cell::Other(own("<a/>"))),
        (vec![0x62, 0x49, 0x1f, 0, 0], variant, "sql_variant", CellKind::Any, Cell::Integer(-5)),
    ]
}

#[tokio::test]
async fn every_type_a_double_sends_becomes_its_cell() {
    let double = Double::start(Crypt::None, |_| Answer::Rows {
        columns: cases().iter().map(|case| column("c", &case.0)).collect(),
        rows: vec![cases().into_iter().map(|case| case.1).collect()],
    });
    let mut connection = connect_to(&double).await;
    let said = said(&mut connection, &RunRequest::read("SELECT * FROM t")).await.unwrap();
    let [row] = said.rows.as_slice() else { panic!("{:?}", said.rows) };
    assert_eq!(row.len(), cases().len());
    for ((case, column), cell) in cases().iter().zip(&said.columns).zip(row) {
        assert_eq!((column.type_name.as_str(), column.kind), (case.2, case.3));
        assert_eq!(*cell, case.4, "{}", case.2);
    }
}

//! How does a SQL Server write results, errors and ends?

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::{BufMut, Bytes, BytesMut};
use tds_protocol::codec::{write_b_varchar, write_us_varchar};
use tds_protocol::token::{Done, DoneStatus, TokenType};

/// What the double says to a text.
pub enum Answer {
    /// That it is done.
    Done,
    /// Rows.
    Rows { columns: Vec<Column>, rows: Vec<Vec<Vec<u8>>> },
    /// The same row until somebody stops it.
    Endless { columns: Vec<Column>, row: Vec<Vec<u8>> },
    /// Nothing until somebody stops it.
    Silence,
    /// An error.
    Error { number: u32, message: &'static str, line: u32 },
    /// A whole message.
    Bytes(Vec<u8>),
}

/// A column: its name, and its type as it stands on the wire.
#[derive(Clone)]
pub struct Column {
    pub name: &'static str,
    pub type_info: Vec<u8>,
}

/// Latin, 1252.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];

pub fn column(name: &'static str, type_info: &[u8]) -> Column {
    Column { name, type_info: type_info.to_vec() }
}

/// `nvarchar(4000)`
pub fn nvarchar(name: &'static str) -> Column {
    column(name, &[&[0xe7, 0x40, 0x1f], COLLATION.as_slice()].concat())
}

/// `int`
pub fn int(name: &'static str) -> Column {
    column(name, &[0x26, 4])
}

/// A value of `int`.
pub fn number(value: i32) -> Vec<u8> {
    [&[4_u8], value.to_le_bytes().as_slice()].concat()
}

/// A value of `nvarchar`.
pub fn text(value: &str) -> Vec<u8> {
    let units: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&u16::try_from(units.len()).unwrap().to_le_bytes(), units.as_slice()].concat()
}

/// No value of `nvarchar`.
pub fn no_text() -> Vec<u8> {
    vec![0xff, 0xff]
}

pub fn varchar_type(length: u16) -> Vec<u8> {
    [&[0xa7], length.to_le_bytes().as_slice(), &COLLATION].concat()
}

pub fn nvarchar_max_type() -> Vec<u8> {
    [&[0xe7, 0xff, 0xff], COLLATION.as_slice()].concat()
}

/// A value in parts: `varchar(max)`, `xml` and their like.
pub fn parts(bytes: &[u8]) -> Vec<u8> {
    let mut value = u64::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
    for part in bytes.chunks(1024 * 1024) {
        value.extend_from_slice(&u32::try_from(part.len()).unwrap().to_le_bytes());
        value.extend_from_slice(part);
    }
    value.extend_from_slice(&[0; 4]);
    value
}

pub fn result(columns: &[Column], rows: &[Vec<Vec<u8>>]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(TokenType::ColMetaData as u8);
    bytes.put_u16_le(u16::try_from(columns.len()).unwrap());
    for column in columns {
        bytes.put_u32_le(0);
        bytes.put_u16_le(1);
        bytes.put_slice(&column.type_info);
        write_b_varchar(&mut bytes, column.name);
    }
    for values in rows {
        bytes.put_slice(&row(values));
    }
    bytes.freeze()
}

pub fn row(values: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![TokenType::Row as u8];
    bytes.extend(values.iter().flatten());
    bytes
}

pub fn done(attention: bool) -> Bytes {
    let mut status = DoneStatus::default();
    status.attn = attention;
    let mut bytes = BytesMut::new();
    Done { status, cur_cmd: 0, row_count: 0 }.encode(&mut bytes);
    bytes.freeze()
}

pub fn error_token(number: u32, message: &str, line: u32) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u32_le(number);
    body.put_u8(1);
    body.put_u8(16);
    write_us_varchar(&mut body, message);
    write_b_varchar(&mut body, "double");
    write_b_varchar(&mut body, "");
    body.put_u32_le(line);
    token(TokenType::Error, &body)
}

pub fn login_ack() -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(1);
    body.put_u32(0x7400_0004);
    write_b_varchar(&mut body, "double");
    body.put_u32(0x1000_0fa0);
    token(TokenType::LoginAck, &body)
}

/// The login goes on at another port of this machine.
pub fn routing(port: u16) -> Bytes {
    let mut value = BytesMut::new();
    value.put_u8(0);
    value.put_u16_le(port);
    write_us_varchar(&mut value, "127.0.0.1");
    let mut body = BytesMut::new();
    body.put_u8(20);
    body.put_u16_le(u16::try_from(value.len()).unwrap());
    body.put_slice(&value);
    body.put_u16_le(0);
    let mut bytes = login_ack().to_vec();
    bytes.extend_from_slice(&token(TokenType::EnvChange, &body));
    bytes.into()
}

fn token(kind: TokenType, body: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(kind as u8);
    bytes.put_u16_le(u16::try_from(body.len()).unwrap());
    bytes.put_slice(body);
    bytes.freeze()
}

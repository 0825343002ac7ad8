//! How are records written as Parquet?
//!
//! | column | in Parquet |
//! |---|---|
//! | moment | INT64 as TIMESTAMP in microseconds, UTC |
//! | number | INT64 |
//! | text | BYTE_ARRAY as STRING |
//! | list | LIST of BYTE_ARRAY as STRING |
//!
//! Every column may miss values. Rows are gathered column by column and written as a row group when there are enough of
//! them: that is the memory a file of any size takes.

use super::columns::{COLUMNS, Column, Kind, texts};
use crate::ledger::index::micros;
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::Type;
use serde_json::Value;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// Most rows of a row group.
const GROUP_ROWS: usize = 50_000;
/// Most bytes of a row group before it is compressed, about.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// A file in the making.
pub(super) struct Parquet<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

impl<W: Write + Send> fmt::Debug for Parquet<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Parquet").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// One column of the group that is gathered.
struct Gathered {
    column: &'static Column,
    numbers: Vec<i64>,
    texts: Vec<ByteArray>,
    /// How much of each entry is there: nothing, or for a list an empty one, or a value.
    definitions: Vec<i16>,
    /// For lists: 0 where a row begins, 1 where it goes on.
    repetitions: Vec<i16>,
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn begin(out: W) -> io::Result<Parquet<W>> {
        let fields: Result<Vec<_>, _> = COLUMNS.iter().map(field).collect();
        let schema = fields
            .and_then(|fields| Type::group_type_builder("ledger").with_fields(fields).build())
            .map_err(other)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("dragoman".to_owned())
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(other)?;
        let columns = COLUMNS.iter().map(Gathered::new).collect();
        Ok(Parquet { file, columns, rows: 0, bytes: 0 })
    }

    pub(super) fn row(&mut self, record: &Value) -> io::Result<()> {
        for column in &mut self.columns {
            self.bytes += column.push(record);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group().map_err(other)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_group().map_err(other)?;
        self.file.into_inner().map_err(other)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// What the disk said stays what it is: who waits for a closed pipe looks for that.
fn other(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    }
}

fn field(column: &Column) -> Result<Arc<Type>, ParquetError> {
    let text = |name, repetition| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(repetition)
            .with_logical_type(Some(LogicalType::String))
            .build()
            .map(Arc::new)
    };
    let number = |logical| {
        Type::primitive_type_builder(column.name, Physical::INT64)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    match column.kind {
        Kind::Text => text(column.name, Repetition::OPTIONAL),
        Kind::Number => number(None),
        Kind::Moment => number(Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        // Three levels, as the format's document of logical types asks for.
        Kind::List => {
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![text("element", Repetition::REQUIRED)?])
                .build()?;
            Type::group_type_builder(column.name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
                .map(Arc::new)
        }
    }
}

impl Gathered {
    fn new(column: &'static Column) -> Gathered {
        Gathered {
            column,
            numbers: Vec::new(),
            texts: Vec::new(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
        }
    }

    /// Takes the value of a record; returns about how many bytes it takes.
    fn push(&mut self, record: &Value) -> usize {
        let value = self.column.of(record);
        if self.column.kind == Kind::List {
            return self.push_list(value);
        }
        let bytes = match self.column.kind {
            Kind::Number => value.and_then(number).map(|number| self.push_number(number)),
            Kind::Moment => value
                .and_then(|text| micros(text.as_str()?.as_bytes()))
                .map(|moment| self.push_number(moment)),
            Kind::Text | Kind::List => value.map(|value| match value {
                Value::String(text) => self.push_text(text),
                other => self.push_text(&other.to_string()),
            }),
        };
        self.definitions.push(i16::from(bytes.is_some()));
        2 + bytes.unwrap_or(0)
    }

    fn push_list(&mut self, value: Option<&Value>) -> usize {
        let Some(value) = value else {
            self.definitions.push(0);
            self.repetitions.push(0);
            return 4;
        };
        let mut bytes = 0;
        let mut repetition = 0;
        for text in texts(value) {
            bytes += 4 + self.push_text(text);
            self.definitions.push(2);
            self.repetitions.push(repetition);
            repetition = 1;
        }
        if repetition == 0 {
            self.definitions.push(1);
            self.repetitions.push(0);
        }
        4 + bytes
    }

    fn push_number(&mut self, number: i64) -> usize {
        self.numbers.push(number);
        8
    }

    fn push_text(&mut self, text: &str) -> usize {
        self.texts.push(ByteArray::from(text.as_bytes().to_vec()));
        text.len() + size_of::<ByteArray>()
    }

    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let definitions = Some(self.definitions.as_slice());
        match self.column.kind {
            Kind::Number | Kind::Moment => {
                writer.typed::<Int64Type>().write_batch(&self.numbers, definitions, None)?;
            }
            Kind::Text => {
                writer.typed::<ByteArrayType>().write_batch(&self.texts, definitions, None)?;
            }
            Kind::List => {
                let repetitions = Some(self.repetitions.as_slice());
                writer.typed::<ByteArrayType>().write_batch(&self.texts, definitions, repetitions)?;
            }
        }
        self.numbers.clear();
        self.texts.clear();
        self.definitions.clear();
        self.repetitions.clear();
        Ok(())
    }
}

/// Counters have 64 bits without a sign; none gets where the sign would be.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_u64().map(|_| i64::MAX))
}

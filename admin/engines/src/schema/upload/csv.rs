//! What schema do the rows of a CSV file describe, one row a column?

use super::super::model::{Catalog, Column, Reference};
use super::draft::{Draft, SCHEMA};
use super::text::{self, number};
use super::{Errors, Place, RowError, nearest};
use csv::{ReaderBuilder, StringRecord};
use std::collections::HashMap;

/// What a header may say, in the order of `docs/schema.md`.
pub(super) const HEADERS: [&str; 12] = [
    "schema",
    "table",
    "column",
    "type",
    "nullable",
    "default",
    "comment",
    "primary_key",
    "unique",
    "index",
    "references",
    "table_comment",
];

/// What a header must say.
const NEEDED: [&str; 3] = ["table", "column", "type"];

/// Reads a CSV file: a header, then one row for each column, as `docs/schema.md` says.
pub fn from_csv(bytes: &[u8]) -> Result<Catalog, Vec<RowError>> {
    let text = text::utf8(bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| {
        // The first of equals is to win, and `max_by_key` takes the last: a comma counts a little more.
        first.bytes().filter(|byte| byte == delimiter).count() * 2 + usize::from(*delimiter == b',')
    });
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut draft = Draft::default();
    let mut headers: Option<Headers> = None;
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                let place = Place { line, column: 1, field: String::new() };
                draft.errors.add(&place, "the row cannot be read", "check its quotes");
                break;
            }
            Ok(true) => {}
        }
        let line = record.position().map_or(1, csv::Position::line);
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match &headers {
            None => headers = Some(Headers::read(&record, line, &mut draft.errors)?),
            Some(headers) => read_row(&Row { headers, record: &record, line }, &mut draft),
        }
        if draft.errors.is_full() {
            break;
        }
    }
    draft.finish()
}

/// Which field has which header.
struct Headers {
    places: HashMap<&'static str, usize>,
    count: usize,
}

impl Headers {
    /// Without a good header no row means anything, so its errors end the reading.
    fn read(record: &StringRecord, line: u64, errors: &mut Errors) -> Result<Headers, Vec<RowError>> {
        let mut places = HashMap::new();
        for (at, field) in record.iter().enumerate() {
            let place = Place { line, column: number(at + 1), field: field.trim().to_owned() };
            let word = field.trim().to_lowercase().replace([' ', '-'], "_");
            match HEADERS.iter().find(|known| **known == word) {
                None => {
                    errors.add(&place, format!("unknown header `{}`", field.trim()), nearest(&word, &HEADERS))
                }
                Some(known) => {
                    if places.insert(*known, at).is_some() {
                        errors.add(
                            &place,
                            format!("the header `{known}` stands twice"),
                            "take one of them out",
                        );
                    }
                }
            }
        }
        for needed in NEEDED.iter().filter(|needed| !places.contains_key(*needed)) {
            let place = Place { line, column: 1, field: (*needed).to_owned() };
            let hint = "the first row names the fields; table, column and type must be there";
            errors.add(&place, format!("the header `{needed}` is missing"), hint);
        }
        match std::mem::take(&mut errors.list) {
            list if list.is_empty() => Ok(Headers { places, count: record.len() }),
            list => Err(list),
        }
    }
}

/// A row and what its fields are called.
struct Row<'a> {
    headers: &'a Headers,
    record: &'a StringRecord,
    line: u64,
}

impl Row<'_> {
    fn field(&self, header: &'static str) -> (&str, Place) {
        let at = self.headers.places.get(header).copied();
        let text = at.and_then(|at| self.record.get(at)).unwrap_or_default();
        (text, Place { line: self.line, column: number(at.map_or(1, |at| at + 1)), field: header.to_owned() })
    }

    fn yes(&self, header: &'static str, errors: &mut Errors) -> Option<bool> {
        let (text, place) = self.field(header);
        let answer = text::yes_or_no(text);
        if answer.is_none() {
            errors.add(&place, format!("`{}` is neither yes nor no", short(text)), "write `yes` or `no`");
        }
        answer
    }

    /// Nothing, a yes, or a name that several columns share.
    fn group(&self, header: &'static str, errors: &mut Errors) -> Option<Option<String>> {
        let (text, place) = self.field(header);
        match text::yes_or_no(text) {
            Some(true) => Some(None),
            Some(false) => None,
            None => text::name(text, &place, errors).map(Some),
        }
    }
}

fn read_row(row: &Row<'_>, draft: &mut Draft) {
    let errors = &mut draft.errors;
    if row.record.len() != row.headers.count {
        let place = Place { line: row.line, column: number(row.record.len()), field: String::new() };
        let message = format!("the row has {} fields, the header {}", row.record.len(), row.headers.count);
        errors.add(&place, message, "put a field with the delimiter in it in double quotes");
        return;
    }
    let (schema, place) = row.field("schema");
    let schema =
        if schema.trim().is_empty() { Some(SCHEMA.to_owned()) } else { text::name(schema, &place, errors) };
    let (table, place) = row.field("table");
    let table = text::name(table, &place, errors);
    let (name, column_place) = row.field("column");
    let name = text::name(name, &column_place, errors);
    let (data_type, place) = row.field("type");
    let data_type = text::text(data_type, &place, errors);
    if data_type.is_none() && row.field("type").0.trim().is_empty() {
        errors.add(&place, "the type is missing", "write the type as the database does");
    }
    let primary = row.yes("primary_key", errors);
    let (nullable, _) = row.field("nullable");
    let nullable = if nullable.trim().is_empty() {
        primary.map(|primary| !primary)
    } else {
        row.yes("nullable", errors)
    };
    let mut texts = ["default", "comment", "table_comment"].map(|header| {
        let (text, place) = row.field(header);
        text::text(text, &place, errors)
    });
    let (unique, index) = (row.group("unique", errors), row.group("index", errors));
    let (Some(schema), Some(table), Some(name), Some(data_type)) = (schema, table, name, data_type) else {
        return;
    };
    let (Some(primary), Some(nullable)) = (primary, nullable) else { return };
    let reference = reference(row, &schema, errors);
    let Some((table, errors)) = draft.table(&schema, &table, &column_place) else { return };
    let [default, comment, table_comment] = &mut texts;
    let (default, comment) = (default.take(), comment.take());
    let column = Column { name: name.clone(), data_type, nullable, default, comment, ..Column::default() };
    table.add_column(column, &column_place, errors);
    if let Some(comment) = table_comment.take() {
        table.object.definition.comment = Some(comment);
    }
    if primary {
        table.add_primary(&name);
    }
    if let Some(group) = unique {
        table.add_unique(group, &name);
    }
    if let Some(group) = index {
        table.add_indexed(group, &name);
    }
    if let Some((reference, place)) = reference {
        table.add_reference(None, vec![name], reference, &place);
    }
}

fn reference(row: &Row<'_>, schema: &str, errors: &mut Errors) -> Option<(Reference, Place)> {
    let (text, place) = row.field("references");
    if text.trim().is_empty() {
        return None;
    }
    let parts = text::parts(text).unwrap_or_default();
    let (schema, table, column) = match parts.as_slice() {
        [schema, table, column] => (schema.clone(), table.clone(), column.clone()),
        [table, column] => (schema.to_owned(), table.clone(), column.clone()),
        _ => {
            let hint = "write `schema.table.column` or `table.column`; a name with a dot in double quotes";
            errors.add(&place, format!("`{}` names no column of a table", short(text)), hint);
            return None;
        }
    };
    for part in [&schema, &table, &column] {
        text::name(part, &place, errors)?;
    }
    Some((Reference { schema, table, columns: vec![column] }, place))
}

/// The beginning of a value, for a message.
fn short(text: &str) -> String {
    text.trim().chars().filter(|character| !character.is_control()).take(60).collect()
}

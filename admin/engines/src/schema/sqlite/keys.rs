//! Which keys and indexes do the tables of a SQLite file have?

use super::super::CatalogError;
use super::super::model::{Column, ForeignKey, Index, Key, KeyAction, Reference, Relation};
use super::statement::{IndexStatement, TableStatement};
use super::{Reader, Statements};
use std::collections::HashMap;

const INDEXES: &str = "
SELECT l.schema, l.name, i.name, i.\"unique\", i.origin, x.name, x.cid, x.desc
FROM pragma_table_list l, pragma_index_list(l.name, l.schema) i, pragma_index_xinfo(i.name, l.schema) x
WHERE l.schema <> 'temp' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_' AND x.key = 1
ORDER BY l.schema, l.name, i.name, x.seqno";

const FOREIGN_KEYS: &str = "
SELECT l.schema, l.name, f.id, f.\"table\", f.\"from\", f.\"to\", f.on_update, f.on_delete
FROM pragma_table_list l, pragma_foreign_key_list(l.name, l.schema) f
WHERE l.schema <> 'temp' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_'
ORDER BY l.schema, l.name, f.id, f.seq";

/// A row of [`INDEXES`]: one column of one index.
struct IndexColumn {
    schema: String,
    table: String,
    index: String,
    unique: bool,
    origin: String,
    name: Option<String>,
    place: i64,
    descending: bool,
}

pub(super) fn read(reader: &mut Reader<'_>, statements: &Statements) -> Result<(), CatalogError> {
    let rows = reader.rows("indexes", INDEXES, |row| {
        Ok(IndexColumn {
            schema: row.get(0)?,
            table: row.get(1)?,
            index: row.get(2)?,
            unique: row.get(3)?,
            origin: row.get(4)?,
            name: row.get(5)?,
            place: row.get(6)?,
            descending: row.get(7)?,
        })
    })?;
    let texts: HashMap<(&str, &str), &str> = statements
        .iter()
        .flat_map(|(schema, statements)| statements.iter().map(move |statement| (schema, statement)))
        .filter(|(_, statement)| statement.kind == "index")
        .filter_map(|(schema, statement)| {
            Some(((schema.as_str(), statement.name.as_str()), statement.sql.as_deref()?))
        })
        .collect();
    for row in rows {
        let Some(relation) = reader.relation(&row.schema, &row.table) else { continue };
        add_index_column(relation, &row, texts.get(&(row.schema.as_str(), row.index.as_str())).copied());
    }
    foreign_keys(reader, statements)
}

/// A primary key of one column of type INTEGER is the row's number, which is never NULL, whatever is said.
pub(super) fn refuse_null_in_row_number(relation: &mut Relation) {
    let Some([name]) = relation.primary_key.as_ref().map(|key| key.columns.as_slice()) else { return };
    let is_number =
        |column: &&mut Column| column.name == *name && column.data_type.eq_ignore_ascii_case("INTEGER");
    if let Some(column) = relation.columns.iter_mut().find(is_number) {
        column.nullable = false;
    }
}

/// Adds a column to the primary key; `place` counts from 1.
pub(super) fn add_primary(relation: &mut Relation, place: usize, name: &str) {
    let key = relation.primary_key.get_or_insert_with(Key::default);
    if key.columns.len() < place {
        key.columns.resize(place, String::new());
    }
    if let Some(column) = key.columns.get_mut(place - 1) {
        name.clone_into(column);
    }
}

fn add_index_column(relation: &mut Relation, row: &IndexColumn, text: Option<&str>) {
    let statement = text.map(IndexStatement::read).unwrap_or_default();
    let place = relation.indexes.iter().position(|index| index.name == row.index);
    let place = place.unwrap_or_else(|| {
        relation.indexes.push(Index {
            name: row.index.clone(),
            method: "btree".to_owned(),
            unique: row.unique,
            predicate: statement.predicate.clone(),
            definition: text.map(str::to_owned),
            ..Index::default()
        });
        if row.origin == "u" {
            relation.unique_keys.push(Key { name: row.index.clone(), ..Key::default() });
        }
        relation.indexes.len() - 1
    });
    let Some(index) = relation.indexes.get_mut(place) else { return };
    let column = match &row.name {
        Some(name) => name.clone(),
        None if row.place == -1 => "rowid".to_owned(),
        None => statement.items.get(index.columns.len()).cloned().unwrap_or_default(),
    };
    if row.origin == "u"
        && let Some(key) = relation.unique_keys.iter_mut().find(|key| key.name == row.index)
    {
        key.columns.push(column.clone());
    }
    index.columns.push(if row.descending { format!("{column} DESC") } else { column });
}

/// A column of a foreign key: of which key, to which table, from and to which column, on update, on delete.
struct ForeignColumn {
    place: (String, String),
    id: i64,
    table: String,
    from: String,
    to: Option<String>,
    on_update: String,
    on_delete: String,
}

fn foreign_keys(reader: &mut Reader<'_>, statements: &Statements) -> Result<(), CatalogError> {
    let rows = reader.rows("foreign keys", FOREIGN_KEYS, |row| {
        Ok(ForeignColumn {
            place: (row.get(0)?, row.get(1)?),
            id: row.get(2)?,
            table: row.get(3)?,
            from: row.get(4)?,
            to: row.get(5)?,
            on_update: row.get(6)?,
            on_delete: row.get(7)?,
        })
    })?;
    let mut keys: HashMap<(String, String), Vec<(i64, ForeignKey)>> = HashMap::new();
    for row in rows {
        let keys = keys.entry(row.place.clone()).or_default();
        if keys.last().is_none_or(|(id, _)| *id != row.id) {
            keys.push((row.id, foreign_key(&row)));
        }
        if let Some((_, key)) = keys.last_mut() {
            key.columns.push(row.from);
            key.references.columns.extend(row.to);
        }
    }
    for ((schema, table), mut keys) in keys {
        // The library numbers them from the last that was declared.
        keys.reverse();
        let sql = statements.get(&schema).and_then(|statements| {
            let own =
                statements.iter().find(|statement| statement.kind == "table" && statement.name == table);
            own?.sql.as_deref()
        });
        let stated = sql.map(TableStatement::read).unwrap_or_default().foreign_keys;
        for (index, (_, mut key)) in keys.iter().cloned().enumerate() {
            if let Some(stated) = stated.get(index).filter(|_| stated.len() == keys.len()) {
                key.name = stated.name.clone().unwrap_or_default();
                key.deferrable = stated.deferrable;
            }
            // Without a column it is the other table's primary key that is meant.
            if key.references.columns.is_empty() {
                let other = reader.relation(&key.references.schema, &key.references.table);
                let primary = other.and_then(|other| other.primary_key.as_ref());
                key.references.columns = primary.map(|primary| primary.columns.clone()).unwrap_or_default();
            }
            if let Some(relation) = reader.relation(&schema, &table) {
                relation.foreign_keys.push(key);
            }
        }
    }
    Ok(())
}

fn foreign_key(row: &ForeignColumn) -> ForeignKey {
    let schema = row.place.0.clone();
    ForeignKey {
        name: String::new(),
        columns: Vec::new(),
        references: Reference { schema, table: row.table.clone(), columns: Vec::new() },
        on_delete: action(&row.on_delete),
        on_update: action(&row.on_update),
        match_full: false,
        deferrable: Default::default(),
        not_validated: false,
        not_enforced: false,
    }
}

fn action(word: &str) -> KeyAction {
    match word {
        "RESTRICT" => KeyAction::Restrict,
        "CASCADE" => KeyAction::Cascade,
        "SET NULL" => KeyAction::SetNull,
        "SET DEFAULT" => KeyAction::SetDefault,
        _ => KeyAction::NoAction,
    }
}

//! What schema does a JSON file describe?
//!
//! Either tables with columns, as a person or a script writes them, or `objects` as a snapshot of ours has
//! them.

use super::super::model::{Catalog, Column, Engine, Index, Key, KeyAction, Object, ObjectKind, Reference};
use super::draft::{Draft, SCHEMA, Table};
use super::located::{Located, Node, locate};
use super::text;
use super::{Errors, Place, RowError, TABLES_MAX, nearest};
use std::collections::HashMap;

const FILE: [&str; 7] = ["engine", "version", "database", "taken_at_us", "warnings", "tables", "objects"];
pub(super) const TABLE: [&str; 9] =
    ["schema", "name", "kind", "comment", "columns", "primary_key", "unique_keys", "foreign_keys", "indexes"];
pub(super) const COLUMN: [&str; 9] =
    ["name", "type", "nullable", "default", "comment", "primary_key", "unique", "index", "references"];
const KEY: [&str; 2] = ["name", "columns"];
const FOREIGN_KEY: [&str; 5] = ["name", "columns", "references", "on_delete", "on_update"];
const REFERENCE: [&str; 3] = ["schema", "table", "columns"];
const INDEX: [&str; 4] = ["name", "columns", "unique", "method"];

/// Reads a JSON file, as `docs/schema.md` says.
pub fn from_json(bytes: &[u8]) -> Result<Catalog, Vec<RowError>> {
    let text = text::utf8(bytes)?;
    let file = locate(text)?;
    let mut draft = Draft::default();
    let tables = match &file.node {
        Node::Array(_) => Some((&file, String::new())),
        Node::Object(_) => {
            let fields = Fields::read(&file, "", &FILE, &mut draft.errors);
            if let Some(objects) = fields.get("objects") {
                return whole(&file, objects, draft.errors);
            }
            fields.get("tables").map(|tables| (tables, "tables".to_owned()))
        }
        _ => None,
    };
    match tables {
        Some((tables, way)) => read_tables(tables, &way, &mut draft),
        None => {
            draft.errors.add(&file.place(""), "the file has no tables", "begin with `{\"tables\": [`");
        }
    }
    draft.finish()
}

/// A snapshot of ours: each object is read by itself, so that one bad one does not hide the next.
fn whole(file: &Located<'_>, objects: &Located<'_>, mut errors: Errors) -> Result<Catalog, Vec<RowError>> {
    let Node::Array(items) = &objects.node else {
        errors.add(
            &objects.place("objects"),
            format!("{} stands here", objects.word()),
            "write a list of objects",
        );
        return Err(errors.list);
    };
    if items.len() > TABLES_MAX * 10 {
        errors.add(
            &objects.place("objects"),
            "the file has too many objects",
            format!("{} are allowed", TABLES_MAX * 10),
        );
        return Err(errors.list);
    }
    let mut found: Vec<Object> = Vec::new();
    let mut keys = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        let way = format!("objects[{at}]");
        match serde_json::from_str::<Object>(item.text) {
            Ok(object) => {
                text::name(&object.name, &item.place(&format!("{way}.name")), &mut errors);
                let key = object.key();
                if let Some(line) = keys.insert(key.clone(), item.line) {
                    let hint = format!("it stands in line {line} already; take one of them out");
                    errors.add(&item.place(&way), format!("`{key}` stands twice"), hint);
                }
                found.push(object);
            }
            Err(error) => {
                let line = item.line + text::number(error.line().saturating_sub(1));
                let before = if error.line() <= 1 { item.column.saturating_sub(1) } else { 0 };
                let place = Place { line, column: text::number(error.column()) + before, field: way };
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or_default().to_owned();
                errors.add(&place, said, "see docs/schema.md for what an object holds");
            }
        }
    }
    if !errors.list.is_empty() {
        return Err(errors.list);
    }
    let stated = |name: &str| match &file.node {
        Node::Object(items) => items.iter().find_map(|(key, value)| match &value.node {
            Node::Text(text) if key == name => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    let mut catalog = Catalog {
        engine: Engine::Uploaded,
        version: stated("version").unwrap_or_default(),
        database: stated("database").unwrap_or_default(),
        objects: found,
        ..Catalog::default()
    };
    catalog.sort();
    Ok(catalog)
}

fn read_tables(tables: &Located<'_>, way: &str, draft: &mut Draft) {
    let Node::Array(items) = &tables.node else {
        let message = format!("{} stands here", tables.word());
        draft.errors.add(&tables.place(way), message, "write a list of tables");
        return;
    };
    for (at, item) in items.iter().enumerate() {
        read_table(item, &format!("{way}[{at}]"), draft);
        if draft.errors.is_full() {
            break;
        }
    }
}

fn read_table(item: &Located<'_>, way: &str, draft: &mut Draft) {
    let fields = Fields::read(item, way, &TABLE, &mut draft.errors);
    let errors = &mut draft.errors;
    let schema = fields.name("schema", errors).unwrap_or_else(|| SCHEMA.to_owned());
    let Some(name) = fields.needed_name("name", item, errors) else { return };
    if let Some(line) = draft.named_at(&schema, &name) {
        let hint = format!("it stands in line {line} already; take one of them out");
        draft.errors.add(&item.place(way), format!("the table `{schema}.{name}` stands twice"), hint);
        return;
    }
    let Some((table, errors)) = draft.table(&schema, &name, &item.place(way)) else { return };
    table.object.definition.comment = fields.text("comment", errors);
    table.object.kind = match fields.text("kind", errors).as_deref() {
        None | Some("table") => ObjectKind::Table,
        Some("view") => ObjectKind::View,
        Some("materialized_view") => ObjectKind::MaterializedView,
        Some(other) => {
            let hint = nearest(other, &["table", "view", "materialized_view"]);
            errors.add(&fields.place("kind"), format!("unknown kind `{other}`"), hint);
            ObjectKind::Table
        }
    };
    match fields.list("columns", errors) {
        Some(columns) => {
            for (at, column) in columns.iter().enumerate() {
                read_column(column, &format!("{way}.columns[{at}]"), table, errors);
            }
        }
        None if fields.get("columns").is_none() => {
            errors.add(&item.place(way), "the table has no columns", "add `columns`, a list of objects");
        }
        None => {}
    }
    read_keys(&fields, table, errors);
}

fn read_column(item: &Located<'_>, way: &str, table: &mut Table, errors: &mut Errors) {
    let fields = Fields::read(item, way, &COLUMN, errors);
    let name = fields.needed_name("name", item, errors);
    let data_type = fields.text("type", errors);
    if data_type.is_none() && fields.get("type").is_none() {
        errors.add(&item.place(way), "the type is missing", "add `type`, as the database writes it");
    }
    let primary = fields.flag("primary_key", errors).unwrap_or(false);
    let nullable = fields.flag("nullable", errors).unwrap_or(!primary);
    let (default, comment) = (fields.text("default", errors), fields.text("comment", errors));
    let (Some(name), Some(data_type)) = (name, data_type) else { return };
    let column = Column { name: name.clone(), data_type, nullable, default, comment, ..Column::default() };
    table.add_column(column, &item.place(way), errors);
    if primary {
        table.add_primary(&name);
    }
    if fields.flag("unique", errors) == Some(true) {
        table.add_unique(None, &name);
    }
    if fields.flag("index", errors) == Some(true) {
        table.add_indexed(None, &name);
    }
    if let Some(text) = fields.text("references", errors) {
        let parts = text::parts(&text).unwrap_or_default();
        let (schema, other, column) = match parts.as_slice() {
            [schema, other, column] => (schema.clone(), other, column),
            [other, column] => (table.object.schema.clone(), other, column),
            _ => {
                let message = format!("`{text}` names no column of a table");
                errors.add(
                    &fields.place("references"),
                    message,
                    "write `schema.table.column` or `table.column`",
                );
                return;
            }
        };
        let reference = Reference { schema, table: other.clone(), columns: vec![column.clone()] };
        table.add_reference(None, vec![name], reference, &fields.place("references"));
    }
}

fn read_keys(fields: &Fields<'_, '_>, table: &mut Table, errors: &mut Errors) {
    if let Some(columns) = fields.names("primary_key", errors) {
        table.check_columns(&columns, &fields.place("primary_key"), errors);
        table.relation.primary_key = None;
        for column in &columns {
            table.add_primary(column);
            // What a row is found by is never NULL.
            if let Some(column) = table.relation.columns.iter_mut().find(|known| known.name == *column) {
                column.nullable = false;
            }
        }
    }
    for (at, item) in fields.list("unique_keys", errors).unwrap_or_default().iter().enumerate() {
        let way = format!("{}.unique_keys[{at}]", fields.way);
        let Some((name, columns)) = named_columns(item, &way, &KEY, table, errors) else { continue };
        let name = name.unwrap_or_else(|| format!("{}_{}_key", table.object.name, columns.join("_")));
        table.relation.unique_keys.push(Key { name, columns, ..Key::default() });
    }
    for (at, item) in fields.list("indexes", errors).unwrap_or_default().iter().enumerate() {
        let way = format!("{}.indexes[{at}]", fields.way);
        let Some((name, columns)) = named_columns(item, &way, &INDEX, table, errors) else { continue };
        let name = name.unwrap_or_else(|| format!("{}_{}_index", table.object.name, columns.join("_")));
        let mut quiet = Errors::default();
        let index = Fields::read(item, &way, &INDEX, &mut quiet);
        let unique = index.flag("unique", errors).unwrap_or(false);
        let method = index.text("method", errors).unwrap_or_default();
        table.relation.indexes.push(Index { name, method, columns, unique, ..Index::default() });
    }
    for (at, item) in fields.list("foreign_keys", errors).unwrap_or_default().iter().enumerate() {
        read_foreign_key(item, &format!("{}.foreign_keys[{at}]", fields.way), table, errors);
    }
}

/// A key is an object with a name and columns, or the columns alone.
fn named_columns(
    item: &Located<'_>,
    way: &str,
    known: &[&str],
    table: &Table,
    errors: &mut Errors,
) -> Option<(Option<String>, Vec<String>)> {
    let (name, columns) = match &item.node {
        Node::Array(_) => (None, names(item, way, errors)?),
        _ => {
            let fields = Fields::read(item, way, known, errors);
            let name = fields.name("name", errors);
            let Some(columns) = fields.names("columns", errors) else {
                if fields.get("columns").is_none() {
                    errors.add(&item.place(way), "the columns are missing", "add `columns`, a list of names");
                }
                return None;
            };
            (name, columns)
        }
    };
    table.check_columns(&columns, &item.place(way), errors);
    Some((name, columns))
}

fn read_foreign_key(item: &Located<'_>, way: &str, table: &mut Table, errors: &mut Errors) {
    let Some((name, columns)) = named_columns(item, way, &FOREIGN_KEY, table, errors) else { return };
    let mut quiet = Errors::default();
    let fields = Fields::read(item, way, &FOREIGN_KEY, &mut quiet);
    let Some(target) = fields.get("references") else {
        errors.add(
            &item.place(way),
            "what it references is missing",
            "add `references` with `table` and `columns`",
        );
        return;
    };
    let target_way = format!("{way}.references");
    let target_fields = Fields::read(target, &target_way, &REFERENCE, errors);
    let schema = target_fields.name("schema", errors).unwrap_or_else(|| table.object.schema.clone());
    let other = target_fields.needed_name("table", target, errors);
    let (Some(other), Some(to)) = (other, target_fields.names("columns", errors)) else { return };
    if to.len() != columns.len() {
        let message = format!("{} columns refer to {}", columns.len(), to.len());
        errors.add(&target.place(&target_way), message, "name as many columns on both sides");
        return;
    }
    let actions = ["on_delete", "on_update"].map(|field| action(&fields, field, errors));
    let reference = Reference { schema, table: other, columns: to };
    if let Some(key) = table.add_reference(name, columns, reference, &target.place(&target_way)) {
        [key.on_delete, key.on_update] = actions;
    }
}

fn action(fields: &Fields<'_, '_>, field: &str, errors: &mut Errors) -> KeyAction {
    let Some(text) = fields.text(field, errors) else { return KeyAction::NoAction };
    match text.to_lowercase().replace(' ', "_").as_str() {
        "no_action" => KeyAction::NoAction,
        "restrict" => KeyAction::Restrict,
        "cascade" => KeyAction::Cascade,
        "set_null" => KeyAction::SetNull,
        "set_default" => KeyAction::SetDefault,
        other => {
            let known = ["no_action", "restrict", "cascade", "set_null", "set_default"];
            errors.add(&fields.place(field), format!("unknown action `{text}`"), nearest(other, &known));
            KeyAction::NoAction
        }
    }
}

/// The fields of an object in the file.
struct Fields<'l, 't> {
    way: String,
    items: Vec<(&'l str, &'l Located<'t>)>,
    place: Place,
}

impl<'l, 't> Fields<'l, 't> {
    /// Tells what is not known, and what stands twice.
    fn read(item: &'l Located<'t>, way: &str, known: &[&str], errors: &mut Errors) -> Fields<'l, 't> {
        let mut fields = Fields { way: way.to_owned(), items: Vec::new(), place: item.place(way) };
        let Node::Object(items) = &item.node else {
            errors.add(&fields.place, format!("{} stands here", item.word()), "write an object, `{…}`");
            return fields;
        };
        for (key, value) in items {
            let key = if key == "data_type" { "type" } else { key.as_str() };
            let place = value.place(&joined(way, key));
            if !known.contains(&key) {
                errors.add(&place, format!("unknown field `{key}`"), nearest(key, known));
            } else if fields.get(key).is_some() {
                errors.add(&place, format!("the field `{key}` stands twice"), "take one of them out");
            } else {
                fields.items.push((key, value));
            }
        }
        fields
    }

    fn get(&self, name: &str) -> Option<&'l Located<'t>> {
        self.items.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn place(&self, name: &str) -> Place {
        match self.get(name) {
            Some(value) => value.place(&joined(&self.way, name)),
            None => self.place.clone(),
        }
    }

    fn text(&self, name: &str, errors: &mut Errors) -> Option<String> {
        let value = self.get(name)?;
        match &value.node {
            Node::Text(text) => text::text(text, &self.place(name), errors),
            Node::Null => None,
            // A default of 0 is often written as a number.
            Node::Number | Node::Flag(_) if name == "default" => Some(value.text.to_owned()),
            _ => {
                errors.add(&self.place(name), format!("{} stands here", value.word()), "write a text");
                None
            }
        }
    }

    fn name(&self, name: &str, errors: &mut Errors) -> Option<String> {
        let text = match &self.get(name)?.node {
            Node::Text(text) => text.clone(),
            _ => return self.text(name, errors),
        };
        text::name(&text, &self.place(name), errors)
    }

    fn needed_name(&self, name: &str, item: &Located<'_>, errors: &mut Errors) -> Option<String> {
        if self.get(name).is_none() {
            errors.add(
                &item.place(&self.way),
                format!("the field `{name}` is missing"),
                format!("add `{name}`"),
            );
        }
        self.name(name, errors)
    }

    fn flag(&self, name: &str, errors: &mut Errors) -> Option<bool> {
        let value = self.get(name)?;
        let answer = match &value.node {
            Node::Flag(flag) => Some(*flag),
            Node::Text(text) => text::yes_or_no(text),
            Node::Null => return None,
            _ => None,
        };
        if answer.is_none() {
            errors.add(&self.place(name), format!("{} stands here", value.word()), "write true or false");
        }
        answer
    }

    fn list(&self, name: &str, errors: &mut Errors) -> Option<&'l [Located<'t>]> {
        let value = self.get(name)?;
        match &value.node {
            Node::Array(items) => Some(items),
            Node::Null => None,
            _ => {
                errors.add(&self.place(name), format!("{} stands here", value.word()), "write a list, `[…]`");
                None
            }
        }
    }

    fn names(&self, name: &str, errors: &mut Errors) -> Option<Vec<String>> {
        names(self.get(name)?, &joined(&self.way, name), errors)
    }
}

/// A list of names, or one alone.
fn names(item: &Located<'_>, way: &str, errors: &mut Errors) -> Option<Vec<String>> {
    let items = match &item.node {
        Node::Array(items) => items.iter().collect(),
        Node::Text(_) => vec![item],
        Node::Null => return None,
        _ => {
            errors.add(&item.place(way), format!("{} stands here", item.word()), "write a list of names");
            return None;
        }
    };
    let mut names = Vec::new();
    for item in items {
        match &item.node {
            Node::Text(text) => names.push(text::name(text, &item.place(way), errors)?),
            _ => {
                errors.add(&item.place(way), format!("{} stands here", item.word()), "write a name");
                return None;
            }
        }
    }
    Some(names)
}

fn joined(way: &str, name: &str) -> String {
    if way.is_empty() { name.to_owned() } else { format!("{way}.{name}") }
}

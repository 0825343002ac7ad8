//! How do rows and items become tables, and what must hold among them?

use super::super::model::{
    Catalog, Column, Detail, Engine, ForeignKey, Index, Key, Object, ObjectKind, Postponement, Reference,
    Relation,
};
use super::{COLUMNS_MAX, Errors, Place, RowError, TABLES_MAX};
use std::collections::{BTreeSet, HashMap};

/// The schema of what names none.
pub(super) const SCHEMA: &str = "public";

/// Tables in the making, and what is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) errors: Errors,
    tables: Vec<Table>,
    places: HashMap<(String, String), usize>,
}

/// A table in the making.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) object: Object,
    pub(super) relation: Relation,
    /// Where it was first named.
    place: Place,
    /// Where its columns were named, by their names.
    columns: HashMap<String, u64>,
    /// Where its keys were, in the order of `relation.foreign_keys`.
    pub(super) reference_places: Vec<Place>,
}

impl Draft {
    /// The table of that name, made when it is not there. Nothing when there are too many.
    pub(super) fn table(
        &mut self,
        schema: &str,
        name: &str,
        place: &Place,
    ) -> Option<(&mut Table, &mut Errors)> {
        let key = (schema.to_owned(), name.to_owned());
        let at = match self.places.get(&key) {
            Some(at) => *at,
            None if self.tables.len() >= TABLES_MAX => {
                self.errors.add(place, "the file has too many tables", format!("{TABLES_MAX} are allowed"));
                return None;
            }
            None => {
                self.places.insert(key, self.tables.len());
                self.tables.push(Table {
                    object: Object::new(ObjectKind::Table, schema, name, Detail::Schema),
                    relation: Relation::default(),
                    place: place.clone(),
                    columns: HashMap::new(),
                    reference_places: Vec::new(),
                });
                self.tables.len() - 1
            }
        };
        Some((self.tables.get_mut(at)?, &mut self.errors))
    }

    /// Where a table of that name was already named.
    pub(super) fn named_at(&self, schema: &str, name: &str) -> Option<u64> {
        let at = self.places.get(&(schema.to_owned(), name.to_owned()))?;
        Some(self.tables.get(*at)?.place.line)
    }

    /// Everything that was said, as a catalog, or what is wrong with it.
    pub(super) fn finish(mut self) -> Result<Catalog, Vec<RowError>> {
        if self.tables.is_empty() && self.errors.list.is_empty() {
            let start = Place { line: 1, column: 1, field: String::new() };
            self.errors.add(&start, "the file describes no table", "see docs/schema.md for what it may hold");
        }
        self.check_references();
        if !self.errors.list.is_empty() {
            self.errors.list.sort_by_key(|error| (error.line, error.column));
            return Err(self.errors.list);
        }
        let schemas: BTreeSet<String> = self.tables.iter().map(|table| table.object.schema.clone()).collect();
        let schemas = schemas.iter().map(|name| Object::new(ObjectKind::Schema, "", name, Detail::Schema));
        let mut objects: Vec<Object> = schemas.collect();
        for mut table in self.tables {
            table.object.definition.detail = Detail::Relation(Box::new(table.relation));
            objects.push(table.object);
        }
        let mut catalog = Catalog { engine: Engine::Uploaded, objects, ..Catalog::default() };
        catalog.sort();
        Ok(catalog)
    }

    /// A foreign key may lead out of the file; where its table is in the file, its columns must be there.
    fn check_references(&mut self) {
        let mut wrong = Vec::new();
        for table in &self.tables {
            for (key, place) in table.relation.foreign_keys.iter().zip(&table.reference_places) {
                let to = &key.references;
                let other = self.places.get(&(to.schema.clone(), to.table.clone()));
                let Some(other) = other.and_then(|at| self.tables.get(*at)) else { continue };
                for column in to.columns.iter().filter(|column| !other.columns.contains_key(*column)) {
                    let message = format!("`{}.{}` has no column `{column}`", to.schema, to.table);
                    let known: Vec<&str> = other.columns.keys().map(String::as_str).collect();
                    wrong.push((place.clone(), message, super::nearest(column, &known)));
                }
            }
        }
        for (place, message, hint) in wrong {
            self.errors.add(&place, message, hint);
        }
    }
}

impl Table {
    /// Adds a column, unless there is one of its name or there are too many.
    pub(super) fn add_column(&mut self, column: Column, place: &Place, errors: &mut Errors) {
        if self.relation.columns.len() >= COLUMNS_MAX {
            errors.add(place, "the table has too many columns", format!("{COLUMNS_MAX} are allowed"));
            return;
        }
        if let Some(line) = self.columns.get(&column.name) {
            let (schema, table) = (&self.object.schema, &self.object.name);
            let message = format!("`{schema}.{table}` has a column `{}` already", column.name);
            errors.add(place, message, format!("it stands in line {line}; take one of them out"));
            return;
        }
        self.columns.insert(column.name.clone(), place.line);
        let ordinal = u32::try_from(self.relation.columns.len() + 1).unwrap_or(u32::MAX);
        self.relation.columns.push(Column { ordinal, ..column });
    }

    /// Makes a column part of the primary key.
    pub(super) fn add_primary(&mut self, column: &str) {
        let name = format!("{}_pkey", self.object.name);
        let key = self.relation.primary_key.get_or_insert_with(|| Key { name, ..Key::default() });
        key.columns.push(column.to_owned());
    }

    /// Adds a column to a unique key; without a name it is one of its own.
    pub(super) fn add_unique(&mut self, name: Option<String>, column: &str) {
        let name = name.unwrap_or_else(|| format!("{}_{column}_key", self.object.name));
        match self.relation.unique_keys.iter_mut().find(|key| key.name == name) {
            Some(key) => key.columns.push(column.to_owned()),
            None => {
                let columns = vec![column.to_owned()];
                self.relation.unique_keys.push(Key { name, columns, ..Key::default() });
            }
        }
    }

    /// Adds a column to an index; without a name it is one of its own.
    pub(super) fn add_indexed(&mut self, name: Option<String>, column: &str) {
        let name = name.unwrap_or_else(|| format!("{}_{column}_index", self.object.name));
        match self.relation.indexes.iter_mut().find(|index| index.name == name) {
            Some(index) => index.columns.push(column.to_owned()),
            None => {
                let columns = vec![column.to_owned()];
                self.relation.indexes.push(Index { name, columns, ..Index::default() });
            }
        }
    }

    /// Adds a foreign key.
    pub(super) fn add_reference(
        &mut self,
        name: Option<String>,
        columns: Vec<String>,
        references: Reference,
        place: &Place,
    ) -> Option<&mut ForeignKey> {
        let name = name.unwrap_or_else(|| format!("{}_{}_fkey", self.object.name, columns.join("_")));
        self.reference_places.push(place.clone());
        self.relation.foreign_keys.push(ForeignKey {
            name,
            columns,
            references,
            on_delete: Default::default(),
            on_update: Default::default(),
            match_full: false,
            deferrable: Postponement::Never,
            not_validated: false,
            not_enforced: false,
        });
        self.relation.foreign_keys.last_mut()
    }

    /// Tells which of these the table does not have.
    pub(super) fn check_columns(&self, columns: &[String], place: &Place, errors: &mut Errors) {
        for column in columns.iter().filter(|column| !self.columns.contains_key(*column)) {
            let known: Vec<&str> = self.columns.keys().map(String::as_str).collect();
            errors.add(place, format!("the table has no column `{column}`"), super::nearest(column, &known));
        }
    }
}

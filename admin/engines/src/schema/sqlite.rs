//! What is in a SQLite file?
//!
//! Asked by the table-valued forms of its pragmas (`table_list`, `table_xinfo`, `index_list`, `index_xinfo`,
//! `foreign_key_list`), joined in statements over all tables. What no pragma tells, checks, names of keys and
//! expressions, is found in the text of the table's own CREATE statement, see [`statement`].

mod keys;
mod statement;

use super::model::{
    Catalog, Check, Column, Detail, Engine, Generated, GeneratedKind, Identity, Object, ObjectKind, Relation,
    Trigger, Warning,
};
use super::{CatalogError, Options};
use rusqlite::{Connection, Row};
use statement::TableStatement;
use std::collections::HashMap;

/// What a statement over all tables is about: not SQLite's own, not the shadows of virtual ones.
const TABLES: &str = "
SELECT l.schema, l.name, l.type, l.wr, l.strict FROM pragma_table_list l
WHERE l.schema <> 'temp' AND l.type IN ('table', 'view', 'virtual') AND substr(l.name, 1, 7) <> 'sqlite_'
ORDER BY l.schema, l.name";

const COLUMNS: &str = "
SELECT l.schema, l.name, x.name, x.type, x.\"notnull\", x.dflt_value, x.pk, x.hidden
FROM pragma_table_list l, pragma_table_xinfo(l.name, l.schema) x
WHERE l.schema <> 'temp' AND l.type IN ({types}) AND substr(l.name, 1, 7) <> 'sqlite_'
  AND x.hidden <> 1
ORDER BY l.schema, l.name, x.cid";

/// Reads the catalog of the file `connection` has open, and of files attached to it.
///
/// Needs no right but to read: an authorizer must allow SELECT, functions, reads of `sqlite_schema` and
/// `sqlite_stat1`, the pragmas named above and a transaction.
pub fn catalog(connection: &Connection, options: &Options) -> Result<Catalog, CatalogError> {
    let told = |what| move |source| CatalogError::Sqlite { what, source };
    // Dropped at the end, which rolls back: nothing was written.
    let _transaction = connection.unchecked_transaction().map_err(told("catalog"))?;
    let (version, taken_at_us) = connection
        .query_row("SELECT sqlite_version(), CAST(unixepoch('subsec') * 1000000 AS INTEGER)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .map_err(told("library's version"))?;
    let mut reader = Reader { connection, objects: Vec::new(), places: HashMap::new(), warnings: Vec::new() };
    reader.tables(options)?;
    let statements = reader.statements()?;
    reader.columns(&statements)?;
    keys::read(&mut reader, &statements)?;
    reader.estimates(&statements)?;
    let mut catalog = Catalog {
        engine: Engine::Sqlite,
        version,
        database: "main".to_owned(),
        objects: reader.objects,
        taken_at_us,
        warnings: reader.warnings,
    };
    catalog.sort();
    Ok(catalog)
}

/// The objects in the making, and what they are found by.
struct Reader<'a> {
    connection: &'a Connection,
    objects: Vec<Object>,
    places: HashMap<(String, String), usize>,
    warnings: Vec<Warning>,
}

/// A row of `sqlite_schema`.
struct Statement {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

/// The CREATE statements of each attached file, by its name.
type Statements = HashMap<String, Vec<Statement>>;

impl Reader<'_> {
    /// All rows of a statement, each as `read` makes it.
    fn rows<T>(
        &self,
        what: &'static str,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, CatalogError> {
        let told = |source| CatalogError::Sqlite { what, source };
        let mut statement = self.connection.prepare(sql).map_err(told)?;
        let rows = statement.query_map([], read).map_err(told)?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(told)
    }

    fn relation(&mut self, schema: &str, table: &str) -> Option<&mut Relation> {
        let place = *self.places.get(&(schema.to_owned(), table.to_owned()))?;
        match &mut self.objects.get_mut(place)?.definition.detail {
            Detail::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    fn tables(&mut self, options: &Options) -> Result<(), CatalogError> {
        let rows = self.rows("tables and views", TABLES, |row| {
            let (schema, name, kind): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((schema, name, kind, row.get::<_, bool>(3)?, row.get::<_, bool>(4)?))
        })?;
        for (schema, name, kind, without_rowid, strict) in rows {
            if !options.admits(&schema) {
                continue;
            }
            if !self.objects.iter().any(|object| object.kind == ObjectKind::Schema && object.name == schema) {
                self.objects.push(Object::new(ObjectKind::Schema, "", &schema, Detail::Schema));
            }
            if self.objects.len() >= options.objects_max {
                return Err(CatalogError::TooMany { objects_max: options.objects_max });
            }
            let mut relation = Relation::default();
            for (set, option) in
                [(without_rowid, "without_rowid"), (strict, "strict"), (kind == "virtual", "virtual")]
            {
                if set {
                    relation.options.insert(option.to_owned(), "yes".to_owned());
                }
            }
            let kind = if kind == "view" { ObjectKind::View } else { ObjectKind::Table };
            self.places.insert((schema.clone(), name.clone()), self.objects.len());
            self.objects.push(Object::new(kind, &schema, &name, Detail::Relation(Box::new(relation))));
        }
        Ok(())
    }

    /// One statement for each attached file: a name of a schema cannot be a parameter.
    fn statements(&self) -> Result<Statements, CatalogError> {
        let mut statements = Statements::new();
        for (schema, _) in self.places.keys() {
            if statements.contains_key(schema) {
                continue;
            }
            let sql = format!("SELECT type, name, tbl_name, sql FROM {}.sqlite_schema", quoted(schema));
            let rows = self.rows("statements of tables", &sql, |row| {
                Ok(Statement { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
            })?;
            statements.insert(schema.clone(), rows);
        }
        Ok(statements)
    }

    fn columns(&mut self, statements: &Statements) -> Result<(), CatalogError> {
        let mut columns = self.rows("columns", &COLUMNS.replace("{types}", "'table'"), column)?;
        // A virtual table whose module is not there, or a view of a table that is gone, is an error for the
        // whole statement; the others are still to be read.
        for (what, kind) in [("columns of views", "'view'"), ("columns of virtual tables", "'virtual'")] {
            match self.rows(what, &COLUMNS.replace("{types}", kind), column) {
                Ok(more) => columns.extend(more),
                Err(CatalogError::Sqlite { what, source }) => {
                    self.warnings.push(Warning { missing: what.to_owned(), reason: source.to_string() });
                }
                Err(other) => return Err(other),
            }
        }
        for (schema, table, column, place) in columns {
            let Some(relation) = self.relation(&schema, &table) else { continue };
            let ordinal = u32::try_from(relation.columns.len() + 1).unwrap_or(u32::MAX);
            if let Some(place) = place {
                keys::add_primary(relation, place, &column.name);
            }
            relation.columns.push(Column { ordinal, ..column });
        }
        for object in &mut self.objects {
            if let Detail::Relation(relation) = &mut object.definition.detail {
                keys::refuse_null_in_row_number(relation);
            }
        }
        for (schema, statements) in statements {
            for statement in statements {
                let Some(sql) = &statement.sql else { continue };
                let Some(relation) = self.relation(schema, &statement.table) else { continue };
                match statement.kind.as_str() {
                    "view" => relation.query = Some(sql.clone()),
                    "trigger" => relation.triggers.push(trigger(&statement.name, sql)),
                    "table" => add_stated(relation, &TableStatement::read(sql)),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// What ANALYZE left: the first number of an index is the rows of its table.
    fn estimates(&mut self, statements: &Statements) -> Result<(), CatalogError> {
        for (schema, statements) in statements {
            if !statements.iter().any(|statement| statement.name == "sqlite_stat1") {
                continue;
            }
            let sql = format!("SELECT tbl, stat FROM {}.sqlite_stat1 WHERE stat IS NOT NULL", quoted(schema));
            let rows = self.rows("row estimates", &sql, |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })?;
            for (table, stat) in rows {
                let Some(place) = self.places.get(&(schema.clone(), table)) else { continue };
                if let Some(object) = self.objects.get_mut(*place) {
                    let rows = stat.split(' ').next().and_then(|word| word.parse().ok());
                    object.measurements.row_estimate = rows.max(object.measurements.row_estimate);
                }
            }
        }
        Ok(())
    }
}

/// A column, where it is, and its place in the primary key.
type Located = (String, String, Column, Option<usize>);

fn column(row: &Row<'_>) -> rusqlite::Result<Located> {
    let hidden: i64 = row.get(7)?;
    let kind = match hidden {
        2 => Some(GeneratedKind::Virtual),
        3 => Some(GeneratedKind::Stored),
        _ => None,
    };
    let column = Column {
        name: row.get(2)?,
        data_type: row.get(3)?,
        nullable: !row.get::<_, bool>(4)?,
        default: row.get(5)?,
        generated: kind.map(|kind| Generated { kind, expression: String::new() }),
        ..Column::default()
    };
    let place: i64 = row.get(6)?;
    Ok((row.get(0)?, row.get(1)?, column, usize::try_from(place).ok().filter(|place| *place > 0)))
}

/// Adds what only the statement tells.
fn add_stated(relation: &mut Relation, statement: &TableStatement) {
    for column in &mut relation.columns {
        let Some(stated) = statement.columns.get(&column.name.to_lowercase()) else { continue };
        column.collation.clone_from(&stated.collation);
        if stated.is_numbered {
            column.identity = Some(Identity::AutoIncrement);
        }
        if let (Some(generated), Some(expression)) = (&mut column.generated, &stated.generated) {
            generated.expression.clone_from(expression);
        }
    }
    relation.checks = statement
        .checks
        .iter()
        .map(|(name, expression)| Check {
            name: name.clone().unwrap_or_default(),
            expression: expression.clone(),
            not_validated: false,
            not_enforced: false,
        })
        .collect();
    if let (Some(key), Some(name)) = (&mut relation.primary_key, &statement.primary_key_name) {
        key.name.clone_from(name);
    }
}

fn trigger(name: &str, sql: &str) -> Trigger {
    let (timing, event) = statement::trigger_time(sql);
    Trigger {
        name: name.to_owned(),
        timing: timing.to_owned(),
        events: vec![event.to_owned()],
        definition: sql.to_owned(),
        enabled: None,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

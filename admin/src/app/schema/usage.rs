//! What was seen of a table on the wire: who uses it, by which statements, and what it is joined with?

use super::{Looked, changes, look};
use crate::app::connections::ConnectionOptions;
use crate::app::connections::draft::listen_of;
use crate::fleet::listeners_of;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::{KeyGroup, Object, ObjectKey};
use admin_engines::schema::usage::{Resolver, TableRef};
use admin_store::connections::{Connection, Place};
use admin_store::listeners::Listener;
use admin_store::schema;
use admin_store::traffic::{
    self, Covered, Filter, Group, GroupBy, Measure, Range, TableColumn, TableFacts, TableJoin, TableName, Top,
};
use admin_store::{Id, StoreError, Tx, workspaces};
use control::{Caller, Sums};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Callers and statements that are told of.
const TOLD_MAX: usize = 50;
/// Joins that are told of.
const JOINS_MAX: usize = 100;

/// What was seen of a table.
#[derive(Clone, Debug)]
pub struct TableUsage {
    /// Behind which listeners, by name.
    pub listeners: Vec<String>,
    /// What counts are about.
    pub covered: Covered,
    /// Statements that read it.
    pub reads: u64,
    /// Statements that changed it.
    pub writes: u64,
    /// When it was last seen to be used, whenever that was; `None` where it never was.
    pub last_seen_at: Option<i64>,
    /// Whether its name without the schema stands for another table: statements that name no schema are
    /// counted here all the same.
    pub shares_name: bool,
    /// Who used it, most first.
    pub callers: Vec<(Caller, Sums)>,
    /// By which statements, most first.
    pub statements: Vec<Statement>,
    /// Its columns, by name.
    pub columns: Vec<TableColumn>,
    /// What it is joined with, most first.
    pub joins: Vec<Join>,
}

/// A statement that uses a table.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Such as `1-8ca5ea4f9ec4b1bc`.
    pub fingerprint: String,
    /// Without literals.
    pub text: Option<String>,
    /// Whether it reads the table.
    pub reads: bool,
    /// Whether it changes it.
    pub writes: bool,
    /// How often and how long.
    pub sums: Sums,
    /// When it was last seen.
    pub last_seen_at: i64,
}

/// A join of a table with another one, or with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// The column of this table.
    pub column: String,
    /// The other table.
    pub with: TableName,
    /// Its column.
    pub with_column: String,
    /// Whether the snapshot has the other table.
    pub is_known: bool,
    /// The foreign key that declares it; `None` where none does.
    pub foreign_key: Option<String>,
    /// How often.
    pub calls: u64,
    /// By how many statements.
    pub fingerprints: u64,
    /// When last.
    pub last_seen_at: i64,
}

/// Whether what a connection asks and what passes the listener reach the same server.
pub(crate) fn is_behind(connection: &Connection, listener: &Listener) -> bool {
    let settings = &connection.settings;
    if let Some(name) = &settings.via {
        return *name == listener.name;
    }
    let Place::Server { host, port } = &settings.place else { return false };
    let Some(state) = &listener.state else { return false };
    let is_same = |place: &str| {
        place.rsplit_once(':').is_some_and(|(upstream, number)| {
            number.parse() == Ok(*port) && one_name(upstream) == one_name(host)
        })
    };
    // A connection can also name the listener's own address.
    let is_it = listen_of(listener)
        .is_some_and(|(listens, number)| number == *port && one_name(&listens) == one_name(host));
    settings.kind == state.protocol && (is_it || state.upstream.iter().any(|place| is_same(place)))
}

/// A host as it is compared: all names of this machine are one.
fn one_name(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_here = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_here { "localhost".to_owned() } else { bare }
}

/// What was seen of the table with `key` in `range`; of its statements only those that use `column`, where one is named.
pub async fn of_table(
    operation: &Operation,
    connection: Id,
    (key, column): (&ObjectKey, Option<&str>),
    range: Range,
) -> Result<TableUsage, Problem> {
    let Looked { mut tx, connection, snapshot } = look(operation, connection, None).await?;
    let found = schema::object(&mut tx, snapshot.id, &key.bytes()).await;
    let (_, body, _) = found?;
    if key.group != KeyGroup::Relation {
        return Err(Problem::not_found("table"));
    }
    let table = changes::read(body)?;
    let workspace = workspaces::by_id(&mut tx, connection.workspace).await?;
    let mut listeners = listeners_of(&mut tx, &workspace).await?;
    listeners.retain(|listener| is_behind(&connection, listener));
    let numbers: Vec<i64> = listeners.iter().map(|listener| listener.id).collect();
    let mut listeners: Vec<String> = listeners.into_iter().map(|listener| listener.name).collect();
    listeners.dedup();
    let name = TableName { schema: Some(table.schema.clone()), name: table.name.clone() };
    let traffic = &operation.app.traffic;
    let mut facts = traffic::facts(traffic, &mut tx, &numbers, &name, range).await?;
    if let Some(column) = column {
        let using = traffic::column_readers(&mut tx, &name, column).await?;
        facts.readers.retain(|reader| using.contains(&reader.fingerprint));
    }
    let top = Top {
        range,
        listeners: numbers.clone(),
        filter: Filter { table: Some(name), ..Filter::default() },
        group_by: GroupBy::Caller,
        measure: Measure::Calls,
        limit: TOLD_MAX,
        after: None,
    };
    let callers = traffic.top(&mut tx, &top).await?.rows.into_iter();
    let callers = callers.filter_map(|row| match row.group {
        Group::Caller(caller) => Some((caller, row.sums)),
        _ => None,
    });
    let callers = callers.collect();
    let statements = statements(&mut tx, &numbers, &facts).await?;
    let path = path(&connection);
    let mut around = Around::read(&mut tx, snapshot.id, &table, &facts.joins, &path).await?;
    let joins = around.joins(&table, facts.joins);
    let shares_name =
        around.resolver.resolve(None, &table.name).is_some_and(|meant| meant != reference(&table));
    tx.commit().await?;
    let TableFacts { covered, reads, writes, last_seen_at, columns, .. } = facts;
    Ok(TableUsage {
        listeners,
        covered,
        reads,
        writes,
        last_seen_at,
        shares_name,
        callers,
        statements,
        columns,
        joins,
    })
}

async fn statements(tx: &mut Tx, listeners: &[i64], facts: &TableFacts) -> Result<Vec<Statement>, Problem> {
    let mut statements = Vec::new();
    for reader in facts.readers.iter().take(TOLD_MAX) {
        match traffic::fingerprint(tx, listeners, reader.fingerprint).await {
            Ok(found) => statements.push(Statement {
                fingerprint: found.fingerprint,
                text: found.text,
                reads: reader.reads,
                writes: reader.writes,
                sums: reader.sums.clone(),
                last_seen_at: reader.last_seen_at,
            }),
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(statements)
}

/// Where a session of this connection finds a table that is named without a schema.
pub(super) fn path(connection: &Connection) -> Vec<String> {
    let settings = &connection.settings;
    if let Some(path) = ConnectionOptions::of(settings).search_path {
        return path;
    }
    match settings.kind.as_str() {
        "mysql" => vec![settings.database.clone()],
        "sqlite" => vec!["main".to_owned()],
        "sqlserver" => vec!["dbo".to_owned()],
        _ => vec![settings.user.clone(), "public".to_owned()],
    }
}

fn reference(table: &Object) -> TableRef {
    TableRef { schema: table.schema.clone(), name: table.name.clone() }
}

/// The tables that joins name, as far as the snapshot has them. Only these are read.
struct Around {
    resolver: Resolver,
    tables: BTreeMap<(String, String), Object>,
}

impl Around {
    async fn read(
        tx: &mut Tx,
        snapshot: Id,
        table: &Object,
        joins: &[TableJoin],
        path: &[String],
    ) -> Result<Around, Problem> {
        let mut names: BTreeMap<(String, String), ()> = BTreeMap::new();
        let mut note = |schema: Option<&str>, name: &str| match schema {
            Some(schema) => drop(names.insert((schema.to_owned(), name.to_owned()), ())),
            None => names.extend(path.iter().map(|schema| ((schema.clone(), name.to_owned()), ()))),
        };
        note(None, &table.name);
        for one in joins.iter().take(JOINS_MAX) {
            note(one.join.left.schema.as_deref(), &one.join.left.name);
            note(one.join.right.schema.as_deref(), &one.join.right.name);
        }
        let mut tables = BTreeMap::from([((table.schema.clone(), table.name.clone()), table.clone())]);
        for (schema, name) in names.into_keys() {
            let key = ObjectKey::relation(&schema, &name).bytes();
            match schema::object(tx, snapshot, &key).await {
                Ok((_, body, _)) => drop(tables.insert((schema, name), changes::read(body)?)),
                Err(StoreError::Missing(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let resolver =
            Resolver::new(tables.keys().map(|(schema, name)| (schema.as_str(), name.as_str())), &path);
        Ok(Around { resolver, tables })
    }

    /// The joins of `table`, seen from it, each with the foreign key that declares it.
    fn joins(&mut self, table: &Object, seen: Vec<TableJoin>) -> Vec<Join> {
        let this = reference(table);
        let mut joins = Vec::new();
        for one in seen.into_iter().take(JOINS_MAX) {
            let side = |name: &TableName| self.resolver.resolve(name.schema.as_deref(), &name.name);
            let (left, right) = (side(&one.join.left), side(&one.join.right));
            let (column, with, found, with_column) = if left.as_ref() == Some(&this) {
                (one.join.left_column, one.join.right, right, one.join.right_column)
            } else if right.as_ref() == Some(&this) {
                (one.join.right_column, one.join.left, left, one.join.left_column)
            } else {
                // The name stands for a table of the same name in another schema.
                continue;
            };
            let foreign_key =
                found.as_ref().and_then(|with| self.declared((&this, &column), (with, &with_column)));
            let is_known = found.is_some();
            let with = found.map_or(with, |found| TableName { schema: Some(found.schema), name: found.name });
            let (calls, fingerprints, last_seen_at) = (one.calls, one.fingerprints, one.last_seen_at);
            joins.push(Join {
                column,
                with,
                with_column,
                is_known,
                foreign_key,
                calls,
                fingerprints,
                last_seen_at,
            });
        }
        joins
    }

    /// The foreign key of either table that pairs these columns.
    fn declared(&self, one: (&TableRef, &str), other: (&TableRef, &str)) -> Option<String> {
        [(one, other), (other, one)].into_iter().find_map(|((from, column), (to, to_column))| {
            let table = self.tables.get(&(from.schema.clone(), from.name.clone()))?;
            let keys = &table.relation()?.foreign_keys;
            let key = keys.iter().find(|key| {
                let mut pairs = key.columns.iter().zip(&key.references.columns);
                key.references.schema == to.schema
                    && key.references.table == to.name
                    && pairs.any(|(left, right)| left == column && right == to_column)
            })?;
            Some(if key.name.is_empty() { key.columns.join(", ") } else { key.name.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn all_names_of_this_machine_are_one() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.0.1", "::1", "[::1]"] {
            assert_eq!(one_name(name), "localhost", "{name}");
        }
        for name in ["db", "10.0.0.1", "localhost.example.com", ""] {
            assert_eq!(one_name(name), name);
        }
        assert_eq!(one_name("DB.Example.com"), "db.example.com");
    }
}

//! Which tables of a schema do statements really join, whether or not a foreign key says so?

use super::usage::{is_behind, path};
use super::{Looked, changes, look};
use crate::fleet::listeners_of;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::{ForeignKey, KeyGroup, ObjectKey};
use admin_engines::schema::usage::{Resolver, TableRef};
use admin_store::schema::{self, Hash};
use admin_store::traffic::{self, Covered, Range, SeenJoins, TableJoin, TableName};
use admin_store::{Id, Tx, workspaces};
use std::collections::{BTreeMap, HashMap};

/// Joins that are told, the most frequent.
pub const JOINS_MAX: usize = 5_000;
/// Definitions that are read at once.
const PART: usize = 500;

/// One side of a join.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// Which table.
    pub table: TableRef,
    /// Which of its columns.
    pub column: String,
}

/// A join that statements make between two tables of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenJoin {
    /// The side that refers where a foreign key declares it.
    pub from: End,
    /// The other one.
    pub to: End,
    /// The foreign key that declares it.
    pub foreign_key: Option<String>,
    /// Statements that made it, in the range.
    pub calls: u64,
    /// How many different ones, ever.
    pub fingerprints: u64,
    /// When one of them was last seen.
    pub last_seen_at: i64,
}

/// What was seen of a schema.
#[derive(Clone, Debug)]
pub struct SchemaJoins {
    /// Behind which listeners, by name.
    pub listeners: Vec<String>,
    /// What calls are about.
    pub covered: Covered,
    /// At most [`JOINS_MAX`], most first.
    pub joins: Vec<SeenJoin>,
    /// Joins with what the snapshot does not have.
    pub unknown: usize,
    /// Whether there are more.
    pub is_cut: bool,
}

/// What the traffic behind a connection's listeners joins, of what its latest snapshot has.
pub async fn of_schema(operation: &Operation, connection: Id, range: Range) -> Result<SchemaJoins, Problem> {
    let Looked { mut tx, connection, snapshot } = look(operation, connection, None).await?;
    let workspace = workspaces::by_id(&mut tx, connection.workspace).await?;
    let mut listeners = listeners_of(&mut tx, &workspace).await?;
    listeners.retain(|listener| is_behind(&connection, listener));
    let numbers: Vec<i64> = listeners.iter().map(|listener| listener.id).collect();
    let mut listeners: Vec<String> = listeners.into_iter().map(|listener| listener.name).collect();
    listeners.dedup();
    let seen = traffic::joins(&operation.app.traffic, &mut tx, &numbers, range).await?;
    let SeenJoins { covered, joins, mut is_cut } = seen;
    let hashes = relations(&mut tx, snapshot.id).await?;
    let path = path(&connection);
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let keys = hashes.keys().map(|table| (table.schema.as_str(), table.name.as_str()));
    let (mut joins, unknown) = resolved(&Resolver::new(keys, &path), joins);
    is_cut |= joins.len() > JOINS_MAX;
    joins.truncate(JOINS_MAX);
    let declared = declared(&mut tx, &hashes, &joins).await?;
    tx.commit().await?;
    for join in &mut joins {
        join.follow(&declared);
    }
    Ok(SchemaJoins { listeners, covered, joins, unknown, is_cut })
}

/// The relations of a snapshot, each with the digest of its definition.
async fn relations(tx: &mut Tx, snapshot: Id) -> Result<HashMap<TableRef, Hash>, Problem> {
    let all = schema::keys_and_hashes(tx, snapshot).await?.into_iter();
    let relation = |(key, hash): (Vec<u8>, Hash)| {
        let ObjectKey { group, schema, name, .. } = ObjectKey::from_bytes(&key)?;
        (group == KeyGroup::Relation).then_some((TableRef { schema, name }, hash))
    };
    Ok(all.filter_map(relation).collect())
}

/// Joins by the tables that are meant, each once whichever way round it was written; and how many are with
/// something the schema does not have.
fn resolved(resolver: &Resolver, seen: Vec<TableJoin>) -> (Vec<SeenJoin>, usize) {
    let (mut found, mut unknown): (BTreeMap<(End, End), SeenJoin>, usize) = (BTreeMap::new(), 0);
    for one in seen {
        let end = |name: &TableName, column: String| {
            let table = resolver.resolve(name.schema.as_deref(), &name.name)?;
            Some(End { table, column })
        };
        let (left, right) =
            (end(&one.join.left, one.join.left_column), end(&one.join.right, one.join.right_column));
        let (Some(left), Some(right)) = (left, right) else {
            unknown += 1;
            continue;
        };
        let (from, to) = if left <= right { (left, right) } else { (right, left) };
        let join = found.entry((from.clone(), to.clone())).or_insert(SeenJoin {
            from,
            to,
            foreign_key: None,
            calls: 0,
            fingerprints: 0,
            last_seen_at: 0,
        });
        join.calls += one.calls;
        join.fingerprints += one.fingerprints;
        join.last_seen_at = join.last_seen_at.max(one.last_seen_at);
    }
    let mut joins: Vec<SeenJoin> = found.into_values().collect();
    joins.sort_by_key(|join| std::cmp::Reverse((join.calls, join.fingerprints)));
    (joins, unknown)
}

type Declared = HashMap<TableRef, Vec<ForeignKey>>;

/// The foreign keys of the tables that are joined. Only these are read.
async fn declared(
    tx: &mut Tx,
    hashes: &HashMap<TableRef, Hash>,
    joins: &[SeenJoin],
) -> Result<Declared, Problem> {
    let mut wanted: Vec<&TableRef> =
        joins.iter().flat_map(|join| [&join.from.table, &join.to.table]).collect();
    wanted.sort();
    wanted.dedup();
    let mut declared = Declared::new();
    for part in wanted.chunks(PART) {
        let digests: Vec<Hash> = part.iter().filter_map(|table| hashes.get(*table).copied()).collect();
        for body in schema::definitions(tx, &digests).await?.into_values() {
            let object = changes::read(body)?;
            let keys = object.relation().map(|relation| relation.foreign_keys.clone()).unwrap_or_default();
            declared.insert(TableRef { schema: object.schema, name: object.name }, keys);
        }
    }
    Ok(declared)
}

impl SeenJoin {
    /// Finds the foreign key that declares it, and turns it so that it leads from the one that refers.
    fn follow(&mut self, declared: &Declared) {
        if let Some(key) = key_between(declared, &self.from, &self.to) {
            self.foreign_key = Some(key);
        } else if let Some(key) = key_between(declared, &self.to, &self.from) {
            self.foreign_key = Some(key);
            std::mem::swap(&mut self.from, &mut self.to);
        }
    }
}

/// The foreign key of the table of `from` that pairs both columns.
fn key_between(declared: &Declared, from: &End, to: &End) -> Option<String> {
    let key = declared.get(&from.table)?.iter().find(|key| {
        let mut pairs = key.columns.iter().zip(&key.references.columns);
        key.references.schema == to.table.schema
            && key.references.table == to.table.name
            && pairs.any(|(left, right)| *left == from.column && *right == to.column)
    })?;
    Some(if key.name.is_empty() { key.columns.join(", ") } else { key.name.clone() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use admin_store::traffic::JoinUse;

    fn name(schema: Option<&str>, name: &str) -> TableName {
        TableName { schema: schema.map(str::to_owned), name: name.to_owned() }
    }

    fn seen(left: (TableName, &str), right: (TableName, &str), calls: u64) -> TableJoin {
        let join = JoinUse {
            left: left.0,
            left_column: left.1.to_owned(),
            right: right.0,
            right_column: right.1.to_owned(),
        };
        TableJoin { join, calls, fingerprints: 1, last_seen_at: 1 }
    }

    #[test]
    fn a_join_is_one_whichever_way_round_and_however_it_is_named() {
        let tables = [("public", "orders"), ("public", "customers"), ("audit", "orders")];
        let resolver = Resolver::new(tables.into_iter(), &["public"]);
        let (orders, customers) = (name(None, "orders"), name(None, "customers"));
        let said = vec![
            seen((orders.clone(), "customer_id"), (customers.clone(), "id"), 3),
            seen((name(Some("public"), "customers"), "id"), (orders.clone(), "customer_id"), 4),
            seen((name(Some("audit"), "orders"), "id"), (orders, "id"), 1),
            seen((customers, "region"), (name(None, "gone"), "code"), 9),
        ];
        let (joins, unknown) = resolved(&resolver, said);
        assert_eq!((joins.len(), unknown), (2, 1));
        let first = joins.first().unwrap();
        assert_eq!((first.calls, first.fingerprints), (7, 2));
        assert_eq!((first.from.table.name.as_str(), first.to.table.name.as_str()), ("customers", "orders"));
    }

    #[test]
    fn a_declared_join_leads_from_the_table_that_refers() {
        let table = |name: &str| TableRef { schema: "public".to_owned(), name: name.to_owned() };
        let end = |name: &str, column: &str| End { table: table(name), column: column.to_owned() };
        let key = serde_json::json!({
            "name": "orders_customer", "columns": ["customer_id"],
            "references": { "schema": "public", "table": "customers", "columns": ["id"] },
        });
        let declared = Declared::from([(table("orders"), vec![serde_json::from_value(key).unwrap()])]);
        let join = |from: End, to: End| SeenJoin {
            from,
            to,
            foreign_key: None,
            calls: 1,
            fingerprints: 1,
            last_seen_at: 1,
        };
        let mut followed = join(end("customers", "id"), end("orders", "customer_id"));
        followed.follow(&declared);
        assert_eq!(followed.foreign_key.as_deref(), Some("orders_customer"));
        assert_eq!(followed.from, end("orders", "customer_id"));
        let mut other = join(end("customers", "id"), end("orders", "id"));
        other.follow(&declared);
        assert_eq!((other.foreign_key, other.from), (None, end("customers", "id")));
    }
}

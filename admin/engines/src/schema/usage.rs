//! Who uses which tables and columns, and which joins, as far as statements were seen?
//!
//! What was seen on the wire names tables as statements do, often without a schema. [`Resolver`] finds the
//! table that is meant, [`usage`] adds up what was seen of each.

use super::model::{ForeignKey, Object};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Most tables that are counted apart as unknown; what else is unknown only counts.
const UNKNOWN_MAX: usize = 1_000;

/// A table or a view of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableRef {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// What was seen of statements of one fingerprint by one principal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Who sent them.
    pub principal: String,
    /// How many.
    pub count: u64,
    /// When the last one was, in microseconds since 1970.
    pub last_seen_us: i64,
    /// The tables they name.
    pub relations: Vec<ObservedRelation>,
    /// What they join.
    pub joins: Vec<ObservedJoin>,
}

/// A table as a statement names it, and what is done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedRelation {
    /// The schema, where the statement says one.
    pub schema: Option<String>,
    /// The name.
    pub name: String,
    /// Whether rows of it are read.
    pub reads: bool,
    /// Whether rows of it are written.
    pub writes: bool,
    /// Columns that are read.
    pub columns_read: Vec<String>,
    /// Columns that are written.
    pub columns_written: Vec<String>,
}

/// Two tables that a statement joins by equal columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedJoin {
    /// One table: its schema, where the statement says one, and its name.
    pub left: (Option<String>, String),
    /// The other.
    pub right: (Option<String>, String),
    /// Columns of the one and of the other that are compared.
    pub columns: Vec<(String, String)>,
}

/// How often something was seen, and when last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// When last, in microseconds since 1970; 0 when never.
    pub last_seen_us: i64,
}

/// What was seen of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableUsage {
    /// Who reads it.
    pub readers: BTreeMap<String, Seen>,
    /// Who writes it.
    pub writers: BTreeMap<String, Seen>,
    /// By the name of the column.
    pub columns: BTreeMap<String, ColumnUsage>,
    /// What it is joined with, the most seen first. A join is with both of its tables.
    pub joins: Vec<JoinUsage>,
}

/// What was seen of one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUsage {
    /// How it was read.
    pub read: Seen,
    /// How it was written.
    pub written: Seen,
}

/// A join that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinUsage {
    /// The other table.
    pub with: TableRef,
    /// Columns of this table and of the other that are compared.
    pub columns: Vec<(String, String)>,
    /// How often.
    pub seen: Seen,
    /// The foreign key it follows, in either direction; absent where none is declared.
    pub foreign_key: Option<String>,
}

/// Everything that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By table.
    pub tables: BTreeMap<TableRef, TableUsage>,
    /// Names that stand for no table of the catalog, as the statements had them.
    pub unknown: BTreeMap<String, Seen>,
    /// What was seen of still more unknown names.
    pub unknown_beyond: Seen,
}

/// Finds the table a name in a statement stands for.
#[derive(Clone, Debug)]
pub struct Resolver {
    tables: HashMap<(String, String), TableRef>,
    path: Vec<String>,
    ignores_case: bool,
}

impl Resolver {
    /// Of the tables of a catalog, by schema and name, looked up along `path` where a statement names no
    /// schema: for PostgreSQL the user's own schema, then `public`; for MySQL the session's database; for
    /// SQLite `main`. Names are compared as the server stores them.
    pub fn new<'k>(keys: impl Iterator<Item = (&'k str, &'k str)>, path: &[&str]) -> Resolver {
        let path = path.iter().map(|schema| (*schema).to_owned()).collect();
        let mut resolver = Resolver { tables: HashMap::new(), path, ignores_case: false };
        for (schema, name) in keys {
            let table = TableRef { schema: schema.to_owned(), name: name.to_owned() };
            resolver.tables.insert((table.schema.clone(), table.name.clone()), table);
        }
        resolver
    }

    /// The same for a server that makes no difference between upper and lower case.
    pub fn ignoring_case(self) -> Resolver {
        let tables = self.tables.into_values();
        let tables = tables.map(|table| ((table.schema.to_lowercase(), table.name.to_lowercase()), table));
        Resolver { tables: tables.collect(), ignores_case: true, ..self }
    }

    /// The table, or nothing where the catalog has none.
    pub fn resolve(&self, schema: Option<&str>, name: &str) -> Option<TableRef> {
        let folded = |text: &str| if self.ignores_case { text.to_lowercase() } else { text.to_owned() };
        let find = |schema: &str| self.tables.get(&(folded(schema), folded(name))).cloned();
        match schema {
            Some(schema) => find(schema),
            None => self.path.iter().find_map(|schema| find(schema)),
        }
    }
}

/// Adds up what was seen by table. `objects` are those whose foreign keys are to be known; for joins
/// between others none is.
pub fn usage<'o>(
    observed: impl IntoIterator<Item = &'o Observed>,
    resolver: &Resolver,
    objects: &[&Object],
) -> Usage {
    let mut usage = Usage::default();
    let mut joins: BTreeMap<Joined, Seen> = BTreeMap::new();
    for one in observed {
        let seen = Seen { count: one.count, last_seen_us: one.last_seen_us };
        for relation in &one.relations {
            match resolver.resolve(relation.schema.as_deref(), &relation.name) {
                Some(table) => {
                    usage.tables.entry(table).or_default().add(&one.principal, relation, seen);
                }
                None => usage.add_unknown(relation, seen),
            }
        }
        for join in &one.joins {
            let side = |(schema, name): &(Option<String>, String)| resolver.resolve(schema.as_deref(), name);
            if let (Some(left), Some(right)) = (side(&join.left), side(&join.right)) {
                joins.entry(ordered(left, right, &join.columns)).or_default().add(seen);
            }
        }
    }
    let keys = declared(objects);
    for ((left, right, columns), seen) in joins {
        let foreign_key = followed(&keys, &left, &right, &columns);
        let turned: Vec<(String, String)> = columns.iter().cloned().map(|(a, b)| (b, a)).collect();
        if left != right {
            let join =
                JoinUsage { with: left.clone(), columns: turned, seen, foreign_key: foreign_key.clone() };
            usage.tables.entry(right.clone()).or_default().joins.push(join);
        }
        let join = JoinUsage { with: right, columns, seen, foreign_key };
        usage.tables.entry(left).or_default().joins.push(join);
    }
    for table in usage.tables.values_mut() {
        table.joins.sort_by(|a, b| b.seen.count.cmp(&a.seen.count).then_with(|| a.with.cmp(&b.with)));
    }
    usage
}

/// Two tables, and the columns of the one and of the other that are compared.
type Joined = (TableRef, TableRef, Vec<(String, String)>);

/// A join and the same join written the other way round are one.
fn ordered(left: TableRef, right: TableRef, columns: &[(String, String)]) -> Joined {
    let mut columns: Vec<(String, String)> = columns.to_vec();
    columns.sort();
    columns.dedup();
    let mut turned: Vec<(String, String)> = columns.iter().cloned().map(|(a, b)| (b, a)).collect();
    turned.sort();
    if (&right, &left, &turned) < (&left, &right, &columns) {
        (right, left, turned)
    } else {
        (left, right, columns)
    }
}

fn declared<'o>(objects: &[&'o Object]) -> HashMap<TableRef, &'o [ForeignKey]> {
    let keys = objects.iter().filter_map(|object| {
        let table = TableRef { schema: object.schema.clone(), name: object.name.clone() };
        Some((table, object.relation()?.foreign_keys.as_slice()))
    });
    keys.collect()
}

/// A join follows a foreign key when it compares all of the key's columns; it may compare more.
fn followed(
    keys: &HashMap<TableRef, &[ForeignKey]>,
    left: &TableRef,
    right: &TableRef,
    columns: &[(String, String)],
) -> Option<String> {
    let turned: Vec<(String, String)> = columns.iter().cloned().map(|(a, b)| (b, a)).collect();
    [(left, right, columns), (right, left, turned.as_slice())].into_iter().find_map(|(from, to, columns)| {
        let key = keys.get(from)?.iter().find(|key| {
            let mut pairs = key.columns.iter().zip(&key.references.columns);
            key.references.schema == to.schema
                && key.references.table == to.name
                && !key.columns.is_empty()
                && pairs.all(|(a, b)| columns.iter().any(|(left, right)| left == a && right == b))
        })?;
        Some(if key.name.is_empty() { key.columns.join(", ") } else { key.name.clone() })
    })
}

impl Usage {
    fn add_unknown(&mut self, relation: &ObservedRelation, seen: Seen) {
        let name = match &relation.schema {
            Some(schema) => format!("{schema}.{}", relation.name),
            None => relation.name.clone(),
        };
        if self.unknown.len() < UNKNOWN_MAX || self.unknown.contains_key(&name) {
            self.unknown.entry(name).or_default().add(seen);
        } else {
            self.unknown_beyond.add(seen);
        }
    }
}

impl TableUsage {
    fn add(&mut self, principal: &str, relation: &ObservedRelation, seen: Seen) {
        for (happens, who) in [(relation.reads, &mut self.readers), (relation.writes, &mut self.writers)] {
            if happens {
                who.entry(principal.to_owned()).or_default().add(seen);
            }
        }
        for column in &relation.columns_read {
            self.columns.entry(column.clone()).or_default().read.add(seen);
        }
        for column in &relation.columns_written {
            self.columns.entry(column.clone()).or_default().written.add(seen);
        }
    }
}

impl Seen {
    /// Adds what was seen elsewhere.
    pub fn add(&mut self, other: Seen) {
        self.count = self.count.saturating_add(other.count);
        self.last_seen_us = self.last_seen_us.max(other.last_seen_us);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::schema::upload::from_csv;

    const SHOP: &str = "schema,table,column,type,references\n\
        public,orders,id,integer,\npublic,orders,customer_id,integer,public.customers.id\n\
        public,orders,region,text,\npublic,customers,id,integer,\npublic,customers,region,text,\n\
        ada,orders,id,integer,\n";

    fn relation(schema: Option<&str>, name: &str) -> ObservedRelation {
        let schema = schema.map(str::to_owned);
        ObservedRelation { schema, name: name.to_owned(), reads: true, ..ObservedRelation::default() }
    }

    fn table(schema: &str, name: &str) -> TableRef {
        TableRef { schema: schema.to_owned(), name: name.to_owned() }
    }

    fn pair(left: &str, right: &str) -> (String, String) {
        (left.to_owned(), right.to_owned())
    }

    #[test]
    fn a_name_without_a_schema_is_looked_up_along_the_path() {
        let keys = [("public", "orders"), ("ada", "orders"), ("public", "Odd")];
        let resolver = Resolver::new(keys.into_iter(), &["ada", "public"]);
        assert_eq!(resolver.resolve(None, "orders"), Some(table("ada", "orders")));
        assert_eq!(resolver.resolve(Some("public"), "orders"), Some(table("public", "orders")));
        assert_eq!(resolver.resolve(None, "odd"), None);
        assert_eq!(resolver.resolve(Some("gone"), "orders"), None);
        let folding = resolver.ignoring_case();
        assert_eq!(folding.resolve(None, "oDD"), Some(table("public", "Odd")));
    }

    #[test]
    fn what_was_seen_is_added_up_by_table_and_column() {
        let catalog = from_csv(SHOP.as_bytes()).unwrap();
        let keys = catalog.objects.iter().map(|object| (object.schema.as_str(), object.name.as_str()));
        let resolver = Resolver::new(keys, &["public"]);
        let read = ObservedRelation { columns_read: vec!["id".to_owned()], ..relation(None, "orders") };
        let write = ObservedRelation { reads: false, writes: true, ..relation(Some("public"), "orders") };
        let write = ObservedRelation { columns_written: vec!["region".to_owned()], ..write };
        let one = |principal: &str, count, last_seen_us, relation| Observed {
            principal: principal.to_owned(),
            count,
            last_seen_us,
            relations: vec![relation, self::relation(None, "gone")],
            joins: Vec::new(),
        };
        let observed = [one("ada", 5, 70, read.clone()), one("ada", 2, 50, read), one("bob", 3, 90, write)];
        let usage = usage(&observed, &resolver, &[]);
        let orders = &usage.tables[&table("public", "orders")];
        assert_eq!(orders.readers, BTreeMap::from([("ada".to_owned(), Seen { count: 7, last_seen_us: 70 })]));
        assert_eq!(orders.writers, BTreeMap::from([("bob".to_owned(), Seen { count: 3, last_seen_us: 90 })]));
        assert_eq!(orders.columns["id"].read, Seen { count: 7, last_seen_us: 70 });
        assert_eq!(orders.columns["region"].written.count, 3);
        assert_eq!(usage.unknown["gone"], Seen { count: 10, last_seen_us: 90 });
        assert_eq!(usage.tables.len(), 1);
    }

    #[test]
    fn a_join_is_told_of_both_tables_with_the_foreign_key_it_follows() {
        let catalog = from_csv(SHOP.as_bytes()).unwrap();
        let objects: Vec<&Object> = catalog.objects.iter().collect();
        let keys = objects.iter().map(|object| (object.schema.as_str(), object.name.as_str()));
        let resolver = Resolver::new(keys, &["public"]);
        let join = |left: &str, right: &str, columns: Vec<(String, String)>| ObservedJoin {
            left: (None, left.to_owned()),
            right: (Some("public".to_owned()), right.to_owned()),
            columns,
        };
        let joins = vec![
            join("orders", "customers", vec![pair("customer_id", "id")]),
            join("customers", "orders", vec![pair("id", "customer_id")]),
            join("orders", "customers", vec![pair("region", "region")]),
            join("orders", "gone", vec![pair("id", "id")]),
        ];
        let observed = [Observed { count: 4, last_seen_us: 9, joins, ..Observed::default() }];
        let usage = usage(&observed, &resolver, &objects);
        let orders = &usage.tables[&table("public", "orders")].joins;
        assert_eq!(orders.len(), 2);
        assert_eq!(orders[0].columns, [pair("customer_id", "id")]);
        assert_eq!(orders[0].seen, Seen { count: 8, last_seen_us: 9 });
        assert_eq!(orders[0].foreign_key.as_deref(), Some("orders_customer_id_fkey"));
        assert_eq!((orders[1].seen.count, &orders[1].foreign_key), (4, &None));
        let customers = &usage.tables[&table("public", "customers")].joins;
        assert_eq!(customers[0].columns, [pair("id", "customer_id")]);
        assert_eq!(customers[0].with, table("public", "orders"));
        assert!(customers[0].foreign_key.is_some());
    }
}

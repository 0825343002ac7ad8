//! How do all tables of a schema hang together, as it declares it?

use super::{Looked, WITH_COLUMNS, objects};
use crate::problem::Problem;
use admin_engines::schema::model::{Object, Relation};
use admin_store::schema::{self, Entry, EntryFilter};
use std::collections::BTreeSet;

/// Relations of one graph: the largest schemas that anybody draws have some thousands.
pub const RELATIONS_MAX: usize = 10_000;
/// Columns of one relation that are told by name; those of keys come first.
pub const COLUMNS_MAX: usize = 40;
/// Relations that are read at once: their definitions are the bulk of it.
const PART: u32 = 500;

/// A relation as a diagram draws it.
#[derive(Clone, Debug)]
pub struct Node {
    /// What lists know of it.
    pub entry: Entry,
    /// Its columns in their order, at most [`COLUMNS_MAX`].
    pub columns: Vec<NodeColumn>,
    /// What must be in other tables.
    pub foreign_keys: Vec<Link>,
}

/// A column as a diagram draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeColumn {
    /// Its name.
    pub name: String,
    /// Its type as the server writes it.
    pub data_type: String,
    /// Whether the primary key has it.
    pub in_primary_key: bool,
    /// Whether a foreign key has it.
    pub in_foreign_key: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name; empty where the server has none.
    pub name: String,
    /// In the key's order.
    pub columns: Vec<String>,
    /// The schema of the other table.
    pub to_schema: String,
    /// The other table.
    pub to_table: String,
    /// Its columns in the same order.
    pub to_columns: Vec<String>,
    /// Whether there is at most one row here for a row there.
    pub is_unique: bool,
}

/// All relations of a schema.
#[derive(Clone, Debug)]
pub struct Graph {
    /// By schema and name, at most [`RELATIONS_MAX`].
    pub nodes: Vec<Node>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// Reads the graph of a snapshot.
pub async fn graph(looked: &mut Looked) -> Result<Graph, Problem> {
    let filter = EntryFilter { kinds: WITH_COLUMNS.map(str::to_owned).to_vec(), ..EntryFilter::default() };
    let (mut nodes, mut after) = (Vec::new(), None);
    loop {
        let page = objects(looked, &filter, after, PART).await?;
        let hashes: Vec<_> = page.items.iter().map(|entry| entry.hash).collect();
        let mut bodies = schema::definitions(&mut looked.tx, &hashes).await?;
        for entry in page.items {
            // Two of one definition have one name, and so are one: each body is taken once.
            let object = super::changes::read(bodies.remove(&entry.hash).unwrap_or_default())?;
            nodes.push(node(entry, &object));
        }
        after = page.next;
        if after.is_none() || nodes.len() >= RELATIONS_MAX {
            return Ok(Graph { nodes, is_cut: after.is_some() });
        }
    }
}

fn node(entry: Entry, object: &Object) -> Node {
    let Some(relation) = object.relation() else {
        return Node { entry, columns: Vec::new(), foreign_keys: Vec::new() };
    };
    Node { entry, columns: columns(relation), foreign_keys: links(relation) }
}

/// The columns in their order. Where there are too many, those of keys stay.
fn columns(relation: &Relation) -> Vec<NodeColumn> {
    let primary: BTreeSet<&str> =
        relation.primary_key.iter().flat_map(|key| &key.columns).map(String::as_str).collect();
    let foreign: BTreeSet<&str> =
        relation.foreign_keys.iter().flat_map(|key| &key.columns).map(String::as_str).collect();
    let all = relation.columns.iter().map(|column| NodeColumn {
        name: column.name.clone(),
        data_type: column.data_type.clone(),
        in_primary_key: primary.contains(column.name.as_str()),
        in_foreign_key: foreign.contains(column.name.as_str()),
    });
    let in_keys = relation.columns.iter().filter(|column| is_in(&primary, &foreign, &column.name)).count();
    let mut others = COLUMNS_MAX.saturating_sub(in_keys);
    let mut left = COLUMNS_MAX;
    all.filter(|column| {
        let room = if column.in_primary_key || column.in_foreign_key { &mut left } else { &mut others };
        let is_told = *room > 0;
        *room = room.saturating_sub(1);
        is_told
    })
    .collect()
}

fn is_in(primary: &BTreeSet<&str>, foreign: &BTreeSet<&str>, name: &str) -> bool {
    primary.contains(name) || foreign.contains(name)
}

fn links(relation: &Relation) -> Vec<Link> {
    let keys = || relation.unique_keys.iter().chain(&relation.primary_key);
    let link = |key: &admin_engines::schema::model::ForeignKey| {
        let columns: BTreeSet<&String> = key.columns.iter().collect();
        Link {
            name: key.name.clone(),
            columns: key.columns.clone(),
            to_schema: key.references.schema.clone(),
            to_table: key.references.table.clone(),
            to_columns: key.references.columns.clone(),
            is_unique: keys().any(|unique| unique.columns.iter().all(|column| columns.contains(column))),
        }
    };
    relation.foreign_keys.iter().map(link).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use admin_engines::schema::model::{Column, ForeignKey, Key};

    fn named(name: &str) -> Column {
        Column { name: name.to_owned(), data_type: "text".to_owned(), ..Column::default() }
    }

    #[test]
    fn columns_of_keys_stay_where_there_are_too_many() {
        let mut relation = Relation::default();
        relation.columns.extend((0..60).map(|number| named(&format!("c{number}"))));
        relation.columns.push(named("id"));
        relation.primary_key = Some(Key { columns: vec!["id".to_owned()], ..Key::default() });
        let told = columns(&relation);
        assert_eq!(told.len(), COLUMNS_MAX);
        assert_eq!(told.first().unwrap().name, "c0");
        let last = told.last().unwrap();
        assert_eq!((last.name.as_str(), last.in_primary_key, last.in_foreign_key), ("id", true, false));
    }

    #[test]
    fn a_foreign_key_that_holds_a_unique_key_leads_from_one_row_at_most() {
        let primary_key = Some(Key { columns: vec!["id".to_owned()], ..Key::default() });
        let key = |column: &str| {
            let text = serde_json::json!({
                "name": "", "columns": [column],
                "references": { "schema": "public", "table": "people", "columns": ["id"] },
            });
            serde_json::from_value::<ForeignKey>(text).unwrap()
        };
        let relation = Relation {
            columns: vec![named("id"), named("owner")],
            primary_key,
            foreign_keys: vec![key("id"), key("owner")],
            ..Relation::default()
        };
        let found: Vec<bool> = links(&relation).iter().map(|link| link.is_unique).collect();
        assert_eq!(found, [true, false]);
    }
}

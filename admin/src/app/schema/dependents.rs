//! What else in the database would notice if an object were gone: keys, views, functions, triggers?

use super::{changes, look};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::model::{Detail, KeyGroup, Object, ObjectKey, Relation, RelationName};
use admin_store::Id;
use admin_store::schema::{self, Entry};

/// Definitions that are read to find them.
const READ_MAX: usize = 1_000;
/// Dependents that are told.
pub const TOLD_MAX: usize = 500;

/// In which way something depends on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A foreign key points at it.
    ForeignKey,
    /// It is a partition of it.
    Partition,
    /// It inherits from it.
    Child,
    /// The query of a view names it.
    Query,
    /// A trigger of another table names it.
    Trigger,
    /// A policy of row security names it.
    Policy,
    /// The default of a column names it.
    Default,
    /// A column has it as its type.
    ColumnType,
    /// The text of a function or procedure names it.
    Body,
}

/// Something that depends on an object.
#[derive(Clone, Debug)]
pub struct Dependent {
    /// The object that does.
    pub entry: Entry,
    /// How.
    pub way: Way,
    /// By what of it, such as the name of a key; empty for the whole.
    pub by: String,
    /// More about it, such as the columns of a key.
    pub detail: String,
}

/// What depends on the object of `key` in the latest snapshot, and whether there may be more.
pub async fn of_object(
    operation: &Operation,
    connection: Id,
    key: &ObjectKey,
) -> Result<(Vec<Dependent>, bool), Problem> {
    let mut looked = look(operation, connection, None).await?;
    let snapshot = looked.snapshot.id;
    schema::object(&mut looked.tx, snapshot, &key.bytes()).await?;
    let mentions = schema::mentions(&mut looked.tx, snapshot, &key.name, READ_MAX).await?;
    looked.tx.commit().await?;
    let (mut found, mut is_cut) = (Vec::new(), mentions.is_cut);
    for (entry, body) in mentions.found {
        let object = changes::read(body)?;
        let is_itself = object.key() == *key;
        let ways = ways(&object, key);
        let ways = ways.into_iter().filter(|(way, ..)| !is_itself || *way == Way::ForeignKey);
        found.extend(ways.map(|(way, by, detail)| Dependent { entry: entry.clone(), way, by, detail }));
    }
    found.sort_by_key(|dependent| (dependent.way, dependent.entry.ordinal));
    is_cut |= found.len() > TOLD_MAX;
    found.truncate(TOLD_MAX);
    Ok((found, is_cut))
}

type Found = (Way, String, String);

/// In which ways `object` depends on what `key` names.
fn ways(object: &Object, key: &ObjectKey) -> Vec<Found> {
    match &object.definition.detail {
        Detail::Relation(relation) => of_relation(relation, key),
        Detail::Routine(routine) => {
            let is_named = routine.definition.as_deref().is_some_and(|text| names(text, key));
            if is_named { vec![(Way::Body, String::new(), routine.language.clone())] } else { Vec::new() }
        }
        Detail::Composite(columns) => {
            let of_type = columns.iter().filter(|column| is_type(&column.data_type, key));
            of_type.map(|column| (Way::ColumnType, column.name.clone(), column.data_type.clone())).collect()
        }
        _ => Vec::new(),
    }
}

fn of_relation(relation: &Relation, key: &ObjectKey) -> Vec<Found> {
    let mut found = Vec::new();
    let is_it = |name: &RelationName| {
        key.group == KeyGroup::Relation && name.schema == key.schema && name.name == key.name
    };
    for foreign in &relation.foreign_keys {
        let to = &foreign.references;
        if key.group == KeyGroup::Relation && to.schema == key.schema && to.table == key.name {
            let detail = format!("{} → {}", foreign.columns.join(", "), to.columns.join(", "));
            found.push((Way::ForeignKey, foreign.name.clone(), detail));
        }
    }
    if let Some(of) = relation.partition_of.as_ref().filter(|of| is_it(&of.parent)) {
        found.push((Way::Partition, String::new(), of.bound.clone()));
    } else if relation.inherits.iter().any(is_it) {
        found.push((Way::Child, String::new(), String::new()));
    }
    if relation.query.as_deref().is_some_and(|text| names(text, key)) {
        found.push((Way::Query, String::new(), String::new()));
    }
    for trigger in relation.triggers.iter().filter(|trigger| names(&trigger.definition, key)) {
        found.push((Way::Trigger, trigger.name.clone(), trigger.timing.clone()));
    }
    for policy in &relation.policies {
        let mut texts = [&policy.using, &policy.check].into_iter().flatten();
        if texts.any(|text| names(text, key)) {
            found.push((Way::Policy, policy.name.clone(), policy.command.clone()));
        }
    }
    for column in &relation.columns {
        if column.default.as_deref().is_some_and(|text| names(text, key)) {
            found.push((Way::Default, column.name.clone(), column.default.clone().unwrap_or_default()));
        }
        if is_type(&column.data_type, key) {
            found.push((Way::ColumnType, column.name.clone(), column.data_type.clone()));
        }
    }
    found
}

/// Whether a column of `data_type` is of the type that `key` names.
fn is_type(data_type: &str, key: &ObjectKey) -> bool {
    key.group == KeyGroup::Type && names(data_type, key)
}

/// Whether a text of SQL has the name as a word by itself, and not as that of another schema. What stands there may
/// still mean something else: nobody parses it here.
fn names(text: &str, key: &ObjectKey) -> bool {
    let (text, name, schema) = (text.to_lowercase(), key.name.to_lowercase(), key.schema.to_lowercase());
    if name.is_empty() {
        return false;
    }
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
    text.match_indices(&name).any(|(at, found)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + found.len()..).unwrap_or_default();
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let bare = before.trim_end_matches(['"', '`']);
        let qualifier = bare.strip_suffix('.').map(|rest| rest.trim_end_matches(['"', '`']));
        let is_of_schema = qualifier.is_none_or(|rest| {
            rest.strip_suffix(schema.as_str()).is_some_and(|rest| !rest.ends_with(is_word))
        });
        is_whole && is_of_schema
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_an_object_by_a_word_of_its_own() {
        let orders = ObjectKey::relation("public", "orders");
        for text in [
            "SELECT * FROM orders",
            "select * from PUBLIC.Orders o",
            "SELECT count(*) FROM \"public\".\"orders\";",
            "nextval('orders'::regclass)",
            "`public`.`orders`",
            "INSERT INTO orders(id)",
        ] {
            assert!(names(text, &orders), "{text}");
        }
        for text in [
            "SELECT * FROM orders_2024",
            "SELECT * FROM old_orders",
            "SELECT * FROM audit.orders",
            "SELECT customer.orders FROM customer",
            "SELECT * FROM my_public.orders",
            "",
        ] {
            assert!(!names(text, &orders), "{text}");
        }
    }
}

//! Which keys, indexes, checks and triggers do tables have?

use super::super::CatalogError;
use super::super::model::{
    Check, ForeignKey, Index, Key, KeyAction, Postponement, Reference, Relation, Trigger,
};
use super::Draft;
use super::reader::{Fields, Reader};

const INDEXES: &str = "
SELECT i.object_id, i.name, i.type_desc, i.is_unique, i.is_primary_key, i.is_unique_constraint, i.is_disabled,
 i.filter_definition, x.is_descending_key, x.is_included_column, c.name AS column_name
FROM sys.indexes i
JOIN sys.objects o ON o.object_id = i.object_id AND o.type IN ('U', 'V') AND o.is_ms_shipped = 0
JOIN sys.index_columns x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE i.index_id > 0 AND i.is_hypothetical = 0
ORDER BY i.object_id, i.index_id, x.is_included_column, x.key_ordinal, x.index_column_id";

const FOREIGN_KEYS: &str = "
SELECT f.parent_object_id AS object_id, f.name, c.name AS column_name, s.name AS there_schema, o.name AS there,
 d.name AS there_column, f.delete_referential_action_desc AS on_delete,
 f.update_referential_action_desc AS on_update, f.is_disabled, f.is_not_trusted
FROM sys.foreign_keys f
JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
JOIN sys.columns c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
JOIN sys.columns d ON d.object_id = k.referenced_object_id AND d.column_id = k.referenced_column_id
JOIN sys.objects o ON o.object_id = k.referenced_object_id
JOIN sys.schemas s ON s.schema_id = o.schema_id
ORDER BY f.parent_object_id, f.name, k.constraint_column_id";

const CHECKS: &str = "
SELECT parent_object_id AS object_id, name, definition, is_disabled, is_not_trusted FROM sys.check_constraints";

const TRIGGERS: &str = "
SELECT t.parent_id AS object_id, t.name, t.is_instead_of_trigger, t.is_disabled, e.type_desc AS event,
 m.definition
FROM sys.triggers t
JOIN sys.trigger_events e ON e.object_id = t.object_id
LEFT JOIN sys.sql_modules m ON m.object_id = t.object_id
WHERE t.parent_class = 1 AND t.is_ms_shipped = 0
ORDER BY t.parent_id, t.name, e.type_desc";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("indexes", INDEXES).await? {
        if let Some(relation) = draft.relation(&row) {
            add_index_column(relation, &row);
        }
    }
    for row in reader.optional("foreign keys", FOREIGN_KEYS).await? {
        if let Some(relation) = draft.relation(&row) {
            add_foreign_key_column(relation, &row);
        }
    }
    for row in reader.optional("checks", CHECKS).await? {
        if let Some(relation) = draft.relation(&row) {
            relation.checks.push(Check {
                name: row.text("name").unwrap_or_default(),
                expression: row.text("definition").unwrap_or_default(),
                not_validated: row.is_yes("is_not_trusted"),
                not_enforced: row.is_yes("is_disabled"),
            });
        }
    }
    for row in reader.optional("triggers", TRIGGERS).await? {
        if let Some(relation) = draft.relation(&row) {
            add_trigger_event(relation, &row);
        }
    }
    Ok(())
}

fn add_index_column(relation: &mut Relation, row: &Fields) {
    let name = row.text("name").unwrap_or_default();
    let column = row.text("column_name").unwrap_or_default();
    let method = row.text("type_desc").unwrap_or_default().to_ascii_lowercase();
    // A columnstore has no key: all its columns say that they are only carried.
    let is_carried = row.is_yes("is_included_column") && !method.contains("columnstore");
    if !is_carried && row.is_yes("is_primary_key") {
        let key = relation.primary_key.get_or_insert_with(Key::default);
        key.name.clone_from(&name);
        key.columns.push(column.clone());
    } else if !is_carried && row.is_yes("is_unique_constraint") {
        let key = named(&mut relation.unique_keys, |key| key.name == name);
        key.name.clone_from(&name);
        // NULL is a value here: there may be one row with it.
        key.nulls_not_distinct = true;
        key.columns.push(column.clone());
    }
    let index: &mut Index = named(&mut relation.indexes, |index| index.name == name);
    index.name = name;
    index.method = method;
    index.unique = row.is_yes("is_unique");
    index.unusable = row.is_yes("is_disabled");
    index.predicate = row.text("filter_definition");
    if is_carried {
        index.include.push(column);
    } else {
        let descending = row.is_yes("is_descending_key");
        index.columns.push(if descending { format!("{column} DESC") } else { column });
    }
}

fn add_foreign_key_column(relation: &mut Relation, row: &Fields) {
    let name = row.text("name").unwrap_or_default();
    let there = row.text("there_column").unwrap_or_default();
    let column = row.text("column_name").unwrap_or_default();
    if let Some(key) = relation.foreign_keys.iter_mut().find(|key| key.name == name) {
        key.columns.push(column);
        key.references.columns.push(there);
        return;
    }
    relation.foreign_keys.push(ForeignKey {
        name,
        columns: vec![column],
        references: Reference {
            schema: row.text("there_schema").unwrap_or_default(),
            table: row.text("there").unwrap_or_default(),
            columns: vec![there],
        },
        on_delete: action(row.text("on_delete")),
        on_update: action(row.text("on_update")),
        match_full: false,
        deferrable: Postponement::default(),
        not_validated: row.is_yes("is_not_trusted"),
        not_enforced: row.is_yes("is_disabled"),
    });
}

fn add_trigger_event(relation: &mut Relation, row: &Fields) {
    let name = row.text("name").unwrap_or_default();
    let trigger: &mut Trigger = named(&mut relation.triggers, |trigger| trigger.name == name);
    trigger.name = name;
    trigger.timing = if row.is_yes("is_instead_of_trigger") { "instead_of" } else { "after" }.to_owned();
    trigger.events.extend(row.text("event").map(|event| event.to_ascii_lowercase()));
    trigger.definition = row.text("definition").unwrap_or_default();
    trigger.enabled = row.is_yes("is_disabled").then(|| "disabled".to_owned());
}

fn action(word: Option<String>) -> KeyAction {
    match word.unwrap_or_default().as_str() {
        "CASCADE" => KeyAction::Cascade,
        "SET_NULL" => KeyAction::SetNull,
        "SET_DEFAULT" => KeyAction::SetDefault,
        _ => KeyAction::NoAction,
    }
}

/// The item `is` is looking for, or a new one at the end.
fn named<T: Default>(items: &mut Vec<T>, is: impl Fn(&T) -> bool) -> &mut T {
    let place = items.iter().position(is).unwrap_or(items.len());
    if place == items.len() {
        items.push(T::default());
    }
    &mut items[place]
}

//! Which keys, indexes, checks and triggers do tables have?

use super::super::CatalogError;
use super::super::model::{Check, ForeignKey, Key, KeyAction, Reference, Relation, Trigger};
use super::draft::Draft;
use super::reader::{Fields, Reader};

/// Every column: which there are differs between servers.
const INDEXES: &str = "
SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN ({schemas})
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

const FOREIGN_KEYS: &str = "
SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA,
       k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE
FROM information_schema.KEY_COLUMN_USAGE k
JOIN information_schema.REFERENTIAL_CONSTRAINTS r
  ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
 AND r.TABLE_NAME = k.TABLE_NAME
WHERE k.TABLE_SCHEMA IN ({schemas}) AND r.CONSTRAINT_SCHEMA IN ({schemas})
  AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";

/// In MariaDB the name of a check is unique within its table only.
const CHECKS_MARIADB: &str = "
SELECT CONSTRAINT_SCHEMA AS TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE, 'YES' AS ENFORCED
FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA IN ({schemas})";

const CHECKS_MYSQL: &str = "
SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.CONSTRAINT_NAME, c.CHECK_CLAUSE, t.ENFORCED
FROM information_schema.TABLE_CONSTRAINTS t
JOIN information_schema.CHECK_CONSTRAINTS c
  ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
WHERE t.TABLE_SCHEMA IN ({schemas}) AND t.CONSTRAINT_TYPE = 'CHECK'";

const TRIGGERS: &str = "
SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION,
       ACTION_STATEMENT
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA IN ({schemas})";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("indexes", INDEXES).await? {
        if let Some(relation) = draft.relation(row.place("TABLE_SCHEMA", "TABLE_NAME")) {
            add_index_column(relation, &row);
        }
    }
    for row in reader.optional("foreign keys", FOREIGN_KEYS).await? {
        if let Some(relation) = draft.relation(row.place("TABLE_SCHEMA", "TABLE_NAME")) {
            add_foreign_key_column(relation, &row);
        }
    }
    let checks = if reader.is_mariadb { CHECKS_MARIADB } else { CHECKS_MYSQL };
    for row in reader.optional("checks", checks).await? {
        if let Some(relation) = draft.relation(row.place("TABLE_SCHEMA", "TABLE_NAME")) {
            relation.checks.push(Check {
                name: row.text("CONSTRAINT_NAME").unwrap_or_default(),
                expression: row.text("CHECK_CLAUSE").unwrap_or_default(),
                not_validated: false,
                not_enforced: !row.is_yes("ENFORCED"),
            });
        }
    }
    for row in reader.optional("triggers", TRIGGERS).await? {
        if let Some(relation) = draft.relation(row.place("EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE")) {
            relation.triggers.push(Trigger {
                name: row.text("TRIGGER_NAME").unwrap_or_default(),
                timing: row.text("ACTION_TIMING").unwrap_or_default().to_ascii_lowercase(),
                events: row
                    .text("EVENT_MANIPULATION")
                    .map(|event| event.to_ascii_lowercase())
                    .into_iter()
                    .collect(),
                definition: row.text("ACTION_STATEMENT").unwrap_or_default(),
                enabled: None,
            });
        }
    }
    Ok(())
}

/// A unique index is a unique key here: the server makes no difference.
fn add_index_column(relation: &mut Relation, row: &Fields) {
    let name = row.text("INDEX_NAME").unwrap_or_default();
    let mut column = row.filled("COLUMN_NAME").unwrap_or_else(|| row.text("EXPRESSION").unwrap_or_default());
    if let Some(length) = row.number("SUB_PART") {
        column = format!("{column}({length})");
    }
    let unique = row.number("NON_UNIQUE") == Some(0);
    if unique {
        let key = if name == "PRIMARY" {
            relation.primary_key.get_or_insert_with(Key::default)
        } else {
            named(&mut relation.unique_keys, |key| key.name == name)
        };
        key.name.clone_from(&name);
        key.columns.push(column.clone());
    }
    let index = named(&mut relation.indexes, |index| index.name == name);
    index.name = name;
    index.method = row.text("INDEX_TYPE").unwrap_or_default().to_ascii_lowercase();
    index.unique = unique;
    index.unusable =
        row.filled("IS_VISIBLE").is_some_and(|word| word.eq_ignore_ascii_case("NO")) || row.is_yes("IGNORED");
    let descending = row.text("COLLATION").is_some_and(|order| order == "D");
    index.columns.push(if descending { format!("{column} DESC") } else { column });
}

fn add_foreign_key_column(relation: &mut Relation, row: &Fields) {
    let name = row.text("CONSTRAINT_NAME").unwrap_or_default();
    let place = relation.foreign_keys.iter().position(|key| key.name == name);
    let place = place.unwrap_or_else(|| {
        relation.foreign_keys.push(ForeignKey {
            name,
            columns: Vec::new(),
            references: Reference {
                schema: row.text("REFERENCED_TABLE_SCHEMA").unwrap_or_default(),
                table: row.text("REFERENCED_TABLE_NAME").unwrap_or_default(),
                columns: Vec::new(),
            },
            on_delete: action(row.text("DELETE_RULE")),
            on_update: action(row.text("UPDATE_RULE")),
            match_full: false,
            deferrable: Default::default(),
            not_validated: false,
            not_enforced: false,
        });
        relation.foreign_keys.len() - 1
    });
    if let Some(key) = relation.foreign_keys.get_mut(place) {
        key.columns.push(row.text("COLUMN_NAME").unwrap_or_default());
        key.references.columns.push(row.text("REFERENCED_COLUMN_NAME").unwrap_or_default());
    }
}

fn action(word: Option<String>) -> KeyAction {
    match word.unwrap_or_default().as_str() {
        "RESTRICT" => KeyAction::Restrict,
        "CASCADE" => KeyAction::Cascade,
        "SET NULL" => KeyAction::SetNull,
        "SET DEFAULT" => KeyAction::SetDefault,
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

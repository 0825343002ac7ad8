//! Who may do what with a database, a table or a column?
//!
//! Privileges on everything (`*.*`) are the account's, not an object's, and are not here; nor are those the
//! account that asks may not see.

use super::super::CatalogError;
use super::super::model::{Grant, KeyGroup};
use super::draft::Draft;
use super::reader::{Fields, Reader};

const SCHEMAS: &str = "
SELECT GRANTEE, TABLE_SCHEMA, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.SCHEMA_PRIVILEGES WHERE TABLE_SCHEMA IN ({schemas})";

const TABLES: &str = "
SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA IN ({schemas})";

const COLUMNS: &str = "
SELECT GRANTEE, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, PRIVILEGE_TYPE, IS_GRANTABLE
FROM information_schema.COLUMN_PRIVILEGES WHERE TABLE_SCHEMA IN ({schemas})";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("grants on databases", SCHEMAS).await? {
        let place = (String::new(), row.text("TABLE_SCHEMA").unwrap_or_default());
        if let Some(object) = draft.object(KeyGroup::Schema, place) {
            object.definition.grants.push(grant(&row));
        }
    }
    for (what, sql) in [("grants on tables", TABLES), ("grants on columns", COLUMNS)] {
        for row in reader.optional(what, sql).await? {
            if let Some(object) = draft.object(KeyGroup::Relation, row.place("TABLE_SCHEMA", "TABLE_NAME")) {
                object.definition.grants.push(grant(&row));
            }
        }
    }
    Ok(())
}

/// The server writes an account as `'app'@'%'`.
fn grant(row: &Fields) -> Grant {
    let grantee = row.text("GRANTEE").unwrap_or_default();
    let grantee = grantee.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(&grantee);
    Grant {
        grantee: grantee.replace("'@'", "@"),
        column: row.filled("COLUMN_NAME"),
        privilege: row.text("PRIVILEGE_TYPE").unwrap_or_default(),
        grantable: row.is_yes("IS_GRANTABLE"),
    }
}

//! Which keys, checks, triggers and policies do tables and domains have?

use super::super::CatalogError;
use super::super::model::{
    Check, Exclusion, ForeignKey, Key, KeyAction, Policy, Postponement, Reference, Trigger,
};
use super::draft::Draft;
use super::reader::{Reader, get};
use tokio_postgres::Row;

/// A foreign key to a partitioned table has more rows, one for each partition; they are not keys of their own.
const CONSTRAINTS: &str = "
SELECT k.conrelid, k.conname::text, k.contype::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
       k.condeferrable, k.condeferred, k.convalidated, {enforced}, {period}, {nulls},
       CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid)
            WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END,
       n.nspname::text, r.relname::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
       k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'u'
LEFT JOIN pg_class r ON r.oid = k.confrelid
LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.relnamespace = ANY ($1) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
  AND NOT EXISTS (SELECT FROM pg_constraint p
                  WHERE p.oid = k.conparentid AND p.contype = 'f' AND p.conrelid = k.conrelid)";

const TRIGGERS: &str = "
SELECT g.tgrelid, g.tgname::text, g.tgtype::int4, g.tgenabled::text, pg_get_triggerdef(g.oid)
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
WHERE c.relnamespace = ANY ($1) AND NOT g.tgisinternal AND g.tgparentid = 0";

const POLICIES: &str = "
SELECT p.polrelid, p.polname::text, p.polcmd::text, p.polpermissive,
       ARRAY(SELECT CASE WHEN u.role = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u.role)::text END
             FROM unnest(p.polroles) u (role) ORDER BY 1),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = ANY ($1)";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    let newest = reader.version >= 180_000;
    let sql = CONSTRAINTS
        .replace("{enforced}", if newest { "k.conenforced" } else { "true" })
        .replace("{period}", if newest { "k.conperiod" } else { "false" })
        .replace(
            "{nulls}",
            if reader.version >= 150_000 { "coalesce(i.indnullsnotdistinct, false)" } else { "false" },
        );
    for row in reader.optional("keys and checks", &sql).await? {
        add_constraint(draft, &row)?;
    }
    for row in reader.optional("triggers", TRIGGERS).await? {
        let Some(relation) = draft.relation(get(&row, 0)?) else { continue };
        relation.triggers.push(trigger(&row)?);
    }
    for row in reader.optional("row security policies", POLICIES).await? {
        let Some(relation) = draft.relation(get(&row, 0)?) else { continue };
        relation.policies.push(policy(&row)?);
    }
    Ok(())
}

fn add_constraint(draft: &mut Draft, row: &Row) -> Result<(), CatalogError> {
    let Some(relation) = draft.relation(get(row, 0)?) else { return Ok(()) };
    let name: String = get(row, 1)?;
    let deferrable = match (get(row, 4)?, get(row, 5)?) {
        (false, _) => Postponement::Never,
        (true, false) => Postponement::InitiallyImmediate,
        (true, true) => Postponement::InitiallyDeferred,
    };
    let (not_validated, not_enforced) = (!get::<bool>(row, 6)?, !get::<bool>(row, 7)?);
    match get::<&str>(row, 2)? {
        kind @ ("p" | "u") => {
            let key = Key {
                name,
                columns: get(row, 3)?,
                deferrable,
                nulls_not_distinct: get(row, 9)?,
                without_overlaps: get(row, 8)?,
            };
            if kind == "p" {
                relation.primary_key = Some(key);
            } else {
                relation.unique_keys.push(key);
            }
        }
        "f" => relation.foreign_keys.push(ForeignKey {
            name,
            columns: get(row, 3)?,
            references: Reference { schema: get(row, 11)?, table: get(row, 12)?, columns: get(row, 13)? },
            on_update: action(get(row, 14)?),
            on_delete: action(get(row, 15)?),
            match_full: get::<&str>(row, 16)? == "f",
            deferrable,
            not_validated,
            not_enforced,
        }),
        "c" => {
            let expression = get::<Option<String>>(row, 10)?.unwrap_or_default();
            relation.checks.push(Check { name, expression, not_validated, not_enforced });
        }
        _ => {
            let definition = get::<Option<String>>(row, 10)?.unwrap_or_default();
            relation.exclusions.push(Exclusion { name, definition });
        }
    }
    Ok(())
}

fn action(letter: &str) -> KeyAction {
    match letter {
        "r" => KeyAction::Restrict,
        "c" => KeyAction::Cascade,
        "n" => KeyAction::SetNull,
        "d" => KeyAction::SetDefault,
        _ => KeyAction::NoAction,
    }
}

/// The bits of `tgtype`, as in the server's `pg_trigger.h`.
fn trigger(row: &Row) -> Result<Trigger, CatalogError> {
    let bits: i32 = get(row, 2)?;
    let timing = if bits & 64 != 0 {
        "instead_of"
    } else if bits & 2 != 0 {
        "before"
    } else {
        "after"
    };
    let events = [(4, "insert"), (16, "update"), (8, "delete"), (32, "truncate")];
    let events = events.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, event)| (*event).to_owned());
    Ok(Trigger {
        name: get(row, 1)?,
        timing: timing.to_owned(),
        events: events.collect(),
        definition: get(row, 4)?,
        enabled: match get::<&str>(row, 3)? {
            "D" => Some("disabled".to_owned()),
            "R" => Some("replica".to_owned()),
            "A" => Some("always".to_owned()),
            _ => None,
        },
    })
}

fn policy(row: &Row) -> Result<Policy, CatalogError> {
    let command = match get::<&str>(row, 2)? {
        "r" => "select",
        "a" => "insert",
        "w" => "update",
        "d" => "delete",
        _ => "all",
    };
    Ok(Policy {
        name: get(row, 1)?,
        command: command.to_owned(),
        restrictive: !get::<bool>(row, 3)?,
        roles: get(row, 4)?,
        using: get(row, 5)?,
        check: get(row, 6)?,
    })
}

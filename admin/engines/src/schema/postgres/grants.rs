//! Who else than its owner may do what with an object?

use super::super::CatalogError;
use super::super::model::Grant;
use super::draft::{Class, Draft};
use super::reader::{Reader, get};

/// An object without a list has its kind's usual one: nobody for tables, everybody for functions and types.
const GRANTS: &str = "
WITH held AS (
    SELECT 'n' AS class, n.oid, n.nspowner AS owner, NULL::text AS attribute, n.nspacl AS list
    FROM pg_namespace n WHERE n.oid = ANY ($1) AND n.nspacl IS NOT NULL
    UNION ALL
    SELECT 'c', c.oid, c.relowner, NULL, c.relacl
    FROM pg_class c WHERE c.relnamespace = ANY ($1) AND c.relacl IS NOT NULL
    UNION ALL
    SELECT 'c', c.oid, c.relowner, a.attname::text, a.attacl
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = ANY ($1) AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT 'p', p.oid, p.proowner, NULL, coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p WHERE p.pronamespace = ANY ($1)
    UNION ALL
    SELECT 't', t.oid, t.typowner, NULL, coalesce(t.typacl, acldefault('T', t.typowner))
    FROM pg_type t WHERE t.typnamespace = ANY ($1) AND t.typtype IN ('e', 'd', 'c', 'r', 'b')
)
SELECT h.oid, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END, h.attribute,
       g.privilege_type, g.is_grantable, h.class::text
FROM held h, aclexplode(h.list) g
WHERE g.grantee <> h.owner";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("grants", GRANTS).await? {
        let class = match get::<&str>(&row, 5)? {
            "n" => Class::Schema,
            "c" => Class::Relation,
            "p" => Class::Routine,
            _ => Class::Type,
        };
        let Some(object) = draft.object(class, get(&row, 0)?) else { continue };
        object.definition.grants.push(Grant {
            grantee: get(&row, 1)?,
            column: get(&row, 2)?,
            privilege: get(&row, 3)?,
            grantable: get(&row, 4)?,
        });
    }
    Ok(())
}

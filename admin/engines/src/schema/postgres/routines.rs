//! Which functions, procedures and sequences are there?

use super::super::CatalogError;
use super::super::model::{Detail, Object, ObjectKind, Routine, RoutineForm, Sequence, Volatility};
use super::draft::{Class, Draft};
use super::reader::{Reader, get};
use tokio_postgres::Row;

/// Not those of extensions: they are the extension's, and its version tells of their changes.
const FUNCTIONS: &str = "
SELECT p.oid, n.nspname::text, p.proname::text, p.prokind::text, pg_get_userbyid(p.proowner)::text,
       d.description, l.lanname::text, pg_get_function_arguments(p.oid), oidvectortypes(p.proargtypes),
       pg_get_function_result(p.oid), p.provolatile::text, p.prosecdef, p.proisstrict, p.proconfig::text[],
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid)
            ELSE concat_ws(', ', 'SFUNC = ' || a.aggtransfn::regprocedure::text,
                           'STYPE = ' || format_type(a.aggtranstype, NULL),
                           'FINALFUNC = ' || nullif(a.aggfinalfn::oid, 0)::regprocedure::text,
                           'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regprocedure::text,
                           'INITCOND = ' || quote_literal(a.agginitval)) END
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0
WHERE p.pronamespace = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid
                                            AND x.deptype IN ('e', 'i'))";

/// Not those of identity columns: they are the column's.
const SEQUENCES: &str = "
SELECT c.oid, n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text, d.description,
       format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       o.nspname || '.' || t.relname || '.' || a.attname
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend x ON x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.objsubid = 0
                     AND x.refclassid = 'pg_class'::regclass AND x.deptype = 'a'
LEFT JOIN pg_class t ON t.oid = x.refobjid
LEFT JOIN pg_namespace o ON o.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE c.relnamespace = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = c.oid
                                            AND i.deptype = 'i')";

pub(super) async fn functions(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("functions", FUNCTIONS).await? {
        let kind = match get::<&str>(&row, 3)? {
            "p" => ObjectKind::Procedure,
            _ => ObjectKind::Function,
        };
        let detail = Detail::Routine(Box::new(routine(&row)?));
        let mut object = Object::new(kind, get(&row, 1)?, get(&row, 2)?, detail);
        object.definition.owner = get(&row, 4)?;
        object.definition.comment = get(&row, 5)?;
        draft.add(Class::Routine, get(&row, 0)?, object)?;
    }
    Ok(())
}

fn routine(row: &Row) -> Result<Routine, CatalogError> {
    Ok(Routine {
        form: match get::<&str>(row, 3)? {
            "a" => RoutineForm::Aggregate,
            "w" => RoutineForm::Window,
            _ => RoutineForm::Plain,
        },
        language: get(row, 6)?,
        arguments: get(row, 7)?,
        identity_arguments: get(row, 8)?,
        result: get(row, 9)?,
        volatility: match get::<&str>(row, 10)? {
            "i" => Some(Volatility::Immutable),
            "s" => Some(Volatility::Stable),
            _ => Some(Volatility::Volatile),
        },
        security_definer: get(row, 11)?,
        strict: get(row, 12)?,
        settings: get::<Option<Vec<String>>>(row, 13)?.unwrap_or_default(),
        definition: get(row, 14)?,
    })
}

pub(super) async fn sequences(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("sequences", SEQUENCES).await? {
        let sequence = Sequence {
            data_type: get(&row, 5)?,
            start: get(&row, 6)?,
            increment: get(&row, 7)?,
            minimum: get(&row, 8)?,
            maximum: get(&row, 9)?,
            cache: get(&row, 10)?,
            cycle: get(&row, 11)?,
            owned_by: get(&row, 12)?,
        };
        let detail = Detail::Sequence(sequence);
        let mut object = Object::new(ObjectKind::Sequence, get(&row, 1)?, get(&row, 2)?, detail);
        object.definition.owner = get(&row, 3)?;
        object.definition.comment = get(&row, 4)?;
        draft.add(Class::Relation, get(&row, 0)?, object)?;
    }
    Ok(())
}

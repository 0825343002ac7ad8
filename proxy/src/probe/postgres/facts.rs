//! What does one database's catalog say of its functions, operators and views?
//!
//! PostgreSQL keeps no dependency on what it brings itself, so which functions a view calls is read from the
//! numbers in its parsed form (`pg_rewrite.ev_action`), not from `pg_depend`.

use crate::probe::ProbeError;
use sql::catalog::{CatalogFacts, FunctionFact, ITEMS_MAX, Origin, Reached, RelationFact, RowArgument};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::{Client, Row};

/// The numbers from which on things are somebody's own (`FirstNormalObjectId`).
const FIRST_OWN: i64 = 16_384;

/// Numbers of functions in the text of a parsed expression, `tree`.
const CALLED: &str = "ARRAY(SELECT DISTINCT m[1]::int8 FROM regexp_matches(tree, \
     ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\\d+)', 'g') AS m WHERE m[1] <> '0')";

/// Numbers of relations there.
const USED: &str = "ARRAY(SELECT DISTINCT m[1]::int8 FROM regexp_matches(tree, ':relid (\\d+)', 'g') AS m WHERE m[1] <> '0')";

/// Reads everything that [`sql::catalog::Catalog`] is made of.
pub(crate) async fn facts(client: &Client) -> Result<CatalogFacts, ProbeError> {
    let mut functions: Vec<FunctionFact> =
        client.query(&functions_sql(), &[]).await?.iter().map(function).collect::<Result<_, _>>()?;
    let operators = client.query(&operators_sql(), &[]).await?;
    functions.extend(operators.iter().map(operator).collect::<Result<Vec<_>, _>>()?);
    let mut relations: BTreeMap<u64, RelationFact> = BTreeMap::new();
    let rows = client.query(&relations_sql(), &[]).await?;
    let truncated = functions.len() > ITEMS_MAX || rows.len() > ITEMS_MAX;
    for row in &rows {
        relation(row, &mut relations)?;
    }
    let relations: Vec<RelationFact> = relations.into_values().collect();
    let known: BTreeSet<u64> = functions.iter().map(|function| function.id).collect();
    let of_relations =
        relations.iter().flat_map(|one| one.read.functions.iter().chain(&one.written.functions));
    let of_functions = functions.iter().flat_map(|one| &one.functions);
    let missing: BTreeSet<u64> =
        of_relations.chain(of_functions).copied().filter(|id| !known.contains(id)).collect();
    let missing: Vec<i64> = missing.into_iter().filter_map(|id| i64::try_from(id).ok()).collect();
    for row in client.query(SYSTEM_SQL, &[&missing]).await? {
        functions.push(FunctionFact {
            id: number(row.try_get(0)?),
            schema: row.try_get::<_, &str>(1)?.into(),
            name: row.try_get::<_, &str>(2)?.into(),
            volatile: row.try_get(3)?,
            origin: Origin::System,
            row: RowArgument::None,
            functions: Vec::new(),
            relations: Vec::new(),
        });
    }
    Ok(CatalogFacts { functions, relations, truncated })
}

/// Procedures and triggers are not here: nothing in a query calls them.
fn functions_sql() -> String {
    format!(
        "SELECT p.oid::int8, n.nspname::text, p.proname::text,
            p.provolatile = 'v' OR (p.prokind = 'a' AND EXISTS (
                SELECT FROM pg_aggregate a JOIN pg_proc s ON s.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn,
                    a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
                WHERE a.aggfnoid = p.oid AND s.provolatile = 'v')),
            EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                AND d.deptype = 'e'),
            p.pronargs >= 1 AND p.pronargs - p.pronargdefaults <= 1 AND (p.provariadic <> 0 OR t.typtype = 'c'
                OR (t.typtype = 'd' AND EXISTS (SELECT FROM pg_type b WHERE b.oid = t.typbasetype
                    AND b.typtype IN ('c', 'd')))
                OR t.typname IN ('record', 'any', 'anyelement', 'anynonarray', 'anycompatible',
                    'anycompatiblenonarray')),
            CASE WHEN p.provariadic = 0 AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT EXISTS (
                SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) THEN c.relname::text END,
            {CALLED}, {USED}
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            LEFT JOIN pg_type t ON t.oid = p.proargtypes[0] LEFT JOIN pg_class c ON c.oid = t.typrelid,
            LATERAL (SELECT concat(p.proargdefaults::text, ' ', p.prosqlbody::text) AS tree) AS expressions
        WHERE p.oid::int8 >= {FIRST_OWN} AND p.prokind <> 'p' AND n.nspname !~ '^pg_temp_'
            AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
        LIMIT {}",
        ITEMS_MAX + 1
    )
}

fn operators_sql() -> String {
    format!(
        "SELECT o.oid::int8, n.nspname::text, o.oprname::text, o.oprcode::oid::int8,
            EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid
                AND d.deptype = 'e')
        FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
        WHERE o.oid::int8 >= {FIRST_OWN} AND o.oprcode <> 0
        LIMIT {}",
        ITEMS_MAX + 1
    )
}

/// A materialized view's rule runs when it is refreshed, not when it is read.
fn relations_sql() -> String {
    format!(
        "SELECT c.oid::int8, n.nspname::text, c.relname::text, parts.read, {CALLED}, {USED}
        FROM (
            SELECT ev_class AS relation, ev_type = '1' AS read, concat(ev_action::text, ' ', ev_qual::text) AS tree
            FROM pg_rewrite WHERE ev_class::int8 >= {FIRST_OWN} AND ev_enabled <> 'D'
            UNION ALL
            SELECT polrelid, true, concat(polqual::text, ' ', polwithcheck::text) FROM pg_policy
        ) AS parts JOIN pg_class c ON c.oid = parts.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind <> 'm' AND n.nspname !~ '^pg_temp_'
        LIMIT {}",
        ITEMS_MAX + 1
    )
}

const SYSTEM_SQL: &str = "SELECT p.oid::int8, n.nspname::text, p.proname::text, p.provolatile = 'v'
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid::int8 = ANY($1)";

fn function(row: &Row) -> Result<FunctionFact, tokio_postgres::Error> {
    let (takes_row, relation): (bool, Option<&str>) = (row.try_get(5)?, row.try_get(6)?);
    Ok(FunctionFact {
        id: number(row.try_get(0)?),
        schema: row.try_get::<_, &str>(1)?.into(),
        name: row.try_get::<_, &str>(2)?.into(),
        volatile: row.try_get(3)?,
        origin: origin(row.try_get(4)?),
        row: match (takes_row, relation) {
            (false, _) => RowArgument::None,
            (true, Some(relation)) => RowArgument::Relation(relation.into()),
            (true, None) => RowArgument::Any,
        },
        functions: numbers(row.try_get(7)?),
        relations: numbers(row.try_get(8)?),
    })
}

/// An operator is what its function is.
fn operator(row: &Row) -> Result<FunctionFact, tokio_postgres::Error> {
    Ok(FunctionFact {
        id: FunctionFact::OPERATORS + number(row.try_get(0)?),
        schema: row.try_get::<_, &str>(1)?.into(),
        name: row.try_get::<_, &str>(2)?.into(),
        volatile: false,
        origin: origin(row.try_get(4)?),
        row: RowArgument::None,
        functions: vec![number(row.try_get(3)?)],
        relations: Vec::new(),
    })
}

fn relation(row: &Row, all: &mut BTreeMap<u64, RelationFact>) -> Result<(), tokio_postgres::Error> {
    let id = number(row.try_get(0)?);
    let read: bool = row.try_get(3)?;
    let (functions, relations) = (numbers(row.try_get(4)?), numbers(row.try_get(5)?));
    let (schema, name): (&str, &str) = (row.try_get(1)?, row.try_get(2)?);
    let fact = all.entry(id).or_insert_with(|| RelationFact {
        id,
        schema: schema.into(),
        name: name.into(),
        read: Reached::default(),
        written: Reached::default(),
    });
    let reached = if read { &mut fact.read } else { &mut fact.written };
    reached.functions.extend(functions);
    reached.relations.extend(relations);
    // In one order, so that the same catalog has the same number every time.
    for list in [&mut reached.functions, &mut reached.relations] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(())
}

fn origin(of_extension: bool) -> Origin {
    if of_extension { Origin::Extension } else { Origin::User }
}

fn numbers(found: Vec<i64>) -> Vec<u64> {
    let mut numbers: Vec<u64> = found.into_iter().map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// Numbers of a catalog have 32 bits and no sign.
fn number(id: i64) -> u64 {
    u64::try_from(id).unwrap_or_default()
}

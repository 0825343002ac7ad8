//! Which functions, procedures, sequences and types are there?

use super::super::CatalogError;
use super::super::model::{Detail, Domain, Object, ObjectKind, Routine, RoutineForm, Sequence};
use super::reader::{Fields, Reader, type_text};
use super::{Draft, Number};

const ROUTINES: &str = "
SELECT o.object_id, s.name AS schema_name, o.name, RTRIM(o.type) AS type, m.definition, p.name AS owner,
 m.execute_as_principal_id, m.null_on_null_input
FROM sys.objects o
JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.sql_modules m ON m.object_id = o.object_id
LEFT JOIN sys.database_principals p ON p.principal_id = o.principal_id
WHERE o.type IN ('FN', 'IF', 'TF', 'P', 'AF', 'FS', 'FT', 'PC') AND o.is_ms_shipped = 0";

/// The one at place 0 is what a function returns.
const PARAMETERS: &str = "
SELECT r.object_id, r.parameter_id, r.name, r.is_output, y.name AS type_name, y.is_user_defined AS type_is_own,
 z.name AS type_schema, r.max_length, r.precision, r.scale
FROM sys.parameters r
JOIN sys.objects o ON o.object_id = r.object_id AND o.is_ms_shipped = 0
JOIN sys.types y ON y.user_type_id = r.user_type_id
JOIN sys.schemas z ON z.schema_id = y.schema_id
ORDER BY r.object_id, r.parameter_id";

/// Their values are of any type of numbers; beyond 64 bits they are left out.
const SEQUENCES: &str = "
SELECT q.object_id, s.name AS schema_name, q.name, y.name AS type_name,
 TRY_CAST(q.start_value AS bigint) AS start_value, TRY_CAST(q.increment AS bigint) AS step,
 TRY_CAST(q.minimum_value AS bigint) AS least, TRY_CAST(q.maximum_value AS bigint) AS greatest,
 TRY_CAST(q.current_value AS bigint) AS current_value, q.is_cycling, q.is_cached,
 CAST(q.cache_size AS bigint) AS cache_size
FROM sys.sequences q
JOIN sys.schemas s ON s.schema_id = q.schema_id
JOIN sys.types y ON y.user_type_id = q.user_type_id
WHERE q.is_ms_shipped = 0";

const TYPES: &str = "
SELECT t.user_type_id, s.name AS schema_name, t.name, b.name AS type_name, t.is_nullable, t.max_length,
 t.precision, t.scale
FROM sys.types t
JOIN sys.schemas s ON s.schema_id = t.schema_id
JOIN sys.types b ON b.user_type_id = t.system_type_id
WHERE t.is_user_defined = 1 AND t.is_table_type = 0 AND t.is_assembly_type = 0";

/// Sequences, and types with another name.
pub(super) async fn others(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("sequences", SEQUENCES).await? {
        let Some((schema, name)) = place(draft, &row) else { continue };
        let number = |field: &str| row.number(field).unwrap_or_default();
        let sequence = Sequence {
            data_type: row.text("type_name").unwrap_or_default(),
            start: number("start_value"),
            increment: number("step"),
            minimum: number("least"),
            maximum: number("greatest"),
            cache: if row.is_yes("is_cached") { number("cache_size") } else { 1 },
            cycle: row.is_yes("is_cycling"),
            owned_by: None,
        };
        let mut object = Object::new(ObjectKind::Sequence, &schema, &name, Detail::Sequence(sequence));
        object.measurements.last_value = row.number("current_value");
        draft.add(Number::Object(number("object_id")), object)?;
    }
    for row in reader.optional("types", TYPES).await? {
        let Some((schema, name)) = place(draft, &row) else { continue };
        let domain = Domain {
            data_type: type_text(&row),
            nullable: row.is_yes("is_nullable"),
            default: None,
            collation: None,
            checks: Vec::new(),
        };
        let object = Object::new(ObjectKind::Domain, &schema, &name, Detail::Domain(domain));
        draft.add(Number::Type(row.number("user_type_id").unwrap_or_default()), object)?;
    }
    Ok(())
}

pub(super) async fn functions(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("functions", ROUTINES).await? {
        let Some((schema, name)) = place(draft, &row) else { continue };
        let word = row.text("type").unwrap_or_default();
        let is_procedure = matches!(word.as_str(), "P" | "PC");
        let kind = if is_procedure { ObjectKind::Procedure } else { ObjectKind::Function };
        let detail = Detail::Routine(Box::new(routine(&row, &word)));
        let mut object = Object::new(kind, &schema, &name, detail);
        object.definition.owner = row.text("owner");
        draft.add(Number::Object(row.number("object_id").unwrap_or_default()), object)?;
    }
    for row in reader.optional("arguments of functions", PARAMETERS).await? {
        let number = Number::Object(row.number("object_id").unwrap_or_default());
        let Some(object) = draft.object(number) else { continue };
        let Detail::Routine(routine) = &mut object.definition.detail else { continue };
        let type_text = type_text(&row);
        if row.number("parameter_id") == Some(0) {
            routine.result = Some(type_text);
            continue;
        }
        let output = if row.is_yes("is_output") { " OUTPUT" } else { "" };
        let argument = format!("{} {type_text}{output}", row.text("name").unwrap_or_default());
        if !routine.arguments.is_empty() {
            routine.arguments.push_str(", ");
        }
        routine.arguments.push_str(&argument);
    }
    Ok(())
}

fn routine(row: &Fields, word: &str) -> Routine {
    Routine {
        form: if word == "AF" { RoutineForm::Aggregate } else { RoutineForm::Plain },
        language: if matches!(word, "FS" | "FT" | "PC" | "AF") { "clr" } else { "sql" }.to_owned(),
        result: matches!(word, "IF" | "TF" | "FT").then(|| "TABLE".to_owned()),
        // Nothing or CALLER stands for whoever calls it.
        security_definer: row.number("execute_as_principal_id").is_some(),
        strict: row.is_yes("null_on_null_input"),
        definition: row.text("definition"),
        ..Routine::default()
    }
}

/// The schema and the name, where the schema is one that is read.
fn place(draft: &Draft, row: &Fields) -> Option<(String, String)> {
    let schema = row.text("schema_name").filter(|schema| draft.schemas.contains(schema))?;
    Some((schema, row.text("name")?))
}

//! Which functions, procedures and sequences are there?

use super::super::CatalogError;
use super::super::model::{Detail, KeyGroup, Object, ObjectKind, Routine, Sequence, Volatility};
use super::draft::Draft;
use super::reader::{Fields, Reader};

const ROUTINES: &str = "
SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, DTD_IDENTIFIER, ROUTINE_DEFINITION, IS_DETERMINISTIC,
       SQL_DATA_ACCESS, SECURITY_TYPE, DEFINER, ROUTINE_COMMENT
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ({schemas})";

/// The one at place 0 is what a function returns.
const PARAMETERS: &str = "
SELECT SPECIFIC_SCHEMA, SPECIFIC_NAME, ROUTINE_TYPE, PARAMETER_MODE, PARAMETER_NAME, DTD_IDENTIFIER
FROM information_schema.PARAMETERS
WHERE SPECIFIC_SCHEMA IN ({schemas}) AND ORDINAL_POSITION > 0
ORDER BY SPECIFIC_SCHEMA, SPECIFIC_NAME, ROUTINE_TYPE, ORDINAL_POSITION";

const SEQUENCES: &str = "
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
WHERE TABLE_SCHEMA IN ({schemas}) AND TABLE_TYPE = 'SEQUENCE'";

/// How many sequences one statement reads.
const SEQUENCES_AT_ONCE: usize = 100;

pub(super) async fn functions(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.optional("functions", ROUTINES).await? {
        let kind = match row.text("ROUTINE_TYPE").unwrap_or_default().as_str() {
            "FUNCTION" => ObjectKind::Function,
            "PROCEDURE" => ObjectKind::Procedure,
            _ => continue,
        };
        let (schema, name) = row.place("ROUTINE_SCHEMA", "ROUTINE_NAME");
        let mut object = Object::new(kind, &schema, &name, Detail::Routine(Box::new(routine(&row))));
        object.definition.owner = row.filled("DEFINER");
        object.definition.comment = row.filled("ROUTINE_COMMENT");
        draft.add(object)?;
    }
    for row in reader.optional("arguments of functions", PARAMETERS).await? {
        let group = match row.text("ROUTINE_TYPE").unwrap_or_default().as_str() {
            "FUNCTION" => KeyGroup::Function,
            _ => KeyGroup::Procedure,
        };
        let Some(object) = draft.object(group, row.place("SPECIFIC_SCHEMA", "SPECIFIC_NAME")) else {
            continue;
        };
        if let Detail::Routine(routine) = &mut object.definition.detail {
            let mode = row.filled("PARAMETER_MODE").filter(|mode| mode != "IN");
            let parts = [mode, row.text("PARAMETER_NAME"), row.text("DTD_IDENTIFIER")];
            let argument: Vec<String> = parts.into_iter().flatten().collect();
            if !routine.arguments.is_empty() {
                routine.arguments.push_str(", ");
            }
            routine.arguments.push_str(&argument.join(" "));
        }
    }
    Ok(())
}

fn routine(row: &Fields) -> Routine {
    let access = row.text("SQL_DATA_ACCESS").unwrap_or_default();
    let volatility = match (row.is_yes("IS_DETERMINISTIC"), access.as_str()) {
        (true, "NO SQL") => Volatility::Immutable,
        (true, "CONTAINS SQL" | "READS SQL DATA") => Volatility::Stable,
        _ => Volatility::Volatile,
    };
    Routine {
        language: "sql".to_owned(),
        result: row.filled("DTD_IDENTIFIER"),
        volatility: Some(volatility),
        security_definer: row.text("SECURITY_TYPE").is_some_and(|word| word == "DEFINER"),
        definition: row.filled("ROUTINE_DEFINITION"),
        ..Routine::default()
    }
}

/// A sequence is a table of one row here, so many are read by one UNION.
pub(super) async fn sequences(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    if !reader.is_mariadb {
        return Ok(());
    }
    let names: Vec<(String, String)> = reader
        .optional("sequences", SEQUENCES)
        .await?
        .iter()
        .map(|row| row.place("TABLE_SCHEMA", "TABLE_NAME"))
        .collect();
    for part in names.chunks(SEQUENCES_AT_ONCE) {
        let selects: Vec<String> = part
            .iter()
            .enumerate()
            .map(|(index, (schema, name))| {
                format!(
                    "SELECT {index} AS place, minimum_value, maximum_value, start_value, increment, cache_size, \
                     cycle_option, next_not_cached_value FROM {}.{}",
                    quoted(schema),
                    quoted(name)
                )
            })
            .collect();
        for row in reader.optional("definitions of sequences", &selects.join(" UNION ALL ")).await? {
            let place = row.count("place").and_then(|place| usize::try_from(place).ok());
            let Some(place) = place.and_then(|place| part.get(place)) else { continue };
            let Some(object) = draft.object(KeyGroup::Sequence, place.clone()) else { continue };
            object.measurements.last_value = row.number("next_not_cached_value");
            object.definition.detail = Detail::Sequence(sequence(&row));
        }
    }
    Ok(())
}

fn sequence(row: &Fields) -> Sequence {
    let number = |name: &str| row.number(name).unwrap_or_default();
    Sequence {
        data_type: "bigint".to_owned(),
        start: number("start_value"),
        increment: number("increment"),
        minimum: number("minimum_value"),
        maximum: number("maximum_value"),
        cache: number("cache_size"),
        cycle: number("cycle_option") != 0,
        owned_by: None,
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

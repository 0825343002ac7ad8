//! Which tables and views are there, with which columns?

use super::super::CatalogError;
use super::super::model::{
    Column, Detail, Generated, GeneratedKind, Identity, KeyGroup, Object, ObjectKind, Part, Relation,
    Sequence,
};
use super::draft::Draft;
use super::reader::{Fields, Reader};

const TABLES: &str = "
SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, ROW_FORMAT, TABLE_ROWS,
       DATA_LENGTH + INDEX_LENGTH AS SIZE_BYTES, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS,
       AUTO_INCREMENT
FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ({schemas})";

const COLUMNS: &str = "
SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT,
       EXTRA, GENERATION_EXPRESSION, COLUMN_COMMENT, COLLATION_NAME
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN ({schemas})
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";

const VIEWS: &str = "
SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION, DEFINER, SECURITY_TYPE, CHECK_OPTION
FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN ({schemas})";

const PARTITIONS: &str = "
SELECT TABLE_SCHEMA, TABLE_NAME, PARTITION_NAME, PARTITION_METHOD, PARTITION_EXPRESSION,
       PARTITION_DESCRIPTION, SUBPARTITION_METHOD, SUBPARTITION_EXPRESSION, SUBPARTITION_ORDINAL_POSITION
FROM information_schema.PARTITIONS
WHERE TABLE_SCHEMA IN ({schemas}) AND PARTITION_NAME IS NOT NULL
ORDER BY TABLE_SCHEMA, TABLE_NAME, PARTITION_ORDINAL_POSITION, SUBPARTITION_ORDINAL_POSITION";

pub(super) async fn read(reader: &mut Reader<'_>, draft: &mut Draft) -> Result<(), CatalogError> {
    for row in reader.needed("tables and views", TABLES).await? {
        let object = object(draft, &row);
        draft.add(object)?;
    }
    for row in reader.needed("columns", COLUMNS).await? {
        add_column(draft, &row);
    }
    for row in reader.optional("queries of views", VIEWS).await? {
        let place = row.place("TABLE_SCHEMA", "TABLE_NAME");
        let Some(object) = draft.object(KeyGroup::Relation, place) else { continue };
        object.definition.owner = row.filled("DEFINER");
        let Detail::Relation(relation) = &mut object.definition.detail else { continue };
        relation.query = row.filled("VIEW_DEFINITION");
        let options = [("SECURITY_TYPE", "DEFINER", "security"), ("CHECK_OPTION", "NONE", "check_option")];
        for (column, usual, name) in options {
            if let Some(value) = row.filled(column).filter(|value| value != usual) {
                relation.options.insert(name.to_owned(), value.to_ascii_lowercase());
            }
        }
    }
    for row in reader.optional("partitions", PARTITIONS).await? {
        add_partition(draft, &row);
    }
    Ok(())
}

fn object(draft: &Draft, row: &Fields) -> Object {
    let (schema, name) = row.place("TABLE_SCHEMA", "TABLE_NAME");
    let word = row.text("TABLE_TYPE").unwrap_or_default();
    let kind = match word.as_str() {
        "VIEW" | "SYSTEM VIEW" => ObjectKind::View,
        "SEQUENCE" => ObjectKind::Sequence,
        _ => ObjectKind::Table,
    };
    let mut relation = Relation::default();
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            relation.options.insert(name.to_owned(), value);
        }
    };
    if kind == ObjectKind::Table {
        set("engine", row.filled("ENGINE"));
        set("row_format", row.filled("ROW_FORMAT"));
        let usual = draft.collations.get(&schema);
        set("collation", row.filled("TABLE_COLLATION").filter(|collation| Some(collation) != usual));
        let options = row.text("CREATE_OPTIONS").unwrap_or_default();
        let options: Vec<&str> = options.split_whitespace().filter(|word| *word != "partitioned").collect();
        set("create_options", Some(options.join(" ")).filter(|options| !options.is_empty()));
        set("system_versioned", (word == "SYSTEM VERSIONED").then(|| "yes".to_owned()));
    }
    let detail = match kind {
        ObjectKind::Sequence => Detail::Sequence(Sequence::default()),
        _ => Detail::Relation(Box::new(relation)),
    };
    let mut object = Object::new(kind, &schema, &name, detail);
    if kind == ObjectKind::Table {
        object.definition.comment = row.filled("TABLE_COMMENT");
        object.measurements.row_estimate = row.count("TABLE_ROWS");
        object.measurements.size_bytes = row.count("SIZE_BYTES");
        object.measurements.last_value = row.number("AUTO_INCREMENT");
    }
    object
}

fn add_column(draft: &mut Draft, row: &Fields) {
    let (schema, table) = row.place("TABLE_SCHEMA", "TABLE_NAME");
    let database = draft.collations.get(&schema).cloned();
    let Some(relation) = draft.relation((schema, table)) else { return };
    let usual = relation.options.get("collation").or(database.as_ref());
    let collation = row.filled("COLLATION_NAME").filter(|collation| Some(collation) != usual);
    let nullable = row.is_yes("IS_NULLABLE");
    let extra = row.text("EXTRA").unwrap_or_default().to_ascii_lowercase();
    let kind = if extra.contains("virtual generated") {
        Some(GeneratedKind::Virtual)
    } else if extra.contains("stored generated") || extra.contains("persistent") {
        Some(GeneratedKind::Stored)
    } else {
        None
    };
    let expression = row.filled("GENERATION_EXPRESSION");
    let generated = kind.zip(expression).map(|(kind, expression)| Generated { kind, expression });
    // MariaDB writes the default of a column that may be NULL and has none as the word NULL.
    let stated = row.text("COLUMN_DEFAULT").filter(|text| !(nullable && text == "NULL"));
    let renewed = extra.find("on update").and_then(|start| extra.get(start..)).map(str::to_owned);
    let default = match (stated, renewed) {
        (Some(stated), Some(renewed)) => Some(format!("{stated} {renewed}")),
        (stated, renewed) => stated.or(renewed),
    };
    relation.columns.push(Column {
        ordinal: u32::try_from(relation.columns.len() + 1).unwrap_or(u32::MAX),
        name: row.text("COLUMN_NAME").unwrap_or_default(),
        data_type: row.text("COLUMN_TYPE").unwrap_or_default(),
        nullable,
        default: default.filter(|_| generated.is_none()),
        generated,
        identity: extra.contains("auto_increment").then_some(Identity::AutoIncrement),
        comment: row.filled("COLUMN_COMMENT"),
        collation,
    });
}

fn add_partition(draft: &mut Draft, row: &Fields) {
    let place = row.place("TABLE_SCHEMA", "TABLE_NAME");
    let Some(object) = draft.object(KeyGroup::Relation, place) else { return };
    object.kind = ObjectKind::PartitionedTable;
    let Detail::Relation(relation) = &mut object.definition.detail else { return };
    let name = row.text("PARTITION_NAME").unwrap_or_default();
    // Of its subpartitions each has a row of its own.
    if relation.parts.iter().any(|part| part.name == name) {
        return;
    }
    let by = |method: &str, expression: &str| {
        let method = row.filled(method)?;
        Some(format!("{method} ({})", row.text(expression).unwrap_or_default()))
    };
    let key = by("PARTITION_METHOD", "PARTITION_EXPRESSION");
    let inner = by("SUBPARTITION_METHOD", "SUBPARTITION_EXPRESSION");
    relation.partition_key = match (key, inner) {
        (Some(key), Some(inner)) => Some(format!("{key} SUBPARTITION BY {inner}")),
        (key, _) => key,
    };
    relation.parts.push(Part { name, bound: row.filled("PARTITION_DESCRIPTION") });
}

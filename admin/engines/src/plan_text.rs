//! How does a plan read as a text?
//!
//! Made of the plan itself: the statement is not explained a second time, so that text and tree are one
//! plan. PostgreSQL's is laid out as the server's own text, MySQL's and SQLite's as an outline.

use crate::run::{Plan, PlanFormat};
use serde_json::{Map, Value};

/// Nodes inside nodes that are written; what is deeper is left out.
const DEPTH_MAX: usize = 100;

/// What is said of a node first, in this order; the rest follows.
const FIRST: [&str; 13] = [
    "Output",
    "Group Key",
    "Sort Key",
    "Presorted Key",
    "Sort Method",
    "Hash Cond",
    "Merge Cond",
    "Index Cond",
    "Recheck Cond",
    "Join Filter",
    "Rows Removed by Join Filter",
    "Filter",
    "Rows Removed by Filter",
];
/// What the line of a node says, and what says nothing by itself.
const TOLD: [&str; 32] = [
    "Node Type",
    "Strategy",
    "Partial Mode",
    "Join Type",
    "Operation",
    "Command",
    "Parallel Aware",
    "Async Capable",
    "Scan Direction",
    "Index Name",
    "Relation Name",
    "Schema",
    "Alias",
    "CTE Name",
    "Function Name",
    "Startup Cost",
    "Total Cost",
    "Plan Rows",
    "Plan Width",
    "Actual Startup Time",
    "Actual Total Time",
    "Actual Rows",
    "Actual Loops",
    "Plans",
    "Parent Relationship",
    "Subplan Name",
    "Inner Unique",
    "Disabled",
    "Single Copy",
    "Workers",
    "Sort Space Used",
    "Sort Space Type",
];
/// What an outline tells of a thing first.
const OUTLINE_FIRST: [&str; 4] = ["select_id", "table_name", "access_type", "key"];
/// The kinds of buffers, and what happened to them.
const BUFFERS: [&str; 3] = ["Shared", "Local", "Temp"];
const HAPPENED: [&str; 4] = ["Hit", "Read", "Dirtied", "Written"];

/// The plan as a text.
pub(crate) fn of(plan: &Plan) -> String {
    let mut out = String::new();
    match plan.format {
        PlanFormat::Postgres => postgres(&plan.json, &mut out),
        PlanFormat::Mysql | PlanFormat::Mariadb => outline(&plan.json, 0, &mut out),
        PlanFormat::Sqlite => sqlite(&plan.json, 0, &mut out),
    }
    out.truncate(out.trim_end().len());
    out
}

fn line(out: &mut String, indent: usize, text: &str) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(text);
    out.push('\n');
}

// ---- PostgreSQL ----

fn postgres(json: &Value, out: &mut String) {
    for one in json.as_array().into_iter().flatten().filter_map(Value::as_object) {
        if let Some(Value::Object(plan)) = one.get("Plan") {
            node(plan, 0, 0, out);
        }
        for (key, value) in one {
            match (key.as_str(), value) {
                ("Plan", _) => {}
                ("Planning", Value::Object(planning)) => {
                    if let Some(buffers) = buffers(planning) {
                        line(out, 0, "Planning:");
                        line(out, 2, &buffers);
                    }
                }
                ("Planning Time" | "Execution Time", time) => line(out, 0, &format!("{key}: {time} ms")),
                ("Settings", Value::Object(settings)) => {
                    let settings: Vec<String> =
                        settings.iter().map(|(name, value)| format!("{name} = '{}'", word(value))).collect();
                    if !settings.is_empty() {
                        line(out, 0, &format!("Settings: {}", settings.join(", ")));
                    }
                }
                (_, Value::Array(items)) if items.is_empty() => {}
                (_, Value::Array(_) | Value::Object(_)) => {
                    line(out, 0, &format!("{key}:"));
                    outline(value, 2, out);
                }
                _ => line(out, 0, &format!("{key}: {}", word(value))),
            }
        }
    }
}

fn node(plan: &Map<String, Value>, indent: usize, depth: usize, out: &mut String) {
    if depth >= DEPTH_MAX {
        return line(out, indent, "…");
    }
    let mut indent = indent;
    if let Some(name) = plan.get("Subplan Name").and_then(Value::as_str) {
        line(out, indent, name);
        indent += 2;
    }
    let arrow = if depth == 0 { "" } else { "->  " };
    line(out, indent, &format!("{arrow}{}{}", title(plan), figures(plan)));
    let inner = indent + arrow.chars().count() + 2;
    let rest = plan.keys().map(String::as_str).filter(|key| !FIRST.contains(key) && !TOLD.contains(key));
    for key in FIRST.into_iter().chain(rest.filter(|key| !is_of_buffers(key))) {
        if let Some(text) = plan.get(key).and_then(|value| told(key, value)) {
            let space = if key == "Sort Method" { sort_space(plan) } else { String::new() };
            line(out, inner, &format!("{key}: {text}{space}"));
        }
    }
    if let Some(buffers) = buffers(plan) {
        line(out, inner, &buffers);
    }
    for child in plan.get("Plans").and_then(Value::as_array).into_iter().flatten() {
        if let Value::Object(child) = child {
            node(child, inner, depth + 1, out);
        }
    }
}

/// What a node is, and what it looks at.
fn title(plan: &Map<String, Value>) -> String {
    let text = |key: &str| plan.get(key).and_then(Value::as_str);
    let is = |key: &str| plan.get(key).and_then(Value::as_bool).unwrap_or(false);
    let kind = text("Node Type").unwrap_or("?");
    let joined = text("Join Type").filter(|how| *how != "Inner");
    let mut title = match (kind, text("Strategy"), joined) {
        ("Aggregate", Some("Sorted"), _) => "GroupAggregate".to_owned(),
        ("Aggregate", Some("Hashed"), _) => "HashAggregate".to_owned(),
        ("Aggregate", Some("Mixed"), _) => "MixedAggregate".to_owned(),
        ("SetOp", Some("Hashed"), _) => "HashSetOp".to_owned(),
        ("ModifyTable", _, _) => text("Operation").unwrap_or(kind).to_owned(),
        (kind, _, Some(how)) => format!("{} {how} Join", kind.strip_suffix(" Join").unwrap_or(kind)),
        (kind, _, None) => kind.to_owned(),
    };
    if let Some(part @ ("Partial" | "Finalize")) = text("Partial Mode") {
        title = format!("{part} {title}");
    }
    if is("Parallel Aware") {
        title = format!("Parallel {title}");
    }
    if is("Async Capable") {
        title = format!("Async {title}");
    }
    if let Some(command) = text("Command") {
        title = format!("{title} {command}");
    }
    if text("Scan Direction") == Some("Backward") {
        title.push_str(" Backward");
    }
    if let Some(index) = text("Index Name") {
        let how = if kind == "Bitmap Index Scan" { "on" } else { "using" };
        title = format!("{title} {how} {index}");
    }
    let looked_at = ["Relation Name", "CTE Name", "Function Name"].into_iter().find_map(text);
    match (looked_at, text("Alias")) {
        (Some(name), alias) => {
            let schema = text("Schema").map(|schema| format!("{schema}.")).unwrap_or_default();
            let alias = alias.filter(|alias| *alias != name).map(|alias| format!(" {alias}"));
            format!("{title} on {schema}{name}{}", alias.unwrap_or_default())
        }
        (None, Some(alias)) => format!("{title} on {alias}"),
        (None, None) => title,
    }
}

/// What a node costs, and what it took.
fn figures(plan: &Map<String, Value>) -> String {
    let number = |key: &str, digits: usize| match plan.get(key).and_then(Value::as_f64) {
        Some(value) => format!("{value:.digits$}"),
        None => "?".to_owned(),
    };
    let has = |key: &str| plan.contains_key(key);
    let mut text = String::new();
    if has("Total Cost") {
        let (first, total) = (number("Startup Cost", 2), number("Total Cost", 2));
        let (rows, width) = (number("Plan Rows", 0), number("Plan Width", 0));
        text = format!("  (cost={first}..{total} rows={rows} width={width})");
    }
    if plan.get("Actual Loops").and_then(Value::as_f64) == Some(0.0) {
        text.push_str(" (never executed)");
    } else if has("Actual Loops") {
        // Rows of one loop on average: newer servers tell parts of them.
        let rows = plan.get("Actual Rows").map(word).unwrap_or_default();
        let time = match has("Actual Total Time") {
            true => format!("time={}..{} ", number("Actual Startup Time", 3), number("Actual Total Time", 3)),
            false => String::new(),
        };
        text.push_str(&format!(" (actual {time}rows={rows} loops={})", number("Actual Loops", 0)));
    }
    text
}

fn is_of_buffers(key: &str) -> bool {
    key.ends_with(" Blocks") && BUFFERS.iter().any(|kind| key.starts_with(kind))
}

/// `Buffers: shared hit=5 read=3, temp written=1`, where there were any.
fn buffers(plan: &Map<String, Value>) -> Option<String> {
    let mut kinds = Vec::new();
    for kind in BUFFERS {
        let counts = HAPPENED.into_iter().filter_map(|what| {
            let count = plan.get(&format!("{kind} {what} Blocks"))?.as_u64()?;
            (count > 0).then(|| format!(" {}={count}", what.to_lowercase()))
        });
        let counts: String = counts.collect();
        if !counts.is_empty() {
            kinds.push(format!("{}{counts}", kind.to_lowercase()));
        }
    }
    (!kinds.is_empty()).then(|| format!("Buffers: {}", kinds.join(", ")))
}

/// What a sort took: `  Memory: 25kB`.
fn sort_space(plan: &Map<String, Value>) -> String {
    let kind = plan.get("Sort Space Type").and_then(Value::as_str);
    let used = plan.get("Sort Space Used").and_then(Value::as_u64);
    kind.zip(used).map(|(kind, used)| format!("  {kind}: {used}kB")).unwrap_or_default()
}

/// A value as it is told; `None` for what is not worth a line.
fn told(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Number(number) if number.as_f64() == Some(0.0) && !key.contains("Cache") => None,
        Value::Array(items) if items.is_empty() => None,
        other => Some(word(other)),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(word).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

// ---- MySQL, MariaDB, SQLite ----

fn outline(value: &Value, indent: usize, out: &mut String) {
    if indent >= DEPTH_MAX * 2 {
        return line(out, indent, "…");
    }
    match value {
        Value::Object(fields) => {
            // What it is about first, what is within it last.
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(key, value)| {
                let first = OUTLINE_FIRST.iter().position(|first| first == key);
                (value.is_object() || value.is_array(), first.unwrap_or(OUTLINE_FIRST.len()))
            });
            for (key, value) in fields {
                member(key, value, indent, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| outline(item, indent, out)),
        other => line(out, indent, &word(other)),
    }
}

fn member(key: &str, value: &Value, indent: usize, out: &mut String) {
    let is_flat = |items: &[Value]| !items.iter().any(|item| item.is_object() || item.is_array());
    match value {
        Value::Object(fields) if fields.is_empty() => {}
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) if is_flat(items) => line(out, indent, &format!("{key}: {}", word(value))),
        Value::Object(_) | Value::Array(_) => {
            line(out, indent, key);
            outline(value, indent + 2, out);
        }
        _ => line(out, indent, &format!("{key}: {}", word(value))),
    }
}

fn sqlite(json: &Value, depth: usize, out: &mut String) {
    let key = if depth == 0 { "nodes" } else { "children" };
    for one in json.get(key).and_then(Value::as_array).into_iter().flatten() {
        line(out, depth * 2, one.get("detail").and_then(Value::as_str).unwrap_or_default());
        if depth < DEPTH_MAX {
            sqlite(one, depth + 1, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(format: PlanFormat, json: Value, expected: &[&str]) {
        let text = of(&Plan { format, json });
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_plan_of_postgresql_reads_as_the_servers_own_text() {
        let orders = json!({
            "Node Type": "Index Scan", "Parent Relationship": "Outer", "Parallel Aware": false,
            "Scan Direction": "Backward", "Index Name": "orders_pkey", "Relation Name": "orders",
            "Schema": "public", "Alias": "o", "Startup Cost": 0.15, "Total Cost": 8.17, "Plan Rows": 1,
            "Plan Width": 36, "Actual Startup Time": 0.01, "Actual Total Time": 0.5, "Actual Rows": 3,
            "Actual Loops": 1, "Index Cond": "(o.id > 1)", "Rows Removed by Index Recheck": 0,
            "Shared Hit Blocks": 4, "Shared Read Blocks": 2, "Temp Written Blocks": 1
        });
        let items = json!({
            "Node Type": "Seq Scan", "Relation Name": "items", "Alias": "items", "Total Cost": 1.0,
            "Startup Cost": 0.0, "Plan Rows": 1, "Plan Width": 4, "Actual Rows": 0, "Actual Loops": 0
        });
        let plan = json!([{
            "Plan": {
                "Node Type": "Hash Join", "Join Type": "Left", "Startup Cost": 1.0, "Total Cost": 20.5,
                "Plan Rows": 10, "Plan Width": 8, "Hash Cond": "(o.id = items.id)",
                "Output": ["o.id", "items.id"], "Plans": [orders, items]
            },
            "Planning Time": 0.25, "Triggers": []
        }]);
        check(
            PlanFormat::Postgres,
            plan,
            &[
                "Hash Left Join  (cost=1.00..20.50 rows=10 width=8)",
                "  Output: o.id, items.id",
                "  Hash Cond: (o.id = items.id)",
                "  ->  Index Scan Backward using orders_pkey on public.orders o  (cost=0.15..8.17 rows=1 width=36) (actual time=0.010..0.500 rows=3 loops=1)",
                "        Index Cond: (o.id > 1)",
                "        Buffers: shared hit=4 read=2, temp written=1",
                "  ->  Seq Scan on items  (cost=0.00..1.00 rows=1 width=4) (never executed)",
                "Planning Time: 0.25 ms",
            ],
        );
    }

    #[test]
    fn other_plans_read_as_outlines() {
        let table =
            json!({ "table": { "table_name": "t", "possible_keys": ["a", "b"], "rows": 3, "none": [] } });
        check(
            PlanFormat::Mariadb,
            json!({ "query_block": { "select_id": 1, "nested_loop": [table] } }),
            &[
                "query_block",
                "  select_id: 1",
                "  nested_loop",
                "    table",
                "      table_name: t",
                "      rows: 3",
                "      possible_keys: a, b",
            ],
        );
        let inner = json!({ "id": 3, "detail": "SEARCH t", "children": [] });
        check(
            PlanFormat::Sqlite,
            json!({ "nodes": [{ "id": 2, "detail": "MERGE", "children": [inner] }] }),
            &["MERGE", "  SEARCH t"],
        );
    }
}

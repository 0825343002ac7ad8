//! Are the generated files in `config/` what the settings are?

use super::super::settings::Config;
use super::super::{Cause, Problem, example, listeners, reference, schema};
use super::{LISTENER, good, parse};
use serde_json::Value as Json;
use std::path::Path;

fn check(form: &str, file: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(file);
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == printed,
        "config/{file} is out of date: run `cargo run -- config {form} > {file}.new && mv {file}.new config/{file}`"
    );
}

#[test]
fn the_reference_is_the_settings() {
    check("reference", "reference.md", &reference());
}

#[test]
fn the_example_is_the_settings() {
    check("example", "dragoman.toml", &example());
}

#[test]
fn the_schema_is_the_settings() {
    check("schema", "dragoman.schema.json", &schema());
}

#[test]
fn the_example_loads_and_sets_nothing_but_a_listener() {
    let config = good(&example(), &[]);
    assert_eq!(listeners(&config).unwrap().len(), 1);
    let values = |config: &Config| serde_json::to_value(config).unwrap();
    assert_eq!(values(&config), values(&good(LISTENER, &[])));
}

#[test]
fn every_line_of_the_example_can_be_switched_on() {
    let all: Vec<_> = example().lines().map(String::from).collect();
    let switches: Vec<_> =
        all.iter().enumerate().filter(|(_, line)| line.starts_with('#') && !line.starts_with("# ")).collect();
    assert!(switches.len() > 30, "{}", switches.len());
    for (number, line) in switches {
        let mut lines = all.clone();
        lines[number] = line.trim_start_matches('#').to_owned();
        // A setting of a table that is switched off needs its table.
        let header = all.iter().take(number).rposition(|line| line.trim_start_matches('#').starts_with('['));
        if let Some(header) = header.filter(|header| all[*header].starts_with('#')) {
            lines[header] = all[header].trim_start_matches('#').to_owned();
            // One of a list within a list needs one of the outer list.
            let name = lines[header].trim_matches(['[', ']']).to_owned();
            for outer in 0..header {
                let list = all[outer].strip_prefix("#[[").and_then(|rest| rest.strip_suffix("]]"));
                if list.is_some_and(|list| name.starts_with(&format!("{list}."))) {
                    lines[outer] = all[outer].trim_start_matches('#').to_owned();
                }
            }
        }
        let problems = parse(&lines.join("\n"), &[]).err().unwrap_or_default();
        // A certificate without its key, or a secret without a name, is half of something; the rest stands by
        // itself.
        let half = |problem: &Problem| {
            matches!(problem.cause, Cause::Missing { .. } | Cause::Lacks { .. } | Cause::HalfPair { .. })
        };
        let partial = line.starts_with("#certificate")
            || line.starts_with("#file")
            || line.starts_with("#env =")
            || line.starts_with("#key")
            || line.starts_with("#ca")
            || (line.as_str() == "#mode = \"prefer\"" && problems.len() == 1)
            || problems.iter().all(half);
        assert!(problems.is_empty() || partial, "{line}: {}", super::told(&problems));
    }
}

#[test]
fn every_setting_says_what_it_is_and_what_a_reload_does() {
    fn walk(path: &str, schema: &Json, leaves: &mut usize) {
        let inner = schema.get("items").filter(|items| items.get("properties").is_some()).unwrap_or(schema);
        let described = schema.get("description").or(inner.get("description")).and_then(Json::as_str);
        assert!(described.is_some_and(|text| text.ends_with('.')), "{path} has no description");
        let Some(settings) = inner.get("properties").and_then(Json::as_object) else {
            *leaves += 1;
            let reload = schema.get("x-reload").and_then(Json::as_str);
            assert!(
                matches!(reload, Some("restart" | "new sessions" | "at once")),
                "{path} says nothing about a reload"
            );
            return;
        };
        for (key, inner) in settings {
            walk(&format!("{path}.{key}"), inner, leaves);
        }
    }
    let mut leaves = 0;
    walk("settings", &serde_json::from_str(&schema()).unwrap(), &mut leaves);
    assert_eq!(leaves, reference().matches("\n### `").count());
    // Its name is also a word of the schema language.
    assert!(reference().contains("\n### `listener.default`\n"));
}

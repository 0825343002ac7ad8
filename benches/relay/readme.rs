//! How do a run's results get into `benches/README.md`?

use super::failure::Failure;
use std::fs;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/README.md");
const BEGIN: &str = "<!-- results: written by `cargo bench --bench relay -- --write-readme` -->";
const END: &str = "<!-- results: end -->";

/// Replaces what stands between the two marks; answers which file.
pub fn write(results: &str) -> Result<&'static str, Failure> {
    let failed = |source| Failure::File { path: PATH.to_owned(), source };
    let text = fs::read_to_string(PATH).map_err(failed)?;
    let replaced = replace(&text, results).ok_or_else(|| Failure::NoBlock {
        path: PATH.to_owned(),
        begin: BEGIN,
        end: END,
    })?;
    fs::write(PATH, replaced).map_err(failed)?;
    Ok(PATH)
}

fn replace(text: &str, results: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", results.trim()))
}

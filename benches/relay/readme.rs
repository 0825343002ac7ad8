//! How do a run's results get into `benches/README.md`?

use std::{fs, io};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/README.md");
const END: &str = "<!-- results: end -->";

/// Replaces what stands between the two marks of a benchmark; answers which file.
pub fn write(bench: &str, results: &str) -> io::Result<&'static str> {
    let begin = format!("<!-- results: written by `cargo bench --bench {bench} -- --write-readme` -->");
    let text = fs::read_to_string(PATH)?;
    let missing = || {
        let hint = format!("`{PATH}` has no lines `{begin}` and `{END}`; put them where the results belong");
        io::Error::new(io::ErrorKind::NotFound, hint)
    };
    fs::write(PATH, replace(&text, &begin, results).ok_or_else(missing)?)?;
    Ok(PATH)
}

fn replace(text: &str, begin: &str, results: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{begin}\n\n{}\n\n{END}{after}", results.trim()))
}

//! Which files does the console have? Reads the list that the console's build left (`ui/dist/files.tsv`)
//! and writes it as Rust, with the bytes of each file. Nothing is built here: that needs npm.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = root.join("../../ui/dist");
    let list = dist.join("files.tsv");
    println!("cargo:rerun-if-changed=build.rs");
    // A list that is missing counts as changed at every build: that is how its coming is noticed.
    println!("cargo:rerun-if-changed={}", list.display());
    let table = match fs::read_to_string(&list) {
        Ok(text) => table(&dist, &text)?,
        Err(_) => absent(&root.join("src/absent.html"))?,
    };
    let text = format!("&[\n{table}]\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("files.rs"), text)?;
    Ok(())
}

/// One entry for each line: path, kind, digest, how long it holds, and whether it is packed.
fn table(dist: &Path, list: &str) -> Result<String, Box<dyn Error>> {
    let mut table = String::new();
    for line in list.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [path, kind, digest, lasting, form] = parts[..] else {
            return Err(format!("files.tsv: `{line}` has not five parts: build the console again").into());
        };
        let file = dist.join(path.trim_start_matches('/'));
        let contents = match form {
            "packed" => format!(
                "Contents::Packed {{ brotli: {}, gzip: {} }}",
                included(&PathBuf::from(format!("{}.br", file.display())))?,
                included(&PathBuf::from(format!("{}.gz", file.display())))?
            ),
            "plain" => format!("Contents::Plain({})", included(&file)?),
            _ => return Err(format!("files.tsv: `{form}` is neither `packed` nor `plain`").into()),
        };
        table.push_str(&entry(path, kind, digest, lasting == "immutable", &contents));
    }
    Ok(table)
}

/// The page that says that there is no console.
fn absent(page: &Path) -> Result<String, Box<dyn Error>> {
    let contents = format!("Contents::Plain({})", included(page)?);
    println!("cargo:rerun-if-changed={}", page.display());
    Ok(entry("/index.html", "text/html; charset=utf-8", "", false, &contents))
}

fn entry(path: &str, kind: &str, digest: &str, is_immutable: bool, contents: &str) -> String {
    format!(
        "    File {{ path: {path:?}, content_type: {kind:?}, digest: {digest:?}, \
         is_immutable: {is_immutable}, contents: {contents} }},\n"
    )
}

fn included(file: &Path) -> Result<String, Box<dyn Error>> {
    let file = file.canonicalize().map_err(|error| {
        format!("`{}` cannot be read ({error}): build the console again with `make console`", file.display())
    })?;
    Ok(format!("include_bytes!({:?})", file.display().to_string()))
}

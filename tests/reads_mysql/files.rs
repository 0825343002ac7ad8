//! Which MySQL reads are in the files of this folder, and what may differ between two runs of each?
//!
//! A file is one session: its reads run in their order. Its first line names its group; each read
//! begins after a line `---`, which may go on with words, separated by commas:
//!
//! - `text`: it is more than one statement, or none that can be prepared: only COM_QUERY takes it;
//! - `bound 5|x|NULL`: it has parameters, so it is only prepared, and executed with these values;
//! - `values vary`: another run gives other values, but as many rows of the same columns;
//! - `rows vary`: another run may give more or fewer rows of the same columns.

use std::path::Path;

/// What of an answer is the same in each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// Every byte.
    All,
    /// The columns and the number of rows.
    Shape,
    /// The columns.
    Columns,
}

/// Which protocols take a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// Each of the two.
    Both,
    /// COM_QUERY only.
    TextOnly,
    /// It has parameters.
    BinaryOnly,
}

/// One text a client sends, usually a single statement.
#[derive(Clone, Debug)]
pub struct Read {
    /// Where it begins: the number of the line after its `---`.
    pub line: usize,
    /// The text as it is sent.
    pub text: String,
    /// What two runs have in common.
    pub steady: Steady,
    /// Which protocols take it.
    pub protocols: Protocols,
    /// The values of its parameters.
    pub values: Vec<Option<String>>,
}

/// The reads of one file.
#[derive(Clone, Debug)]
pub struct Group {
    /// What its reads have in common.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// The reads in their order.
    pub reads: Vec<Read>,
}

/// The groups of `folder`, below `tests/reads_mysql`, in the order of their files' names.
pub fn groups(folder: &str) -> Vec<Group> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reads_mysql").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let groups: Vec<Group> = files.iter().map(|file| group(file)).collect();
    assert!(!groups.is_empty(), "no reads in {}", folder.display());
    groups
}

fn group(file: &Path) -> Group {
    let text = std::fs::read_to_string(file).expect("the reads are text");
    let file = file.file_name().expect("a name").to_string_lossy().into_owned();
    let mut lines = text.lines();
    let name = lines.next().and_then(|line| line.strip_prefix("-- group: "));
    let name = name.unwrap_or_else(|| panic!("{file} begins with `-- group: `")).to_owned();
    let mut reads: Vec<Read> = Vec::new();
    for (number, line) in lines.enumerate() {
        match line.strip_prefix("---") {
            Some(words) if words.is_empty() || words.starts_with(' ') => {
                reads.push(empty(&file, number + 3, words));
            }
            _ => {
                let read = reads.last_mut().unwrap_or_else(|| panic!("{file}: `---` is missing"));
                read.text.push_str(line);
                read.text.push('\n');
            }
        }
    }
    for read in &mut reads {
        read.text.truncate(read.text.trim_end_matches('\n').len());
    }
    Group { name, file, reads }
}

fn empty(file: &str, line: usize, words: &str) -> Read {
    let (steady, protocols) = (Steady::All, Protocols::Both);
    let mut read = Read { line, text: String::new(), steady, protocols, values: Vec::new() };
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.split_once(' ') {
            Some(("values", "vary")) => read.steady = Steady::Shape,
            Some(("rows", "vary")) => read.steady = Steady::Columns,
            Some(("bound", values)) => {
                read.protocols = Protocols::BinaryOnly;
                let value = |value: &str| (value != "NULL").then(|| value.to_owned());
                read.values = values.split('|').map(value).collect();
            }
            None if word == "text" => read.protocols = Protocols::TextOnly,
            _ => panic!("{file}:{}: `{word}` is no word for a read", line - 1),
        }
    }
    read
}

//! Which reads are in the files of this folder, and what may differ between two runs of each?
//!
//! A file is one session: its reads run in their order. Its first line names its group, more lines of
//! comment may follow it, and of those `-- startup: name=value` is what the session says when it logs in;
//! each read begins after a line `---`, which may go on with words, separated by commas:
//!
//! - `since 16`, `until 15`: only servers of these versions understand it;
//! - `simple`: it is more than one statement, so only the simple protocol takes it;
//! - `bound 5|x|NULL`: it has parameters, so only the extended protocol takes it, with these values;
//! - `values vary`: another run gives other values, but as many rows of the same columns;
//! - `rows vary`: another run may give more or fewer rows of the same columns.

#![allow(dead_code)] // each test uses a part of it

use std::path::Path;

/// What of an answer is the same in each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steady {
    /// Every byte.
    All,
    /// The columns, the number of rows, the end.
    Shape,
    /// The columns.
    Columns,
}

/// Which protocols take a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocols {
    /// Each of the two.
    Both,
    /// It is more than one statement.
    SimpleOnly,
    /// It has parameters.
    ExtendedOnly,
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
    since: u32,
    until: u32,
}

impl Read {
    /// Whether a server of this version understands it.
    pub fn is_for(&self, version: &str) -> bool {
        let version: u32 = version.parse().expect("a version is a number");
        (self.since..=self.until).contains(&version)
    }
}

/// The reads of one file.
#[derive(Clone, Debug)]
pub struct Group {
    /// What its reads have in common.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// What the session says when it logs in.
    pub startup: Vec<(String, String)>,
    /// The reads in their order.
    pub reads: Vec<Read>,
}

/// The groups of `folder`, below `tests/reads`, in the order of their files' names.
pub fn groups(folder: &str) -> Vec<Group> {
    groups_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reads").join(folder))
}

/// The groups of a folder, in the order of their files' names.
pub fn groups_of(folder: &Path) -> Vec<Group> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
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
    let mut startup = Vec::new();
    for (number, line) in lines.enumerate() {
        if reads.is_empty() && line.starts_with("-- ") {
            let said = line.strip_prefix("-- startup: ").and_then(|said| said.split_once('='));
            startup.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
            continue;
        }
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
    Group { name, file, startup, reads }
}

fn empty(file: &str, line: usize, words: &str) -> Read {
    let mut read = Read {
        line,
        text: String::new(),
        steady: Steady::All,
        protocols: Protocols::Both,
        values: Vec::new(),
        since: 0,
        until: u32::MAX,
    };
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.split_once(' ') {
            Some(("since", version)) => read.since = version.parse().expect("a version"),
            Some(("until", version)) => read.until = version.parse().expect("a version"),
            Some(("values", "vary")) => read.steady = Steady::Shape,
            Some(("rows", "vary")) => read.steady = Steady::Columns,
            Some(("bound", values)) => {
                read.protocols = Protocols::ExtendedOnly;
                let value = |value: &str| (value != "NULL").then(|| value.to_owned());
                read.values = values.split('|').map(value).collect();
            }
            None if word == "simple" => read.protocols = Protocols::SimpleOnly,
            _ => panic!("{file}:{}: `{word}` is no word for a read", line - 1),
        }
    }
    read
}

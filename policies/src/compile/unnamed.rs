//! What does a rule that allows not let pass, since it does not name it?
//!
//! Names of tables, users or settings say nothing of what else a statement does: `COPY … TO PROGRAM` and
//! `pg_read_file` stand beside an allowed table as well as anywhere. What is grave passes only by a rule
//! that speaks of it.

use crate::condition::{Condition, Test};
use crate::document::ConditionEntry;
use crate::key::Key;
use exchange::{Class, Marks};

/// What a rule that allows has to name by `mark`, whatever else it names.
const GRAVE: Marks = Marks::SERVER_PROGRAM
    .with(Marks::SERVER_FILE)
    .with(Marks::RUNS_TEXT)
    .with(Marks::ADMINISTERS)
    .with(Marks::UNKNOWN_FUNCTION)
    .with(Marks::CHANGES_ROLE)
    .with(Marks::UNDOES_READ_ONLY)
    .with(Marks::CHANGES_STORED_SETTING);

/// What it has to name by `mark` where it does not say what kind of statements it speaks of.
const BY_THE_WAY: Marks = Marks::WRITING_FUNCTION
    .with(Marks::SHADOWS_CATALOG)
    .with(Marks::LOCKS_TABLE)
    .with(Marks::LOCKS_ADVISORY)
    .with(Marks::NOTIFIES)
    .with(Marks::REPLICATES);

/// What the name of a function says, since every function of the statement has to be named.
const OF_FUNCTIONS: Marks = OF_SHAPES.with(Marks::RUNS_TEXT);

/// What a fingerprint says: which functions are called, but not with which text.
const OF_SHAPES: Marks = Marks::UNKNOWN_FUNCTION.with(Marks::ADMINISTERS);

/// Classes that pass only where a rule says what kind of statements it speaks of.
const BEYOND_ROWS: [Class; 5] =
    [Class::Code, Class::Maintenance, Class::Privilege, Class::Ddl, Class::Unknown];

/// Classes that the name of a function says nothing of: it may be called within such a statement.
const BEYOND_FUNCTIONS: [Class; 3] = [Class::Privilege, Class::Ddl, Class::Unknown];

/// The conditions that a rule which allows has beside those of its `when`.
pub(super) fn conditions(entries: &[ConditionEntry], when: &[Condition]) -> Vec<Condition> {
    let names = |key: Key| entries.iter().any(|one| one.key == key);
    // A shape is one statement but for its literals: whoever names it has looked at it.
    let (function, shape) = (names(Key::Function), names(Key::Fingerprint));
    let kind = names(Key::Class) || names(Key::Verb) || shape;
    let classes: &[Class] = match (kind || names(Key::Mark), function) {
        (true, _) => &[],
        (false, true) => &BEYOND_FUNCTIONS,
        (false, false) => &BEYOND_ROWS,
    };
    let mut marks = if kind || function { GRAVE } else { GRAVE.with(BY_THE_WAY) };
    if function {
        marks.0 &= !OF_FUNCTIONS.0;
    }
    if shape {
        marks.0 &= !OF_SHAPES.0;
    }
    for one in when {
        match &one.test {
            Test::Marks(named) => marks.0 &= !named.0,
            // Code is of that class for the functions nobody knows.
            Test::Class(named) if named >> Class::Code.index() & 1 == 1 => {
                marks.0 &= !Marks::UNKNOWN_FUNCTION.0;
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if !classes.is_empty() {
        let rest = Class::ALL.iter().filter(|one| !classes.contains(one));
        let wanted: Vec<_> = rest.clone().map(|one| format!("`{}`", one.as_str())).collect();
        let wanted = format!(
            "{}, and a rule that allows lets no other pass that it does not name by `class`, `verb` or `mark`",
            wanted.join(", ")
        );
        let test = Test::Class(rest.fold(0, |all, one| all | 1 << one.index()));
        found.push(Condition { key: Key::Class, wanted: wanted.into(), test });
    }
    if marks != Marks::NONE {
        let wanted = "named, and a rule that allows lets nothing pass that has it without naming it".into();
        found.push(Condition { key: Key::Mark, wanted, test: Test::Unnamed(marks) });
    }
    found
}

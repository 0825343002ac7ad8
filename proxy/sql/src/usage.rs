//! Which relations and columns does a statement use, and which columns does it join by?
//!
//! For whoever looks at traffic beside a schema: which columns are read and written, where they stand,
//! and which relations belong together in practice. Unlike [`effects`](crate::effects) it decides
//! nothing: it reads as much as it can of texts that were cut or whose literals are gone, and says
//! where that was not all ([`Usage::complete`]).
//!
//! A text of PostgreSQL is read with the server's grammar, after what stands for a literal became one again
//! ([`placeholders`]). A text of MySQL, and one that the grammar does not accept, is read by its words
//! ([`words`]): as much as can be told that way.
//!
//! Columns that come through a query in FROM or WITH are told as those of the relation they come from,
//! also under another name. A column that no text tells the relation of has its candidates
//! ([`Column::among`]): with the schema at hand, the first that has such a column is the one.

mod changes;
mod draft;
mod follow;
pub(crate) mod placeholders;
mod sources;
mod tree;
mod words;

use crate::Lexing;
use crate::effects::Bounds;
use crate::token::Lexer;
use exchange::Access;
use placeholders::Stand;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest text that is read: eight times the longest that is kept of a statement.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Most relations, column uses and joins told, each; a statement with more is not told completely.
pub const ITEMS_MAX: usize = 2_048;

/// Most relations told that a column may be of.
pub const AMONG_MAX: usize = 16;

/// What a statement uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The relations, each once, under their own names.
    pub relations: Vec<RelationUse>,
    /// The columns, once for each place they stand in.
    pub columns: Vec<ColumnUse>,
    /// The columns that are compared to bring rows of two relations together. A relation may be joined to
    /// itself.
    pub joins: Vec<Join>,
    /// Whether nothing was left out: the whole text was understood.
    pub complete: bool,
}

/// A relation and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationUse {
    /// The schema, where the text names one; in MySQL the database.
    pub schema: Option<Box<str>>,
    /// The name; PostgreSQL's are folded as the server folds them.
    pub name: Box<str>,
    /// Everything that happens to it.
    pub access: Access,
}

impl RelationUse {
    /// Whether its rows are read.
    pub fn reads(&self) -> bool {
        self.access.contains(Access::READ)
    }

    /// Whether it, or its rows, may be changed.
    pub fn writes(&self) -> bool {
        let changes = Access::INSERT
            .with(Access::UPDATE)
            .with(Access::DELETE)
            .with(Access::TRUNCATE)
            .with(Access::DEFINE);
        self.access.intersects(changes)
    }
}

/// A column, as far as the text tells whose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The place in [`Usage::relations`] of the relation it belongs to; `None` where the text does not
    /// tell.
    pub relation: Option<usize>,
    /// Where that is `None`: the relations it may belong to, those of the innermost query first.
    pub among: Box<[usize]>,
    /// The name; `*` for every column. The name of a relation, or of its alias, may stand for a whole row.
    pub name: Box<str>,
}

/// A column and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnUse {
    /// The column.
    pub column: Column,
    /// Whether it gets a value.
    pub written: bool,
    /// Where it stands.
    pub place: Place,
}

/// Where in a statement a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// What is returned or computed, RETURNING too.
    Select,
    /// WHERE, and the conditions of MERGE.
    Where,
    /// ON and USING of a join.
    Join,
    /// GROUP BY.
    Group,
    /// HAVING.
    Having,
    /// ORDER BY.
    Order,
    /// SET: the column that gets a value, and those the value is made of.
    Set,
    /// The columns of an INSERT, and those ON CONFLICT names.
    Insert,
    /// Anywhere else: what a function in FROM is given, LIMIT, the columns of COPY.
    Other,
}

impl Place {
    /// The word used for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Select => "select",
            Place::Where => "where",
            Place::Join => "join",
            Place::Group => "group",
            Place::Having => "having",
            Place::Order => "order",
            Place::Set => "set",
            Place::Insert => "insert",
            Place::Other => "other",
        }
    }
}

/// Two columns that bring rows together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Join {
    /// The column on the left.
    pub left: Column,
    /// The column on the right.
    pub right: Column,
    /// How it is written.
    pub kind: JoinKind,
}

/// How a join is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// `JOIN … ON`, and the ON of a MERGE.
    Inner,
    /// `LEFT JOIN … ON`.
    Left,
    /// `RIGHT JOIN … ON`.
    Right,
    /// `FULL JOIN … ON`.
    Full,
    /// An equality in WHERE, or `IN (SELECT …)`.
    Condition,
    /// `USING (…)`, of any kind of join.
    Using,
    /// `NATURAL JOIN`: by the columns both sides have, whichever these are. The name on both sides is `*`.
    Natural,
}

impl JoinKind {
    /// The word used for it.
    pub fn as_str(self) -> &'static str {
        match self {
            JoinKind::Inner => "inner",
            JoinKind::Left => "left",
            JoinKind::Right => "right",
            JoinKind::Full => "full",
            JoinKind::Condition => "condition",
            JoinKind::Using => "using",
            JoinKind::Natural => "natural",
        }
    }
}

/// What the statements of `text` use, together. The text may be one whose literals were replaced by `?`
/// and that was cut, ending in `…`.
pub fn usage(text: &str, lexing: Lexing) -> Usage {
    let whole = text.trim_end();
    let (read, cut) = match whole.strip_suffix('…') {
        // A name before the cut may be the beginning of a longer one.
        Some(beginning) => (beginning.trim_end_matches(belongs_to_name), true),
        None => (whole, false),
    };
    if read.len() > TEXT_BYTES_MAX {
        return Usage::default();
    }
    let found = if lexing.is_mysql() { None } else { by_grammar(read, lexing) };
    let mut usage = found.unwrap_or_else(|| words::read(read, lexing));
    usage.complete &= !cut;
    usage
}

fn belongs_to_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '"' | '`' | '.')
}

/// What the grammar makes of it; `None` where it does not accept the text.
fn by_grammar(text: &str, lexing: Lexing) -> Option<Usage> {
    let mut bounds = Bounds::default();
    for token in Lexer::new(text.as_bytes(), lexing).filter(|token| token.is_significant()) {
        bounds.push(token.kind);
    }
    if bounds.exceeded().is_some() {
        return None;
    }
    // Some places take a string and no number, others a number and no string.
    [Stand::Text, Stand::Number].into_iter().find_map(|stand| {
        let written = placeholders::replace(text, lexing, stand)?;
        // The library's nodes panic where one is of another kind than declared.
        catch_unwind(AssertUnwindSafe(|| tree::read(&written))).ok().flatten()
    })
}

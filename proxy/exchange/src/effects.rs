//! What does a statement do, as far as its text tells?
//!
//! The nouns the judge speaks in. How they are found is the business of `sql`; what follows from them
//! is the business of `policies`.

use crate::statement::Class;

/// What one statement does. Bounded in size by whoever makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// How they were found, and so how far they can be relied on.
    pub basis: Basis,
    /// The command tag in lower case, as the server would report it (`select`, `create table`), or the
    /// words of a command without text. `explain`, `prepare` and `declare cursor` are told by their own
    /// tag, while class, relations and marks are those of what they run.
    pub verb: &'static str,
    /// What the class would be if every function of [`Known::Unknown`] only read. Equal to the
    /// statement's class where there is none.
    pub base_class: Class,
    /// The tables, views and other relations used, each once, in order of appearance. What a WITH names
    /// is not among them.
    pub relations: Box<[Relation]>,
    /// The functions called, in whatever position, each once.
    pub functions: Box<[Function]>,
    /// The columns used, as far as the text tells, each once.
    pub columns: Box<[Column]>,
    /// The settings a SET, RESET or `set_config` is about, each once.
    pub settings: Box<[Setting]>,
    /// The constant of the outermost LIMIT or FETCH FIRST.
    pub row_limit: Option<u64>,
    /// Everything that is either so or not.
    pub marks: Marks,
}

/// How effects were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// From the server's own grammar, completely.
    Grammar,
    /// From the words a statement begins with, where its grammar was not read.
    Keywords,
    /// From what the message is: there is no text.
    Message,
    /// Not at all.
    Unjudged(Unjudged),
}

/// Why a text has no effects that could be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// The server's grammar does not accept it.
    Syntax {
        /// Where, in characters from 1, as the server would say.
        position: Option<u32>,
        /// The parser's words; they hold no more of the text than one token.
        message: Box<str>,
    },
    /// It is beyond a limit, which the words name with its figure.
    TooLarge(Box<str>),
    /// It holds something that nobody has listed as understood.
    Node(&'static str),
    /// It can be read in more than one way: the encoding, or two readings that disagree.
    Ambiguous(&'static str),
    /// It was not seen, or not kept.
    Unseen,
}

/// A relation and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The schema, where the text names one.
    pub schema: Option<Box<str>>,
    /// The name, folded as the server folds it.
    pub name: Box<str>,
    /// What happens to it.
    pub access: Access,
}

/// A function and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The schema, where the text names one.
    pub schema: Option<Box<str>>,
    /// The name, folded as the server folds it; an operator's own name where it stands for one.
    pub name: Box<str>,
    /// What is known of it.
    pub known: Known,
}

/// What is known of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Built in or of a well-known extension; it reads and computes only.
    Reads,
    /// The same, and it does more: what, is among the statement's marks.
    Acts,
    /// Somebody's own: only the database's catalog can tell.
    Unknown,
}

/// A column and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The place in [`Effects::relations`] of the relation it belongs to; `None` where the text does
    /// not tell.
    pub relation: Option<u16>,
    /// The name; `*` for every column, also where a whole row is used.
    pub name: Box<str>,
}

/// A setting and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name in lower case; empty where the text does not tell.
    pub name: Box<str>,
    /// Whether it lasts until the end of the transaction only.
    pub local: bool,
    /// The new value where it is a constant; `None` for a reset or what cannot be told.
    pub value: Option<Box<str>>,
}

macro_rules! bits {
    ($(#[$outer:meta])* $name:ident: $int:ty { $($(#[$inner:meta])* $flag:ident = $bit:expr, $word:literal;)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $int);

        impl $name {
            $($(#[$inner])* pub const $flag: $name = $name(1 << $bit);)*

            /// Each with its word.
            pub const ALL: &'static [($name, &'static str)] = &[$(($name::$flag, $word)),*];

            /// None.
            pub const NONE: $name = $name(0);

            /// Whether all of `other` are set.
            pub const fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any of `other` is set.
            pub const fn intersects(self, other: $name) -> bool {
                self.0 & other.0 != 0
            }

            /// Those of both.
            #[must_use]
            pub const fn with(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }

            /// Sets those of `other`.
            pub fn insert(&mut self, other: $name) {
                self.0 |= other.0;
            }

            /// The words of those set, in order.
            pub fn words(self) -> impl Iterator<Item = &'static str> {
                $name::ALL.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, word)| *word)
            }
        }
    };
}

bits! {
    /// What happens to a relation.
    Access: u8 {
        /// Rows are read.
        READ = 0, "read";
        /// Rows are added.
        INSERT = 1, "insert";
        /// Rows are changed.
        UPDATE = 2, "update";
        /// Rows are removed.
        DELETE = 3, "delete";
        /// All rows are removed.
        TRUNCATE = 4, "truncate";
        /// It, or something about it, is made, changed or dropped.
        DEFINE = 5, "define";
        /// It or its rows are locked.
        LOCK = 6, "lock";
    }
}

bits! {
    /// What is either so or not of a statement.
    Marks: u64 {
        /// A text like it with other literals may do something else: its analysis is never shared.
        LITERALS_DECIDE = 0, "literals_decide";
        /// An UPDATE or DELETE in it, at any depth, has no condition that looks at a row.
        EVERY_ROW = 1, "every_row";
        /// The outermost query has a LIMIT or FETCH FIRST.
        LIMITED = 2, "limited";
        /// The outermost query has a WHERE that looks at a row.
        FILTERED = 3, "filtered";
        /// FOR UPDATE, FOR SHARE and their like.
        LOCKS_ROWS = 4, "locks_rows";
        /// LOCK TABLE.
        LOCKS_TABLE = 5, "locks_table";
        /// Takes or gives back an advisory lock. Giving all back (`pg_advisory_unlock_all`) is none.
        LOCKS_ADVISORY = 6, "locks_advisory";
        /// Calls a function of which nothing is known.
        UNKNOWN_FUNCTION = 7, "unknown_function";
        /// Calls a function that is known to change something that stays.
        WRITING_FUNCTION = 8, "writing_function";
        /// Calls a function that administers the server or other sessions.
        ADMINISTERS = 9, "administers";
        /// Reads or writes a file of the server.
        SERVER_FILE = 10, "server_file";
        /// Starts a program on the server.
        SERVER_PROGRAM = 11, "server_program";
        /// Runs SQL that stands in a literal or comes from elsewhere (`DO`, `query_to_xml`, dblink).
        RUNS_TEXT = 12, "runs_text";
        /// LISTEN, NOTIFY, `pg_notify`. UNLISTEN is none.
        NOTIFIES = 13, "notifies";
        /// Waits on purpose.
        SLEEPS = 14, "sleeps";
        /// Creates, or writes to, nothing but temporary tables of its own making.
        TEMPORARY = 15, "temporary";
        /// Makes the session or transaction read-write, or its default; every way to do so.
        UNDOES_READ_ONLY = 16, "undoes_read_only";
        /// RESET ALL, DISCARD ALL: settings return to what the login set.
        RESETS_SETTINGS = 17, "resets_settings";
        /// SET ROLE, SET SESSION AUTHORIZATION, and what may do the same.
        CHANGES_ROLE = 18, "changes_role";
        /// Changes how names are found: `search_path`.
        CHANGES_PATH = 19, "changes_path";
        /// Changes how texts are read: `standard_conforming_strings`, `client_encoding`.
        CHANGES_READING = 20, "changes_reading";
        /// Changes another setting of the session.
        CHANGES_SETTING = 21, "changes_setting";
        /// Changes settings that outlast the session (ALTER SYSTEM, ALTER ROLE or DATABASE … SET).
        CHANGES_STORED_SETTING = 22, "changes_stored_setting";
        /// Uses a relation of `pg_catalog` or `information_schema`.
        READS_CATALOG = 23, "reads_catalog";
        /// Uses a catalog that holds secrets (`pg_authid`, `pg_shadow`, `pg_user_mapping`, …).
        READS_SECRETS = 24, "reads_secrets";
        /// Is EXPLAIN without ANALYZE: what it explains does not run.
        EXPLAINS = 25, "explains";
        /// Asks its client for data (COPY FROM STDIN).
        TAKES_DATA = 26, "takes_data";
        /// Returns rows.
        RETURNS_ROWS = 27, "returns_rows";
        /// Returns every column of a relation or query (`*`).
        ALL_COLUMNS = 28, "all_columns";
        /// Begins a transaction that is read-only by its own words.
        BEGINS_READ_ONLY = 29, "begins_read_only";
        /// Makes, uses or drops the name of a prepared statement or cursor.
        USES_NAME = 30, "uses_name";
        /// Assigns or exports what belongs to the transaction (`txid_current`, `pg_export_snapshot`).
        MARKS_TRANSACTION = 31, "marks_transaction";
        /// Takes part in replication.
        REPLICATES = 32, "replicates";
        /// Changes `search_path` so that names of `pg_catalog` may be found elsewhere first.
        SHADOWS_CATALOG = 33, "shadows_catalog";
        /// A literal of the text may end elsewhere under other settings of the session: names found
        /// behind it may be parts of a literal, and are not shown.
        DISPUTED = 34, "disputed";
        /// Uses what PostgreSQL's grammar has since 16: an older server takes it for a call of somebody's
        /// function.
        SINCE_16 = 35, "since_16";
        /// The same since 17.
        SINCE_17 = 36, "since_17";
    }
}

impl Effects {
    /// Most relations, functions, columns and settings together that are told apart; a statement with
    /// more is beyond the limit.
    pub const ITEMS_MAX: usize = 4_096;

    /// Most bytes of names in all of them together.
    pub const BYTES_MAX: usize = 128 * 1024;

    /// Effects of a statement that has none beside its class.
    pub fn of_class(basis: Basis, verb: &'static str, class: Class) -> Effects {
        Effects {
            basis,
            verb,
            base_class: class,
            relations: Box::default(),
            functions: Box::default(),
            columns: Box::default(),
            settings: Box::default(),
            row_limit: None,
            marks: Marks::NONE,
        }
    }

    /// What stands for a text that could not be judged.
    pub fn unjudged(why: Unjudged) -> Effects {
        Effects::of_class(Basis::Unjudged(why), "unknown", Class::Unknown)
    }

    /// Bytes of memory behind it, for the bound of a cache.
    pub fn held_bytes(&self) -> usize {
        let named =
            |schema: &Option<Box<str>>, name: &str| name.len() + schema.as_ref().map_or(0, |one| one.len());
        size_of::<Effects>()
            + self
                .relations
                .iter()
                .map(|one| size_of::<Relation>() + named(&one.schema, &one.name))
                .sum::<usize>()
            + self
                .functions
                .iter()
                .map(|one| size_of::<Function>() + named(&one.schema, &one.name))
                .sum::<usize>()
            + self.columns.iter().map(|one| size_of::<Column>() + one.name.len()).sum::<usize>()
            + self
                .settings
                .iter()
                .map(|one| size_of::<Setting>() + named(&one.value, &one.name))
                .sum::<usize>()
    }
}

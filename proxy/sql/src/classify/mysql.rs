//! What may a MySQL statement do, judged by its keywords?
//!
//! As in PostgreSQL's case (see the module above) this is a lexer's answer: what a function, a view
//! or a trigger does is not looked at. `Unknown` stands also for what changes the server itself
//! (`SET GLOBAL`, `RESET`, `PURGE`, `CHANGE REPLICATION SOURCE`), for which there is no class.

use super::{Head, Reading, Sightings, plain};
use crate::keyword::Keyword;
use crate::token::{Kind, Lexer, Token};
use exchange::{Class, Verb};

/// Reads the head of the statement `lexer` stands before; `seen` is what was seen in all of it.
pub(crate) fn read_mysql(lexer: Lexer<'_>, seen: Sightings) -> Reading {
    let mut head = Head { lexer, seen };
    match head.keyword() {
        Keyword::Commit | Keyword::Rollback | Keyword::Release => {
            Reading::Plain(Class::Transaction, Verb::Leave)
        }
        Keyword::Execute => match head.take() {
            Some(token) => {
                named(&mut head, token, |name| Reading::Plain(Class::Unknown, Verb::Execute { name }))
            }
            None => plain(Class::Unknown),
        },
        // What is prepared is text in a literal or a variable: only its execution could tell.
        Keyword::Prepare => plain(Class::Session),
        Keyword::Deallocate | Keyword::Drop if head.keyword() == Keyword::Prepare => match head.take() {
            Some(token) => named(&mut head, token, |name| {
                Reading::Plain(Class::Session, Verb::Deallocate { name: Some(name) })
            }),
            None => plain(Class::Unknown),
        },
        _ => plain(Head { lexer, seen }.mysql_class()),
    }
}

fn named(head: &mut Head<'_>, token: Token, reading: fn(Box<str>) -> Reading) -> Reading {
    head.name(token).map_or_else(|| plain(Class::Unknown), reading)
}

/// A reading of which parts may not be executed: no less than it says, or not known.
pub(crate) fn careful(reading: Reading) -> Reading {
    match reading {
        Reading::Plain(class, _) if class.needs_intent() => plain(class),
        _ => plain(Class::Unknown),
    }
}

impl Head<'_> {
    fn mysql_class(&mut self) -> Class {
        let start = *self;
        match self.keyword() {
            Keyword::None | Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With => {
                { start }.mysql_query()
            }
            Keyword::Show | Keyword::Help | Keyword::Handler => Class::Read,
            Keyword::Explain | Keyword::Describe | Keyword::Desc => self.mysql_explain(),
            Keyword::Analyze => self.mysql_analyze(),
            Keyword::Insert | Keyword::Replace | Keyword::Update | Keyword::Delete | Keyword::Truncate => {
                Class::Write
            }
            Keyword::Load if self.keyword() == Keyword::Index => Class::Maintenance,
            Keyword::Load => Class::Write,
            Keyword::Import => Class::Ddl,
            Keyword::Create | Keyword::Alter | Keyword::Drop | Keyword::Rename => self.mysql_object(),
            Keyword::Grant | Keyword::Revoke => Class::Privilege,
            Keyword::Call | Keyword::Do | Keyword::Install | Keyword::Uninstall => Class::Code,
            Keyword::Set => self.mysql_set(),
            Keyword::Use => Class::Session,
            Keyword::Begin => match self.keyword() {
                // MariaDB's BEGIN NOT ATOMIC holds statements.
                Keyword::Not => Class::Code,
                _ => Class::Transaction,
            },
            Keyword::Start | Keyword::Stop => match self.keyword() {
                Keyword::Transaction => Class::Transaction,
                _ => Class::Unknown,
            },
            Keyword::Savepoint | Keyword::Xa => Class::Transaction,
            Keyword::Kill
            | Keyword::Flush
            | Keyword::Optimize
            | Keyword::Check
            | Keyword::Checksum
            | Keyword::Repair
            | Keyword::Cache
            | Keyword::Lock
            | Keyword::Unlock => Class::Maintenance,
            _ => Class::Unknown,
        }
    }

    /// A query, or `WITH` before a change of rows.
    fn mysql_query(&mut self) -> Class {
        match self.keyword_behind_parentheses() {
            (Keyword::Select | Keyword::Values | Keyword::Table, _) => self.outside_effects(),
            (Keyword::With, _) => match self.with() {
                Class::Read => self.outside_effects(),
                other => other,
            },
            _ => Class::Unknown,
        }
    }

    /// A query writes a file with `INTO OUTFILE` and `INTO DUMPFILE`.
    fn outside_effects(&mut self) -> Class {
        let mut previous = Kind::Space;
        while let Some(kind) = self.kind() {
            let file = matches!(kind, Kind::Word(Keyword::Outfile | Keyword::Dumpfile));
            if file && previous == Kind::Word(Keyword::Into) {
                return Class::Write;
            }
            previous = kind;
        }
        Class::Read
    }

    /// Behind `EXPLAIN`, `DESCRIBE` or `DESC`: with ANALYZE the statement runs.
    fn mysql_explain(&mut self) -> Class {
        if self.peek() != Some(Kind::Word(Keyword::Analyze)) {
            return Class::Read;
        }
        self.take();
        self.behind_format()
    }

    /// Behind `ANALYZE`: tables, or in MariaDB a statement that runs.
    fn mysql_analyze(&mut self) -> Class {
        let mut ahead = *self;
        let mut word = ahead.keyword();
        // LOCAL or NO_WRITE_TO_BINLOG.
        if matches!(word, Keyword::Local | Keyword::None) && ahead.peek() == Some(Kind::Word(Keyword::Table))
        {
            word = Keyword::Table;
        }
        match word {
            Keyword::Table => Class::Maintenance,
            _ => self.behind_format(),
        }
    }

    /// The class of the statement behind an optional `FORMAT = word`.
    fn behind_format(&mut self) -> Class {
        let mut ahead = *self;
        if ahead.keyword() == Keyword::None && ahead.kind() == Some(Kind::Operator) && ahead.take().is_some()
        {
            *self = ahead;
        }
        let mut ahead = *self;
        match ahead.keyword() {
            Keyword::Insert | Keyword::Replace | Keyword::Update | Keyword::Delete => Class::Write,
            _ => self.mysql_query(),
        }
    }

    /// Behind `CREATE`, `ALTER`, `DROP` or `RENAME`.
    fn mysql_object(&mut self) -> Class {
        let mut keyword = self.keyword();
        if keyword == Keyword::Or && self.keyword() == Keyword::Replace {
            keyword = self.keyword();
        }
        match keyword {
            Keyword::User | Keyword::Role => Class::Privilege,
            Keyword::Instance => Class::Unknown,
            _ => Class::Ddl,
        }
    }

    /// Behind `SET`: the session's variables, unless it says otherwise.
    fn mysql_set(&mut self) -> Class {
        let mut ahead = *self;
        match ahead.keyword() {
            Keyword::Password => return Class::Privilege,
            Keyword::Default if ahead.keyword() == Keyword::Role => return Class::Privilege,
            Keyword::Transaction => return Class::Transaction,
            Keyword::Session | Keyword::Local if ahead.keyword() == Keyword::Transaction => {
                return Class::Transaction;
            }
            // MariaDB's SET STATEMENT … FOR runs a statement.
            Keyword::Statement => return Class::Unknown,
            _ => {}
        }
        let mut assigns = true;
        while let Some(token) = self.take() {
            let name = token.bytes(self.lexer.text());
            let outside = [&b"global"[..], b"persist", b"persist_only"];
            let word = name.strip_prefix(b"@@").unwrap_or(name);
            let of_server = outside.iter().any(|scope| word.eq_ignore_ascii_case(scope));
            if assigns && of_server && matches!(token.kind, Kind::Word(_) | Kind::Variable) {
                return Class::Unknown;
            }
            assigns = token.kind == Kind::Punctuation(b',');
        }
        Class::Session
    }
}

#[cfg(test)]
mod tests;

//! Which statement is it?

use super::query::Role;
use super::reader::{Read, Reader};
use exchange::{Class, Marks};

impl<'a> Reader<'a> {
    /// Reads a whole statement; what it is called.
    pub(super) fn statement(&mut self) -> Read<&'static str> {
        if self.is_sign(b'(') {
            return self.select_statement(0);
        }
        let word = self.word();
        match word {
            "select" | "values" | "table" => self.select_statement(0),
            "with" => {
                let scope = self.with(0)?;
                self.behind_with(scope)
            }
            "insert" | "replace" => {
                self.skip();
                self.insert(0, word == "replace")
            }
            "update" => {
                self.skip();
                self.update(0)
            }
            "delete" => {
                self.skip();
                self.delete(0)
            }
            "explain" | "describe" | "desc" => self.explain(),
            "show" => self.show(),
            "set" => self.set(),
            "use" => self.use_database(),
            "begin" | "start" | "commit" | "rollback" | "savepoint" | "release" | "xa" | "lock"
            | "unlock" => self.transaction(word),
            "prepare" | "execute" | "deallocate" => self.prepared(word),
            "drop" if self.word_at(1) == "prepare" => self.prepared(word),
            "create" | "alter" | "drop" | "rename" | "grant" | "revoke" => self.definition(word),
            "truncate" => {
                self.skip();
                self.truncate()
            }
            "load" if matches!(self.word_at(1), "data" | "xml") => {
                let xml = self.word_at(1) == "xml";
                self.at += 2;
                self.load(xml)
            }
            _ => self.command(word),
        }
    }

    pub(super) fn behind_with(&mut self, scope: u32) -> Read<&'static str> {
        match self.word() {
            "update" => {
                self.skip();
                self.update(scope)
            }
            "delete" => {
                self.skip();
                self.delete(scope)
            }
            _ => self.select_statement(scope),
        }
    }

    fn select_statement(&mut self, scope: u32) -> Read<&'static str> {
        self.queries = true;
        let limit = self.query_body(scope, Role::WHOLE)?;
        self.limited(limit);
        if !self.goes_elsewhere {
            self.found.mark(Marks::RETURNS_ROWS);
        }
        Ok("select")
    }

    /// `USE db`.
    fn use_database(&mut self) -> Read<&'static str> {
        self.skip();
        let (name, _) = self.any_name()?;
        self.changes("database", Some(name.to_owned()), Marks::CHANGES_PATH)?;
        self.becomes(Class::Session);
        Ok("use")
    }

    /// The rest belongs to a command of which the first words say all.
    pub(super) fn rest(&mut self) {
        self.at = self.tokens.len();
    }
}

//! What do the statements tell that show or explain something?

use super::reader::{Place, Read, Reader};
use crate::token::Kind;
use exchange::{Access, Class, Marks, Unjudged};

impl<'a> Reader<'a> {
    /// SHOW in all its forms.
    pub(super) fn show(&mut self) -> Read<&'static str> {
        self.skip();
        self.found.mark(Marks::RETURNS_ROWS);
        while self.take_any(&["full", "extended", "global", "session", "local", "storage"]).is_some() {}
        let word = self.word();
        match word {
            "variables" | "status" | "warnings" | "errors" => self.skip(),
            "count" => {
                self.skip();
                self.expect_sign(b'(')?;
                self.expect_operator("*")?;
                self.expect_sign(b')')?;
                if self.take_any(&["warnings", "errors"]).is_none() {
                    return self.unexpected();
                }
            }
            _ => {
                self.found.mark(Marks::READS_CATALOG);
                self.show_catalog(word)?;
            }
        }
        self.narrowed()?;
        Ok("show")
    }

    fn show_catalog(&mut self, word: &str) -> Read {
        match word {
            "databases" | "schemas" | "plugins" | "engines" | "privileges" | "authors" | "contributors"
            | "profiles" | "processlist" | "collation" | "charset" | "locales" | "tables" | "triggers"
            | "events" | "replicas" | "index_statistics" | "user_statistics" | "client_statistics"
            | "table_statistics" => self.skip(),
            "character" => {
                self.skip();
                self.expect("set")?;
            }
            "table" | "open" | "procedure" | "function" | "package" => self.show_status(word)?,
            "columns" | "fields" | "index" | "indexes" | "keys" => {
                self.skip();
                self.of_table()?;
            }
            "create" => self.show_create()?,
            "grants" => self.show_grants()?,
            "profile" => {
                while !self.is_over()
                    && !self.is("limit")
                    && (self.is_sign(b',') || !self.word().is_empty() || self.kind() == Some(Kind::Number))
                {
                    self.skip();
                }
            }
            "engine" => {
                self.skip();
                self.any_name()?;
                if self.take_any(&["status", "mutex", "logs"]).is_none() {
                    return self.unexpected();
                }
            }
            "explain" | "analyze" => {
                self.skip();
                self.format()?;
                self.expect("for")?;
                self.expression(Place::within(0))?;
            }
            _ => self.show_replication(word)?,
        }
        Ok(())
    }

    /// `TABLE STATUS`, `OPEN TABLES`, `PROCEDURE STATUS`, `FUNCTION CODE f`, `TABLE TYPES`.
    fn show_status(&mut self, word: &str) -> Read {
        self.skip();
        if word == "package" {
            self.take("body");
        }
        match self.take_any(&["status", "tables", "types", "code"]) {
            Some("code") => self.routine_name(),
            Some(_) => Ok(()),
            None => self.unexpected(),
        }
    }

    fn show_replication(&mut self, word: &str) -> Read {
        match word {
            "master" | "binary" | "slave" | "replica" | "all" | "binlog" | "relaylog" => {
                let events = matches!(word, "binlog" | "relaylog");
                self.skip();
                // What others wrote stands in the events.
                self.found.mark(if events { Marks::READS_SECRETS } else { Marks::NONE });
                let mut any = false;
                while self
                    .take_any(&["status", "logs", "log", "hosts", "events", "slaves", "replicas", "slave"])
                    .is_some()
                {
                    any = true;
                }
                if self.take_kind(Kind::Literal) {
                    any = self.take_any(&["status", "events"]).is_some();
                }
                if !any {
                    return self.unexpected();
                }
                if self.take("in") {
                    self.expect_literal()?;
                }
                if self.take("from") {
                    self.expect_number()?;
                }
                if self.take_all(&["for", "channel"]) {
                    self.collation()?;
                }
                Ok(())
            }
            "slaves" => {
                self.skip();
                Ok(())
            }
            _ => self.unexpected(),
        }
    }

    /// `FROM t FROM s`, `IN s.t`.
    fn of_table(&mut self) -> Read {
        if self.take_any(&["from", "in"]).is_none() {
            return self.unexpected();
        }
        let (mut schema, name) = self.relation_name()?;
        if self.take_any(&["from", "in"]).is_some() {
            schema = Some(self.any_name()?.0);
        }
        self.uses((schema, name), Access::READ);
        Ok(())
    }

    fn show_create(&mut self) -> Read {
        self.skip();
        let word = self.word();
        self.skip();
        match word {
            "table" | "view" | "sequence" => {
                let name = self.relation_name()?;
                self.uses(name, Access::READ);
                Ok(())
            }
            "database" | "schema" => {
                self.take_all(&["if", "not", "exists"]);
                self.any_name().map(drop)
            }
            "procedure" | "function" | "event" | "trigger" => self.routine_name(),
            "package" => {
                self.take("body");
                self.routine_name()
            }
            // Both hold passwords, hashed or not.
            "user" | "server" => {
                self.found.mark(Marks::READS_SECRETS);
                if word == "user" && self.is_over() { Ok(()) } else { self.account() }
            }
            _ => {
                self.at -= 1;
                self.unexpected()
            }
        }
    }

    pub(super) fn routine_name(&mut self) -> Read {
        self.any_name()?;
        if self.take_sign(b'.') {
            self.any_name()?;
        }
        Ok(())
    }

    fn show_grants(&mut self) -> Read {
        self.skip();
        if !self.take("for") {
            return Ok(());
        }
        // In MariaDB the grants of others come with the hashes of their passwords.
        if !self.is("current_user") {
            self.found.mark(Marks::READS_SECRETS);
        }
        self.account()?;
        if self.take("using") {
            self.list(Reader::account)?;
        }
        Ok(())
    }

    /// `user`, `'user'@'host'`, `CURRENT_USER()`.
    pub(super) fn account(&mut self) -> Read {
        if matches!(self.word(), "current_user" | "current_role") {
            self.called.push(self.at);
            self.skip();
            if self.take_sign(b'(') {
                self.expect_sign(b')')?;
            }
            return Ok(());
        }
        if !self.take_literal() {
            self.any_name()?;
        }
        if self.take_kind(Kind::Variable) {
            return Ok(());
        }
        if self.take_kind(Kind::Other(b'@')) && !self.take_literal() {
            self.any_name()?;
        }
        Ok(())
    }

    /// `FROM db`, `LIKE 'a'`, `WHERE …`, `LIMIT 5`.
    fn narrowed(&mut self) -> Read {
        if self.take_any(&["from", "in"]).is_some() {
            self.any_name()?;
        }
        if self.is("soname") && self.tokens.kind(self.at + 1) == Some(Kind::Literal) {
            self.at += 2;
        }
        if self.take("like") {
            self.expect_literal()?;
        } else if self.take("where") {
            // MariaDB 10.11 falls over such a one, for everybody.
            if (self.at..self.tokens.len()).any(|at| self.tokens.word(at) == "with") {
                return Err(Unjudged::Node("WITH in SHOW"));
            }
            self.expression(Place::within(0))?;
        }
        if self.take("limit") {
            self.count(Place::within(0))?;
            if self.take_sign(b',') || self.take("offset") {
                self.count(Place::within(0))?;
            }
        }
        Ok(())
    }

    /// EXPLAIN, DESCRIBE and DESC: of a table, or of a statement.
    pub(super) fn explain(&mut self) -> Read<&'static str> {
        self.skip();
        self.found.mark(Marks::RETURNS_ROWS.with(Marks::LITERALS_DECIDE));
        let mut runs = false;
        loop {
            if matches!(self.word(), "extended" | "partitions") && !self.is_last() {
                self.skip();
            } else if self.is("analyze") && !self.is_last() {
                self.skip();
                runs = true;
            } else if self.is("into") {
                self.skip();
                self.understood += 1;
                self.user_variable()?;
                // This happens also where nothing runs.
                self.found.class(Class::Session);
            } else if !self.format()? {
                break;
            }
        }
        if self.take_all(&["for", "connection"]) {
            self.expect_number()?;
            self.found.mark(Marks::READS_CATALOG.with(Marks::EXPLAINS));
            return Ok("explain");
        }
        if self.is("for") && matches!(self.word_at(1), "database" | "schema") {
            self.at += 2;
            self.any_name()?;
        }
        if !self.begins_statement() {
            return self.describe();
        }
        self.called.push(self.at - 1);
        self.deeper(|reader| reader.statement())?;
        self.explains = !runs;
        self.found.mark(Marks::RETURNS_ROWS);
        Ok("explain")
    }

    fn is_last(&self) -> bool {
        self.at + 1 >= self.tokens.len()
    }

    /// `FORMAT = JSON`, where it stands.
    fn format(&mut self) -> Read<bool> {
        if !self.is("format") || self.tokens.bytes(self.at + 1) != b"=" {
            return Ok(false);
        }
        self.at += 2;
        self.collation()?;
        Ok(true)
    }

    pub(super) fn begins_statement(&self) -> bool {
        self.is_sign(b'(')
            || matches!(
                self.word(),
                "select" | "with" | "values" | "table" | "insert" | "replace" | "update" | "delete"
            )
    }

    fn describe(&mut self) -> Read<&'static str> {
        let name = self.relation_name()?;
        self.uses(name, Access::READ);
        self.found.mark(Marks::READS_CATALOG);
        if !self.take_literal() && !self.is_over() {
            self.any_name()?;
        }
        Ok("explain")
    }

    /// MariaDB's ANALYZE before a statement, which runs.
    pub(super) fn analyze_statement(&mut self) -> Read<&'static str> {
        self.format()?;
        if !self.begins_statement() {
            return self.unexpected();
        }
        self.called.push(self.at - 1);
        self.deeper(|reader| reader.statement())?;
        self.found.mark(Marks::RETURNS_ROWS.with(Marks::LITERALS_DECIDE));
        Ok("analyze")
    }
}

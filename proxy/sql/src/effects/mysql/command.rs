//! What do the commands do that keep, run and administer a server?

use super::reader::{Place, Read, Reader};
use exchange::{Access, Class, Marks, Unjudged};

const SERVER: Marks = Marks::ADMINISTERS;
const REPLICATION: Marks = Marks::ADMINISTERS.with(Marks::REPLICATES);

impl<'a> Reader<'a> {
    /// A command that begins with `word`.
    pub(super) fn command(&mut self, word: &str) -> Read<&'static str> {
        let maintenance = Class::Maintenance;
        match word {
            "call" => self.call_procedure(),
            // A SELECT that returns nothing.
            "do" => {
                self.called.push(self.at);
                self.skip();
                self.queries = true;
                self.list(|reader| reader.select_item(Place::within(0)))?;
                Ok("do")
            }
            // A cursor below SQL, which stays open: neither rights on rows nor the read-only state of a transaction apply to all of it.
            "handler" => Err(Unjudged::Node("HANDLER")),
            "help" => {
                self.skip();
                if !self.take_literal() {
                    self.any_name()?;
                }
                Ok(self.of(Class::Read, Marks::RETURNS_ROWS.with(Marks::READS_CATALOG), "help"))
            }
            "get" => self.all(Class::Session, Marks::NONE, "get diagnostics"),
            "signal" => self.all(Class::Session, Marks::NONE, "signal"),
            "resignal" => self.all(Class::Session, Marks::NONE, "resignal"),
            "kill" => self.kill(),
            "flush" => self.flush(),
            "reset" => self.reset(),
            "purge" => self.all(maintenance, REPLICATION, "purge binary logs"),
            "binlog" => self.all(Class::Code, Marks::RUNS_TEXT.with(REPLICATION), "binlog"),
            "change" => self.all(maintenance, REPLICATION, "change replication source"),
            "stop" => {
                self.skip();
                self.replication("stop")
            }
            "shutdown" => self.all(maintenance, SERVER, "shutdown"),
            "restart" => self.all(maintenance, SERVER, "restart"),
            "backup" => self.all(maintenance, SERVER, "backup"),
            "clone" => self.all(Class::Code, Marks::SERVER_FILE.with(SERVER), "clone"),
            "install" => self.all(Class::Code, Marks::SERVER_FILE.with(SERVER), "install"),
            "uninstall" => self.all(Class::Code, SERVER, "uninstall"),
            "import" => self.all(Class::Code, Marks::SERVER_FILE, "import table"),
            "load" => self.all(maintenance, Marks::NONE, "load index"),
            "cache" => self.all(maintenance, Marks::NONE, "cache index"),
            "analyze" | "optimize" | "check" | "checksum" | "repair" => self.tables(word),
            _ => self.unexpected(),
        }
    }

    /// A command of which the first word says all.
    fn all(&mut self, class: Class, marks: Marks, verb: &'static str) -> Read<&'static str> {
        self.rest();
        Ok(self.of(class, marks, verb))
    }

    fn call_procedure(&mut self) -> Read<&'static str> {
        self.skip();
        let (mut schema, mut at) = (None, self.at);
        let (first, _) = self.any_name()?;
        if self.take_sign(b'.') {
            (schema, at) = (Some(first), self.at);
            self.any_name()?;
        }
        let (name, _) = self.tokens.name(at).unwrap_or_default();
        self.called.push(at);
        self.found.unknown((schema, name));
        if self.is_sign(b'(') {
            self.parenthesised(|reader| reader.expression(Place::within(0)))?;
        }
        Ok(self.of(Class::Code, Marks::RETURNS_ROWS, "call"))
    }

    fn kill(&mut self) -> Read<&'static str> {
        self.skip();
        while self.take_any(&["hard", "soft", "connection", "query", "id"]).is_some() {}
        if self.take("user") {
            self.account()?;
        } else {
            self.expression(Place::within(0))?;
        }
        Ok(self.of(Class::Maintenance, SERVER, "kill"))
    }

    fn flush(&mut self) -> Read<&'static str> {
        let locks = (self.at..self.tokens.len()).any(|at| matches!(self.tokens.word(at), "lock" | "export"));
        let marks = if locks { SERVER.with(Marks::LOCKS_TABLE) } else { SERVER };
        self.all(Class::Maintenance, marks, "flush")
    }

    fn reset(&mut self) -> Read<&'static str> {
        match self.word_at(1) {
            "persist" => self.all(Class::Privilege, Marks::CHANGES_STORED_SETTING, "reset persist"),
            "query" => self.all(Class::Maintenance, SERVER, "reset query cache"),
            "master" | "slave" | "replica" | "binary" => {
                self.all(Class::Maintenance, REPLICATION, "reset replica")
            }
            _ => {
                self.skip();
                self.unexpected()
            }
        }
    }

    /// ANALYZE TABLE and its like.
    fn tables(&mut self, word: &str) -> Read<&'static str> {
        self.skip();
        let local = self.take_any(&["local", "no_write_to_binlog"]).is_some();
        let statement = word == "analyze" && !local && !matches!(self.word(), "table" | "tables");
        if statement {
            return self.analyze_statement();
        }
        if self.take_any(&["table", "tables", "view"]).is_none() {
            return self.unexpected();
        }
        // A checksum only reads.
        let access = if word == "checksum" { Access::READ } else { Access::DEFINE };
        self.list(|reader| {
            let name = reader.relation_name()?;
            reader.uses(name, access);
            if reader.take("persistent") {
                reader.rest();
            }
            Ok(())
        })?;
        self.rest();
        let (class, verb) = match word {
            "analyze" => (Class::Maintenance, "analyze table"),
            "optimize" => (Class::Maintenance, "optimize table"),
            "check" => (Class::Maintenance, "check table"),
            "repair" => (Class::Maintenance, "repair table"),
            _ => (Class::Read, "checksum table"),
        };
        Ok(self.of(class, Marks::RETURNS_ROWS, verb))
    }
}

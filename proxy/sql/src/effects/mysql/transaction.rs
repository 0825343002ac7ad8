//! How do statements begin, end and mark transactions, and lock tables for them?

use super::Meaning;
use super::reader::{Read, Reader};
use exchange::{Access, Class, Marks, Setting};

impl<'a> Reader<'a> {
    /// A statement that begins with one of these words.
    pub(super) fn transaction(&mut self, word: &str) -> Read<&'static str> {
        self.skip();
        match word {
            "begin" => self.begin(),
            "start" if self.take("transaction") => self.start(),
            "start" => self.replication("start"),
            "commit" => {
                self.meaning = Meaning::Leave;
                self.take("work");
                self.chain()?;
                Ok(self.of(Class::Transaction, Marks::NONE, "commit"))
            }
            "rollback" => {
                self.meaning = Meaning::Leave;
                self.rollback()
            }
            "savepoint" => {
                self.any_name()?;
                Ok(self.of(Class::Transaction, Marks::NONE, "savepoint"))
            }
            "release" => {
                self.meaning = Meaning::Leave;
                self.expect("savepoint")?;
                self.any_name()?;
                Ok(self.of(Class::Transaction, Marks::NONE, "release"))
            }
            "xa" => self.xa(),
            "lock" => self.lock(),
            _ => self.unlock(),
        }
    }

    fn begin(&mut self) -> Read<&'static str> {
        // MariaDB's block of statements.
        if self.is("not") && self.word_at(1) == "atomic" {
            self.at -= 1;
            self.program()?;
            return Ok(self.of(Class::Code, Marks::RUNS_TEXT, "begin not atomic"));
        }
        self.take("work");
        Ok(self.of(Class::Transaction, Marks::NONE, "begin"))
    }

    fn start(&mut self) -> Read<&'static str> {
        if !self.is_over() {
            self.list(|reader| {
                if reader.take_all(&["with", "consistent", "snapshot"]) {
                    return Ok(());
                }
                reader.expect("read")?;
                let Some(word) = reader.take_any(&["only", "write"]) else { return reader.unexpected() };
                let only = word == "only";
                reader.found.mark(if only { Marks::BEGINS_READ_ONLY } else { Marks::UNDOES_READ_ONLY });
                let value = Some(if only { "on" } else { "off" }.into());
                reader.found.setting(Setting { name: "transaction_read_only".into(), local: true, value });
                Ok(())
            })?;
        }
        Ok(self.of(Class::Transaction, Marks::NONE, "start transaction"))
    }

    /// `AND NO CHAIN RELEASE`.
    fn chain(&mut self) -> Read {
        if self.take("and") {
            self.take("no");
            self.expect("chain")?;
        }
        if self.take("no") {
            return self.expect("release");
        }
        self.take("release");
        Ok(())
    }

    fn rollback(&mut self) -> Read<&'static str> {
        self.take("work");
        if self.take("to") {
            self.take("savepoint");
            self.any_name()?;
            return Ok(self.of(Class::Transaction, Marks::NONE, "rollback to savepoint"));
        }
        self.chain()?;
        Ok(self.of(Class::Transaction, Marks::NONE, "rollback"))
    }

    /// Such a transaction outlives the session that prepared it, and anybody's may be ended.
    fn xa(&mut self) -> Read<&'static str> {
        let verb = match self.word() {
            "start" | "begin" => "xa start",
            "end" => "xa end",
            "prepare" => "xa prepare",
            "commit" => "xa commit",
            "rollback" => "xa rollback",
            "recover" => {
                self.rest();
                return Ok(self.of(
                    Class::Read,
                    Marks::RETURNS_ROWS.with(Marks::READS_CATALOG),
                    "xa recover",
                ));
            }
            _ => return self.unexpected(),
        };
        self.rest();
        Ok(self.of(Class::Write, Marks::NONE, verb))
    }

    fn lock(&mut self) -> Read<&'static str> {
        if self.is("instance") {
            self.rest();
            return Ok(self.of(Class::Maintenance, Marks::ADMINISTERS, "lock instance"));
        }
        if self.take_any(&["table", "tables"]).is_none() {
            return self.unexpected();
        }
        self.list(|reader| {
            let name = reader.relation_name()?;
            reader.uses(name, Access::LOCK);
            if !matches!(reader.word(), "read" | "write" | "low_priority") {
                reader.alias()?;
            }
            reader.take("low_priority");
            match reader.take_any(&["read", "write"]) {
                Some("read") => reader.take("local"),
                Some(_) => reader.take("concurrent"),
                None => return reader.unexpected(),
            };
            Ok(())
        })?;
        self.waits()?;
        Ok(self.of(Class::Write, Marks::LOCKS_TABLE, "lock table"))
    }

    fn unlock(&mut self) -> Read<&'static str> {
        match self.take_any(&["table", "tables", "instance"]) {
            Some("instance") => Ok(self.of(Class::Maintenance, Marks::ADMINISTERS, "unlock instance")),
            Some(_) => Ok(self.of(Class::Session, Marks::NONE, "unlock tables")),
            None => self.unexpected(),
        }
    }

    /// START and STOP of replication.
    pub(super) fn replication(&mut self, word: &str) -> Read<&'static str> {
        if !matches!(self.word(), "slave" | "replica" | "all" | "group_replication") {
            return self.unexpected();
        }
        self.rest();
        let verb = if word == "start" { "start replica" } else { "stop replica" };
        Ok(self.of(Class::Maintenance, Marks::ADMINISTERS.with(Marks::REPLICATES), verb))
    }
}

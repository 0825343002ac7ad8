//! What do the statements define that make, change and drop objects, and who may do what with them?
//!
//! A definition is looked through for the queries, expressions and relations it holds; the bodies of stored
//! programs are not, they run when somebody calls them.

use super::query::Role;
use super::reader::{Place, Read, Reader};
use crate::token::Kind;
use exchange::{Access, Class, Marks};

/// The kind of an object in a command's tag.
macro_rules! verbs {
    ($($word:literal $words:literal)*) => {
        fn verb(command: &str, object: &str) -> Option<&'static str> {
            Some(match (command, object) {
                $(("create", $word) => concat!("create ", $words),
                  ("alter", $word) => concat!("alter ", $words),
                  ("drop", $word) => concat!("drop ", $words),)*
                _ => return None,
            })
        }
    };
}

verbs! {
    "table" "table" "tables" "table" "view" "view" "views" "view" "index" "index" "database" "database" "schema" "database"
    "procedure" "procedure" "function" "function" "trigger" "trigger" "event" "event" "package" "package"
    "sequence" "sequence" "server" "server" "tablespace" "tablespace" "logfile" "logfile group"
    "undo" "tablespace" "spatial" "spatial reference system" "user" "user" "role" "role" "instance" "instance"
    "resource" "resource group"
}

impl<'a> Reader<'a> {
    /// A statement that begins with one of these words.
    pub(super) fn definition(&mut self, word: &str) -> Read<&'static str> {
        self.skip();
        match word {
            "grant" | "revoke" => self.grant(word),
            "rename" => self.rename(),
            _ => self.object(word),
        }
    }

    fn object(&mut self, command: &str) -> Read<&'static str> {
        let temporary = self.modifiers()?;
        let object = self.word();
        let Some(verb) = verb(command, object) else { return self.unexpected() };
        self.skip();
        match object {
            "table" | "tables" | "sequence" => return self.table_object(command, verb, temporary),
            "view" | "views" => return self.view(command, verb),
            "index" => return self.index(command, verb),
            "trigger" if command == "create" => return self.trigger(verb),
            "user" | "role" => {
                self.rest();
                return Ok(self.of(Class::Privilege, Marks::NONE, verb));
            }
            "instance" | "resource" => {
                self.rest();
                return Ok(self.of(Class::Maintenance, Marks::ADMINISTERS, verb));
            }
            "function" if command == "create" => {
                let library = (self.at..self.tokens.len()).any(|at| self.tokens.word(at) == "soname");
                if library {
                    self.of(Class::Code, Marks::SERVER_FILE, verb);
                }
                self.program()?;
            }
            "procedure" | "event" | "package" if command != "drop" => self.program()?,
            "tablespace" | "logfile" | "undo" if command != "drop" => self.found.mark(Marks::SERVER_FILE),
            _ => {}
        }
        self.rest();
        Ok(self.of(Class::Ddl, Marks::NONE, verb))
    }

    /// What stands between the command and the kind of object; whether it is temporary.
    fn modifiers(&mut self) -> Read<bool> {
        let mut temporary = false;
        loop {
            match self.word() {
                "temporary" => {
                    self.skip();
                    temporary = true;
                }
                "or" if self.word_at(1) == "replace" => self.at += 2,
                "unique" | "fulltext" | "vector" | "online" | "offline" | "ignore" | "aggregate" => {
                    self.skip()
                }
                "spatial" if self.word_at(1) == "index" => self.skip(),
                "definer" => {
                    self.skip();
                    self.expect_operator("=")?;
                    self.account()?;
                }
                "algorithm" => {
                    self.skip();
                    self.expect_operator("=")?;
                    self.any_name()?;
                }
                "sql" if self.word_at(1) == "security" => {
                    self.at += 2;
                    self.any_name()?;
                }
                _ => return Ok(temporary),
            }
        }
    }

    fn if_exists(&mut self) {
        if self.take("if") {
            self.take("not");
            self.take("exists");
        }
    }

    /// The relation is made, changed or dropped.
    fn defines(&mut self, temporary: bool) -> Read<Option<u16>> {
        let name = self.relation_name()?;
        let place = self.uses(name, Access::DEFINE);
        if temporary {
            self.found.temporary(place);
        }
        Ok(place)
    }

    fn table_object(&mut self, command: &str, verb: &'static str, temporary: bool) -> Read<&'static str> {
        self.becomes(Class::Ddl);
        self.if_exists();
        if command == "drop" {
            self.list(|reader| reader.defines(false).map(drop))?;
            self.take_any(&["restrict", "cascade"]);
            return Ok(verb);
        }
        let place = self.defines(temporary && command == "create")?;
        let scope = self.scopes.open(0);
        if let Some(relation) = place {
            let item = super::super::scope::Item { name: "", schema: None, relation: Some(relation) };
            self.scopes.item(scope, item);
        }
        let filled = self.contents(scope, verb == "create table")?;
        Ok(if filled && verb == "create table" { "create table as" } else { verb })
    }

    /// Looks through the rest of a definition; whether a query fills what it makes.
    fn contents(&mut self, scope: u32, creates: bool) -> Read<bool> {
        let mut depth = 0usize;
        while !self.is_over() {
            if depth == 0 && creates && self.fills()? {
                return Ok(true);
            }
            match self.kind() {
                Some(Kind::Punctuation(b'(')) => depth += 1,
                Some(Kind::Punctuation(b')')) => depth = depth.saturating_sub(1),
                Some(Kind::Word(_)) if self.contained(scope, creates)? => continue,
                _ => {}
            }
            self.skip();
        }
        Ok(false)
    }

    /// The query of CREATE TABLE … SELECT, where it stands.
    fn fills(&mut self) -> Read<bool> {
        let mut ahead = usize::from(self.is("as"));
        let first = ahead;
        while self.sign_at(ahead, b'(') {
            ahead += 1;
        }
        let query = match self.word_at(ahead) {
            "select" => true,
            "with" => {
                ahead > 0
                    || (self.word_at(1) != "system"
                        && !matches!(self.tokens.kind(self.at + 1), Some(Kind::Operator)))
            }
            "values" => true,
            "table" => first > 0,
            _ => false,
        };
        if query {
            self.at += first;
            self.called.push(self.at.saturating_sub(1));
            self.query(0, Role::WITHIN)?;
        }
        Ok(query)
    }

    /// A word of a definition that something follows which is looked into; whether it was taken.
    fn contained(&mut self, scope: u32, creates: bool) -> Read<bool> {
        let place = Place::within(scope);
        match self.word() {
            "default" => {
                self.skip();
                let calls = self.sign_at(1, b'(') && matches!(self.kind(), Some(Kind::Word(_)));
                if self.is_sign(b'(') {
                    self.skip();
                    self.expression(place)?;
                    self.expect_sign(b')')?;
                } else if calls {
                    self.call(place)?;
                }
            }
            "check" | "as" if self.sign_at(1, b'(') => {
                self.at += 2;
                self.expression(place)?;
                self.expect_sign(b')')?;
            }
            "references" => {
                self.skip();
                let name = self.relation_name()?;
                self.uses(name, Access::READ);
            }
            "like" if creates && self.tokens.name(self.at + 1).is_some() => {
                self.skip();
                let name = self.relation_name()?;
                self.uses(name, Access::READ);
            }
            "rename" if !matches!(self.word_at(1), "column" | "index" | "key") && !creates => {
                self.skip();
                if self.take_any(&["to", "as"]).is_none() {
                    self.take_operator("=");
                }
                self.defines(false)?;
            }
            "exchange" | "convert" if self.word_at(1) == "partition" || self.word_at(1) == "table" => {
                self.exchanged()?;
            }
            "union"
                if matches!(
                    self.tokens.kind(self.at + 1),
                    Some(Kind::Operator | Kind::Punctuation(b'('))
                ) =>
            {
                self.skip();
                self.take_operator("=");
                self.parenthesised(|reader| {
                    let name = reader.relation_name()?;
                    reader.uses(name, Access::READ);
                    Ok(())
                })?;
            }
            "directory" if matches!(self.tokens.word(self.at.saturating_sub(1)), "data" | "index") => {
                self.found.mark(Marks::SERVER_FILE);
                self.skip();
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `EXCHANGE PARTITION p WITH TABLE t`, `CONVERT TABLE t TO PARTITION p …`, `CONVERT PARTITION p TO TABLE t`.
    fn exchanged(&mut self) -> Read {
        self.skip();
        if self.take("partition") {
            self.any_name()?;
            if self.take_any(&["with", "to"]).is_none() {
                return self.unexpected();
            }
        }
        self.expect("table")?;
        let name = self.relation_name()?;
        self.uses(name, Access::DEFINE.with(Access::INSERT).with(Access::DELETE));
        Ok(())
    }

    fn view(&mut self, command: &str, verb: &'static str) -> Read<&'static str> {
        self.becomes(Class::Ddl);
        self.if_exists();
        if command == "drop" {
            self.list(|reader| reader.defines(false).map(drop))?;
            self.take_any(&["restrict", "cascade"]);
            return Ok(verb);
        }
        self.defines(false)?;
        if self.is_sign(b'(') {
            self.called.push(self.at - 1);
            self.parenthesised(|reader| reader.any_name().map(drop))?;
        }
        self.expect("as")?;
        self.query(0, Role::WITHIN)?;
        if self.take("with") {
            self.take_any(&["cascaded", "local"]);
            self.expect("check")?;
            self.expect("option")?;
        }
        Ok(verb)
    }

    fn index(&mut self, command: &str, verb: &'static str) -> Read<&'static str> {
        self.becomes(Class::Ddl);
        self.if_exists();
        self.any_name()?;
        if self.take_any(&["using", "type"]).is_some() {
            self.any_name()?;
        }
        self.expect("on")?;
        let relation = self.defines(false)?;
        if command == "drop" {
            self.rest();
            return Ok(verb);
        }
        let scope = self.scopes.open(0);
        self.scopes.item(scope, super::super::scope::Item { name: "", schema: None, relation });
        self.parenthesised(|reader| {
            if reader.is_sign(b'(') {
                reader.expression(Place::within(scope))?;
            } else {
                let (_, name) = reader.any_name()?;
                reader.found.column(relation, name);
                if reader.is_sign(b'(') {
                    reader.parenthesised(|reader| reader.expect_number())?;
                }
            }
            reader.take_any(&["asc", "desc"]);
            Ok(())
        })?;
        self.rest();
        Ok(verb)
    }

    fn trigger(&mut self, verb: &'static str) -> Read<&'static str> {
        self.if_exists();
        self.routine_name()?;
        while !self.is("on") {
            if self.kind().is_none() {
                return self.unexpected();
            }
            self.skip();
        }
        self.skip();
        self.defines(false)?;
        self.program()?;
        Ok(self.of(Class::Ddl, Marks::NONE, verb))
    }

    fn rename(&mut self) -> Read<&'static str> {
        if self.take("user") {
            self.rest();
            return Ok(self.of(Class::Privilege, Marks::NONE, "rename user"));
        }
        if self.take_any(&["table", "tables"]).is_none() {
            return self.unexpected();
        }
        self.if_exists();
        self.list(|reader| {
            reader.defines(false)?;
            reader.waits()?;
            reader.expect("to")?;
            reader.defines(false).map(drop)
        })?;
        Ok(self.of(Class::Ddl, Marks::NONE, "rename table"))
    }

    /// GRANT and REVOKE: what stands behind ON is a relation where it is no routine and no pattern.
    fn grant(&mut self, command: &str) -> Read<&'static str> {
        if self.is("proxy") {
            self.rest();
        }
        while !self.is_over() && !matches!(self.word(), "on" | "to" | "from") {
            self.skip();
        }
        if self.take("on") {
            let object = self.take_any(&["table", "function", "procedure", "package"]);
            let star = |ahead: usize| self.tokens.bytes(self.at + ahead) == b"*";
            let pattern = star(0) || (self.sign_at(1, b'.') && star(2));
            if matches!(object, None | Some("table")) && !pattern {
                self.defines(false)?;
            }
        }
        self.rest();
        Ok(self.of(Class::Privilege, Marks::NONE, if command == "grant" { "grant" } else { "revoke" }))
    }
}

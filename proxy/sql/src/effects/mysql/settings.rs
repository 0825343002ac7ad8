//! What follows from a SET, in all its forms?

use super::reader::{Place, Read, Reader};
use crate::mysql::variables;
use crate::token::Kind;
use exchange::{Class, Marks, Setting, Unjudged};

/// Most settings one statement may change: each is compared with the others.
const SETTINGS_MAX: usize = 256;

/// What stands for the session's modes as they are.
const MODES: &str = "@@sql_mode";

/// Most calls within one another that are worked out.
const MODE_CALLS_MAX: u8 = 4;

/// For whom a variable is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Session,
    /// For everybody, now or from the next start on.
    Everybody,
    /// For one of both: a GLOBAL before it may hold for it too.
    Either,
}

/// What a variable becomes.
enum Change {
    Value(String),
    /// What it is for new sessions.
    Default,
    Unknown,
}

impl<'a> Reader<'a> {
    /// SET; what it is called: `reset` where it only returns to what the login had.
    pub(super) fn set(&mut self) -> Read<&'static str> {
        self.skip();
        match self.word() {
            "statement" => return self.set_statement(),
            "password" => {
                self.rest();
                return Ok(self.of(Class::Privilege, Marks::NONE, "set password"));
            }
            "default" if self.word_at(1) == "role" => {
                self.rest();
                return Ok(self.of(Class::Privilege, Marks::CHANGES_STORED_SETTING, "set default role"));
            }
            "role" if !self.assigns(1) => return self.set_role(),
            "resource" if self.word_at(1) == "group" => {
                self.rest();
                return Ok(self.of(Class::Maintenance, Marks::ADMINISTERS, "set resource group"));
            }
            "transaction" => {
                self.skip();
                return self.set_transaction(For::Session, true);
            }
            "session" | "local" | "global" if self.word_at(1) == "transaction" => {
                let scope = if self.is("global") { For::Everybody } else { For::Session };
                self.at += 2;
                return self.set_transaction(scope, false);
            }
            _ => {}
        }
        self.becomes(Class::Session);
        let (mut returns, mut last) = (true, For::Session);
        self.list(|reader| {
            returns &= reader.assignment(&mut last)?;
            Ok(())
        })?;
        Ok(if returns { "reset" } else { "set" })
    }

    /// Whether `=` or `:=` stands `ahead` tokens further on.
    fn assigns(&self, ahead: usize) -> bool {
        self.tokens.kind(self.at + ahead) == Some(Kind::Operator)
            && matches!(self.tokens.bytes(self.at + ahead), b"=" | b":=")
    }

    /// One of SET's parts; whether it returns to the default. `last` is for whom the one before was set.
    fn assignment(&mut self, last: &mut For) -> Read<bool> {
        match self.word() {
            "names" if !self.assigns(1) => {
                self.skip();
                return self.set_names("names");
            }
            "charset" if !self.assigns(1) => {
                self.skip();
                return self.set_names("character_set_client");
            }
            "character" | "char" if self.word_at(1) == "set" => {
                self.at += 2;
                return self.set_names("character_set_client");
            }
            _ => {}
        }
        let written = self.tokens.bytes(self.at);
        let user = matches!(self.kind(), Some(Kind::Variable)) && !written.starts_with(b"@@")
            || self.kind() == Some(Kind::Other(b'@'));
        if user {
            self.user_variable()?;
            self.equals()?;
            self.expression(Place::within(0))?;
            return Ok(false);
        }
        let (said, name) = self.variable_name()?;
        let scope = match (said, *last) {
            (Some(said), _) => said,
            (None, For::Session) => For::Session,
            (None, _) => For::Either,
        };
        *last = scope;
        self.equals()?;
        let change = self.new_value()?;
        let returns = matches!(change, Change::Default) && scope == For::Session;
        self.sets(scope, &name, change)?;
        Ok(returns)
    }

    fn equals(&mut self) -> Read {
        if self.take_operator(":=") {
            self.understood += 1;
            return Ok(());
        }
        self.expect_operator("=")
    }

    /// `a`, `GLOBAL a`, `@@session.a`, `@@cache.a`, `cache.a`.
    fn variable_name(&mut self) -> Read<(Option<For>, String)> {
        let mut scope = None;
        if self.kind() == Some(Kind::Variable) {
            let written = std::str::from_utf8(self.tokens.bytes(self.at)).unwrap_or_default();
            let mut name = written.trim_start_matches("@@").to_ascii_lowercase();
            self.skip();
            if name.is_empty() {
                name = self.any_name()?.1.to_owned();
            }
            if self.is_sign(b'.') && is_scope(&name) {
                scope = Some(of_scope(&name));
                self.skip();
                name = self.any_name()?.1.to_owned();
            }
            return Ok((scope, self.parts(name)?));
        }
        if is_scope(self.word()) && !self.assigns(1) && !self.sign_at(1, b'.') {
            scope = Some(of_scope(self.word()));
            self.skip();
        }
        let name = self.any_name()?.1.to_owned();
        Ok((scope, self.parts(name)?))
    }

    /// What follows a name behind dots: of a key cache or a component.
    fn parts(&mut self, mut name: String) -> Read<String> {
        while self.take_sign(b'.') {
            name = format!("{name}.{}", self.any_name()?.1);
        }
        Ok(name)
    }

    fn new_value(&mut self) -> Read<Change> {
        let from = self.at;
        if self.is("default") && !self.sign_at(1, b'(') {
            self.skip();
            return Ok(Change::Default);
        }
        // A word alone is a value by its name.
        let alone = matches!(self.kind(), Some(Kind::Word(_) | Kind::QuotedIdentifier))
            && matches!(self.tokens.kind(self.at + 1), None | Some(Kind::Punctuation(b',')));
        if alone || (matches!(self.word(), "on" | "all" | "binary" | "row") && !self.sign_at(1, b'(')) {
            self.skip();
        } else {
            self.expression(Place::within(0))?;
        }
        let value = self.constant(from).or_else(|| self.modes_with(from, self.at));
        Ok(value.map_or(Change::Unknown, Change::Value))
    }

    /// The session's `sql_mode` with constants before and behind it, or without one, as `@@sql_mode,ANSI`: what libraries
    /// set it to when they begin. `(SELECT …)` may stand around it.
    fn modes_with(&self, from: usize, end: usize) -> Option<String> {
        let within =
            self.tokens.kind(from) == Some(Kind::Punctuation(b'(')) && self.tokens.word(from + 1) == "select";
        let (from, end) = if within { (from + 2, end.checked_sub(1)?) } else { (from, end) };
        let (value, behind) = self.mode_part(from, MODE_CALLS_MAX)?;
        (behind == end).then_some(value)
    }

    /// A literal, `@@sql_mode`, or CONCAT or REPLACE of such, up to so many within one another; and what stands behind it.
    fn mode_part(&self, at: usize, calls: u8) -> Option<(String, usize)> {
        if self.tokens.kind(at)? == Kind::Literal {
            return Some((self.constant_at(at)?, at + 1));
        }
        let call = self.tokens.word(at);
        if matches!(call, "concat" | "replace") {
            let (parts, behind) = self.mode_parts(at + 1, calls.checked_sub(1)?)?;
            return Some((joined_modes(call, &parts)?, behind));
        }
        let written = self.tokens.bytes(at).to_ascii_lowercase();
        match written.as_slice() {
            b"@@sql_mode" => Some((MODES.to_owned(), at + 1)),
            b"@@session" | b"@@local" if self.tokens.name(at + 2)?.1 == "sql_mode" => {
                Some((MODES.to_owned(), at + 3))
            }
            _ => None,
        }
    }

    fn mode_parts(&self, at: usize, calls: u8) -> Option<(Vec<String>, usize)> {
        if self.tokens.kind(at)? != Kind::Punctuation(b'(') {
            return None;
        }
        let (mut at, mut parts) = (at + 1, Vec::new());
        loop {
            let (part, behind) = self.mode_part(at, calls)?;
            parts.push(part);
            at = behind + 1;
            match self.tokens.kind(behind)? {
                Kind::Punctuation(b',') => {}
                Kind::Punctuation(b')') => return Some((parts, at)),
                _ => return None,
            }
        }
    }

    /// What the tokens from `from` on stand for, if they are one constant.
    fn constant(&self, from: usize) -> Option<String> {
        let text = |at: usize| std::str::from_utf8(self.tokens.bytes(at)).ok();
        match (self.at - from, self.tokens.kind(from)?) {
            (1, Kind::Word(_) | Kind::QuotedIdentifier) => Some(self.tokens.name(from)?.1.to_owned()),
            (1, Kind::Number) => text(from).map(str::to_owned),
            (1, Kind::Literal) => {
                let bytes = self.tokens.string(from, self.escapes())?;
                Some(std::str::from_utf8(&bytes).ok()?.to_owned())
            }
            (2, Kind::Operator) if self.tokens.kind(from + 1)? == Kind::Number => {
                Some(format!("{}{}", text(from)?, text(from + 1)?))
            }
            _ => None,
        }
    }

    /// SET NAMES and SET CHARACTER SET, behind the words; the settings are told under the names they go by.
    fn set_names(&mut self, name: &'static str) -> Read<bool> {
        let from = self.at;
        let change = if self.take("default") {
            Change::Default
        } else if matches!(self.kind(), Some(Kind::Word(_) | Kind::QuotedIdentifier | Kind::Literal))
            && !self.sign_at(1, b'(')
        {
            self.skip();
            self.constant(from).map_or(Change::Unknown, Change::Value)
        } else {
            self.expression(Place::within(0))?;
            Change::Unknown
        };
        if name == "names" && self.take("collate") && !self.take("default") {
            self.collation()?;
        }
        let returns = matches!(change, Change::Default);
        self.sets(For::Session, if name == "names" { "character_set_client" } else { name }, change)?;
        Ok(returns)
    }

    /// The variable becomes this.
    fn sets(&mut self, scope: For, name: &str, change: Change) -> Read {
        let value = match change {
            Change::Value(value) => Some(value),
            Change::Default | Change::Unknown => None,
        };
        let mut marks = variables::variable(name, value.as_deref()).marks;
        if scope == For::Either {
            self.becomes(Class::Privilege);
            marks.insert(Marks::CHANGES_STORED_SETTING);
        }
        if scope == For::Everybody {
            self.becomes(Class::Privilege);
            let of_session = Marks::CHANGES_SETTING.with(Marks::CHANGES_READING).with(Marks::CHANGES_PATH);
            marks = Marks(marks.0 & !of_session.0).with(Marks::CHANGES_STORED_SETTING);
        }
        self.changes(name, value, marks)
    }

    /// A setting becomes this; `None` where it cannot be told.
    pub(super) fn changes(&mut self, name: &str, value: Option<String>, marks: Marks) -> Read {
        if self.found.settings_count() >= SETTINGS_MAX {
            return Err(Unjudged::TooLarge("more than 256 settings".into()));
        }
        self.found.mark(marks.with(Marks::LITERALS_DECIDE));
        self.found.setting(Setting { name: name.into(), local: self.local, value: value.map(Into::into) });
        Ok(())
    }

    /// SET TRANSACTION, behind the words. `next`: of the next transaction only.
    fn set_transaction(&mut self, scope: For, next: bool) -> Read<&'static str> {
        self.becomes(if next { Class::Transaction } else { Class::Session });
        self.list(|reader| {
            if reader.take_all(&["isolation", "level"]) {
                let level = reader.isolation()?;
                return reader.characteristic(scope, next, "transaction_isolation", level);
            }
            reader.expect("read")?;
            let Some(word) = reader.take_any(&["only", "write"]) else { return reader.unexpected() };
            let value = if word == "only" { "on" } else { "off" };
            if next && word == "only" {
                reader.found.mark(Marks::BEGINS_READ_ONLY);
            }
            reader.characteristic(scope, next, "transaction_read_only", value)
        })?;
        Ok("set transaction")
    }

    fn isolation(&mut self) -> Read<&'static str> {
        for (words, level) in [
            (&["repeatable", "read"][..], "repeatable read"),
            (&["read", "committed"][..], "read committed"),
            (&["read", "uncommitted"][..], "read uncommitted"),
            (&["serializable"][..], "serializable"),
        ] {
            if self.take_all(words) {
                return Ok(level);
            }
        }
        self.unexpected()
    }

    fn characteristic(&mut self, scope: For, next: bool, name: &str, value: &str) -> Read {
        if !next {
            return self.sets(scope, name, Change::Value(value.to_owned()));
        }
        match value {
            "off" => self.found.mark(Marks::UNDOES_READ_ONLY),
            "serializable" => self.found.mark(Marks::LOCKS_ROWS),
            _ => {}
        }
        self.found.setting(Setting { name: name.into(), local: true, value: Some(value.into()) });
        Ok(())
    }

    /// SET ROLE, behind SET.
    fn set_role(&mut self) -> Read<&'static str> {
        self.skip();
        self.becomes(Class::Session);
        let one = self.tokens.len() == self.at + 1;
        let returns = one && matches!(self.word(), "none" | "default");
        let value = if one && !returns && !self.is("all") { self.role_name() } else { None };
        self.rest();
        self.changes("role", value, Marks::CHANGES_ROLE)?;
        Ok(if returns { "reset" } else { "set" })
    }

    fn role_name(&self) -> Option<String> {
        match self.tokens.name(self.at) {
            Some((name, _)) => Some(name.to_owned()),
            None => self.constant_at(self.at),
        }
    }

    fn constant_at(&self, at: usize) -> Option<String> {
        let bytes = self.tokens.string(at, self.escapes())?;
        std::str::from_utf8(&bytes).ok().map(str::to_owned)
    }

    /// MariaDB's SET STATEMENT a = 1 FOR …: the settings hold for what runs.
    fn set_statement(&mut self) -> Read<&'static str> {
        self.skip();
        self.list(|reader| {
            let (scope, name) = reader.variable_name()?;
            reader.equals()?;
            let change = reader.new_value()?;
            reader.local = true;
            reader.sets(scope.unwrap_or(For::Session), &name, change)
        })?;
        self.expect("for")?;
        // It stands here whole, so the settings do not change how it is read. What runs a text or leaves a transaction
        // by them is not followed.
        let known = self.begins_statement()
            || matches!(self.word(), "create" | "alter" | "truncate" | "rename" | "load" | "show" | "call")
            || (self.is("drop") && self.word_at(1) != "prepare");
        if !known {
            return Err(Unjudged::Node("SET STATEMENT"));
        }
        self.understood += usize::from(self.is("update"));
        let reading = Marks(self.found.marks.0 & Marks::CHANGES_READING.0);
        self.found.marks.0 &= !reading.0;
        self.found.mark(if reading == Marks::NONE { reading } else { Marks::CHANGES_SETTING });
        self.deeper(|reader| reader.statement())
    }

    /// Whether a backslash escapes in literals.
    pub(super) fn escapes(&self) -> bool {
        !matches!(self.lexing, crate::Lexing::Mysql { no_backslash_escapes: true, .. })
    }
}

/// What the call makes of lists of modes.
fn joined_modes(call: &str, parts: &[String]) -> Option<String> {
    match (call, parts) {
        ("concat", parts) => Some(parts.concat()),
        // What is taken out of the list leaves the others, if it is no part of their names.
        ("replace", [modes, gone, with]) if modes.starts_with(MODES) && with.is_empty() => {
            let gone = gone.trim_matches(',');
            let whole =
                gone.len() > 8 && !gone.to_ascii_uppercase().contains("ANSI") && !modes.contains(gone);
            whole.then(|| modes.clone())
        }
        _ => None,
    }
}

fn of_scope(word: &str) -> For {
    if matches!(word, "session" | "local") { For::Session } else { For::Everybody }
}

fn is_scope(word: &str) -> bool {
    matches!(word, "global" | "session" | "local" | "persist" | "persist_only")
}

//! What do queries read, lock, return and write elsewhere?

use super::super::scope::Item;
use super::reader::{Place, Read, Reader};
use crate::MysqlServer;
use crate::token::Kind;
use exchange::{Access, Class, Known, Marks};

/// The LIMIT of a query: how many rows, where that is a constant.
pub(super) type Limit = Option<Option<u64>>;

/// What a query is to the statement.
#[derive(Clone, Copy)]
pub(super) struct Role {
    /// It is the whole statement, or a branch of its UNION.
    pub(super) outermost: bool,
    /// Its columns are part of what the statement returns.
    pub(super) output: bool,
    /// The condition it is part of.
    pub(super) condition: Option<u32>,
}

impl Role {
    /// A query within something that returns nothing of it.
    pub(super) const WITHIN: Role = Role { outermost: false, output: false, condition: None };
    pub(super) const WHOLE: Role = Role { outermost: true, output: true, condition: None };
}

/// A branch of a query.
struct Branch {
    /// The level its ORDER BY belongs to, if it is no query in parentheses.
    scope: Option<u32>,
    limit: Limit,
}

impl<'a> Reader<'a> {
    /// Whether a query begins `ahead` tokens further on, behind a parenthesis.
    pub(super) fn begins_query(&self, ahead: usize) -> bool {
        match self.word_at(ahead) {
            "select" | "with" | "table" => true,
            "values" => !self.sign_at(ahead + 1, b'(') || self.values_are_rows(ahead + 1),
            _ => false,
        }
    }

    /// Whether rows follow VALUES rather than an argument: what stands behind the parentheses tells.
    fn values_are_rows(&self, ahead: usize) -> bool {
        let mut depth = 0usize;
        for at in self.at + ahead..self.tokens.len() {
            match self.tokens.kind(at) {
                Some(Kind::Punctuation(b'(')) => depth += 1,
                Some(Kind::Punctuation(b')')) if depth == 1 => {
                    return match self.tokens.kind(at + 1) {
                        Some(Kind::Punctuation(b',' | b')')) => true,
                        _ => matches!(
                            self.tokens.word(at + 1),
                            "union" | "except" | "intersect" | "order" | "limit"
                        ),
                    };
                }
                Some(Kind::Punctuation(b')')) => depth -= 1,
                _ => {}
            }
        }
        false
    }

    /// Behind `(`: a query up to its `)`.
    pub(super) fn query_in_parentheses(&mut self, place: Place) -> Read {
        let role = Role { outermost: false, output: place.output, condition: place.condition };
        self.deeper(|reader| reader.query(place.scope, role))?;
        self.expect_sign(b')')
    }

    /// A query with its WITH.
    pub(super) fn query(&mut self, outer: u32, role: Role) -> Read<Limit> {
        let scope = if self.is("with") { self.with(outer)? } else { outer };
        self.query_body(scope, role)
    }

    /// WITH; the level from which its queries are seen.
    pub(super) fn with(&mut self, outer: u32) -> Read<u32> {
        self.skip();
        let recursive = self.take("recursive");
        let mut scope = outer;
        loop {
            let at = self.at;
            let (name, _) = self.name()?;
            if self.is_sign(b'(') {
                self.called.push(at);
                self.parenthesised(|reader| reader.any_name().map(drop))?;
            }
            self.expect("as")?;
            self.expect_sign(b'(')?;
            let visible = self.scopes.open_with(scope, name);
            let from = if recursive { visible } else { scope };
            self.query_in_parentheses(Place::within(from))?;
            scope = visible;
            if self.take("cycle") {
                self.list(|reader| reader.name().map(drop))?;
                self.expect("restrict")?;
            }
            if !self.take_sign(b',') {
                return Ok(scope);
            }
        }
    }

    /// A query but for its WITH.
    pub(super) fn query_body(&mut self, scope: u32, role: Role) -> Read<Limit> {
        let first = self.branch(scope, role)?;
        let joined = self.set_operations(scope, role)?;
        let own = match first.scope {
            Some(own) if !joined => own,
            _ => self.scopes.open(scope),
        };
        let limit = self.tail(own)?;
        Ok(if joined { limit } else { limit.or(first.limit) })
    }

    /// Behind a query in parentheses, where it was taken for a value: what goes on with it.
    pub(super) fn query_rest(&mut self, scope: u32) -> Read {
        self.set_operations(scope, Role::WITHIN)?;
        let own = self.scopes.open(scope);
        self.tail(own).map(drop)
    }

    /// Whether a UNION or its like stands here.
    pub(super) fn is_set_operation(&self) -> bool {
        matches!(self.word(), "union" | "except" | "intersect" | "minus")
    }

    fn set_operations(&mut self, scope: u32, role: Role) -> Read<bool> {
        let mut joined = false;
        while self.is_set_operation() {
            joined = true;
            self.skip();
            self.take_any(&["all", "distinct"]);
            self.branch(scope, role)?;
        }
        Ok(joined)
    }

    fn branch(&mut self, outer: u32, role: Role) -> Read<Branch> {
        if self.take_sign(b'(') {
            let limit = self.deeper(|reader| reader.query(outer, role))?;
            self.expect_sign(b')')?;
            return Ok(Branch { scope: None, limit });
        }
        let scope = match self.word() {
            "select" => self.select(outer, role)?,
            "values" => self.values(outer, role)?,
            "table" => self.table(outer, role)?,
            _ => return self.unexpected(),
        };
        Ok(Branch { scope: Some(scope), limit: None })
    }

    /// `VALUES ROW(1), ROW(2)`, in MariaDB `VALUES (1), (2)`.
    fn values(&mut self, outer: u32, role: Role) -> Read<u32> {
        self.skip();
        let scope = self.scopes.open(outer);
        let place = Place { output: role.output, condition: role.condition, scope };
        self.list(|reader| {
            reader.take("row");
            reader.parenthesised(|reader| reader.value(place))
        })?;
        Ok(scope)
    }

    /// `TABLE t`.
    fn table(&mut self, outer: u32, role: Role) -> Read<u32> {
        self.skip();
        let scope = self.scopes.open(outer);
        let name = self.relation_name()?;
        self.source_named(name, None, scope, Access::READ);
        let place = Place { output: role.output, ..Place::within(scope) };
        self.column("*", place);
        if role.outermost {
            self.condition(place, false, true);
        }
        Ok(scope)
    }

    fn select(&mut self, outer: u32, role: Role) -> Read<u32> {
        self.skip();
        let scope = self.scopes.open(outer);
        let within = Place { condition: role.condition, ..Place::within(scope) };
        self.select_options();
        self.called.push(self.at - 1);
        self.list(|reader| reader.select_item(Place { output: role.output, ..within }))?;
        if self.is("into") {
            self.into()?;
        }
        if self.take("from") {
            self.sources(within, Access::READ)?;
        }
        let condition = if role.outermost { self.condition(within, false, true) } else { within };
        if self.take("where") {
            self.expression(condition)?;
        }
        if self.take_all(&["group", "by"]) {
            self.group_by(within)?;
        }
        if self.take("having") {
            self.expression(within)?;
        }
        if self.is("window") && self.word_at(2) == "as" {
            self.skip();
            self.list(|reader| {
                reader.name()?;
                reader.expect("as")?;
                reader.window(within)
            })?;
        }
        if self.take("qualify") {
            self.expression(within)?;
        }
        Ok(scope)
    }

    fn select_options(&mut self) {
        while self
            .take_any(&[
                "all",
                "distinct",
                "distinctrow",
                "high_priority",
                "straight_join",
                "sql_small_result",
                "sql_big_result",
                "sql_buffer_result",
                "sql_cache",
                "sql_no_cache",
                "sql_calc_found_rows",
            ])
            .is_some()
        {}
    }

    /// An expression with its alias, `*` or `t.*`.
    pub(super) fn select_item(&mut self, place: Place) -> Read {
        if self.take_operator("*") {
            self.column("*", place);
            return Ok(());
        }
        if self.all_of(place)? {
            return Ok(());
        }
        self.expression(place)?;
        if self.take("as") {
            return if self.take_kind(Kind::Literal) { Ok(()) } else { self.any_name().map(drop) };
        }
        self.alias_of_item();
        Ok(())
    }

    /// `t.*` and `s.t.*`.
    fn all_of(&mut self, place: Place) -> Read<bool> {
        let star = |ahead: usize| {
            self.tokens.kind(self.at + ahead) == Some(Kind::Operator)
                && self.tokens.bytes(self.at + ahead) == b"*"
        };
        let named = self.tokens.name(self.at).is_some();
        if named && self.sign_at(1, b'.') && star(2) {
            let (item, _) = self.any_name()?;
            self.at += 2;
            self.column_of(None, item, "*", place);
            return Ok(true);
        }
        if named && self.sign_at(1, b'.') && self.sign_at(3, b'.') && star(4) {
            let (schema, _) = self.any_name()?;
            self.skip();
            let (item, _) = self.any_name()?;
            self.at += 2;
            self.column_of(Some(schema), item, "*", place);
            return Ok(true);
        }
        Ok(false)
    }

    fn alias_of_item(&mut self) {
        let alias = match self.kind() {
            Some(Kind::QuotedIdentifier | Kind::Literal) => true,
            Some(Kind::Word(_)) => !super::words::ends_item(self.word()),
            _ => false,
        };
        self.at += usize::from(alias);
    }

    fn group_by(&mut self, place: Place) -> Read {
        // `GROUP BY ROLLUP (a, b)`. MariaDB calls what has such a name.
        let mysql = matches!(self.lexing.server(), MysqlServer::Mysql(_));
        if mysql && matches!(self.word(), "rollup" | "cube") && self.sign_at(1, b'(') {
            self.called.push(self.at);
            self.skip();
            self.parenthesised(|reader| reader.expression(place))?;
        } else {
            self.list(|reader| reader.ordered(place))?;
        }
        if self.is("with") {
            self.skip();
            if self.take_any(&["rollup", "cube"]).is_none() {
                return self.unexpected();
            }
        }
        Ok(())
    }

    fn ordered(&mut self, place: Place) -> Read {
        self.expression(place)?;
        self.take_any(&["asc", "desc"]);
        Ok(())
    }

    pub(super) fn order_by(&mut self, place: Place) -> Read {
        self.expect("order")?;
        self.expect("by")?;
        self.list(|reader| reader.ordered(place))?;
        self.take_all(&["with", "rollup"]);
        Ok(())
    }

    /// What stands behind all branches of a query.
    fn tail(&mut self, scope: u32) -> Read<Limit> {
        let place = Place::within(scope);
        let mut limit = None;
        loop {
            match self.word() {
                "order" => self.order_by(place)?,
                "limit" => limit = self.limit(place)?.or(limit),
                "offset" => {
                    self.skip();
                    self.expect_number()?;
                    self.take_any(&["row", "rows"]);
                }
                "fetch" => limit = Some(self.fetch()?),
                "into" => self.into()?,
                "for" if matches!(self.word_at(1), "update" | "share") => self.locking(scope)?,
                "lock" => {
                    if !self.take_all(&["lock", "in", "share", "mode"]) {
                        return self.unexpected();
                    }
                    self.understood += 1;
                    self.waits()?;
                    self.locks_rows(scope, &[])?;
                }
                "procedure" => self.analyse()?,
                _ => return Ok(limit),
            }
        }
    }

    /// MariaDB's PROCEDURE ANALYSE, the one of its kind: it proposes types for what the query returns.
    fn analyse(&mut self) -> Read {
        self.skip();
        self.understood += 1;
        self.called.push(self.at);
        self.expect("analyse")?;
        self.found.function((None, "analyse"), Known::Reads);
        self.parenthesised(|reader| reader.expect_number())
    }

    /// `LIMIT 5`, `LIMIT 10, 5`, `LIMIT 5 OFFSET 10`, `LIMIT ROWS EXAMINED 100`.
    fn limit(&mut self, place: Place) -> Read<Limit> {
        self.skip();
        let mut limit = None;
        if !self.is("rows") {
            limit = Some(self.count(place)?);
            if self.take_sign(b',') {
                limit = Some(self.count(place)?);
            } else if self.take("offset") {
                self.count(place)?;
            }
        }
        if self.take_all(&["rows", "examined"]) {
            self.count(place)?;
        }
        Ok(limit)
    }

    /// A number of rows.
    pub(super) fn count(&mut self, place: Place) -> Read<Option<u64>> {
        if self.kind() == Some(Kind::Number) {
            let count =
                std::str::from_utf8(self.tokens.bytes(self.at)).ok().and_then(|text| text.parse().ok());
            self.skip();
            return Ok(count);
        }
        self.expression(place)?;
        Ok(None)
    }

    /// `FETCH FIRST 5 ROWS ONLY`.
    fn fetch(&mut self) -> Read<Option<u64>> {
        self.skip();
        if self.take_any(&["first", "next"]).is_none() {
            return self.unexpected();
        }
        let mut count = Some(1);
        if !matches!(self.word(), "row" | "rows") {
            count = self.count(Place::within(0))?;
        }
        if self.take_any(&["row", "rows"]).is_none() {
            return self.unexpected();
        }
        if self.take_all(&["with", "ties"]) {
            return Ok(None);
        }
        self.expect("only")?;
        Ok(count)
    }

    /// INTO a file of the server or variables of the session.
    pub(super) fn into(&mut self) -> Read {
        self.skip();
        self.understood += 1;
        self.goes_elsewhere = true;
        if let Some(word) = self.take_any(&["outfile", "dumpfile"]) {
            self.understood += 1;
            self.expect_literal()?;
            self.of(Class::Code, Marks::SERVER_FILE.with(Marks::LITERALS_DECIDE), "select");
            if word == "outfile" {
                self.character_set()?;
                self.fields_and_lines()?;
            }
            return Ok(());
        }
        self.becomes(Class::Session);
        self.list(Reader::user_variable)
    }

    /// `@a`.
    pub(super) fn user_variable(&mut self) -> Read {
        match self.kind() {
            Some(Kind::Variable) if !self.tokens.bytes(self.at).starts_with(b"@@") => self.skip(),
            Some(Kind::Other(b'@')) => {
                self.skip();
                self.expect_literal()?;
            }
            _ => return self.unexpected(),
        }
        Ok(())
    }

    /// `CHARACTER SET utf8mb4`, where it stands.
    pub(super) fn character_set(&mut self) -> Read {
        if self.take("charset") || self.take_all(&["character", "set"]) || self.take_all(&["char", "set"]) {
            self.collation()?;
        }
        Ok(())
    }

    /// How fields and lines of a file end.
    pub(super) fn fields_and_lines(&mut self) -> Read {
        if self.take_any(&["fields", "columns"]).is_some() {
            loop {
                if self.take("optionally") {
                    self.expect("enclosed")?;
                } else if self.take_any(&["terminated", "enclosed", "escaped"]).is_none() {
                    break;
                }
                self.separator()?;
            }
        }
        if self.take("lines") {
            while self.take_any(&["starting", "terminated"]).is_some() {
                self.separator()?;
            }
        }
        Ok(())
    }

    fn separator(&mut self) -> Read {
        self.expect("by")?;
        if self.take_literal() { Ok(()) } else { self.expect_number() }
    }

    /// FOR UPDATE, FOR SHARE.
    fn locking(&mut self, scope: u32) -> Read {
        self.at += 2;
        self.understood += 1;
        let mut chosen = Vec::new();
        if self.take("of") {
            self.list(|reader| {
                let (_, name) = reader.relation_name()?;
                chosen.push(name);
                Ok(())
            })?;
        }
        self.waits()?;
        self.locks_rows(scope, &chosen)
    }

    /// NOWAIT and its like.
    pub(super) fn waits(&mut self) -> Read {
        if self.take("wait") {
            return self.expect_number();
        }
        if !self.take("nowait") {
            self.take_all(&["skip", "locked"]);
        }
        Ok(())
    }

    fn locks_rows(&mut self, scope: u32, chosen: &[&str]) -> Read {
        self.found.mark(Marks::LOCKS_ROWS);
        self.compares(self.scopes.items(scope).len().saturating_mul(chosen.len() + 1))?;
        for position in 0..self.scopes.items(scope).len() {
            let item = self.scopes.items(scope).get(position).copied();
            let meant = |item: &Item<'_>| chosen.is_empty() || chosen.contains(&item.name);
            if let Some(relation) = item.filter(meant).and_then(|item| item.relation) {
                self.found.access(relation, Access::LOCK);
            }
        }
        Ok(())
    }

    /// What the outermost query's LIMIT means.
    pub(super) fn limited(&mut self, limit: Limit) {
        if let Some(rows) = limit {
            self.found.mark(Marks::LIMITED);
            self.found.row_limit = rows;
        }
    }
}

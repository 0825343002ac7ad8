//! Which rows of which tables does a statement add, change or remove?

use super::super::collect::Name;
use super::query::Role;
use super::reader::{Place, Read, Reader};
use crate::token::Kind;
use exchange::{Access, Class, Marks};

impl<'a> Reader<'a> {
    /// INSERT and REPLACE, behind the word; `outer` is the level their WITH gives.
    pub(super) fn insert(&mut self, outer: u32, replaces: bool) -> Read<&'static str> {
        self.queries = true;
        self.becomes(Class::Write);
        while self.take_any(&["low_priority", "high_priority", "delayed", "ignore"]).is_some() {}
        if self.take("into") {
            self.understood += 1;
        }
        let scope = self.scopes.open(outer);
        let place = Place::within(scope);
        let name = self.relation_name()?;
        self.partitions()?;
        let access = if replaces { Access::INSERT.with(Access::DELETE) } else { Access::INSERT };
        let target = self.source_target(name, scope, access);
        self.inserted(target, outer, place)?;
        if self.take("as") {
            self.row_alias(target, place)?;
        }
        if self.take_all(&["on", "duplicate", "key", "update"]) {
            self.changed_too(target);
            self.assignments(place)?;
        }
        self.returning(target, place)?;
        Ok(if replaces { "replace" } else { "insert" })
    }

    /// The relation is written to, and its columns are those of this level.
    fn source_target(&mut self, name: Name<'a>, scope: u32, access: Access) -> Option<u16> {
        let relation = self.uses(name, access);
        self.scopes.item(scope, super::super::scope::Item { name: name.1, schema: name.0, relation });
        relation
    }

    fn changed_too(&mut self, target: Option<u16>) {
        if let Some(target) = target {
            self.found.access(target, Access::UPDATE);
        }
    }

    /// The columns and the rows, or the query they come from.
    fn inserted(&mut self, target: Option<u16>, outer: u32, place: Place) -> Read {
        if self.is("set") {
            self.skip();
            return self.assignments(place);
        }
        let mut named = false;
        self.called.push(self.at - 1);
        if self.is_sign(b'(') && !self.begins_query(1) && !self.sign_at(1, b'(') {
            self.parenthesised(|reader| {
                named = true;
                reader.target_column(target)
            })?;
            if self.is("set") {
                return self.unexpected();
            }
        }
        if !named {
            self.found.column(target, "*");
        }
        match self.word() {
            "values" | "value" if self.sign_at(1, b'(') || self.word_at(1) == "row" => {
                self.skip();
                self.list(|reader| {
                    reader.take("row");
                    reader.parenthesised(|reader| reader.value(place))
                })
            }
            // The query does not see the target.
            _ => self.query(outer, Role::WITHIN).map(drop),
        }
    }

    /// A value, or one that the server finds itself.
    pub(super) fn value(&mut self, place: Place) -> Read {
        if matches!(self.word(), "default" | "ignore") && !self.sign_at(1, b'(') {
            self.skip();
            return Ok(());
        }
        self.expression(place)
    }

    /// A column that is written to, as it is named in a list: `a`, `t.a`, `s.t.a`, in LOAD DATA also `@a`.
    pub(super) fn target_column(&mut self, target: Option<u16>) -> Read {
        if matches!(self.kind(), Some(Kind::Variable | Kind::Other(b'@'))) {
            self.becomes(Class::Session);
            return self.user_variable();
        }
        let (_, mut name) = self.name()?;
        while self.take_sign(b'.') {
            name = self.any_name()?.1;
        }
        self.found.column(target, name);
        Ok(())
    }

    /// `AS new (a, b)`: the row that was to be inserted.
    fn row_alias(&mut self, target: Option<u16>, place: Place) -> Read {
        let at = self.at;
        let (name, _) = self.any_name()?;
        self.scopes.item(place.scope, super::super::scope::Item { name, schema: None, relation: target });
        if self.is_sign(b'(') {
            self.called.push(at);
            self.parenthesised(|reader| reader.any_name().map(drop))?;
        }
        Ok(())
    }

    /// `a = 1, t.b = DEFAULT`; the names of what is written to.
    fn assignments(&mut self, place: Place) -> Read {
        self.assigned(place, &mut Vec::new())
    }

    /// The same; `owners` become the names of tables that columns are qualified by, and `None` where one is not.
    fn assigned(&mut self, place: Place, owners: &mut Vec<Option<&'a str>>) -> Read {
        self.list(|reader| {
            reader.take_sign(b'.');
            let (first, mut name) = reader.name()?;
            let mut parts = vec![first];
            while reader.take_sign(b'.') {
                let (written, lower) = reader.any_name()?;
                parts.push(written);
                name = lower;
            }
            let owner = parts.len().checked_sub(2).and_then(|place| parts.get(place)).copied();
            let schema = parts.len().checked_sub(3).and_then(|place| parts.get(place)).copied();
            reader.compares(owners.len())?;
            if !owners.contains(&owner) {
                owners.push(owner);
            }
            match owner {
                Some(item) => reader.column_of(schema, item, name, place.quiet()),
                None => reader.column(name, Place { condition: None, ..place.quiet() }),
            }
            if !reader.take_operator(":=") {
                reader.expect_operator("=")?;
            } else {
                reader.understood += 1;
            }
            reader.value(Place { condition: None, ..place.quiet() })
        })
    }

    /// MariaDB's RETURNING.
    fn returning(&mut self, target: Option<u16>, place: Place) -> Read {
        if !self.take("returning") {
            return Ok(());
        }
        if let Some(target) = target {
            self.found.access(target, Access::READ);
        }
        self.found.mark(Marks::RETURNS_ROWS);
        self.list(|reader| reader.select_item(Place { output: true, ..Place::within(place.scope) }))
    }

    /// UPDATE, behind the word.
    pub(super) fn update(&mut self, outer: u32) -> Read<&'static str> {
        self.queries = true;
        self.becomes(Class::Write);
        while self.take_any(&["low_priority", "ignore"]).is_some() {}
        let scope = self.scopes.open(outer);
        let within = Place::within(scope);
        let condition = self.condition(within, true, true);
        self.called.push(self.at - 1);
        self.sources(condition, Access::NONE)?;
        self.expect("set")?;
        let mut owners = Vec::new();
        self.assigned(within, &mut owners)?;
        self.compares(self.scopes.items(scope).len().saturating_mul(owners.len()))?;
        self.updated(scope, &owners);
        self.guarded(condition)?;
        let target = self.scopes.items(scope).first().and_then(|item| item.relation);
        self.returning(target, within)?;
        Ok("update")
    }

    /// Marks which of the sources are changed; the others are read.
    fn updated(&mut self, scope: u32, owners: &[Option<&str>]) {
        let items: Vec<_> = self.scopes.items(scope).to_vec();
        let only = items.len() == 1;
        // A column without its table may be any table's.
        let any = owners.contains(&None);
        for item in &items {
            let Some(relation) = item.relation else { continue };
            let named = owners.iter().flatten().any(|owner| owner.eq_ignore_ascii_case(item.name));
            if only || any || named {
                self.found.access(relation, Access::UPDATE);
            }
            if !only {
                self.found.access(relation, Access::READ);
            }
        }
    }

    /// WHERE, ORDER BY and LIMIT of a change of rows. A LIMIT keeps it from every row, as a condition does.
    fn guarded(&mut self, condition: Place) -> Read {
        let within = Place::within(condition.scope);
        if self.take("where") {
            self.expression(condition)?;
        }
        if self.is("order") {
            self.order_by(within)?;
        }
        if self.take("limit") {
            self.count(within)?;
            if self.take_sign(b',') {
                self.count(within)?;
            }
            if let Some(condition) =
                condition.condition.and_then(|place| self.conditions.get_mut(place as usize))
            {
                condition.guards = false;
            }
        }
        Ok(())
    }

    /// DELETE, behind the word.
    pub(super) fn delete(&mut self, outer: u32) -> Read<&'static str> {
        self.queries = true;
        self.becomes(Class::Write);
        let mut history = false;
        loop {
            if self.take_any(&["low_priority", "quick", "ignore"]).is_some() {
                continue;
            }
            if self.is("history") && self.word_at(1) == "from" {
                self.skip();
                history = true;
                continue;
            }
            break;
        }
        let scope = self.scopes.open(outer);
        let condition = self.condition(Place::within(scope), true, true);
        if !self.take("from") {
            // `DELETE a, b FROM a JOIN b …`.
            let targets = self.deleted_names()?;
            self.expect("from")?;
            return self.delete_of_several(condition, &targets);
        }
        if self.names_several() {
            let targets = self.deleted_names()?;
            self.expect("using")?;
            return self.delete_of_several(condition, &targets);
        }
        self.relation(condition, Access::DELETE)?;
        if history {
            if self.take("before") {
                self.expect("system_time")?;
                self.point_in_time(Place::within(scope))?;
            }
            // What is gone are the rows of the past: no row of today is meant.
            if let Some(last) = self.conditions.last_mut() {
                last.guards = false;
            }
        }
        self.guarded(condition)?;
        let target = self.scopes.items(scope).first().and_then(|item| item.relation);
        self.returning(target, Place::within(scope))?;
        Ok("delete")
    }

    /// Whether `FROM a, b USING …` stands here: what follows the names tells.
    fn names_several(&self) -> bool {
        let mut ahead = 0;
        loop {
            ahead += usize::from(self.sign_at(ahead, b'.'));
            if self.tokens.name(self.at + ahead).is_none() {
                return false;
            }
            ahead += 1;
            while self.sign_at(ahead, b'.') {
                ahead += 2;
            }
            match self.tokens.kind(self.at + ahead) {
                Some(Kind::Punctuation(b',')) => ahead += 1,
                Some(Kind::Word(_)) => return self.word_at(ahead) == "using",
                _ => return false,
            }
        }
    }

    /// `a, s.b, c.*`.
    fn deleted_names(&mut self) -> Read<Vec<Name<'a>>> {
        let mut names = Vec::new();
        self.list(|reader| {
            reader.take_sign(b'.');
            let (first, _) = reader.name()?;
            let mut name = (None, first);
            while reader.take_sign(b'.') {
                if reader.take_operator("*") {
                    break;
                }
                name = (Some(name.1), reader.any_name()?.0);
            }
            names.push(name);
            Ok(())
        })?;
        Ok(names)
    }

    fn delete_of_several(&mut self, condition: Place, targets: &[Name<'a>]) -> Read<&'static str> {
        self.sources(condition, Access::READ)?;
        for (schema, name) in targets {
            let meant = self.scopes.find_named(condition.scope, *schema, name).map(|(_, item)| item.relation);
            match meant {
                Some(Some(relation)) => self.found.access(relation, Access::DELETE),
                // It may be found under a name that an alias hides.
                _ => {
                    self.uses((*schema, name), Access::DELETE);
                }
            }
        }
        self.guarded(condition)?;
        Ok("delete")
    }

    /// TRUNCATE, behind the word.
    pub(super) fn truncate(&mut self) -> Read<&'static str> {
        self.take("table");
        let name = self.relation_name()?;
        self.uses(name, Access::TRUNCATE);
        self.waits()?;
        Ok(self.of(Class::Write, Marks::NONE, "truncate table"))
    }

    /// LOAD DATA and LOAD XML, behind the words.
    pub(super) fn load(&mut self, xml: bool) -> Read<&'static str> {
        while self.take_any(&["low_priority", "concurrent"]).is_some() {}
        let local = self.take("local");
        self.expect("infile")?;
        self.expect_literal()?;
        let replaces = self.take_any(&["replace", "ignore"]) == Some("replace");
        self.expect("into")?;
        self.expect("table")?;
        let scope = self.scopes.open(0);
        let place = Place::within(scope);
        let name = self.relation_name()?;
        let access = if replaces { Access::INSERT.with(Access::DELETE) } else { Access::INSERT };
        let target = self.source_target(name, scope, access);
        self.partitions()?;
        self.character_set()?;
        if self.take_all(&["rows", "identified", "by"]) {
            self.expect_literal()?;
        }
        self.fields_and_lines()?;
        if self.take("ignore") {
            self.expect_number()?;
            if self.take_any(&["lines", "rows"]).is_none() {
                return self.unexpected();
            }
        }
        if self.is_sign(b'(') {
            self.parenthesised(|reader| reader.target_column(target))?;
        } else {
            self.found.column(target, "*");
        }
        if self.take("set") {
            self.assignments(place)?;
        }
        self.becomes(Class::Write);
        if local {
            self.of(Class::Write, Marks::TAKES_DATA.with(Marks::LITERALS_DECIDE), "load data");
        } else {
            self.of(Class::Code, Marks::SERVER_FILE.with(Marks::LITERALS_DECIDE), "load data");
        }
        Ok(if xml { "load xml" } else { "load data" })
    }
}

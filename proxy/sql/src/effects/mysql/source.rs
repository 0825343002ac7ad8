//! Which relations does a FROM name, and how are they joined?

use super::super::collect::Name;
use super::super::scope::Item;
use super::query::Role;
use super::reader::{Place, Read, Reader};
use super::words;
use crate::token::Kind;
use exchange::{Access, Known};

impl<'a> Reader<'a> {
    /// What stands in FROM. The condition of an inner join counts as the one `place` is in.
    pub(super) fn sources(&mut self, place: Place, access: Access) -> Read {
        self.list(|reader| reader.source(place, access))
    }

    fn source(&mut self, place: Place, access: Access) -> Read {
        self.deeper(|reader| {
            reader.factor(place, access)?;
            reader.joins(place, access)
        })
    }

    /// What is joined to the factor before.
    fn joins(&mut self, place: Place, access: Access) -> Read {
        // Rows without a match stay in an outer join: its condition keeps none away.
        let mut decides = place;
        loop {
            if self.take("natural") {
                // It compares the columns both sides have, whatever they are.
                self.found.column(None, "*");
            }
            match self.word() {
                "join" | "straight_join" => self.skip(),
                "inner" | "cross" => {
                    self.skip();
                    self.expect("join")?;
                }
                "left" | "right" | "full" => {
                    self.skip();
                    self.take("outer");
                    self.expect("join")?;
                    decides.condition = None;
                }
                // ON DUPLICATE KEY belongs to the INSERT.
                "on" if self.word_at(1) != "duplicate" => {
                    self.skip();
                    self.expression(decides)?;
                    continue;
                }
                "using" if self.sign_at(1, b'(') => {
                    self.skip();
                    self.parenthesised(|reader| {
                        let (_, name) = reader.any_name()?;
                        reader.column(name, decides);
                        Ok(())
                    })?;
                    continue;
                }
                _ => return Ok(()),
            }
            self.factor(place, access)?;
        }
    }

    fn factor(&mut self, place: Place, access: Access) -> Read {
        match self.kind() {
            Some(Kind::Punctuation(b'(')) => {
                self.skip();
                if self.parenthesis(place, access)? {
                    self.derived(place)?;
                }
                Ok(())
            }
            // ODBC's `{ OJ a LEFT JOIN b ON … }`.
            Some(Kind::Other(b'{')) => {
                self.skip();
                self.any_name()?;
                self.called.push(self.at - 1);
                self.source(place, access)?;
                if self.take_kind(Kind::Other(b'}')) { Ok(()) } else { self.unexpected() }
            }
            _ => match self.word() {
                "lateral" if self.sign_at(1, b'(') => {
                    self.at += 2;
                    self.query_in_parentheses(place.quiet())?;
                    self.derived(place)
                }
                "json_table" if self.sign_at(1, b'(') => self.json_table(place),
                "dual" if !self.sign_at(1, b'.') => {
                    self.skip();
                    Ok(())
                }
                _ => self.relation(place, access),
            },
        }
    }

    /// Behind `(`: whether it was a query. Which of both it is can be told late: `((select 1) union select 2) x`,
    /// `((select 1) x join t)`.
    fn parenthesis(&mut self, place: Place, access: Access) -> Read<bool> {
        let inside = Place::within(place.scope);
        if self.begins_query(0) || self.is("values") {
            self.deeper(|reader| reader.query(place.scope, Role::WITHIN))?;
            self.expect_sign(b')')?;
            return Ok(true);
        }
        if self.take_sign(b'(') {
            let query = self.deeper(|reader| reader.parenthesis(place, access))?;
            if query
                && (self.is_sign(b')') || self.is_set_operation() || matches!(self.word(), "order" | "limit"))
            {
                self.query_rest(inside.scope)?;
                self.expect_sign(b')')?;
                return Ok(true);
            }
            if query {
                self.derived(place)?;
            }
        } else {
            self.factor(place, access)?;
        }
        self.joins(place, access)?;
        while self.take_sign(b',') {
            self.source(place, access)?;
        }
        self.expect_sign(b')')?;
        Ok(false)
    }

    /// The alias of a query, with names for its columns.
    fn derived(&mut self, place: Place) -> Read {
        if self.is("for") && self.word_at(1) == "system_time" {
            self.system_time(place)?;
        }
        let name = self.alias()?.unwrap_or_default();
        self.scopes.item(place.scope, Item { name, schema: None, relation: None });
        if !name.is_empty() && self.is_sign(b'(') {
            self.called.push(self.at - 1);
            self.parenthesised(|reader| reader.any_name().map(drop))?;
        }
        Ok(())
    }

    /// `AS t`, or `t` alone.
    pub(super) fn alias(&mut self) -> Read<Option<&'a str>> {
        if self.take("as") {
            return Ok(Some(self.any_name()?.0));
        }
        let stands = match self.kind() {
            Some(Kind::QuotedIdentifier) => true,
            Some(Kind::Word(_)) => !words::ends_item(self.word()),
            _ => false,
        };
        if stands { Ok(Some(self.any_name()?.0)) } else { Ok(None) }
    }

    /// A relation with its partitions, its time, its alias and its hints.
    pub(super) fn relation(&mut self, place: Place, access: Access) -> Read {
        let name = self.relation_name()?;
        self.partitions()?;
        if self.is("for") && matches!(self.word_at(1), "system_time" | "portion") {
            self.system_time(place)?;
        }
        let alias = self.alias()?;
        if self.is("for") && self.word_at(1) == "system_time" {
            self.system_time(place)?;
        }
        self.index_hints()?;
        self.source_named(name, alias, place.scope, access);
        Ok(())
    }

    /// The relation or query of a WITH called so is a source of this level.
    pub(super) fn source_named(
        &mut self,
        name: Name<'a>,
        alias: Option<&'a str>,
        scope: u32,
        access: Access,
    ) -> Option<u16> {
        if name.0.is_none() && self.scopes.is_with(scope, name.1) {
            let name = alias.unwrap_or(name.1);
            self.scopes.item(scope, Item { name, schema: None, relation: None });
            return None;
        }
        let relation = self.uses(name, access);
        let (schema, name) = alias.map_or(name, |alias| (None, alias));
        self.scopes.item(scope, Item { name, schema, relation });
        relation
    }

    pub(super) fn partitions(&mut self) -> Read {
        if self.is("partition") && self.sign_at(1, b'(') {
            self.skip();
            self.parenthesised(|reader| reader.any_name().map(drop))?;
        }
        Ok(())
    }

    /// FOR SYSTEM_TIME AS OF …, FOR PORTION OF p FROM … TO ….
    fn system_time(&mut self, place: Place) -> Read {
        self.skip();
        let within = Place::within(place.scope);
        if self.take("portion") {
            self.expect("of")?;
            self.any_name()?;
            self.expect("from")?;
            self.expression(within)?;
            self.expect("to")?;
            return self.expression(within);
        }
        self.skip();
        match self.word() {
            "all" => self.skip(),
            "as" => {
                self.skip();
                self.expect("of")?;
                self.point_in_time(within)?;
            }
            // AND is read as an operator.
            "between" => {
                self.skip();
                self.point_in_time(within)?;
            }
            "from" => {
                self.skip();
                self.point_in_time(within)?;
                self.expect("to")?;
                self.point_in_time(within)?;
            }
            _ => return self.unexpected(),
        }
        Ok(())
    }

    /// A time, or the number of a transaction.
    pub(super) fn point_in_time(&mut self, place: Place) -> Read {
        let introduced = self.is("transaction") || (self.is("timestamp") && !self.sign_at(1, b'('));
        if introduced {
            self.skip();
            self.called.push(self.at - 1);
        }
        self.expression(place)
    }

    /// USE, FORCE and IGNORE INDEX.
    fn index_hints(&mut self) -> Read {
        while matches!(self.word(), "use" | "force" | "ignore")
            && matches!(self.word_at(1), "index" | "key" | "keys")
        {
            self.at += 2;
            if self.take("for")
                && !(self.take("join") || self.take_all(&["order", "by"]) || self.take_all(&["group", "by"]))
            {
                return self.unexpected();
            }
            self.parenthesised(|reader| reader.any_name().map(drop))?;
            if self.is_sign(b',') && matches!(self.word_at(1), "use" | "force" | "ignore") {
                self.skip();
            }
        }
        Ok(())
    }

    /// `JSON_TABLE(a, '$' COLUMNS (b INT PATH '$.c')) t`.
    fn json_table(&mut self, place: Place) -> Read {
        // A keyword here: no function of somebody's own is called so.
        self.called.push(self.at);
        self.found.function((None, "json_table"), Known::Reads);
        self.skip();
        self.expect_sign(b'(')?;
        self.expression(Place::within(place.scope))?;
        self.expect_sign(b',')?;
        self.expression(Place::within(place.scope))?;
        self.json_columns(place)?;
        self.expect_sign(b')')?;
        self.derived(place)
    }

    fn json_columns(&mut self, place: Place) -> Read {
        self.expect("columns")?;
        self.deeper(|reader| reader.parenthesised(|reader| reader.json_column(place)))
    }

    fn json_column(&mut self, place: Place) -> Read {
        if self.is("nested")
            && (self.word_at(1) == "path" || self.tokens.kind(self.at + 1) == Some(Kind::Literal))
        {
            self.skip();
            self.take("path");
            self.expect_literal()?;
            return self.json_columns(place);
        }
        self.any_name()?;
        if self.take("for") {
            return self.expect("ordinality");
        }
        self.data_type()?;
        self.take("exists");
        self.expect("path")?;
        self.expect_literal()?;
        while matches!(self.word(), "null" | "error" | "default") {
            self.on_empty(Place::within(place.scope))?;
        }
        Ok(())
    }
}

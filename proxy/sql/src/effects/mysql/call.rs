//! What may stand between the parentheses of a call?
//!
//! Most functions take expressions. Some have words of their own in between (`CAST(a AS CHAR)`), and what is
//! no expression there (a type, a unit, a character set) is read as what it is.

use super::reader::{Place, Read, Reader};
use super::words;
use crate::mysql::functions;
use crate::token::Kind;
use exchange::Access;

impl<'a> Reader<'a> {
    /// An unquoted word and the parenthesis behind it.
    pub(super) fn call(&mut self, place: Place) -> Read {
        let (at, name) = (self.at, self.word());
        self.calls(None, at);
        self.skip();
        self.arguments(name, place)
    }

    /// The arguments of what is called `name`, and what belongs to it behind them.
    pub(super) fn arguments(&mut self, name: &'a str, place: Place) -> Read {
        self.expect_sign(b'(')?;
        if self.take_sign(b')') {
            self.had(name, 0);
        } else {
            // How many rows there are tells nothing of what is in them.
            let inside = if name == "count" { place.quiet() } else { place };
            self.argument_list(name, inside)?;
            self.expect_sign(b')')?;
        }
        self.behind_call(place)
    }

    fn argument_list(&mut self, name: &'a str, place: Place) -> Read {
        match name {
            "cast" => {
                self.expression(place)?;
                if self.take_all(&["at", "time", "zone"]) {
                    self.take("interval");
                    self.expect_literal()?;
                }
                self.expect("as")?;
                self.data_type()
            }
            "convert" => {
                self.expression(place)?;
                if self.take("using") {
                    return self.collation();
                }
                self.expect_sign(b',')?;
                self.data_type()
            }
            "extract" => {
                self.unit()?;
                self.expect("from")?;
                self.expression(place)
            }
            "timestampadd" | "timestampdiff" => {
                self.unit()?;
                self.expect_sign(b',')?;
                self.expressions(place)
            }
            "get_format" => {
                self.skip();
                self.expect_sign(b',')?;
                self.expression(place)
            }
            "trim" | "trim_oracle" => self.trim(place),
            "nextval" | "lastval" | "setval" => self.sequence(name, place),
            _ => self.plain_arguments(name, place),
        }
    }

    fn unit(&mut self) -> Read {
        if words::is_unit(self.word()) {
            self.skip();
            return Ok(());
        }
        self.unexpected()
    }

    fn trim(&mut self, place: Place) -> Read {
        let side = self.take_any(&["both", "leading", "trailing"]).is_some();
        if !(side && self.is("from")) {
            self.expression(place)?;
        }
        if self.take("from") {
            self.expression(place)?;
        } else if self.take_sign(b',') {
            // As ORACLE mode has it.
            self.expressions(place)?;
        }
        Ok(())
    }

    /// The first argument is a sequence's name.
    fn sequence(&mut self, name: &str, place: Place) -> Read {
        let relation = self.relation_name()?;
        let access = if name == "lastval" { Access::READ } else { Access::READ.with(Access::UPDATE) };
        self.uses(relation, access);
        if self.take_sign(b',') {
            self.expressions(place)?;
        }
        Ok(())
    }

    /// Expressions, with the words aggregates and JSON functions have among them.
    fn plain_arguments(&mut self, name: &'a str, place: Place) -> Read {
        while self.take_any(&["distinct", "all", "distinctrow"]).is_some() {}
        if self.is_operator("*") {
            self.skip();
            return Ok(());
        }
        let mut count = 0;
        loop {
            self.expression(place)?;
            self.argument_words(name, place)?;
            count += 1;
            if !self.take_sign(b',') {
                self.had(name, count);
                return Ok(());
            }
        }
    }

    /// What is called `name` has so many arguments.
    fn had(&mut self, name: &'a str, arguments: usize) {
        if !functions::is_own_with(name, arguments) {
            self.found.unknown((None, name));
        }
    }

    /// What may stand behind an argument.
    fn argument_words(&mut self, name: &str, place: Place) -> Read {
        loop {
            match self.word() {
                // WEIGHT_STRING(a AS CHAR(3)), COLUMN_GET(a, 'b' AS INT).
                "as" if name == "weight_string" || name.starts_with("column_") => {
                    self.skip();
                    self.data_type()?;
                }
                // Loadable functions are told names: `udf(a AS b)`, `udf(a b)`.
                "as" => {
                    self.skip();
                    if !self.take_kind(Kind::Literal) {
                        self.any_name()?;
                    }
                }
                _ if self.kind() == Some(Kind::Literal) => self.skip(),
                _ if self.is_name() && (self.sign_at(1, b',') || self.sign_at(1, b')')) => self.skip(),
                "level" => {
                    self.skip();
                    self.list(|reader| {
                        reader.expect_number()?;
                        if reader.take_operator("-") {
                            reader.expect_number()?;
                        }
                        while reader.take_any(&["asc", "desc", "reverse"]).is_some() {}
                        Ok(())
                    })?;
                }
                "using" => {
                    self.skip();
                    self.collation()?;
                }
                // SUBSTRING(a FROM 1 FOR 2), OVERLAY.
                "from" | "for" => {
                    self.skip();
                    self.expression(place)?;
                }
                "order" => self.order_by(place.quiet())?,
                "separator" => {
                    self.skip();
                    self.expect_literal()?;
                }
                "limit" => {
                    self.skip();
                    self.expect_number()?;
                    if self.take_sign(b',') || self.take("offset") {
                        self.expect_number()?;
                    }
                }
                "returning" => {
                    self.skip();
                    self.data_type()?;
                }
                "null" | "error" | "empty" | "default" => self.on_empty(place)?,
                _ => return Ok(()),
            }
        }
    }

    /// `NULL ON EMPTY`, `DEFAULT 'a' ON ERROR`.
    pub(super) fn on_empty(&mut self, place: Place) -> Read {
        if self.take("default") {
            self.expression(place)?;
        } else if self.take("empty") {
            self.take_any(&["array", "object"]);
        } else {
            self.skip();
        }
        self.expect("on")?;
        match self.take_any(&["empty", "error", "null"]) {
            Some(_) => Ok(()),
            None => self.unexpected(),
        }
    }

    /// OVER, WITHIN GROUP, RESPECT NULLS.
    fn behind_call(&mut self, place: Place) -> Read {
        let quiet = place.quiet();
        if self.take_all(&["within", "group"]) {
            self.called.push(self.at - 1);
            self.expect_sign(b'(')?;
            self.order_by(quiet)?;
            self.expect_sign(b')')?;
        }
        if self.word_at(1) == "nulls" && self.take_any(&["respect", "ignore"]).is_some() {
            self.skip();
        }
        if self.is("from") && self.word_at(2) == "over" && matches!(self.word_at(1), "first" | "last") {
            self.at += 2;
        }
        if self.is("over") && (self.sign_at(1, b'(') || self.tokens.name(self.at + 1).is_some()) {
            self.skip();
            if self.is_sign(b'(') {
                return self.window(quiet);
            }
            self.any_name()?;
        }
        Ok(())
    }

    /// `(name PARTITION BY … ORDER BY … ROWS …)`.
    pub(super) fn window(&mut self, place: Place) -> Read {
        self.expect_sign(b'(')?;
        if self.is_name() && !matches!(self.word(), "rows" | "groups") {
            self.skip();
        }
        if self.take("partition") {
            self.expect("by")?;
            self.expressions(place)?;
        }
        if self.is("order") {
            self.order_by(place)?;
        }
        if self.take_any(&["rows", "range", "groups"]).is_some() {
            if self.take("between") {
                self.bound(place)?;
                self.expect("and")?;
            }
            self.bound(place)?;
            if self.take("exclude") {
                while self.take_any(&["current", "row", "group", "ties", "no", "others"]).is_some() {}
            }
        }
        self.expect_sign(b')')
    }

    /// Where a frame begins or ends. AND would belong to an expression, so this is one operand.
    fn bound(&mut self, place: Place) -> Read {
        if self.take_all(&["current", "row"]) {
            return Ok(());
        }
        if !self.take("unbounded") {
            let interval = self.take("interval");
            match self.kind() {
                Some(Kind::Number | Kind::Parameter | Kind::Literal | Kind::Variable) => self.skip(),
                _ if self.is_sign(b'(') => {
                    self.skip();
                    self.expression(place)?;
                    self.expect_sign(b')')?;
                }
                _ => self.expression(place)?,
            }
            if interval {
                self.unit()?;
            }
        }
        match self.take_any(&["preceding", "following"]) {
            Some(_) => Ok(()),
            None => self.unexpected(),
        }
    }

    /// The type of a CAST or a column: words, lengths, character set. Nothing in it is worked out.
    pub(super) fn data_type(&mut self) -> Read {
        if !is_type(self.word()) {
            return self.unexpected();
        }
        let from = self.at;
        loop {
            if self.at > from && self.is_sign(b'(') {
                self.called.push(self.at - 1);
                self.parenthesised(
                    |reader| {
                        if reader.take_literal() { Ok(()) } else { reader.expect_number() }
                    },
                )?;
                continue;
            }
            match self.word() {
                "character" | "char" if self.word_at(1) == "set" => {
                    self.at += 2;
                    self.collation()?;
                }
                "charset" | "collate" => {
                    self.skip();
                    self.collation()?;
                }
                word if is_type(word) => self.skip(),
                _ => return Ok(()),
            }
        }
    }
}

/// The words types consist of.
fn is_type(word: &str) -> bool {
    TYPES.binary_search(&word).is_ok()
}

/// In ascending order.
const TYPES: &[&str] = &[
    "array",
    "ascii",
    "bigint",
    "binary",
    "bit",
    "blob",
    "bool",
    "boolean",
    "byte",
    "char",
    "character",
    "clob",
    "date",
    "datetime",
    "day_second",
    "dec",
    "decimal",
    "double",
    "enum",
    "fixed",
    "float",
    "float4",
    "float8",
    "geomcollection",
    "geometry",
    "geometrycollection",
    "inet4",
    "inet6",
    "int",
    "int1",
    "int2",
    "int3",
    "int4",
    "int8",
    "integer",
    "interval",
    "json",
    "linestring",
    "long",
    "longblob",
    "longtext",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "middleint",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "national",
    "nchar",
    "number",
    "numeric",
    "nvarchar",
    "point",
    "polygon",
    "precision",
    "raw",
    "real",
    "serial",
    "set",
    "signed",
    "smallint",
    "text",
    "time",
    "timestamp",
    "tinyblob",
    "tinyint",
    "tinytext",
    "unicode",
    "unsigned",
    "uuid",
    "varbinary",
    "varchar",
    "varchar2",
    "varcharacter",
    "varying",
    "vector",
    "xmltype",
    "year",
    "zerofill",
];

#[cfg(test)]
mod tests {
    use super::TYPES;

    #[test]
    fn the_list_can_be_searched() {
        assert!(TYPES.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

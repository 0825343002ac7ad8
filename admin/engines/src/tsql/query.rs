//! Which texts are a query: SELECT with all that belongs to it?

use super::expression::{arguments, expression, expressions};
use super::lexer::Kind;
use super::words;
use super::{Parser, Read, Refusal};

/// The whole text: one query, and nothing behind it but semicolons.
pub(super) fn statement(parser: &mut Parser<'_>) -> Read {
    // `;WITH` is what people write to be sure.
    while parser.takes_sign(";") {}
    let word = parser.word_ahead(0);
    if !(matches!(word, "SELECT" | "WITH") || parser.is_sign("(")) {
        return Err(parser.unexpected("only queries are run here: this begins with something else"));
    }
    if parser.takes("WITH") {
        common_tables(parser)?;
    }
    query(parser)?;
    while parser.takes_sign(";") {}
    if parser.ahead(0).is_some() {
        return Err(parser.unexpected("this has no place behind a query"));
    }
    Ok(())
}

/// `name (columns) AS (query), …`
fn common_tables(parser: &mut Parser<'_>) -> Read {
    loop {
        parser.name()?;
        if parser.is_sign("(") {
            parser.names()?;
        }
        parser.needs("AS")?;
        parenthesised_query(parser)?;
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

pub(super) fn parenthesised_query(parser: &mut Parser<'_>) -> Read {
    parser.needs_sign("(")?;
    parser.deeper(query)?;
    parser.needs_sign(")")
}

/// Whether a query begins behind the next `by` tokens, whatever parentheses it is in.
pub(super) fn begins(parser: &Parser<'_>, mut by: usize) -> bool {
    while parser.sign_ahead(by) == "(" {
        by += 1;
    }
    parser.word_ahead(by) == "SELECT"
}

/// Queries one beside the other, and what is said of them all.
pub(super) fn query(parser: &mut Parser<'_>) -> Read {
    loop {
        if parser.is_sign("(") {
            parenthesised_query(parser)?;
        } else {
            selection(parser)?;
        }
        if parser.takes("UNION") {
            parser.takes("ALL");
        } else if !(parser.takes("EXCEPT") || parser.takes("INTERSECT")) {
            break;
        }
    }
    if parser.takes("ORDER") {
        parser.needs("BY")?;
        order(parser)?;
        if parser.takes("OFFSET") {
            paging(parser)?;
        }
    }
    if parser.is_word("FOR") {
        format(parser)?;
    }
    if parser.takes("OPTION") {
        options(parser)?;
    }
    Ok(())
}

fn selection(parser: &mut Parser<'_>) -> Read {
    parser.needs("SELECT")?;
    let _ = parser.takes("ALL") || parser.takes("DISTINCT");
    if parser.takes("TOP") {
        top(parser)?;
    }
    loop {
        item(parser)?;
        if !parser.takes_sign(",") {
            break;
        }
    }
    if parser.takes("FROM") {
        sources(parser)?;
    }
    if parser.takes("WHERE") {
        expression(parser)?;
    }
    if parser.takes("GROUP") {
        parser.needs("BY")?;
        grouping(parser)?;
    }
    if parser.takes("HAVING") {
        expression(parser)?;
    }
    if parser.takes("WINDOW") {
        windows(parser)?;
    }
    Ok(())
}

fn top(parser: &mut Parser<'_>) -> Read {
    if parser.is_sign("(") {
        parser.skip();
        parser.deeper(expression)?;
        parser.needs_sign(")")?;
    } else if parser.ahead(0).is_some_and(|token| token.kind == Kind::Number) {
        parser.skip();
    } else {
        return Err(parser.unexpected("TOP needs a number"));
    }
    parser.takes("PERCENT");
    if parser.is_word("WITH") && parser.word_ahead(1) == "TIES" {
        parser.skip();
        parser.skip();
    }
    Ok(())
}

/// `*`, `t.*`, `alias = value`, `value AS alias`. A variable is not set.
fn item(parser: &mut Parser<'_>) -> Read {
    if parser.takes_sign("*") {
        return Ok(());
    }
    let is_variable = matches!(parser.ahead(0).map(|token| &token.kind), Some(Kind::Variable { .. }));
    if is_variable && (parser.sign_ahead(1).ends_with('=') || parser.sign_ahead(2) == "=") {
        return Err(parser.refuse("a query sets no variable here", words::HINT));
    }
    // `t.*`, with as many parts as there are.
    let mut by = 0;
    while parser.is_name(by) && parser.sign_ahead(by + 1) == "." {
        by += 2;
    }
    if by > 0 && parser.sign_ahead(by) == "*" {
        parser.at += by + 1;
        return Ok(());
    }
    if parser.is_name(0) && parser.sign_ahead(1) == "=" {
        parser.skip();
        parser.skip();
        return expression(parser);
    }
    expression(parser)?;
    if parser.takes("AS") {
        let is_text = parser.ahead(0).is_some_and(|token| token.kind == Kind::Text);
        return if is_text { parser.step() } else { parser.name() };
    }
    bare_alias(parser);
    Ok(())
}

/// An alias without AS, where there is one.
fn bare_alias(parser: &mut Parser<'_>) -> bool {
    let is = parser.is_name(0) && !words::NO_ALIAS.contains(&parser.word_ahead(0));
    if is {
        parser.skip();
    }
    is
}

fn alias(parser: &mut Parser<'_>) -> Read {
    if parser.takes("AS") {
        return parser.name();
    }
    bare_alias(parser);
    Ok(())
}

fn sources(parser: &mut Parser<'_>) -> Read {
    loop {
        joined(parser)?;
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

/// One source and what is joined to it.
fn joined(parser: &mut Parser<'_>) -> Read {
    source(parser)?;
    loop {
        match (parser.word_ahead(0), parser.word_ahead(1)) {
            ("CROSS", "JOIN" | "APPLY") | ("OUTER", "APPLY") => {
                parser.skip();
                parser.skip();
                source(parser)?;
            }
            ("INNER" | "LEFT" | "RIGHT" | "FULL" | "JOIN", _) => {
                let _ = parser.takes("INNER") || {
                    let outer = parser.takes("LEFT") || parser.takes("RIGHT") || parser.takes("FULL");
                    outer && parser.takes("OUTER")
                };
                parser.needs("JOIN")?;
                // What it is joined to may be joined itself before ON: `a JOIN b JOIN c ON … ON …`.
                parser.deeper(joined)?;
                // The inner one has taken the first ON there was.
                parser.needs("ON")?;
                expression(parser)?;
            }
            _ => return Ok(()),
        }
    }
}

fn source(parser: &mut Parser<'_>) -> Read {
    if parser.is_sign("(") {
        if begins(parser, 0) {
            parenthesised_query(parser)?;
        } else if parser.word_ahead(1) == "VALUES" {
            parser.skip();
            parser.skip();
            rows(parser)?;
            parser.needs_sign(")")?;
        } else {
            parser.skip();
            parser.deeper(sources)?;
            return parser.needs_sign(")");
        }
        alias(parser)?;
        return if parser.is_sign("(") { parser.names() } else { Ok(()) };
    }
    if parser.sign_ahead(1) == "(" {
        return table_function(parser);
    }
    let begin = parser.place();
    parser.object()?;
    if parser.is_sign("(") {
        let message = "functions that somebody has made are not called: nobody knows what they do";
        return Err(Refusal::new(message, "ask the tables it reads", begin.start..parser.place().end));
    }
    if parser.is_word("FOR") && parser.word_ahead(1) == "SYSTEM_TIME" {
        parser.skip();
        parser.skip();
        period(parser)?;
    }
    alias(parser)?;
    if parser.is_word("WITH") && parser.sign_ahead(1) == "(" {
        parser.skip();
        hints(parser)?;
    }
    Ok(())
}

fn rows(parser: &mut Parser<'_>) -> Read {
    loop {
        parser.needs_sign("(")?;
        parser.deeper(expressions)?;
        parser.needs_sign(")")?;
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

fn table_function(parser: &mut Parser<'_>) -> Read {
    let name = parser.word_ahead(0).to_owned();
    if !words::TABLE_FUNCTIONS.contains(&name.as_str()) {
        if words::reason(&name, "", "").is_some() {
            return Err(parser.unexpected(""));
        }
        let message = format!("the function `{name}` is not among those that are known to only read");
        return Err(parser.refuse(message, "hints of tables are written WITH (…)"));
    }
    parser.skip();
    parser.skip();
    arguments(parser)?;
    if name == "OPENJSON" && parser.is_word("WITH") {
        parser.skip();
        parser.needs_sign("(")?;
        loop {
            parser.name()?;
            super::expression::type_name(parser)?;
            if parser.ahead(0).is_some_and(|token| token.kind == Kind::Text) {
                parser.skip();
            }
            if parser.takes("AS") {
                parser.needs("JSON")?;
            }
            if !parser.takes_sign(",") {
                break;
            }
        }
        parser.needs_sign(")")?;
    }
    alias(parser)?;
    if parser.is_sign("(") { parser.names() } else { Ok(()) }
}

/// Of a table that keeps its past.
fn period(parser: &mut Parser<'_>) -> Read {
    if parser.takes("ALL") {
        return Ok(());
    }
    if parser.takes("AS") {
        parser.needs("OF")?;
        return moment(parser);
    }
    if parser.takes("CONTAINED") {
        parser.needs("IN")?;
        parser.needs_sign("(")?;
        moment(parser)?;
        parser.needs_sign(",")?;
        moment(parser)?;
        return parser.needs_sign(")");
    }
    let between = parser.takes("BETWEEN");
    if !between {
        parser.needs("FROM")?;
    }
    moment(parser)?;
    parser.needs(if between { "AND" } else { "TO" })?;
    moment(parser)
}

fn moment(parser: &mut Parser<'_>) -> Read {
    match parser.ahead(0).map(|token| &token.kind) {
        Some(Kind::Text | Kind::Variable { .. }) => parser.step(),
        _ => Err(parser.unexpected("a moment is missing here, as a text")),
    }
}

fn hints(parser: &mut Parser<'_>) -> Read {
    parser.needs_sign("(")?;
    loop {
        let word = parser.word_ahead(0).to_owned();
        if word == "INDEX" {
            parser.skip();
            parser.needs_sign("(")?;
            let is_number = parser.ahead(0).is_some_and(|token| token.kind == Kind::Number);
            if is_number {
                parser.skip()
            } else {
                parser.name()?
            }
            parser.needs_sign(")")?;
        } else if words::TABLE_HINTS.contains(&word.as_str()) {
            parser.skip();
        } else {
            return Err(parser.unexpected("this hint of a table is not known to only read"));
        }
        if !parser.takes_sign(",") {
            return parser.needs_sign(")");
        }
    }
}

fn grouping(parser: &mut Parser<'_>) -> Read {
    loop {
        let is_list = match parser.word_ahead(0) {
            "ROLLUP" | "CUBE" => {
                parser.skip();
                true
            }
            "GROUPING" if parser.word_ahead(1) == "SETS" => {
                parser.skip();
                parser.skip();
                true
            }
            _ => false,
        };
        if is_list {
            parser.needs_sign("(")?;
            parser.deeper(sets)?;
            parser.needs_sign(")")?;
        } else {
            expression(parser)?;
        }
        if !parser.takes_sign(",") {
            break;
        }
    }
    Ok(())
}

/// Columns, and columns in parentheses, of which there may be none.
fn sets(parser: &mut Parser<'_>) -> Read {
    loop {
        if parser.takes_sign("(") {
            if !parser.is_sign(")") {
                parser.deeper(expressions)?;
            }
            parser.needs_sign(")")?;
        } else {
            expression(parser)?;
        }
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

/// What stands behind ORDER BY.
pub(super) fn order(parser: &mut Parser<'_>) -> Read {
    loop {
        expression(parser)?;
        let _ = parser.takes("ASC") || parser.takes("DESC");
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

fn paging(parser: &mut Parser<'_>) -> Read {
    expression(parser)?;
    if !(parser.takes("ROWS") || parser.takes("ROW")) {
        return Err(parser.unexpected("`ROWS` is missing here"));
    }
    if parser.takes("FETCH") {
        if !(parser.takes("NEXT") || parser.takes("FIRST")) {
            return Err(parser.unexpected("`NEXT` is missing here"));
        }
        expression(parser)?;
        if !(parser.takes("ROWS") || parser.takes("ROW")) {
            return Err(parser.unexpected("`ROWS` is missing here"));
        }
        parser.needs("ONLY")?;
    }
    Ok(())
}

fn windows(parser: &mut Parser<'_>) -> Read {
    loop {
        parser.name()?;
        parser.needs("AS")?;
        super::expression::window(parser)?;
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

/// `FOR JSON …`, `FOR XML …`: rows as one text. FOR UPDATE and FOR BROWSE are something else.
fn format(parser: &mut Parser<'_>) -> Read {
    let known: &[&str] = match parser.word_ahead(1) {
        "JSON" => &["PATH", "AUTO", "ROOT", "INCLUDE_NULL_VALUES", "WITHOUT_ARRAY_WRAPPER"],
        "XML" => &["PATH", "AUTO", "RAW", "ROOT", "TYPE", "ELEMENTS", "XSINIL", "BINARY", "BASE64"],
        _ => return Err(parser.refuse("FOR is followed by XML or JSON here", "leave FOR out")),
    };
    parser.skip();
    parser.skip();
    loop {
        if !known.contains(&parser.word_ahead(0)) {
            return Err(parser.unexpected("this is not known of a result's format"));
        }
        while known.contains(&parser.word_ahead(0)) {
            parser.skip();
        }
        if parser.takes_sign("(") {
            let is_text = parser.ahead(0).is_some_and(|token| token.kind == Kind::Text);
            if !is_text {
                return Err(parser.unexpected("a name in single quotes is missing here"));
            }
            parser.skip();
            parser.needs_sign(")")?;
        }
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

/// Hints of a query that change how it is planned, and not what it does.
fn options(parser: &mut Parser<'_>) -> Read {
    parser.needs_sign("(")?;
    loop {
        let words = (parser.word_ahead(0), parser.word_ahead(1), parser.word_ahead(2));
        let is_number = parser.ahead(1).is_some_and(|token| token.kind == Kind::Number);
        let length = match words {
            ("RECOMPILE", ..) => 1,
            ("MAXDOP" | "MAXRECURSION" | "FAST", ..) if is_number => 2,
            ("FORCE", "ORDER", _) | ("HASH" | "LOOP" | "MERGE", "JOIN", _) => 2,
            ("HASH" | "ORDER", "GROUP", _) => 2,
            ("OPTIMIZE", "FOR", "UNKNOWN") => 3,
            _ => {
                return Err(
                    parser.refuse("this option of a query is not known to be harmless", "leave it out")
                );
            }
        };
        parser.at += length;
        if !parser.takes_sign(",") {
            return parser.needs_sign(")");
        }
    }
}

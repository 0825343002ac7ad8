//! Which texts are a value or a condition?
//!
//! Operators are not weighed against each other: what is asked is only whether everything has its place.

use super::lexer::Kind;
use super::query::{begins, order, parenthesised_query};
use super::words;
use super::{Parser, Read, Refusal};

/// Operators between two values.
const BETWEEN: [&str; 17] =
    ["+", "-", "*", "/", "%", "&", "|", "^", "=", "<", ">", "<=", ">=", "<>", "!=", "!<", "!>"];

/// Values, with commas between.
pub(super) fn expressions(parser: &mut Parser<'_>) -> Read {
    loop {
        expression(parser)?;
        if !parser.takes_sign(",") {
            return Ok(());
        }
    }
}

/// One value or condition.
pub(super) fn expression(parser: &mut Parser<'_>) -> Read {
    loop {
        while parser.takes("NOT") || ["+", "-", "~"].iter().any(|sign| parser.takes_sign(sign)) {}
        operand(parser)?;
        if !goes_on(parser)? {
            return Ok(());
        }
    }
}

/// Steps over what stands behind a value; whether another value has to follow.
fn goes_on(parser: &mut Parser<'_>) -> Result<bool, Refusal> {
    loop {
        if BETWEEN.contains(&parser.sign_ahead(0)) {
            parser.skip();
            if matches!(parser.word_ahead(0), "ALL" | "ANY" | "SOME") && begins(parser, 1) {
                parser.skip();
            }
            return Ok(true);
        }
        match (parser.word_ahead(0), parser.word_ahead(1)) {
            ("AND" | "OR" | "BETWEEN" | "LIKE" | "ESCAPE", _) => {
                parser.skip();
                return Ok(true);
            }
            ("NOT", "BETWEEN" | "LIKE") => {
                parser.skip();
                parser.skip();
                return Ok(true);
            }
            ("IN", _) | ("NOT", "IN") => {
                parser.takes("NOT");
                parser.skip();
                list(parser)?;
            }
            ("IS", _) => is(parser)?,
            ("COLLATE", _) => {
                parser.skip();
                parser.name()?;
            }
            ("AT", "TIME") => {
                parser.skip();
                parser.skip();
                parser.needs("ZONE")?;
                return Ok(true);
            }
            _ => return Ok(false),
        }
    }
}

/// `IS NULL`, `IS NOT NULL`, `IS NOT DISTINCT FROM value`
fn is(parser: &mut Parser<'_>) -> Read {
    parser.skip();
    parser.takes("NOT");
    if parser.takes("DISTINCT") {
        parser.needs("FROM")?;
        return operand(parser);
    }
    parser.needs("NULL")
}

/// A query or values in parentheses.
fn list(parser: &mut Parser<'_>) -> Read {
    if begins(parser, 0) {
        return parenthesised_query(parser);
    }
    parser.needs_sign("(")?;
    parser.deeper(expressions)?;
    parser.needs_sign(")")
}

fn operand(parser: &mut Parser<'_>) -> Read {
    let Some(token) = parser.ahead(0) else { return Err(parser.unexpected("a value is missing here")) };
    match &token.kind {
        Kind::Number | Kind::Text => parser.step(),
        Kind::Variable { upper } => {
            let is_parameter = upper.strip_prefix('P').is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
            });
            if is_parameter {
                return parser.step();
            }
            Err(parser.refuse("there are no variables here", "parameters are called @P1, @P2, …"))
        }
        Kind::Global { upper } if words::GLOBALS.contains(&upper.as_str()) => parser.step(),
        Kind::Global { upper } => {
            let message = format!("`@@{upper}` is not among what may be asked of the server");
            Err(parser.refuse(message, words::HINT))
        }
        Kind::Sign("(") => parenthesised(parser),
        Kind::Quoted => named(parser),
        Kind::Word { upper } => worded(parser, &upper.clone()),
        Kind::Sign(_) => Err(parser.unexpected("a value is missing here")),
    }
}

/// A query, or one value, in parentheses.
fn parenthesised(parser: &mut Parser<'_>) -> Read {
    // `((SELECT 1) + 2)` begins like a query and is none.
    if parser.word_ahead(1) == "SELECT" {
        return parenthesised_query(parser);
    }
    parser.needs_sign("(")?;
    parser.deeper(|parser| {
        if begins(parser, 0) && is_union(parser) { super::query::query(parser) } else { expression(parser) }
    })?;
    parser.needs_sign(")")
}

/// Whether the query in parentheses that is next is one side of a UNION, or ends what is around it.
fn is_union(parser: &Parser<'_>) -> bool {
    let mut depth = 0_usize;
    let mut by = 0;
    loop {
        match parser.ahead(by).map(|token| &token.kind) {
            Some(Kind::Sign("(")) => depth += 1,
            Some(Kind::Sign(")")) => depth = depth.saturating_sub(1),
            Some(_) => {}
            None => return false,
        }
        by += 1;
        if depth == 0 {
            return matches!(parser.word_ahead(by), "UNION" | "EXCEPT" | "INTERSECT");
        }
    }
}

fn worded(parser: &mut Parser<'_>, word: &str) -> Read {
    match word {
        "NULL" => parser.step(),
        "CASE" => parser.deeper(case),
        "EXISTS" => {
            parser.skip();
            parenthesised_query(parser)
        }
        "CAST" | "TRY_CAST" if parser.sign_ahead(1) == "(" => {
            parser.skip();
            parser.skip();
            parser.deeper(expression)?;
            parser.needs("AS")?;
            type_name(parser)?;
            parser.needs_sign(")")
        }
        "CONVERT" | "TRY_CONVERT" => {
            parser.skip();
            parser.needs_sign("(")?;
            type_name(parser)?;
            parser.needs_sign(",")?;
            parser.deeper(expressions)?;
            parser.needs_sign(")")
        }
        "NEXT" if parser.word_ahead(1) == "VALUE" => Err(parser.unexpected("a value is missing here")),
        word if parser.sign_ahead(1) == "(" => call(parser, word),
        word if words::VALUES.contains(&word) => parser.step(),
        _ => named(parser),
    }
}

/// A column, with as many parts as there are. What is called by a name of several parts was made by somebody.
fn named(parser: &mut Parser<'_>) -> Read {
    let begin = parser.place();
    parser.name()?;
    while parser.takes_sign(".") {
        if !parser.is_sign(".") {
            parser.name()?;
        }
    }
    if parser.is_sign("(") {
        let message =
            "functions that somebody has made, and methods, are not called: nobody knows what they do";
        return Err(Refusal::new(message, "ask the tables it reads", begin.start..parser.place().end));
    }
    Ok(())
}

fn call(parser: &mut Parser<'_>, word: &str) -> Read {
    if !words::is_function(word) {
        if words::reason(word, "", "").is_some() {
            return Err(parser.unexpected(""));
        }
        let message = format!("the function `{word}` is not among those that are known to only compute");
        return Err(parser.refuse(message, words::HINT));
    }
    parser.skip();
    parser.skip();
    if word == "TRIM" {
        let _ = parser.takes("LEADING") || parser.takes("TRAILING") || parser.takes("BOTH");
    }
    let _ = parser.takes("DISTINCT") || parser.takes("ALL");
    arguments(parser)?;
    if parser.is_word("WITHIN") {
        parser.skip();
        parser.needs("GROUP")?;
        parser.needs_sign("(")?;
        parser.needs("ORDER")?;
        parser.needs("BY")?;
        parser.deeper(order)?;
        parser.needs_sign(")")?;
    }
    if matches!(parser.word_ahead(0), "IGNORE" | "RESPECT") && parser.word_ahead(1) == "NULLS" {
        parser.skip();
        parser.skip();
    }
    if parser.takes("OVER") {
        return if parser.is_sign("(") { window(parser) } else { parser.name() };
    }
    Ok(())
}

/// What stands behind the opening parenthesis of a call, and the closing one. `*` is for COUNT, FROM for TRIM.
pub(super) fn arguments(parser: &mut Parser<'_>) -> Read {
    if parser.takes_sign("*") || parser.is_sign(")") {
        return parser.needs_sign(")");
    }
    parser.deeper(|parser| {
        loop {
            expression(parser)?;
            if !(parser.takes_sign(",") || parser.takes("FROM")) {
                return Ok(());
            }
        }
    })?;
    parser.needs_sign(")")
}

/// `(PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)`
pub(super) fn window(parser: &mut Parser<'_>) -> Read {
    parser.needs_sign("(")?;
    parser.deeper(|parser| {
        if parser.is_name(0) && !matches!(parser.word_ahead(0), "PARTITION" | "ROWS" | "RANGE") {
            parser.name()?;
        }
        if parser.takes("PARTITION") {
            parser.needs("BY")?;
            expressions(parser)?;
        }
        if parser.takes("ORDER") {
            parser.needs("BY")?;
            order(parser)?;
        }
        if parser.takes("ROWS") || parser.takes("RANGE") {
            if parser.takes("BETWEEN") {
                frame(parser)?;
                parser.needs("AND")?;
            }
            frame(parser)?;
        }
        Ok(())
    })?;
    parser.needs_sign(")")
}

fn frame(parser: &mut Parser<'_>) -> Read {
    if parser.takes("CURRENT") {
        return parser.needs("ROW");
    }
    let is_number = parser.ahead(0).is_some_and(|token| token.kind == Kind::Number);
    if is_number {
        parser.skip();
    } else {
        parser.needs("UNBOUNDED")?;
    }
    if parser.takes("PRECEDING") || parser.takes("FOLLOWING") {
        return Ok(());
    }
    Err(parser.unexpected("`PRECEDING` or `FOLLOWING` is missing here"))
}

fn case(parser: &mut Parser<'_>) -> Read {
    parser.skip();
    if !parser.is_word("WHEN") {
        expression(parser)?;
    }
    while parser.takes("WHEN") {
        expression(parser)?;
        parser.needs("THEN")?;
        expression(parser)?;
    }
    if parser.takes("ELSE") {
        expression(parser)?;
    }
    parser.needs("END")
}

/// A type the server has by itself: `decimal(10, 2)`, `nvarchar(max)`, `double precision`.
pub(super) fn type_name(parser: &mut Parser<'_>) -> Read {
    if parser.takes("DOUBLE") {
        return parser.needs("PRECISION");
    }
    if !words::is_type(parser.word_ahead(0)) {
        return Err(parser.unexpected("this is none of the server's own types"));
    }
    parser.skip();
    if !parser.takes_sign("(") {
        return Ok(());
    }
    loop {
        let is_number = parser.ahead(0).is_some_and(|token| token.kind == Kind::Number);
        if !(is_number || parser.is_word("MAX")) {
            return Err(parser.unexpected("a length is missing here"));
        }
        parser.skip();
        if !parser.takes_sign(",") {
            return parser.needs_sign(")");
        }
    }
}

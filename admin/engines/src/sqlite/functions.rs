//! Which functions of SQLite are our own?
//!
//! Nothing can stop SQLite within one call of a function, and some of its own compare every place of one text
//! with all of another: two texts of some megabytes keep a thread busy for hours. These here say the same
//! in a time that grows with the length of the texts only.

use super::guard::VALUE_BYTES_MAX;
use memchr::memmem;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result};
use std::borrow::Cow;
use std::collections::HashSet;

/// Puts them in the place of SQLite's.
pub(super) fn put_in_place(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        // Views of the file may use them.
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, instr)?;
    connection.create_scalar_function("replace", 3, flags, replace)?;
    connection.create_scalar_function("trim", 2, flags, |call| trim(call, true, true))?;
    connection.create_scalar_function("ltrim", 2, flags, |call| trim(call, true, false))?;
    connection.create_scalar_function("rtrim", 2, flags, |call| trim(call, false, true))?;
    connection.create_scalar_function("unhex", 2, flags, |_| -> Result<Value> {
        Err(failed("unhex with a second argument cannot be used here"))
    })
}

fn failed(why: &str) -> Error {
    Error::UserFunctionError(why.into())
}

/// An argument as text; `None` for no value.
fn text<'c>(call: &'c Context<'_>, at: usize) -> Option<Cow<'c, [u8]>> {
    match call.get_raw(at) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(Cow::Owned(number.to_string().into_bytes())),
        ValueRef::Real(number) => Some(Cow::Owned(real(number).into_bytes())),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Cow::Borrowed(bytes)),
    }
}

/// A number as SQLite writes it: 15 digits, and always with a point.
fn real(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    // SQLite's zero has no sign.
    let number = if number == 0.0 { 0.0 } else { number };
    let scientific = format!("{number:.14e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let pointed = |text: &str| {
        let text = text.trim_end_matches('0');
        if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
    };
    if (-4..15).contains(&exponent) {
        let places = usize::try_from(14 - exponent).unwrap_or(0);
        let fixed = format!("{number:.places$}");
        return if fixed.contains('.') { pointed(&fixed) } else { format!("{fixed}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", pointed(digits), exponent.abs())
}

fn instr(call: &Context<'_>) -> Result<Value> {
    let (Some(within), Some(sought)) = (text(call, 0), text(call, 1)) else { return Ok(Value::Null) };
    let of_bytes = [0, 1].iter().all(|at| matches!(call.get_raw(*at), ValueRef::Blob(_)));
    let place = memmem::find(&within, &sought).map(|at| {
        let before = within.get(..at).unwrap_or_default();
        let is_start = |byte: &&u8| **byte & 0xc0 != 0x80;
        let before = if of_bytes { at } else { before.iter().filter(is_start).count() };
        i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1)
    });
    Ok(Value::Integer(place.unwrap_or(0)))
}

fn replace(call: &Context<'_>) -> Result<Value> {
    let (Some(within), Some(sought)) = (text(call, 0), text(call, 1)) else { return Ok(Value::Null) };
    if sought.is_empty() {
        return Ok(Value::Text(string(within.into_owned())));
    }
    let Some(new) = text(call, 2) else { return Ok(Value::Null) };
    let found = memmem::find_iter(&within, sought.as_ref()).count();
    let length = (within.len() - found * sought.len()).saturating_add(found.saturating_mul(new.len()));
    if length > usize::try_from(VALUE_BYTES_MAX).unwrap_or(0) {
        return Err(failed("string or blob too big"));
    }
    let (mut replaced, mut from) = (Vec::with_capacity(length), 0);
    for at in memmem::find_iter(&within, sought.as_ref()) {
        replaced.extend_from_slice(within.get(from..at).unwrap_or_default());
        replaced.extend_from_slice(&new);
        from = at + sought.len();
    }
    replaced.extend_from_slice(within.get(from..).unwrap_or_default());
    Ok(Value::Text(string(replaced)))
}

fn trim(call: &Context<'_>, at_start: bool, at_end: bool) -> Result<Value> {
    let (Some(whole), Some(taken)) = (text(call, 0), text(call, 1)) else { return Ok(Value::Null) };
    let (whole, taken) = (String::from_utf8_lossy(&whole), String::from_utf8_lossy(&taken));
    let taken: HashSet<char> = taken.chars().collect();
    let mut left = whole.as_ref();
    if at_start {
        left = left.trim_start_matches(|one| taken.contains(&one));
    }
    if at_end {
        left = left.trim_end_matches(|one| taken.contains(&one));
    }
    Ok(Value::Text(left.to_owned()))
}

fn string(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::{Duration, Instant};

    fn one(connection: &Connection, sql: &str) -> Result<Value> {
        connection.query_row(sql, [], |row| row.get(0))
    }

    #[test]
    fn they_say_what_sqlites_own_say() {
        let (theirs, ours) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
        put_in_place(&ours).unwrap();
        let values = [
            "NULL",
            "''",
            "'a'",
            "'abcabc'",
            "'äöüabc'",
            "'b'",
            "'ü'",
            "12",
            "1.5",
            "-0.0",
            "1e15",
            "123456789012345.0",
            "1e-5",
            "0.0001",
            "1.25e300",
            "-2.5e-300",
            "x'616263'",
            "x'62'",
            "x''",
            "'  aba  '",
            "'1.'",
            "100000.0",
        ];
        for a in values {
            for b in values {
                for call in [
                    format!("instr({a},{b})"),
                    format!("trim({a},{b})"),
                    format!("ltrim({a},{b})"),
                    format!("rtrim({a},{b})"),
                ] {
                    let sql = format!("SELECT {call}");
                    assert_eq!(one(&ours, &sql).unwrap(), one(&theirs, &sql).unwrap(), "{call}");
                }
                for c in ["NULL", "''", "'xy'", "7", "2.5"] {
                    let sql = format!("SELECT replace({a},{b},{c})");
                    assert_eq!(one(&ours, &sql).unwrap(), one(&theirs, &sql).unwrap(), "{sql}");
                }
            }
        }
    }

    #[test]
    fn long_texts_take_no_longer_than_they_are() {
        let ours = Connection::open_in_memory().unwrap();
        put_in_place(&ours).unwrap();
        let (long, half) = ("printf('%.*c', 4000000, 'a')", "printf('%.*c', 2000000, 'a') || 'b'");
        let begun = Instant::now();
        assert_eq!(one(&ours, &format!("SELECT instr({long}, {half})")).unwrap(), Value::Integer(0));
        assert_eq!(
            one(&ours, &format!("SELECT length(replace({long}, {half}, ''))")).unwrap(),
            Value::Integer(4_000_000)
        );
        let many = "printf('%.*c', 2000000, 'b') || 'a'";
        assert_eq!(one(&ours, &format!("SELECT trim({long}, {many})")).unwrap(), Value::Text(String::new()));
        // SQLite's own take minutes for the first alone.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let grown = one(&ours, &format!("SELECT length(replace({long}, 'a', {long}))"));
        assert!(grown.unwrap_err().to_string().contains("too big"));
        assert!(one(&ours, "SELECT unhex('41', ' ')").is_err());
        assert_eq!(one(&ours, "SELECT unhex('41')").unwrap(), Value::Blob(vec![0x41]));
    }
}

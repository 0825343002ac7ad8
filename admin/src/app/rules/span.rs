//! Where in a text does something begin that is told by line and column, and where does it end?

/// The bytes of what stands at a line and a column, both from 1: a quoted text, a word, or one character.
/// `None` where there is no such place.
pub fn span(text: &str, line: usize, column: usize) -> Option<(u32, u32)> {
    let (start, line) = nth(text, line)?;
    let place = line.char_indices().map(|(at, _)| at).chain([line.len()]).nth(column.checked_sub(1)?)?;
    let rest = line.get(place..)?;
    let mut characters = rest.char_indices();
    let end = match characters.next() {
        None => 0,
        Some((_, quote @ ('"' | '\''))) => {
            characters.find(|(_, one)| *one == quote).map_or(rest.len(), |(at, one)| at + one.len_utf8())
        }
        Some((_, one)) if is_word(one) => {
            characters.find(|(_, one)| !is_word(*one)).map_or(rest.len(), |(at, _)| at)
        }
        Some((_, one)) => one.len_utf8(),
    };
    bytes(start + place, start + place + end)
}

/// The bytes of a whole line, from 1.
pub fn line(text: &str, number: usize) -> Option<(u32, u32)> {
    let (start, line) = nth(text, number)?;
    bytes(start, start + line.len())
}

fn is_word(one: char) -> bool {
    one.is_alphanumeric() || matches!(one, '_' | '-' | '.' | '@')
}

fn bytes(from: usize, until: usize) -> Option<(u32, u32)> {
    Some((u32::try_from(from).ok()?, u32::try_from(until).ok()?))
}

/// A line and where it begins.
fn nth(text: &str, number: usize) -> Option<(usize, &str)> {
    let mut start = 0;
    for (at, line) in (1..).zip(text.split('\n')) {
        if at == number {
            return Some((start, line.strip_suffix('\r').unwrap_or(line)));
        }
        start += line.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, place: Option<(u32, u32)>) -> Option<&str> {
        place.and_then(|(from, until)| text.get(from as usize..until as usize))
    }

    #[test]
    fn a_word_a_quoted_text_and_a_sign_are_found() {
        let text = "# größer\r\n[[rule]]\nname = \"a b\"\nöl = 1";
        for (line, column, found) in [
            (2, 1, Some("[")),
            (2, 3, Some("rule")),
            (3, 1, Some("name")),
            (3, 8, Some("\"a b\"")),
            (4, 1, Some("öl")),
            (4, 6, Some("1")),
            (4, 7, Some("")),
            (1, 3, Some("größer")),
            (4, 8, None),
            (9, 1, None),
            (0, 0, None),
        ] {
            assert_eq!(shown(text, span(text, line, column)), found, "{line}:{column}");
        }
        assert_eq!(shown(text, super::line(text, 1)), Some("# größer"));
    }
}

//! Which statements does a script of MariaDB's test suite send as they stand there?

/// Words a statement begins with; what else stands in a script are commands of its runner, or made to fail.
const FIRST_WORDS: &[&str] = &[
    "alter",
    "analyze",
    "begin",
    "binlog",
    "cache",
    "call",
    "change",
    "check",
    "checksum",
    "commit",
    "create",
    "deallocate",
    "delete",
    "desc",
    "describe",
    "do",
    "drop",
    "execute",
    "explain",
    "flush",
    "get",
    "grant",
    "handler",
    "help",
    "insert",
    "install",
    "kill",
    "load",
    "lock",
    "optimize",
    "prepare",
    "purge",
    "release",
    "rename",
    "repair",
    "replace",
    "reset",
    "resignal",
    "revoke",
    "rollback",
    "savepoint",
    "select",
    "set",
    "show",
    "shutdown",
    "signal",
    "start",
    "stop",
    "table",
    "truncate",
    "uninstall",
    "unlock",
    "update",
    "use",
    "values",
    "with",
    "xa",
];

/// The statements of a script in order. Those with the runner's variables in them are left out.
pub fn statements(script: &str) -> Vec<String> {
    let mut reader =
        Reader { delimiter: ";".to_owned(), held: String::new(), quote: None, found: Vec::new() };
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        if reader.held.is_empty() {
            if let Some(end) = data_until(line) {
                lines.by_ref().find(|line| line.trim() == end);
                continue;
            }
            if reader.is_command(line) {
                continue;
            }
        }
        reader.read(line);
    }
    reader.found
}

/// What ends the lines that follow, where they are none of the script's own.
fn data_until(line: &str) -> Option<String> {
    let mut words = line.trim().trim_end_matches(';').split_whitespace();
    if !matches!(words.next()?.trim_start_matches("--"), "write_file" | "append_file" | "perl") {
        return None;
    }
    let is_mark = |word: &&str| word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    Some(words.next_back().filter(is_mark).unwrap_or("EOF").to_owned())
}

struct Reader {
    delimiter: String,
    held: String,
    quote: Option<char>,
    found: Vec<String>,
}

impl Reader {
    /// Whether the line is no part of a statement. A new delimiter is taken in.
    fn is_command(&mut self, line: &str) -> bool {
        let line = line.trim();
        let bare = line.strip_prefix("--").map_or(line, str::trim_start);
        if let Some(delimiter) = behind_word(bare, "delimiter") {
            let bare = delimiter.strip_suffix(&self.delimiter).filter(|one| !one.is_empty());
            self.delimiter = bare.unwrap_or(delimiter).trim().to_owned();
            return true;
        }
        line.is_empty() || line.starts_with('#') || line.starts_with("--")
    }

    fn read(&mut self, line: &str) {
        let is_command = line.trim_start().strip_prefix("--");
        if is_command.is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_alphabetic())) {
            // A statement without its delimiter, which its runner joins with what follows.
            self.held.clear();
            self.quote = None;
            return;
        }
        let mut rest = line;
        while let Some(one) = rest.chars().next() {
            if self.quote.is_none() && rest.starts_with(&self.delimiter) {
                rest = &rest[self.delimiter.len()..];
                self.end();
                continue;
            }
            let mut taken = one.len_utf8();
            match self.quote {
                Some(quote) if one == '\\' && quote != '`' => {
                    taken += rest[taken..].chars().next().map_or(0, char::len_utf8);
                }
                Some(quote) if one == quote => self.quote = None,
                None if matches!(one, '\'' | '"' | '`') && !self.is_in_comment() => self.quote = Some(one),
                _ => {}
            }
            self.held.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
        if self.held.trim().is_empty() {
            self.held.clear();
        } else {
            self.held.push('\n');
        }
    }

    /// Whether the line that is being read is a comment from some place on.
    fn is_in_comment(&self) -> bool {
        let line = self.held.rsplit('\n').next().unwrap_or_default();
        line.contains("-- ") || line.contains('#')
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.held);
        let text = text.trim();
        let first = text.trim_start_matches(|one: char| one == '(' || one.is_whitespace());
        let first = first.split(|one: char| !one.is_ascii_alphabetic()).next().unwrap_or_default();
        let begins = FIRST_WORDS.iter().any(|word| first.eq_ignore_ascii_case(word));
        let has_variable =
            text.split('$').skip(1).any(|rest| rest.starts_with(|one: char| one.is_ascii_alphabetic()));
        if begins && !has_variable {
            self.found.push(text.to_owned());
        }
    }
}

/// What follows a word that the line begins with.
fn behind_word<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    let (first, rest) = line.split_at_checked(word.len())?;
    (first.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

//! Which run-time settings does a startup packet ask for?
//!
//! They stand in parameters of their own and in `options`, which is a command line: cut into words at
//! white space (PostgreSQL, `pg_split_opts`), read by `getopt` and by `process_postgres_switches`.
//! `options` is applied first and the parameters after it, in their order, so the last one counts.

use super::Startup;
use std::borrow::Cow;

/// A setting's name, in lower case and as the server knows it today, and its value. An empty name stands
/// for a part of `options`, in the value, that is not understood.
pub type Setting<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// Parameters that are no settings. Those that begin with `_pq_.` are options of the protocol.
const NO_SETTINGS: [&[u8]; 4] = [b"user", b"database", b"options", b"replication"];

/// Switches that set something to their argument.
const TO_ARGUMENT: [(u8, &str); 7] = [
    (b'B', "shared_buffers"),
    (b'h', "listen_addresses"),
    (b'k', "unix_socket_directories"),
    (b'N', "max_connections"),
    (b'p', "port"),
    (b'S', "work_mem"),
    (b'W', "post_auth_delay"),
];

/// Switches that set something to a fixed value.
const TO_VALUE: [(u8, &str, &str); 7] = [
    (b'e', "datestyle", "euro"),
    (b'F', "fsync", "false"),
    (b'i', "listen_addresses", "*"),
    (b'l', "ssl", "true"),
    (b'O', "allow_system_table_mods", "true"),
    (b'P', "ignore_system_indexes", "true"),
    (b's', "log_statement_stats", "true"),
];

/// Plans that `-f` forbids, by the first letter of its argument.
const PLANS: [(u8, &str); 8] = [
    (b's', "enable_seqscan"),
    (b'i', "enable_indexscan"),
    (b'o', "enable_indexonlyscan"),
    (b'b', "enable_bitmapscan"),
    (b't', "enable_tidscan"),
    (b'n', "enable_nestloop"),
    (b'm', "enable_mergejoin"),
    (b'h', "enable_hashjoin"),
];

/// Statistics that `-t` asks for, by how its argument begins.
const STATISTICS: [(&str, &str); 3] =
    [("pa", "log_parser_stats"), ("pl", "log_planner_stats"), ("e", "log_executor_stats")];

/// What `-d` sets, up from which number.
const DEBUG: [(i64, &str, &str); 4] = [
    (2, "log_statement", "all"),
    (3, "debug_print_parse", "true"),
    (4, "debug_print_plan", "true"),
    (5, "debug_print_rewritten", "true"),
];

/// Switches a session's command line may have that set nothing: for the server's own, or for none any
/// more. Those of the second list have an argument.
const IDLE: &[u8] = b"bEjnT";
const IDLE_WITH_ARGUMENT: &[u8] = b"CDrv";

/// Names that settings had before (PostgreSQL, `map_old_guc_names`).
const FORMER_NAMES: [(&str, &str); 3] =
    [("sort_mem", "work_mem"), ("vacuum_mem", "maintenance_work_mem"), ("ssl_ecdh_curve", "ssl_groups")];

impl<'a> Startup<'a> {
    /// Every run-time setting the packet asks for, in the order in which the server applies them: of
    /// two with one name the last counts.
    pub fn settings(&self) -> Vec<Setting<'a>> {
        let mut settings = Vec::new();
        if let Some(options) = self.parameter(b"options") {
            read_options(options, &mut settings);
        }
        for (name, value) in self.parameters() {
            if !NO_SETTINGS.contains(&name) && !name.starts_with(b"_pq_.") {
                settings.push((canonical(Cow::Borrowed(name)), Cow::Borrowed(value)));
            }
        }
        settings
    }

    /// Whether the packet asks for replication in place of a session, in any of its values.
    pub fn replication(&self) -> bool {
        self.parameters().any(|(name, value)| name == b"replication" && !is_false(value))
    }
}

/// Whether the server reads a value as false (PostgreSQL, `parse_bool`: `off` and shorter forms that can
/// mean nothing else).
fn is_false(value: &[u8]) -> bool {
    let value = value.to_ascii_lowercase();
    let begins = |word: &[u8], shortest: usize| value.len() >= shortest && word.starts_with(&value);
    value == b"0" || begins(b"false", 1) || begins(b"no", 1) || begins(b"off", 2)
}

/// A name as settings are compared: ASCII letters without their case, former names as today's.
fn canonical(name: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let name = match name.iter().any(u8::is_ascii_uppercase) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => name,
    };
    match FORMER_NAMES.iter().find(|(former, _)| former.as_bytes() == &*name) {
        Some((_, today)) => Cow::Borrowed(today.as_bytes()),
        None => name,
    }
}

/// Reads `options` as the server does.
fn read_options(options: &[u8], settings: &mut Vec<Setting<'_>>) {
    let mut words = words(options).into_iter();
    while let Some(word) = words.next() {
        // `getopt` stops at `--`. Behind it, and wherever no switch begins, the server finds an argument
        // too many and ends the session.
        match word.split_first() {
            _ if word == b"--" => {
                for word in words.by_ref() {
                    settings.push(unknown(word));
                }
            }
            Some((b'-', [_, ..])) => read_switches(&word, &mut words, settings),
            _ => settings.push(unknown(word)),
        }
    }
    // In some encodings these are white space for some systems' libraries.
    if options.iter().any(|byte| matches!(byte, 0x85 | 0xa0)) {
        settings.push(unknown(options.to_vec()));
    }
}

/// The words of `options` (PostgreSQL, `pg_split_opts`): cut at white space, a backslash takes the next
/// character as it is.
fn words(options: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut rest = options.iter().copied().peekable();
    loop {
        while rest.next_if(|byte| is_space(*byte)).is_some() {}
        if rest.peek().is_none() {
            return words;
        }
        let mut word = Vec::new();
        while let Some(byte) = rest.next_if(|byte| !is_space(*byte)) {
            match byte {
                b'\\' => word.extend(rest.next()),
                byte => word.push(byte),
            }
        }
        words.push(word);
    }
}

/// C's `isspace`, which has one more than Rust's.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// Reads a word of switches: letters in a row, of which one with an argument takes what is left of the
/// word, or the next one.
fn read_switches<'a>(
    word: &[u8],
    words: &mut impl Iterator<Item = Vec<u8>>,
    settings: &mut Vec<Setting<'a>>,
) {
    let mut letters = word.get(1..).unwrap_or_default();
    while let Some((letter, after)) = letters.split_first() {
        letters = after;
        if IDLE.contains(letter) {
            continue;
        }
        if let Some((_, name, value)) = TO_VALUE.iter().find(|(switch, ..)| switch == letter) {
            settings.push(fixed(name, value));
            continue;
        }
        let argument = match after {
            [] => words.next(),
            after => Some(after.to_vec()),
        };
        let read = argument.and_then(|argument| read_argument(*letter, argument, settings));
        if read.is_none() {
            settings.push(unknown(word.to_vec()));
        }
        return;
    }
}

/// A switch that has an argument; `None` when it is not understood.
fn read_argument(letter: u8, argument: Vec<u8>, settings: &mut Vec<Setting<'_>>) -> Option<()> {
    match letter {
        b'c' | b'-' => settings.push(long(&argument)?),
        b'd' => {
            let number = leading_number(&argument);
            let level = if number > 0 { format!("debug{number}") } else { "notice".to_owned() };
            settings.push((Cow::Borrowed(b"log_min_messages"), Cow::Owned(level.into_bytes())));
            for (_, name, value) in DEBUG.iter().filter(|(from, ..)| number >= *from) {
                settings.push(fixed(name, value));
            }
        }
        b'f' => {
            let (_, name) = PLANS.iter().find(|(plan, _)| argument.first() == Some(plan))?;
            settings.push(fixed(name, "false"));
        }
        b't' => {
            let is = |(begin, _): &&(&str, &str)| argument.starts_with(begin.as_bytes());
            let (_, name) = STATISTICS.iter().find(is)?;
            settings.push(fixed(name, "true"));
        }
        _ if IDLE_WITH_ARGUMENT.contains(&letter) => {}
        _ => {
            let (_, name) = TO_ARGUMENT.iter().find(|(switch, _)| *switch == letter)?;
            settings.push((Cow::Borrowed(name.as_bytes()), Cow::Owned(argument)));
        }
    }
    Some(())
}

/// The number a text begins with, 0 without one (C's `atoi`).
fn leading_number(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (sign, digits) = match text.split_first() {
        Some((b'-', digits)) => (-1, digits),
        Some((b'+', digits)) => (1, digits),
        _ => (1, text),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    sign * digits.fold(0i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')))
}

/// A `name=value`, in whose name the server takes `-` for `_` (PostgreSQL, `ParseLongOption`).
fn long(argument: &[u8]) -> Option<Setting<'static>> {
    let equals = argument.iter().position(|byte| *byte == b'=')?;
    let (name, value) = argument.split_at(equals);
    let name = name.iter().map(|byte| if *byte == b'-' { b'_' } else { *byte }).collect();
    // An empty name is none of the server's: it would be taken for what is not understood, and is.
    Some((canonical(Cow::Owned(name)), Cow::Owned(value.get(1..)?.to_vec())))
}

fn fixed(name: &'static str, value: &'static str) -> Setting<'static> {
    (Cow::Borrowed(name.as_bytes()), Cow::Borrowed(value.as_bytes()))
}

fn unknown(part: Vec<u8>) -> Setting<'static> {
    (Cow::Borrowed(b""), Cow::Owned(part))
}

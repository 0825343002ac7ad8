//! Which bytes are secrets by their form, with no word beside them?

use super::{contains, has_any};

/// How keys and tokens begin that services hand out, and how many more letters and digits they have at least.
const BEGINNINGS: [(&[u8], usize); 23] = [
    (b"ghp_", 4),
    (b"gho_", 4),
    (b"ghu_", 4),
    (b"ghs_", 4),
    (b"ghr_", 4),
    (b"github_pat_", 4),
    (b"glpat-", 4),
    (b"AKIA", 12),
    (b"ASIA", 16),
    (b"AIza", 20),
    (b"eyJ", 8),
    (b"sk_live_", 4),
    (b"sk_test_", 4),
    (b"rk_live_", 4),
    (b"rk_test_", 4),
    (b"whsec_", 4),
    (b"xoxa-", 4),
    (b"xoxb-", 4),
    (b"xoxp-", 4),
    (b"xoxr-", 4),
    (b"xoxs-", 4),
    (b"npm_", 20),
    (b"SG.", 16),
];

/// Programs that are handed a password on their command line.
const PROGRAMS: [&[u8]; 10] = [
    b"mysql",
    b"mariadb",
    b"sshpass",
    b"curl",
    b"wget",
    b"mongo",
    b"smbclient",
    b"ldap",
    b"docker",
    b"sqlcmd",
];

/// Ways of an HTTP request to say who it is from.
const SCHEMES: [&[u8]; 5] = [b"basic", b"bearer", b"digest", b"negotiate", b"apikey"];

/// Most bytes between `Authorization` and the way: `": "`.
const BETWEEN_MAX: usize = 8;

/// Whether there is any of them in `bytes`.
pub(super) fn any(bytes: &[u8]) -> bool {
    has_token(bytes) || has_user(bytes) || has_scheme(bytes) || has_option(bytes)
}

/// Whether a key or a token begins in it as everybody knows it.
fn has_token(bytes: &[u8]) -> bool {
    let mut before = b' ';
    bytes.iter().enumerate().any(|(at, byte)| {
        let begins = !std::mem::replace(&mut before, *byte).is_ascii_alphanumeric();
        begins
            && bytes.get(at..).is_some_and(|rest| {
                BEGINNINGS.iter().any(|(beginning, more)| {
                    let behind = rest.strip_prefix(*beginning).unwrap_or_default();
                    behind.iter().take(*more).filter(|byte| byte.is_ascii_alphanumeric()).count() == *more
                })
            })
    })
}

/// Whether it has `user:password@host`, also without a `://` before it.
fn has_user(bytes: &[u8]) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'%');
    let mut has_colon = false;
    let mut before = b' ';
    for (at, byte) in bytes.iter().enumerate() {
        let last = std::mem::replace(&mut before, *byte);
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        match byte {
            // Neither `://`, nor a cast, nor `:=`.
            b':' => has_colon |= is_of_name(last) && !matches!(next, b'/' | b':' | b'=' | b'@'),
            b'@' if has_colon && (next.is_ascii_alphanumeric() || next == b'[') => return true,
            b'\'' | b'"' | b'`' => has_colon = false,
            byte if byte.is_ascii_whitespace() => has_colon = false,
            _ => {}
        }
    }
    false
}

/// Whether it has a line such as `Authorization: Basic …` of an HTTP request.
fn has_scheme(bytes: &[u8]) -> bool {
    let name = b"authorization";
    bytes.windows(name.len()).enumerate().any(|(at, window)| {
        window.eq_ignore_ascii_case(name)
            && bytes.get(at + name.len()..).is_some_and(|behind| {
                let between = behind.iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
                let way = behind.get(between..).unwrap_or_default();
                let is = |one: &[u8]| way.get(..one.len()).is_some_and(|it| it.eq_ignore_ascii_case(one));
                between <= BETWEEN_MAX && SCHEMES.iter().any(|one| is(one))
            })
    })
}

/// Whether it has a program's `-pPASSWORD` or `-u name:password`.
fn has_option(bytes: &[u8]) -> bool {
    if !contains(bytes, b"-p") && !has_any(bytes, &[b"-u", b"--user"]) || !has_any(bytes, &PROGRAMS) {
        return false;
    }
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'\'' | b'"');
    let (mut has_program, mut names_user) = (false, false);
    bytes.split(is_end).filter(|word| !word.is_empty()).any(|word| {
        let behind = word.strip_prefix(b"-u").or_else(|| word.strip_prefix(b"--user"));
        let gives_user = std::mem::replace(&mut names_user, behind.is_some());
        has_program |= has_any(word, &PROGRAMS);
        let is_both = |word: &[u8]| word.iter().skip(1).any(|byte| *byte == b':');
        let is_given = (word.starts_with(b"-p") && word.len() > b"-p".len())
            || behind.is_some_and(is_both)
            || (gives_user && is_both(word));
        has_program && is_given
    })
}

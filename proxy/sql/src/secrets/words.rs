//! Which words stand beside secrets?

mod forms;

/// What tells of a secret wherever it stands, in lower case.
const TELLING: [&[u8]; 24] = [
    b"passw",
    b"passphrase",
    b"passcode",
    b"passkey",
    b"identified",
    b"secret",
    b"credential",
    b"private_key",
    b"private key",
    b"privatekey",
    b"api_key",
    b"apikey",
    b"access_key",
    b"accesskey",
    b"auth_string",
    b"authentication_string",
    b"conninfo",
    b"dblink",
    b"pgp_",
    b"umoptions",
    b"srvoptions",
    b"fdwoptions",
    b"global_priv",
    b"mysql.user",
];

/// What tells of people and their rights, for texts that nobody can read for certain.
const OF_PEOPLE: [&[u8]; 10] =
    [b"pass", b"pwd", b"auth", b"login", b"user", b"role", b"key", b"token", b"crypt", b"grant"];

/// By what a text is put together.
const TOGETHER: [&[u8]; 16] = [
    b"||",
    b"\\",
    b"format",
    b"concat",
    b"chr",
    b"convert",
    b"decode",
    b"replace",
    b"reverse",
    b"translate",
    b"overlay",
    b"substr",
    b"pad(",
    b"unhex",
    b"base64",
    b"aggr",
];

/// Parts of a name that say that it is one of a secret.
const PARTS: [&[u8]; 15] = [
    b"pass",
    b"passwd",
    b"pwd",
    b"pw",
    b"token",
    b"tokens",
    b"jwt",
    b"otp",
    b"totp",
    b"cvv",
    b"cvc",
    b"pin",
    b"hmac",
    b"passwords",
    b"bearer",
];

/// With which a part of a name ends that is one of a secret: `dbpw`, `userpass`.
const ENDINGS: [&[u8]; 2] = [b"pw", b"pass"];

/// Everyday words that end so as well.
const EVERYDAY: [&[u8]; 6] = [b"bypass", b"compass", b"encompass", b"overpass", b"surpass", b"underpass"];

/// What tells of a secret in the name of what is handed one, wherever it stands: `setpw`, `sp_pwchange`.
const OF_TAKING: [&[u8]; 2] = [b"pw", b"pass"];

/// What a key may be for, in the part of a name before `key`.
const KEYS: [&[u8]; 13] = [
    b"account",
    b"api",
    b"access",
    b"private",
    b"secret",
    b"encryption",
    b"signing",
    b"auth",
    b"master",
    b"session",
    b"ssh",
    b"shared",
    b"license",
];

/// Functions that are handed a key or a password.
const TAKING: [&[u8]; 24] = [
    b"encrypt",
    b"decrypt",
    b"encrypt_iv",
    b"decrypt_iv",
    b"hmac",
    b"crypt",
    b"digest",
    b"md5",
    b"sha",
    b"sha1",
    b"sha2",
    b"sha224",
    b"sha256",
    b"sha384",
    b"sha512",
    b"aes_encrypt",
    b"aes_decrypt",
    b"des_encrypt",
    b"des_decrypt",
    b"login",
    b"auth",
    b"authenticate",
    b"signin",
    b"keyring_key_store",
];

/// A name as it stands in a text, with its quotes.
#[derive(Clone, Copy)]
pub(super) struct Name<'t>(pub(super) &'t [u8]);

impl<'t> Name<'t> {
    /// What is between `_`, `.`, quotes and the like.
    fn parts(self) -> impl Iterator<Item = &'t [u8]> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
        self.0.split(move |byte| !is_part(byte)).filter(|part| !part.is_empty())
    }
}

/// Whether a word is one of these, in any case.
pub(super) fn is_any(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

/// Whether bytes tell of a secret, whatever they are part of: by a word, by what an address has before its
/// `@`, by what a command line has behind `-p`, or by how keys and tokens that everybody knows begin.
pub fn tells(bytes: &[u8]) -> bool {
    has_any(bytes, &TELLING) || has_login(bytes) || forms::any(bytes)
}

/// Whether a text that nobody can read for certain is about people and what they may do.
pub(super) fn tells_of_people(bytes: &[u8]) -> bool {
    has_any(bytes, &OF_PEOPLE)
}

/// Whether a text is put together of pieces, so that a word may stand in two of them.
pub(super) fn puts_together(bytes: &[u8]) -> bool {
    has_any(bytes, &TOGETHER)
}

/// Whether the body of a routine runs texts of its own making.
pub(super) fn runs_text(bytes: &[u8]) -> bool {
    has_any(bytes, &[b"execute", b"spi_exec"])
}

/// Whether `word`, in lower case, is in `bytes`, in any case.
fn contains(bytes: &[u8], word: &[u8]) -> bool {
    has_any(bytes, &[word])
}

fn has_any(bytes: &[u8], words: &[&[u8]]) -> bool {
    #[cfg(test)]
    super::tests::count(bytes.len());
    let mut firsts = [false; 256];
    for first in words.iter().filter_map(|word| word.first()) {
        for byte in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
            if let Some(entry) = firsts.get_mut(usize::from(byte)) {
                *entry = true;
            }
        }
    }
    let begins =
        |rest: &[u8], word: &[u8]| rest.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
    bytes.iter().enumerate().any(|(at, byte)| {
        firsts.get(usize::from(*byte)) == Some(&true)
            && bytes.get(at..).is_some_and(|rest| words.iter().any(|word| begins(rest, word)))
    })
}

/// Whether `bytes` end with `word`, in lower case, in any case.
fn ends_with(bytes: &[u8], word: &[u8]) -> bool {
    let from = bytes.len().checked_sub(word.len());
    from.and_then(|from| bytes.get(from..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// Whether an address in it has a login: `postgres://name:…@host`.
fn has_login(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.windows(3).position(|three| three == b"://") {
        rest = rest.get(at + 3..).unwrap_or_default();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'\'' | b'"');
        let host = rest.split(ends).next().unwrap_or_default();
        if host.contains(&b'@') {
            return true;
        }
    }
    false
}

/// Whether a name is that of a secret.
pub(super) fn is_secret(name: Name<'_>) -> bool {
    let mut before: &[u8] = b"";
    for part in name.parts() {
        let is = |words: &[&[u8]], part: &[u8]| words.iter().any(|word| part.eq_ignore_ascii_case(word));
        let ends = ENDINGS.iter().any(|ending| ends_with(part, ending)) && !is(&EVERYDAY, part);
        if ends || (is(&[b"key", b"keys"], part) && is(&KEYS, before)) || ends_as_key(part) {
            return true;
        }
        if [&b"token"[..], b"pwd", b"apikey"].into_iter().any(|word| contains(part, word)) {
            return true;
        }
        if is(&PARTS, part) || humps(part).any(|hump| is(&PARTS, hump)) {
            return true;
        }
        before = part;
    }
    false
}

/// Whether it ends with what a key is for and `key`: `sshKey`, `AccountKey`, `signingkeys`.
fn ends_as_key(part: &[u8]) -> bool {
    let bare = part.strip_suffix(b"s").or_else(|| part.strip_suffix(b"S")).unwrap_or(part);
    let purpose = bare.len().checked_sub(b"key".len()).and_then(|at| bare.split_at_checked(at));
    purpose.is_some_and(|(purpose, key)| {
        key.eq_ignore_ascii_case(b"key") && KEYS.iter().any(|word| ends_with(purpose, word))
    })
}

/// The words of camelCase: `userPin` is `user` and `Pin`.
fn humps(part: &[u8]) -> impl Iterator<Item = &[u8]> {
    part.chunk_by(|one, next| !(one.is_ascii_lowercase() && next.is_ascii_uppercase()))
}

/// Whether a setting of this name may hold a secret. Commands are texts for a shell.
pub(crate) fn is_secret_setting(name: &[u8]) -> bool {
    has_any(name, &[b"pass", b"secret", b"key", b"token", b"cred", b"pw", b"conninfo", b"_command"])
        || is_secret(Name(name))
}

/// Whether a function of this name is handed a key or a password.
pub(super) fn takes_secret(name: Name<'_>) -> bool {
    let bare = name.0.iter().copied().filter(|byte| !matches!(byte, b'"' | b'`')).collect::<Vec<u8>>();
    has_any(&bare, &OF_TAKING)
        || TAKING.iter().any(|word| bare.eq_ignore_ascii_case(word))
        || name.parts().any(|part| TAKING.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

//! Which tokens are secrets although they are no literals?
//!
//! `ALTER ROLE a PASSWORD hunter2`, `IDENTIFIED BY hunter2`: the server rejects such a text, and the password
//! stands in it all the same. `SET app.token = hunter2` it even takes. What is read here is careful: once a
//! secret is not written as one literal, nothing behind it is shown, since it may go on there.

use crate::keyword::Keyword;
use crate::secrets;
use crate::token::{Ending, Kind, Token};

/// What may be shown of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    AsItIs,
    /// `?` in its place.
    Hidden,
    /// Nothing more of the statement.
    Nothing,
}

/// Told every significant token of a statement in order.
#[derive(Default)]
pub(super) struct Watch {
    begun: bool,
    previous: Previous,
    /// Whether PASSWORD stands before a password here, and is not the name of a column.
    of_account: bool,
    identified: bool,
    /// Whether a SET may be about a setting: in ALTER … SET and PREPARE … AS SET, beside the statement SET.
    may_set: bool,
    /// SET PASSWORD FOR somebody: the password stands behind the `=`.
    awaits: bool,
    setting: Setting,
    value: Value,
}

/// The word before, as far as it matters.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// CREATE, ALTER.
    Makes,
    /// SET at the beginning.
    Sets,
    Identified,
    /// IDENTIFIED WITH or VIA some means.
    Means,
    /// PASSWORD where it may be a column.
    Password,
    /// CONNECTION: what comes next is a secret, or LIMIT.
    Connection,
    /// What comes next is a secret.
    Expected,
}

/// The setting that a SET is about.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Setting {
    #[default]
    None,
    /// Its name comes next, or goes on.
    Naming {
        is_secret: bool,
    },
    Named {
        is_secret: bool,
    },
}

/// The secret before, if the last token was one.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Value {
    #[default]
    None,
    /// A literal that ends there.
    Literal(usize),
    /// Not one literal: it may go on.
    Open,
}

/// Words behind PASSWORD, or a setting's `=`, that are no secrets.
const SHOWN: [&str; 11] =
    ["null", "default", "on", "off", "true", "false", "expire", "history", "reuse", "require", "unbounded"];

/// What is made with a password, or with the options of a connection.
const ACCOUNTS: [&str; 6] = ["role", "user", "group", "server", "subscription", "foreign"];

/// Words that stand for PASSWORD in texts that no server takes.
const MISSPELT: [&str; 5] = ["pass", "passwd", "passwrd", "passwort", "pwd"];

/// Words between SET and the name of a setting.
const SCOPES: [&str; 5] = ["local", "session", "global", "persist", "persist_only"];

impl Watch {
    #[inline]
    pub(super) fn look(&mut self, token: &Token, source: &[u8]) -> Show {
        let first = !std::mem::replace(&mut self.begun, true);
        match std::mem::take(&mut self.value) {
            Value::None => {}
            Value::Literal(end) if token.start == end && !is_separator(token.kind) => return Show::Nothing,
            Value::Literal(_) => {}
            Value::Open if token.kind == Kind::Punctuation(b')') => {
                self.value = Value::Open;
                return Show::AsItIs;
            }
            Value::Open => return Show::Nothing,
        }
        let mut previous = std::mem::take(&mut self.previous);
        if previous == Previous::Connection {
            // CONNECTION LIMIT of a role is a number.
            let is_limit = token.bytes(source).eq_ignore_ascii_case(b"limit");
            previous = if is_limit { Previous::Other } else { Previous::Expected };
        }
        match token.kind {
            Kind::Word(keyword) => self.word(keyword, token.bytes(source), previous, first),
            Kind::QuotedIdentifier | Kind::UnicodeIdentifier | Kind::Variable => {
                self.name(token, source, previous)
            }
            Kind::Literal if previous == Previous::Expected => {
                self.value = Value::Literal(token.end);
                Show::AsItIs
            }
            Kind::Parameter => Show::AsItIs,
            Kind::Punctuation(_) | Kind::Operator => self.sign(token, source, previous),
            _ if previous == Previous::Expected => self.hide(),
            _ => Show::AsItIs,
        }
    }

    fn hide(&mut self) -> Show {
        self.value = Value::Open;
        Show::Hidden
    }

    fn word(&mut self, keyword: Keyword, bytes: &[u8], previous: Previous, first: bool) -> Show {
        let is = |words: &[&str]| words.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()));
        if previous == Previous::Expected {
            self.previous = match keyword {
                Keyword::Password => Previous::Expected,
                Keyword::For => {
                    self.awaits = true;
                    Previous::Other
                }
                _ if is(&["random", "old_password"]) => Previous::Expected,
                _ if is(&SHOWN) => Previous::Other,
                _ => return self.hide(),
            };
            return Show::AsItIs;
        }
        if self.setting != Setting::None {
            self.name_setting(keyword, bytes);
        }
        self.previous = match keyword {
            Keyword::Create => Previous::Makes,
            Keyword::Alter => {
                self.may_set |= first;
                Previous::Makes
            }
            Keyword::Prepare | Keyword::Explain if first => {
                self.may_set = true;
                Previous::Other
            }
            // What they SET are columns.
            Keyword::Update | Keyword::Insert | Keyword::Merge => {
                self.may_set = false;
                Previous::Other
            }
            Keyword::Or | Keyword::Replace if previous == Previous::Makes => Previous::Makes,
            _ if previous == Previous::Makes && is(&ACCOUNTS) => {
                self.of_account = true;
                Previous::Other
            }
            Keyword::Set if first || self.may_set => {
                self.setting = Setting::Naming { is_secret: false };
                if first { Previous::Sets } else { Previous::Other }
            }
            Keyword::Change | Keyword::Start if first => {
                self.of_account = true;
                Previous::Other
            }
            Keyword::Password if self.of_account || previous == Previous::Sets => {
                self.of_account = true;
                self.setting = Setting::None;
                Previous::Expected
            }
            Keyword::Password => Previous::Password,
            Keyword::Identified => Previous::Identified,
            Keyword::By if matches!(previous, Previous::Identified | Previous::Means) => self.expected(),
            Keyword::As | Keyword::Using if previous == Previous::Means => self.expected(),
            Keyword::With if previous == Previous::Identified => Previous::Means,
            _ if previous == Previous::Identified && is(&["via"]) => Previous::Means,
            Keyword::Replace if self.identified => Previous::Expected,
            Keyword::Or if self.identified => Previous::Means,
            _ if previous == Previous::Means => Previous::Means,
            // As people write it, though no server takes it.
            _ if self.of_account && (ends_in_password(bytes) || is(&MISSPELT)) => Previous::Expected,
            _ if self.of_account && is(&["connection"]) => Previous::Connection,
            _ if self.previous == Previous::Expected => Previous::Expected,
            _ => Previous::Other,
        };
        Show::AsItIs
    }

    fn expected(&mut self) -> Previous {
        (self.of_account, self.identified) = (true, true);
        Previous::Expected
    }

    /// Takes a word of a SET.
    fn name_setting(&mut self, keyword: Keyword, bytes: &[u8]) {
        self.setting = match self.setting {
            Setting::Naming { .. } if SCOPES.iter().any(|one| bytes.eq_ignore_ascii_case(one.as_bytes())) => {
                Setting::Naming { is_secret: false }
            }
            Setting::Naming { is_secret } => {
                Setting::Named { is_secret: is_secret || is_secret_setting(bytes) }
            }
            Setting::Named { is_secret } => {
                if is_secret && keyword == Keyword::To {
                    self.previous = Previous::Expected;
                }
                Setting::None
            }
            Setting::None => Setting::None,
        };
    }

    fn name(&mut self, token: &Token, source: &[u8], previous: Previous) -> Show {
        let bytes = token.bytes(source);
        if previous == Previous::Expected {
            return self.hide();
        }
        if previous == Previous::Means {
            self.previous = Previous::Means;
        }
        if self.setting != Setting::None {
            self.name_setting(Keyword::None, bytes);
        }
        // A name without an end may be a literal, and so may one that reads like a connection's string.
        let is_value = token.ending != Ending::Certain
            || previous == Previous::Password
            || (bytes.iter().any(|byte| matches!(byte, b'=' | b':')) && secrets::tells(bytes));
        if is_value { Show::Hidden } else { Show::AsItIs }
    }

    fn sign(&mut self, token: &Token, source: &[u8], previous: Previous) -> Show {
        let assigns = matches!(token.bytes(source), b"=" | b":=");
        if previous == Previous::Expected {
            return match token.kind {
                Kind::Punctuation(b'(' | b':') => self.goes_on(),
                Kind::Punctuation(_) => Show::AsItIs,
                _ if assigns => self.goes_on(),
                _ => self.hide(),
            };
        }
        if assigns && std::mem::take(&mut self.awaits) {
            return self.goes_on();
        }
        self.setting = match self.setting {
            Setting::Named { is_secret } if token.kind == Kind::Punctuation(b'.') => {
                Setting::Naming { is_secret }
            }
            Setting::Named { is_secret: true } if assigns => {
                self.previous = Previous::Expected;
                Setting::None
            }
            Setting::Naming { .. } if token.kind == Kind::Punctuation(b'.') => self.setting,
            _ => Setting::None,
        };
        Show::AsItIs
    }

    fn goes_on(&mut self) -> Show {
        self.previous = Previous::Expected;
        Show::AsItIs
    }
}

fn is_separator(kind: Kind) -> bool {
    matches!(kind, Kind::Punctuation(b',' | b')' | b';'))
}

fn ends_in_password(word: &[u8]) -> bool {
    let tail = word.len().checked_sub(b"_password".len()).and_then(|start| word.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b"_password"))
}

fn is_secret_setting(name: &[u8]) -> bool {
    // How passwords are stored, and whether keys are checked, is none.
    let plain = [&b"password_encryption"[..], b"foreign_key_checks", b"unique_checks"];
    !plain.iter().any(|plain| name.eq_ignore_ascii_case(plain)) && secrets::is_secret_setting(name)
}

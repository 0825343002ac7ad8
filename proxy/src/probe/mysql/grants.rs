//! What does a line of SHOW GRANTS say?
//!
//! Every privilege is taken by its name, whether this version knows it or not. A line that cannot be read whole is
//! told as such: nothing is guessed.

/// An account, or a role: MariaDB's roles have no host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) host: Option<String>,
}

impl Account {
    /// As SQL wants it.
    pub(crate) fn quoted(&self) -> String {
        // An identifier of no letters is none.
        let part = |name: &str| if name.is_empty() { String::from("''") } else { quoted(name) };
        match &self.host {
            Some(host) => format!("{}@{}", part(&self.user), part(host)),
            None if self.is_public() => String::from(PUBLIC),
            None => quoted(&self.user),
        }
    }

    /// MariaDB's role that everybody has.
    pub(crate) fn public() -> Account {
        Account { user: PUBLIC.to_owned(), host: None }
    }

    pub(crate) fn is_public(&self) -> bool {
        self.host.is_none() && self.user == PUBLIC
    }
}

const PUBLIC: &str = "PUBLIC";

/// A privilege, perhaps on some columns only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Privilege {
    /// In upper case, its words one space apart.
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

impl Privilege {
    /// As SQL wants it.
    pub(crate) fn written(&self) -> String {
        if self.columns.is_empty() {
            return self.name.clone();
        }
        let columns: Vec<String> = self.columns.iter().map(|column| quoted(column)).collect();
        format!("{} ({})", self.name, columns.join(", "))
    }
}

/// What a privilege is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// `*.*`
    Everything,
    /// A database; its name may be a pattern.
    Database(String),
    /// A table, a view, a sequence.
    Table { database: String, table: String },
    /// A stored routine; the kind as SQL has it.
    Routine { kind: String, database: String, name: String },
}

impl Object {
    /// As SQL wants it behind ON.
    pub(crate) fn written(&self) -> String {
        match self {
            Object::Everything => String::from("*.*"),
            Object::Database(name) => format!("{}.*", quoted(name)),
            Object::Table { database, table } => format!("{}.{}", quoted(database), quoted(table)),
            Object::Routine { kind, database, name } => {
                format!("{kind} {}.{}", quoted(database), quoted(name))
            }
        }
    }
}

/// A line of SHOW GRANTS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Privileges; `grantable` with the right to grant them on.
    Privileges { privileges: Vec<Privilege>, on: Object, grantable: bool },
    /// Roles; `admin` with the right to grant them on.
    Roles { roles: Vec<Account>, admin: bool },
    /// The right to act as another account.
    Proxy { of: Account },
    /// Nothing that allows anything: which role is taken at login, what a partial REVOKE keeps out.
    Nothing,
}

/// A line that is not understood whole. It may hold a hash of a password, so it is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclear;

/// Reads a line of what was said of `holder`; `None` where it is of another: of a role SHOW GRANTS tells as well what
/// the roles have that it has.
pub(crate) fn line_of(text: &str, holder: &Account) -> Result<Option<Line>, Unclear> {
    let (line, of) = line(text).ok_or(Unclear)?;
    let is_of_another = holder.host.is_none() && of.is_some_and(|of| of != *holder);
    Ok((!is_of_another).then_some(line))
}

/// Reads a list of roles as `mandatory_roles` has it: names with or without quotes, and hosts where they are not `%`.
pub(crate) fn roles(list: &str) -> Result<Vec<Account>, Unclear> {
    let is_of_name = |letter: char| !letter.is_whitespace() && !"@,`'\"".contains(letter);
    let tokens = tokens_of(list, is_of_name, false).ok_or(Unclear)?;
    let mut roles = Vec::new();
    for role in tokens.split(|token| *token == Token::Sign(',')).filter(|role| !role.is_empty()) {
        let mut at = Reader { tokens: role };
        let user = at.plain_name().ok_or(Unclear)?;
        let host = if at.takes_sign('@') { at.plain_name().ok_or(Unclear)? } else { String::from("%") };
        if !at.tokens.is_empty() {
            return Err(Unclear);
        }
        roles.push(Account { user, host: Some(host) });
    }
    Ok(roles)
}

/// Reads a line, and of whom it is; `None` where it is not understood whole.
fn line(text: &str) -> Option<(Line, Option<Account>)> {
    let tokens = tokens_of(text, is_of_word, true)?;
    let mut at = Reader { tokens: &tokens };
    match at.word()? {
        "GRANT" => grant(at).map(|(line, of)| (line, Some(of))),
        "REVOKE" => Some((Line::Nothing, None)),
        "SET" if at.takes("DEFAULT") && at.takes("ROLE") => Some((Line::Nothing, None)),
        _ => None,
    }
}

fn grant(mut at: Reader<'_>) -> Option<(Line, Account)> {
    // A name of a role is always in quotes, and a privilege never is.
    if matches!(at.tokens.first()?, Token::Quoted(_)) {
        let roles = at.accounts()?;
        let of = at.grantee()?;
        return Some((Line::Roles { roles, admin: at.ends_with("ADMIN") }, of));
    }
    let privileges = at.privileges()?;
    if !at.takes("ON") {
        return None;
    }
    if matches!(privileges.as_slice(), [one] if one.name == "PROXY") {
        let of = at.account()?;
        return Some((Line::Proxy { of }, at.grantee()?));
    }
    let on = at.object()?;
    let of = at.grantee()?;
    Some((Line::Privileges { privileges, on, grantable: at.ends_with("GRANT") }, of))
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// Outside of quotes, in upper case where the case means nothing.
    Word(String),
    Quoted(String),
    Sign(char),
}

struct Reader<'a> {
    tokens: &'a [Token],
}

impl<'a> Reader<'a> {
    fn word(&mut self) -> Option<&'a str> {
        let (Token::Word(word), rest) = self.tokens.split_first()? else { return None };
        self.tokens = rest;
        Some(word)
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let is_next = matches!(self.tokens.first(), Some(Token::Word(word)) if word == wanted);
        if is_next {
            self.word();
        }
        is_next
    }

    fn takes_sign(&mut self, wanted: char) -> bool {
        match self.tokens.split_first() {
            Some((Token::Sign(sign), rest)) if *sign == wanted => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn name(&mut self) -> Option<String> {
        let (Token::Quoted(name), rest) = self.tokens.split_first()? else { return None };
        self.tokens = rest;
        Some(name.clone())
    }

    fn account(&mut self) -> Option<Account> {
        let user = self.name()?;
        let host = if self.takes_sign('@') { Some(self.name()?) } else { None };
        Some(Account { user, host })
    }

    /// Behind TO.
    fn grantee(&mut self) -> Option<Account> {
        if !self.takes("TO") {
            return None;
        }
        if self.takes(PUBLIC) { Some(Account::public()) } else { self.account() }
    }

    /// A name in quotes or without them.
    fn plain_name(&mut self) -> Option<String> {
        let (Token::Quoted(name) | Token::Word(name), rest) = self.tokens.split_first()? else { return None };
        self.tokens = rest;
        Some(name.clone())
    }

    fn accounts(&mut self) -> Option<Vec<Account>> {
        let mut all = vec![self.account()?];
        while self.takes_sign(',') {
            all.push(self.account()?);
        }
        Some(all)
    }

    fn privileges(&mut self) -> Option<Vec<Privilege>> {
        let mut all = Vec::new();
        loop {
            let mut words = Vec::new();
            while matches!(self.tokens.first(), Some(Token::Word(word)) if word != "ON" && word != "TO") {
                words.push(self.word()?);
            }
            if words.is_empty() {
                return None;
            }
            let mut columns = Vec::new();
            if self.takes_sign('(') {
                columns.push(self.name()?);
                while self.takes_sign(',') {
                    columns.push(self.name()?);
                }
                if !self.takes_sign(')') {
                    return None;
                }
            }
            all.push(Privilege { name: words.join(" "), columns });
            if !self.takes_sign(',') {
                return Some(all);
            }
        }
    }

    fn object(&mut self) -> Option<Object> {
        let mut kind = Vec::new();
        while matches!(self.tokens.first(), Some(Token::Word(_))) {
            kind.push(self.word()?);
        }
        let kind = kind.join(" ");
        if self.takes_sign('*') {
            return (self.takes_sign('.') && self.takes_sign('*') && kind.is_empty())
                .then_some(Object::Everything);
        }
        let database = self.name()?;
        if !self.takes_sign('.') {
            return None;
        }
        if self.takes_sign('*') {
            return kind.is_empty().then_some(Object::Database(database));
        }
        let name = self.name()?;
        Some(match kind.as_str() {
            "" | "TABLE" => Object::Table { database, table: name },
            _ => Object::Routine { kind, database, name },
        })
    }

    /// Whether what is left says WITH … `word` OPTION. Passwords and options of the account stand between.
    fn ends_with(&self, word: &str) -> bool {
        let is =
            |token: Option<&Token>, wanted: &str| matches!(token, Some(Token::Word(one)) if one == wanted);
        let behind = self.tokens.iter().position(|token| is(Some(token), "WITH"));
        let options = behind.and_then(|with| self.tokens.get(with..)).unwrap_or_default();
        options.windows(2).any(|pair| is(pair.first(), word) && is(pair.get(1), "OPTION"))
    }
}

/// Cuts a text into tokens; `None` where a quote does not end.
fn tokens_of(text: &str, is_of_word: impl Fn(char) -> bool, uppercase: bool) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '`' | '\'' | '"' => {
                let mut name = String::new();
                loop {
                    match rest.next()? {
                        end if end == next && rest.peek() == Some(&next) => {
                            rest.next();
                            name.push(next);
                        }
                        end if end == next => break,
                        // In texts, not in names.
                        '\\' if next != '`' => name.push(rest.next()?),
                        other => name.push(other),
                    }
                }
                all.push(Token::Quoted(name));
            }
            space if space.is_whitespace() => {}
            letter if is_of_word(letter) => {
                let mut word = String::from(letter);
                while let Some(more) = rest.next_if(|c| is_of_word(*c)) {
                    word.push(more);
                }
                all.push(Token::Word(if uppercase { word.to_ascii_uppercase() } else { word }));
            }
            sign => all.push(Token::Sign(sign)),
        }
    }
    Some(all)
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// An identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(user: &str, host: Option<&str>) -> Account {
        Account { user: user.to_owned(), host: host.map(ToOwned::to_owned) }
    }

    /// What a line says of privileges: the list, the object, whether they may be granted on.
    fn check(text: &str, expected: &str) {
        let told = match line(text) {
            None => "not understood".to_owned(),
            Some((Line::Nothing, _)) => "nothing".to_owned(),
            Some((Line::Proxy { of }, _)) => format!("proxy of {}", of.quoted()),
            Some((Line::Roles { roles, admin }, _)) => {
                let roles: Vec<String> = roles.iter().map(Account::quoted).collect();
                format!("{}{}", roles.join(" and "), if admin { ", on" } else { "" })
            }
            Some((Line::Privileges { privileges, on, grantable }, _)) => {
                let list: Vec<String> = privileges.iter().map(Privilege::written).collect();
                format!("{} at {}{}", list.join(" and "), on.written(), if grantable { ", on" } else { "" })
            }
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn mariadbs_lines() {
        check("GRANT USAGE ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*94BD'", "USAGE at *.*");
        check(
            "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` IDENTIFIED VIA mysql_native_password USING 'invalid' OR \
             unix_socket WITH GRANT OPTION",
            "ALL PRIVILEGES at *.*, on",
        );
        check(
            "GRANT SELECT, CREATE TEMPORARY TABLES ON `sh``op\\_%`.* TO `u`@`%`",
            "SELECT and CREATE TEMPORARY TABLES at `sh``op\\_%`.*",
        );
        check(
            "GRANT SELECT (`a`, `b`), UPDATE (`c, ON`) ON `shop`.`or``ders` TO `u`@`%` WITH GRANT OPTION",
            "SELECT (`a`, `b`) and UPDATE (`c, ON`) at `shop`.`or``ders`, on",
        );
        check("GRANT EXECUTE ON PROCEDURE `shop`.`buy` TO `u`@`%`", "EXECUTE at PROCEDURE `shop`.`buy`");
        check("GRANT EXECUTE ON PACKAGE BODY `a`.`b` TO `u`@`%`", "EXECUTE at PACKAGE BODY `a`.`b`");
        check("GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", "proxy of ''@`%`");
        check("GRANT `writer` TO `u`@`%`", "`writer`");
        check("GRANT `writer` TO `u`@`%` WITH ADMIN OPTION", "`writer`, on");
        check("SET DEFAULT ROLE `writer` FOR `u`@`%`", "nothing");
        check("GRANT INSERT ON `test`.* TO PUBLIC", "INSERT at `test`.*");
        check(
            "GRANT USAGE ON *.* TO `u`@`%` REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 5 GRANT OPTION",
            "USAGE at *.*, on",
        );
        check("GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD ' WITH GRANT OPTION'", "USAGE at *.*");
    }

    #[test]
    fn mysqls_lines() {
        check(
            "GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `u`@`%`",
            "BACKUP_ADMIN and XA_RECOVER_ADMIN at *.*",
        );
        check(
            "GRANT `r`@`%`,`s`@`localhost` TO `u`@`%` WITH ADMIN OPTION",
            "`r`@`%` and `s`@`localhost`, on",
        );
        check("REVOKE SELECT ON `mysql`.* FROM `u`@`%`", "nothing");
        check("GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION", "proxy of ''@''");
    }

    #[test]
    fn what_is_no_such_line_is_not_understood() {
        for text in [
            "",
            "GRANT",
            "GRANT SELECT",
            "GRANT SELECT ON TO `u`@`%`",
            "GRANT SELECT ON `shop` TO `u`@`%`",
            "GRANT , ON *.* TO `u`@`%`",
            "GRANT SELECT (a) ON `s`.`t` TO `u`@`%`",
            "GRANT SELECT ON `shop.* TO `u`@`%`",
            "GRANT SELECT ON PROCEDURE *.* TO `u`@`%`",
            "DENY SELECT ON *.* TO `u`@`%`",
        ] {
            check(text, "not understood");
        }
    }

    #[test]
    fn of_a_role_only_its_own_lines_count_and_of_an_account_all() {
        let of = |text: &str, holder: &Account| line_of(text, holder).map(|line| line.is_some());
        let (one, two) = (account("one", None), account("two", None));
        assert_eq!(of("GRANT DROP ON `o`.* TO `two`", &one), Ok(false));
        assert_eq!(of("GRANT DROP ON `o`.* TO `two`", &two), Ok(true));
        assert_eq!(of("GRANT DROP ON `o`.* TO PUBLIC", &Account::public()), Ok(true));
        // However the server writes the name of the account it was asked about.
        assert_eq!(of("GRANT DROP ON `o`.* TO `u`@`LOCALHOST`", &account("u", Some("localhost"))), Ok(true));
        assert_eq!(of("GRANT DROP ON `o`", &one), Err(Unclear));
    }

    #[test]
    fn a_list_of_mandatory_roles_is_read() {
        let check = |list: &str, expected: &[&str]| {
            let found = roles(list).map(|all| all.iter().map(Account::quoted).collect::<Vec<_>>());
            assert_eq!(found, Ok(expected.iter().map(ToString::to_string).collect()), "{list}");
        };
        check("", &[]);
        check("reader", &["`reader`@`%`"]);
        check(
            "role1@%,role2, 'Role 3'@'%.example.com', `r4`@localhost",
            &["`role1`@`%`", "`role2`@`%`", "`Role 3`@`%.example.com`", "`r4`@`localhost`"],
        );
        for unclear in ["'reader", "a b", "a@", "a@b@c", "@b"] {
            assert_eq!(roles(unclear), Err(Unclear), "{unclear}");
        }
    }

    #[test]
    fn accounts_are_written_as_sql_wants_them() {
        assert_eq!(account("o`neil", Some("10.%")).quoted(), "`o``neil`@`10.%`");
        assert_eq!(account("", Some("%")).quoted(), "''@`%`");
        assert_eq!(account("writer", None).quoted(), "`writer`");
        assert_eq!(Account::public().quoted(), "PUBLIC");
    }
}

//! What does a server say of its accounts, and what follows for a name?

use super::accounts::{self, Candidates, Fit, Known, Origin};
use super::connect::{Link, Server};
use super::gaps::{self, Common, Held, Loadable, Stray, Way};
use super::grants::{self, Account, Line, Object, Unclear};
use super::{itself, kill, not_allowed};
use crate::probe::ProbeError;
use mysql_async::prelude::Queryable;
use mysql_async::{Row, Value};
use relay::standing::Standing;
use std::collections::{BTreeSet, HashMap, HashSet};

/// ER_NONEXISTING_GRANT.
const NOTHING_GRANTED: u16 = 1141;

/// Of MariaDB the table itself is asked and not its view, and no column that holds a hash.
const ACCOUNTS_OF_MARIADB: &str = "SELECT User, Host, COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) <> 0, \
    COALESCE(JSON_VALUE(Priv, '$.account_locked'), 0) <> 0 FROM mysql.global_priv";
const ACCOUNTS_OF_MYSQL: &str = "SELECT User, Host, 0, account_locked = 'Y' FROM mysql.user";

const ROUTINES: &str = "SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME, SECURITY_TYPE <> 'INVOKER' \
    FROM information_schema.ROUTINES";

/// One server, while it is looked at.
pub(super) struct View<'a> {
    link: &'a mut Link,
    facts: Facts,
    /// What SHOW GRANTS said; `None` where a line was not understood.
    shown: HashMap<Account, Option<Vec<Line>>>,
}

/// What counts for everybody.
struct Facts {
    itself: Account,
    origin: Origin,
    known: Vec<Known>,
    strays: Vec<Stray>,
    common: Common,
    /// Roles that every account has (MySQL).
    mandatory: Result<Vec<Account>, Unclear>,
}

impl View<'_> {
    /// Reads what counts for everybody.
    pub(super) async fn new(link: &mut Link) -> Result<View<'_>, ProbeError> {
        let facts = match facts(link).await {
            Ok(facts) => facts,
            Err(error) => {
                let grants = ["SELECT ON mysql.*"];
                return Err(not_allowed(link, error, "read who may do what", &grants).await);
            }
        };
        Ok(View { link, facts, shown: HashMap::new() })
    }

    /// All names that may log in from here.
    pub(super) fn users(&self) -> BTreeSet<Box<str>> {
        let may_log_in = |one: &&Known| {
            let host = one.account.host.as_deref().unwrap_or_default();
            !one.is_role
                && !one.is_locked
                && !one.account.user.is_empty()
                && accounts::fit(host, &self.facts.origin) != Fit::No
        };
        self.facts.known.iter().filter(may_log_in).map(|one| Box::from(one.account.user.as_str())).collect()
    }

    /// What a name may do.
    pub(super) async fn standing(&mut self, user: &str) -> Result<Standing, ProbeError> {
        let candidates = accounts::candidates(user, &self.facts.known, &self.facts.origin);
        if candidates.taken.is_empty() {
            return Ok(Standing::Unverified(
                ProbeError::NoAccount(self.facts.origin.host.clone()).to_string().into(),
            ));
        }
        if self.facts.mandatory.is_err() {
            return Ok(Standing::Unverified("this version does not understand `mandatory_roles`".into()));
        }
        match self.held(&candidates).await? {
            Ok(held) => {
                let counts = |stray: &&Stray| {
                    (stray.user.is_empty() || stray.user == user)
                        && accounts::fit(&stray.host, &self.facts.origin) != Fit::No
                };
                let strays: Vec<Stray> = self.facts.strays.iter().filter(counts).cloned().collect();
                Ok(gaps::standing(&held, &strays, &self.facts.common))
            }
            Err(unclear) => {
                let unclear = unclear.quoted();
                let reason = format!("this version does not understand a line of SHOW GRANTS FOR {unclear}");
                Ok(Standing::Unverified(reason.into()))
            }
        }
    }

    /// Whether the probe's own account may do more than the probe needs.
    pub(super) async fn may_write(&mut self) -> Result<bool, ProbeError> {
        let own = Candidates { taken: vec![self.facts.itself.clone()], beside: Vec::new() };
        let needed = kill::privilege(self.link.server);
        let Ok(mut held) = self.held(&own).await? else { return Ok(false) };
        held.retain(|one| matches!(one.way, Way::Own | Way::Role));
        for one in &mut held {
            if let Line::Privileges { privileges, on: Object::Everything, .. } = &mut one.line {
                privileges.retain(|one| one.name != needed);
            }
        }
        let nobodys = Common { loadable: Vec::new(), ..self.facts.common.clone() };
        Ok(matches!(gaps::standing(&held, &[], &nobodys), Standing::Gaps(_)))
    }

    /// What else somebody should know who reads what was found.
    pub(super) async fn notes(&mut self) -> Result<Vec<String>, ProbeError> {
        let read_only: Option<Row> = self.link.conn.query_first("SELECT @@GLOBAL.read_only").await?;
        let is_off = read_only.is_none_or(|row| matches!(word(&row, 0).as_str(), "0" | "OFF"));
        let mut notes = Vec::new();
        if !is_off {
            notes.push(String::from(
                "the server itself is `read_only` now; that changes no account's rights, and does not hold for all",
            ));
        }
        let (number, first) = self.facts.common.functions();
        if let Some(first) = first {
            notes.push(format!(
                "{number} stored functions run with their definers' rights ({first} is one): a view that calls one \
                 does what it does, and no grant shows that"
            ));
        }
        Ok(notes)
    }

    /// Everything that counts; or of whom SHOW GRANTS says what is not understood.
    async fn held(&mut self, candidates: &Candidates) -> Result<Result<Vec<Held>, Account>, ProbeError> {
        let mut held = Vec::new();
        let mut open: Vec<(Account, Way)> = Vec::new();
        for (at, account) in candidates.taken.iter().enumerate() {
            open.push((account.clone(), if at == 0 { Way::Own } else { Way::Taken }));
        }
        open.extend(candidates.beside.iter().map(|account| (account.clone(), Way::Beside)));
        open.extend(self.facts.mandatory.iter().flatten().map(|role| (role.clone(), Way::Mandatory)));
        if self.has_public() {
            open.push((Account::public(), Way::Public));
        }
        // Beside another account less of one counts than where it is that one's role, which it can be as well.
        let mut seen: HashSet<(Account, bool)> = HashSet::new();
        while let Some((holder, way)) = open.pop() {
            if !seen.insert((holder.clone(), way == Way::Beside)) {
                continue;
            }
            let Some(lines) = self.show(&holder).await? else { return Ok(Err(holder)) };
            for line in lines {
                if way == Way::Beside && !counts_beside(&line, &holder) {
                    continue;
                }
                if let Line::Roles { roles, .. } = &line {
                    let way = if way == Way::Mandatory { way } else { Way::Role };
                    open.extend(roles.iter().map(|role| (role.clone(), way)));
                }
                held.push(Held { holder: holder.clone(), way, line });
            }
        }
        Ok(Ok(held))
    }

    fn has_public(&self) -> bool {
        let Server { is_mariadb, version } = self.link.server;
        is_mariadb && version >= 101_100
    }

    async fn show(&mut self, holder: &Account) -> Result<Option<Vec<Line>>, ProbeError> {
        if let Some(lines) = self.shown.get(holder) {
            return Ok(lines.clone());
        }
        let asked = format!("SHOW GRANTS FOR {}", holder.quoted());
        let said: Vec<Row> = match self.link.conn.query(asked).await {
            Ok(said) => said,
            // Nothing was ever granted to everybody.
            Err(mysql_async::Error::Server(said)) if holder.is_public() && said.code == NOTHING_GRANTED => {
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        let lines = said.iter().filter_map(|row| grants::line_of(&word(row, 0), holder).transpose());
        let lines: Option<Vec<Line>> = lines.collect::<Result<_, _>>().ok();
        self.shown.insert(holder.clone(), lines.clone());
        Ok(lines)
    }
}

/// Rights on everything, roles and whom somebody may act as belong to the account that is taken. Beside it rights on
/// databases count; and on what is in them, but not those of accounts without a name.
fn counts_beside(line: &Line, holder: &Account) -> bool {
    match line {
        Line::Privileges { on: Object::Everything, .. } => false,
        Line::Privileges { on: Object::Database(_), .. } => true,
        Line::Privileges { on: Object::Table { .. } | Object::Routine { .. }, .. } => !holder.user.is_empty(),
        Line::Roles { .. } | Line::Proxy { .. } | Line::Nothing => false,
    }
}

async fn facts(link: &mut Link) -> Result<Facts, mysql_async::Error> {
    let itself = itself(link).await?;
    let server = link.server;
    let is_socket = link.is_socket;
    let conn = &mut link.conn;
    let user: Option<Row> = conn.query_first("SELECT USER()").await?;
    let user = user.map(|row| word(&row, 0)).unwrap_or_default();
    let host = user.rsplit_once('@').map_or("", |(_, host)| host).to_owned();
    let accounts = if server.is_mariadb { ACCOUNTS_OF_MARIADB } else { ACCOUNTS_OF_MYSQL };
    let known: Vec<Row> = conn.query(accounts).await?;
    let known: Vec<Known> = known.iter().map(known_of).collect();
    let strays: Vec<Row> = conn.query("SELECT * FROM mysql.db").await?;
    let strays = strays.iter().map(stray_of).filter(|stray| !belongs(stray, &known)).collect();
    let routines: Vec<Row> = conn.query(ROUTINES).await?;
    let definers = routines
        .iter()
        .map(|row| ((word(row, 0), word(row, 1), word(row, 2).to_lowercase()), word(row, 3) != "0"))
        .collect();
    let loadable: Vec<Row> = conn.query("SELECT name, dl FROM mysql.func").await?;
    let loadable =
        loadable.iter().map(|row| Loadable { name: word(row, 0), library: word(row, 1) }).collect();
    let mandatory = match server {
        Server { is_mariadb: false, version: 80_000.. } => {
            let roles: Option<Row> = conn.query_first("SELECT @@GLOBAL.mandatory_roles").await?;
            grants::roles(&roles.map(|row| word(&row, 0)).unwrap_or_default())
        }
        Server { .. } => Ok(Vec::new()),
    };
    Ok(Facts {
        itself,
        origin: Origin { host, is_socket },
        known,
        strays,
        common: Common { is_mariadb: server.is_mariadb, definers, loadable },
        mandatory,
    })
}

fn known_of(row: &Row) -> Known {
    let (user, host) = (word(row, 0), word(row, 1));
    let is_role = word(row, 2) == "1";
    let host = if is_role { None } else { Some(host) };
    Known { account: Account { user, host }, is_role, is_locked: word(row, 3) == "1" }
}

/// A row of `mysql.db`: a column for each privilege.
fn stray_of(row: &Row) -> Stray {
    let mut stray =
        Stray { host: String::new(), database: String::new(), user: String::new(), privileges: Vec::new() };
    for (at, column) in row.columns_ref().iter().enumerate() {
        let (name, value) = (column.name_str().to_ascii_uppercase(), word(row, at));
        match name.as_str() {
            "HOST" => stray.host = value,
            "DB" => stray.database = value,
            "USER" => stray.user = value,
            _ if value == "Y" => stray.privileges.push(privilege(&name)),
            _ => {}
        }
    }
    stray
}

/// The privilege a column of `mysql.db` is for.
fn privilege(column: &str) -> String {
    match column.strip_suffix("_PRIV").unwrap_or(column) {
        "CREATE_TMP_TABLE" => String::from("CREATE TEMPORARY TABLES"),
        "GRANT" => String::from("GRANT OPTION"),
        other => other.replace('_', " "),
    }
}

/// Whether SHOW GRANTS tells of a row of `mysql.db`.
fn belongs(stray: &Stray, known: &[Known]) -> bool {
    let is_public = stray.host.is_empty() && stray.user == "PUBLIC";
    is_public
        || known.iter().any(|one| {
            let host = one.account.host.as_deref().unwrap_or_default();
            one.account.user == stray.user && host.eq_ignore_ascii_case(&stray.host)
        })
}

/// A value as a text; nothing where there is none.
pub(crate) fn word(row: &Row, at: usize) -> String {
    match row.as_ref(at) {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::UInt(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_mysql_db_is_read_as_its_privilege() {
        let check = |column: &str, expected: &str| assert_eq!(privilege(column), expected);
        check("CREATE_TMP_TABLE_PRIV", "CREATE TEMPORARY TABLES");
        check("GRANT_PRIV", "GRANT OPTION");
        check("SHOW_VIEW_PRIV", "SHOW VIEW");
        check("SELECT_PRIV", "SELECT");
        check("DELETE_HISTORY_PRIV", "DELETE HISTORY");
    }

    #[test]
    fn beside_the_account_that_is_taken_rights_in_databases_count() {
        let check = |text: &str, user: &str, expected: bool| {
            let holder = Account { user: user.to_owned(), host: Some("%".to_owned()) };
            let line = grants::line_of(text, &holder).ok().flatten();
            assert_eq!(line.map(|line| counts_beside(&line, &holder)), Some(expected), "{text}");
        };
        check("GRANT INSERT ON *.* TO `a`@`%`", "a", false);
        check("GRANT INSERT ON `shop`.* TO `a`@`%`", "a", true);
        check("GRANT INSERT ON `shop`.* TO ``@`%`", "", true);
        check("GRANT INSERT ON `shop`.`t` TO `a`@`%`", "a", true);
        check("GRANT INSERT ON `shop`.`t` TO ``@`%`", "", false);
        check("GRANT `writer` TO `a`@`%`", "a", false);
        check("GRANT PROXY ON `b`@`%` TO `a`@`%`", "a", false);
    }
}

//! Which of the rights that count for a name on a MySQL server let it do more than read, and what ends them?

use super::grants::{Account, Line, Object, Privilege, quoted};
use relay::standing::{Gap, Standing};
use std::collections::{BTreeSet, HashMap};

/// Most gaps that are told of one name; closing them brings the others up.
const GAPS_MAX: usize = 200;

/// Privileges by which nothing but reading is possible. What is not here is a gap, whether this version knows it
/// or not.
const READING: [&str; 11] = [
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "PROCESS",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
    "REPLICA MONITOR",
    "SHOW CREATE ROUTINE",
    "SHOW_ROUTINE",
];

const ALL: &str = "ALL PRIVILEGES";
const EXECUTE: &str = "EXECUTE";

/// How a right comes to whoever logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It is the account's own.
    Own,
    /// It is of another account that the server may take as well.
    Taken,
    /// It is of another account of the name: on databases and below its rights count too.
    Beside,
    /// It is of a role that the account has.
    Role,
    /// It is of a role that everybody has (`mandatory_roles`).
    Mandatory,
    /// It is everybody's.
    Public,
}

/// A line of SHOW GRANTS, and of whom.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) holder: Account,
    pub(crate) way: Way,
    pub(crate) line: Line,
}

/// Rights on a database that belong to no account, so that no REVOKE takes them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stray {
    pub(crate) host: String,
    pub(crate) database: String,
    pub(crate) user: String,
    pub(crate) privileges: Vec<String>,
}

/// A function from a library, which everybody may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loadable {
    pub(crate) name: String,
    pub(crate) library: String,
}

/// With whose rights routines run: `true` where it is their definer's. By kind, database and name, which
/// has no case to the server and is kept in lower case.
pub(crate) type Definers = HashMap<(String, String, String), bool>;

/// What counts for everybody of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    pub(crate) is_mariadb: bool,
    pub(crate) definers: Definers,
    pub(crate) loadable: Vec<Loadable>,
}

/// Databases of the server's own, whose functions change nothing.
const SHIPPED: [&str; 2] = ["mysql", "sys"];

impl Common {
    /// How many functions of somebody's run with their definers' rights, and the first of them.
    pub(crate) fn functions(&self) -> (usize, Option<String>) {
        let acting = self.definers.iter().filter(|((kind, database, _), definers)| {
            **definers && kind == "FUNCTION" && !SHIPPED.contains(&database.as_str())
        });
        let names: BTreeSet<String> =
            acting.map(|((_, database, name), _)| format!("{}.{}", quoted(database), quoted(name))).collect();
        (names.len(), names.into_iter().next())
    }
}

/// What follows from what was found for a name.
pub(crate) fn standing(held: &[Held], strays: &[Stray], common: &Common) -> Standing {
    let mut gaps: Vec<Gap> = held.iter().flat_map(|one| of_line(one, common)).collect();
    gaps.extend(strays.iter().filter_map(of_stray));
    gaps.extend(common.loadable.iter().map(of_loadable));
    if gaps.is_empty() {
        return Standing::Verified;
    }
    let more = gaps.len().saturating_sub(GAPS_MAX);
    gaps.truncate(GAPS_MAX);
    if more > 0 {
        gaps.push(gap(format!("{more} more, told when those above are closed"), Vec::new()));
    }
    Standing::Gaps(gaps.into())
}

fn of_line(held: &Held, common: &Common) -> Vec<Gap> {
    let (way, holder) = (held.through(), held.holder.quoted());
    match &held.line {
        Line::Nothing => Vec::new(),
        Line::Proxy { of } => {
            let of = of.quoted();
            let words = format!("may act as another account, {of} (PROXY){way}");
            vec![gap(words, vec![format!("REVOKE PROXY ON {of} FROM {holder};")])]
        }
        Line::Roles { admin: false, .. } => Vec::new(),
        Line::Roles { roles, admin: true } => {
            roles.iter().map(|role| of_admin(role, &way, &holder, common)).collect()
        }
        Line::Privileges { privileges, on, grantable } => {
            let mut gaps = of_privileges(privileges, on, held, common);
            if *grantable {
                let words = format!("may grant what it has on {} to others{way}", named(on));
                let remedy = format!("REVOKE GRANT OPTION ON {} FROM {holder};", on.written());
                gaps.push(gap(words, vec![remedy]));
            }
            gaps
        }
    }
}

/// The right to hand a role on.
fn of_admin(role: &Account, way: &str, holder: &str, common: &Common) -> Gap {
    let role = role.quoted();
    let remedy = if common.is_mariadb {
        vec![format!("REVOKE ADMIN OPTION FOR {role} FROM {holder};")]
    } else {
        vec![format!("REVOKE {role} FROM {holder};"), format!("GRANT {role} TO {holder};")]
    };
    gap(format!("may grant role {role} to others{way}"), remedy)
}

fn of_privileges(privileges: &[Privilege], on: &Object, held: &Held, common: &Common) -> Vec<Gap> {
    let (way, holder, place) = (held.through(), held.holder.quoted(), on.written());
    if privileges.iter().any(|one| one.name == ALL) {
        let mut remedy = vec![format!("REVOKE {ALL} ON {place} FROM {holder};")];
        // It read as well by having everything.
        match on {
            Object::Everything | Object::Database(_) | Object::Table { .. } => {
                remedy.push(format!("GRANT SELECT, SHOW VIEW ON {place} TO {holder};"));
            }
            Object::Routine { .. } => {}
        }
        return vec![gap(format!("has {ALL} on {}{way}", named(on)), remedy)];
    }
    let (calls, acting): (Vec<&Privilege>, Vec<&Privilege>) =
        privileges.iter().filter(|one| !READING.contains(&&*one.name)).partition(|one| one.name == EXECUTE);
    let mut gaps = Vec::new();
    if !acting.is_empty() {
        let list: Vec<String> = acting.iter().map(|one| one.written()).collect();
        let list = list.join(", ");
        let words = format!("has {list} on {}{way}", named(on));
        gaps.push(gap(words, vec![format!("REVOKE {list} ON {place} FROM {holder};")]));
    }
    if !calls.is_empty()
        && let Some(why) = why_a_call_acts(on, common)
    {
        let words = format!("has {EXECUTE} on {}, {why}{way}", named(on));
        gaps.push(gap(words, vec![format!("REVOKE {EXECUTE} ON {place} FROM {holder};")]));
    }
    gaps
}

/// Why calling what stands there may do more than the caller may; `None` where it cannot.
fn why_a_call_acts(on: &Object, common: &Common) -> Option<&'static str> {
    let Object::Routine { kind, database, name } = on else {
        return Some("where a routine may run with its definer's rights");
    };
    match common.definers.get(&(kind.clone(), database.clone(), name.to_lowercase())) {
        Some(false) => None,
        Some(true) => Some("which runs with its definer's rights"),
        None => Some("of which it cannot be seen with whose rights it runs"),
    }
}

/// No REVOKE knows whom it would be from.
fn of_stray(stray: &Stray) -> Option<Gap> {
    let reads = |name: &&String| READING.contains(&name.as_str());
    let acting: Vec<&str> = stray.privileges.iter().filter(|name| !reads(name)).map(String::as_str).collect();
    if acting.is_empty() {
        return None;
    }
    let on = named(&Object::Database(stray.database.clone()));
    let whose = if stray.user.is_empty() { "everybody" } else { "the name" };
    let words = format!(
        "has {} on {on}, by a row of mysql.db for {whose} at hosts like {} that belongs to no account",
        acting.join(", "),
        quoted(&stray.host)
    );
    let row = format!(
        "DELETE FROM mysql.db WHERE Host = {} AND Db = {} AND User = {};",
        text(&stray.host),
        text(&stray.database),
        text(&stray.user)
    );
    Some(gap(words, vec![row, String::from("FLUSH PRIVILEGES;")]))
}

fn of_loadable(one: &Loadable) -> Gap {
    let name = quoted(&one.name);
    let words = format!(
        "may call {name} of the library {}, as everybody may: no privilege bounds what such a function does",
        quoted(&one.library)
    );
    gap(words, vec![format!("DROP FUNCTION {name};")])
}

impl Held {
    /// How the right comes to whoever logs in, as it ends a sentence.
    fn through(&self) -> String {
        let holder = self.holder.quoted();
        match self.way {
            Way::Own => String::new(),
            Way::Taken => format!(", if the server takes the account {holder}"),
            Way::Beside => {
                format!(", by the account {holder}, whose rights count beside those of the one it logs in to")
            }
            Way::Role => format!(", through role {holder}"),
            Way::Mandatory => format!(", through role {holder}, which everybody has (`mandatory_roles`)"),
            Way::Public => String::from(
                ", as everybody may (PUBLIC): whoever else needs that needs a grant of their own then",
            ),
        }
    }
}

/// What a right is on, as people read it.
fn named(on: &Object) -> String {
    match on {
        Object::Everything => String::from("every database"),
        Object::Database(name) if is_pattern(name) => format!("databases like {}", quoted(name)),
        Object::Database(name) => {
            format!("database {}", quoted(&name.replace("\\_", "_").replace("\\%", "%")))
        }
        Object::Table { .. } => format!("table {}", on.written()),
        Object::Routine { kind, database, name } => {
            format!("{} {}.{}", kind.to_lowercase(), quoted(database), quoted(name))
        }
    }
}

fn is_pattern(name: &str) -> bool {
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '%' | '_' => return true,
            _ => {}
        }
    }
    false
}

fn gap(words: String, remedy: Vec<String>) -> Gap {
    Gap { words: words.into(), remedy: remedy.into_iter().map(Into::into).collect() }
}

/// A text, whatever the session's `sql_mode` makes of backslashes.
fn text(value: &str) -> String {
    if !value.contains('\\') {
        return format!("'{}'", value.replace('\'', "''"));
    }
    let hexadecimal: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{hexadecimal}'")
}

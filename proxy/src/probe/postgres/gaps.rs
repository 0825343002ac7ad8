//! What can a role do beside reading, and which statements end it?

use super::privileges::{Found, Grant, Owned, PUBLIC, ROWS_MAX, Server, Stored};
use super::roles::{Reach, Role};
use relay::standing::{Gap, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// Most gaps that are told of one role; closing them brings the others up.
const GAPS_MAX: usize = 200;

/// The superuser every server begins with: nothing can be taken from it.
const BOOTSTRAP: u32 = 10;

/// PostgreSQL's own roles that can do nothing but read, or nothing at all by themselves.
const READING_ROLES: [&str; 7] = [
    "pg_database_owner",
    "pg_monitor",
    "pg_read_all_data",
    "pg_read_all_settings",
    "pg_read_all_stats",
    "pg_stat_scan_tables",
    "pg_use_reserved_connections",
];

/// What the others can do; one that is not here is newer than this version.
const ACTING_ROLES: [(&str, &str); 9] = [
    ("pg_checkpoint", "run CHECKPOINT"),
    ("pg_create_subscription", "make subscriptions"),
    ("pg_execute_server_program", "start programs on the server"),
    ("pg_maintain", "maintain and lock every table"),
    ("pg_read_server_files", "read files of the server"),
    ("pg_signal_autovacuum_worker", "stop autovacuum"),
    ("pg_signal_backend", "end other sessions"),
    ("pg_write_all_data", "write every table"),
    ("pg_write_server_files", "write files of the server"),
];

/// What follows from what was found about a role.
pub(crate) fn standing(
    role: &Role,
    database: &str,
    server: &Server,
    reach: &BTreeMap<u32, Reach>,
    found: &Found,
) -> Standing {
    let view = View { role, database, server, reach };
    let mut gaps = Vec::new();
    for (id, way) in reach {
        if let Some(other) = server.roles.get(id) {
            view.attributes(other, *way, &mut gaps);
            view.predefined(other, *way, &mut gaps);
        }
    }
    gaps.extend(found.owned.iter().map(|owned| view.owned(owned)));
    gaps.extend(found.grants.iter().map(|grant| view.granted(grant)));
    gaps.extend(found.settings.iter().filter_map(|stored| view.stored(stored)));
    if server.open_large_objects {
        gaps.push(gap(
            "may write every large object: `lo_compat_privileges` is on".to_owned(),
            vec!["ALTER SYSTEM SET lo_compat_privileges = off;".into(), "SELECT pg_reload_conf();".into()],
        ));
    }
    if gaps.is_empty() && !found.writable.is_empty() {
        let words = format!("may write, and no grant says why: {}", found.writable.join(", "));
        gaps.push(gap(words, Vec::new()));
    }
    if gaps.is_empty() {
        return Standing::Verified;
    }
    let more = gaps.len().saturating_sub(GAPS_MAX);
    let cut = [found.grants.len(), found.owned.len()].iter().any(|rows| *rows >= ROWS_MAX);
    gaps.truncate(GAPS_MAX);
    if more > 0 || cut {
        let least = if cut { "at least " } else { "" };
        let words = format!("{least}{} more, told when those above are closed", more.max(1));
        gaps.push(gap(words, Vec::new()));
    }
    Standing::Gaps(gaps.into())
}

struct View<'a> {
    role: &'a Role,
    database: &'a str,
    server: &'a Server,
    reach: &'a BTreeMap<u32, Reach>,
}

impl View<'_> {
    fn attributes(&self, other: &Role, way: Reach, gaps: &mut Vec<Gap>) {
        if !way.becomes {
            return;
        }
        let attributes = [
            (other.superuser, "is a superuser", "NOSUPERUSER"),
            (other.creates_roles, "may make and change roles", "NOCREATEROLE"),
            (other.creates_databases, "may make databases", "NOCREATEDB"),
            (other.replicates, "may replicate", "NOREPLICATION"),
            (other.bypasses_row_security, "is not bound by row security", "NOBYPASSRLS"),
        ];
        for (_, words, without) in attributes.into_iter().filter(|(has, _, _)| *has) {
            gaps.push(match way.first {
                Some(first) => gap(format!("can become `{}`, which {words}", other.name), self.leave(first)),
                None if other.id == BOOTSTRAP => {
                    gap(format!("{words}, the one the server began with: use another role"), Vec::new())
                }
                None => gap(words.to_owned(), vec![format!("ALTER ROLE {} {without};", quoted(&other.name))]),
            });
        }
    }

    fn predefined(&self, other: &Role, way: Reach, gaps: &mut Vec<Gap>) {
        let Some(first) = way.first else { return };
        let acting = ACTING_ROLES.iter().find(|(name, _)| *name == other.name);
        if acting.is_none() && (!other.name.starts_with("pg_") || READING_ROLES.contains(&&*other.name)) {
            return;
        }
        let does = acting.map_or("do what this version of the gateway does not know", |(_, does)| does);
        gaps.push(gap(format!("is a member of `{}` and so may {does}", other.name), self.leave(first)));
    }

    /// Takes back the membership in `first`, whoever granted it.
    fn leave(&self, first: u32) -> Vec<String> {
        let memberships = self.server.memberships.iter();
        let own = memberships.filter(|one| one.role == first && one.member == self.role.id);
        let statements = own.map(|one| {
            let by = match self.server.roles.get(&one.grantor) {
                // Before version 16 it did not matter who had granted it.
                Some(grantor) if self.server.version >= 160_000 => {
                    format!(" GRANTED BY {}", quoted(&grantor.name))
                }
                _ => String::new(),
            };
            let cascade = if one.admin { " CASCADE" } else { "" };
            format!("REVOKE {} FROM {}{by}{cascade};", self.named(first), quoted(&self.role.name))
        });
        let statements: BTreeSet<String> = statements.collect();
        statements.into_iter().collect()
    }

    /// What a role owns it may do everything with. Through another role, the membership ends that.
    fn owned(&self, owned: &Owned) -> Gap {
        let Owned { kind, object, owner } = owned;
        if let Some(Reach { first: Some(first), .. }) = self.reach.get(owner) {
            let words = format!("owns {kind} {object}, through `{}`", self.name(*owner));
            return gap(words, self.leave(*first));
        }
        let heir = if self.reach.contains_key(&self.server.database_owner) {
            BOOTSTRAP
        } else {
            self.server.database_owner
        };
        let command = match kind.as_str() {
            "statistics object" => "STATISTICS".to_owned(),
            "foreign-data wrapper" => "FOREIGN DATA WRAPPER".to_owned(),
            other => other.to_uppercase(),
        };
        let mut remedy = vec![format!("ALTER {command} {object} OWNER TO {};", self.named(heir))];
        let role = quoted(&self.role.name);
        // The owner had these by being it.
        match kind.as_str() {
            "table" | "view" | "materialized view" | "foreign table" => {
                remedy.push(format!("GRANT SELECT ON TABLE {object} TO {role};"));
            }
            "schema" => remedy.push(format!("GRANT USAGE ON SCHEMA {object} TO {role};")),
            "database" => remedy.push(format!("GRANT CONNECT ON DATABASE {object} TO {role};")),
            _ => {}
        }
        gap(format!("owns {kind} {object}"), remedy)
    }

    fn granted(&self, grant: &Grant) -> Gap {
        let Grant { kind, object, column, privileges, grantable, grantee, grantor, owner, why } = grant;
        let everybody = *grantee == PUBLIC;
        let whom = if everybody { "PUBLIC".to_owned() } else { self.named(*grantee) };
        let part = column.as_ref().map_or(String::new(), |column| format!(" ({column})"));
        let list: Vec<String> = privileges.iter().map(|privilege| format!("{privilege}{part}")).collect();
        let (list, noun) = (list.join(", "), kind.to_lowercase());
        let because = why.as_ref().map_or(String::new(), |why| format!(", {why}"));
        let by = match (everybody, *grantee == self.role.id) {
            (true, _) => {
                ", as everybody may (PUBLIC): whoever else needs that needs a grant of their own then"
                    .to_owned()
            }
            (false, true) => String::new(),
            (false, false) => format!(", through `{}`", self.name(*grantee)),
        };
        let cascade = if *grantable { " CASCADE" } else { "" };
        let revoke = format!("REVOKE {list} ON {kind} {object} FROM {whom}{cascade};");
        // A superuser's REVOKE is the owner's: what somebody else granted only they can take back.
        let remedy = if grantor == owner || self.is_owner_group(*owner) {
            vec![revoke]
        } else {
            vec![format!("SET ROLE {};", self.named(*grantor)), revoke, "RESET ROLE;".to_owned()]
        };
        gap(format!("has {list} on {noun} {object}{because}{by}"), remedy)
    }

    /// What the owner of the database owns by a role of PostgreSQL's own, nobody can become by name.
    fn is_owner_group(&self, owner: u32) -> bool {
        self.server.roles.get(&owner).is_some_and(|role| role.name == "pg_database_owner")
    }

    fn stored(&self, stored: &Stored) -> Option<Gap> {
        let (name, value) = stored.setting.split_once('=')?;
        let off =
            matches!(value.to_ascii_lowercase().as_str(), "off" | "of" | "false" | "f" | "no" | "n" | "0");
        if name != "default_transaction_read_only" || !off {
            return None;
        }
        let (role, database) = (quoted(&self.role.name), quoted(self.database));
        let of = match (stored.of_role, stored.of_database) {
            (true, true) => format!("ROLE {role} IN DATABASE {database}"),
            (true, false) => format!("ROLE {role}"),
            (false, true) => format!("DATABASE {database}"),
            (false, false) => "ROLE ALL".to_owned(),
        };
        Some(gap(
            format!(
                "begins transactions that may write, by what was set for it: ALTER {of} SET {}",
                stored.setting
            ),
            vec![format!("ALTER {of} RESET {name};")],
        ))
    }

    /// The name of a role as people read it.
    fn name(&self, id: u32) -> &str {
        self.server.roles.get(&id).map_or("a role that is gone", |role| &role.name)
    }

    /// The name of a role as SQL wants it.
    fn named(&self, id: u32) -> String {
        quoted(self.name(id))
    }
}

fn gap(words: String, remedy: Vec<String>) -> Gap {
    Gap { words: words.into(), remedy: remedy.into_iter().map(Into::into).collect() }
}

/// An identifier. Always quoted: whether a word is reserved depends on the server's version.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

//! What does the server say a role may do?
//!
//! Every grant is read from where it is kept, with who got it from whom: only so can it be said which
//! statement takes it back. What grants do not show (ownership, attributes) is read beside them.

use super::roles::{Membership, Role};
use crate::probe::ProbeError;
use sql::functions::Kind;
use std::collections::BTreeMap;
use tokio_postgres::{Client, Row};

/// Most rows of each kind that are looked at for one role.
pub(crate) const ROWS_MAX: usize = 1_000;

/// Most routines that are looked at before it is known which of them matter.
const ROUTINES_MAX: usize = 20_000;

/// Most roles and memberships of a server that are looked at.
const ROLES_MAX: usize = 200_000;

/// The number that stands for everybody.
pub(crate) const PUBLIC: u32 = 0;

/// What holds for the whole server, whoever is asked about.
#[derive(Debug)]
pub(crate) struct Server {
    /// As `server_version_num`.
    pub(crate) version: i32,
    pub(crate) roles: BTreeMap<u32, Role>,
    pub(crate) memberships: Vec<Membership>,
    /// Who owns the database.
    pub(crate) database_owner: u32,
    /// Whether everybody may write every large object (`lo_compat_privileges`).
    pub(crate) open_large_objects: bool,
    /// Whether the gateway's own role is a superuser.
    pub(crate) asked_by_superuser: bool,
}

/// Privileges that somebody granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// As GRANT names it: `TABLE`, `ROUTINE`, …
    pub(crate) kind: String,
    /// Quoted as SQL wants it.
    pub(crate) object: String,
    /// The column, quoted; none for the whole.
    pub(crate) column: Option<String>,
    pub(crate) privileges: Vec<String>,
    /// Whether it may be granted on.
    pub(crate) grantable: bool,
    pub(crate) grantee: u32,
    pub(crate) grantor: u32,
    pub(crate) owner: u32,
    /// What is special about it, in words.
    pub(crate) why: Option<String>,
}

/// Something that a role owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    /// As ALTER names it.
    pub(crate) kind: String,
    pub(crate) object: String,
    pub(crate) owner: u32,
}

/// A setting of a role or a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) of_role: bool,
    pub(crate) of_database: bool,
    /// `name=value`.
    pub(crate) setting: String,
}

/// Everything found about one role.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) grants: Vec<Grant>,
    pub(crate) owned: Vec<Owned>,
    pub(crate) settings: Vec<Stored>,
    /// What the server itself says the role may write, as a cross-check.
    pub(crate) writable: Vec<String>,
}

/// Reads what holds for the whole server.
pub(crate) async fn server(client: &Client) -> Result<Server, ProbeError> {
    let row = client.query_one(SERVER_SQL, &[]).await?;
    let version: i32 = row.try_get(0)?;
    let roles = client.query(&format!("{ROLES_SQL} LIMIT {ROLES_MAX}"), &[]).await?;
    let memberships = if version >= 160_000 { MEMBERSHIPS_SQL } else { MEMBERSHIPS_BEFORE_16_SQL };
    let memberships = client.query(&format!("{memberships} LIMIT {ROLES_MAX}"), &[]).await?;
    Ok(Server {
        version,
        roles: roles.iter().map(|row| role(row).map(|role| (role.id, role))).collect::<Result<_, _>>()?,
        memberships: memberships.iter().map(membership).collect::<Result<_, _>>()?,
        database_owner: row.try_get(1)?,
        open_large_objects: row.try_get(2)?,
        asked_by_superuser: row.try_get(3)?,
    })
}

/// Reads what is granted to the roles `reach` and to everybody, and what they own.
pub(crate) async fn found(
    client: &Client,
    server: &Server,
    role: u32,
    reach: &[u32],
) -> Result<Found, ProbeError> {
    let mut grantees = reach.to_vec();
    grantees.push(PUBLIC);
    let parameters = if server.version >= 150_000 { PARAMETERS_SQL } else { "" };
    let grants = client
        .query(&format!("{GRANTS_SQL}{parameters}{GRANTS_END_SQL} LIMIT {ROWS_MAX}"), &[&grantees])
        .await?;
    let routines = client.query(&format!("{ROUTINES_SQL} LIMIT {ROUTINES_MAX}"), &[&grantees]).await?;
    let owned = client.query(&format!("{OWNED_SQL} LIMIT {ROWS_MAX}"), &[&reach]).await?;
    let settings = client.query(SETTINGS_SQL, &[&role]).await?;
    let writable = client.query(WRITABLE_SQL, &[&role]).await?;
    let mut all = grants.iter().map(grant).collect::<Result<Vec<_>, _>>()?;
    for row in &routines {
        all.extend(routine(row)?);
    }
    Ok(Found {
        grants: all,
        owned: owned.iter().map(owned_one).collect::<Result<_, _>>()?,
        settings: settings.iter().map(stored).collect::<Result<_, _>>()?,
        writable: writable.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?,
    })
}

const SERVER_SQL: &str = "SELECT current_setting('server_version_num')::int, d.datdba,
        current_setting('lo_compat_privileges')::bool, r.rolsuper
    FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user";

const ROLES_SQL: &str = "SELECT oid, rolname::text, rolsuper, rolcreaterole, rolcreatedb, rolreplication,
    rolbypassrls, rolcanlogin FROM pg_roles";

const MEMBERSHIPS_SQL: &str =
    "SELECT roleid, member, grantor, admin_option, inherit_option, set_option FROM pg_auth_members";

/// Before version 16 it is the member who inherits or not, and every member may become the role.
const MEMBERSHIPS_BEFORE_16_SQL: &str =
    "SELECT m.roleid, m.member, m.grantor, m.admin_option, r.rolinherit, true
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member";

/// What is not written down is the default, which `acldefault` knows.
const GRANTS_SQL: &str = "SELECT kind, object, part, array_agg(privilege_type ORDER BY privilege_type),
        bool_or(is_grantable), grantee, grantor, owner
    FROM (
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
            format('%I.%I', n.nspname, c.relname) AS object, NULL AS part, c.relowner AS owner, c.relacl AS acl
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't'
        UNION ALL
        SELECT 'TABLE', format('%I.%I', n.nspname, c.relname), format('%I', a.attname), c.relowner, a.attacl
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid >= 16384 AND a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relpersistence <> 't'
        UNION ALL
        SELECT 'SCHEMA', format('%I', nspname), NULL, nspowner, nspacl FROM pg_namespace
        WHERE nspname !~ '^pg_(temp|toast)'
        UNION ALL
        SELECT 'DATABASE', format('%I', datname), NULL, datdba, coalesce(datacl, acldefault('d', datdba))
        FROM pg_database WHERE datname = current_database()
        UNION ALL
        SELECT 'LARGE OBJECT', oid::text, NULL, lomowner, lomacl FROM pg_largeobject_metadata
        UNION ALL
        SELECT 'FOREIGN SERVER', format('%I', srvname), NULL, srvowner, srvacl FROM pg_foreign_server
        UNION ALL
        SELECT 'FOREIGN DATA WRAPPER', format('%I', fdwname), NULL, fdwowner, fdwacl FROM pg_foreign_data_wrapper
        UNION ALL
        SELECT 'TABLESPACE', format('%I', spcname), NULL, spcowner, spcacl FROM pg_tablespace";

const PARAMETERS_SQL: &str = "
        UNION ALL
        SELECT 'PARAMETER', parname, NULL, 10::oid, paracl FROM pg_parameter_acl";

const GRANTS_END_SQL: &str = "
    ) AS object_acl, LATERAL aclexplode(acl) AS granted
    WHERE grantee = ANY($1) AND grantee <> owner AND privilege_type <> 'SELECT' AND privilege_type <> 'CONNECT'
        AND NOT (kind = 'SCHEMA' AND privilege_type = 'USAGE')
    GROUP BY kind, object, part, grantee, grantor, owner
    ORDER BY kind, object, part NULLS FIRST, grantee, grantor";

/// Routines whose execution may give more than the role has: those that run with their owner's rights and
/// may write, and volatile ones of extensions; of PostgreSQL's own those that everybody may execute although
/// they write, and those that were granted to somebody who does not have them at first.
const ROUTINES_SQL: &str = "SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
        p.proname::text, p.oid >= 16384, p.prosecdef, g.is_grantable, g.grantee, g.grantor, p.proowner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
        LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
    WHERE g.grantee = ANY($1) AND g.grantee <> p.proowner AND n.nspname !~ '^pg_temp_'
        AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
        AND CASE WHEN p.oid >= 16384 THEN p.provolatile = 'v' AND (p.prosecdef
                OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                    AND d.deptype = 'e'))
            ELSE p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import', 'pg_logical_emit_message')
                OR EXISTS (SELECT FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
                    AND NOT EXISTS (SELECT FROM aclexplode(i.initprivs) AS first WHERE first.grantee = g.grantee))
            END
    ORDER BY 1, g.grantee, g.grantor";

/// A sequence of a column belongs to its table's owner.
const OWNED_SQL: &str = "SELECT i.type, i.identity, s.refobjid
    FROM pg_shdepend s, LATERAL pg_identify_object(s.classid, s.objid, 0) AS i
    WHERE s.deptype = 'o' AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = ANY($1)
        AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND i.type NOT IN ('default acl', 'user mapping') AND coalesce(i.schema, '') !~ '^pg_temp'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = s.classid AND d.objid = s.objid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
    ORDER BY 1, 2";

const SETTINGS_SQL: &str = "SELECT s.setrole <> 0, s.setdatabase <> 0, setting
    FROM pg_db_role_setting s, LATERAL unnest(s.setconfig) AS setting
    WHERE s.setrole IN (0, $1::oid) AND s.setdatabase IN
        (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY 1, 2, 3";

const WRITABLE_SQL: &str = "SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND CASE
        WHEN c.relkind = 'S' THEN has_sequence_privilege($1::oid, c.oid, 'USAGE, UPDATE')
        WHEN c.relkind IN ('r', 'p', 'v', 'f') THEN
            has_table_privilege($1::oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
            OR has_any_column_privilege($1::oid, c.oid, 'INSERT, UPDATE') END
    UNION ALL SELECT 'schema ' || format('%I', nspname) FROM pg_namespace
    WHERE nspname !~ '^pg_(temp|toast)' AND has_schema_privilege($1::oid, oid, 'CREATE')
    UNION ALL SELECT 'database ' || format('%I', datname) FROM pg_database
    WHERE datname = current_database() AND has_database_privilege($1::oid, oid, 'CREATE, TEMPORARY')
    ORDER BY 1 LIMIT 20";

fn role(row: &Row) -> Result<Role, tokio_postgres::Error> {
    Ok(Role {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        superuser: row.try_get(2)?,
        creates_roles: row.try_get(3)?,
        creates_databases: row.try_get(4)?,
        replicates: row.try_get(5)?,
        bypasses_row_security: row.try_get(6)?,
        logs_in: row.try_get(7)?,
    })
}

fn membership(row: &Row) -> Result<Membership, tokio_postgres::Error> {
    Ok(Membership {
        role: row.try_get(0)?,
        member: row.try_get(1)?,
        grantor: row.try_get(2)?,
        admin: row.try_get(3)?,
        inherits: row.try_get(4)?,
        sets: row.try_get(5)?,
    })
}

fn grant(row: &Row) -> Result<Grant, tokio_postgres::Error> {
    Ok(Grant {
        kind: row.try_get(0)?,
        object: row.try_get(1)?,
        column: row.try_get(2)?,
        privileges: row.try_get(3)?,
        grantable: row.try_get(4)?,
        grantee: row.try_get(5)?,
        grantor: row.try_get(6)?,
        owner: row.try_get(7)?,
        why: None,
    })
}

/// A routine that may be executed; `None` where executing it only reads.
fn routine(row: &Row) -> Result<Option<Grant>, tokio_postgres::Error> {
    let (name, own, definer): (&str, bool, bool) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let reads = match (own, definer) {
        (true, true) => false,
        (true, false) => !gives_power(name),
        (false, _) => sql::functions::builtin(name) == Some(Kind::Reads),
    };
    let why = match (own, definer) {
        (true, true) => "which runs with its owner's rights and may write",
        (true, false) => "which an extension brings and which acts by itself",
        (false, _) => "which acts by itself",
    };
    let grant = Grant {
        kind: "ROUTINE".to_owned(),
        object: row.try_get(0)?,
        column: None,
        privileges: vec!["EXECUTE".to_owned()],
        grantable: row.try_get(4)?,
        grantee: row.try_get(5)?,
        grantor: row.try_get(6)?,
        owner: row.try_get(7)?,
        why: Some(why.to_owned()),
    };
    Ok((!reads).then_some(grant))
}

/// Whether a function of an extension does what its caller could not do otherwise. Those that only run a text
/// with the caller's own rights do not, but dblink runs it elsewhere.
fn gives_power(name: &str) -> bool {
    match sql::functions::of_extension(name) {
        Some(Kind::Writes | Kind::Administers | Kind::ServerFile) => true,
        Some(Kind::RunsText) => name.starts_with("dblink"),
        Some(Kind::Reads | Kind::Sleeps | Kind::Session | Kind::Locks | Kind::Notifies) | None => false,
    }
}

fn owned_one(row: &Row) -> Result<Owned, tokio_postgres::Error> {
    Ok(Owned { kind: row.try_get(0)?, object: row.try_get(1)?, owner: row.try_get(2)? })
}

fn stored(row: &Row) -> Result<Stored, tokio_postgres::Error> {
    Ok(Stored { of_role: row.try_get(0)?, of_database: row.try_get(1)?, setting: row.try_get(2)? })
}

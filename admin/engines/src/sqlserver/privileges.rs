//! What may the login do that a reader need not?
//!
//! SQL Server has no transaction that only reads, so the login's own privileges are the wall that counts most. What
//! is found is told to whoever tries the connection, with what helps.

use super::SqlServer;
use crate::connection::Excess;
use crate::error::{EngineError, ErrorClass};
use tiberius::Row;

/// 1 for yes, 0 for no, NULL where the server does not know the name.
const ASKED: &str = "SELECT IS_SRVROLEMEMBER('sysadmin') AS sysadmin,
 HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER') AS control_server,
 IS_SRVROLEMEMBER('securityadmin') AS securityadmin, IS_MEMBER('db_owner') AS db_owner,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'CONTROL') AS control_database,
 IS_MEMBER('db_securityadmin') AS db_securityadmin, IS_MEMBER('db_ddladmin') AS db_ddladmin,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'ALTER') AS alter_database,
 IS_MEMBER('db_datawriter') AS db_datawriter,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'INSERT') AS may_insert,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'UPDATE') AS may_update,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'DELETE') AS may_delete,
 HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'EXECUTE') AS may_execute,
 HAS_PERMS_BY_NAME(NULL, NULL, 'ADMINISTER BULK OPERATIONS') AS may_bulk";

/// Who may everything: what is said of the first of these that holds contains all behind it.
const LEVELS: [(&[&str], &str, &str); 2] = [
    (
        &["sysadmin", "control_server", "securityadmin"],
        "the login may do everything on the whole server (sysadmin, CONTROL SERVER or securityadmin)",
        "make a login for reading: CREATE LOGIN reader WITH PASSWORD = '…', CREATE USER reader in the database, \
         ALTER ROLE db_datareader ADD MEMBER reader",
    ),
    (
        &["db_owner", "control_database"],
        "the user owns the database (db_owner or CONTROL)",
        "ALTER ROLE db_owner DROP MEMBER …, ALTER ROLE db_datareader ADD MEMBER …",
    ),
];

const SINGLE: [(&[&str], &str, &str); 7] = [
    (
        &["db_securityadmin"],
        "the user may change who may do what (db_securityadmin)",
        "ALTER ROLE db_securityadmin DROP MEMBER …",
    ),
    (
        &["db_ddladmin", "alter_database"],
        "the user may change what is in the database (db_ddladmin or ALTER)",
        "ALTER ROLE db_ddladmin DROP MEMBER …, REVOKE ALTER TO …",
    ),
    (
        &["db_datawriter", "may_insert"],
        "the user may insert rows everywhere (db_datawriter or INSERT)",
        "ALTER ROLE db_datawriter DROP MEMBER …, REVOKE INSERT TO …",
    ),
    (
        &["may_update"],
        "the user may update rows everywhere (UPDATE)",
        "ALTER ROLE db_datawriter DROP MEMBER …, REVOKE UPDATE TO …",
    ),
    (
        &["may_delete"],
        "the user may delete rows everywhere (DELETE)",
        "ALTER ROLE db_datawriter DROP MEMBER …, REVOKE DELETE TO …",
    ),
    (
        &["may_execute"],
        "the user may call every procedure (EXECUTE)",
        "REVOKE EXECUTE TO …, and grant it on single procedures where it is needed",
    ),
    (
        &["may_bulk"],
        "the login may read files of the server (ADMINISTER BULK OPERATIONS)",
        "ALTER SERVER ROLE bulkadmin DROP MEMBER …, REVOKE ADMINISTER BULK OPERATIONS TO …",
    ),
];

/// What the login may do beyond reading; nothing where the server does not tell.
pub(super) async fn excess(server: &mut SqlServer) -> Result<Vec<Excess>, EngineError> {
    match server.ask(ASKED).await {
        Ok(rows) => Ok(rows.first().map(found).unwrap_or_default()),
        Err(error) if matches!(error.class(), ErrorClass::Statement | ErrorClass::Permission) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

fn found(row: &Row) -> Vec<Excess> {
    let is_so = |name: &&str| matches!(row.try_get::<i32, _>(*name), Ok(Some(1)));
    let told = |(_, what, remedy): &(&[&str], &'static str, &'static str)| Excess {
        what: (*what).to_owned(),
        remedy: (*remedy).to_owned(),
    };
    if let Some(level) = LEVELS.iter().find(|(names, ..)| names.iter().any(is_so)) {
        return vec![told(level)];
    }
    SINGLE.iter().filter(|(names, ..)| names.iter().any(is_so)).map(told).collect()
}

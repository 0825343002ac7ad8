//! As whom does the gateway itself look into the server?

use super::DATABASE;
use super::fill::{FillError, connect, execute, role_exists};
use tokio_postgres::Config;

/// Looks for the gateway, and reads nothing of the shop.
pub const PROBE: &str = "shop_probe";

/// Older servers would keep an MD5 hash. A password is in no log of the server, however that is set.
const SESSION: &str = "SET password_encryption = 'scram-sha-256'; SET log_statement = 'none'; \
                       SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic'";

/// Makes the role the gateway's probe logs in as, where there is none, and gives it this password. A server that
/// was filled before there was such a role gets it as well. `server` names the server and a superuser.
pub async fn prepare_probe(server: &Config, password: &str) -> Result<(), FillError> {
    let action = "make the role of the gateway's probe";
    let administrator = connect(server, |config| config.dbname("postgres")).await?;
    execute(&administrator, action, SESSION).await?;
    if !role_exists(&administrator, PROBE, action).await? {
        execute(&administrator, action, &format!("CREATE ROLE {PROBE}")).await?;
    }
    let password = password.replace('\'', "''");
    // With the second grant it sees what a session waits for; who waits for whom any role may ask.
    let granted = format!(
        "ALTER ROLE {PROBE} LOGIN CONNECTION LIMIT 10 PASSWORD '{password}'; \
         GRANT CONNECT ON DATABASE {DATABASE} TO {PROBE}; GRANT pg_read_all_stats TO {PROBE}"
    );
    execute(&administrator, action, &granted).await
}

//! What may PostgreSQL's roles do, and what does one of its databases do of its own?

mod connect;
mod facts;
mod gaps;
mod privileges;
mod roles;

pub(crate) use connect::{Link, connect, connect_to};

use super::{Examination, LOOK_WAIT, ProbeError};
use privileges::Server;
use relay::settings::{ListenerSettings, Probe};
use relay::standing::{Pair, Standing};
use sql::catalog::Catalog;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Looks once at `role` in `database`, or at all that may log in.
pub(super) async fn examine(
    settings: &ListenerSettings,
    probe: &Probe,
    role: Option<&str>,
    database: &str,
) -> Result<Examination, ProbeError> {
    let link = connect(settings, probe, database).await?;
    let server = privileges::server(&link.client).await?;
    let roles = match role {
        Some(role) => BTreeSet::from([Box::from(role)]),
        None => {
            let names = server.roles.values().filter(|role| role.logs_in);
            names.map(|role| Box::from(role.name.as_str())).collect()
        }
    };
    let standings = standings(&link, &server, database, &roles).await?;
    let catalog = catalog(&link).await?;
    Ok(Examination { standings, catalog, by_superuser: server.asked_by_superuser, notes: Vec::new() })
}

/// What a look at roles found, and the session it was found in.
pub(super) struct Look {
    pub(super) standings: Vec<(Pair, Standing)>,
    pub(super) by_superuser: bool,
    pub(super) link: Link,
}

/// Looks at roles.
pub(super) async fn look(
    settings: &ListenerSettings,
    probe: &Probe,
    database: &str,
    roles: &BTreeSet<Box<str>>,
) -> Result<Look, ProbeError> {
    let link = connect(settings, probe, database).await?;
    let server = privileges::server(&link.client).await?;
    let standings = standings(&link, &server, database, roles).await?;
    Ok(Look { standings, by_superuser: server.asked_by_superuser, link })
}

/// What each of the roles may do in the database.
async fn standings(
    link: &Link,
    server: &Server,
    database: &str,
    names: &BTreeSet<Box<str>>,
) -> Result<Vec<(Pair, Standing)>, ProbeError> {
    let mut all = Vec::new();
    for name in names {
        let standing = match server.roles.values().find(|role| *role.name == **name) {
            None => Standing::Unverified(ProbeError::NoRole.to_string().into()),
            Some(role) => {
                let reach = roles::reach(role.id, &server.memberships);
                let ids: Vec<u32> = reach.keys().copied().collect();
                let found = privileges::found(&link.client, server, role.id, &ids).await?;
                gaps::standing(role, database, server, &reach, &found)
            }
        };
        all.push(((name.clone(), Box::from(database)), standing));
    }
    Ok(all)
}

/// What follows from the database's catalog. Worked out on a thread of its own: it may be large.
pub(super) async fn catalog(link: &Link) -> Result<Arc<Catalog>, ProbeError> {
    let facts = facts::facts(&link.client).await?;
    let made = tokio::task::spawn_blocking(move || Catalog::new(facts)).await;
    made.map(Arc::new).map_err(|_| ProbeError::Slow(LOOK_WAIT.as_secs()))
}

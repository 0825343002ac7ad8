//! What may the accounts of a MySQL or MariaDB server do?
//!
//! A name is looked at on the server as a whole: its rights belong to no database. What an account may do is what
//! SHOW GRANTS says of it, of every role it has and of everybody (PUBLIC), beside rows of `mysql.db` that no SHOW
//! GRANTS tells.

mod accounts;
mod connect;
mod gaps;
mod grants;
mod kill;
mod look;
mod tunnel;

pub(crate) use connect::{Link, Server, connect_to};
pub(crate) use kill::kill;
pub(crate) use look::word;

use super::{Examination, ProbeError};
use connect::connect;
use grants::Account;
use look::View;
use mysql_async::Row;
use mysql_async::prelude::Queryable;
use relay::settings::{ListenerSettings, Probe};
use relay::standing::{Pair, Standing, WHOLE_SERVER};
use sql::catalog::{Catalog, CatalogFacts};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Looks once at the account behind `user`, or at all that may log in from here.
pub(super) async fn examine(
    settings: &ListenerSettings,
    probe: &Probe,
    user: Option<&str>,
) -> Result<Examination, ProbeError> {
    let mut link = connect(settings, probe).await?;
    let mut view = View::new(&mut link).await?;
    let users = match user {
        Some(user) => BTreeSet::from([Box::from(user)]),
        None => view.users(),
    };
    let standings = standings(&mut view, &users).await?;
    let by_superuser = view.may_write().await?;
    let notes = view.notes().await?;
    link.close().await;
    Ok(Examination {
        standings,
        catalog: Arc::new(Catalog::new(CatalogFacts::default())),
        by_superuser,
        notes,
    })
}

/// What a look at names found.
pub(super) struct Look {
    pub(super) standings: Vec<(Pair, Standing)>,
    pub(super) by_superuser: bool,
}

/// Looks at the accounts behind names.
pub(super) async fn look(
    settings: &ListenerSettings,
    probe: &Probe,
    users: &BTreeSet<Box<str>>,
) -> Result<Look, ProbeError> {
    let mut link = connect(settings, probe).await?;
    let mut view = View::new(&mut link).await?;
    let standings = standings(&mut view, users).await?;
    let by_superuser = view.may_write().await?;
    link.close().await;
    Ok(Look { standings, by_superuser })
}

async fn standings(
    view: &mut View<'_>,
    users: &BTreeSet<Box<str>>,
) -> Result<Vec<(Pair, Standing)>, ProbeError> {
    let mut all = Vec::new();
    for user in users {
        let standing = view.standing(user).await?;
        all.push(((user.clone(), Box::from(WHOLE_SERVER)), standing));
    }
    Ok(all)
}

/// Errors of who may not read: a database, a table, a column, something of the whole server.
const DENIED: [u16; 4] = [1044, 1142, 1143, 1227];

/// What an error says, where it says that the probe's account lacks one of these `grants`.
pub(crate) async fn not_allowed(
    link: &mut Link,
    error: mysql_async::Error,
    deed: &'static str,
    grants: &[&str],
) -> ProbeError {
    match error {
        mysql_async::Error::Server(said) if DENIED.contains(&said.code) => match itself(link).await {
            Ok(account) => {
                let account = account.quoted();
                let grant = |grant: &&str| format!("GRANT {grant} TO {account};");
                let remedy: Vec<String> = grants.iter().map(grant).collect();
                ProbeError::NotAllowed { account, deed, remedy: remedy.join(" ") }
            }
            Err(error) => error.into(),
        },
        other => other.into(),
    }
}

/// The account that a session of the gateway's own has.
async fn itself(link: &mut Link) -> Result<Account, mysql_async::Error> {
    let account: Option<Row> = link.conn.query_first("SELECT CURRENT_USER()").await?;
    let account = account.map(|row| look::word(&row, 0)).unwrap_or_default();
    let (user, host) = account.rsplit_once('@').unwrap_or((&account, ""));
    Ok(Account { user: user.to_owned(), host: Some(host.to_owned()) })
}

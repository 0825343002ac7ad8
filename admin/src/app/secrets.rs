//! How do secrets get into the state and out of it, and how is their master key changed?

use crate::problem::{Code, Problem};
use crate::vault::{Sealed, Vault, VaultError};
use admin_store::secrets::{self, NewSecret, Secret};
use admin_store::{Id, Store, StoreError, Tx};
use std::path::Path;
use zeroize::Zeroizing;

/// How many data keys are wrapped anew in one transaction.
const BATCH: i64 = 50;
/// The nonce of what is sealed, in bytes: the state keeps it in a column of its own.
const NONCE_BYTES: usize = 24;

/// A password as it is kept.
pub type Password = Zeroizing<String>;

/// What a secret of this owner is sealed for.
fn belongs_to(owner_kind: &str, owner: Id) -> String {
    format!("{owner_kind}/{owner}")
}

fn to_stored(sealed: Sealed) -> secrets::Sealed {
    let Sealed { key_id, wrapped_key, mut sealed } = sealed;
    let text = sealed.split_off(NONCE_BYTES.min(sealed.len()));
    secrets::Sealed { wrapped_key, master_key: key_id, nonce: sealed, sealed: text }
}

fn of_stored(stored: &secrets::Sealed) -> Sealed {
    Sealed {
        key_id: stored.master_key.clone(),
        wrapped_key: stored.wrapped_key.clone(),
        sealed: [stored.nonce.as_slice(), &stored.sealed].concat(),
    }
}

/// Seals the password of a connection and keeps it: in the place of `before`, if there is one. Gives what
/// it is found by.
pub(crate) async fn keep_password(
    tx: &mut Tx,
    vault: &Vault,
    (workspace, connection): (Id, Id),
    before: Option<Id>,
    password: &Password,
) -> Result<Id, Problem> {
    let sealed = to_stored(vault.seal(password.as_bytes(), &belongs_to("connection", connection))?);
    if let Some(before) = before {
        secrets::replace(tx, before, &sealed).await?;
        return Ok(before);
    }
    let new = NewSecret {
        id: Id::new(),
        workspace: Some(workspace),
        kind: "password",
        owner_kind: "connection",
        owner: connection,
        sealed: &sealed,
    };
    secrets::create(tx, new).await?;
    Ok(new.id)
}

/// Seals a secret of a person and keeps it; gives what it is found by.
pub(crate) async fn keep_of_person(
    tx: &mut Tx,
    vault: &Vault,
    user: Id,
    kind: &str,
    secret: &Password,
) -> Result<Id, Problem> {
    let sealed = to_stored(vault.seal(secret.as_bytes(), &belongs_to("user", user))?);
    let new =
        NewSecret { id: Id::new(), workspace: None, kind, owner_kind: "user", owner: user, sealed: &sealed };
    secrets::create(tx, new).await?;
    Ok(new.id)
}

/// Opens a secret.
pub(crate) fn open(vault: &Vault, secret: &Secret) -> Result<Password, Problem> {
    let place = belongs_to(&secret.owner_kind, secret.owner);
    let bytes = vault.open_sealed(&of_stored(&secret.sealed), &place)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Problem::new(Code::Unavailable, "a stored secret is no text; set it anew"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The vault of a state. A master key is made only where no secret is yet.
pub async fn vault(
    store: &Store,
    given: Option<&str>,
    directory: &Path,
) -> Result<Result<Vault, VaultError>, StoreError> {
    let mut tx = store.read().await?;
    let counts = secrets::count_by_master_key(&mut tx).await?;
    tx.commit().await?;
    let has_secrets = counts.into_iter().any(|(_, count)| count > 0);
    Ok(if has_secrets { Vault::reopen(given, directory) } else { Vault::open(given, directory) })
}

/// Whether all secrets of the state can be opened with the key of `vault`.
pub async fn check(store: &Store, vault: &Vault) -> Result<Result<(), VaultError>, StoreError> {
    let mut tx = store.read().await?;
    let counts = secrets::count_by_master_key(&mut tx).await?;
    tx.commit().await?;
    let other = counts.into_iter().find(|(key, count)| *count > 0 && key != vault.key_id());
    Ok(match other {
        None => Ok(()),
        Some((found, _)) => Err(VaultError::OtherKey { found, this: vault.key_id().to_owned() }),
    })
}

/// Wraps the data keys of all secrets with `new` in the place of `old`; gives how many. What was done
/// stays done when it is interrupted: asking again does the rest.
pub async fn rekey(store: &Store, old: &Vault, new: &Vault) -> Result<u64, Problem> {
    let (mut done, mut unknown, mut after) = (0, 0_u64, None);
    loop {
        let mut tx = store.write().await?;
        let page = secrets::wrapped_by_others(&mut tx, new.key_id(), after, BATCH).await?;
        for secret in &page.items {
            if secret.sealed.master_key != old.key_id() {
                unknown += 1;
                continue;
            }
            let place = belongs_to(&secret.owner_kind, secret.owner);
            let again = old.rewrap(&of_stored(&secret.sealed), &place, new)?;
            secrets::rewrap(&mut tx, secret, &again.wrapped_key, &again.key_id).await?;
            done += 1;
        }
        tx.commit().await?;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    if unknown > 0 {
        return Err(Problem::new(
            Code::Conflict,
            format!("{done} secrets have the new master key; {unknown} were sealed with a third one"),
        )
        .with_hint("do it again with the key they were sealed with as the old one"));
    }
    Ok(done)
}

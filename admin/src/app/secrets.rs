//! How do secrets get into the state and out of it, and how is their master key changed?

use crate::problem::{Code, Problem};
use crate::vault::{Sealed, Source, Vault, VaultError};
use admin_store::secrets::{self, NewSecret, Secret};
use admin_store::{Id, Store, StoreError, Tx};
use zeroize::Zeroizing;

/// How many data keys are wrapped anew in one transaction.
const BATCH: i64 = 50;
/// How often all are looked at again because some changed meanwhile.
const ROUNDS_MAX: u32 = 5;
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

/// Seals the password of a connection. Before the change begins that keeps it: a secret store may be asked, and
/// nobody else writes while a change is open.
pub(crate) async fn seal_password(
    vault: &Vault,
    connection: Id,
    password: &Password,
) -> Result<secrets::Sealed, Problem> {
    Ok(to_stored(vault.seal(password.as_bytes(), &belongs_to("connection", connection)).await?))
}

/// Keeps the sealed password of a connection: in the place of `before`, if there is one. Gives what it is found
/// by.
pub(crate) async fn keep_password(
    tx: &mut Tx,
    (workspace, connection): (Id, Id),
    before: Option<Id>,
    sealed: &secrets::Sealed,
) -> Result<Id, Problem> {
    if let Some(before) = before {
        secrets::replace(tx, before, sealed).await?;
        return Ok(before);
    }
    let new = NewSecret {
        id: Id::new(),
        workspace: Some(workspace),
        kind: "password",
        owner_kind: "connection",
        owner: connection,
        sealed,
    };
    secrets::create(tx, new).await?;
    Ok(new.id)
}

/// Seals a secret of a person, before the change begins that keeps it.
pub(crate) async fn seal_of_person(
    vault: &Vault,
    user: Id,
    secret: &Password,
) -> Result<secrets::Sealed, Problem> {
    Ok(to_stored(vault.seal(secret.as_bytes(), &belongs_to("user", user)).await?))
}

/// Keeps a sealed secret of a person; gives what it is found by.
pub(crate) async fn keep_of_person(
    tx: &mut Tx,
    user: Id,
    kind: &str,
    sealed: &secrets::Sealed,
) -> Result<Id, Problem> {
    let new = NewSecret { id: Id::new(), workspace: None, kind, owner_kind: "user", owner: user, sealed };
    secrets::create(tx, new).await?;
    Ok(new.id)
}

/// Opens a secret. Not within a change: a secret store may be asked.
pub(crate) async fn open(vault: &Vault, secret: &Secret) -> Result<Password, Problem> {
    let place = belongs_to(&secret.owner_kind, secret.owner);
    let bytes = vault.open_sealed(&of_stored(&secret.sealed), &place).await?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Problem::new(Code::Unavailable, "a stored secret is no text; set it anew"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// The vault of a state. A master key is made only where no secret is yet.
pub async fn vault(store: &Store, source: Source<'_>) -> Result<Result<Vault, VaultError>, StoreError> {
    if let Some(settings) = source.key_store {
        return Ok(Vault::of_store(settings).await);
    }
    let mut tx = store.read().await?;
    let counts = secrets::count_by_master_key(&mut tx).await?;
    tx.commit().await?;
    let has_secrets = counts.into_iter().any(|(_, count)| count > 0);
    let Source { given, directory, .. } = source;
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
    if old.key_id() == new.key_id() && new.key_store().is_some() {
        return Err(Problem::new(
            Code::Conflict,
            format!("the key in the secret store is called `{}` before and after", new.key_id()),
        )
        .with_hint("name another key, or wrap with the latest version of this one by `--latest`"));
    }
    let mut done = 0;
    for _ in 0..ROUNDS_MAX {
        let round = wrap_all(store, old, new, new.key_id()).await?;
        done += round.done;
        if round.unknown > 0 {
            return Err(Problem::new(
                Code::Conflict,
                format!(
                    "{done} secrets have the new master key; {} were sealed with a third one",
                    round.unknown
                ),
            )
            .with_hint("do it again with the key they were sealed with as the old one"));
        }
        if round.changed == 0 {
            return Ok(done);
        }
    }
    Err(Problem::new(
        Code::Conflict,
        format!("{done} secrets have the new master key; others change all the time"),
    )
    .with_hint("stop every control plane of this state, then do it again: it does the rest"))
}

/// Wraps the data keys of all secrets with the latest version of the key in a secret store; gives how many.
/// Sound while control planes run: whoever has the key opens all of its versions, and what is replaced
/// meanwhile has the latest already.
pub async fn wrap_with_latest(store: &Store, vault: &Vault) -> Result<u64, Problem> {
    if vault.key_store().is_none() {
        return Err(Problem::new(
            Code::Conflict,
            "the master key is not kept by a secret store: it has no versions",
        )
        .with_hint("take another key with `--new-key`, or settings that name another one with `--to`"));
    }
    // No key has the empty name: all are wrapped anew.
    let round = wrap_all(store, vault, vault, "").await?;
    if round.unknown > 0 {
        return Err(Problem::new(
            Code::Conflict,
            format!(
                "{} secrets have the latest version; {} were sealed with another key",
                round.done, round.unknown
            ),
        )
        .with_hint("finish the rekeying that was begun, then do this again"));
    }
    Ok(round.done)
}

/// What became of all secrets.
#[derive(Default)]
struct Round {
    done: u64,
    /// Sealed with a key that is neither the old nor the new one.
    unknown: u64,
    /// Somebody else changed them meanwhile.
    changed: u64,
}

/// Wraps those that are not of `but`, a batch after the other. No transaction is open while a store is asked, and
/// where the store fails in the midst of a batch, what was wrapped of it is written first.
async fn wrap_all(store: &Store, old: &Vault, new: &Vault, but: &str) -> Result<Round, Problem> {
    let (mut round, mut after) = (Round::default(), None);
    loop {
        let mut tx = store.read().await?;
        let page = secrets::wrapped_by_others(&mut tx, but, after, BATCH).await?;
        tx.commit().await?;
        let (mut wrapped, mut failed) = (Vec::with_capacity(page.items.len()), None);
        for secret in &page.items {
            if secret.sealed.master_key != old.key_id() {
                round.unknown += 1;
                continue;
            }
            let place = belongs_to(&secret.owner_kind, secret.owner);
            match old.rewrap(&of_stored(&secret.sealed), &place, new).await {
                Ok(again) => wrapped.push((secret, again)),
                Err(problem) => {
                    failed = Some(problem);
                    break;
                }
            }
        }
        let mut tx = store.write().await?;
        for (secret, again) in wrapped {
            match secrets::rewrap(&mut tx, secret, &again.wrapped_key, &again.key_id).await {
                Ok(()) => round.done += 1,
                Err(StoreError::Changed(_)) => round.changed += 1,
                Err(error) => return Err(error.into()),
            }
        }
        tx.commit().await?;
        if let Some(problem) = failed {
            return Err(problem);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(round),
        }
    }
}

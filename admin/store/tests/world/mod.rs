//! Who and what is there before a test begins: two people, each with a workspace.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use admin_store::users::{self, NewUser};
use admin_store::workspaces::{self, Kind, Slug};
use admin_store::{Id, Store, StoreError, Tx};
use std::future::Future;

/// Names that have broken other programs. All of them are just names.
pub const NAMES: [&str; 8] = [
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "100%_\\",
    "$1 ?1 :name",
    "Größe 数据 🛒👩‍👩‍👧",
    " leading and trailing ",
    "line\nbreak\ttab",
    "\u{202e}gnirts",
];

/// A name of 10,000 bytes that does not compress, so that an index could not hold it as it is.
pub fn long_name() -> String {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut name = String::new();
    while name.len() < 10_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        name.push_str(&format!("{state:016x}"));
    }
    name.truncate(10_000);
    name
}

/// Two people and their workspaces.
#[derive(Clone, Debug)]
pub struct World {
    pub store: Store,
    pub ada: Id,
    pub ben: Id,
    pub workspace: Id,
    pub elsewhere: Id,
}

impl World {
    pub async fn new(store: &Store) -> World {
        let mut tx = store.write().await.unwrap();
        let ada = user(&mut tx, "ada@example.com").await;
        let ben = user(&mut tx, "ben@example.com").await;
        let workspace = workspace(&mut tx, "shop").await;
        let elsewhere = self::workspace(&mut tx, "elsewhere").await;
        tx.commit().await.unwrap();
        World { store: store.clone(), ada, ben, workspace, elsewhere }
    }

    pub async fn write(&self) -> Tx {
        self.store.write().await.unwrap()
    }

    pub async fn read(&self) -> Tx {
        self.store.read().await.unwrap()
    }
}

async fn user(tx: &mut Tx, email: &str) -> Id {
    let new = NewUser {
        email,
        is_email_verified: true,
        name: email,
        password_hash: None,
        is_instance_admin: false,
    };
    users::create(tx, &new).await.unwrap().id
}

async fn workspace(tx: &mut Tx, name: &str) -> Id {
    let slug = Slug::parse(name).unwrap();
    workspaces::create(tx, &slug, name, Kind::Shared, None).await.unwrap().id
}

/// Does it again while others are in the way.
pub async fn until_not_busy<T, F>(mut attempt: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(StoreError::Busy) if std::time::Instant::now() < deadline => {}
            Err(error) => panic!("{error}"),
        }
    }
}

//! How does one test run against both databases that can hold the state?
//!
//! [`each_backend`] runs it twice, each time on a fresh state: a SQLite file, then a database of a
//! PostgreSQL server that this process starts once and that ends with it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod server;

use admin_store::{Backend, Location, Store};
use std::cell::RefCell;
use std::future::Future;
use std::path::PathBuf;

thread_local! {
    /// Folders of the states of this thread's test; gone when it ends, or its thread does.
    static FOLDERS: RefCell<Vec<tempfile::TempDir>> = const { RefCell::new(Vec::new()) };
}

/// Runs `test` on a fresh state of each backend, in a runtime of its own.
pub fn each_backend<F, T>(test: F)
where
    F: Fn(Store) -> T,
    T: Future<Output = ()>,
{
    each_location(|location| async {
        let store = Store::open(location).await.expect("a fresh state opens");
        test(store.clone()).await;
        store.close().await;
    });
}

/// The same with the places alone: nothing is there yet.
pub fn each_location<F, T>(test: F)
where
    F: Fn(Location) -> T,
    T: Future<Output = ()>,
{
    for backend in [Backend::Sqlite, Backend::Postgres] {
        eprintln!("on {backend:?}");
        run(test(fresh(backend)));
    }
}

/// Runs a test that brings its own places.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let _clean = Clean;
    runtime.expect("a runtime").block_on(test);
}

/// Two handles on one fresh state, as two nodes have them.
pub async fn two_stores(backend: Backend) -> (Store, Store) {
    let location = fresh(backend);
    let one = Store::open(location.clone()).await.expect("a fresh state opens");
    let other = Store::open(location).await.expect("it opens once more");
    (one, other)
}

/// Another handle on the state of `store`.
pub async fn another(store: &Store) -> Store {
    Store::open(store.location().clone()).await.expect("it opens once more")
}

/// A place where no state is yet.
pub fn fresh(backend: Backend) -> Location {
    match backend {
        Backend::Sqlite => Location::File(folder().join("state.db")),
        Backend::Postgres => Location::Server(server::fresh_database()),
    }
}

/// A folder that is gone when the test ends.
pub fn folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("dragoman-state-").tempdir().expect("a folder");
    let path = folder.path().to_owned();
    FOLDERS.with_borrow_mut(|folders| folders.push(folder));
    path
}

/// Removes the folders, also when the test fails.
struct Clean;

impl Drop for Clean {
    fn drop(&mut self) {
        FOLDERS.with_borrow_mut(Vec::clear);
    }
}

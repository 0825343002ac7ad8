//! Does a run end once, and is it found by who ran it and where?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
mod world;

use admin_store::runs::{self, NewRun, RunEnd, RunFilter, RunState};
use admin_store::{Id, StoreError, Tx};
use world::{NAMES, World};

/// The connections and the saved query of the runs, and the runs.
struct Runs {
    shop: Id,
    copy: Id,
    query: Id,
    ids: Vec<Id>,
}

/// Eight runs, one for each name: by one person, then by the other; here and there in turn; the last refused.
async fn begin(tx: &mut Tx, world: &World) -> Runs {
    let (shop, copy, query) = (Id::new(), Id::new(), Id::new());
    let mut ids = Vec::new();
    for (number, text) in NAMES.into_iter().enumerate() {
        let new = NewRun {
            id: Id::new(),
            workspace: world.workspace,
            connection: if number % 2 == 0 { shop } else { copy },
            user: if number < 4 { world.ada } else { world.ben },
            saved_query: (number == 5).then_some(query),
            text,
            verdict: "allow",
            state: if number == 7 { RunState::Refused } else { RunState::Running },
            started_at: number as i64,
        };
        runs::begin(tx, new).await.unwrap();
        ids.push(new.id);
    }
    Runs { shop, copy, query, ids }
}

fn done() -> RunEnd {
    RunEnd {
        state: RunState::Done,
        rows: 3,
        bytes: i64::from(u32::MAX) + 1,
        elapsed_us: 1_500,
        error_class: None,
        finished_at: 100,
    }
}

fn cancelled() -> RunEnd {
    RunEnd { state: RunState::Cancelled, error_class: Some("57014".to_owned()), ..done() }
}

#[test]
fn a_run_ends_once() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let workspace = world.workspace;
        let mut tx = world.write().await;
        let Runs { ids, .. } = begin(&mut tx, &world).await;
        for (id, text) in ids.iter().zip(NAMES) {
            assert_eq!(runs::get(&mut tx, workspace, *id).await.unwrap().text, text);
        }
        assert!(runs::finish(&mut tx, ids[0], &done()).await.unwrap());
        assert!(!runs::finish(&mut tx, ids[0], &cancelled()).await.unwrap(), "it ended already");
        assert!(!runs::finish(&mut tx, ids[7], &done()).await.unwrap(), "it never ran");
        let ended = runs::get(&mut tx, workspace, ids[0]).await.unwrap();
        assert_eq!((ended.state, ended.rows, ended.bytes), (RunState::Done, 3, i64::from(u32::MAX) + 1));
        assert_eq!((ended.elapsed_us, ended.finished_at, ended.error_class), (Some(1_500), Some(100), None));
        assert_eq!(runs::get(&mut tx, workspace, ids[7]).await.unwrap().finished_at, Some(7));
        assert!(runs::get(&mut tx, world.elsewhere, ids[0]).await.is_err());

        assert_eq!(runs::abandon(&mut tx, 4, 200).await.unwrap(), 3);
        let lost = runs::get(&mut tx, workspace, ids[2]).await.unwrap();
        assert_eq!((lost.state, lost.error_class.as_deref()), (RunState::Failed, Some("abandoned")));
        assert_eq!(runs::prune(&mut tx, 100, 3).await.unwrap(), 3);
        assert_eq!(runs::prune(&mut tx, 100, 100).await.unwrap(), 2, "what still runs stays");
        tx.commit().await.unwrap();

        let mut tx = world.write().await;
        let nul = NewRun {
            id: Id::new(),
            workspace,
            connection: Id::new(),
            user: world.ada,
            saved_query: None,
            text: "SELECT '\0'",
            verdict: "allow",
            state: RunState::Running,
            started_at: 0,
        };
        let nul = runs::begin(&mut tx, nul).await;
        assert!(matches!(nul, Err(StoreError::Unfit("text"))), "{nul:?}");
    });
}

#[test]
fn runs_are_found_by_who_and_where_page_by_page() {
    harness::each_backend(|store| async move {
        let world = World::new(&store).await;
        let mut tx = world.write().await;
        let Runs { shop, copy, query, ids } = begin(&mut tx, &world).await;
        assert!(runs::finish(&mut tx, ids[1], &cancelled()).await.unwrap());
        let any = RunFilter::default();
        let cases: [(RunFilter, &[usize]); 6] = [
            (any, &[7, 6, 5, 4, 3, 2, 1, 0]),
            (RunFilter { user: Some(world.ada), ..any }, &[3, 2, 1, 0]),
            (RunFilter { connection: Some(shop), ..any }, &[6, 4, 2, 0]),
            (RunFilter { connection: Some(copy), user: Some(world.ben), ..any }, &[7, 5]),
            (RunFilter { saved_query: Some(query), ..any }, &[5]),
            (RunFilter { state: Some(RunState::Cancelled), ..any }, &[1]),
        ];
        for (filter, expected) in cases {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let page = runs::list(&mut tx, world.workspace, filter, before, 3).await.unwrap();
                found.extend(page.items.into_iter().map(|run| run.id));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            let expected: Vec<Id> = expected.iter().map(|number| ids[*number]).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
        let foreign = runs::list(&mut tx, world.elsewhere, any, None, 3).await.unwrap();
        assert!(foreign.items.is_empty());
    });
}

//! Is each role asked for once, for as long as an answer holds, and never let in without one?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use std::cell::Cell;

/// Made by a PostgreSQL server for the password `pencil`.
const STORED: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

fn upstream() -> Verifiers {
    Verifiers::of_upstream(Question { function: None, database: "postgres".into() })
}

fn known(text: &str) -> Known {
    Known { verifier: Verifier::parse(text).ok(), iterations: ITERATIONS }
}

/// Moves the answer on a role's card back in time.
fn age(verifiers: &Verifiers, user: &str, by: Duration) {
    let mut shelf = verifiers.shelf.lock().unwrap();
    let card = shelf.upper.get(user).unwrap();
    let answer = card.get().unwrap();
    let older = Answer { at: answer.at - by, found: answer.found.clone() };
    shelf.upper.insert(user.into(), Arc::new(OnceCell::new_with(Some(older))));
}

#[tokio::test]
async fn an_answer_holds_for_a_while_and_is_then_asked_for_anew() {
    let (verifiers, asked) = (upstream(), Cell::new(0));
    let find = async || {
        let ask = async |_| {
            asked.set(asked.get() + 1);
            Ok(known(STORED))
        };
        verifiers.find("ann", ask).await.unwrap().known.verifier.is_some()
    };
    assert!(find().await && find().await);
    assert_eq!(asked.get(), 1);
    age(&verifiers, "ann", FRESH - Duration::from_secs(1));
    assert!(find().await);
    assert_eq!(asked.get(), 1);
    age(&verifiers, "ann", Duration::from_secs(1));
    assert!(find().await);
    assert_eq!(asked.get(), 2);
}

#[tokio::test]
async fn logins_that_come_together_are_one_question() {
    let (verifiers, asked) = (upstream(), Cell::new(0));
    let (answer, heard) = oneshot::channel();
    let first = verifiers.find("ann", async |_| {
        asked.set(asked.get() + 1);
        heard.await.unwrap()
    });
    let others = verifiers.find("ann", async |_| panic!("asked twice"));
    let (one, other, ()) = tokio::join!(first, others, async { answer.send(Ok(known(STORED))).unwrap() });
    assert!(one.unwrap().known.verifier.is_some() && other.unwrap().known.verifier.is_some());
    assert_eq!(asked.get(), 1);
}

#[tokio::test]
async fn who_gives_up_leaves_the_question_to_the_next() {
    let verifiers = upstream();
    let never = verifiers.find("ann", async |_| std::future::pending().await);
    assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
    let found = verifiers.find("ann", async |_| Ok(known(STORED))).await.unwrap();
    assert!(found.known.verifier.is_some());
}

#[tokio::test]
async fn a_failure_lets_nobody_in_and_is_not_asked_for_again_at_once() {
    let verifiers = upstream();
    assert!(verifiers.find("ann", async |_| Err(LookupFailed)).await.is_err());
    assert!(verifiers.find("ann", async |_| Ok(known(STORED))).await.is_err());
    age(&verifiers, "ann", RETRY);
    assert!(verifiers.find("ann", async |_| Ok(known(STORED))).await.is_ok());
    // An answer that was good does not outlive a failure.
    age(&verifiers, "ann", FRESH);
    assert!(verifiers.find("ann", async |_| Err(LookupFailed)).await.is_err());
}

#[tokio::test]
async fn a_doubted_answer_goes_unless_it_is_young_or_another_one_by_now() {
    let verifiers = upstream();
    let find = async |text: &'static str| verifiers.find("ann", async |_| Ok(known(text))).await.unwrap();
    let young = find(STORED).await;
    verifiers.doubt("ann", &young);
    assert!(find("nothing").await.known.verifier.is_some(), "guesses do not make the gateway ask each time");
    age(&verifiers, "ann", RETRY);
    let older = find("nothing").await;
    verifiers.doubt("ann", &older);
    assert!(find("nothing").await.known.verifier.is_none(), "asked anew");
    verifiers.doubt("ann", &older);
    assert!(find(STORED).await.known.verifier.is_none(), "the card of before is not this one");
}

#[tokio::test]
async fn names_that_nobody_has_take_bounded_room_and_push_out_nobody_who_logs_in() {
    let (verifiers, asked) = (upstream(), Cell::new(0));
    for number in 0..5 * SHELF_MAX {
        let ask = async |_| Ok(known("nothing"));
        verifiers.find(&format!("nobody {number}"), ask).await.unwrap();
        if number % (SHELF_MAX / 2) == 0 {
            let ask = async |_| {
                asked.set(asked.get() + 1);
                Ok(known(STORED))
            };
            verifiers.find("ann", ask).await.unwrap();
        }
    }
    let shelf = verifiers.shelf.lock().unwrap();
    assert!(shelf.upper.len() + shelf.lower.len() <= 2 * SHELF_MAX);
    drop(shelf);
    assert_eq!(asked.get(), 1);
}

#[tokio::test]
async fn a_file_is_never_asked_for() {
    let verifier = |text| Verifier::parse(text).unwrap();
    let twice = STORED.replacen("4096", "8192", 1);
    let users = [("ann", STORED), ("bea", &twice), ("cat", &twice)];
    let users = users.into_iter().map(|(name, text)| (Box::from(name), verifier(text))).collect();
    let verifiers = Verifiers::of_file(Users::new(users));
    let find = async |user: &str| verifiers.find(user, async |_| panic!("asked")).await.unwrap();
    assert!(find("ann").await.known.verifier.is_some());
    let nobody = find("dan").await;
    assert!(nobody.known.verifier.is_none());
    assert_eq!(nobody.known.iterations, 8_192, "as most of them");
    assert!(verifiers.tells_outdated("ann") && !verifiers.tells_outdated("ann"));
    assert!(!upstream().tells_outdated("ann"), "what the upstream says is asked for again");
}

#[test]
fn somebody_who_is_not_there_shows_the_same_each_time_and_unlike_others() {
    let imagined = |user: &str| Found::nothing().verifier(user.as_bytes()).unwrap();
    assert!(imagined("dan").is_same(&imagined("dan")));
    assert!(!imagined("dan").is_same(&imagined("eve")));
}

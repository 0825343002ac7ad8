//! The gateway's own statement behind the login: nothing of it reaches the client, and nothing of the
//! client the server before it was answered.

use super::*;

fn reported(name: &str, value: &str) -> Vec<u8> {
    message(b'S', format!("{name}\0{value}\0").as_bytes())
}

fn guarded() -> Script {
    let mut script = Script::new();
    script.session.expect_guard();
    assert!(script.session.is_busy());
    script
}

#[test]
fn a_guard_is_answered_behind_the_clients_back() {
    let on = reported("default_transaction_read_only", "on");
    let mut script = guarded();
    script.client(&query("select 1"));
    assert_eq!(script.sent_up, b"", "nothing passes before the guard holds");
    script.server(&[complete("SET"), on.clone(), ready(b'I')].concat());
    assert_eq!(script.sent_down, on);
    script.client(b"").server(&[complete("SELECT 1"), ready(b'I')].concat());
    script.check(&[
        "DefaultTransactionReadOnly(true)",
        "guarded true",
        "1 run select 1",
        "1 completed 1",
        "ready idle",
    ]);
}

#[test]
fn a_guard_may_be_sent_before_the_login_is_over() {
    let mut session: Session<()> = Session::new(64);
    session.expect_guard();
    let bytes = [ready(b'I'), complete("SET"), ready(b'I')].concat();
    let heard = session.server(&bytes).unwrap();
    assert!(matches!(heard, Heard { len: 6, event: Some(Event::Ready { exchange: None, .. }) }));
    let heard = session.server(&bytes[6..]).unwrap();
    assert_eq!(heard, Heard { len: 0, event: Some(Event::Dropped { len: 9 }) });
    let heard = session.server(&bytes[15..]).unwrap();
    assert_eq!(heard, Heard { len: 0, event: Some(Event::Guarded { ok: true, drop: 6 }) });
    assert!(!session.is_busy());
}

#[test]
fn a_guard_that_the_server_rejects_does_not_hold() {
    for answer in [
        [error("42501"), ready(b'I')].concat(),
        [complete("SET"), error("42501"), ready(b'I')].concat(),
        [complete("SHOW"), ready(b'I')].concat(),
        [complete("SET"), ready(b'T')].concat(),
        ready(b'I'),
    ] {
        let mut script = guarded();
        script.server(&answer);
        script.check(&["guarded false"]);
        assert_eq!(script.sent_down, b"");
    }
}

#[test]
fn a_session_that_ends_instead_ends_for_the_client() {
    let fatal = message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mbye\0\0");
    let mut script = guarded();
    script.server(&fatal);
    assert_eq!(script.story, ["- failed 57P01 fatal"]);
    assert_eq!(script.sent_down, fatal);
}

#[test]
fn a_guard_is_answered_like_a_set_or_not_at_all() {
    let mut session: Session<()> = logged_in(64);
    session.expect_guard();
    assert_eq!(session.server(&message(b'1', b"")).unwrap_err(), Violation::Server(b'1'));
}

proptest! {
    #[test]
    fn any_chunking_of_the_guards_answer_tells_the_same(
        sizes in proptest::collection::vec(1usize..40, 1..20),
        fails in any::<bool>(),
    ) {
        let middle = [reported("default_transaction_read_only", "on"), message(b'N', b"SNOTICE\0\0")].concat();
        let first = if fails { error("42501") } else { complete("SET") };
        let mut script = guarded();
        for chunk in chunks(&[first, middle.clone(), ready(b'I')].concat(), &sizes) {
            script.server(&chunk);
        }
        let last = format!("guarded {}", !fails);
        prop_assert_eq!(script.story, ["DefaultTransactionReadOnly(true)".to_owned(), last]);
        prop_assert_eq!(script.sent_down, middle);
    }
}

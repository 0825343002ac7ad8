//! What becomes of the guard when a session is put back to how it began.

use super::*;

/// The command that guards a session.
fn guard() -> Vec<u8> {
    query("SET SESSION TRANSACTION READ ONLY")
}

fn reset() -> Vec<u8> {
    message(code::RESET_CONNECTION, b"")
}

fn change_user() -> Vec<u8> {
    message(code::CHANGE_USER, b"bob\0\x02xyshop\0\x1c\0mysql_native_password\0")
}

/// The server's challenge, the client's answer to it.
fn challenge() -> [Vec<u8>; 2] {
    [packet(1, b"\xfemysql_native_password\0saltsaltsaltsaltsalt\0"), packet(2, b"a proof of twenty by")]
}

fn read_only() -> Script {
    Script { reads_only: true, ..Script::new() }
}

#[test]
fn behind_a_reset_comes_the_guard_before_anything_else() {
    let mut script = read_only();
    // Sent ahead, all at once.
    script.client(&[reset(), query("select 1"), ping()].concat());
    assert_eq!(script.sent_up, [reset(), guard()].concat(), "the rest waits");
    script.server(&ok(0, 0));
    assert_eq!(script.sent_up, [reset(), guard()].concat());
    script.server(&ok(0, 0));
    assert_eq!(script.sent_up, [reset(), guard(), query("select 1"), ping()].concat());
    script.server(&[rows(1, 0), ok(0, 0)].concat());
    assert_eq!(
        script.sent_down,
        [ok(0, 0), rows(1, 0), ok(0, 0)].concat(),
        "the guard's answer is not among them"
    );
    script.check(&[
        "1 reset session ",
        "1 completed 0",
        CHARACTER_SET,
        "ready idle",
        "guarded true",
        "2 run select 1",
        "2 returned 1",
        "ready idle",
        "ready idle",
    ]);
}

/// MariaDB returns to the character set of the login.
const CHARACTER_SET: &str = "ClientEncoding([117, 116, 102, 56, 109, 98, 52])";

#[test]
fn mysql_does_not_tell_which_character_set_a_reset_returns_to() {
    let mut script = Script::with(NEW);
    script.client(&reset()).server(&ok(0, 0));
    script.check(&[
        "1 reset session ",
        "1 completed 0",
        "ClientEncoding([117, 110, 107, 110, 111, 119, 110])",
        "ready idle",
    ]);
}

#[test]
fn behind_a_change_of_user_comes_the_guard_without_being_waited_for() {
    let [asked, answer] = challenge();
    let mut script = read_only();
    script.client(&change_user()).server(&asked).client(&[answer.clone(), query("insert")].concat());
    assert_eq!(script.sent_up, [change_user(), answer.clone()].concat());
    script.server(&packet(3, b"\0\0\0\0\0\0\0"));
    assert_eq!(script.sent_up, [change_user(), answer.clone(), guard()].concat());
    script.server(&ok(0, 0));
    assert!(script.sent_up.ends_with(&query("insert")));
    script.server(&error(1792, "25006"));
    assert!(script.story.iter().any(|line| line == "guarded true"), "{:?}", script.story);
    assert!(!script.sent_down.ends_with(&ok(0, 0)), "the guard's answer stays here");
}

#[test]
fn a_change_of_user_that_fails_has_undone_the_guard_all_the_same() {
    let [asked, answer] = challenge();
    let mut script = read_only();
    script.client(&prepare("select ?")).server(&prepared(7));
    script.client(&change_user()).server(&asked).client(&answer);
    let before = script.sent_up.len();
    script.server(&packet(3, b"\xff\x15\x04#28000no"));
    assert_eq!(script.sent_up[before..], guard());
    script.server(&ok(0, 0)).client(&execute(7));
    assert_eq!(script.story.last().map(String::as_str), Some("3 execute ?"), "statements are gone");
}

#[test]
fn how_texts_are_read_is_asked_for_where_nothing_told_it() {
    let [asked, answer] = challenge();
    let mut script = Script::new();
    script.client(&change_user()).server(&asked).client(&answer);
    let before = script.sent_up.len();
    script.server(&packet(3, b"\xff\x15\x04#28000no"));
    assert_eq!(script.sent_up[before..], ping());
    // SERVER_STATUS_NO_BACKSLASH_ESCAPES
    script.server(&ok(0, 0x0200));
    assert_eq!(
        script.story[script.story.len() - 2..],
        ["guarded true", "SqlMode { ansi_quotes: false, no_backslash_escapes: true }"]
    );
}

#[test]
fn a_guard_that_does_not_hold_is_told_so() {
    // An error, an open transaction that it does not reach, results to come.
    for (answer, ok) in
        [(error(1193, "HY000"), false), (ok(0, OPEN), false), (ok(0, MORE), false), (ok(0, 0), true)]
    {
        let mut script = read_only();
        script.client(&reset()).server(&[super::ok(0, 0), answer.clone()].concat());
        assert!(script.story.contains(&format!("guarded {ok}")), "{answer:?}: {:?}", script.story);
        assert_eq!(script.sent_down, super::ok(0, 0));
    }
}

#[test]
fn a_server_that_ends_the_session_instead_is_heard() {
    let mut script = read_only();
    script.client(&reset()).server(&[ok(0, 0), error(1053, "08S01")].concat());
    assert!(script.sent_down.ends_with(&error(1053, "08S01")));
    assert!(script.story.iter().any(|line| line == "- failed 08S01 fatal"), "{:?}", script.story);
}

#[test]
fn what_a_set_never_answers_ends_the_session() {
    // What follows an empty packet does not say what that was.
    let empty = [packet(1, b""), error(1193, "HY000")].concat();
    for answer in [rows(1, 0), packet(1, b"\xfbx"), packet(1, b""), empty] {
        let mut session = logged_in::<String>(1 << 20, PLAIN);
        session.guard(&mut Vec::new());
        assert!(session.server(&answer).is_err(), "{answer:?}");
    }
}

#[test]
fn a_guard_reads_the_same_however_its_answer_is_cut() {
    for at in 0..ok(0, 0).len() {
        let mut script = read_only();
        script.client(&reset()).server(&ok(0, 0));
        let answer = ok(0, 0);
        let (front, back) = answer.split_at(at);
        script.server(front);
        assert_eq!(script.sent_down, ok(0, 0));
        script.server(back);
        assert_eq!(script.story.last().map(String::as_str), Some("guarded true"));
        assert_eq!(script.sent_down, ok(0, 0));
    }
}

#[test]
fn behind_the_login_the_guard_is_the_first_command() {
    let mut session: Session<String> = Session::new(agreed(PLAIN), 1 << 20);
    let mut out = Vec::new();
    session.guard(&mut out);
    assert_eq!(out, guard());
    let heard = [ok(0, 0), ok(0, 0)].concat();
    let (mut rest, mut told, mut passed) = (&heard[..], Vec::new(), 0);
    while let Heard { len, event: Some(event) } = session.server(rest).unwrap() {
        passed += len;
        rest = &rest[len..];
        if let Event::Guarded { drop, .. } = event {
            rest = &rest[drop..];
        } else {
            assert!(matches!(session.client(&query("insert")).unwrap(), Step::Wait), "{event:?}");
        }
        told.push(event);
    }
    assert_eq!(passed, ok(0, 0).len());
    assert_eq!(told.last(), Some(&Event::Guarded { ok: true, drop: ok(0, 0).len() }));
    assert!(matches!(session.client(&query("insert")).unwrap(), Step::Ask(_)));
}

#[test]
fn a_transaction_that_may_write_shows_that_the_guard_does_not_hold() {
    const READ_ONLY: u16 = 0x2000;
    let mut script = read_only();
    script.client(&reset()).server(&[ok(0, 0), ok(0, 0)].concat());
    script.client(&query("begin")).server(&ok(0, OPEN | READ_ONLY));
    assert!(!script.story.iter().any(|line| line.contains("ReadOnly")), "{:?}", script.story);
    for _ in 0..2 {
        script.client(&query("begin")).server(&ok(0, OPEN));
    }
    let told = script.story.iter().filter(|line| *line == "DefaultTransactionReadOnly(false)");
    assert_eq!(told.count(), 1, "{:?}", script.story);
}

/// The command that asks for the modes, and an answer.
fn modes_query() -> Vec<u8> {
    query("SELECT @@session.sql_mode")
}

fn modes(value: &str, capabilities: u64) -> Vec<u8> {
    let row = [&[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    let (eof_between, end) = match capabilities & Capabilities::DEPRECATE_EOF.0 {
        0 => (eof(0), eof(0)),
        _ => (Vec::new(), ok_as(message::EOF, 0, 0)),
    };
    [packet(1, b"\x01"), column(), eof_between, packet(4, &row), end].concat()
}

#[test]
fn mysql_is_asked_which_modes_it_reads_by_and_the_client_sees_nothing_of_it() {
    for capabilities in [NEW, PLAIN | 1] {
        let mut script = Script { asks: true, ..Script::with(capabilities) };
        script.session.doubt_modes();
        script.client(&query("select 1"));
        assert_eq!(script.sent_up, modes_query());
        script.server(&modes("ANSI_QUOTES,ANSI", capabilities));
        assert_eq!(script.story[0], format!("SqlModes({:?})", b"ANSI_QUOTES,ANSI"));
        assert_eq!(script.story[1..], ["guarded true", "1 run select 1"]);
        assert!(script.sent_down.is_empty() && script.sent_up.ends_with(&query("select 1")));
        script.server(&ok(0, 0));
        script.session.doubt_modes();
        script.client(b"");
        assert!(script.sent_up.ends_with(&modes_query()));
        script.server(&error(1193, "HY000"));
        assert_eq!(
            script.story.last().map(String::as_str),
            Some("guarded true"),
            "it stays as it was taken to be"
        );
        assert_eq!(script.sent_down, ok(0, 0));
    }
}

#[test]
fn mariadb_is_asked_only_where_its_flags_leave_it_open() {
    // SERVER_STATUS_ANSI_QUOTES
    for (flags, asked) in [(0, false), (0x8000, true)] {
        let mut script = Script { asks: true, reads_only: true, ..Script::new() };
        script.client(&reset()).server(&ok(0, flags));
        let expected =
            if asked { [reset(), guard(), modes_query()].concat() } else { [reset(), guard()].concat() };
        assert_eq!(script.sent_up, expected, "{flags:x}");
        script.server(&ok(0, flags));
        assert_eq!(script.sent_up, expected, "once");
    }
}

#[test]
fn an_answer_that_is_no_row_of_modes_ends_the_session() {
    let empty = [packet(1, b""), error(1193, "HY000")].concat();
    for answer in [rows(1, 0), packet(1, b"\x02"), ok(0, 0), empty] {
        let mut session = logged_in::<String>(1 << 20, PLAIN | 1);
        session.renew(false, true, &mut Vec::new());
        let mut rest = &answer[..];
        let ended = loop {
            match session.server(rest) {
                Ok(Heard { len, event: Some(Event::Dropped { len: dropped }) }) => {
                    rest = &rest[len + dropped..]
                }
                Ok(Heard { event: Some(Event::Parameter(_)), .. }) => break true,
                Ok(heard) => panic!("{heard:?}"),
                Err(_) => break true,
            }
        };
        assert!(ended);
    }
}

//! The first packet by example. What settings a packet asks for is held against what PostgreSQL 14 and
//! 18 showed as set by the client for the same packet.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use proptest::prelude::*;

fn packet(code: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
    bytes.extend(code.to_be_bytes());
    bytes.extend(body);
    bytes
}

/// A startup packet with these parameters behind the user.
fn asking(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = b"user\0ann\0".to_vec();
    for (name, value) in parameters {
        body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    body.push(0);
    packet(0x0003_0000, &body)
}

fn read(bytes: &[u8]) -> Startup<'_> {
    match first(bytes) {
        Ok(Some((First::Startup(startup), length))) if length == bytes.len() => startup,
        other => panic!("no startup: {other:?}"),
    }
}

/// What a packet asks for, as `name=value`; `?value` is not understood.
fn settings(bytes: &[u8]) -> Vec<String> {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let words = read(bytes).settings().into_iter().map(|(name, value)| match name.is_empty() {
        true => format!("?{}", text(&value)),
        false => format!("{}={}", text(&name), text(&value)),
    });
    words.collect()
}

#[track_caller]
fn check_options(options: &str, expected: &[&str]) {
    assert_eq!(settings(&asking(&[("options", options)])), expected, "{options:?}");
}

#[test]
fn each_opening_is_told_apart() {
    assert_eq!(first(&SSL_REQUEST), Ok(Some((First::Ssl, 8))));
    assert_eq!(first(&packet(GSS, b"")), Ok(Some((First::Gss, 8))));
    let bytes = packet(CANCEL, &[0, 0, 0, 9, 1, 2, 3, 4]);
    assert_eq!(first(&bytes), Ok(Some((First::Cancel { id: 9, key: &[1, 2, 3, 4] }, 16))));
    let bytes = packet(0x0003_0000, b"user\0ann\0options\0-c a=b=c\0\0");
    let Ok(Some((First::Startup(startup), length))) = first(&bytes) else { panic!("no startup") };
    assert_eq!(length, bytes.len());
    assert_eq!(startup.parameter(b"user"), Some(&b"ann"[..]));
    assert_eq!(startup.parameter(b"options"), Some(&b"-c a=b=c"[..]));
    assert_eq!(startup.parameter(b"database"), None);
}

#[test]
fn every_prefix_of_an_opening_asks_for_more() {
    let bytes = packet(0x0003_0002, b"user\0ann\0\0");
    for end in 0..bytes.len() {
        assert_eq!(first(&bytes[..end]), Ok(None), "at {end}");
    }
}

#[test]
fn garbage_is_refused_as_early_as_it_shows() {
    for bytes in
        [&b"GET / HTTP/1.1\r\n"[..], b"\xff", &[0, 0, 0, 7], &[0, 0, 0x27, 0x15], &[0x7f, 0xff, 0xff, 0xff]]
    {
        assert_eq!(first(bytes), Err(Violation::StartupLength), "{bytes:?}");
    }
    for bytes in [
        packet(0x0002_0000, b"user\0a\0\0"),
        packet(0x0003_0000, b"user\0a\0"),
        packet(0x0003_0000, b"user\0a\0\0x"),
        packet(0x0003_0000, b"user"),
        packet(SSL, b"x"),
        packet(CANCEL, &[0, 0, 0, 1, 1, 2, 3]),
    ] {
        assert_eq!(first(&bytes), Err(Violation::Startup), "{bytes:?}");
    }
}

#[test]
fn a_parameter_that_is_added_is_the_last_and_changes_nothing_else() {
    let before = asking(&[("options", "-c a=b"), ("application_name", "x")]);
    let after = with_parameter(&before, b"default_transaction_read_only", b"on");
    assert_eq!(after[4..before.len() - 1], before[4..before.len() - 1]);
    assert_eq!(after[before.len() - 1..], b"default_transaction_read_only\0on\0\0"[..]);
    assert_eq!(settings(&after).last().unwrap(), "default_transaction_read_only=on");
    // A packet without a parameter, and one of a protocol nobody knows yet.
    assert_eq!(with_parameter(&packet(0x0003_0000, b"\0"), b"a", b"b"), packet(0x0003_0000, b"a\0b\0\0"));
    assert_eq!(with_parameter(&packet(0x0004_0000, b""), b"a", b"b"), packet(0x0004_0000, b"a\0b\0\0"));
}

#[test]
fn settings_come_in_the_order_in_which_they_are_applied() {
    let bytes = asking(&[
        ("Work_Mem", "1"),
        ("options", "-c ignored=1"),
        ("database", "d"),
        ("replication", "false"),
        ("_pq_.x", "y"),
        ("options", "-c work_mem=2"),
        ("sort_mem", "3"),
    ]);
    assert_eq!(settings(&bytes), ["work_mem=2", "work_mem=1", "work_mem=3"]);
    // Where a name stands by itself the server does not take `-` for `_`.
    assert_eq!(settings(&asking(&[("work-mem", "1")])), ["work-mem=1"]);
    assert_eq!(settings(&asking(&[])), [""; 0]);
}

#[test]
fn options_are_cut_into_words_at_white_space_that_no_backslash_precedes() {
    check_options(" -c\tapplication_name=x\u{b}-cwork_mem=7\n\r\u{c}", &["application_name=x", "work_mem=7"]);
    check_options("-c application_name=a\\ b\\\\c", &["application_name=a b\\\\c"]);
    check_options("-c application_name=a\\", &["application_name=a"]);
    check_options("-c\\ application_name=x", &[" application_name=x"]);
    check_options("\\-c work_mem=7", &["work_mem=7"]);
    check_options(" ", &[]);
}

#[test]
fn names_in_options_are_compared_as_the_server_compares_them() {
    let expected = &["default_transaction_read_only=off"];
    for options in [
        "-c default_transaction_read_only=off",
        "-cDefault-Transaction-Read-Only=off",
        "--default-transaction-read-only=off",
    ] {
        check_options(options, expected);
    }
    check_options("-c work_mem=7=8", &["work_mem=7=8"]);
    check_options("-c a.b=1 --role=postgres", &["a.b=1", "role=postgres"]);
}

#[test]
fn letters_may_stand_in_a_row_and_stand_for_settings() {
    let everything =
        &["datestyle=euro", "fsync=false", "allow_system_table_mods=true", "ignore_system_indexes=true"];
    check_options("-eFO -P", everything);
    check_options("-ec work_mem=7", &["datestyle=euro", "work_mem=7"]);
    check_options("-e-work-mem=7", &["datestyle=euro", "work_mem=7"]);
    check_options("-- -e", &["?-e"]);
    check_options("-s -S 64 -S65", &["log_statement_stats=true", "work_mem=64", "work_mem=65"]);
    check_options("-i -l", &["listen_addresses=*", "ssl=true"]);
    check_options(
        "-B1 -h x -k y -N 2 -p 3 -W 4",
        &[
            "shared_buffers=1",
            "listen_addresses=x",
            "unix_socket_directories=y",
            "max_connections=2",
            "port=3",
            "post_auth_delay=4",
        ],
    );
    check_options(
        "-fs -f index -fo -fb -ft -fn -fm -fh",
        &[
            "enable_seqscan=false",
            "enable_indexscan=false",
            "enable_indexonlyscan=false",
            "enable_bitmapscan=false",
            "enable_tidscan=false",
            "enable_nestloop=false",
            "enable_mergejoin=false",
            "enable_hashjoin=false",
        ],
    );
    check_options(
        "-tpa -tplan -t e",
        &["log_parser_stats=true", "log_planner_stats=true", "log_executor_stats=true"],
    );
    check_options("-d0 -dx -d -2", &["log_min_messages=notice"; 3]);
    check_options("-d 3x", &["log_min_messages=debug3", "log_statement=all", "debug_print_parse=true"]);
    check_options("-n -T -bEj -C x -D y -r z -v 3 --", &[]);
}

#[test]
fn what_is_not_understood_has_no_name() {
    check_options("foo", &["?foo"]);
    check_options("-c work_mem=7 -- -c", &["work_mem=7", "?-c"]);
    for options in ["-", "-x", "-c", "-S", "-cx", "--x", "-fz", "-tp", "-ex"] {
        let asked = settings(&asking(&[("options", options)]));
        assert_eq!(asked.last(), Some(&format!("?{options}")));
    }
    check_options("-c =7", &["?7"]);
    // In LATIN1 this could be white space, after which there is another switch.
    let last = settings(&packet(0x0003_0000, b"options\0-c a=b\x85-crole=x\0\0"));
    assert_eq!(last, ["a=b\\x85-crole=x", "?-c a=b\\x85-crole=x"]);
}

#[test]
fn replication_is_asked_for_by_whatever_is_not_false() {
    for value in ["false", "f", "FALSE", "no", "n", "of", "off", "0"] {
        assert!(!read(&asking(&[("replication", value)])).replication(), "{value}");
    }
    for value in ["true", "on", "1", "database", "o", "", "00", "falsely"] {
        assert!(read(&asking(&[("replication", value)])).replication(), "{value}");
    }
    assert!(!read(&asking(&[])).replication());
    assert!(read(&asking(&[("replication", "database"), ("replication", "off")])).replication());
}

proptest! {
    #[test]
    fn any_packet_takes_one_more_parameter_and_any_options_are_read(
        options in "[-a-cefo= \\\\tS\u{85}]{0,40}",
        value in "[^\0]{0,10}",
    ) {
        let bytes = asking(&[("options", &options), ("application_name", &value)]);
        let more = with_parameter(&bytes, b"a", b"b");
        let mut expected = settings(&bytes);
        expected.push("a=b".to_owned());
        prop_assert_eq!(settings(&more), expected);
        prop_assert_eq!(read(&more).parameters().count(), 4);
    }
}

#[test]
fn user_and_database_are_those_that_the_server_takes() {
    let of = |parameters: &'static [u8]| Startup { version: 3 << 16, parameters };
    let ann = of(b"user\0ann\0\0");
    assert_eq!((ann.user(), ann.database()), (&b"ann"[..], &b"ann"[..]));
    let nameless = of(b"user\0ann\0database\0\0\0");
    assert_eq!(nameless.database(), b"ann", "a database without a letter is the user's own");
    let shop = of(b"user\0ann\0database\0shop\0\0");
    assert_eq!(shop.database(), b"shop");
    let long = [b"user\0", &[b'a'; 70][..], b"\0database\0", &[b'd'; 70][..], b"\0\0"].concat();
    let long = Startup { version: 3 << 16, parameters: &long };
    assert_eq!((long.user(), long.database()), (&[b'a'; 63][..], &[b'd'; 63][..]));
}

//! Which addresses are reached, and which are not?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use std::path::Path;

fn allows(egress: &Egress, host: &str, address: &str) -> bool {
    egress.allows(host, address.parse().expect("an address with a port"))
}

#[test]
fn metadata_services_and_what_is_no_host_are_never_reached() {
    // Even where the rules name them.
    let all = Egress::compile(&["0.0.0.0/0", "::/0"], &[]).unwrap();
    for egress in [Egress::default(), all] {
        for address in [
            "169.254.169.254:80",
            "169.254.0.1:5432",
            "[fe80::1]:5432",
            "[febf::1]:5432",
            "[fd00:ec2::254]:80",
            "100.100.100.200:80",
            "224.0.0.1:5432",
            "[ff02::1]:5432",
            "255.255.255.255:5432",
            "0.0.0.0:5432",
            "0.1.2.3:5432",
            "[::]:5432",
            "[::ffff:169.254.169.254]:80",
            "[::ffff:0.0.0.0]:80",
            "[::169.254.169.254]:80",
            "[64:ff9b::a9fe:a9fe]:80",
        ] {
            assert!(!allows(&egress, "x", address), "{address}");
        }
        for address in ["127.0.0.1:5432", "10.1.2.3:5432", "8.8.8.8:3306", "[::1]:5432", "[2001:db8::1]:1"] {
            assert!(allows(&egress, "x", address), "{address}");
        }
    }
}

#[test]
fn with_allowing_rules_only_what_they_name_is_reached() {
    let rules = ["10.0.0.0/8", "db.example.com:5432", "*.internal", "[2001:db8::]:1", "192.168.1.7"];
    let egress = Egress::compile(&rules, &["10.9.0.0/16", "bad.internal"]).unwrap();
    assert!(allows(&egress, "x", "10.1.2.3:1"));
    assert!(allows(&egress, "x", "[::ffff:10.1.2.3]:1"), "a mapped address is the IPv4 address");
    assert!(!allows(&egress, "x", "11.1.2.3:1"));
    assert!(!allows(&egress, "x", "10.9.2.3:1"), "a refusing rule wins");
    assert!(allows(&egress, "DB.example.com.", "1.2.3.4:5432"));
    assert!(!allows(&egress, "db.example.com", "1.2.3.4:5433"));
    assert!(!allows(&egress, "db.example.com", "169.254.169.254:5432"), "a name lifts no ban");
    assert!(!allows(&egress, "db.example.com", "10.9.0.1:5432"));
    assert!(allows(&egress, "a.b.internal", "1.2.3.4:5"));
    assert!(!allows(&egress, "internal", "1.2.3.4:5"));
    assert!(!allows(&egress, "notinternal", "1.2.3.4:5"));
    assert!(!allows(&egress, "bad.internal", "1.2.3.4:5"));
    assert!(allows(&egress, "x", "192.168.1.7:5") && !allows(&egress, "x", "192.168.1.8:5"));
    assert!(allows(&egress, "x", "[2001:db8::]:1") && !allows(&egress, "x", "[2001:db8::]:2"));
}

#[test]
fn networks_end_where_their_bits_do() {
    let egress = Egress::compile(&["10.0.0.128/25", "2001:db8:8000::/33"], &[]).unwrap();
    for (address, reached) in [
        ("10.0.0.127:1", false),
        ("10.0.0.128:1", true),
        ("10.0.0.255:1", true),
        ("10.0.1.0:1", false),
        ("[2001:db8:7fff::1]:1", false),
        ("[2001:db8:8000::1]:1", true),
        ("[2001:db8:ffff::1]:1", true),
        ("[2001:db9::1]:1", false),
    ] {
        assert_eq!(allows(&egress, "x", address), reached, "{address}");
    }
}

#[test]
fn what_is_no_rule_is_named() {
    for text in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/-1",
        "db:99999",
        "a b",
        "10.1.2",
        "1.2.3.4.5",
        "*",
        "*.",
        "db:",
    ] {
        let error = Egress::compile(&[text], &[]).expect_err(text);
        assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
    }
}

#[test]
fn the_programs_own_ports_are_never_reached() {
    let own = ["127.0.0.1:8432".parse().unwrap(), "0.0.0.0:9432".parse().unwrap()];
    let egress = Egress::default().without_own(own);
    assert!(!allows(&egress, "x", "127.0.0.1:8432"));
    assert!(!allows(&egress, "x", "[::ffff:127.0.0.1]:8432"));
    assert!(allows(&egress, "x", "127.0.0.1:8433"));
    assert!(!allows(&egress, "x", "127.0.0.2:9432"), "all of this machine's addresses");
    assert!(!allows(&egress, "x", "[::1]:9432"));
    assert!(allows(&egress, "x", "203.0.113.9:9432"), "another machine's");
}

#[tokio::test]
async fn a_host_is_resolved_to_addresses_that_may_be_reached() {
    let egress = Egress::compile(&["127.0.0.0/8"], &[]).unwrap();
    let found = egress.resolve(Kind::Postgres, "localhost", 5432).await.unwrap();
    assert!(!found.is_empty() && found.iter().all(SocketAddr::is_ipv4), "{found:?}");
    // Other ways to write an address come to the same check.
    for host in
        ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "::ffff:169.254.169.254"]
    {
        let error = Egress::default().resolve(Kind::Postgres, host, 80).await.expect_err(host);
        assert_eq!(error.class(), ErrorClass::Egress, "{host}: {error:?}");
        assert_eq!(error.detail(), None);
    }
    for host in ["", "/var/run/postgresql", "a,b", "a b", "db\0x", "user@host", "-h", "no-such-host.invalid"]
    {
        let error = Egress::default().resolve(Kind::Postgres, host, 80).await.expect_err(host);
        assert_eq!(error.class(), ErrorClass::Dns, "{host}: {error:?}");
        assert!(!error.tips().is_empty());
    }
}

#[test]
fn only_regular_files_inside_the_folder_are_opened() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret.db"), b"x").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    std::fs::create_dir(inside("sub")).unwrap();
    std::fs::write(inside("shop.db"), b"x").unwrap();
    std::fs::write(inside("sub/more.db"), b"x").unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.db"), inside("out.db")).unwrap();
    std::os::unix::fs::symlink(outside.path(), inside("away")).unwrap();
    std::os::unix::fs::symlink(inside("shop.db"), inside("in.db")).unwrap();
    let egress = Egress::default().with_sqlite_folder(Some(folder.path().to_owned()));

    let whole = folder.path().canonicalize().unwrap();
    for (name, file) in [("shop.db", "shop.db"), ("sub/more.db", "sub/more.db"), ("in.db", "shop.db")] {
        assert_eq!(egress.sqlite_file(Path::new(name)).unwrap(), whole.join(file));
    }
    assert_eq!(egress.sqlite_file(&inside("shop.db")).unwrap(), whole.join("shop.db"));

    let secret = outside.path().join("secret.db");
    let secret = secret.to_str().unwrap();
    for name in [
        "",
        ".",
        "sub",
        "none.db",
        "out.db",
        "away/secret.db",
        "../shop.db",
        "sub/../shop.db",
        secret,
        "/etc/passwd",
        "file:shop.db",
        "FILE:shop.db?mode=rwc",
        "shop.db?mode=rwc",
        "shop.db\0.txt",
        ":memory:",
    ] {
        let error = egress.sqlite_file(Path::new(name)).expect_err(name);
        assert_eq!(error.class(), ErrorClass::File, "{name}");
        assert!(!error.message().contains("secret"), "{error}");
    }
    let error = Egress::default().sqlite_file(Path::new("shop.db")).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Egress);
}

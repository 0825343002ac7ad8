//! With which settings and rules does the demo's gateway run, and what becomes of somebody's changes to them?

use super::DemoError;
use super::place::PROBE_SECRET;
use super::ports::{MysqlPorts, Ports};
use super::shop::{DATABASE, PROBE};
use proxy::config::settings::{Listener, Protocol};
use proxy::config::{self, Config};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::iter;
use std::path::{Path, PathBuf};

/// What was made of the file that was there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Prepared {
    /// The demo's own settings, as ever.
    Ours,
    /// Somebody changed them: they stay.
    Kept,
    /// Somebody changed them for other ports: they were put aside.
    Replaced {
        /// Where they are now.
        old: PathBuf,
    },
}

/// Writes the settings for `ports` where there are none, or none of worth.
pub(super) fn prepare(path: &Path, ports: Ports) -> Result<Prepared, DemoError> {
    let failed = |source| DemoError::file(path.to_owned(), source);
    let found = match fs::read(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    let mut prepared = Prepared::Ours;
    if let Some(found) = found {
        let is_ours = |used: Ports| former_texts(used).any(|text| found == text.as_bytes());
        match config::load(path, iter::empty()) {
            _ if found == text(ports).as_bytes() => return Ok(Prepared::Ours),
            // The start tells what is wrong with them.
            Err(_) => return Ok(Prepared::Kept),
            // For other ports, with MySQL instead of without, or of before; and nobody has changed it.
            Ok(config) if uses(&config, ports.admin).any(is_ours) => {}
            Ok(config) if uses(&config, ports.admin).any(|used| used == ports) => return Ok(Prepared::Kept),
            Ok(_) => {
                let old = path.with_extension("toml.old");
                fs::rename(path, &old).map_err(failed)?;
                prepared = Prepared::Replaced { old };
            }
        }
    }
    fs::write(path, text(ports)).map_err(failed)?;
    Ok(prepared)
}

/// Writes the demo's own rules where there are none: from then on they are whoever's changes them.
pub(super) fn prepare_rules(folder: &Path) -> Result<(), DemoError> {
    let file = folder.join("shop.toml");
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&file)?;
        file.write_all(RULES.as_bytes())
    });
    match written {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(DemoError::file(file, error)),
        _ => Ok(()),
    }
}

/// The ports each listener uses, together with those of each MySQL listener and without. Settings of
/// before there was a control plane go with any port of it.
fn uses(config: &Config, admin: u16) -> impl Iterator<Item = Ports> {
    let admin = config.admin.as_ref().map_or(admin, |admin| admin.listen.port());
    let status = config.status.listen.port();
    let mysql = || pairs(config, Protocol::Mysql).map(|(gateway, server)| MysqlPorts { gateway, server });
    pairs(config, Protocol::Postgres).flat_map(move |(gateway, server)| {
        let together = mysql().map(Some).chain([None]);
        together.map(move |mysql| Ports { gateway, status, server, admin, mysql })
    })
}

/// Where the listeners of a protocol listen, each with the port of each server behind it.
fn pairs(config: &Config, protocol: Protocol) -> impl Iterator<Item = (u16, u16)> {
    config.listeners.iter().filter(move |listener| listener.protocol == protocol).flat_map(
        |listener: &Listener| {
            let gateway = listener.listen.port();
            listener.upstream.iter().filter_map(move |upstream| {
                let server = upstream.to_string().rsplit_once(':')?.1.parse().ok()?;
                Some((gateway, server))
            })
        },
    )
}

fn text(ports: Ports) -> String {
    let Ports { gateway, status, server, admin, mysql } = ports;
    let mysql = mysql.map_or(String::new(), mysql_text);
    let probe = probe_text();
    format!(
        r#"{NOTED}
# Your changes are kept at the next start, unless it uses other ports. To begin anew, remove this file.
# What can be set: `dragoman config example`. Relative paths are relative to this file.
[status]
listen = "127.0.0.1:{status}"

[ledger]
directory = "ledger"

[data_plane]
drain_seconds = 1

[admin]
listen = "127.0.0.1:{admin}"
data_directory = "control"

[[listener]]
name = "shop"
protocol = "postgres"
listen = "127.0.0.1:{gateway}"
upstream = "127.0.0.1:{server}"
environment = "production"
mode = "enforce"
policies = ["production", "shop"]
managed = true
{probe}{mysql}"#
    )
}

/// Belongs to the listener above it.
fn probe_text() -> String {
    format!(
        r#"
[listener.probe]
user = "{PROBE}"
password = {{ file = "{PROBE_SECRET}" }}
databases = ["{DATABASE}"]
"#
    )
}

/// What was ever written for these ports.
fn former_texts(ports: Ports) -> impl Iterator<Item = String> {
    [
        text(ports),
        text_not_managed(ports),
        text_observing_mysql(ports),
        text_without_probe(ports),
        text_without_admin(ports),
        observing_text(ports),
    ]
    .into_iter()
}

/// What was written before listeners of the demo took published rule sets.
fn text_not_managed(ports: Ports) -> String {
    text(ports).replace(MANAGED, "")
}

/// What was written while the gateway only observed MySQL.
fn text_observing_mysql(ports: Ports) -> String {
    let now = text_not_managed(ports);
    match ports.mysql {
        Some(mysql) => now.replace(&mysql_text(mysql).replace(MANAGED, ""), &observing_mysql_text(mysql)),
        None => now,
    }
}

/// What was written before the gateway had a role of its own at the sample server.
fn text_without_probe(ports: Ports) -> String {
    text_observing_mysql(ports).replace(&probe_text(), "")
}

/// What was written before there was a control plane.
fn text_without_admin(ports: Ports) -> String {
    let now = text_without_probe(ports);
    let (before, rest) = now.split_once("\n[admin]\n").unwrap_or((&now, ""));
    let listeners = rest.split_once("\n[[listener]]\n").map_or("", |(_, listeners)| listeners);
    format!("{before}\n[[listener]]\n{listeners}")
}

/// What was written while the gateway of the demo only observed.
fn observing_text(ports: Ports) -> String {
    let mysql = ports.mysql.map_or(String::new(), observing_mysql_text);
    let current = text_without_admin(Ports { mysql: None, ..ports });
    let (settings, _) = current.split_once("environment = ").unwrap_or((&current, ""));
    let settings = settings.replace(NOTED, NOTED_FORMERLY);
    format!("{settings}environment = \"development\"\nmode = \"observe\"\n{mysql}")
}

/// Lets rule sets be published for a listener.
const MANAGED: &str = "managed = true\n";

const NOTED: &str = "# Written by `dragoman demo`. Change it, or the rules in policies/shop.toml, while the demo runs: what \
                     changes is taken\n# within a second or two.";
const NOTED_FORMERLY: &str = "# Written by `dragoman demo`. Change it while the demo runs: what changes is taken within a second or two.";

/// The demo's own rules.
const RULES: &str = r#"# Rules of the demo's shop, beside the pack `production`, in which everybody reads, whoever is in the list
# `writers` writes, and no statement hits every row of a table by accident. Written once by `dragoman demo`,
# yours from then on: changes hold within a second or two, for open sessions too; but who becomes a writer logs in
# again, since the server keeps a session that began as a reader read-only.
#
# To try: add "shop_owner" to the list, or take the `#` away from the rule, and send a statement again.
# What a rule can say: docs/policies.md.
description = "Who writes in the demo's shop"

[lists]
writers = ["shop_app"]

# [[rule]]
# name = "salaries"
# when = { column = "employees.salary" }
# decision = "refuse"
# message = "salaries are nobody's business here"
"#;

fn mysql_text(ports: MysqlPorts) -> String {
    let MysqlPorts { gateway, server } = ports;
    let probe = mysql_probe_text();
    format!(
        r#"
[[listener]]
name = "shop-mysql"
protocol = "mysql"
listen = "127.0.0.1:{gateway}"
upstream = "127.0.0.1:{server}"
environment = "production"
mode = "enforce"
policies = ["production", "shop"]
managed = true
{probe}"#
    )
}

/// The same for the MySQL side, where a probe looks at accounts and at no database.
fn mysql_probe_text() -> String {
    format!(
        r#"
[listener.probe]
user = "{PROBE}"
password = {{ file = "{PROBE_SECRET}" }}
"#
    )
}

/// What stood there while the gateway only observed MySQL.
fn observing_mysql_text(ports: MysqlPorts) -> String {
    let enforced =
        "environment = \"production\"\nmode = \"enforce\"\npolicies = [\"production\", \"shop\"]\n";
    let observed = "environment = \"development\"\nmode = \"observe\"\n";
    mysql_text(ports).replace(MANAGED, "").replace(&mysql_probe_text(), "").replace(enforced, observed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const PORTS: Ports = Ports { gateway: 7000, status: 7001, server: 7002, admin: 7005, mysql: None };
    const OTHERS: Ports = Ports { gateway: 8000, status: 8001, server: 8002, admin: 8005, mysql: None };
    const MYSQL: Ports = Ports { mysql: Some(MysqlPorts { gateway: 7003, server: 7004 }), ..PORTS };

    #[test]
    fn the_settings_name_the_four_ports() {
        let parsed: toml::Table = text(PORTS).parse().unwrap();
        let listener = &parsed["listener"][0];
        assert_eq!(listener["listen"].as_str(), Some("127.0.0.1:7000"));
        assert_eq!(listener["upstream"].as_str(), Some("127.0.0.1:7002"));
        assert_eq!(parsed["status"]["listen"].as_str(), Some("127.0.0.1:7001"));
        assert_eq!(parsed["admin"]["listen"].as_str(), Some("127.0.0.1:7005"));
    }

    #[test]
    fn both_listeners_have_a_probe() {
        let parsed: toml::Table = text(MYSQL).parse().unwrap();
        let probe = &parsed["listener"][0]["probe"];
        assert_eq!(probe["user"].as_str(), Some("shop_probe"));
        assert_eq!(probe["password"]["file"].as_str(), Some("probe.secret"));
        assert_eq!(probe["databases"][0].as_str(), Some("shop"));
        let mysql = &parsed["listener"][1];
        assert_eq!(mysql["mode"].as_str(), Some("enforce"));
        assert_eq!(mysql["probe"]["user"].as_str(), Some("shop_probe"));
    }

    #[test]
    fn mysql_comes_and_goes_in_settings_that_nobody_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dragoman.toml");
        for ports in [PORTS, MYSQL, PORTS, OTHERS, MYSQL] {
            assert_eq!(prepare(&path, ports).unwrap(), Prepared::Ours);
            assert_eq!(fs::read_to_string(&path).unwrap(), text(ports));
        }
        let parsed: toml::Table = text(MYSQL).parse().unwrap();
        let listener = &parsed["listener"][1];
        assert_eq!(listener["protocol"].as_str(), Some("mysql"));
        assert_eq!(listener["listen"].as_str(), Some("127.0.0.1:7003"));
        assert_eq!(listener["upstream"].as_str(), Some("127.0.0.1:7004"));
        let changed = text(MYSQL).replace("production\"", "staging\"");
        fs::write(&path, &changed).unwrap();
        assert_eq!(prepare(&path, MYSQL).unwrap(), Prepared::Kept);
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    }

    /// What the demo wrote at the time, word for word.
    const WITHOUT_PROBE: &str = r#"# Written by `dragoman demo`. Change it, or the rules in policies/shop.toml, while the demo runs: what changes is taken
# within a second or two.
# Your changes are kept at the next start, unless it uses other ports. To begin anew, remove this file.
# What can be set: `dragoman config example`. Relative paths are relative to this file.
[status]
listen = "127.0.0.1:7001"

[ledger]
directory = "ledger"

[data_plane]
drain_seconds = 1

[admin]
listen = "127.0.0.1:7005"
data_directory = "control"

[[listener]]
name = "shop"
protocol = "postgres"
listen = "127.0.0.1:7000"
upstream = "127.0.0.1:7002"
environment = "production"
mode = "enforce"
policies = ["production", "shop"]
"#;

    #[test]
    fn settings_of_before_that_nobody_changed_are_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dragoman.toml");
        assert_eq!(text_without_probe(PORTS), WITHOUT_PROBE);
        let admin = "[admin]\nlisten = \"127.0.0.1:7005\"\ndata_directory = \"control\"\n\n";
        assert_eq!(text_without_admin(PORTS), WITHOUT_PROBE.replace(admin, ""));
        let observing = observing_text(PORTS);
        assert!(observing.starts_with("# Written by `dragoman demo`. Change it while"), "{observing}");
        assert!(observing.ends_with("environment = \"development\"\nmode = \"observe\"\n"), "{observing}");
        for (before, now) in [(PORTS, PORTS), (MYSQL, MYSQL), (OTHERS, PORTS), (MYSQL, PORTS)] {
            for former in former_texts(before) {
                fs::write(&path, &former).unwrap();
                assert_eq!(prepare(&path, now).unwrap(), Prepared::Ours, "{former}");
                assert_eq!(fs::read_to_string(&path).unwrap(), text(now));
            }
        }
        let changed = observing_text(PORTS).replace("drain_seconds = 1", "drain_seconds = 2");
        fs::write(&path, &changed).unwrap();
        assert_eq!(prepare(&path, PORTS).unwrap(), Prepared::Kept);
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    }

    #[test]
    fn the_rules_are_good_with_the_rule_in_them_too_and_are_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dragoman.toml");
        prepare(&path, PORTS).unwrap();
        fs::write(folder.path().join(PROBE_SECRET), "open sesame").unwrap();
        let rules = folder.path().join("policies");
        prepare_rules(&rules).unwrap();
        let listeners = || config::listeners(&config::load(&path, iter::empty()).unwrap());
        let of_packs = listeners().unwrap()[0].rules.rules();
        let file = rules.join("shop.toml");
        let with_rule = RULES.replace("\n# [[rule]]", "\n[[rule]]").replace("\n# name", "\nname");
        let with_rule = ["when", "decision", "message"]
            .iter()
            .fold(with_rule, |text, key| text.replace(&format!("\n# {key}"), &format!("\n{key}")));
        fs::write(&file, &with_rule).unwrap();
        assert_eq!(listeners().unwrap()[0].rules.rules(), of_packs + 1);
        prepare_rules(&rules).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), with_rule, "changes were lost");
    }

    #[test]
    fn what_somebody_changed_is_kept_or_put_aside_and_never_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dragoman.toml");
        let check = |ports: Ports, expected: Prepared, content: &str| {
            assert_eq!(prepare(&path, ports).unwrap(), expected);
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        };
        check(PORTS, Prepared::Ours, &text(PORTS));
        check(PORTS, Prepared::Ours, &text(PORTS));
        check(OTHERS, Prepared::Ours, &text(OTHERS));

        let changed = text(OTHERS).replace("enforce", "observe");
        fs::write(&path, &changed).unwrap();
        check(OTHERS, Prepared::Kept, &changed);
        let old = folder.path().join("dragoman.toml.old");
        check(PORTS, Prepared::Replaced { old: old.clone() }, &text(PORTS));
        assert_eq!(fs::read_to_string(old).unwrap(), changed);

        fs::write(&path, "listen = ").unwrap();
        check(PORTS, Prepared::Kept, "listen = ");
    }
}

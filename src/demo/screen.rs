//! What does somebody who started the demo see?

use super::console::{EMAIL, Entry};
use super::place::Place;
use super::ports::Ports;
use super::shop::{APPLICATION, DATABASE, OWNER, PASSWORD, Progress, TABLES};
use super::traffic::Traffic;
use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

/// What is refused to one user, to the other, or to both.
const TO_TRY: &str = "UPDATE with and without WHERE, SELECT … INTO, DO, COPY … TO PROGRAM, \
                      WITH x AS (DELETE …) SELECT, setval(…); inside BEGIN too";

/// Standard output, with colours where they are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    colours: bool,
}

/// The same on the MySQL side.
const MYSQL_TO_TRY: &str = "UPDATE with and without WHERE, SELECT … INTO OUTFILE, CALL best_sellers(3), /*! DELETE … */, \
                            PREPARE s FROM @text, GET_LOCK(…); inside BEGIN too";

/// What the ready screen tells.
#[derive(Debug)]
pub struct Ready<'a> {
    /// The ports.
    pub ports: Ports,
    /// The directories.
    pub place: &'a Place,
    /// Where the ledger is: the settings may have been changed.
    pub ledger: &'a Path,
    /// The sample server's version.
    pub version: &'a str,
    /// The MySQL sample server's version, where there is one.
    pub mariadb: Option<&'a str>,
    /// The control plane's port, and how one gets in.
    pub(super) console: Option<(u16, &'a Entry)>,
    /// How long all of it took.
    pub took: Duration,
}

impl Screen {
    /// Colours only on a terminal, and not against the user's word (no-color.org).
    pub fn new() -> Screen {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|value| value == "dumb");
        Screen { colours: io::stdout().is_terminal() && !unwanted && !dumb }
    }

    /// A step of the first start, or a remark.
    pub fn step(self, text: impl Display) {
        self.print(&format!("  {}\n", self.dim(&text.to_string())));
    }

    /// Something went wrong, and the demo goes on.
    pub fn trouble(self, text: &str) {
        let lines: Vec<_> = text.lines().map(|line| format!("  {}\n", self.coloured("1;31", line))).collect();
        self.print(&lines.concat());
    }

    /// A step of filling the database.
    pub fn progress(self, progress: Progress) {
        match progress {
            Progress::Table { name, rows, took } => {
                let rate = rows as f64 / took.as_secs_f64().max(0.000_001);
                let rate = grouped((rate / 1_000.0).round() as u64 * 1_000);
                self.step(format_args!("{name:<16} {:>7} rows  {rate:>9} rows/s", grouped(rows)));
            }
            Progress::Keys => self.step("keys, indexes, views, statistics"),
        }
    }

    /// The database is filled.
    pub fn filled(self, rows: u64) {
        self.step(format_args!("{:<16} {:>7} rows", "together", grouped(rows)));
    }

    /// Everything runs.
    pub fn ready(self, ready: &Ready<'_>) {
        self.print(&self.ready_text(ready));
    }

    fn ready_text(self, ready: &Ready<'_>) -> String {
        let Ready { ports, place, ledger, version, mariadb, console, took } = ready;
        let connect =
            |user| format!("psql \"postgresql://{user}:{PASSWORD}@127.0.0.1:{}/{DATABASE}\"", ports.gateway);
        let writer = format!("{}     writes, but never every row", self.bright(&connect(APPLICATION)));
        let reader = format!("{}   only reads, for it is no writer", self.bright(&connect(OWNER)));
        let sample = format!(
            "PostgreSQL {version} on port {}, {} related tables, in {}; {} applications send about 30 statements/s",
            ports.server,
            TABLES.len(),
            place.cluster().display(),
            Traffic::APPLICATIONS
        );
        let sample = match ports.mysql.zip(*mariadb) {
            Some((ports, version)) => {
                let data = place.mariadb().display().to_string();
                format!("{sample}; MariaDB {version} on port {}, in {data}", ports.server)
            }
            None => sample,
        };
        let status = format!("http://127.0.0.1:{}/metrics, and health at /readyz", ports.status);
        let settings = format!(
            "{}, rules in {} (edit them: changes are taken within two seconds)",
            place.settings().display(),
            place.rules().join("shop.toml").display()
        );
        let program = env::args_os().next().unwrap_or_else(|| "dragoman".into());
        let program = quoted(Path::new(&program));
        let watch = format!("{program} top --config {}", quoted(&place.settings()));
        let verify = self.bright(&format!("{program} ledger verify --directory {}", quoted(ledger)));
        let ledger = format!("{verify}   to read along: tail -f {}/*.jsonl", quoted(ledger));
        let mysql = ports.mysql.map(|ports| {
            let [writer, reader] = super::mysql::connect_words(ports).map(|words| self.bright(&words));
            [
                ("mysql", format!("{writer}      writes, but never every row")),
                ("", format!("{reader}   only reads, for it is no writer")),
                ("try", MYSQL_TO_TRY.to_owned()),
            ]
        });
        let mut lines = vec![
            ("connect", writer),
            ("", reader),
            ("try", TO_TRY.to_owned()),
            ("watch", self.bright(&watch)),
            ("metrics", status),
            ("ledger", ledger),
            ("sample", sample),
            ("settings", settings),
        ];
        if let Some((port, Entry { admin, token })) = console {
            let ask = format!(
                "curl -H \"Authorization: Bearer $(cat {})\" http://127.0.0.1:{port}/api/v1/workspaces/default/traffic/top",
                quoted(token)
            );
            lines.insert(4, ("ask", format!("{}   all of it: /api/docs", self.bright(&ask))));
            // First of all: it is what somebody new clicks.
            let page = self.bright(&format!("http://127.0.0.1:{port}/"));
            let open = format!("{page}   sign in as {EMAIL}; the password: tail -n 1 {}", quoted(admin));
            lines.insert(0, ("open", open));
        }
        if let Some(mysql) = mysql {
            let place = lines.iter().position(|(name, _)| *name == "watch").unwrap_or(lines.len());
            lines.splice(place..place, mysql);
        }
        let title = self.bright("Dragoman stands in front of the shop");
        let seconds = self.dim(&format!("ready in {:.2} s", took.as_secs_f64()));
        let mut text = format!("\n  {title}   {seconds}\n\n");
        for (name, value) in lines {
            text.push_str(&format!("  {}  {value}\n", self.dim(&format!("{name:<8}"))));
        }
        text.push_str(&format!(
            "\n  {}\n\n",
            self.dim("Ctrl-C stops everything and leaves nothing running.")
        ));
        text
    }

    fn bright(self, text: &str) -> String {
        self.coloured("1;36", text)
    }

    fn dim(self, text: &str) -> String {
        self.coloured("2", text)
    }

    fn coloured(self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A screen nobody reads (a closed pipe) is no reason to stop.
    fn print(self, text: &str) {
        let mut output = io::stdout().lock();
        let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+,:@%".contains(character);
    if text.starts_with('-') {
        return quoted(&Path::new(".").join(path));
    }
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// 24000 is written 24,000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::demo::ports::MysqlPorts;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn a_path_a_shell_would_take_apart_is_quoted() {
        for (path, expected) in [
            ("demo-data/ledger", "demo-data/ledger"),
            ("/tmp/ü/ledger", "/tmp/ü/ledger"),
            ("odd dir/ü/x y/ledger", "'odd dir/ü/x y/ledger'"),
            ("it's $HOME/ledger", r"'it'\''s $HOME/ledger'"),
            ("-f/ledger", "./-f/ledger"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }

    #[test]
    fn the_ready_screen_is_short_and_plain_without_colours() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::choose(Some(folder.path().join("demo"))).unwrap();
        let mysql = Some(MysqlPorts { gateway: 7003, server: 7004 });
        let ports = Ports { gateway: 7000, status: 7001, server: 7002, admin: 7005, mysql };
        let ledger = place.root().join("ledger");
        let entry = Entry { admin: place.root().join("admin"), token: place.root().join("token") };
        let ready = Ready {
            ports,
            place: &place,
            ledger: &ledger,
            version: "18.4",
            mariadb: Some("10.11.19"),
            console: Some((7005, &entry)),
            took: Duration::from_millis(1_234),
        };
        let text = Screen { colours: false }.ready_text(&ready);
        assert!(text.lines().count() <= 19, "{text}");
        let (_, first) = text.split_once("\n\n").unwrap();
        assert!(
            first.starts_with("  open      http://127.0.0.1:7005/   sign in as admin@demo.example"),
            "{text}"
        );
        assert!(!text.contains('\x1b'), "{text}");
        for expected in [
            "psql \"postgresql://shop_app:shop@127.0.0.1:7000/shop\"     writes",
            "psql \"postgresql://shop_owner:shop@127.0.0.1:7000/shop\"   only reads",
            "the password: tail -n 1 ",
            "COPY … TO PROGRAM",
            "/demo/policies/shop.toml",
            " top --config ",
            "mariadb -h 127.0.0.1 -P 7003 -u shop_app -pshop shop      writes",
            "mariadb -h 127.0.0.1 -P 7003 -u shop_reader -pshop shop   only reads",
            "MariaDB 10.11.19 on port 7004",
            "http://127.0.0.1:7001/metrics",
            "/demo/token)\" http://127.0.0.1:7005/api/v1/workspaces/default/traffic/top",
            " ledger verify --directory ",
            "/ledger/*.jsonl",
            "ready in 1.23 s",
        ] {
            assert!(text.contains(expected), "{text}");
        }
        assert!(Screen { colours: true }.ready_text(&ready).contains("\x1b[1;36mpsql"));
    }
}

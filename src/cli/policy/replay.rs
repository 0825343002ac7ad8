//! What would other rules have decided of what has happened?
//!
//! The ledger holds statements without their literals. Each is read again with a harmless literal in
//! every place; where that cannot be read, or where literals decide what a statement does, nobody can
//! tell, and that is counted.

use super::{PolicyError, Report, compiled, environment, in_folder, listener, protocol};
use crate::cli::ledger::whereabouts;
use clap::Args;
use exchange::{
    Address, Basis, Certificate, Kind, Marks, Principal, Session, SessionId, Statement, TlsFacts,
    TransactionState,
};
use policies::{Facts, Keep, Path, Role, Ruleset, SessionMask, Would};
use proxy::config::{self, Config};
use proxy::ledger::access::{self, Use, Written};
use serde::Deserialize;
use sql::Lexing;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// Readings that are kept; beyond that all are made again.
const READINGS_MAX: usize = 20_000;

/// Users named of one change.
const USERS_MAX: usize = 5;

/// Characters of a statement that are shown.
const TEXT_CHARS_MAX: usize = 160;

#[derive(Debug, Args)]
pub(in crate::cli) struct Replay {
    /// The settings file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The listener whose statements are looked at
    #[arg(long, value_name = "NAME")]
    listener: String,
    /// The rule sets to try, in order: packs, and files of `policies.directory`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    policies: Vec<String>,
    /// The ledger to look into; the settings' own if not given
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
}

/// What of a line of the ledger matters here.
#[derive(Deserialize)]
struct Line {
    event: String,
    #[serde(default)]
    ts: String,
    #[serde(default)]
    listener: String,
    #[serde(default)]
    principal: Who,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    fingerprint: String,
    #[serde(default)]
    text: String,
    source: Option<Source>,
    #[serde(default)]
    verdict: String,
    rule: Option<String>,
    #[serde(default)]
    tx: State,
}

#[derive(Default, Deserialize)]
struct State {
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
struct Source {
    text: String,
}

#[derive(Clone, Default, Deserialize, PartialEq, Eq, Hash)]
struct Who {
    #[serde(default)]
    user: String,
    #[serde(default)]
    database: String,
    #[serde(default)]
    application: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    tls: String,
    #[serde(default)]
    certificate: Option<Shown>,
}

/// A certificate that the client had shown.
#[derive(Clone, Default, Deserialize, PartialEq, Eq, Hash)]
struct Shown {
    #[serde(default)]
    names: Vec<String>,
}

/// A shape and what would have become of it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    fingerprint: String,
    before: String,
    after: String,
    rule: String,
}

#[derive(Default)]
struct Seen {
    text: String,
    count: u64,
    users: BTreeSet<String>,
}

/// What is found on the way through the ledger.
#[derive(Default)]
struct Findings {
    statements: u64,
    untold: u64,
    lines: u64,
    /// Of how many the values would be kept, for each word of `record`.
    kept: BTreeMap<&'static str, u64>,
    changes: BTreeMap<Change, Seen>,
}

impl Replay {
    pub(super) fn run(&self) -> Result<Report, PolicyError> {
        let config = config::load(&self.config, config::process_environment())?;
        let here = listener(&config, &self.listener)?;
        let rules = compiled(&config, here, &self.policies)?;
        let folder = self.against.as_ref().unwrap_or(&config.ledger.directory);
        let mut player = Player {
            rules,
            lexing: match protocol(here) {
                exchange::Protocol::Postgres => Lexing::default(),
                exchange::Protocol::Mysql => Lexing::MYSQL,
            },
            base: Session {
                id: SessionId(0),
                listener: self.listener.as_str().into(),
                workspace: here.workspace.as_str().into(),
                environment: environment(here),
                protocol: protocol(here),
                principal: Who::default().principal(),
            },
            sessions: HashMap::new(),
            readings: HashMap::new(),
            findings: Findings::default(),
        };
        let segments = in_folder(folder, "jsonl")?;
        if !segments.is_empty() {
            self.write_down(&config);
        }
        for segment in segments {
            let unreadable = |cause| PolicyError::Unreadable { path: segment.clone(), cause };
            for line in BufReader::new(std::fs::File::open(&segment).map_err(unreadable)?).split(b'\n') {
                player.line(&line.map_err(unreadable)?);
            }
        }
        let compressed = in_folder(folder, "zst")?.len();
        Ok(Report { text: player.findings.text(&self.policies, compressed), good: true })
    }

    /// Has it written into the ledger that it is read: what comes of it has fingerprints, users and texts.
    fn write_down(&self, config: &Config) {
        let settings = match &self.against {
            Some(folder) if *folder != config.ledger.directory => whereabouts::at(folder.clone()),
            _ => whereabouts::settings_of(config),
        };
        if let Written::Nowhere(why) | Written::Refused(why) = access::write_down(&settings, &self.usage()) {
            eprintln!("dragoman: the ledger does not say that it is read here: {why}");
        }
    }

    fn usage(&self) -> Use {
        let asked = format!("replay listener={} policies={}", self.listener, self.policies.join(","));
        Use { takes_away: false, asked, format: "text".to_owned() }
    }
}

struct Player {
    rules: Ruleset,
    lexing: Lexing,
    base: Session,
    sessions: HashMap<Who, (Session, SessionMask)>,
    /// Texts as read again; `None` where nobody can tell.
    readings: HashMap<String, Option<Arc<Statement>>>,
    findings: Findings,
}

impl Player {
    fn line(&mut self, line: &[u8]) {
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            // The last line of a segment may be torn; the verifier tells about others.
            self.findings.lines += u64::from(!line.is_empty());
            return;
        };
        let ended = line.event == "statement.outcome" || line.event.starts_with("statement.refused");
        let held = line.event == "statement.held";
        if !(ended || held) || *line.listener != *self.base.listener {
            return;
        }
        self.findings.statements += 1;
        let Some(after) = self.after(&line) else {
            self.findings.untold += 1;
            return;
        };
        for word in after.record.words() {
            *self.findings.kept.entry(word).or_default() += 1;
        }
        let before = line.verdict.as_str();
        if before == after.verdict && (after.verdict == "allow" || line.rule == after.rule) {
            return;
        }
        let change = Change {
            fingerprint: line.fingerprint,
            before: match &line.rule {
                Some(rule) => format!("{before} by `{rule}`"),
                None => before.to_owned(),
            },
            after: after.verdict.to_owned(),
            rule: after.rule.unwrap_or_else(|| "default".to_owned()),
        };
        let seen = self.findings.changes.entry(change).or_default();
        seen.count += 1;
        if seen.text.is_empty() {
            seen.text = line.source.map_or(line.text, |source| source.text);
        }
        seen.users.insert(line.principal.user);
    }

    /// What the rules say of a line; `None` where nobody can tell.
    fn after(&mut self, line: &Line) -> Option<After> {
        let statements = match line.kind.as_str() {
            // The text is `function call` and the number.
            "function" => {
                let number = line.text.rsplit(' ').next().and_then(|number| number.parse().ok());
                vec![Arc::new(sql::function_call(number.unwrap_or(0)))]
            }
            // A message without text: what it does is not in the line.
            "command" => return None,
            _ => {
                let texts = std::iter::once(&line.text).chain(line.source.iter().map(|source| &source.text));
                texts.map(|text| self.reading(text)).collect::<Option<Vec<_>>>()?
            }
        };
        if !self.sessions.contains_key(&line.principal) {
            let session = Session { principal: line.principal.principal(), ..self.base.clone() };
            let mask = self.rules.of_session(&session);
            self.sessions.insert(line.principal.clone(), (session, mask));
        }
        let (session, mask) = self.sessions.get(&line.principal)?;
        let mut after: Option<After> = None;
        for statement in &statements {
            let facts = Facts {
                session,
                mask,
                // The ledger does not tell of SET ROLE and SET search_path: as the login left them.
                role: Role::Known(&session.principal.user),
                path: Path::of_login(session),
                kind: kind(&line.kind),
                statement: Some(statement),
                transaction: state(&line.tx.state),
                now_us: time(&line.ts).unwrap_or(0),
            };
            let found = After::of(&self.rules, &facts);
            after = Some(match after {
                Some(before) => before.with(found),
                None => found,
            });
        }
        after
    }

    /// A text read again with harmless literals.
    fn reading(&mut self, text: &str) -> Option<Arc<Statement>> {
        if let Some(known) = self.readings.get(text) {
            return known.clone();
        }
        if self.readings.len() >= READINGS_MAX {
            self.readings.clear();
        }
        // A string stands almost anywhere; in some places the grammar wants a number.
        let found = ["'1'", "1"].into_iter().find_map(|literal| {
            let analysis = sql::analyse(filled(text, literal)?.as_bytes(), self.lexing);
            let statement = analysis.statements.first().filter(|_| analysis.statements.len() == 1)?;
            let effects = &statement.effects;
            let told = !matches!(effects.basis, Basis::Unjudged(_))
                && !effects.marks.contains(Marks::LITERALS_DECIDE);
            told.then(|| Arc::clone(statement))
        });
        self.readings.insert(text.to_owned(), found.clone());
        found
    }
}

/// A verdict that outlives its rules.
struct After {
    verdict: &'static str,
    rule: Option<String>,
    record: Keep,
}

impl After {
    /// What comes of a statement and what it names: the first verdict that is none to pass, and all that is kept.
    fn with(self, other: After) -> After {
        let record = self.record.with(other.record);
        let stronger = if self.verdict == "allow" { other } else { self };
        After { record, ..stronger }
    }

    fn of(rules: &Ruleset, facts: &Facts<'_>) -> After {
        let decision = rules.decide(facts);
        match decision.would {
            // What is on trial here is the whole of it, its dry runs too.
            Some((rule, would)) if would != Would::Limit => {
                After { verdict: would.as_str(), rule: Some(rule.to_string()), record: decision.record }
            }
            _ => After {
                verdict: decision.verdict.as_str(),
                rule: decision.rule.map(ToString::to_string),
                record: decision.record,
            },
        }
    }
}

/// The text with a literal in the place of each `?`; `None` when it was cut.
fn filled(text: &str, literal: &str) -> Option<String> {
    if text.ends_with('…') {
        return None;
    }
    let mut quoted = false;
    let mut filled = String::with_capacity(text.len() * 2);
    for one in text.chars() {
        quoted ^= one == '"';
        if one == '?' && !quoted { filled.push_str(literal) } else { filled.push(one) }
    }
    Some(filled)
}

impl Who {
    fn principal(&self) -> Principal {
        let version = ["TLSv1.2", "TLSv1.3"].into_iter().find(|version| *version == self.tls);
        let certificate = self.certificate.as_ref().map(|shown| {
            let names = shown.names.iter().map(|name| name.as_str().into()).collect();
            // No condition looks at it.
            Arc::new(Certificate { names, fingerprint: [0; 32] })
        });
        Principal {
            user: self.user.as_str().into(),
            database: self.database.as_str().into(),
            application: self.application.as_str().into(),
            address: self.address.parse().map_or(Address::Unix, Address::Tcp),
            tls: version.map(|version| TlsFacts { version, certificate }),
        }
    }
}

fn kind(word: &str) -> Kind {
    match word {
        "prepare" => Kind::Prepare,
        "execute" => Kind::Execute,
        "function" => Kind::Function,
        "command" => Kind::Command,
        _ => Kind::Run,
    }
}

fn state(word: &str) -> TransactionState {
    match word {
        "open" => TransactionState::Open,
        "failed" => TransactionState::Failed,
        _ => TransactionState::Idle,
    }
}

/// `2026-08-04T12:34:56.002102Z` in microseconds since 1970.
fn time(text: &str) -> Option<u64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second, part) = (number(11..13)?, number(14..16)?, number(17..19)?, number(20..26)?);
    // Days from the civil calendar, with years that begin in March.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let days = (years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 1)
        .checked_sub(719_468)?;
    Some(((((days * 24 + hour) * 60 + minute) * 60) + second) * 1_000_000 + part)
}

impl Findings {
    fn text(&self, policies: &[String], compressed: usize) -> String {
        let mut text = String::new();
        let changed: u64 = self.changes.values().map(|seen| seen.count).sum();
        let _ = writeln!(
            text,
            "{} would have changed {changed} of {} statements",
            policies.join(", "),
            self.statements
        );
        let mut rows: Vec<_> = self.changes.iter().collect();
        rows.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.count));
        for (change, seen) in rows {
            let mut users: Vec<_> = seen.users.iter().take(USERS_MAX).map(String::as_str).collect();
            if seen.users.len() > USERS_MAX {
                users.push("…");
            }
            let shown: String = seen.text.chars().take(TEXT_CHARS_MAX).collect();
            let _ = writeln!(
                text,
                "  {} x {}  {} -> {} by `{}`  ({})\n    {shown}",
                seen.count,
                change.fingerprint,
                change.before,
                change.after,
                change.rule,
                users.join(", ")
            );
        }
        if !self.kept.is_empty() {
            let kept: Vec<_> = self.kept.iter().map(|(word, count)| format!("{word} of {count}")).collect();
            let _ = writeln!(text, "kept beside the shape, where no secret forbids it: {}", kept.join(", "));
        }
        if self.untold > 0 {
            let _ = writeln!(
                text,
                "{} could not be told: their literals decide what they do, or their text alone cannot be read",
                self.untold
            );
        }
        if self.lines > 0 {
            let _ = writeln!(text, "{} lines could not be read; an unfinished last line is one", self.lines);
        }
        if compressed > 0 {
            let _ = writeln!(text, "{compressed} compressed files were left out: unpack them first");
        }
        text
    }
}

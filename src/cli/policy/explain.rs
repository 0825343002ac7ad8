//! What would become of this statement, and why?

use super::{PolicyError, Report, compiled, environment, listener, protocol, rule_set};
use clap::Args;
use exchange::{
    Address, Basis, Environment, Kind, Principal, Protocol, Session, SessionId, Statement, TransactionState,
    Unjudged,
};
use policies::{Explanation, Facts, Met, Path, Role, Ruleset};
use proxy::config;
use sql::Lexing;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The settings file
    #[arg(long, value_name = "FILE", required_unless_present = "policies", requires = "listener")]
    config: Option<PathBuf>,
    /// The listener whose rules are asked
    #[arg(long, value_name = "NAME", requires = "config")]
    listener: Option<String>,
    /// Rule sets instead of the listener's, in order; without a settings file packs, and files of this folder
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    policies: Vec<String>,
    /// Who asks
    #[arg(long, value_name = "NAME")]
    user: String,
    /// In which database
    #[arg(long, value_name = "NAME", default_value = "")]
    database: String,
    /// With which `application_name`
    #[arg(long, value_name = "NAME", default_value = "")]
    application: String,
    /// From where; `unix` for a socket of this machine
    #[arg(long, value_name = "ADDRESS", default_value = "unix")]
    address: String,
    /// The role that was changed to; the user if not given
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// What is asked
    #[arg(value_name = "SQL")]
    text: String,
}

impl Explain {
    pub(super) fn run(&self) -> Result<Report, PolicyError> {
        let (rules, listener, environment, protocol) = self.rules()?;
        let session = self.session(listener, environment, protocol)?;
        let lexing = match protocol {
            Protocol::Postgres => Lexing::default(),
            Protocol::Mysql => Lexing::MYSQL,
        };
        let analysis = sql::analyse(self.text.as_bytes(), lexing);
        let mask = rules.of_session(&session);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut text = String::new();
        for statement in &analysis.statements {
            let facts = Facts {
                session: &session,
                mask: &mask,
                role: Role::Known(self.role.as_deref().unwrap_or(&self.user)),
                path: Path::of_login(&session),
                kind: Kind::Run,
                statement: Some(statement),
                transaction: TransactionState::Idle,
                now_us: u64::try_from(now.as_micros()).unwrap_or(u64::MAX),
            };
            verdict(&mut text, &rules.explain(&facts), &rules);
            effects(&mut text, statement, protocol);
            every_rule(&mut text, &rules.explain(&facts));
        }
        if analysis.statements.is_empty() {
            text.push_str("there is no statement in this text: it passes\n");
        }
        if rules.is_read_only(&mask) {
            text.push_str(match protocol {
                Protocol::Postgres => "the session begins with default_transaction_read_only = on\n",
                Protocol::Mysql => "the session begins with SET SESSION TRANSACTION READ ONLY\n",
            });
        }
        Ok(Report { text, good: true })
    }

    fn rules(&self) -> Result<(Ruleset, String, Environment, Protocol), PolicyError> {
        if let (Some(path), Some(name)) = (&self.config, &self.listener) {
            let config = config::load(path, config::process_environment())?;
            let found = listener(&config, name)?;
            let names = if self.policies.is_empty() { &found.policies } else { &self.policies };
            let rules = compiled(&config, found, names)?;
            return Ok((rules, name.clone(), environment(found), protocol(found)));
        }
        let scope = policies::Listener {
            name: "none",
            environment: Environment::Production,
            protocol: Protocol::Postgres,
            enforces: true,
            default_allows: true,
        };
        let names: Vec<&str> = self.policies.iter().map(String::as_str).collect();
        let here = std::path::Path::new("");
        let rules = policies::compile(0, &names, &|name| rule_set(here, name), &scope);
        let rules = rules.map_err(PolicyError::Wrong)?;
        Ok((rules, scope.name.to_owned(), scope.environment, scope.protocol))
    }

    fn session(
        &self,
        listener: String,
        environment: Environment,
        protocol: Protocol,
    ) -> Result<Session, PolicyError> {
        let address = match self.address.as_str() {
            "unix" => Address::Unix,
            text => match text.parse::<IpAddr>() {
                Ok(address) => Address::Tcp(SocketAddr::new(address, 0)),
                Err(_) => return Err(PolicyError::Address(text.to_owned())),
            },
        };
        let principal = Principal {
            user: self.user.as_str().into(),
            database: self.database.as_str().into(),
            application: self.application.as_str().into(),
            address,
            tls: None,
        };
        Ok(Session {
            id: SessionId(0),
            listener: listener.into(),
            workspace: "default".into(),
            environment,
            protocol,
            principal,
        })
    }
}

fn verdict(text: &mut String, explained: &Explanation, rules: &Ruleset) {
    let by = explained.rule.as_deref().map_or("no rule".to_owned(), |rule| format!("rule `{rule}`"));
    let _ = writeln!(text, "{}, by {by}", explained.verdict.as_str());
    if let Some(refusal) = explained.verdict.refusal() {
        let _ = writeln!(text, "  error: {}", refusal.message);
        for (word, told) in [("detail", &refusal.detail), ("hint", &refusal.hint)] {
            if let Some(told) = told {
                let _ = writeln!(text, "  {word}: {told}");
            }
        }
        if !rules.enforces() {
            text.push_str("  the listener only observes: it passes all the same\n");
        }
    }
    let limits = explained.limits;
    let seconds = limits.duration_us.map(|us| us as f64 / 1e6);
    let rows = limits.rows.map(|rows| format!("{rows} rows"));
    let bytes = limits.bytes.map(|bytes| format!("{bytes} bytes"));
    for limit in [rows, bytes, seconds.map(|seconds| format!("{seconds} seconds"))].iter().flatten() {
        let _ = writeln!(text, "  at most {limit}");
    }
    for rate in &explained.rates {
        let _ = writeln!(
            text,
            "  at most {} a second and {} at once for each {}: `{}`",
            rate.per_second,
            rate.burst,
            rate.by.as_str(),
            rate.rule
        );
    }
    if let Some(rule) = &explained.noted {
        let _ = writeln!(text, "  noted for rule `{rule}`");
    }
    if !explained.record.is_nothing() {
        let kept: Vec<_> = explained.record.words().collect();
        let _ = writeln!(text, "  kept in the ledger, sealed: {}", kept.join(", "));
    }
    if let Some((rule, would)) = &explained.would {
        let _ = writeln!(text, "  dry run: rule `{rule}` would have decided {}", would.as_str());
    }
}

fn effects(text: &mut String, statement: &Statement, protocol: Protocol) {
    let effects = &statement.effects;
    let _ = writeln!(text, "statement: {}", statement.text);
    let (class, basis) = (statement.class.as_str(), basis(&effects.basis, protocol));
    let _ = writeln!(text, "  {}, class {class}, {basis}", effects.verb);
    let mut line = |what: &str, words: Vec<String>| {
        if !words.is_empty() {
            let _ = writeln!(text, "  {what}: {}", words.join(", "));
        }
    };
    line("tables", effects.relations.iter().map(policies::explain::relation).collect());
    let function = |one: &exchange::Function| {
        let known = match one.known {
            exchange::Known::Reads => "reads",
            exchange::Known::Acts => "acts",
            exchange::Known::Unknown => "unknown",
        };
        format!("`{}` ({known})", one.name)
    };
    line("functions", effects.functions.iter().map(function).collect());
    line("columns", effects.columns.iter().map(|one| format!("`{}`", one.name)).collect());
    line("settings", effects.settings.iter().map(|one| format!("`{}`", one.name)).collect());
    line(
        "rows",
        effects.row_limit.map(|rows| format!("at most {rows}, by its own words")).into_iter().collect(),
    );
    line("marks", effects.marks.words().map(str::to_owned).collect());
}

fn basis(basis: &Basis, protocol: Protocol) -> String {
    match basis {
        Basis::Grammar => match protocol {
            Protocol::Postgres => "read by the server's own grammar".to_owned(),
            Protocol::Mysql => "read by this gateway's rules for MySQL and MariaDB".to_owned(),
        },
        Basis::Keywords => "told by the words it begins with only".to_owned(),
        Basis::Message => "told by its message".to_owned(),
        Basis::Unjudged(why) => {
            let why = match why {
                Unjudged::Syntax { message, .. } => message.to_string(),
                Unjudged::TooLarge(limit) => limit.to_string(),
                Unjudged::Node(node) => format!("`{node}` is not known"),
                Unjudged::Ambiguous(words) => (*words).to_owned(),
                Unjudged::Unseen => "it was not seen".to_owned(),
            };
            format!("not judged: {why}")
        }
    }
}

fn every_rule(text: &mut String, explained: &Explanation) {
    if explained.rules.is_empty() {
        return;
    }
    text.push_str("rules, those that match first:\n");
    let (matched, others): (Vec<_>, Vec<_>) =
        explained.rules.iter().partition(|rule| rule.met == Met::Matched);
    for rule in matched.into_iter().chain(others) {
        let (word, why) = match &rule.met {
            Met::Matched => ("yes", String::new()),
            Met::Missed(why) => ("no ", format!(": {why}")),
            Met::TakenAway(why) => ("no ", format!(": unless {why}")),
        };
        let dry = if rule.dry_run { ", dry run" } else { "" };
        let _ = writeln!(text, "  {word} `{}` ({}{dry}){why}", rule.rule, rule.decision);
    }
}

//! May this text run on this connection? Judged by the rules of the wire, before any database sees it.
//!
//! Two sets of rules are asked: the pack `read-only`, always and in force; and what is published for the
//! listener the connection goes through, which is in force here where the listener enforces it. The listener
//! itself judges once more when the statement passes it. For PostgreSQL a text is read by the server's own
//! grammar, for MySQL by the gateway's own, for SQLite by [`super::sqlite`], and for SQL Server by the allowlist
//! [`admin_engines::tsql`].

use super::place;
use super::sqlite;
use crate::problem::{Code, FieldProblem, Problem};
use admin_engines::{Kind as Engine, tsql};
use admin_store::connections::{self, Connection};
use admin_store::publications::{self, Item};
use admin_store::workspaces::Workspace;
use admin_store::{Tx, rule_sets};
use exchange::{
    Address, Basis, Class, Environment, Kind, Marks, Principal, Protocol, Refusal, Session, SessionId,
    Statement, TransactionState, Verb,
};
use policies::{Facts, Limits, Path, Role, Ruleset, Verdict};
use sql::Lexing;
use sql::token::Ending;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// How statements of the console call themselves to databases and rules.
pub const APPLICATION: &str = "dragoman console";
/// The pack that judges every statement here.
const FLOOR: &str = "read-only";
/// What decides where no rule of a rule set does: only queries run here.
const QUERIES_ONLY: &str = "console/queries-only";

/// Texts up to this length are read in a millisecond or two.
const LONG_BYTES: usize = 16 * 1024;
/// Longer ones that are read at once: the grammar's tree of one takes up to 150 MB.
static LONG: Semaphore = Semaphore::const_new(2);

/// What is said of a text.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Which kind of database it is for.
    pub engine: Engine,
    /// What it does, where that can be read.
    pub statement: Option<Arc<Statement>>,
    /// Why it may not run, if it may not.
    pub objection: Option<Objection>,
    /// What the rules bound its result to.
    pub limits: Limits,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// Why a text may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The rule that decided, as `rule set/rule`; `None` where it could not be judged.
    pub rule: Option<String>,
    /// What is wrong.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What helps.
    pub hint: Option<String>,
    /// Where in the text, in bytes.
    pub span: Range<usize>,
}

impl Objection {
    fn of(refusal: &Refusal, span: Range<usize>) -> Objection {
        Objection {
            rule: refusal.rule.as_ref().map(ToString::to_string),
            message: refusal.message.to_string(),
            detail: refusal.detail.as_ref().map(ToString::to_string),
            hint: refusal.hint.as_ref().map(ToString::to_string),
            span,
        }
    }

    fn plain(rule: Option<&str>, message: &str, hint: &str, span: Range<usize>) -> Objection {
        Objection {
            rule: rule.map(ToOwned::to_owned),
            message: message.to_owned(),
            detail: None,
            hint: Some(hint.to_owned()),
            span,
        }
    }

    /// There is nothing to run.
    pub(super) fn nothing() -> Objection {
        Objection::plain(None, "there is no statement in this text", "write a query", 0..0)
    }

    /// There is more than one statement.
    pub(super) fn several(span: Range<usize>) -> Objection {
        let hint = "run them one by one";
        Objection::plain(Some(QUERIES_ONLY), "one statement is run at a time", hint, span)
    }

    /// It is no query.
    pub(super) fn no_query(span: Range<usize>) -> Objection {
        let hint = "write what returns rows: SELECT, VALUES, SHOW, EXPLAIN";
        Objection::plain(Some(QUERIES_ONLY), "only queries are run here", hint, span)
    }

    /// As somebody is told.
    pub fn problem(&self) -> Problem {
        let span = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let error = FieldProblem {
            field: "sql".to_owned(),
            message: self.detail.clone().unwrap_or_else(|| self.message.clone()),
            hint: self.hint.clone(),
            span: Some((span(self.span.start), span(self.span.end))),
        };
        let mut problem = Problem::new(Code::Refused, self.message.clone()).with_errors([error]);
        if let Some(hint) = &self.hint {
            problem = problem.with_hint(hint.clone());
        }
        match &self.rule {
            Some(rule) => problem.with_rule(rule.clone()),
            None => problem,
        }
    }
}

/// Everything a text is judged by.
#[derive(Debug)]
pub struct Rules {
    engine: Engine,
    session: Session,
    /// Those of the listener the connection goes through.
    published: Option<Ruleset>,
    warnings: Vec<String>,
}

impl Rules {
    /// The rules for a connection of `workspace`.
    pub async fn of(tx: &mut Tx, workspace: &Workspace, connection: &Connection) -> Result<Rules, Problem> {
        let settings = &connection.settings;
        let engine = engine_of(connection)?;
        let protocol = if engine == Engine::Mysql { Protocol::Mysql } else { Protocol::Postgres };
        let mut rules = Rules {
            engine,
            session: Session {
                id: SessionId(0),
                listener: settings.via.as_deref().unwrap_or("console").into(),
                workspace: workspace.slug.as_str().into(),
                environment: environment(settings.environment),
                protocol,
                principal: Principal {
                    user: settings.user.as_str().into(),
                    database: settings.database.as_str().into(),
                    application: APPLICATION.into(),
                    address: Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
                    tls: None,
                },
            },
            published: None,
            warnings: Vec::new(),
        };
        if let Some(listener) = &settings.via {
            rules.publish(tx, workspace, listener).await?;
        }
        Ok(rules)
    }

    /// Takes in what is published for the listener.
    async fn publish(&mut self, tx: &mut Tx, workspace: &Workspace, name: &str) -> Result<(), Problem> {
        let known = crate::fleet::listeners_of(tx, workspace).await?;
        let state = known.into_iter().find(|one| one.present && one.name == name).and_then(|one| one.state);
        let Some(publication) = publications::get(tx, workspace.id, name).await? else { return Ok(()) };
        let sets = rule_sets::published(tx, workspace.id).await?;
        let mut names = Vec::new();
        for item in &publication.items {
            match item {
                Item::Pack(pack) => names.push(pack.as_str()),
                Item::RuleSet(id) => {
                    names.extend(sets.iter().find(|set| set.id == *id).map(|set| &*set.name))
                }
            }
        }
        if let Some(state) = &state {
            self.session.environment = match state.environment.as_str() {
                "development" => Environment::Development,
                "staging" => Environment::Staging,
                _ => Environment::Production,
            };
        }
        let by_file = state.is_none_or(|state| state.floor_mode == "enforce");
        let scope = policies::Listener {
            name,
            environment: self.session.environment,
            protocol: self.session.protocol,
            enforces: by_file || publication.enforces == Some(true),
            // What no published rule speaks of is for the listener's file to say, when the statement gets there.
            default_allows: true,
        };
        let texts = |name: &str| {
            let set = sets.iter().find(|set| set.name == name)?;
            Some((set.name.clone(), set.text.clone()))
        };
        match policies::compile(0, &names, &texts, &scope) {
            Ok(rules) => self.published = Some(rules),
            Err(found) => {
                let first = found.first().map(ToString::to_string).unwrap_or_default();
                tracing::warn!(listener = name, problem = first, "published rules cannot be read");
                self.warnings.push(format!(
                    "what is published for listener `{name}` cannot be read here: only the listener judges by it"
                ));
            }
        }
        Ok(())
    }

    /// Judges a text; a long one on a thread where it holds nobody up, and few of those at once.
    pub async fn judge_apart(self, text: &str) -> Result<Judgement, Problem> {
        if text.len() <= LONG_BYTES {
            return self.judge(text);
        }
        let failed = |error: &dyn std::fmt::Display| {
            Problem::new(Code::Internal, "the text could not be judged").with_cause(error)
        };
        let turn = LONG.acquire().await.map_err(|error| failed(&error))?;
        let text = text.to_owned();
        let judging = tokio::task::spawn_blocking(move || {
            // Kept to the end, also when nobody waits any more.
            let _turn = turn;
            self.judge(&text)
        });
        judging.await.map_err(|error| failed(&error))?
    }

    /// Judges a text.
    pub fn judge(&self, text: &str) -> Result<Judgement, Problem> {
        let mut judgement = Judgement {
            engine: self.engine,
            statement: None,
            objection: None,
            limits: Limits::default(),
            warnings: self.warnings.clone(),
        };
        if self.engine == Engine::Sqlite {
            judgement.objection = sqlite::check(text).err();
            judgement
                .warnings
                .push("no rules are asked: SQLite's authorizer lets reads pass only".to_owned());
            return Ok(judgement);
        }
        if self.engine == Engine::SqlServer {
            judgement.objection = tsql::check(text).err().map(|refusal| {
                Objection::plain(Some(QUERIES_ONLY), &refusal.message, refusal.hint, refusal.span)
            });
            judgement.warnings.push(
                "no rules are asked: only what is known to read passes, and its transaction is rolled back"
                    .to_owned(),
            );
            return Ok(judgement);
        }
        let lexing = if self.session.protocol == Protocol::Mysql { Lexing::MYSQL } else { Lexing::default() };
        let analysis = sql::analyse(text.as_bytes(), lexing);
        let [statement] = analysis.statements.as_slice() else {
            judgement.objection = Some(match place::second(text, lexing) {
                Some(span) => Objection::several(span),
                None => Objection::nothing(),
            });
            return Ok(judgement);
        };
        judgement.statement = Some(Arc::clone(statement));
        judgement.objection = if analysis.ending == Ending::Disputed {
            let message = "this text reads differently under other settings of the session";
            let hint =
                "write backslashes in literals as E'…', and quote names as the server's defaults have it";
            Some(Objection::plain(None, message, hint, place::whole(text, lexing)))
        } else {
            self.weigh(statement, text, lexing, &mut judgement)?
        };
        warn(statement, &mut judgement.warnings);
        Ok(judgement)
    }

    fn weigh(
        &self,
        statement: &Statement,
        text: &str,
        lexing: Lexing,
        judgement: &mut Judgement,
    ) -> Result<Option<Objection>, Problem> {
        let floor = floor(self.session.protocol)?;
        for rules in std::iter::once(floor).chain(&self.published) {
            let mask = rules.of_session(&self.session);
            let facts = Facts {
                session: &self.session,
                mask: &mask,
                role: Role::Known(&self.session.principal.user),
                path: Path::of_login(&self.session),
                kind: Kind::Execute,
                statement: Some(statement),
                transaction: TransactionState::Idle,
                now_us: u64::try_from(admin_store::now_us()).unwrap_or(0),
            };
            let decision = rules.decide(&facts);
            match &decision.verdict {
                Verdict::Refuse(refusal) | Verdict::Hold(refusal) if rules.enforces() => {
                    let span = match refusal.position {
                        Some(position) => place::at(text, position, lexing),
                        None => place::whole(text, lexing),
                    };
                    return Ok(Some(Objection::of(refusal, span)));
                }
                Verdict::Refuse(refusal) | Verdict::Hold(refusal) => judgement.warnings.push(format!(
                    "listener `{}` only observes; otherwise it would refuse this: {}",
                    self.session.listener, refusal.message
                )),
                Verdict::Allow | Verdict::Unjudged => {}
            }
            if rules.enforces() {
                tighten(&mut judgement.limits, decision.limits);
            }
        }
        Ok((!is_query(statement)).then(|| Objection::no_query(place::whole(text, lexing))))
    }
}

/// Which kind of database a connection leads to.
pub fn engine_of(connection: &Connection) -> Result<Engine, Problem> {
    let kind = connection.settings.kind.parse::<Engine>();
    kind.map_err(|error| {
        Problem::new(Code::Internal, "the connection is of a kind that is not known").with_cause(error)
    })
}

/// The pack that is always asked. It is compiled once for each protocol: nothing in it depends on more.
fn floor(protocol: Protocol) -> Result<&'static Ruleset, Problem> {
    static POSTGRES: OnceLock<Option<Ruleset>> = OnceLock::new();
    static MYSQL: OnceLock<Option<Ruleset>> = OnceLock::new();
    let place = if protocol == Protocol::Mysql { &MYSQL } else { &POSTGRES };
    let made = place.get_or_init(|| {
        let scope = policies::Listener {
            name: "console",
            environment: Environment::Production,
            protocol,
            enforces: true,
            default_allows: true,
        };
        policies::compile(0, &[FLOOR], &|_| None, &scope).ok()
    });
    made.as_ref().ok_or_else(|| Problem::new(Code::Internal, "the pack `read-only` cannot be read"))
}

/// Whether it returns rows, and leaves nothing behind that a second statement could use.
fn is_query(statement: &Statement) -> bool {
    let marks = statement.effects.marks;
    match statement.effects.basis {
        Basis::Grammar => {
            matches!(statement.effects.verb, "select" | "explain" | "show")
                && statement.verb == Verb::Other
                && marks.contains(Marks::RETURNS_ROWS)
                && !marks.contains(Marks::USES_NAME)
        }
        Basis::Keywords | Basis::Message | Basis::Unjudged(_) => {
            statement.class == Class::Read && statement.verb == Verb::Other
        }
    }
}

fn tighten(limits: &mut Limits, more: Limits) {
    let least = |one: Option<u64>, other: Option<u64>| one.into_iter().chain(other).min();
    limits.rows = least(limits.rows, more.rows);
    limits.bytes = least(limits.bytes, more.bytes);
    limits.duration_us = least(limits.duration_us, more.duration_us);
}

fn warn(statement: &Statement, warnings: &mut Vec<String>) {
    let effects = &statement.effects;
    if effects.basis == Basis::Keywords {
        warnings.push(
            "judged by the words it begins with: functions and what they do are not looked at".to_owned(),
        );
    }
    let known = [
        (Marks::SLEEPS, "it waits on purpose"),
        (Marks::READS_SECRETS, "it reads a catalog that holds secrets"),
        (Marks::CHANGES_SETTING, "it changes a setting, which is undone when it has ended"),
    ];
    warnings.extend(
        known
            .into_iter()
            .filter(|(mark, _)| effects.marks.contains(*mark))
            .map(|(_, words)| words.to_owned()),
    );
}

fn environment(environment: connections::Environment) -> Environment {
    match environment {
        connections::Environment::Development => Environment::Development,
        connections::Environment::Staging => Environment::Staging,
        connections::Environment::Production => Environment::Production,
    }
}

/// The major version of PostgreSQL a statement needs to be read as it was judged: an older server takes
/// some of what the grammar knows for a call of somebody's function.
pub(super) fn needs_major(statement: &Statement) -> Option<u32> {
    let marks = statement.effects.marks;
    if marks.contains(Marks::SINCE_17) { Some(17) } else { marks.contains(Marks::SINCE_16).then_some(16) }
}

#[cfg(test)]
mod tests;

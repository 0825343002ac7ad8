//! Does the judge decide as the documentation says? Random rules, written as TOML and compiled, against a
//! reference that reads the same rules one by one, without tables, masks or order of looking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::*;
use policies::{Decision, Facts, Listener, Path, Role, Ruleset, Verdict, compile};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::sync::Arc;

// ---- the rules ----

#[derive(Clone, Debug)]
enum Cond {
    User(Vec<&'static str>),
    Role(&'static str),
    Class(Vec<Class>),
    Verb(Vec<&'static str>),
    Relation { table: Option<Vec<&'static str>>, access: Option<&'static str> },
    Function(Vec<&'static str>),
    Mark(Vec<&'static str>),
    EveryRow(bool),
    Where(bool),
    Kind(&'static str),
    Transaction(&'static str),
    Unjudged(bool),
    RowsOver(u64),
}

#[derive(Clone, Debug)]
struct Model {
    when: Vec<Cond>,
    unless: Option<Vec<Cond>>,
    decision: Decides,
    dry_run: bool,
    record: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Decides {
    Final,
    Hold,
    Refuse,
    Limit(u64),
    Allow,
    Note,
}

const USERS: [&str; 3] = ["ann", "bob", "etl_1"];
const USER_PATTERNS: [&str; 4] = ["ann", "etl_*", "b*b", "nobody"];
const VERBS: [&str; 4] = ["select", "delete", "create table", "reset"];
const VERB_PATTERNS: [&str; 4] = ["select", "delete", "create *", "drop table"];
const TABLE_PATTERNS: [&str; 7] =
    ["orders", "sales.orders", "public.*", "sales.*", "o*", "pg_class", "Sales.Orders"];
const ACCESS: [&str; 3] = ["read", "delete", "insert"];
const FUNCTION_PATTERNS: [&str; 4] = ["now", "audit.note", "public.*", "n*"];
const MARKS: [(&str, Marks); 6] = [
    ("locks_rows", Marks::LOCKS_ROWS),
    ("sleeps", Marks::SLEEPS),
    ("notifies", Marks::NOTIFIES),
    ("server_file", Marks::SERVER_FILE),
    ("unknown_function", Marks::UNKNOWN_FUNCTION),
    ("changes_role", Marks::CHANGES_ROLE),
];
const MARK_WORDS: [&str; 6] =
    ["locks_rows", "sleeps", "notifies", "server_file", "unknown_function", "changes_role"];
const KINDS: [(&str, Kind); 2] = [("run", Kind::Run), ("execute", Kind::Execute)];
const STATES: [(&str, TransactionState); 2] =
    [("idle", TransactionState::Idle), ("open", TransactionState::Open)];

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(words, 1..=2)
}

fn cond() -> impl Strategy<Value = Cond> {
    prop_oneof![
        some(&USER_PATTERNS).prop_map(Cond::User),
        prop::sample::select(&["ann", "owner"][..]).prop_map(Cond::Role),
        prop::sample::subsequence(&Class::ALL[..], 1..=4).prop_map(Cond::Class),
        some(&VERB_PATTERNS).prop_map(Cond::Verb),
        (prop::option::of(some(&TABLE_PATTERNS)), prop::option::of(prop::sample::select(&ACCESS[..])))
            .prop_filter("says something", |(table, access)| table.is_some() || access.is_some())
            .prop_map(|(table, access)| Cond::Relation { table, access }),
        some(&FUNCTION_PATTERNS).prop_map(Cond::Function),
        some(&MARK_WORDS).prop_map(Cond::Mark),
        any::<bool>().prop_map(Cond::EveryRow),
        any::<bool>().prop_map(Cond::Where),
        prop::sample::select(&["run", "execute"][..]).prop_map(Cond::Kind),
        prop::sample::select(&["idle", "open"][..]).prop_map(Cond::Transaction),
        any::<bool>().prop_map(Cond::Unjudged),
        prop::sample::select(&[10, 100][..]).prop_map(Cond::RowsOver),
    ]
}

fn key(cond: &Cond) -> &'static str {
    match cond {
        Cond::User(_) => "user",
        Cond::Role(_) => "role",
        Cond::Class(_) => "class",
        Cond::Verb(_) => "verb",
        Cond::Relation { .. } => "table",
        Cond::Function(_) => "function",
        Cond::Mark(_) => "mark",
        Cond::EveryRow(_) => "every_row",
        Cond::Where(_) => "where",
        Cond::Kind(_) => "kind",
        Cond::Transaction(_) => "transaction",
        Cond::Unjudged(_) => "unjudged",
        Cond::RowsOver(_) => "rows_over",
    }
}

fn conds(least: usize) -> impl Strategy<Value = Vec<Cond>> {
    prop::collection::vec(cond(), least..=3).prop_map(|mut all| {
        let mut seen = Vec::new();
        all.retain(|one| {
            !seen.contains(&key(one)) && {
                seen.push(key(one));
                true
            }
        });
        all
    })
}

fn rule() -> impl Strategy<Value = Model> {
    let decision = prop_oneof![
        1 => Just(Decides::Final),
        1 => Just(Decides::Hold),
        2 => Just(Decides::Refuse),
        1 => (1u64..4).prop_map(Decides::Limit),
        3 => Just(Decides::Allow),
        1 => Just(Decides::Note),
    ];
    let record = prop_oneof![
        4 => Just(&[][..]),
        1 => Just(&["text"][..]),
        1 => Just(&["parameters", "error"][..]),
        1 => Just(&["text", "hashes"][..]),
    ];
    (conds(0), prop::option::of(conds(1)), decision, prop::bool::weighted(0.2), record).prop_map(
        |(when, unless, decision, dry, record)| {
            let dry_run = dry && decision != Decides::Note;
            let record = if matches!(decision, Decides::Limit(_)) { &[] } else { record };
            Model { when, unless, decision, dry_run, record }
        },
    )
}

fn table(conds: &[Cond]) -> String {
    let list = |words: &[&str]| format!("{words:?}");
    let mut parts = Vec::new();
    for cond in conds {
        match cond {
            Cond::User(words) => parts.push(format!("user = {}", list(words))),
            Cond::Role(word) => parts.push(format!("role = {word:?}")),
            Cond::Class(classes) => {
                let words: Vec<_> = classes.iter().map(|one| one.as_str()).collect();
                parts.push(format!("class = {}", list(&words)));
            }
            Cond::Verb(words) => parts.push(format!("verb = {}", list(words))),
            Cond::Relation { table, access } => {
                parts.extend(access.map(|word| format!("access = {word:?}")));
                parts.extend(table.as_ref().map(|words| format!("table = {}", list(words))));
            }
            Cond::Function(words) => parts.push(format!("function = {}", list(words))),
            Cond::Mark(words) => parts.push(format!("mark = {}", list(words))),
            Cond::EveryRow(truth) => parts.push(format!("every_row = {truth}")),
            Cond::Where(truth) => parts.push(format!("where = {truth}")),
            Cond::Kind(word) => parts.push(format!("kind = {word:?}")),
            Cond::Transaction(word) => parts.push(format!("transaction = {word:?}")),
            Cond::Unjudged(truth) => parts.push(format!("unjudged = {truth}")),
            Cond::RowsOver(rows) => parts.push(format!("rows_over = {rows}")),
        }
    }
    format!("{{ {} }}", parts.join(", "))
}

fn toml(rules: &[Model]) -> String {
    let mut text = String::new();
    for (number, rule) in rules.iter().enumerate() {
        let _ = writeln!(text, "[[rule]]\nname = \"r{number}\"\nwhen = {}", table(&rule.when));
        if let Some(unless) = &rule.unless {
            let _ = writeln!(text, "unless = {}", table(unless));
        }
        let _ = match rule.decision {
            Decides::Final => writeln!(text, "decision = \"refuse\"\noverridable = false"),
            Decides::Hold => writeln!(text, "decision = \"hold\""),
            Decides::Refuse => writeln!(text, "decision = \"refuse\""),
            Decides::Limit(rows) => writeln!(text, "decision = \"limit\"\nlimit = {{ rows = {rows} }}"),
            Decides::Allow => writeln!(text, "decision = \"allow\""),
            Decides::Note => writeln!(text, "decision = \"note\""),
        };
        if rule.dry_run {
            text.push_str("dry_run = true\n");
        }
        if !rule.record.is_empty() {
            let _ = writeln!(text, "record = {:?}", rule.record);
        }
    }
    text
}

// ---- the facts ----

#[derive(Clone, Debug)]
struct Asked {
    user: &'static str,
    role: Option<&'static str>,
    protocol: Protocol,
    path: Path<'static>,
    kind: Kind,
    transaction: TransactionState,
    /// `None`: not seen.
    statement: Option<Statement>,
    enforces: bool,
    default_allows: bool,
}

fn relation() -> impl Strategy<Value = Relation> {
    let schema = prop::sample::select(&[None, None, Some("sales"), Some("public"), Some("SALES")][..]);
    let name = prop::sample::select(&["orders", "items", "pg_class", "Orders"][..]);
    (schema, name, 0u8..16).prop_map(|(schema, name, access)| Relation {
        schema: schema.map(Into::into),
        name: name.into(),
        access: Access(access),
    })
}

fn function() -> impl Strategy<Value = Function> {
    let schema = prop::sample::select(&[None, None, Some("audit"), Some("public")][..]);
    let name = prop::sample::select(&["now", "note", "total", "Note"][..]);
    let known = prop::sample::select(&[Known::Reads, Known::Acts, Known::Unknown][..]);
    (schema, name, known).prop_map(|(schema, name, known)| Function {
        schema: schema.map(Into::into),
        name: name.into(),
        known,
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    let basis = prop_oneof![5 => Just(Basis::Grammar), 1 => Just(Basis::Unjudged(Unjudged::Node("x")))];
    let marks = prop::sample::subsequence(
        &[
            Marks::LOCKS_ROWS,
            Marks::SLEEPS,
            Marks::NOTIFIES,
            Marks::SERVER_FILE,
            Marks::UNKNOWN_FUNCTION,
            Marks::CHANGES_ROLE,
            Marks::EVERY_ROW,
            Marks::FILTERED,
            Marks::RETURNS_ROWS,
        ][..],
        0..=4,
    );
    let parts = (
        prop::collection::vec(relation(), 0..3),
        prop::collection::vec(function(), 0..3),
        prop::option::of(1u64..200),
        prop::bool::weighted(0.1),
    );
    (basis, prop::sample::select(&VERBS[..]), prop::sample::select(&Class::ALL[..]), marks, parts).prop_map(
        |(basis, verb, class, marks, (relations, functions, row_limit, leaves))| {
            let class = if matches!(basis, Basis::Unjudged(_)) { Class::Unknown } else { class };
            let mut effects = Effects::of_class(basis, verb, class);
            effects.relations = relations.into();
            effects.functions = functions.into();
            effects.row_limit = row_limit;
            effects.marks = marks.into_iter().fold(Marks::NONE, Marks::with);
            Statement {
                fingerprint: Fingerprint(1),
                text: "x".into(),
                class,
                verb: if leaves { Verb::Leave } else { Verb::Other },
                tables: Box::default(),
                effects: Arc::new(effects),
            }
        },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    (
        prop::sample::select(&USERS[..]),
        prop::sample::select(&[None, Some("ann"), Some("owner"), Some("bob")][..]),
        prop::sample::select(
            &[
                (Protocol::Postgres, Path::Default),
                (Protocol::Postgres, Path::Changed),
                (Protocol::Mysql, Path::Changed),
                (Protocol::Mysql, Path::Database("sales")),
                (Protocol::Mysql, Path::Database("Public")),
            ][..],
        ),
        prop::sample::select(&KINDS[..]),
        prop::sample::select(&STATES[..]),
        prop::option::weighted(0.95, statement()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(
                user,
                role,
                (protocol, path),
                (_, kind),
                (_, transaction),
                statement,
                enforces,
                default_allows,
            )| Asked {
                user,
                role,
                protocol,
                path,
                kind,
                transaction,
                statement,
                enforces,
                default_allows,
            },
        )
}

// ---- the reference ----

#[derive(Debug, PartialEq)]
struct Said {
    verdict: &'static str,
    rule: Option<usize>,
    rows: Option<u64>,
    noted: Option<usize>,
    record: Vec<&'static str>,
    would: Option<(usize, &'static str)>,
}

fn star(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
    }
}

impl Asked {
    fn judged(&self) -> Option<&Effects> {
        let effects = &*self.statement.as_ref()?.effects;
        (!matches!(effects.basis, Basis::Unjudged(_))).then_some(effects)
    }

    fn qualified(
        &self,
        pattern: &str,
        schema: Option<&str>,
        name: &str,
        public: bool,
        possible: bool,
    ) -> bool {
        let star = |pattern: &str, name: &str| match self.protocol {
            Protocol::Postgres => star(pattern, name),
            Protocol::Mysql => star(&pattern.to_lowercase(), &name.to_lowercase()),
        };
        let Some((wanted, pattern)) = pattern.split_once('.') else { return star(pattern, name) };
        let schema = match (schema, self.path) {
            (Some(schema), _) => star(wanted, schema),
            (None, Path::Database(database)) => public && star(wanted, database),
            (None, Path::Default) => possible || (public && star(wanted, "public")),
            (None, Path::Changed) => possible,
        };
        schema && star(pattern, name)
    }

    fn holds(&self, cond: &Cond, possible: bool) -> bool {
        match cond {
            Cond::User(words) => return words.iter().any(|word| star(word, self.user)),
            Cond::Role(word) => return self.role.map_or(possible, |role| role == *word),
            Cond::Kind(word) => return KINDS.contains(&(word, self.kind)),
            Cond::Transaction(word) => return STATES.contains(&(word, self.transaction)),
            Cond::Unjudged(truth) => return self.judged().is_none() == *truth,
            Cond::Class(classes) => {
                return classes.contains(&self.statement.as_ref().map_or(Class::Unknown, |one| one.class));
            }
            _ => {}
        }
        let Some(effects) = self.judged() else { return possible };
        match cond {
            Cond::Verb(words) => words.iter().any(|word| star(word, effects.verb)),
            Cond::Mark(words) => {
                MARKS.iter().any(|(word, mark)| words.contains(word) && effects.marks.contains(*mark))
            }
            Cond::EveryRow(truth) => effects.marks.contains(Marks::EVERY_ROW) == *truth,
            Cond::Where(truth) => effects.marks.contains(Marks::FILTERED) == *truth,
            Cond::RowsOver(rows) => {
                effects.marks.contains(Marks::RETURNS_ROWS) && effects.row_limit.unwrap_or(u64::MAX) > *rows
            }
            Cond::Relation { table, access } => {
                let one = |relation: &Relation| {
                    let public = self.protocol == Protocol::Mysql || !relation.name.starts_with("pg_");
                    let name = |pattern: &&str| {
                        self.qualified(pattern, relation.schema.as_deref(), &relation.name, public, possible)
                    };
                    let words: Vec<_> = relation.access.words().collect();
                    let access = access.is_none_or(|wanted| match possible {
                        true => words.contains(&wanted),
                        false => words == [wanted],
                    });
                    access && table.as_ref().is_none_or(|all| all.iter().any(name))
                };
                many(&effects.relations, possible, one)
            }
            Cond::Function(words) => many(&effects.functions, possible, |one| {
                let public = one.known == Known::Unknown;
                words
                    .iter()
                    .any(|word| self.qualified(word, one.schema.as_deref(), &one.name, public, possible))
            }),
            _ => unreachable!("answered above"),
        }
    }

    /// Whether an allow names what of the statement has to be named.
    fn named(&self, rule: &Model) -> bool {
        let (Some(statement), Some(effects)) = (&self.statement, self.judged()) else { return true };
        let asks = |wanted: &str| rule.when.iter().any(|one| key(one) == wanted);
        let marked = |word: &str| {
            rule.when.iter().any(|one| matches!(one, Cond::Mark(words) if words.contains(&word)))
        };
        let code = rule.when.iter().any(|one| matches!(one, Cond::Class(all) if all.contains(&Class::Code)));
        let kind = asks("class") || asks("verb");
        let class = match statement.class {
            Class::Read | Class::Write | Class::Session | Class::Transaction => true,
            Class::Code | Class::Maintenance => kind || asks("mark") || asks("function"),
            Class::Ddl | Class::Privilege | Class::Unknown => kind || asks("mark"),
        };
        let has = |mark: Marks| effects.marks.contains(mark);
        class
            && (!has(Marks::SERVER_FILE) || marked("server_file"))
            && (!has(Marks::CHANGES_ROLE) || marked("changes_role") || effects.verb == "reset")
            && (!has(Marks::UNKNOWN_FUNCTION) || marked("unknown_function") || code || asks("function"))
            && (!has(Marks::NOTIFIES) || marked("notifies") || kind || asks("function"))
    }

    fn matches(&self, rule: &Model) -> bool {
        let possible = rule.decision != Decides::Allow;
        (possible || (self.judged().is_some() && self.named(rule)))
            && rule.when.iter().all(|one| self.holds(one, possible))
            && !rule.unless.as_ref().is_some_and(|all| all.iter().all(|one| self.holds(one, !possible)))
    }

    fn said(&self, rules: &[Model]) -> Said {
        let matching: Vec<usize> = (0..rules.len()).filter(|number| self.matches(&rules[*number])).collect();
        let first = |decides: &[Decides], dry: bool| {
            matching.iter().copied().find(|number| {
                let rule = &rules[*number];
                (dry || !rule.dry_run) && decides.contains(&rule.decision)
            })
        };
        let strongest = |dry: bool| {
            [Decides::Final, Decides::Hold, Decides::Refuse, Decides::Allow]
                .into_iter()
                .find_map(|one| first(&[one], dry).map(|number| (one, number)))
        };
        let noted = first(&[Decides::Note], true);
        let wants = |word: &&str| {
            matching.iter().any(|number| !rules[*number].dry_run && rules[*number].record.contains(word))
        };
        let record: Vec<_> = ["text", "parameters", "hashes", "error"].into_iter().filter(wants).collect();
        if self.statement.as_ref().is_some_and(|one| one.verb == Verb::Leave) {
            return Said { verdict: "allow", rule: None, rows: None, noted, record, would: None };
        }
        let word = |found: Option<(Decides, usize)>| match found {
            Some((Decides::Final | Decides::Refuse, _)) => "refuse",
            Some((Decides::Hold, _)) => "hold",
            Some(_) => "allow",
            None if self.default_allows => "allow",
            None => "refuse",
        };
        let live = strongest(false);
        let all = strongest(true);
        let limits = |dry: bool| {
            matching.iter().filter(move |number| rules[**number].dry_run == dry).filter_map(|number| {
                if let Decides::Limit(rows) = rules[*number].decision { Some((*number, rows)) } else { None }
            })
        };
        let would = match all {
            _ if self.enforces && self.judged().is_none() => None,
            Some((_, number)) if rules[number].dry_run && word(all) != word(live) => {
                Some((number, word(all)))
            }
            _ if word(live) == "allow" => limits(true).next().map(|(number, _)| (number, "limit")),
            _ => None,
        };
        let verdict = match self.judged() {
            Some(_) => word(live),
            None if self.enforces => "refuse",
            None => "unjudged",
        };
        let passes = verdict == "allow" || verdict == "unjudged";
        Said {
            verdict,
            rule: live.map(|(_, number)| number).filter(|_| self.judged().is_some()),
            rows: limits(false).map(|(_, rows)| rows).min().filter(|_| passes),
            noted,
            record,
            would,
        }
    }
}

fn many<T>(things: &[T], possible: bool, one: impl Fn(&T) -> bool) -> bool {
    let met = things.iter().filter(|thing| one(thing)).count();
    if possible { met > 0 } else { met > 0 && met == things.len() }
}

// ---- the comparison ----

fn ruleset(rules: &[Model], asked: &Asked) -> Option<Ruleset> {
    let listener = Listener {
        name: "shop",
        environment: Environment::Production,
        protocol: asked.protocol,
        enforces: asked.enforces,
        default_allows: asked.default_allows,
    };
    let text = toml(rules);
    match compile(1, &["random"], &|_| Some(("random.toml".into(), text.clone())), &listener) {
        Ok(ruleset) => Some(ruleset),
        Err(found) => {
            let only_never = found.iter().all(|one| one.message.contains("can never match"));
            assert!(only_never, "{found:#?}\n{text}");
            None
        }
    }
}

fn session(asked: &Asked) -> Session {
    Session {
        id: SessionId(1),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: asked.protocol,
        principal: Principal {
            user: asked.user.into(),
            database: "shop".into(),
            application: "".into(),
            address: Address::Unix,
            tls: None,
        },
    }
}

fn with_decision<R>(ruleset: &Ruleset, asked: &Asked, look: impl FnOnce(Decision<'_>, &Facts<'_>) -> R) -> R {
    let session = session(asked);
    let mask = ruleset.of_session(&session);
    let facts = Facts {
        session: &session,
        mask: &mask,
        role: asked.role.map_or(Role::Unknown, Role::Known),
        path: asked.path,
        kind: asked.kind,
        statement: asked.statement.as_ref(),
        transaction: asked.transaction,
        now_us: 0,
    };
    look(ruleset.decide(&facts), &facts)
}

fn number(name: Option<&Arc<str>>) -> Option<usize> {
    name.map(|name| name.strip_prefix("random/r").unwrap().parse().unwrap())
}

fn said(decision: &Decision<'_>) -> Said {
    Said {
        verdict: decision.verdict.as_str(),
        rule: number(decision.rule),
        rows: decision.limits.rows,
        noted: number(decision.noted),
        record: decision.record.words().collect(),
        would: decision.would.map(|(rule, would)| (number(Some(rule)).unwrap(), would.as_str())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn the_judge_decides_as_the_reference_does(
        rules in prop::collection::vec(rule(), 0..8),
        asked in asked(),
    ) {
        let Some(ruleset) = ruleset(&rules, &asked) else { return Ok(()) };
        let expected = asked.said(&rules);
        with_decision(&ruleset, &asked, |decision, facts| {
            prop_assert_eq!(said(&decision), expected, "{}", toml(&rules));
            // What is told to people agrees with what is done.
            let explained = ruleset.explain(facts);
            prop_assert_eq!(explained.verdict.as_str(), decision.verdict.as_str());
            prop_assert_eq!(explained.record, decision.record);
            prop_assert!(decision.record.is_nothing() || ruleset.keeps_values());
            for (number, rule) in explained.rules.iter().enumerate() {
                let matched = rule.met == policies::Met::Matched;
                prop_assert_eq!(matched, asked.matches(&rules[number]), "{:?} of {}", rule, toml(&rules));
            }
            Ok(())
        })?;
    }

    #[test]
    fn one_more_final_refuse_lets_nothing_more_pass(
        rules in prop::collection::vec(rule(), 0..6),
        more in rule(),
        place in 0usize..6,
        asked in asked(),
    ) {
        let mut stricter = rules.clone();
        stricter.insert(place.min(rules.len()), Model { decision: Decides::Final, dry_run: false, ..more });
        let (Some(before), Some(after)) = (ruleset(&rules, &asked), ruleset(&stricter, &asked)) else {
            return Ok(());
        };
        let passes = |ruleset: &Ruleset| {
            with_decision(ruleset, &asked, |decision, _| {
                matches!(decision.verdict, Verdict::Allow | Verdict::Unjudged)
            })
        };
        prop_assert!(passes(&before) || !passes(&after), "{}", toml(&stricter));
    }
}

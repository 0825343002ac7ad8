//! Does the judge say what it should?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::compile::{Listener, compile};
use crate::facts::{Path, Role};
use crate::verdict::RateBy;
use exchange::{
    Address, Class, Effects, Environment, Fingerprint, Kind, Marks, Principal, Protocol, Refusal,
    RefusalClass, SessionId, Statement, TransactionState, Unjudged,
};

fn session(user: &str) -> Session {
    let principal = Principal {
        user: user.into(),
        database: "shop".into(),
        application: "".into(),
        address: Address::Unix,
        tls: None,
    };
    Session {
        id: SessionId(1),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal,
    }
}

fn statement(verb: Verb, effects: Effects) -> Statement {
    Statement {
        fingerprint: Fingerprint(1),
        text: "x".into(),
        class: effects.base_class,
        verb,
        tables: Box::default(),
        effects: Arc::new(effects),
    }
}

fn read() -> Effects {
    Effects::of_class(Basis::Grammar, "select", Class::Read)
}

fn with<R>(ruleset: &Ruleset, statement: Option<&Statement>, look: impl FnOnce(Decision<'_>) -> R) -> R {
    let session = session("ann");
    let mask = ruleset.of_session(&session);
    let facts = Facts {
        session: &session,
        mask: &mask,
        role: Role::Known("ann"),
        path: Path::Default,
        kind: Kind::Run,
        statement,
        transaction: TransactionState::Idle,
        now_us: 0,
    };
    look(ruleset.decide(&facts))
}

fn verdict(ruleset: &Ruleset, statement: Option<&Statement>) -> Verdict {
    with(ruleset, statement, |decision| decision.verdict)
}

fn refusal(ruleset: &Ruleset, statement: Option<&Statement>) -> Refusal {
    match verdict(ruleset, statement) {
        Verdict::Refuse(refusal) | Verdict::Hold(refusal) => *refusal,
        other => panic!("{other:?}"),
    }
}

fn compiled(text: &str) -> Ruleset {
    let listener = Listener {
        name: "shop",
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        enforces: true,
        default_allows: true,
    };
    let files = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), text.to_owned()));
    compile(7, &["own"], &files, &listener).unwrap()
}

#[test]
fn a_default_decides_what_no_rule_speaks_of() {
    let select = statement(Verb::Other, read());
    let leave = statement(Verb::Leave, Effects::of_class(Basis::Grammar, "commit", Class::Transaction));
    for enforces in [true, false] {
        let open = Ruleset::of_default(1, enforces, true);
        assert_eq!(verdict(&open, Some(&select)), Verdict::Allow);
        let closed = Ruleset::of_default(1, enforces, false);
        assert_eq!(refusal(&closed, Some(&select)).class, RefusalClass::NotPermitted);
        assert_eq!(verdict(&closed, Some(&leave)), Verdict::Allow);
        assert_eq!(closed.enforces(), enforces);
    }
}

#[test]
fn what_was_not_seen_is_refused_only_where_rules_are_enforced() {
    assert_eq!(verdict(&Ruleset::of_default(1, false, false), None), Verdict::Unjudged);
    assert_eq!(refusal(&Ruleset::of_default(1, true, true), None).class, RefusalClass::TooLarge);
}

#[test]
fn what_cannot_be_judged_says_why_and_where() {
    let ruleset = Ruleset::of_default(1, true, true);
    let why = |why: Unjudged| refusal(&ruleset, Some(&statement(Verb::Other, Effects::unjudged(why))));
    let syntax = why(Unjudged::Syntax { position: Some(3), message: "syntax error at or near \"x\"".into() });
    assert_eq!(syntax.class, RefusalClass::Unjudgeable);
    assert_eq!(syntax.position, Some(3));
    assert_eq!(syntax.message, "statement cannot be judged: syntax error at or near \"x\"");
    let large = why(Unjudged::TooLarge("more than 500 levels".into()));
    assert_eq!(large.class, RefusalClass::TooLarge);
    assert_eq!(large.message, "statement is too large to be judged: more than 500 levels");
    assert!(why(Unjudged::Node("FutureStmt")).message.contains("`FutureStmt`"));
    assert!(why(Unjudged::Ambiguous("BIG5")).message.ends_with("more than one way: BIG5"));
    assert_eq!(why(Unjudged::Unseen).class, RefusalClass::Unjudgeable);
}

#[test]
fn a_refusal_says_what_the_rule_says_and_names_it() {
    let ruleset = compiled(
        "[[rule]]\nname = \"deletes\"\nwhen = { verb = \"delete\" }\ndecision = \"refuse\"\nreason = \"read_only\"\n\
         message = \"no deletes\"\nhint = \"archive instead\"\n[[rule]]\nname = \"drops\"\nwhen = { verb = \"drop table\" }\n\
         decision = \"hold\"\n",
    );
    let delete = statement(Verb::Other, Effects::of_class(Basis::Grammar, "delete", Class::Write));
    let refused = refusal(&ruleset, Some(&delete));
    assert_eq!(refused.class, RefusalClass::ReadOnly);
    assert_eq!((&*refused.message, refused.hint.as_deref()), ("no deletes", Some("archive instead")));
    assert_eq!(refused.rule.as_deref(), Some("own/deletes"));
    let detail = "`delete` is of class write; rule `own/deletes` of listener `shop`";
    assert_eq!(refused.detail.as_deref(), Some(detail));
    let drop = statement(Verb::Other, Effects::of_class(Basis::Grammar, "drop table", Class::Ddl));
    let held = refusal(&ruleset, Some(&drop));
    assert_eq!(held.class, RefusalClass::Held);
    assert_eq!(held.rule.as_deref(), Some("own/drops"));
    assert!(held.hint.unwrap().contains("`own/drops`"));
}

#[test]
fn the_least_of_all_limits_holds_and_names_its_rule() {
    let ruleset = compiled(
        "[[rule]]\nname = \"a\"\ndecision = \"limit\"\nlimit = { rows = 10, seconds = 0.5 }\n\
         [[rule]]\nname = \"b\"\ndecision = \"limit\"\nlimit = { rows = 5, bytes = \"1kB\" }\n\
         [[rule]]\nname = \"c\"\ndecision = \"limit\"\nlimit = { rows = 7, per_second = 2, by = \"application\" }\n",
    );
    let select = statement(Verb::Other, read());
    with(&ruleset, Some(&select), |decision| {
        let expected = Limits { rows: Some(5), bytes: Some(1_000), duration_us: Some(500_000) };
        assert_eq!(decision.limits, expected);
        let names = [decision.limit_rules.rows, decision.limit_rules.bytes, decision.limit_rules.duration];
        assert_eq!(names.map(|name| &**name.unwrap()), ["own/b", "own/b", "own/a"]);
        let rates: Vec<_> = decision.rates.iter().collect();
        let expected = Rate { rule: "own/c".into(), per_second: 2, burst: 2, by: RateBy::Application };
        assert_eq!(rates, [&expected]);
        assert_eq!(decision.epoch, 7);
    });
}

#[test]
fn the_words_of_a_limit_can_be_asked_for() {
    let ruleset = compiled(
        "[[rule]]\nname = \"few\"\ndecision = \"limit\"\nlimit = { rows = 10 }\nmessage = \"ten at most\"\n\
         [[rule]]\nname = \"plain\"\ndecision = \"hold\"\n",
    );
    assert_eq!(ruleset.words_of("own/few"), (Some("ten at most"), None));
    assert_eq!(ruleset.words_of("own/plain"), (None, None));
    assert_eq!(ruleset.words_of("own/none"), (None, None));
}

#[test]
fn a_mask_of_other_rules_is_made_again() {
    let closed = compiled("[[rule]]\nname = \"ann\"\nwhen = { user = \"ann\" }\ndecision = \"refuse\"\n");
    let session = session("ann");
    let old = Ruleset::of_default(1, true, true).of_session(&session);
    let select = statement(Verb::Other, read());
    let facts = Facts {
        session: &session,
        mask: &old,
        role: Role::Unknown,
        path: Path::Default,
        kind: Kind::Run,
        statement: Some(&select),
        transaction: TransactionState::Idle,
        now_us: 0,
    };
    assert!(matches!(closed.decide(&facts).verdict, Verdict::Refuse(_)));
}

#[test]
fn a_session_is_read_only_where_an_entry_says_so() {
    let ruleset = compiled(
        "[lists]\nwriters = [\"app\"]\n[[session]]\nname = \"readers\"\nunless = { user = \"@writers\" }\nread_only = true\n",
    );
    for (user, expected) in [("ann", true), ("app", false)] {
        assert_eq!(ruleset.is_read_only(&ruleset.of_session(&session(user))), expected, "{user}");
    }
}

#[test]
fn an_explanation_names_the_first_condition_that_did_not_hold() {
    use crate::explain::Met;
    let ruleset = compiled(
        "[[rule]]\nname = \"a\"\nwhen = { class = \"write\", user = \"bob\" }\ndecision = \"refuse\"\n\
         [[rule]]\nname = \"b\"\nwhen = { class = \"read\", user = \"bob\" }\ndecision = \"refuse\"\n\
         [[rule]]\nname = \"c\"\nunless = { user = [\"ann\"] }\ndecision = \"refuse\"\n\
         [[rule]]\nname = \"d\"\ndecision = \"allow\"\n",
    );
    let session = session("ann");
    let mask = ruleset.of_session(&session);
    let select = statement(Verb::Other, read());
    let facts = Facts {
        session: &session,
        mask: &mask,
        role: Role::Unknown,
        path: Path::Default,
        kind: Kind::Run,
        statement: Some(&select),
        transaction: TransactionState::Idle,
        now_us: 0,
    };
    let explained = ruleset.explain(&facts);
    let met: Vec<_> = explained.rules.into_iter().map(|one| one.met).collect();
    let expected = [
        Met::Missed("`class` is not `write`: read".to_owned()),
        Met::Missed("`user` is not `bob`: `ann`".to_owned()),
        Met::TakenAway("`user` is `ann`".to_owned()),
        Met::Matched,
    ];
    assert_eq!(met, expected);
    assert_eq!(explained.rule.as_deref(), Some("own/d"));
}

#[test]
fn an_explanation_says_what_an_allow_does_not_name() {
    use crate::explain::Met;
    let ruleset = compiled(
        "[[rule]]\nname = \"ann\"\nwhen = { user = \"ann\" }\ndecision = \"allow\"\n\
         [[rule]]\nname = \"reads\"\nwhen = { class = [\"read\", \"ddl\"] }\ndecision = \"allow\"\n",
    );
    let session = session("ann");
    let mask = ruleset.of_session(&session);
    let met = |effects: Effects| {
        let statement = statement(Verb::Other, effects);
        let facts = Facts {
            session: &session,
            mask: &mask,
            role: Role::Unknown,
            path: Path::Default,
            kind: Kind::Run,
            statement: Some(&statement),
            transaction: TransactionState::Idle,
            now_us: 0,
        };
        ruleset.explain(&facts).rules.into_iter().map(|one| one.met).collect::<Vec<_>>()
    };
    let other_class = "`class` is not `read`, `write`, `session`, `transaction`, and a rule that allows lets no \
                       other pass that it does not name by `class`, `verb` or `mark`: ddl";
    let ddl = Effects::of_class(Basis::Grammar, "drop table", Class::Ddl);
    assert_eq!(met(ddl), [Met::Missed(other_class.to_owned()), Met::Matched]);
    let mark = "`mark` is not named, and a rule that allows lets nothing pass that has it without naming it: \
                server_file";
    let file = Effects { marks: Marks::SERVER_FILE.with(Marks::FILTERED), ..read() };
    assert_eq!(met(file), [Met::Missed(mark.to_owned()), Met::Missed(mark.to_owned())]);
}

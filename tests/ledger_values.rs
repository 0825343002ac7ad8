//! Are values that a rule had kept found, opened and destroyed at the command line, and by nobody else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use exchange::{
    Address, Basis, Class, Effects, Environment, Event, Fingerprint, Kind, Principal, Protocol, Record,
    RecordBody, Session, SessionId, Statement, StatementRecord, Timing, TransactionState, Values, Verb,
    VerdictWord,
};
use harness::gateway::Plan;
use harness::{eventually, free_port};
use proxy::ledger::{Ledger, LedgerHandle, LedgerSettings};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// 2026-08-04 12:34:56 UTC, and how long a day is.
const AT_US: u64 = 1_785_846_896_000_789;
const A_DAY_US: u64 = 86_400_000_000;

/// What must stand nowhere in clear.
const PLANTED: &str = "planted-value";

/// A statement with an e-mail address in its text, its parameters and its error.
fn statement(at_us: u64, email: &str) -> Record {
    let session = Session {
        id: SessionId(0x0198_c0de_0000_7000_8000_0000_0000_0001),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: "app".into(),
            database: "shop".into(),
            application: "checkout".into(),
            address: Address::Unix,
            tls: None,
        },
    };
    let statement = Statement {
        fingerprint: Fingerprint(0xab),
        text: "INSERT INTO people VALUES (?)".into(),
        class: Class::Write,
        verb: Verb::Other,
        tables: ["people".into()].into(),
        effects: Arc::new(Effects::of_class(Basis::Keywords, "statement", Class::Write)),
    };
    let values: Vec<Option<Box<[u8]>>> = vec![Some(email.as_bytes().into()), None];
    let body = StatementRecord {
        exchange: 7,
        kind: Kind::Run,
        statement: Arc::new(statement),
        source: None,
        claims: None,
        verdict: VerdictWord::Allow,
        rule: Some("shop/people".into()),
        values: Some(Box::new(Values {
            text: Some(format!("INSERT INTO people VALUES ('{email}')").into_bytes().into()),
            parameters: Some(values.clone()),
            hashed: Some(values),
            error: Some(format!("Key (email)=({email}) already exists.").into_bytes().into()),
            withheld: None,
        })),
        would: None,
        policy_epoch: 1,
        transaction: TransactionState::Idle,
        outcome: None,
        timing: Timing::default(),
        bytes_in: 60,
        bytes_out: 0,
    };
    let session = Some(Arc::new(session));
    Record { event: Event::StatementIntent, at_us, session, body: RecordBody::Statement(body) }
}

/// A ledger in a folder of its own, its keys beside it.
struct Shop(tempfile::TempDir);

impl Shop {
    /// With an address on each of two days, and a third one that is on both.
    fn new() -> Shop {
        let shop = Shop(tempfile::tempdir().unwrap());
        let handle = shop.open();
        for (days, name) in [(0, "ada"), (0, "both"), (1, "bob"), (1, "both")] {
            handle.offer(statement(AT_US + days * A_DAY_US, &shop.email(name))).unwrap();
        }
        handle.close().unwrap();
        shop
    }

    fn open(&self) -> LedgerHandle {
        let settings = LedgerSettings::new(self.ledger());
        Ledger::open(settings, Arc::default()).unwrap().spawn(Vec::new()).unwrap()
    }

    fn email(&self, name: &str) -> String {
        format!("{name}.{PLANTED}@example.org")
    }

    fn ledger(&self) -> PathBuf {
        self.0.path().join("ledger")
    }

    /// Runs `dragoman ledger COMMAND --directory …`: exit code, standard output, standard error.
    fn ask(&self, command: &str, more: &[&str]) -> (i32, String, String) {
        let ledger = self.ledger();
        dragoman(&[&[command, "--directory", ledger.to_str().unwrap()], more].concat())
    }

    fn records(&self) -> Vec<Value> {
        harness::ledger::read(&self.ledger()).into_iter().map(|record| record.0).collect()
    }

    /// The id of the record with `sealed` that was written as the `number`th.
    fn id(&self, number: usize) -> String {
        let records = self.records();
        let sealed: Vec<&Value> = records.iter().filter(|record| record["sealed"].is_object()).collect();
        sealed[number]["id"].as_str().unwrap().to_owned()
    }

    fn of_event(&self, event: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["event"] == event).collect()
    }
}

fn dragoman(words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    let output = command.arg("ledger").args(words).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// Sealed values are useless without keys, and values are what is searched for here.
fn assert_nothing_is_in_clear(folder: &Path) {
    for path in files(folder) {
        let bytes = fs::read(&path).unwrap();
        let found = bytes.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes());
        assert!(!found, "{} has a value in clear", path.display());
    }
}

fn holds(shop: &Shop) {
    let (code, text, error) = shop.ask("verify", &[]);
    assert_eq!(code, 0, "{text}{error}");
}

#[test]
fn values_are_revealed_by_id_and_by_conditions_and_the_ledger_says_so() {
    let shop = Shop::new();
    let id = shop.id(0);
    let (code, text, error) = shop.ask("reveal", &["--id", &id]);
    assert_eq!((code, error.as_str()), (0, ""));
    for line in [
        format!("  statement.intent  {id}  app on shop"),
        "    statement   INSERT INTO people VALUES (?)".to_owned(),
        format!("    text        INSERT INTO people VALUES ('{}')", shop.email("ada")),
        format!("    $1          {}", shop.email("ada")),
        "    $2          NULL".to_owned(),
        format!("    error       Key (email)=({}) already exists.", shop.email("ada")),
    ] {
        assert!(text.lines().any(|shown| shown.ends_with(&line)), "{line}\n{text}");
    }
    let (code, text, error) = shop.ask("reveal", &["--user", "app", "--since", "2026-08-05", "--json"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let shown: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first: Vec<&Value> = shown.iter().map(|one| &one["values"]["parameters"][0]).collect();
    assert_eq!(first, [&shop.email("bob"), &shop.email("both")]);

    let reads = shop.of_event("ledger.read");
    assert_eq!(reads[0]["asked"], format!("values of id={id}"));
    assert_eq!(reads[1]["asked"], "values of since=2026-08-05T00:00:00.000000Z user=app");
    assert_eq!((&reads[0]["format"], &reads[1]["format"]), (&"text".into(), &"json".into()));
    assert_nothing_is_in_clear(shop.0.path());
    holds(&shop);
}

#[test]
fn the_id_of_an_outcome_leads_to_the_values_its_statement_began_with() {
    let shop = Shop::new();
    let handle = shop.open();
    let of = |exchange: u64, event: Event, name: &str| {
        let mut record = statement(AT_US + 3 * A_DAY_US + exchange, &shop.email(name));
        record.event = event;
        if let RecordBody::Statement(body) = &mut record.body {
            body.exchange = exchange;
            if event == Event::StatementOutcome {
                body.values = None;
            }
        }
        record
    };
    for (exchange, event, name) in [
        (8, Event::StatementIntent, "eve"),
        (9, Event::StatementIntent, "fay"),
        (9, Event::StatementOutcome, ""),
        (10, Event::StatementOutcome, ""),
    ] {
        handle.offer(of(exchange, event, name)).unwrap();
    }
    handle.close().unwrap();
    let outcomes = shop.of_event("statement.outcome");
    let [found, without] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    let (code, text, error) = shop.ask("reveal", &["--id", found["id"].as_str().unwrap()]);
    assert_eq!((code, error.as_str()), (0, ""), "{text}");
    assert!(text.contains(&shop.email("fay")) && !text.contains(&shop.email("eve")), "{text}");
    assert!(text.contains("statement.intent"), "it says whose record they stand with: {text}");
    let (code, text, error) = shop.ask("reveal", &["--id", without["id"].as_str().unwrap()]);
    assert!(code == 0 && text.is_empty() && error.contains("1 record found, and no rule"), "{text}{error}");
}

#[test]
fn what_cannot_be_shown_is_told_and_is_no_success() {
    let shop = Shop::new();
    let missing = "019fccc5-1583-76a3-b9a6-10202eac4a80";
    let (code, _, error) = shop.ask("reveal", &["--id", missing]);
    assert_eq!(code, 1, "{error}");
    assert!(error.contains(&format!("there is no record `{missing}` in this ledger")), "{error}");
    let (code, _, error) = shop.ask("reveal", &[]);
    assert!(code == 2 && error.contains("nothing says whose values to show"), "{code} {error}");
    let (code, _, error) = shop.ask("reveal", &["--event", "writer.start"]);
    assert!(code == 0 && error.contains("no rule had values of them kept"), "{code} {error}");

    // One character of a sealed value, in a copy of the ledger.
    let id = shop.id(0);
    let path = shop.ledger().join("00000001.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("\"value\":\"").unwrap() + 20;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    fs::write(&path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    let (code, text, error) = shop.ask("reveal", &["--id", &id]);
    assert_eq!(code, 1, "{text}{error}");
    assert!(text.contains("the key of 2026-08-04 does not open this value"), "{text}");
    assert!(text.contains("(line 2 of writer ") && !text.contains(PLANTED), "{text}");
    assert_eq!(shop.ask("verify", &[]).0, 1, "and the chain shows it too");

    fs::remove_dir_all(shop.0.path().join("ledger-keys/values")).unwrap();
    let (code, text, _) = shop.ask("reveal", &["--id", &id]);
    assert!(code == 1 && text.contains("there is no key of 2026-08-04 in"), "{code} {text}");
}

#[test]
fn equal_values_are_found_by_their_hash_alone() {
    let shop = Shop::new();
    let found = |value: &str| {
        let (code, text, error) =
            shop.ask("query", &["--parameter", value, "--format", "jsonl", "--oldest-first"]);
        assert_eq!(code, 0, "{error}");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines.iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), error)
    };
    assert_eq!(found(&shop.email("ada")).0, [shop.id(0)]);
    assert_eq!(found(&shop.email("both")).0, [shop.id(1), shop.id(3)]);
    assert_eq!(found("ada").0, [""; 0], "a part of a value is another value");
    assert_nothing_is_in_clear(&shop.ledger());
    let asked = &shop.of_event("ledger.read")[0]["asked"];
    assert_eq!(asked, "parameter=?", "the value that was looked for is not told");
    assert_eq!(shop.ask("erase", &["--day", "2026-08-04", "--yes"]).0, 0);
    let (ids, error) = found(&shop.email("both"));
    assert_eq!(ids, [shop.id(3)]);
    assert!(error.contains("2026-08-04") && error.contains("were erased"), "{error}");
}

#[test]
fn an_erased_day_is_gone_and_the_ledger_stays_whole() {
    let shop = Shop::new();
    let copy = tempfile::tempdir().unwrap();
    let (code, _, error) = shop.ask("erase", &["--day", "2026-08-04"]);
    assert!(code == 2 && error.contains("add `--yes`"), "{code} {error}");
    for path in files(&shop.ledger()) {
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let (code, text, error) = shop.ask("erase", &["--day", "2026-08-04", "--yes"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(text.starts_with("erased: the values of 2026-08-04\n") && text.contains("backups"), "{text}");
    let (code, text, _) = shop.ask("reveal", &["--id", &shop.id(0)]);
    assert!(code == 0 && text.contains("the values of 2026-08-04 were erased"), "{code} {text}");
    let (_, text, _) = shop.ask("reveal", &["--id", &shop.id(2)]);
    assert!(text.contains(&shop.email("bob")), "the other day is as it was: {text}");
    // A copy that was made before has the same bytes, and no key opens them any more.
    let keys = shop.0.path().join("ledger-keys");
    let words = ["reveal", "--directory", copy.path().to_str().unwrap(), "--keys", keys.to_str().unwrap()];
    let (_, text, _) = dragoman(&[&words[..], &["--id", &shop.id(0)]].concat());
    assert!(text.contains("were erased") && !text.contains(PLANTED), "{text}");

    let notes = |shop: &Shop| {
        let erased = shop.of_event("ledger.erased");
        erased.iter().map(|record| record["note"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(notes(&shop).len(), 1);
    assert!(notes(&shop)[0].starts_with("the values of 2026-08-04 were erased by "), "{:?}", notes(&shop));
    let (code, text, _) = shop.ask("erase", &["--day", "2026-08-04", "--yes"]);
    assert!(code == 0 && text.contains("had been erased before"), "{code} {text}");
    assert_eq!(notes(&shop).len(), 1, "it is told once");
    let (code, _, error) = shop.ask("erase", &["--day", "2026-08-01", "--yes"]);
    assert!(code == 1 && error.contains("there is no key of 2026-08-01"), "{code} {error}");
    let (code, text, _) = shop.ask("erase", &["--before", "2026-08-31", "--yes"]);
    assert!(code == 0 && text.starts_with("erased: the values of 2026-08-05\n"), "{code} {text}");
    assert_nothing_is_in_clear(shop.0.path());
    holds(&shop);
}

/// Today in UTC, as the ledger writes it.
fn today(shop: &Shop) -> String {
    shop.records().last().unwrap()["ts"].as_str().unwrap()[..10].to_owned()
}

#[test]
fn erasing_while_a_ledger_is_written_is_noticed_and_told_when_that_is_possible() {
    let shop = Shop(tempfile::tempdir().unwrap());
    let handle = shop.open();
    let now = || u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap();
    let offer = |name: &str| _ = handle.offer(statement(now(), &shop.email(name)));
    offer("ada");
    let sealed = || shop.records().iter().filter(|record| record["sealed"].is_object()).count();
    eventually("a value is sealed", || (sealed() > 0).then_some(()));
    let day = today(&shop);
    let (code, _, error) = shop.ask("erase", &["--day", &day, "--yes"]);
    assert!(code == 2 && error.contains("is not over") && error.contains("--today"), "{code} {error}");
    // Somebody else writes this ledger and has no socket: erased, and not told yet.
    let (code, _, error) = shop.ask("erase", &["--day", &day, "--yes", "--today"]);
    assert!(code == 1 && error.contains("are erased, and the ledger does not tell of it"), "{code} {error}");
    eventually("the writer leaves values out", || {
        offer("bob");
        shop.records().iter().any(|record| record["withheld"] == "erased").then_some(())
    });
    handle.close().unwrap();
    assert_eq!(shop.of_event("ledger.erased").len(), 0);
    let (code, _, error) = shop.ask("erase", &["--day", &day, "--yes", "--today"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(shop.of_event("ledger.erased").len(), 1);
    let keys: Vec<PathBuf> = files(&shop.0.path().join("ledger-keys/values"));
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_nothing_is_in_clear(shop.0.path());
    holds(&shop);
}

#[test]
fn a_gateway_that_runs_tells_of_an_erasure_itself() {
    let gateway = Plan::before_port(free_port()).start_unready();
    let folder = gateway.folder().join("ledger-keys/values");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("2026-08-04.key"), [7; 32]).unwrap();
    let settings = gateway.folder().join("dragoman.toml");
    let words = ["erase", "--config", settings.to_str().unwrap(), "--day", "2026-08-04", "--yes"];
    let (code, _, error) = dragoman(&words);
    assert_eq!((code, error.as_str()), (0, ""));
    let records = harness::ledger::read(&gateway.folder().join("ledger"));
    let erased: Vec<_> = records.iter().filter(|record| record.event() == "ledger.erased").collect();
    assert_eq!(erased.len(), 1);
    assert_eq!(erased[0].text_of("writer"), records[0].text_of("writer"), "no other writer came");
    let note = fs::read_to_string(folder.join("2026-08-04.erased")).unwrap();
    assert!(note.ends_with("recorded in the ledger\n"), "{note}");
    assert!(!folder.join("2026-08-04.key").exists());
}

#[test]
fn keys_are_made_once_and_a_ledger_says_whom_to_believe() {
    let shop = Shop::new();
    let path = shop.0.path().join("new.pem");
    let (code, text, error) =
        dragoman(&["key", path.to_str().unwrap(), "--directory", shop.ledger().to_str().unwrap()]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(text.contains("[ledger.checkpoints]\nkey = { file = \""), "{text}");
    let (code, _, error) = dragoman(&["key", path.to_str().unwrap()]);
    assert!(code == 1 && error.contains("never replaced"), "{code} {error}");
    let (code, words, _) = shop.ask("key", &["--public"]);
    let own = fs::read_to_string(shop.ledger().join("verifier.keys")).unwrap();
    assert_eq!((code, words), (0, own));
    let (code, pem, _) = shop.ask("key", &["--public", "--pem"]);
    assert_eq!(code, 0);
    let believed = shop.0.path().join("believed.pem");
    fs::write(&believed, pem).unwrap();
    let (code, text, _) = shop.ask("verify", &["--public-key", believed.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
}

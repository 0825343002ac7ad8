//! Are records found, shown, followed and handed out at the command line, and does the ledger say who read them?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::places;
use harness::server::Server;
use harness::wire::Wire;
use harness::{PATIENCE, eventually, eventually_within, signal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

/// A gateway before a real server, through which a few statements went. Their ends are in the ledger.
struct Scene {
    gateway: Gateway,
    _server: Server,
}

const STATEMENTS: [&str; 5] = [
    "SELECT id, name FROM customers WHERE id = 4711",
    "INSERT INTO scratch (id) VALUES (1)",
    "UPDATE scratch SET id = 2 WHERE id = 1",
    "SELECT missing FROM orders",
    "SELECT pg_sleep(0.02)",
];

impl Scene {
    fn start() -> Scene {
        let server = Server::start(&places::newest_version());
        let gateway = Plan::before(&server).start();
        let scene = Scene { gateway, _server: server };
        scene.run();
        scene
    }

    fn run(&self) {
        let before = self.gateway.records().iter().filter(|record| record.event() == "session.end").count();
        let mut wire = Wire::login(self.gateway.port, "clear");
        STATEMENTS.iter().for_each(|statement| drop(wire.query(statement)));
        wire.terminate();
        self.gateway.recorded("the end of the session", |records| {
            (records.iter().filter(|record| record.event() == "session.end").count() > before).then_some(())
        });
    }

    fn config(&self) -> PathBuf {
        self.gateway.folder().join("dragoman.toml")
    }

    fn ledger(&self, verb: &str, words: &[&str]) -> Output {
        let mut command = program(verb);
        command.arg("--config").arg(self.config()).args(words);
        ended(command)
    }

    /// The lines that `ledger query` prints.
    fn query(&self, words: &[&str]) -> Vec<Value> {
        let output = self.ledger("query", words);
        lines(&output)
    }
}

fn program(verb: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["ledger", verb]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(mut command: Command) -> Output {
    command.output().expect("the program runs")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All whole lines of a folder's plain segments.
fn stored(folder: &Path) -> Vec<String> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn text<'a>(record: &'a Value, path: &str) -> &'a str {
    record.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Compressed as a program would that gains nothing: whole blocks as they are (RFC 8878 section 3.1).
fn compress(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
    frame.extend((bytes.len() as u64).to_le_bytes());
    let blocks: Vec<&[u8]> = bytes.chunks(100_000).collect();
    for (number, block) in blocks.iter().enumerate() {
        let is_last = u32::from(number + 1 == blocks.len());
        frame.extend(&(is_last | (block.len() as u32) << 3).to_le_bytes()[..3]);
        frame.extend(*block);
    }
    std::fs::write(path.with_extension("jsonl.zst"), frame).unwrap();
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_is_asked_for_is_found_byte_for_byte_and_the_ledger_says_who_asked() {
    let scene = Scene::start();
    let output =
        scene.ledger("query", &["--class", "write", "--user", "clear", "--event", "statement.outcome"]);
    let found = lines(&output);
    let texts: Vec<&str> = found.iter().map(|record| text(record, "/text")).collect();
    assert_eq!(texts, ["UPDATE scratch SET id = ? WHERE id = ?", "INSERT INTO scratch (id) VALUES (?)"]);
    let all = stored(&scene.gateway.ledger());
    assert!(
        stdout(&output).lines().all(|line| all.iter().any(|stored| stored == line)),
        "not as it is stored"
    );
    assert!(stderr(&output).contains("dragoman: 2 records; "), "{}", stderr(&output));
    assert!(!stderr(&output).contains("a second"), "a rate of so few says nothing: {}", stderr(&output));
    assert!(!stderr(&output).contains("does not say"), "{}", stderr(&output));

    let find = |words: &[&str]| -> Vec<String> {
        scene.query(words).iter().map(|record| text(record, "/text").to_owned()).collect()
    };
    assert_eq!(find(&["--sqlstate", "42703"]), ["SELECT missing FROM orders"]);
    assert_eq!(
        find(&["--table", "customers", "--event", "statement.outcome"]),
        ["SELECT id, name FROM customers WHERE id = ?"]
    );
    // On a busy machine other statements are slow as well.
    let slow = all.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|record| {
        text(record, "/event") == "statement.outcome" && record["timing_us"]["total"].as_u64() >= Some(20_000)
    });
    let mut slow: Vec<String> = slow.map(|record| text(&record, "/text").to_owned()).collect();
    slow.reverse();
    assert!(slow.iter().any(|text| text == "SELECT pg_sleep(?)"), "{slow:?}");
    assert_eq!(find(&["--slower-than", "20ms", "--event", "statement.outcome"]), slow);
    assert_eq!(find(&["--text", "PG_SLEEP"]), ["SELECT pg_sleep(?)"]);
    assert_eq!(find(&["--listener", "crm"]), [] as [String; 0]);
    assert_eq!(find(&["--until", "1h"]), [] as [String; 0]);
    let oldest = scene.query(&["--oldest-first", "--limit", "1"]);
    assert_eq!(text(&oldest[0], "/event"), "writer.start");
    let newest = scene.query(&["--since", "1h", "--limit", "1", "--event", "session.end"]);
    assert_eq!(newest.len(), 1);
    let cut = scene.ledger("query", &["--limit", "2", "--event", "statement.outcome,session.end"]);
    assert_eq!(lines(&cut).len(), 2);
    assert!(stderr(&cut).contains("the newest 2 records, more match (`--limit`); "), "{}", stderr(&cut));
    assert_eq!(stdout(&scene.ledger("query", &["--count", "--event", "statement.outcome"])), "5\n");
    let table = stdout(&scene.ledger("query", &["--format", "table", "--sqlstate", "42703"]));
    assert!(
        table.starts_with("time (UTC)") && table.contains("42703") && table.lines().count() == 2,
        "{table}"
    );

    // Every one of these reads is in the ledger, written before anything was shown.
    let reads = scene.gateway.records();
    let reads: Vec<_> = reads.iter().filter(|record| record.event() == "ledger.read").collect();
    assert_eq!(reads.len(), 12);
    let first = &reads[0].0;
    assert_eq!(text(first, "/reader/kind"), "process");
    assert!(!text(first, "/reader/name").is_empty());
    assert_eq!(text(first, "/asked"), "event=statement.outcome user=clear class=write");
    assert_eq!((text(first, "/format"), first.get("records")), ("jsonl", None));
    assert_eq!(text(&reads[1].0, "/asked"), "sqlstate=42703");
}

#[test]
fn exports_are_read_by_programs_that_are_not_ours() {
    let scene = Scene::start();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let export = |format: &str, name: &str, words: &[&str]| {
        let path = file(name);
        let output = ended({
            let mut command = program("export");
            command
                .arg("--config")
                .arg(scene.config())
                .args(["--format", format, "--output"])
                .arg(&path)
                .args(words);
            command
        });
        stdout(&output);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        bytes
    };
    let statements = ["--event", "statement.outcome"];
    let jsonl = String::from_utf8(export("jsonl", "records.jsonl", &statements)).unwrap();
    let expected: Vec<String> = stored(&scene.gateway.ledger());
    let expected = expected
        .into_iter()
        .filter(|line| line.contains("\"event\":\"statement.outcome\""))
        .collect::<Vec<_>>();
    assert_eq!(jsonl.lines().collect::<Vec<_>>(), expected);

    let sheet = file("records.csv");
    std::fs::write(&sheet, export("csv", "again.csv", &statements)).unwrap();
    let script =
        "import csv,json,sys\nprint(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='')))))";
    let read = Command::new(places::python()).args(["-c", script]).arg(&sheet).output().unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&read.stdout).expect("what Python's csv made of it");
    std::fs::remove_file(&sheet).unwrap();
    let records: Vec<Value> = expected.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), records.len());
    for (row, record) in rows.iter().zip(&records) {
        for (column, path) in
            [("ts", "/ts"), ("user", "/principal/user"), ("text", "/text"), ("hash", "/hash")]
        {
            assert_eq!(row[column], text(record, path), "{column}");
        }
        assert_eq!(row["total_us"], record["timing_us"]["total"].to_string());
    }
    let events = String::from_utf8(export("ocsf", "events.jsonl", &statements)).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        events.iter().map(|event| event["class_uid"].as_u64()).collect::<Vec<_>>(),
        vec![Some(6005); 5]
    );
    assert_eq!(events[1]["activity_name"], "Create");
    let parquet = export("parquet", "records.parquet", &[]);
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let taken = scene.gateway.records();
    let formats: Vec<&str> = taken
        .iter()
        .filter(|record| record.event() == "ledger.export")
        .map(|record| record.text_of("format"))
        .collect();
    assert_eq!(formats, ["jsonl", "csv", "ocsf", "parquet"]);

    let nowhere = scene.ledger("export", &["--format", "csv", "--output", "/no/such/folder/records.csv"]);
    assert!(
        !nowhere.status.success() && stderr(&nowhere).contains("/no/such/folder/records.csv"),
        "{}",
        stderr(&nowhere)
    );
    assert_eq!(scene.gateway.records().iter().filter(|record| record.event() == "ledger.export").count(), 4);
}

/// Somebody who follows a ledger.
struct Following {
    process: Child,
    lines: Option<BufReader<ChildStdout>>,
}

/// Whether a pipe has something to be read, or is closed, within the time.
fn is_ready(pipe: &ChildStdout, time: Duration) -> bool {
    let mut ends = [PollFd::new(pipe, PollFlags::IN)];
    let time = Timespec { tv_sec: i64::try_from(time.as_secs()).unwrap(), tv_nsec: 0 };
    poll(&mut ends, Some(&time)).unwrap() > 0
}

impl Drop for Following {
    fn drop(&mut self) {
        // Where a check failed nobody else ends it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Following {
    fn start(scene: &Scene, words: &[&str]) -> Following {
        let mut command = program("query");
        command.arg("--config").arg(scene.config()).arg("--follow").args(words);
        let mut process = command.stderr(Stdio::inherit()).spawn().unwrap();
        let lines = process.stdout.take().map(BufReader::new);
        Following { process, lines }
    }

    fn next(&mut self) -> Value {
        let lines = self.lines.as_mut().unwrap();
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            if lines.buffer().is_empty() {
                assert!(
                    is_ready(lines.get_ref(), PATIENCE),
                    "nothing comes: {:?}",
                    String::from_utf8_lossy(&line)
                );
            }
            let come = lines.fill_buf().unwrap();
            let end = come.iter().position(|byte| *byte == b'\n').map_or(come.len(), |at| at + 1);
            assert!(end > 0, "it ended: {:?}", String::from_utf8_lossy(&line));
            line.extend(&come[..end]);
            lines.consume(end);
        }
        let line = String::from_utf8(line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    fn ended(mut self) {
        let status = eventually_within(PATIENCE, "it ends", || self.process.try_wait().unwrap());
        assert!(status.success(), "{status}");
    }
}

#[test]
fn what_comes_is_followed_over_the_end_of_a_segment_until_somebody_ends_it() {
    let mut scene = Scene::start();
    let words = ["--event", "statement.outcome", "--sqlstate", "42703"];
    let mut following = Following::start(&scene, &words);
    assert_eq!(text(&following.next(), "/text"), STATEMENTS[3], "what was there before comes first");
    scene.run();
    let second = following.next();
    scene.gateway.terminate();
    assert!(scene.gateway.ended_within(PATIENCE).success());
    let ids: Vec<Value> = scene.query(&words).iter().map(|record| record["id"].clone()).collect();
    assert_eq!(ids[0], second["id"]);
    // Another segment, by another writer.
    let writer = Following::start(&scene, &["--event", "ledger.read", "--limit", "0"]);
    eventually("the reader is written down", || {
        let reads = scene.gateway.records();
        (reads.iter().filter(|record| record.event() == "ledger.read").count() == 3).then_some(())
    });
    let third = scene.query(&["--limit", "1", "--event", "writer.stop"]);
    assert_eq!(third.len(), 1);
    signal(following.process.id(), "INT");
    following.ended();
    let mut writer = writer;
    assert_eq!(text(&writer.next(), "/asked"), "event=writer.stop");
    // Nobody reads any more, and nothing comes: that is noticed all the same.
    writer.lines = None;
    writer.ended();
}

#[test]
fn without_a_gateway_a_read_is_written_down_by_who_reads_and_the_ledger_stays_whole() {
    let mut scene = Scene::start();
    scene.gateway.terminate();
    assert!(scene.gateway.ended_within(PATIENCE).success());
    let folder = scene.gateway.folder().join("ledger");
    let before = stored(&folder);
    let output = scene.ledger("query", &["--limit", "2"]);
    assert!(!stderr(&output).contains("does not say"), "{}", stderr(&output));
    assert_eq!(text(&lines(&output)[0], "/event"), "writer.stop", "the newest before it was asked");
    let after = stored(&folder);
    assert_eq!(after[..before.len()], before);
    let added: Vec<Value> =
        after[before.len()..].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut events: Vec<&str> = added.iter().map(|record| text(record, "/event")).collect();
    events.retain(|event| *event != "checkpoint");
    assert_eq!(events, ["writer.start", "ledger.read", "writer.stop"]);
    assert_eq!(added[0]["prev"], serde_json::from_str::<Value>(before.last().unwrap()).unwrap()["hash"]);
    let mut verify = program("verify");
    verify.arg("--directory").arg(&folder);
    assert!(stdout(&ended(verify)).contains("holds"));

    // A copy has no keys: it is read, nothing is written, and that is said.
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("ledger");
    let made = Command::new("cp").args(["-r"]).arg(&folder).arg(&copied).status().unwrap();
    assert!(made.success());
    compress(&copied.join("00000001.jsonl"));
    let mut command = program("query");
    command.arg("--directory").arg(&copied).args(["--event", "statement.outcome"]);
    let output = ended(command);
    assert_eq!(lines(&output).len(), 5, "compressed segments are read");
    assert!(stderr(&output).contains("the ledger does not say that it is read here"), "{}", stderr(&output));
    assert_eq!(stored(&copied).len() + before.len(), after.len(), "nothing was added");
    let mut command = program("query");
    command.arg("--directory").arg(&copied).args(["--limit", "1000"]);
    let all = lines(&ended(command));
    assert_eq!(all.len(), after.len());
    let places: Vec<_> = all.iter().map(|record| (text(record, "/ts"), text(record, "/id"))).collect();
    assert!(places.iter().rev().is_sorted(), "compressed and plain ones are one list: {places:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_read_all_the_same() {
    let mut scene = Scene::start();
    scene.gateway.terminate();
    assert!(scene.gateway.ended_within(PATIENCE).success());
    let folder = scene.gateway.folder().join("ledger");
    // Two segments, the first of which has no index and can have none.
    let config = scene.config();
    let second = scene.ledger("query", &["--count"]);
    assert!(second.status.success());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let before = stored(&folder);
    let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && shift && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", mount, "sh"]).arg(&folder).arg(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["ledger", "query", "--event", "statement.outcome", "--config"]).arg(&config);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(lines(&output).len(), 5);
    assert!(stderr(&output).contains("the ledger does not say that it is read here"), "{}", stderr(&output));
    assert_eq!(stored(&folder), before);
    let has_index = std::fs::read_dir(&folder)
        .unwrap()
        .any(|entry| entry.unwrap().path().extension().is_some_and(|extension| extension == "idx"));
    assert!(!has_index, "it could be written after all");
}

#[test]
fn what_is_no_ledger_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for directory in [folder.path(), missing.as_path()] {
        let mut command = program("query");
        command.arg("--directory").arg(directory);
        let output = ended(command);
        assert!(!output.status.success());
        assert!(stderr(&output).contains("there is no ledger at"), "{}", stderr(&output));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // What is there and cannot be read is another matter.
    let circle = folder.path().join("circle");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let mut command = program("query");
    command.arg("--directory").arg(&circle);
    let told = stderr(&ended(command));
    assert!(told.contains("cannot read the ledger at `") && told.contains("circle`: "), "{told}");
    for words in [
        &["--since", "yesterday"][..],
        &["--slower-than", "5"],
        &["--since", "1h", "--until", "2h"],
        &["--sqlstate", "4250"],
        &["--session", "7"],
        &["--fingerprint", "8ca5ea4f9ec4b1bc"],
        &["--format", "xml"],
        &["--follow", "--count"],
    ] {
        let mut command = program("query");
        command.arg("--directory").arg(folder.path()).args(words);
        assert_eq!(ended(command).status.code(), Some(2), "{words:?}");
    }
}

#[test]
fn a_misspelt_condition_is_no_empty_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("00000001.jsonl"), "").unwrap();
    for (words, told) in [
        (["--class", "wirte"], "did you mean `write`?"),
        (["--verdict", "refused"], "did you mean `refuse`?"),
        (["--event", "statement.outcome,statement.outcom"], "did you mean `statement.outcome`?"),
        (["--format", "csv"], "`dragoman ledger export --format csv`"),
    ] {
        let mut command = program("query");
        command.arg("--directory").arg(folder.path()).args(words);
        let output = ended(command);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(stderr(&output).contains(told), "{words:?}: {}", stderr(&output));
    }
}

#[test]
fn an_export_replaces_a_file_only_when_told_to_and_nothing_else_ever() {
    let mut scene = Scene::start();
    scene.gateway.terminate();
    assert!(scene.gateway.ended_within(PATIENCE).success());
    let folder = tempfile::tempdir().unwrap();
    let (file, pipe) = (folder.path().join("records.csv"), folder.path().join("pipe"));
    let export = |path: &Path, words: &[&str]| {
        let words =
            [&["--event", "statement.outcome", "--format", "csv", "-o", path.to_str().unwrap()], words];
        scene.ledger("export", &words.concat())
    };
    std::fs::write(&file, "somebody's").unwrap();
    let output = export(&file, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("already") && stderr(&output).contains("`--force`"),
        "{}",
        stderr(&output)
    );
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody's");
    stdout(&export(&file, &["--force"]));
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().count(), 6, "{written}");

    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let mut reader =
        Command::new("timeout").args(["60", "cat"]).arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    stdout(&export(&pipe, &["--force"]));
    eventually_within(PATIENCE, "the pipe is closed", || reader.try_wait().unwrap());
    assert_eq!(std::io::read_to_string(reader.stdout.take().unwrap()).unwrap(), written);
    assert!(std::fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

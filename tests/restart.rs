//! Does a new process take the place of the old one so that nobody notices?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "restart/chain.rs"]
mod chain;
mod harness;

use chain::{Chain, has_ended};
use harness::gateway::Plan;
use harness::mariadb::Mariadb;
use harness::mysql_wire::{MysqlWire, query as mysql_query};
use harness::server::{Server, rows};
use harness::wire::{Wire, cancel_request, first_error, query, tags};
use harness::{eventually, eventually_within, free_port, places};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A bound that no test here is to reach.
const LONG: &str = "handover_seconds = 600\ndrain_seconds = 600";

fn server() -> Server {
    Server::start(&places::newest_version())
}

/// What a load of short connections has seen.
#[derive(Default)]
struct Seen {
    served: AtomicUsize,
    failed: Mutex<Vec<String>>,
    longest: Mutex<Duration>,
}

/// Connects, writes a row, leaves; again and again until told to stop.
fn connect_all_the_time(port: u16, stopped: &AtomicBool, seen: &Seen) {
    while !stopped.load(Ordering::Relaxed) {
        let began = Instant::now();
        let mut wire = match Wire::try_login(port, "clear") {
            Ok(wire) => wire,
            Err(error) => {
                seen.failed.lock().unwrap().push(format!("connecting: {error}"));
                continue;
            }
        };
        let took = began.elapsed();
        let mut longest = seen.longest.lock().unwrap();
        *longest = took.max(*longest);
        drop(longest);
        let frames = wire.query("INSERT INTO scratch (id) VALUES (1)");
        if tags(&frames) == "CZ" {
            seen.served.fetch_add(1, Ordering::Relaxed);
        } else {
            seen.failed.lock().unwrap().push(format!("{:?}: {}", first_error(&frames), tags(&frames)));
        }
        wire.terminate();
    }
}

#[test]
fn nobody_is_refused_while_five_processes_take_each_others_place() {
    let server = server();
    let mut chain = Chain::start(&Plan::before(&server));
    let (stopped, seen) = (AtomicBool::new(false), Seen::default());
    let port = chain.gateway.port;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| connect_all_the_time(port, &stopped, &seen));
        }
        eventually("they are served", || (seen.served.load(Ordering::Relaxed) > 100).then_some(()));
        println!("without a restart the longest took {:?}", seen.longest.lock().unwrap());
        *seen.longest.lock().unwrap() = Duration::ZERO;
        for _ in 0..5 {
            let served = seen.served.load(Ordering::Relaxed);
            let before = chain.replace();
            chain.gone_within(Duration::from_secs(10), before);
            eventually("the new process serves them", || {
                (seen.served.load(Ordering::Relaxed) > served + 100).then_some(())
            });
        }
        stopped.store(true, Ordering::Relaxed);
    });
    let (served, failed) = (seen.served.load(Ordering::Relaxed), seen.failed.lock().unwrap());
    assert!(failed.is_empty(), "{} of {} failed: {failed:?}\n{}", failed.len(), served, chain.log());
    println!("{served} connections over 5 restarts, the longest took {:?}", seen.longest.lock().unwrap());
    assert_eq!(server.ask("SELECT count(*) FROM scratch"), Some(served.to_string()), "each wrote its row");
    chain.stop();
    chain.assert_whole();
    let writers = chain.writers();
    assert_eq!(writers.len(), 6, "{writers:?}");
    for (writer, processes) in writers.iter().skip(1).zip(chain.processes.windows(2)) {
        let said = format!("process {} in the place of process {}", processes[1], processes[0]);
        assert!(writer.contains(&said), "`{said}` is not in `{writer}`");
        assert!(!writer.contains("did not"), "each writer has ended in order: {writer}");
    }
}

#[test]
fn sessions_that_stay_write_on_at_full_speed() {
    let server = server();
    let mut chain = Chain::start(&Plan::before(&server).data_plane(LONG));
    let (stopped, seen) = (AtomicBool::new(false), Seen::default());
    let port = chain.gateway.port;
    let done = || seen.served.load(Ordering::Relaxed);
    let before = std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut wire = Wire::login(port, "clear");
                while !stopped.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let frames = wire.query("INSERT INTO scratch (id) VALUES (1)");
                    let mut longest = seen.longest.lock().unwrap();
                    *longest = began.elapsed().max(*longest);
                    drop(longest);
                    if tags(&frames) != "CZ" {
                        seen.failed.lock().unwrap().push(tags(&frames));
                        return;
                    }
                    seen.served.fetch_add(1, Ordering::Relaxed);
                }
                wire.terminate();
            });
        }
        eventually("they write", || (done() > 200).then_some(()));
        let before = chain.replace();
        let now = done();
        eventually("they write on", || {
            (done() > now + 1_000 || !seen.failed.lock().unwrap().is_empty()).then_some(())
        });
        stopped.store(true, Ordering::Relaxed);
        before
    });
    let failed = seen.failed.lock().unwrap();
    assert!(failed.is_empty(), "{failed:?}\n{}", chain.log());
    println!("{} statements, the longest took {:?}", done(), seen.longest.lock().unwrap());
    chain.gone_within(Duration::from_secs(10), before);
    chain.stop();
    chain.assert_whole();
    assert_eq!(server.ask("SELECT count(*) FROM scratch"), Some(done().to_string()));
}

#[test]
fn open_transactions_and_idle_sessions_go_on_in_the_old_process() {
    let server = server();
    let mut chain = Chain::start(&Plan::before(&server).data_plane(LONG));
    let port = chain.gateway.port;
    let (mut open, mut idle) = (Wire::login(port, "clear"), Wire::login(port, "clear"));
    open.query("BEGIN; INSERT INTO scratch (id) VALUES (1)");
    let left = |chain: &Chain| chain.gateway.metric("dragoman_sessions_left_before");
    assert_eq!(left(&chain), Some(0.0), "there is no process before this one");
    let before = chain.replace();
    eventually("the new process shows both", || (left(&chain) == Some(2.0)).then_some(()));
    for number in 2..50 {
        assert_eq!(tags(&open.query(&format!("INSERT INTO scratch (id) VALUES ({number})"))), "CZ");
    }
    assert_eq!(tags(&open.query("COMMIT")), "CZ", "the transaction ends as it would have");
    assert_eq!(rows(&mut idle, "SELECT 7"), [[Some("7".to_owned())]], "an idle session goes on");
    let mut new = Wire::login(port, "clear");
    assert_eq!(rows(&mut new, "SELECT count(*) FROM scratch"), [[Some("49".to_owned())]]);
    assert!(!has_ended(before), "it has sessions left");
    open.terminate();
    eventually("the new process shows the one that is left", || (left(&chain) == Some(1.0)).then_some(()));
    idle.terminate();
    chain.gone_within(Duration::from_secs(10), before);
    eventually("and then none", || (left(&chain) == Some(0.0)).then_some(()));
    assert_eq!(tags(&new.query("SELECT 7")), "TDCZ");
    new.terminate();
    chain.stop();
    chain.assert_whole();
    // What the last sessions of the old process did was tied into the chain by the new one.
    let records = chain.gateway.records();
    let writer = records.iter().rfind(|record| record.event() == "writer.start").unwrap().text_of("writer");
    let committed =
        records.iter().find(|record| record.text_of("text") == "COMMIT").expect("the commit is told");
    assert_eq!(committed.text_of("writer"), writer);
}

#[test]
fn sessions_stay_no_longer_than_the_settings_say() {
    let server = server();
    let plan = Plan::before(&server).data_plane("handover_seconds = 1\ndrain_seconds = 1");
    let mut chain = Chain::start(&plan);
    let mut idle = Wire::login(chain.gateway.port, "clear");
    let mut open = Wire::login(chain.gateway.port, "clear");
    open.query("BEGIN");
    let before = chain.replace();
    let began = Instant::now();
    let told = idle.rest();
    assert_eq!(first_error(&told).as_deref(), Some("57P01"), "{}", tags(&told));
    assert!(began.elapsed() < Duration::from_secs(4), "it took {:?}", began.elapsed());
    let told = open.rest();
    assert_eq!(first_error(&told).as_deref(), Some("57P01"), "{}", tags(&told));
    chain.gone_within(Duration::from_secs(5), before);
    chain.stop();
    chain.assert_whole();
}

#[test]
fn a_cancel_that_arrives_at_the_new_process_reaches_a_session_of_the_old_one() {
    let server = server();
    let mut chain = Chain::start(&Plan::before(&server).data_plane(LONG));
    let mut busy = Wire::login(chain.gateway.port, "clear");
    busy.send(&query("SELECT pg_sleep(60)"));
    let asleep =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'PgSleep'", busy.pid);
    eventually("the statement runs", || (server.ask(&asleep).as_deref() == Some("1")).then_some(()));
    chain.replace();
    let send = |key: &[u8]| {
        let mut wire = Wire::connect(chain.gateway.port);
        wire.send(&cancel_request(busy.pid, key));
        assert_eq!(wire.rest(), [], "a cancel request is answered by silence");
    };
    let mut wrong = busy.key.clone();
    wrong[0] ^= 1;
    send(&wrong);
    assert_eq!(server.ask(&asleep).as_deref(), Some("1"), "a wrong key cancels nothing");
    send(&busy.key.clone());
    let frames = busy.until(b'Z', 1);
    assert_eq!(first_error(&frames).as_deref(), Some("57014"), "{}", tags(&frames));
}

#[test]
fn with_settings_that_cannot_be_used_the_old_process_goes_on_and_says_why() {
    let server = server();
    let plan = Plan::before(&server);
    let chain = Chain::start(&plan);
    let mut session = Wire::login(chain.gateway.port, "clear");
    let good = chain.gateway.settings();
    let somebody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = somebody.local_addr().unwrap().to_string();
    let served = format!("127.0.0.1:{}", chain.gateway.port);
    // Noticed by the old process as well, which keeps what it has.
    let other_ledger = good.replace("directory = \"ledger\"", "directory = \"elsewhere\"");
    for (text, said) in [
        (good.replace("\"observe\"", "\"perhaps\""), "perhaps".to_owned()),
        (other_ledger, "the new settings name another ledger".to_owned()),
        (good.replace(&served, &taken), format!("cannot listen on {taken}")),
    ] {
        let lines = chain.log().lines().count();
        chain.gateway.rewrite_text(&text);
        chain.ask_to_replace();
        eventually(&format!("the log says `{said}`"), || {
            let log = chain.log();
            let new: Vec<_> = log.lines().skip(lines).collect();
            let goes_on = new.iter().any(|line| line.contains("was not replaced and goes on as before"));
            (goes_on && new.iter().any(|line| line.contains(&said))).then_some(())
        });
        assert_eq!(tags(&session.query("SELECT 7")), "TDCZ", "{said}");
        assert_eq!(tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")), "TDCZ", "{said}");
    }
    chain.gateway.rewrite_text(&good);
    session.terminate();
    let mut chain = chain;
    chain.replace();
    assert_eq!(tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")), "TDCZ");
    chain.stop();
    chain.assert_whole();
}

/// A gateway whose program is a link that a double of the next program can take the place of.
fn behind_a_link(server: &Server, folder: &Path) -> Chain {
    let program = folder.join("dragoman");
    symlink(env!("CARGO_BIN_EXE_dragoman"), &program).unwrap();
    Chain::start(&Plan::before(server).program(&program))
}

/// The next program speaks so far and no further.
fn install_double(folder: &Path, far: &str) {
    let text = std::fs::read_to_string(places::client_script("successor.py")).unwrap();
    let text = format!("#!{}\n{}", places::python().display(), text.replace("@FAR@", far));
    let beside = folder.join("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(beside, folder.join("dragoman")).unwrap();
}

#[test]
fn a_new_process_that_says_nothing_is_given_up_and_a_second_one_waits_its_turn() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let chain = behind_a_link(&server, folder.path());
    install_double(folder.path(), "nothing");
    chain.ask_to_replace();
    eventually("the double of the next program runs", || {
        chain.log().contains("the double says nothing more").then_some(())
    });
    chain.ask_to_replace();
    eventually("the second one is refused", || {
        chain.log().contains("a new process is taking over already").then_some(())
    });
    assert_eq!(tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")), "TDCZ", "served meanwhile");
    eventually_within(Duration::from_secs(15), "it is given up", || {
        chain.log().contains("has not said within 10 s that it is there").then_some(())
    });
    assert_eq!(
        tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")),
        "TDCZ",
        "served after that"
    );
    // One that ends at once, and a program that is not there.
    install_double(folder.path(), "hello");
    chain.ask_to_replace();
    eventually("the log says that it has ended", || {
        chain
            .log()
            .contains("the new process ended before it said that its settings can be used")
            .then_some(())
    });
    std::fs::remove_file(folder.path().join("dragoman")).unwrap();
    chain.ask_to_replace();
    eventually("the log says that there is no program", || {
        chain.log().contains("the program cannot be started anew as").then_some(())
    });
    // And then the right one.
    symlink(env!("CARGO_BIN_EXE_dragoman"), folder.path().join("dragoman")).unwrap();
    let mut chain = chain;
    chain.replace();
    assert_eq!(tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")), "TDCZ");
    chain.stop();
    chain.assert_whole();
}

#[test]
fn a_new_process_that_never_opens_the_ledger_costs_no_statement() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let chain = behind_a_link(&server, folder.path());
    let mut session = Wire::login(chain.gateway.port, "clear");
    install_double(folder.path(), "released");
    chain.ask_to_replace();
    eventually("the ledger is released to the double", || {
        chain.log().contains("the double says nothing more").then_some(())
    });
    // Its intent waits until the ledger is written again.
    assert_eq!(tags(&session.query("INSERT INTO scratch (id) VALUES (1)")), "CZ");
    let said = "has not said within 8 s that it has opened the ledger";
    eventually("it is given up", || chain.log().contains(said).then_some(()));
    assert_eq!(tags(&Wire::login(chain.gateway.port, "clear").query("SELECT 7")), "TDCZ");
    session.terminate();
    chain.stop();
    chain.assert_whole();
    assert_eq!(chain.writers().len(), 2, "{:?}", chain.writers());
}

#[test]
fn where_the_new_process_dies_the_old_one_writes_what_is_left_itself() {
    let server = server();
    let mut chain = Chain::start(&Plan::before(&server).data_plane(LONG));
    let mut session = Wire::login(chain.gateway.port, "clear");
    let before = chain.replace();
    assert_eq!(tags(&session.query("INSERT INTO scratch (id) VALUES (1)")), "CZ");
    harness::signal(chain.serving(), "KILL");
    chain.gone_within(Duration::from_secs(5), chain.serving());
    assert_eq!(tags(&session.query("INSERT INTO scratch (id) VALUES (2)")), "CZ");
    session.terminate();
    chain.gone_within(Duration::from_secs(10), before);
    chain.assert_whole();
    assert_eq!(chain.writers().len(), 3, "{:?}", chain.writers());
}

#[test]
fn a_stop_ends_both_processes_and_the_ledger_has_everything() {
    let server = server();
    let plan = Plan::before(&server).data_plane("handover_seconds = 600\ndrain_seconds = 5");
    let mut chain = Chain::start(&plan);
    let mut open = Wire::login(chain.gateway.port, "clear");
    let mut idle = Wire::login(chain.gateway.port, "clear");
    open.query("BEGIN; INSERT INTO scratch (id) VALUES (1)");
    chain.replace();
    let again = chain.serving();
    chain.ask_to_replace();
    eventually("one after the other", || {
        chain.log().contains("the process before this one still has sessions").then_some(())
    });
    harness::signal(again, "TERM");
    let told = idle.rest();
    assert_eq!(first_error(&told).as_deref(), Some("57P01"), "{}", tags(&told));
    let mut frames = open.query("COMMIT");
    frames.extend(open.rest());
    assert_eq!((tags(&frames), first_error(&frames)), ("CZE".to_owned(), Some("57P01".to_owned())));
    chain.gone();
    chain.assert_whole();
    assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("1"));
}

const REFUSES_TRUNCATE: &str =
    "[[rule]]\nname = \"no-truncate\"\nwhen = { verb = \"truncate table\" }\ndecision = \"refuse\"\n";

#[test]
fn an_enforcing_listener_enforces_all_the_while_and_new_rules_hold_for_the_sessions_that_stay() {
    let server = server();
    let rules = tempfile::tempdir().unwrap();
    std::fs::write(rules.path().join("own.toml"), REFUSES_TRUNCATE).unwrap();
    let directory = format!("directory = \"{}\"", rules.path().display());
    let plan = Plan::before(&server).mode("enforce").data_plane(LONG).table("policies", &directory);
    let plan = plan.listener("policies = [\"own\"]\nmanaged = true");
    let mut chain = Chain::start(&plan);
    let mut stays = Wire::login(chain.gateway.port, "clear");
    let epochs = |chain: &Chain| {
        let records = chain.gateway.records();
        records.iter().filter_map(|record| record.number("policy_epoch")).max().unwrap_or(0)
    };
    assert_eq!(first_error(&stays.query("TRUNCATE scratch")).as_deref(), Some("42501"));
    let epoch = epochs(&chain);
    chain.replace();
    let mut new = Wire::login(chain.gateway.port, "clear");
    for session in [&mut stays, &mut new] {
        assert_eq!(first_error(&session.query("TRUNCATE scratch")).as_deref(), Some("42501"));
        assert_eq!(tags(&session.query("DELETE FROM scratch")), "CZ");
    }
    std::fs::write(rules.path().join("own.toml"), REFUSES_TRUNCATE.replace("truncate table", "delete"))
        .unwrap();
    for session in [&mut stays, &mut new] {
        eventually("the new rules hold", || {
            (first_error(&session.query("DELETE FROM scratch")).as_deref() == Some("42501")).then_some(())
        });
    }
    assert!(epochs(&chain) > epoch + 1, "epochs go on where the old process was");
    stays.terminate();
    new.terminate();
    chain.stop();
    chain.assert_whole();
}

#[test]
fn a_mysql_listener_is_handed_over_as_well() {
    let server = Mariadb::start();
    let mut chain = Chain::start(&server.plan().listener("allow_unauthenticated = true").data_plane(LONG));
    let mut stays = MysqlWire::login(chain.gateway.port, "stays");
    let (stopped, failed, served) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let port = chain.gateway.port;
    let before = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stopped.load(Ordering::Relaxed) {
                let mut wire = MysqlWire::login(port, "comes");
                let answer = wire.ask(&mysql_query("SELECT 7"));
                let is_error = answer.iter().any(|packet| packet.error().is_some());
                let count = if is_error || answer.is_empty() { &failed } else { &served };
                count.fetch_add(1, Ordering::Relaxed);
                wire.quit();
            }
        });
        eventually("it is served", || (served.load(Ordering::Relaxed) > 10).then_some(()));
        let before = chain.replace();
        let now = served.load(Ordering::Relaxed);
        eventually("it is served again", || (served.load(Ordering::Relaxed) > now + 10).then_some(()));
        stopped.store(true, Ordering::Relaxed);
        before
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0);
    let answer = stays.ask(&mysql_query("SELECT 7"));
    assert!(answer.len() > 1 && answer.iter().all(|packet| packet.error().is_none()), "{answer:?}");
    stays.quit();
    chain.gone_within(Duration::from_secs(10), before);
    chain.stop();
    chain.assert_whole();
}

#[test]
fn the_control_plane_and_the_status_are_handed_over_too() {
    let server = server();
    let port = free_port();
    let admin = format!("listen = \"127.0.0.1:{port}\"\ndata_directory = \"control\"");
    let mut chain = Chain::start(&Plan::before(&server).table("admin", &admin));
    let http =
        reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    let (stopped, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let url = format!("http://127.0.0.1:{port}/api/v1/health");
            while !stopped.load(Ordering::Relaxed) {
                // No more often than anybody may; a connection each, as a browser would after a pause.
                std::thread::park_timeout(Duration::from_millis(50));
                match http.get(&url).header("connection", "close").send() {
                    Ok(answer) if answer.status() == 200 => drop(asked.fetch_add(1, Ordering::Relaxed)),
                    Ok(answer) => failed.lock().unwrap().push(answer.status().to_string()),
                    Err(error) => failed.lock().unwrap().push(format!("{error:?}")),
                }
            }
        });
        for _ in 0..2 {
            let before = chain.replace();
            chain.gone_within(Duration::from_secs(15), before);
            let now = asked.load(Ordering::Relaxed);
            eventually("the API answers", || (asked.load(Ordering::Relaxed) > now).then_some(()));
            eventually("the gateway is ready", || (chain.gateway.ready().0 == 200).then_some(()));
        }
        stopped.store(true, Ordering::Relaxed);
    });
    let failed = failed.lock().unwrap();
    assert!(failed.is_empty(), "{failed:?}");
    // The traffic is told by the new process's link.
    let mut wire = Wire::login(chain.gateway.port, "clear");
    assert_eq!(tags(&wire.query("SELECT 7")), "TDCZ");
    wire.terminate();
    chain.stop();
    chain.assert_whole();
}

#[test]
fn the_service_manager_hears_which_process_is_the_service() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("notify");
    let manager = UnixDatagram::bind(&place).unwrap();
    manager.set_read_timeout(Some(harness::PATIENCE)).unwrap();
    let hear = || {
        let mut bytes = [0; 256];
        let length = manager.recv(&mut bytes).expect("a word");
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let mut chain =
        Chain::start(&Plan::before(&server).environment("NOTIFY_SOCKET", &place.to_string_lossy()));
    assert_eq!(hear(), "READY=1");
    let before = chain.replace();
    let mut heard = [hear(), hear()];
    heard.sort();
    assert_eq!(heard, [format!("MAINPID={}", chain.serving()), "READY=1".to_owned()]);
    chain.gone_within(Duration::from_secs(10), before);
    chain.stop();
    assert_eq!(hear(), "STOPPING=1");
}

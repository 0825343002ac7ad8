//! Does a data plane serve whether or not its control plane is there, and is what it tells what its ledger says?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use control::{Answer, Carried, Carrier, CarrierError, Directions, Listening, Report, Sums};
use harness::server::{Server, rows};
use harness::wire::{Wire, first_error};
use harness::{each_version, eventually, free_port, ledger};
use proxy::Gateway;
use proxy::config;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A control plane that is away until it is not.
#[derive(Debug, Default)]
struct Double {
    there: AtomicBool,
    reports: Mutex<Vec<Report>>,
    tried: AtomicBool,
}

impl Double {
    fn answer(&self) -> Result<(), CarrierError> {
        self.tried.store(true, Ordering::SeqCst);
        if self.there.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(CarrierError::Away("nobody is there".to_owned()))
        }
    }
}

impl Carrier for Double {
    fn listen(&self, _: Listening) -> Carried<'_, Directions> {
        Box::pin(async {
            self.answer()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Directions::default())
        })
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        Box::pin(async move {
            self.answer()?;
            self.reports.lock().unwrap().push(report);
            Ok(())
        })
    }

    fn answer(&self, _: &str, _: Answer) -> Carried<'_, ()> {
        Box::pin(async { Double::answer(self) })
    }
}

const RULES: &str =
    "[[rule]]\nname = \"no-truncate\"\nwhen = { verb = \"truncate table\" }\ndecision = \"refuse\"\n";

/// A gateway in this process before `server`, and its port.
fn start(folder: &Path, server: &Server) -> (Gateway, u16) {
    let port = free_port();
    std::fs::create_dir(folder.join("policies")).unwrap();
    std::fs::write(folder.join("policies/base.toml"), RULES).unwrap();
    let file = folder.join("dragoman.toml");
    let text = format!(
        "[status]\nlisten = '127.0.0.1:0'\n[data_plane]\nthreads = 1\ndrain_seconds = 2\n[[listener]]\nname = 'shop'\n\
         listen = '127.0.0.1:{port}'\nupstream = '127.0.0.1:{}'\nmode = 'enforce'\npolicies = ['base']\n\
         managed = true\nallow_unauthenticated = true\n",
        server.port
    );
    std::fs::write(&file, text).unwrap();
    (Gateway::start(config::load(&file, std::iter::empty()).unwrap()).unwrap(), port)
}

/// A session of everything that is counted.
fn work(port: u16) {
    let mut wire = Wire::login(port, "trusted");
    for number in 0..30 {
        rows(&mut wire, &format!("SELECT {number}"));
        rows(&mut wire, &format!("SELECT generate_series(1, {number})"));
    }
    assert!(first_error(&wire.query("SELECT * FROM nothing_of_this_name")).is_some());
    assert!(first_error(&wire.query("TRUNCATE pg_class")).is_some());
    rows(&mut wire, "CREATE TABLE linked (a int)");
    rows(&mut wire, "DROP TABLE linked");
    rows(&mut wire, "SET application_name = 'another'");
    rows(&mut wire, "SELECT 1");
    wire.terminate();
}

#[test]
fn the_data_plane_serves_without_its_control_plane_and_tells_it_everything_later() {
    each_version(|version| {
        let server = Server::start(version);
        let folder = tempfile::tempdir().unwrap();
        let (gateway, port) = start(folder.path(), &server);
        let double = Arc::new(Double::default());
        gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
        eventually("the link tries", || double.tried.load(Ordering::SeqCst).then_some(()));
        work(port);
        assert!(double.reports.lock().unwrap().is_empty());
        double.there.store(true, Ordering::SeqCst);
        work(port);
        gateway.stop(&AtomicBool::new(false));

        let reports = double.reports.lock().unwrap();
        let records = ledger::read(&folder.path().join("data/ledger"));
        told_is_kept(&reports, &records);
    });
}

/// Whether all reports together say what the ledger says.
fn told_is_kept(reports: &[Report], records: &[ledger::Record]) {
    let (mut told, mut kept) = (BTreeMap::<_, Sums>::new(), BTreeMap::<_, Sums>::new());
    let minutes = || reports.iter().flat_map(|report| &report.minutes);
    for minute in minutes() {
        assert_eq!((&minute.listener[..], minute.others.calls, minute.other_errors), ("shop", 0, 0));
        for count in &minute.counts {
            let key = (count.fingerprint.clone(), count.caller.application.clone());
            told.entry(key).or_default().merge(&count.sums);
        }
    }
    let number = |record: &ledger::Record, field: &str| record.number(field).unwrap_or_default();
    for record in records.iter().filter(|record| !record.text_of("fingerprint").is_empty()) {
        let key = (record.text_of("fingerprint").to_owned(), record.principal("application").to_owned());
        let sums = kept.entry(key).or_default();
        match record.event() {
            "statement.outcome" => {
                let total_us =
                    record.0.pointer("/timing_us/total").and_then(|total| total.as_u64()).unwrap_or_default();
                sums.calls += 1;
                sums.errors += u64::from(!record.text_of("sqlstate").is_empty());
                sums.rows += number(record, "rows");
                sums.bytes_in += number(record, "bytes_in");
                sums.bytes_out += number(record, "bytes_out");
                sums.total_us += total_us;
                sums.latency.observe(total_us);
            }
            "statement.refused" => sums.refusals += 1,
            _ => {}
        }
    }
    kept.retain(|_, sums| sums.calls + sums.refusals > 0);
    assert!(kept.len() > 5 && kept.values().map(|sums| sums.calls).sum::<u64>() > 100, "{kept:?}");
    assert_eq!(told, kept);

    let texts: BTreeSet<_> =
        reports.iter().flat_map(|report| &report.statements).map(|text| &text.fingerprint).collect();
    assert_eq!(texts, kept.keys().map(|(fingerprint, _)| fingerprint).collect());
    let errors: u64 = minutes().flat_map(|minute| &minute.errors).map(|error| error.count).sum();
    assert_eq!(errors, kept.values().map(|sums| sums.errors).sum::<u64>());
    let count = |event: &str| records.iter().filter(|record| record.event() == event).count();
    let all = |of: fn(&Report) -> usize| reports.iter().map(of).sum::<usize>();
    assert_eq!(all(|report| report.session_starts.len()), count("session.start"));
    assert_eq!(all(|report| report.session_ends.len()), count("session.end"));
    assert_eq!(all(|report| report.refusals.len()), count("statement.refused"));
    assert_eq!(reports.iter().map(|report| report.untold).sum::<u64>(), 0);
    let refusal = reports.iter().flat_map(|report| &report.refusals).next().unwrap();
    assert_eq!(
        (refusal.rule.as_str(), refusal.verdict.as_str(), refusal.sqlstate.as_str()),
        ("base/no-truncate", "refuse", "42501")
    );
    let changed = reports.iter().flat_map(|report| &report.events).filter(|event| event.event == "ddl");
    assert!(
        changed.clone().count() >= 2
            && changed.clone().all(|event| event.note == "shop: linked" && event.listener == "shop")
    );
}

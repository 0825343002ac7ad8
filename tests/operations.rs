//! Do the drills of the guide for operators work line by line as they are written?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::server::Server;
use harness::walkthrough::{steps, walk};
use harness::{free_port, places};
use std::fs;
use std::path::Path;

#[test]
fn the_drills_work_line_by_line_as_written() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md")).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 40, "only {} commands were found", steps.len());
    let server = Server::start(&places::newest_version());
    let folder = tempfile::tempdir().unwrap();
    let own = ["127.0.0.1:8441", "127.0.0.1:8442", "127.0.0.1:9441", "127.0.0.1:6441"]
        .map(|here| (here, format!("127.0.0.1:{}", free_port())));
    let [one, two, status, listener] = own;
    // The page calls two of them by the port alone.
    let short = [("top 8441", &one), ("top 8442", &two)]
        .map(|(here, (_, there))| (here, format!("top {}", there.rsplit(':').next().unwrap())));
    let [short_one, short_two] = short;
    let server = [("127.0.0.1:5432 user=postgres", format!("127.0.0.1:{} user=trusted", server.port))];
    walk(
        folder.path(),
        &steps,
        &[&[one, two, status, listener, short_one, short_two][..], &server[..]].concat(),
    );
}

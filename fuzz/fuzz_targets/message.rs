//! Does any body make a reader of messages panic?
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_postgres::message;

fuzz_target!(|data: &[u8]| {
    let _ = message::query(data).map(|text| assert_eq!(text.len() + 1, data.len()));
    let _ = message::parse(data);
    let _ = message::bind_names(data);
    let _ = message::execute(data);
    let _ = message::target(b'D', data);
    let _ = message::function(data);
    let _ = message::tag_rows(data);
    let _ = message::error(data);
    let _ = message::parameter(data);
    let _ = message::backend_key(data);
    assert!(message::fields(data).map(|(_, value)| value.len() + 2).sum::<usize>() <= data.len());
});

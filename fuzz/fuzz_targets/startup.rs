//! Does any first packet make the opening panic, or be read differently when it comes in parts?
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_postgres::startup::{First, first};

fuzz_target!(|data: &[u8]| {
    let whole = first(data);
    if let Ok(Some((packet, length))) = whole {
        assert!(length <= data.len());
        // Exactly the packet's own bytes decide.
        assert_eq!(first(&data[..length]), Ok(Some((packet, length))));
        for end in 0..length {
            assert!(matches!(first(&data[..end]), Ok(None)));
        }
        if let First::Startup(startup) = packet
            && startup.version >> 16 == 3
        {
            let total: usize = startup.parameters().map(|(name, value)| name.len() + value.len() + 2).sum();
            assert_eq!(total + 9, length);
        }
    }
});

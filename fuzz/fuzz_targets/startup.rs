//! Does any first packet make the opening panic, or be read differently when it comes in parts?
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_postgres::startup::{First, STARTUP_BYTES_MAX, first, with_parameter};

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
            let settings = startup.settings();
            // With one more parameter it asks for the same and for that, in this order.
            let more = with_parameter(data.get(..length).unwrap_or_default(), b"a", b"b");
            let Ok(Some((First::Startup(guarded), _))) = first(&more) else {
                assert!(more.len() > STARTUP_BYTES_MAX + 4);
                return;
            };
            let after = guarded.settings();
            assert_eq!(after.len(), settings.len() + 1);
            assert_eq!(after.get(..settings.len()), Some(&settings[..]));
            assert_eq!(after.last().map(|(name, value)| (&**name, &**value)), Some((&b"a"[..], &b"b"[..])));
            assert_eq!(guarded.replication(), startup.replication());
        }
    }
});

//! Does a judgement allocate? Not when it lets a statement pass.
#![allow(unsafe_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use exchange::{Address, Environment, Kind, Principal, Protocol, Session, SessionId, TransactionState};
use policies::{Facts, Listener, Path, Role, Verdict, compile};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with this thread's requests counted.
struct Counting;

thread_local! {
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTS.with(|requests| requests.set(requests.get() + 1));
        // SAFETY: the caller's promises are those the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const OWN: &str = r#"
[lists]
writers = ["shop_*"]

[[rule]]
name = "tables"
when = { table = ["orders*", "sales.items"], access = ["read"], column = "orders.secret" }
unless = { role = ["owner"] }
decision = "refuse"

[[rule]]
name = "hours"
when = { time = { from = "22:00", to = "06:00" }, class = "read" }
decision = "note"

[[rule]]
name = "pace"
decision = "limit"
limit = { per_second = 100, rows = 5 }
"#;

#[test]
fn letting_pass_allocates_nothing() {
    let listener = Listener {
        name: "shop",
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        enforces: true,
        default_allows: false,
    };
    let own = |name: &str| (name == "own").then(|| ("own.toml".to_owned(), OWN.to_owned()));
    let ruleset = compile(1, &["production", "own"], &own, &listener).unwrap();
    let principal = Principal {
        user: "shop_app".into(),
        database: "shop".into(),
        application: "".into(),
        address: Address::Unix,
        tls: None,
    };
    let session = Session {
        id: SessionId(1),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal,
    };
    let mask = ruleset.of_session(&session);
    for text in [
        "SELECT id, total FROM orders WHERE id = 1",
        "UPDATE sales.items SET total = 0 WHERE id = 1",
        "SELECT lower(name) FROM customers JOIN orders USING (id) LIMIT 5",
        "SET application_name = 'x'",
        "COMMIT",
    ] {
        let analysis = sql::analyse(text.as_bytes(), sql::Lexing::default());
        let facts = Facts {
            session: &session,
            mask: &mask,
            role: Role::Known("shop_app"),
            path: Path::Default,
            kind: Kind::Run,
            statement: analysis.statements.first().map(|one| &**one),
            transaction: TransactionState::Idle,
            now_us: 0,
        };
        let before = REQUESTS.with(Cell::get);
        let decision = ruleset.decide(&facts);
        let rates = decision.rates.iter().count();
        let requests = REQUESTS.with(Cell::get) - before;
        assert_eq!(decision.verdict, Verdict::Allow, "{text}");
        assert!(rates == 1 || text == "COMMIT", "{text}");
        assert_eq!(requests, 0, "{text}");
    }
    let before = REQUESTS.with(Cell::get);
    let counted = Box::new(before);
    assert_eq!(REQUESTS.with(Cell::get), *counted + 1, "the counter counts");
}

//! Which attempts need bytes that no line of SQL can say: other commands, character sets, sizes?

use super::client::{execution, packets};
use super::vector::{Effect, Message, Vector};
use super::watch::DATABASE;

/// All of them.
pub fn vectors() -> Vec<Vector> {
    [commands(), logins(), statements(), charsets(), broken(), sizes(), one_write()].concat()
}

const INSERT: &str = "INSERT INTO canary VALUES (666, 'x')";
/// The attacker's session as the server sees it after a statement, in the look of a read.
const DISGUISED: &str = super::attempt::DISGUISED_WRITE;

/// A command and its one answer.
fn ask(command: &[u8]) -> Message {
    Message::Bytes(packets(0, command), 1)
}

/// A text in COM_QUERY.
fn query(text: &[u8]) -> Message {
    ask(&[b"\x03", text].concat())
}

/// Commands in one write.
fn at_once(commands: &[Vec<u8>]) -> Message {
    Message::AtOnce(commands.to_vec())
}

fn prepare(text: &str) -> Vec<u8> {
    [b"\x16", text.as_bytes()].concat()
}

/// Messages that name their command by its number.
fn commands() -> Vec<Vector> {
    let one = |name: &str, watch: &str, command: &[u8]| Vector::of_messages(name, watch, vec![ask(command)]);
    let refresh =
        |name: &str, watch: &str, what: u8| one(&format!("COM_REFRESH of {name}"), watch, &[7, what]);
    let unknown = |name: &str, command: &[u8]| one(name, "schema", command).effect(Effect::Error);
    vec![
        refresh("grants", "binlog", 1).effect(Effect::Nothing),
        refresh("logs", "binlog", 2),
        refresh("tables", "statistics", 4).before("SELECT 1 FROM shop.scratch LIMIT 1"),
        refresh("hosts", "statistics", 8).effect(Effect::Nothing),
        refresh("status", "statistics", 16).effect(Effect::Nothing),
        refresh("everything", "binlog", 0xff).may_end(),
        one("COM_PROCESS_KILL", "sessions", b"\x0c{vi}"),
        one("COM_DEBUG", "log", &[13]),
        one("COM_SET_OPTION", "rows", &[27, 0, 0]).effect(Effect::Nothing),
        one("COM_PING", "rows", &[14]).effect(Effect::Nothing),
        one("COM_INIT_DB", "rows", b"\x02shop").effect(Effect::Nothing),
        unknown("COM_INIT_DB of a name with a statement in it", b"\x02vault; CREATE TABLE loot (a INT)"),
        unknown("COM_CREATE_DB", b"\x05den"),
        unknown("COM_DROP_DB", b"\x06shop"),
        unknown("COM_CONNECT", &[11]),
        unknown("COM_CONNECT_OUT", &[20]),
        unknown("COM_TIME", &[15]),
        unknown("COM_DELAYED_INSERT", &[16]),
        unknown("COM_SLEEP", &[0]),
        unknown("COM_DAEMON", &[29]),
        unknown("COM_TABLE_DUMP", b"\x13\x05vault\x06canary").may_end(),
        unknown("COM_UNIMPLEMENTED", &[30]),
        unknown("COM_CLONE", &[32]),
        unknown("a command nobody knows", &[99]),
        unknown("COM_MULTI", &[0xfe]),
        one("COM_REGISTER_SLAVE", "statistics", &slave()),
        binlog_dump(),
        one("COM_STMT_EXECUTE of nothing prepared", "rows", &execution(4711, false)).effect(Effect::Error),
        one("COM_STMT_BULK_EXECUTE of nothing prepared", "rows", &[0xfa, 1, 0, 0, 0, 0, 0])
            .effect(Effect::Error),
    ]
}

/// Number, host, user, password, port, rank, master.
fn slave() -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    [&[21][..], &99_u32.to_le_bytes(), &text("thief"), &text("x"), &text("y"), &1_u16.to_le_bytes(), &[0; 8]]
        .concat()
}

/// The server's log from its beginning, which holds what others wrote.
fn binlog_dump() -> Vector {
    // Position 4, without waiting for more, as number 98.
    let head = [&[18][..], &4_u32.to_le_bytes(), &1_u16.to_le_bytes(), &98_u32.to_le_bytes()].concat();
    let command = [&head, &b"binlog.000001"[..]].concat();
    let plain = query(b"SET @master_binlog_checksum = 'NONE', @mariadb_slave_capability = 4");
    let messages = vec![plain, Message::Bytes(packets(0, &command), 12)];
    Vector::of_messages("COM_BINLOG_DUMP", "answer", messages)
        .answer("CREATE ")
        .before("RESET MASTER;CREATE OR REPLACE TABLE vault.told (a INT);DROP TABLE vault.told")
        .may_end()
}

/// What a login leads to that is repeated in a session, or undone.
fn logins() -> Vec<Vector> {
    let change = |user: &str| {
        let body = format!("\x11{user}\0\0{DATABASE}\0");
        [body.as_bytes(), &[45, 0], b"mysql_native_password\0"].concat()
    };
    let attacker = change(super::ATTACKER);
    let disguised = || [b"\x03", DISGUISED.as_bytes()].concat();
    let of = |name: &str, messages: Vec<Message>| Vector::of_messages(name, "canary", messages);
    vec![
        of("COM_RESET_CONNECTION", vec![ask(&[31])]),
        of("COM_RESET_CONNECTION twice", vec![ask(&[31]), ask(&[31])]),
        of("COM_RESET_CONNECTION and a write in one write", vec![at_once(&[vec![31], disguised()])]),
        of(
            "COM_RESET_CONNECTION and a prepared write in one write",
            vec![at_once(&[vec![31], prepare(DISGUISED), execution(u32::MAX, false)])],
        ),
        of("COM_RESET_CONNECTION in a transaction", vec![query(b"START TRANSACTION"), ask(&[31])]),
        of("COM_CHANGE_USER to oneself", vec![ask(&attacker)]),
        of("COM_CHANGE_USER to another", vec![ask(&change("root"))]),
        of("COM_CHANGE_USER and back", vec![ask(&change("victim")), ask(&attacker)]),
        of("COM_CHANGE_USER and a reset", vec![ask(&attacker), ask(&[31])]),
        of("COM_CHANGE_USER and a write in one write", vec![at_once(&[attacker.clone(), disguised()])])
            // The proof is asked for in between.
            .effect(Effect::Error)
            .may_end(),
        of("COM_CHANGE_USER that fails", vec![ask(&change("nobody_at_all"))]).may_end(),
        of(
            "COM_CHANGE_USER without a plugin",
            vec![ask(format!("\x11{}\0\0{DATABASE}\0", super::ATTACKER).as_bytes())],
        ),
    ]
}

/// Prepared statements, by their numbers.
fn statements() -> Vec<Vector> {
    let of = |name: &str, watch: &str, messages: Vec<Message>| Vector::of_messages(name, watch, messages);
    // Whoever refuses the first says nothing of the number it would have had: -1 is the last one.
    let last = u32::MAX;
    let run = execution(last, false);
    let mut vectors = Vec::new();
    let texts = [
        ("INSERT", "rows", INSERT),
        ("UPDATE", "rows", "UPDATE accounts SET balance = balance + 1"),
        ("CALL", "rows", "CALL deposit()"),
        ("a function", "rows", "SELECT swallow()"),
        (
            "SET GLOBAL",
            "variables",
            "SET GLOBAL max_prepared_stmt_count = CAST(4000 + RAND() * 10000 AS INT)",
        ),
        ("undoing", "canary", "SET SESSION TRANSACTION READ WRITE"),
    ];
    for (name, watch, sql) in texts {
        let messages = vec![at_once(&[prepare(sql), run.clone()])];
        vectors.push(of(&format!("prepared and executed in one write: {name}"), watch, messages));
        let messages = vec![at_once(&[prepare("SELECT 1"), prepare(sql), run.clone()])];
        vectors.push(of(&format!("prepared behind another in one write: {name}"), watch, messages));
    }
    let text = b"INSERT INTO canary VALUES (666, ?)";
    let long = |id: u32| [&[0x18], &id.to_le_bytes()[..], &0_u16.to_le_bytes(), b"by long data"].concat();
    // No bitmap of NULLs to think of, types are sent: one string.
    let with_value = [&execution(last, false)[..9], &[1], &[0, 1, 0xfd, 0], b"\x05value"].concat();
    let with_long = [&execution(last, false)[..9], &[1], &[0, 1, 0xfd, 0]].concat();
    vectors.extend([
        of(
            "a prepared INSERT with a value",
            "rows",
            vec![at_once(&[[b"\x16", &text[..]].concat(), with_value])],
        ),
        of(
            "a prepared INSERT with long data",
            "rows",
            vec![at_once(&[[b"\x16", &text[..]].concat(), long(last), with_long])],
        ),
        of(
            "a cursor over a function",
            "rows",
            vec![at_once(&[prepare("SELECT swallow()"), execution(last, true)])],
        ),
        of(
            "a reset of a prepared statement between",
            "rows",
            vec![at_once(&[prepare(INSERT), [&[0x1a], &last.to_le_bytes()[..]].concat(), run.clone()])],
        ),
        of(
            "a prepared statement after COM_RESET_CONNECTION",
            "rows",
            vec![at_once(&[prepare(INSERT), vec![31], run.clone()])],
        )
        .effect(Effect::Error),
        of(
            "a prepared statement whose text means another thing by then",
            "rows",
            vec![
                at_once(&[prepare("SELECT '\\'; INSERT INTO canary VALUES (666, 0) -- '")]),
                query(b"SET sql_mode = 'NO_BACKSLASH_ESCAPES'"),
                at_once(&[run]),
            ],
        )
        .effect(Effect::Nothing),
    ]);
    vectors
}

/// What a text says depends on its character set: a second byte may look like a backslash.
fn charsets() -> Vec<Vector> {
    let tail = b"'; INSERT INTO canary VALUES (666, 0); -- '";
    let text = |lead: &[u8]| query(&[b"SELECT '", lead, &tail[..]].concat());
    let mut vectors = Vec::new();
    for (name, number, lead) in [
        ("gbk", 28, &[0xbf, 0x5c]),
        ("sjis", 13, &[0x95, 0x5c]),
        ("big5", 1, &[0xa5, 0x5c]),
        ("cp932", 95, &[0x95, 0x5c]),
    ] {
        let of = |how: &str, first: Option<String>| {
            let first = first.map(|sql| query(sql.as_bytes()));
            let messages: Vec<Message> = first.into_iter().chain([text(lead)]).collect();
            Vector::of_messages(&format!("{name} {how}"), "rows", messages)
        };
        vectors.extend([
            of("from the login", None).charset(number),
            of("by SET NAMES", Some(format!("SET NAMES {name}"))),
            of("by SET NAMES with a collation", Some(format!("SET NAMES '{name}' COLLATE '{name}_bin'"))),
            of("by SET CHARACTER SET", Some(format!("SET CHARACTER SET {name}"))),
            of("by SET CHARSET", Some(format!("SET CHARSET '{name}'"))),
            of("by a setting", Some(format!("SET character_set_client = {name}"))),
            of("by a setting of the session", Some(format!("SET @@session.character_set_client = '{name}'"))),
            of("by a setting and its number", Some(format!("SET character_set_client = {number}"))),
            of("in an executable comment", Some(format!("/*!40101 SET NAMES {name} */"))),
            of("behind others", Some(format!("SET @a = 1, character_set_client = {name}"))),
            of(
                "by a word",
                Some(format!("SET character_set_client = DEFAULT, character_set_client = {name}")),
            ),
        ]);
    }
    // Read in two bytes, the string goes on; read in one, it ends.
    let other = |name: &str, lead: &[u8]| {
        let behind = b"\\''; INSERT INTO canary VALUES (666, 0); -- '";
        Vector::of_messages(name, "rows", vec![query(&[b"SELECT ", lead, &behind[..]].concat())])
    };
    vectors.extend([
        other("utf8mb4: a byte that would begin two elsewhere", b"'\xbf"),
        other("utf8mb4: an introducer of gbk", b"_gbk'\xbf"),
        other("utf8mb4: an introducer of sjis", b"_sjis'\x95"),
        other("latin1: a byte that would begin two elsewhere", b"'\xbf").charset(8),
        other("binary: a byte that would begin two elsewhere", b"'\xbf").charset(63),
    ]);
    vectors
}

/// Bytes that are no text, or no message.
fn broken() -> Vec<Vector> {
    let insert = INSERT.as_bytes();
    let of = |name: &str, bytes: Vec<u8>| Vector::of_messages(name, "rows", vec![query(&bytes)]);
    vec![
        of("a zero byte behind a read", [b"SELECT 1\0; ", insert].concat()).effect(Effect::Error),
        of("a zero byte in front", [b"\0", insert].concat()).effect(Effect::Error),
        of("a zero byte behind", [insert, b"\0"].concat()),
        of("a zero byte in a comment", [b"/* \0 */ ", insert].concat()),
        of("a zero byte in a string", b"INSERT INTO canary VALUES (666, 'a\0b')".to_vec()),
        of("a byte that is no UTF-8 in a comment", [b"/* \xff */ ", insert].concat()),
        of("a byte that is no UTF-8 in a string", b"INSERT INTO sums SELECT 1 WHERE '\xff' <> ''".to_vec()),
        of("a UTF-8 letter that is not whole before a quote", {
            [b"SELECT '\xe2\x82'; ", insert, b" -- '"].concat()
        }),
        of(
            "a letter in two bytes too long",
            b"SELECT '\xc0\xa7'; INSERT INTO canary VALUES (666, 0)".to_vec(),
        ),
        Vector::of_messages(
            "a packet out of order",
            "rows",
            vec![Message::Bytes(packets(7, &[b"\x03", insert].concat()), 1)],
        )
        .effect(Effect::Error)
        .may_end(),
        Vector::of_messages(
            "an empty packet in front",
            "rows",
            vec![Message::Bytes([packets(0, b""), packets(0, &[b"\x03", insert].concat())].concat(), 2)],
        )
        .may_end(),
        Vector::of_messages("a query of nothing", "rows", vec![query(b"")]).effect(Effect::Error),
    ]
}

/// Long texts, and texts in several packets.
fn sizes() -> Vec<Vector> {
    let of = |name: &str, sql: String| Vector::of_messages(name, "rows", vec![query(sql.as_bytes())]);
    let behind = |count: usize| format!("/* {} */ {INSERT}", "x".repeat(count));
    let whole = 0xff_ffff;
    // What is behind the comment begins in the second packet.
    let over = |count: usize| format!("/*{}*/{INSERT}", "x".repeat(count - 5));
    vec![
        of("behind 20 KB of a comment", behind(20_000)),
        of("behind 300 KB of a comment", behind(300_000)),
        of("behind 1 MB of spaces", format!("{}{INSERT}", " ".repeat(1 << 20))),
        of("a verb in the second packet of 16 MB", over(whole)),
        of("a verb across two packets of 16 MB", over(whole - 3)),
        of("a verb at the end of a packet of 16 MB", over(whole - INSERT.len())),
        of("behind a string of 400 KB", format!("SELECT '{}'; {INSERT}", "x".repeat(400_000))),
        of("a list of 20 000 rows", format!("{INSERT}{}", ", (1, 'y')".repeat(20_000))),
        of("a long sum", format!("INSERT INTO canary VALUES (1{}, 'x')", "+1".repeat(300))),
        of(
            "deep parentheses",
            format!("INSERT INTO canary VALUES ({}1{}, 'x')", "(".repeat(800), ")".repeat(800)),
        ),
        of("deep subqueries", {
            let depth = 30;
            format!("INSERT INTO canary SELECT {}1{}, 'x'", "(SELECT ".repeat(depth), ")".repeat(depth))
        }),
        of("a thousand statements", format!("{}{INSERT}", "SELECT 1;".repeat(1_000))),
    ]
}

/// Messages that are on their way before an answer to the first is.
fn one_write() -> Vec<Vector> {
    let text = |sql: &str| [b"\x03", sql.as_bytes()].concat();
    let of = |name: &str, watch: &str, texts: &[&str]| {
        let commands: Vec<Vec<u8>> = texts.iter().map(|sql| text(sql)).collect();
        let name = format!("in one write: {name}");
        Vector::of_messages(&name, watch, vec![at_once(&commands)])
    };
    let slash = "SELECT '\\'; INSERT INTO canary VALUES (666, 'x'); -- '";
    vec![
        of("a read and a write", "rows", &["SELECT 1", INSERT]),
        of("a write between reads", "rows", &["SELECT 1", INSERT, "SELECT 2"]),
        of("an undoing and a write", "canary", &["SET tx_read_only = 0", DISGUISED]),
        of("a transaction that writes", "canary", &["START TRANSACTION READ WRITE", DISGUISED, "COMMIT"]),
        of("a mode and what it means", "rows", &["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", slash]),
        of(
            "a mode that fails and what it would mean",
            "rows",
            &[
                "SET sql_mode = 'NO_BACKSLASH_ESCAPES', sql_mode = 'NO_SUCH_MODE'",
                "SELECT '\\\\'; INSERT INTO canary VALUES (666, 'x'); -- '",
            ],
        ),
        of(
            "a text and its execution",
            "rows",
            &["SET @p = 'DELETE FROM canary LIMIT 1'", "PREPARE p FROM @p", "EXECUTE p"],
        )
        .before("INSERT INTO canary VALUES (1, 'kept')"),
        of("a lock and a read", "locks", &["SELECT GET_LOCK('loot', 0)", "SELECT 1"]),
    ]
}

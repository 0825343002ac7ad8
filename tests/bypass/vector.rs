//! What is one attempt to change something through a read-only gateway, and where do they stand?
//!
//! The vectors are in `vectors/*.sql`: a few lines `-- key: value`, then the statements as they are
//! sent; `-- then` stands between two messages. What SQL cannot say is in `raw.rs`.
//!
//! | key | says |
//! |---|---|
//! | `vector` | its name; begins a vector |
//! | `source` | where it was met or is described |
//! | `watch` | what it changes: a word of [`WATCHES`] |
//! | `as` | which paths it can take: `select`, `change`, `utility`, `alone`, `script` |
//! | `not` | paths it cannot take |
//! | `since`, `until` | the first and last version that have it |
//! | `startup` | a parameter of the session's startup message |
//! | `before`, `after` | what the owner does around each attempt; `?` before what may fail |
//! | `session` | `own`, when it leaves something in its session that keeps the next attempt from its effect |
//! | `answer` | what stands in the answer when it got through |
//! | `effect` | `none because …` or `error because …`: what it does without a gateway, when that is not its change |

/// The files, each a group.
const FILES: [(&str, &str); 16] = [
    ("modifying CTE", include_str!("vectors/modifying_cte.sql")),
    ("INTO and AS", include_str!("vectors/into_and_as.sql")),
    ("EXPLAIN", include_str!("vectors/explain.sql")),
    ("COPY", include_str!("vectors/copy.sql")),
    ("changes of rows", include_str!("vectors/changes.sql")),
    ("positions of a call", include_str!("vectors/positions.sql")),
    ("built-in functions", include_str!("vectors/builtins.sql")),
    ("SQL in strings", include_str!("vectors/strings.sql")),
    ("functions of one's own", include_str!("vectors/own_functions.sql")),
    ("undoing read only", include_str!("vectors/undoing.sql")),
    ("schema", include_str!("vectors/schema.sql")),
    ("rights and roles", include_str!("vectors/rights.sql")),
    ("maintenance", include_str!("vectors/maintenance.sql")),
    ("locks and signals", include_str!("vectors/locks.sql")),
    ("prepared and cursors", include_str!("vectors/prepared.sql")),
    ("ways of writing", include_str!("vectors/writing.sql")),
];

/// What the text of a statement cannot show.
const BEYOND: &str = include_str!("vectors/beyond.sql");

/// What can be watched. `canary` is a row that a disguised write leaves when the session can write
/// after the attempt; `answer` is a text in what the session gets back.
pub const WATCHES: [&str; 17] = [
    "rows",
    "sequences",
    "schema",
    "roles",
    "settings",
    "files",
    "large objects",
    "locks",
    "sessions",
    "slots",
    "notifications",
    "listeners",
    "prepared transactions",
    "statistics",
    "wal",
    "answer",
    "canary",
];

/// What is seen in a session, or lasts as long as one.
const SESSION_WATCHES: [&str; 6] = ["canary", "locks", "listeners", "notifications", "sessions", "settings"];

/// Which paths a statement can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A query: everything.
    Select,
    /// INSERT, UPDATE, DELETE, MERGE: all but cursors and COPY.
    Change,
    /// Any other statement that may stand in a transaction.
    Utility,
    /// A statement that has to be alone.
    Alone,
    /// Several messages in a row, or a message that has to be sent as it is.
    Script,
}

/// What a vector does where there is no gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What it watches changes.
    Change,
    /// Nothing, and it says why.
    Nothing,
    /// An error, and it says why.
    Error,
}

/// Something a session sends.
#[derive(Clone, Debug)]
pub enum Message {
    /// A text, on any path.
    Sql(String),
    /// Bytes as they are, and how many ReadyForQuery they ask for.
    Bytes(Vec<u8>, usize),
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Vector {
    /// Where it belongs.
    pub group: &'static str,
    /// Its name.
    pub name: String,
    /// What it changes.
    pub watch: &'static str,
    /// Which paths it can take.
    pub shape: Shape,
    /// Paths it cannot take, each by the beginning of its name.
    pub not: Vec<String>,
    /// What the owner does before and after.
    pub around: [Vec<String>; 2],
    /// Parameters of its startup message.
    pub startup: Vec<(String, String)>,
    /// What stands in the answer when it got through.
    pub answer: Option<String>,
    /// What it does without a gateway.
    pub effect: Effect,
    /// Whether its session can be used for nothing else.
    pub has_own_session: bool,
    /// Whether the session may be over afterwards: what was sent is no message of the protocol.
    pub may_end_session: bool,
    /// What is sent.
    pub messages: Vec<Message>,
}

impl Vector {
    /// A vector of bytes.
    pub fn of_bytes(name: &str, watch: &str, messages: Vec<Message>) -> Vector {
        Vector {
            group: "protocol and bytes",
            name: name.to_owned(),
            watch: watch_named(watch),
            shape: Shape::Script,
            not: Vec::new(),
            around: [Vec::new(), Vec::new()],
            startup: Vec::new(),
            answer: None,
            effect: Effect::Change,
            has_own_session: true,
            may_end_session: false,
            messages,
        }
    }

    /// The same with a parameter of the startup message.
    #[must_use]
    pub fn startup(mut self, name: &str, value: &str) -> Vector {
        self.startup.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with something the owner does before.
    #[must_use]
    pub fn before(mut self, sql: &str) -> Vector {
        self.around[0].extend(super::text::statements(sql));
        self
    }

    /// The same with another effect.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Vector {
        self.effect = effect;
        self
    }

    /// The same with what the answer shows.
    #[must_use]
    pub fn answer(mut self, answer: &str) -> Vector {
        self.answer = Some(answer.to_owned());
        self
    }
}

/// What stands for the words in braces.
pub struct Places {
    /// A folder that is watched.
    pub folder: String,
    /// What stands in a file of it, and in a file's name.
    pub secret: String,
    /// The server's port.
    pub port: u16,
}

impl Places {
    fn fill(&self, text: &str) -> String {
        let signs = [
            ("{cr}", "\r"),
            ("{lf}", "\n"),
            ("{ff}", "\u{c}"),
            ("{tab}", "\t"),
            ("{vt}", "\u{b}"),
            ("{nbsp}", "\u{a0}"),
            ("{bom}", "\u{feff}"),
        ];
        let text = signs.iter().fold(text.to_owned(), |text, (word, sign)| text.replace(word, sign));
        let text = text.replace("{folder}", &self.folder).replace("{secret}", &self.secret);
        text.replace("{port}", &self.port.to_string())
    }
}

/// The vectors in files that `version` has.
pub fn from_files(version: u32, places: &Places) -> Vec<Vector> {
    FILES.iter().flat_map(|(group, text)| parse(group, text, version, places)).collect()
}

/// What no text can show.
pub fn beyond(version: u32, places: &Places) -> Vec<Vector> {
    parse("beyond the text", BEYOND, version, places)
}

fn parse(group: &'static str, text: &str, version: u32, places: &Places) -> Vec<Vector> {
    let parts = text.split("-- vector: ").skip(1);
    parts.filter_map(|part| parse_one(group, &places.fill(part), version)).collect()
}

fn parse_one(group: &'static str, part: &str, version: u32) -> Option<Vector> {
    let (name, mut rest) = part.split_once('\n').expect("a name ends its line");
    let mut vector = Vector::of_bytes(name, "rows", Vec::new());
    vector.group = group;
    vector.has_own_session = false;
    let mut is_here = true;
    let mut said = Vec::new();
    while let Some((key, value, after)) = directive(rest) {
        match key {
            "source" => {}
            "watch" => vector.watch = watch_named(value),
            "as" => vector.shape = shape_named(value),
            "not" => vector.not = value.split(", ").map(str::to_owned).collect(),
            "since" => is_here &= version >= value.parse().expect("a version"),
            "until" => is_here &= version <= value.parse().expect("a version"),
            "before" => vector.around[0] = super::text::statements(value),
            "after" => vector.around[1] = super::text::statements(value),
            "session" => vector.has_own_session = value == "own",
            "startup" => {
                let (name, value) = value.split_once('=').expect("name=value");
                vector.startup.push((name.to_owned(), value.to_owned()));
            }
            "answer" => vector.answer = Some(value.to_owned()),
            "effect" => vector.effect = effect_named(value),
            other => panic!("`{name}` says `{other}`, which means nothing"),
        }
        said.push(key.to_owned());
        rest = after;
    }
    let is_seen_in_session = SESSION_WATCHES.contains(&vector.watch) || vector.shape == Shape::Script;
    vector.has_own_session |= is_seen_in_session;
    assert!(said.iter().any(|key| key == "watch"), "`{name}` does not say what it changes");
    assert!(said.iter().any(|key| key == "as"), "`{name}` does not say which paths it takes");
    assert_eq!(
        vector.watch == "answer",
        vector.answer.is_some(),
        "`{name}`: `answer` goes with watch: answer"
    );
    let messages = rest.trim_end().split("\n-- then\n").map(|message| Message::Sql(message.to_owned()));
    vector.messages = messages.collect();
    is_here.then_some(vector)
}

/// A line `-- key: value` at the beginning of `text`.
fn directive(text: &str) -> Option<(&str, &str, &str)> {
    let (line, after) = text.split_once('\n')?;
    let (key, value) = line.strip_prefix("-- ")?.split_once(": ")?;
    key.chars().all(|letter| letter.is_ascii_lowercase()).then_some((key, value, after))
}

fn watch_named(name: &str) -> &'static str {
    let known = WATCHES.iter().find(|watch| **watch == name);
    known.unwrap_or_else(|| panic!("nobody can watch `{name}`"))
}

fn shape_named(name: &str) -> Shape {
    match name {
        "select" => Shape::Select,
        "change" => Shape::Change,
        "utility" => Shape::Utility,
        "alone" => Shape::Alone,
        "script" => Shape::Script,
        other => panic!("`{other}` is no shape"),
    }
}

fn effect_named(text: &str) -> Effect {
    match text.split_once(" because ") {
        Some(("none", _)) => Effect::Nothing,
        Some(("error", _)) => Effect::Error,
        _ => panic!("`{text}` does not say why"),
    }
}

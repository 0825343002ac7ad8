//! What is one attempt to change something through a read-only gateway, and where do they stand?
//!
//! The vectors are in `vectors/*.sql`: a few lines `-- key: value`, then the statements as they are
//! sent; `-- then` stands between two messages. What SQL cannot say is in `raw.rs`.
//!
//! | key | says |
//! |---|---|
//! | `vector` | its name; begins a vector |
//! | `watch` | what it changes: a word of [`WATCHES`] |
//! | `as` | which paths it can take: `select`, `change`, `utility`, `alone`, `script` |
//! | `not` | paths it cannot take, each by the beginning of its name |
//! | `before`, `after` | what the owner does around each attempt, `?` before what may fail; `;;` is a semicolon within a statement |
//! | `modes` | the sql_mode the session is set to first |
//! | `session` | `own`, when it leaves something in its session that keeps the next attempt from its effect |
//! | `answer` | what stands in the answer when it got through |
//! | `effect` | `none because …` or `error because …`: what it does without a gateway, when that is not its change |

use super::client::Login;
use super::watch::DATABASE;

/// The files, each a group.
const FILES: [(&str, &str); 17] = [
    ("changes of rows", include_str!("vectors/changes.sql")),
    ("WITH and ANALYZE", include_str!("vectors/with_and_analyze.sql")),
    ("INTO and files", include_str!("vectors/into_and_files.sql")),
    ("positions of a call", include_str!("vectors/positions.sql")),
    ("built-in functions", include_str!("vectors/builtins.sql")),
    ("functions of one's own", include_str!("vectors/own_functions.sql")),
    ("SQL in strings", include_str!("vectors/strings.sql")),
    ("blocks and procedures", include_str!("vectors/blocks.sql")),
    ("undoing read only", include_str!("vectors/undoing.sql")),
    ("variables", include_str!("vectors/variables.sql")),
    ("schema", include_str!("vectors/schema.sql")),
    ("rights and users", include_str!("vectors/rights.sql")),
    ("maintenance", include_str!("vectors/maintenance.sql")),
    ("administration", include_str!("vectors/administration.sql")),
    ("locks, handlers, XA", include_str!("vectors/locks.sql")),
    ("executable comments", include_str!("vectors/comments.sql")),
    ("ways of writing", include_str!("vectors/writing.sql")),
];

/// What the text of a statement cannot show.
const BEYOND: &str = include_str!("vectors/beyond.sql");

/// What can be watched. `canary` is a row that a disguised write leaves when the session can write
/// after the attempt; `answer` is a text in what the session gets back.
pub const WATCHES: [&str; 13] = [
    "rows",
    "schema",
    "users",
    "variables",
    "binlog",
    "statistics",
    "files",
    "log",
    "locks",
    "sessions",
    "transactions",
    "answer",
    "canary",
];

/// What is seen in a session, or lasts as long as one.
const SESSION_WATCHES: [&str; 4] = ["canary", "locks", "sessions", "transactions"];

/// Which paths a statement can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A query: everything.
    Select,
    /// INSERT, UPDATE, DELETE, REPLACE: what EXPLAIN and ANALYZE take too.
    Change,
    /// Any other statement that may stand beside others.
    Utility,
    /// A statement that has to be alone.
    Alone,
    /// Several messages in a row, or a message that has to be sent as it is.
    Script,
}

/// What a vector does where there is no gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Sql(Vec<u8>),
    /// Packets as they are, and how many answers they get.
    Bytes(Vec<u8>, usize),
    /// Commands in one write, each with the answer it gets.
    AtOnce(Vec<Vec<u8>>),
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
    /// How its session logs in.
    pub login: Login,
    /// The sql_mode its session has.
    pub modes: Option<String>,
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
    /// A vector of messages that are sent as they are.
    pub fn of_messages(name: &str, watch: &str, messages: Vec<Message>) -> Vector {
        Vector {
            group: "protocol and bytes",
            name: name.to_owned(),
            watch: watch_named(watch),
            shape: Shape::Script,
            not: Vec::new(),
            around: [Vec::new(), Vec::new()],
            login: Login::of(super::ATTACKER, DATABASE),
            modes: None,
            answer: None,
            effect: Effect::Change,
            has_own_session: true,
            may_end_session: false,
            messages,
        }
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

    /// The same in a session with another collation.
    #[must_use]
    pub fn charset(mut self, number: u8) -> Vector {
        self.login.charset = number;
        self
    }

    /// The same, and the session may be over afterwards.
    #[must_use]
    pub fn may_end(mut self) -> Vector {
        self.may_end_session = true;
        self
    }
}

/// What stands for the words in braces.
#[derive(Clone, Debug)]
pub struct Places {
    /// A folder that is watched.
    pub folder: String,
    /// What stands in a file of it.
    pub secret: String,
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
        text.replace("{folder}", &self.folder).replace("{secret}", &self.secret)
    }
}

/// The vectors in files.
pub fn from_files(places: &Places) -> Vec<Vector> {
    FILES.iter().flat_map(|(group, text)| parse(group, text, places)).collect()
}

/// What no text can show.
pub fn beyond(places: &Places) -> Vec<Vector> {
    parse("beyond the text", BEYOND, places)
}

fn parse(group: &'static str, text: &str, places: &Places) -> Vec<Vector> {
    text.split("-- vector: ").skip(1).map(|part| parse_one(group, &places.fill(part))).collect()
}

fn parse_one(group: &'static str, part: &str) -> Vector {
    let (name, mut rest) = part.split_once('\n').expect("a name ends its line");
    let mut vector = Vector::of_messages(name, "rows", Vec::new());
    vector.group = group;
    vector.has_own_session = false;
    let mut said = Vec::new();
    while let Some((key, value, after)) = directive(rest) {
        match key {
            "watch" => vector.watch = watch_named(value),
            "as" => vector.shape = shape_named(value),
            "not" => vector.not = value.split(", ").map(str::to_owned).collect(),
            "before" => vector.around[0] = super::text::statements(value),
            "after" => vector.around[1] = super::text::statements(value),
            "session" => vector.has_own_session = value == "own",
            "modes" => vector.modes = Some(value.to_owned()),
            "answer" => vector.answer = Some(value.to_owned()),
            "effect" => vector.effect = effect_named(value),
            other => panic!("`{name}` says `{other}`, which means nothing"),
        }
        said.push(key.to_owned());
        rest = after;
    }
    vector.has_own_session |=
        SESSION_WATCHES.contains(&vector.watch) || vector.shape == Shape::Script || vector.modes.is_some();
    assert!(said.iter().any(|key| key == "watch"), "`{name}` does not say what it changes");
    assert!(said.iter().any(|key| key == "as"), "`{name}` does not say which paths it takes");
    let shows = vector.watch == "answer";
    assert_eq!(shows, vector.answer.is_some(), "`{name}`: `answer` goes with watch: answer");
    let messages = rest.trim_end().split("\n-- then\n");
    vector.messages = messages.map(|message| Message::Sql(message.as_bytes().to_vec())).collect();
    vector
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

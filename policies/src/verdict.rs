//! What does the judge say?

use exchange::Refusal;
use std::fmt;
use std::sync::Arc;

/// What the rules say of one statement, whether or not the listener enforces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass.
    Allow,
    /// It could not be judged, and the listener only observes: it may pass.
    Unjudged,
    /// It may not pass.
    Refuse(Box<Refusal>),
    /// It may not pass before somebody approves of it.
    Hold(Box<Refusal>),
}

impl Verdict {
    /// The word for people, in `policy` and in literate cases.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Unjudged => "unjudged",
            Verdict::Refuse(_) => "refuse",
            Verdict::Hold(_) => "hold",
        }
    }

    /// What the client would be told, where it does not pass.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Verdict::Allow | Verdict::Unjudged => None,
            Verdict::Refuse(refusal) | Verdict::Hold(refusal) => Some(refusal),
        }
    }
}

/// A verdict and the rules it came from.
#[derive(Clone, Debug)]
pub struct Decision<'r> {
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that decided; `None` where the listener's default did, or where nothing could be judged.
    pub rule: Option<&'r Arc<str>>,
    /// The least of what the matching limits set. Only for what may pass.
    pub limits: Limits,
    /// Which rule set which of them.
    pub limit_rules: LimitRules<'r>,
    /// The rates it counts against. Only for what may pass.
    pub rates: Rates<'r>,
    /// The first rule that wants it noted.
    pub noted: Option<&'r Arc<str>>,
    /// What the matching rules want kept of it beside its shape, whatever the verdict.
    pub record: Keep,
    /// The dry run that would have changed what happens, and to what.
    pub would: Option<(&'r Arc<str>, Would)>,
    /// The epoch of the rules that decided.
    pub epoch: u64,
}

/// What rules want kept of a statement beside its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keep(u8);

impl Keep {
    /// Nothing.
    pub const NOTHING: Keep = Keep(0);
    /// The text as it came.
    pub const TEXT: Keep = Keep(1);
    /// The parameters, or the literals of the text.
    pub const PARAMETERS: Keep = Keep(1 << 1);
    /// Keyed hashes of the same.
    pub const HASHES: Keep = Keep(1 << 2);
    /// The text of the server's error.
    pub const ERROR: Keep = Keep(1 << 3);

    /// Each with its word, in the order of the reference.
    pub const ALL: [(Keep, &'static str); 4] = [
        (Keep::TEXT, "text"),
        (Keep::PARAMETERS, "parameters"),
        (Keep::HASHES, "hashes"),
        (Keep::ERROR, "error"),
    ];

    /// Whether there is nothing to keep.
    pub fn is_nothing(self) -> bool {
        self == Keep::NOTHING
    }

    /// Whether all of `other` is wanted.
    pub fn contains(self, other: Keep) -> bool {
        self.0 & other.0 == other.0
    }

    /// What either wants.
    #[must_use]
    pub const fn with(self, other: Keep) -> Keep {
        Keep(self.0 | other.0)
    }

    /// The words of what is wanted.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Keep::ALL.into_iter().filter(move |(one, _)| self.contains(*one)).map(|(_, word)| word)
    }
}

/// Bounds on what a statement may return and how long it may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Most rows.
    pub rows: Option<u64>,
    /// Most bytes of rows.
    pub bytes: Option<u64>,
    /// Longest time, in microseconds.
    pub duration_us: Option<u64>,
}

impl Limits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Limits::default()
    }
}

/// The names of the rules behind [`Limits`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitRules<'r> {
    /// Of the rows.
    pub rows: Option<&'r Arc<str>>,
    /// Of the bytes.
    pub bytes: Option<&'r Arc<str>>,
    /// Of the time.
    pub duration: Option<&'r Arc<str>>,
}

/// How many statements may begin in a second. Whoever counts keeps one bucket for each rule and
/// each value of `by`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The rule that sets it.
    pub rule: Arc<str>,
    /// Statements a second in the long run.
    pub per_second: u32,
    /// Most at once.
    pub burst: u32,
    /// What is counted apart.
    pub by: RateBy,
}

/// What a rate is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateBy {
    /// Each user.
    User,
    /// Each client address.
    Address,
    /// Each `application_name`.
    Application,
}

impl RateBy {
    /// Each with its word.
    pub const ALL: [(RateBy, &'static str); 3] =
        [(RateBy::User, "user"), (RateBy::Address, "address"), (RateBy::Application, "application")];

    /// The word used in rule files.
    pub fn as_str(self) -> &'static str {
        match self {
            RateBy::User => "user",
            RateBy::Address => "address",
            RateBy::Application => "application",
        }
    }
}

/// The rates that apply to one statement.
#[derive(Clone, Copy)]
pub struct Rates<'r> {
    pub(crate) all: &'r [Rate],
    /// One bit for each of `all`.
    pub(crate) applying: u64,
}

impl<'r> Rates<'r> {
    /// Most rates in one rule set: as many as one word has bits, and more than anybody keeps apart.
    pub const MAX: usize = 64;

    /// Each, in the order of the rules.
    pub fn iter(&self) -> impl Iterator<Item = &'r Rate> + use<'r> {
        let applying = self.applying;
        let marked = move |(position, rate): (usize, &'r Rate)| {
            (applying.checked_shr(position as u32).unwrap_or(0) & 1 == 1).then_some(rate)
        };
        self.all.iter().enumerate().filter_map(marked)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.applying == 0
    }
}

impl fmt::Debug for Rates<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// What a dry run would have decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Would {
    /// It would have let pass what was refused.
    Allow,
    /// It would have refused.
    Refuse,
    /// It would have held.
    Hold,
    /// It would have set a limit.
    Limit,
}

impl Would {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Would::Allow => "allow",
            Would::Refuse => "refuse",
            Would::Hold => "hold",
            Would::Limit => "limit",
        }
    }
}

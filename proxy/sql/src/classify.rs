//! What may a statement do, judged by its keywords?
//!
//! This is the answer of a lexer, not of the grammar: it looks at the words a statement begins
//! with, and at a few places where others can stand. It does not look at what functions, views,
//! rules or triggers do: `SELECT f()` is a read. `SELECT … FOR UPDATE` and its like are reads too,
//! though they lock rows. Where it errs it errs to the side of more: a word that could begin a
//! change inside parentheses counts as one, and what is not known is [`Class::Unknown`].

use crate::keyword::Keyword;
use crate::name;
use crate::token::{Kind, Lexer, Token};
use exchange::{Class, Verb};

/// What a statement turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Of this class, with this verb.
    Plain(Class, Verb),
    /// `PREPARE name AS`, then a statement from the offset `inner` on.
    Prepare { name: Box<str>, inner: usize },
    /// `DECLARE name CURSOR FOR`, then a statement from the offset `inner` on.
    Declare { name: Box<str>, hold: bool, inner: usize },
}

fn plain(class: Class) -> Reading {
    Reading::Plain(class, Verb::Other)
}

/// What was seen anywhere in a statement, told of every significant token in order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sightings {
    /// A change of rows begins where a query with its own name can stand.
    pub(crate) change: bool,
    /// An `INTO` that belongs to a `SELECT`.
    pub(crate) into: bool,
    /// The word a change may have begun with, until the next token tells.
    candidate: Option<Keyword>,
    previous: Option<Kind>,
    /// The token before that was `SET` or `USING`.
    names_column: bool,
}

impl Sightings {
    #[inline]
    pub(crate) fn push(&mut self, kind: Kind) {
        let candidate = self.candidate.take();
        if let Some(candidate) = candidate {
            self.change |= is_change(candidate, kind);
        }
        match kind {
            Kind::Word(keyword @ (Keyword::Insert | Keyword::Update | Keyword::Delete | Keyword::Merge))
                if self.at_query_start() =>
            {
                self.candidate = Some(keyword)
            }
            // Not the INTO of a change, nor a name behind AS or a dot. A column can be called
            // `insert` too, so the word alone is no excuse.
            Kind::Word(Keyword::Into) => {
                let excused = matches!(candidate, Some(Keyword::Insert | Keyword::Merge))
                    || matches!(self.previous, Some(Kind::Word(Keyword::As) | Kind::Punctuation(b'.')));
                self.into |= !excused;
            }
            _ => {}
        }
        self.names_column = matches!(self.previous, Some(Kind::Word(Keyword::Set | Keyword::Using)));
        self.previous = Some(kind);
    }

    /// Behind a parenthesis, or behind `SEARCH … SET name` and `CYCLE … USING name`.
    fn at_query_start(&self) -> bool {
        match self.previous {
            Some(Kind::Punctuation(b'(' | b')')) => true,
            Some(Kind::Word(_) | Kind::QuotedIdentifier | Kind::UnicodeIdentifier) => self.names_column,
            _ => false,
        }
    }
}

/// Whether `keyword` begins a change when `next` follows it. `insert`, `update`, `delete` and
/// `merge` can be names of columns too.
fn is_change(keyword: Keyword, next: Kind) -> bool {
    match (keyword, next) {
        (Keyword::Insert | Keyword::Merge, next) => next == Kind::Word(Keyword::Into),
        (Keyword::Delete, next) => next == Kind::Word(Keyword::From),
        (_, Kind::Word(word)) => !matches!(
            word,
            Keyword::And
                | Keyword::As
                | Keyword::Between
                | Keyword::Else
                | Keyword::End
                | Keyword::Except
                | Keyword::Fetch
                | Keyword::For
                | Keyword::From
                | Keyword::Group
                | Keyword::Having
                | Keyword::Ilike
                | Keyword::In
                | Keyword::Intersect
                | Keyword::Into
                | Keyword::Is
                | Keyword::Like
                | Keyword::Limit
                | Keyword::Not
                | Keyword::Offset
                | Keyword::Or
                | Keyword::Returning
                | Keyword::Then
                | Keyword::Union
                | Keyword::Using
                | Keyword::When
                | Keyword::Where
        ),
        (_, Kind::QuotedIdentifier | Kind::UnicodeIdentifier) => true,
        _ => false,
    }
}

/// Reads the head of the statement `lexer` stands before; `seen` is what was seen in all of it.
pub(crate) fn read(lexer: Lexer<'_>, seen: Sightings) -> Reading {
    let mut head = Head { lexer, seen };
    match head.keyword() {
        Keyword::Explain => head.explain(),
        Keyword::Fetch | Keyword::Move => match head.last_name() {
            Some(name) => Reading::Plain(Class::Read, Verb::Fetch { name }),
            None => plain(Class::Unknown),
        },
        Keyword::Declare => head.declare(),
        Keyword::Prepare => head.prepare(),
        Keyword::Execute => head.execute(),
        Keyword::Close => head.dropped(Class::Read, |name| Verb::Close { name }, |head| head.take()),
        Keyword::Deallocate => {
            head.dropped(Class::Session, |name| Verb::Deallocate { name }, Head::deallocated)
        }
        Keyword::Discard if head.keyword() == Keyword::All => {
            Reading::Plain(Class::Session, Verb::DiscardAll)
        }
        Keyword::Commit | Keyword::End | Keyword::Rollback | Keyword::Abort => match head.keyword() {
            // Ends somebody else's transaction.
            Keyword::Prepared => plain(Class::Transaction),
            _ => Reading::Plain(Class::Transaction, Verb::Leave),
        },
        Keyword::Release => Reading::Plain(Class::Transaction, Verb::Leave),
        _ => plain(Head { lexer, seen }.class()),
    }
}

/// Reads on from where it stands.
#[derive(Clone, Copy)]
struct Head<'text> {
    lexer: Lexer<'text>,
    seen: Sightings,
}

impl Head<'_> {
    fn take(&mut self) -> Option<Token> {
        self.lexer.next_significant()
    }

    fn kind(&mut self) -> Option<Kind> {
        self.take().map(|token| token.kind)
    }

    /// The next token's keyword; `None` for what is no word.
    fn keyword(&mut self) -> Keyword {
        match self.kind() {
            Some(Kind::Word(keyword)) => keyword,
            _ => Keyword::None,
        }
    }

    fn peek(&self) -> Option<Kind> {
        let mut ahead = *self;
        ahead.kind()
    }

    /// The name `token` stands for, with the `UESCAPE` that may follow it.
    fn name(&mut self, token: Token) -> Option<Box<str>> {
        let text = self.lexer.text();
        let mut escape = b'\\';
        if token.kind == Kind::UnicodeIdentifier && self.peek() == Some(Kind::Word(Keyword::Uescape)) {
            self.take();
            let literal = self.take()?;
            escape = name::escape_character(literal.bytes(text))?;
        }
        name::of_token(&token, text, escape)
    }

    /// The name a statement ends with.
    fn last_name(mut self) -> Option<Box<str>> {
        let mut last = None;
        while let Some(token) = self.take() {
            if token.kind == Kind::Word(Keyword::Uescape) {
                break;
            }
            last = Some((token, self));
        }
        let (token, mut behind) = last?;
        behind.name(token)
    }

    /// A statement that is none of the named verbs.
    fn class(&mut self) -> Class {
        let mut ahead = *self;
        match ahead.keyword() {
            Keyword::None | Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With => {
                self.preparable()
            }
            keyword => ahead.command(keyword),
        }
    }

    /// A query or a change of rows, the only statements that others may enclose.
    fn preparable(&mut self) -> Class {
        match self.keyword_behind_parentheses() {
            (Keyword::Select | Keyword::Values | Keyword::Table, _) => self.query(Class::Read),
            (Keyword::With, _) => {
                let class = self.with();
                self.query(class)
            }
            (Keyword::Insert | Keyword::Update | Keyword::Delete | Keyword::Merge, false) => Class::Write,
            _ => Class::Unknown,
        }
    }

    fn command(&mut self, keyword: Keyword) -> Class {
        match keyword {
            Keyword::Show => Class::Read,
            Keyword::Insert | Keyword::Update | Keyword::Delete | Keyword::Merge | Keyword::Truncate => {
                Class::Write
            }
            Keyword::Copy => self.copy(),
            Keyword::Create | Keyword::Alter | Keyword::Drop => self.object(),
            Keyword::Comment | Keyword::Refresh | Keyword::Security | Keyword::Import => Class::Ddl,
            Keyword::Grant | Keyword::Revoke | Keyword::Reassign => Class::Privilege,
            Keyword::Do | Keyword::Call | Keyword::Load => Class::Code,
            Keyword::Set => self.set(),
            Keyword::Reset | Keyword::Discard | Keyword::Listen | Keyword::Unlisten | Keyword::Notify => {
                Class::Session
            }
            Keyword::Begin | Keyword::Start | Keyword::Savepoint => Class::Transaction,
            Keyword::Vacuum
            | Keyword::Analyze
            | Keyword::Analyse
            | Keyword::Reindex
            | Keyword::Cluster
            | Keyword::Checkpoint
            | Keyword::Lock => Class::Maintenance,
            _ => Class::Unknown,
        }
    }

    /// The first word, and whether parentheses stood before it.
    fn keyword_behind_parentheses(&mut self) -> (Keyword, bool) {
        let mut parentheses = false;
        loop {
            match self.kind() {
                Some(Kind::Punctuation(b'(')) => parentheses = true,
                Some(Kind::Word(keyword)) => return (keyword, parentheses),
                _ => return (Keyword::None, parentheses),
            }
        }
    }

    /// A query of this class, unless more was seen in it. `SELECT … INTO` makes a table.
    fn query(&self, class: Class) -> Class {
        match class {
            Class::Read if self.seen.into => Class::Ddl,
            Class::Read if self.seen.change => Class::Write,
            other => other,
        }
    }

    /// Behind `WITH`: the class of the statement the named queries belong to.
    fn with(&mut self) -> Class {
        let mut depth = 0usize;
        let mut previous = Kind::Word(Keyword::With);
        // Behind SEARCH or CYCLE, which have names of columns where the main statement could begin.
        let mut in_clause = false;
        while let Some(kind) = self.kind() {
            let closed = previous == Kind::Punctuation(b')');
            match kind {
                Kind::Punctuation(b'(') if depth == 0 && closed => {
                    return match self.keyword_behind_parentheses().0 {
                        Keyword::Select | Keyword::Values | Keyword::Table | Keyword::With => Class::Read,
                        _ => Class::Unknown,
                    };
                }
                Kind::Punctuation(b'(') => depth += 1,
                Kind::Punctuation(b')') => depth = depth.saturating_sub(1),
                Kind::Word(keyword) if depth == 0 && (closed || in_clause) => match keyword {
                    Keyword::Select | Keyword::Table => return Class::Read,
                    Keyword::Values if closed || self.peek() == Some(Kind::Punctuation(b'(')) => {
                        return Class::Read;
                    }
                    Keyword::Insert | Keyword::Update | Keyword::Delete | Keyword::Merge
                        if closed || self.peek().is_some_and(|next| is_change(keyword, next)) =>
                    {
                        return Class::Write;
                    }
                    Keyword::Search | Keyword::Cycle => in_clause = true,
                    Keyword::As => {}
                    _ if in_clause => {}
                    _ => return Class::Unknown,
                },
                _ => {}
            }
            previous = kind;
        }
        Class::Unknown
    }

    /// Behind `COPY`.
    fn copy(&mut self) -> Class {
        let query = (self.peek() == Some(Kind::Punctuation(b'('))).then(|| {
            let mut inside = *self;
            inside.take();
            inside.preparable()
        });
        let mut depth = 0usize;
        let mut previous = Kind::Word(Keyword::Copy);
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Punctuation(b'(') => depth += 1,
                Kind::Punctuation(b')') => depth = depth.saturating_sub(1),
                Kind::Word(direction @ (Keyword::From | Keyword::To))
                    if depth == 0 && previous != Kind::Punctuation(b'.') =>
                {
                    return match (self.kind(), direction) {
                        (Some(Kind::Literal | Kind::Word(Keyword::Program)), _) => Class::Code,
                        (Some(Kind::Word(Keyword::Stdin | Keyword::Stdout)), Keyword::From) => Class::Write,
                        (Some(Kind::Word(Keyword::Stdin | Keyword::Stdout)), _) => {
                            query.unwrap_or(Class::Read)
                        }
                        _ => Class::Unknown,
                    };
                }
                _ => {}
            }
            previous = kind;
        }
        Class::Unknown
    }

    /// Behind `CREATE`, `ALTER` or `DROP`.
    fn object(&mut self) -> Class {
        match self.keyword() {
            // USER is also the beginning of USER MAPPING.
            Keyword::Role | Keyword::User | Keyword::Group | Keyword::Policy => Class::Privilege,
            Keyword::Default if self.keyword() == Keyword::Privileges => Class::Privilege,
            _ => Class::Ddl,
        }
    }

    /// Behind `SET`.
    fn set(&mut self) -> Class {
        let mut keyword = self.keyword();
        if matches!(keyword, Keyword::Session | Keyword::Local) {
            keyword = self.keyword();
        }
        match keyword {
            Keyword::Transaction | Keyword::Characteristics => Class::Transaction,
            _ => Class::Session,
        }
    }

    /// Behind `EXPLAIN`: with ANALYZE the statement runs.
    fn explain(&mut self) -> Reading {
        let mut analyze = false;
        let mut inside = *self;
        if inside.kind() == Some(Kind::Punctuation(b'(')) && !begins_query(inside) {
            *self = inside;
            analyze = self.explain_options();
        } else {
            if matches!(self.peek(), Some(Kind::Word(Keyword::Analyze | Keyword::Analyse))) {
                analyze = true;
                self.take();
            }
            if self.peek() == Some(Kind::Word(Keyword::Verbose)) {
                self.take();
            }
        }
        let mut ahead = *self;
        match (ahead.keyword(), analyze) {
            (Keyword::Execute, true) => ahead.execute(),
            (Keyword::Declare, true) => match ahead.declare() {
                Reading::Declare { inner, .. } => {
                    while ahead.lexer.offset() < inner && ahead.take().is_some() {}
                    plain(ahead.class())
                }
                other => other,
            },
            (_, true) => plain(self.class()),
            (_, false) => plain(Class::Read),
        }
    }

    /// Behind the opening parenthesis of EXPLAIN's options, to behind the closing one: whether
    /// ANALYZE may be on. An option's name may be quoted.
    fn explain_options(&mut self) -> bool {
        let mut analyze = false;
        let mut depth = 1usize;
        let mut at_name = true;
        while let Some(token) = self.take() {
            match token.kind {
                Kind::Punctuation(b'(') => depth += 1,
                Kind::Punctuation(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Kind::Word(Keyword::Analyze | Keyword::Analyse) if at_name => {
                    analyze |= !self.is_switched_off();
                }
                Kind::QuotedIdentifier if at_name && token.bytes(self.lexer.text()) == b"\"analyze\"" => {
                    analyze |= !self.is_switched_off();
                }
                Kind::UnicodeIdentifier if at_name => analyze = true,
                _ => {}
            }
            at_name = token.kind == Kind::Punctuation(b',');
        }
        analyze
    }

    fn is_switched_off(&self) -> bool {
        let mut ahead = *self;
        let Some(token) = ahead.take() else { return false };
        matches!(token.kind, Kind::Word(Keyword::Off | Keyword::False))
            || (token.kind == Kind::Number && token.bytes(self.lexer.text()) == b"0")
    }

    /// Behind `PREPARE`.
    fn prepare(&mut self) -> Reading {
        let Some(token) = self.take() else { return plain(Class::Unknown) };
        if token.kind == Kind::Word(Keyword::Transaction) && self.peek() == Some(Kind::Literal) {
            return plain(Class::Transaction);
        }
        let name = self.name(token);
        let mut depth = 0usize;
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Punctuation(b'(') => depth += 1,
                Kind::Punctuation(b')') => depth = depth.saturating_sub(1),
                Kind::Word(Keyword::As) if depth == 0 => {
                    let inner = self.lexer.offset();
                    return name.map_or_else(unreadable, |name| Reading::Prepare { name, inner });
                }
                _ => {}
            }
        }
        plain(Class::Unknown)
    }

    /// Behind `EXECUTE`: what it does, the session knows.
    fn execute(&mut self) -> Reading {
        let name = self.take().and_then(|token| self.name(token));
        Reading::Plain(Class::Unknown, name.map_or(Verb::Other, |name| Verb::Execute { name }))
    }

    /// Behind `DECLARE`.
    fn declare(&mut self) -> Reading {
        let Some(token) = self.take() else { return plain(Class::Unknown) };
        let name = self.name(token);
        let mut hold = false;
        let mut previous = Kind::Word(Keyword::None);
        while let Some(kind) = self.kind() {
            match kind {
                Kind::Word(Keyword::Hold) => hold = previous == Kind::Word(Keyword::With),
                Kind::Word(Keyword::For) => {
                    let inner = self.lexer.offset();
                    return name.map_or_else(unreadable, |name| Reading::Declare { name, hold, inner });
                }
                _ => {}
            }
            previous = kind;
        }
        plain(Class::Unknown)
    }

    /// Behind `CLOSE` or `DEALLOCATE`: `target` finds the token that says what is dropped.
    fn dropped(
        &mut self,
        class: Class,
        verb: fn(Option<Box<str>>) -> Verb,
        target: fn(&mut Self) -> Option<Token>,
    ) -> Reading {
        let Some(token) = target(self) else { return plain(Class::Unknown) };
        if token.kind == Kind::Word(Keyword::All) {
            return Reading::Plain(class, verb(None));
        }
        self.name(token).map_or_else(unreadable, |name| Reading::Plain(class, verb(Some(name))))
    }

    /// The token behind an optional `PREPARE`.
    fn deallocated(&mut self) -> Option<Token> {
        let first = self.take()?;
        if first.kind == Kind::Word(Keyword::Prepare) && self.peek().is_some() {
            return self.take();
        }
        Some(first)
    }
}

/// A name is made, changed or dropped, but which cannot be told: as if it were all of them.
fn unreadable() -> Reading {
    Reading::Plain(Class::Unknown, Verb::DiscardAll)
}

/// Whether a query begins here rather than EXPLAIN's options.
fn begins_query(mut head: Head<'_>) -> bool {
    match head.keyword_behind_parentheses() {
        (Keyword::Select | Keyword::Table | Keyword::With, _) => true,
        (Keyword::Values, _) => head.peek() == Some(Kind::Punctuation(b'(')),
        (_, parentheses) => parentheses,
    }
}

#[cfg(test)]
mod tests;

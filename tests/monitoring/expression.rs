//! Which metrics and labels does an expression of PromQL use, and how?
//!
//! It reads what our dashboard and alerts are written in, and panics about what it does not know:
//! grouping stands before the aggregated part (`sum by (listener) (...)`), there are no subqueries and
//! no `on` or `without`.

use std::collections::BTreeSet;

/// One selector of a metric.
#[derive(Debug)]
pub struct Use {
    /// The name as written, `_bucket` and its like included.
    pub metric: String,
    /// Label, operator and value of each matcher.
    pub matchers: Vec<[String; 3]>,
    /// Whether a range such as `[5m]` follows.
    pub ranged: bool,
    /// The functions it stands in, the innermost last; aggregations among them.
    pub functions: Vec<String>,
    /// The labels each aggregation around it keeps, the innermost last.
    pub groups: Vec<BTreeSet<String>>,
}

/// Words that join two expressions.
const JOINS: [&str; 4] = ["and", "or", "unless", "offset"];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Number,
    Text(String),
    Symbol(char),
}

/// Every selector of an expression, in order.
pub fn uses(expression: &str) -> Vec<Use> {
    let mut reader = Reader { tokens: tokens(expression), at: 0, scopes: Vec::new(), found: Vec::new() };
    while let Some(token) = reader.next() {
        reader.take(token, expression);
    }
    assert!(reader.scopes.is_empty(), "an open parenthesis is not closed in `{expression}`");
    reader.found
}

/// What an opened parenthesis belongs to.
#[derive(Clone, Default)]
struct Scope {
    function: Option<String>,
    group: Option<BTreeSet<String>>,
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    scopes: Vec<Scope>,
    found: Vec<Use>,
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn peek(&self, symbol: char) -> bool {
        self.tokens.get(self.at) == Some(&Token::Symbol(symbol))
    }

    fn take(&mut self, token: Token, expression: &str) {
        match token {
            Token::Word(word) if JOINS.contains(&word.as_str()) => {}
            Token::Word(word) if self.peek('(') => {
                self.at += 1;
                self.scopes.push(Scope { function: Some(word), group: None });
            }
            Token::Word(word) if self.tokens.get(self.at) == Some(&Token::Word("by".to_owned())) => {
                self.at += 1;
                let group = self.list(expression);
                assert_eq!(self.next(), Some(Token::Symbol('(')), "after `by` in `{expression}`");
                self.scopes.push(Scope { function: Some(word), group: Some(group) });
            }
            Token::Word(word) => self.selector(word, expression),
            Token::Symbol('(') => self.scopes.push(Scope::default()),
            Token::Symbol(')') => {
                assert!(self.scopes.pop().is_some(), "one parenthesis too many in `{expression}`");
            }
            Token::Symbol(symbol) => {
                assert!("+-*/<>=!,%".contains(symbol), "what is `{symbol}` in `{expression}`?");
            }
            Token::Number => {}
            Token::Text(text) => panic!("what is the text `{text}` in `{expression}`?"),
        }
    }

    /// `(a, b)`
    fn list(&mut self, expression: &str) -> BTreeSet<String> {
        assert_eq!(self.next(), Some(Token::Symbol('(')), "a list of labels in `{expression}`");
        let mut labels = BTreeSet::new();
        loop {
            match self.next() {
                Some(Token::Word(label)) => labels.insert(label),
                Some(Token::Symbol(',')) => true,
                Some(Token::Symbol(')')) => return labels,
                other => panic!("{other:?} in a list of labels in `{expression}`"),
            };
        }
    }

    /// `name`, `name{...}`, `name{...}[5m]`
    fn selector(&mut self, metric: String, expression: &str) {
        let mut matchers = Vec::new();
        if self.peek('{') {
            self.at += 1;
            while !self.peek('}') {
                matchers.push(self.matcher(expression));
                if self.peek(',') {
                    self.at += 1;
                }
            }
            self.at += 1;
        }
        let ranged = self.peek('[');
        if ranged {
            while self.next() != Some(Token::Symbol(']')) {
                assert!(self.at < self.tokens.len(), "an open range in `{expression}`");
            }
        }
        let functions = self.scopes.iter().filter_map(|scope| scope.function.clone()).collect();
        let groups = self.scopes.iter().filter_map(|scope| scope.group.clone()).collect();
        self.found.push(Use { metric, matchers, ranged, functions, groups });
    }

    fn matcher(&mut self, expression: &str) -> [String; 3] {
        let Some(Token::Word(label)) = self.next() else { panic!("a label is missing in `{expression}`") };
        let mut operator = String::new();
        loop {
            match self.next() {
                Some(Token::Symbol(symbol)) if "=!~".contains(symbol) => operator.push(symbol),
                Some(Token::Text(value)) => return [label, operator, value],
                other => panic!("{other:?} after the label `{label}` in `{expression}`"),
            }
        }
    }
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |character: char| character.is_ascii_alphanumeric() || "_:.".contains(character);
        let length = match first {
            '"' => rest[1..].find('"').unwrap_or_else(|| panic!("an open text in `{expression}`")) + 2,
            // A variable of Grafana stands for a duration.
            '$' => rest[1..].find(|character| !is_word(character)).unwrap_or(rest.len() - 1) + 1,
            first if is_word(first) => rest.find(|character| !is_word(character)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        found.push(match first {
            '"' => Token::Text(token.trim_matches('"').to_owned()),
            '$' => Token::Number,
            first if first.is_ascii_digit() => Token::Number,
            first if is_word(first) => Token::Word(token.to_owned()),
            symbol => Token::Symbol(symbol),
        });
        rest = after.trim_start();
    }
    found
}

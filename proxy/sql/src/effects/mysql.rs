//! What does a statement of MySQL or MariaDB do?
//!
//! Their grammar is no library, so it is read here: from the lexer's tokens, by rules that take each token for what it means
//! and put down what it names. What no rule takes is unjudged, as is what the second look at the tokens
//! ([`check`]) finds unseen. `docs/effects.md` says what each statement counts as.

mod call;
mod change;
mod check;
mod command;
mod definition;
mod expression;
mod prepared;
mod program;
mod query;
mod reader;
mod settings;
mod show;
mod source;
mod statement;
mod tokens;
mod transaction;
mod words;

use crate::token::Lexer;
use exchange::{Class, Effects, Statement, Unjudged, Verb};
use reader::{Read, Reader};
use std::sync::Arc;
use tokens::Tokens;

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    class: Class,
    effects: Effects,
    meaning: Meaning,
}

/// What a statement means to the session's names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    Leave,
    Prepare { name: Box<str>, text: Vec<u8> },
    Execute { name: Box<str> },
    Deallocate { name: Box<str> },
    Other,
}

impl Told {
    /// Nothing can be told, for this reason.
    pub(crate) fn unjudged(why: Unjudged) -> Told {
        Told { class: Class::Unknown, effects: Effects::unjudged(why), meaning: Meaning::Other }
    }

    /// Class, effects and verb; `prepared` reads the text that a PREPARE is given.
    pub(crate) fn with_prepared(
        self,
        prepared: impl FnOnce(Vec<u8>) -> Option<Arc<Statement>>,
    ) -> (Class, Arc<Effects>, Verb) {
        let verb = match self.meaning {
            Meaning::Leave => Verb::Leave,
            Meaning::Execute { name } => Verb::Execute { name },
            Meaning::Deallocate { name } => Verb::Deallocate { name: Some(name) },
            Meaning::Other => Verb::Other,
            Meaning::Prepare { name, text } => {
                // Nothing that deals with names can be prepared.
                let inner = prepared(text).filter(|one| matches!(one.verb, Verb::Other | Verb::Leave));
                let Some(inner) = inner else {
                    let why = Unjudged::Node("PREPARE FROM a text that is no one statement");
                    return (Class::Unknown, Arc::new(Effects::unjudged(why)), Verb::Other);
                };
                let mut effects = Effects { verb: self.effects.verb, ..(*inner.effects).clone() };
                effects.marks.insert(self.effects.marks);
                let (class, inner) = (inner.class, Box::new((*inner).clone()));
                return (class, Arc::new(effects), Verb::Prepare { name, inner });
            }
        };
        (self.class, Arc::new(self.effects), verb)
    }
}

/// Reads the one statement that `lexer` stands before, up to the end of its text.
pub(crate) fn judge(lexer: Lexer<'_>) -> Told {
    let lexing = lexer.lexing();
    let judged = Tokens::read(lexer).and_then(|tokens| {
        let mut reader = Reader::new(&tokens, lexing);
        let verb = whole(&mut reader)?;
        let meaning = std::mem::replace(&mut reader.meaning, Meaning::Other);
        let (class, effects) = reader.finish(verb);
        let meaning = if class == Class::Unknown { Meaning::Other } else { meaning };
        Ok(Told { class, effects, meaning })
    });
    judged.unwrap_or_else(Told::unjudged)
}

/// The statement from its first token to its last.
fn whole(reader: &mut Reader<'_>) -> Read<&'static str> {
    let verb = reader.statement()?;
    if !reader.is_over() {
        return reader.unexpected();
    }
    if reader.queries {
        reader.checked()?;
    }
    Ok(verb)
}

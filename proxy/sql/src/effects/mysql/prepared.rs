//! What becomes of statements that stand in a text of their own?

use super::Meaning;
use super::reader::{Place, Read, Reader};
use crate::Lexing;
use crate::encoded::has_encoded_names;
use crate::token::{Kind, Lexer};
use exchange::{Class, Marks, Unjudged};

/// Longest name of a prepared statement: as much as names are compared by.
const NAME_BYTES_MAX: usize = 63;

impl<'a> Reader<'a> {
    /// PREPARE, EXECUTE, DEALLOCATE PREPARE.
    pub(super) fn prepared(&mut self, word: &str) -> Read<&'static str> {
        self.skip();
        match word {
            "prepare" => self.prepare(),
            "execute" if self.take("immediate") => self.execute_immediate(),
            "execute" => {
                let name = self.statement_name()?;
                self.meaning = Meaning::Execute { name };
                self.using()?;
                Ok(self.of(Class::Read, Marks::USES_NAME.with(Marks::RETURNS_ROWS), "execute"))
            }
            _ => {
                self.expect("prepare")?;
                let name = self.statement_name()?;
                self.meaning = Meaning::Deallocate { name };
                Ok(self.of(Class::Session, Marks::USES_NAME, "deallocate"))
            }
        }
    }

    /// The name in the form in which equal names are equal: the server compares them without case, and letters beyond
    /// ASCII by rules of its own.
    fn statement_name(&mut self) -> Read<Box<str>> {
        let (_, name) = self.any_name()?;
        if !name.is_ascii() || name.len() > NAME_BYTES_MAX {
            return Err(Unjudged::Ambiguous("the name of a prepared statement"));
        }
        Ok(name.into())
    }

    /// `PREPARE p FROM 'select 1'`: only of a literal can be told what it says.
    fn prepare(&mut self) -> Read<&'static str> {
        let name = self.statement_name()?;
        self.expect("from")?;
        let text = self.text("PREPARE FROM what is no literal")?;
        if is_changed_on_the_way(&text, self.lexing) {
            return Err(Unjudged::Ambiguous(
                "the connection's character set may lack what a literal or name in it has",
            ));
        }
        self.meaning = Meaning::Prepare { name, text };
        Ok(self.of(Class::Read, Marks::USES_NAME.with(Marks::LITERALS_DECIDE), "prepare"))
    }

    /// The one literal that stands here, up to the statement's end or USING.
    fn text(&mut self, otherwise: &'static str) -> Read<Vec<u8>> {
        let text = self.tokens.string(self.at, self.escapes());
        let introduced = self.tokens.bytes(self.at).first().is_some_and(|byte| !matches!(byte, b'\'' | b'"'));
        match text {
            Some(text)
                if !introduced && matches!(self.tokens.kind(self.at + 1), None | Some(Kind::Word(_))) =>
            {
                self.skip();
                Ok(text.into_owned())
            }
            _ => Err(Unjudged::Node(otherwise)),
        }
    }

    fn execute_immediate(&mut self) -> Read<&'static str> {
        self.text("EXECUTE IMMEDIATE of what is no literal")?;
        self.using()?;
        Ok(self.of(Class::Code, Marks::RUNS_TEXT.with(Marks::LITERALS_DECIDE), "execute immediate"))
    }

    fn using(&mut self) -> Read {
        if self.take("using") {
            self.expressions(Place::within(0))?;
        }
        Ok(())
    }
}

/// Whether the text may hide something that comes to light when the server converts it: a literal goes through
/// `character_set_connection`, and swe7 has neither a backslash nor a backtick. Each becomes `?` there, and what it
/// quoted is read.
fn is_changed_on_the_way(text: &[u8], lexing: Lexing) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'`');
    Lexer::new(text, lexing).any(|token| {
        let bytes = token.bytes(text);
        match token.kind {
            Kind::Literal => bytes.contains(&b'\\'),
            Kind::QuotedIdentifier if bytes.starts_with(b"`") => !bytes.iter().all(plain),
            _ => false,
        }
    }) || has_encoded_names(text, lexing)
}

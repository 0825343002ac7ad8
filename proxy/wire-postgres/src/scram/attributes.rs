//! What stands in a SCRAM message?
//!
//! ```text
//! a=value,b=value,…        one letter, `=`, and bytes up to the next comma (RFC 5802, section 5.1)
//! ```

use super::Mistake;

/// The attributes of one message, in order.
pub(super) struct Attributes<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Attributes<'a> {
    pub(super) fn of(message: &'a [u8]) -> Attributes<'a> {
        Attributes { rest: Some(message) }
    }

    /// The value of the next attribute, which has to be `name`.
    pub(super) fn expect(&mut self, name: u8) -> Result<&'a [u8], Mistake> {
        match self.next()? {
            Some((found, value)) if found == name => Ok(value),
            _ => Err(Mistake::Malformed),
        }
    }

    /// Reads what is left: extensions, which may be ignored. None of them may be called `known`.
    pub(super) fn ignore_rest(&mut self, known: u8) -> Result<(), Mistake> {
        while let Some((name, _)) = self.next()? {
            if name == known {
                return Err(Mistake::Malformed);
            }
        }
        Ok(())
    }

    /// The next attribute. `m` is reserved for extensions that must be understood, wherever it stands.
    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, Mistake> {
        let Some(rest) = self.rest else { return Ok(None) };
        let end = rest.iter().position(|byte| *byte == b',');
        let (attribute, behind) = match end.and_then(|end| rest.split_at_checked(end)) {
            Some((attribute, behind)) => (attribute, behind.get(1..)),
            None => (rest, None),
        };
        self.rest = behind;
        match attribute {
            [b'm', b'=', ..] => Err(Mistake::Extension),
            [name, b'=', value @ ..] if name.is_ascii_alphabetic() && !value.contains(&0) => {
                Ok(Some((*name, value)))
            }
            _ => Err(Mistake::Malformed),
        }
    }
}

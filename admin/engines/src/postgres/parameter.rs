//! How does a parameter that is a text reach a server that expects a type?
//!
//! As a text: the server reads it as it reads a literal of that type.

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

/// A parameter in the server's text format, or a missing value.
pub(super) struct TextParameter<'a>(pub(super) Option<&'a str>);

impl std::fmt::Debug for TextParameter<'_> {
    /// Without the value: the driver writes its parameters into the log.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() { "a text" } else { "NULL" })
    }
}

impl ToSql for TextParameter<'_> {
    fn to_sql(
        &self,
        _type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_type: &Type) -> bool {
        true
    }

    fn encode_format(&self, _type: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_shown() {
        let shown = format!("{:?}", [TextParameter(Some("planted")), TextParameter(None)]);
        assert_eq!(shown, "[a text, NULL]");
    }
}

//! What can a token be good for?

use crate::access::Capability;
use crate::http::caller::SCOPE_PROFILE;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The word of a capability, or `profile` for what is about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Scope(pub String);

impl Scope {
    fn words() -> impl Iterator<Item = &'static str> {
        Capability::ALL.into_iter().map(Capability::as_str).chain([SCOPE_PROFILE])
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scope, D::Error> {
        let word = String::deserialize(deserializer)?;
        if Scope::words().any(|known| known == word) {
            return Ok(Scope(word));
        }
        let known = Scope::words().collect::<Vec<_>>().join("`, `");
        Err(serde::de::Error::custom(format!("`{word}` is no scope; there are `{known}`")))
    }
}

impl PartialSchema for Scope {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Scope::words()))
            .description(Some("The word of a capability, or `profile` for what is about the person"))
            .into()
    }
}

impl ToSchema for Scope {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Scope")
    }
}

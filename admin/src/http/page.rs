//! How are long lists given in parts?

use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most items of one part.
pub const LIMIT_MAX: u32 = 200;
/// Items of one part where nothing is said.
pub const LIMIT: u32 = 50;

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// How many items, within bounds.
    pub fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(LIMIT),
            Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
            Some(_) => Err(Problem::invalid("limit", format!("must be from 1 to {LIMIT_MAX}"))),
        }
    }

    /// Where to go on.
    pub fn cursor(&self) -> Result<Option<Vec<u8>>, Problem> {
        self.cursor.as_deref().map(decode).transpose()
    }

    /// Where to go on, where a cursor is an id.
    pub fn after(&self) -> Result<Option<admin_store::Id>, Problem> {
        let Some(bytes) = self.cursor()? else { return Ok(None) };
        admin_store::Id::from_bytes(&bytes).map(Some).map_err(|_| bad_cursor())
    }
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is in it.
    pub items: Vec<T>,
    /// Where the next part begins; absent in the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A part, and the key its last item is ordered by if there is more.
    pub fn new(items: Vec<T>, next: Option<&[u8]>) -> Page<T> {
        Page { items, next: next.map(encode) }
    }

    /// A part of a list whose cursor is an id.
    pub fn by_id(items: Vec<T>, next: Option<admin_store::Id>) -> Page<T> {
        Page { items, next: next.map(|id| encode(&id.array())) }
    }
}

/// A cursor as it travels: nobody needs to know what is in it.
pub fn encode(key: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn decode(cursor: &str) -> Result<Vec<u8>, Problem> {
    if cursor.len() > 1024 {
        return Err(bad_cursor());
    }
    URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad_cursor())
}

/// The cursor is not one of ours.
pub fn bad_cursor() -> Problem {
    Problem::invalid("cursor", "is not one this server gave").with_hint("leave it out to begin at the start")
}

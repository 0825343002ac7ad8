//! How is one of a few listed things written down? As its word, the same in the state and in the API.

use crate::row::Values;
use crate::{Result, StoreError};
use sqlx::any::AnyRow;

/// An enum whose variants have words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$variant_about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Its word.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// The one with that word.
            pub fn from_word(word: &str) -> Option<$name> {
                match word {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;

/// The one whose word stands in a column.
pub(crate) fn word_in<T>(row: &AnyRow, column: &str, from_word: fn(&str) -> Option<T>) -> Result<T> {
    let word = row.text(column)?;
    from_word(&word).ok_or_else(|| StoreError::Damaged(format!("column `{column}` holds `{word}`")))
}

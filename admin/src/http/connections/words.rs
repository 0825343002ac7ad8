//! Which words are there for what a connection can be?

use admin_engines::{Kind, TlsMode, health::Condition};
use admin_store::connections::{ApplyPolicy, Environment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident = $of:ident, $case:tt { $($(#[$variant_meta:meta])* $variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
        #[serde(rename_all = $case)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
        }

        impl From<$name> for $of {
            fn from(word: $name) -> $of {
                match word { $($name::$variant => $of::$variant,)* }
            }
        }

        impl From<$of> for $name {
            fn from(value: $of) -> $name {
                match value { $($of::$variant => $name::$variant,)* }
            }
        }
    };
}

words! {
    /// A kind of database.
    KindWord = Kind, "snake_case" {
        /// PostgreSQL, and what speaks its protocol and has its catalogs.
        Postgres,
        /// MySQL and MariaDB.
        Mysql,
        /// A SQLite file in the folder that the operator has named.
        Sqlite,
        /// Microsoft SQL Server, and what speaks its protocol and has its catalogs.
        #[serde(rename = "sqlserver")]
        SqlServer,
    }
}

words! {
    /// How much depends on a database.
    EnvironmentWord = Environment, "snake_case" {
        /// Somebody's own.
        Development,
        /// For trying things together.
        Staging,
        /// What customers use: whatever talks to it needs the capability `use_production`.
        Production,
    }
}

words! {
    /// Whether changes that were proposed may be made through a connection.
    ApplyPolicyWord = ApplyPolicy, "snake_case" {
        /// Never.
        Never,
        /// In development only, by whoever proposed them.
        Development,
        /// When somebody else approved.
        AfterApproval,
    }
}

words! {
    /// Whether a connection is encrypted, and who may answer: the words of libpq's `sslmode`.
    TlsModeWord = TlsMode, "kebab-case" {
        /// In the clear.
        Disable,
        /// Encrypted where the server offers it, whoever answers.
        Prefer,
        /// Encrypted, whoever answers.
        Require,
        /// Encrypted, and an authority of `ca_pem` vouches for who answers.
        VerifyCa,
        /// The same, and the certificate names the host.
        VerifyFull,
    }
}

words! {
    /// How well a connection is.
    ConditionWord = Condition, "snake_case" {
        /// Nobody has looked yet.
        Unknown,
        /// It answers.
        Well,
        /// It does not answer, and may again by itself.
        Failing,
        /// It does not answer, and a person has to change something.
        Broken,
    }
}

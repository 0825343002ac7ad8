//! What can a condition be about?

/// A key of `when` and `unless`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    User,
    Role,
    Database,
    Application,
    Address,
    Tls,
    Certificate,
    Listener,
    Environment,
    Class,
    Verb,
    Schema,
    Table,
    Access,
    Column,
    Function,
    Setting,
    Fingerprint,
    Mark,
    Kind,
    Transaction,
    Where,
    Limit,
    RowsOver,
    EveryRow,
    Unjudged,
    Time,
}

/// How a condition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One string or a list of them.
    Words,
    /// `true` or `false`.
    Truth,
    /// A whole number.
    Number,
    /// A table of days and hours.
    Time,
}

impl Key {
    /// Each, in the order of the reference.
    pub(crate) const ALL: [Key; 27] = [
        Key::User,
        Key::Role,
        Key::Database,
        Key::Application,
        Key::Address,
        Key::Tls,
        Key::Certificate,
        Key::Listener,
        Key::Environment,
        Key::Class,
        Key::Verb,
        Key::Schema,
        Key::Table,
        Key::Access,
        Key::Column,
        Key::Function,
        Key::Setting,
        Key::Fingerprint,
        Key::Mark,
        Key::Kind,
        Key::Transaction,
        Key::Where,
        Key::Limit,
        Key::RowsOver,
        Key::EveryRow,
        Key::Unjudged,
        Key::Time,
    ];

    /// The key as it is written.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Key::User => "user",
            Key::Role => "role",
            Key::Database => "database",
            Key::Application => "application",
            Key::Address => "address",
            Key::Tls => "tls",
            Key::Certificate => "certificate",
            Key::Listener => "listener",
            Key::Environment => "environment",
            Key::Class => "class",
            Key::Verb => "verb",
            Key::Schema => "schema",
            Key::Table => "table",
            Key::Access => "access",
            Key::Column => "column",
            Key::Function => "function",
            Key::Setting => "setting",
            Key::Fingerprint => "fingerprint",
            Key::Mark => "mark",
            Key::Kind => "kind",
            Key::Transaction => "transaction",
            Key::Where => "where",
            Key::Limit => "limit",
            Key::RowsOver => "rows_over",
            Key::EveryRow => "every_row",
            Key::Unjudged => "unjudged",
            Key::Time => "time",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Key> {
        Key::ALL.into_iter().find(|key| key.word() == word)
    }

    pub(crate) fn shape(self) -> Shape {
        match self {
            Key::Where | Key::Limit | Key::EveryRow | Key::Unjudged => Shape::Truth,
            Key::RowsOver => Shape::Number,
            Key::Time => Shape::Time,
            Key::User
            | Key::Role
            | Key::Database
            | Key::Application
            | Key::Address
            | Key::Tls
            | Key::Certificate
            | Key::Listener
            | Key::Environment
            | Key::Class
            | Key::Verb
            | Key::Schema
            | Key::Table
            | Key::Access
            | Key::Column
            | Key::Function
            | Key::Setting
            | Key::Fingerprint
            | Key::Mark
            | Key::Kind
            | Key::Transaction => Shape::Words,
        }
    }

    /// Whether it is about names of what is in a database, whose case does not matter in MySQL.
    pub(crate) fn is_of_names(self) -> bool {
        matches!(self, Key::Database | Key::Schema | Key::Table | Key::Column | Key::Function | Key::Setting)
    }

    /// Whether a session decides it when it opens.
    pub(crate) fn is_of_session(self) -> bool {
        matches!(
            self,
            Key::User
                | Key::Database
                | Key::Application
                | Key::Address
                | Key::Tls
                | Key::Certificate
                | Key::Listener
                | Key::Environment
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_word() {
        for key in Key::ALL {
            assert_eq!(Key::of(key.word()), Some(key));
        }
        assert_eq!(Key::of("users"), None);
    }
}

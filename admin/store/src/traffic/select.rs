//! Which entries of pages does a question ask for?

use super::known::{Known, Numbers};
use super::usage::TableName;
use super::{Result, small};
use serde::{Deserialize, Serialize};

/// What is asked for; what is not set does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// One fingerprint, by its number.
    pub fingerprint: Option<i64>,
    /// One role.
    pub user: Option<String>,
    /// One database.
    pub database: Option<String>,
    /// One application.
    pub application: Option<String>,
    /// One class of statements.
    pub class: Option<String>,
    /// Statements that name a table.
    pub table: Option<TableName>,
    /// Statements whose text has, for each of these words, one that begins with it.
    pub words: Option<String>,
}

impl Filter {
    /// Whether everything is asked for.
    pub fn is_empty(&self) -> bool {
        !self.by_statement() && !self.by_caller()
    }

    /// Whether it asks for some statements.
    pub(crate) fn by_statement(&self) -> bool {
        self.fingerprint.is_some() || self.class.is_some() || self.table.is_some() || self.words.is_some()
    }

    /// Whether it asks for some callers.
    pub(crate) fn by_caller(&self) -> bool {
        self.user.is_some() || self.database.is_some() || self.application.is_some()
    }

    /// One fingerprint and nothing else.
    pub(crate) fn only_fingerprint(&self) -> Option<i64> {
        let rest = Filter { fingerprint: None, ..self.clone() };
        self.fingerprint.filter(|_| rest.is_empty())
    }
}

/// A filter as sets of numbers; `None` for all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Select {
    pub fingerprint: Option<u32>,
    pub fingerprints: Option<Numbers>,
    pub callers: Option<Numbers>,
}

impl Select {
    pub(crate) fn of(filter: &Filter, known: &Known) -> Result<Select> {
        let mut fingerprints: Option<Numbers> = None;
        let mut narrow = |numbers: Numbers| match &mut fingerprints {
            Some(before) => before.intersect(&numbers),
            None => fingerprints = Some(numbers),
        };
        if let Some(class) = &filter.class {
            narrow(known.with_class(class));
        }
        if let Some(table) = &filter.table {
            narrow(known.with_table(table.schema.as_deref(), &table.name));
        }
        if let Some(words) = &filter.words {
            narrow(known.with_words(words));
        }
        let callers = filter.by_caller().then(|| {
            let is =
                |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
            known.callers_with(|caller| {
                is(&filter.user, &caller.user)
                    && is(&filter.database, &caller.database)
                    && is(&filter.application, &caller.application)
            })
        });
        // A number that no fingerprint can have is asked for in vain, and 0 stands for none.
        let fingerprint = filter.fingerprint.map(|number| small(number).unwrap_or(0));
        Ok(Select { fingerprint, fingerprints, callers })
    }

    /// Whether everything is selected, also what pages only tell summed.
    pub(crate) fn is_all(&self) -> bool {
        self.fingerprint.is_none() && self.fingerprints.is_none() && self.callers.is_none()
    }

    pub(crate) fn has(&self, fingerprint: u32, caller: u32) -> bool {
        self.has_fingerprint(fingerprint) && self.callers.as_ref().is_none_or(|set| set.contains(caller))
    }

    pub(crate) fn has_fingerprint(&self, fingerprint: u32) -> bool {
        self.fingerprint.is_none_or(|wanted| wanted == fingerprint)
            && self.fingerprints.as_ref().is_none_or(|set| set.contains(fingerprint))
    }

    /// Fingerprints to look among, from and before.
    pub(crate) fn bounds(&self) -> (u32, u32) {
        self.fingerprint.map_or((0, u32::MAX), |one| (one, one.saturating_add(1)))
    }
}

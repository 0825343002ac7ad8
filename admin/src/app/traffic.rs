//! What passed through the listeners of a workspace?

use crate::fleet::listeners_of;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::listeners::Listener;
use admin_store::principals::{self, Meaning};
use admin_store::traffic::{self, Filter, Fingerprint, Range, TableName};
use admin_store::{Id, Tx, now_us};
use control::Caller;
use std::collections::{BTreeSet, HashMap};

/// The range that is looked at where nothing is said: the last hour, in microseconds.
const LAST_US: i64 = 3_600_000_000;
/// The longest range: what is kept for days is kept so long.
const RANGE_US_MAX: i64 = 400 * 86_400_000_000;

/// What every question about traffic can say.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Only of the listener with this name.
    pub listener: Option<String>,
    /// Only of this database role.
    pub user: Option<String>,
    /// Only in this database.
    pub database: Option<String>,
    /// Only of this application.
    pub application: Option<String>,
    /// Only of this fingerprint.
    pub fingerprint: Option<String>,
    /// Only of this class.
    pub class: Option<String>,
    /// Only statements that name this table.
    pub table: Option<String>,
    /// Only statements with these words.
    pub words: Option<String>,
}

/// A question, understood.
#[derive(Debug)]
pub struct Scope {
    /// What is read is of one moment.
    pub tx: Tx,
    /// The listeners it is about.
    pub listeners: Vec<Listener>,
    /// When.
    pub range: Range,
    /// Which statements; `None` where none can be: a fingerprint nobody has seen.
    pub filter: Option<Filter>,
    workspace: Id,
    principals: HashMap<(i64, String, String), Option<Meaning>>,
}

impl Scope {
    /// The listeners' numbers.
    pub fn numbers(&self) -> Vec<i64> {
        self.listeners.iter().map(|listener| listener.id).collect()
    }

    /// The name of a listener.
    pub fn name(&self, number: i64) -> String {
        let found = self.listeners.iter().find(|listener| listener.id == number);
        found.map(|listener| listener.name.clone()).unwrap_or_default()
    }

    /// Who a caller at a listener is, where the workspace has linked its name; each is looked up once.
    pub async fn principal(&mut self, listener: i64, caller: &Caller) -> Result<Option<Meaning>, Problem> {
        let key = (listener, caller.user.clone(), caller.application.clone());
        if let Some(known) = self.principals.get(&key) {
            return Ok(known.clone());
        }
        let name = self.name(listener);
        let (user, application) = (&caller.user, &caller.application);
        let found = principals::resolve(&mut self.tx, self.workspace, &name, user, application).await?;
        let meaning = found.map(|principal| principal.meaning);
        self.principals.insert(key, meaning.clone());
        Ok(meaning)
    }

    /// The statements of some numbers that were seen behind these listeners, all read at once.
    pub async fn statements(
        &mut self,
        numbers: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Fingerprint>, Problem> {
        let numbers: BTreeSet<i64> = numbers.into_iter().collect();
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let listeners = self.numbers();
        let found = traffic::of_numbers(&mut self.tx, &listeners, &numbers).await?;
        let seen = found.into_iter().filter(|found| !found.listeners.is_empty());
        Ok(seen.map(|found| (found.id, found)).collect())
    }
}

/// Begins to answer a question.
pub async fn scope(operation: &Operation, asked: Asked) -> Result<Scope, Problem> {
    let range = range(asked.from, asked.until)?;
    let mut tx = operation.read().await?;
    let workspace = &operation.entered()?.workspace;
    let mut listeners = listeners_of(&mut tx, workspace).await?;
    if let Some(name) = &asked.listener {
        listeners.retain(|listener| listener.name == *name);
        if listeners.is_empty() {
            return Err(Problem::not_found("listener"));
        }
    }
    let mut filter = Filter {
        fingerprint: None,
        user: asked.user,
        database: asked.database,
        application: asked.application,
        class: asked.class,
        table: asked.table.as_deref().map(table),
        words: asked.words,
    };
    let filter = match &asked.fingerprint {
        None => Some(filter),
        Some(text) => traffic::of_text(&mut tx, text).await?.map(|number| {
            filter.fingerprint = Some(number);
            filter
        }),
    };
    let (workspace, principals) = (workspace.id, HashMap::new());
    Ok(Scope { tx, listeners, range, filter, workspace, principals })
}

/// A table as people write it, with or without its schema.
pub fn table(text: &str) -> TableName {
    match text.split_once('.') {
        Some((schema, name)) => TableName { schema: Some(schema.to_owned()), name: name.to_owned() },
        None => TableName { schema: None, name: text.to_owned() },
    }
}

/// The range that is meant: an hour until now where nothing is said.
pub fn range(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<Range, Problem> {
    let until = until.map_or_else(now_us, |until| until.0);
    let from = from.map_or(until - LAST_US, |from| from.0);
    if from >= until {
        return Err(Problem::invalid("from", "must be before `until`, which is now where nothing is said"));
    }
    if until - from > RANGE_US_MAX {
        return Err(Problem::invalid("from", "must be at most 400 days before `until`"));
    }
    Ok(Range { from, until })
}

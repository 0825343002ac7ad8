//! Which queries do people keep and share, and how is one run again?

use super::runs::{self, RunDraft, Running};
use super::workspaces::check_description;
use crate::access::Capability;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_engines::run::{PARAMETERS_MAX, STATEMENT_BYTES_MAX};
use admin_store::queries::{self, QueryContent, QueryFilter, QueryVersion, SavedQuery, Visibility};
use admin_store::{Id, Page, Tx, favourites, now_us};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// Most tags of one query.
pub const TAGS_MAX: usize = 20;
/// Longest tag and longest name of a parameter, in characters.
pub const NAME_MAX: usize = 50;
/// Longest value of a parameter, in characters.
pub const VALUE_MAX: usize = 10_000;
/// Longest description of a chart, in characters.
pub const CHART_MAX: usize = 1_000;
/// Tags that are listed.
const TAGS_LISTED: i64 = 500;

/// What the value of a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// Any text.
    Text,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `2026-11-21`.
    Date,
    /// `2026-11-21T10:35:00`, with or without a zone.
    Timestamp,
    /// A UUID.
    Uuid,
    /// A JSON text.
    Json,
}

/// A parameter of a saved query. The first is `$1` (PostgreSQL) or the first `?`, and so on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Unique in the query.
    #[schema(min_length = 1, max_length = 50, example = "customer")]
    pub name: String,
    /// What its value is.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Its value where nothing is said; without one it has to be given.
    #[schema(max_length = 10000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What it is about.
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Parameter {
    /// Checks a value, as it is sent to the database.
    fn check(&self, value: &str) -> Result<(), Problem> {
        let fits = match self.kind {
            ParameterType::Text => true,
            ParameterType::Integer => value.parse::<i128>().is_ok(),
            ParameterType::Number => value.parse::<f64>().is_ok(),
            ParameterType::Boolean => matches!(value, "true" | "false"),
            ParameterType::Date => is_time(value, false),
            ParameterType::Timestamp => is_time(value, true),
            ParameterType::Uuid => uuid::Uuid::try_parse(value).is_ok(),
            ParameterType::Json => serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok(),
        };
        if fits && value.chars().count() <= VALUE_MAX {
            return Ok(());
        }
        let word = serde_json::to_value(self.kind).unwrap_or_default();
        let word = word.as_str().unwrap_or_default().to_owned();
        Err(Problem::invalid(&format!("parameters.{}", self.name), format!("is no value of type {word}")))
    }
}

/// Whether a text looks like a date, or like a date and a time of day.
fn is_time(value: &str, with_time: bool) -> bool {
    let (date, time) = match value.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (value, None),
    };
    let midnight = format!("{date}T00:00:00Z").parse::<crate::http::timestamp::Timestamp>();
    let has_time = time.is_some_and(|time| {
        let zoned = format!("{date}T{time}").parse::<crate::http::timestamp::Timestamp>().is_ok();
        zoned || format!("{date}T{time}Z").parse::<crate::http::timestamp::Timestamp>().is_ok()
    });
    midnight.is_ok() && if with_time { time.is_none() || has_time } else { time.is_none() }
}

/// A query to be kept, or as it shall be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The connection it is meant for.
    pub connection: Option<Id>,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The statement.
    pub sql: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// How its result is drawn; empty for no chart.
    pub chart: String,
    /// What it is found by.
    pub tags: Vec<String>,
    /// Who sees it.
    pub visibility: Visibility,
}

impl Draft {
    fn check(&self) -> Result<(), Problem> {
        let is_line = |text: &str, max: usize| {
            let text = text.trim();
            !text.is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
        };
        if !is_line(&self.title, TITLE_MAX) {
            let said = format!("must have from 1 to {TITLE_MAX} characters, in one line");
            return Err(Problem::invalid("title", said));
        }
        check_description(&self.description)?;
        if self.sql.len() > STATEMENT_BYTES_MAX {
            return Err(Problem::invalid("sql", format!("may have {STATEMENT_BYTES_MAX} bytes")));
        }
        if self.tags.len() > TAGS_MAX || !self.tags.iter().all(|tag| is_line(tag, NAME_MAX)) {
            let said = format!("may be {TAGS_MAX}, each of 1 to {NAME_MAX} characters in one line");
            return Err(Problem::invalid("tags", said));
        }
        if self.chart.chars().count() > CHART_MAX || self.chart.chars().any(char::is_control) {
            return Err(Problem::invalid("chart", format!("may have {CHART_MAX} characters, in one line")));
        }
        if self.parameters.len() > PARAMETERS_MAX {
            return Err(Problem::invalid("parameters", format!("may be {PARAMETERS_MAX}")));
        }
        let mut names = std::collections::HashSet::new();
        for parameter in &self.parameters {
            if !is_line(&parameter.name, NAME_MAX) || !names.insert(&parameter.name) {
                let said = format!("`name` must be unique and have from 1 to {NAME_MAX} characters");
                return Err(Problem::invalid("parameters", said));
            }
            check_description(parameter.description.as_deref().unwrap_or_default())?;
            if let Some(default) = &parameter.default {
                parameter.check(default)?;
            }
        }
        Ok(())
    }

    fn content(&self) -> QueryContent {
        QueryContent {
            connection: self.connection,
            title: self.title.trim().to_owned(),
            description: self.description.clone(),
            text: self.sql.clone(),
            parameters: json!(self.parameters),
            chart: self.chart.clone(),
            tags: self.tags.iter().map(|tag| tag.trim().to_owned()).collect(),
            visibility: self.visibility,
        }
    }
}

fn target(query: &SavedQuery) -> Target {
    Target::new("query", query.id, query.content.title.clone())
}

/// Keeps a query.
pub async fn create(operation: &Operation, draft: Draft) -> Result<SavedQuery, Problem> {
    draft.check()?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let query = queries::create(&mut change.tx, workspace, &draft.content(), by).await?;
    change.commit(target(&query), json!({ "visibility": query.content.visibility.word() })).await?;
    Ok(query)
}

/// One's own queries and those shared in the workspace, latest first.
pub async fn list(
    operation: &Operation,
    filter: &QueryFilter,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<SavedQuery>, Problem> {
    let (workspace, reader) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let page = queries::list(&mut tx, workspace, reader, filter, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<SavedQuery, Problem> {
    let mut tx = operation.read().await?;
    let query = find(&mut tx, operation, id).await?;
    tx.commit().await?;
    Ok(query)
}

async fn find(tx: &mut Tx, operation: &Operation, id: Id) -> Result<SavedQuery, Problem> {
    let (workspace, reader) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    Ok(queries::get(tx, workspace, id, reader).await?)
}

/// Edits the one that still has `version`. Who sees a shared query may; who sees it in future is its owner's to say.
pub async fn change(
    operation: &Operation,
    id: Id,
    version: i64,
    draft: Draft,
) -> Result<SavedQuery, Problem> {
    draft.check()?;
    change_to(operation, id, version, json!({}), |_| Ok(draft.content())).await
}

async fn change_to(
    operation: &Operation,
    id: Id,
    version: i64,
    details: serde_json::Value,
    content: impl FnOnce(&SavedQuery) -> Result<QueryContent, Problem>,
) -> Result<SavedQuery, Problem> {
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let before = find(&mut change.tx, operation, id).await?;
    let content = content(&before)?;
    if content.visibility != before.content.visibility && before.owner != by {
        return Err(Problem::new(Code::Forbidden, "only its owner decides who sees a query")
            .with_hint("leave `visibility` as it is, or keep a copy of your own"));
    }
    let query = queries::update(&mut change.tx, workspace, id, version, &content, by).await?;
    change.commit(target(&query), details).await?;
    Ok(query)
}

/// Forgets a query with its versions: one's own, or a shared one by who manages the workspace.
pub async fn remove(operation: &Operation, id: Id, version: Option<i64>) -> Result<(), Problem> {
    let entered = operation.entered()?;
    let by = operation.person()?.user.id;
    let mut change = operation.begin().await?;
    let query = find(&mut change.tx, operation, id).await?;
    if query.owner != by {
        entered.require(Capability::ManageWorkspace)?;
    }
    let version = version.unwrap_or(query.version);
    queries::delete(&mut change.tx, entered.workspace.id, id, version, by).await?;
    change.commit(target(&query), json!({})).await
}

/// What a query said, latest first.
pub async fn versions(
    operation: &Operation,
    id: Id,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<QueryVersion, i64>, Problem> {
    let mut tx = operation.read().await?;
    find(&mut tx, operation, id).await?;
    let page = queries::versions(&mut tx, id, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of its versions.
pub async fn version(operation: &Operation, id: Id, number: i64) -> Result<QueryVersion, Problem> {
    let before = number.checked_add(1);
    let page = versions(operation, id, before, 1).await?;
    let found = page.items.into_iter().find(|version| version.number == number);
    found.ok_or_else(|| Problem::not_found("version"))
}

/// Makes a query say again what it said in one of its versions. That is a new version.
pub async fn restore(
    operation: &Operation,
    id: Id,
    number: i64,
    version: i64,
) -> Result<SavedQuery, Problem> {
    let old = self::version(operation, id, number).await?;
    change_to(operation, id, version, json!({ "restored": number }), |before| {
        Ok(QueryContent {
            title: old.title,
            description: old.description,
            text: old.text,
            parameters: old.parameters,
            chart: old.chart,
            ..before.content.clone()
        })
    })
    .await
}

/// The tags of the queries somebody sees, each with how many have it.
pub async fn tags(operation: &Operation) -> Result<Vec<(String, i64)>, Problem> {
    let (workspace, reader) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let tags = queries::tags(&mut tx, workspace, reader, TAGS_LISTED).await?;
    tx.commit().await?;
    Ok(tags)
}

/// How a saved query is to be run.
#[derive(Clone, Debug, Default)]
pub struct RunByName {
    /// On which connection, where it is not the query's own.
    pub connection: Option<Id>,
    /// Values by the names of its parameters; `None` for a missing value.
    pub parameters: BTreeMap<String, Option<String>>,
    /// Most rows.
    pub rows_max: Option<u64>,
    /// Most bytes.
    pub bytes_max: Option<u64>,
    /// Most seconds.
    pub timeout_seconds: Option<u32>,
}

/// Runs a saved query. It counts as opened.
pub async fn run(operation: &Operation, id: Id, asked: RunByName) -> Result<Running, Problem> {
    let query = show(operation, id).await?;
    let parameters = parameters_of(&query.content.parameters)?;
    let values = values(&parameters, &asked.parameters)?;
    let connection = asked.connection.or(query.content.connection).ok_or_else(|| {
        Problem::invalid("connection", "is needed: the query is meant for no connection in particular")
    })?;
    let (workspace, user) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let opened = favourites::Target { kind: "query".to_owned(), target: id.to_string() };
    let mut tx = operation.app.store.write().await?;
    favourites::opened(&mut tx, user, workspace, &opened, now_us()).await?;
    tx.commit().await?;
    let draft = RunDraft {
        connection,
        sql: query.content.text,
        parameters: values,
        rows_max: asked.rows_max,
        bytes_max: asked.bytes_max,
        timeout_seconds: asked.timeout_seconds,
        saved_query: Some(id),
    };
    runs::run(operation, draft).await
}

/// The parameters as they are kept.
pub fn parameters_of(kept: &serde_json::Value) -> Result<Vec<Parameter>, Problem> {
    Vec::<Parameter>::deserialize(kept).map_err(|error| {
        Problem::new(Code::Internal, "the parameters of a saved query cannot be read").with_cause(error)
    })
}

/// The values in the order of the parameters.
fn values(
    parameters: &[Parameter],
    given: &BTreeMap<String, Option<String>>,
) -> Result<Vec<Option<String>>, Problem> {
    if let Some(name) = given.keys().find(|name| !parameters.iter().any(|one| one.name == **name)) {
        return Err(Problem::invalid(&format!("parameters.{name}"), "is no parameter of this query"));
    }
    let value = |parameter: &Parameter| match (given.get(&parameter.name), &parameter.default) {
        (Some(Some(value)), _) => parameter.check(value).map(|()| Some(value.clone())),
        (Some(None), _) => Ok(None),
        (None, Some(default)) => Ok(Some(default.clone())),
        (None, None) => {
            Err(Problem::invalid(&format!("parameters.{}", parameter.name), "has no default: give a value"))
        }
    };
    parameters.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parameter(kind: ParameterType, default: Option<&str>) -> Parameter {
        let default = default.map(ToOwned::to_owned);
        Parameter { name: "p".to_owned(), kind, default, description: None }
    }

    #[test]
    fn values_fit_their_types_or_are_refused() {
        use ParameterType::{Boolean, Date, Integer, Json, Number, Text, Timestamp, Uuid};
        for (kind, good, bad) in [
            (Text, "anything", None),
            (Integer, "-12", Some("1.5")),
            (Number, "1e3", Some("many")),
            (Boolean, "true", Some("yes")),
            (Date, "2026-11-21", Some("2026-02-30")),
            (Date, "2026-11-21", Some("2026-11-21T10:00:00")),
            (Timestamp, "2026-11-21 10:35:00", Some("2026-11-21T25:00:00")),
            (Timestamp, "2026-11-21T10:35:00.5+02:00", Some("now")),
            (Uuid, "01990000-0000-7000-8000-000000000000", Some("0199")),
            (Json, "{\"a\":[1]}", Some("{a:1}")),
        ] {
            let parameter = parameter(kind, None);
            assert!(parameter.check(good).is_ok(), "{kind:?} {good}");
            if let Some(bad) = bad {
                assert!(parameter.check(bad).is_err(), "{kind:?} {bad}");
            }
        }
    }

    #[test]
    fn values_come_in_the_order_of_the_parameters() {
        let mut second = parameter(ParameterType::Integer, Some("7"));
        second.name = "q".to_owned();
        let both = [parameter(ParameterType::Text, None), second];
        let given = |pairs: &[(&str, Option<&str>)]| {
            let owned =
                |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(ToOwned::to_owned));
            values(&both, &pairs.iter().map(owned).collect())
        };
        assert_eq!(given(&[("p", Some("a"))]).unwrap(), [Some("a".to_owned()), Some("7".to_owned())]);
        assert_eq!(given(&[("q", None), ("p", Some("a"))]).unwrap(), [Some("a".to_owned()), None]);
        for wrong in [&[][..], &[("p", Some("a")), ("r", None)], &[("p", Some("a")), ("q", Some("x"))]] {
            assert_eq!(given(wrong).unwrap_err().code(), Code::Invalid, "{wrong:?}");
        }
    }
}

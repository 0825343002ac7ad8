//! Which pictures of a schema do people keep and share?

use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::connections;
use admin_store::viewpoints::{self, Viewpoint, ViewpointContent};
use admin_store::{Id, Page};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Longest name, in characters.
pub const NAME_MAX: usize = 100;
/// Tables of one viewpoint, and tables it hides: more than anybody reads in one picture.
pub const TABLES_MAX: usize = 400;
/// Longest key of a table. Names of databases are far shorter.
pub const KEY_MAX: usize = 1_024;
/// Viewpoints of one connection.
pub const VIEWPOINTS_MAX: i64 = 200;
/// How far from the middle something may stand, in pixels.
pub const PLACE_MAX: i32 = 1_000_000;
/// The nearest and the farthest one can stand, in percent.
pub const ZOOM: std::ops::RangeInclusive<u16> = 1..=1_000;

/// How much of a table is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableDetail {
    /// Its name and its columns.
    #[default]
    Columns,
    /// Its name and the columns of keys and joins.
    Keys,
    /// Its name.
    Names,
}

/// A table and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacedTable {
    /// The table's `key` in a list.
    #[schema(min_length = 1, max_length = 1024)]
    pub key: String,
    /// Its left edge, in pixels.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub x: i32,
    /// Its upper edge, in pixels.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub y: i32,
}

/// Where one stands and how near.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Outlook {
    /// What is in the middle, in pixels.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub x: i32,
    /// The same downwards.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub y: i32,
    /// How large everything is, in percent.
    #[schema(minimum = 1, maximum = 1000)]
    pub zoom: u16,
}

/// What a viewpoint shows. Tables that the schema has no longer are left out when it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Which tables, and where.
    #[schema(max_items = 400)]
    pub tables: Vec<PlacedTable>,
    /// Tables that were taken out, by their `key`: they do not come back with their neighbours.
    #[serde(default)]
    #[schema(max_items = 400)]
    pub hidden: Vec<String>,
    /// How much of each is drawn.
    #[serde(default)]
    pub detail: TableDetail,
    /// Where one stands; where nothing is said, so that all of it is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Outlook>,
}

/// A viewpoint as it shall be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it is called.
    pub name: String,
    /// What it shows.
    pub picture: Picture,
}

impl Draft {
    fn content(self) -> Result<ViewpointContent, Problem> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            let said = format!("must have from 1 to {NAME_MAX} characters, in one line");
            return Err(Problem::invalid("name", said));
        }
        self.picture.check()?;
        Ok(ViewpointContent {
            name: name.to_owned(),
            table_count: i64::try_from(self.picture.tables.len()).unwrap_or(i64::MAX),
            picture: json!(self.picture),
        })
    }
}

impl Picture {
    fn check(&self) -> Result<(), Problem> {
        let is_key = |key: &String| key.len() <= KEY_MAX;
        let is_place = |x: i32, y: i32| [x, y].iter().all(|one| (-PLACE_MAX..=PLACE_MAX).contains(one));
        if self.tables.len() > TABLES_MAX || !self.tables.iter().all(|table| is_key(&table.key)) {
            let said = format!("may be {TABLES_MAX}, each with a key of at most {KEY_MAX} bytes");
            return Err(Problem::invalid("picture.tables", said));
        }
        if self.hidden.len() > TABLES_MAX || !self.hidden.iter().all(is_key) {
            let said = format!("may be {TABLES_MAX}, each a key of at most {KEY_MAX} bytes");
            return Err(Problem::invalid("picture.hidden", said));
        }
        if !self.tables.iter().all(|table| is_place(table.x, table.y)) {
            let said = format!("must stand within {PLACE_MAX} pixels of the middle");
            return Err(Problem::invalid("picture.tables", said));
        }
        match &self.outlook {
            Some(outlook) if !ZOOM.contains(&outlook.zoom) || !is_place(outlook.x, outlook.y) => {
                let said = format!(
                    "`zoom` must be from {} to {}, and the middle within {PLACE_MAX} pixels",
                    ZOOM.start(),
                    ZOOM.end()
                );
                Err(Problem::invalid("picture.outlook", said))
            }
            _ => Ok(()),
        }
    }
}

fn target(viewpoint: &Viewpoint) -> Target {
    Target::new("viewpoint", viewpoint.id, viewpoint.name.clone())
}

/// Keeps a picture of the schema behind a connection.
pub async fn create(operation: &Operation, connection: Id, draft: Draft) -> Result<Viewpoint, Problem> {
    let content = draft.content()?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    // First whose it is: how many another workspace's has is nobody's to know.
    connections::get(&mut change.tx, workspace, connection).await?;
    if viewpoints::count(&mut change.tx, connection).await? >= VIEWPOINTS_MAX {
        return Err(Problem::new(
            Code::Conflict,
            format!("a connection has {VIEWPOINTS_MAX} viewpoints at most"),
        )
        .with_hint("delete one that nobody opens any more"));
    }
    let made = viewpoints::create(&mut change.tx, workspace, connection, &content, by).await?;
    change.commit(target(&made), json!({ "connection": connection })).await?;
    Ok(made)
}

/// Those of the workspace, or of one connection, latest first.
pub async fn list(
    operation: &Operation,
    connection: Option<Id>,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Viewpoint>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = viewpoints::list(&mut tx, workspace, connection, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them with its picture.
pub async fn show(operation: &Operation, id: Id) -> Result<(Viewpoint, Picture), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let (viewpoint, picture) = viewpoints::get(&mut tx, workspace, id).await?;
    tx.commit().await?;
    Ok((viewpoint, read(picture)?))
}

fn read(picture: serde_json::Value) -> Result<Picture, Problem> {
    serde_json::from_value(picture).map_err(|error| {
        Problem::new(Code::Internal, "the picture of a viewpoint cannot be read").with_cause(error)
    })
}

/// Changes the one that still has `version`.
pub async fn change(
    operation: &Operation,
    id: Id,
    version: i64,
    draft: Draft,
) -> Result<(Viewpoint, Picture), Problem> {
    let picture = draft.picture.clone();
    let content = draft.content()?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let changed = viewpoints::update(&mut change.tx, workspace, id, version, &content, by).await?;
    change.commit(target(&changed), json!({})).await?;
    Ok((changed, picture))
}

/// Forgets one: that version, where one is named.
pub async fn remove(operation: &Operation, id: Id, version: Option<i64>) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let (found, _) = viewpoints::get(&mut change.tx, workspace, id).await?;
    viewpoints::delete(&mut change.tx, workspace, id, version.unwrap_or(found.version)).await?;
    change.commit(target(&found), json!({})).await
}

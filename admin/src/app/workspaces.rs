//! What is a workspace, and how does one come to be?

use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::members::{self, Role};
use admin_store::users::User;
use admin_store::workspaces::{self, Edit, Kind, Slug, Workspace};
use admin_store::{StoreError, Tx};
use serde_json::json;

/// The workspace of listeners whose settings name no other.
pub const DEFAULT: &str = "default";

/// Makes a shared workspace; who makes it owns it.
pub async fn create(operation: &Operation, slug: &str, name: &str) -> Result<Workspace, Problem> {
    let slug = parse_slug(slug)?;
    super::people::check_name(name)?;
    let person = operation.person()?;
    if slug.as_str() == DEFAULT && !person.user.is_instance_admin {
        return Err(Problem::new(Code::Forbidden, "`default` is the workspace of the gateway's listeners")
            .with_hint("choose another slug"));
    }
    // Listeners belong to workspaces that an admin of the instance made, whoever else takes their name.
    let kind = if person.user.is_instance_admin { Kind::Gateway } else { Kind::Shared };
    let mut change = operation.begin().await?;
    let made = workspaces::create(&mut change.tx, &slug, name.trim(), kind, None).await?;
    members::add(&mut change.tx, made.id, person.user.id, Role::Owner, &[]).await?;
    change.set_workspace(made.id);
    change.commit(Target::new("workspace", made.id, made.name.clone()), json!({ "slug": made.slug })).await?;
    Ok(made)
}

/// Longest description of anything people describe in a few lines.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 2_000;

/// Whether something can be a description.
pub fn check_description(description: &str) -> Result<(), Problem> {
    if description.chars().count() <= DESCRIPTION_CHARACTERS_MAX {
        return Ok(());
    }
    Err(Problem::invalid("description", format!("must have at most {DESCRIPTION_CHARACTERS_MAX} characters")))
}

/// Changes name and description of the workspace that still has `version`.
pub async fn change(
    operation: &Operation,
    version: i64,
    name: Option<String>,
    description: Option<String>,
) -> Result<Workspace, Problem> {
    let workspace = &operation.entered()?.workspace;
    if name.is_none() && description.is_none() {
        return Err(Problem::invalid("name", "is missing: there is nothing to change"));
    }
    name.as_deref().map(super::people::check_name).transpose()?;
    description.as_deref().map(check_description).transpose()?;
    let mut change = operation.begin().await?;
    let now = workspaces::by_id(&mut change.tx, workspace.id).await?;
    let edit = Edit {
        slug: parse_slug(&now.slug)?,
        name: name.map_or(now.name, |name| name.trim().to_owned()),
        description: description.unwrap_or(now.description),
        settings: now.settings,
    };
    workspaces::edit(&mut change.tx, workspace.id, version, &edit).await?;
    let edited = workspaces::by_id(&mut change.tx, workspace.id).await?;
    change.commit(Target::new("workspace", edited.id, edited.name.clone()), json!({})).await?;
    Ok(edited)
}

/// Deletes the workspace with everything in it, if `confirmation` is its name.
pub async fn remove(operation: &Operation, confirmation: &str) -> Result<(), Problem> {
    let id = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let workspace = workspaces::by_id(&mut change.tx, id).await?;
    if confirmation != workspace.name {
        return Err(Problem::new(Code::Conflict, "`confirm` is not the name of the workspace")
            .with_hint("everything in it is deleted for good: repeat its name to say that you mean it"));
    }
    if workspace.kind == Kind::Personal {
        return Err(Problem::new(Code::Conflict, "a personal workspace goes with its person only")
            .with_hint("erase the account to delete it"));
    }
    if workspace.slug == DEFAULT {
        return Err(Problem::new(Code::Conflict, "`default` is the workspace of the gateway's listeners"));
    }
    workspaces::remove(&mut change.tx, id).await?;
    let details = json!({ "slug": workspace.slug });
    change.commit(Target::new("workspace", id, workspace.name), details).await
}

/// Whether something can be a slug.
pub fn parse_slug(slug: &str) -> Result<Slug, Problem> {
    Slug::parse(slug).ok_or_else(|| {
        Problem::invalid(
            "slug",
            "must be from 1 to 63 of the characters a-z, 0-9 and `-`, and begin with a letter or digit",
        )
    })
}

/// The person's own workspace: named after them, with a number behind it where the name is taken.
pub(crate) async fn create_personal(tx: &mut Tx, user: &User) -> Result<Workspace, Problem> {
    let local = user.email.split('@').next().unwrap_or_default().to_lowercase();
    let mut base: String =
        local.chars().filter(|one| one.is_ascii_lowercase() || one.is_ascii_digit()).take(40).collect();
    if base.is_empty() || base == DEFAULT {
        base = "own".to_owned();
    }
    let id = user.id.to_string();
    let unique = format!("{base}-{}", id.rsplit('-').next().unwrap_or_default());
    for slug in [base, unique] {
        let slug = parse_slug(&slug)?;
        match workspaces::create(tx, &slug, &user.name, Kind::Personal, Some(user.id)).await {
            Ok(made) => {
                members::add(tx, made.id, user.id, Role::Owner, &[]).await?;
                return Ok(made);
            }
            Err(StoreError::Duplicate(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::new(Code::Conflict, "no name was free for the personal workspace").with_hint("try again"))
}

/// The workspace of listeners that name no other, owned by `user`.
pub(crate) async fn create_default(tx: &mut Tx, user: &User) -> Result<(), Problem> {
    let slug = parse_slug(DEFAULT)?;
    let made = match workspaces::create(tx, &slug, "Default", Kind::Gateway, None).await {
        Ok(made) => made,
        // A data plane was heard of before anybody came.
        Err(StoreError::Duplicate(_)) => workspaces::by_slug(tx, DEFAULT).await?,
        Err(error) => return Err(error.into()),
    };
    members::add(tx, made.id, user.id, Role::Owner, &[]).await?;
    Ok(())
}

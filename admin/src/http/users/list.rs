//! `GET /api/v1/users`: the people of the instance.

use super::show::AccountView;
use crate::app::users;
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which people, and which part of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
    /// Those whose e-mail begins with this, in whatever case of letters.
    #[param(max_length = 254)]
    pub email: Option<String>,
}

/// Lists the people of the instance by e-mail.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "list_users", tag = "users", params(UsersQuery),
    responses((status = 200, description = "People", body = Page<AccountView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<UsersQuery>,
) -> Result<Json<Page<AccountView>>, Problem> {
    let part = PageQuery { limit: query.limit, cursor: query.cursor };
    let prefix = query.email.unwrap_or_default();
    if prefix.chars().count() > 254 {
        return Err(Problem::invalid("email", "must have at most 254 characters"));
    }
    let page = users::list(&operation, &prefix, part.cursor()?.as_deref(), part.limit()?).await?;
    let items = page.items.into_iter().map(AccountView::of).collect();
    Ok(Json(Page::new(items, page.next.as_deref())))
}

//! `GET /api/v1/session`: who is signed in.

use crate::http::caller::csrf;
use crate::http::cookies;
use crate::operation::{Operation, Via};
use crate::problem::Problem;
use admin_store::users::User;
use axum::Json;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Who.
    pub person: PersonView,
    /// What changes with the session's cookie must bring along in `X-CSRF-Token`; absent for a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// What a token may be used for; absent for a session, which may all that its person may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// A person, as they see themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// Which.
    #[schema(format = Uuid)]
    pub id: String,
    /// Where mail reaches them.
    pub email: String,
    /// Whether they showed that it does.
    pub email_verified: bool,
    /// What others see.
    pub name: String,
    /// Whether they are an admin of the instance.
    pub is_instance_admin: bool,
}

impl SessionView {
    /// As it is shown.
    pub(crate) fn of(user: &User, csrf_token: Option<String>, scopes: Option<Vec<String>>) -> SessionView {
        SessionView {
            person: PersonView {
                id: user.id.to_string(),
                email: user.email.clone(),
                email_verified: user.is_email_verified,
                name: user.name.clone(),
                is_instance_admin: user.is_instance_admin,
            },
            csrf_token,
            scopes,
        }
    }
}

/// Says who is signed in.
#[utoipa::path(get, path = "/api/v1/session", operation_id = "show_session", tag = "session",
    responses((status = 200, description = "Who is signed in", body = SessionView)))]
pub async fn handle(operation: Operation, headers: HeaderMap) -> Result<Json<SessionView>, Problem> {
    let person = operation.person()?;
    let view = match &person.via {
        Via::Session { .. } => {
            let name = cookies::session_name(operation.app.settings.is_secure());
            SessionView::of(&person.user, cookies::read(&headers, name).map(csrf), None)
        }
        Via::Token { scopes, is_for_person, .. } => {
            let profile = is_for_person.then(|| crate::http::caller::SCOPE_PROFILE.to_owned());
            let scopes = scopes.iter().map(|scope| scope.as_str().to_owned()).chain(profile).collect();
            SessionView::of(&person.user, None, Some(scopes))
        }
    };
    Ok(Json(view))
}

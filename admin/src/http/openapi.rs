//! Which endpoints are there? Each is registered once: its route and its description together.

use super::authorize::{self, Actions};
use super::{
    access_review, activity, caller, idempotency, instance, invitations, layers, ledger, link, listeners,
    live, live_sessions, machines, members, mode_changes, packs, password_reset, planes, principals, profile,
    publications, registration, roles, rule_sets, session, sessions, sign_in, teams, tokens, traffic, users,
    workspaces,
};
use crate::access::{Action, Needs};
use crate::plane::App;
use crate::problem::ProblemDocument;
use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Dragoman",
        description = "The control plane of Dragoman: people and workspaces, connections, schemas, traffic, queries, rule sets.\n\nErrors are `application/problem+json` (RFC 9457) with a `code` that stays the same over versions. Lists are given in parts: `next` of one is `cursor` of the following. A change of something that has an `ETag` needs `If-Match`. A POST with `Idempotency-Key` that is sent twice is done once.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemDocument))
)]
struct Description;

/// All endpoints, with their descriptions.
fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(instance::endpoints())
        .merge(link::endpoints())
        .merge(ledger::endpoints())
        .merge(live::endpoints())
        .merge(live_sessions::endpoints())
        .merge(listeners::endpoints())
        .merge(mode_changes::endpoints())
        .merge(super::notifications::endpoints())
        .merge(packs::endpoints())
        .merge(super::plane_restarts::endpoints())
        .merge(planes::endpoints())
        .merge(publications::endpoints())
        .merge(rule_sets::endpoints())
        .merge(registration::endpoints())
        .merge(super::connections::endpoints())
        .merge(super::schema::endpoints())
        .merge(super::favourites::endpoints())
        .merge(super::queries::endpoints())
        .merge(super::runs::endpoints())
        .merge(session::endpoints())
        .merge(traffic::endpoints())
        .merge(activity::endpoints())
        .merge(machines::endpoints())
        .merge(members::endpoints())
        .merge(principals::endpoints())
        .merge(sessions::endpoints())
        .merge(roles::endpoints())
        .merge(access_review::endpoints())
        .merge(teams::endpoints())
        .merge(tokens::endpoints())
        .merge(users::endpoints())
        .merge(super::viewpoints::endpoints())
        .merge(invitations::endpoints())
        .merge(password_reset::endpoints())
        .merge(profile::endpoints())
        .merge(super::privacy::endpoints())
        .merge(sign_in::endpoints())
        .merge(workspaces::endpoints())
}

/// The API's description: OpenAPI 3.1.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = endpoints().split_for_parts();
    describe(&mut document);
    document
}

/// Everything the control plane serves.
pub fn router(app: App) -> Router {
    let (endpoints, document) = endpoints().split_for_parts();
    let actions = Actions::of(&document);
    endpoints
        // Within authorization: an answer is told again only to who may still ask for it.
        .route_layer(middleware::from_fn_with_state(app.clone(), idempotency::remember))
        .route_layer(middleware::from_fn_with_state((app.clone(), actions), authorize::decide))
        .merge(super::docs::routes())
        .fallback(layers::nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), caller::identify))
        .layer(DefaultBodyLimit::max(layers::BODY_BYTES_MAX))
        // Before who asks is looked up: a page needs no state, and its files are no requests of the API.
        .layer(middleware::from_fn_with_state(app.clone(), super::console::serve))
        .layer(middleware::from_fn_with_state(app.clone(), layers::outermost))
        .with_state(app)
}

/// What every endpoint has is written down once: who may, and which problems there can be.
fn describe(document: &mut utoipa::openapi::OpenApi) {
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A personal access token"))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let cookie = ApiKeyValue::with_description(
        "dragoman",
        "A session of the console; changes need `X-CSRF-Token` as well",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().filter_map(Option::as_mut) {
            describe_operation(operation);
        }
    }
}

fn describe_operation(operation: &mut Operation) {
    let action = operation.operation_id.as_deref().and_then(Action::of);
    let needs = action.map_or(Needs::Nobody, Action::needs);
    let said = match needs {
        Needs::Nobody => "Needs nobody who is signed in.".to_owned(),
        Needs::Person => "Needs somebody who is signed in; a token needs the scope `profile`.".to_owned(),
        Needs::Instance => "Needs an admin of the instance.".to_owned(),
        Needs::Workspace(capability) => {
            format!("Needs the capability `{}` in the workspace.", capability.as_str())
        }
        Needs::Plane => "Needs the token of a data plane.".to_owned(),
    };
    let description = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{description}\n\n{said}").trim().to_owned());
    let none: [&str; 0] = [];
    operation.security = match needs {
        Needs::Nobody => Some(vec![SecurityRequirement::default()]),
        Needs::Plane => Some(vec![SecurityRequirement::new("token", none)]),
        Needs::Person | Needs::Instance | Needs::Workspace(_) => {
            Some(vec![SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)])
        }
    };
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new()
        .description("What went wrong, with a code and a hint")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem));
}

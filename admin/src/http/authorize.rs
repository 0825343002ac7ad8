//! May they? Decided for every endpoint in one place, before anything of the request is read.

use super::bounds::Bounds;
use crate::access::{Action, Needs};
use crate::operation::{Caller, Operation, RequestFacts, authorize};
use crate::plane::App;
use crate::problem::{Code, Problem};
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// Which action each path and method is, and the bounds of its query.
#[derive(Clone, Debug)]
pub struct Actions(Arc<HashMap<(String, Method), (Action, Bounds)>>);

impl Actions {
    /// As the API's description says: an operation's id is its action's word. An endpoint whose id is
    /// no action has none, and is refused.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Actions {
        let mut actions = HashMap::new();
        for (path, item) in &document.paths.paths {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::DELETE, &item.delete),
                (Method::PATCH, &item.patch),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                if let Some(action) = operation.operation_id.as_deref().and_then(Action::of) {
                    actions.insert((path.clone(), method), (action, Bounds::of(operation)));
                }
            }
        }
        Actions(Arc::new(actions))
    }

    fn find(&self, path: &str, method: &Method) -> Option<(Action, &Bounds)> {
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&(path.to_owned(), method)).map(|(action, bounds)| (*action, bounds))
    }
}

/// The layer around every endpoint.
pub async fn decide(
    State((app, actions)): State<(App, Actions)>,
    mut request: Request,
    next: Next,
) -> Response {
    match decided(&app, &actions, &mut request).await {
        Ok(operation) => {
            request.extensions_mut().insert(operation);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn decided(app: &App, actions: &Actions, request: &mut Request) -> Result<Operation, Problem> {
    let extensions = request.extensions();
    let matched = extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let facts = extensions.get::<RequestFacts>().cloned();
    let caller = extensions.get::<Caller>().cloned();
    let (Some(facts), Some(caller)) = (facts, caller) else {
        return Err(Problem::new(Code::Internal, "a request came past the layers that say whose it is"));
    };
    // A method the path does not know is told by the router; there is nothing to decide.
    let Some((action, bounds)) = actions.find(&matched, request.method()) else {
        return Err(Problem::new(Code::MethodNotAllowed, "this path does not know this method")
            .with_hint("see /api/docs"));
    };
    let slug = match action.needs() {
        Needs::Workspace(_) => workspace_in(&matched, request.uri().path()).map(ToOwned::to_owned),
        Needs::Nobody | Needs::Person | Needs::Instance | Needs::Plane => None,
    };
    let entered = authorize(app, &caller, action, slug.as_deref()).await?;
    bounds.check(request.uri())?;
    Ok(Operation { app: app.clone(), action, caller, entered, request: facts })
}

/// What stands in the path where `{workspace}` stands in the endpoint's. A slug or an id needs no
/// decoding; what would need it names no workspace.
fn workspace_in<'p>(matched: &str, path: &'p str) -> Option<&'p str> {
    let place = matched.split('/').position(|part| part == "{workspace}")?;
    path.split('/').nth(place)
}

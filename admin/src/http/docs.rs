//! Where can somebody read about the API? Pages without scripts, made from the description itself.

use super::openapi::document;
use crate::plane::App;
use crate::problem::Code;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write as _;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{Content, Ref, RefOr, Required};

/// `/api/openapi.json`, `/api/docs` and `/api/docs/problems`.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/openapi.json", get(description))
        .route("/api/docs", get(page))
        .route("/api/docs/problems", get(problems))
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document().to_json().unwrap_or_default()).into_response()
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1c2024;background:#fff}h1{font-size:1.5rem}h2{margin-top:2.5rem;text-transform:capitalize}\
code,pre{font:13px/1.5 ui-monospace,monospace;background:#f1f3f5;border-radius:4px}code{padding:.1em .3em}\
pre{padding:.7rem;overflow:auto}details{border-top:1px solid #e0e3e6;padding:.5rem 0}summary{cursor:pointer}\
summary b{display:inline-block;min-width:4.2rem}td,th{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}\
small{color:#5c656e}@media(prefers-color-scheme:dark){body{color:#e6e8ea;background:#16181a}code,pre{background:#23272b}\
details{border-color:#33383d}small{color:#9aa4ad}a{color:#7ab7ff}}";

async fn page() -> Response {
    let document = document();
    let mut body = format!(
        "<h1>The API of Dragoman</h1><p>{}</p><p>Machines read <a href=\"/api/openapi.json\">openapi.json</a> (OpenAPI 3.1); \
         what each problem's code means is <a href=\"/api/docs/problems\">here</a>.</p>",
        paragraphs(document.info.description.as_deref().unwrap_or_default())
    );
    let mut by_tag: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in methods(item) {
            let tag = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
            by_tag.entry(tag).or_default().push_str(&one(method, path, operation));
        }
    }
    for (tag, operations) in by_tag {
        let _ = write!(body, "<h2>{}</h2>{operations}", escaped(&tag.replace('_', " ")));
    }
    html("API", &body)
}

fn methods(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

/// One endpoint, folded.
fn one(method: &str, path: &str, operation: &Operation) -> String {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let mut text = format!(
        "<details id=\"{id}\"><summary><b>{method}</b> <code>{}</code> <small>{}</small></summary><p>{}</p>",
        escaped(path),
        escaped(operation.summary.as_deref().unwrap_or_default()),
        paragraphs(operation.description.as_deref().unwrap_or_default()),
    );
    if let Some(parameters) = &operation.parameters {
        text.push_str("<table>");
        let told = parameters.iter().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        for parameter in told {
            let place = match parameter.parameter_in {
                ParameterIn::Query | ParameterIn::QueryString => "query",
                ParameterIn::Path => "path",
                ParameterIn::Header => "header",
                ParameterIn::Cookie => "cookie",
            };
            let needed = if parameter.required == Required::True { "" } else { ", optional" };
            let _ = write!(
                text,
                "<tr><td><code>{}</code></td><td><small>{place}{needed}</small></td><td>{}</td></tr>",
                escaped(&parameter.name),
                escaped(parameter.description.as_deref().unwrap_or_default()),
            );
        }
        text.push_str("</table>");
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        for (kind, content) in &body.content {
            let _ = write!(text, "<p>Body: <code>{}</code> {}</p>", escaped(kind), schema(content));
        }
    }
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response
            && status != "default"
        {
            let kinds: Vec<String> = response.content.values().map(schema).collect();
            let _ = write!(
                text,
                "<p><code>{status}</code> {} {}</p>",
                escaped(&response.description),
                kinds.join(" ")
            );
        }
    }
    text.push_str("</details>");
    text
}

fn schema(content: &RefOr<Content>) -> String {
    let RefOr::T(content) = content else { return String::new() };
    match &content.schema {
        Some(RefOr::Ref(Ref { ref_location, .. })) => {
            let name = ref_location.rsplit('/').next().unwrap_or_default();
            format!("<code>{}</code>", escaped(name))
        }
        Some(RefOr::T(schema)) => {
            let text = serde_json::to_string_pretty(schema).unwrap_or_default();
            format!("<pre>{}</pre>", escaped(&text))
        }
        None => String::new(),
    }
}

async fn problems() -> Response {
    let mut body = "<h1>Problems</h1><p>Every error of the API is <code>application/problem+json</code> with one of these codes. \
                    <code>detail</code> says what happened, <code>hint</code> what helps, <code>errors</code> which values.</p><table>"
        .to_owned();
    for code in Code::ALL {
        let _ = write!(
            body,
            "<tr id=\"{0}\"><td><code>{0}</code></td><td>{1}</td><td>{2}</td></tr>",
            code.as_str(),
            code.status().as_u16(),
            code.title()
        );
    }
    body.push_str("</table>");
    html("Problems", &body)
}

fn paragraphs(text: &str) -> String {
    escaped(text).replace("\n\n", "</p><p>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn html(title: &str, body: &str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let text = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · Dragoman</title><style>{STYLE}</style><body>{body}"
    );
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))], Html(text)).into_response()
}

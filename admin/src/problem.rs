//! What is somebody told when it did not work?
//!
//! `application/problem+json` (RFC 9457) with a code that stays the same over versions, what happened,
//! and what helps.

use admin_store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident $word:literal $status:ident $title:literal $hint:literal;)*) => {
        /// What kind of problem it is. The word stays the same over versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The word in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// The status of HTTP.
            pub fn status(self) -> StatusCode {
                match self { $(Code::$name => StatusCode::$status,)* }
            }

            /// In a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What helps where nothing better is known.
            pub fn hint(self) -> &'static str {
                match self { $(Code::$name => $hint,)* }
            }
        }
    };
}

codes! {
    /// The request cannot be read: no JSON, a wrong type, an unknown field.
    BadRequest "bad_request" BAD_REQUEST "The request cannot be read"
        "see /api/docs for what this endpoint takes";
    /// Who asks is not signed in, or the session or token is not valid any more.
    Unauthenticated "unauthenticated" UNAUTHORIZED "Sign in first"
        "sign in, or send `Authorization: Bearer` with a personal access token";
    /// The e-mail or the password is wrong; which of them is not told.
    WrongCredentials "wrong_credentials" UNAUTHORIZED "E-mail or password is wrong"
        "check both, or ask for a new password at `POST /api/v1/password-reset`";
    /// E-mail and password are right, and the account asks for a code of its second factor as well.
    SecondFactorRequired "second_factor_required" UNAUTHORIZED "A code is asked for as well"
        "send the same again with `code`: the one an authenticator app shows now, or a recovery code";
    /// The code of the second factor is wrong, too old, or was shown before.
    WrongCode "wrong_code" UNAUTHORIZED "The code is wrong"
        "take the next code; if none is right, set the clock of the device, or use a recovery code";
    /// Who asks may not.
    Forbidden "forbidden" FORBIDDEN "You may not do this"
        "ask somebody who may, or who can let you";
    /// A request with a session's cookie lacks the session's CSRF token.
    CsrfMissing "csrf_missing" FORBIDDEN "The request does not come from the console"
        "send `csrf_token` of `GET /api/v1/session` in the header `X-CSRF-Token`";
    /// There is no such thing, or who asks may not know of it.
    NotFound "not_found" NOT_FOUND "There is no such thing"
        "check the path and its ids; /api/docs lists what there is";
    /// The path is right and the method is not.
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This cannot be done with it"
        "see the header `Allow`, and /api/docs";
    /// There is one already.
    Duplicate "duplicate" CONFLICT "There is one already"
        "choose another name, or change the one that is there";
    /// It is not in a state in which this can be done.
    Conflict "conflict" CONFLICT "This cannot be done now"
        "look at it as it is now, and change that first";
    /// The same idempotency key was used for another request.
    IdempotencyReused "idempotency_reused" UNPROCESSABLE_ENTITY "The idempotency key was used for another request"
        "choose a new `Idempotency-Key` for every request that is another one";
    /// The first request with this idempotency key is still at work.
    IdempotencyBusy "idempotency_busy" CONFLICT "The first request with this key is still at work"
        "wait for its answer, then send the same again";
    /// A link or code was used already, or is too old.
    Expired "expired" GONE "The link is not valid any more"
        "ask for a new one";
    /// It was changed since it was read.
    Changed "changed" PRECONDITION_FAILED "It was changed meanwhile"
        "read it again and repeat the change";
    /// A change needs `If-Match`.
    PreconditionRequired "precondition_required" PRECONDITION_REQUIRED "Say which version you change"
        "send the `ETag` of what you read in the header `If-Match`";
    /// The body is too large.
    TooLarge "too_large" PAYLOAD_TOO_LARGE "This is too large"
        "send less at once";
    /// The body is of a kind that is not taken here.
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "This kind of content is not taken here"
        "send the header `Content-Type` with a kind that /api/docs names here";
    /// Values are not acceptable; `errors` says which.
    Invalid "invalid" UNPROCESSABLE_ENTITY "Some values cannot be used"
        "correct the fields in `errors`; /api/docs says what each can be";
    /// A rule set has mistakes; `errors` has their places.
    BadRules "bad_rules" UNPROCESSABLE_ENTITY "The rule set has mistakes"
        "correct the places in `errors`, and try the rule set before it is saved";
    /// The rules refuse the statement.
    Refused "refused" UNPROCESSABLE_ENTITY "The rules refuse this statement"
        "change the statement, or ask who manages the rules";
    /// The database answered with an error.
    StatementFailed "statement_failed" UNPROCESSABLE_ENTITY "The database refused the statement"
        "correct the statement; `detail` is what the database said";
    /// The text of a statement is not known in full: it was too long to be kept, or has not been told.
    TextCut "text_cut" UNPROCESSABLE_ENTITY "The statement is not known in full"
        "give the statement itself to `POST …/explain`";
    /// The statement was cancelled: by who asked, by somebody who may, or because who asked went away.
    Cancelled "cancelled" CONFLICT "The statement was cancelled"
        "run it again";
    /// The database cannot be reached or does not let us in; `errors` has tips.
    ConnectionFailed "connection_failed" UNPROCESSABLE_ENTITY "The database cannot be used"
        "check host, port, user and password; testing the connection says at which step it fails";
    /// Too many requests.
    TooManyRequests "too_many_requests" TOO_MANY_REQUESTS "Too many requests"
        "wait as long as the header `Retry-After` says";
    /// Too many failed attempts to sign in.
    Throttled "throttled" TOO_MANY_REQUESTS "Too many failed attempts"
        "wait as long as the header `Retry-After` says";
    /// The program has a mistake.
    Internal "internal" INTERNAL_SERVER_ERROR "The control plane made a mistake"
        "tell who runs the control plane the `request_id`: the log has the cause";
    /// Another service did not answer as it should.
    BadGateway "bad_gateway" BAD_GATEWAY "Another service did not answer"
        "try again; if it stays so, ask who runs that service";
    /// The state is busy or cannot be used.
    Unavailable "unavailable" SERVICE_UNAVAILABLE "The control plane cannot do this now"
        "try again in a moment; if it stays so, the log of the control plane has the cause";
    /// The data plane that has the answer is not connected.
    PlaneAway "plane_away" SERVICE_UNAVAILABLE "The data plane is not connected"
        "start the data plane, or check its `[link]`; `GET /api/v1/planes` says when it was there last";
    /// It took too long.
    Timeout "timeout" GATEWAY_TIMEOUT "It took too long"
        "try again, or ask for less at once";
}

/// One value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// Where it is: a path such as `place.port`, or `line 3`.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in a text, in bytes from its beginning: first and one past the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<(u32, u32)>,
}

/// What somebody is told. Boxed inside: it travels in every `Result`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", .0.code.as_str(), .0.detail)]
pub struct Problem(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    code: Code,
    detail: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    errors: Vec<FieldProblem>,
    rule: Option<String>,
    retry_after_seconds: Option<u64>,
    /// For the log only.
    cause: Option<String>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Where the code is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// In a few words.
    pub title: String,
    /// The status of HTTP.
    pub status: u16,
    /// Stays the same over versions.
    pub code: String,
    /// What happened.
    pub detail: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Each value that cannot be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// The rule that refuses, as `rule set/rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What to name when asking for help; also in the header `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem of `code`; `detail` is a sentence for people, without secrets.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Problem {
        let detail = detail.into();
        Problem(Box::new(Told {
            code,
            detail,
            hint: None,
            errors: Vec::new(),
            rule: None,
            retry_after_seconds: None,
            cause: None,
        }))
    }

    /// There is no such `what`, or it may not be known.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(Code::NotFound, format!("there is no such {what}, or you may not see it"))
    }

    /// One value is not acceptable.
    pub fn invalid(field: &str, message: impl Into<String>) -> Problem {
        Problem::new(Code::Invalid, format!("`{field}` cannot be used")).with_error(field, message)
    }

    /// Adds what helps.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Problem {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds a value that cannot be used.
    #[must_use]
    pub fn with_error(mut self, field: impl Into<String>, message: impl Into<String>) -> Problem {
        let error = FieldProblem { field: field.into(), message: message.into(), hint: None, span: None };
        self.0.errors.push(error);
        self
    }

    /// Adds values that cannot be used.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = FieldProblem>) -> Problem {
        self.0.errors.extend(errors);
        self
    }

    /// Names the rule that refuses.
    #[must_use]
    pub fn with_rule(mut self, rule: impl Into<String>) -> Problem {
        self.0.rule = Some(rule.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Problem {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds what only the log is told.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::fmt::Display) -> Problem {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// What kind it is.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What helps: its own words, or those of its code.
    pub fn hint(&self) -> &str {
        self.0.hint.as_deref().unwrap_or(self.0.code.hint())
    }

    /// What only the log is told.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// As it is sent.
    pub fn document(&self, request_id: Option<&str>) -> ProblemDocument {
        let code = self.0.code;
        ProblemDocument {
            kind: format!("/api/docs/problems#{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            code: code.as_str().to_owned(),
            detail: self.0.detail.to_string(),
            hint: Some(self.hint().to_owned()),
            errors: self.0.errors.clone(),
            rule: self.0.rule.clone(),
            request_id: request_id.map(ToOwned::to_owned),
        }
    }
}

impl IntoResponse for Problem {
    /// Without the request's id: the layer around all requests adds it.
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        if let Some(value) =
            self.0.retry_after_seconds.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match &error {
            StoreError::Missing(what) => Problem::not_found(what),
            StoreError::Duplicate(what) => {
                Problem::new(Code::Duplicate, format!("there is such a {what} already"))
                    .with_hint("choose another name")
            }
            StoreError::Changed(what) => Problem::new(
                Code::Changed,
                format!("the {what} was changed by somebody else since you read it"),
            )
            .with_hint("read it again and repeat the change"),
            StoreError::InUse(what) => Problem::new(Code::Conflict, format!("the {what} is used elsewhere"))
                .with_hint("remove what uses it first"),
            StoreError::Unfit(_) => Problem::new(Code::Invalid, error.to_string()),
            StoreError::LastOne(what) => Problem::new(Code::Conflict, format!("this is the last {what}"))
                .with_hint("make another one first"),
            StoreError::Busy => Problem::new(Code::Unavailable, "many changes are being made")
                .with_retry_after(1)
                .with_hint("try again"),
            StoreError::Unavailable(_) => Problem::new(Code::Unavailable, "the state cannot be used now")
                .with_retry_after(5)
                .with_hint("see the log of the control plane")
                .with_cause(error),
            StoreError::Damaged(_)
            | StoreError::TooNew { .. }
            | StoreError::Backup(_)
            | StoreError::NotEmpty => Problem::new(Code::Internal, "the state does not hold what it should")
                .with_hint("see the log of the control plane")
                .with_cause(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_the_codes_unless_there_is_a_better_one() {
        for code in Code::ALL {
            let told = Problem::new(*code, "it did not work").document(None);
            assert_eq!(told.hint.as_deref(), Some(code.hint()));
            assert!(code.hint().len() > 8, "{}", code.as_str());
        }
        let told = Problem::not_found("team").with_hint("look in the other workspace").document(None);
        assert_eq!(told.hint.as_deref(), Some("look in the other workspace"));
    }
}

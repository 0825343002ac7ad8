//! Does what stands behind `?` fit what the description says? Bounds are stated once, in the
//! description, and held for every endpoint here.

use crate::problem::Problem;
use axum::extract::Query;
use axum::http::Uri;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, Object, SchemaFormat};
use utoipa::openapi::{RefOr, Schema};

/// The bounds of one endpoint's values.
#[derive(Clone, Debug, Default)]
pub struct Bounds(Vec<(String, Bound)>);

#[derive(Clone, Copy, Debug)]
enum Bound {
    /// Characters of a text.
    Text { least: usize, most: usize },
    /// The largest integer.
    Integer { most: u64 },
}

impl Bounds {
    /// As the description of an endpoint says.
    pub fn of(operation: &Operation) -> Bounds {
        let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        });
        let bounds = parameters.filter(|one| one.parameter_in == ParameterIn::Query).filter_map(|one| {
            let Some(RefOr::T(Schema::Object(schema))) = &one.schema else { return None };
            Some((one.name.clone(), bound(schema)?))
        });
        Bounds(bounds.collect())
    }

    /// Checks a request. What cannot be read is left to the endpoint, which says what it expects.
    pub fn check(&self, uri: &Uri) -> Result<(), Problem> {
        if self.0.is_empty() || uri.query().is_none() {
            return Ok(());
        }
        let Ok(Query(given)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else { return Ok(()) };
        for (name, value) in given {
            let said = match self.0.iter().find(|(known, _)| *known == name) {
                Some((_, Bound::Text { least, .. })) if value.chars().count() < *least => {
                    format!("must have at least {least} characters")
                }
                Some((_, Bound::Text { most, .. })) if value.chars().count() > *most => {
                    format!("may have at most {most} characters")
                }
                Some((_, Bound::Integer { most })) if value.parse().is_ok_and(|value: u64| value > *most) => {
                    format!("may be at most {most}")
                }
                _ => continue,
            };
            return Err(Problem::invalid(&name, said));
        }
        Ok(())
    }
}

fn bound(schema: &Object) -> Option<Bound> {
    if let Some(SchemaFormat::KnownFormat(KnownFormat::Int64)) = schema.format {
        return Some(Bound::Integer { most: i64::MAX.unsigned_abs() });
    }
    let (least, most) = (schema.min_length, schema.max_length);
    (least.is_some() || most.is_some())
        .then(|| Bound::Text { least: least.unwrap_or(0), most: most.unwrap_or(usize::MAX) })
}

//! What passed through the listeners of a workspace?

pub mod detail;
pub mod errors;
pub mod events;
pub mod explain;
pub mod fingerprint;
pub mod fingerprints;
pub mod heatmap;
pub mod refusal_rules;
pub mod refusals;
pub mod series;
pub mod sessions;
pub mod slower;
pub mod sums;
pub mod top;
pub mod uses;

use crate::plane::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub fn endpoints() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(top::handle))
        .routes(routes!(series::handle))
        .routes(routes!(heatmap::handle))
        .routes(routes!(errors::handle))
        .routes(routes!(slower::handle))
        .routes(routes!(fingerprints::handle))
        .routes(routes!(fingerprint::handle))
        .routes(routes!(explain::handle))
        .routes(routes!(sessions::handle))
        .routes(routes!(refusals::handle))
        .routes(routes!(refusal_rules::handle))
        .routes(routes!(events::handle))
}

/// A query with what every question about traffic can say, and fields of its own.
macro_rules! traffic_query {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// From this time on; an hour before `until` where nothing is said.
            #[param(value_type = Option<String>, format = DateTime)]
            pub from: Option<crate::http::timestamp::Timestamp>,
            /// Before this time; now where nothing is said.
            #[param(value_type = Option<String>, format = DateTime)]
            pub until: Option<crate::http::timestamp::Timestamp>,
            /// Only of the listener with this name.
            #[param(max_length = 200)]
            pub listener: Option<String>,
            /// Only of this database role.
            #[param(max_length = 200)]
            pub user: Option<String>,
            /// Only in this database.
            #[param(max_length = 200)]
            pub database: Option<String>,
            /// Only of this application.
            #[param(max_length = 200)]
            pub application: Option<String>,
            /// Only of this fingerprint, such as `1-8ca5ea4f9ec4b1bc`.
            #[param(max_length = 100)]
            pub fingerprint: Option<String>,
            /// Only of this class, such as `read`, `write`, `ddl`.
            #[param(max_length = 40)]
            pub class: Option<String>,
            /// Only statements that name this table, with or without its schema.
            #[param(max_length = 300)]
            pub table: Option<String>,
            /// Only statements whose text has, for each of these words, one that begins with it.
            #[param(max_length = 200)]
            pub words: Option<String>,
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $name {
            /// What every question can say.
            fn asked(&self) -> crate::app::traffic::Asked {
                crate::app::traffic::Asked {
                    from: self.from,
                    until: self.until,
                    listener: self.listener.clone(),
                    user: self.user.clone(),
                    database: self.database.clone(),
                    application: self.application.clone(),
                    fingerprint: self.fingerprint.clone(),
                    class: self.class.clone(),
                    table: self.table.clone(),
                    words: self.words.clone(),
                }
            }
        }
    };
}
use traffic_query;

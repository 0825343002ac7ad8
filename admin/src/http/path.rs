//! What stands in the paths of many endpoints?

use utoipa::IntoParams;

/// An endpoint within a workspace.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct InWorkspace {
    /// Slug or id of the workspace.
    #[param(min_length = 1, max_length = 64)]
    pub workspace: String,
}

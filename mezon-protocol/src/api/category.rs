//! Categories: the headings under which a clan's channels stand.

use crate::proto::api as wire;

methods! {
    /// The categories of a clan; of the request only `clan_id` counts.
    ListCategoryDescs = 23, reads, wire::CategoryDesc => wire::CategoryDescList;
    /// Creates a category.
    CreateCategoryDesc = 65, writes, wire::CreateCategoryDescRequest => wire::CategoryDesc;
    /// Renames a category.
    UpdateCategory = 108, writes, wire::UpdateCategoryDescRequest => ();
    /// Sets the order of a clan's categories.
    UpdateCategoryOrder = 109, writes, wire::UpdateCategoryOrderRequest => ();
    /// Deletes a category.
    DeleteCategoryDesc = 77, writes, wire::DeleteCategoryDescRequest => ();
    /// Moves a channel to another category.
    ChangeChannelCategory = 127, writes, wire::ChangeChannelCategoryRequest => ();
}

//! Link previews, which the platform's servers and clients put beside a text.

use std::fmt;

use serde_json::Value;

use super::Content;
use super::json::Reader;
use super::spans::{PREVIEW, set_place};
use crate::id::ClanId;

/// What a link leads to, as clients show it below a message: a mark of type `lk_ogp`. Its texts may be empty.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkPreview {
    /// The address.
    pub url: String,
    /// The title of the page.
    pub title: String,
    /// What it says about itself.
    pub description: String,
    /// Address of a picture.
    pub image: String,
    /// Address of a wide picture.
    pub banner: String,
    /// How many members the clan has to which it invites.
    pub member_count: Option<u64>,
    /// Whether that clan is a community.
    pub is_community: bool,
    /// The clan to which it invites (`clanId`), 0 for none.
    pub clan_id: ClanId,
}

impl Content {
    /// The previews of links.
    #[doc(alias = "lk_ogp")]
    pub fn link_previews(&self) -> Vec<LinkPreview> {
        let marks = self.get("mk").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        marks.iter().filter(|mark| is_preview(mark)).cloned().filter_map(read).collect()
    }

    /// Without the previews of links; the links stay. This crate never adds a preview.
    #[must_use]
    #[doc(alias = "hideLink")]
    pub fn hide_link(self) -> Self {
        let marks = self.get("mk").and_then(Value::as_array);
        if !marks.is_some_and(|marks| marks.iter().any(is_preview)) {
            return self;
        }
        self.edit(|map| {
            if let Some(Value::Array(marks)) = map.get_mut("mk") {
                marks.retain(|mark| !is_preview(mark));
                if marks.is_empty() {
                    map.shift_remove("mk");
                }
            }
        })
    }
}

pub(super) fn is_preview(mark: &Value) -> bool {
    mark.get("type").and_then(Value::as_str) == Some(PREVIEW)
}

/// Puts a preview behind a text of this length, which is where the platform wants it.
pub(super) fn put_behind(preview: &mut Value, len: usize) {
    if let Some(preview) = preview.as_object_mut() {
        set_place(preview, len, len + 1);
    }
}

fn read(mark: Value) -> Option<LinkPreview> {
    let mut mark = Reader::new(mark)?;
    let mut text = |key| mark.text(key).unwrap_or_default();
    Some(LinkPreview {
        url: text("url"),
        title: text("title"),
        description: text("description"),
        image: text("image"),
        banner: text("banner"),
        member_count: mark.integer("member_count"),
        is_community: mark.flag("is_community"),
        clan_id: mark.integer::<i64>("clanId").unwrap_or_default().into(),
    })
}

/// Shows no text.
impl fmt::Debug for LinkPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkPreview").field("clan_id", &self.clan_id).finish_non_exhaustive()
    }
}

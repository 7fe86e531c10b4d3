//! Attachments: files that belong to a message.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::lists::{Element, Fields};
use crate::error::{Error, ErrorKind};
use crate::proto::api::{MessageAttachment, MessageAttachmentList};
use crate::upload::clean_url;

/// A file that belongs to a message, uploaded already. Wire type `api.MessageAttachment`.
#[doc(alias = "ApiMessageAttachment")]
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Name of the file (`filename`).
    pub file_name: String,
    /// Where it is (`url`): the plain address of the file store, without a query.
    pub url: String,
    /// Its MIME type (`filetype`), or `sticker` for the image of a sticker.
    pub file_type: String,
    /// Size in bytes (`size`); 0 if not known. What exceeds [`MAX_SIZE`](Self::MAX_SIZE) cannot be sent.
    pub size: u64,
    /// Width in pixels (`width`) of an image or a video; 0 if not known.
    pub width: u32,
    /// Height in pixels (`height`) of an image or a video; 0 if not known.
    pub height: u32,
    /// Address of a preview (`thumbnail`); may be empty.
    pub thumbnail: String,
    /// Length of a sound or a video (`duration`), in whole seconds; zero if not known.
    pub duration: Duration,
}

impl Attachment {
    /// The largest size that the platform can tell of, in bytes: 2 GiB - 1.
    pub const MAX_SIZE: u64 = i32::MAX as u64;

    /// A file by its address alone. Clients know pictures, sounds and videos by the end of the address then.
    pub fn from_url(url: impl Into<String>) -> Self {
        Self::new(url, "")
    }

    /// A file by its address and its MIME type, named by the end of the address.
    pub fn new(url: impl Into<String>, file_type: impl Into<String>) -> Self {
        let url = url.into();
        let file_name = file_name_of(&url).to_owned();
        Self { file_name, url, file_type: file_type.into(), ..Self::default() }
    }

    /// True for the image of a sticker.
    pub fn is_sticker(&self) -> bool {
        self.file_type == "sticker"
    }

    /// The name under which a content tells that the file is uploaded
    /// ([`finished_uploads`](super::Content::finished_uploads)): the end of the address, without an extension.
    pub fn upload_key(&self) -> &str {
        let name = file_name_of(&self.url);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// # Errors
    ///
    /// `InvalidArgument` if it is too large for the platform to tell of.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.size > Self::MAX_SIZE {
            let problem = format!("an attachment has {} bytes, the limit is {}", self.size, Self::MAX_SIZE);
            return Err(Error::unsent(ErrorKind::InvalidArgument(problem)));
        }
        Ok(())
    }
}

/// Shows addresses without their query, which may hold a signature.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("file_name", &self.file_name)
            .field("url", &clean_url(&self.url))
            .field("file_type", &self.file_type)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl From<MessageAttachment> for Attachment {
    fn from(proto: MessageAttachment) -> Self {
        Self {
            file_name: proto.filename,
            url: proto.url,
            file_type: proto.filetype,
            size: u64::try_from(proto.size).unwrap_or(0),
            width: u32::try_from(proto.width).unwrap_or(0),
            height: u32::try_from(proto.height).unwrap_or(0),
            thumbnail: proto.thumbnail,
            duration: seconds(proto.duration.into()),
        }
    }
}

/// Numbers that the wire cannot hold become the largest that it can; [`Content::encode`](super::Content::encode)
/// refuses such a size.
impl From<Attachment> for MessageAttachment {
    fn from(attachment: Attachment) -> Self {
        Self {
            filename: attachment.file_name,
            size: i32::try_from(attachment.size).unwrap_or(i32::MAX),
            url: attachment.url,
            filetype: attachment.file_type,
            width: i32::try_from(attachment.width).unwrap_or(i32::MAX),
            height: i32::try_from(attachment.height).unwrap_or(i32::MAX),
            thumbnail: attachment.thumbnail,
            duration: i32::try_from(attachment.duration.as_secs()).unwrap_or(i32::MAX),
        }
    }
}

impl Element for Attachment {
    type List = MessageAttachmentList;
    const KEYS: &'static [&'static str] = &["attachments"];

    fn from_list(list: MessageAttachmentList) -> impl Iterator<Item = Self> {
        list.attachments.into_iter().map(Self::from)
    }

    fn from_fields(fields: Fields) -> Self {
        Self {
            file_name: fields.text("filename"),
            url: fields.text("url"),
            file_type: fields.text("filetype"),
            size: u64::try_from(fields.integer("size")).unwrap_or(0),
            width: u32::try_from(fields.integer("width")).unwrap_or(0),
            height: u32::try_from(fields.integer("height")).unwrap_or(0),
            thumbnail: fields.text("thumbnail"),
            duration: seconds(fields.integer("duration")),
        }
    }

    fn into_json(self) -> Value {
        let wire = MessageAttachment::from(self);
        json!({
            "filename": wire.filename,
            "size": wire.size,
            "url": wire.url,
            "filetype": wire.filetype,
            "width": wire.width,
            "height": wire.height,
            "thumbnail": wire.thumbnail,
            "duration": wire.duration,
        })
    }

    fn is_meaningful(&self) -> bool {
        !(self.url.is_empty() && self.file_name.is_empty())
    }
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}

fn file_name_of(url: &str) -> &str {
    let path = clean_url(url);
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    path.rsplit_once('/').map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_end_of_its_address() {
        let table = [
            ("https://cdn.test/a/b.png", "b.png"),
            ("https://cdn.test/b.png?x=/y#z", "b.png"),
            ("https://cdn.test/", ""),
            ("https://cdn.test", ""),
            ("", ""),
        ];
        for (url, name) in table {
            assert_eq!(Attachment::new(url, "image/png").file_name, name, "{url}");
        }
    }

    #[test]
    fn numbers_beyond_the_wire_are_sent_as_its_largest() {
        let attachment = Attachment { size: 3 << 30, duration: Duration::MAX, ..Attachment::default() };
        let proto = MessageAttachment::from(attachment);
        assert_eq!((proto.size, proto.duration), (i32::MAX, i32::MAX));
    }

    #[test]
    fn a_signed_address_is_not_printed_whole() {
        let printed = format!("{:?}", Attachment::new("https://cdn.test/a.png?signature=hunter2", "image/png"));
        assert!(printed.contains("https://cdn.test/a.png") && !printed.contains("hunter2"), "{printed}");
    }
}

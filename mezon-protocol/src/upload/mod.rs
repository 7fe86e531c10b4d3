//! Uploads: files on their way to the platform's file store, and the attachments that they become.
//!
//! ```text
//!   Upload ──► ask for signed URLs ──► PUT, parts side by side ──► finish ──► Uploaded { url, attachment }
//!                     ▲                        │
//!                     └──── a URL has expired ─┘
//! ```
//!
//! [`Bot::upload`](crate::object::Bot::upload) does all of it, in one go, as a signed URL is good for 10 to 60 s only. A file
//! of 16 MiB or more goes in parts, two at a time. A part that fails is sent again; a URL that is refused leads to fresh
//! ones. [`TransferPolicy`] has the numbers.
//!
//! A large file is never in memory: a request only says which [section](crate::exchange::Body::section) of which
//! [`Source`] belongs into it, and whoever performs the exchange reads that while it is sent. So a part can be sent
//! again, and several at the same time.
//!
//! A signed URL is a secret and stays one: it is neither printed nor logged, and what goes into a message is the plain
//! address. What the store says when it refuses is not told, as it may repeat the signature.
//!
//! ```
//! use mezon_protocol::Content;
//! use mezon_protocol::upload::{Upload, clean_url};
//!
//! let upload = Upload::bytes("cat.png", &b"..."[..]).dimensions(640, 480);
//! assert_eq!(upload.file_type(), "image/png");
//! assert_eq!(clean_url("https://cdn.mezon.ai/cat.png?X-Amz-Signature=hunter2"), "https://cdn.mezon.ai/cat.png");
//! ```

mod download;
mod files;
mod mime;
mod policy;
mod presigned;
mod save;
mod transfer;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

pub use download::{Download, FetchFile};
pub use files::{UploadAll, UploadFile};
pub use policy::TransferPolicy;
pub use presigned::{PresignedUpload, RequestUpload, UploadRequest};
pub use save::SaveFile;

use crate::content::Attachment;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Body, Report, Source};
use crate::machine::code_of_status;

/// A file that is to be uploaded.
///
/// From bytes, or from a [`Source`] such as a file on disk, for which the adapters have functions.
#[derive(Clone)]
#[must_use = "an upload does nothing until it is given to a client"]
pub struct Upload {
    name: String,
    file_type: String,
    width: u32,
    height: u32,
    content: Content,
    report: Option<Report>,
}

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Source(Arc<dyn Source>),
}

impl Upload {
    /// A file that can be read anywhere and again, under a name. Its type is that of the name's extension,
    /// `application/octet-stream` where that says nothing.
    pub fn new(name: impl Into<String>, source: impl Source) -> Self {
        Self::of(name.into(), Content::Source(Arc::new(source)))
    }

    /// Bytes, under a name.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::of(name.into(), Content::Bytes(bytes.into()))
    }

    fn of(name: String, content: Content) -> Self {
        let file_type = mime::of_name(&name).to_owned();
        Self { name, file_type, width: 0, height: 0, content, report: None }
    }

    /// Another MIME type than that of the name.
    #[doc(alias = "filetype")]
    pub fn with_file_type(mut self, file_type: impl Into<String>) -> Self {
        self.file_type = file_type.into();
        self
    }

    /// Width and height in pixels, of a picture or a video. Clients keep a place of that size.
    pub const fn dimensions(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Tells how many bytes of how many have been handed on for sending. The number goes back when something has to be
    /// sent again.
    ///
    /// It is called where the sending happens, possibly on several threads at once, so be brief.
    pub fn on_progress(mut self, report: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.report = Some(Arc::new(report));
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The MIME type.
    pub fn file_type(&self) -> &str {
        &self.file_type
    }

    /// The size in bytes. The platform takes [`Attachment::MAX_SIZE`] at most.
    pub fn size(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Source(source) => source.len(),
        }
    }

    /// A section of it, which must lie within.
    fn section(&self, section: Range<u64>) -> Body {
        match &self.content {
            Content::Bytes(bytes) => {
                let place =
                    |offset| usize::try_from(offset).map_or(bytes.len(), |offset: usize| offset.min(bytes.len()));
                bytes.slice(place(section.start)..place(section.end)).into()
            }
            Content::Source(source) => Body::section(Arc::clone(source), section),
        }
    }

    fn attachment(&self, url: String) -> Attachment {
        Attachment {
            file_name: self.name.clone(),
            url,
            file_type: self.file_type.clone(),
            size: self.size(),
            width: self.width,
            height: self.height,
            ..Attachment::default()
        }
    }
}

/// Shows what is told of the file, and nothing that is in it.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .field("file_type", &self.file_type)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

/// A file that has been uploaded. It can be attached to a message as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Where it is: the plain address, with no secret in it.
    pub url: String,
    /// What the store calls it (`filename` of the answer), such as `mezon/17/1840000000000000001.png`.
    pub key: String,
    /// The file as a message has it.
    pub attachment: Attachment,
}

impl Uploaded {
    fn new(upload: &Upload, key: String, url: String) -> Self {
        Self { attachment: upload.attachment(url.clone()), url, key }
    }
}

impl From<Uploaded> for Attachment {
    fn from(uploaded: Uploaded) -> Self {
        uploaded.attachment
    }
}

impl From<&Uploaded> for Attachment {
    fn from(uploaded: &Uploaded) -> Self {
        uploaded.attachment.clone()
    }
}

/// An address without its query and fragment, and so without the signature that they hold: what may go into a message.
pub fn clean_url(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// True for what can be fetched, or put to, at all.
fn is_web(url: &str) -> bool {
    let host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    host.is_some_and(|host| !host.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// The file store has refused. What it says of it is left out: it may repeat the signature.
fn refused(what: &str, status: u16) -> Error {
    Error::answered(match status {
        404 | 410 => ErrorKind::NotFound { what: what.to_owned() },
        _ => ErrorKind::Refused { code: code_of_status(status), message: format!("{what}: HTTP status {status}") },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row 241.
    #[test]
    fn an_address_is_cleaned_of_query_and_fragment() {
        for (url, clean) in [
            ("https://cdn.mezon.ai/a/b.png?X-Amz-Signature=x&y=z", "https://cdn.mezon.ai/a/b.png"),
            ("https://cdn.mezon.ai/a/b.png#part?x", "https://cdn.mezon.ai/a/b.png"),
            ("https://cdn.mezon.ai/a/b.png", "https://cdn.mezon.ai/a/b.png"),
            ("", ""),
        ] {
            assert_eq!(clean_url(url), clean);
        }
    }

    /// Rows 242, 280.
    #[test]
    fn any_type_of_file_becomes_an_attachment() {
        let upload = Upload::bytes("notes.unknown", vec![1, 2, 3]);
        let attachment = upload.attachment("https://cdn.test/1".into());
        assert_eq!((attachment.file_type.as_str(), attachment.width), ("application/octet-stream", 0));
        let upload = Upload::bytes("Cat.JPG", vec![1, 2, 3]).dimensions(4, 5);
        let attachment = upload.attachment("https://cdn.test/1".into());
        assert_eq!((attachment.file_type.as_str(), attachment.size), ("image/jpeg", 3));
        assert_eq!((attachment.width, attachment.height, attachment.file_name.as_str()), (4, 5, "Cat.JPG"));
        assert_eq!(Upload::bytes("x", "").with_file_type("text/x").file_type(), "text/x");
    }

    #[test]
    fn only_the_web_is_gone_to() {
        for (url, good) in [
            ("https://h/x", true),
            ("http://h", true),
            ("file:///etc/passwd", false),
            ("ftp://h/x", false),
            ("https://", false),
            ("https://h/a b", false),
            ("", false),
        ] {
            assert_eq!(is_web(url), good, "{url}");
        }
    }
}

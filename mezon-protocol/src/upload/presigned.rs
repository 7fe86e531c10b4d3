//! Signed URLs: asking for one, and what it is.

use super::clean_url;
use crate::api::{self, UploadAttachmentFile};
use crate::call::{Answer, OneStep, Request, Via};
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;
use crate::proto::api::{UploadAttachment, UploadAttachmentRequest};
use crate::secret::Secret;

/// What is told of a file before it is uploaded. All of it may be left out. Wire type `api.UploadAttachmentRequest`.
#[doc(alias = "ApiUploadAttachmentRequest")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadRequest {
    /// Its name (`filename`). What is neither an ASCII letter, a digit nor a dot becomes `_`, as the platform's own
    /// client has it.
    pub file_name: String,
    /// Its MIME type (`filetype`).
    pub file_type: String,
    /// Its size in bytes (`size`).
    pub size: Option<u64>,
    /// Width in pixels (`width`).
    pub width: Option<u32>,
    /// Height in pixels (`height`).
    pub height: Option<u32>,
}

impl UploadRequest {
    /// # Errors
    ///
    /// `InvalidArgument` if it is larger than the platform can tell of.
    pub(super) fn to_wire(&self) -> Result<UploadAttachmentRequest, Error> {
        let size = i32::try_from(self.size.unwrap_or(0)).map_err(|_| {
            let problem = format!("a file of {} bytes, the limit is {}", self.size.unwrap_or(0), i32::MAX);
            Error::unsent(ErrorKind::InvalidArgument(problem))
        })?;
        let pixels = |count: Option<u32>| i32::try_from(count.unwrap_or(0)).unwrap_or(i32::MAX);
        Ok(UploadAttachmentRequest {
            filename: self.file_name.chars().map(plain).collect(),
            filetype: self.file_type.clone(),
            size,
            width: pixels(self.width),
            height: pixels(self.height),
            part_count: 0,
        })
    }
}

const fn plain(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '_' }
}

/// Where a file is to be put. Wire type `api.UploadAttachment`.
#[doc(alias = "ApiUploadAttachment")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedUpload {
    /// What the store will call the file (`filename`).
    pub file_name: String,
    /// Where to `PUT` the bytes (`url`), with the file's MIME type as `Content-Type` and without any credentials: those
    /// are in the URL, which is good for 10 to 60 s. So put the file at once.
    pub url: Secret,
}

impl PresignedUpload {
    /// The plain address of the file: where it is once it has been put.
    pub fn clean_url(&self) -> &str {
        clean_url(self.url.expose())
    }
}

impl From<UploadAttachment> for PresignedUpload {
    fn from(answer: UploadAttachment) -> Self {
        Self { file_name: answer.filename, url: answer.url.into() }
    }
}

/// Asks for a signed URL; see [`Bot::upload_attachment`](crate::object::Bot::upload_attachment).
#[derive(Clone, Debug)]
pub struct RequestUpload(pub UploadRequest);

impl OneStep for RequestUpload {
    type Output = PresignedUpload;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        Ok(api::request::<UploadAttachmentFile>(&self.0.to_wire()?, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<PresignedUpload, Error> {
        api::response::<UploadAttachmentFile>(answer).map(PresignedUpload::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows 242, 278.
    #[test]
    fn nothing_of_a_file_has_to_be_told() {
        assert_eq!(UploadRequest::default().to_wire().unwrap(), UploadAttachmentRequest::default());
        let request = UploadRequest { file_name: "a b/ä.png".into(), size: Some(5), ..UploadRequest::default() };
        let wire = request.to_wire().unwrap();
        assert_eq!((wire.filename.as_str(), wire.size, wire.width), ("a_b__.png", 5, 0));
    }

    #[test]
    fn what_is_too_large_to_tell_of_is_refused() {
        let request = UploadRequest { size: Some(1 << 31), ..UploadRequest::default() };
        assert!(matches!(request.to_wire().unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
    }

    /// Rows 241, 279.
    #[test]
    fn a_signed_url_is_a_secret_and_its_address_is_not() {
        let answer = UploadAttachment { filename: "1.png".into(), url: "https://cdn.test/1.png?sig=hunter2".into() };
        let presigned = PresignedUpload::from(answer);
        assert_eq!((presigned.clean_url(), presigned.file_name.as_str()), ("https://cdn.test/1.png", "1.png"));
        assert!(!format!("{presigned:?}").contains("hunter2"));
    }
}

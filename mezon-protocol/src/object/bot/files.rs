//! Files: uploads and downloads.

use std::io::Write;

use bytes::Bytes;

use super::Bot;
use crate::object::Backend;
use crate::upload::{
    Download, FetchFile, PresignedUpload, RequestUpload, SaveFile, Upload, UploadAll, UploadFile, UploadRequest,
    Uploaded,
};

/// Files.
impl<B: Backend> Bot<B> {
    /// Uploads a file; gives where it is, ready to be [attached](crate::Content::attachment). All that it takes is done
    /// in one go: the signed URL, the bytes (in parts if it is [large](crate::upload::TransferPolicy)), sending again
    /// what failed on its way.
    ///
    /// There is no limit for the whole, but for each step: 300 s for a file or a part. When the call is cancelled all of
    /// it ends at once; what was sent of a large file is dropped by the platform.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when it is larger than 2 GiB - 1, or cannot be read; `Refused` when the file store, or the API,
    /// does not want it; what a connection can fail with when all tries were in vain.
    pub fn upload(&self, upload: impl Into<Upload>) -> B::Outcome<Uploaded> {
        self.backend.call(UploadFile::new(upload))
    }

    /// Uploads several files; gives where they are, in the same order. The small ones ask for their URLs together and
    /// are sent side by side, the large ones follow one after the other. It ends with the first that fails for good.
    ///
    /// # Errors
    ///
    /// As [`upload`](Self::upload).
    pub fn upload_all<U: Into<Upload>>(&self, uploads: impl IntoIterator<Item = U>) -> B::Outcome<Vec<Uploaded>> {
        self.backend.call(UploadAll::new(uploads))
    }

    /// Asks for a signed URL to put a file to, for those who [put](Self::put_file) it by themselves; gives it. It is good
    /// for 10 to 60 s.
    #[doc(alias = "uploadAttachment")]
    pub fn upload_attachment(&self, request: UploadRequest) -> B::Outcome<PresignedUpload> {
        self.backend.call(RequestUpload(request))
    }

    /// Puts a file to a signed URL; gives where it is.
    ///
    /// # Errors
    ///
    /// As [`upload`](Self::upload); `Refused` when the URL has expired.
    pub fn put_file(&self, to: PresignedUpload, upload: impl Into<Upload>) -> B::Outcome<Uploaded> {
        self.backend.call(UploadFile::to(to, upload))
    }

    /// Fetches a file from an `http` or `https` URL; gives what is in it. No credentials are sent along, and redirects
    /// are not followed.
    ///
    /// # Errors
    ///
    /// `TooLarge` beyond [`TransferPolicy::max_download`](crate::upload::TransferPolicy::max_download), or the limit of the
    /// [`Download`]; `NotFound`, `Refused`; `InvalidArgument` for other URLs.
    pub fn download(&self, download: impl Into<Download>) -> B::Outcome<Bytes> {
        self.backend.call(FetchFile::new(download))
    }

    /// Fetches a file into a writer, 4 MiB at a time; gives the writer. A piece that fails on its way is fetched again, as
    /// with uploads. If the server knows no pieces (it is asked for them by `Range`) the bounds of
    /// [`download`](Self::download) hold.
    ///
    /// The writer is called where the Machine runs, so it should not take long; a file on disk does not.
    ///
    /// # Errors
    ///
    /// As [`download`](Self::download); `InvalidArgument` when the writer fails. What it has been given by then stays there.
    pub fn download_to<W: Write + Send + 'static>(&self, download: impl Into<Download>, into: W) -> B::Outcome<W> {
        self.backend.call(SaveFile::new(download, into))
    }
}

//! Uploads, and what has been uploaded. The bytes themselves go to the signed URLs of the answers.

use crate::proto::api as wire;

methods! {
    /// A URL to put one file to, good for about 10 to 60 s.
    UploadAttachmentFile = 62, writes, wire::UploadAttachmentRequest => wire::UploadAttachment;
    /// URLs to put several files to.
    UploadBatchAttachmentFile = 209, writes, wire::UploadBatchAttachmentRequest => wire::UploadAttachmentBatch;
    /// A URL to put the logo of an OAuth2 client to.
    UploadOauthFile = 63, writes, wire::UploadAttachmentRequest => wire::UploadAttachment;
    /// URLs to put the parts of one large file to, in order. May take up to 120 s.
    MultipartUploadAttachmentFileStart = 197, writes_slowly,
        wire::UploadAttachmentRequest => wire::MultipartUploadAttachment;
    /// Ends the upload of a large file: the parts with their `ETag`, sorted. May take up to 120 s.
    MultipartUploadAttachmentFileFinish = 198, writes_slowly,
        wire::MultipartUploadAttachmentFinishRequest => wire::UploadAttachment;
    /// What has been uploaded to a channel. `before` and `after` are Unix times in seconds; `filesize` of the answer
    /// is text.
    ListChannelAttachment = 43, reads, wire::ListChannelAttachmentRequest => wire::ChannelAttachmentList;
}

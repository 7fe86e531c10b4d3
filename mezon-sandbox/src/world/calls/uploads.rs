//! Uploads: the calls that give signed URLs. The bytes go to the [store](crate::world::files).

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    MultipartUploadAttachmentFileFinish => finish_upload,
    MultipartUploadAttachmentFileStart => begin_upload,
    UploadAttachmentFile => place_file,
    UploadBatchAttachmentFile => place_files,
    UploadOauthFile => place_file,
}

/// The most parts that an upload may have. Assumed: such stores take as many.
const MOST_PARTS: i32 = 10_000;

/// The most files of a batch. Clients send no more in a message.
const MOST_FILES: usize = 50;

impl World {
    fn place_file(
        &mut self,
        call: Call,
        request: api::UploadAttachmentRequest,
    ) -> Result<api::UploadAttachment, Refusal> {
        let filename = self.new_key(call, &request.filename);
        let url = self.sign_url(call.now, &filename, None);
        Ok(api::UploadAttachment { filename, url })
    }

    fn place_files(
        &mut self,
        call: Call,
        request: api::UploadBatchAttachmentRequest,
    ) -> Result<api::UploadAttachmentBatch, Refusal> {
        if request.upload_files.len() > MOST_FILES {
            return Err(Refusal::new(INVALID_ARGUMENT, "too many files"));
        }
        let placed = request.upload_files.into_iter().map(|file| self.place_file(call, file));
        Ok(api::UploadAttachmentBatch { uploaded_files: placed.collect::<Result<_, _>>()? })
    }

    fn begin_upload(
        &mut self,
        call: Call,
        request: api::UploadAttachmentRequest,
    ) -> Result<api::MultipartUploadAttachment, Refusal> {
        if !(1..=MOST_PARTS).contains(&request.part_count) {
            return Err(Refusal::new(INVALID_ARGUMENT, "part_count is out of range"));
        }
        let filename = self.new_key(call, &request.filename);
        let upload_id = format!("upload-{}", self.ids.next(call.now));
        let sign = |number| self.sign_url(call.now, &filename, Some((&upload_id, number)));
        let urls = (1..=request.part_count).map(sign).collect();
        self.files.begin(upload_id.clone(), filename.clone(), request.filetype);
        Ok(api::MultipartUploadAttachment { filename, urls, upload_id })
    }

    fn finish_upload(
        &mut self,
        _: Call,
        request: api::MultipartUploadAttachmentFinishRequest,
    ) -> Result<api::UploadAttachment, Refusal> {
        let finished = self.files.finish(&request);
        let filename =
            finished.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "these are not the parts of an upload"))?;
        let url = self.file_url(&filename);
        Ok(api::UploadAttachment { filename, url })
    }

    fn new_key(&mut self, call: Call, name: &str) -> String {
        let extension = name.rsplit_once('.').map(|(_, extension)| format!(".{extension}")).unwrap_or_default();
        let extension: String = extension.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
        format!("mezon/{}/{}{extension}", call.user(), self.ids.next(call.now))
    }
}

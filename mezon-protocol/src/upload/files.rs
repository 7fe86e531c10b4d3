//! The uploads themselves, as calls of many steps.
//!
//! Round by round: small files ask for their URLs together and are put side by side; then each large one is begun, put
//! in parts, and finished. A file whose URL was refused stays for the next round.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::transfer::{Next, Put, PutEnd, Transfer, expired};
use super::{PresignedUpload, Upload, UploadRequest, Uploaded, clean_url, is_web};
use crate::api::{
    self, MultipartUploadAttachmentFileFinish, MultipartUploadAttachmentFileStart, UploadAttachmentFile,
    UploadBatchAttachmentFile,
};
use crate::call::{Answer, Call, Step, Via};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::Tally;
use crate::machine::Shared;
use crate::proto::api::{
    MultipartUploadAttachment, MultipartUploadAttachmentFinishRequest, MultipartUploadAttachmentPart,
    UploadBatchAttachmentRequest,
};
use crate::secret::Secret;

/// Uploads several files; see [`Bot::upload_all`](crate::object::Bot::upload_all).
pub struct UploadAll {
    files: Vec<File>,
    stage: Stage,
    /// The URL is not ours to replace.
    is_placed: bool,
}

struct File {
    upload: Upload,
    /// How often its URLs were refused.
    refusals: u32,
    done: Option<Uploaded>,
}

enum Stage {
    Next,
    /// Small files have asked for their URLs.
    Asked(Vec<usize>),
    /// Small files are on their way.
    Files(Vec<(usize, PresignedUpload)>, Transfer),
    /// A large file was begun.
    Begun(usize),
    /// Its parts are on their way.
    Parts(usize, MultipartUploadAttachment, Transfer),
    /// It was finished.
    Finished(usize, MultipartUploadAttachment),
}

impl UploadAll {
    /// Uploads these.
    pub fn new<U: Into<Upload>>(uploads: impl IntoIterator<Item = U>) -> Self {
        let file = |upload: U| File { upload: upload.into(), refusals: 0, done: None };
        Self { files: uploads.into_iter().map(file).collect(), stage: Stage::Next, is_placed: false }
    }

    /// Begins the next round.
    fn next(&mut self, shared: &Shared) -> Result<Step<Vec<Uploaded>>, Error> {
        // what is empty has no parts
        let limit = shared.config.transfers.multipart_from.max(1);
        let waiting = || self.files.iter().enumerate().filter(|(_, file)| file.done.is_none());
        let small: Vec<_> = waiting().filter(|(_, file)| file.upload.size() < limit).map(|(place, _)| place).collect();
        if !small.is_empty() {
            return self.ask(small);
        }
        let Some((large, file)) = waiting().next() else {
            return Ok(Step::Done(Ok(self.files.iter_mut().filter_map(|file| file.done.take()).collect())));
        };
        let parts = file.upload.size().div_ceil(shared.config.transfers.part_size);
        let mut request = file.request().to_wire()?;
        request.part_count = i32::try_from(parts).map_err(|_| invalid("too many parts"))?;
        self.stage = Stage::Begun(large);
        Ok(Step::Request(api::request::<MultipartUploadAttachmentFileStart>(&request, Via::Auto)))
    }

    fn ask(&mut self, files: Vec<usize>) -> Result<Step<Vec<Uploaded>>, Error> {
        let requests = files.iter().map(|file| self.files[*file].request().to_wire());
        let mut upload_files = requests.collect::<Result<Vec<_>, _>>()?;
        self.stage = Stage::Asked(files);
        Ok(Step::Request(if upload_files.len() == 1 {
            api::request::<UploadAttachmentFile>(&upload_files.remove(0), Via::Auto)
        } else {
            api::request::<UploadBatchAttachmentFile>(&UploadBatchAttachmentRequest { upload_files }, Via::Auto)
        }))
    }

    fn on_asked(&self, shared: &Shared, files: Vec<usize>, answer: Answer) -> Result<Stage, Error> {
        let placed: Vec<PresignedUpload> = if files.len() == 1 {
            vec![api::response::<UploadAttachmentFile>(answer)?.into()]
        } else {
            let batch = api::response::<UploadBatchAttachmentFile>(answer)?;
            batch.uploaded_files.into_iter().map(PresignedUpload::from).collect()
        };
        if placed.len() != files.len() || !placed.iter().all(|placed| is_web(placed.url.expose())) {
            return Err(unusable());
        }
        Ok(self.put_files(shared, files.into_iter().zip(placed).collect()))
    }

    fn put_files(&self, shared: &Shared, placed: Vec<(usize, PresignedUpload)>) -> Stage {
        let put = |(file, placed): &(usize, PresignedUpload)| self.files[*file].put_whole(placed.url.clone());
        let puts = placed.iter().map(put).collect();
        let policy = shared.config.transfers;
        Stage::Files(placed, Transfer::new(puts, policy.parallel_files, false, policy))
    }

    fn on_files_ended(
        &mut self,
        shared: &Shared,
        placed: Vec<(usize, PresignedUpload)>,
        ends: Vec<PutEnd>,
    ) -> Result<(), Error> {
        for ((file, placed), end) in placed.into_iter().zip(ends) {
            match end {
                PutEnd::Stored(_) => {
                    let url = public_url(shared, &placed.file_name, placed.clean_url());
                    self.files[file].end(placed.file_name, url);
                }
                PutEnd::Expired => self.refused(shared, file)?,
            }
        }
        Ok(())
    }

    fn on_begun(&self, shared: &Shared, file: usize, answer: Answer) -> Result<Stage, Error> {
        let begun = api::response::<MultipartUploadAttachmentFileStart>(answer)?;
        let policy = shared.config.transfers;
        let puts = self.files[file].put_parts(&begun.urls, policy.part_size).ok_or_else(unusable)?;
        Ok(Stage::Parts(file, begun, Transfer::new(puts, policy.parallel_parts, true, policy)))
    }

    fn on_parts_ended(
        &mut self,
        shared: &Shared,
        file: usize,
        begun: MultipartUploadAttachment,
        ends: Vec<PutEnd>,
    ) -> Result<Step<Vec<Uploaded>>, Error> {
        if ends.contains(&PutEnd::Expired) {
            self.refused(shared, file)?;
            return self.next(shared);
        }
        let part = |(part_number, end)| match end {
            PutEnd::Stored(Some(e_tag)) => Ok(MultipartUploadAttachmentPart { part_number, e_tag }),
            PutEnd::Stored(None) | PutEnd::Expired => Err(undecodable("a part was stored without an ETag")),
        };
        let finish = MultipartUploadAttachmentFinishRequest {
            upload_id: begun.upload_id.clone(),
            parts: (1..).zip(ends).map(part).collect::<Result<_, _>>()?,
            filename: begun.filename.clone(),
        };
        self.stage = Stage::Finished(file, begun);
        Ok(Step::Request(api::request::<MultipartUploadAttachmentFileFinish>(&finish, Via::Auto)))
    }

    fn on_finished(
        &mut self,
        shared: &Shared,
        file: usize,
        begun: &MultipartUploadAttachment,
        answer: Answer,
    ) -> Result<(), Error> {
        let finished = api::response::<MultipartUploadAttachmentFileFinish>(answer)?;
        let key = if finished.filename.is_empty() { begun.filename.clone() } else { finished.filename };
        let url = match clean_url(&finished.url) {
            "" => format!("{}/{key}", origin(begun.urls.first().map_or("", String::as_str))),
            url => url.to_owned(),
        };
        let url = public_url(shared, &key, &url);
        self.files[file].end(key, url);
        Ok(())
    }

    /// A URL was refused: fresh ones may do, unless that has been tried already.
    fn refused(&mut self, shared: &Shared, file: usize) -> Result<(), Error> {
        let file = &mut self.files[file];
        file.refusals += 1;
        if self.is_placed || file.refusals > shared.config.transfers.restarts { Err(expired()) } else { Ok(()) }
    }

    fn step(&mut self, shared: &Shared, answer: Answer) -> Result<Step<Vec<Uploaded>>, Error> {
        let now = shared.now.elapsed;
        match std::mem::replace(&mut self.stage, Stage::Next) {
            Stage::Next => self.next(shared),
            Stage::Asked(files) => {
                self.stage = self.on_asked(shared, files, answer)?;
                self.step(shared, Answer::Start)
            }
            Stage::Begun(file) => {
                self.stage = self.on_begun(shared, file, answer)?;
                self.step(shared, Answer::Start)
            }
            Stage::Files(placed, mut transfer) => match transfer.resume(now, answer) {
                Next::Perform(sides) => {
                    self.stage = Stage::Files(placed, transfer);
                    Ok(Step::SideBySide(sides))
                }
                Next::Ended(ends) => {
                    self.on_files_ended(shared, placed, ends)?;
                    self.next(shared)
                }
                Next::Failed(error) => Err(error),
            },
            Stage::Parts(file, begun, mut transfer) => match transfer.resume(now, answer) {
                Next::Perform(sides) => {
                    self.stage = Stage::Parts(file, begun, transfer);
                    Ok(Step::SideBySide(sides))
                }
                Next::Ended(ends) => self.on_parts_ended(shared, file, begun, ends),
                Next::Failed(error) => Err(error),
            },
            Stage::Finished(file, begun) => {
                self.on_finished(shared, file, &begun, answer)?;
                self.next(shared)
            }
        }
    }
}

impl Call for UploadAll {
    type Output = Vec<Uploaded>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Vec<Uploaded>> {
        answer.and_then(|answer| self.step(shared, answer)).unwrap_or_else(|error| Step::Done(Err(error)))
    }

    fn timeout(&self, _: &Config) -> Duration {
        Duration::MAX
    }
}

impl fmt::Debug for UploadAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.iter().map(|file| &file.upload)).finish()
    }
}

/// Uploads a file; see [`Bot::upload`](crate::object::Bot::upload).
#[derive(Debug)]
pub struct UploadFile {
    all: UploadAll,
    placed: Option<PresignedUpload>,
}

impl UploadFile {
    /// Uploads this.
    pub fn new(upload: impl Into<Upload>) -> Self {
        Self { all: UploadAll::new([upload]), placed: None }
    }

    /// Puts it to a signed URL that was asked for already, however large it is.
    pub fn to(placed: PresignedUpload, upload: impl Into<Upload>) -> Self {
        Self { placed: Some(placed), ..Self::new(upload) }
    }
}

impl Call for UploadFile {
    type Output = Uploaded;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Uploaded> {
        if let Some(placed) = self.placed.take() {
            if !is_web(placed.url.expose()) {
                return Step::Done(Err(invalid("not an http(s) URL")));
            }
            self.all.is_placed = true;
            self.all.stage = self.all.put_files(shared, vec![(0, placed)]);
        }
        self.all.resume(shared, answer).map(|mut uploaded| uploaded.remove(0))
    }

    fn timeout(&self, config: &Config) -> Duration {
        Call::timeout(&self.all, config)
    }
}

impl File {
    fn request(&self) -> UploadRequest {
        let upload = &self.upload;
        UploadRequest {
            file_name: upload.name.clone(),
            file_type: upload.file_type.clone(),
            size: Some(upload.size()),
            width: Some(upload.width),
            height: Some(upload.height),
        }
    }

    fn put_whole(&self, url: Secret) -> Put {
        self.puts([(url, 0..self.upload.size())]).remove(0)
    }

    /// None if the URLs are not one for each part.
    fn put_parts(&self, urls: &[String], part_size: u64) -> Option<Vec<Put>> {
        let size = self.upload.size();
        let parts = (0..size.div_ceil(part_size)).map(|part| part * part_size..size.min((part + 1) * part_size));
        let fits = parts.size_hint().0 == urls.len() && urls.iter().all(|url| is_web(url));
        fits.then(|| self.puts(urls.iter().map(|url| Secret::from(url.as_str())).zip(parts)))
    }

    fn puts(&self, sections: impl IntoIterator<Item = (Secret, std::ops::Range<u64>)>) -> Vec<Put> {
        let sections: Vec<_> = sections.into_iter().collect();
        let tally = |report| Arc::new(Tally::new(sections.len(), self.upload.size(), report));
        let tally = self.upload.report.clone().map(tally);
        let put = |(part, (url, section))| {
            let body = self.upload.section(section);
            let body = match &tally {
                Some(tally) => body.counted(Arc::clone(tally), part),
                None => body,
            };
            Put { url, file_type: self.upload.file_type.clone(), body }
        };
        sections.into_iter().enumerate().map(put).collect()
    }

    fn end(&mut self, key: String, url: String) {
        self.done = Some(Uploaded::new(&self.upload, key, url));
    }
}

/// Where a file is for everybody: where the configuration says that all are, else where it was put.
fn public_url(shared: &Shared, key: &str, put: &str) -> String {
    match &shared.config.services.cdn {
        Some(base) => format!("{}/{key}", base.trim_end_matches('/')),
        None => put.to_owned(),
    }
}

/// Scheme and host of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |end| host + end);
    &url[..end]
}

fn invalid(what: &str) -> Error {
    Error::unsent(ErrorKind::InvalidArgument(what.into()))
}

fn undecodable(what: &str) -> Error {
    Error::answered(ErrorKind::Decode(what.into()))
}

fn unusable() -> Error {
    undecodable("not one signed URL for each file or part")
}

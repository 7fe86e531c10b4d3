//! The file store: signed URLs that expire, what was put to them, and the public addresses.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{Bytes, BytesMut};
use mezon_protocol::Now;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api;

use super::World;
use super::http::{Request, response};

/// The path of the store.
const FILES: &str = "/files/";

/// What has been uploaded.
#[derive(Debug, Default)]
pub(super) struct Files {
    stored: BTreeMap<String, StoredFile>,
    /// Uploads in parts that are not finished, by their id.
    begun: BTreeMap<String, Begun>,
    /// How many bytes of contents are kept.
    kept: usize,
}

#[derive(Debug)]
struct Begun {
    key: String,
    file_type: String,
    parts: BTreeMap<i32, (StoredPart, Option<Bytes>)>,
}

/// A file that was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// The `Content-Type` that came with it.
    pub file_type: String,
    /// Its parts; one if it came whole.
    pub parts: Vec<StoredPart>,
    /// What is in it, if there was room for that: see [`Settings::kept_bytes`](crate::Settings::kept_bytes).
    pub bytes: Option<Bytes>,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredPart {
    /// Its size in bytes.
    pub size: u64,
    /// The [digest](StoredFile::digest) of its bytes.
    pub digest: u64,
}

impl StoredFile {
    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.size).sum()
    }

    /// A number that tells contents apart (not those that somebody forges).
    pub fn digest(bytes: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        hasher.finish()
    }
}

impl Files {
    /// How many files there are, finished or not.
    pub(super) fn len(&self) -> usize {
        self.stored.len() + self.begun.len()
    }

    /// Begins an upload in parts.
    pub(super) fn begin(&mut self, id: String, key: String, file_type: String) {
        self.begun.insert(id, Begun { key, file_type, parts: BTreeMap::new() });
    }

    /// Makes a file of the parts, which must be all that there are, in order; `None` if they are not.
    pub(super) fn finish(&mut self, request: &api::MultipartUploadAttachmentFinishRequest) -> Option<String> {
        let begun = self.begun.get(&request.upload_id).filter(|begun| begun.key == request.filename)?;
        let are_there =
            request.parts.len() == begun.parts.len()
                && request.parts.iter().zip(&begun.parts).all(|(named, (number, (part, _)))| {
                    named.part_number == *number && named.e_tag == e_tag(part.digest)
                });
        if !are_there {
            return None;
        }
        let begun = self.begun.remove(&request.upload_id)?;
        let mut file = StoredFile { file_type: begun.file_type, bytes: Some(Bytes::new()), parts: Vec::new() };
        let mut whole = Some(BytesMut::new());
        for (part, bytes) in begun.parts.into_values() {
            file.parts.push(part);
            whole = whole.zip(bytes).map(|(mut whole, bytes)| {
                whole.extend_from_slice(&bytes);
                whole
            });
        }
        file.bytes = whole.map(BytesMut::freeze);
        self.stored.insert(begun.key.clone(), file);
        Some(begun.key)
    }

    /// Keeps what was put: the bytes only while there is room.
    fn put(&mut self, place: &Place, file_type: &str, bytes: &Bytes, room: usize) -> Option<u64> {
        let part = StoredPart { size: bytes.len() as u64, digest: StoredFile::digest(bytes) };
        let is_kept = self.kept + bytes.len() <= room;
        let kept = is_kept.then(|| bytes.clone());
        match &place.part {
            Some((upload, number)) => {
                self.begun.get_mut(upload)?.parts.insert(*number, (part, kept));
            }
            None => {
                let file = StoredFile { file_type: file_type.to_owned(), parts: vec![part], bytes: kept };
                self.stored.insert(place.key.clone(), file);
            }
        }
        self.kept += if is_kept { bytes.len() } else { 0 };
        Some(part.digest)
    }
}

/// Where a signed URL leads.
#[derive(Debug)]
struct Place {
    key: String,
    part: Option<(String, i32)>,
}

fn e_tag(digest: u64) -> String {
    format!("\"{digest:016x}\"")
}

impl World {
    /// An uploaded file by its key, once it is there.
    pub fn file(&self, key: &str) -> Option<&StoredFile> {
        self.files.stored.get(key)
    }

    /// The keys of all uploaded files.
    pub fn file_keys(&self) -> Vec<&str> {
        self.files.stored.keys().map(String::as_str).collect()
    }

    /// The plain address of a file.
    pub(super) fn file_url(&self, key: &str) -> String {
        format!("{}{FILES}{key}", self.settings.api_url)
    }

    /// A URL to put a file, or a part of one, to.
    pub(super) fn sign_url(&self, now: Now, key: &str, part: Option<(&str, i32)>) -> String {
        let expires = now.unix.saturating_add(self.settings.signed_url_lifetime).as_millis();
        let part = part.map(|(upload, number)| format!("&upload={upload}&part={number}")).unwrap_or_default();
        let path = format!("{FILES}{key}?expires={expires}{part}");
        format!("{}{path}&signature={}", self.settings.api_url, self.signature(&path))
    }

    fn signature(&self, path: &str) -> String {
        let mut hasher = DefaultHasher::new();
        (self.seed, path).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Where a signed URL leads; nowhere when it is not ours or has expired.
    fn place(&self, now: Now, path: &str) -> Option<Place> {
        let (signed, signature) = path.rsplit_once("&signature=")?;
        let (key, query) = signed.strip_prefix(FILES)?.split_once('?')?;
        let field = |name: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == name);
        let expires: u128 = field("expires")?.1.parse().ok()?;
        if signature != self.signature(signed) || expires < now.unix.as_millis() {
            return None;
        }
        let part = field("upload").zip(field("part"));
        let part = part.map(|((_, upload), (_, number))| number.parse().map(|number| (upload.to_owned(), number)));
        Some(Place { key: key.to_owned(), part: part.transpose().ok()? })
    }

    pub(super) fn put_file(&mut self, now: Now, request: &Request) -> HttpResponse {
        self.counters.puts += 1;
        if let Some(status) = self.faults.take_put_refusal() {
            return store_refusal(status, &request.path);
        }
        let Some(place) = self.place(now, &request.path) else { return store_refusal(403, &request.path) };
        let file_type = request.header("content-type").unwrap_or_default();
        let room = self.settings.kept_bytes;
        let Some(digest) = self.files.put(&place, file_type, &request.body, room) else {
            return store_refusal(404, &request.path);
        };
        let mut answer = response(200, "application/xml", Vec::new());
        answer.headers.push(("etag".to_owned(), e_tag(digest)));
        answer
    }

    /// What everybody gets at the plain address; nothing of what is not kept.
    pub(super) fn get_file(&self, request: &Request, path: &str) -> Option<HttpResponse> {
        let key = path.strip_prefix(FILES)?;
        let found = self.files.stored.get(key).and_then(|file| Some((file, file.bytes.clone()?)));
        Some(match found {
            Some((file, bytes)) => match request.header("range").and_then(wanted) {
                Some(range) => piece(&bytes, &file.file_type, range),
                None => HttpResponse { body: bytes, ..response(200, &file.file_type, Vec::new()) },
            },
            None => store_refusal(404, path),
        })
    }
}

/// The first and the last byte that are asked for: `bytes=0-99`.
fn wanted(range: &str) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn piece(bytes: &Bytes, file_type: &str, (first, last): (usize, usize)) -> HttpResponse {
    let end = bytes.len().min(last.saturating_add(1));
    if first >= end {
        return response(416, file_type, Vec::new());
    }
    let mut answer = HttpResponse { body: bytes.slice(first..end), ..response(206, file_type, Vec::new()) };
    answer.headers.push(("content-range".to_owned(), format!("bytes {first}-{}/{}", end - 1, bytes.len())));
    answer
}

/// As such stores do, it repeats what was asked for.
fn store_refusal(status: u16, path: &str) -> HttpResponse {
    let body = format!("<Error><Code>AccessDenied</Code><Resource>{path}</Resource></Error>");
    response(status, "application/xml", body.into_bytes())
}

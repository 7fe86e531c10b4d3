//! Uploads: signed URLs, parts, the store.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::api;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api as wire;

use super::rig::Rig;
use crate::world::Request;

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &'static [u8]) -> Request {
    let path = url.strip_prefix("http://127.0.0.1").expect("a URL of the sandbox");
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Bytes::from_static(body),
    }
}

fn put(rig: &mut Rig, url: &str, body: &'static [u8]) -> HttpResponse {
    rig.world.handle_http(rig.now, &request("PUT", url, &[("content-type", "image/png")], body))
}

fn get(rig: &mut Rig, url: &str, headers: &[(&str, &str)]) -> HttpResponse {
    rig.world.handle_http(rig.now, &request("GET", url, headers, b""))
}

fn placed(rig: &mut Rig) -> wire::UploadAttachment {
    let conn = rig.connect();
    rig.api::<api::UploadAttachmentFile>(
        conn,
        wire::UploadAttachmentRequest { filename: "a cat.png".to_owned(), ..Default::default() },
    )
}

#[test]
fn what_is_put_to_a_signed_url_is_at_its_plain_address() {
    let mut rig = Rig::new();
    let placed = placed(&mut rig);
    assert!(placed.filename.ends_with(".png"), "{}", placed.filename);
    let plain = placed.url.split('?').next().unwrap();
    assert_eq!(get(&mut rig, plain, &[]).status, 404);
    assert_eq!(put(&mut rig, &placed.url, b"hello").status, 200);
    let got = get(&mut rig, plain, &[]);
    assert_eq!((got.status, &got.body[..], got.header("content-type")), (200, &b"hello"[..], Some("image/png")));
    let piece = get(&mut rig, plain, &[("range", "bytes=1-3")]);
    assert_eq!((piece.status, &piece.body[..], piece.header("content-range")), (206, &b"ell"[..], Some("bytes 1-3/5")));
    assert_eq!(get(&mut rig, plain, &[("range", "bytes=5-9")]).status, 416);
}

#[test]
fn urls_that_are_not_signed_or_have_expired_are_refused() {
    let mut rig = Rig::new();
    let url = placed(&mut rig).url;
    let later = url.replace("expires=1", "expires=2");
    for bad in [url.split('?').next().unwrap(), later.as_str(), &url[..url.len() - 1]] {
        assert_eq!(put(&mut rig, bad, b"x").status, 403, "{bad}");
    }
    rig.wait(Duration::from_secs(60));
    assert_eq!(put(&mut rig, &url, b"x").status, 200);
    rig.wait(Duration::from_millis(1));
    assert_eq!(put(&mut rig, &url, b"x").status, 403);
}

#[test]
fn parts_may_come_in_any_order_and_all_must_be_there() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let begin = wire::UploadAttachmentRequest { part_count: 2, ..Default::default() };
    let begun = rig.api::<api::MultipartUploadAttachmentFileStart>(conn, begin);
    let e_tag = |rig: &mut Rig, part: usize, body| {
        put(rig, &begun.urls[part], body).header("etag").expect("an ETag").to_owned()
    };
    let second = e_tag(&mut rig, 1, b"world");
    let finish = |tags: &[&String]| wire::MultipartUploadAttachmentFinishRequest {
        upload_id: begun.upload_id.clone(),
        parts: (1..)
            .zip(tags)
            .map(|(part_number, tag)| wire::MultipartUploadAttachmentPart { part_number, e_tag: (*tag).clone() })
            .collect(),
        filename: begun.filename.clone(),
    };
    assert_eq!(rig.refused::<api::MultipartUploadAttachmentFileFinish>(conn, finish(&[&second])), 3);
    let first = e_tag(&mut rig, 0, b"hello ");
    assert_eq!(rig.refused::<api::MultipartUploadAttachmentFileFinish>(conn, finish(&[&second, &first])), 3);
    let done = rig.api::<api::MultipartUploadAttachmentFileFinish>(conn, finish(&[&first, &second]));
    assert_eq!(&get(&mut rig, &done.url, &[]).body[..], b"hello world");
    assert_eq!(put(&mut rig, &begun.urls[0], b"late").status, 404);
    assert_eq!(rig.refused::<api::MultipartUploadAttachmentFileStart>(conn, Default::default()), 3);
}

#[test]
fn of_what_there_is_no_room_for_size_and_digest_are_known() {
    let mut rig = Rig::new();
    rig.world.settings_mut().kept_bytes = 4;
    let placed = placed(&mut rig);
    assert_eq!(put(&mut rig, &placed.url, b"hello").status, 200);
    let file = rig.world.file(&placed.filename).unwrap();
    assert_eq!((file.size(), file.bytes.as_ref()), (5, None));
    assert_eq!(file.parts[0].digest, crate::StoredFile::digest(b"hello"));
}

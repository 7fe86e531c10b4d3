//! What an upload does, step by step, in virtual time.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mezon_protocol::api::ListChannelAttachment;
use mezon_protocol::exchange::Source;
use mezon_protocol::proto::api::ListChannelAttachmentRequest;
use mezon_protocol::upload::{Download, TransferPolicy, Upload, UploadRequest, clean_url};
use mezon_protocol::{ChannelId, Content, ErrorKind};
use mezon_tests::sim::Sim;

use crate::{Reports, config, noise, stored, town};

fn sim() -> (Sim, ChannelId) {
    let (world, bot, general) = town();
    (Sim::new(config(bot), world, 3), general)
}

fn second(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Rows 240, 241, 244, 274, 280.
#[test]
fn a_picture_is_uploaded_and_sent() {
    let (mut sim, general) = sim();
    sim.connect();
    let upload = sim.bot.upload(Upload::bytes("my cat.png", noise(999)).dimensions(640, 480));
    let uploaded = sim.finish(upload).unwrap();
    assert_eq!(uploaded.url, format!("http://127.0.0.1/files/{}", uploaded.key));
    let file = stored(&sim.world());
    assert_eq!((file.file_type.as_str(), file.bytes.as_deref()), ("image/png", Some(&noise(999)[..])));
    let sent = sim.bot.channel(general).send(Content::text("look").attachment(&uploaded));
    let sent = sim.finish(sent).unwrap();
    assert_eq!(sim.world().messages_in(general), [sent.id()]);
    let shown = sim.bot.api().call::<ListChannelAttachment>(ListChannelAttachmentRequest {
        channel_id: general.get(),
        ..Default::default()
    });
    assert_eq!(sim.finish(shown).unwrap().attachments[0].url, uploaded.url);
    let attachment = uploaded.attachment;
    assert_eq!((attachment.file_name.as_str(), attachment.size), ("my cat.png", 999));
    assert_eq!((attachment.width, attachment.height, attachment.url), (640, 480, uploaded.url));
    assert_eq!(sim.world().counters().socket_calls["UploadAttachmentFile"], 1);
}

/// Rows 239, 240, 241, 279.
#[test]
fn the_steps_can_be_taken_one_by_one() {
    let (mut sim, _) = sim();
    sim.connect();
    let request = UploadRequest { file_name: "a.txt".into(), file_type: "text/plain".into(), ..Default::default() };
    let placed = sim.bot.upload_attachment(request);
    let placed = sim.finish(placed).unwrap();
    assert!(placed.url.expose().contains("signature="));
    assert_eq!(placed.clean_url(), clean_url(placed.url.expose()));
    let put = sim.bot.put_file(placed.clone(), Upload::bytes("a.txt", "hello"));
    let uploaded = sim.finish(put).unwrap();
    assert_eq!((uploaded.url.as_str(), &uploaded.key), (placed.clean_url(), &placed.file_name));
    assert_eq!(stored(&sim.world()).bytes.as_deref(), Some(&b"hello"[..]));
}

/// Row 243.
#[test]
fn a_signed_url_is_good_for_a_minute() {
    let (mut sim, _) = sim();
    sim.connect();
    let placed = sim.bot.upload_attachment(UploadRequest::default());
    let placed = sim.finish(placed).unwrap();
    sim.run_for(second(61));
    let put = sim.bot.put_file(placed, Upload::bytes("a.txt", "hello"));
    let error = sim.finish(put).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { code: 7, .. }), "{error}");
    assert_eq!(sim.world().counters().puts, 1);
}

#[test]
fn a_large_file_goes_in_parts() {
    let (mut sim, _) = sim();
    sim.connect();
    for (size, parts) in [(1000, vec![300, 300, 300, 100]), (1200, vec![300; 4])] {
        let reports = Reports::default();
        let upload = sim.bot.upload(Upload::bytes("a.bin", noise(size)).on_progress(reports.taker()));
        let uploaded = sim.finish(upload).unwrap();
        let file = sim.world().file(&uploaded.key).unwrap().clone();
        assert_eq!(file.bytes.as_deref(), Some(&noise(size)[..]));
        assert_eq!(file.parts.iter().map(|part| part.size).collect::<Vec<_>>(), parts);
        assert_eq!(uploaded.url, format!("http://127.0.0.1/files/{}", uploaded.key));
        let size = size as u64;
        assert_eq!(reports.all().last(), Some(&(size, size)));
        assert!(reports.all().is_sorted(), "{:?}", reports.all());
    }
}

#[test]
fn without_a_connection_it_goes_over_http() {
    let (mut sim, _) = sim();
    for size in [10, 1000] {
        let upload = sim.bot.upload(Upload::bytes("a.bin", noise(size)));
        sim.finish(upload).unwrap();
    }
    let world = sim.world();
    assert_eq!(world.counters().http_calls["UploadAttachmentFile"], 1);
    assert_eq!(world.counters().http_calls["MultipartUploadAttachmentFileFinish"], 1);
}

#[test]
fn parts_that_fail_are_sent_again_and_the_file_is_whole() {
    let (mut sim, _) = sim();
    sim.connect();
    sim.act(|world, _| {
        world.refuse_puts(503, 2);
        world.break_puts(2);
    });
    let (start, reports) = (sim.now().elapsed, Reports::default());
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(2000)).on_progress(reports.taker()));
    let uploaded = sim.finish(upload).unwrap();
    assert_eq!(stored(&sim.world()).bytes.as_deref(), Some(&noise(2000)[..]));
    assert_eq!(uploaded.attachment.size, 2000);
    assert_eq!(sim.world().counters().puts, 7 + 2);
    assert!(sim.now().elapsed - start >= second(1));
    assert_eq!(reports.all().last(), Some(&(2000, 2000)));
    assert!(!reports.all().is_sorted(), "what is sent again is counted again");
}

#[test]
fn a_part_that_always_fails_ends_the_upload() {
    let (mut sim, _) = sim();
    sim.connect();
    sim.act(|world, _| world.break_puts(100));
    let start = sim.now().elapsed;
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(500)));
    let error = sim.finish(upload).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Disconnected);
    assert_eq!((sim.now().elapsed - start).as_secs(), 1 + 2 + 4);
}

/// Row 243.
#[test]
fn fresh_urls_are_asked_for_when_one_has_expired() {
    // of a file in parts two are refused at the same time
    for (size, call, times) in [(500, "UploadAttachmentFile", 3), (1000, "MultipartUploadAttachmentFileStart", 2)] {
        let (mut sim, _) = sim();
        sim.connect();
        sim.act(|world, _| world.refuse_puts(403, 2));
        let upload = sim.bot.upload(Upload::bytes("a.bin", noise(size)));
        sim.finish(upload).unwrap();
        assert_eq!(stored(&sim.world()).bytes.as_deref(), Some(&noise(size)[..]));
        assert_eq!(sim.world().counters().calls(call), times);
    }
    let (mut sim, _) = sim();
    sim.connect();
    sim.act(|world, _| world.refuse_puts(403, 100));
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(1000)));
    assert!(matches!(sim.finish(upload).unwrap_err().kind(), ErrorKind::Refused { code: 7, .. }));
    assert_eq!(sim.world().counters().calls("MultipartUploadAttachmentFileStart"), 3);
}

#[test]
fn several_files_ask_together_and_come_back_in_order() {
    let (mut sim, _) = sim();
    sim.connect();
    sim.act(|world, _| world.refuse_puts(403, 1));
    let sizes = [10, 1500, 20, 0, 1000, 30];
    let upload = sim.bot.upload_all(sizes.map(|size| Upload::bytes(format!("{size}.txt"), noise(size))));
    let uploaded = sim.finish(upload).unwrap();
    for (size, uploaded) in sizes.into_iter().zip(&uploaded) {
        assert_eq!(uploaded.attachment.file_name, format!("{size}.txt"));
        assert_eq!(sim.world().file(&uploaded.key).unwrap().bytes.as_deref(), Some(&noise(size)[..]));
    }
    let calls = |name| sim.world().counters().calls(name);
    assert_eq!(calls("UploadBatchAttachmentFile"), 1);
    assert_eq!(calls("UploadAttachmentFile"), 1, "only the one that was refused asks again");
    assert_eq!(calls("MultipartUploadAttachmentFileStart"), 2);
    let content = Content::text("").with_attachments(uploaded);
    assert_eq!(content.attachments().len(), 6);
    let none = sim.bot.upload_all([] as [Upload; 0]);
    assert_eq!(sim.finish(none).unwrap(), []);
}

#[test]
fn the_public_address_may_be_elsewhere() {
    let (world, bot, _) = town();
    let mut config = config(bot);
    config.services.cdn = Some("https://cdn.test/".into());
    let mut sim = Sim::new(config, world, 3);
    for size in [10, 1000] {
        let upload = sim.bot.upload(Upload::bytes("a.bin", noise(size)));
        let uploaded = sim.finish(upload).unwrap();
        assert_eq!(uploaded.url, format!("https://cdn.test/{}", uploaded.key));
    }
}

#[test]
fn what_is_too_large_to_announce_is_refused_at_once() {
    struct Endless;
    impl mezon_protocol::exchange::Source for Endless {
        fn len(&self) -> u64 {
            1 << 31
        }

        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("nobody should read it")
        }
    }
    let (mut sim, _) = sim();
    let upload = sim.bot.upload(Upload::new("a.bin", Endless));
    let error = sim.finish(upload).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)), "{error}");
}

#[test]
fn a_call_without_an_answer_does_not_wait_for_ever() {
    let (mut sim, _) = sim();
    sim.connect();
    let start = sim.now().elapsed;
    let bot = sim.bot_id;
    sim.act(|world, _| world.half_open(bot));
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(10)));
    let error = sim.finish(upload).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Disconnected), "{error}");
    assert!(sim.now().elapsed - start <= second(30));
}

#[test]
fn a_file_comes_back_as_it_was_within_a_bound() {
    let (mut sim, _) = sim();
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(1000)));
    let uploaded = sim.finish(upload).unwrap();
    let download = sim.bot.download(&uploaded.attachment);
    assert_eq!(sim.finish(download).unwrap(), noise(1000));
    let gone = sim.bot.download(format!("{}x", uploaded.url));
    assert!(matches!(sim.finish(gone).unwrap_err().kind(), ErrorKind::NotFound { .. }));
    for url in ["file:///etc/passwd", "gopher://h/1", "/files/1", ""] {
        let download = sim.bot.download(Download::new(url));
        let error = sim.finish(download).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidArgument(_)), "{url}: {error}");
    }
}

/// Gives what it is given to whoever shares it.
#[derive(Clone, Debug, Default)]
struct Shelf(Arc<Mutex<Vec<u8>>>);

impl Write for Shelf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() == 10 {
            return Err(io::Error::other("the disk is full"));
        }
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_file_is_saved_in_pieces_and_breaks_are_survived() {
    let (world, bot, _) = town();
    let mut config = config(bot);
    config.transfers = TransferPolicy::default();
    let mut sim = Sim::new(config, world, 3);
    for size in [0, 1000, 4 << 20, (8 << 20) + 1] {
        let upload = sim.bot.upload(Upload::new("a.bin", Numbers(size)));
        let url = sim.finish(upload).unwrap().url;
        let shelf = Shelf::default();
        let saving = sim.bot.download_to(url, shelf.clone());
        for _ in 0..3 {
            sim.run_for(Duration::from_millis(12));
            sim.break_http();
        }
        sim.finish(saving).unwrap();
        let mut expected = vec![0; size as usize];
        Numbers(size).read_at(0, &mut expected).unwrap();
        assert_eq!(*shelf.0.lock().unwrap(), expected, "{size}");
    }
}

#[test]
fn what_cannot_be_saved_is_told() {
    let (mut sim, _) = sim();
    let upload = sim.bot.upload(Upload::bytes("a.bin", noise(10)));
    let url = sim.finish(upload).unwrap().url;
    let saving = sim.bot.download_to(url.as_str(), Shelf::default());
    assert!(sim.finish(saving).unwrap_err().to_string().contains("the disk is full"));
    let saving = sim.bot.download_to(format!("{url}x"), Shelf::default());
    assert!(matches!(sim.finish(saving).unwrap_err().kind(), ErrorKind::NotFound { .. }));
    let saving = sim.bot.download_to("file:///etc/passwd", Shelf::default());
    assert!(matches!(sim.finish(saving).unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
}

/// So many bytes, of which each tells its place.
struct Numbers(u64);

impl Source for Numbers {
    fn len(&self) -> u64 {
        self.0
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        for (place, byte) in (offset..).zip(into.iter_mut()) {
            *byte = (place % 251) as u8;
        }
        Ok(into.len())
    }
}

//! Uploads on the adapters, over real sockets.

use std::fs;
use std::io::{self, Read as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use futures_lite::future::block_on;
use mezon_client::{Client, Pending, Runtime};
use mezon_protocol::exchange::Source;
use mezon_protocol::proto::api::UploadAttachment;
use mezon_protocol::{Config, Content, Error, ErrorKind};
use mezon_sandbox::Sandbox;
use mezon_tokio::upload::{self, Download, Upload};

use crate::{Reports, config, noise, stored, town};

/// Long enough for anything that is not stuck.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Where a client runs.
pub(crate) trait Host {
    type Runtime: Runtime;

    /// Does something with a client that has connected.
    fn connected(config: Config, act: impl FnOnce(&Client<Self::Runtime>));

    fn wait<T: Send + 'static>(outcome: <Self::Runtime as Runtime>::Outcome<T>) -> Result<T, Error>;
}

pub(crate) struct Tokio;
pub(crate) struct Smol;
pub(crate) struct Blocking;

impl Host for Tokio {
    type Runtime = mezon_tokio::TokioRuntime;

    fn connected(config: Config, act: impl FnOnce(&Client<Self::Runtime>)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let _inside = runtime.enter();
        let client = block_on(mezon_tokio::Client::login(config)).unwrap();
        act(&client);
    }

    fn wait<T: Send + 'static>(outcome: Pending<T, Self::Runtime>) -> Result<T, Error> {
        block_on(outcome)
    }
}

impl Host for Smol {
    type Runtime = mezon_smol::SmolRuntime;

    fn connected(config: Config, act: impl FnOnce(&Client<Self::Runtime>)) {
        let (client, driver, _events) = mezon_smol::Client::with_driver(config).unwrap();
        smol::spawn(driver).detach();
        block_on(client.connect()).unwrap();
        act(&client);
    }

    fn wait<T: Send + 'static>(outcome: Pending<T, Self::Runtime>) -> Result<T, Error> {
        block_on(outcome)
    }
}

impl Host for Blocking {
    type Runtime = mezon_blocking::Threads;

    fn connected(config: Config, act: impl FnOnce(&Client<Self::Runtime>)) {
        act(&mezon_blocking::Client::login(config).unwrap());
    }

    fn wait<T: Send + 'static>(outcome: Result<T, Error>) -> Result<T, Error> {
        outcome
    }
}

/// Writes a test for each adapter.
macro_rules! on_each {
    ($($(#[$doc:meta])* $name:ident => $behaviour:ident;)*) => {
        $(mod $name {
            $(#[$doc])*
            #[test]
            fn tokio() {
                super::$behaviour::<super::Tokio>();
            }

            $(#[$doc])*
            #[test]
            fn smol() {
                super::$behaviour::<super::Smol>();
            }

            $(#[$doc])*
            #[test]
            fn blocking() {
                super::$behaviour::<super::Blocking>();
            }
        })*
    };
}

on_each! {
    /// Rows 240, 241, 244, 274.
    a_file_is_uploaded_sent_and_fetched => uploads;
    faults_are_survived => survives;
    what_cannot_be_read_is_told => unreadable;
    closing_ends_an_upload => closes;
}

/// A file that is deleted afterwards.
pub(crate) struct OnDisk(pub(crate) PathBuf);

impl OnDisk {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("mezon-test-{}-{:x}", std::process::id(), fastrand::u64(..)));
        fs::create_dir(&path).unwrap();
        fs::write(path.join(name), bytes).unwrap();
        Self(path.join(name))
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn sandbox() -> (Sandbox, Config, mezon_protocol::ChannelId) {
    let (world, bot, general) = town();
    let sandbox = Sandbox::start(world).unwrap();
    let mut config = config(bot).host("127.0.0.1").port(sandbox.port());
    config.transfers.multipart_from = 2 << 20;
    config.transfers.part_size = 300_000;
    config.transfers.first_delay = Duration::from_millis(10);
    (sandbox, config, general)
}

fn uploads<H: Host>() {
    let (sandbox, config, general) = sandbox();
    H::connected(config, |client| {
        for size in [0, 10, 1_000_000, 3_000_000] {
            let (content, reports) = (noise(size), Reports::default());
            let file = OnDisk::new("a cat.png", &content);
            for upload in [
                upload::file(&file.0).unwrap(),
                upload::bytes("a cat.png", content.clone()),
                upload::reader("a cat.png", &content[..]).unwrap(),
            ] {
                let uploaded = H::wait(client.upload(upload.on_progress(reports.taker()))).unwrap();
                assert_eq!(uploaded.attachment.file_name, "a cat.png");
                let key = uploaded.key.clone();
                let stored = sandbox.with(move |world, _| world.file(&key).unwrap().clone());
                assert_eq!(stored.bytes.as_deref(), Some(&content[..]));
                assert_eq!(stored.file_type, "image/png");
                let fetched = H::wait(client.download(&uploaded.attachment)).unwrap();
                assert_eq!(fetched, content);
                let saved = H::wait(client.download_to(&uploaded.attachment, Vec::new())).unwrap();
                assert_eq!(saved, content);
                if size > 0 {
                    assert_eq!(reports.all().last(), Some(&(size as u64, size as u64)));
                    let too_much = Download::new(&uploaded.url).limit(size - 1);
                    let error = H::wait(client.download(too_much)).unwrap_err();
                    assert_eq!(error.kind(), &ErrorKind::TooLarge { limit: size - 1 });
                }
                H::wait(client.channel(general).send(Content::text("").attachment(uploaded))).unwrap();
            }
        }
        let several = [upload::bytes("a", "1"), upload::bytes("b", "22")];
        let uploaded = H::wait(client.upload_all(several)).unwrap();
        assert_eq!(uploaded.iter().map(|file| file.attachment.size).collect::<Vec<_>>(), [1, 2]);
    });
    assert_eq!(sandbox.with(|world, _| world.messages_in(general).len()), 12);
}

fn survives<H: Host>() {
    let (sandbox, mut config, _) = sandbox();
    // all of the faults may hit the same part
    config.transfers.retries = 4;
    sandbox.with(|world, _| {
        world.refuse_puts(503, 2);
        world.break_puts(2);
    });
    let content = noise(3_000_000);
    let file = OnDisk::new("a.bin", &content);
    H::connected(config, |client| {
        H::wait(client.upload(upload::file(&file.0).unwrap())).unwrap();
    });
    sandbox.with(|world, _| {
        assert_eq!(stored(world).bytes.as_deref(), Some(&content[..]));
        assert_eq!(stored(world).parts.len(), 10);
        assert_eq!(world.counters().puts, 12);
    });
}

fn unreadable<H: Host>() {
    let (sandbox, config, _) = sandbox();
    let file = OnDisk::new("a.bin", &noise(1_000_000));
    H::connected(config, |client| {
        let upload = upload::file(&file.0).unwrap();
        fs::OpenOptions::new().write(true).open(&file.0).unwrap().set_len(500_000).unwrap();
        let error = H::wait(client.upload(upload)).unwrap_err();
        let ErrorKind::InvalidArgument(why) = error.kind() else { panic!("{error:?}") };
        assert!(why.contains("it has become shorter"), "{why}");
    });
    drop(sandbox);
}

/// Has no end, and tells when nobody holds it any more.
struct Endless(Sender<()>);

impl Source for Endless {
    fn len(&self) -> u64 {
        1 << 30
    }

    fn read_at(&self, _: u64, into: &mut [u8]) -> io::Result<usize> {
        Ok(into.len())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// A store that takes a little and no more; says so, and then whether the connection has ended.
fn slow_store() -> (UploadAttachment, mpsc::Receiver<&'static str>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/a?signature=x", listener.local_addr().unwrap());
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 100_000]).unwrap();
        told.send("begun").unwrap();
        // what is on its way, and then the end
        let _ = io::copy(&mut stream, &mut io::sink());
        told.send("ended").unwrap();
    });
    (UploadAttachment { filename: "a".into(), url }, heard)
}

fn closes<H: Host>() {
    let (_sandbox, config, _) = sandbox();
    let (placed, store) = slow_store();
    let (dropped, gone) = mpsc::channel();
    H::connected(config, |client| {
        std::thread::scope(|scope| {
            let closed = scope.spawn(move || {
                assert_eq!(store.recv_timeout(SOON), Ok("begun"));
                client.close();
                store
            });
            let upload = Upload::new("a", Endless(dropped));
            let error = H::wait(client.put_file(placed.into(), upload)).unwrap_err();
            assert_eq!(error.kind(), &ErrorKind::Closed);
            assert_eq!(closed.join().unwrap().recv_timeout(SOON), Ok("ended"));
        });
        gone.recv_timeout(SOON).expect("nothing reads the file any more");
    });
}

#[tokio::test]
async fn a_cancelled_upload_leaves_no_task_behind() {
    let (_sandbox, config, _) = sandbox();
    let client = mezon_tokio::Client::login(config).await.unwrap();
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let (placed, store) = slow_store();
    let (dropped, gone) = mpsc::channel();
    let upload = client.put_file(placed.into(), Upload::new("a", Endless(dropped)));
    let begun = tokio::task::spawn_blocking(move || {
        assert_eq!(store.recv_timeout(SOON), Ok("begun"));
        store
    });
    let store = tokio::select! {
        _ = upload => panic!("it has no end"),
        store = begun => store.unwrap(),
    };
    // it was dropped by now
    let ended = move || {
        assert_eq!(store.recv_timeout(SOON), Ok("ended"));
        gone.recv_timeout(SOON).expect("nothing reads the file any more");
    };
    tokio::task::spawn_blocking(ended).await.unwrap();
    assert_eq!(tasks(), before);
    client.upload(Upload::bytes("b", "and another one")).await.unwrap();
}

#[tokio::test]
async fn a_stream_is_uploaded() {
    let (sandbox, config, _) = sandbox();
    let client = mezon_tokio::Client::login(config).await.unwrap();
    let content = noise(2_500_000);
    let pieces: Vec<_> = content.chunks(10_000).map(|piece| io::Result::Ok(piece.to_vec())).collect();
    let upload = upload::stream("a.bin", futures_lite::stream::iter(pieces)).await.unwrap();
    client.upload(upload).await.unwrap();
    assert_eq!(sandbox.with(|world, _| stored(world)).bytes.as_deref(), Some(&content[..]));
    let broken = [Ok("abc"), Err(io::Error::other("the stream broke"))];
    let error = upload::stream("a.bin", futures_lite::stream::iter(broken)).await.unwrap_err();
    assert!(error.to_string().contains("the stream broke"), "{error}");
}

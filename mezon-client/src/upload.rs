//! What can be uploaded besides bytes: files, and what can only be read once.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use mezon_protocol::exchange::Source;
pub use mezon_protocol::upload::*;
use mezon_protocol::{Error, ErrorKind};

/// What can only be read once is kept in memory up to this size, and in a temporary file beyond it.
const IN_MEMORY: usize = 1 << 20;

/// A file on disk, named as it is there. It is opened here and now, and read while it is sent; it should not change
/// until then.
///
/// ```no_run
/// # use mezon_client::upload;
/// let upload = upload::file("holidays/beach.jpg")?.dimensions(1920, 1080);
/// # Ok::<(), mezon_protocol::Error>(())
/// ```
///
/// # Errors
///
/// `InvalidArgument`, saying why it cannot be opened.
pub fn file(path: impl AsRef<Path>) -> Result<Upload, Error> {
    let path = path.as_ref();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let open = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(Disk::new(file, metadata.len())) }
    };
    Ok(Upload::new(name, open().map_err(|error| unreadable(&path.display(), &error))?))
}

/// Bytes, under a name; as [`Upload::bytes`].
pub fn bytes(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Upload {
    Upload::bytes(name, bytes.into())
}

/// What can only be read once, of whatever length. It is read to its end here and now: up to 1 MiB into memory, what is
/// longer into a temporary file that is deleted afterwards, as the platform wants to know the size first.
///
/// # Errors
///
/// `InvalidArgument`, saying why it cannot be read, or kept.
pub fn reader(name: impl Into<String>, mut reader: impl Read) -> Result<Upload, Error> {
    let (name, mut spool, mut piece) = (name.into(), Spool::default(), vec![0; 64 * 1024]);
    let spooled = loop {
        match reader.read(&mut piece) {
            Ok(0) => break spool.into_upload(name.clone()),
            Ok(count) => match spool.write(&piece[..count]) {
                Ok(()) => {}
                Err(error) => break Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    spooled.map_err(|error| unreadable(&name, &error))
}

/// As [`reader`], of a stream of bytes.
///
/// # Errors
///
/// As [`reader`]. A stream that grows above 1 MiB is written to a temporary file on a thread beside.
#[cfg(feature = "stream")]
pub async fn stream<B: AsRef<[u8]>>(
    name: impl Into<String>,
    stream: impl futures_core::Stream<Item = io::Result<B>>,
) -> Result<Upload, Error> {
    let (name, mut stream) = (name.into(), std::pin::pin!(stream));
    let pool = crate::pool::Pool::new("mezon-file", 1);
    let spooled = async {
        let mut spool = Spool::default();
        while let Some(piece) = std::future::poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
            spool.memory.extend_from_slice(piece?.as_ref());
            if spool.memory.len() > IN_MEMORY {
                let spilled = pool.run(move || spool.spill().map(|()| spool))?;
                spool = spilled.await.map_err(io::Error::other)??;
            }
        }
        spool.into_upload(name.clone())
    };
    spooled.await.map_err(|error| unreadable(&name, &error))
}

fn unreadable(what: &dyn std::fmt::Display, error: &io::Error) -> Error {
    Error::unsent(ErrorKind::InvalidArgument(format!("{what}: {error}")))
}

/// A file, with one position that its readers share.
struct Disk {
    file: Mutex<File>,
    length: u64,
    /// Deletes it.
    _temporary: Option<Temporary>,
}

impl Disk {
    const fn new(file: File, length: u64) -> Self {
        Self { file: Mutex::new(file), length, _temporary: None }
    }
}

impl Source for Disk {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        loop {
            match file.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Keeps what it is given: in memory at first, then on disk.
#[derive(Default)]
struct Spool {
    memory: Vec<u8>,
    disk: Option<(File, Temporary)>,
    spilled: u64,
}

impl Spool {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.memory.extend_from_slice(piece);
        if self.memory.len() > IN_MEMORY { self.spill() } else { Ok(()) }
    }

    /// Moves what is in memory to the disk.
    fn spill(&mut self) -> io::Result<()> {
        let (file, _) = match &mut self.disk {
            Some(disk) => disk,
            disk @ None => disk.insert(Temporary::create()?),
        };
        file.write_all(&self.memory)?;
        self.spilled += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }

    fn into_upload(mut self, name: String) -> io::Result<Upload> {
        if self.disk.is_some() {
            self.spill()?;
        }
        Ok(match self.disk {
            Some((file, temporary)) => {
                Upload::new(name, Disk { _temporary: Some(temporary), ..Disk::new(file, self.spilled) })
            }
            None => bytes(name, self.memory),
        })
    }
}

/// Deletes a file that nobody else is to have.
struct Temporary(PathBuf);

impl Temporary {
    fn create() -> io::Result<(File, Self)> {
        let mut options = OpenOptions::new();
        // new, so that nobody can have put something else there
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let chance = RandomState::new().build_hasher().finish();
        let path = std::env::temp_dir().join(format!("mezon-upload-{}-{chance:016x}", std::process::id()));
        Ok((options.open(&path)?, Self(path)))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary file is left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(upload: &Upload, spilled: &Path) -> Vec<u8> {
        std::fs::read(spilled).unwrap_or_else(|_| panic!("{upload:?} is in memory"))
    }

    #[test]
    fn what_is_long_waits_on_disk_and_leaves_nothing_behind() {
        let mut spool = Spool::default();
        let all: Vec<_> = (0..=255).cycle().take(3 * IN_MEMORY / 2).collect();
        for piece in all.chunks(1000) {
            spool.write(piece).unwrap();
            assert!(spool.memory.len() <= IN_MEMORY);
        }
        let path = spool.disk.as_ref().expect("it is on disk").1.0.clone();
        let upload = spool.into_upload("all".into()).unwrap();
        assert_eq!(upload.size(), all.len() as u64);
        assert_eq!(content(&upload, &path), all);
        drop(upload);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_short_stays_in_memory() {
        let upload = reader("a.txt", &b"hello"[..]).unwrap();
        assert_eq!((upload.size(), upload.name(), upload.file_type()), (5, "a.txt", "text/plain"));
        let mut spool = Spool::default();
        spool.write(b"hello").unwrap();
        assert!(spool.disk.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_refused_at_once() {
        for path in ["/no/such/file.png", "/"] {
            let error = file(path).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::InvalidArgument(why) if why.starts_with(path)), "{error}");
        }
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        assert!(matches!(reader("x", Broken).unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
    }

    #[test]
    fn a_file_is_read_anywhere_and_again() {
        let (mut file, temporary) = Temporary::create().unwrap();
        file.write_all(b"0123456789").unwrap();
        let disk = Disk { _temporary: Some(temporary), ..Disk::new(file, 10) };
        let mut some = [0; 3];
        for (offset, expected) in [(4, b"456"), (0, b"012"), (4, b"456")] {
            assert_eq!((disk.read_at(offset, &mut some).unwrap(), &some), (3, expected));
        }
        assert_eq!(disk.read_at(10, &mut some).unwrap(), 0);
    }
}

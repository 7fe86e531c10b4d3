//! A file to which lines are appended, each of which is there for good when the append returns.
//!
//! A program that dies while it appends leaves a line without its end. That line was never promised to anybody, so it is
//! taken off when the file is opened. Anything else that makes no sense is an error: it is not for us to guess.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use mezon_protocol::ledger::StoreError;

/// So many lines more than are of use are kept before the file is written anew.
const MAX_STALE: usize = 4096;

pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// How long it is, up to the end of the last whole line.
    len: u64,
    lines: usize,
}

impl Journal {
    /// Opens a file, or creates it, and gives each of its lines to `read`, which says what is wrong with one.
    pub(super) fn open(path: &Path, mut read: impl FnMut(&str) -> Result<(), String>) -> Result<Self, StoreError> {
        let mut file = options().open(path).map_err(|error| io_error(&error))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| io_error(&error))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let text = std::str::from_utf8(&bytes[..whole]).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let mut lines = 0;
        for line in text.lines() {
            lines += 1;
            read(line).map_err(|why| StoreError::Damaged(format!("line {lines}: {why}")))?;
        }
        let mut journal = Self { path: path.to_owned(), file, len: whole as u64, lines };
        if whole < bytes.len() {
            tracing::warn!("the last line of a journal was not finished");
            journal.cut().map_err(|error| io_error(&error))?;
        }
        sync_folder(path).map_err(|error| io_error(&error))?;
        Ok(journal)
    }

    /// Appends a line.
    pub(super) fn append(&mut self, line: &str) -> Result<(), StoreError> {
        let result = self.cut().and_then(|()| self.write(line));
        result.map_err(|error| io_error(&error))
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        let line = [line, "\n"].concat();
        self.file.write_all(line.as_bytes())?;
        self.file.sync_data()?;
        self.len += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Takes off what an append that failed may have left behind.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.len)?;
        self.file.seek(SeekFrom::Start(self.len)).map(drop)
    }

    /// True if it has many more lines than the given number, which are of use.
    pub(super) const fn is_long(&self, of_use: usize) -> bool {
        self.lines > 2 * of_use + MAX_STALE
    }

    /// Writes it anew, with these lines alone. If that fails it stays as it was.
    pub(super) fn rewrite(&mut self, lines: impl Iterator<Item = String>) -> Result<(), StoreError> {
        self.replace(lines).map_err(|error| io_error(&error))
    }

    fn replace(&mut self, lines: impl Iterator<Item = String>) -> io::Result<()> {
        let aside = self.path.with_extension("new");
        let mut file = options().truncate(true).open(&aside)?;
        let (mut text, mut count) = (String::new(), 0);
        for line in lines {
            text.extend([line.as_str(), "\n"]);
            count += 1;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&aside, &self.path)?;
        sync_folder(&self.path)?;
        (self.file, self.len, self.lines) = (file, text.len() as u64, count);
        Ok(())
    }
}

/// Only its owner may read it.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes sure that a new name in a folder stays. Not every system has that for folders.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn io_error(error: &io::Error) -> StoreError {
    StoreError::Io(error.to_string())
}

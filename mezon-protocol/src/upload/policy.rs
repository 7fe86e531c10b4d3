//! The numbers of uploads and downloads.

use std::time::Duration;

/// How files are uploaded and downloaded. Sizes, delays and limits are those of the platform's own desktop client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferPolicy {
    /// A file of this size or more goes in parts. Default 16 MiB.
    pub multipart_from: u64,
    /// The size of a part, in bytes; the last one is shorter. Default 10 MiB.
    pub part_size: u64,
    /// How many parts of a file are sent at the same time. Default 2.
    pub parallel_parts: usize,
    /// How many of several small files are sent at the same time. Default 4.
    pub parallel_files: usize,
    /// How often a file or a part that failed on its way, or at the server, is sent again. Default 3.
    pub retries: u32,
    /// The delay before the first time; it doubles with each. Default 1 s.
    pub first_delay: Duration,
    /// How often fresh URLs are asked for when one was refused, as it had expired. Default 2.
    pub restarts: u32,
    /// How long one file or part may take. Default 300 s.
    pub timeout: Duration,
    /// The largest file that is downloaded into memory, in bytes. Default 64 MiB.
    pub max_download: usize,
}

impl Default for TransferPolicy {
    fn default() -> Self {
        Self {
            multipart_from: 16 << 20,
            part_size: 10 << 20,
            parallel_parts: 2,
            parallel_files: 4,
            retries: 3,
            first_delay: Duration::from_secs(1),
            restarts: 2,
            timeout: Duration::from_secs(300),
            max_download: 64 << 20,
        }
    }
}

impl TransferPolicy {
    /// True if it can work.
    pub(crate) const fn is_valid(&self) -> bool {
        self.part_size > 0 && self.parallel_parts > 0 && self.parallel_files > 0 && !self.timeout.is_zero()
    }
}

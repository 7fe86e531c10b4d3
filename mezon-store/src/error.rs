//! What SQLite says, in our words.

use mezon_protocol::store::{Cause, StoreError};
use rusqlite::ErrorCode;

/// What went wrong, by SQLite's code.
pub(crate) fn store_error(error: rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let cause: Cause = Box::new(error);
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(cause),
        Some(ErrorCode::DiskFull) => StoreError::Full(cause),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            StoreError::Locked(cause)
        }
        Some(
            ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied | ErrorCode::ReadOnly,
        ) => StoreError::Io(cause),
        _ => StoreError::Other(cause),
    }
}

//! Keys of end-to-end encrypted channels.

use crate::proto::api as wire;

methods! {
    /// Where the key server is.
    GetKeyServer = 147, reads, () => wire::GetKeyServerResp;
    /// The public keys of users.
    GetPubKeys = 143, reads, wire::GetPubKeysRequest => wire::GetPubKeysResponse;
    /// Publishes our own public keys.
    PushPubKey = 144, writes, wire::PushPubKeyRequest => ();
    /// How a channel is encrypted.
    GetChanEncryptionMethod = 145, reads, wire::ChanEncryptionMethod => wire::ChanEncryptionMethod;
    /// Sets how a channel is encrypted.
    SetChanEncryptionMethod = 146, writes, wire::ChanEncryptionMethod => ();
}

//! Proof key for code exchange (RFC 7636), with the method S256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::secret::Secret;

/// A secret that binds a code to the login that asked for it.
#[derive(Clone, Debug)]
pub struct Pkce {
    verifier: Secret,
}

impl Pkce {
    /// A secret from random bytes, which nobody must be able to guess.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self { verifier: URL_SAFE_NO_PAD.encode(bytes).into() }
    }

    /// What is sent with the code.
    pub(super) fn verifier(&self) -> &str {
        self.verifier.expose()
    }

    /// What is sent with the browser.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_the_hash_of_the_verifier() {
        let bytes = URL_SAFE_NO_PAD.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").expect("base64");
        let pkce = Pkce::from_random(bytes.try_into().expect("32 bytes"));
        assert_eq!(pkce.verifier(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

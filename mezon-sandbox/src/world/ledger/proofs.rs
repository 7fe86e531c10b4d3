//! The proof service: it binds a key to the address of whoever shows an `id_token`.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::ledger::{Address, PublicInput, PublicKey};
use mezon_protocol::{Now, UserId};
use serde::Deserialize;
use serde_json::json;

use super::calls::{json_answer, refused};
use crate::world::World;
use crate::world::http::Request;
use crate::world::token::{Purpose, Refused};

/// The length of a proof in bytes, that of real ones.
const PROOF_BYTES: usize = 164;

#[derive(Deserialize)]
struct Asked {
    user_id: String,
    ephemeral_pk: String,
    jwt: String,
    address: String,
    #[serde(default = "mezon")]
    client_type: String,
}

fn mezon() -> String {
    "mezon".to_owned()
}

impl World {
    pub(super) fn ask_proofs(&self, now: Now, request: &Request, path: &str) -> HttpResponse {
        match (request.method.as_str(), path) {
            ("POST", "prove") => {
                self.prove(now, &request.body).unwrap_or_else(|(status, error)| refused(status, error))
            }
            ("GET", "health/check") => {
                let version = env!("CARGO_PKG_VERSION");
                json_answer(&json!({
                    "status": "ok", "timestamp": now.unix_seconds(), "message": "", "version": version,
                }))
            }
            _ => refused(404, "no such route"),
        }
    }

    fn prove(&self, now: Now, body: &[u8]) -> Result<HttpResponse, (u16, &'static str)> {
        let asked: Asked = serde_json::from_slice(body).map_err(|_| (400, "invalid request body"))?;
        if !["mezon", "oauth"].contains(&asked.client_type.as_str()) {
            return Err((400, "unknown client type"));
        }
        let user = self.tokens.check(now, &asked.jwt, Purpose::Identity).map_err(|why| match why {
            Refused::Unknown => (401, "the token is not an id token"),
            Refused::Expired => (401, "the token has expired"),
        })?;
        if asked.user_id != user.to_string() {
            return Err((401, "the token is another user's"));
        }
        let address: Address = asked.address.parse().map_err(|_| (400, "invalid address"))?;
        if address != Address::of_user(user) {
            return Err((400, "the address is another user's"));
        }
        let key: PublicKey = asked.ephemeral_pk.parse().map_err(|_| (400, "invalid public key"))?;
        Ok(json_answer(&json!({ "data": self.issue(user, &key, &address) })))
    }

    fn issue(&self, user: UserId, key: &PublicKey, address: &Address) -> serde_json::Value {
        let mut first = [0; 32];
        let chance = self.proof_of(&key.to_string());
        // The first byte stays 0, so that it is a number of the field.
        first.iter_mut().skip(1).zip(chance).for_each(|(byte, chance)| *byte = chance);
        let public = PublicInput::new(first, user, key, address).to_base64();
        json!({ "proof": STANDARD.encode(self.proof_of(&public)), "public_input": public })
    }

    /// True for a proof that this world has made, of exactly that public input.
    pub(super) fn is_issued(&self, proof: &str, public: &str) -> bool {
        self.settings.ledger.any_proof || STANDARD.encode(self.proof_of(public)) == proof
    }

    /// Made of the seed, so that nothing has to be remembered.
    fn proof_of(&self, public: &str) -> Vec<u8> {
        let words = (0..PROOF_BYTES.div_ceil(8)).flat_map(|word| {
            let mut hasher = DefaultHasher::new();
            (self.seed, "proof", word, public).hash(&mut hasher);
            hasher.finish().to_be_bytes()
        });
        words.take(PROOF_BYTES).collect()
    }
}

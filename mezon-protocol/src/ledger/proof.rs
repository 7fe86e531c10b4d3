//! Proofs: what lets a key sign for the address of a user.
//!
//! A proof never expires. It is good for one address and one key, and what it is about, its public input, can be read: so
//! a proof that is for somebody else is found before anything is signed with it.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use primitive_types::{U256, U512};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::key::PublicKey;
use super::reply::shortened;
use crate::id::UserId;
use crate::rest::undecodable;
use crate::secret::Secret;

/// A proof with its public input, both as they came from the proof service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The proof, in base64.
    pub proof: String,
    /// What it is about, in base64.
    pub public_input: String,
}

impl Proof {
    /// Reads the answer of the proof service.
    ///
    /// # Errors
    ///
    /// `Decode` when it brings none, with the text of the service if it says why.
    pub fn from_answer(body: &[u8]) -> Result<Self, crate::Error> {
        #[derive(Deserialize)]
        struct Answer {
            data: Option<Proof>,
            #[serde(default)]
            error: Option<String>,
        }
        let answer: Answer = serde_json::from_slice(body).map_err(|error| undecodable(NAME, error))?;
        match (answer.data, answer.error.filter(|error| !error.is_empty())) {
            (Some(proof), None) => Ok(proof),
            (_, error) => {
                Err(undecodable(NAME, error.map_or("no proof in the answer".into(), |error| shortened(&error))))
            }
        }
    }

    /// True if it says that this key may sign for this address.
    pub fn binds(&self, key: &PublicKey, address: &Address) -> bool {
        PublicInput::parse(&self.public_input).is_ok_and(|input| input.binds(key, address))
    }
}

/// What the service is called in errors.
const NAME: &str = "proof";

/// Shows nothing of the proof.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}

/// How a user has logged in, as the proof service wants to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientType {
    /// To the platform itself.
    #[default]
    Mezon,
    /// By OAuth2.
    OAuth,
}

impl ClientType {
    /// As it is on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mezon => "mezon",
            Self::OAuth => "oauth",
        }
    }
}

/// What the proof service is asked.
#[derive(Clone, Debug)]
pub struct ProofRequest {
    /// For whom.
    pub user: UserId,
    /// The key that is to sign.
    pub key: PublicKey,
    /// The `id_token` of the user's session.
    pub id_token: Secret,
    /// How the user has logged in.
    pub client_type: ClientType,
}

impl ProofRequest {
    /// The body, JSON.
    pub fn body(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            user_id: String,
            ephemeral_pk: String,
            jwt: &'a str,
            address: String,
            client_type: &'a str,
        }
        let body = Body {
            user_id: self.user.to_string(),
            ephemeral_pk: self.key.to_string(),
            jwt: self.id_token.expose(),
            address: Address::of_user(self.user).to_string(),
            client_type: self.client_type.as_str(),
        };
        serde_json::to_vec(&body).expect("texts always serialise")
    }
}

/// How many elements a public input has.
const ELEMENTS: usize = 4;

/// The counts before the elements: big-endian, of 32 bits each.
const HEADER: [u8; 12] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4];

/// The order of the scalar field of BN254, of which the elements are.
const FIELD: [u64; 4] = [0x43e1_f593_f000_0001, 0x2833_e848_79b9_7091, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029];

/// What a proof is about: four numbers below 2²⁵⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicInput {
    elements: [[u8; 32]; ELEMENTS],
}

/// A text that is no public input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the public input of a proof")]
pub struct InvalidPublicInput;

impl PublicInput {
    /// One that binds a key to the address of a user. What `first` means, only the proof service knows.
    pub fn new(first: [u8; 32], user: UserId, key: &PublicKey, address: &Address) -> Self {
        Self { elements: [first, element(&user.to_string()), element(&key.to_string()), element(&address.to_string())] }
    }

    /// Reads base64 text.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn parse(base64: &str) -> Result<Self, InvalidPublicInput> {
        let bytes = STANDARD.decode(base64).map_err(|_| InvalidPublicInput)?;
        let numbers = bytes.strip_prefix(&HEADER).ok_or(InvalidPublicInput)?;
        let mut elements = [[0; 32]; ELEMENTS];
        if numbers.len() != elements.as_flattened().len() {
            return Err(InvalidPublicInput);
        }
        elements.as_flattened_mut().copy_from_slice(numbers);
        Ok(Self { elements })
    }

    /// The base64 text.
    pub fn to_base64(&self) -> String {
        STANDARD.encode([&HEADER[..], self.elements.as_flattened()].concat())
    }

    /// The numbers, big-endian: one that only the service knows, then the user, the key, the address.
    pub const fn elements(&self) -> &[[u8; 32]; ELEMENTS] {
        &self.elements
    }

    /// True if it is about this key and this address.
    pub fn binds(&self, key: &PublicKey, address: &Address) -> bool {
        self.elements[2] == element(&key.to_string()) && self.elements[3] == element(&address.to_string())
    }
}

/// A text as a number of the field: its bytes, big-endian. No text of ours is longer than 64 bytes.
fn element(text: &str) -> [u8; 32] {
    let number = U512::from_big_endian(text.as_bytes()) % U512::from(U256(FIELD));
    U256::try_from(number).expect("below the order of the field").to_big_endian()
}

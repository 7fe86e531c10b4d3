//! Red envelopes: money that several people take their part of, by the code on a picture.

use std::collections::{BTreeMap, VecDeque};

use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::ledger::{Address, Amount, PublicInput, PublicKey};
use mezon_protocol::{Now, UserId};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::json;

use super::calls::{json_answer, refused};
use crate::world::World;
use crate::world::http::Request;

/// Where claims are made.
const CLAIMS: &str = "api/v1/red-envelopes/qr/";

#[derive(Debug)]
pub(super) struct Envelope {
    giver: UserId,
    description: String,
    /// The parts, in whole tokens, that nobody has yet.
    left: VecDeque<u64>,
    shares: BTreeMap<UserId, Share>,
}

#[derive(Clone, Copy, Debug)]
struct Share {
    id: i64,
    tokens: u64,
    claimed: bool,
}

#[derive(Deserialize)]
struct Claim {
    #[serde(default)]
    split_money_id: Option<i64>,
    user_id: UserId,
    proof_b64: String,
    public_b64: String,
    publickey: String,
}

impl World {
    /// Somebody makes a red envelope of that id, with these parts in whole tokens: whoever claims gets the next one. They
    /// are paid by the giver, when they are claimed.
    ///
    /// # Panics
    ///
    /// When there is no such user.
    pub fn give_envelope(
        &mut self,
        giver: UserId,
        id: impl Into<String>,
        description: &str,
        parts: impl IntoIterator<Item = u64>,
    ) {
        self.user_or_panic(giver);
        let (description, left) = (description.to_owned(), parts.into_iter().collect());
        let envelope = Envelope { giver, description, left, shares: BTreeMap::new() };
        self.ledger.envelopes.insert(id.into(), envelope);
    }

    pub(super) fn ask_envelopes(&mut self, now: Now, request: &Request, path: &str) -> HttpResponse {
        let Some(path) = path.strip_prefix(CLAIMS).filter(|_| request.method == "POST") else {
            return refused(404, "no such route");
        };
        let claim = match self.read_claim(&request.body) {
            Ok(claim) => claim,
            Err((status, error)) => return refused(status, error),
        };
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let answer = if path == "claim-amount" {
            let id = request.path.split_once("?id=").map_or("", |(_, id)| id);
            self.claim_amount(&decoded(id), claim.user_id)
        } else if let Some(id) = path.strip_suffix("/claim") {
            self.claim(now, &percent_decode_str(id).decode_utf8_lossy(), &claim)
        } else {
            Err((404, "no such route".to_owned()))
        };
        answer.unwrap_or_else(|(status, error)| refused(status, &error))
    }

    fn read_claim(&self, body: &[u8]) -> Result<Claim, (u16, &'static str)> {
        let claim: Claim = serde_json::from_slice(body).map_err(|_| (400, "invalid request body"))?;
        let key: PublicKey = claim.publickey.parse().map_err(|_| (400, "invalid public key"))?;
        let binds = |input: PublicInput| input.binds(&key, &Address::of_user(claim.user_id));
        let proven = PublicInput::parse(&claim.public_b64).is_ok_and(binds);
        if proven && self.users.contains_key(&claim.user_id) && self.is_issued(&claim.proof_b64, &claim.public_b64) {
            return Ok(claim);
        }
        Err((401, "the proof is not valid"))
    }

    /// The part of a user, the same however often it is asked for.
    fn claim_amount(&mut self, id: &str, user: UserId) -> Result<HttpResponse, (u16, String)> {
        let envelope = self.ledger.envelopes.get_mut(id).ok_or_else(no_envelope)?;
        let share = match envelope.shares.get(&user) {
            Some(share) => *share,
            None => {
                let tokens = envelope.left.pop_front().ok_or_else(|| (409, "nothing is left".to_owned()))?;
                self.ledger.splits += 1;
                let share = Share { id: self.ledger.splits, tokens, claimed: false };
                envelope.shares.insert(user, share);
                share
            }
        };
        let description = &envelope.description;
        let data = json!({ "split_money_id": share.id, "amount": share.tokens, "description": description });
        Ok(json_answer(&json!({ "data": data })))
    }

    fn claim(&mut self, now: Now, id: &str, claim: &Claim) -> Result<HttpResponse, (u16, String)> {
        let envelope = self.ledger.envelopes.get(id).ok_or_else(no_envelope)?;
        let share = envelope.shares.get(&claim.user_id).filter(|share| Some(share.id) == claim.split_money_id);
        let share = *share.ok_or_else(|| (400, "no such part".to_owned()))?;
        if share.claimed {
            return Err((409, "claimed already".to_owned()));
        }
        let (giver, note) = (envelope.giver, envelope.description.clone());
        let amount = Amount::from_tokens(share.tokens.into());
        self.pay(now, giver, claim.user_id, amount, &note, "lucky-money").map_err(|error| (409, error))?;
        let shares = self.ledger.envelopes.get_mut(id).map(|envelope| &mut envelope.shares);
        if let Some(share) = shares.and_then(|shares| shares.get_mut(&claim.user_id)) {
            share.claimed = true;
        }
        Ok(json_answer(&json!({ "data": null })))
    }
}

fn no_envelope() -> (u16, String) {
    (404, "no such envelope".to_owned())
}

//! The ledger and the services beside it, from the first payment to the last fault.

use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::ledger::{
    Address, Amount, ClientType, EphemeralKey, Proof, ProofRequest, SignedTransaction, Transaction,
};
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{Secret, UserId};
use serde_json::{Value, json};

use super::rig::{Rig, SECOND};
use crate::world::{Answered, LedgerCall, LedgerFault, LedgerStatus, Request, World};

const SLOT: Duration = Duration::from_millis(400);

/// A bot with a key, a proof and 100 tokens.
struct Payer {
    rig: Rig,
    key: EphemeralKey,
    proof: Proof,
}

impl Payer {
    fn new() -> Self {
        let mut rig = Rig::new();
        rig.world.set_balance(rig.bot, 100);
        let key = EphemeralKey::from_seed(&[7; 32]);
        let answer = prove(&mut rig, &key);
        let proof = Proof::from_answer(&answer.body).unwrap();
        Self { rig, key, proof }
    }

    fn balance(&mut self, user: UserId) -> String {
        self.rig.world.balance(user).to_string()
    }

    fn draft(&self, tokens: u64, note: &str) -> Transaction {
        let slot = self.rig.world.slot(self.rig.now);
        let info = json!({
            "type": "transfer_token", "UserSenderId": self.rig.bot.to_string(), "UserSenderUsername": "testbot",
            "UserReceiverId": self.rig.alice.to_string(), "ExtraAttribute": "x",
        });
        Transaction {
            sender: Address::of_user(self.rig.bot).to_string(),
            recipient: Address::of_user(self.rig.alice).to_string(),
            amount: Amount::from_tokens(tokens.into()).base_units(),
            text_data: note.to_owned(),
            nonce: slot,
            extra_info: info.to_string(),
            ..Transaction::default()
        }
        .with_proof(&self.proof)
    }

    fn signed(&self, tokens: u64, note: &str) -> SignedTransaction {
        self.draft(tokens, note).sign(&self.key)
    }

    fn add(&mut self, signed: &SignedTransaction) -> Value {
        call(&mut self.rig, "tx.addtx", json!(signed))
    }

    /// The hash of a transaction that is accepted.
    fn paid(&mut self, tokens: u64, note: &str) -> String {
        let signed = self.signed(tokens, note);
        let result = self.add(&signed);
        assert_eq!(result["ok"], true, "{result}");
        result["tx_hash"].as_str().unwrap().to_owned()
    }

    /// Code, or plain text, of a transaction that is refused.
    fn refused(&mut self, signed: &SignedTransaction) -> String {
        let result = self.add(signed);
        assert_eq!((&result["ok"], &result["tx_hash"]), (&json!(false), &json!("")), "{result}");
        let error = result["error"].as_str().unwrap().to_owned();
        let code = serde_json::from_str(&error).ok().and_then(|error: Value| error["code"].as_str().map(str::to_owned));
        code.unwrap_or(error)
    }

    fn status(&mut self, hash: &str) -> Value {
        call(&mut self.rig, "tx.gettxbyhash", json!({ "tx_hash": hash }))["tx"].take()
    }
}

fn request(method: &str, path: &str, body: impl Into<Bytes>) -> Request {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Request { method: method.to_owned(), path: path.to_owned(), headers, body: body.into() }
}

fn rpc(method: &str, params: &Value) -> Request {
    let body = json!({ "jsonrpc": "2.0", "method": method, "params": params, "id": 1 });
    request("POST", "/mmn-api/", body.to_string())
}

fn read(response: &HttpResponse) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("{} {:?}", response.status, response.body))
}

/// The whole answer to a call of the node.
fn answer(rig: &mut Rig, method: &str, params: Value) -> Value {
    let response = rig.world.handle_http(rig.now, &rpc(method, &params));
    assert_eq!(response.status, 200);
    read(&response)
}

fn call(rig: &mut Rig, method: &str, params: Value) -> Value {
    answer(rig, method, params)["result"].take()
}

fn get(rig: &mut Rig, path: &str) -> Value {
    let response = rig.world.handle_http(rig.now, &request("GET", path, ""));
    assert_eq!(response.status, 200, "{path}: {:?}", response.body);
    read(&response)
}

fn prove(rig: &mut Rig, key: &EphemeralKey) -> HttpResponse {
    let id_token = Secret::from(rig.login().id_token);
    prove_with(rig, key, id_token)
}

fn prove_with(rig: &mut Rig, key: &EphemeralKey, id_token: Secret) -> HttpResponse {
    let asked = ProofRequest { user: rig.bot, key: key.public_key(), id_token, client_type: ClientType::Mezon };
    // The doubled slash is what clients send.
    rig.world.handle_http(rig.now, &request("POST", "/zk-api//prove", asked.body()))
}

#[test]
fn a_payment_is_accepted_confirmed_and_final() {
    let mut payer = Payer::new();
    let hash = payer.paid(30, "tea");
    assert_eq!(payer.status(&hash)["status"], 0);
    assert_eq!(payer.status(&hash)["blockhash"], "");
    let pending = call(&mut payer.rig, "tx.getpendingtransactions", Value::Null);
    assert_eq!((&pending["total_count"], &pending["pending_txs"][0]["tx_hash"]), (&json!(1), &json!(hash)));
    payer.rig.wait(SLOT);
    let tx = payer.status(&hash);
    assert_eq!((&tx["status"], &tx["amount"], &tx["err_msg"]), (&json!(1), &json!("30000000"), &json!("")));
    assert_eq!(tx["slot"], payer.rig.world.slot(payer.rig.now));
    assert_eq!(call(&mut payer.rig, "tx.getpendingtransactions", Value::Null)["pending_txs"], Value::Null);
    payer.rig.wait(SLOT * 2);
    assert_eq!(payer.status(&hash)["status"], 2);
    let (alice, bot) = (payer.rig.alice, payer.rig.bot);
    assert_eq!((payer.balance(alice), payer.balance(bot)), ("1000030".to_owned(), "70".to_owned()));
    let sender = Address::of_user(bot).to_string();
    let account = call(&mut payer.rig, "account.getaccount", json!({ "address": sender }));
    assert_eq!((&account["balance"], &account["nonce"]), (&json!("70000000"), &tx["nonce"]));
    let ledger = payer.rig.world.ledger(payer.rig.now);
    assert_eq!(ledger.between(bot, alice)[0].status, LedgerStatus::Finalized);
    assert_eq!(ledger.entries[0].extra("ExtraAttribute").as_deref(), Some("x"));
    assert!(payer.rig.world.poll_timeout().is_none(), "nothing is left to be done");
}

#[test]
fn what_does_not_exist_is_told_as_the_node_does() {
    let mut rig = Rig::new();
    let account = call(&mut rig, "account.getaccount", json!({ "address": "nobody" }));
    assert_eq!(account, json!({ "address": "nobody", "balance": "0", "nonce": 0, "decimals": 6 }));
    let unknown = answer(&mut rig, "tx.gettxbyhash", json!({ "tx_hash": "00" }));
    assert_eq!(unknown["error"]["code"], -32000);
    assert_eq!(unknown["error"]["data"]["code"], "transaction_not_found");
    let long = answer(&mut rig, "account.getaccount", json!({ "address": "x".repeat(129) }));
    assert_eq!(long["error"]["code"], -32602);
    assert_eq!(answer(&mut rig, "tx.gettransactionstatus", json!({}))["error"]["code"], -32601);
    let bad_tag = call(&mut rig, "account.getcurrentnonce", json!({ "address": "x", "tag": "newest" }));
    assert_eq!(
        (&bad_tag["nonce"], &bad_tag["error"]),
        (&json!(0), &json!("invalid tag: must be 'latest' or 'pending'"))
    );
    assert_eq!(call(&mut rig, "health.check", Value::Null)["status"], 1);
}

#[test]
fn the_node_takes_json_rpc_by_post_and_nothing_else() {
    let mut rig = Rig::new();
    let mut ask = |request: &Request| {
        let response = rig.world.handle_http(rig.now, request);
        (response.status, String::from_utf8_lossy(&response.body).into_owned())
    };
    let health = rpc("health.check", &Value::Null);
    assert_eq!(ask(&Request { method: "GET".to_owned(), ..health.clone() }).0, 405);
    let unsupported = (415, "unsupported content type\n".to_owned());
    assert_eq!(ask(&Request { headers: Vec::new(), ..health.clone() }), unsupported);
    let latin = vec![("Content-Type".to_owned(), "application/json; charset=latin1".to_owned())];
    assert_eq!(ask(&Request { headers: latin, ..health }), unsupported);
    let post = |body: String| request("POST", "/mmn-api", body);
    assert_eq!(ask(&post(" ".repeat(131_073))), (400, "invalid request body\n".to_owned()));
    assert_eq!(ask(&post("[]".to_owned())), (400, "invalid request\n".to_owned()));
    assert!(ask(&post("{".to_owned())).1.contains("-32700"));
    assert!(ask(&post(r#"{"id":1,"method":"health.check"}"#.to_owned())).1.contains("-32600"));
    assert_eq!(ask(&post(r#"{"jsonrpc":"2.0","method":"health.check"}"#.to_owned())), (204, String::new()));
    let bad =
        ask(&post(r#"{"jsonrpc":"2.0","method":"tx.addtx","params":{"tx_msg":{"nonce":-1}},"id":"a"}"#.to_owned()));
    assert!(bad.1.contains("-32602") && bad.1.contains(r#""id":"a""#), "{}", bad.1);
}

#[test]
fn a_nonce_is_a_recent_slot() {
    let mut payer = Payer::new();
    let slot = payer.rig.world.slot(payer.rig.now);
    let asked = json!({ "address": "anybody", "tag": "pending" });
    assert_eq!(call(&mut payer.rig, "account.getcurrentnonce", asked)["nonce"], slot - 3);
    for (nonce, refusal) in
        [(slot - 151, Some("nonce_too_low")), (slot + 1, Some("nonce_too_high")), (slot - 150, None)]
    {
        let signed = Transaction { nonce, ..payer.draft(1, "") }.sign(&payer.key);
        match refusal {
            Some(code) => assert_eq!(payer.refused(&signed), code),
            None => assert_eq!(payer.add(&signed)["ok"], true),
        }
    }
    let signed = payer.signed(1, "old");
    payer.rig.wait(SLOT * 151);
    assert_eq!(payer.refused(&signed), "nonce_too_low");
}

#[test]
fn the_same_bytes_are_paid_once_and_forgotten_after_five_minutes() {
    let mut payer = Payer::new();
    payer.rig.world.settings_mut().ledger.nonce_window = 10_000;
    let signed = payer.signed(1, "");
    assert_eq!(payer.add(&signed)["ok"], true);
    assert_eq!(payer.refused(&signed), "duplicate_transaction");
    let other = Transaction { timestamp: 5, ..payer.draft(1, "") }.sign(&payer.key);
    assert_eq!(payer.refused(&other), "duplicate_transaction");
    payer.rig.wait(SLOT + Duration::from_secs(299));
    assert_eq!(payer.refused(&signed), "duplicate_transaction");
    payer.rig.wait(SECOND);
    assert_eq!(payer.add(&signed)["ok"], true);
    let counts = payer.rig.world.ledger(payer.rig.now).count_by(|entry| entry.note.clone());
    assert_eq!(counts.get(""), Some(&2));
}

#[test]
fn what_waits_in_the_pool_is_no_balance_any_more() {
    let mut payer = Payer::new();
    payer.paid(60, "");
    let too_much = payer.signed(41, "");
    assert_eq!(payer.refused(&too_much), "insufficient_funds");
    payer.paid(40, "");
    payer.rig.wait(SLOT);
    let bot = payer.rig.bot;
    assert_eq!(payer.balance(bot), "0");
    let unknown = EphemeralKey::from_seed(&[9; 32]);
    let sender = Address::of_key(&unknown.public_key()).to_string();
    let by_key = Transaction { kind: 1, sender, ..payer.draft(1, "") }.sign(&unknown);
    assert_eq!(payer.refused(&by_key), "account_not_found");
    payer.rig.world.settings_mut().ledger.pool_limit = 0;
    let full = payer.signed(1, "");
    assert_eq!(payer.refused(&full), "mempool_full");
}

#[test]
fn only_proofs_of_this_world_for_key_and_sender_are_good() {
    let mut payer = Payer::new();
    let draft = payer.draft(1, "");
    let by_another_key = draft.clone().sign(&EphemeralKey::from_seed(&[8; 32]));
    assert_eq!(payer.refused(&by_another_key), "invalid_signature");
    let made_up = Transaction { zk_proof: "cHJvb2Y=".to_owned(), ..draft.clone() }.sign(&payer.key);
    assert_eq!(payer.refused(&made_up), "invalid_signature");
    payer.rig.world.settings_mut().ledger.any_proof = true;
    assert_eq!(payer.add(&made_up)["ok"], true);
    let unbound = Transaction { sender: draft.recipient.clone(), ..draft }.sign(&payer.key);
    assert_eq!(payer.refused(&unbound), "invalid_signature");
}

#[test]
fn a_proof_is_for_the_owner_of_a_fresh_id_token() {
    let mut rig = Rig::new();
    let key = EphemeralKey::from_seed(&[7; 32]);
    let session = rig.login();
    assert_eq!(prove_with(&mut rig, &key, session.token.as_str().into()).status, 401);
    assert_eq!(prove_with(&mut rig, &key, "x".into()).status, 401);
    let id_token = || Secret::from(session.id_token.as_str());
    let proof = Proof::from_answer(&prove_with(&mut rig, &key, id_token()).body).unwrap();
    assert!(proof.binds(&key.public_key(), &Address::of_user(rig.bot)));
    let asked =
        ProofRequest { user: rig.alice, key: key.public_key(), id_token: id_token(), client_type: ClientType::OAuth };
    assert_eq!(rig.world.handle_http(rig.now, &request("POST", "/zk-api/prove", asked.body())).status, 401);
    rig.world.expire_id_tokens();
    let expired = prove_with(&mut rig, &key, id_token());
    assert_eq!((expired.status, &read(&expired)["error"]), (401, &json!("the token has expired")));
    let renewed = rig.login().id_token;
    assert_eq!(prove_with(&mut rig, &key, renewed.as_str().into()).status, 200);
    rig.wait(SECOND * 3600);
    assert_eq!(prove_with(&mut rig, &key, renewed.as_str().into()).status, 401);
    assert_eq!(get(&mut rig, "/zk-api/health/check")["status"], "ok");
}

#[test]
fn both_sides_are_told_when_a_transfer_is_confirmed() {
    let mut payer = Payer::new();
    let (bot, alice) = (payer.rig.connect(), payer.rig.connect_person(payer.rig.alice));
    payer.rig.pushes(alice);
    let hash = payer.paid(5, "tea");
    assert!(payer.rig.pushes(bot).is_empty());
    payer.rig.wait(SLOT);
    for conn in [bot, alice] {
        let pushes = payer.rig.pushes(conn);
        let [Message::TokenSentEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
        assert_eq!((event.amount, event.note.as_str(), event.transaction_id == hash), (5, "tea", true));
        assert_eq!((event.sender_name.as_str(), event.extra_attribute.as_str()), ("testbot", "x"));
        assert_eq!((event.sender_id, event.receiver_id), (payer.rig.bot.get(), payer.rig.alice.get()));
    }
    assert!(payer.rig.world.tail(1).contains("testbot pays 5 to alice: \"tea\""), "{}", payer.rig.world.tail(1));
}

#[test]
fn nobody_is_told_of_what_is_not_all_texts_or_of_another_type() {
    let mut payer = Payer::new();
    let bot = payer.rig.connect();
    let me = payer.rig.bot.to_string();
    let gift = json!({ "type": "gift", "UserReceiverId": me });
    let number = json!({ "type": "transfer_token", "UserReceiverId": me, "n": 1 });
    for info in [String::new(), gift.to_string(), number.to_string(), "[]".to_owned()] {
        let signed = Transaction { extra_info: info.clone(), ..payer.draft(1, &info) }.sign(&payer.key);
        assert_eq!(payer.add(&signed)["ok"], true);
    }
    payer.rig.wait(SLOT);
    assert!(payer.rig.pushes(bot).is_empty());
    let id = payer.rig.bot;
    assert_eq!(payer.balance(id), "96");
    let info = json!({ "type": "give_coffee", "UserReceiverId": id.to_string(), "MessageRefId": "17" });
    let coffee = Transaction { extra_info: info.to_string(), ..payer.draft(2, "givecoffee") }.sign(&payer.key);
    payer.add(&coffee);
    payer.rig.wait(SLOT);
    let pushes = payer.rig.pushes(bot);
    let [Message::GiveCoffeeEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.token_count, event.message_ref_id), (2, 17));
}

#[test]
fn the_indexer_shows_the_history_some_slots_later() {
    let mut payer = Payer::new();
    let wallet = Address::of_user(payer.rig.bot).to_string();
    let hashes: Vec<String> = (0..5).map(|n| payer.paid(1, &n.to_string())).collect();
    payer.rig.wait(SLOT);
    let (alice, bot) = (payer.rig.alice, payer.rig.bot);
    payer.rig.world.send_tokens(payer.rig.now, alice, bot, 3, "back");
    payer.rig.wait(SLOT);
    let page = |rig: &mut Rig, query: &str| get(rig, &format!("/indexer-api//1337/transactions?{query}"));
    let notes = |answer: &Value| -> Vec<String> {
        let data = answer["data"].as_array().cloned().unwrap_or_default();
        data.iter().map(|tx| tx["text_data"].as_str().unwrap().to_owned()).collect()
    };
    let all = format!("page=0&limit=50&wallet_address={wallet}");
    assert_eq!(page(&mut payer.rig, &all)["data"], Value::Null);
    payer.rig.wait(SLOT);
    assert_eq!(page(&mut payer.rig, &all)["meta"]["total_items"], 5);
    payer.rig.wait(SLOT);
    assert_eq!(notes(&page(&mut payer.rig, &all)), ["back", "4", "3", "2", "1", "0"]);
    let sent = format!("page=1&limit=2&sort_order=asc&filter_from_address={wallet}");
    let sent = page(&mut payer.rig, &sent);
    assert_eq!((notes(&sent), &sent["meta"]["total_pages"]), (vec!["2".to_owned(), "3".to_owned()], &json!(3)));
    assert_eq!(notes(&page(&mut payer.rig, &format!("filter_to_address={wallet}"))), ["back"]);

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/indexer-api/1337/transactions/infinite?limit=2&wallet_address={wallet}{cursor}");
        let answer = get(&mut payer.rig, &path);
        seen.extend(notes(&answer));
        let meta = &answer["meta"];
        if meta["has_more"] != true {
            break;
        }
        let time = meta["next_timestamp"].as_str().unwrap().replace(':', "%3A");
        cursor = format!("&timestamp_lt={time}&last_hash={}", meta["next_hash"].as_str().unwrap());
    }
    assert_eq!(seen, ["back", "4", "3", "2", "1", "0"]);
    let before = "/indexer-api/1337/transactions/infinite?timestamp_lt=2026-01-01T00%3A00%3A00.000Z";
    assert!(notes(&get(&mut payer.rig, before)).is_empty());
    let detail = get(&mut payer.rig, &format!("/indexer-api/1337/tx/{}/detail", hashes[0]));
    assert_eq!(detail["data"]["transaction"]["value"], "1000000");
    assert_eq!(detail["data"]["transaction"]["chain_id"], "1337");
    let detail = get(&mut payer.rig, &format!("/indexer-api/1337/wallets/{wallet}/detail"));
    assert_eq!(detail["data"]["balance"], "98000000");
}

#[test]
fn a_red_envelope_is_claimed_once_by_each() {
    let mut payer = Payer::new();
    let (alice, bot) = (payer.rig.alice, payer.rig.bot);
    payer.rig.world.give_envelope(alice, "5f 0c", "lucky", [8, 2]);
    let body = json!({
        "user_id": bot.to_string(), "proof_b64": payer.proof.proof, "public_b64": payer.proof.public_input,
        "publickey": payer.key.public_key().to_string(),
    });
    let mut post = |path: &str, body: &Value| {
        let path = format!("/dong-api/api/v1/red-envelopes/qr/{path}");
        let response = payer.rig.world.handle_http(payer.rig.now, &request("POST", &path, body.to_string()));
        (response.status, read(&response))
    };
    for _ in 0..2 {
        let (status, answer) = post("claim-amount?id=5f+0c", &body);
        assert_eq!((status, &answer["data"]["amount"], &answer["data"]["split_money_id"]), (200, &json!(8), &json!(1)));
    }
    let mut claim = body.clone();
    claim["split_money_id"] = json!(1);
    assert_eq!(post("5f%200c/claim", &claim).0, 200);
    assert_eq!(post("5f%200c/claim", &claim).0, 409);
    assert_eq!(post("claim-amount?id=other", &body).0, 404);
    claim["proof_b64"] = json!("UA==");
    assert_eq!(post("5f%200c/claim", &claim).0, 401);
    payer.rig.wait(SLOT);
    assert_eq!(payer.balance(bot), "108");
}

/// What becomes of a payment under a fault.
fn pay_under(payer: &mut Payer, fault: LedgerFault) -> (SignedTransaction, Answered) {
    payer.rig.world.ledger_fault(LedgerCall::AddTransaction, fault, 1);
    let note = payer.rig.world.ledger(payer.rig.now).entries.len().to_string();
    let signed = payer.signed(1, &note);
    let answered = payer.rig.world.exchange(payer.rig.now, &rpc("tx.addtx", &json!(signed)));
    (signed, answered)
}

#[test]
fn an_answer_may_be_lost_late_or_garbled_and_the_payment_is_made() {
    let mut payer = Payer::new();
    let (signed, answered) = pay_under(&mut payer, LedgerFault::LoseAnswer);
    assert!(matches!(answered, Answered::Never), "{answered:?}");
    assert_eq!(payer.refused(&signed), "duplicate_transaction");
    let (signed, answered) = pay_under(&mut payer, LedgerFault::BreakAnswer);
    assert!(matches!(answered, Answered::Broken { .. }), "{answered:?}");
    assert_eq!(payer.refused(&signed), "duplicate_transaction");
    let (signed, answered) = pay_under(&mut payer, LedgerFault::DelayAnswer(SECOND));
    assert!(matches!(answered, Answered::Response { after: SECOND, .. }), "{answered:?}");
    assert_eq!(payer.refused(&signed), "duplicate_transaction");
    for (fault, status, text) in [
        (LedgerFault::StatusAfter(502), 502, "<html>"),
        (LedgerFault::NotJson, 200, "<html>"),
        (LedgerFault::OtherId, 200, "\"id\":2"),
    ] {
        let (signed, answered) = pay_under(&mut payer, fault);
        let Answered::Response { response, .. } = answered else { panic!("{answered:?}") };
        assert!(response.status == status && String::from_utf8_lossy(&response.body).contains(text), "{text}");
        assert_eq!(payer.refused(&signed), "duplicate_transaction");
    }
}

#[test]
fn a_request_may_be_lost_refused_or_late() {
    let mut payer = Payer::new();
    let (signed, answered) = pay_under(&mut payer, LedgerFault::LoseRequest);
    assert!(matches!(answered, Answered::Never), "{answered:?}");
    assert_eq!(payer.add(&signed)["ok"], true);
    let (signed, answered) = pay_under(&mut payer, LedgerFault::Status(429));
    assert!(matches!(&answered, Answered::Response { response, .. } if response.status == 429), "{answered:?}");
    assert_eq!(payer.add(&signed)["ok"], true);
    payer.rig.world.ledger_fault(LedgerCall::Any, LedgerFault::Refuse("mempool_full".to_owned()), 2);
    let signed = payer.signed(1, "refused");
    assert_eq!(payer.refused(&signed), "mempool_full");
    let nonce = answer(&mut payer.rig, "account.getcurrentnonce", json!({ "address": "x", "tag": "latest" }));
    assert_eq!(nonce["error"]["data"]["code"], "mempool_full");
    assert_eq!(payer.add(&signed)["ok"], true);
    let (late, answered) = pay_under(&mut payer, LedgerFault::DelayRequest(SECOND));
    assert!(matches!(answered, Answered::Never), "{answered:?}");
    payer.rig.wait(SECOND);
    assert_eq!(payer.refused(&late), "duplicate_transaction");
}

#[test]
fn what_was_accepted_may_fail_later() {
    let mut payer = Payer::new();
    let fault = LedgerFault::FailLater("insufficient balance".to_owned());
    payer.rig.world.ledger_fault(LedgerCall::AddTransaction, fault, 1);
    let hash = payer.paid(5, "");
    payer.rig.wait(SLOT);
    let tx = payer.status(&hash);
    assert_eq!((&tx["status"], &tx["err_msg"]), (&json!(3), &json!("insufficient balance")));
    let bot = payer.rig.bot;
    assert_eq!(payer.balance(bot), "100");
    assert!(payer.rig.world.ledger(payer.rig.now).count_by(|entry| entry.note.clone()).is_empty());
    payer.paid(100, "again");
}

#[test]
fn slots_stand_still_race_and_begin_at_0() {
    let mut payer = Payer::new();
    payer.rig.world.set_slot_time(payer.rig.now, None);
    let hash = payer.paid(1, "");
    payer.rig.wait(SECOND * 100);
    assert_eq!(payer.status(&hash)["status"], 0);
    payer.rig.world.set_slot_time(payer.rig.now, Some(Duration::from_millis(1)));
    payer.rig.wait(Duration::from_millis(3));
    assert_eq!(payer.status(&hash)["status"], 2);
    payer.rig.world.set_slot(payer.rig.now, 0);
    let asked = || json!({ "address": "x", "tag": "pending" });
    assert_eq!(call(&mut payer.rig, "account.getcurrentnonce", asked())["nonce"], u64::MAX);
    let too_low = Transaction { nonce: 0, ..payer.draft(1, "zero") }.sign(&payer.key);
    assert_eq!(payer.refused(&too_low), "nonce_too_low");
}

#[test]
fn a_node_may_be_behind() {
    let mut payer = Payer::new();
    let hash = payer.paid(1, "");
    payer.rig.wait(SLOT);
    payer.rig.world.ledger_chaos(LedgerCall::Any, LedgerFault::Lag(3), 1.0);
    let slot = payer.rig.world.slot(payer.rig.now);
    assert_eq!(payer.status(&hash)["status"], 0);
    let asked = json!({ "address": "x", "tag": "pending" });
    assert_eq!(call(&mut payer.rig, "account.getcurrentnonce", asked)["nonce"], slot - 6);
    let fresh = payer.signed(1, "fresh");
    assert_eq!(payer.refused(&fresh), "nonce_too_high");
    payer.rig.world.end_ledger_faults();
    assert_eq!(payer.add(&fresh)["ok"], true);
}

#[test]
fn chaos_comes_from_the_seed() {
    let run = || {
        let mut rig = Rig::new();
        rig.world.ledger_chaos(LedgerCall::Health, LedgerFault::Status(500), 0.5);
        let ask = |world: &mut World| world.handle_http(rig.now, &rpc("health.check", &Value::Null)).status;
        (0..50).map(|_| ask(&mut rig.world)).collect::<Vec<u16>>()
    };
    let first = run();
    assert_eq!(first, run());
    assert!(first.contains(&500) && first.contains(&200));
}

#[test]
fn the_proof_service_fails_by_itself() {
    let mut payer = Payer::new();
    payer.rig.world.ledger_fault(LedgerCall::Proof, LedgerFault::Status(502), 1);
    payer.rig.world.ledger_fault(LedgerCall::Proof, LedgerFault::Refuse("no".to_owned()), 1);
    payer.paid(1, "");
    let key = payer.key.clone();
    assert_eq!(prove(&mut payer.rig, &key).status, 502);
    let refused = prove(&mut payer.rig, &key);
    assert_eq!((refused.status, read(&refused)), (400, json!({ "error": "no" })));
    assert_eq!(prove(&mut payer.rig, &key).status, 200);
}

#[test]
fn too_many_requests_are_refused_if_so_set() {
    let mut rig = Rig::new();
    rig.world.settings_mut().ledger.rate_limits = true;
    let ask = |rig: &mut Rig| rig.world.handle_http(rig.now, &rpc("health.check", &Value::Null)).status;
    assert!((0..100).all(|_| ask(&mut rig) == 200));
    assert_eq!(ask(&mut rig), 429);
    rig.wait(Duration::from_millis(10));
    assert_eq!((ask(&mut rig), ask(&mut rig)), (200, 429));
}

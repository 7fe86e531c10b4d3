//! The sandbox's node, told the same as the node of the platform, says the same.

use std::time::Duration;

use mezon_protocol::Now;
use mezon_protocol::ledger::{Address, Amount, EphemeralKey, Proof, PublicInput, SignedTransaction, Transaction};
use mezon_sandbox::{Request, World};
use mezon_tests::vectors::{text, unhex};
use serde_json::{Value, json};

use super::ledger::cases;

const NOW: Now = Now::new(Duration::ZERO, Duration::from_secs(1_790_000_000));

/// A node in the slot of the nonce, which takes all proofs that bind, and where the sender has all there is.
fn node(sender: &str, slot: u64) -> World {
    let mut world = World::builder().build();
    world.settings_mut().ledger.any_proof = true;
    world.set_slot(NOW, slot);
    world.set_balance_at(sender, Amount::MAX);
    world
}

/// `result.error`, empty for what is accepted.
fn error(world: &mut World, body: &Value) -> String {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let (method, path) = ("POST".to_owned(), "/mmn-api/".to_owned());
    let body = body.to_string().into();
    let response = world.handle_http(NOW, &Request { method, path, headers, body });
    let answer: Value = serde_json::from_slice(&response.body).expect("it is JSON");
    assert_eq!(answer["result"]["ok"] == true, answer["result"]["error"] == "", "{answer}");
    text(&answer["result"]["error"]).to_owned()
}

#[test]
fn what_other_clients_sign_passes_the_node_of_the_sandbox_once() {
    for case in cases("transactions", 27) {
        let body: Value = serde_json::from_str(text(&case["expect"]["http"]["body"])).expect("it is JSON");
        let nonce = case["input"]["nonce"].as_u64().expect("a number");
        let mut world = node(text(&case["expect"]["sender_address"]), nonce);
        let said = error(&mut world, &body);
        let said = if said.is_empty() { "pass" } else { &said };
        assert_eq!(said, text(&case["expect"]["node_static_check"]), "{}", case["name"]);
        assert!(error(&mut world, &body).contains("duplicate_transaction"), "{}", case["name"]);
    }
}

#[test]
fn what_has_to_be_refused_is_refused_by_the_node_of_the_sandbox_in_its_words() {
    let mut said = 0;
    for case in cases("must_refuse", 18) {
        let Some(expected) = case["node_error"].as_str() else { continue };
        let signed = sign_all_the_same(&case["input"]);
        let mut world = node(&signed.transaction.sender, signed.transaction.nonce);
        let body = json!({ "jsonrpc": "2.0", "method": "tx.addtx", "params": signed, "id": 1 });
        assert_eq!(error(&mut world, &body), expected, "{}", case["name"]);
        said += 1;
    }
    assert!(said >= 14, "{said}");
}

/// What a client would send that checks nothing.
fn sign_all_the_same(input: &Value) -> SignedTransaction {
    let key = EphemeralKey::from_seed(&unhex(&"07".repeat(32)).try_into().expect("32 bytes"));
    let user = text(&input["sender"]);
    let sender = Address::of_id_text(user);
    let public = PublicInput::new([0; 32], user.parse().expect("an id"), &key.public_key(), &sender);
    let proof = Proof { proof: "cHJvb2Y=".to_owned(), public_input: public.to_base64() };
    let extra_info = input["extra_info"].as_array().map(|pairs| {
        let pairs = pairs.iter().map(|pair| format!("{}:{}", pair[0], pair[1]));
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
    });
    let transaction = Transaction {
        sender: sender.to_string(),
        recipient: Address::of_id_text(text(&input["recipient"])).to_string(),
        amount: text(&input["amount"]).to_owned(),
        text_data: text(&input["text_data"]).to_owned(),
        nonce: input["nonce"].as_u64().expect("a number"),
        extra_info: extra_info.unwrap_or_default(),
        ..Transaction::default()
    };
    let transaction = if input["has_proof"] == true { transaction.with_proof(&proof) } else { transaction };
    transaction.sign(&key)
}

/// The clients of indexer and proof service ask as they do; the sandbox has an answer to each.
#[test]
fn what_other_clients_ask_the_indexer_has_an_answer() {
    let mut world = World::builder().build();
    world.set_balance_at("BNktLdutWyfPgNAXZDar1vuhVq8VSCuaDGa3CRVBZnRx", Amount::from_tokens(1));
    for case in cases("indexer_requests", 8) {
        let path = text(&case["http"]["url"]).trim_start_matches("https://dong.mezon.ai").to_owned();
        let request = Request { method: "GET".to_owned(), path, headers: Vec::new(), body: Default::default() };
        let response = world.handle_http(NOW, &request);
        let status = if case["name"] == "get_transaction_by_hash" { 404 } else { 200 };
        assert_eq!(response.status, status, "{case}");
    }
}

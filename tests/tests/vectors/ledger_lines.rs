//! The recorded requests of the ledger: the same wish makes our client ask the same.

use mezon_protocol::UserId;
use mezon_protocol::exchange::HttpRequest;
use mezon_protocol::ledger::{ExtraInfo, Prove, PublicInput, SendToken};
use mezon_tests::hand;
use mezon_tests::vectors::text;
use serde_json::{Value, json};

use crate::ledger_calls::Desk;
use crate::scene::is_python;

fn desk() -> Desk {
    Desk::new(UserId::new(hand::BOT), &[7; 32], 1)
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body.bytes().expect("it is in memory")).expect("the body is JSON")
}

/// Of both requests the key and the token are their own.
pub(crate) fn proves_alike(line: &Value) {
    let request = desk().submit(Prove::new());
    // on purpose: one slash
    assert!(request.url.ends_with(&text(&line["path"]).replace("//", "/")));
    let mut theirs = line["decoded"].clone();
    let ours = body(&request);
    for key in ["ephemeral_pk", "jwt"] {
        theirs[key] = ours[key].clone();
    }
    assert_eq!(ours, theirs);
}

/// Of both requests time, proof and signature are their own.
pub(crate) fn pays_alike(line: &Value) {
    let (mut desk, inputs) = (desk(), &line["inputs"]);
    let amount = inputs["amount"].as_u64().expect("an amount");
    let payment = SendToken::to(text(&inputs["receiver_id"]), amount).note(text(&inputs["note"]));
    let proof = body(&desk.submit(payment));
    let (key, address) = (text(&proof["ephemeral_pk"]).parse().unwrap(), text(&proof["address"]).parse().unwrap());
    let public_input = PublicInput::new([0; 32], UserId::new(hand::BOT), &key, &address).to_base64();
    desk.respond(200, &json!({"data": {"proof": "UA==", "public_input": public_input}}).to_string());
    let mut request = desk.request();
    if line["decoded"]["method"] == "tx.addtx" {
        desk.respond(200, r#"{"jsonrpc":"2.0","id":1,"result":{"nonce":0,"error":""}}"#);
        request = desk.request();
    }
    assert!(request.url.ends_with(text(&line["path"])));
    let (ours, mut theirs) = (body(&request), line["decoded"].clone());
    if line["decoded"]["method"] == "tx.addtx" {
        theirs["params"]["signature"] = ours["params"]["signature"].clone();
        for key in ["timestamp", "zk_proof", "zk_pub"] {
            theirs["params"]["tx_msg"][key] = ours["params"]["tx_msg"][key].clone();
        }
    }
    if is_python(line) && line["decoded"]["method"] == "tx.addtx" {
        // on purpose: requests are counted, and all values are texts, without which no event would come of it
        theirs["id"] = ours["id"].clone();
        let info: Value = serde_json::from_str(text(&theirs["params"]["tx_msg"]["extra_info"])).unwrap();
        let our_info = ExtraInfo::from_json(text(&ours["params"]["tx_msg"]["extra_info"])).unwrap();
        for key in ["UserSenderId", "UserReceiverId"] {
            assert_eq!(our_info.get(key), Some(&*info[key].to_string()));
        }
        theirs["params"]["tx_msg"]["extra_info"] = ours["params"]["tx_msg"]["extra_info"].clone();
    }
    assert_eq!(ours, theirs);
}

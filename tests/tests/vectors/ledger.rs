//! The ledger: what other clients of it compute, sign and send, and what is recommended where they differ.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mezon_protocol::UserId;
use mezon_protocol::ledger::{
    Address, Amount, ClientType, Draft, EphemeralKey, ExtraInfo, FORBIDDEN, InvalidAmount, MAX_EXTRA_INFO, MAX_NOTE,
    Proof, ProofRequest, PublicInput, Transaction, signature,
};
use mezon_tests::vectors::{self, LEDGER, text, unhex};
use serde_json::{Value, json};

/// The cases of a part of the file, of which there are at least so many.
pub(super) fn cases(part: &str, count: usize) -> Vec<Value> {
    let file = vectors::value(vectors::folder(), LEDGER);
    let cases = file[part].as_array().expect("a list").clone();
    assert!(cases.len() >= count, "{part}: cases have disappeared");
    println!("{part}: {} cases", cases.len());
    cases
}

#[test]
fn the_address_of_a_user_is_the_hash_of_its_id() {
    for case in cases("addresses", 36) {
        let address = Address::of_id_text(text(&case["user_id"]));
        assert_eq!(address.to_string(), text(&case["address"]), "{case}");
        assert_eq!(address.as_bytes()[..], unhex(text(&case["sha256_hex"])), "{case}");
    }
}

#[test]
fn only_base58_of_32_bytes_is_an_address() {
    for case in cases("address_checks", 16) {
        assert_eq!(text(&case["text"]).parse::<Address>().is_ok(), case["valid"] == true, "{case}");
    }
}

#[test]
fn keys_have_the_forms_of_other_clients() {
    for case in cases("key_pairs", 10) {
        let seed: [u8; 32] = unhex(text(&case["seed_hex"])).try_into().unwrap();
        let key = EphemeralKey::from_seed(&seed);
        let public = key.public_key();
        assert_eq!(public.as_bytes()[..], unhex(text(&case["public_key_hex"])), "{case}");
        assert_eq!(public.to_string(), text(&case["public_key_base58"]), "{case}");
        assert_eq!(STANDARD.encode(public.as_bytes()), text(&case["public_key_base64"]), "{case}");
        assert_eq!(key.export().expose(), text(&case["private_key_hex"]), "{case}");
    }
}

#[test]
fn a_key_is_read_from_digits_only_and_never_shown() {
    let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    let key = EphemeralKey::import(&seed.to_uppercase()).unwrap();
    assert!(!format!("{key:?}").contains("4ccd089b"));
    for wrong in ["", &seed[1..], &seed[2..], &format!("{seed}0"), &format!("{seed}0x"), "é"] {
        assert!(EphemeralKey::import(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn amounts_are_scaled_exactly_or_refused() {
    for case in cases("amount_scaling", 35) {
        let decimals = case["decimals"].as_u64().unwrap() as u8;
        let scaled = Amount::parse_decimal(text(&case["input"]), decimals);
        let expected = &case["recommended"];
        match &scaled {
            Ok(amount) => assert_eq!(amount.base_units(), text(&expected["ok"]), "{case}"),
            Err(error) => assert_eq!(amount_error(*error), text(&expected["error"]), "{case}"),
        }
        if decimals == Amount::DECIMALS {
            assert_eq!(text(&case["input"]).parse(), scaled, "{case}");
        }
        if let Ok(amount) = scaled.filter_decimals(decimals) {
            assert_eq!(amount.to_string().parse(), Ok(amount), "what is shown can be read: {case}");
        }
    }
    assert_eq!(Amount::MAX.base_units(), text(&vectors::value(vectors::folder(), LEDGER)["constants"]["max_amount"]));
}

trait FilterDecimals {
    fn filter_decimals(self, decimals: u8) -> Self;
}

impl FilterDecimals for Result<Amount, InvalidAmount> {
    fn filter_decimals(self, decimals: u8) -> Self {
        if decimals == Amount::DECIMALS { self } else { Err(InvalidAmount::Syntax) }
    }
}

fn amount_error(error: InvalidAmount) -> &'static str {
    match error {
        InvalidAmount::TooManyFractionDigits => "too_many_fraction_digits",
        InvalidAmount::TooLarge => "too_large",
        _ => "syntax",
    }
}

#[test]
fn balances_are_compared_as_integers() {
    for case in cases("balance_checks", 10) {
        let [balance, amount] = ["balance", "amount"].map(|key| Amount::parse_decimal(text(&case[key]), 0).unwrap());
        assert_eq!(amount <= balance, case["enough"] == true, "{case}");
        assert_eq!(balance.checked_sub(amount).is_some(), case["enough"] == true, "{case}");
    }
}

/// Row 77.
#[test]
fn transactions_are_signed_byte_by_byte_as_other_clients_do() {
    for case in cases("transactions", 27) {
        let (input, expected) = (&case["input"], &case["expect"]);
        let transaction = Transaction {
            kind: expected["type"].as_i64().unwrap() as i32,
            sender: text(&expected["sender_address"]).into(),
            recipient: text(&expected["recipient_address"]).into(),
            amount: text(&input["amount"]).into(),
            timestamp: match input["timestamp"].as_u64() {
                Some(0) | None => input["clock_ms"].as_u64().unwrap(),
                Some(timestamp) => timestamp,
            },
            text_data: input["text_data"].as_str().unwrap_or_default().into(),
            nonce: input["nonce"].as_u64().unwrap(),
            extra_info: extra_info(&input["extra_info"]),
            zk_proof: input["zk_proof"].as_str().unwrap_or_default().into(),
            zk_pub: input["zk_pub"].as_str().unwrap_or_default().into(),
        };
        assert_eq!(transaction.extra_info, text(&expected["extra_info"]), "{case}");
        let signed_text = transaction.signed_text();
        assert_eq!(signed_text.as_bytes(), unhex(text(&expected["signed_bytes_hex"])), "{case}");
        assert_eq!(transaction.dedup_key().to_string(), text(&expected["dedup_hash"]), "{case}");

        let key = EphemeralKey::import(text(&input["private_key"])).unwrap();
        assert_eq!(key.sign(signed_text.as_bytes())[..], unhex(text(&expected["raw_signature_hex"])), "{case}");
        let (kind, sender) = (transaction.kind, transaction.sender.clone());
        let signed = transaction.sign(&key);
        assert_eq!(signed.signature, text(&expected["signature"]), "{case}");
        let signer = signature::verify(kind, &sender, &signed_text, &signed.signature);
        assert_eq!(signer, Ok(key.public_key()), "{case}");
        assert!(signature::verify(kind, &sender, &format!("{signed_text} "), &signed.signature).is_err(), "{case}");

        let body: Value = serde_json::from_str(text(&expected["http"]["body"])).unwrap();
        let params = serde_json::to_string(&signed).unwrap();
        assert_eq!(params, body["params"].to_string(), "{case}");
        assert_eq!(serde_json::from_str::<mezon_protocol::ledger::SignedTransaction>(&params).unwrap(), signed);
    }
}

/// JSON text of pairs, or nothing. Values that are no texts only other clients can write.
fn extra_info(pairs: &Value) -> String {
    let Some(pairs) = pairs.as_array() else { return String::new() };
    let are_texts = pairs.iter().all(|pair| pair[1].is_string());
    if are_texts {
        let info: ExtraInfo = pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
        let json = info.to_plain_json();
        assert_eq!(ExtraInfo::from_json(&json), Some(info));
        return json;
    }
    let object: serde_json::Map<_, _> = pairs.iter().map(|pair| (text(&pair[0]).to_owned(), pair[1].clone())).collect();
    Value::Object(object).to_string()
}

/// Row 80.
#[test]
fn what_the_ledger_would_refuse_or_would_lose_is_refused_before_signing() {
    for case in cases("must_refuse", 18) {
        let input = &case["input"];
        let user = |key: &str| text(&input[key]).parse().unwrap_or(UserId::NONE);
        let draft = Draft {
            sender: user("sender"),
            receiver: user("recipient"),
            amount: text(&input["amount"]),
            note: text(&input["text_data"]),
            extra_info: &extra_info(&input["extra_info"]),
            has_proof: input["has_proof"] == true,
        };
        assert_eq!(draft.check().unwrap_err().name(), text(&case["error_kind"]), "{case}");
    }
}

#[test]
fn the_limits_are_those_of_the_ledger() {
    let constants = &vectors::value(vectors::folder(), LEDGER)["constants"];
    assert_eq!(constants["text_max_bytes"], json!(MAX_NOTE));
    assert_eq!(constants["long_text_max_chars"], json!(MAX_EXTRA_INFO));
    assert_eq!(constants["signature_text_max"], json!(signature::MAX_SIGNATURE));
    for run in constants["forbidden_runs"].as_array().unwrap() {
        assert!(FORBIDDEN.iter().any(|forbidden| text(run).contains(forbidden)), "{run}");
    }
}

/// Row 75.
#[test]
fn a_proof_is_asked_for_and_read_as_other_clients_do() {
    for case in cases("zk_requests", 3) {
        let request = ProofRequest {
            user: text(&case["user_id"]).parse().unwrap(),
            key: text(&case["ephemeral_public_key"]).parse().unwrap(),
            id_token: text(&case["jwt"]).into(),
            client_type: [ClientType::Mezon, ClientType::OAuth]
                .into_iter()
                .find(|kind| kind.as_str() == case["client_type"].as_str().unwrap_or("mezon"))
                .unwrap(),
        };
        assert_eq!(request.body(), text(&case["http"]["body"]).as_bytes(), "{case}");
        assert!(!format!("{request:?}").contains(text(&case["jwt"])), "{case}");
        let proof = Proof::from_answer(text(&case["response_body"]).as_bytes()).unwrap();
        assert_eq!(json!(proof), case["parsed"], "{case}");
    }
}

#[test]
fn a_public_input_says_which_key_may_sign_for_which_address() {
    for case in cases("zk_public_inputs", 5) {
        let input = PublicInput::parse(text(&case["public_input"])).unwrap();
        for (element, expected) in input.elements().iter().zip(case["elements_hex"].as_array().unwrap()) {
            assert_eq!(element[..], unhex(text(expected)), "{case}");
        }
        let user: UserId = text(&case["user_id"]).parse().unwrap();
        let key = text(&case["ephemeral_public_key"]).parse().unwrap();
        let address: Address = text(&case["address"]).parse().unwrap();
        assert!(input.binds(&key, &address), "{case}");
        assert!(!input.binds(&key, &Address::of_user(1.into())), "{case}");
        assert!(!input.binds(&EphemeralKey::from_seed(&[1; 32]).public_key(), &address), "{case}");
        assert_eq!(PublicInput::new(input.elements()[0], user, &key, &address), input, "{case}");
        assert_eq!(input.to_base64(), text(&case["public_input"]), "{case}");
    }
    for wrong in ["", "AAAA", "AAAABAAAAAAAAAAE", "!"] {
        assert!(PublicInput::parse(wrong).is_err(), "{wrong}");
    }
}

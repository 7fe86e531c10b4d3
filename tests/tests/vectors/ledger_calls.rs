//! The ledger: what our calls ask its servers, and how they read the answers.

use std::time::Duration;

use mezon_protocol::call::{Call, Submission, Ticket};
use mezon_protocol::exchange::{HttpRequest, HttpResponse};
use mezon_protocol::ledger::payment::{Action, Payment};
use mezon_protocol::ledger::{
    self, Address, Amount, ClaimEnvelope, Class, Direction, EphemeralKey, HistoryMark, NonceTag, Outcome, PageOrder,
    Recent, Reply, SendToken, Transaction, TransactionStatus, announcement_text,
};
use mezon_protocol::machine::{RequestId, Transmit};
use mezon_protocol::{Config, Error, ErrorKind, Machine, Now, Session, UserId};
use mezon_tests::vectors::{text, unhex};
use serde_json::{Value, json};

use crate::ledger::cases;

/// A client that is logged in and asks the ledger; we are its servers.
pub(crate) struct Desk {
    machine: Machine,
    now: Now,
    asked: Option<RequestId>,
}

impl Desk {
    pub(crate) fn new(user: UserId, seed: &[u8; 32], clock_ms: u64) -> Self {
        let mut config = Config::bot(user, "key").unwrap();
        config.services.envelopes = Some("https://dong.example".into());
        let now = Now::new(Duration::ZERO, Duration::from_millis(clock_ms));
        let mut machine = Machine::new(config, 1, now).unwrap();
        let session = json!({"token": "t", "id_token": "i", "user_id": user});
        machine.restore_session(Session::from_json(session.to_string().as_bytes()).unwrap());
        machine.set_wallet(EphemeralKey::from_seed(seed));
        Self { machine, now, asked: None }
    }

    pub(crate) fn submit(&mut self, call: impl Call) -> HttpRequest {
        self.machine.submit(self.now, Submission::new(Ticket(1), call));
        self.request()
    }

    pub(crate) fn request(&mut self) -> HttpRequest {
        let Some(Transmit::Http { id, request }) = self.machine.poll_transmit() else { panic!("nothing is asked") };
        self.asked = Some(id);
        request
    }

    pub(crate) fn respond(&mut self, status: u16, body: &str) {
        let response = HttpResponse { status, headers: Vec::new(), body: body.to_owned().into() };
        let id = self.asked.take().expect("something was asked");
        self.machine.handle_http(self.now, id, Ok(response));
    }

    fn end<C: Call>(&mut self) -> Result<C::Output, Error> {
        self.machine.poll_reply().expect("the call has ended").take::<C>().expect("a call of this type")
    }
}

fn desk() -> Desk {
    Desk::new(UserId::new(1_767_478_432_163_172_999), &[7; 32], 1)
}

/// The end of a call to all of whose requests this is the answer: one that says nothing is asked for again.
fn answered<C: Call>(call: C, case: &Value) -> Result<C::Output, Error> {
    let mut desk = desk();
    desk.submit(call);
    let status = case["status"].as_u64().unwrap() as u16;
    for id in 1..=3 {
        let body = text(&case["body"]).replace(r#""id":1,"#, &format!(r#""id":{id},"#));
        desk.respond(status, &body);
        if let Some(reply) = desk.machine.poll_reply() {
            return reply.take::<C>().expect("a call of this type");
        }
        let wait = desk.machine.poll_timeout().expect("it waits").at - desk.now.elapsed;
        desk.now = Now::new(desk.now.elapsed + wait, desk.now.unix + wait);
        desk.machine.handle_timeout(desk.now);
        desk.request();
    }
    panic!("it is asked for ever");
}

fn is_asked(case: &Value, request: &HttpRequest) {
    let http = &case["http"];
    assert_eq!(request.method.as_str(), text(&http["method"]), "{case}");
    assert_eq!(request.url, case["url_recommended"].as_str().unwrap_or_else(|| text(&http["url"])), "{case}");
    assert_eq!(request.body, http["body"].as_str().unwrap_or_default(), "{case}");
    let headers = http["headers"].as_object().unwrap();
    for (name, value) in headers {
        let ours = request.headers.iter().find(|(ours, _)| ours.eq_ignore_ascii_case(name));
        assert_eq!(ours.map(|(_, ours)| ours.expose()), value.as_str(), "{case}");
    }
    assert_eq!(request.headers.len(), headers.len() + 1, "only who we are is said beside: {case}");
}

/// Row 76.
#[test]
fn the_ledger_is_asked_as_other_clients_ask_it() {
    let mut desk = desk();
    for case in cases("rpc_requests", 4) {
        let args = &case["args"];
        let address = match args["address"].as_str() {
            Some(address) => address.parse().unwrap(),
            None => Address::of_id_text(text(&args["user_id"])),
        };
        let tag = if args["tag"] == "latest" { NonceTag::Latest } else { NonceTag::Pending };
        let request = match text(&case["name"]) {
            "get_account_by_user_id" => desk.submit(ledger::account(address)),
            _ => desk.submit(ledger::current_nonce(address, tag)),
        };
        is_asked(&case, &request);
        desk.respond(400, "");
        assert!(desk.machine.poll_reply().is_some());
    }
}

#[test]
fn the_ledger_is_asked_what_other_clients_do_not_ask() {
    for case in cases("rpc_requests_node_only", 3) {
        let mut desk = desk();
        let request = match text(&case["name"]) {
            "get_tx_by_hash" => desk.submit(ledger::transaction(text(&case["args"]["tx_hash"]))),
            "get_pending_transactions" => desk.submit(ledger::pending_transactions()),
            _ => desk.submit(ledger::node_health()),
        };
        is_asked(&case, &request);
    }
}

/// Rows 78, 284.
#[test]
fn each_answer_of_the_ledger_says_what_is_certain() {
    for case in cases("rpc_responses", 42) {
        let class = text(&case["classify"]);
        match text(&case["for"]) {
            "tx.addtx" => {
                let body = text(&case["body"]).to_owned().into();
                let response =
                    HttpResponse { status: case["status"].as_u64().unwrap() as u16, headers: Vec::new(), body };
                let reply = Reply::read(1, Ok(&response));
                assert_eq!(class_name(&reply.class), class, "{case}");
                if let Class::Rejected { is_firm } = reply.class {
                    assert_eq!(json!(is_firm), case["firm"], "{case}");
                }
                if let Class::Accepted { tx_hash } = &reply.class {
                    assert_eq!(tx_hash, text(&case["tx_hash"]));
                }
                if let Some(code) = case.get("code") {
                    assert_eq!((json!(reply.code), json!(reply.message)), (code.clone(), case["message"].clone()));
                }
            }
            "account.getcurrentnonce" => {
                let nonce = answered(ledger::current_nonce(Address::of_id_text("1"), NonceTag::Pending), &case);
                assert_eq!(read_class(&nonce), class, "{case}");
                if let Ok(nonce) = nonce {
                    assert_eq!(json!([nonce, nonce + 1]), json!([case["nonce"], case["use_nonce"]]), "{case}");
                }
            }
            "account.getaccount" => {
                let account = answered(ledger::account(Address::of_id_text("1")), &case).unwrap();
                let read = json!([account.balance.base_units(), account.nonce, account.decimals]);
                assert_eq!(read, json!([case["balance"], case["nonce"], case["decimals"]]), "{case}");
            }
            _ => {
                let found = answered(ledger::transaction("h"), &case);
                assert_eq!(read_class(&found), class, "{case}");
                if let Ok(found) = found {
                    assert_eq!(status_name(found.status), text(&case["status_name"]), "{case}");
                    assert_eq!(found.err_msg, case["err_msg"].as_str().unwrap_or_default(), "{case}");
                }
            }
        }
    }
}

fn class_name(class: &Class) -> &'static str {
    match class {
        Class::Accepted { .. } => "accepted",
        Class::StaleNonce { .. } => "stale_nonce",
        Class::Duplicate => "duplicate",
        Class::Busy => "busy",
        Class::RejectedState => "rejected_state",
        Class::Rejected { .. } => "rejected",
        Class::Unknown => "unknown",
        Class::NotSent => "not_sent",
    }
}

fn read_class<T>(result: &Result<T, Error>) -> &'static str {
    match result.as_ref().map_err(Error::kind) {
        Ok(_) => "ok",
        Err(ErrorKind::NotFound { .. }) => "not_found",
        Err(ErrorKind::NotReady(_)) => "nonce_unavailable",
        Err(ErrorKind::Refused { .. }) => "rejected",
        Err(kind) => panic!("{kind:?}"),
    }
}

fn status_name(status: TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Pending => "pending",
        TransactionStatus::Confirmed => "confirmed",
        TransactionStatus::Finalized => "finalized",
        TransactionStatus::Failed => "failed",
        TransactionStatus::Other(_) => "other",
    }
}

#[test]
fn the_indexer_is_asked_as_other_clients_ask_it() {
    for case in cases("indexer_requests", 8) {
        let args = &case["args"];
        let address = || text(&args["wallet"]).parse::<Address>().unwrap();
        let direction = match args["filter"].as_u64() {
            Some(1) => Direction::Received,
            Some(2) => Direction::Sent,
            _ => Direction::All,
        };
        let number = |key: &str| args[key].as_u64().unwrap_or_default() as u32;
        let mut desk = desk();
        let request = match text(&case["name"]) {
            "get_transaction_by_hash" => desk.submit(ledger::past_transaction(text(&args["hash"]))),
            "get_wallet_detail" => desk.submit(ledger::wallet(address())),
            "get_transaction_by_wallet" => {
                let order = PageOrder {
                    sort_by: args["sort_by"].as_str().unwrap_or("transaction_timestamp").into(),
                    ascending: args["sort_order"] == "asc",
                };
                desk.submit(ledger::history_page(address(), direction, number("page"), number("limit"), &order))
            }
            _ => {
                let mark = |key: &str| args[key].as_str().unwrap_or_default().to_owned();
                let from = HistoryMark { before: mark("timestamp_lt"), last_hash: mark("last_hash") };
                desk.submit(ledger::history(address(), direction, number("limit"), Some(&from)))
            }
        };
        is_asked(&case, &request);
    }
}

#[test]
fn red_envelopes_are_claimed_as_other_clients_do() {
    let [asking, claiming] = &cases("dong_requests", 2)[..] else { panic!("two requests") };
    let mut desk = desk();
    let request = desk.submit(ClaimEnvelope::new(text(&asking["args"]["id"])));
    let body: Value = serde_json::from_slice(request.body.bytes().unwrap()).unwrap();
    let key = text(&body["ephemeral_pk"]).parse().unwrap();
    let address = text(&body["address"]).parse().unwrap();
    let user = UserId::new(1_767_478_432_163_172_999);
    let public_input = ledger::PublicInput::new([0; 32], user, &key, &address).to_base64();
    desk.respond(200, &json!({"data": {"proof": "UA==", "public_input": public_input}}).to_string());

    // the recorded key and public input do not belong together
    let as_recorded = |mut request: HttpRequest| {
        let mut body = String::from_utf8(request.body.bytes().unwrap().to_vec()).unwrap();
        body = body.replace(&public_input, "Ug==").replace(&key.to_string(), text(&asking["args"]["publickey"]));
        request.body = body.into();
        request
    };
    is_asked(asking, &as_recorded(desk.request()));
    desk.respond(200, r#"{"data":{"split_money_id":9,"amount":5,"description":"Tet"}}"#);
    is_asked(claiming, &as_recorded(desk.request()));
    desk.respond(200, "ignored");
    let envelope = desk.end::<ClaimEnvelope>().unwrap();
    assert_eq!((envelope.split_money_id, envelope.amount, envelope.description.as_str()), (9, 5, "Tet"));
}

/// Rows 68, 69, 70, 71, 73, 74, 75, 76, 77, 284, 285.
#[test]
fn tokens_are_sent_byte_by_byte_as_other_bots_send_them() {
    for case in cases("send_token", 7) {
        let (request, expected) = (&case["request"], &case["expect"]);
        let optional = |key: &str| request[key].as_str().unwrap_or_default();
        let mut call = SendToken::to(text(&request["receiver_id"]), request["amount"].as_u64().unwrap())
            .note(optional("note"))
            .sender_name(optional("sender_name"))
            .extra_attribute(optional("extra_attribute"));
        for (key, value) in request["mmn_extra_info"].as_object().into_iter().flatten() {
            call = call.extra_info(key, text(value));
        }
        let seed = unhex(text(&case["seed_hex"])).try_into().unwrap();
        let user = text(&case["bot_id"]).parse().unwrap();
        let mut desk = Desk::new(user, &seed, case["clock_ms"].as_u64().unwrap());

        let prove = desk.submit(call);
        assert!(prove.url.ends_with("/zk-api/prove"));
        let proof = json!({"data": {"proof": case["zk_proof"], "public_input": case["zk_pub"]}});
        desk.respond(200, &proof.to_string());
        let [nonce, submission] = expected["http"].as_array().unwrap().clone().try_into().unwrap();
        is_asked(&json!({ "http": nonce }), &desk.request());
        let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"nonce": case["nonce_reply"], "error": ""}});
        desk.respond(200, &answer.to_string());
        is_asked(&json!({ "http": submission }), &desk.request());
        let answer = json!({"jsonrpc": "2.0", "id": 2, "result": {"ok": true, "tx_hash": "5f", "error": ""}});
        desk.respond(200, &answer.to_string());
        let response: mezon_protocol::ledger::AddTxResponse = desk.end::<SendToken>().unwrap();
        assert_eq!((response.ok, response.tx_hash.as_str(), response.error.as_str()), (true, "5f", ""));
        assert_eq!(response.outcome, Outcome::Accepted);
    }
}

#[test]
fn receivers_are_told_in_the_words_of_other_bots() {
    for case in cases("dm_texts", 6) {
        let amount = case["amount"].as_i64().unwrap() as i32;
        assert_eq!(announcement_text(amount, text(&case["note"])), text(&case["text"]));
        assert_eq!(case["message_code"], json!(i32::from(mezon_protocol::content::MessageCode::SendToken)));
    }
}

/// Row 76.
#[test]
fn a_payment_is_signed_anew_only_when_that_cannot_pay_twice() {
    for case in cases("nonce_scenarios", 16) {
        println!("{}", case["name"]);
        let mut script = Script::new();
        for step in case["steps"].as_array().unwrap() {
            script.has_equal_payments = !text(&case["name"]).contains("different content");
            let outputs = script.input(text(&step[0]));
            let expected: Vec<_> = step[1].as_array().unwrap().iter().map(|output| text(output).to_owned()).collect();
            assert_eq!(outputs, expected, "at {step} of {case}");
        }
    }
}

/// The payments of a scenario: A, and B after it.
struct Script {
    recent: Recent,
    key: EphemeralKey,
    now: Now,
    payment: Payment,
    /// The names of the payments, where there are several.
    names: Vec<&'static str>,
    has_equal_payments: bool,
    /// The bytes that were submitted last.
    submitted: Option<String>,
}

impl Script {
    fn new() -> Self {
        let mut recent = Recent::default();
        let payment = Payment::new(&mut recent, draft("a"));
        Self {
            recent,
            key: EphemeralKey::from_seed(&[1; 32]),
            now: Now::new(Duration::ZERO, Duration::from_secs(1_790_000_000)),
            payment,
            names: Vec::new(),
            has_equal_payments: true,
            submitted: None,
        }
    }

    fn input(&mut self, input: &str) -> Vec<String> {
        let action = match input.split_once(' ').unwrap_or((input, "")) {
            ("start", names) => {
                self.names = if names.is_empty() { Vec::new() } else { vec!["A", "B"] };
                self.payment.start()
            }
            ("nonce", "failed") => self.payment.handle_nonce(self.now, &mut self.recent, &self.key, None),
            ("nonce", nonce) => {
                let nonce = nonce.parse().unwrap();
                self.payment.handle_nonce(self.now, &mut self.recent, &self.key, Some(nonce))
            }
            _ => self.payment.handle_reply(self.now, reply(input)),
        };
        self.outputs(action)
    }

    /// What an action looks like in the scenarios, with what follows a wait.
    fn outputs(&mut self, action: Action) -> Vec<String> {
        match action {
            Action::FetchNonce => vec!["fetch_nonce".into()],
            Action::Wait(time) => {
                self.now = Now::new(self.now.elapsed + time, self.now.unix + time);
                let next = self.payment.handle_timer();
                let wait = format!("wait {}", time.as_millis());
                std::iter::once(wait).chain(self.outputs(next)).collect()
            }
            Action::Submit { is_new } => vec![self.submit(is_new)],
            Action::Failed(_) => vec!["done failed, nothing was sent".into()],
            Action::Done(response) => self.done(&response),
        }
    }

    fn submit(&mut self, is_new: bool) -> String {
        let signed = self.payment.signed().unwrap();
        let bytes = serde_json::to_string(signed).unwrap();
        let before = self.submitted.replace(bytes.clone());
        if before.as_ref() == Some(&bytes) {
            assert!(!is_new);
            return "submit same bytes".into();
        }
        assert!(is_new);
        let nonce = signed.transaction.nonce;
        match (self.names.first(), before) {
            (Some(name), _) => format!("submit {name} nonce={nonce}"),
            (None, None) => format!("submit nonce={nonce}"),
            (None, Some(_)) => format!("submit nonce={nonce} (signed anew)"),
        }
    }

    fn done(&mut self, response: &ledger::AddTxResponse) -> Vec<String> {
        let name = self.names.first().map(|name| format!("{name} ")).unwrap_or_default();
        let outcome = match &response.outcome {
            Outcome::Accepted if response.tx_hash.is_empty() => "accepted without hash".into(),
            Outcome::Accepted => format!("accepted {}", response.tx_hash),
            Outcome::Refused { code: Some(code), .. } => format!("rejected {code}"),
            Outcome::Refused { .. } => "rejected".into(),
            Outcome::Duplicate(_) => "duplicate".into(),
            Outcome::Unknown(signed) => {
                assert_eq!(self.payment.signed(), Some(&**signed));
                "unknown".into()
            }
            other => panic!("{other:?}"),
        };
        let mut outputs = vec![format!("done {name}{outcome}")];
        if self.names.len() > 1 {
            self.names.remove(0);
            self.submitted = None;
            self.payment = Payment::new(&mut self.recent, draft(if self.has_equal_payments { "a" } else { "b" }));
            assert_eq!(self.payment.start(), Action::FetchNonce);
            outputs.push("fetch_nonce (for B)".into());
        }
        outputs
    }
}

fn draft(note: &str) -> Transaction {
    Transaction { amount: Amount::from_tokens(1).base_units(), text_data: note.into(), ..Default::default() }
}

fn reply(input: &str) -> Reply {
    let class = match input.split_once(' ').unwrap_or((input, "")) {
        ("accepted", hash) => Class::Accepted { tx_hash: hash.into() },
        ("duplicate", _) => Class::Duplicate,
        ("stale_nonce", which) => Class::StaleNonce { is_ahead: which.contains("high") },
        ("busy", _) => Class::Busy,
        ("not_sent", _) => Class::NotSent,
        ("rejected_state", _) => Class::RejectedState,
        ("rejected", which) => Class::Rejected { is_firm: which == "firm" },
        ("unknown", _) => Class::Unknown,
        _ => panic!("{input}"),
    };
    let code = matches!(class, Class::StaleNonce { .. }).then(|| "stale_nonce".to_owned());
    Reply { code, ..Reply::of(class) }
}

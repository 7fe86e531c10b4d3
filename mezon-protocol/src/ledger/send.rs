//! Sending tokens to a user.

use std::fmt;
use std::time::Duration;

use super::check::Draft;
use super::error::LedgerError;
use super::extra_info::ExtraInfo;
use super::pay::Paying;
use super::prove::{Prove, check_ready, payment_turn};
use super::recover::Recovery;
use super::response::{AddTxResponse, Outcome};
use super::settle::PATIENCE;
use super::transaction::{Transaction, TransactionKind};
use super::{Address, Amount, IntoAmount};
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::id::{IntoId, UserId};
use crate::machine::Shared;
use crate::proto::api::TokenSentEvent;

/// What a note says if the caller says nothing.
pub(super) const DEFAULT_NOTE: &str = "Transfer funds";

/// Sends tokens to a user; ends with [`AddTxResponse`].
///
/// The payments of a client are made one after the other. Each is signed once and keeps its bytes: after a time-out the
/// very same are sent again, which the ledger takes but once; they are signed anew only after the ledger has certainly
/// refused the first. That takes up to a minute or so when the ledger is in trouble.
///
/// With a [`key`](Self::key) the payment is in the [store](super::PaymentStore) before it is sent, and is made at most once
/// under that key, however often it is called and whatever is restarted. **Without a key**, a call that was dropped before
/// its end may have paid, and a new one pays again.
///
/// It fails, with nothing paid, with `NotReady` (not logged in, no ledger, no proof to be had), `Ledger` (refused before
/// sending: see [`LedgerError`]), `InvalidArgument`, `Expired` (it has waited too long for those before it), and when the
/// proof service fails. A refusal of the ledger is no error but a [response](AddTxResponse).
///
/// ```
/// use mezon_protocol::ledger::SendToken;
///
/// let prize = SendToken::to("1838843953859828693", 10).note("Well done!").key("prize-17");
/// let tip = SendToken::to(1_838_843_953_859_828_693_i64, "0.5").sender_name("Bot").extra_info("event_id", "12345");
/// # let _ = (prize, tip);
/// ```
#[doc(alias = "ApiSentTokenRequest")]
#[doc(alias = "sendToken")]
pub struct SendToken {
    receiver: Result<UserId, Error>,
    amount: Result<Amount, Error>,
    note: String,
    sender: Result<UserId, Error>,
    sender_name: String,
    extra_attribute: String,
    extra_info: ExtraInfo,
    key: Option<String>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Start,
    AwaitTurn(Box<Content>),
    Proving(Prove, Box<Content>),
    Paying(Box<Paying>),
    Recovering(Box<Recovery>, Box<Content>),
}

/// What is to be paid: all but proof, nonce and signature.
#[derive(Clone, Debug)]
struct Content {
    sender: UserId,
    transaction: Transaction,
}

impl SendToken {
    /// So much to this user: the id as such, as an integer or text; whole tokens as an integer, or tokens as text.
    pub fn to(receiver: impl IntoId<UserId>, amount: impl IntoAmount) -> Self {
        Self {
            receiver: receiver.into_id(),
            amount: amount.into_amount(),
            note: String::new(),
            sender: Ok(UserId::NONE),
            sender_name: String::new(),
            extra_attribute: String::new(),
            extra_info: ExtraInfo::new(),
            key: None,
            state: State::Start,
        }
    }

    /// A note, at most 512 bytes, without a vertical bar. Default "Transfer funds".
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// A key of the caller's for this payment, such as the number of an order: under it at most one is made. A call with the
    /// key of a payment that was made ends as that has; with the key of one that may have been sent it finds out what
    /// became of that. A payment that was refused can be made again under its key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The name under which the platform shows the sender. Default none.
    #[must_use]
    #[doc(alias = "UserSenderUsername")]
    pub fn sender_name(mut self, name: impl Into<String>) -> Self {
        self.sender_name = name.into();
        self
    }

    /// Who pays. That can only be oneself, which is the default: another one is an `InvalidArgument`.
    #[must_use]
    pub fn sender(mut self, sender: impl IntoId<UserId>) -> Self {
        self.sender = sender.into_id();
        self
    }

    /// A text that goes with the payment, and comes out of its event.
    #[must_use]
    #[doc(alias = "ExtraAttribute")]
    pub fn extra_attribute(mut self, text: impl Into<String>) -> Self {
        self.extra_attribute = text.into();
        self
    }

    /// One more text in the extra info. `type` may be set, but not who pays whom: that always tells the truth.
    #[must_use]
    #[doc(alias = "mmn_extra_info")]
    pub fn extra_info(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra_info.set(key, value);
        self
    }

    /// A short text that makes the payment unlike every other, for the ledger and whoever looks for it there: it is put into
    /// the extra info as `RequestId`. Not needed to pay once.
    #[must_use]
    pub fn reference(self, reference: impl Into<String>) -> Self {
        self.extra_info("RequestId", reference)
    }

    fn content(&self, shared: &Shared) -> Result<Content, Error> {
        let (receiver, amount, named) = (self.receiver.clone()?, self.amount.clone()?, self.sender.clone()?);
        let sender = check_ready(shared)?;
        if !named.is_none() && named != sender {
            let why = "tokens can only be sent from the own account";
            return Err(Error::unsent(ErrorKind::InvalidArgument(why.into())));
        }
        let (amount, extra_info) = (amount.base_units(), self.whole_extra_info(sender, receiver).to_json());
        let note = if self.note.is_empty() { DEFAULT_NOTE } else { &self.note };
        let draft = Draft { sender, receiver, amount: &amount, note, extra_info: &extra_info, has_proof: true };
        draft.check()?;
        let transaction = Transaction {
            kind: TransactionKind::Transfer.number(),
            sender: Address::of_user(sender).to_string(),
            recipient: Address::of_user(receiver).to_string(),
            text_data: note.into(),
            amount,
            extra_info,
            ..Transaction::default()
        };
        Ok(Content { sender, transaction })
    }

    /// In the order of the other bot SDKs.
    fn whole_extra_info(&self, sender: UserId, receiver: UserId) -> ExtraInfo {
        let mut info = ExtraInfo::new();
        info.set("ExtraAttribute", self.extra_attribute.as_str());
        info.set("UserSenderUsername", self.sender_name.as_str());
        info.set("type", "transfer_token");
        info.extend(self.extra_info.iter());
        info.set("UserSenderId", sender.to_string());
        info.set("UserReceiverId", receiver.to_string());
        info
    }

    fn start(&mut self, shared: &Shared) -> Step<AddTxResponse> {
        match self.content(shared) {
            Ok(content) => {
                self.state = State::AwaitTurn(Box::new(content));
                Step::AwaitTurn(payment_turn(shared))
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// It is its turn: what is known under its key decides.
    fn at_turn(&mut self, shared: &mut Shared, content: Box<Content>) -> Result<Step<AddTxResponse>, Error> {
        let now = shared.now;
        shared.ledger.load(now)?;
        let record = match &self.key {
            Some(key) => shared.ledger.record(key)?,
            None => None,
        };
        let Some(record) = record else { return Ok(self.prove(shared, content)) };
        if !is_same(&content.transaction, &record.signed.transaction) {
            return Err(LedgerError::KeyReused.into());
        }
        if let Some(response) = record.response() {
            return Ok(Step::Done(Ok(response)));
        }
        if !record.is_unfinished() {
            return Ok(self.prove(shared, content));
        }
        let mut recovery = Box::new(Recovery::new(shared, record)?);
        let step = recovery.begin(shared);
        self.state = State::Recovering(recovery, content);
        Ok(self.after_recovery(shared, step))
    }

    fn after_recovery(&mut self, shared: &mut Shared, step: Step<AddTxResponse>) -> Step<AddTxResponse> {
        match (step.ended(), std::mem::take(&mut self.state)) {
            // what was signed can never be paid, so it may be signed anew
            (Ok(Ok(AddTxResponse { outcome: Outcome::NotPaid, .. })), State::Recovering(_, content)) => {
                self.prove(shared, content)
            }
            (Ok(result), _) => Step::Done(result),
            (Err(step), state) => {
                self.state = state;
                step
            }
        }
    }

    fn prove(&mut self, shared: &mut Shared, content: Box<Content>) -> Step<AddTxResponse> {
        let mut prove = Prove::new();
        match prove.begin(shared).ended() {
            Ok(proven) => self.pay(shared, &content, proven),
            Err(step) => {
                self.state = State::Proving(prove, content);
                step
            }
        }
    }

    fn pay(&mut self, shared: &mut Shared, content: &Content, proven: Result<(), Error>) -> Step<AddTxResponse> {
        if let Err(error) = proven {
            return Step::Done(Err(error));
        }
        let Some(proof) = shared.ledger.proof(content.sender) else {
            return Step::Done(Err(super::InvalidTransfer::ProofMissing.into()));
        };
        let draft = content.transaction.clone().with_proof(proof);
        let paying = Paying::new(shared, Address::of_user(content.sender), draft, self.key.clone());
        let mut paying = Box::new(paying);
        let step = paying.begin(shared);
        self.state = State::Paying(paying);
        step
    }
}

impl Call for SendToken {
    type Output = AddTxResponse;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<AddTxResponse> {
        match (std::mem::take(&mut self.state), answer) {
            (State::Start, Ok(_)) => self.start(shared),
            (State::AwaitTurn(content), Ok(_)) => {
                self.at_turn(shared, content).unwrap_or_else(|error| Step::Done(Err(error)))
            }
            (State::Start | State::AwaitTurn(_), Err(error)) => Step::Done(Err(error)),
            (State::Proving(prove, content), answer) => {
                let proven = prove.finish(shared, answer);
                self.pay(shared, &content, proven)
            }
            (State::Paying(mut paying), answer) => {
                let step = paying.resume(shared, answer);
                self.state = State::Paying(paying);
                step
            }
            (State::Recovering(mut recovery, content), answer) => {
                let step = recovery.resume(shared, answer);
                self.state = State::Recovering(recovery, content);
                self.after_recovery(shared, step)
            }
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        PATIENCE
    }

    fn interrupt(&mut self, _: &mut Shared, error: Error) -> Result<AddTxResponse, Error> {
        match &self.state {
            State::Start | State::AwaitTurn(_) | State::Proving(..) => Err(Error::unsent(error.kind().clone())),
            State::Paying(paying) => paying.interrupt(error),
            State::Recovering(recovery, _) => Ok(recovery.interrupt()),
        }
    }
}

/// True if both pay the same.
fn is_same(one: &Transaction, other: &Transaction) -> bool {
    let content = |of: &Transaction| {
        let Transaction { kind, sender, recipient, amount, text_data, extra_info, .. } = of.clone();
        (kind, sender, recipient, amount, text_data, extra_info)
    };
    content(one) == content(other)
}

/// As clients of other languages have it: the receiver, whole tokens, the note, the sender's id and name, the extra
/// attribute. The transaction id is not looked at.
impl From<TokenSentEvent> for SendToken {
    fn from(request: TokenSentEvent) -> Self {
        Self::to(request.receiver_id, request.amount)
            .note(request.note)
            .sender(request.sender_id)
            .sender_name(request.sender_name)
            .extra_attribute(request.extra_attribute)
    }
}

impl fmt::Debug for SendToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendToken")
            .field("receiver", &self.receiver)
            .field("amount", &self.amount)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

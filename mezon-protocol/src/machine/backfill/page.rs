//! A page of messages as the server gives it: in any order, with rows that are no messages among them.

use bytes::Bytes;

use crate::event::{CODE_DELETED, CODE_UPDATED};
use crate::id::MessageId;
use crate::machine::head::Head;
use crate::wire::{Field, Fields, Value};

/// A page, put in order.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// By id; of one id what was said before what became of it.
    pub(crate) rows: Vec<(Head, Bytes)>,
    /// The newest message of the channel, 0 if the server did not say.
    pub(crate) last_sent: MessageId,
}

impl Page {
    /// Reads a `ChannelMessageList`; the rows are slices of it. `None` if it is none.
    pub(crate) fn read(body: &Bytes) -> Option<Self> {
        let mut page = Self::default();
        for field in Fields::new(body) {
            match field.ok()? {
                Field { number: 1, value: Value::Bytes(row), .. } => {
                    let head = Head::read(row)?;
                    if head.is_row() || matches!(head.code, CODE_UPDATED | CODE_DELETED) {
                        page.rows.push((head, body.slice_ref(row)));
                    }
                }
                Field { number: 3, value: Value::Bytes(header), .. } => page.last_sent = id_of(header),
                _ => {}
            }
        }
        page.rows.sort_by_key(|(head, _)| (head.id, !head.is_row()));
        Some(page)
    }
}

/// The id in a `ChannelMessageHeader`.
fn id_of(header: &[u8]) -> MessageId {
    let id = Fields::new(header).map_while(Result::ok).find(|field| field.number == 1);
    MessageId::new(id.and_then(|field| field.value.as_i64()).unwrap_or_default())
}

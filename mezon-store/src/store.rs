//! The database as the store of a client.

use mezon_protocol::event::MessageData;
use mezon_protocol::store::{Change, MessageStore, Outbox, Progress, StoreError, StoredMessage};
use mezon_protocol::{ChannelId, MessageId, UserId};
use rusqlite::{Connection, TransactionBehavior};

use crate::{MessageDb, progress, rows};

impl MessageStore for MessageDb {
    /// In one transaction.
    fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.run(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for change in changes {
                apply(&transaction, change)?;
            }
            transaction.commit()
        })
    }

    fn get(&mut self, channel: ChannelId, message: MessageId) -> Result<Option<MessageData>, StoreError> {
        let stored = self.get_message_by_id(message, channel)?;
        Ok(stored.and_then(|message| message.to_message(UserId::NONE)))
    }

    fn page(&mut self, channel: ChannelId, limit: usize, offset: usize) -> Result<Vec<MessageData>, StoreError> {
        let stored = self.get_messages_by_channel(channel, limit, offset)?;
        Ok(stored.iter().filter_map(|message| message.to_message(UserId::NONE)).collect())
    }

    /// What was stored under other ids than numbers is left out.
    fn newest(&mut self) -> Result<Vec<(ChannelId, MessageId)>, StoreError> {
        let newest = self.run(|connection| rows::newest(connection))?;
        Ok(newest.iter().filter_map(|(channel, id)| Some((channel.parse().ok()?, id.parse().ok()?))).collect())
    }

    fn progress(&mut self, account: UserId) -> Result<Progress, StoreError> {
        self.run(|connection| progress::read(connection, account))
    }

    fn outbox(&mut self) -> Option<&mut dyn Outbox> {
        Some(self)
    }
}

fn apply(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Put(data) => rows::put(connection, &StoredMessage::from(data)),
        Change::Add(data) => rows::add(connection, &StoredMessage::from(data)),
        Change::Remove(channel, message) => {
            rows::delete(connection, &message.to_string(), &channel.to_string()).map(drop)
        }
        Change::Handled(account, position) => progress::advance(connection, *account, position),
        Change::Seen(account, time) => progress::see(connection, *account, *time),
        Change::Begun(account, time) => progress::begin(connection, *account, *time),
    }
}

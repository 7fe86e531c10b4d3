//! Messages, pins and reactions over the API. Over the socket they have requests of their own.

use crate::proto::{api as wire, realtime};

methods! {
    /// Messages of a channel. `direction` with an anchor in `message_id`: 1 newer, 2 around, 3 older; without both
    /// the newest.
    ///
    /// Neither the order nor whether the anchor is among them is promised, and a full page may lack one: the end is
    /// where nothing new comes.
    ListChannelMessages = 30, reads, wire::ListChannelMessagesRequest => wire::ChannelMessageList;
    /// Searches messages. `from` is the number of the page, from 1, not of a message. Ids in the answer are text.
    SearchMessage = 116, reads, wire::SearchMessageRequest => wire::SearchMessageResponse;
    /// Sends a message where no socket is open. An answer with message id 0 means that it failed.
    SendChannelMessage = 180, writes, realtime::ChannelMessageSend => realtime::ChannelMessageAck;
    /// Replaces the content of a message. Some servers answer with an echo, some with nothing.
    UpdateChannelMessage = 181, writes, realtime::ChannelMessageUpdate => realtime::ChannelMessageUpdate, lenient;
    /// Deletes a message. Some servers answer with an echo, some with nothing.
    DeleteChannelMessage = 182, writes, realtime::ChannelMessageRemove => realtime::ChannelMessageRemove, lenient;
    /// Reacts to a message; takes the reaction back with `action` true. The answer means nothing.
    ReactChannelMessage = 196, writes, wire::MessageReaction => ();
    /// Pins a message. What the answer is, servers do not agree on: it may be empty.
    CreatePinMessage = 102, writes, wire::PinMessageRequest => wire::ChannelMessageHeader, lenient;
    /// The pins of a channel; message id 0.
    GetPinMessagesList = 27, reads, wire::PinMessageRequest => wire::PinMessagesList;
    /// Takes a pin away. `id` is that of the pin, not of the message; send both.
    DeletePinMessage = 207, writes, wire::DeletePinMessage => ();
    /// Puts a message into our own inbox. What the answer is, servers do not agree on: it may be empty.
    CreateMessage2Inbox = 103, writes, wire::Message2InboxRequest => wire::ChannelMessageHeader, lenient;
    /// Reports a message to the platform. The request is misspelt by the platform.
    ReportMessageAbuse = 183, writes, wire::ReportMessageAbuseReqest => ();
    /// Clicks a button, as a user would.
    MessageButtonClick = 184, writes, realtime::MessageButtonClicked => ();
    /// Selects in a list, as a user would.
    DropdownBoxSelected = 185, writes, realtime::DropdownBoxSelected => ();
}

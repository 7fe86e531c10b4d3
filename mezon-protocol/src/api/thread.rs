//! Threads, which are channels, and topics, which are not: answers to one message.

use crate::proto::{api as wire, realtime};

methods! {
    /// The threads of a channel, by page from 1; there may be more while a page is full.
    ListThreadDescs = 37, reads, wire::ListThreadRequest => wire::ChannelDescListNoPool;
    /// The threads of a channel whose name contains a text.
    SearchThread = 172, reads, wire::SearchThreadRequest => wire::ChannelDescList;
    /// Leaves a thread. Send the clan too.
    LeaveThread = 84, writes, wire::LeaveThreadRequest => ();
    /// Takes a thread out of the archive.
    ActiveArchivedThread = 186, writes, realtime::ActiveArchivedThread => ();
    /// The topics of a clan, by page from 1.
    ListSdTopic = 56, reads, wire::ListSdTopicRequest => wire::SdTopicList;
    /// Begins a topic at a message.
    CreateSdTopic = 162, writes, wire::SdTopicRequest => wire::SdTopic;
    /// One topic.
    GetTopicDetail = 161, reads, wire::SdTopicDetailRequest => wire::SdTopic;
    /// Deletes a topic.
    DeleteSdTopic = 163, writes, wire::DeleteSdTopicRequest => ();
}

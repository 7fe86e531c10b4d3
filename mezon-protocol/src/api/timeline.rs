//! The timeline of a channel: an album of moments with pictures.

use crate::proto::api as wire;

methods! {
    /// The moments of a channel within a time.
    ListChannelTimeline = 29, reads, wire::ListChannelTimelineRequest => wire::ListChannelTimelineResponse;
    /// One moment with its attachments.
    DetailChannelTimeline = 191, reads, wire::ChannelTimelineDetailRequest => wire::ChannelTimelineDetailResponse;
    /// Adds a moment.
    CreateChannelTimeline = 190, writes, wire::CreateChannelTimelineRequest => wire::CreateChannelTimelineResponse;
    /// Changes a moment. Texts are plain: send what shall stay, too.
    UpdateChannelTimeline = 187, writes, wire::UpdateChannelTimelineRequest => wire::UpdateChannelTimelineResponse;
}

//! Voice channels, meetings and streams.

use crate::proto::{api as wire, realtime};

methods! {
    /// Who is in the voice channels of a clan. User ids are text in the answer.
    ListChannelVoiceUsers = 44, reads, wire::ListChannelUsersRequest => wire::VoiceChannelUserList;
    /// Who listens to the streams of a clan.
    ListStreamingChannelUsers = 11, reads, wire::ListChannelUsersRequest => wire::StreamingChannelUserList;
    /// A token for the voice server.
    GenerateMeetToken = 165, writes, wire::GenerateMeetTokenRequest => wire::GenerateMeetTokenResponse;
    /// Creates a meeting that people without an account can join, and its link.
    CreateExternalMezonMeet = 164, writes, () => wire::GenerateMezonMeetResponse;
    /// Puts a user out of a meeting.
    ///
    /// The platform renumbered the fields of this request in August 2026; servers from before want the older form,
    /// which [`RawApi`](super::RawApi) can carry.
    RemoveParticipantMezonMeet = 166, writes, wire::MeetParticipantRequest => ();
    /// Mutes a user in a meeting. The request is that of `RemoveParticipantMezonMeet`, with the same trap.
    MuteParticipantMezonMeet = 167, writes, wire::MeetParticipantRequest => ();
    /// Tells where we are in a meeting. Over HTTP only.
    UpdateMezonVoiceState = http, writes, realtime::HandleParticipantMeetStateEvent => ();
    /// Brings an AI agent into a voice channel.
    AddAgentToChannel = 188, writes, wire::UpdateAiAgentRequest => ();
    /// Sends the AI agent away.
    DisconnectAgent = 189, writes, wire::UpdateAiAgentRequest => ();
    /// Registers a stream. Over HTTP only.
    RegisterStreamingChannel = http, writes,
        wire::RegisterStreamingChannelRequest => wire::RegisterStreamingChannelResponse;
    /// What the streaming server tells the platform. Not for clients; seen in one other client only.
    StreamingServerCallback = 136, writes, wire::StreamHttpCallbackRequest => wire::StreamHttpCallbackResponse;
}

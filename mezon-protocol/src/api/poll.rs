//! Polls. A poll is a message of code 18, too.

use crate::proto::api as wire;

methods! {
    /// Posts a poll: type 0 for one choice, 1 for several.
    CreatePoll = 192, writes, wire::CreatePollRequest => wire::CreatePollResponse;
    /// Votes. Indices count from 0.
    VotePoll = 193, writes, wire::VotePollRequest => wire::VotePollResponse;
    /// Closes a poll.
    ClosePoll = 194, writes, wire::ClosePollRequest => ();
    /// A poll with its votes.
    GetPoll = 195, reads, wire::GetPollRequest => wire::GetPollResponse;
}

//! The files that were attached to messages.

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::model::Stored;
use crate::world::refusal::Refusal;

handlers! {
    ListChannelAttachment => list_attachments,
}

/// The page when no limit is given.
const PAGE: usize = 50;

impl World {
    /// Newest first. Their ids are made of that of the message and the place in it.
    fn list_attachments(
        &mut self,
        call: Call,
        request: api::ListChannelAttachmentRequest,
    ) -> Result<api::ChannelAttachmentList, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE);
        let in_time = |stored: &&Stored| {
            (request.before == 0 || stored.created_seconds < request.before)
                && (request.after == 0 || stored.created_seconds > request.after)
        };
        let messages = channel.messages.values().rev().filter(in_time);
        let files =
            messages.flat_map(|stored| (1..).zip(&stored.attachments).map(move |(place, file)| (stored, place, file)));
        let wanted = files.filter(|(_, _, file)| file.filetype.starts_with(&request.file_type));
        let wire = |(stored, place, file): (&Stored, i64, &api::MessageAttachment)| api::ChannelAttachment {
            id: stored.id.get().wrapping_add(place),
            filename: file.filename.clone(),
            filetype: file.filetype.clone(),
            filesize: file.size.to_string(),
            url: file.url.clone(),
            uploader: stored.author.get(),
            create_time_seconds: stored.created_seconds,
            message_id: stored.id.get(),
            width: file.width,
            height: file.height,
        };
        Ok(api::ChannelAttachmentList { attachments: wanted.map(wire).take(limit).collect() })
    }
}

//! Canvases: documents that belong to a channel.

use crate::proto::api as wire;

methods! {
    /// The canvases of a channel, by page from 1, without their contents.
    GetChannelCanvasList = 28, reads, wire::ChannelCanvasListRequest => wire::ChannelCanvasListResponse;
    /// One canvas with its content.
    GetChannelCanvasDetail = 138, reads, wire::ChannelCanvasDetailRequest => wire::ChannelCanvasDetailResponse;
    /// Changes a canvas; with id 0 creates one. All fields are plain: send what shall stay, too.
    EditChannelCanvases = 137, writes, wire::EditChannelCanvasRequest => wire::EditChannelCanvasResponse;
    /// Deletes a canvas.
    DeleteChannelCanvas = 139, writes, wire::DeleteChannelCanvasRequest => ();
}

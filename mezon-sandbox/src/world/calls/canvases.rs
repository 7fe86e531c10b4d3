//! Canvases: documents of a channel.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, UserId};

use super::{Call, page};
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    DeleteChannelCanvas => delete_canvas,
    EditChannelCanvases => edit_canvas,
    GetChannelCanvasDetail => canvas_detail,
    GetChannelCanvasList => list_canvases,
}

/// A canvas as the world keeps it.
#[derive(Clone, Debug)]
pub(in crate::world) struct Canvas {
    pub(super) channel: ChannelId,
    editor: UserId,
    item: api::ChannelCanvasItem,
}

/// The `status` of a canvas event. Assumed.
const KEPT: i32 = 1;
const GONE: i32 = 0;

impl World {
    /// An id of 0 makes a new one.
    fn edit_canvas(
        &mut self,
        call: Call,
        request: api::EditChannelCanvasRequest,
    ) -> Result<api::EditChannelCanvasResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let item = match request.id {
            0 => api::ChannelCanvasItem {
                id: self.ids.next(call.now),
                creator_id: call.user().get(),
                create_time_seconds: seconds(call.now),
                ..api::ChannelCanvasItem::default()
            },
            id => self.canvas_for(call, id)?.item.clone(),
        };
        let item = api::ChannelCanvasItem {
            title: request.title,
            content: request.content,
            is_default: request.is_default,
            update_time_seconds: seconds(call.now),
            ..item
        };
        let id = item.id;
        let canvas = Canvas { channel, editor: call.user(), item };
        self.tell_canvas(&canvas, KEPT);
        self.records.canvases.insert(id, canvas);
        Ok(api::EditChannelCanvasResponse { id })
    }

    fn list_canvases(
        &mut self,
        call: Call,
        request: api::ChannelCanvasListRequest,
    ) -> Result<api::ChannelCanvasListResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let canvases = self.records.canvases.values().filter(|canvas| canvas.channel == channel.id);
        let all: Vec<api::ChannelCanvasItem> = canvases.map(|canvas| canvas.item.clone()).collect();
        Ok(api::ChannelCanvasListResponse {
            clan_id: channel.clan.get(),
            channel_id: channel.id.get(),
            count: i32::try_from(all.len()).unwrap_or(i32::MAX),
            channel_canvases: page(all.into_iter(), request.limit, request.page),
        })
    }

    fn canvas_detail(
        &mut self,
        call: Call,
        request: api::ChannelCanvasDetailRequest,
    ) -> Result<api::ChannelCanvasDetailResponse, Refusal> {
        let canvas = self.canvas_for(call, request.id)?;
        Ok(api::ChannelCanvasDetailResponse {
            id: canvas.item.id,
            title: canvas.item.title.clone(),
            content: canvas.item.content.clone(),
            creator_id: canvas.item.creator_id,
            editor_id: canvas.editor.get(),
            is_default: canvas.item.is_default,
        })
    }

    fn delete_canvas(&mut self, call: Call, request: api::DeleteChannelCanvasRequest) -> Result<(), Refusal> {
        let canvas = self.canvas_for(call, request.canvas_id)?.clone();
        self.records.canvases.remove(&canvas.item.id);
        self.tell_canvas(&canvas, GONE);
        Ok(())
    }

    fn canvas_for(&self, call: Call, id: i64) -> Result<&Canvas, Refusal> {
        let canvas = self.records.canvases.get(&id);
        let canvas = canvas.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "canvas not found"))?;
        self.channel_of_viewer(call.user(), canvas.channel.get()).map(|_| canvas)
    }

    fn tell_canvas(&mut self, canvas: &Canvas, status: i32) {
        let event = realtime::ChannelCanvas {
            id: canvas.item.id,
            title: canvas.item.title.clone(),
            content: canvas.item.content.clone(),
            creator_id: canvas.item.creator_id,
            editor_id: canvas.editor.get(),
            is_default: canvas.item.is_default,
            channel_id: canvas.channel.get(),
            status,
        };
        self.tell_channel(canvas.channel, Message::CanvasEvent(Box::new(event)));
    }
}

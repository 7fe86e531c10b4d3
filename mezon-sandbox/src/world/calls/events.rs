//! The calendar of a clan.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;

use super::{CHANGED, CREATED, Call, DELETED};
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    AddUserEvent => attend,
    CreateEvent => create_event,
    DeleteEvent => delete_event,
    DeleteUserEvent => unattend,
    ListEvents => list_events,
    UpdateEvent => update_event,
}

/// Kinds of change beyond those of all topics. Assumed.
const ATTENDED: i32 = 4;
const UNATTENDED: i32 = 5;

impl World {
    fn list_events(&mut self, call: Call, request: api::ListEventsRequest) -> Result<api::EventList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        let events = self.records.events.values().filter(|event| event.clan_id == clan).cloned().collect();
        Ok(api::EventList { events })
    }

    fn create_event(&mut self, call: Call, request: api::CreateEventRequest) -> Result<api::EventManagement, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        if request.title.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "an event has a title"));
        }
        let event = api::EventManagement {
            id: self.ids.next(call.now),
            title: request.title,
            logo: request.logo,
            description: request.description,
            active: 1,
            creator_id: call.user().get(),
            clan_id: clan,
            channel_voice_id: request.channel_voice_id,
            address: request.address,
            start_time_seconds: request.start_time_seconds,
            end_time_seconds: request.end_time_seconds,
            create_time_seconds: seconds(call.now),
            channel_id: request.channel_id,
            event_status: request.event_status,
            repeat_type: request.repeat_type,
            is_private: request.is_private,
            meet_room: request.meet_room,
            ..api::EventManagement::default()
        };
        self.records.events.insert(event.id, event.clone());
        self.tell_event(call, &event, CREATED);
        Ok(event)
    }

    fn update_event(&mut self, call: Call, request: api::UpdateEventRequest) -> Result<(), Refusal> {
        let mut event = self.event_for(call, request.event_id)?;
        event.title = request.title;
        event.logo = request.logo;
        event.description = request.description;
        event.channel_id = request.channel_id;
        event.channel_voice_id = request.channel_voice_id;
        event.address = request.address;
        event.start_time_seconds = request.start_time_seconds;
        event.end_time_seconds = request.end_time_seconds;
        event.repeat_type = request.repeat_type;
        self.tell_event(call, &event, CHANGED);
        self.records.events.insert(event.id, event);
        Ok(())
    }

    fn delete_event(&mut self, call: Call, request: api::DeleteEventRequest) -> Result<(), Refusal> {
        let event = self.event_for(call, request.event_id)?;
        self.records.events.remove(&event.id);
        self.tell_event(call, &event, DELETED);
        Ok(())
    }

    fn attend(&mut self, call: Call, request: api::UserEventRequest) -> Result<(), Refusal> {
        self.change_attendance(call, request.event_id, ATTENDED)
    }

    fn unattend(&mut self, call: Call, request: api::UserEventRequest) -> Result<(), Refusal> {
        self.change_attendance(call, request.event_id, UNATTENDED)
    }

    fn change_attendance(&mut self, call: Call, event: i64, action: i32) -> Result<(), Refusal> {
        let mut event = self.event_for(call, event)?;
        event.user_ids.retain(|user| *user != call.user().get());
        if action == ATTENDED {
            event.user_ids.push(call.user().get());
        }
        self.tell_event(call, &event, action);
        self.records.events.insert(event.id, event);
        Ok(())
    }

    fn event_for(&self, call: Call, id: i64) -> Result<api::EventManagement, Refusal> {
        let event = self.records.events.get(&id).ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "event not found"))?;
        self.clan_of_member(call.user(), event.clan_id).map(|_| event.clone())
    }

    fn tell_event(&mut self, call: Call, event: &api::EventManagement, action: i32) {
        let pushed = api::CreateEventRequest {
            title: event.title.clone(),
            logo: event.logo.clone(),
            description: event.description.clone(),
            clan_id: event.clan_id,
            channel_voice_id: event.channel_voice_id,
            address: event.address.clone(),
            start_time_seconds: event.start_time_seconds,
            end_time_seconds: event.end_time_seconds,
            event_id: event.id,
            event_status: event.event_status,
            channel_id: event.channel_id,
            action,
            repeat_type: event.repeat_type,
            creator_id: event.creator_id,
            user_id: call.user().get(),
            is_private: event.is_private,
            meet_room: event.meet_room.clone(),
        };
        self.tell_clan(event.clan_id.into(), Message::ClanEventCreated(Box::new(pushed)));
    }
}

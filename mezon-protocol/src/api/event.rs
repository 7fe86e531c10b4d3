//! Events: what a clan announces in its calendar. Not what the socket pushes.

use crate::proto::api as wire;

methods! {
    /// The events of a clan, all in one answer.
    ListEvents = 5, reads, wire::ListEventsRequest => wire::EventList;
    /// Creates an event.
    CreateEvent = 68, writes, wire::CreateEventRequest => wire::EventManagement;
    /// Changes an event. All fields are plain: send what shall stay, too.
    UpdateEvent = 115, writes, wire::UpdateEventRequest => ();
    /// Deletes an event. Send the clan and the channel with its id.
    DeleteEvent = 70, writes, wire::DeleteEventRequest => ();
    /// Says that we shall come.
    AddUserEvent = 175, writes, wire::UserEventRequest => ();
    /// Says that we shall not come after all.
    DeleteUserEvent = 174, writes, wire::UserEventRequest => ();
    /// Takes a user off an event. Over HTTP only.
    UpdateEventUser = http, writes, wire::DeleteEventRequest => ();
}

//! Clans, invitations, emoji, events.

use bytes::Bytes;
use mezon_protocol::ClanId;
use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;
use prost::Message as _;

use super::rig::{Rig, SECOND};
use crate::world::Request;

#[test]
fn a_clan_is_founded_changed_handed_over_and_dissolved() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let create = wire::CreateClanDescRequest { clan_name: "Clan B".to_owned(), ..Default::default() };
    let clan = rig.api::<api::CreateClanDesc>(conn, create);
    let id = ClanId::new(clan.clan_id);
    assert!(rig.pushes(conn).iter().any(|push| matches!(push, Message::ClanCreatedEvent(_))));
    assert_eq!(rig.world.channels_of(id).len(), 1, "it begins with a channel");
    rig.join_clan(conn, id);
    let update = wire::UpdateClanDescRequest {
        clan_id: clan.clan_id,
        clan_name: "Clan C".to_owned(),
        description: Some("new".to_owned()),
        ..wire::UpdateClanDescRequest::default()
    };
    rig.api::<api::UpdateClanDesc>(conn, update);
    rig.world.add_to_clan(rig.now, id, rig.alice);
    let hand = wire::TransferOwnershipRequest { clan_id: clan.clan_id, new_owner_id: rig.alice.get() };
    rig.api::<api::TransferOwnership>(conn, hand);
    let dissolve = wire::DeleteClanDescRequest { clan_desc_id: clan.clan_id };
    assert_eq!(rig.refused::<api::DeleteClanDesc>(conn, dissolve), 7);
    rig.world.delete_clan(rig.now, id, rig.alice);
    let pushes = rig.pushes(conn);
    let kinds = pushes.iter().filter(|push| {
        matches!(push, Message::ClanUpdatedEvent(_) | Message::TransferOwnershipEvent(_) | Message::ClanDeletedEvent(_))
    });
    assert_eq!(kinds.count(), 3, "{pushes:?}");
    assert_eq!(rig.api::<api::ListClanDescs>(conn, wire::ListClanDescRequest::default()).clandesc.len(), 1);
}

#[test]
fn names_that_are_taken_are_told() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let check = |rig: &mut Rig, name: &str, kind: i32, condition: i64| {
        let request = wire::CheckDuplicateNameRequest { name: name.to_owned(), r#type: kind, condition_id: condition };
        rig.api::<api::CheckDuplicateName>(conn, request).is_duplicate
    };
    let general = rig.general.get();
    assert!(check(&mut rig, "Clan A", 0, 0) && !check(&mut rig, "Clan Z", 0, 0));
    assert!(check(&mut rig, "general", 2, 0) && !check(&mut rig, "aside", 2, 0));
    assert!(check(&mut rig, "aside", 3, general) && !check(&mut rig, "aside", 3, 5));
}

#[test]
fn an_invitation_leads_into_the_clan_until_it_expires() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let carol = rig.world.add_user(rig.now, crate::world::NewUser::person("carol"));
    let make = wire::LinkInviteUserRequest { clan_id: rig.clan.get(), channel_id: rig.general.get(), expiry_time: 10 };
    let link = rig.api::<api::CreateLinkInviteUser>(conn, make);
    assert!(link.invite_link.ends_with(&link.id.to_string()));

    let look = |rig: &mut Rig| {
        let path = format!("/v2/invite/{}", link.id);
        let request = Request { method: "GET".to_owned(), path, headers: Vec::new(), body: Bytes::new() };
        rig.world.handle_http(rig.now, &request)
    };
    let invite = wire::InviteUserRes::decode(look(&mut rig).body).unwrap();
    assert_eq!(
        (invite.clan_name.as_str(), invite.channel_label.as_str(), invite.member_count),
        ("Clan A", "general", 3)
    );
    let stranger = rig.connect_stranger(carol);
    let joined = rig.api::<api::InviteUser>(stranger, wire::InviteUserRequest { invite_id: link.id });
    assert!(!joined.user_joined);
    assert!(rig.pushes(stranger).iter().any(|push| matches!(push, Message::AddClanUserEvent(_))));

    rig.wait(10 * SECOND);
    assert_eq!(rig.refused::<api::InviteUser>(stranger, wire::InviteUserRequest { invite_id: link.id }), 5);
    assert_eq!(look(&mut rig).status, 404);
}

#[test]
fn clans_can_be_discovered() {
    let mut rig = Rig::new();
    let body = br#"{"item_per_page": 5, "page_number": 1}"#.to_vec();
    let found = wire::ListClanDiscover::decode(rig.http("/v2/clan/discover", "", body).body).unwrap();
    assert_eq!((found.page_count, found.clan_discover[0].clan_name.as_str()), (1, "Clan A"));
}

#[test]
fn emoji_and_stickers_are_those_of_ones_clans() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let emoji = wire::ClanEmojiCreateRequest {
        clan_id: rig.clan.get(),
        source: "https://x.test/e.webp".to_owned(),
        shortname: ":tea:".to_owned(),
        id: 77,
        ..wire::ClanEmojiCreateRequest::default()
    };
    rig.api::<api::CreateClanEmoji>(conn, emoji);
    let rename = wire::ClanEmojiUpdateRequest { id: 77, shortname: ":cup:".to_owned(), clan_id: rig.clan.get() };
    rig.api::<api::UpdateClanEmojiById>(conn, rename);
    let list = rig.api::<api::GetListEmojisByUserId>(conn, ()).emoji_list;
    assert_eq!((list.len(), list[0].id, list[0].shortname.as_str()), (1, 77, ":cup:"));
    rig.api::<api::DeleteByIdClanEmoji>(conn, wire::ClanEmojiDeleteRequest { id: 77, ..Default::default() });
    assert_eq!(rig.api::<api::GetListEmojisByUserId>(conn, ()).emoji_list, []);
    let sticker =
        wire::ClanStickerAddRequest { clan_id: rig.clan.get(), shortname: "hi".to_owned(), ..Default::default() };
    rig.api::<api::AddClanSticker>(conn, sticker);
    let sticker = rig.api::<api::GetListStickersByUserId>(conn, ()).stickers.remove(0);
    let update =
        wire::ClanStickerUpdateByIdRequest { id: sticker.id, shortname: "ho".to_owned(), ..Default::default() };
    rig.api::<api::UpdateClanStickerById>(conn, update);
    assert_eq!(rig.api::<api::GetListStickersByUserId>(conn, ()).stickers[0].shortname, "ho");
    rig.api::<api::DeleteClanStickerById>(
        conn,
        wire::ClanStickerDeleteRequest { id: sticker.id, ..Default::default() },
    );
    assert_eq!(rig.api::<api::GetListStickersByUserId>(conn, ()).stickers, []);
    let pushes = rig.pushes(conn);
    let actions: Vec<i32> = pushes
        .iter()
        .filter_map(|push| match push {
            Message::EventEmoji(event) => Some(event.action),
            _ => None,
        })
        .collect();
    assert_eq!(actions, [1, 2, 3]);
    assert!(pushes.iter().any(|push| matches!(push, Message::StickerDeleteEvent(_))));
    let nameless = wire::ClanEmojiCreateRequest { clan_id: rig.clan.get(), ..Default::default() };
    assert_eq!(rig.refused::<api::CreateClanEmoji>(conn, nameless), 3);
}

#[test]
fn an_event_of_the_calendar_is_created_changed_attended_and_deleted() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let create =
        wire::CreateEventRequest { title: "Tea time".to_owned(), clan_id: rig.clan.get(), ..Default::default() };
    let event = rig.api::<api::CreateEvent>(conn, create);
    let list =
        |rig: &mut Rig| rig.api::<api::ListEvents>(conn, wire::ListEventsRequest { clan_id: rig.clan.get() }).events;
    let update = wire::UpdateEventRequest { event_id: event.id, title: "Cake time".to_owned(), ..Default::default() };
    rig.api::<api::UpdateEvent>(conn, update);
    rig.api::<api::AddUserEvent>(conn, wire::UserEventRequest { clan_id: rig.clan.get(), event_id: event.id });
    assert_eq!(
        (list(&mut rig)[0].title.as_str(), list(&mut rig)[0].user_ids.as_slice()),
        ("Cake time", [rig.bot.get()].as_slice())
    );
    rig.api::<api::DeleteUserEvent>(conn, wire::UserEventRequest { clan_id: rig.clan.get(), event_id: event.id });
    assert!(list(&mut rig)[0].user_ids.is_empty());
    let delete = wire::DeleteEventRequest { event_id: event.id, ..Default::default() };
    rig.api::<api::DeleteEvent>(conn, delete.clone());
    assert_eq!(list(&mut rig), []);
    assert_eq!(rig.refused::<api::DeleteEvent>(conn, delete), 3);
    let actions = rig.pushes(conn).into_iter().filter_map(|push| match push {
        Message::ClanEventCreated(event) => Some(event.action),
        _ => None,
    });
    assert_eq!(actions.collect::<Vec<_>>(), [1, 2, 4, 5, 3]);
}

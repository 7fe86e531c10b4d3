//! Channels, categories, what was read, and searching.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::rig::{Rig, send_message, text_send};

#[test]
fn a_channel_is_created_changed_and_deleted_with_an_event_each() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let request = wire::CreateChannelDescRequest {
        clan_id: rig.clan.get(),
        r#type: 1,
        channel_label: "plans".to_owned(),
        ..wire::CreateChannelDescRequest::default()
    };
    let channel = rig.api::<api::CreateChannelDesc>(conn, request);
    let update = wire::UpdateChannelDescRequest {
        channel_id: channel.channel_id,
        topic: "what comes".to_owned(),
        ..wire::UpdateChannelDescRequest::default()
    };
    rig.api::<api::UpdateChannelDesc>(conn, update);
    let detail = wire::ListChannelDetailRequest { channel_id: channel.channel_id };
    let after = rig.api::<api::ListChannelDetail>(conn, detail);
    assert_eq!((after.channel_label.as_str(), after.topic.as_str()), ("plans", "what comes"), "an absent label stays");
    let delete = wire::DeleteChannelDescRequest { clan_id: rig.clan.get(), channel_id: channel.channel_id };
    rig.api::<api::DeleteChannelDesc>(conn, delete);
    let pushes = rig.pushes(conn);
    let [Message::ChannelCreatedEvent(_), Message::ChannelUpdatedEvent(event), Message::ChannelDeletedEvent(_)] =
        pushes.as_slice()
    else {
        panic!("{pushes:?}")
    };
    assert_eq!(event.topic, "what comes");
    assert_eq!(rig.refused::<api::DeleteChannelDesc>(conn, delete), 3);
}

#[test]
fn a_clan_has_as_many_channels_as_is_set() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.settings_mut().channel_limit = 4;
    let request = || wire::CreateChannelDescRequest { clan_id: 0, r#type: 1, ..Default::default() };
    let request = wire::CreateChannelDescRequest { clan_id: rig.clan.get(), ..request() };
    rig.api::<api::CreateChannelDesc>(conn, request.clone());
    assert_eq!(rig.refused::<api::CreateChannelDesc>(conn, request), 11);
}

#[test]
fn a_channel_that_turns_private_is_seen_by_those_who_are_named() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let request = wire::ChangeChannelPrivateRequest {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        channel_private: 1,
        user_ids: vec![rig.alice.get()],
        role_ids: Vec::new(),
    };
    rig.api::<api::UpdateChannelPrivate>(conn, request);
    let (alice, bob) = (rig.alice, rig.bob);
    assert!(rig.world.can_see(alice, rig.general) && !rig.world.can_see(bob, rig.general));
    assert!(rig.pushes(conn).iter().any(|push| matches!(push, Message::ChannelUpdatedEvent(e) if e.channel_private)));
    let users = wire::AllUsersAddChannelRequest { channel_id: rig.general.get(), limit: 10 };
    assert_eq!(rig.api::<api::ListChannelUsersUC>(conn, users).usernames.len(), 2);
}

#[test]
fn what_was_read_counts_no_more() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.say(rig.now, rig.alice, rig.general, "one");
    let last = rig.world.say(rig.now, rig.alice, rig.general, "two");
    rig.ask(conn, send_message(text_send(rig.clan, rig.general, 2, "own ones do not count")));
    let badge = |rig: &mut Rig| {
        let list = rig.api::<api::ListClanBadgeCount>(conn, wire::NoParams::default()).list_badge;
        (list[0].badge, list[0].has_unread)
    };
    assert_eq!(badge(&mut rig), (2, true));
    let request = wire::ListChannelBadgeCountRequest { clan_id: rig.clan.get(), ..Default::default() };
    let unread = rig.api::<api::ListChannelBadgeCount>(conn, request);
    assert_eq!((unread.total_count, unread.channeldesc[0].count_mess_unread), (1, 2));
    let seen = realtime::LastSeenMessageEvent {
        channel_id: rig.general.get(),
        message_id: last.get(),
        ..realtime::LastSeenMessageEvent::default()
    };
    rig.ask(conn, Message::LastSeenMessageEvent(Box::new(seen)));
    assert_eq!(badge(&mut rig), (0, false));
    rig.world.say(rig.now, rig.alice, rig.general, "three");
    rig.pushes(conn);
    rig.api::<api::MarkAsRead>(conn, wire::MarkAsReadRequest { clan_id: rig.clan.get(), ..Default::default() });
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::MarkAsRead(_)]));
    assert_eq!(badge(&mut rig), (0, false));
}

#[test]
fn favourites_and_direct_channels_that_are_put_away_are_ones_own() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let like = wire::AddFavoriteChannelRequest { channel_id: rig.general.get(), clan_id: rig.clan.get() };
    assert_eq!(rig.api::<api::AddChannelFavorite>(conn, like).channel_id, rig.general.get());
    let list = wire::ListFavoriteChannelRequest { clan_id: rig.clan.get() };
    assert_eq!(rig.api::<api::GetListFavoriteChannel>(conn, list).channel_ids, [rig.general.get()]);
    let unlike = wire::RemoveFavoriteChannelRequest { channel_id: rig.general.get(), clan_id: rig.clan.get() };
    rig.api::<api::RemoveChannelFavorite>(conn, unlike);
    assert!(rig.api::<api::GetListFavoriteChannel>(conn, list).channel_ids.is_empty());

    let direct = wire::DeleteChannelDescRequest { clan_id: 0, channel_id: rig.dm.get() };
    let count = |rig: &mut Rig| {
        let request = wire::ListChannelDescsRequest { channel_type: 3, ..Default::default() };
        rig.api::<api::ListChannelDescs>(conn, request).channeldesc.len()
    };
    rig.api::<api::CloseDMByChannelId>(conn, direct);
    assert_eq!(count(&mut rig), 0);
    rig.api::<api::OpenDMByChannelId>(conn, direct);
    assert_eq!(count(&mut rig), 1);
    assert!(rig.api::<api::ListChannelByUserId>(conn, ()).channeldesc.len() >= 3);
}

#[test]
fn channels_are_put_into_categories() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let create = wire::CreateCategoryDescRequest { category_name: "work".to_owned(), clan_id: rig.clan.get() };
    let category = rig.api::<api::CreateCategoryDesc>(conn, create);
    let into = wire::ChangeChannelCategoryRequest {
        clan_id: rig.clan.get(),
        channel_id: rig.general.get(),
        new_category_id: category.category_id,
    };
    rig.api::<api::ChangeChannelCategory>(conn, into);
    let detail = wire::ListChannelDetailRequest { channel_id: rig.general.get() };
    let name = |rig: &mut Rig| rig.api::<api::ListChannelDetail>(conn, detail).category_name;
    assert_eq!(name(&mut rig), "work");
    let rename = wire::UpdateCategoryDescRequest {
        category_id: category.category_id,
        category_name: "play".to_owned(),
        clan_id: rig.clan.get(),
    };
    rig.api::<api::UpdateCategory>(conn, rename);
    assert_eq!(name(&mut rig), "play");
    let list = wire::CategoryDesc { clan_id: rig.clan.get(), ..Default::default() };
    assert_eq!(rig.api::<api::ListCategoryDescs>(conn, list.clone()).categorydesc.len(), 2);
    let delete = wire::DeleteCategoryDescRequest { category_id: category.category_id, ..Default::default() };
    rig.api::<api::DeleteCategoryDesc>(conn, delete);
    assert_eq!(name(&mut rig), "main");
    let statuses = rig.pushes(conn).into_iter().filter_map(|push| match push {
        Message::CategoryEvent(event) => Some(event.status),
        _ => None,
    });
    assert_eq!(statuses.collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn a_search_finds_what_fits_all_filters_newest_first() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.say(rig.now, rig.alice, rig.general, "green tea");
    rig.world.say(rig.now, rig.bob, rig.general, "black TEA https://x.test");
    rig.world.say(rig.now, rig.alice, rig.general, "coffee");
    let hidden = rig.world.open_dm(rig.now, rig.alice, rig.bob);
    rig.world.say(rig.now, rig.alice, hidden, "tea in secret");
    let search = |rig: &mut Rig, filters: &[(&str, &str)], size: i32| {
        let filter = |(name, value): &(&str, &str)| wire::FilterParam {
            field_name: (*name).to_owned(),
            field_value: (*value).to_owned(),
        };
        let request = wire::SearchMessageRequest {
            filters: filters.iter().map(filter).collect(),
            from: 1,
            size,
            ..Default::default()
        };
        rig.api::<api::SearchMessage>(conn, request)
    };
    let found = search(&mut rig, &[("content", "tea")], 1);
    assert_eq!((found.total, found.messages.len(), found.messages[0].username.as_str()), (2, 1, "bob"));
    assert_eq!(search(&mut rig, &[("content", "tea"), ("username", "alice")], 25).total, 1);
    assert_eq!(search(&mut rig, &[("has", "link")], 25).total, 1);
    assert_eq!(rig.refused::<api::SearchMessage>(conn, wire::SearchMessageRequest::default()), 3);
}

#[test]
fn files_of_a_channel_are_listed_by_kind() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let file = |name: &str, kind: &str| wire::MessageAttachment {
        filename: name.to_owned(),
        filetype: kind.to_owned(),
        size: 3,
        ..wire::MessageAttachment::default()
    };
    let mut send = text_send(rig.clan, rig.general, 2, "see");
    send.attachments = vec![file("a.png", "image/png"), file("b.pdf", "application/pdf")];
    rig.ask(conn, send_message(send));
    let request = wire::ListChannelAttachmentRequest {
        channel_id: rig.general.get(),
        file_type: "image".to_owned(),
        ..wire::ListChannelAttachmentRequest::default()
    };
    let files = rig.api::<api::ListChannelAttachment>(conn, request).attachments;
    assert_eq!((files.len(), files[0].filename.as_str(), files[0].filesize.as_str()), (1, "a.png", "3"));
    assert_eq!(files[0].uploader, rig.bot.get());
}

//! Notification settings, canvases, onboarding, limits.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;

use super::rig::{Rig, SECOND, ack_of, error_of, send_message, text_send};

#[test]
fn settings_of_clans_channels_and_categories_are_kept_apart() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let (clan, channel) = (rig.clan.get(), rig.general.get());
    let set = wire::SetDefaultNotificationRequest { clan_id: clan, notification_type: 2, category_id: 0 };
    rig.api::<api::SetNotificationClanSetting>(conn, set);
    let set = |id: i64, kind: i32| wire::SetNotificationRequest {
        channel_category_id: id,
        notification_type: kind,
        clan_id: clan,
    };
    rig.api::<api::SetNotificationChannelSetting>(conn, set(channel, 3));
    rig.api::<api::SetNotificationCategorySetting>(conn, set(9, 1));
    assert_eq!(rig.refused::<api::SetNotificationChannelSetting>(conn, set(channel, 4)), 3);
    let of_clan = rig.api::<api::GetNotificationClan>(conn, wire::NotificationClan { clan_id: clan });
    let of_channel = rig.api::<api::GetNotificationChannel>(conn, wire::NotificationChannel { channel_id: channel });
    let of_category =
        rig.api::<api::GetNotificationCategory>(conn, wire::DefaultNotificationCategory { category_id: 9 });
    let kinds = [
        of_clan.notification_setting_type,
        of_channel.notification_setting_type,
        of_category.notification_setting_type,
    ];
    assert_eq!(kinds, [2, 3, 1]);
    let all = rig.api::<api::GetChannelCategoryNotiSettingsList>(conn, wire::NotificationClan { clan_id: clan });
    assert_eq!(all.notification_channel_category_settings_list.len(), 2);
    rig.api::<api::DeleteNotificationChannel>(conn, wire::NotificationChannel { channel_id: channel });
    let after = rig.api::<api::GetNotificationChannel>(conn, wire::NotificationChannel { channel_id: channel });
    assert_eq!(after.notification_setting_type, 0);
}

#[test]
fn a_mute_ends_by_itself_or_never() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let channel = rig.general.get();
    let mute = |time: i32| wire::SetMuteRequest { id: channel, mute_time: time, ..Default::default() };
    let get =
        |rig: &mut Rig| rig.api::<api::GetNotificationChannel>(conn, wire::NotificationChannel { channel_id: channel });
    rig.api::<api::SetMuteChannel>(conn, mute(60));
    let pushes = rig.pushes(conn);
    let [Message::NotiUserChannel(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!(i64::from(event.time_mute_seconds), i64::try_from(rig.now.unix_seconds()).unwrap() + 60, "a time");
    rig.wait(20 * SECOND);
    assert_eq!((get(&mut rig).time_mute_seconds, get(&mut rig).active), (40, 0), "how long it lasts");
    let muted = wire::ListMutedChannelRequest { clan_id: rig.clan.get() };
    assert_eq!(rig.api::<api::ListMutedChannel>(conn, muted).muted_list, [channel]);
    rig.wait(40 * SECOND);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UnmuteEvent(event)] if event.channel_id == channel));
    rig.api::<api::SetMuteChannel>(conn, mute(-1));
    rig.wait(1_000_000 * SECOND);
    assert_eq!(get(&mut rig).time_mute_seconds, -1);
    rig.api::<api::SetMuteChannel>(conn, mute(0));
    assert!(rig.api::<api::ListMutedChannel>(conn, muted).muted_list.is_empty());
}

#[test]
fn a_mute_ends_in_time_though_the_clock_was_set_back() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let mute = wire::SetMuteRequest { id: rig.general.get(), mute_time: 60, ..Default::default() };
    rig.api::<api::SetMuteChannel>(conn, mute);
    rig.pushes(conn);
    rig.now.unix -= 3600 * SECOND;
    rig.wait(60 * SECOND);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UnmuteEvent(_)]));
}

#[test]
fn reactions_in_a_channel_are_told_when_asked_for() {
    let mut rig = Rig::new();
    let token = rig.login().token;
    let ask = |rig: &mut Rig| {
        let request = wire::NotifiReactMessage { channel_id: rig.general.get(), ..Default::default() };
        let response = rig.rpc(&token, "GetNotificationReactMessage", &request);
        <wire::NotifiReactMessage as prost::Message>::decode(response.body).unwrap().channel_id
    };
    let channel = wire::NotificationChannel { channel_id: rig.general.get() };
    assert_eq!(ask(&mut rig), 0);
    assert_eq!(rig.rpc(&token, "SetNotificationReactMessage", &channel).status, 200);
    assert_eq!(ask(&mut rig), rig.general.get());
    assert_eq!(rig.rpc(&token, "DeleteNotiReactMessage", &channel).status, 200);
    assert_eq!(ask(&mut rig), 0);
}

#[test]
fn a_canvas_is_written_read_and_deleted() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let place = |title: &str, id: i64| wire::EditChannelCanvasRequest {
        id,
        channel_id: 0,
        title: title.to_owned(),
        content: "# plan".to_owned(),
        ..wire::EditChannelCanvasRequest::default()
    };
    let general = rig.general.get();
    let id = rig
        .api::<api::EditChannelCanvases>(
            conn,
            wire::EditChannelCanvasRequest { channel_id: general, ..place("Plan", 0) },
        )
        .id;
    rig.api::<api::EditChannelCanvases>(
        conn,
        wire::EditChannelCanvasRequest { channel_id: general, ..place("Plan B", id) },
    );
    let list = wire::ChannelCanvasListRequest { channel_id: general, ..Default::default() };
    let canvases = rig.api::<api::GetChannelCanvasList>(conn, list.clone());
    assert_eq!((canvases.count, canvases.channel_canvases[0].title.as_str()), (1, "Plan B"));
    let detail =
        rig.api::<api::GetChannelCanvasDetail>(conn, wire::ChannelCanvasDetailRequest { id, ..Default::default() });
    assert_eq!((detail.content.as_str(), detail.editor_id), ("# plan", rig.bot.get()));
    rig.api::<api::DeleteChannelCanvas>(conn, wire::DeleteChannelCanvasRequest { canvas_id: id, ..Default::default() });
    assert_eq!(rig.api::<api::GetChannelCanvasList>(conn, list).count, 0);
    let told = rig.pushes(conn).into_iter().filter(|push| matches!(push, Message::CanvasEvent(_)));
    assert_eq!(told.count(), 3);
}

#[test]
fn onboarding_is_kept_and_each_has_a_step_of_ones_own() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let clan_id = rig.clan.get();
    let content = wire::OnboardingContent { guide_type: 1, title: "Welcome".to_owned(), ..Default::default() };
    let made =
        rig.api::<api::CreateOnboarding>(conn, wire::CreateOnboardingRequest { clan_id, contents: vec![content] });
    let id = made.list_onboarding[0].id;
    let update = wire::UpdateOnboardingRequest { id, clan_id, title: "Hello".to_owned(), ..Default::default() };
    rig.api::<api::UpdateOnboarding>(conn, update);
    let detail = rig.api::<api::GetOnboardingDetail>(conn, wire::OnboardingRequest { id, clan_id });
    assert_eq!((detail.title.as_str(), detail.guide_type), ("Hello", 1));
    rig.api::<api::UpdateOnboardingStep>(conn, wire::UpdateOnboardingStepRequest { clan_id, onboarding_step: 2 });
    let steps =
        rig.api::<api::ListOnboardingStep>(conn, wire::ListOnboardingStepRequest { clan_id, ..Default::default() });
    assert_eq!(steps.list_onboarding_step[0].onboarding_step, 2);
    rig.api::<api::DeleteOnboarding>(conn, wire::OnboardingRequest { id, clan_id });
    let list = wire::ListOnboardingRequest { clan_id, ..Default::default() };
    assert_eq!(rig.api::<api::ListOnboarding>(conn, list).list_onboarding, []);
}

#[test]
fn more_messages_in_a_second_than_are_set_are_refused_with_code_8() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.settings_mut().sends_per_second = Some(2);
    let say = |rig: &mut Rig| {
        let send = send_message(text_send(rig.clan, rig.general, 2, "hello"));
        rig.ask(conn, send)
    };
    ack_of(say(&mut rig));
    ack_of(say(&mut rig));
    assert_eq!(error_of(say(&mut rig)).0, 8);
    rig.wait(SECOND);
    ack_of(say(&mut rig));
}

#[test]
fn a_world_that_is_full_takes_no_more_but_still_answers() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.settings_mut().record_limit = 6;
    let favourite =
        |channel: mezon_protocol::ChannelId| wire::AddFavoriteChannelRequest { channel_id: channel.get(), clan_id: 0 };
    let (general, secret) = (rig.general, rig.secret);
    rig.api::<api::AddChannelFavorite>(conn, favourite(general));
    assert_eq!(rig.refused::<api::AddChannelFavorite>(conn, favourite(secret)), 8);
    rig.api::<api::GetListFavoriteChannel>(conn, wire::ListFavoriteChannelRequest::default());
}

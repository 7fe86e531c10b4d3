//! Handlers, commands, components and waiting for events: one list of tests, on every adapter.
//!
//! Each test is a function over the runtime; an adapter is one entry in [`adapters`]. The clients talk to a sandbox over
//! the loopback, and tests wait for what they expect, not for time to pass.

mod adapters;
mod commands;
mod components;
mod events;
mod friends;
mod killed;
mod life;
mod missed;
mod once;
mod order;
mod own;
mod process;
mod readme;
mod restarts;
mod shutdown;
mod stored;
mod town;
mod waits;

macro_rules! on {
    ($adapter:ident: $runtime:ty) => { on! { @ $adapter: $runtime;
        order: several_handlers_of_an_event_run_in_the_order_of_their_registration, plain_and_async_handlers_are_called,
            a_handler_takes_itself_out_and_another_one_in, what_fails_in_one_handler_is_nothing_to_the_others,
            events_of_a_channel_are_handled_in_order, channels_are_handled_side_by_side_up_to_the_bound,
            slow_handlers_lose_nothing;
        friends: who_asks_to_be_a_friend_is_accepted_if_that_is_wanted;
        own: what_the_bot_does_itself_is_passed_over_unless_that_is_wanted;
        life: run_comes_back_when_the_client_is_closed, run_fails_when_the_login_is_refused,
            run_fails_when_there_is_no_way_to_connect, handlers_survive_reconnects, handlers_survive_a_close,
            a_second_run_takes_over, a_handler_that_keeps_the_bot_keeps_no_client,
            a_handler_may_connect_when_a_heartbeat_is_missed, caches_are_updated_before_handlers_run;
        shutdown: a_running_handler_ends_first, a_handler_has_no_longer_than_the_deadline,
            no_handler_begins_after_the_deadline, what_comes_while_handlers_end_is_not_begun_after_the_deadline,
            a_handler_of_ready_goes_on_until_the_end_and_holds_up_nothing, who_waits_for_an_event_holds_up_nothing,
            both_of_two_runs_are_waited_for;
        missed: ten_thousand_messages_with_drops_between_arrive_once_and_in_order,
            replayed_messages_can_be_passed_over_and_the_end_is_told;
        waits: the_next_message_of_a_user_is_awaited, the_next_click_on_a_message_is_awaited,
            a_handler_waits_for_an_answer, a_wait_ends_when_its_time_is_over, a_wait_ends_with_the_client,
            waits_that_nobody_wants_leave_nothing_behind, a_condition_that_panics_is_not_met;
        events: every_push_reaches_its_handler, what_this_build_does_not_know_reaches_those_who_want_everything,
            handlers_are_registered_by_names_of_events, handlers_are_given_typed_events,
            the_life_of_the_connection_reaches_its_handlers;
        commands: a_command_is_answered, arguments_are_typed_and_wrong_ones_are_answered, help_is_preformatted,
            a_slash_command_is_answered_so_that_only_its_sender_sees_it, refusals_are_told_or_handled;
        components: a_click_reaches_the_handler_of_its_type, stale_components_are_told_apart,
            two_clicks_are_one_execution, a_second_click_is_answered_or_handled_if_that_is_wanted,
            a_handler_that_panics_lets_the_next_click_in, choices_in_a_select_all_count;
        once: what_was_queued_once_is_sent_by_the_next_client, a_message_that_is_given_twice_is_answered_once,
            who_asks_for_the_same_key_meanwhile_waits_for_the_same_message, without_an_outbox_nothing_is_sent,
            what_is_damaged_in_an_outbox_is_passed_over, under_a_key_is_what_was_put_in_first;
        stored: what_is_received_and_sent_is_stored_as_it_is_now, what_is_stored_is_fetched_without_the_server,
            what_is_not_stored_is_fetched_from_the_server_and_stored, a_damaged_store_stops_nothing,
            a_full_disk_stops_nothing, ten_thousand_messages_are_stored_while_the_bot_answers;
        restarts: a_bot_that_was_down_is_given_what_was_said_meanwhile,
            what_was_not_handled_to_the_end_is_given_again,
            what_waits_for_its_handlers_is_not_given_again_when_the_client_connects_anew,
            a_store_that_cannot_be_read_lets_the_bot_begin_anew,
            a_store_that_hangs_does_not_keep_the_client_from_closing;
        killed: a_process_that_is_killed_loses_nothing_and_answers_everything_once;
    }};
    (@ $adapter:ident: $runtime:ty; $($file:ident: $($test:ident),+;)+) => {
        mod $adapter {
            $(mod $file {
                $(#[test]
                fn $test() {
                    crate::$file::$test::<$runtime>();
                })+
            })+
        }
    };
}

on!(tokio: mezon_tokio::TokioRuntime);
on!(smol: mezon_smol::SmolRuntime);
on!(blocking: mezon_blocking::Threads);

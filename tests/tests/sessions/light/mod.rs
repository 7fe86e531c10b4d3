//! The light client: one list of tests, on every adapter, against a sandbox on the loopback.

mod adapters;
mod client;
mod socket;
pub mod town;

macro_rules! on {
    ($adapter:ident: $runtime:ty) => { on! { @ $adapter: $runtime;
        client: a_user_logs_in_by_an_id_token, a_login_that_is_refused_says_why, a_session_is_stored_and_restored,
            a_session_that_has_expired_is_refreshed, what_nobody_can_refresh_wants_a_login, channels_are_created,
            the_layers_below_can_be_reached, what_a_builder_sets_is_there_for_a_light_client;
        socket: a_socket_connects_once_and_disconnects, messages_reach_every_handler_until_it_is_taken_out,
            direct_messages_are_sent_and_heard, groups_are_joined_and_left, everything_of_an_attachment_is_on_the_wire,
            hiding_links_notifies_nobody, a_join_waits_for_the_socket, the_end_of_a_connection_is_told_once,
            the_error_handler_is_replaced, a_socket_that_is_dropped_leaves_nothing_behind,
            a_session_that_is_refreshed_is_told;
    }};
    (@ $adapter:ident: $runtime:ty; $($file:ident: $($test:ident),+;)+) => {
        mod $adapter {
            $(mod $file {
                $(#[test]
                fn $test() {
                    crate::light::$file::$test::<$runtime>();
                })+
            })+
        }
    };
}

on!(tokio: mezon_tokio::TokioRuntime);
on!(smol: mezon_smol::SmolRuntime);
on!(blocking: mezon_blocking::Threads);

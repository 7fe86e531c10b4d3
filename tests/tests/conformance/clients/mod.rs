//! Scenarios for clients: what those who drive the Machine by hand have no need of.

mod calls;
mod end;
mod events;
mod proxy;
mod scene;
mod start;
mod surface;

use crate::adapters::client::Host;
use crate::bot::ClientScenario;

/// All of them, by the names under which the documentation lists them.
pub const fn scenarios<H: Host>() -> &'static [ClientScenario] {
    &[
        ("a client before it connects", surface::before::<H>),
        ("the session and one's own id", surface::identity::<H>),
        ("the low-level socket", surface::socket::<H>),
        ("handlers outlive connections", surface::handlers::<H>),
        ("closing", surface::closing::<H>),
        ("a login that fails says why", start::failures::<H>),
        ("a client that only sends", start::only_sends::<H>),
        ("connecting twice, and anew", start::twice::<H>),
        ("replies and edits", calls::talk::<H>),
        ("more calls than the limit", calls::too_many::<H>),
        ("a receiver after the fact, and another one", events::receivers::<H>),
        ("an event that cannot be decoded", events::undecodable::<H>),
        ("a slow receiver holds the server back", events::slow_receiver::<H>),
        ("without a receiver", events::without_receiver::<H>),
        ("a shutdown and the calls that are pending", end::pending_calls::<H>),
        ("events are enough to go on", end::events_are_enough::<H>),
        ("through a proxy", proxy::tunnels::<H>),
    ]
}

//! The methods that register handlers, one for each event, made from the one table of events.

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{__members_of_the_envelope, Event, EventKind};

use super::outcome::IntoJob;
use super::registry::{HandlerId, Topic};
use crate::client::Client;
use crate::runtime::Runtime;

macro_rules! methods {
    (
        handles { $($handles:tt)* }
        boxed { $(
            $kind:ident = $field:literal, $wire:tt, $direction:ident $(($on:ident $(, $alias:literal)*))?,
                $generated:ident($type:ty), $doc:literal;
        )* }
    ) => {
        /// # Handlers of single events
        ///
        /// Each registers a handler, which [`run`](Self::run) calls. Several for one event run in the order of their
        /// registration. What is passed is the wire type.
        impl<R: Runtime> Client<R> {
            $($(
                #[doc = $doc]
                #[doc = ""]
                #[doc = concat!("Wire name: `", $wire, "`.")]
                #[doc(alias = $wire)]
                $(#[doc(alias = $alias)])*
                pub fn $on<O, M>(&self, handler: impl Fn(Box<$type>) -> O + Send + Sync + 'static) -> HandlerId
                where
                    O: IntoJob<M>,
                {
                    self.add_handler(Topic::Kind(EventKind::$kind), move |event| {
                        let Event::$kind(event) = event else { return None };
                        Some(handler(event.clone()).into_job())
                    })
                }
            )?)*
        }
    };
}

__members_of_the_envelope!(methods);

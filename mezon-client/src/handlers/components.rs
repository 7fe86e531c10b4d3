//! Handlers of components: buttons and selects whose ids are made from types.

use std::sync::Arc;

use mezon_protocol::Event;
use mezon_protocol::interaction::{ComponentId, Unrouted};
use mezon_protocol::object::ButtonClick;

use super::clicks::SecondClick;
use super::outcome::IntoJob;
use super::registry::{ComponentType, HandlerId, Topic};
use crate::client::Client;
use crate::handle::Driven;
use crate::runtime::Runtime;

/// # Handlers of components
///
/// The id of a button or select is made from a type, which [`component_id!`](mezon_protocol::component_id) declares, and
/// read back from a click. So a button of last month still works after a restart: nothing is kept in memory.
///
/// A user who clicks twice is heard once; see [`second_clicks`](Self::second_clicks).
impl<R: Runtime> Client<R> {
    /// Registers a handler: a component whose id is of type `C` was used. `C` is said by the closure: `|click, save: Save|`.
    ///
    /// A choice in a select comes in the same way as a button that was pressed;
    /// [`ButtonClick::is_select_change`] tells them apart.
    pub fn on_component<C, O, M>(
        &self,
        handler: impl Fn(ButtonClick<Driven<R>>, C) -> O + Send + Sync + 'static,
    ) -> HandlerId
    where
        C: ComponentId,
        O: IntoJob<M>,
    {
        self.add_handler(Topic::Component(ComponentType::of::<C>()), move |event| {
            let Event::ButtonClicked(click) = event else { return None };
            let id = click.component().ok()?;
            Some(handler(click.clone(), id).into_job())
        })
    }

    /// Registers a handler: a component was used whose id no type reads that has a
    /// [handler](Self::on_component), as it is of another version or was made in another way.
    pub fn on_stale_component<O, M>(
        &self,
        handler: impl Fn(ButtonClick<Driven<R>>, Unrouted) -> O + Send + Sync + 'static,
    ) -> HandlerId
    where
        O: IntoJob<M>,
    {
        let anchor = Arc::downgrade(&self.anchor());
        self.add_handler(Topic::StaleComponent, move |event| {
            let Event::ButtonClicked(click) = event else { return None };
            let why = anchor.upgrade()?.handlers.unrouted(click.button_id())?;
            Some(handler(click.clone(), why).into_job())
        })
    }

    /// Says what becomes of second clicks. Default: nothing.
    pub fn second_clicks(&self, second: SecondClick) {
        self.anchor().clicks.set(second);
    }
}

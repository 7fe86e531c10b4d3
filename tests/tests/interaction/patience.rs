//! Calls that take longer than others.

use std::time::Duration;

use mezon_protocol::call::{Answer, OneStep, Request, Typing};
use mezon_protocol::machine::Shared;
use mezon_protocol::route::Route;
use mezon_protocol::{Config, Error, ErrorKind};

use crate::scene::{SECOND, ready};

/// Says that we are typing, and has a minute for it.
struct Patient(Typing);

impl OneStep for Patient {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        self.0.request(shared)
    }

    fn output(&mut self, shared: &mut Shared, answer: Answer) -> Result<(), Error> {
        self.0.output(shared, answer)
    }

    fn timeout(&self, _: &Config) -> Duration {
        60 * SECOND
    }
}

#[test]
fn a_call_may_have_a_time_of_its_own() {
    let mut scene = ready();
    let bot = scene.sim.bot_id;
    scene.sim.act(|world, _| world.half_open(bot));
    let route = Route::direct(scene.general);
    let usual = scene.sim.bot.call(Typing(route));
    let patient = scene.sim.bot.call(Patient(Typing(route)));
    scene.sim.run_for(11 * SECOND);
    assert!(scene.sim.has_ended(&usual) && !scene.sim.has_ended(&patient));
    assert_eq!(scene.sim.finish(usual).unwrap_err().kind(), &ErrorKind::Timeout);
}

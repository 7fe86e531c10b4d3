//! What the socket is opened with: its own credential first, then the token, then a new token.

use mezon_protocol::TransportKind;
use mezon_protocol::machine::State;

use crate::scene::{HOUR, MINUTE, SECOND, Scene};

/// One that lists and joins nothing, and so needs nothing but the socket.
fn scene() -> Scene {
    Scene::with(1, |config| config.auto_join = false, |_| {})
}

#[test]
fn the_socket_has_a_credential_that_outlives_the_token() {
    for transport in [TransportKind::WebSocket, TransportKind::Tcp] {
        let adjust = |config: &mut mezon_protocol::Config| {
            config.auto_join = false;
            config.transport = transport;
        };
        let mut scene = Scene::with(1, adjust, |_| {});
        assert!(scene.session().session_id().expose().starts_with("AAA"));
        scene.sim.act(|world, _| world.expire_tokens());
        scene.sim.connect();
        assert_eq!((scene.refreshes(), scene.sim.world().counters().connects_refused), (0, 0));
    }
}

#[test]
fn one_that_is_refused_is_forgotten_and_the_token_tried_at_once() {
    for is_closed in [false, true] {
        let mut scene = scene();
        scene.sim.act(|world, _| if is_closed { world.close_at_once(1) } else { world.refuse_connect(401, 1) });
        let before = scene.sim.now().elapsed;
        scene.sim.connect();
        assert!(scene.sim.now().elapsed - before < SECOND);
        assert!(scene.session().session_id().is_empty());
        assert_eq!((scene.sessions_told(), scene.refreshes()), (1, 0), "it is to be stored without it");
    }
}

#[test]
fn the_token_that_is_refused_as_well_is_refreshed_at_once() {
    let mut scene = scene();
    scene.sim.act(|world, _| world.refuse_connect(403, 2));
    let before = scene.sim.now().elapsed;
    scene.sim.connect();
    assert!(scene.sim.now().elapsed - before < SECOND);
    assert_eq!((scene.refreshes(), scene.logins()), (1, 1));
}

#[test]
fn what_says_nothing_of_the_credential_leaves_it() {
    let mut scene = Scene::with(1, |config| (config.auto_join, config.retry_login) = (false, true), |_| {});
    scene.sim.act(|world, _| world.refuse_connect(503, 2));
    scene.sim.reachable = false;
    scene.sim.tell(mezon_protocol::Machine::connect);
    scene.sim.run_for(MINUTE);
    scene.sim.reachable = true;
    assert!(scene.sim.run_until(5 * MINUTE, |sim| sim.machine.state() == State::Ready));
    assert!(!scene.session().session_id().is_empty());
}

#[test]
fn a_new_one_that_the_server_gives_is_used_from_then_on() {
    let mut scene = scene();
    scene.sim.act(|world, _| world.refuse_connect(401, 1));
    scene.sim.connect();
    let alice = scene.alice;
    scene.sim.act(|world, now| world.push_session(now, alice));
    scene.sim.run_for(SECOND);
    assert!(!scene.session().session_id().is_empty());
    scene.sim.act(|world, now| {
        world.expire_tokens();
        world.abort(now, alice)
    });
    scene.sim.run_for(10 * SECOND);
    assert_eq!(scene.sim.machine.state(), State::Ready);
    assert_eq!(scene.refreshes(), 0);
}

#[test]
fn without_one_the_token_is_used() {
    let mut scene = Scene::with(1, |_| {}, |settings| settings.session_ids = false);
    assert!(scene.session().session_id().is_empty());
    scene.sim.connect();
    scene.sim.run_for(HOUR);
    assert_eq!(scene.sim.machine.state(), State::Ready);
}

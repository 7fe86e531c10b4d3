//! Each way for a person to log in.

use mezon_protocol::rest::login::{CheckQr, ConfirmQr, LogIn, RequestCode, ShowQr};
use mezon_protocol::{Config, ErrorKind, Session, UserId};
use mezon_sandbox::World;
use mezon_tests::sim::Sim;

use crate::scene::Scene;

/// A device on which nobody has logged in, in a world with alice.
fn device() -> (Sim, UserId) {
    let mut world = World::builder();
    let alice = world.person("alice");
    let mut sim = Sim::new(Config::user().use_tls(false).without_rate_limits(), world.build(), 1);
    sim.bot_id = alice;
    (sim, alice)
}

fn log_in(sim: &mut Sim, login: LogIn) -> Result<Session, mezon_protocol::Error> {
    let called = sim.bot.call(login);
    sim.finish(called)
}

/// The client goes on from what a login has brought.
fn is_logged_in(sim: &mut Sim) {
    assert_eq!(sim.machine.own_id(), sim.bot_id);
    sim.connect();
    assert_eq!(sim.world().counters().logins, 1);
}

/// Rows 220, 224, 273.
#[test]
fn by_an_id_token() {
    let (mut sim, alice) = device();
    let error = log_in(&mut sim, LogIn::id_token("x", 5, "nobody")).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Auth(_)));
    assert_eq!(error.status(), Some(401));
    sim.act(|world, _| world.refuse_login(503, 1, None));
    let error = log_in(&mut sim, LogIn::id_token("x", alice, "alice")).unwrap_err();
    assert_eq!((error.status(), error.is_retryable()), (Some(503), true));
    let session = log_in(&mut sim, LogIn::id_token("x", alice, "alice")).unwrap();
    assert_eq!(session.user_id(), alice);
    is_logged_in(&mut sim);
}

#[test]
fn by_a_password() {
    let (mut sim, _) = device();
    assert!(log_in(&mut sim, LogIn::email("bob@mezon.test", "x")).is_err());
    log_in(&mut sim, LogIn::email("alice@mezon.test", "x").create(false).username("alice")).unwrap();
    is_logged_in(&mut sim);
}

#[test]
fn by_a_code_that_is_sent() {
    let (mut sim, alice) = device();
    for how in [RequestCode::Sms(alice.to_string()), RequestCode::Email("alice@mezon.test".into())] {
        let asked = sim.bot.call(how);
        let request = sim.finish(asked).unwrap();
        let code = sim.world().login_code(&request).unwrap().to_owned();
        assert!(log_in(&mut sim, LogIn::code(&request, "wrong")).is_err());
        log_in(&mut sim, LogIn::code(&request, code.as_str())).unwrap();
        assert!(log_in(&mut sim, LogIn::code(&request, code)).is_err(), "a code is good once");
    }
    assert_eq!(sim.machine.own_id(), alice);
}

#[test]
fn by_a_device_that_is_logged_in() {
    let mut scene = Scene::new();
    let alice = scene.alice;
    let shown = scene.sim.bot.call(ShowQr::default());
    let login_id = scene.sim.finish(shown).unwrap();
    let check = CheckQr { login_id, is_remember: true };
    let checked = scene.sim.bot.call(check);
    assert_eq!(scene.sim.finish(checked).unwrap(), None, "not yet");
    let confirmed = scene.sim.bot.call(ConfirmQr { login_id, is_remember: true });
    scene.sim.finish(confirmed).unwrap();
    let checked = scene.sim.bot.call(check);
    assert_eq!(scene.sim.finish(checked).unwrap().unwrap().user_id(), alice);
    let unknown = scene.sim.bot.call(ConfirmQr { login_id, is_remember: true });
    assert!(scene.sim.finish(unknown).is_err());
}

#[test]
fn by_the_token_of_an_account() {
    let mut scene = Scene::new();
    let token = scene.session().token().clone();
    let again = scene.sim.bot.call(LogIn::mezon(token.clone()).create(false).is_remember(true));
    assert_ne!(scene.sim.finish(again).unwrap().token(), &token);
    let (_, request) = scene.sim.http_log.last().unwrap();
    assert_eq!(request, "mezon?create=false&is_remember=true");
}

#[test]
fn a_bot_goes_on_with_its_own_session() {
    let mut world = World::builder();
    let (bot, alice) = (world.bot("bot", "the-key"), world.person("alice"));
    let mut sim = Sim::new(Config::bot(bot, "the-key").unwrap().use_tls(false), world.build(), 1);
    sim.connect();
    let session = log_in(&mut sim, LogIn::id_token("x", alice, "alice")).unwrap();
    assert_eq!((session.user_id(), sim.machine.own_id()), (alice, bot));
}

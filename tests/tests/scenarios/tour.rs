//! The tour of the features.

use crate::bots::feature_tour::tour;
use crate::rig::Town;

/// Row 215.
#[tokio::test]
async fn every_feature_works_and_nothing_is_left_behind() {
    let town = Town::open().unwrap();
    let report = tour(town.config().unwrap(), town.clan, town.general).await;
    assert_eq!(report.failed, 0, "{:#?}", report.lines);
    assert!(report.lines.len() > 20 && report.lines.iter().all(|line| line.ends_with(": ok")), "{:#?}", report.lines);
    assert_eq!(town.sandbox.with(|world, _| world.messages_in(town.general).len()), 0);
}

/// Row 215.
#[tokio::test]
async fn what_fails_is_named_and_the_tour_goes_on() {
    let town = Town::open().unwrap();
    let report = tour(town.config().unwrap(), town.clan, 1840000000000000999_i64.into()).await;
    let failed = |feature: &str| report.lines.iter().any(|line| line.starts_with(&format!("{feature}: failed: ")));
    assert!(report.failed > 1 && failed("send") && failed("fetch the channel"), "{:#?}", report.lines);
    assert!(report.lines.contains(&"list friends: ok".to_owned()));
    assert_eq!(report.lines.last().unwrap(), "shutdown: ok");
}

/// Row 215.
#[tokio::test]
async fn without_a_login_the_tour_is_over() {
    let town = Town::open().unwrap();
    town.sandbox.with(|world, _| world.refuse_login(401, 1, None));
    let report = tour(town.config().unwrap(), town.clan, town.general).await;
    let [line] = &report.lines[..] else { panic!("{:#?}", report.lines) };
    assert!(report.failed == 1 && line.starts_with("login: failed: "), "{line}");
}

//! Files that are said to be recordings. Whatever is in them, they are played or refused, and what is played can be
//! shown.

use mezon_protocol::replay::Player;

/// Takes the bytes of a file.
pub fn recording(data: &[u8]) {
    let Ok(mut player) = Player::new(data) else { return };
    let mut steps = 0;
    while let Ok(Some(step)) = player.step() {
        steps += 1;
        assert_eq!(step.number(), steps);
        let _ = (step.to_string(), step.lines(true).count(), step.differences().len());
    }
    // an input takes three bytes at least
    assert!(steps <= data.len() as u64 / 3);
    let _ = player.machine().state();
}

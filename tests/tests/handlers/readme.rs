//! The README shows what the example does.

#[test]
fn the_bot_of_the_readme_is_that_of_the_example() {
    let example = include_str!("../../../examples/one_screen.rs");
    let readme = include_str!("../../../README.md");
    let (_, bot) = example.split_once("// The bot:\n").unwrap();
    let (bot, _) = bot.split_once("\n// ... and that is all of it.").unwrap();
    assert!(bot.lines().count() <= 50);
    assert!(readme.contains(bot.trim()), "README.md should show this:\n\n{bot}");
}

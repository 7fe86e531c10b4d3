//! What a program that uses this crate builds along with it.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn nothing_async_is_in_the_dependency_tree() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-p", "mezon-blocking", "-e", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: Vec<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains(&"mio") && crates.contains(&"mezon-protocol"), "{tree}");
    let is_async =
        |name: &str| ["tokio", "futures", "async-", "hyper", "smol"].iter().any(|prefix| name.starts_with(prefix));
    let found: Vec<_> = crates.into_iter().filter(|name| is_async(name)).collect();
    assert!(found.is_empty(), "{found:?}");
}

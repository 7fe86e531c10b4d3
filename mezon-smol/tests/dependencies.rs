//! What is not in the crate.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn neither_tokio_nor_hyper_is_among_the_dependencies() {
    let arguments = ["tree", "-p", env!("CARGO_PKG_NAME"), "-e", "normal", "--prefix", "none", "--offline", "--locked"];
    let tree = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"async-io"));
    for name in names {
        assert!(!name.starts_with("tokio") && !name.starts_with("hyper"), "{name}");
    }
}

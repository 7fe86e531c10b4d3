//! What the manifests promise to those who add a crate to theirs.

use std::fs;
use std::path::{Path, PathBuf};

/// The crates that are published.
const PUBLISHED: [&str; 7] =
    ["mezon-blocking", "mezon-client", "mezon-protocol", "mezon-sandbox", "mezon-smol", "mezon-store", "mezon-tokio"];

/// The one that needs a newer Rust than the others, and says so.
const NEWER: (&str, &str) = ("mezon-store", "1.89");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The value of a key in the workspace's manifest.
fn of_workspace(key: &str) -> String {
    let manifest = read("Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// Rows 218, 219.
#[test]
fn versions_and_licence_are_stated_everywhere() {
    assert_eq!(of_workspace("license"), "Apache-2.0");
    assert!(read("LICENSE").contains("Apache License"));
    for name in PUBLISHED {
        let manifest = read(&format!("{name}/Cargo.toml"));
        for key in ["version", "rust-version", "license", "edition", "repository"] {
            let own = format!("{key} = \"{}\"", NEWER.1);
            let is_stated = manifest.contains(&format!("{key}.workspace = true"))
                || (name, key) == (NEWER.0, "rust-version") && manifest.contains(&own);
            assert!(is_stated, "{name} does not state its {key}");
        }
        assert!(!manifest.contains("publish = false"), "{name}");
    }
    let rust = of_workspace("rust-version");
    assert!(
        read("README.md").contains(&format!("Rust {rust} or newer")),
        "the README states another version than {rust}"
    );
    assert!(read("README.md").contains(&format!("`{}` needs {}", NEWER.0, NEWER.1)));
    assert!(read("CHANGELOG.md").contains(&format!("## {}", of_workspace("version"))));
}

/// TLS and the rarer parts are features, and only TLS is there by default.
///
/// Row 214.
#[test]
fn the_core_is_small_by_default() {
    let manifest = read("mezon-protocol/Cargo.toml");
    assert!(manifest.contains("default = [\"tls\"]"), "the core has other default features");
    let optional = |name: &str| {
        let line = manifest.lines().find(|line| line.starts_with(&format!("{name} = "))).unwrap_or_default();
        line.contains("optional = true")
    };
    for name in ["rustls", "hmac", "md-5"] {
        assert!(optional(name), "{name} is built always");
    }
}

/// SQLite comes with a feature that is off by default, and no other crate knows it.
///
/// Rows 188, 206.
#[test]
fn sqlite_is_there_only_for_those_who_ask_for_it() {
    for name in PUBLISHED.into_iter().filter(|name| !["mezon-store", "mezon-sandbox"].contains(name)) {
        let manifest = read(&format!("{name}/Cargo.toml"));
        assert!(!manifest.contains("rusqlite"), "{name}");
        let default = manifest.lines().find(|line| line.starts_with("default = ")).unwrap_or_default();
        assert!(!default.contains("sqlite"), "{name}: {default}");
        let has_feature = manifest.lines().any(|line| line.starts_with("sqlite = "));
        assert_eq!(has_feature, name != "mezon-protocol", "{name}");
    }
    assert!(read("mezon-client/Cargo.toml").contains("mezon-store = { workspace = true, optional = true }"));
}

#[test]
fn the_front_page_of_an_adapter_lists_its_features() {
    for name in ["mezon-tokio", "mezon-smol", "mezon-blocking"] {
        let (manifest, page) = (read(&format!("{name}/Cargo.toml")), read(&format!("{name}/src/lib.rs")));
        let section = manifest.split("\n[").find_map(|section| section.strip_prefix("features]\n")).unwrap();
        let keys = section.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
        let mut there: Vec<_> = keys.filter(|key| *key != "default").collect();
        let (_, table) = page.split_once("//! | feature |").unwrap();
        let rows = table.lines().skip(2).map_while(|line| line.strip_prefix("//! | `"));
        let mut listed: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
        there.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, there, "{name}");
    }
}

/// All but those that a performance rig runs.
#[test]
fn the_readme_lists_the_examples_that_there_are() {
    let manifest = read("examples/Cargo.toml");
    let tables = manifest.split("[[example]]").skip(1).map(|table| table.split('"').nth(1).unwrap());
    let mut there: Vec<_> = tables.filter(|name| !name.starts_with("bench_")).collect();
    let readme = read("README.md");
    let section = readme.split("\n## ").find(|section| section.starts_with("Examples\n")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut listed: Vec<_> = rows.flat_map(|row| row.split(" |").next().unwrap().split(['`', ' '])).collect();
    listed.retain(|name| !name.is_empty());
    there.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, there);
}

/// Row 145.
#[test]
fn what_bots_build_messages_from_is_at_the_root_of_every_adapter() {
    let mut buttons = mezon_tokio::ButtonBuilder::new();
    buttons.add_button("yes", "Yes", mezon_smol::ButtonStyle::Success);
    let form = mezon_blocking::InteractiveBuilder::new("A form");
    let content = mezon_tokio::Content::from(form.build()).components(buttons.build());
    assert!(content.get("components").is_some() && content.get("embed").is_some());
}

/// Row 216.
#[test]
fn tests_go_no_further_than_the_loopback() {
    for name in PUBLISHED.into_iter().chain(["tests", "examples"]) {
        for file in rust_files(&root().join(name)) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains(concat!("0.0.0", ".0:")), "{} listens to the world", file.display());
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) =
        entries.filter(|path| !path.ends_with("target")).partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

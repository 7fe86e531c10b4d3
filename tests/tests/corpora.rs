//! The committed corpora of the fuzz targets, through the same code that the fuzzer runs.

use std::fs;
use std::path::PathBuf;

use mezon_tests::fuzz::{TARGETS, seeds};

fn folder(target: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus")).join(target)
}

/// Row 31.
#[test]
fn nothing_in_the_corpora_breaks_a_target() {
    for (name, target) in TARGETS {
        let mut files: Vec<_> = fs::read_dir(folder(name))
            .unwrap_or_else(|error| panic!("fuzz/corpus/{name}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{name}");
        for file in &files {
            // the last line that is printed names the file that breaks the target
            println!("{}", file.display());
            target(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn the_corpora_begin_with_the_recorded_vectors() {
    for (target, seeds) in seeds::all() {
        for (name, input) in seeds {
            let committed = fs::read(folder(target).join(&name)).ok();
            assert!(
                committed == Some(input),
                "fuzz/corpus/{target}/{name} is not what the vectors give: \
                 cargo test -p mezon-tests --test corpora -- --ignored",
            );
        }
    }
}

/// Writes the inputs that are made from the vectors.
#[test]
#[ignore = "writes into the repository: run it when the vectors or the targets have changed"]
fn write_the_seeds() {
    for (target, seeds) in seeds::all() {
        fs::create_dir_all(folder(target)).unwrap();
        for file in fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()) {
            if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("seed-")) {
                fs::remove_file(file).unwrap();
            }
        }
        for (name, input) in seeds {
            fs::write(folder(target).join(name), input).unwrap();
        }
    }
}

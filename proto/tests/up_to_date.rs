//! The checked-in wire types are what the `.proto` files generate.

use std::fs;

use mezon_proto_gen::{COMMAND, generate, output_dir, schema, schema_path};

#[test]
fn checked_in_files_match_the_proto_files() {
    let folder = output_dir();
    let sources = generate().expect("the .proto files compile");
    assert_eq!(
        sources.keys().collect::<Vec<_>>(),
        ["mezon.api.rs", "mezon.realtime.rs"],
        "a package was added or removed: adapt mezon-protocol/src/proto/mod.rs and this test",
    );

    for (name, source) in sources {
        let path = folder.join(&name);
        let checked_in =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; run `{COMMAND}`", path.display()));
        // Not assert_eq: it would print both files. A checkout may have turned the line ends.
        assert!(
            checked_in.replace("\r\n", "\n") == source,
            "{name} in mezon-protocol/src/proto differs from what the .proto files generate; run `{COMMAND}`",
        );
    }
}

#[test]
fn the_checked_in_schema_matches_the_proto_files() {
    let checked_in = fs::read(schema_path()).unwrap_or_default();
    assert!(
        checked_in == schema().expect("the .proto files compile"),
        "{} differs from what the .proto files describe; run `{COMMAND}`",
        schema_path().display(),
    );
}
